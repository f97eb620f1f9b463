//! Batch normalisation.

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp3, Layout, Shape, Tensor, Var};
#[cfg(feature = "cuda-linked")]
use candle_core::{CudaDevice, CudaStorage};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::ParameterSet;
use super::backward::hand_over;
use super::bridge::{contiguous, output, slice, tensor, with_element, with_slices};
#[cfg(feature = "cuda-linked")]
use super::cuda;
use super::kernels::Element;
use crate::{Error, Result};

/// The settings of a [`BatchNorm`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BatchNormConfig {
    /// Added to every variance.
    pub epsilon: f64,
    /// The weight of the newest batch in the running statistics.
    pub momentum: f64,
}

impl Default for BatchNormConfig {
    /// Epsilon 1e-5, momentum 0.1.
    fn default() -> Self {
        Self {
            epsilon: 1e-5,
            momentum: 0.1,
        }
    }
}

/// Normalises each feature over the batch (Ioffe & Szegedy 2015):
/// `y = (x - mean) / sqrt(variance + epsilon) * weight + bias`.
///
/// In training the statistics are the batch's, with the variance divided by the
/// batch size; otherwise they are the running ones, whose variance is divided by
/// the batch size less 1.
///
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use gsae::nn::{BatchNorm, BatchNormConfig, ParameterSet};
///
/// let mut parameters = ParameterSet::new(7, DType::F64);
/// let config = BatchNormConfig { epsilon: 0.0, momentum: 1.0 };
/// let norm = BatchNorm::new(&mut parameters, "norm", 1, config)?;
/// let x = Tensor::new(&[[1f64], [3.0]], &Device::Cpu)?; // two samples, one feature
/// assert_eq!(norm.forward(&x, true)?.to_vec2::<f64>()?, [[-1.0], [1.0]]);
/// let later = norm.forward(&x, false)?.to_vec2::<f64>()?; // mean 2, variance 2
/// assert!((later[1][0] - 0.5f64.sqrt()).abs() < 1e-12);
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct BatchNorm {
    weight: Var,
    bias: Var,
    running_mean: Var,
    running_variance: Var,
    config: BatchNormConfig,
}

impl BatchNorm {
    /// A new layer with the parameters `NAME.weight` (1) and `NAME.bias` (0) and
    /// the statistics `NAME.running_mean` (0) and `NAME.running_variance` (1).
    ///
    /// # Errors
    /// If the set already has a parameter of that name.
    pub fn new(
        parameters: &mut ParameterSet,
        name: &str,
        features: usize,
        config: BatchNormConfig,
    ) -> Result<Self> {
        let shape = [features];
        Ok(Self {
            weight: parameters
                .variable(format!("{name}.weight"), &shape, |_| vec![1.0; features])?,
            bias: parameters.variable(format!("{name}.bias"), &shape, |_| vec![0.0; features])?,
            running_mean: parameters.statistic(format!("{name}.running_mean"), &shape, 0.0)?,
            running_variance: parameters.statistic(
                format!("{name}.running_variance"),
                &shape,
                1.0,
            )?,
            config,
        })
    }

    /// `[batch, features]`, normalised; in training the running statistics move.
    ///
    /// # Errors
    /// If the shape is another, or the batch has one sample in training.
    pub fn forward(&self, x: &Tensor, training: bool) -> Result<Tensor> {
        Ok(self.forward_features(&x.t()?, training)?.t()?)
    }

    /// `[features, batch]`, normalised.
    ///
    /// # Errors
    /// As for [`forward`](Self::forward).
    pub fn forward_features(&self, x: &Tensor, training: bool) -> Result<Tensor> {
        let x = contiguous(x)?;
        let (features, batch) = x.dims2()?;
        if features != self.weight.elem_count() {
            return Err(Error::data(
                format!(
                    "a batch normalisation of {} features got {features}",
                    self.weight.elem_count()
                ),
                "Pass as many features as the layer was made for.",
            ));
        }
        if training && batch < 2 {
            return Err(Error::data(
                "a batch of one sample cannot be normalised in training",
                "Use at least two samples in every batch, or drop the last batch.",
            ));
        }
        #[cfg(feature = "cuda-linked")]
        if let Some(gpu) = cuda::gpu_of(&x) {
            return self.forward_on_gpu(&gpu, &x, training);
        }
        let moments: Vec<(f64, f64)> = if training {
            let moments = with_element!(x.dtype(), "batch-norm", T => {
                with_slices::<T, _, 1>([&x], |[x]| {
                    Ok(x.par_chunks_exact(batch).map(row_moments).collect::<Vec<_>>())
                })
            })?;
            self.update_running(&moments, batch)?;
            moments
        } else {
            let means = as_f64(&self.running_mean)?;
            means
                .into_iter()
                .zip(as_f64(&self.running_variance)?)
                .collect()
        };
        let standard = moments
            .into_iter()
            .map(|(mean, variance)| (mean, (variance + self.config.epsilon).sqrt().recip()))
            .collect();
        Ok(x.apply_op3(&self.weight, &self.bias, Normalise { standard, training })?)
    }

