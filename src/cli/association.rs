//! What the commands that hold scores against annotations share.

use super::console::Console;
use crate::activity::ScoreTable;
use crate::association::{Labels, NodeColumns};
use crate::error::{Error, Result};
use crate::expression::SampleTable;
use crate::io::file_in;
use crate::wording::{number_of, verb};
use std::path::{Path, PathBuf};

/// The option that names the annotations.
#[derive(clap::Args)]
pub(super) struct LabelArgs {
    /// Annotations of the samples: a TSV or CSV table with the samples' names in its first
    /// column, or an h5ad file (its obs).
    #[arg(long, value_name = "FILE")]
    samples: PathBuf,
}

impl LabelArgs {
    pub fn join(&self, scores: &ScoreTable, console: &Console) -> Result<Labels> {
        join(&self.samples, scores, console)
    }
}

pub(super) fn join(path: &Path, scores: &ScoreTable, console: &Console) -> Result<Labels> {
    let labels = Labels::join(
        scores,
        &SampleTable::read_for(path, scores.samples())?,
        path,
    )?;
    labels
        .warnings()
        .iter()
        .for_each(|warning| console.warn(warning));
    Ok(labels)
}

/// Reads scores, of the folder of a run its activity; `missing` says what becomes of missing ones.
pub(super) fn read_scores(
    path: &Path,
    console: &Console,
    missing: Option<&str>,
) -> Result<ScoreTable> {
    let path = &file_in(path, "activity.tsv");
    let scores = ScoreTable::from_path(path)?;
    let (samples, nodes) = (scores.samples().len(), scores.columns().len());
    console.note(format!(
        "{}: {} x {}",
        path.display(),
        number_of(samples, "sample"),
        number_of(nodes, "column")
    ));
    let unknown = scores.values().iter().filter(|value| value.is_nan());
    if let (count @ 1.., Some(then)) = (unknown.count(), missing) {
        console.warn(format!(
            "{} {} missing (NA); {then}",
            number_of(count, "score"),
            verb(count, "is", "are")
        ));
    }
    Ok(scores)
}

/// Says what was adjusted for, and how it was read.
pub(super) fn adjusted(covariates: &[String], console: &Console) {
    if !covariates.is_empty() {
        console.note(format!("adjusted for {}", covariates.join(", ")));
    }
}

/// What is known of the nodes: the given file, or `nodes.tsv` beside the scores where it knows
/// some of them.
pub(super) fn node_columns(
    given: Option<&Path>,
    beside: &Path,
    scores: &ScoreTable,
    console: &Console,
) -> Result<Option<NodeColumns>> {
    if let Some(path) = given {
        let columns = NodeColumns::from_path(path)?;
        if columns.known(scores.columns()) == 0 {
            let message = format!(
                "{} has no row for any of the scores' columns",
                path.display()
            );
            return Err(Error::config("--nodes", message));
        }
        return Ok(Some(columns));
    }
    let path = file_in(beside, "activity.tsv").with_file_name("nodes.tsv");
    if !path.is_file() {
        return Ok(None);
    }
    let columns = NodeColumns::from_path(&path)?;
    if columns.known(scores.columns()) == 0 {
        return Ok(None);
    }
    let count = columns.headers().len();
    console.note(format!(
        "{}: {} joined to the nodes",
        path.display(),
        number_of(count, "column")
    ));
    Ok(Some(columns))
}

/// A p-value for the terminal; one that a double cannot hold is below 1e-300.
pub(super) fn short(p: f64) -> String {
    match p {
        p if p.is_nan() => "NA".to_owned(),
        p if p < 1e-300 => "<1e-300".to_owned(),
        p if p >= 0.001 => format!("{p:.4}"),
        p => format!("{p:.1e}"),
    }
}

/// How many adjusted p-values are below 0.05, of how many that could be had.
pub(super) fn significant(adjusted: impl Iterator<Item = f64>) -> String {
    let known: Vec<f64> = adjusted.filter(|p| !p.is_nan()).collect();
    let below = known.iter().filter(|p| **p < 0.05).count();
    format!(
        "{below} of {} below a false discovery rate of 0.05",
        number_of(known.len(), "node")
    )
}

/// A number for the terminal, as wide as `width` and with `digits` after the point.
pub(super) fn fixed(value: f64, width: usize, digits: usize) -> String {
    if value.is_nan() {
        format!("{:>width$}", "NA")
    } else {
        format!("{value:>width$.digits$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_values_are_short_and_never_zero() {
        let said = [0.0, 3e-310, 2.34e-200, 0.01234, f64::NAN].map(short);
        assert_eq!(said, ["<1e-300", "<1e-300", "2.3e-200", "0.0123", "NA"]);
    }
}
