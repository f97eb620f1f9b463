//! Cryptography for https: graviola, which is built by Rust alone (its assembler is inline), where
//! the processor has what it needs.

use crate::error::{Error, Result};

/// Makes sure that this process has a cryptography provider; one that the program installed
/// before stays.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(super) fn provide() -> Result<()> {
    if rustls::crypto::CryptoProvider::get_default().is_some() {
        return Ok(());
    }
    if !processor_suffices() {
        return Err(unsupported());
    }
    // Another thread may have been faster: then there is a provider all the same.
    let _ = rustls_graviola::default_provider().install_default();
    Ok(())
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn provide() -> Result<()> {
    Err(unsupported())
}

/// What graviola's documentation asks of the processor: Intel since Broadwell, AMD since Zen.
#[cfg(target_arch = "x86_64")]
fn processor_suffices() -> bool {
    is_x86_feature_detected!("aes")
        && is_x86_feature_detected!("ssse3")
        && is_x86_feature_detected!("avx")
        && is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("adx")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("pclmulqdq")
}

#[cfg(target_arch = "aarch64")]
fn processor_suffices() -> bool {
    use std::arch::is_aarch64_feature_detected;
    is_aarch64_feature_detected!("aes")
        && is_aarch64_feature_detected!("sha2")
        && is_aarch64_feature_detected!("pmull")
        && is_aarch64_feature_detected!("neon")
}

fn unsupported() -> Error {
    Error::data(
        "this processor lacks the instructions that gsae's cryptography needs",
        "Download the file with another program and give its path to --gene-sets.",
    )
}
