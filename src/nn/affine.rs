//! What dense and masked layers share on candle's graph: `y = W x + b`, feature-major,
//! alone or with the mean squared error right behind it.

use std::sync::OnceLock;

#[cfg(feature = "cuda-linked")]
use candle_core::CudaStorage;
use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor, Var};

use super::backward::hand_over;
use super::bridge::{contiguous, output, slice, tensor, with_element, with_slices};
#[cfg(feature = "cuda-linked")]
use super::cuda;
use super::kernels::{self, Element, Matrix};

/// A linear map whose weights are one tensor, dense or sparse.
pub(crate) trait LinearMap: Send + Sync + 'static {
    /// The name of the operation in errors.
    const NAME: &'static str;

    /// `(inputs, outputs)`.
    fn sizes(&self) -> (usize, usize);

    /// `W x + b` for `x`: `[inputs, batch]`.
    fn apply<T: Element>(&self, weights: &[T], bias: Option<&[T]>, x: Matrix<T>) -> Vec<T>;

    /// The gradients of x, if asked for, and of the weights.
    fn gradients<T: Element>(
        &self,
        weights: &[T],
        x: Matrix<T>,
        gy: Matrix<T>,
        with_input: bool,
    ) -> (Option<Vec<T>>, Vec<T>);

    /// [`apply`](Self::apply) on a GPU.
    #[cfg(feature = "cuda-linked")]
    fn apply_on_gpu(
        &self,
        weights: (&CudaStorage, &Layout),
        bias: Option<cuda::Slice<f32>>,
        x: (&CudaStorage, &Layout),
        batch: usize,
    ) -> Result<CudaStorage>;

    /// [`gradients`](Self::gradients) on a GPU, times a scalar.
    #[cfg(feature = "cuda-linked")]
    fn gradients_on_gpu(
        &self,
        weights: &Tensor,
        x: &Tensor,
        gy: &Tensor,
        scale: Option<&Tensor>,
        with_input: bool,
    ) -> Result<(Option<Tensor>, Tensor)>;
}

/// `W x + b`: `[outputs, batch]` for `x`: `[inputs, batch]`.
pub(crate) fn affine<M: LinearMap>(
    map: M,
    weights: &Tensor,
    bias: Option<&Var>,
    x: &Tensor,
) -> crate::Result<Tensor> {
    run(Affine { map, goal: None }, weights, bias, x)
}

/// The mean squared error of `W x + b` against a target `[outputs, batch]` that
/// has no gradient: a scalar.
pub(crate) fn affine_mse<M: LinearMap>(
    map: M,
    weights: &Tensor,
    bias: Option<&Var>,
    x: &Tensor,
    target: &Tensor,
) -> crate::Result<Tensor> {
    let goal = Goal {
        target: contiguous(&target.detach())?,
        gradient: OnceLock::new(),
    };
    let goal = Some(goal);
    run(Affine { map, goal }, weights, bias, x)
}

fn run<M: LinearMap>(
    op: Affine<M>,
    weights: &Tensor,
    bias: Option<&Var>,
    x: &Tensor,
) -> crate::Result<Tensor> {
    let x = contiguous(x)?;
    Ok(match bias {
        Some(bias) => x.apply_op3(weights, bias, op)?,
        None => x.apply_op2(weights, op)?,
    })
}

/// The gradients of x, if asked for, and of the weights; all tensors contiguous.
pub(crate) fn gradients<M: LinearMap>(
    map: &M,
    weights: &Tensor,
    x: &Tensor,
    gy: &OutputGradient,
    with_input: bool,
) -> Result<(Option<Tensor>, Tensor)> {
    let batch = x.dim(1)?;
    #[cfg(feature = "cuda-linked")]
    if x.device().is_cuda() {
        let scale = gy.scale.as_ref();
        return map.gradients_on_gpu(weights, x, &gy.values, scale, with_input);
    }
    let gy = &gy.values;
    with_element!(x.dtype(), M::NAME, T => {
        with_slices::<T, _, 3>([weights, x, gy], |[weights_data, x_data, gy_data]| {
            let (gx, gw) = map.gradients(
                weights_data,
                Matrix::new(x_data, batch),
                Matrix::new(gy_data, batch),
                with_input,
            );
            let gx = gx.map(|gx| tensor(gx, x.shape())).transpose()?;
            Ok((gx, tensor(gw, weights.shape())?))
        })
    })
}

