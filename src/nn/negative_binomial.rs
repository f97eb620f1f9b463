//! The negative binomial likelihood of counts.

use std::sync::OnceLock;

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp2, DType, Layout, Shape, Tensor};
use rayon::prelude::*;
use statrs::function::gamma::{digamma, ln_gamma};

use super::backward::hand_over;
use super::bridge::{contiguous, output, slice, tensor, with_element, with_slices};
#[cfg(feature = "cuda-linked")]
use super::cuda;
use super::kernels::{Element, transpose};
use crate::{Error, Result};

/// The natural logarithm of the probability of a count `k` under a negative binomial of mean
/// `mean` and inverse dispersion `theta` (variance `mean + mean^2 / theta`):
///
/// `lnG(k + theta) - lnG(theta) - lnG(k + 1) + theta ln(theta / (theta + mean))
/// + k ln(mean / (theta + mean))`.
///
/// ```
/// use gsae::nn::negative_binomial_log_probability;
///
/// // theta = 1 is the geometric distribution: P(0) = 1 / (1 + mean).
/// let ln_p = negative_binomial_log_probability(0.0, 3.0, 1.0);
/// assert!((ln_p - 0.25f64.ln()).abs() < 1e-12);
/// ```
pub fn negative_binomial_log_probability(k: f64, mean: f64, theta: f64) -> f64 {
    let ratio = (mean / theta).ln_1p();
    let counted = if k == 0.0 {
        0.0
    } else {
        rising(k, theta) - ln_gamma(k + 1.0) + k * (mean.ln() - theta.ln() - ratio)
    };
    counted - theta * ratio
}

/// `lnG(k + theta) - lnG(theta)`: a short sum for small whole counts.
fn rising(k: f64, theta: f64) -> f64 {
    if k <= FEW && k.fract() == 0.0 {
        (0..k as usize).map(|j| (theta + j as f64).ln()).sum()
    } else {
        ln_gamma(k + theta) - ln_gamma(theta)
    }
}

/// The derivative of [`rising`] in theta.
fn rising_slope(k: f64, theta: f64) -> f64 {
    if k <= FEW && k.fract() == 0.0 {
        (0..k as usize).map(|j| (theta + j as f64).recip()).sum()
    } else {
        digamma(k + theta) - digamma(theta)
    }
}

/// Up to here a sum is quicker than two gamma functions.
const FEW: f64 = 12.0;

/// The mean negative log-probability of counts, per count and in nats, a scalar.
///
/// The mean of gene g in sample i is `library_i softmax_g(logits_i)`, its inverse dispersion
/// `exp(log_theta_g)` (Lopez et al. 2018). `logits`, `counts`: `[genes, batch]`; `log_theta`:
/// `[genes]`; `library`: `[batch]`. Gradients go to logits and log_theta.
///
/// # Errors
/// If the shapes do not fit.
pub fn negative_binomial_loss(
    logits: &Tensor,
    log_theta: &Tensor,
    counts: &Tensor,
    library: &Tensor,
) -> Result<Tensor> {
    let (genes, batch) = logits.dims2()?;
    if counts.dims() != [genes, batch] || library.dims() != [batch] || log_theta.dims() != [genes] {
        return Err(Error::data(
            format!(
                "counts {:?}, library sizes {:?} and dispersions {:?} for logits {:?}",
                counts.dims(),
                library.dims(),
                log_theta.dims(),
                logits.dims()
            ),
            "Pass counts of the logits' shape, a size a sample and a dispersion a gene.",
        ));
    }
    #[cfg(feature = "cuda-linked")]
    if logits.device().is_cuda() {
        let op = OnGpu {
            counts: contiguous(&counts.detach())?,
            library: library.to_dtype(DType::F64)?.contiguous()?,
            gradients: OnceLock::new(),
        };
        return Ok(contiguous(logits)?.apply_op2(log_theta, op)?);
    }
    let op = NegativeBinomial {
        counts: contiguous(&counts.detach())?,
        library: library.to_dtype(DType::F64)?.to_vec1()?,
        gradients: OnceLock::new(),
    };
    Ok(contiguous(logits)?.apply_op2(log_theta, op)?)
}

struct NegativeBinomial {
    counts: Tensor,
    library: Vec<f64>,
    /// Of logits and log_theta, from the forward pass.
    gradients: OnceLock<(Tensor, Tensor)>,
}

/// A sample's loss with its gradients in logits and log_theta.
struct SampleLoss {
    total: f64,
    logits: Vec<f64>,
    log_theta: Vec<f64>,
}

fn sample<T: Element>(logits: &[T], counts: &[T], theta: &[f64], library: f64) -> SampleLoss {
    let most = logits
        .iter()
        .map(|y| y.to_f64())
        .fold(f64::NEG_INFINITY, f64::max);
    let shares: Vec<f64> = logits.iter().map(|y| (y.to_f64() - most).exp()).collect();
    let sum: f64 = shares.iter().sum();
    let mut total = 0.0;
    let mut weighted = 0.0;
    let mut logit_slopes = Vec::with_capacity(logits.len());
    let mut theta_slopes = Vec::with_capacity(logits.len());
    for ((share, count), &theta) in shares.iter().zip(counts).zip(theta) {
        let k = count.to_f64();
        let mean = (library * share / sum).max(f64::MIN_POSITIVE);
        let ratio = (mean / theta).ln_1p();
        total += theta * ratio;
        let mut slope = -ratio - (k - mean) / (theta + mean);
        if k > 0.0 {
            total -= rising(k, theta) - ln_gamma(k + 1.0) + k * ((mean / theta).ln() - ratio);
            slope += rising_slope(k, theta);
        }
        // The mean times the derivative of the log-probability in the mean.
        let in_mean = k - mean * (k + theta) / (theta + mean);
        weighted += in_mean;
        logit_slopes.push(in_mean);
        theta_slopes.push(-theta * slope);
    }
    for (slope, share) in logit_slopes.iter_mut().zip(&shares) {
        *slope = share / sum * weighted - *slope;
    }
    SampleLoss {
        total,
        logits: logit_slopes,
        log_theta: theta_slopes,
    }
}

