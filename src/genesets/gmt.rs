//! GMT: a set a line, `name TAB description TAB gene TAB gene ...`.
//!
//! Fields are split on tabs only and nothing is a quote; carriage returns and trailing empty
//! fields go; blank lines and lines that start with `#` are skipped; a description may be empty.

use super::assemble::RawSet;
use super::{GeneSet, Lint};
use crate::error::{Error, Place, Result};
use crate::io::one_field;
use std::io::Write;
use std::path::Path;

pub(super) fn parse(text: &str, path: &Path) -> Result<(Vec<RawSet>, Vec<Lint>)> {
    let mut sets = Vec::new();
    let mut lints = Vec::new();
    let mut untabbed = None;
    for (index, line) in text.split('\n').enumerate() {
        let number = index + 1;
        let line = line.trim_end_matches(['\r', '\t', ' ']);
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let mut fields = line.split('\t');
        let name = fields.next().unwrap_or_default().trim().to_owned();
        let Some(description) = fields.next() else {
            untabbed.get_or_insert((number, line.split_whitespace().count()));
            lints.push(Lint {
                line: Some(number),
                set: name,
                message: "the line has no tab, so it is no set, and was skipped".to_owned(),
            });
            continue;
        };
        sets.push(RawSet {
            line: Some(number),
            name,
            description: description.trim().to_owned(),
            tokens: fields.map(str::to_owned).collect(),
        });
    }
    match untabbed {
        Some((number, words)) if sets.is_empty() && words > 2 => Err(Error::format(
            path,
            Place::line(number),
            format!("{words} words without a tab between them"),
            "GMT separates name, description and genes by tabs: replace the blanks by tabs.",
        )),
        _ => Ok((sets, lints)),
    }
}

/// Writes sets as GMT. An empty description becomes `na`, because other readers take the first
/// gene for it otherwise; tabs and line breaks in names become blanks.
pub(super) fn write(sets: &[GeneSet], out: &mut dyn Write) -> std::io::Result<()> {
    for set in sets {
        let description = one_field(&set.description);
        let description = match description.trim() {
            "" => "na",
            text => text,
        };
        write!(out, "{}\t{description}", one_field(&set.name))?;
        for (position, gene) in set.genes.iter().enumerate() {
            match set.weights.as_ref().map(|weights| weights[position]) {
                Some(weight) => write!(out, "\t{},{weight}", one_field(gene))?,
                None => write!(out, "\t{}", one_field(gene))?,
            }
        }
        writeln!(out)?;
    }
    Ok(())
}
