//! Names with wildcards.

use crate::error::{Error, Result};
use std::str::FromStr;

/// A set's name, or a pattern of names: `*` any characters, `?` any one, `[abc]` one of these. A
/// pattern always matches the name that it is letter by letter, brackets included.
///
/// ```
/// use gsae::genesets::NamePattern;
///
/// let pattern: NamePattern = "HALLMARK_*_RESPONSE".parse()?;
/// assert!(pattern.matches("HALLMARK_INTERFERON_ALPHA_RESPONSE"));
/// assert!(!pattern.matches("HALLMARK_HYPOXIA"));
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePattern {
    text: String,
    glob: glob::Pattern,
}

impl NamePattern {
    /// Whether a name fits; case counts.
    pub fn matches(&self, name: &str) -> bool {
        self.text == name || self.glob.matches(name)
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for NamePattern {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        // What is no pattern, such as a lone bracket, is a name.
        let glob = glob::Pattern::new(text)
            .or_else(|_| glob::Pattern::new(&glob::Pattern::escape(text)))
            .map_err(|cause| {
                Error::config("the pattern of names", format!("{text:?} is none: {cause}"))
            })?;
        Ok(Self {
            text: text.to_owned(),
            glob,
        })
    }
}
