//! Gradient clipping.

#[cfg(feature = "cuda-linked")]
use candle_core::Tensor;
use candle_core::Var;
use candle_core::backprop::GradStore;

use super::bridge::{contiguous, tensor, with_element, with_slices};
#[cfg(feature = "cuda-linked")]
use super::cuda;
use super::kernels::{map_chunks, sum_chunks};
use crate::Result;

/// The Euclidean norm of all gradients of the variables together.
///
/// # Errors
/// If a gradient is neither f32 nor f64.
pub fn gradient_norm(gradients: &GradStore, variables: &[Var]) -> Result<f64> {
    #[cfg(feature = "cuda-linked")]
    if let Some(gpu) = variables.iter().find_map(|variable| cuda::gpu_of(variable)) {
        let own = variables
            .iter()
            .filter_map(|variable| gradients.get(variable));
        let own: Vec<Tensor> = own.map(contiguous).collect::<candle_core::Result<_>>()?;
        return Ok(cuda::clip(&gpu, &own, f64::INFINITY)?.to_scalar()?);
    }
    let mut total = 0.0;
    for variable in variables {
        if let Some(gradient) = gradients.get(variable) {
            let gradient = contiguous(gradient)?;
            total += with_element!(gradient.dtype(), "gradient-norm", T => {
                with_slices::<T, _, 1>([&gradient], |[g]| Ok(sum_chunks(g, |g| g * g)))
            })?;
        }
    }
    Ok(total.sqrt())
}

/// Scales all gradients of the variables so that their common norm is at most
/// `limit`, and returns the norm they had.
///
/// ```
/// use candle_core::{Device, Var};
/// use gsae::nn::{backward, clip_gradient_norm, gradient_norm};
///
/// let x = Var::new(&[3f64, 4.0], &Device::Cpu)?;
/// let mut gradients = backward(&(x.sqr()?.sum_all()? * 0.5)?)?; // the gradient is x
/// assert_eq!(clip_gradient_norm(&mut gradients, &[x.clone()], 1.0)?, 5.0);
/// assert!((gradient_norm(&gradients, &[x])? - 1.0).abs() < 1e-12);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// If a gradient is neither f32 nor f64.
pub fn clip_gradient_norm(gradients: &mut GradStore, variables: &[Var], limit: f64) -> Result<f64> {
    #[cfg(feature = "cuda-linked")]
    if let Some(norm) = clip_on_gpu(gradients, variables, limit)? {
        return Ok(norm.to_scalar()?);
    }
    let norm = gradient_norm(gradients, variables)?;
    if norm > limit {
        let scale = limit / norm;
        for variable in variables {
            if let Some(gradient) = gradients.get(variable) {
                let gradient = contiguous(gradient)?;
                let scaled = with_element!(gradient.dtype(), "gradient-norm", T => {
                    with_slices::<T, _, 1>([&gradient], |[g]| {
                        let scale = scale as T;
                        tensor(map_chunks(g, move |g| scale * g), gradient.shape())
                    })
                })?;
                gradients.insert(variable, scaled);
            }
        }
    }
    Ok(norm)
}

/// As [`clip_gradient_norm`] without the norm, for which the CPU would wait for a GPU.
///
/// # Errors
/// If a gradient is neither f32 nor f64.
pub fn clip_gradients(gradients: &mut GradStore, variables: &[Var], limit: f64) -> Result<()> {
    #[cfg(feature = "cuda-linked")]
    if clip_on_gpu(gradients, variables, limit)?.is_some() {
        return Ok(());
    }
    clip_gradient_norm(gradients, variables, limit)?;
    Ok(())
}

/// Clips gradients on a GPU in place; their norm, which stays there, or `None` on the CPU.
#[cfg(feature = "cuda-linked")]
fn clip_on_gpu(gradients: &mut GradStore, variables: &[Var], limit: f64) -> Result<Option<Tensor>> {
    let Some(gpu) = variables.iter().find_map(|variable| cuda::gpu_of(variable)) else {
        return Ok(None);
    };
    let mut own = Vec::with_capacity(variables.len());
    for variable in variables {
        if let Some(gradient) = gradients.get(variable) {
            let gradient = contiguous(gradient)?;
            gradients.insert(variable, gradient.clone());
            own.push(gradient);
        }
    }
    Ok(Some(cuda::clip(&gpu, &own, limit)?))
}
