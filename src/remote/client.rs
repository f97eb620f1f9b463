//! The HTTP client: one request at a time, within bounds, its answer sorted by what to do next.

use super::Limits;
use super::tls;
use crate::error::{Error, Result};
use reqwest::StatusCode;
use reqwest::blocking::{Client as Http, ClientBuilder, Response};
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE, RETRY_AFTER,
};
use reqwest::redirect::Policy;
use std::error::Error as _;
use std::io::Read;
use std::time::Duration;

/// What a request asks for, beside the address.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ask<'a> {
    /// Bytes that are there already.
    pub from: u64,
    /// What identifies the version that those bytes are of.
    pub validator: Option<&'a str>,
    /// `ETag` and `Last-Modified` of a complete file that need not come again.
    pub known: Option<(Option<&'a str>, Option<&'a str>)>,
}

/// An answer.
pub(super) enum Answer {
    /// The body from the start.
    Whole(Box<Response>),
    /// The body from where it was cut.
    Rest(Box<Response>),
    /// What is known is still right.
    NotModified,
    /// The bytes that are there do not fit what the server has: start afresh.
    StartOver(String),
    /// Another attempt may succeed, after this time if the server says so.
    Later(String, Option<Duration>),
}

pub(super) struct Client {
    http: Http,
}

