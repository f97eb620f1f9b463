//! CUDA's runtime library, absent on purpose.
//!
//! candle's quantised kernels, which no model here uses, are the only code that calls it, and they
//! register themselves with it when the program starts. The functions of those names are defined
//! here, so that the library is not needed: registration does nothing, and every other call fails
//! with cudaErrorNotSupported.

#![allow(non_snake_case)]

use std::ffi::c_char;

/// cudaErrorNotSupported.
const NOT_SUPPORTED: usize = 801;

/// Something for a handle to point to.
static HANDLE: usize = 0;

#[unsafe(no_mangle)]
extern "C" fn __cudaRegisterFatBinary() -> *const usize {
    &raw const HANDLE
}

#[unsafe(no_mangle)]
extern "C" fn cudaGetErrorString() -> *const c_char {
    c"CUDA's runtime library is not part of gsae".as_ptr()
}

#[unsafe(no_mangle)]
extern "C" fn cudaGetErrorName() -> *const c_char {
    c"cudaErrorNotSupported".as_ptr()
}

/// Defines functions that ignore their arguments and return a number.
macro_rules! absent {
    ($result:expr, $($name:ident)*) => {
        $(
            #[unsafe(no_mangle)]
            extern "C" fn $name() -> usize {
                $result
            }
        )*
    };
}

absent! { 0,
    __cudaRegisterFatBinaryEnd __cudaRegisterFunction __cudaRegisterVar __cudaUnregisterFatBinary
}

absent! { NOT_SUPPORTED,
    __cudaGetKernel __cudaLaunchKernel __cudaLaunchKernel_ptsz __cudaPopCallConfiguration
    __cudaPushCallConfiguration cudaDeviceGetAttribute cudaFree cudaFreeAsync cudaFreeAsync_ptsz
    cudaFuncGetAttributes cudaFuncSetAttribute cudaGetDevice cudaGetDeviceCount cudaGetLastError
    cudaLaunchKernel cudaLaunchKernel_ptsz cudaMalloc cudaMallocAsync cudaMallocAsync_ptsz
    cudaMemsetAsync cudaMemsetAsync_ptsz cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags
    cudaPeekAtLastError cudaSetDevice cudaStreamSynchronize cudaStreamSynchronize_ptsz
}