    #[cfg(feature = "cuda-linked")]
    fn forward_on_gpu(&self, gpu: &CudaDevice, x: &Tensor, training: bool) -> Result<Tensor> {
        let (features, batch) = x.dims2()?;
        let moments = if training {
            let moments = cuda::with_slices([x], |gpu, [x]| cuda::row_moments(gpu, x, features))?;
            let keep = 1.0 - self.config.momentum;
            let unbiased = batch as f64 / (batch - 1) as f64;
            for (running, newest, factor) in [
                (&self.running_mean, &moments.means, 1.0),
                (&self.running_variance, &moments.variances, unbiased),
            ] {
                let newest = cuda::Gpu::slice(gpu, newest);
                cuda::with_slices([running], |gpu, [running]| {
                    cuda::move_towards(gpu, running, newest, keep, factor)
                })?;
            }
            moments
        } else {
            cuda::Moments {
                means: cuda::widened(&self.running_mean)?,
                variances: cuda::widened(&self.running_variance)?,
            }
        };
        let op = NormaliseOnGpu {
            moments,
            epsilon: self.config.epsilon,
            training,
        };
        Ok(x.apply_op3(&self.weight, &self.bias, op)?)
    }

    fn update_running(&self, moments: &[(f64, f64)], batch: usize) -> Result<()> {
        let keep = 1.0 - self.config.momentum;
        let unbiased = batch as f64 / (batch - 1) as f64;
        let means = moments.iter().map(|&(mean, _)| mean);
        let variances = moments.iter().map(|&(_, variance)| variance * unbiased);
        move_towards(&self.running_mean, means.collect(), keep)?;
        move_towards(&self.running_variance, variances.collect(), keep)
    }
}

/// The mean and the variance (divided by the count) of a row.
fn row_moments<T: Element>(row: &[T]) -> (f64, f64) {
    let count = row.len() as f64;
    let mean = row.iter().map(|x| x.to_f64()).sum::<f64>() / count;
    let squares = row.iter().map(|x| (x.to_f64() - mean).powi(2));
    (mean, squares.sum::<f64>() / count)
}

fn as_f64(variable: &Var) -> Result<Vec<f64>> {
    Ok(variable.to_dtype(candle_core::DType::F64)?.to_vec1()?)
}

fn move_towards(variable: &Var, newest: Vec<f64>, keep: f64) -> Result<()> {
    let moved: Vec<f64> = as_f64(variable)?
        .into_iter()
        .zip(newest)
        .map(|(old, new)| keep * old + (1.0 - keep) * new)
        .collect();
    let moved = tensor(moved, variable.shape())?;
    Ok(variable.set(&moved.to_dtype(variable.dtype())?)?)
}

/// `(x - mean) * inverse deviation * weight + bias` by row.
struct Normalise {
    /// The mean and the inverse deviation of every feature.
    standard: Vec<(f64, f64)>,
    /// Whether they are the batch's own.
    training: bool,
}

impl Normalise {
    fn forward<T: Element>(&self, x: &[T], batch: usize, weight: &[T], bias: &[T]) -> Vec<T> {
        let mut y = x.to_vec();
        y.par_chunks_mut(batch.max(1))
            .zip(self.standard.par_iter().zip(weight.par_iter().zip(bias)))
            .for_each(|(row, (&(mean, inverse), (&weight, &bias)))| {
                let (mean, scale) = (T::from_f64(mean), T::from_f64(inverse) * weight);
                for value in row {
                    *value = (*value - mean) * scale + bias;
                }
            });
        y
    }

