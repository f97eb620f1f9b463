//! What an optimizer remembers of a variable, and how it updates one in place.

use std::cell::RefCell;

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, DType, InplaceOp2, Layout, Result, Tensor, Var};

use crate::nn::bridge::{contiguous, slice};
#[cfg(feature = "cuda")]
use crate::nn::cuda;
use crate::nn::kernels::Element;

/// `N` numbers beside each number of a variable, all 0 at first.
#[derive(Debug)]
pub(crate) enum History<const N: usize> {
    /// Beside an f32 variable.
    F32([Vec<f32>; N]),
    /// Beside an f64 variable.
    F64([Vec<f64>; N]),
    /// Beside an f32 variable on a GPU.
    #[cfg(feature = "cuda")]
    OnGpu([Tensor; N]),
}

/// An update of a slice from its gradient.
pub(crate) trait Rule<const N: usize> {
    /// Changes the values and their history.
    fn update<T: Element>(&self, values: &mut [T], history: &mut [Vec<T>; N], gradient: &[T]);

    /// The same on a GPU.
    #[cfg(feature = "cuda")]
    fn update_on_gpu(&self, on: OnGpu<N>) -> Result<()>;
}

/// A variable on a GPU with its history and its gradient.
#[cfg(feature = "cuda")]
pub(crate) struct OnGpu<'a, const N: usize> {
    pub gpu: &'a candle_core::CudaDevice,
    pub values: cuda::Slice<f32>,
    pub history: [cuda::Slice<f32>; N],
    pub gradient: cuda::Slice<f32>,
}

impl<const N: usize> History<N> {
    /// The history of a new variable.
    pub(crate) fn new(variable: &Var) -> Result<Self> {
        let count = variable.elem_count();
        #[cfg(feature = "cuda")]
        if variable.device().is_cuda() {
            let mut all = Vec::with_capacity(N);
            for _ in 0..N {
                all.push(Tensor::zeros(count, DType::F32, variable.device())?);
            }
            let all = <[Tensor; N]>::try_from(all);
            return all
                .map(Self::OnGpu)
                .map_err(|_| candle_core::Error::Msg("an optimizer's history".to_owned()));
        }
        match variable.dtype() {
            DType::F32 => Ok(Self::F32(std::array::from_fn(|_| vec![0.0; count]))),
            DType::F64 => Ok(Self::F64(std::array::from_fn(|_| vec![0.0; count]))),
            other => Err(candle_core::Error::UnsupportedDTypeForOp(
                other,
                "optimizer",
            )),
        }
    }

    /// Updates a variable in place.
    pub(crate) fn apply<R: Rule<N>>(
        &mut self,
        variable: &Var,
        gradient: &Tensor,
        rule: &R,
    ) -> Result<()> {
        if gradient.shape() != variable.shape() {
            candle_core::bail!(
                "a gradient of shape {:?} for a variable of shape {:?}",
                gradient.dims(),
                variable.dims()
            );
        }
        let update = Update {
            history: RefCell::new(self),
            rule,
        };
        variable.inplace_op2(&contiguous(gradient)?, &update)
    }
}

struct Update<'a, R, const N: usize> {
    history: RefCell<&'a mut History<N>>,
    rule: &'a R,
}

impl<R: Rule<N>, const N: usize> InplaceOp2 for Update<'_, R, N> {
    fn name(&self) -> &'static str {
        "optimizer"
    }

    fn cpu_fwd(
        &self,
        values: &mut CpuStorage,
        layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> Result<()> {
        let Some((start, end)) = layout.contiguous_offsets() else {
            return Err(candle_core::Error::RequiresContiguous { op: self.name() });
        };
        match (values, &mut **self.history.borrow_mut()) {
            (CpuStorage::F32(values), History::F32(history)) => {
                let gradient = slice(gradient, gradient_layout)?;
                self.rule.update(&mut values[start..end], history, gradient);
                Ok(())
            }
            (CpuStorage::F64(values), History::F64(history)) => {
                let gradient = slice(gradient, gradient_layout)?;
                self.rule.update(&mut values[start..end], history, gradient);
                Ok(())
            }
            (values, _) => Err(candle_core::Error::UnsupportedDTypeForOp(
                values.dtype(),
                self.name(),
            )),
        }
    }

    #[cfg(feature = "cuda")]
    fn cuda_fwd(
        &self,
        values: &mut candle_core::CudaStorage,
        layout: &Layout,
        gradient: &candle_core::CudaStorage,
        gradient_layout: &Layout,
    ) -> Result<()> {
        let History::OnGpu(history) = &**self.history.borrow() else {
            candle_core::bail!("an optimizer of variables in main memory got one on a GPU");
        };
        let tensors: [&Tensor; N] = history.each_ref();
        cuda::with_slices(tensors, |gpu, history| {
            self.rule.update_on_gpu(OnGpu {
                gpu,
                values: cuda::slice(values, layout)?,
                history,
                gradient: cuda::slice(gradient, gradient_layout)?,
            })
        })
    }
}
