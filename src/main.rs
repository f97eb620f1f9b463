//! The `gsae` program: parses the command line, runs it, prints the chain of causes of an error.

use std::process::ExitCode;

fn main() -> ExitCode {
    match gsae::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", gsae::cli::explain(&error));
            ExitCode::FAILURE
        }
    }
}
