//! With the feature `cuda`: compiles the GPU kernels, and lets the program link without NVIDIA's
//! libraries, which it loads when it needs them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Where the kernels are.
const KERNELS: &str = "src/nn/cuda/kernels";

/// Machine code for Hopper, and code that the driver compiles for any GPU since Turing.
const TARGETS: [&str; 2] = [
    "-gencode=arch=compute_90,code=sm_90",
    "-gencode=arch=compute_75,code=compute_75",
];

/// Libraries that candle asks the linker for. Their functions are defined in `src/device`, so that
/// empty ones will do.
const LIBRARIES: [&str; 6] = ["cuda", "cudart", "nvrtc", "curand", "cublas", "cublasLt"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_CUDA_LINKED").is_none() {
        return;
    }
    println!("cargo::rerun-if-changed={KERNELS}");
    for variable in [
        "NVCC",
        "CUDA_HOME",
        "CUDA_PATH",
        "CUDA_ROOT",
        "NVCC_CCBIN",
        "NVCC_PREPEND_FLAGS",
        "NVCC_APPEND_FLAGS",
    ] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let Some(out) = env::var_os("OUT_DIR").map(PathBuf::from) else {
        println!("cargo::error=cargo gave no OUT_DIR");
        return;
    };
    if let Err(reason) = compile(&out).and_then(|()| link(&out)) {
        println!("cargo::error={reason}");
    }
}

/// Compiles the kernels to one file that holds them for all targets.
fn compile(out: &Path) -> Result<(), String> {
    let nvcc = nvcc();
    let output = Command::new(&nvcc)
        .args(["-O3", "-std=c++17", "-fatbin"])
        .args(TARGETS)
        .arg("-o")
        .arg(out.join("kernels.fatbin"))
        .arg(Path::new(KERNELS).join("all.cu"))
        .output()
        .map_err(|cause| {
            format!(
                "the feature cuda needs NVIDIA's compiler, and {} did not start: {cause}. See \"On \
                 a GPU\" in README.md",
                nvcc.display()
            )
        })?;
    if output.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&output.stderr).replace('\n', " ");
    Err(format!("{} failed: {message}", nvcc.display()))
}

fn nvcc() -> PathBuf {
    if let Some(named) = env::var_os("NVCC").filter(|named| !named.is_empty()) {
        return named.into();
    }
    for root in ["CUDA_HOME", "CUDA_PATH", "CUDA_ROOT"] {
        if let Some(root) = env::var_os(root) {
            let path = Path::new(&root).join("bin/nvcc");
            if path.exists() {
                return path;
            }
        }
    }
    "nvcc".into()
}

/// Writes empty libraries for the linker to find.
fn link(out: &Path) -> Result<(), String> {
    let standalone = env::var_os("CARGO_FEATURE_CUDA").is_some();
    if !standalone || env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return Ok(());
    }
    let folder = out.join("empty");
    let written = fs::create_dir_all(&folder).and_then(|()| {
        LIBRARIES.iter().try_for_each(|library| {
            // An archive of nothing.
            fs::write(folder.join(format!("lib{library}.a")), "!<arch>\n")
        })
    });
    written.map_err(|cause| format!("{} cannot be written: {cause}", folder.display()))?;
    println!("cargo::rustc-link-search=native={}", folder.display());
    Ok(())
}
