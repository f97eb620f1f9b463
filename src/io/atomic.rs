//! Outputs appear whole or not at all: written under a temporary name, then renamed.

use super::Unfinished;
use crate::error::{Error, Result};
use std::io::{BufWriter, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// Writes a file through `write` under a temporary name in the same folder and renames it to
/// `path` when everything is on disk; a failure leaves nothing behind.
///
/// # Errors
/// [`Error::Io`] if the folder cannot be written; whatever `write` returns.
pub fn write_atomically(
    path: impl AsRef<Path>,
    write: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    let path = path.as_ref();
    let mut file = create_temporary(path)?;
    {
        let mut buffered = BufWriter::with_capacity(1 << 20, file.as_file_mut());
        write(&mut buffered)?;
        buffered.flush().map_err(Error::io("write", path))?;
    }
    file.persist(path)
}

/// A file under a temporary name.
#[derive(Debug)]
pub(crate) struct Temporary {
    // Dropped in this order: the file is gone before it leaves the list.
    file: NamedTempFile,
    unfinished: Unfinished,
}

impl Temporary {
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    pub fn as_file_mut(&mut self) -> &mut std::fs::File {
        self.file.as_file_mut()
    }

    /// Renames the file to `path` when everything is on disk.
    ///
    /// # Errors
    /// [`Error::Io`]; nothing is left then.
    pub fn persist(self, path: &Path) -> Result<()> {
        let Self { file, unfinished } = self;
        file.as_file()
            .sync_all()
            .map_err(Error::io("write", path))?;
        unfinished.finish(path, || {
            file.persist(path)
                .map(drop)
                .map_err(|failure| Error::io("write", path)(failure.error))
        })
    }
}

/// A file under a temporary name beside `path`.
pub(crate) fn create_temporary(path: &Path) -> Result<Temporary> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".gsae-");
    #[cfg(unix)]
    // Temporary files are private by default; an output has the rights any new file would get.
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let make = || {
        let made = builder.tempfile_in(folder);
        made.map_err(|cause| Error::io("write into", folder)(without_path(cause)))
    };
    let (file, unfinished) = Unfinished::create(make, NamedTempFile::path)?;
    Ok(Temporary { file, unfinished })
}

/// The system's answer alone: the temporary name behind it says nothing to the user.
fn without_path(cause: std::io::Error) -> std::io::Error {
    match cause.to_string().rsplit_once(" at path ") {
        Some((answer, _)) => std::io::Error::new(cause.kind(), answer),
        None => cause,
    }
}

/// Writes through gzip if the path ends in `.gz`.
///
/// # Errors
/// [`Error::Io`]; whatever `write` returns.
pub(crate) fn compressed(
    path: &Path,
    file: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    if path.extension().is_none_or(|extension| extension != "gz") {
        return write(file);
    }
    let mut encoder = BufWriter::with_capacity(
        1 << 16,
        flate2::write::GzEncoder::new(file, flate2::Compression::default()),
    );
    write(&mut encoder)?;
    let encoder = encoder.into_inner().map_err(|cause| cause.into_error());
    let finished = encoder.and_then(|encoder| encoder.finish().map(drop));
    finished.map_err(Error::io("write", path))
}

/// Writes a text whole, or not at all; through gzip if the path ends in `.gz`.
///
/// # Errors
/// [`Error::Io`] if the file cannot be written.
pub fn write_text(path: impl AsRef<Path>, text: &str) -> Result<()> {
    let path = path.as_ref();
    write_atomically(path, |file| {
        compressed(path, file, |file| {
            file.write_all(text.as_bytes())
                .map_err(Error::io("write", path))
        })
    })
}

/// A name that stays one field of a tab-separated file: tabs and line breaks become blanks.
pub fn one_field(name: &str) -> String {
    name.replace(['\t', '\n', '\r'], " ")
}