    /// The gradients of x, weight and bias.
    fn backward<T: Element>(
        &self,
        x: &[T],
        batch: usize,
        weight: &[T],
        gy: &[T],
    ) -> (Vec<T>, Vec<T>, Vec<T>) {
        let mut gx = gy.to_vec();
        let sums: Vec<(T, T)> = gx
            .par_chunks_mut(batch.max(1))
            .zip(x.par_chunks(batch.max(1)))
            .zip(self.standard.par_iter().zip(weight))
            .map(|((g, x), (&(mean, inverse), &weight))| {
                let standard = |x: T| (x.to_f64() - mean) * inverse;
                let sum: f64 = g.iter().map(|g| g.to_f64()).sum();
                let products = g.iter().zip(x).map(|(g, &x)| g.to_f64() * standard(x));
                let product: f64 = products.sum();
                let scale = weight.to_f64() * inverse;
                let count = x.len() as f64;
                for (g, &x) in g.iter_mut().zip(x) {
                    let own = if self.training {
                        g.to_f64() - (sum + standard(x) * product) / count
                    } else {
                        g.to_f64()
                    };
                    *g = T::from_f64(scale * own);
                }
                (T::from_f64(product), T::from_f64(sum))
            })
            .collect();
        let (gw, gb) = sums.into_iter().unzip();
        (gx, gw, gb)
    }
}

impl CustomOp3 for Normalise {
    fn name(&self) -> &'static str {
        "batch-norm"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
        s3: &CpuStorage,
        l3: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (_, batch) = l1.shape().dims2()?;
        with_element!(s1.dtype(), "batch-norm", T => {
            let (weight, bias) = (slice::<T>(s2, l2)?, slice::<T>(s3, l3)?);
            output(self.forward(slice(s1, l1)?, batch, weight, bias), l1.shape())
        })
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        gy: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gy = contiguous(gy)?;
        let (features, batch) = x.dims2()?;
        with_element!(x.dtype(), "batch-norm", T => {
            with_slices::<T, _, 3>([x, weight, &gy], |[x_data, weight_data, gy_data]| {
                let (gx, gw, gb) = self.backward(x_data, batch, weight_data, gy_data);
                Ok((
                    hand_over(x, tensor(gx, x.shape())?),
                    hand_over(weight, tensor(gw, features)?),
                    hand_over(bias, tensor(gb, features)?),
                ))
            })
        })
    }
}

/// [`Normalise`] with the moments on a GPU.
#[cfg(feature = "cuda-linked")]
struct NormaliseOnGpu {
    moments: cuda::Moments<CudaDevice>,
    epsilon: f64,
    training: bool,
}

#[cfg(feature = "cuda-linked")]
impl CustomOp3 for NormaliseOnGpu {
    fn name(&self) -> &'static str {
        "batch-norm"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        candle_core::bail!("a batch normalisation on a GPU got a tensor in main memory")
    }

    fn cuda_fwd(
        &self,
        s1: &CudaStorage,
        l1: &Layout,
        s2: &CudaStorage,
        l2: &Layout,
        s3: &CudaStorage,
        l3: &Layout,
    ) -> candle_core::Result<(CudaStorage, Shape)> {
        let gpu = &s1.device;
        let (weight, bias) = (cuda::slice(s2, l2)?, cuda::slice(s3, l3)?);
        let x = cuda::slice(s1, l1)?;
        let y = cuda::normalise(gpu, x, &self.moments, self.epsilon, weight, bias)?;
        Ok(cuda::output(gpu, y, l1.shape()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        gy: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gy = contiguous(gy)?;
        cuda::with_slices([x, weight, &gy], |gpu, [x_data, weight_data, gy_data]| {
            let how = (self.epsilon, self.training);
            let own =
                cuda::normalise_gradient(gpu, x_data, &self.moments, how, weight_data, gy_data)?;
            let [gx, gw, gb] = own;
            Ok((
                hand_over(x, cuda::tensor(gpu, gx, x.shape())),
                hand_over(weight, cuda::tensor(gpu, gw, weight.shape())),
                hand_over(bias, cuda::tensor(gpu, gb, bias.shape())),
            ))
        })
    }
}
