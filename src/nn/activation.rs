//! Activation functions.

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp1, Layout, Shape, Tensor};
use serde::{Deserialize, Serialize};

use super::bridge::{contiguous, output, slice, tensor, with_element, with_slices};
#[cfg(feature = "cuda-linked")]
use super::cuda;
use super::kernels::{Element, map_chunks, map2_chunks};
use crate::Result;

/// What a layer does to each number after its linear map.
///
/// ```
/// use candle_core::{Device, Tensor};
/// use gsae::nn::Activation;
///
/// let x = Tensor::new(&[-1f64, 0.0, 2.0], &Device::Cpu)?;
/// assert_eq!(Activation::Relu.forward(&x)?.to_vec1::<f64>()?, [0.0, 0.0, 2.0]);
/// assert_eq!(Activation::Sigmoid.forward(&x)?.to_vec1::<f64>()?[1], 0.5);
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// x
    Linear,
    /// max(x, 0)
    #[default]
    Relu,
    /// x, or 0.01 x below 0
    LeakyRelu,
    /// x, or e^x - 1 below 0
    Elu,
    /// (e^x - e^-x) / (e^x + e^-x)
    Tanh,
    /// 1 / (1 + e^-x)
    Sigmoid,
    /// ln(1 + e^x)
    Softplus,
}

/// The slope of [`Activation::LeakyRelu`] below 0.
const LEAK: f64 = 0.01;

impl Activation {
    /// The activation of every element, in the layout of `x`.
    ///
    /// # Errors
    /// If `x` is neither f32 nor f64; on a GPU, if it is not f32.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        if *self == Self::Linear {
            return Ok(x.clone());
        }
        in_memory_order(x, |x| Ok(x.apply_op1(*self)?))
    }

    /// The slope of the activation where its value is `y`, with a gradient of its own; `None` for
    /// [`Activation::Linear`], whose slope is 1.
    ///
    /// # Errors
    /// If an operation fails.
    pub fn derivative(&self, y: &Tensor) -> Result<Option<Tensor>> {
        let above = || y.gt(0.0)?.to_dtype(y.dtype());
        Ok(match self {
            Self::Linear => None,
            Self::Relu => Some(above()?),
            Self::LeakyRelu => Some(above()?.affine(1.0 - LEAK, LEAK)?),
            Self::Elu => Some(((y - y.relu()?)? + 1.0)?),
            Self::Tanh => Some(y.sqr()?.affine(-1.0, 1.0)?),
            Self::Sigmoid => Some((y - y.sqr()?)?),
            Self::Softplus => Some(y.neg()?.exp()?.affine(-1.0, 1.0)?),
        })
    }

    fn map<T: Element>(self, x: &[T]) -> Vec<T> {
        let (zero, one, leak) = (T::zero(), T::one(), T::from_f64(LEAK));
        match self {
            Self::Linear => x.to_vec(),
            Self::Relu => map_chunks(x, move |x| if x > zero { x } else { zero }),
            Self::LeakyRelu => map_chunks(x, move |x| if x > zero { x } else { leak * x }),
            Self::Elu => map_chunks(x, move |x| if x > zero { x } else { x.exp_m1() }),
            Self::Tanh => map_chunks(x, T::tanh),
            Self::Sigmoid => map_chunks(x, move |x| {
                if x >= zero {
                    one / (one + (zero - x).exp())
                } else {
                    let e = x.exp();
                    e / (one + e)
                }
            }),
            Self::Softplus => map_chunks(x, move |x| {
                if x > zero {
                    x + (zero - x).exp().ln_1p()
                } else {
                    x.exp().ln_1p()
                }
            }),
        }
    }

    /// The gradient, from the activation `y` and its gradient `g`.
    fn gradient<T: Element>(self, y: &[T], g: &[T]) -> Vec<T> {
        let (zero, one, leak) = (T::zero(), T::one(), T::from_f64(LEAK));
        match self {
            Self::Linear => g.to_vec(),
            Self::Relu => map2_chunks(y, g, move |y, g| if y > zero { g } else { zero }),
            Self::LeakyRelu => map2_chunks(y, g, move |y, g| if y > zero { g } else { leak * g }),
            Self::Elu => map2_chunks(y, g, move |y, g| if y > zero { g } else { g * (y + one) }),
            Self::Tanh => map2_chunks(y, g, move |y, g| g * (one - y * y)),
            Self::Sigmoid => map2_chunks(y, g, move |y, g| g * y * (one - y)),
            Self::Softplus => map2_chunks(y, g, move |y, g| zero - g * (zero - y).exp_m1()),
        }
    }
}

/// Applies an elementwise function to a tensor; a transposed view is treated in
/// the order of its memory and seen transposed again.
pub(crate) fn in_memory_order(
    x: &Tensor,
    f: impl FnOnce(&Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    if x.rank() == 2 && !x.is_contiguous() {
        Ok(f(&contiguous(&x.t()?)?)?.t()?)
    } else {
        f(&contiguous(x)?)
    }
}

impl CustomOp1 for Activation {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn cpu_fwd(
        &self,
        storage: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        with_element!(storage.dtype(), "activation", T => {
            output(self.map(slice::<T>(storage, layout)?), layout.shape())
        })
    }

    #[cfg(feature = "cuda-linked")]
    fn cuda_fwd(
        &self,
        storage: &candle_core::CudaStorage,
        layout: &Layout,
    ) -> candle_core::Result<(candle_core::CudaStorage, Shape)> {
        let gpu = &storage.device;
        let y = cuda::activation(gpu, *self, cuda::slice(storage, layout)?)?;
        Ok(cuda::output(gpu, y, layout.shape()))
    }

    fn bwd(&self, _: &Tensor, y: &Tensor, g: &Tensor) -> candle_core::Result<Option<Tensor>> {
        let g = contiguous(g)?;
        #[cfg(feature = "cuda-linked")]
        if y.device().is_cuda() {
            return cuda::with_slices([y, &g], |gpu, [y_data, g_data]| {
                let slopes = cuda::activation_gradient(gpu, *self, y_data, g_data)?;
                Ok(Some(cuda::tensor(gpu, slopes, y.shape())))
            });
        }
        with_element!(y.dtype(), "activation", T => {
            with_slices::<T, _, 2>([y, &g], |[y_data, g_data]| {
                Ok(Some(tensor(self.gradient(y_data, g_data), y.shape())?))
            })
        })
    }
}
