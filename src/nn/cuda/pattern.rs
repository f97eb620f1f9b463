//! A mask on a device.

use super::{Gpu, Slice, size};
use crate::mask::{Compressed, Mask};
use candle_core::Result;

/// One direction of a mask: the entries of every line.
pub(crate) struct DeviceLines<G: Gpu> {
    order: G::Memory<u32>,
    starts: G::Memory<u32>,
    across: G::Memory<u32>,
    twin: G::Memory<u32>,
    lines: usize,
    entries: usize,
}

/// Where a direction's arrays are.
#[derive(Clone, Copy)]
pub(super) struct LineSlices {
    /// The lines, the one with most entries first.
    pub order: Slice<u32>,
    pub starts: Slice<u32>,
    pub across: Slice<u32>,
    pub twin: Slice<u32>,
}

impl<G: Gpu> DeviceLines<G> {
    fn new(gpu: &G, lines: &Compressed) -> Result<Self> {
        let count = lines.lines();
        let starts: Vec<u32> = std::iter::once(Ok(0))
            .chain((0..count).map(|line| size(lines.range(line).end)))
            .collect::<Result<_>>()?;
        let mut order: Vec<u32> = (0..size(count)?).collect();
        order.sort_by_key(|&line| std::cmp::Reverse(lines.range(line as usize).len()));
        Ok(Self {
            order: gpu.upload(&order)?,
            starts: gpu.upload(&starts)?,
            across: gpu.upload(lines.across())?,
            twin: gpu.upload(lines.twin())?,
            lines: count,
            entries: lines.entries(),
        })
    }

    pub(super) fn slices(&self, gpu: &G) -> LineSlices {
        LineSlices {
            order: gpu.slice(&self.order),
            starts: gpu.slice(&self.starts),
            across: gpu.slice(&self.across),
            twin: gpu.slice(&self.twin),
        }
    }

    pub(crate) fn lines(&self) -> usize {
        self.lines
    }

    pub(crate) fn entries(&self) -> usize {
        self.entries
    }
}

/// Both directions of a mask.
pub(crate) struct DeviceMask<G: Gpu> {
    pub by_output: DeviceLines<G>,
    pub by_input: DeviceLines<G>,
}

impl<G: Gpu> DeviceMask<G> {
    /// Copies a mask to a device.
    pub(crate) fn new(gpu: &G, mask: &Mask) -> Result<Self> {
        Ok(Self {
            by_output: DeviceLines::new(gpu, mask.by_output())?,
            by_input: DeviceLines::new(gpu, mask.by_input())?,
        })
    }
}