impl Client {
    pub(super) fn new(limits: &Limits) -> Result<Self> {
        tls::provide()?;
        let redirects = limits.redirects;
        let policy = Policy::custom(move |attempt| {
            let from_https = attempt
                .previous()
                .last()
                .is_some_and(|url| url.scheme() == "https");
            if attempt.previous().len() > redirects {
                attempt.error(format!("more than {redirects} redirects"))
            } else if from_https && attempt.url().scheme() != "https" {
                attempt.error("a redirect from https to an unencrypted address")
            } else {
                attempt.follow()
            }
        });
        let mut headers = HeaderMap::new();
        // Ranges count the bytes of the file, so it has to come as it is.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let http = ClientBuilder::new()
            .user_agent(concat!("gsae/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .redirect(policy)
            .connect_timeout(limits.connect.min(limits.total))
            // Of each single wait, not of the whole body.
            .timeout(limits.silence.min(limits.total))
            .build()
            .map_err(|cause| Error::Remote {
                url: "https".to_owned(),
                message: "the network cannot be used".to_owned(),
                remedy: "Check the system's certificates (SSL_CERT_FILE) and the proxy settings."
                    .to_owned(),
                source: Some(Box::new(cause)),
            })?;
        Ok(Self { http })
    }

    /// Sends one GET.
    ///
    /// # Errors
    /// [`Error::Remote`] for what no further attempt would change.
    pub(super) fn get(&self, url: &str, ask: Ask) -> Result<Answer> {
        let mut request = self.http.get(url);
        if ask.from > 0 {
            request = request.header(RANGE, format!("bytes={}-", ask.from));
            if let Some(validator) = ask.validator {
                request = request.header(IF_RANGE, validator);
            }
        } else if let Some((etag, modified)) = ask.known {
            for (name, value) in [(IF_NONE_MATCH, etag), (IF_MODIFIED_SINCE, modified)] {
                if let Some(value) = value {
                    request = request.header(name, value);
                }
            }
        }
        match request.send() {
            Ok(response) => sort(url, response, ask),
            Err(cause)
                if cause.is_redirect()
                    || cause.is_builder()
                    || cause.is_request() && is_tls(&cause) =>
            {
                Err(failed(url, "it could not be reached", cause))
            }
            Err(cause) => Ok(Answer::Later(reason(&cause), None)),
        }
    }

    /// A text of at most 4 KiB; `None` if the server does not have it.
    ///
    /// # Errors
    /// [`Error::Remote`] if the server does not answer.
    pub(super) fn small(&self, url: &str) -> Result<Option<String>> {
        let response = self.http.get(url).send();
        let response = response.map_err(|cause| failed(url, "it could not be asked for", cause))?;
        if !response.status().is_success() {
            return Ok(None);
        }
        let mut text = Vec::new();
        let read = response.take(4096).read_to_end(&mut text);
        Ok(read.ok().and_then(|_| String::from_utf8(text).ok()))
    }
}

fn sort(url: &str, response: Response, ask: Ask) -> Result<Answer> {
    let status = response.status();
    Ok(match status {
        StatusCode::OK => Answer::Whole(Box::new(response)),
        StatusCode::PARTIAL_CONTENT if ask.from > 0 => {
            let range = header(&response, &CONTENT_RANGE);
            if range.as_deref().and_then(range_start) == Some(ask.from) {
                Answer::Rest(Box::new(response))
            } else {
                Answer::StartOver(format!("the server sent the range {range:?}"))
            }
        }
        StatusCode::NOT_MODIFIED if ask.known.is_some() => Answer::NotModified,
        StatusCode::RANGE_NOT_SATISFIABLE if ask.from > 0 => {
            Answer::StartOver("the server has no more bytes than were there".to_owned())
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => later(&response),
        status if status.is_server_error() => later(&response),
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            return Err(Error::remote(
                redacted(url),
                format!("the server has no such file ({status})"),
                "Check the name and version; `gsae genesets list --remote SOURCE` lists what there is.",
            ));
        }
        status => {
            return Err(Error::remote(
                redacted(url),
                format!("the server answered {status}"),
                "Check the address, and whether a proxy or a login stands between.",
            ));
        }
    })
}

fn later(response: &Response) -> Answer {
    let wait = header(response, &RETRY_AFTER).and_then(|value| retry_after(&value));
    Answer::Later(format!("the server answered {}", response.status()), wait)
}

/// Seconds, or a date.
fn retry_after(value: &str) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = chrono::DateTime::parse_from_rfc2822(value.trim()).ok()?;
    let wait = date.signed_duration_since(chrono::Utc::now());
    Some(wait.to_std().unwrap_or(Duration::ZERO))
}

/// The first byte of `bytes 100-199/200`.
fn range_start(value: &str) -> Option<u64> {
    let (_, range) = value.split_once(' ')?;
    range.split('-').next()?.parse().ok()
}

pub(super) fn header(response: &Response, name: &HeaderName) -> Option<String> {
    let value = response.headers().get(name)?.to_str().ok()?;
    Some(value.to_owned())
}

/// A header by its lower-case name.
pub(super) fn header_called(response: &Response, name: &str) -> Option<String> {
    let value = response.headers().get(name)?.to_str().ok()?;
    Some(value.to_owned())
}

pub(super) fn etag(response: &Response) -> Option<String> {
    header(response, &ETAG)
}

pub(super) fn last_modified(response: &Response) -> Option<String> {
    header(response, &LAST_MODIFIED)
}

/// A certificate that is refused stays refused.
fn is_tls(cause: &reqwest::Error) -> bool {
    let mut inner = cause.source();
    while let Some(error) = inner {
        let text = error.to_string();
        if text.contains("certificate") {
            return true;
        }
        inner = error.source();
    }
    false
}

/// The innermost cause, without the address, which the message has already.
fn reason(cause: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = cause;
    while let Some(next) = inner.source() {
        inner = next;
    }
    if cause.is_timeout() {
        return "the server was silent for too long".to_owned();
    }
    inner.to_string()
}

fn failed(url: &str, message: &str, cause: reqwest::Error) -> Error {
    Error::Remote {
        url: redacted(url),
        message: message.to_owned(),
        remedy: "Check the address and the network (proxies: HTTPS_PROXY, NO_PROXY); --base-url \
                 names a mirror, --offline uses the cache."
            .to_owned(),
        source: Some(Box::new(cause.without_url())),
    }
}

/// An address without user and password.
pub(super) fn redacted(url: &str) -> String {
    match reqwest::Url::parse(url) {
        Ok(mut parsed) if !parsed.username().is_empty() || parsed.password().is_some() => {
            // Addresses that can have neither have none to remove.
            let _ = parsed.set_password(None);
            let _ = parsed.set_username("");
            parsed.to_string()
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_seconds_or_dates() {
        assert_eq!(retry_after(" 7 "), Some(Duration::from_secs(7)));
        let past = "Wed, 21 Oct 2015 07:28:00 GMT";
        assert_eq!(retry_after(past), Some(Duration::ZERO));
        assert_eq!(retry_after("soon"), None);
        assert_eq!(range_start("bytes 100-199/200"), Some(100));
        assert_eq!(range_start("nonsense"), None);
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(
            redacted("https://u:p@example.org/x"),
            "https://example.org/x"
        );
        assert_eq!(redacted("https://example.org/x"), "https://example.org/x");
    }
}
