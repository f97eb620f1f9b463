//! The session of a fetch and its store of downloads: every file once, under a name made from its
//! address, with a record beside it; what is used again is held against the record's checksum.

use super::client::{Client, redacted};
use super::digest::{is_sha256, sha256_of_file};
use super::download::{Download, Received};
use super::{FetchOptions, FetchProgress};
use crate::error::{Error, Result};
use crate::genesets::{DownloadRecord, GeneSetCache};
use crate::io::{hex, make_folder, write_text};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Everything that the sources need to fetch.
pub(super) struct Session<'a> {
    pub cache: &'a GeneSetCache,
    pub options: &'a FetchOptions,
    pub progress: &'a mut dyn FetchProgress,
    /// Made when it is first needed: never, if offline.
    client: Option<Client>,
}

/// What may be asked of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A listing or a number: new every time, and without a checksum beside it.
    Listing,
    /// A file that may be another one tomorrow.
    Current,
    /// A file of a release, which never changes.
    Released,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        cache: &'a GeneSetCache,
        options: &'a FetchOptions,
        progress: &'a mut dyn FetchProgress,
    ) -> Result<Self> {
        if let Some(sum) = &options.sha256
            && !is_sha256(sum)
        {
            return Err(Error::config(
                "--sha256",
                format!("is 64 hexadecimal digits, not {sum:?}"),
            ));
        }
        Ok(Self {
            cache,
            options,
            progress,
            client: None,
        })
    }

    /// The address of a source: its own, or the mirror's, without a slash at the end.
    pub(super) fn base(&self, own: &str) -> String {
        let base = self.options.base_url.as_deref().unwrap_or(own);
        base.trim_end_matches('/').to_owned()
    }

    /// A small text.
    pub(super) fn text(&mut self, url: &str) -> Result<String> {
        let (path, _) = self.file(url, Kind::Listing, false)?;
        let bytes = super::archive::read(&path, self.options.limits.max_bytes)?;
        crate::io::utf8(bytes, &path)
    }

    /// The file of an address in the store: downloaded now, or from the store where it is still
    /// right. `wanted` says whether `--sha256` is meant for it.
    pub(super) fn file(
        &mut self,
        url: &str,
        kind: Kind,
        wanted: bool,
    ) -> Result<(PathBuf, DownloadRecord)> {
        let folder = self.cache.root().join("downloads");
        let _new = make_folder(&folder)?;
        let path = folder.join(key(url));
        let known = stored(&path)?;
        let expected = self.options.sha256.clone().filter(|_| wanted);
        let fits = |record: &DownloadRecord| match &expected {
            Some(sum) => sum.eq_ignore_ascii_case(&record.sha256),
            None => true,
        };
        if let Some(record) = &known {
            let final_ = self.options.offline || kind == Kind::Released && !self.options.refresh;
            if final_ && fits(record) {
                self.progress
                    .note(&format!("{}: from the cache", record.url));
                return Ok((path, record.clone()));
            }
        }
        if self.options.offline {
            return Err(Error::remote(
                redacted(url),
                "this is needed, not in the cache, and gsae is offline",
                "Fetch it once without --offline and GSAE_OFFLINE.",
            ));
        }
        let usable = known.filter(|record| !self.options.refresh && fits(record));
        let received = self.download(url, &path, usable.as_ref())?;
        match (received, usable) {
            (Some(received), _) => {
                let beside = match kind {
                    Kind::Listing => None,
                    Kind::Current | Kind::Released => self.beside(url)?,
                };
                let published = [
                    (expected, "--sha256"),
                    (received.sha256.clone(), "the response's headers"),
                    (beside, "the mirror's .sha256 file"),
                ];
                let record = accept(url, &path, received, published)?;
                Ok((path, record))
            }
            (None, Some(record)) => {
                self.progress
                    .note(&format!("{}: unchanged since it was fetched", record.url));
                Ok((path, record))
            }
            (None, None) => Err(Error::remote(
                redacted(url),
                "the server says that nothing changed, though nothing was there",
                "Tell the server's keeper, or use another mirror.",
            )),
        }
    }

    fn download(
        &mut self,
        url: &str,
        path: &Path,
        usable: Option<&DownloadRecord>,
    ) -> Result<Option<Received>> {
        let unencrypted = url.starts_with("http://") && !is_loopback(url);
        if unencrypted {
            self.progress.note(&format!(
                "{}: not encrypted, so anyone in between may change it",
                redacted(url)
            ));
        }
        let client = match self.client.take() {
            Some(client) => client,
            None => Client::new(&self.options.limits)?,
        };
        let client = self.client.insert(client);
        let known = usable.map(|record| (record.etag.as_deref(), record.last_modified.as_deref()));
        let known = known.filter(|(etag, modified)| etag.is_some() || modified.is_some());
        let download = Download {
            client,
            limits: &self.options.limits,
            url,
            part: &path.with_extension(format!("{}part", dotted(path))),
            known,
        };
        download.run(self.progress)
    }

    /// A mirror may keep `FILE.sha256` beside `FILE`.
    fn beside(&mut self, url: &str) -> Result<Option<String>> {
        let Some(client) = &self.client else {
            return Ok(None);
        };
        if self.options.base_url.is_none() || url.contains('?') || url.ends_with('/') {
            return Ok(None);
        }
        client.small(&format!("{url}.sha256")).map(|text| {
            let text = text?;
            sha256_of_file(&text)
        })
    }
}

