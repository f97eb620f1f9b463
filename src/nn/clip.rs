//! Gradient clipping.

use candle_core::Var;
use candle_core::backprop::GradStore;

use super::bridge::{contiguous, tensor, with_element, with_slices};
#[cfg(feature = "cuda")]
use super::cuda;
use super::kernels::{map_chunks, sum_chunks};
use crate::Result;

/// The Euclidean norm of all gradients of the variables together.
///
/// # Errors
/// If a gradient is neither f32 nor f64.
pub fn gradient_norm(gradients: &GradStore, variables: &[Var]) -> Result<f64> {
    let mut total = 0.0;
    for variable in variables {
        if let Some(gradient) = gradients.get(variable) {
            let gradient = contiguous(gradient)?;
            #[cfg(feature = "cuda")]
            if gradient.device().is_cuda() {
                let sum = cuda::with_slices([&gradient], |gpu, [own]| {
                    Ok(cuda::tensor(gpu, cuda::sum_squares(gpu, own)?, ()))
                })?;
                total += f64::from(sum.to_scalar::<f32>()?);
                continue;
            }
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
    let norm = gradient_norm(gradients, variables)?;
    if norm > limit {
        let scale = limit / norm;
        for variable in variables {
            if let Some(gradient) = gradients.get(variable) {
                let gradient = contiguous(gradient)?;
                #[cfg(feature = "cuda")]
                if gradient.device().is_cuda() {
                    let scaled = gradient.affine(scale, 0.0)?;
                    gradients.insert(variable, scaled);
                    continue;
                }
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
pub(crate) fn clip_gradients(
    gradients: &mut GradStore,
    variables: &[Var],
    limit: f64,
) -> Result<()> {
    #[cfg(feature = "cuda")]
    if let Some(gpu) = variables.iter().find_map(|variable| cuda::gpu_of(variable)) {
        let mut own = Vec::with_capacity(variables.len());
        for variable in variables {
            if let Some(gradient) = gradients.get(variable) {
                let gradient = contiguous(gradient)?;
                gradients.insert(variable, gradient.clone());
                own.push(gradient);
            }
        }
        return Ok(cuda::clip(&gpu, &own, limit)?);
    }
    clip_gradient_norm(gradients, variables, limit)?;
    Ok(())
}
