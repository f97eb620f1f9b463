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
    /// Activity: `[samples, nodes]`.
    pub activity: ScoreTable,
    /// Latent coordinates: `[samples, latent]`.
    pub latent: ScoreTable,
    /// What is known of every node; its first column is the name.
    pub nodes: Table,
    /// The course of training.
    pub history: History,
    /// The content of `run.json`.
    pub manifest: Value,
    /// The genes the model sees.
    pub genes: Vec<String>,
    /// The genes of every node; empty for a model without gene-set nodes.
    pub members: Vec<Vec<Member>>,
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
    /// Reads the folder that `gsae fit` wrote.
    ///
    /// # Errors
    /// [`Error::Io`] for a file that is not there, [`Error::Format`] for one that cannot be
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
        let path = folder.join("run.json");
        let (text, _) = read_text(&path)?;
        let manifest = serde_json::from_str(&text).map_err(|cause| {
            Error::format(
                &path,
                Place::line(cause.line()),
                format!("this is not JSON ({cause})"),
                "Run `gsae fit` again.",
            )
        })?;
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
            activity: ScoreTable::from_path(folder.join("activity.tsv"))?,
            latent: ScoreTable::from_path(folder.join("latent.tsv"))?,
            nodes: Table::from_path(folder.join("nodes.tsv"))?,
            history: trained.history().clone(),
            manifest,
            genes: trained.genes().to_vec(),
            members,
        };
        run.check()?;
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
        match counts.into_iter().find(|(_, count)| *count != nodes) {
            None => Ok(()),
            Some((file, count)) => Err(Error::data(
                format!("activity.tsv has {nodes} nodes and {file} {count}"),
                "Give a folder with the files of one `gsae fit`.",
            )),
        }
    }
}
