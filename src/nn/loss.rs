//! Losses: one pass forward, one pass back.

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp2, Layout, Shape, Tensor};

use super::backward::hand_over;
use super::bridge::{contiguous, output, slice, tensor, with_element, with_slices};
#[cfg(feature = "cuda-linked")]
use super::cuda;
use super::kernels::{Element, map2_chunks, sum2_chunks};
use crate::Result;

/// The mean squared error over all elements, a scalar.
///
/// ```
/// use candle_core::{Device, Tensor};
///
/// let prediction = Tensor::new(&[[1f64, 2.0]], &Device::Cpu)?;
/// let target = Tensor::new(&[[0f64, 4.0]], &Device::Cpu)?;
/// let loss = gsae::nn::mse_loss(&prediction, &target)?;
/// assert_eq!(loss.to_scalar::<f64>()?, 2.5);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// If the shapes or types differ.
pub fn mse_loss(prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
    mean(prediction, target, Loss::Squared)
}

/// The mean binary cross-entropy over all elements, a scalar:
/// `-(t ln p + (1 - t) ln(1 - p))` for a probability p and a target t in 0..1.
///
/// Logarithms are cut at -100, so that a certain mistake costs much but not infinity.
///
/// ```
/// use candle_core::{Device, Tensor};
///
/// let prediction = Tensor::new(&[0.5f64, 0.5], &Device::Cpu)?;
/// let target = Tensor::new(&[1f64, 0.0], &Device::Cpu)?;
/// let loss = gsae::nn::bce_loss(&prediction, &target)?.to_scalar::<f64>()?;
/// assert!((loss - 2f64.ln()).abs() < 1e-12);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// If the shapes or types differ.
pub fn bce_loss(prediction: &Tensor, target: &Tensor) -> Result<Tensor> {
    mean(prediction, target, Loss::CrossEntropy)
}

/// The mean binary cross-entropy over all elements, a scalar, from logits: the same as
/// [`bce_loss`] of their sigmoid, exact for large ones: `ln(1 + e^y) - t y`.
///
/// ```
/// use candle_core::{Device, Tensor};
///
/// let logits = Tensor::new(&[0f64, 0.0], &Device::Cpu)?;
/// let target = Tensor::new(&[1f64, 0.0], &Device::Cpu)?;
/// let loss = gsae::nn::bce_with_logits_loss(&logits, &target)?.to_scalar::<f64>()?;
/// assert!((loss - 2f64.ln()).abs() < 1e-12);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// If the shapes or types differ.
pub fn bce_with_logits_loss(logits: &Tensor, target: &Tensor) -> Result<Tensor> {
    mean(logits, target, Loss::LogitCrossEntropy)
}

fn mean(prediction: &Tensor, target: &Tensor, loss: Loss) -> Result<Tensor> {
    if prediction.shape() != target.shape() {
        return Err(candle_core::Error::ShapeMismatchBinaryOp {
            lhs: prediction.shape().clone(),
            rhs: target.shape().clone(),
            op: "loss",
        }
        .into());
    }
    let (prediction, target) = if prediction.rank() == 2 && !prediction.is_contiguous() {
        (prediction.t()?, target.t()?)
    } else {
        (prediction.clone(), target.clone())
    };
    Ok(contiguous(&prediction)?.apply_op2(&contiguous(&target)?, loss)?)
}

#[derive(Clone, Copy)]
enum Loss {
    Squared,
    CrossEntropy,
    LogitCrossEntropy,
}

/// The lowest logarithm of the cross-entropy.
const LOWEST_LN: f64 = -100.0;

impl Loss {
    /// Its name in the GPU's kernels.
    #[cfg(feature = "cuda-linked")]
    fn kind(self) -> cuda::LossKind {
        match self {
            Self::Squared => cuda::LossKind::Squared,
            Self::CrossEntropy => cuda::LossKind::CrossEntropy,
            Self::LogitCrossEntropy => cuda::LossKind::LogitCrossEntropy,
        }
    }

    fn sum<T: Element>(self, p: &[T], t: &[T]) -> f64 {
        match self {
            Self::Squared => sum2_chunks(p, t, |p, t| (p - t) * (p - t)),
            Self::CrossEntropy => {
                let (zero, one, lowest) = (T::zero(), T::one(), T::from_f64(LOWEST_LN));
                let ln = move |p: T| if p.ln() < lowest { lowest } else { p.ln() };
                sum2_chunks(p, t, move |p, t| {
                    zero - (t * ln(p) + (one - t) * ln(one - p))
                })
            }
            Self::LogitCrossEntropy => {
                let zero = T::zero();
                sum2_chunks(p, t, move |y, t| {
                    let (above, below) = if y > zero { (y, zero - y) } else { (zero, y) };
                    above - t * y + below.exp().ln_1p()
                })
            }
        }
    }

