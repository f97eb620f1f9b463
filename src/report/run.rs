//! The output folder of a fit, as a report needs it.

use super::Table;
use crate::activity::ScoreTable;
use crate::error::{Error, Place, Result};
use crate::io::read_text;
use crate::pipeline::TrainedModel;
use crate::training::History;
use serde_json::Value;
use std::path::Path;

/// What a fit left behind.
#[derive(Debug, Clone)]
pub struct Run {
    /// Activity: `[samples, nodes]`; of a part of the samples where there are very many.
    pub activity: ScoreTable,
    /// Latent coordinates of the same samples: `[samples, latent]`; no columns if the folder
    /// lacks them.
    pub latent: ScoreTable,
    /// What is known of every node; its first column is the name, and the only one if the folder
    /// has no more.
    pub nodes: Table,
    /// The course of training.
    pub history: History,
    /// The content of `run.json`; null if the folder lacks it.
    pub manifest: Value,
    /// The genes the model sees.
    pub genes: Vec<String>,
    /// The genes of every node; empty for a model without gene-set nodes.
    pub members: Vec<Vec<Member>>,
    /// The samples of the whole run.
    pub total_samples: usize,
    /// What a reader should know of what was read: files that lack, samples left out.
    pub remarks: Vec<String>,
}

/// A gene of a node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Member {
    /// Its position among the run's genes.
    pub gene: u32,
    /// Its loading on the node.
    pub loading: f64,
}

