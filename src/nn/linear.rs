//! The dense linear layer, and what it shares with the masked one.

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp2, CustomOp3, InplaceOp1, Layout, Shape, Tensor, Var};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::backward::hand_over;
use super::bridge::{contiguous, output, slice, tensor, with_element, with_slices};
use super::kernels::{self, Operand, gemm};
use super::{Init, ParameterSet};
use crate::Result;

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
    weight: Var,
    bias: Option<Var>,
    non_negative: bool,
}

impl Linear {
    /// A new layer with the parameters `NAME.weight` and, if the configuration
    /// asks for it, `NAME.bias`, which starts at 0.
    ///
    /// # Errors
    /// If the set already has a parameter of that name.
    pub fn new(
        parameters: &mut ParameterSet,
        name: &str,
        inputs: usize,
        outputs: usize,
        config: LinearConfig,
    ) -> Result<Self> {
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
        let x = contiguous(x)?;
        Ok(match &self.bias {
            Some(bias) => x.apply_op3(&self.weight, bias, Product)?,
            None => x.apply_op2(&self.weight, Product)?,
        })
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

/// The sums over the batch of `[outputs, batch]`.
pub(crate) fn bias_gradient(gy: &Tensor) -> candle_core::Result<Tensor> {
    let (outputs, batch) = gy.dims2()?;
    with_element!(gy.dtype(), "bias", T => with_slices::<T, _, 1>([gy], |[gy]| {
        tensor(kernels::row_sums(gy, outputs, batch), outputs)
    }))
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

/// `W x + b`, feature-major.
struct Product;

impl Product {
    fn forward<T: kernels::Element>(
        x: (&CpuStorage, &Layout),
        weight: (&CpuStorage, &Layout),
        bias: Option<(&CpuStorage, &Layout)>,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (inputs, batch) = x.1.shape().dims2()?;
        let (outputs, expected) = weight.1.shape().dims2()?;
        if inputs != expected {
            candle_core::bail!("a linear layer of {expected} inputs got {inputs} features");
        }
        let mut out = vec![T::zero(); outputs * batch];
        if let Some((storage, layout)) = bias {
            let bias = slice::<T>(storage, layout)?;
            for (row, &bias) in out.chunks_exact_mut(batch.max(1)).zip(bias) {
                row.fill(bias);
            }
        }
        gemm(
            Operand::new(slice::<T>(weight.0, weight.1)?, outputs, inputs),
            Operand::new(slice::<T>(x.0, x.1)?, inputs, batch),
            &mut out,
            bias.is_some(),
        );
        output(out, (outputs, batch))
    }

    /// The gradients of x, if it is tracked, and of the weights.
    fn backward(
        x: &Tensor,
        weight: &Tensor,
        gy: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        let (inputs, batch) = x.dims2()?;
        let outputs = weight.dim(0)?;
        with_element!(x.dtype(), "linear", T => {
            with_slices::<T, _, 3>([x, weight, gy], |[x_data, weight_data, gy_data]| {
                let gy = Operand::new(gy_data, outputs, batch);
                let gx = if x.track_op() {
                    let mut gx = vec![T::default(); inputs * batch];
                    gemm(Operand::new(weight_data, outputs, inputs).t(), gy, &mut gx, false);
                    hand_over(x, tensor(gx, (inputs, batch))?)
                } else {
                    None
                };
                let mut gw = vec![T::default(); outputs * inputs];
                gemm(gy, Operand::new(x_data, inputs, batch).t(), &mut gw, false);
                Ok((gx, hand_over(weight, tensor(gw, (outputs, inputs))?)))
            })
        })
    }
}

impl CustomOp2 for Product {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        with_element!(s1.dtype(), "linear", T => Self::forward::<T>((s1, l1), (s2, l2), None))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        gy: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        Self::backward(x, weight, &contiguous(gy)?)
    }
}

impl CustomOp3 for Product {
    fn name(&self) -> &'static str {
        "linear"
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
        with_element!(s1.dtype(), "linear", T => {
            Self::forward::<T>((s1, l1), (s2, l2), Some((s3, l3)))
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
        let gb = bias_gradient(&gy)?;
        let (gx, gw) = Self::backward(x, weight, &gy)?;
        Ok((gx, gw, hand_over(bias, gb)))
    }
}
