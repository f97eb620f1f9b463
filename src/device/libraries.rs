//! NVIDIA's libraries, loaded when they are needed.
//!
//! candle calls them as if the program were linked with them, which would keep it from starting
//! where they are not. The functions of those names are defined here instead: each finds the real
//! one in its library at its first call and passes its arguments on. Integers and pointers are
//! passed alike by the calling conventions of Linux, whatever their width. Without
//! the library a function returns an error, as if it had not been initialised.

#![allow(non_snake_case)]

use std::ffi::{CString, c_void};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

/// A library of NVIDIA's.
struct Library {
    /// What it is called in messages.
    name: &'static str,
    /// The names of its file, the newest first.
    files: &'static [&'static str],
    /// What its functions return if it is not there.
    missing: usize,
    handle: OnceLock<Result<usize, String>>,
}

/// The driver; its functions return CUDA_ERROR_NOT_INITIALIZED.
static DRIVER: Library = Library::new("the NVIDIA driver", &["libcuda.so.1", "libcuda.so"], 3);
/// cuBLAS; its functions return CUBLAS_STATUS_NOT_INITIALIZED.
static CUBLAS: Library = Library::new(
    "cuBLAS",
    &["libcublas.so.13", "libcublas.so.12", "libcublas.so"],
    1,
);
/// cuRAND; its functions return CURAND_STATUS_NOT_INITIALIZED.
static CURAND: Library = Library::new("cuRAND", &["libcurand.so.10", "libcurand.so"], 101);

/// Loads all of them, or says which is missing: the end of a sentence about a GPU.
pub(super) fn check() -> Result<(), String> {
    for library in [&DRIVER, &CUBLAS, &CURAND] {
        library.load()?;
    }
    Ok(())
}

/// Whether the driver is there.
pub(super) fn has_driver() -> bool {
    DRIVER.load().is_ok()
}

impl Library {
    const fn new(name: &'static str, files: &'static [&'static str], missing: usize) -> Self {
        Self {
            name,
            files,
            missing,
            handle: OnceLock::new(),
        }
    }

    /// The library's handle, an address that is not 0.
    fn load(&self) -> Result<usize, String> {
        self.handle.get_or_init(|| self.find()).clone()
    }

    fn find(&self) -> Result<usize, String> {
        let folders = folders();
        for file in self.files {
            let plain = std::iter::once(PathBuf::from(file));
            for path in plain.chain(folders.iter().map(|folder| folder.join(file))) {
                let Ok(path) = CString::new(path.into_os_string().into_encoded_bytes()) else {
                    continue;
                };
                let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
                if !handle.is_null() {
                    return Ok(handle as usize);
                }
            }
        }
        let Self { name, files, .. } = self;
        Err(format!(
            "cannot be used: {name} ({}) was not found on this machine. Name its folder in \
             LD_LIBRARY_PATH or CUDA_HOME if it is installed; --device cpu trains without",
            files[0]
        ))
    }

    /// A function's address; `None` if the library or the function is missing.
    fn function(&self, name: &str) -> Option<usize> {
        let handle = self.load().ok()?;
        let name = CString::new(name).ok()?;
        let address = unsafe { libc::dlsym(handle as *mut c_void, name.as_ptr()) };
        (!address.is_null()).then_some(address as usize)
    }
}

/// Where CUDA is usually installed, beside where the system looks.
fn folders() -> Vec<PathBuf> {
    let named = ["CUDA_HOME", "CUDA_PATH", "CUDA_ROOT"];
    let named = named.iter().filter_map(std::env::var_os).map(PathBuf::from);
    let roots = named.chain([PathBuf::from("/usr/local/cuda"), PathBuf::from("/opt/cuda")]);
    roots
        .flat_map(|root| [root.join("lib64"), root.join("lib")])
        .collect()
}

/// Defines functions that pass their arguments on to those of the same name in a library.
macro_rules! forward {
    ($library:ident, $($name:ident($($argument:ident)*);)*) => {
        $(forward_typed! { $library, $name($($argument: usize),*) })*
    };
}

/// The same for a function whose arguments are not all integers or pointers.
macro_rules! forward_typed {
    ($library:ident, $name:ident($($argument:ident: $type:ty),*)) => {
        #[unsafe(no_mangle)]
        #[allow(clippy::many_single_char_names, clippy::too_many_arguments)]
        unsafe extern "C" fn $name($($argument: $type),*) -> usize {
            static ADDRESS: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());
            let mut address = ADDRESS.load(Ordering::Acquire);
            if address.is_null() {
                let Some(found) = $library.function(stringify!($name)) else {
                    return $library.missing;
                };
                address = found as *mut c_void;
                ADDRESS.store(address, Ordering::Release);
            }
            type Function = unsafe extern "C" fn($($type),*) -> usize;
            let function = unsafe { std::mem::transmute::<*mut c_void, Function>(address) };
            unsafe { function($($argument),*) }
        }
    };
}

