//! Everything a user can choose before training, as it is stored with the model.

use crate::expression::{Block, PreprocessOptions};
use crate::genesets::SizeFilter;
use crate::models::{Likelihood, ModelConfig, NetworkConfig};
use crate::training::TrainingConfig;
use serde::{Deserialize, Serialize};

/// Options of [`fit`](super::fit()).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitOptions {
    /// Which gene sets become nodes, by the number of their genes that the data have.
    pub sizes: SizeFilter,
    /// Whether relations between sets make several masked layers.
    pub hierarchy: HierarchyOptions,
    /// A control: genes change places in the map at random, by this seed. Set sizes, gene
    /// degrees and overlaps stay, the annotation goes.
    pub shuffled_map: Option<u64>,
    /// The columns of the sample annotations that the decoder is told.
    pub covariates: Vec<String>,
    /// The matrices that were joined, if there were several; their features carry their names.
    pub blocks: Vec<Block>,
    /// Normalisation, gene filter, scaling.
    pub preprocess: PreprocessOptions,
    /// The model.
    pub model: ModelConfig,
    /// Training.
    pub training: TrainingConfig,
}

/// How a hierarchy of gene sets is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HierarchyOptions {
    /// The number of levels from the top that are kept, `Some(0)` for all; `None` uses no
    /// hierarchy.
    pub levels: Option<usize>,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self {
            sizes: SizeFilter::new(15, 500),
            hierarchy: HierarchyOptions::default(),
            shuffled_map: None,
            covariates: Vec::new(),
            blocks: Vec::new(),
            preprocess: PreprocessOptions::default(),
            model: ModelConfig::Network(NetworkConfig::default()),
            training: TrainingConfig::default(),
        }
    }
}

impl FitOptions {
    /// The same options with one seed for weights, split, batches and noise.
    pub fn with_seed(mut self, seed: u64) -> Self {
        if let ModelConfig::Network(network) = &mut self.model {
            network.seed = seed;
        }
        self.training.seed = seed;
        self
    }

    /// Refuses options that cannot be trained with, before any data are seen.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) naming the option.
    pub fn validate(&self) -> crate::Result<()> {
        self.model.validate()?;
        if !self.blocks.is_empty() && self.model.likelihood() == Likelihood::NegativeBinomial {
            return Err(crate::Error::config(
                "--likelihood",
                "nb is of the raw counts of one matrix, and joined ones are normalised: give one \
                 matrix, or use gaussian",
            ));
        }
        let normalised = self.model.network().is_some_and(|model| model.batch_norm);
        if normalised && self.training.batch_size < 2 {
            return Err(crate::Error::config(
                "--batch-norm",
                "compares the samples of a batch: --batch-size must be at least 2",
            ));
        }
        if self.model.gene_sets().is_none() {
            let refuse = |option| {
                let message = "needs a model with gene sets, such as gsae";
                Err(crate::Error::config(option, message))
            };
            if self.shuffled_map.is_some() {
                return refuse("--shuffle-map");
            }
            if self.hierarchy.levels.is_some() {
                return refuse("--levels");
            }
        }
        self.training.validate()
    }
}
