//! What an optimizer remembers of a variable, and how it updates one in place.

use std::cell::RefCell;

use candle_core::backend::BackendStorage;
use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, DType, InplaceOp2, Layout, Result, Tensor, Var};

use crate::nn::bridge::{contiguous, slice};
#[cfg(feature = "cuda-linked")]
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
    #[cfg(feature = "cuda-linked")]
    OnGpu([Tensor; N]),
}

/// An update of a slice from its gradient.
pub(crate) trait Rule<const N: usize> {
    /// Changes the values and their history.
    fn update<T: Element>(&self, values: &mut [T], history: &mut [Vec<T>; N], gradient: &[T]);

    /// The same for weights on a GPU, all of them together.
    #[cfg(feature = "cuda-linked")]
    fn update_on_gpu(
        &self,
        gpu: &candle_core::CudaDevice,
        weights: &[cuda::Weight<N>],
    ) -> Result<()>;
}

impl<const N: usize> History<N> {
    /// The history of a new variable.
    pub(crate) fn new(variable: &Var) -> Result<Self> {
        let count = variable.elem_count();
        #[cfg(feature = "cuda-linked")]
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
    fn apply<R: Rule<N>>(&mut self, variable: &Var, gradient: &Tensor, rule: &R) -> Result<()> {
        check(variable, gradient)?;
        let update = Update {
            history: RefCell::new(self),
            rule,
        };
        variable.inplace_op2(&contiguous(gradient)?, &update)
    }
}

/// Updates every variable that has a gradient.
pub(crate) fn update_all<R: Rule<N>, const N: usize>(
    variables: &mut [(Var, History<N>)],
    gradients: &GradStore,
    rule: &R,
) -> Result<()> {
    #[cfg(feature = "cuda-linked")]
    if let Some(gpu) = variables.iter().find_map(|(own, _)| cuda::gpu_of(own)) {
        return update_on_gpu(&gpu, variables, gradients, rule);
    }
    for (variable, history) in variables {
        if let Some(gradient) = gradients.get(variable) {
            history.apply(variable, gradient, rule)?;
        }
    }
    Ok(())
}

#[cfg(feature = "cuda-linked")]
fn update_on_gpu<R: Rule<N>, const N: usize>(
    gpu: &candle_core::CudaDevice,
    variables: &[(Var, History<N>)],
    gradients: &GradStore,
    rule: &R,
) -> Result<()> {
    // What the weights' addresses are read from must outlive the launch.
    let mut kept = Vec::with_capacity(variables.len());
    let mut weights = Vec::with_capacity(variables.len());
    for (variable, history) in variables {
        let Some(gradient) = gradients.get(variable) else {
            continue;
        };
        check(variable, gradient)?;
        let History::OnGpu(history) = history else {
            candle_core::bail!("an optimizer of variables in main memory got one on a GPU");
        };
        let gradient = contiguous(gradient)?;
        let history = cuda::with_slices(history.each_ref(), |_, history| Ok(history))?;
        let slices = |_: &_, [values, gradient]: [_; 2]| {
            Ok(cuda::Weight {
                values,
                history,
                gradient,
            })
        };
        weights.push(cuda::with_slices(
            [variable.as_tensor(), &gradient],
            slices,
        )?);
        kept.push(gradient);
    }
    rule.update_on_gpu(gpu, &weights)
}

fn check(variable: &Var, gradient: &Tensor) -> Result<()> {
    if gradient.shape() == variable.shape() {
        return Ok(());
    }
    candle_core::bail!(
        "a gradient of shape {:?} for a variable of shape {:?}",
        gradient.dims(),
        variable.dims()
    )
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
}
