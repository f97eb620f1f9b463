//! The folder a fit writes, and the table of pathways it prints.

use super::console::Console;
use super::evidence::verdict;
use super::report::REPORT;
use crate::activity::{ScoreFormat, ScoreTable};
use crate::error::{Error, Result};
use crate::expression::ExpressionMatrix;
use crate::interpret::Interpretation;
use crate::io::{NewFolders, create_temporary, make_folder};
use crate::pipeline::{Coverage, NodeTable, RunManifest, Timings, TrainedModel};
use crate::wording::number_of;
use std::fmt::Write;
use std::path::Path;

/// What every fit writes into its folder, and the report.
pub(super) const FIT_FILES: [&str; 7] = [
    "model.safetensors",
    "activity.tsv",
    "latent.tsv",
    "nodes.tsv",
    "history.tsv",
    "run.json",
    REPORT,
];

/// All files that an earlier fit may have left, those of `--format` included.
pub(super) fn earlier_fit() -> Vec<String> {
    let formats = ScoreFormat::ALL.iter();
    let formats = formats.map(|format| format!("activity.{}", format.suffix()));
    FIT_FILES
        .map(str::to_owned)
        .into_iter()
        .chain(formats)
        .collect()
}

/// The first and the last file that are written: every result has both, one that was cut off
/// the first.
const FIT_MARKS: [&str; 2] = ["model.safetensors", "run.json"];
const INTERPRETATION_MARKS: [&str; 2] = ["supersets.tsv", "interpret.json"];

/// Whether a folder has what gsae wrote, not just files called so.
fn is_marked(folder: &Path, marks: &[&str]) -> bool {
    marks.iter().any(|name| folder.join(name).is_file())
}

/// Removes from a folder the files with these names.
pub(super) fn remove(
    folder: &Path,
    names: impl IntoIterator<Item = impl AsRef<Path>>,
) -> Result<()> {
    for name in names {
        let path = folder.join(name);
        if path.is_file() {
            std::fs::remove_file(&path).map_err(Error::io("remove", &path))?;
        }
    }
    Ok(())
}

/// The folder of a run, shown to be writable before any long work. A folder that was made for
/// the run goes again if nothing was written into it.
pub(super) struct OutputFolder<'a> {
    path: &'a Path,
    _new: NewFolders,
}

impl<'a> OutputFolder<'a> {
    /// The folder of a fit. What an earlier one left there goes when this one writes, so that a
    /// training that fails loses nothing.
    pub(super) fn prepare(path: &'a Path, console: &Console) -> Result<Self> {
        Self::writable(path, &FIT_MARKS, "fit", console)
    }

    /// The folder of an interpretation; [`OutputFolder::prepare`] says the rest.
    pub(super) fn prepare_interpretation(path: &'a Path, console: &Console) -> Result<Self> {
        Self::writable(path, &INTERPRETATION_MARKS, "interpretation", console)
    }

    /// Writes an interpretation in place of an earlier one.
    pub(super) fn write_interpretation(&self, found: &Interpretation) -> Result<()> {
        if is_marked(self.path, &INTERPRETATION_MARKS) {
            remove(self.path, Interpretation::FILES)?;
        }
        found.write(self.path)
    }

    fn writable(path: &'a Path, marks: &[&str], what: &str, console: &Console) -> Result<Self> {
        let folder = Self {
            path,
            _new: make_folder(path)?,
        };
        drop(create_temporary(&path.join("model.safetensors"))?);
        if is_marked(path, marks) {
            console.note(format!(
                "{} has the results of an earlier {what}; they are replaced",
                path.display()
            ));
        }
        Ok(folder)
    }

    pub(super) fn path(&self) -> &Path {
        self.path
    }
}

