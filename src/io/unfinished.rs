//! What is being written, so that a program that is stopped leaves nothing half-written.

use crate::error::{Error, Result};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Paths of this process.
#[derive(Debug)]
struct Paths {
    /// Files and folders under temporary names.
    temporary: BTreeSet<PathBuf>,
    /// Folders that were made for results.
    made: Vec<PathBuf>,
    /// Files that are whole, in the order in which they became so.
    written: Vec<PathBuf>,
}

static PATHS: Mutex<Paths> = Mutex::new(Paths {
    temporary: BTreeSet::new(),
    made: Vec::new(),
    written: Vec::new(),
});

/// While this is held the process is not stopped by [`abandon`].
fn paths() -> MutexGuard<'static, Paths> {
    PATHS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps a path on the list of temporary ones.
#[derive(Debug)]
pub(crate) struct Unfinished {
    path: PathBuf,
}

impl Unfinished {
    pub fn new(path: &Path) -> Self {
        let path = path.to_path_buf();
        paths().temporary.insert(path.clone());
        Self { path }
    }

    /// Puts what is there where it belongs: `rename` moves it to `to`.
    ///
    /// # Errors
    /// Whatever `rename` returns.
    pub fn finish(self, to: &Path, rename: impl FnOnce() -> Result<()>) -> Result<()> {
        let mut paths = paths();
        rename()?;
        paths.temporary.remove(&self.path);
        paths.written.push(to.to_path_buf());
        // Dropping it would wait for the list.
        drop(paths);
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        paths().temporary.remove(&self.path);
    }
}

/// Makes a folder for results, with those above it; whether it was not there before.
///
/// # Errors
/// [`Error::Io`] if it cannot be made.
pub(crate) fn make_folder(path: &Path) -> Result<bool> {
    let mut paths = paths();
    let made = !path.exists();
    std::fs::create_dir_all(path).map_err(Error::io("create the folder", path))?;
    if made {
        paths.made.push(path.to_path_buf());
    }
    Ok(made)
}

/// Removes what is not finished, and the folders that were made for results and have none; shows
/// the files that are whole to `end`, which ends the process: nothing is written any more.
pub(crate) fn abandon(end: impl FnOnce(&[PathBuf])) {
    let mut paths = paths();
    for path in std::mem::take(&mut paths.temporary) {
        // The process ends: what cannot be removed stays.
        let _ = match path.is_dir() {
            true => std::fs::remove_dir_all(&path),
            false => std::fs::remove_file(&path),
        };
    }
    for folder in std::mem::take(&mut paths.made) {
        // Fails, as it should, where there are files.
        let _ = std::fs::remove_dir(&folder);
    }
    let written: Vec<PathBuf> = std::mem::take(&mut paths.written);
    let written: Vec<PathBuf> = written.into_iter().filter(|path| path.exists()).collect();
    end(&written);
}