/// The gradient in a layer's output.
pub(crate) struct OutputGradient {
    /// `[outputs, batch]`, contiguous.
    pub values: Tensor,
    /// A scalar on the GPU that multiplies them; to look at it here would make the CPU wait.
    #[cfg(feature = "cuda-linked")]
    pub scale: Option<Tensor>,
}

impl From<Tensor> for OutputGradient {
    fn from(values: Tensor) -> Self {
        Self {
            values,
            #[cfg(feature = "cuda-linked")]
            scale: None,
        }
    }
}

struct Affine<M> {
    map: M,
    goal: Option<Goal>,
}

/// What the output should be, and the gradient of the error in the output.
struct Goal {
    target: Tensor,
    gradient: OnceLock<Tensor>,
}

impl<M: LinearMap> Affine<M> {
    /// The number of outputs and of samples, for an input that the layer can take.
    fn sizes(&self, x: &Layout) -> Result<(usize, usize)> {
        let (features, batch) = x.shape().dims2()?;
        let (inputs, outputs) = self.map.sizes();
        if features != inputs {
            candle_core::bail!("a layer of {inputs} inputs got {features} features");
        }
        if batch == 0 {
            candle_core::bail!("a layer got a batch without samples");
        }
        if let Some(goal) = &self.goal
            && goal.target.dims() != [outputs, batch]
        {
            candle_core::bail!(
                "a target of shape {:?} for an output of shape [{outputs}, {batch}]",
                goal.target.dims()
            );
        }
        Ok((outputs, batch))
    }

    fn forward<T: Element>(
        &self,
        x: (&CpuStorage, &Layout),
        weights: (&CpuStorage, &Layout),
        bias: Option<(&CpuStorage, &Layout)>,
    ) -> Result<(CpuStorage, Shape)> {
        let (outputs, batch) = self.sizes(x.1)?;
        let bias = bias.map(|(storage, layout)| slice::<T>(storage, layout));
        let x = Matrix::new(slice(x.0, x.1)?, batch);
        let weights = slice(weights.0, weights.1)?;
        let mut y = self.map.apply(weights, bias.transpose()?, x);
        let Some(goal) = &self.goal else {
            return output(y, (outputs, batch));
        };
        let error = with_slices::<T, _, 1>([&goal.target], |[target]| {
            Ok(kernels::squared_error(&mut y, target))
        })?;
        // A forward pass happens once in the life of an operation.
        goal.gradient.get_or_init(|| {
            Tensor::from_storage(
                candle_core::Storage::Cpu(T::to_cpu_storage_owned(y)),
                (outputs, batch),
                candle_core::op::BackpropOp::none(),
                false,
            )
        });
        output(vec![<T as candle_core::WithDType>::from_f64(error)], ())
    }

    #[cfg(feature = "cuda-linked")]
    fn forward_on_gpu(
        &self,
        x: (&CudaStorage, &Layout),
        weights: (&CudaStorage, &Layout),
        bias: Option<(&CudaStorage, &Layout)>,
    ) -> Result<(CudaStorage, Shape)> {
        let (outputs, batch) = self.sizes(x.1)?;
        let bias = bias.map(|(storage, layout)| cuda::slice(storage, layout));
        let y = self
            .map
            .apply_on_gpu(weights, bias.transpose()?, x, batch)?;
        let shape = Shape::from((outputs, batch));
        let Some(goal) = &self.goal else {
            return Ok((y, shape));
        };
        let y = cuda::tensor_of(y, shape);
        let error = cuda::with_slices([&y, &goal.target], |gpu, [y, target]| {
            Ok(cuda::output(gpu, cuda::squared_error(gpu, y, target)?, ()))
        })?;
        goal.gradient.get_or_init(|| y);
        Ok(error)
    }

