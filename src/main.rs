//! The `gsae` program: parses the command line, runs it, prints the chain of causes of an error.

use std::io::Write;
use std::process::ExitCode;

/// How many threads candle's own pool has.
const CANDLE_THREADS: &str = "CANDLE_NUM_THREADS";

fn main() -> ExitCode {
    // The heavy work is done on rayon's threads. Candle's, one for every core of the machine, would
    // spin between its operations and take the cores from them.
    if std::env::var_os(CANDLE_THREADS).is_none() {
        // SAFETY: this is the only thread, so none reads the environment meanwhile.
        unsafe { std::env::set_var(CANDLE_THREADS, "1") };
    }
    keep_freed_memory();
    match gsae::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to do where nobody reads it.
            let _ = writeln!(std::io::stderr(), "{}", gsae::cli::explain(&error));
            ExitCode::FAILURE
        }
    }
}

/// Lets glibc reuse the buffers of a training step, some MB each, in the next one. By its defaults it
/// returns them to the system, which clears every page of them anew.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn keep_freed_memory() {
    /// Larger ones, such as whole matrices, are still returned.
    const LARGEST_BUFFER: i32 = 256 << 20;
    /// glibc before 2.27 takes no more than this.
    const LARGEST_IN_OLD: i32 = 32 << 20;
    // SAFETY: there is one thread, and `mallopt` changes nothing that is allocated already.
    unsafe {
        if libc::mallopt(libc::M_MMAP_THRESHOLD, LARGEST_BUFFER) == 0 {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGEST_IN_OLD);
        }
        libc::mallopt(libc::M_TRIM_THRESHOLD, 2 * LARGEST_BUFFER);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn keep_freed_memory() {}
