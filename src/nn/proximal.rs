//! Proximal steps: what a penalty that is not smooth does to weights after a gradient step.

use std::cell::RefCell;

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, InplaceOp1, Layout, Var};
use std::ops::Range;

#[cfg(feature = "cuda-linked")]
use super::cuda;
use super::kernels::CHUNK;
use crate::Result;
use crate::mask::Mask;
use rayon::prelude::*;

/// The proximal step of an L1 penalty: `w = sign(w) max(|w| - threshold, 0)`, in place, which
/// makes small weights exactly 0 (Parikh & Boyd 2014, section 6.5.2).
///
/// ```
/// use candle_core::{Device, Var};
///
/// let w = Var::new(&[0.5f32, -0.05, -1.0], &Device::Cpu)?;
/// gsae::nn::soft_threshold(&w, 0.1)?;
/// assert_eq!(w.to_vec1::<f32>()?, [0.4, 0.0, -0.9]);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// If the variable is neither f32 nor f64.
pub fn soft_threshold(variable: &Var, threshold: f64) -> Result<()> {
    #[cfg(feature = "cuda-linked")]
    if variable.device().is_cuda() {
        return Ok(cuda::with_slices([variable], |gpu, [w]| {
            cuda::soft_threshold(gpu, w, threshold)
        })?);
    }
    in_place(variable, |values| {
        values.par_chunks_mut(CHUNK).for_each(|values| {
            for value in values {
                *value = value.signum() * (value.abs() - threshold).max(0.0);
            }
        });
    })
}

/// The proximal step of a group lasso over these inputs of a mask, in place: the weights that
/// leave one input are scaled by `max(0, 1 - threshold sqrt(n) / |w|)`, n their number, so that
/// all of them become 0 together (Yuan & Lin 2006).
///
/// `values`: `[mask.entries()]`.
///
/// # Errors
/// If the variable is neither f32 nor f64.
pub fn shrink_inputs(
    mask: &Mask,
    values: &Var,
    inputs: Range<usize>,
    threshold: f64,
) -> Result<()> {
    #[cfg(feature = "cuda-linked")]
    if values.device().is_cuda() {
        return Ok(cuda::with_slices([values], |gpu, [w]| {
            let lines = &cuda::mask_on(gpu, mask)?.mask.by_input;
            let w = (w, cuda::ValueOrder::Other);
            cuda::shrink_lines(gpu, lines, w, inputs, threshold)
        })?);
    }
    in_place(values, |values| {
        for input in inputs.clone() {
            let entries = mask.column_entries(input);
            let norm = entries
                .iter()
                .map(|&at| values[at as usize].powi(2))
                .sum::<f64>()
                .sqrt();
            let factor = shrinkage(norm, entries.len(), threshold);
            for &at in entries {
                values[at as usize] *= factor;
            }
        }
    })
}

/// As [`shrink_inputs`], for the weights that reach one output, of these outputs.
///
/// # Errors
/// If the variable is neither f32 nor f64.
pub fn shrink_outputs(
    mask: &Mask,
    values: &Var,
    outputs: Range<usize>,
    threshold: f64,
) -> Result<()> {
    #[cfg(feature = "cuda-linked")]
    if values.device().is_cuda() {
        return Ok(cuda::with_slices([values], |gpu, [w]| {
            let lines = &cuda::mask_on(gpu, mask)?.mask.by_output;
            let w = (w, cuda::ValueOrder::Own);
            cuda::shrink_lines(gpu, lines, w, outputs, threshold)
        })?);
    }
    in_place(values, |values| {
        for output in outputs.clone() {
            let weights = &mut values[mask.row_entries(output)];
            let norm = weights.iter().map(|w| w * w).sum::<f64>().sqrt();
            let factor = shrinkage(norm, weights.len(), threshold);
            weights.iter_mut().for_each(|w| *w *= factor);
        }
    })
}

fn shrinkage(norm: f64, size: usize, threshold: f64) -> f64 {
    if norm > 0.0 {
        (1.0 - threshold * (size as f64).sqrt() / norm).max(0.0)
    } else {
        0.0
    }
}

/// Positions of weights.
#[derive(Debug)]
pub(crate) struct Positions {
    all: Vec<usize>,
    /// Those on a GPU, once they were needed there.
    #[cfg(feature = "cuda-linked")]
    on_gpu: std::sync::OnceLock<candle_core::cuda_backend::cudarc::driver::CudaSlice<u32>>,
}

impl Positions {
    pub(crate) fn new(all: Vec<usize>) -> Self {
        Self {
            all,
            #[cfg(feature = "cuda-linked")]
            on_gpu: std::sync::OnceLock::new(),
        }
    }

    #[cfg(feature = "cuda-linked")]
    fn on(&self, gpu: &candle_core::CudaDevice) -> candle_core::Result<cuda::Slice<u32>> {
        use cuda::Gpu;
        let uploaded = match self.on_gpu.get() {
            Some(uploaded) => uploaded,
            None => {
                let all = self.all.iter().map(|&at| cuda::size(at));
                let all = gpu.upload(&all.collect::<candle_core::Result<Vec<u32>>>()?)?;
                self.on_gpu.get_or_init(|| all)
            }
        };
        let there = gpu.slice(uploaded);
        Ok(cuda::Slice::new(there.address(), self.all.len()))
    }
}

/// Sets the weights at these positions to 0, in place.
///
/// # Errors
/// If the variable is neither f32 nor f64.
pub(crate) fn clear(variable: &Var, positions: &Positions) -> Result<()> {
    #[cfg(feature = "cuda-linked")]
    if variable.device().is_cuda() {
        return Ok(cuda::with_slices([variable], |gpu, [w]| {
            cuda::clear(gpu, w, positions.on(gpu)?)
        })?);
    }
    in_place(variable, |values| {
        for &at in &positions.all {
            values[at] = 0.0;
        }
    })
}

/// Lets `f` change a variable's values.
fn in_place(variable: &Var, f: impl Fn(&mut [f64])) -> Result<()> {
    let f = RefCell::new(f);
    Ok(variable.inplace_op1(&Change(f))?)
}

struct Change<F>(RefCell<F>);

impl<F: Fn(&mut [f64])> InplaceOp1 for Change<F> {
    fn name(&self) -> &'static str {
        "proximal"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> candle_core::Result<()> {
        let Some((start, end)) = layout.contiguous_offsets() else {
            return Err(candle_core::Error::RequiresContiguous { op: self.name() });
        };
        let change = self.0.borrow();
        match storage {
            CpuStorage::F32(data) => {
                let data = &mut data[start..end];
                let mut wide: Vec<f64> = data.iter().map(|value| f64::from(*value)).collect();
                change(&mut wide);
                for (value, wide) in data.iter_mut().zip(wide) {
                    *value = wide as f32;
                }
                Ok(())
            }
            CpuStorage::F64(data) => {
                change(&mut data[start..end]);
                Ok(())
            }
            other => Err(candle_core::Error::UnsupportedDTypeForOp(
                other.dtype(),
                self.name(),
            )),
        }
    }
}
