//! The folder a fit writes, and the table of pathways it prints.

use super::console::print;
use super::evidence::verdict;
use crate::error::{Error, Result};
use crate::io::write_atomically;
use crate::pipeline::{NodeTable, RunManifest, Scores, Timings, TrainedModel};
use std::fmt::Write;
use std::path::Path;

/// The folder of a run, shown to be writable before any long work. A folder that was made for
/// the run goes again if nothing was written into it.
pub(super) struct OutputFolder<'a> {
    path: &'a Path,
    made: bool,
}

impl<'a> OutputFolder<'a> {
    pub(super) fn prepare(path: &'a Path) -> Result<Self> {
        let made = !path.exists();
        std::fs::create_dir_all(path).map_err(Error::io("create the folder", path))?;
        let folder = Self { path, made };
        let probe = path.join(".gsae-write-test");
        write_atomically(&probe, |_| Ok(()))?;
        std::fs::remove_file(&probe).map_err(Error::io("write into", path))?;
        Ok(folder)
    }

    pub(super) fn path(&self) -> &Path {
        self.path
    }
}

impl Drop for OutputFolder<'_> {
    fn drop(&mut self) {
        if self.made {
            // Fails, as it should, where the run left files.
            let _ = std::fs::remove_dir(self.path);
        }
    }
}

/// Writes everything a fit leaves behind.
pub(super) fn write_run(
    folder: &Path,
    trained: &TrainedModel,
    scores: &Scores,
    timings: Timings,
    warnings: Vec<String>,
) -> Result<()> {
    trained.save(folder.join("model.safetensors"))?;
    scores.activity.write_tsv(folder.join("activity.tsv"))?;
    scores.latent.write_tsv(folder.join("latent.tsv"))?;
    scores.nodes.write_tsv(folder.join("nodes.tsv"))?;
    trained.history().write_tsv(folder.join("history.tsv"))?;
    let command = std::env::args().collect();
    RunManifest::new(trained, timings, command, warnings).write_json(folder.join("run.json"))
}

/// Prints what the evidence comes to, where there is any.
pub(super) fn print_verdict(trained: &TrainedModel) -> Result<()> {
    match trained.evidence() {
        Some(evidence) => print(&verdict(evidence)),
        None => Ok(()),
    }
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
