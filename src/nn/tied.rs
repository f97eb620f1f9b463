//! Decoder layers that use their encoder's weights transposed.

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp1, Layout, Shape, Tensor, Var};
use rayon::prelude::*;

use super::backward::hand_over;
use super::bridge::{contiguous, output, slice, tensor, with_element, with_slices};
#[cfg(feature = "cuda-linked")]
use super::cuda;
use super::kernels::{CHUNK, Element};
use super::{Linear, MaskedLinear};
use crate::mask::Mask;
use crate::{Error, Result};

/// `y = W^T x + b` with the weights `W` of another layer and a bias of its own: the decoder's
/// half of an autoencoder with tied weights (Vincent et al. 2008).
///
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use gsae::nn::{Init, Linear, LinearConfig, ParameterSet, TiedLinear};
///
/// let config = LinearConfig { init: Init::Constant(0.5), ..LinearConfig::default() };
/// let mut parameters = ParameterSet::new(7, DType::F32);
/// let encoder = Linear::new(&mut parameters, "encoder", 3, 1, config)?;
/// let bias = parameters.variable("decoder.bias", &[3], |_| vec![1.0; 3])?;
/// let decoder = TiedLinear::dense(&encoder, bias)?;
/// let z = Tensor::new(&[[2f32]], &Device::Cpu)?;
/// assert_eq!(decoder.forward_features(&z)?.to_vec2::<f32>()?, [[2.0], [2.0], [2.0]]);
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TiedLinear {
    weights: Weights,
    bias: Var,
}

#[derive(Debug, Clone)]
enum Weights {
    Dense(Var),
    Masked { values: Var, transposed: Mask },
}

impl TiedLinear {
    /// Tied to a dense layer; `bias`: `[inputs of the layer]`.
    ///
    /// # Errors
    /// If the bias has another shape.
    pub fn dense(layer: &Linear, bias: Var) -> Result<Self> {
        let (_, inputs) = layer.weight().dims2()?;
        check(&bias, inputs)?;
        Ok(Self {
            weights: Weights::Dense(layer.weight().clone()),
            bias,
        })
    }

    /// Tied to a masked layer; `bias`: `[inputs of the layer]`.
    ///
    /// # Errors
    /// If the bias has another shape.
    pub fn masked(layer: &MaskedLinear, bias: Var) -> Result<Self> {
        check(&bias, layer.mask().inputs())?;
        Ok(Self {
            weights: Weights::Masked {
                values: layer.values().clone(),
                transposed: layer.mask().transpose(),
            },
            bias,
        })
    }

    /// `[outputs of the layer, batch]` to `[inputs of the layer, batch]`.
    ///
    /// # Errors
    /// If the input has another shape or type.
    pub fn forward_features(&self, x: &Tensor) -> Result<Tensor> {
        match &self.weights {
            Weights::Dense(weight) => {
                let weight = contiguous(&weight.t()?)?;
                super::linear::product(&weight, Some(&self.bias), x)
            }
            Weights::Masked { values, transposed } => {
                let values = values.apply_op1(Reorder(transposed.clone()))?;
                super::masked_linear::product(transposed, &values, Some(&self.bias), x)
            }
        }
    }

    /// `W^T x` without the bias: the same shapes.
    ///
    /// # Errors
    /// If the input has another shape or type.
    pub fn tangent_features(&self, x: &Tensor) -> Result<Tensor> {
        match &self.weights {
            Weights::Dense(weight) => super::linear::product(&contiguous(&weight.t()?)?, None, x),
            Weights::Masked { values, transposed } => {
                let values = values.apply_op1(Reorder(transposed.clone()))?;
                super::masked_linear::product(transposed, &values, None, x)
            }
        }
    }
}

fn check(bias: &Var, inputs: usize) -> Result<()> {
    if bias.dims() == [inputs] {
        return Ok(());
    }
    Err(Error::data(
        format!(
            "a bias of shape {:?} for a layer tied to one of {inputs} inputs",
            bias.dims()
        ),
        format!("This layer needs shape [{inputs}]."),
    ))
}

/// The values of a mask's connections, from the order of the mask that this one is the
/// transpose of to its own order.
struct Reorder(Mask);

impl Reorder {
    fn gather<T: Element>(positions: &[u32], from: &[T]) -> Vec<T> {
        let mut out = super::kernels::zeros(from.len());
        out.par_chunks_mut(CHUNK)
            .zip(positions.par_chunks(CHUNK))
            .for_each(|(out, positions)| {
                for (out, &at) in out.iter_mut().zip(positions) {
                    *out = from[at as usize];
                }
            });
        out
    }
}

impl CustomOp1 for Reorder {
    fn name(&self) -> &'static str {
        "reorder"
    }

    fn cpu_fwd(
        &self,
        storage: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        with_element!(storage.dtype(), "reorder", T => {
            let values = slice::<T>(storage, layout)?;
            output(Self::gather(self.0.by_output().twin(), values), layout.shape())
        })
    }

    #[cfg(feature = "cuda-linked")]
    fn cuda_fwd(
        &self,
        storage: &candle_core::CudaStorage,
        layout: &Layout,
    ) -> candle_core::Result<(candle_core::CudaStorage, Shape)> {
        let gpu = &storage.device;
        let mask = &cuda::mask_on(gpu, &self.0)?.mask;
        let values = cuda::reorder(gpu, &mask.by_output, cuda::slice(storage, layout)?)?;
        Ok(cuda::output(gpu, values, layout.shape()))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, g: &Tensor) -> candle_core::Result<Option<Tensor>> {
        let g = contiguous(g)?;
        #[cfg(feature = "cuda-linked")]
        if g.device().is_cuda() {
            return cuda::with_slices([&g], |gpu, [g_data]| {
                let mask = &cuda::mask_on(gpu, &self.0)?.mask;
                let back = cuda::reorder(gpu, &mask.by_input, g_data)?;
                Ok(hand_over(x, cuda::tensor(gpu, back, g.shape())))
            });
        }
        with_element!(g.dtype(), "reorder", T => with_slices::<T, _, 1>([&g], |[g_data]| {
            let back = Self::gather(self.0.by_input().twin(), g_data);
            Ok(hand_over(x, tensor(back, g.shape())?))
        }))
    }
}
