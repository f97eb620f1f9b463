//! The crate's one error type: what went wrong, where, and what to do about it.

use std::fmt;
use std::path::{Path, PathBuf};

/// The result of every fallible function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong.
///
/// Each message names the place (file, line, field) and ends with a remedy;
/// the cause, where there is one, is the error's [`source`](std::error::Error::source).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused to read or write a file.
    #[error("cannot {action} {}. {}", path.display(), io_remedy(action))]
    Io {
        /// What was tried: "read", "write", "create the folder".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// A file's content is not what its format asks for.
    #[error("{}{place}: {message}. {remedy}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Where in it.
        place: Place,
        /// What is wrong there, with the offending value.
        message: String,
        /// What to do: a full sentence.
        remedy: String,
    },
    /// The data are readable but cannot be used: no overlap, too few samples, ...
    #[error("{message}. {remedy}")]
    Data {
        /// What is wrong, with the numbers.
        message: String,
        /// What to do: a full sentence.
        remedy: String,
    },
    /// An option has a value that makes no sense.
    #[error("{option} {message}")]
    Config {
        /// The option's name, as the user writes it.
        option: &'static str,
        /// What is wrong with the value, with the value.
        message: String,
    },
    /// A server did not give what was asked for.
    #[error("{url}: {message}. {remedy}")]
    Remote {
        /// The address, without any password.
        url: String,
        /// What happened, with the server's answer.
        message: String,
        /// What to do: a full sentence.
        remedy: String,
        /// The network library's answer, where there is one.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// A tensor operation failed.
    #[error("a tensor operation failed")]
    Tensor(#[from] candle_core::Error),
}

/// A place inside a file; both parts count from 1, and either may be unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The line, counted from 1.
    pub line: Option<usize>,
    /// The field: a column's name or number, a key.
    pub field: Option<String>,
}

impl Place {
    /// The file as a whole.
    pub fn file() -> Self {
        Self::default()
    }

    /// A line, counted from 1.
    pub fn line(line: usize) -> Self {
        Self {
            line: Some(line),
            field: None,
        }
    }

    /// A field of a line, counted from 1.
    pub fn field(line: usize, field: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            field: Some(field.into()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ", field {field}")?;
        }
        Ok(())
    }
}

/// What to do when the operating system refuses.
fn io_remedy(action: &str) -> &'static str {
    if action == "read" {
        "Check that the path is right and that you may read it."
    } else {
        "Choose a place that exists, that you may write to and that has room."
    }
}

impl Error {
    /// An [`Error::Io`], for use with `map_err`.
    pub fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// An [`Error::Format`].
    pub fn format(
        path: impl AsRef<Path>,
        place: Place,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::Format {
            path: path.as_ref().to_path_buf(),
            place,
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// An [`Error::Data`].
    pub fn data(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Data {
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// An [`Error::Remote`] without a further cause.
    pub fn remote(
        url: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::Remote {
            url: url.into(),
            message: message.into(),
            remedy: remedy.into(),
            source: None,
        }
    }

    /// An [`Error::Config`].
    pub fn config(option: &'static str, message: impl Into<String>) -> Self {
        Self::Config {
            option,
            message: message.into(),
        }
    }
}
