//! The options of the gene superset autoencoder, and its presets.

use crate::error::{Error, Result};
use crate::nn::Activation;
use crate::training::{OptimizerConfig, TrainingConfig};
use serde::{Deserialize, Serialize};

/// The last layer: gene sets -> genes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecoderKind {
    /// A gene is rebuilt from the sets it belongs to.
    Masked,
    /// A gene is rebuilt from all sets.
    Dense,
}

/// Options of [`Gsae`](super::Gsae); `Default` is the preset `default`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GsaeConfig {
    /// Width of the superset layer; 0 leaves it and the layer after it out.
    pub supersets: usize,
    /// After the gene-set layers.
    pub set_activation: Activation,
    /// After the superset layer.
    pub superset_activation: Activation,
    /// The last layer.
    pub decoder: DecoderKind,
    /// Whether the weights between genes and gene sets are kept at or above zero.
    pub non_negative: bool,
    /// Whether gene-set layers are batch-normalised before their activation.
    pub batch_norm: bool,
    /// The probability with which a gene-set node is dropped in training.
    pub dropout: f64,
    /// Seeds the initial weights and dropout.
    pub seed: u64,
}

impl Default for GsaeConfig {
    fn default() -> Self {
        Self {
            supersets: 200,
            set_activation: Activation::Elu,
            superset_activation: Activation::Elu,
            decoder: DecoderKind::Masked,
            non_negative: true,
            batch_norm: false,
            dropout: 0.0,
            seed: 0,
        }
    }
}

impl GsaeConfig {
    /// The names of the presets.
    pub const PRESETS: [&'static str; 2] = ["default", "paper"];

    /// The model and training options of a preset.
    ///
    /// `paper` follows Chen et al. 2018 (BMC Systems Biology 12:142) where its settings can be
    /// confirmed: gene sets on both sides, 200 supersets, ReLU, mean squared error, SGD with
    /// learning rate 0.05, Nesterov momentum 0.9 and decay 1e-6 an update, 5 % of the samples
    /// for validation. It does not state the last layer's kind, the batch size, the epochs or
    /// the activations one by one: here a dense linear last layer, batches of 128 and the
    /// default's epochs.
    ///
    /// # Errors
    /// [`Error::Config`] for an unknown name.
    pub fn preset(name: &str) -> Result<(Self, TrainingConfig)> {
        match name {
            "default" => Ok((Self::default(), TrainingConfig::default())),
            "paper" => Ok((
                Self {
                    set_activation: Activation::Relu,
                    superset_activation: Activation::Relu,
                    decoder: DecoderKind::Dense,
                    non_negative: false,
                    ..Self::default()
                },
                TrainingConfig {
                    learning_rate: 0.05,
                    optimizer: OptimizerConfig::NESTEROV,
                    validation_fraction: 0.05,
                    ..TrainingConfig::default()
                },
            )),
            _ => Err(Error::config(
                "--preset",
                format!("knows {}, not {name:?}", Self::PRESETS.join(" and ")),
            )),
        }
    }

    /// Refuses values that make no model.
    ///
    /// # Errors
    /// [`Error::Config`] naming the option and its value.
    pub fn validate(&self) -> Result<()> {
        if !(0.0..1.0).contains(&self.dropout) {
            return Err(Error::config(
                "--dropout",
                format!("must be in [0, 1), not {}", self.dropout),
            ));
        }
        Ok(())
    }
}
