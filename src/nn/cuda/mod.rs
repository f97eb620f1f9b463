//! The kernels on a GPU: the same numbers as on the CPU, up to rounding.
//!
//! The kernels are CUDA C++ in `kernels/`, compiled when the crate is built with the feature
//! `cuda`. What launches them is generic over [`Gpu`], a device that holds memory and runs kernels
//! by name. There are two: candle's CUDA device, and in the tests the host itself, for which the
//! same sources are compiled as C++; so kernels, grids and arguments are tested where no GPU is.
//!
//! Every kernel writes each number once, in an order that sizes alone decide: the same bits in
//! every run on the same GPU.

mod counts;
mod elementwise;
mod gather;
mod noise;
mod pattern;
mod proximal;
mod rows;
mod sparse;
mod weights;

#[cfg(feature = "cuda-linked")]
mod device;
#[cfg(test)]
mod host;
#[cfg(feature = "cuda-linked")]
mod tensors;
#[cfg(test)]
mod tests;

#[cfg(any(feature = "cuda-linked", test))]
pub(crate) use counts::{Counts, negative_binomial};
pub(crate) use elementwise::{
    LossKind, activation, activation_gradient, add_bias, loss, loss_gradient, scaled, squared_error,
};
pub(crate) use gather::{gather, transpose};
pub(crate) use noise::{Corruptor, Words, corrupt, dropout};
#[cfg(test)]
pub(crate) use pattern::DeviceMask;
pub(crate) use proximal::{clamp_at_zero, clear, shrink_lines, soft_threshold};
pub(crate) use rows::{
    Moments, move_towards, normalise, normalise_gradient, row_moments, row_sums,
};
#[cfg(feature = "cuda-linked")]
pub(crate) use sparse::{Factors, ValueOrder};
pub(crate) use sparse::{product, reorder, values_gradient};

pub(crate) use weights::{Weight, adam, clip_gradients, sgd};

#[cfg(feature = "cuda-linked")]
pub(crate) use tensors::*;

use candle_core::Result;
use std::marker::PhantomData;

/// A number that kernels read and write.
#[cfg(feature = "cuda-linked")]
pub(crate) trait Number:
    candle_core::cuda_backend::cudarc::driver::DeviceRepr + Copy + Send + Sync + 'static
{
}
/// A number that kernels read and write.
#[cfg(not(feature = "cuda-linked"))]
pub(crate) trait Number: Copy + Send + Sync + 'static {}

impl Number for f32 {}
impl Number for f64 {}
impl Number for u32 {}

/// Numbers on a device, borrowed: whoever launches a kernel keeps them alive.
#[derive(Debug)]
pub(crate) struct Slice<T> {
    address: u64,
    len: usize,
    number: PhantomData<T>,
}

impl<T> Clone for Slice<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Slice<T> {}

impl<T: Number> Slice<T> {
    /// `len` numbers at an address of the device.
    pub(crate) fn new(address: u64, len: usize) -> Self {
        Self {
            address,
            len,
            number: PhantomData,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[cfg(feature = "cuda-linked")]
    pub(crate) fn address(&self) -> u64 {
        self.address
    }

    /// Some of the numbers.
    fn part(&self, range: std::ops::Range<usize>) -> Self {
        let start = range.start * size_of::<T>();
        Self::new(self.address + start as u64, range.len())
    }

    /// Whether four f32 can be read at once wherever a row of this length starts.
    fn is_wide(&self, row: usize) -> bool {
        row.is_multiple_of(4) && self.address.is_multiple_of(16)
    }
}

/// An argument of a kernel.
#[derive(Debug, Clone)]
pub(crate) enum Arg {
    Address(u64),
    U32(u32),
    U64(u64),
    F32(f32),
    F64(f64),
    Key([u32; 8]),
    Weights(Box<weights::Weights>),
}

impl Arg {
    /// Where its bytes are.
    fn bytes(&self) -> *const std::ffi::c_void {
        match self {
            Self::Address(value) | Self::U64(value) => std::ptr::from_ref(value).cast(),
            Self::U32(value) => std::ptr::from_ref(value).cast(),
            Self::F32(value) => std::ptr::from_ref(value).cast(),
            Self::F64(value) => std::ptr::from_ref(value).cast(),
            Self::Key(value) => std::ptr::from_ref(value).cast(),
            Self::Weights(value) => std::ptr::from_ref(&**value).cast(),
        }
    }
}

impl<T> From<Slice<T>> for Arg {
    fn from(slice: Slice<T>) -> Self {
        Self::Address(slice.address)
    }
}

impl<T> From<Option<Slice<T>>> for Arg {
    /// A missing slice is a null pointer.
    fn from(slice: Option<Slice<T>>) -> Self {
        Self::Address(slice.map_or(0, |slice| slice.address))
    }
}

impl From<u32> for Arg {
    fn from(value: u32) -> Self {
        Self::U32(value)
    }
}

impl From<f32> for Arg {
    fn from(value: f32) -> Self {
        Self::F32(value)
    }
}

impl From<f64> for Arg {
    fn from(value: f64) -> Self {
        Self::F64(value)
    }
}

/// A 64-bit count.
fn count(n: usize) -> Arg {
    Arg::U64(n as u64)
}

/// A size that kernels take in 32 bits.
pub(crate) fn size(n: usize) -> Result<u32> {
    n.try_into()
        .map_err(|_| candle_core::Error::Msg(format!("{n} is too large a size for a GPU kernel")))
}

/// Blocks across and down, and threads of a block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    pub blocks: (u32, u32),
    pub threads: u32,
}

/// Threads of a block whose threads take elements of their own, or that sums.
const THREADS: u32 = 256;
/// The most blocks over elements; a thread takes more than one element where that is too few.
const MOST_BLOCKS: usize = 2048;
/// Threads that go together.
const LANES: usize = 32;

impl Grid {
    /// Threads for so many elements.
    fn elements(n: usize) -> Self {
        let blocks = n.div_ceil(THREADS as usize).clamp(1, MOST_BLOCKS);
        Self {
            blocks: (blocks as u32, 1),
            threads: THREADS,
        }
    }

    /// A warp for each of so many rows.
    fn rows(rows: usize) -> Result<Self> {
        let blocks = (rows * LANES).div_ceil(THREADS as usize).max(1);
        Ok(Self {
            blocks: (size(blocks)?, 1),
            threads: THREADS,
        })
    }

    fn is_empty(&self) -> bool {
        self.blocks.0 == 0 || self.blocks.1 == 0
    }
}

/// A device that holds numbers and runs kernels, one after the other.
pub(crate) trait Gpu {
    /// Numbers on the device, freed when dropped.
    type Memory<T: Number>;

    /// Room for so many numbers, whatever they are.
    fn empty<T: Number>(&self, len: usize) -> Result<Self::Memory<T>>;

    /// Numbers from the host.
    fn upload<T: Number>(&self, values: &[T]) -> Result<Self::Memory<T>>;

    /// Where numbers are.
    fn slice<T: Number>(&self, memory: &Self::Memory<T>) -> Slice<T>;

    /// Starts a kernel; work that is started later sees what it wrote.
    fn launch(&self, kernel: &'static str, grid: Grid, arguments: &[Arg]) -> Result<()>;
}
