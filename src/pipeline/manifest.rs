//! What was run, on what, with what: enough to run it again.

use super::{Evidence, EvidenceSummary, FitOptions, FitReport, TrainedModel};
use crate::error::{Error, Result};
use crate::identifiers::Matching;
use crate::io::{Source, write_text};
use serde::Serialize;
use std::path::Path;

/// The content of `run.json`.
#[derive(Debug, Clone, Serialize)]
pub struct RunManifest<'a> {
    /// The command line, argument by argument.
    pub command: Vec<String>,
    /// The version of this crate.
    pub version: &'a str,
    /// The seed.
    pub seed: u64,
    /// Threads that computed; the numbers do not depend on them.
    pub threads: usize,
    /// Where the network was trained: `cpu`, or a GPU with its name; unknown of a model that was
    /// loaded.
    pub device: Option<&'a str>,
    /// All options.
    pub options: &'a FitOptions,
    /// The inputs with their SHA-256.
    pub inputs: &'a [Source],
    /// The labels of the samples with their SHA-256, if a file was given.
    pub labels: Option<Source>,
    /// How the genes of every matrix met those of the gene sets.
    pub identifiers: Vec<Matching>,
    /// Samples, genes, gene sets, memberships.
    pub sizes: RunSizes,
    /// The best epoch, from 1.
    pub best_epoch: usize,
    /// Its validation loss (training loss without a split).
    pub best_loss: Option<f64>,
    /// What the evidence for the nodes comes to; `None` if none was gathered.
    pub evidence: Option<EvidenceSummary>,
    /// Where the time went.
    pub timings: Timings,
    /// The most memory the process held at any time, in bytes, where the system tells.
    pub peak_memory: Option<u64>,
    /// Remarks on the inputs that were logged.
    pub warnings: Vec<String>,
}

/// Seconds spent in the parts of a run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Timings {
    /// The fit.
    #[serde(flatten)]
    pub fit: FitReport,
    /// The refits for the evidence.
    pub evidence_seconds: f64,
}

/// The sizes of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RunSizes {
    /// Samples that trained or validated.
    pub samples: usize,
    /// Genes the model sees.
    pub genes: usize,
    /// Gene-set nodes.
    pub gene_sets: usize,
    /// Memberships: allowed connections between genes and sets.
    pub memberships: usize,
    /// Latent units, in a GSAE the supersets.
    pub latent: usize,
    /// Numbers that training changed.
    pub parameters: usize,
}

impl<'a> RunManifest<'a> {
    /// The manifest of a model trained just now, without labels, identifiers and warnings, of
    /// which the model does not know.
    pub fn new(trained: &'a TrainedModel, timings: Timings, command: Vec<String>) -> Self {
        let history = trained.history();
        Self {
            command,
            version: env!("CARGO_PKG_VERSION"),
            seed: trained.options().training.seed,
            threads: rayon::current_num_threads(),
            device: trained.trained_where.as_deref(),
            options: trained.options(),
            inputs: trained.sources(),
            labels: None,
            identifiers: Vec::new(),
            sizes: RunSizes {
                samples: history.n_train + history.n_validation,
                genes: trained.genes().len(),
                gene_sets: trained.nodes().len(),
                memberships: trained.map().map_or(0, |map| map.members().entries()),
                latent: trained.network().latent_width(),
                parameters: trained.network().parameters().count(),
            },
            best_epoch: history.best_epoch,
            best_loss: history
                .best()
                .map(crate::training::EpochRecord::selection_loss),
            evidence: trained.evidence().map(Evidence::summary),
            timings,
            peak_memory: peak_memory(),
            warnings: Vec::new(),
        }
    }

    /// Writes the manifest as JSON.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written.
    pub fn write_json(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let text = serde_json::to_string_pretty(self)
            .map_err(|cause| Error::io("write", path)(cause.into()))?;
        write_text(path, &(text + "\n"))
    }
}

impl TrainedModel {
    /// What scores of this model carry with them: version, options with the seed, and the inputs
    /// it was trained on with their SHA-256.
    ///
    /// # Errors
    /// [`Error::Data`] if the options cannot be written as JSON, which none causes.
    pub fn metadata(&self) -> Result<serde_json::Value> {
        let options = serde_json::to_value(self.options()).map_err(|cause| {
            Error::data(
                format!("the options cannot be written ({cause})"),
                "Choose options that are finite numbers.",
            )
        })?;
        let source = |source: &Source| {
            serde_json::json!({
                "path": source.path.to_string_lossy(),
                "sha256": source.sha256,
            })
        };
        let inputs: Vec<serde_json::Value> = self.sources().iter().map(source).collect();
        Ok(serde_json::json!({
            "version": env!("CARGO_PKG_VERSION"),
            "trained_with": self.version,
            "options": options,
            "inputs": inputs,
        }))
    }
}

/// The peak of the resident memory, on Linux.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}
