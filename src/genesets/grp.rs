//! GRP: one set a file, a gene a line, `#` comments; the file's name is the set's.

use super::assemble::RawSet;
use std::path::Path;

pub(super) fn parse(text: &str, path: &Path) -> RawSet {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let name = name.strip_suffix(".grp").unwrap_or(name);
    RawSet {
        line: None,
        name: name.to_owned(),
        description: String::new(),
        tokens: text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect(),
    }
}
