//! The dense linear layer, and what it shares with the masked one.

#[cfg(feature = "cuda-linked")]
use candle_core::CudaStorage;
use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, InplaceOp1, Layout, Tensor, Var};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::affine::{LinearMap, affine, affine_mse};
#[cfg(feature = "cuda-linked")]
use super::cuda;
use super::kernels::{self, Element, Matrix, gemm};
use super::{Init, ParameterSet};
use crate::{Error, Result};

/// What dense and masked layers can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LinearConfig {
    /// Whether the layer adds a bias.
    pub bias: bool,
    /// How the weights start.
    pub init: Init,
    /// Whether weights stay at or above 0: they start at their absolute value,
    /// and `project` clamps them after every step.
    pub non_negative: bool,
}

impl Default for LinearConfig {
    /// A bias, [`Init::FanInUniform`], weights of both signs.
    fn default() -> Self {
        Self {
            bias: true,
            init: Init::FanInUniform,
            non_negative: false,
        }
    }
}

impl LinearConfig {
    /// A drawn weight as it may start.
    pub(crate) fn start(&self, weight: f64) -> f64 {
        if self.non_negative {
            weight.abs()
        } else {
            weight
        }
    }
}

/// A dense linear layer: `y = x W^T + b` with `x`: `[batch, inputs]`,
/// `y`: `[batch, outputs]`, `W`: `[outputs, inputs]`.
///
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use gsae::nn::{Init, Linear, LinearConfig, ParameterSet};
///
/// let config = LinearConfig { init: Init::Constant(0.5), ..LinearConfig::default() };
/// let mut parameters = ParameterSet::new(7, DType::F32);
/// let layer = Linear::new(&mut parameters, "supersets", 3, 2, config)?;
/// let x = Tensor::new(&[[1f32, 2.0, 3.0]], &Device::Cpu)?;
/// assert_eq!(layer.forward(&x)?.to_vec2::<f32>()?, [[3.0, 3.0]]);
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Linear {
    inputs: usize,
    outputs: usize,
    weight: Var,
    bias: Option<Var>,
    non_negative: bool,
}

impl Linear {
    /// A new layer with the parameters `NAME.weight` and, if the configuration
    /// asks for it, `NAME.bias`, which starts at 0.
    ///
    /// # Errors
    /// If there are no inputs or no outputs, or the set already has a parameter
    /// of that name.
    pub fn new(
        parameters: &mut ParameterSet,
        name: &str,
        inputs: usize,
        outputs: usize,
        config: LinearConfig,
    ) -> Result<Self> {
        if inputs == 0 || outputs == 0 {
            return Err(Error::data(
                format!("the layer \"{name}\" would have {inputs} inputs and {outputs} outputs"),
                "Give every layer at least one of each.",
            ));
        }
        let weight =
            parameters.variable(format!("{name}.weight"), &[outputs, inputs], |random| {
                (0..outputs * inputs)
                    .map(|_| config.start(config.init.sample(random, inputs, outputs)))
                    .collect()
            })?;
        let bias = if config.bias {
            Some(parameters.variable(format!("{name}.bias"), &[outputs], |_| vec![0.0; outputs])?)
        } else {
            None
        };
        Ok(Self {
            inputs,
            outputs,
            weight,
            bias,
            non_negative: config.non_negative,
        })
    }

    /// `[batch, inputs]` to `[batch, outputs]`, a transposed view of
    /// feature-major memory; an input that is such a view is not copied.
    ///
    /// # Errors
    /// If the input has another shape or type.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.forward_features(&x.t()?)?.t()?)
    }

    /// `[inputs, batch]` to `[outputs, batch]`.
    ///
    /// # Errors
    /// If the input has another shape or type.
    pub fn forward_features(&self, x: &Tensor) -> Result<Tensor> {
        affine(self.map(), &self.weight, self.bias.as_ref(), x)
    }

    /// `W x`, without the bias: `[inputs, batch]` to `[outputs, batch]`.
    ///
    /// # Errors
    /// If the input has another shape or type.
    pub fn tangent_features(&self, x: &Tensor) -> Result<Tensor> {
        affine(self.map(), &self.weight, None, x)
    }

    /// The mean squared error of the layer's output against `target`, a scalar:
    /// `mse_loss(forward_features(x), target)`, the output and its gradient
    /// never on candle's graph. `x`: `[inputs, batch]`, `target`:
    /// `[outputs, batch]`, without a gradient.
    ///
    /// # Errors
    /// If a tensor has another shape or type.
    pub fn mse_features(&self, x: &Tensor, target: &Tensor) -> Result<Tensor> {
        affine_mse(self.map(), &self.weight, self.bias.as_ref(), x, target)
    }

    fn map(&self) -> Dense {
        Dense {
            inputs: self.inputs,
            outputs: self.outputs,
        }
    }

    /// Sets negative weights to 0 if the layer was asked to be non-negative;
    /// call it after every step of the optimizer.
    ///
    /// # Errors
    /// If the weights cannot be written.
    pub fn project(&self) -> Result<()> {
        if self.non_negative {
            clamp_at_zero(&self.weight)?;
        }
        Ok(())
    }

    /// The weights: `[outputs, inputs]`.
    pub fn weight(&self) -> &Var {
        &self.weight
    }

    /// The bias: `[outputs]`.
    pub fn bias(&self) -> Option<&Var> {
        self.bias.as_ref()
    }
}

