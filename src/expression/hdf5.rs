//! HDF5 files: read from memory or piece by piece from disk, and every size checked before
//! anything of that size is allocated.

use crate::error::{Error, Place, Result};
use crate::io::{HDF5_MAGIC, caught};
use hdf5_pure::{AttrValue, DType, Dataset, Datatype, File, VlenStringReadOptions};
use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Texts of any length lie uncompressed, but several rows may share one: so many at most.
const LARGEST_REPEAT: u64 = 64;
/// What texts may take in the smallest file: 16 MiB.
const LEAST_TEXT: u64 = 16 << 20;

/// Deflate makes nothing more than 1,032 times smaller; no honest data set is larger than that.
const LARGEST_RATIO: u64 = 1100;
/// The filters that can be undone: deflate, shuffle, fletcher32, scale-offset, LZF.
const READABLE_FILTERS: [u16; 5] = [1, 2, 3, 6, 32000];

pub(super) const DAMAGED: &str = "Copy or download the file again if it was cut off; otherwise \
                                  write it again from the program that made it.";

/// Whether these are the first bytes of an HDF5 file.
pub(super) fn is_hdf5(bytes: &[u8]) -> bool {
    bytes.starts_with(&HDF5_MAGIC)
}

/// Whether a file on disk begins as an HDF5 file.
pub(super) fn is_hdf5_file(path: &Path) -> Result<bool> {
    let file = std::fs::File::open(path).map_err(Error::io("read", path))?;
    let mut head = Vec::new();
    file.take(8)
        .read_to_end(&mut head)
        .map_err(Error::io("read", path))?;
    Ok(is_hdf5(&head))
}

/// An open file; `path` names errors.
pub(super) struct Hdf5<'a> {
    file: File,
    pub path: &'a Path,
    size: u64,
}

/// Runs a reader on the bytes of a file.
pub(super) fn read<T>(
    bytes: Vec<u8>,
    path: &Path,
    reader: impl FnOnce(&Hdf5) -> Result<T>,
) -> Result<T> {
    let size = bytes.len() as u64;
    guarded(path, || {
        let file = File::from_bytes(bytes).map_err(|cause| damaged(path, "", cause))?;
        whole(path, &file, size)?;
        reader(&Hdf5 { file, path, size })
    })
}

/// Refuses a file that is shorter than it says.
fn whole(path: &Path, file: &File, size: u64) -> Result<()> {
    let end = file.superblock().eof_address;
    if end > size {
        let message = format!("the file is cut off: {size} of its {end} bytes are there");
        return Err(Error::format(path, Place::file(), message, DAMAGED));
    }
    Ok(())
}

/// Smaller files are read as a whole: 32 MiB.
const IN_MEMORY: u64 = 32 << 20;

/// Runs a reader on a file that, unless it is small, stays on disk: only what the reader asks for is
/// read.
pub(super) fn open<T>(path: &Path, reader: impl FnOnce(&Hdf5) -> Result<T>) -> Result<T> {
    let size = std::fs::metadata(path)
        .map_err(Error::io("read", path))?
        .len();
    guarded(path, || {
        // What a damaged file says of its parts is believed on disk, up to 4 GiB of memory for one
        // of them, and held against its bytes in memory.
        let file = if size <= IN_MEMORY {
            File::open(path)
        } else {
            File::open_streaming(path)
        };
        let file = file.map_err(|cause| damaged(path, "", cause))?;
        whole(path, &file, size)?;
        reader(&Hdf5 { file, path, size })
    })
}

/// Should a damaged file make the HDF5 library panic, that is an error too.
pub(super) fn guarded<T>(path: &Path, run: impl FnOnce() -> Result<T>) -> Result<T> {
    caught(run).unwrap_or_else(|| {
        let message = "the HDF5 structure is damaged";
        Err(Error::format(path, Place::file(), message, DAMAGED))
    })
}

fn place(name: &str) -> Place {
    Place {
        line: None,
        field: (!name.is_empty()).then(|| name.to_owned()),
    }
}

