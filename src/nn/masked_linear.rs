//! A linear layer whose forbidden connections do not exist.

#[cfg(feature = "cuda-linked")]
use candle_core::{CudaStorage, Layout};
use candle_core::{Tensor, Var};

use super::affine::{LinearMap, affine, affine_mse, gradients};
use super::bridge::contiguous;
#[cfg(feature = "cuda-linked")]
use super::cuda;
use super::kernels::{self, Element, Matrix};
use super::{LinearConfig, ParameterSet};
use crate::mask::Mask;
use crate::{Error, Result};

/// A linear layer that keeps only the weights its [`Mask`] allows.
///
/// `y = x (M o W)^T + b` with `x`: `[batch, inputs]`, `y`: `[batch, outputs]`,
/// `M o W`: `[outputs, inputs]`. The weights are one vector of
/// [`Mask::entries`] values in the mask's order; neither the forward nor the
/// backward pass makes anything of size inputs x outputs.
///
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use gsae::mask::Mask;
/// use gsae::nn::{Init, LinearConfig, MaskedLinear, ParameterSet};
///
/// let mask = Mask::from_rows(3, vec![vec![0, 2], vec![1]])?;
/// let config = LinearConfig { init: Init::Constant(2.0), ..LinearConfig::default() };
/// let mut parameters = ParameterSet::new(7, DType::F32);
/// let layer = MaskedLinear::new(&mut parameters, "encoder", mask, config)?;
///
/// let x = Tensor::new(&[[1f32, 10.0, 100.0]], &Device::Cpu)?;
/// assert_eq!(layer.forward(&x)?.to_vec2::<f32>()?, [[202.0, 20.0]]);
/// assert_eq!(parameters.count(), 3 + 2);
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct MaskedLinear {
    mask: Mask,
    values: Var,
    bias: Option<Var>,
    non_negative: bool,
}

impl MaskedLinear {
    /// A new layer with the parameters `NAME.values` and, if the configuration
    /// asks for it, `NAME.bias`, which starts at 0.
    ///
    /// # Errors
    /// If the set already has a parameter of that name.
    pub fn new(
        parameters: &mut ParameterSet,
        name: &str,
        mask: Mask,
        config: LinearConfig,
    ) -> Result<Self> {
        let degree: Vec<usize> = mask.columns().map(<[u32]>::len).collect();
        let values =
            parameters.variable(format!("{name}.values"), &[mask.entries()], |random| {
                let mut values = Vec::with_capacity(mask.entries());
                for row in mask.rows() {
                    for &input in row {
                        let fan_out = degree[input as usize];
                        let value = config.init.sample(random, row.len(), fan_out);
                        values.push(config.start(value));
                    }
                }
                values
            })?;
        let bias = if config.bias {
            let zeros = vec![0.0; mask.outputs()];
            Some(parameters.variable(format!("{name}.bias"), &[mask.outputs()], |_| zeros)?)
        } else {
            None
        };
        Self::from_parts(mask, values, bias, config.non_negative)
    }