/// `W x + b` for any tensor of weights: `[outputs, inputs]`, contiguous; `x`: `[inputs, batch]`.
pub(crate) fn product(weight: &Tensor, bias: Option<&Var>, x: &Tensor) -> Result<Tensor> {
    let (outputs, inputs) = weight.dims2()?;
    affine(Dense { inputs, outputs }, weight, bias, x)
}

/// `a b`, both f32 or both f64, the same bits for any number of threads: `[rows, n]` from
/// `[rows, inner]` and `[inner, n]`.
///
/// # Errors
/// If the shapes or types do not fit.
pub fn matrix_product(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    product(a, None, b)
}

/// Sets what is below 0 to 0, in place.
pub(crate) fn clamp_at_zero(variable: &Var) -> Result<()> {
    Ok(variable.inplace_op1(&ClampAtZero)?)
}

struct ClampAtZero;

impl InplaceOp1 for ClampAtZero {
    fn name(&self) -> &'static str {
        "clamp-at-zero"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> candle_core::Result<()> {
        let Some((start, end)) = layout.contiguous_offsets() else {
            return Err(candle_core::Error::RequiresContiguous { op: self.name() });
        };
        match storage {
            CpuStorage::F32(data) => clamp(&mut data[start..end], 0.0),
            CpuStorage::F64(data) => clamp(&mut data[start..end], 0.0),
            other => {
                let dtype = other.dtype();
                return Err(candle_core::Error::UnsupportedDTypeForOp(
                    dtype,
                    self.name(),
                ));
            }
        }
        Ok(())
    }

    #[cfg(feature = "cuda-linked")]
    fn cuda_fwd(&self, storage: &mut CudaStorage, layout: &Layout) -> candle_core::Result<()> {
        cuda::clamp_at_zero(&storage.device, cuda::slice(storage, layout)?)
    }
}

fn clamp<T: PartialOrd + Copy + Send + Sync>(data: &mut [T], zero: T) {
    data.par_chunks_mut(kernels::CHUNK).for_each(|data| {
        for value in data {
            if *value < zero {
                *value = zero;
            }
        }
    });
}

/// cuBLAS multiplies for one thread at a time: all of them share its handle, whose workspace a
/// product may use in several steps.
#[cfg(feature = "cuda-linked")]
fn multiplying() -> std::sync::MutexGuard<'static, ()> {
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    ONE.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A dense weight `[outputs, inputs]`.
struct Dense {
    inputs: usize,
    outputs: usize,
}

impl LinearMap for Dense {
    const NAME: &'static str = "linear";

    fn sizes(&self) -> (usize, usize) {
        (self.inputs, self.outputs)
    }

    fn apply<T: Element>(&self, weight: &[T], bias: Option<&[T]>, x: Matrix<T>) -> Vec<T> {
        let mut out = kernels::zeros(self.outputs * x.columns());
        if let Some(bias) = bias {
            for (row, &bias) in out.chunks_exact_mut(x.columns().max(1)).zip(bias) {
                row.fill(bias);
            }
        }
        gemm(
            Matrix::new(weight, self.inputs),
            x,
            &mut out,
            bias.is_some(),
        );
        out
    }

    fn gradients<T: Element>(
        &self,
        weight: &[T],
        x: Matrix<T>,
        gy: Matrix<T>,
        with_input: bool,
    ) -> (Option<Vec<T>>, Vec<T>) {
        let gx = with_input.then(|| {
            let mut gx = kernels::zeros(self.inputs * x.columns());
            gemm(Matrix::new(weight, self.inputs).t(), gy, &mut gx, false);
            gx
        });
        let mut gw = kernels::zeros(weight.len());
        gemm(gy, x.t(), &mut gw, false);
        (gx, gw)
    }

    #[cfg(feature = "cuda-linked")]
    fn apply_on_gpu(
        &self,
        weight: (&CudaStorage, &Layout),
        bias: Option<cuda::Slice<f32>>,
        x: (&CudaStorage, &Layout),
        batch: usize,
    ) -> candle_core::Result<CudaStorage> {
        let sizes = (1, self.outputs, batch, self.inputs);
        let y = {
            let _alone = multiplying();
            weight.0.matmul(x.0, sizes, weight.1, x.1)?
        };
        if let Some(bias) = bias {
            let all = Layout::contiguous((self.outputs, batch));
            cuda::add_bias(&y.device, cuda::slice(&y, &all)?, bias, batch)?;
        }
        Ok(y)
    }

    #[cfg(feature = "cuda-linked")]
    fn gradients_on_gpu(
        &self,
        weight: &Tensor,
        x: &Tensor,
        gy: &Tensor,
        scale: Option<&Tensor>,
        with_input: bool,
    ) -> candle_core::Result<(Option<Tensor>, Tensor)> {
        let (weight, x) = (weight.detach(), x.detach());
        let scaled = |gradient: Tensor| match scale {
            Some(scale) => cuda::with_slices([&gradient, scale], |gpu, [own, scale]| {
                let own = cuda::scaled(gpu, own, scale)?;
                Ok(cuda::tensor(gpu, own, gradient.shape()))
            }),
            None => Ok(gradient),
        };
        let product = |a: &Tensor, b: &Tensor| {
            let _alone = multiplying();
            a.matmul(b)
        };
        let gx = if with_input {
            Some(scaled(product(&weight.t()?, gy)?)?)
        } else {
            None
        };
        Ok((gx, scaled(product(gy, &x.t()?)?)?))
    }
}