fn damaged(path: &Path, name: &str, cause: impl std::fmt::Display) -> Error {
    let message = format!("the HDF5 data cannot be read ({cause})");
    Error::format(path, place(name), message, DAMAGED)
}

impl Hdf5<'_> {
    /// A format error at an object of the file.
    pub fn error(&self, name: &str, message: impl Into<String>, remedy: &str) -> Error {
        Error::format(self.path, place(name), message, remedy)
    }

    pub fn has_group(&self, name: &str) -> bool {
        self.file.group(name).is_ok()
    }

    pub fn has_dataset(&self, name: &str) -> bool {
        self.file.dataset(name).is_ok()
    }

    /// The groups and the data sets of a group (`/` for the root), in the order of their names.
    pub fn members(&self, name: &str) -> Result<Vec<String>> {
        let group = if name == "/" {
            self.file.root()
        } else {
            self.file
                .group(name)
                .map_err(|cause| damaged(self.path, name, cause))?
        };
        let list = |names: Result<Vec<String>, hdf5_pure::Error>| {
            names.map_err(|cause| damaged(self.path, name, cause))
        };
        let mut names = list(group.groups())?;
        names.extend(list(group.datasets())?);
        names.sort();
        Ok(names)
    }

    /// The attributes of a group or data set; none if they cannot be read.
    pub fn attributes(&self, name: &str) -> HashMap<String, AttrValue> {
        let group = || self.file.group(name).ok()?.attrs().ok();
        let dataset = || self.file.dataset(name).ok()?.attrs().ok();
        group().or_else(dataset).unwrap_or_default()
    }

    /// A data set whose filters can be undone and whose size the file can hold.
    pub fn dataset(&self, name: &str) -> Result<Data> {
        let dataset = self.file.dataset(name).map_err(|cause| {
            let message = format!("there is no such data set ({cause})");
            self.error(name, message, DAMAGED)
        })?;
        let filters = dataset.filters();
        if let Some(filter) = filters.iter().find(|id| !READABLE_FILTERS.contains(id)) {
            return Err(self.error(
                name,
                format!(
                    "it is compressed with {} (HDF5 filter {filter}), which cannot be read",
                    filter_name(*filter)
                ),
                "Write the file again with gzip; in Python: \
                 anndata.read_h5ad(\"old.h5ad\").write_h5ad(\"new.h5ad\", compression=\"gzip\").",
            ));
        }
        let fail = |cause| damaged(self.path, name, cause);
        let shape = dataset.shape().map_err(fail)?;
        let element = dataset.element_size().map_err(fail)?.max(1);
        let chunk = dataset.chunk_shape().map_err(fail)?.unwrap_or_default();
        for extent in [&shape, &chunk] {
            let bytes = extent
                .iter()
                .try_fold(element, |product, &length| product.checked_mul(length));
            let most = self.size.saturating_mul(LARGEST_RATIO);
            if bytes.is_none_or(|bytes| bytes > most) {
                return Err(self.error(
                    name,
                    format!(
                        "its size {extent:?} is more than a file of {} bytes can hold",
                        self.size
                    ),
                    DAMAGED,
                ));
            }
        }
        Ok(Data {
            text_limit: self.size.saturating_mul(LARGEST_REPEAT).max(LEAST_TEXT),
            dataset,
            shape: shape.iter().map(|&length| length as usize).collect(),
            name: name.to_owned(),
            path: self.path.to_path_buf(),
        })
    }
}

fn filter_name(id: u16) -> &'static str {
    match id {
        4 => "szip",
        5 => "nbit",
        307 => "bzip2",
        32001 => "Blosc",
        32004 => "LZ4",
        32008 => "bitshuffle",
        32013 => "ZFP",
        32015 => "zstd",
        32026 => "Blosc2",
        _ => "an unknown filter",
    }
}

