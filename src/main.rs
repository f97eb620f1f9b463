//! The `gsae` program: parses the command line, runs it, prints the chain of causes of an error.

use std::process::ExitCode;

fn main() -> ExitCode {
    match gsae::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut cause = std::error::Error::source(&error);
            while let Some(inner) = cause {
                eprintln!("  because: {inner}");
                cause = inner.source();
            }
            ExitCode::FAILURE
        }
    }
}
