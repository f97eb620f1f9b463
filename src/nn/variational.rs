//! The latent distribution of a variational autoencoder.

use candle_core::Tensor;

use super::Noise;
use crate::Result;

/// The Kullback-Leibler divergence of `N(mean, exp(log_variance))` from the standard normal,
/// summed over the latent dimensions and averaged over the samples, in nats:
/// `-1/2 sum(1 + log_variance - mean^2 - exp(log_variance))` (Kingma & Welling 2014, appendix B).
///
/// Both: `[latent, batch]`.
///
/// ```
/// use candle_core::{Device, Tensor};
///
/// let mean = Tensor::new(&[[1f64], [0.0]], &Device::Cpu)?;
/// let log_variance = Tensor::new(&[[0f64], [0.0]], &Device::Cpu)?;
/// let kl = gsae::nn::kl_divergence(&mean, &log_variance)?;
/// assert_eq!(kl.to_scalar::<f64>()?, 0.5);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// If the shapes differ.
pub fn kl_divergence(mean: &Tensor, log_variance: &Tensor) -> Result<Tensor> {
    let (_, batch) = mean.dims2()?;
    let spread = (log_variance.exp()? - log_variance)?;
    let sum = (mean.sqr()? + spread)?.sum_all()?;
    let latent = mean.elem_count() as f64;
    Ok(((sum - latent)? * (0.5 / batch as f64))?)
}

/// A draw from `N(mean, exp(log_variance))` that gradients pass through:
/// `mean + exp(log_variance / 2) noise` (Kingma & Welling 2014, section 2.4).
///
/// Both: `[latent, batch]`.
///
/// # Errors
/// If the shapes differ.
pub fn reparameterise(mean: &Tensor, log_variance: &Tensor, noise: &Noise) -> Result<Tensor> {
    let deviation = (log_variance * 0.5)?.exp()?;
    Ok((mean + (deviation * noise.normal(mean)?)?)?)
}