/// The text of an attribute.
pub(super) fn text(value: Option<&AttrValue>) -> Option<String> {
    match value? {
        AttrValue::String(text)
        | AttrValue::AsciiString(text)
        | AttrValue::VarLenString(text)
        | AttrValue::VarLenAsciiString(text) => Some(text.clone()),
        AttrValue::StringSized { value, .. } | AttrValue::AsciiStringSized { value, .. } => {
            Some(value.clone())
        }
        _ => None,
    }
}

/// The texts of an attribute.
pub(super) fn texts(value: Option<&AttrValue>) -> Option<Vec<String>> {
    match value? {
        AttrValue::StringArray(texts)
        | AttrValue::AsciiStringArray(texts)
        | AttrValue::VarLenStringArray(texts)
        | AttrValue::VarLenAsciiStringArray(texts) => Some(texts.clone()),
        AttrValue::StringArraySized { values, .. }
        | AttrValue::AsciiStringArraySized { values, .. } => Some(values.clone()),
        _ => None,
    }
}

/// A data set that is safe to read.
pub(super) struct Data {
    dataset: Dataset,
    /// The most bytes of text of any length that the file can hold.
    text_limit: u64,
    pub shape: Vec<usize>,
    name: String,
    path: PathBuf,
}

impl Data {
    fn of<T>(&self, read: Result<T, hdf5_pure::Error>) -> Result<T> {
        read.map_err(|cause| damaged(&self.path, &self.name, cause))
    }

    pub fn kind(&self) -> Result<DType> {
        self.of(self.dataset.dtype())
    }

    pub fn datatype(&self) -> Result<Datatype> {
        self.of(self.dataset.datatype())
    }

    pub fn f32s(&self) -> Result<Vec<f32>> {
        self.of(self.dataset.read_f32())
    }

    /// Some of the rows: `[count, ...]`.
    pub fn f32_rows(&self, start: usize, count: usize) -> Result<Vec<f32>> {
        self.of(self.dataset.read_f32_rows(start as u64, count as u64))
    }

    /// Some of the indices of a list.
    pub fn u32_rows(&self, start: usize, count: usize) -> Result<Vec<u32>> {
        let (start, count) = (start as u64, count as u64);
        let out_of_range = |value: i64| {
            let message = format!("the index {value}");
            damaged(&self.path, &self.name, message)
        };
        if matches!(self.kind()?, DType::I32) {
            let indices = self.of(self.dataset.read_i32_rows(start, count))?;
            return match indices.iter().find(|index| **index < 0) {
                Some(index) => Err(out_of_range(i64::from(*index))),
                None => Ok(indices.into_iter().map(|index| index as u32).collect()),
            };
        }
        let indices = self.of(self.dataset.read_i64_rows(start, count))?;
        let narrow = |index: i64| u32::try_from(index).map_err(|_| out_of_range(index));
        indices.into_iter().map(narrow).collect()
    }

    /// Indices, none below 0.
    pub fn indices(&self) -> Result<Vec<usize>> {
        let index = |value: i64| {
            usize::try_from(value)
                .map_err(|_| damaged(&self.path, &self.name, format!("the index {value}")))
        };
        self.i64s()?.into_iter().map(index).collect()
    }

    pub fn f64s(&self) -> Result<Vec<f64>> {
        self.of(self.dataset.read_f64())
    }

    pub fn i64s(&self) -> Result<Vec<i64>> {
        self.of(self.dataset.read_i64())
    }

    pub fn raw(&self) -> Result<Vec<u8>> {
        self.of(self.dataset.read_raw())
    }

    pub fn strings(&self) -> Result<Vec<String>> {
        let limit = self.text_limit.min(1 << 32);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let limits = VlenStringReadOptions::new().with_max_payload_bytes(limit);
        if matches!(self.kind()?, DType::VariableLengthString) {
            return self.of(self.dataset.read_vlen_strings(limits));
        }
        let mut strings = self.of(self.dataset.read_string())?;
        for string in &mut strings {
            let end = string.trim_end_matches(['\0', ' ']).len();
            string.truncate(end);
        }
        Ok(strings)
    }
}
