//! Opening GPUs.

use candle_core::cuda_backend::cudarc::driver::{self, sys};
use candle_core::{CudaDevice, Device};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The GPUs that were opened, by number.
static OPEN: Mutex<Option<HashMap<usize, Device>>> = Mutex::new(None);

/// A GPU, or why there is none: the end of a sentence that begins with its name.
pub(super) fn gpu(number: usize) -> Result<Device, String> {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    let open = open.get_or_insert_default();
    if let Some(device) = open.get(&number) {
        return Ok(device.clone());
    }
    #[cfg(all(feature = "cuda", target_os = "linux"))]
    super::libraries::check()?;
    // A stream of its own, not the one of the thread: refits may run on other threads.
    let device = Device::new_cuda_with_stream(number).map_err(|cause| refusal(number, &cause))?;
    if let Device::Cuda(device) = &device {
        // All work goes through that one stream, in order; nothing is to be waited for.
        unsafe { device.disable_event_tracking() };
        keep_memory(device);
    }
    open.insert(number, device.clone());
    Ok(device)
}

/// Lets the driver keep freed memory for the next batch, which needs as much again; by default it
/// returns all of it whenever the CPU waits for the GPU. Where that cannot be set, training is only
/// slower.
fn keep_memory(device: &CudaDevice) {
    let stream = device.cuda_stream();
    let mut most = u64::MAX;
    unsafe {
        if let Ok(pool) = driver::result::device::get_mem_pool(stream.context().cu_device()) {
            let threshold = sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
            let most = (&raw mut most).cast();
            let _ = driver::result::mem_pool::set_attribute(pool, threshold, most);
        }
    }
}

/// Why a GPU could not be opened.
fn refusal(number: usize, cause: &candle_core::Error) -> String {
    let cause = cause.to_string();
    let cause = cause.lines().next().unwrap_or_default();
    if cause.contains("INVALID_DEVICE") || cause.contains("NO_DEVICE") {
        format!(
            "does not exist: the driver sees no GPU of number {number} (CUDA_VISIBLE_DEVICES may \
             hide some). --device cpu trains without"
        )
    } else {
        format!(
            "cannot be opened: {cause}. Check `nvidia-smi`, and that the driver is for CUDA 13.0 \
             or later; --device cpu trains without"
        )
    }
}

/// `cuda:0 (its name)`.
pub(super) fn describe(device: &CudaDevice) -> String {
    let stream = device.cuda_stream();
    let context = stream.context();
    match context.name() {
        Ok(name) => format!("cuda:{} ({name})", context.ordinal()),
        Err(_) => format!("cuda:{}", context.ordinal()),
    }
}

/// The memory that can still be had, in bytes: what the driver has left, and what it keeps for
/// later although it was freed.
pub(super) fn free_memory(device: &CudaDevice) -> Option<u64> {
    let stream = device.cuda_stream();
    stream.synchronize().ok()?;
    let context = stream.context();
    let (free, _) = context.mem_get_info().ok()?;
    let mut kept = [0u64; 2];
    unsafe {
        if let Ok(pool) = driver::result::device::get_mem_pool(context.cu_device()) {
            let attributes = [
                sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT,
                sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_USED_MEM_CURRENT,
            ];
            for (own, attribute) in kept.iter_mut().zip(attributes) {
                let own = (&raw mut *own).cast();
                let _ = driver::result::mem_pool::get_attribute(pool, attribute, own);
            }
        }
    }
    let [reserved, used] = kept;
    Some(free as u64 + reserved.saturating_sub(used))
}