    /// The gradient in the layer's output, from the gradient in the result.
    fn output_gradient(&self, gradient: &Tensor) -> Result<OutputGradient> {
        let Some(goal) = &self.goal else {
            return Ok(contiguous(gradient)?.into());
        };
        let Some(stored) = goal.gradient.get() else {
            candle_core::bail!("{} has no forward pass to go back from", M::NAME);
        };
        #[cfg(feature = "cuda-linked")]
        if stored.device().is_cuda() {
            return Ok(OutputGradient {
                values: stored.clone(),
                scale: Some(gradient.clone()),
            });
        }
        let scale = gradient
            .to_dtype(candle_core::DType::F64)?
            .to_scalar::<f64>()?;
        if scale == 1.0 {
            Ok(stored.clone().into())
        } else {
            Ok(stored.affine(scale, 0.0)?.into())
        }
    }

    fn backward(
        &self,
        x: &Tensor,
        weights: &Tensor,
        gy: &OutputGradient,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (gx, gw) = gradients(&self.map, weights, x, gy, x.track_op())?;
        Ok((gx.and_then(|gx| hand_over(x, gx)), hand_over(weights, gw)))
    }
}

/// The sums over the batch of `[outputs, batch]`.
fn bias_gradient(gy: &OutputGradient) -> Result<Tensor> {
    let (outputs, batch) = gy.values.dims2()?;
    #[cfg(feature = "cuda-linked")]
    if let Some(gpu) = cuda::gpu_of(&gy.values) {
        let sums = |values, scale| cuda::row_sums(&gpu, values, outputs, 1.0, scale);
        let sums = match &gy.scale {
            Some(scale) => cuda::with_slices([&gy.values, scale], |_, [values, scale]| {
                sums(values, Some(scale))
            }),
            None => cuda::with_slices([&gy.values], |_, [values]| sums(values, None)),
        }?;
        return Ok(cuda::tensor(&gpu, sums, outputs));
    }
    let gy = &gy.values;
    with_element!(gy.dtype(), "bias", T => with_slices::<T, _, 1>([gy], |[gy]| {
        tensor(kernels::row_sums(gy, outputs, batch), outputs)
    }))
}

impl<M: LinearMap> CustomOp2 for Affine<M> {
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        with_element!(s1.dtype(), M::NAME, T => self.forward::<T>((s1, l1), (s2, l2), None))
    }

    #[cfg(feature = "cuda-linked")]
    fn cuda_fwd(
        &self,
        s1: &CudaStorage,
        l1: &Layout,
        s2: &CudaStorage,
        l2: &Layout,
    ) -> Result<(CudaStorage, Shape)> {
        self.forward_on_gpu((s1, l1), (s2, l2), None)
    }

    fn bwd(
        &self,
        x: &Tensor,
        weights: &Tensor,
        _: &Tensor,
        g: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        self.backward(x, weights, &self.output_gradient(g)?)
    }
}

impl<M: LinearMap> CustomOp3 for Affine<M> {
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
        s3: &CpuStorage,
        l3: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        with_element!(s1.dtype(), M::NAME, T => {
            self.forward::<T>((s1, l1), (s2, l2), Some((s3, l3)))
        })
    }

    #[cfg(feature = "cuda-linked")]
    fn cuda_fwd(
        &self,
        s1: &CudaStorage,
        l1: &Layout,
        s2: &CudaStorage,
        l2: &Layout,
        s3: &CudaStorage,
        l3: &Layout,
    ) -> Result<(CudaStorage, Shape)> {
        self.forward_on_gpu((s1, l1), (s2, l2), Some((s3, l3)))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weights: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        g: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gy = self.output_gradient(g)?;
        let gb = bias_gradient(&gy)?;
        let (gx, gw) = self.backward(x, weights, &gy)?;
        Ok((gx, gw, hand_over(bias, gb)))
    }
}
