//! How long the memory alone would take for a step.

use crate::step::Step;
use candle_core::{DType, Device, Tensor};
use std::error::Error;
use std::time::Instant;

/// Bytes a second that a copy on the GPU moves, reading and writing counted.
pub fn bandwidth(device: &Device) -> Result<f64, Box<dyn Error>> {
    const NUMBERS: usize = 256 << 20;
    const COPIES: usize = 10;
    let from = Tensor::zeros(NUMBERS, DType::F32, device)?;
    from.copy()?;
    device.synchronize()?;
    let start = Instant::now();
    for _ in 0..COPIES {
        from.copy()?;
    }
    device.synchronize()?;
    let seconds = start.elapsed().as_secs_f64() / COPIES as f64;
    Ok(2.0 * 4.0 * NUMBERS as f64 / seconds)
}

/// Bytes that a step moves. Small batches stay in the GPU's cache, which is quicker than the memory
/// that the times are for.
pub struct Floor {
    /// In a program of few kernels: the batch is read for the forward pass, for the error with the
    /// last layer's gradients, and for the first layer's; weights and both of Adam's moments are
    /// read and written, the map's indices read. Everything else stays on the chip.
    pub least: usize,
    /// In this one, where every kernel reads its inputs and writes its output once.
    pub ours: usize,
}

impl Floor {
    pub fn of(step: &Step) -> Self {
        let sizes = step.sizes;
        let genes = 4 * sizes.genes * sizes.batch;
        let sets = 4 * sizes.sets * sizes.batch;
        let weights = 4 * step.parameters();
        // The numbers of columns and rows of all memberships, in both layers, there and back.
        let indices = 4 * 4 * step.mask.entries();
        Self {
            least: 3 * genes + 6 * weights + indices,
            // Of [genes, batch]: gathered (2), encoder (1), decoder (1), error (3), gradients of
            // the decoder's bias (1), values (1) and input (1), of the encoder's values (1).
            // Of [sets, batch]: what the layers, activations and their gradients read and write.
            // Of the weights: forward and backward pass (2), the gradient written (1) and measured
            // (1), Adam (7); of the masked ones, at or above 0 (2).
            ours: 11 * genes + 20 * sets + 11 * weights + 4 * 4 * step.mask.entries() + 2 * indices,
        }
    }
}
