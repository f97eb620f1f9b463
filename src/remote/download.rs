//! One file over the network: bounded, resumed where it was cut, retried where that may help.

use super::client::{Answer, Ask, Client, etag, header_called, last_modified, redacted};
use super::digest::sha256_of_headers;
use super::{FetchProgress, Limits};
use crate::error::{Error, Result};
use crate::io::Resumable;
use reqwest::blocking::Response;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// What a complete download said of itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Received {
    pub final_url: String,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// A SHA-256 that the server published in a header, in hex.
    pub sha256: Option<String>,
}

/// What is kept beside a part, so that another run can go on with it.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Unfinished {
    url: String,
    validator: Option<String>,
}

/// How one attempt ended, if it did not end everything.
enum Attempt {
    Done(Box<Received>),
    NotModified,
    /// Why, and how long the server asks to wait.
    Failed(String, Option<Duration>),
}

pub(super) struct Download<'a> {
    pub client: &'a Client,
    pub limits: &'a Limits,
    pub url: &'a str,
    /// The file that is filled; it keeps what came if the download fails for now.
    pub part: &'a Path,
    /// `ETag` and `Last-Modified` of the version that is in the store.
    pub known: Option<(Option<&'a str>, Option<&'a str>)>,
}

impl Download<'_> {
    /// Fills the part; `None` if the version in the store is still right.
    pub(super) fn run(&self, progress: &mut dyn FetchProgress) -> Result<Option<Received>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.part)
            .map_err(Error::io("write", self.part))?;
        if file.try_lock().is_err() {
            return Err(Error::remote(
                redacted(self.url),
                "another gsae is downloading this file",
                "Wait until it is done.",
            ));
        }
        let _stays = Resumable::new(self.part, &self.note());
        let outcome = self.fill(file, progress);
        let is_empty = || std::fs::metadata(self.part).is_ok_and(|part| part.len() == 0);
        if !matches!(outcome, Ok(Some(_))) && is_empty() {
            self.discard();
        }
        outcome
    }

    fn fill(&self, mut file: File, progress: &mut dyn FetchProgress) -> Result<Option<Received>> {
        let began = Instant::now();
        let mut validator = self.resumable()?;
        if validator.is_none() {
            file.set_len(0).map_err(Error::io("write", self.part))?;
        }
        let mut failures = 0;
        loop {
            let attempt = self.attempt(&mut file, &mut validator, began, progress);
            progress.finish();
            let (why, asked) = match attempt {
                Ok(Attempt::Done(received)) => {
                    file.sync_all().map_err(Error::io("write", self.part))?;
                    return Ok(Some(*received));
                }
                Ok(Attempt::NotModified) => return Ok(None),
                Ok(Attempt::Failed(why, asked)) => (why, asked),
                Err(error) => return Err(error),
            };
            failures += 1;
            if failures > self.limits.retries {
                return Err(self.gave_up(&why, failures));
            }
            let doubled = self.limits.first_wait * 2u32.saturating_pow(failures - 1);
            let wait = asked.unwrap_or_else(|| doubled.min(self.limits.longest_wait));
            if wait > self.limits.longest_wait {
                return Err(Error::remote(
                    redacted(self.url),
                    format!("{why} and asks to wait {} s", wait.as_secs()),
                    "Try again later.",
                ));
            }
            if began.elapsed() + wait >= self.limits.total {
                return Err(self.too_long(&why));
            }
            progress.note(&format!(
                "{}: {why}; attempt {} of {} in {:.0} s",
                redacted(self.url),
                failures + 1,
                self.limits.retries + 1,
                wait.as_secs_f64().ceil(),
            ));
            std::thread::sleep(wait);
        }
    }

    /// Removes the part and its note: what is wrong stays wrong.
    fn discard(&self) {
        // What cannot be removed is overwritten or reported by the next download.
        let _ = std::fs::remove_file(self.part);
        let _ = std::fs::remove_file(self.note());
    }

    fn note(&self) -> std::path::PathBuf {
        self.part.with_extension("part.json")
    }

    /// What identifies the version that the part is of, if it can be gone on with.
    fn resumable(&self) -> Result<Option<String>> {
        let Ok(text) = std::fs::read_to_string(self.note()) else {
            return Ok(None);
        };
        let kept: Unfinished = serde_json::from_str(&text).unwrap_or_default();
        Ok(kept.validator.filter(|_| kept.url == redacted(self.url)))
    }

    fn attempt(
        &self,
        file: &mut File,
        validator: &mut Option<String>,
        began: Instant,
        progress: &mut dyn FetchProgress,
    ) -> Result<Attempt> {
        let io = || Error::io("write", self.part);
        let present = file.metadata().map_err(io())?.len();
        let ask = Ask {
            from: present,
            validator: validator.as_deref(),
            known: self.known,
        };
        let (response, present) = match self.client.get(self.url, ask)? {
            Answer::NotModified => return Ok(Attempt::NotModified),
            Answer::Later(why, wait) => return Ok(Attempt::Failed(why, wait)),
            Answer::StartOver(why) => {
                file.set_len(0).map_err(io())?;
                return Ok(Attempt::Failed(why, Some(Duration::ZERO)));
            }
            Answer::Rest(response) => (response, present),
            Answer::Whole(response) => {
                file.set_len(0).map_err(io())?;
                (response, 0)
            }
        };
        file.seek(std::io::SeekFrom::Start(present)).map_err(io())?;
        let received = Received {
            final_url: redacted(response.url().as_str()),
            etag: etag(&response),
            last_modified: last_modified(&response),
            sha256: sha256_of_headers(|name| header_called(&response, name)),
        };
        // A weak ETag does not promise the same bytes.
        let strong = received.etag.clone().filter(|tag| !tag.starts_with("W/"));
        *validator = strong.or_else(|| received.last_modified.clone());
        let unfinished = Unfinished {
            url: redacted(self.url),
            validator: validator.clone(),
        };
        let text = serde_json::to_string(&unfinished).unwrap_or_default();
        std::fs::write(self.note(), text).map_err(io())?;
        let total = response.content_length().map(|rest| present + rest);
        if total.is_some_and(|total| total > self.limits.max_bytes) {
            return Err(self.too_large(total));
        }
        progress.start(&redacted(self.url), total, present);
        let cut = self.copy(*response, file, present, began, progress)?;
        let arrived = file.metadata().map_err(io())?.len();
        Ok(match (cut, total) {
            (Some(why), _) => Attempt::Failed(why, None),
            (None, Some(total)) if arrived != total => {
                Attempt::Failed(format!("{arrived} of {total} bytes arrived"), None)
            }
            _ => Attempt::Done(Box::new(received)),
        })
    }

    /// Copies the body; the reason if it was cut.
    fn copy(
        &self,
        mut response: Response,
        file: &mut File,
        present: u64,
        began: Instant,
        progress: &mut dyn FetchProgress,
    ) -> Result<Option<String>> {
        let mut buffer = vec![0; 64 << 10];
        let mut arrived = present;
        let (mut window, mut in_window) = (Instant::now(), 0u64);
        loop {
            let got = match response.read(&mut buffer) {
                Ok(0) => return Ok(None),
                Ok(got) => got,
                Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(cause) => {
                    if began.elapsed() >= self.limits.total {
                        return Err(self.too_long("the server is too slow"));
                    }
                    return Ok(Some(format!(
                        "the connection broke after {arrived} bytes ({cause})"
                    )));
                }
            };
            arrived += got as u64;
            in_window += got as u64;
            if arrived > self.limits.max_bytes {
                return Err(self.too_large(None));
            }
            file.write_all(&buffer[..got])
                .map_err(Error::io("write", self.part))?;
            progress.advance(got as u64);
            if began.elapsed() >= self.limits.total {
                return Err(self.too_long("the server is too slow"));
            }
            if window.elapsed() >= self.limits.window {
                if in_window < self.limits.min_bytes {
                    return Ok(Some(format!(
                        "only {in_window} bytes came in {:.0} s",
                        window.elapsed().as_secs_f64()
                    )));
                }
                (window, in_window) = (Instant::now(), 0);
            }
        }
    }

    fn too_large(&self, total: Option<u64>) -> Error {
        let size = match total {
            Some(total) => format!("the file has {} MB", total >> 20),
            None => "the file goes on".to_owned(),
        };
        self.discard();
        Error::remote(
            redacted(self.url),
            format!("{size}; the limit is {} MB", self.limits.max_bytes >> 20),
            "If the size is right, raise --max-size.",
        )
    }

    fn too_long(&self, why: &str) -> Error {
        Error::remote(
            redacted(self.url),
            format!(
                "{why}; the file took longer than {} s",
                self.limits.total.as_secs()
            ),
            "Raise --timeout, or use a mirror with --base-url.",
        )
    }

    fn gave_up(&self, why: &str, attempts: u32) -> Error {
        Error::remote(
            redacted(self.url),
            format!("{why} ({attempts} attempts)"),
            "Try again later: what has arrived is kept, and the download goes on from there. \
             --base-url names a mirror; proxies are read from HTTPS_PROXY and NO_PROXY.",
        )
    }
}
