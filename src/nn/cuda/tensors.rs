//! From candle's tensors on a GPU to what the kernels take, and back.

use super::pattern::DeviceMask;
use super::{Gpu, Slice};
use crate::mask::Mask;
use candle_core::cuda_backend::cudarc::driver::CudaSlice;
use candle_core::cuda_backend::{CudaDType, DeviceId};
use candle_core::op::BackpropOp;
use candle_core::{CudaDevice, CudaStorage, Device, Error, Layout, Result, Shape, Storage, Tensor};
use std::sync::Arc;

/// The numbers of a contiguous tensor's storage.
pub(crate) fn slice<T: CudaDType + super::Number>(
    storage: &CudaStorage,
    layout: &Layout,
) -> Result<Slice<T>> {
    let Some((start, end)) = layout.contiguous_offsets() else {
        return Err(Error::RequiresContiguous { op: "gsae" });
    };
    let all = storage.device.slice(storage.as_cuda_slice::<T>()?);
    Ok(all.part(start..end))
}

/// Calls `f` with the device of f32 tensors that are contiguous, and with their numbers.
pub(crate) fn with_slices<R, const N: usize>(
    tensors: [&Tensor; N],
    f: impl FnOnce(&CudaDevice, [Slice<f32>; N]) -> Result<R>,
) -> Result<R> {
    let guards = tensors.map(Tensor::storage_and_layout);
    let mut device = None;
    let mut slices = [Slice::new(0, 0); N];
    for (place, (storage, layout)) in slices.iter_mut().zip(&guards) {
        let Storage::Cuda(storage) = &**storage else {
            candle_core::bail!("a tensor in main memory among those on the GPU");
        };
        *place = slice(storage, layout)?;
        device = Some(&storage.device);
    }
    match device {
        Some(device) => f(device, slices),
        None => candle_core::bail!("no tensor on a GPU"),
    }
}

/// The storage and shape that a custom operation returns.
pub(crate) fn output<T: CudaDType>(
    device: &CudaDevice,
    numbers: CudaSlice<T>,
    shape: impl Into<Shape>,
) -> (CudaStorage, Shape) {
    let storage = CudaStorage::wrap_cuda_slice(numbers, device.clone());
    (storage, shape.into())
}

/// A tensor around numbers on a GPU.
pub(crate) fn tensor<T: CudaDType>(
    device: &CudaDevice,
    numbers: CudaSlice<T>,
    shape: impl Into<Shape>,
) -> Tensor {
    let (storage, shape) = output(device, numbers, shape);
    tensor_of(storage, shape)
}

/// A tensor around a storage.
pub(crate) fn tensor_of(storage: CudaStorage, shape: Shape) -> Tensor {
    Tensor::from_storage(Storage::Cuda(storage), shape, BackpropOp::none(), false)
}

/// A mask on a GPU.
pub(crate) struct MaskOnGpu {
    device: DeviceId,
    pub mask: DeviceMask<CudaDevice>,
}

/// The copy of a mask on a GPU, made at the first use.
pub(crate) fn mask_on(device: &CudaDevice, mask: &Mask) -> Result<Arc<MaskOnGpu>> {
    mask.companion(
        |copy: &MaskOnGpu| copy.device == device.id(),
        || {
            Ok(MaskOnGpu {
                device: device.id(),
                mask: DeviceMask::new(device, mask)?,
            })
        },
    )
}

/// The GPU of a tensor.
pub(crate) fn gpu_of(tensor: &Tensor) -> Option<CudaDevice> {
    match tensor.device() {
        Device::Cuda(device) => Some(device.clone()),
        _ => None,
    }
}

/// The numbers of an f32 tensor as f64.
pub(crate) fn widened(tensor: &Tensor) -> Result<CudaSlice<f64>> {
    let wide = tensor.to_dtype(candle_core::DType::F64)?.contiguous()?;
    let (storage, _) = wide.storage_and_layout();
    match &*storage {
        Storage::Cuda(storage) => storage
            .as_cuda_slice::<f64>()?
            .try_clone()
            .map_err(|cause| candle_core::cuda_backend::CudaError::Cuda(cause).into()),
        _ => candle_core::bail!("a tensor in main memory where one on a GPU is needed"),
    }
}

/// Scales contiguous gradients in place so that their common norm is at most `limit`; the norm they
/// had, an f64 scalar.
pub(crate) fn clip(gpu: &CudaDevice, gradients: &[Tensor], limit: f64) -> Result<Tensor> {
    let guards: Vec<_> = gradients.iter().map(Tensor::storage_and_layout).collect();
    let slices = guards.iter().map(|(storage, layout)| match &**storage {
        Storage::Cuda(storage) => slice(storage, layout),
        _ => candle_core::bail!("a gradient in main memory among those on the GPU"),
    });
    let norm = super::clip_gradients(gpu, &slices.collect::<Result<Vec<_>>>()?, limit)?;
    Ok(tensor(gpu, norm, ()))
}