/// Writes everything a fit leaves behind in place of what an earlier one left, the manifest as `complete` makes it; returns the nodes with their coverage.
pub(super) fn write_run(
    folder: &Path,
    trained: &TrainedModel,
    matrix: &ExpressionMatrix,
    timings: Timings,
    complete: impl for<'a> FnOnce(RunManifest<'a>) -> RunManifest<'a>,
) -> Result<NodeTable> {
    if is_marked(folder, &FIT_MARKS) {
        remove(folder, earlier_fit())?;
    }
    trained.save(folder.join("model.safetensors"))?;
    let latent = folder.join("latent.tsv");
    let nodes = write_scores(trained, matrix, &folder.join("activity.tsv"), Some(&latent))?.nodes;
    nodes.write_tsv(folder.join("nodes.tsv"))?;
    trained.history().write_tsv(folder.join("history.tsv"))?;
    let command = std::env::args().collect();
    let manifest = RunManifest::new(trained, timings, command);
    complete(manifest).write_json(folder.join("run.json"))?;
    Ok(nodes)
}

/// Scores samples and writes them a block at a time, so that no table is ever whole in memory.
pub(super) fn write_scores(
    trained: &TrainedModel,
    matrix: &ExpressionMatrix,
    activity: &Path,
    latent: Option<&Path>,
) -> Result<Coverage> {
    let mut coverage = None;
    ScoreTable::write_blocks(activity, |write_activity| {
        let mut score = |write_latent: &mut dyn FnMut(&ScoreTable) -> Result<()>| {
            let found = trained.score_blocks(matrix, &mut |block| {
                write_activity(&block.activity)?;
                write_latent(&block.latent)
            })?;
            coverage = Some(found);
            Ok(())
        };
        match latent {
            Some(path) => ScoreTable::write_blocks(path, score),
            None => score(&mut |_| Ok(())),
        }
    })?;
    coverage.ok_or_else(|| Error::data("no sample was scored", "Give a matrix with samples."))
}

/// What was written, and what to look at first.
pub(super) fn summary(
    folder: &Path,
    trained: &TrainedModel,
    samples: usize,
    report: bool,
) -> String {
    let mut text = format!("wrote {}\n", folder.display());
    let nodes = trained.activity_names().len();
    let report = report.then(|| ("report.html", "start here: open it in a browser".to_owned()));
    let files = [
        (
            "nodes.tsv",
            "what to know of each node before believing it".to_owned(),
        ),
        (
            "activity.tsv",
            format!(
                "{} x {}",
                number_of(samples, "sample"),
                number_of(nodes, "node")
            ),
        ),
        (
            "latent.tsv",
            format!(
                "{} x {}",
                number_of(samples, "sample"),
                number_of(trained.network().latent_width(), "unit")
            ),
        ),
        ("history.tsv", "the losses, epoch by epoch".to_owned()),
        ("run.json", "options, versions, checksums".to_owned()),
        (
            "model.safetensors",
            "scores new samples: gsae activity".to_owned(),
        ),
    ];
    for (file, content) in report.into_iter().chain(files) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {file:<18} {content}");
    }
    text.truncate(text.trim_end().len());
    text
}

/// What the evidence comes to, where there is any.
pub(super) fn verdict_of(trained: &TrainedModel) -> String {
    trained.evidence().map(verdict).unwrap_or_default()
}

/// The nodes that vary most, as a table for the terminal.
pub(super) fn most_variable(nodes: &NodeTable, count: usize) -> String {
    if nodes.rows().iter().all(|row| row.summary().is_none()) {
        return String::from(
            "This model's nodes are latent units without a name; choose one with gene sets \
             (`gsae models`) for pathways.\n",
        );
    }
    let mut text = String::from(
        "Most variable pathways (spread: SD over the samples of the regression's t; agreement: \
         how far the genes agree on the direction)\n\
         spread  genes found  coverage  agreement  pathway\n",
    );
    for row in nodes.most_variable(count) {
        let found = format!("{} of {}", row.found, row.node.size);
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:>6.2}  {found:>11}  {:>7.0}%  {:>9.2}  {}",
            row.spread(),
            100.0 * row.coverage(),
            row.summary().map_or(f64::NAN, |summary| summary.confidence),
            row.node.name,
        );
    }
    text
}
