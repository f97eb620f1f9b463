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
    /// Downloads that another run can go on with, each with the note beside it.
    resumable: BTreeSet<(PathBuf, PathBuf)>,
    /// Folders that were made for results, each after those it lies in.
    made: Vec<PathBuf>,
    /// Files that are whole, in the order in which they became so.
    written: Vec<PathBuf>,
}

static PATHS: Mutex<Paths> = Mutex::new(Paths {
    temporary: BTreeSet::new(),
    resumable: BTreeSet::new(),
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
    /// Makes what lies at a temporary path, and puts the path on the list at once. `make` and
    /// `path_of` must not use the list.
    ///
    /// # Errors
    /// Whatever `make` returns.
    pub fn create<T>(
        make: impl FnOnce() -> Result<T>,
        path_of: impl FnOnce(&T) -> &Path,
    ) -> Result<(T, Self)> {
        let mut paths = paths();
        let made = make()?;
        let path = path_of(&made).to_path_buf();
        paths.temporary.insert(path.clone());
        Ok((made, Self { path }))
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

/// Keeps a download on the list of those that stay, if anything of them came.
#[derive(Debug)]
pub(crate) struct Resumable {
    part_and_note: (PathBuf, PathBuf),
}

impl Resumable {
    pub fn new(part: &Path, note: &Path) -> Self {
        let part_and_note = (part.to_path_buf(), note.to_path_buf());
        paths().resumable.insert(part_and_note.clone());
        Self { part_and_note }
    }
}

impl Drop for Resumable {
    fn drop(&mut self) {
        paths().resumable.remove(&self.part_and_note);
    }
}

/// Folders that were made for results: those that are empty when this is dropped go again.
#[derive(Debug)]
#[must_use = "the folders go if this is dropped before anything is written into them"]
pub(crate) struct NewFolders {
    /// Each after those it lies in.
    made: Vec<PathBuf>,
}

/// Makes a folder for results, with those above it.
///
/// # Errors
/// [`Error::Io`] if it cannot be made, [`Error::Data`] if it is a file; nothing is left then.
pub(crate) fn make_folder(path: &Path) -> Result<NewFolders> {
    if path.is_file() {
        return Err(Error::data(
            format!(
                "{} is a file, and a folder is made for the results",
                path.display()
            ),
            "Choose another name.",
        ));
    }
    let mut paths = paths();
    let mut folders = NewFolders { made: Vec::new() };
    let outcome = make_missing(path, &mut folders.made);
    paths.made.extend_from_slice(&folders.made);
    // Dropping the folders would wait for the list.
    drop(paths);
    outcome.map_err(Error::io("create the folder", path))?;
    Ok(folders)
}

/// Makes a folder and those above it, level by level; tells which were not there.
fn make_missing(path: &Path, made: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let above = path.ancestors().filter(|path| !path.as_os_str().is_empty());
    let mut missing: Vec<&Path> = above.take_while(|path| !path.is_dir()).collect();
    while let Some(folder) = missing.pop() {
        match std::fs::create_dir(folder) {
            Ok(()) => made.push(folder.to_path_buf()),
            // Another process was faster, or the path goes up again, as in `new/..`.
            Err(_) if folder.is_dir() => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(())
}

impl Drop for NewFolders {
    fn drop(&mut self) {
        let mut paths = paths();
        for folder in self.made.drain(..).rev() {
            // Fails, as it should, where there are files.
            let _ = std::fs::remove_dir(&folder);
            paths.made.retain(|made| *made != folder);
        }
    }
}

/// What is there of the work of a program that was stopped.
#[derive(Debug)]
pub(crate) struct Remains {
    /// Files and folders that are whole, in the order in which they became so.
    pub written: Vec<PathBuf>,
    /// Whether a part of a download stays, for another run to go on with.
    pub download: bool,
}

/// Removes what is not finished, and the folders that were made for results and have none; shows
/// what stays to `end`, which ends the process: nothing is written any more.
pub(crate) fn abandon(end: impl FnOnce(&Remains)) {
    let mut paths = paths();
    for path in std::mem::take(&mut paths.temporary) {
        // The process ends: what cannot be removed stays.
        let _ = match path.is_dir() {
            true => std::fs::remove_dir_all(&path),
            false => std::fs::remove_file(&path),
        };
    }
    let mut download = false;
    for (part, note) in std::mem::take(&mut paths.resumable) {
        if std::fs::metadata(&part).is_ok_and(|part| part.len() > 0) {
            download = true;
        } else {
            let _ = std::fs::remove_file(&part);
            let _ = std::fs::remove_file(&note);
        }
    }
    for folder in std::mem::take(&mut paths.made).iter().rev() {
        // Fails, as it should, where there are files.
        let _ = std::fs::remove_dir(folder);
    }
    let mut written: Vec<PathBuf> = std::mem::take(&mut paths.written);
    written.retain(|path| path.exists());
    end(&Remains { written, download });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_were_made_go_if_they_are_empty_and_none_else() -> Result<()> {
        let folder = tempfile::tempdir().map_err(Error::io("create", "a folder"))?;
        let at = |name: &str| folder.path().join(name);
        drop(make_folder(&at("own"))?);
        assert!(!at("own").exists());
        std::fs::create_dir(at("own")).map_err(Error::io("create", "own"))?;
        let deep = make_folder(&at("own/a/b/c"))?;
        assert!(at("own/a/b/c").is_dir());
        std::fs::write(at("own/a/file"), "x").map_err(Error::io("write", "file"))?;
        drop(deep);
        assert!(at("own/a").is_dir() && !at("own/a/b").exists());
        drop(make_folder(&at("own"))?);
        assert!(at("own").is_dir());
        drop(make_folder(&at("up/../aside"))?);
        assert!(!at("up").exists() && !at("aside").exists());
        let refused = make_folder(&at("new/one/\0"));
        assert!(refused.is_err());
        assert!(!at("new").exists(), "the levels above it went");
        Ok(())
    }
}
