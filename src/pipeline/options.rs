//! Everything a user can choose before training, as it is stored with the model.

use crate::expression::PreprocessOptions;
use crate::genesets::SizeFilter;
use crate::models::GsaeConfig;
use crate::training::TrainingConfig;
use serde::{Deserialize, Serialize};

/// Options of [`fit`](super::fit()).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitOptions {
    /// Which gene sets become nodes, by the number of their genes that the data have.
    pub sizes: SizeFilter,
    /// Normalisation, gene filter, scaling.
    pub preprocess: PreprocessOptions,
    /// The network.
    pub model: GsaeConfig,
    /// Training.
    pub training: TrainingConfig,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self {
            sizes: SizeFilter::new(15, 500),
            preprocess: PreprocessOptions::default(),
            model: GsaeConfig::default(),
            training: TrainingConfig::default(),
        }
    }
}

impl FitOptions {
    /// The options of a preset: see [`GsaeConfig::preset`].
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) for an unknown name.
    pub fn preset(name: &str) -> crate::Result<Self> {
        let (model, training) = GsaeConfig::preset(name)?;
        Ok(Self {
            model,
            training,
            ..Self::default()
        })
    }

    /// The same options with one seed for weights, split, batches and noise.
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.model.seed = seed;
        self.training.seed = seed;
        self
    }
}
