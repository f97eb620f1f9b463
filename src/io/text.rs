//! Reading a file whole, decompressed by its magic bytes, with a checksum for the manifest.

use crate::error::{Error, Place, Result};
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const ZIP_MAGIC: [u8; 4] = *b"PK\x03\x04";
/// How an HDF5 file begins.
pub(crate) const HDF5_MAGIC: [u8; 8] = *b"\x89HDF\r\n\x1a\n";
/// How files that this crate does not read begin, what they are, and what to do.
const UNREADABLE: [(&[u8], &str, &str); 6] = [
    (
        b"\xd0\xcf\x11\xe0",
        "an Excel workbook",
        EXPORT_FROM_SPREADSHEET,
    ),
    (b"BZh", "a bzip2 file", "Decompress it with `bunzip2`."),
    (b"\xfd7zXZ\0", "an xz file", "Decompress it with `unxz`."),
    (
        b"\x28\xb5\x2f\xfd",
        "a zstd file",
        "Decompress it with `unzstd`.",
    ),
    (
        b"ARROW1",
        "an Arrow (Feather) file",
        "Write it as TSV; in Python: pandas.read_feather(\"x\").to_csv(\"x.tsv\", sep=\"\\t\").",
    ),
    (
        &ZIP_MAGIC,
        "a zip archive",
        "Unzip it and give the file inside.",
    ),
];
const EXPORT_FROM_SPREADSHEET: &str = "Save the sheet as tab-separated text, the column of gene \
                                       names formatted as text lest some become dates.";

/// Where an input came from, for error messages and the run manifest.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Source {
    /// The path as the user gave it, or the name of a bundled collection.
    pub path: PathBuf,
    /// SHA-256 of the bytes on disk, in hex.
    pub sha256: String,
}

/// Reads a file whole: decompressed if it is gzip (recognised by its first bytes, whatever
/// its name), without a UTF-8 byte order mark.
///
/// # Errors
/// [`Error::Io`] if the file cannot be read, [`Error::Format`] if it is empty, a zip
/// archive, or a gzip stream that ends too early.
pub fn read_bytes(path: impl AsRef<Path>) -> Result<(Vec<u8>, Source)> {
    let path = path.as_ref();
    let raw = std::fs::read(path).map_err(Error::io("read", path))?;
    let source = Source {
        path: path.to_path_buf(),
        sha256: hex(&Sha256::digest(&raw)),
    };
    Ok((decompress(raw, path)?, source))
}

/// The path and checksum of a file that is not read whole.
pub(crate) fn source(path: &Path) -> Result<Source> {
    let mut file = std::fs::File::open(path).map_err(Error::io("read", path))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = file.read(&mut buffer).map_err(Error::io("read", path))?;
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
    }
    Ok(Source {
        path: path.to_path_buf(),
        sha256: hex(&hash.finalize()),
    })
}

/// Opens a file that is read a line at a time, gzip or not.
pub(crate) fn buffered(path: &Path) -> Result<Box<dyn BufRead>> {
    let file = std::fs::File::open(path).map_err(Error::io("read", path))?;
    let mut plain = BufReader::with_capacity(1 << 20, file);
    let head = plain.fill_buf().map_err(Error::io("read", path))?;
    Ok(if head.starts_with(&GZIP_MAGIC) {
        Box::new(BufReader::new(MultiGzDecoder::new(plain)))
    } else {
        Box::new(plain)
    })
}

/// As [`read_bytes`], as UTF-8 text.
///
/// # Errors
/// As [`read_bytes`], and [`Error::Format`] naming the line that is not UTF-8.
pub fn read_text(path: impl AsRef<Path>) -> Result<(String, Source)> {
    let path = path.as_ref();
    let (bytes, source) = read_bytes(path)?;
    Ok((utf8(bytes, path)?, source))
}

/// The text, or the line where it stops being UTF-8.
pub(crate) fn utf8(bytes: Vec<u8>, path: &Path) -> Result<String> {
    String::from_utf8(bytes).map_err(|cause| {
        if cause.as_bytes().starts_with(&HDF5_MAGIC) {
            return Error::format(
                path,
                Place::file(),
                "this is an HDF5 file, as h5ad is, where a text is wanted",
                "If it is expression, give it to --expression.",
            );
        }
        let valid = cause.utf8_error().valid_up_to();
        let line = cause.as_bytes()[..valid]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        Error::format(
            path,
            Place::line(line),
            "the text is not UTF-8",
            "Convert it, for example with `iconv -f latin1 -t utf-8`.",
        )
    })
}

/// Decompresses gzip, strips a UTF-8 byte order mark and ends lines as all but old Macs do; `path` is for the message only.
pub(crate) fn decompress(raw: Vec<u8>, path: &Path) -> Result<Vec<u8>> {
    let mut bytes = if raw.starts_with(&GZIP_MAGIC) {
        let mut text = Vec::new();
        MultiGzDecoder::new(raw.as_slice())
            .read_to_end(&mut text)
            .map_err(|cause| {
                Error::format(
                    path,
                    Place::file(),
                    format!("the gzip stream is damaged or ends too early ({cause})"),
                    "Download or compress the file again.",
                )
            })?;
        text
    } else if let Some((what, remedy)) = unreadable(&raw) {
        return Err(Error::format(
            path,
            Place::file(),
            format!("this is {what}"),
            remedy,
        ));
    } else {
        raw
    };
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    // Old spreadsheets end lines with a carriage return alone.
    if bytes.contains(&b'\r') && !bytes.contains(&b'\n') {
        let returns = bytes.iter_mut().filter(|byte| **byte == b'\r');
        returns.for_each(|byte| *byte = b'\n');
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::format(
            path,
            Place::file(),
            "the file is empty",
            "Check that it was written completely.",
        ));
    }
    Ok(bytes)
}

/// What a file is that is not read, and what to do.
fn unreadable(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let workbook = |name: &[u8]| {
        bytes
            .windows(name.len())
            .take(4096)
            .any(|part| part == name)
    };
    if bytes.starts_with(&ZIP_MAGIC) && (workbook(b"[Content_Types].xml") || workbook(b"xl/")) {
        return Some(("an Excel workbook", EXPORT_FROM_SPREADSHEET));
    }
    let known = UNREADABLE.iter().find(|(head, ..)| bytes.starts_with(head));
    known.map(|(_, what, remedy)| (*what, *remedy))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_carriage_returns_end_lines() -> Result<()> {
        let read = |bytes: &[u8]| decompress(bytes.to_vec(), Path::new("x"));
        assert_eq!(read(b"a\rb\r")?, b"a\nb\n");
        assert_eq!(read(b"a\r\nb\r\n")?, b"a\r\nb\r\n");
        Ok(())
    }
}
