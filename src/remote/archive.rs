//! Unpacking what was downloaded, in memory and within bounds: no name of an archive ever becomes
//! a path.

use crate::error::{Error, Place, Result};
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

const AGAIN: &str = "Fetch it again with --refresh; if it stays so, tell the source.";

/// The file of a zip archive whose name ends in `suffix`.
pub(super) fn unzip(path: &Path, suffix: &str, max_bytes: u64) -> Result<Vec<u8>> {
    let bad = |what: String| Error::format(path, Place::file(), what, AGAIN);
    let file = File::open(path).map_err(Error::io("read", path))?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file))
        .map_err(|cause| bad(format!("this is no whole zip archive ({cause})")))?;
    let at = find(&mut archive, suffix).map_err(bad)?;
    let entry = archive
        .by_index(at)
        .map_err(|cause| bad(format!("the archive cannot be read ({cause})")))?;
    bounded(entry, path, max_bytes)
}

/// The position of the wanted file; an archive with an unsafe name is refused as a whole.
fn find(archive: &mut zip::ZipArchive<impl Read + Seek>, suffix: &str) -> Result<usize, String> {
    let mut found = None;
    for at in 0..archive.len() {
        let entry = archive
            .by_index_raw(at)
            .map_err(|cause| format!("the archive cannot be read ({cause})"))?;
        let name = entry
            .name()
            .map_err(|cause| format!("the archive holds an unreadable name ({cause})"))?;
        if entry.enclosed_name().is_none() || name.contains("..") || name.starts_with('/') {
            return Err(format!("the archive holds the unsafe name {name:?}"));
        }
        if found.is_none() && entry.is_file() && name.ends_with(suffix) {
            found = Some(at);
        }
    }
    found.ok_or_else(|| format!("the archive holds no file whose name ends in {suffix}"))
}

/// A file as text's bytes: unpacked if it is gzip, by its first bytes.
pub(super) fn read(path: &Path, max_bytes: u64) -> Result<Vec<u8>> {
    let file = File::open(path).map_err(Error::io("read", path))?;
    let mut reader = BufReader::new(file);
    let mut magic = [0; 2];
    let got = reader.read(&mut magic).map_err(Error::io("read", path))?;
    reader.rewind().map_err(Error::io("read", path))?;
    if got == 2 && magic == [0x1f, 0x8b] {
        bounded(MultiGzDecoder::new(reader), path, max_bytes)
    } else {
        bounded(reader, path, max_bytes)
    }
}

fn bounded(reader: impl Read, path: &Path, max_bytes: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut limited = reader.take(max_bytes.saturating_add(1));
    limited.read_to_end(&mut bytes).map_err(|cause| {
        Error::format(
            path,
            Place::file(),
            format!("the file is damaged or ends too early ({cause})"),
            AGAIN,
        )
    })?;
    if bytes.len() as u64 > max_bytes {
        return Err(Error::format(
            path,
            Place::file(),
            format!("unpacked it is larger than {} MB", max_bytes >> 20),
            "This may be an attack; if the size is right, raise --max-size.",
        ));
    }
    Ok(bytes)
}
