//! Files as every reader and writer of this crate treats them: compression is
//! recognised by content, outputs appear whole or not at all; and the formats that hold any
//! matrix, whatever its numbers mean.

mod anndata;
mod atomic;
mod caught;
mod columns;
mod gct;
mod memory;
mod text;
mod unfinished;

pub(crate) use anndata::refuse_structured;
pub use anndata::{AnnData, Dense, Uns, Values, add_to_copy, is_h5ad};
pub(crate) use atomic::{compressed, create_temporary};
pub use atomic::{one_field, write_atomically, write_text};
pub(crate) use caught::{caught, hush};
pub use columns::{Column, Columns};
pub(crate) use gct::is_gct;
pub use gct::{Gct, GctVersion};
pub use memory::available_memory;
pub(crate) use text::{HDF5_MAGIC, buffered, decompress, hex, source, utf8};
pub use text::{Source, read_bytes, read_text};
pub(crate) use unfinished::{NewFolders, Remains, Resumable, Unfinished, abandon, make_folder};

use std::path::{Path, PathBuf};

/// A file that is given as the folder it lies in under a fixed name.
pub(crate) fn file_in(path: &Path, name: &str) -> PathBuf {
    match path.is_dir() {
        true => path.join(name),
        false => path.to_path_buf(),
    }
}

/// The positions of the first name that stands there twice.
pub(crate) fn first_repeated(names: &[String]) -> Option<(usize, usize)> {
    let mut seen = std::collections::HashMap::with_capacity(names.len());
    let mut names = names.iter().enumerate();
    names.find_map(|(at, name)| Some((seen.insert(name, at)?, at)))
}