    /// The gradient in the prediction, times `scale`.
    fn gradient<T: Element>(self, p: &[T], t: &[T], scale: f64) -> Vec<T> {
        match self {
            Self::Squared => {
                let scale = T::from_f64(2.0 * scale);
                map2_chunks(p, t, move |p, t| scale * (p - t))
            }
            Self::CrossEntropy => {
                let (one, least) = (T::one(), T::from_f64(1e-12));
                let scale = T::from_f64(scale);
                map2_chunks(p, t, move |p, t| {
                    let variance = p * (one - p);
                    scale * (p - t) / if variance < least { least } else { variance }
                })
            }
            Self::LogitCrossEntropy => {
                let (zero, one) = (T::zero(), T::one());
                let scale = T::from_f64(scale);
                map2_chunks(p, t, move |y, t| {
                    let e = (if y > zero { zero - y } else { y }).exp();
                    let sigmoid = if y > zero { one } else { e } / (one + e);
                    scale * (sigmoid - t)
                })
            }
        }
    }

    /// The gradient in the target, times `scale`.
    fn target_gradient<T: Element>(self, p: &[T], t: &[T], scale: f64) -> Vec<T> {
        match self {
            Self::Squared => self.gradient(t, p, scale),
            Self::CrossEntropy => {
                let (one, lowest) = (T::one(), T::from_f64(LOWEST_LN));
                let ln = move |p: T| if p.ln() < lowest { lowest } else { p.ln() };
                let scale = T::from_f64(scale);
                map2_chunks(p, t, move |p, _| scale * (ln(one - p) - ln(p)))
            }
            Self::LogitCrossEntropy => {
                let scale = T::from_f64(-scale);
                map2_chunks(p, t, move |y, _| scale * y)
            }
        }
    }
}

impl CustomOp2 for Loss {
    fn name(&self) -> &'static str {
        "loss"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        with_element!(s1.dtype(), "loss", T => {
            let p = slice::<T>(s1, l1)?;
            let mean = self.sum(p, slice::<T>(s2, l2)?) / p.len() as f64;
            output(vec![<T as candle_core::WithDType>::from_f64(mean)], ())
        })
    }

    #[cfg(feature = "cuda-linked")]
    fn cuda_fwd(
        &self,
        s1: &candle_core::CudaStorage,
        l1: &Layout,
        s2: &candle_core::CudaStorage,
        l2: &Layout,
    ) -> candle_core::Result<(candle_core::CudaStorage, Shape)> {
        let gpu = &s1.device;
        let (p, t) = (cuda::slice(s1, l1)?, cuda::slice(s2, l2)?);
        Ok(cuda::output(gpu, cuda::loss(gpu, self.kind(), p, t)?, ()))
    }

    fn bwd(
        &self,
        p: &Tensor,
        t: &Tensor,
        _: &Tensor,
        g: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        #[cfg(feature = "cuda-linked")]
        if p.device().is_cuda() {
            return cuda::with_slices([p, t, g], |gpu, [p_data, t_data, g_data]| {
                let gradient = |of: &Tensor, in_target: bool| {
                    let kind = (self.kind(), in_target);
                    let own = cuda::loss_gradient(gpu, kind, p_data, t_data, g_data)?;
                    Ok::<_, candle_core::Error>(hand_over(of, cuda::tensor(gpu, own, of.shape())))
                };
                let gt = if t.track_op() {
                    gradient(t, true)?
                } else {
                    None
                };
                Ok((gradient(p, false)?, gt))
            });
        }
        with_element!(p.dtype(), "loss", T => {
            let scale = g.to_dtype(candle_core::DType::F64)?.to_scalar::<f64>()? / p.elem_count() as f64;
            with_slices::<T, _, 2>([p, t], |[p_data, t_data]| {
                let gt = if t.track_op() {
                    let gt = self.target_gradient(p_data, t_data, scale);
                    hand_over(t, tensor(gt, t.shape())?)
                } else {
                    None
                };
                let gp = tensor(self.gradient(p_data, t_data, scale), p.shape())?;
                Ok((hand_over(p, gp), gt))
            })
        })
    }
}