forward! { DRIVER,
    cuCtxCreate_v3(a b c d e);
    cuCtxCreate_v4(a b c d);
    cuCtxDestroy_v2(a);
    cuCtxGetCacheConfig(a);
    cuCtxGetCurrent(a);
    cuCtxGetLimit(a b);
    cuCtxGetStreamPriorityRange(a b);
    cuCtxSetCacheConfig(a);
    cuCtxSetCurrent(a);
    cuCtxSetFlags(a);
    cuCtxSetLimit(a b);
    cuCtxSynchronize();
    cuDestroyExternalMemory(a);
    cuDeviceGet(a b);
    cuDeviceGetAttribute(a b c);
    cuDeviceGetCount(a);
    cuDeviceGetDefaultMemPool(a b);
    cuDeviceGetMemPool(a b);
    cuDeviceGetName(a b c);
    cuDeviceGetUuid(a b);
    cuDeviceGetUuid_v2(a b);
    cuDevicePrimaryCtxRelease_v2(a);
    cuDevicePrimaryCtxRetain(a b);
    cuDeviceSetMemPool(a b);
    cuDeviceTotalMem_v2(a b);
    cuEventCreate(a b);
    cuEventDestroy_v2(a);
    cuEventElapsedTime(a b c);
    cuEventElapsedTime_v2(a b c);
    cuEventQuery(a);
    cuEventRecord(a b);
    cuEventSynchronize(a);
    cuExternalMemoryGetMappedBuffer(a b c);
    cuFuncGetAttribute(a b c);
    cuFuncSetAttribute(a b c);
    cuFuncSetCacheConfig(a b);
    cuGetErrorName(a b);
    cuGetErrorString(a b);
    cuGraphDestroy(a);
    cuGraphExecDestroy(a);
    cuGraphInstantiateWithFlags(a b c);
    cuGraphLaunch(a b);
    cuGraphUpload(a b);
    cuImportExternalMemory(a b);
    cuInit(a);
    cuLaunchCooperativeKernel(a b c d e f g h i j);
    cuLaunchHostFunc(a b c);
    cuLaunchKernel(a b c d e f g h i j k);
    cuMemAdvise(a b c d);
    cuMemAdvise_v2(a b c d);
    cuMemAllocAsync(a b c);
    cuMemAllocFromPoolAsync(a b c d);
    cuMemAllocManaged(a b c);
    cuMemAlloc_v2(a b);
    cuMemFreeAsync(a b);
    cuMemFreeHost(a);
    cuMemFree_v2(a);
    cuMemGetInfo_v2(a b);
    cuMemHostAlloc(a b c);
    cuMemPoolCreate(a b);
    cuMemPoolDestroy(a);
    cuMemPoolGetAttribute(a b c);
    cuMemPoolSetAttribute(a b c);
    cuMemPoolTrimTo(a b);
    cuMemPrefetchAsync(a b c d);
    cuMemPrefetchAsync_v2(a b c d e);
    cuMemcpyDtoDAsync_v2(a b c d);
    cuMemcpyDtoD_v2(a b c);
    cuMemcpyDtoHAsync_v2(a b c d);
    cuMemcpyDtoH_v2(a b c);
    cuMemcpyHtoDAsync_v2(a b c d);
    cuMemcpyHtoD_v2(a b c);
    cuMemcpyPeerAsync(a b c d e f);
    cuMemsetD8Async(a b c d);
    cuMemsetD8_v2(a b c);
    cuModuleGetFunction(a b c);
    cuModuleGetGlobal_v2(a b c d);
    cuModuleLoad(a b);
    cuModuleLoadData(a b);
    cuModuleUnload(a);
    cuOccupancyAvailableDynamicSMemPerBlock(a b c d);
    cuOccupancyMaxActiveBlocksPerMultiprocessor(a b c d);
    cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(a b c d e);
    cuOccupancyMaxPotentialBlockSize(a b c d e f);
    cuOccupancyMaxPotentialBlockSizeWithFlags(a b c d e f g);
    cuStreamAttachMemAsync(a b c d);
    cuStreamBeginCapture_v2(a b);
    cuStreamCreate(a b);
    cuStreamCreateWithPriority(a b c);
    cuStreamDestroy_v2(a);
    cuStreamEndCapture(a b);
    cuStreamIsCapturing(a b);
    cuStreamSynchronize(a);
    cuStreamWaitEvent(a b c);
}

forward! { CUBLAS,
    cublasCreate_v2(a);
    cublasDasum_v2(a b c d e);
    cublasDestroy_v2(a);
    cublasDgemmStridedBatched(a b c d e f g h i j k l m n o p q r);
    cublasDgemm_v2(a b c d e f g h i j k l m n);
    cublasDgemv_v2(a b c d e f g h i j k l);
    cublasGemmEx(a b c d e f g h i j k l m n o p q r s);
    cublasGemmStridedBatchedEx(a b c d e f g h i j k l m n o p q r s t u v w);
    cublasSasum_v2(a b c d e);
    cublasSetStream_v2(a b);
    cublasSgemmStridedBatched(a b c d e f g h i j k l m n o p q r);
    cublasSgemm_v2(a b c d e f g h i j k l m n);
    cublasSgemv_v2(a b c d e f g h i j k l);
}

forward! { CURAND,
    curandCreateGenerator(a b);
    curandDestroyGenerator(a);
    curandGenerate(a b c);
    curandGenerateLongLong(a b c);
    curandGenerateUniform(a b c);
    curandGenerateUniformDouble(a b c);
    curandSetGeneratorOffset(a b);
    curandSetPseudoRandomGeneratorSeed(a b);
    curandSetStream(a b);
}

forward_typed! { CURAND, curandGenerateNormal(a: usize, b: usize, c: usize, d: f32, e: f32) }
forward_typed! { CURAND, curandGenerateNormalDouble(a: usize, b: usize, c: usize, d: f64, e: f64) }
forward_typed! { CURAND, curandGenerateLogNormal(a: usize, b: usize, c: usize, d: f32, e: f32) }
forward_typed! { CURAND, curandGenerateLogNormalDouble(a: usize, b: usize, c: usize, d: f64, e: f64) }
forward_typed! { CURAND, curandGeneratePoisson(a: usize, b: usize, c: usize, d: f64) }
