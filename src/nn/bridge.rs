//! From candle's tensors to the kernels' slices and back.

use candle_core::backend::BackendStorage;
use candle_core::{
    CpuStorage, CustomOp1, DType, Device, Error, Layout, Result, Shape, Storage, Tensor, WithDType,
};

#[cfg(feature = "cuda-linked")]
use super::cuda;
use super::kernels;

/// Runs a block with `T` as the element type of a dtype; other types are an error.
macro_rules! with_element {
    ($dtype:expr, $name:expr, $t:ident => $body:expr) => {
        match $dtype {
            candle_core::DType::F32 => {
                type $t = f32;
                $body
            }
            candle_core::DType::F64 => {
                type $t = f64;
                $body
            }
            other => Err(candle_core::Error::UnsupportedDTypeForOp(other, $name)),
        }
    };
}
pub(crate) use with_element;

/// The elements of a contiguous tensor in main memory.
pub(crate) fn slice<'a, T: WithDType>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [T]> {
    let Some((start, end)) = layout.contiguous_offsets() else {
        return Err(Error::RequiresContiguous { op: "gsae" });
    };
    Ok(&storage.as_slice::<T>()?[start..end])
}

/// The storage behind a tensor, which must be in main memory.
pub(crate) fn cpu(storage: &Storage) -> Result<&CpuStorage> {
    match storage {
        Storage::Cpu(storage) => Ok(storage),
        _ => candle_core::bail!("gsae's layers run on the CPU; move the tensor there"),
    }
}

/// Calls `f` with the elements of contiguous tensors in main memory.
pub(crate) fn with_slices<T: WithDType, R, const N: usize>(
    tensors: [&Tensor; N],
    f: impl FnOnce([&[T]; N]) -> Result<R>,
) -> Result<R> {
    let guards = tensors.map(Tensor::storage_and_layout);
    let mut slices: [&[T]; N] = [&[]; N];
    for (place, (storage, layout)) in slices.iter_mut().zip(&guards) {
        *place = slice(cpu(storage)?, layout)?;
    }
    f(slices)
}

/// A tensor around a vector.
pub(crate) fn tensor<T: WithDType>(data: Vec<T>, shape: impl Into<Shape>) -> Result<Tensor> {
    Tensor::from_vec(data, shape.into(), &Device::Cpu)
}

/// The storage and shape a custom operation returns.
pub(crate) fn output<T: WithDType>(
    data: Vec<T>,
    shape: impl Into<Shape>,
) -> Result<(CpuStorage, Shape)> {
    Ok((T::to_cpu_storage_owned(data), shape.into()))
}

/// The tensor with its elements in order; a transposed matrix is copied in parallel.
pub(crate) fn contiguous(x: &Tensor) -> Result<Tensor> {
    if x.is_contiguous() {
        Ok(x.clone())
    } else if is_transposed(x.layout())
        && (x.dtype() == DType::F32 || x.dtype() == DType::F64 && x.device().is_cpu())
    {
        if x.track_op() {
            x.apply_op1(CopyTransposed)
        } else {
            x.apply_op1_no_bwd(&CopyTransposed)
        }
    } else {
        x.contiguous()
    }
}

/// Whether a layout is that of a contiguous matrix seen transposed.
fn is_transposed(layout: &Layout) -> bool {
    matches!((layout.dims(), layout.stride()), (&[rows, _], &[1, stride]) if stride == rows)
}

/// Copies a transposed view of a matrix into order.
struct CopyTransposed;

impl CustomOp1 for CopyTransposed {
    fn name(&self) -> &'static str {
        "copy-transposed"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, columns) = layout.shape().dims2()?;
        with_element!(storage.dtype(), self.name(), T => {
            let from = &storage.as_slice::<T>()?[layout.start_offset()..][..rows * columns];
            output(kernels::transpose(from, columns, rows), (rows, columns))
        })
    }

    #[cfg(feature = "cuda-linked")]
    fn cuda_fwd(
        &self,
        storage: &candle_core::CudaStorage,
        layout: &Layout,
    ) -> Result<(candle_core::CudaStorage, Shape)> {
        let (rows, columns) = layout.shape().dims2()?;
        let there = Layout::contiguous_with_offset((columns, rows), layout.start_offset());
        let from = cuda::slice(storage, &there)?;
        let gpu = &storage.device;
        Ok(cuda::output(
            gpu,
            cuda::transpose(gpu, from, rows)?,
            (rows, columns),
        ))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(gradient.clone()))
    }
}