impl Run {
    /// Reads the folder that `gsae fit` wrote. `model.safetensors` and `activity.tsv` are needed;
    /// what else is not there is named in the remarks.
    ///
    /// # Errors
    /// [`Error::Io`] for a file that cannot be read, [`Error::Format`] for one that cannot be
    /// understood, [`Error::Data`] if the files are not of one run.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        let trained = TrainedModel::load(folder.join("model.safetensors"))?;
        Self::of_model(&trained, folder)
    }

    /// As [`open`](Self::open), with the model at hand.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn of_model(trained: &TrainedModel, folder: &Path) -> Result<Self> {
        Self::sampled(trained, folder, usize::MAX, 1)
    }

    /// The names of the nodes, without reading anything else.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Format`] if `activity.tsv` cannot be read.
    pub fn node_names(folder: impl AsRef<Path>) -> Result<Vec<String>> {
        ScoreTable::column_names(folder.as_ref().join("activity.tsv"))
    }

    /// All nodes, without any sample: what is known of the nodes, their genes, and the course of
    /// training. Of `activity.tsv` only the first line is read.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn without_samples(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        let trained = TrainedModel::load(folder.join("model.safetensors"))?;
        let names = Self::node_names(folder)?;
        let activity = ScoreTable::new(Vec::new(), names, Vec::new())?;
        let latent = ScoreTable::new(Vec::new(), Vec::new(), Vec::new())?;
        Self::of_parts(&trained, folder, activity, latent)
    }

    /// The nodes at these places alone, in this order, in all samples, and with `latent` the
    /// latent coordinates. `activity.tsv` is gone through a line at a time, so memory is that of
    /// what is asked for.
    ///
    /// # Errors
    /// As [`open`](Self::open); [`Error::Format`] if there are not so many nodes.
    pub fn of_nodes(folder: impl AsRef<Path>, nodes: &[usize], latent: bool) -> Result<Self> {
        let folder = folder.as_ref();
        let trained = TrainedModel::load(folder.join("model.safetensors"))?;
        let path = folder.join("activity.tsv");
        let activity = match nodes.is_empty() {
            // Of no node there are samples still.
            true => ScoreTable::new(ScoreTable::row_names(path)?, Vec::new(), Vec::new())?,
            false => ScoreTable::with_columns(path, nodes)?,
        };
        let coordinates = folder.join("latent.tsv");
        let latent = match latent && coordinates.exists() {
            true => ScoreTable::from_path(coordinates)?,
            false => ScoreTable::new(activity.samples().to_vec(), Vec::new(), Vec::new())?,
        };
        let names = Self::node_names(folder)?;
        let all = Self::of_parts(
            &trained,
            folder,
            ScoreTable::new(Vec::new(), names, Vec::new())?,
            ScoreTable::new(Vec::new(), Vec::new(), Vec::new())?,
        )?;
        let members = match all.members.is_empty() {
            true => Vec::new(),
            false => nodes.iter().map(|&at| all.members[at].clone()).collect(),
        };
        let run = Self {
            nodes: all.nodes.rows(nodes),
            total_samples: activity.samples().len(),
            members,
            activity,
            latent,
            ..all
        };
        if run.latent.samples() != run.activity.samples() {
            return Err(not_of_one_run());
        }
        Ok(run)
    }

    /// What the folder and the model tell beside the two tables of samples.
    fn of_parts(
        trained: &TrainedModel,
        folder: &Path,
        activity: ScoreTable,
        latent: ScoreTable,
    ) -> Result<Self> {
        let mut remarks = Vec::new();
        let mut there = |file: &str, lacking: &str| {
            let path = folder.join(file);
            if path.exists() {
                return Some(path);
            }
            remarks.push(format!("The folder has no {file}: {lacking}."));
            None
        };
        let manifest = there("run.json", "command, inputs and timings are not told");
        let manifest = manifest.map_or(Ok(Value::Null), |path| manifest_of(&path))?;
        let nodes = match there("nodes.tsv", "nothing is known of the nodes but their names") {
            Some(path) => Table::from_path(path)?,
            None => Table::of_names(activity.columns()),
        };
        let members = trained.scorer().map_or_else(Vec::new, |scorer| {
            let node = |set| {
                let members = scorer.members(set);
                members.map(|(gene, loading)| Member {
                    gene: gene as u32,
                    loading,
                })
            };
            let sets = 0..trained.nodes().len();
            sets.map(|set| node(set).collect()).collect()
        });
        let run = Self {
            nodes,
            history: trained.history().clone(),
            manifest,
            genes: trained.genes().to_vec(),
            members,
            total_samples: activity.samples().len(),
            activity,
            latent,
            remarks,
        };
        run.check()?;
        Ok(run)
    }

    /// As [`of_model`](Self::of_model), with as many samples, drawn with `seed`, as make
    /// `most_values` activities, and all where there are no more.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn sampled(
        trained: &TrainedModel,
        folder: &Path,
        most_values: usize,
        seed: u64,
    ) -> Result<Self> {
        let read = ScoreTable::sampled(folder.join("activity.tsv"), most_values, seed)?;
        let activity = read.table;
        let coordinates = folder.join("latent.tsv");
        let mut remarks = Vec::new();
        let latent = match (coordinates.exists(), &read.rows) {
            (false, _) => {
                remarks.push(
                    "The folder has no latent.tsv: the samples have no picture in two dimensions."
                        .to_owned(),
                );
                ScoreTable::new(activity.samples().to_vec(), Vec::new(), Vec::new())?
            }
            (true, None) => ScoreTable::from_path(coordinates)?,
            (true, Some(rows)) => ScoreTable::with_rows(coordinates, rows)?,
        };
        if read.rows.is_some() {
            remarks.push(format!(
                "The run has {} samples. {} of them, drawn at random (seed {seed}), were read: all \
                 that is said here of samples and groups, effect sizes too, is of these.",
                read.total,
                activity.samples().len()
            ));
        }
        let mut run = Self::of_parts(trained, folder, activity, latent)?;
        run.total_samples = read.total;
        run.remarks.extend(remarks);
        Ok(run)
    }

    /// Refuses parts that do not belong together.
    pub(super) fn check(&self) -> Result<()> {
        let nodes = self.activity.columns().len();
        let counts = [
            ("nodes.tsv", self.nodes.len()),
            (
                "model.safetensors",
                match self.members.len() {
                    0 => nodes,
                    own => own,
                },
            ),
        ];
        if self.latent.samples() != self.activity.samples() {
            return Err(not_of_one_run());
        }
        match counts.into_iter().find(|(_, count)| *count != nodes) {
            None => Ok(()),
            Some((file, count)) => Err(Error::data(
                format!("activity.tsv has {nodes} nodes and {file} {count}"),
                "Give a folder with the files of one `gsae fit`.",
            )),
        }
    }
}

fn not_of_one_run() -> Error {
    Error::data(
        "activity.tsv and latent.tsv are not of the same samples",
        "Give a folder with the files of one `gsae fit`.",
    )
}

fn manifest_of(path: &Path) -> Result<Value> {
    let (text, _) = read_text(path)?;
    serde_json::from_str(&text).map_err(|cause| {
        Error::format(
            path,
            Place::line(cause.line()),
            format!("this is not JSON ({cause})"),
            "Run `gsae fit` again.",
        )
    })
}
