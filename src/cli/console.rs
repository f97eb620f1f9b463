//! What goes to the terminal: remarks to standard error, results to standard output.

use crate::error::{Error, Result};
use std::cell::RefCell;
use std::io::{IsTerminal, Write};
use std::time::Instant;

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loudness {
    /// Results and errors only.
    Quiet,
    /// The steps taken.
    Normal,
    /// Also details, with the time since the start.
    Verbose,
}

/// Speaks to the user, and remembers warnings for the run manifest.
pub(super) struct Console {
    loudness: Loudness,
    began: Instant,
    warnings: RefCell<Vec<String>>,
}

impl Console {
    pub fn new(loudness: Loudness) -> Self {
        Self {
            loudness,
            began: Instant::now(),
            warnings: RefCell::default(),
        }
    }

    pub fn is_quiet(&self) -> bool {
        self.loudness == Loudness::Quiet
    }

    /// A step that was taken.
    pub fn note(&self, message: impl AsRef<str>) {
        if !self.is_quiet() {
            remark(&format!("{}{}", self.time(), message.as_ref()));
        }
    }

    /// Something that few want to know.
    pub fn detail(&self, message: impl AsRef<str>) {
        if self.loudness == Loudness::Verbose {
            self.note(message);
        }
    }

    /// Something the user should know.
    pub fn warn(&self, message: impl Into<String>) {
        let message = message.into();
        self.note(format!("{} {message}", marked("warning:", YELLOW)));
        self.warnings.borrow_mut().push(message);
    }

    /// Something that went wrong after the results were written, which `--quiet` hides no more than
    /// an error.
    pub fn fail(&self, message: impl Into<String>) {
        let message = message.into();
        remark(&format!(
            "{}{} {message}",
            self.time(),
            marked("warning:", YELLOW)
        ));
        self.warnings.borrow_mut().push(message);
    }

    /// Tells on standard output what files that are written already hold. They are the results: a
    /// telling that fails takes nothing from them.
    pub fn tell(&self, text: &str) {
        if let Err(cause) = print(text) {
            self.fail(format!(
                "the results are written, but what they come to could not be printed: {}",
                with_causes(&cause)
            ));
        }
    }

    pub fn warnings(&self) -> Vec<String> {
        self.warnings.borrow().clone()
    }

    fn time(&self) -> String {
        match self.loudness {
            Loudness::Verbose => format!("{:8.2} s  ", self.began.elapsed().as_secs_f64()),
            _ => String::new(),
        }
    }
}

const YELLOW: u8 = 33;
/// Red, for errors.
pub(super) const RED: u8 = 31;

/// A word in bold and colour where standard error is a terminal that wants colours
/// (see no-color.org).
pub(super) fn marked(word: &str, color: u8) -> String {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    if set("NO_COLOR") || dumb || !std::io::stderr().is_terminal() {
        word.to_owned()
    } else {
        format!("\x1b[1;{color}m{word}\x1b[0m")
    }
}

/// An error with its causes, within a sentence.
pub(super) fn with_causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(&format!(" ({inner})"));
        cause = inner.source();
    }
    text
}

/// Writes a line to standard error, where somebody reads it: nothing else depends on it.
pub(super) fn remark(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
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