/// Verifies a complete part and makes it the stored file.
fn accept(
    url: &str,
    path: &Path,
    received: Received,
    published: [(Option<String>, &str); 3],
) -> Result<DownloadRecord> {
    let part = path.with_extension(format!("{}part", dotted(path)));
    let (sha256, bytes) = checksum(&part)?;
    let note = part.with_extension("part.json");
    let mut verified_by = None;
    for (sum, whose) in published {
        let Some(sum) = sum else {
            continue;
        };
        if !sum.eq_ignore_ascii_case(&sha256) {
            for file in [&part, &note] {
                std::fs::remove_file(file).map_err(Error::io("remove", file))?;
            }
            return Err(Error::remote(
                redacted(url),
                format!("the SHA-256 is {sha256}, but {sum} by {whose}"),
                "The file was damaged or replaced on its way and was not kept: try again, or \
                 ask the source for its checksum.",
            ));
        }
        verified_by.get_or_insert(whose.to_owned());
    }
    let record = DownloadRecord {
        url: redacted(url),
        final_url: received.final_url,
        fetched: now(),
        sha256,
        bytes,
        etag: received.etag,
        last_modified: received.last_modified,
        verified_by,
    };
    let text = serde_json::to_string_pretty(&record).unwrap_or_default();
    // The record goes last: without it the file does not count.
    let beside = record_of(path);
    if beside.exists() {
        std::fs::remove_file(&beside).map_err(Error::io("replace", &beside))?;
    }
    std::fs::rename(&part, path).map_err(Error::io("write", path))?;
    write_text(&beside, &text)?;
    if note.exists() {
        std::fs::remove_file(&note).map_err(Error::io("remove", &note))?;
    }
    Ok(record)
}

/// The file's name in the store: readable, and one for every address.
fn key(url: &str) -> String {
    let path = url.trim_end_matches('/');
    let last = path.rsplit(['/', '=']).next().unwrap_or_default();
    let name: String = last
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c))
        .take(100)
        .collect();
    let sum = hex(&Sha256::digest(url.as_bytes()));
    format!("{}-{name}", &sum[..16])
}

/// The extension with a dot after it, so that another can be added.
fn dotted(path: &Path) -> String {
    let extension = path.extension().map(|text| text.to_string_lossy());
    extension.map_or_else(String::new, |text| format!("{text}."))
}

fn record_of(path: &Path) -> PathBuf {
    path.with_extension(format!("{}json", dotted(path)))
}

/// The record of a stored file whose bytes are as recorded; `None` otherwise.
fn stored(path: &Path) -> Result<Option<DownloadRecord>> {
    let beside = record_of(path);
    if !beside.is_file() || !path.is_file() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&beside).map_err(Error::io("read", &beside))?;
    let Ok(record) = serde_json::from_str::<DownloadRecord>(&text) else {
        return Ok(None);
    };
    let (sha256, _) = checksum(path)?;
    Ok((sha256 == record.sha256).then_some(record))
}

fn checksum(path: &Path) -> Result<(String, u64)> {
    let mut file = File::open(path).map_err(Error::io("read", path))?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        let got = std::io::Read::read(&mut file, &mut buffer).map_err(Error::io("read", path))?;
        if got == 0 {
            return Ok((hex(&digest.finalize()), bytes));
        }
        digest.update(&buffer[..got]);
        bytes += got as u64;
    }
}

fn is_loopback(url: &str) -> bool {
    let host = reqwest::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| host == "localhost" || host == "[::1]" || host.starts_with("127."))
}

/// This moment: UTC, RFC 3339, whole seconds.
pub(super) fn now() -> String {
    chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
