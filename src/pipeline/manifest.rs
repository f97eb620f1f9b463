//! What was run, on what, with what: enough to run it again.

use super::{FitOptions, FitReport, TrainedModel};
use crate::error::{Error, Result};
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
    /// All options.
    pub options: &'a FitOptions,
    /// The inputs with their SHA-256.
    pub inputs: &'a [Source],
    /// Samples, genes, gene sets, memberships.
    pub sizes: RunSizes,
    /// The best epoch, from 1.
    pub best_epoch: usize,
    /// Its validation loss (training loss without a split).
    pub best_loss: Option<f64>,
    /// Where the time went.
    pub timings: FitReport,
    /// Remarks on the inputs that were logged.
    pub warnings: Vec<String>,
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
    /// Supersets.
    pub supersets: usize,
}

impl<'a> RunManifest<'a> {
    /// The manifest of a model trained just now.
    pub fn new(
        trained: &'a TrainedModel,
        timings: FitReport,
        command: Vec<String>,
        warnings: Vec<String>,
    ) -> Self {
        let history = trained.history();
        let mask = trained.scorer().mask();
        Self {
            command,
            version: env!("CARGO_PKG_VERSION"),
            seed: trained.options().training.seed,
            threads: rayon::current_num_threads(),
            options: trained.options(),
            inputs: trained.sources(),
            sizes: RunSizes {
                samples: history.n_train + history.n_validation,
                genes: mask.inputs(),
                gene_sets: mask.outputs(),
                memberships: mask.entries(),
                supersets: trained.options().model.supersets,
            },
            best_epoch: history.best_epoch,
            best_loss: history
                .best()
                .map(crate::training::EpochRecord::selection_loss),
            timings,
            warnings,
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