impl NegativeBinomial {
    /// The mean loss; keeps the gradients.
    fn forward<T: Element>(
        &self,
        logits: &[T],
        log_theta: &[T],
        genes: usize,
    ) -> candle_core::Result<f64> {
        let batch = self.library.len();
        let scale = 1.0 / (genes * batch).max(1) as f64;
        let theta: Vec<f64> = log_theta.iter().map(|t| t.to_f64().exp()).collect();
        let by_sample = transpose(logits, genes, batch);
        let counts = with_slices::<T, _, 1>([&self.counts], |[counts]| {
            Ok(transpose(counts, genes, batch))
        })?;
        let losses: Vec<SampleLoss> = by_sample
            .par_chunks(genes.max(1))
            .zip(counts.par_chunks(genes.max(1)))
            .zip(&self.library)
            .map(|((logits, counts), &library)| sample(logits, counts, &theta, library))
            .collect();
        let mut of_theta = vec![0f64; genes];
        for loss in &losses {
            for (sum, slope) in of_theta.iter_mut().zip(&loss.log_theta) {
                *sum += slope;
            }
        }
        let of_theta: Vec<T> = of_theta.iter().map(|s| T::from_f64(s * scale)).collect();
        let rows: Vec<T> = losses
            .iter()
            .flat_map(|loss| loss.logits.iter().map(|slope| T::from_f64(slope * scale)))
            .collect();
        let of_logits = transpose(&rows, batch, genes);
        let stored = (tensor(of_logits, (genes, batch))?, tensor(of_theta, genes)?);
        // A forward pass happens once in the life of an operation.
        self.gradients.get_or_init(|| stored);
        Ok(losses.iter().map(|loss| loss.total).sum::<f64>() * scale)
    }
}

impl CustomOp2 for NegativeBinomial {
    fn name(&self) -> &'static str {
        "negative-binomial"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (genes, _) = l1.shape().dims2()?;
        with_element!(s1.dtype(), "negative-binomial", T => {
            let loss = self.forward(slice::<T>(s1, l1)?, slice::<T>(s2, l2)?, genes)?;
            output(vec![<T as candle_core::WithDType>::from_f64(loss)], ())
        })
    }

    fn bwd(
        &self,
        logits: &Tensor,
        log_theta: &Tensor,
        _: &Tensor,
        g: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        let Some((of_logits, of_theta)) = self.gradients.get() else {
            candle_core::bail!("negative-binomial has no forward pass to go back from");
        };
        let scale = g.to_dtype(DType::F64)?.to_scalar::<f64>()?;
        Ok((
            hand_over(logits, of_logits.affine(scale, 0.0)?),
            hand_over(log_theta, of_theta.affine(scale, 0.0)?),
        ))
    }
}

/// [`NegativeBinomial`] with everything on a GPU.
#[cfg(feature = "cuda-linked")]
struct OnGpu {
    counts: Tensor,
    /// f64.
    library: Tensor,
    /// Of logits and log_theta, from the forward pass.
    gradients: OnceLock<(Tensor, Tensor)>,
}

#[cfg(feature = "cuda-linked")]
impl CustomOp2 for OnGpu {
    fn name(&self) -> &'static str {
        "negative-binomial"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        candle_core::bail!("a likelihood on a GPU got a tensor in main memory")
    }

    fn cuda_fwd(
        &self,
        s1: &candle_core::CudaStorage,
        l1: &Layout,
        s2: &candle_core::CudaStorage,
        l2: &Layout,
    ) -> candle_core::Result<(candle_core::CudaStorage, Shape)> {
        let gpu = &s1.device;
        let (library, library_layout) = self.library.storage_and_layout();
        let candle_core::Storage::Cuda(library) = &*library else {
            candle_core::bail!("library sizes in main memory for a likelihood on a GPU");
        };
        let library = cuda::slice(library, library_layout)?;
        let found = cuda::with_slices([&self.counts], |gpu, [counts]| {
            let of = cuda::Counts {
                logits: cuda::slice(s1, l1)?,
                counts,
                log_theta: cuda::slice(s2, l2)?,
                library,
            };
            cuda::negative_binomial(gpu, of)
        })?;
        // A forward pass happens once in the life of an operation.
        self.gradients.get_or_init(|| {
            (
                cuda::tensor(gpu, found.in_logits, l1.shape()),
                cuda::tensor(gpu, found.in_log_theta, l2.shape()),
            )
        });
        Ok(cuda::output(gpu, found.mean, ()))
    }

    fn bwd(
        &self,
        logits: &Tensor,
        log_theta: &Tensor,
        _: &Tensor,
        g: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        let Some((of_logits, of_theta)) = self.gradients.get() else {
            candle_core::bail!("negative-binomial has no forward pass to go back from");
        };
        let scaled = |of: &Tensor, own: &Tensor| {
            cuda::with_slices([own, g], |gpu, [own_data, g_data]| {
                let own_data = cuda::scaled(gpu, own_data, g_data)?;
                Ok(hand_over(of, cuda::tensor(gpu, own_data, own.shape())))
            })
        };
        Ok((scaled(logits, of_logits)?, scaled(log_theta, of_theta)?))
    }
}
