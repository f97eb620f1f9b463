//! What goes to the terminal: remarks to standard error, results to standard output.

use crate::error::{Error, Result};
use std::cell::RefCell;
use std::io::Write;

/// Speaks to the user, and remembers warnings for the run manifest.
pub(super) struct Console {
    quiet: bool,
    warnings: RefCell<Vec<String>>,
}

impl Console {
    pub fn new(quiet: bool) -> Self {
        Self {
            quiet,
            warnings: RefCell::default(),
        }
    }

    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// A step that was taken.
    pub fn note(&self, message: impl AsRef<str>) {
        if !self.quiet {
            eprintln!("{}", message.as_ref());
        }
    }

    /// Something the user should know.
    pub fn warn(&self, message: impl Into<String>) {
        let message = message.into();
        if !self.quiet {
            eprintln!("warning: {message}");
        }
        self.warnings.borrow_mut().push(message);
    }

    pub fn warnings(&self) -> Vec<String> {
        self.warnings.borrow().clone()
    }
}

/// Writes results to standard output; a reader that went away, as `head` does, is no error.
pub(super) fn print(text: &str) -> Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(cause) if cause.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::io("write to", "standard output")(cause))
        }
        _ => Ok(()),
    }
}
