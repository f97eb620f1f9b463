//! candle's CUDA device as one that runs the kernels.

use super::{Arg, Gpu, Grid, Number, Slice};
use candle_core::cuda_backend::CudaError;
use candle_core::cuda_backend::DeviceId;
use candle_core::cuda_backend::cudarc::driver::{self, CudaFunction, CudaSlice, DevicePtr};
use candle_core::cuda_backend::cudarc::nvrtc::Ptx;
use candle_core::{CudaDevice, Result};
use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::{Mutex, PoisonError};

/// The compiled kernels, for all targets.
static KERNELS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/kernels.fatbin"));

/// The kernels of every device in use, by name.
static LOADED: Mutex<Option<HashMap<DeviceId, Functions>>> = Mutex::new(None);

struct Functions {
    module: std::sync::Arc<driver::CudaModule>,
    by_name: HashMap<&'static str, CudaFunction>,
}

fn driver_error(cause: driver::DriverError) -> candle_core::Error {
    CudaError::Cuda(cause).into()
}

fn function(device: &CudaDevice, name: &'static str) -> Result<CudaFunction> {
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let devices = loaded.get_or_insert_default();
    let functions = match devices.entry(device.id()) {
        std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
        std::collections::hash_map::Entry::Vacant(entry) => {
            let image = Ptx::from_binary(KERNELS.to_vec());
            let context = device.cuda_stream().context().clone();
            entry.insert(Functions {
                module: context.load_module(image).map_err(driver_error)?,
                by_name: HashMap::new(),
            })
        }
    };
    if let Some(function) = functions.by_name.get(name) {
        return Ok(function.clone());
    }
    let function = functions.module.load_function(name).map_err(driver_error)?;
    functions.by_name.insert(name, function.clone());
    Ok(function)
}

impl Gpu for CudaDevice {
    type Memory<T: Number> = CudaSlice<T>;

    fn empty<T: Number>(&self, len: usize) -> Result<CudaSlice<T>> {
        // The driver refuses to give room for nothing.
        unsafe { self.alloc(len.max(1)) }
    }

    fn upload<T: Number>(&self, values: &[T]) -> Result<CudaSlice<T>> {
        if values.is_empty() {
            return self.empty(0);
        }
        self.clone_htod(values)
    }

    fn slice<T: Number>(&self, memory: &CudaSlice<T>) -> Slice<T> {
        let (address, _) = memory.device_ptr(memory.stream());
        Slice::new(address, memory.len())
    }

    fn launch(&self, kernel: &'static str, grid: Grid, arguments: &[Arg]) -> Result<()> {
        if grid.is_empty() {
            return Ok(());
        }
        let function = function(self, kernel)?;
        let stream = self.cuda_stream();
        stream.context().bind_to_thread().map_err(driver_error)?;
        let mut arguments: Vec<*mut c_void> =
            arguments.iter().map(|own| own.bytes().cast_mut()).collect();
        // The arguments are those of the kernel: the tests launch the same ones on the host.
        unsafe {
            driver::result::launch_kernel(
                function.cu_function(),
                (grid.blocks.0, grid.blocks.1, 1),
                (grid.threads, 1, 1),
                0,
                stream.cu_stream(),
                &mut arguments,
            )
        }
        .map_err(driver_error)
    }
}
