//! The IDX format of MNIST: a magic number that says type and dimensions, sizes, bytes.

use flate2::read::GzDecoder;
use gsae::error::Place;
use gsae::{Error, Result};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Pixels of a side.
pub const SIDE: usize = 28;
/// Pixels of a digit.
pub const PIXELS: usize = SIDE * SIDE;

/// Unsigned bytes in three dimensions, and in one.
const IMAGES: u32 = 0x0803;
const LABELS: u32 = 0x0801;

/// Digits with their labels.
pub struct Digits {
    /// Row by row, [`PIXELS`] numbers from 0 (paper) to 1 (ink) a digit.
    pub values: Vec<f32>,
    /// What each digit is, 0 to 9.
    pub labels: Vec<u8>,
}

impl Digits {
    /// Reads the two files of MNIST from a folder.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("images-idx3-ubyte.gz");
        let (sizes, pixels) = read(&path, IMAGES)?;
        if sizes.get(1..) != Some([SIDE, SIDE].as_slice()) {
            return Err(wrong(
                &path,
                format!("images of {sizes:?} are not of 28 x 28 pixels"),
            ));
        }
        let labels_path = folder.join("labels-idx1-ubyte.gz");
        let (_, labels) = read(&labels_path, LABELS)?;
        if labels.len() * PIXELS != pixels.len() {
            let (n, images) = (labels.len(), pixels.len() / PIXELS);
            return Err(wrong(
                &labels_path,
                format!("{n} labels for {images} images"),
            ));
        }
        if let Some(label) = labels.iter().find(|label| **label > 9) {
            return Err(wrong(&labels_path, format!("a label is {label}")));
        }
        let values = pixels.iter().map(|p| f32::from(*p) / 255.0).collect();
        Ok(Self { values, labels })
    }

    /// Splits off the digits from `at` on.
    pub fn split_off(&mut self, at: usize) -> Self {
        let at = at.min(self.labels.len());
        Self {
            values: self.values.split_off(at * PIXELS),
            labels: self.labels.split_off(at),
        }
    }
}

/// The sizes of the dimensions and the bytes.
fn read(path: &Path, magic: u32) -> Result<(Vec<usize>, Vec<u8>)> {
    let file = File::open(path).map_err(Error::io("read", path))?;
    let mut bytes = Vec::new();
    GzDecoder::new(file)
        .read_to_end(&mut bytes)
        .map_err(Error::io("read", path))?;
    let mut rest = bytes.as_slice();
    let mut number = || {
        let (head, tail) = rest.split_first_chunk()?;
        rest = tail;
        Some(u32::from_be_bytes(*head))
    };
    let short = || wrong(path, "the file ends within its header");
    let found = number().ok_or_else(short)?;
    if found != magic {
        return Err(wrong(
            path,
            format!("the magic number is {found:#010x}, not {magic:#010x}"),
        ));
    }
    let sizes = (0..magic & 0xff)
        .map(|_| number().map(|size| size as usize).ok_or_else(short))
        .collect::<Result<Vec<_>>>()?;
    let promised = sizes
        .iter()
        .try_fold(1usize, |all, &size| all.checked_mul(size));
    if promised != Some(rest.len()) {
        return Err(wrong(
            path,
            format!("{} bytes for sizes of {sizes:?}", rest.len()),
        ));
    }
    Ok((sizes, rest.to_vec()))
}

fn wrong(path: &Path, message: impl Into<String>) -> Error {
    Error::format(
        path,
        Place::file(),
        message,
        "Give the gzipped IDX files of MNIST.",
    )
}
