//! Where models are trained: the CPU, or a CUDA GPU.
//!
//! The cargo feature `cuda` adds the GPU. A program built with it needs NVIDIA's driver and the
//! libraries cuBLAS and cuRAND only when a GPU is asked for; they are loaded then, so that the same
//! program runs on machines without. For that this crate defines the functions of those names, and
//! stands in for CUDA's runtime library, which nothing here uses. A program that uses CUDA in other
//! ways, too, takes the feature `cuda-linked` instead: the same, with NVIDIA's libraries linked.

#[cfg(all(feature = "cuda", target_os = "linux"))]
mod libraries;
#[cfg(feature = "cuda-linked")]
mod open;
#[cfg(all(feature = "cuda", target_os = "linux"))]
mod runtime;

use crate::error::{Error, Result};
use candle_core::Device;
use std::fmt;
use std::str::FromStr;

/// Which device trains.
///
/// ```
/// use gsae::DeviceChoice;
///
/// assert_eq!("cuda:1".parse::<DeviceChoice>()?, DeviceChoice::Cuda(1));
/// assert!("cpu".parse::<DeviceChoice>()?.open()?.is_cpu());
/// assert!("gpu".parse::<DeviceChoice>().is_err());
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The first GPU if this program can use one, otherwise the CPU.
    Auto,
    /// The CPU.
    #[default]
    Cpu,
    /// The CUDA GPU of this number, counted from 0 in CUDA's order: the fastest first, or, with
    /// `CUDA_DEVICE_ORDER=PCI_BUS_ID` in the environment, as `nvidia-smi` does.
    Cuda(usize),
}

impl DeviceChoice {
    /// The device. Every GPU is opened once and then shared, so that refits on it share its memory
    /// and its compiled kernels.
    ///
    /// # Errors
    /// [`Error::Config`] if a GPU is asked for and cannot be used, with the reason.
    pub fn open(self) -> Result<Device> {
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Auto => Ok(gpu(0).unwrap_or(Device::Cpu)),
            Self::Cuda(number) => {
                gpu(number).map_err(|reason| Error::config("--device", format!("{self} {reason}")))
            }
        }
    }
}

/// What a device is called: `cpu`, or `cuda:0 (NVIDIA H100 80GB HBM3)`.
pub fn describe(device: &Device) -> String {
    match device {
        Device::Cpu => "cpu".to_owned(),
        #[cfg(feature = "cuda-linked")]
        Device::Cuda(device) => open::describe(device),
        other => format!("{other:?}"),
    }
}

/// The free memory of a GPU, in bytes; `None` of the CPU.
pub(crate) fn free_memory(device: &Device) -> Option<u64> {
    match device {
        #[cfg(feature = "cuda-linked")]
        Device::Cuda(device) => open::free_memory(device),
        _ => None,
    }
}

/// Why [`DeviceChoice::Auto`] takes the CPU where this program could use a GPU and the machine has
/// NVIDIA's driver; `None` where nobody would expect a GPU.
pub(crate) fn why_no_gpu() -> Option<String> {
    #[cfg(all(feature = "cuda", target_os = "linux"))]
    if libraries::has_driver() {
        return gpu(0).err();
    }
    None
}

#[cfg(feature = "cuda-linked")]
use open::gpu;

/// A GPU, or why there is none: the end of a sentence that begins with its name.
#[cfg(not(feature = "cuda-linked"))]
fn gpu(_: usize) -> std::result::Result<Device, String> {
    Err(
        "needs a gsae that was built for it: `cargo build --release --features cuda` with \
         NVIDIA's compiler (README, \"On a GPU\"). Without --device the CPU trains"
            .to_owned(),
    )
}

impl FromStr for DeviceChoice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once(':') {
            None if text == "auto" => Ok(Self::Auto),
            None if text == "cpu" => Ok(Self::Cpu),
            None if text == "cuda" => Ok(Self::Cuda(0)),
            Some(("cuda", number)) if number.parse::<u16>().is_ok() => {
                Ok(Self::Cuda(number.parse::<u16>().unwrap_or_default().into()))
            }
            _ => Err(Error::config(
                "--device",
                format!("is {text:?}; use auto, cpu, cuda, or cuda:N for the GPU of that number"),
            )),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
        }
    }
}
