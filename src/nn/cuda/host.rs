//! The host as a device: the kernels compiled as C++, for tests where no GPU is.

use super::{Arg, Gpu, Grid, Number, Slice};
use candle_core::{Error, Result};
use std::cell::UnsafeCell;
use std::ffi::{CString, c_char, c_int, c_uint, c_void};
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

type Launch =
    unsafe extern "C" fn(*const c_char, c_uint, c_uint, c_uint, *const *const c_void) -> c_int;

/// The kernels on the host.
pub(super) struct Host(Launch);

/// The kernels keep what they share in variables, so that one runs at a time.
static RUNNING: Mutex<()> = Mutex::new(());

impl Host {
    /// The compiled kernels; `None`, which is said, where there is no C++ compiler.
    pub(super) fn new() -> Option<Self> {
        static BUILT: OnceLock<std::result::Result<Launch, String>> = OnceLock::new();
        match BUILT.get_or_init(build) {
            Ok(launch) => Some(Self(*launch)),
            Err(reason) => {
                eprintln!("skipped: the GPU kernels were not compiled for the host: {reason}");
                None
            }
        }
    }

    pub(super) fn download<T: Number>(&self, memory: &Memory<T>) -> Vec<T> {
        // No kernel runs now: a launch returns when it is done.
        memory.0.iter().map(|cell| unsafe { *cell.get() }).collect()
    }
}

/// Compiles the kernels with the C++ compiler of the machine.
fn build() -> std::result::Result<Launch, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/nn/cuda/kernels/all.cu");
    let folder = tempfile::tempdir().map_err(|cause| cause.to_string())?;
    let library = folder.path().join("kernels.so");
    let compiler = std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    let output = Command::new(&compiler)
        .args([
            "-x",
            "c++",
            "-std=c++17",
            "-O1",
            "-DGSAE_HOST",
            "-shared",
            "-fPIC",
        ])
        .arg("-o")
        .arg(&library)
        .arg(&source)
        .output()
        .map_err(|cause| format!("{compiler}: {cause}"))?;
    assert!(
        output.status.success(),
        "the kernels do not compile for the host:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let path = CString::new(library.to_string_lossy().as_bytes()).map_err(|e| e.to_string())?;
    // The library stays loaded when its file is gone.
    let symbol = unsafe {
        let handle = libc::dlopen(path.as_ptr(), libc::RTLD_NOW);
        assert!(!handle.is_null(), "the compiled kernels cannot be loaded");
        libc::dlsym(handle, c"gsae_host_launch".as_ptr())
    };
    assert!(!symbol.is_null(), "the compiled kernels lack their entry");
    Ok(unsafe { std::mem::transmute::<*mut c_void, Launch>(symbol) })
}

/// Numbers that kernels change behind a shared reference.
pub(super) struct Memory<T>(Vec<UnsafeCell<T>>);

impl Gpu for Host {
    type Memory<T: Number> = Memory<T>;

    /// All bits are set, which makes floats no numbers, so that what a kernel leaves out shows.
    fn empty<T: Number>(&self, len: usize) -> Result<Memory<T>> {
        let mut values = Vec::with_capacity(len);
        for _ in 0..len {
            let mut value = std::mem::MaybeUninit::<T>::uninit();
            // Any bits are a number of these types.
            let value = unsafe {
                std::ptr::write_bytes(value.as_mut_ptr(), 0xff, 1);
                value.assume_init()
            };
            values.push(UnsafeCell::new(value));
        }
        Ok(Memory(values))
    }

    fn upload<T: Number>(&self, values: &[T]) -> Result<Memory<T>> {
        Ok(Memory(
            values.iter().map(|value| UnsafeCell::new(*value)).collect(),
        ))
    }

    fn slice<T: Number>(&self, memory: &Memory<T>) -> Slice<T> {
        Slice::new(memory.0.as_ptr() as u64, memory.0.len())
    }

    fn launch(&self, kernel: &'static str, grid: Grid, arguments: &[Arg]) -> Result<()> {
        if grid.is_empty() {
            return Ok(());
        }
        let name = CString::new(kernel).map_err(Error::wrap)?;
        let arguments: Vec<*const c_void> = arguments.iter().map(Arg::bytes).collect();
        let _alone = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = unsafe {
            (self.0)(
                name.as_ptr(),
                grid.blocks.0,
                grid.blocks.1,
                grid.threads,
                arguments.as_ptr(),
            )
        };
        match outcome {
            0 => Ok(()),
            1 => candle_core::bail!("there is no kernel {kernel}"),
            _ => candle_core::bail!("threads of {kernel} wait for each other forever"),
        }
    }
}
