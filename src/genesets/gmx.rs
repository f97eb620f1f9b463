//! GMX: a set a column; row 1 the names, row 2 the descriptions, then genes, ragged.

use super::Lint;
use super::assemble::RawSet;
use crate::error::{Error, Place, Result};
use std::path::Path;

pub(super) fn parse(text: &str, path: &Path) -> Result<(Vec<RawSet>, Vec<Lint>)> {
    let mut rows = text.split('\n').map(|line| line.trim_end_matches('\r'));
    let (Some(names), Some(descriptions)) = (rows.next(), rows.next()) else {
        return Err(Error::format(
            path,
            Place::file(),
            "a GMX file needs a row of names and a row of descriptions",
            "Write `na` where a set has no description.",
        ));
    };
    let mut sets: Vec<RawSet> = names
        .split('\t')
        .zip(descriptions.split('\t').chain(std::iter::repeat("")))
        .enumerate()
        .map(|(column, (name, description))| RawSet {
            line: Some(column + 1),
            name: name.trim().to_owned(),
            description: description.trim().to_owned(),
            tokens: Vec::new(),
        })
        .collect();
    for (index, row) in rows.enumerate() {
        for (column, gene) in row.split('\t').enumerate() {
            let gene = gene.trim();
            if gene.is_empty() {
                continue;
            }
            let width = sets.len();
            let set = sets.get_mut(column).ok_or_else(|| {
                Error::format(
                    path,
                    Place::field(index + 3, (column + 1).to_string()),
                    format!("{gene:?} stands beyond the {width} columns that have a name"),
                    "Give every column a name in the first row.",
                )
            })?;
            set.tokens.push(gene.to_owned());
        }
    }
    // A last tab on the name row makes a column that has neither a name nor genes.
    sets.retain(|set| !(set.name.is_empty() && set.tokens.is_empty()));
    Ok((sets, Vec::new()))
}
