//! How gene sets are fetched, within which bounds, and who hears of the progress.

use crate::error::{Error, Result};
use std::str::FromStr;
use std::time::Duration;

/// The bounds within which a server is believed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Most bytes of a download, and most bytes of what is unpacked from it.
    pub max_bytes: u64,
    /// Most redirects of a request.
    pub redirects: usize,
    /// Longest wait for a connection.
    pub connect: Duration,
    /// Longest silence of a server.
    pub silence: Duration,
    /// A connection that brings less than [`min_bytes`](Self::min_bytes) in this time is given
    /// up, and resumed.
    pub window: Duration,
    /// See [`window`](Self::window).
    pub min_bytes: u64,
    /// Longest time for one file, all attempts and waits together.
    pub total: Duration,
    /// Further attempts after the first.
    pub retries: u32,
    /// Wait before the second attempt, doubled before every further one.
    pub first_wait: Duration,
    /// Longest wait that a server may ask for.
    pub longest_wait: Duration,
}

impl Default for Limits {
    /// 1 GiB, 5 redirects, 20 s to connect, 30 s of silence, 32 KiB in 30 s, half an hour in
    /// all, 4 retries after 1, 2, 4 and 8 s, at most 2 minutes of a server's asking.
    fn default() -> Self {
        Self {
            max_bytes: 1 << 30,
            redirects: 5,
            connect: Duration::from_secs(20),
            silence: Duration::from_secs(30),
            window: Duration::from_secs(30),
            min_bytes: 32 << 10,
            total: Duration::from_secs(30 * 60),
            retries: 4,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(120),
        }
    }
}

/// The form in which MSigDB is asked for its sets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SourceFormat {
    /// GMT: the description is a web address.
    #[default]
    Gmt,
    /// JSON: the description is the id at the set's own source, which hierarchies use.
    Json,
}

impl FromStr for SourceFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "gmt" => Ok(Self::Gmt),
            "json" => Ok(Self::Json),
            _ => Err(Error::config(
                "--format",
                format!("is gmt or json, not {text:?}"),
            )),
        }
    }
}

/// How gene sets are fetched.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FetchOptions {
    /// Never touch the network: what is not in the cache is an error.
    pub offline: bool,
    /// Download again what is in the cache.
    pub refresh: bool,
    /// A mirror in place of the source's own address.
    pub base_url: Option<String>,
    /// The SHA-256 that the file with the gene sets must have, in hex.
    pub sha256: Option<String>,
    /// The form that is asked for, where there is a choice.
    pub format: SourceFormat,
    /// The bounds.
    pub limits: Limits,
}

impl FetchOptions {
    /// Whether the environment asks to stay off the network: `GSAE_OFFLINE` is set to anything
    /// but nothing, `0` or `false`.
    pub fn offline_by_environment() -> bool {
        std::env::var("GSAE_OFFLINE")
            .is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
    }
}

/// Hears how a fetch goes on.
pub trait FetchProgress {
    /// A file begins, with its size if the server says it, of which `present` bytes were there.
    fn start(&mut self, _url: &str, _total: Option<u64>, _present: u64) {}
    /// Bytes arrived.
    fn advance(&mut self, _bytes: u64) {}
    /// The file is complete, or given up.
    fn finish(&mut self) {}
    /// A remark: a retry, a wait, a file that is used from the cache.
    fn note(&mut self, _message: &str) {}
}

/// Hears and says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct SilentFetch;

impl FetchProgress for SilentFetch {}