    /// A layer around existing variables: `values`: `[mask.entries()]`,
    /// `bias`: `[mask.outputs()]`.
    ///
    /// # Errors
    /// If a shape does not fit the mask.
    pub fn from_parts(
        mask: Mask,
        values: Var,
        bias: Option<Var>,
        non_negative: bool,
    ) -> Result<Self> {
        let lengths = [("values", mask.entries(), Some(&values))]
            .into_iter()
            .chain([("bias", mask.outputs(), bias.as_ref())]);
        for (what, expected, variable) in lengths {
            if let Some(variable) = variable
                && variable.dims() != [expected]
            {
                return Err(Error::data(
                    format!("{what} of shape {:?} for a mask", variable.dims()),
                    format!("This mask needs shape [{expected}]."),
                ));
            }
        }
        Ok(Self {
            mask,
            values,
            bias,
            non_negative,
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
        affine(self.map(), &self.values, self.bias.as_ref(), x)
    }

    /// `(M o W) x`, without the bias: `[inputs, batch]` to `[outputs, batch]`.
    ///
    /// # Errors
    /// If the input has another shape or type.
    pub fn tangent_features(&self, x: &Tensor) -> Result<Tensor> {
        affine(self.map(), &self.values, None, x)
    }

    /// The sum of the squared weights of every output: `[outputs]`, with gradients.
    ///
    /// # Errors
    /// If an operation fails.
    pub fn squared_rows(&self) -> Result<Tensor> {
        let squares = self.values.sqr()?;
        let ones = Tensor::ones((self.mask.inputs(), 1), squares.dtype(), squares.device())?;
        Ok(product(&self.mask, &squares, None, &ones)?.flatten_all()?)
    }

    /// The mean squared error of the layer's output against `target`, a scalar:
    /// `mse_loss(forward_features(x), target)`, the output and its gradient
    /// never on candle's graph. `x`: `[inputs, batch]`, `target`:
    /// `[outputs, batch]`, without a gradient.
    ///
    /// # Errors
    /// If a tensor has another shape or type.
    pub fn mse_features(&self, x: &Tensor, target: &Tensor) -> Result<Tensor> {
        affine_mse(self.map(), &self.values, self.bias.as_ref(), x, target)
    }

    fn map(&self) -> Masked {
        Masked(self.mask.clone())
    }

    /// The gradients of the input, if asked for, and of the values, for the
    /// gradient `gy` in the output: `x`: `[inputs, batch]`, `gy`: `[outputs, batch]`.
    ///
    /// This is what [`backward`](super::backward) computes on its way.
    ///
    /// # Errors
    /// If a tensor has another shape or type.
    pub fn gradients(
        &self,
        x: &Tensor,
        gy: &Tensor,
        with_input: bool,
    ) -> Result<(Option<Tensor>, Tensor)> {
        let (x, gy) = (contiguous(x)?, contiguous(gy)?);
        let (inputs, batch) = x.dims2()?;
        if inputs != self.mask.inputs() || gy.dims() != [self.mask.outputs(), batch] {
            return Err(Error::data(
                format!(
                    "gradients asked for x {:?} and gy {:?}",
                    x.dims(),
                    gy.dims()
                ),
                format!(
                    "Pass x [{}, batch] and gy [{}, batch].",
                    self.mask.inputs(),
                    self.mask.outputs()
                ),
            ));
        }
        Ok(gradients(
            &self.map(),
            self.values.as_tensor(),
            &x,
            &gy.into(),
            with_input,
        )?)
    }

    /// Sets negative weights to 0 if the layer was asked to be non-negative;
    /// call it after every step of the optimizer.
    ///
    /// # Errors
    /// If the weights cannot be written.
    pub fn project(&self) -> Result<()> {
        if self.non_negative {
            super::linear::clamp_at_zero(&self.values)?;
        }
        Ok(())
    }

    /// The pattern.
    pub fn mask(&self) -> &Mask {
        &self.mask
    }

    /// The weights: `[mask.entries()]`.
    pub fn values(&self) -> &Var {
        &self.values
    }

    /// The bias: `[outputs]`.
    pub fn bias(&self) -> Option<&Var> {
        self.bias.as_ref()
    }
}

/// `(M o W) x + b` for any tensor of values: `[mask.entries()]`, contiguous;
/// `x`: `[inputs, batch]`.
pub(crate) fn product(
    mask: &Mask,
    values: &Tensor,
    bias: Option<&Var>,
    x: &Tensor,
) -> Result<Tensor> {
    affine(Masked(mask.clone()), values, bias, x)
}

/// `M o W`, by its mask.
struct Masked(Mask);

impl LinearMap for Masked {
    const NAME: &'static str = "masked-linear";

    fn sizes(&self) -> (usize, usize) {
        (self.0.inputs(), self.0.outputs())
    }

    fn apply<T: Element>(&self, values: &[T], bias: Option<&[T]>, x: Matrix<T>) -> Vec<T> {
        kernels::product(self.0.by_output(), values, bias, x)
    }

    fn gradients<T: Element>(
        &self,
        values: &[T],
        x: Matrix<T>,
        gy: Matrix<T>,
        with_input: bool,
    ) -> (Option<Vec<T>>, Vec<T>) {
        if with_input {
            let (gx, gv) = kernels::input_and_values_gradient(&self.0, values, x, gy);
            (Some(gx), gv)
        } else {
            (None, kernels::values_gradient(&self.0, x, gy))
        }
    }

    #[cfg(feature = "cuda-linked")]
    fn apply_on_gpu(
        &self,
        values: (&CudaStorage, &Layout),
        bias: Option<cuda::Slice<f32>>,
        x: (&CudaStorage, &Layout),
        batch: usize,
    ) -> candle_core::Result<CudaStorage> {
        let gpu = &x.0.device;
        let lines = &cuda::mask_on(gpu, &self.0)?.mask.by_output;
        let factors = cuda::Factors {
            values: (cuda::slice(values.0, values.1)?, cuda::ValueOrder::Own),
            bias,
            scale: None,
            x: cuda::slice(x.0, x.1)?,
        };
        let y = cuda::product(gpu, lines, factors, batch)?;
        Ok(CudaStorage::wrap_cuda_slice(y, gpu.clone()))
    }

    #[cfg(feature = "cuda-linked")]
    fn gradients_on_gpu(
        &self,
        values: &Tensor,
        x: &Tensor,
        gy: &Tensor,
        scale: Option<&Tensor>,
        with_input: bool,
    ) -> candle_core::Result<(Option<Tensor>, Tensor)> {
        let batch = x.dim(1)?;
        if batch == 0 {
            candle_core::bail!("a layer got a batch without samples");
        }
        // Without a scale one of the others stands in its place, and is left alone.
        let all = [values, x, gy, scale.unwrap_or(gy)];
        cuda::with_slices(all, |gpu, [values_data, x_data, gy_data, scale_data]| {
            let scale_data = scale.map(|_| scale_data);
            let mask = &cuda::mask_on(gpu, &self.0)?.mask;
            let gx = if with_input {
                let factors = cuda::Factors {
                    values: (values_data, cuda::ValueOrder::Other),
                    bias: None,
                    scale: scale_data,
                    x: gy_data,
                };
                let gx = cuda::product(gpu, &mask.by_input, factors, batch)?;
                Some(cuda::tensor(gpu, gx, x.shape()))
            } else {
                None
            };
            let gv = cuda::values_gradient(gpu, mask, x_data, gy_data, scale_data, batch)?;
            Ok((gx, cuda::tensor(gpu, gv, values.shape())))
        })
    }
}
