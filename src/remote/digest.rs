//! Checksums that a server publishes: in a header (`Repr-Digest`, RFC 9530; `Digest`, RFC 3230),
//! or, on a mirror, in a file beside the file.

use crate::io::hex;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The SHA-256 that response headers give, in hex.
pub(super) fn sha256_of_headers(header: impl Fn(&str) -> Option<String>) -> Option<String> {
    ["repr-digest", "digest"].into_iter().find_map(|name| {
        header(name)?.split(',').find_map(|item| {
            let (algorithm, value) = item.trim().split_once('=')?;
            if !algorithm.eq_ignore_ascii_case("sha-256") {
                return None;
            }
            let bytes = STANDARD.decode(value.trim_matches(':')).ok()?;
            (bytes.len() == 32).then(|| hex(&bytes))
        })
    })
}

/// The first word of a `.sha256` file, if it is one.
pub(super) fn sha256_of_file(text: &str) -> Option<String> {
    let word = text.split_whitespace().next()?;
    is_sha256(word).then(|| word.to_lowercase())
}

/// Whether this is a SHA-256 in hex.
pub(super) fn is_sha256(word: &str) -> bool {
    word.len() == 64 && word.chars().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_headers_are_read() {
        // The digest of nothing.
        let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for (name, value) in [
            ("repr-digest", format!("md5=:x:, sha-256=:{empty}:")),
            ("digest", format!("SHA-256={empty}")),
        ] {
            let header = |asked: &str| (asked == name).then(|| value.clone());
            assert_eq!(sha256_of_headers(header).as_deref(), Some(hex));
        }
        assert_eq!(sha256_of_headers(|_| Some("sha-256=abc".to_owned())), None);
        assert_eq!(
            sha256_of_file(&format!("{hex}  h.all.gmt\n")).as_deref(),
            Some(hex)
        );
        assert_eq!(sha256_of_file("<html>"), None);
    }
}
