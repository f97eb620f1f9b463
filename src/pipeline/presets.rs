//! The models by name: what each is, and the options it starts from.

use super::FitOptions;
use crate::error::{Error, Result};
use crate::models::{
    Contracted, ContractiveConfig, CovariatePlace, GeneSetConfig, Latent, LayerKind, Likelihood,
    ModelConfig, NetworkConfig, PcaConfig, VariationalConfig,
};
use crate::nn::{Activation, Corruption};
use crate::training::{OptimizerConfig, TrainingConfig};
use crate::wording::did_you_mean;

/// A model's name and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelInfo {
    /// The name, as `gsae fit --model` takes it.
    pub name: &'static str,
    /// One line on it.
    pub title: &'static str,
}

const fn info(name: &'static str, title: &'static str) -> ModelInfo {
    ModelInfo { name, title }
}

/// All models: first those of the family, then the published shapes.
pub const MODELS: [ModelInfo; 15] = [
    info(
        "gsae",
        "gene superset autoencoder: genes, gene sets, supersets and back",
    ),
    info(
        "gsvae",
        "variational, the gene sets are the latent layer, masked on both sides",
    ),
    info("pca", "principal component analysis, exact"),
    info("linear", "linear autoencoder"),
    info("ae", "nonlinear, deep autoencoder"),
    info(
        "sparse",
        "autoencoder with an L1 penalty on the weights (proximal, exact zeros)",
    ),
    info(
        "denoising",
        "autoencoder that rebuilds clean samples from corrupted ones",
    ),
    info(
        "contractive",
        "autoencoder with a penalty on the latent layer's Jacobian",
    ),
    info("vae", "variational autoencoder"),
    info("gsae-paper", "GSAE as published (Chen et al. 2018)"),
    info(
        "vega",
        "VEGA (Seninge et al. 2021): dense encoder, masked linear decoder",
    ),
    info(
        "expimap",
        "expiMap (Lotfollahi et al. 2023): masked linear decoder, group lasso, counts",
    ),
    info("ivae", "informed VAE (pyvae): masked on both sides, counts"),
    info(
        "netactivity",
        "NetActivity (Ruiz-Arenas et al. 2024): masked encoder, dense decoder",
    ),
    info(
        "ontovae",
        "OntoVAE (Doncevic & Herrmann 2023): hierarchy of sets as the decoder",
    ),
];

/// The width of the latent layer where nothing else is said.
const LATENT: usize = 50;

impl FitOptions {
    /// The options of a model by its name, and how it is trained.
    ///
    /// Where a preset follows a publication, this is what is known to differ:
    ///
    /// - `gsae-paper` (Chen et al. 2018): gene sets on both sides, 200 supersets, ReLU, mean
    ///   squared error, SGD with rate 0.05, Nesterov momentum 0.9 and decay 1e-6 an update, 5 %
    ///   for validation, as far as can be confirmed; the kind of the last layer (here dense),
    ///   batches (128) and epochs are not stated there.
    /// - `vega`: as its released code, 800 + 800 hidden units with batch normalisation, ReLU and
    ///   dropout 0.3, one free node, a decoder at or above 0, squared error, KL weight 1e-4 of the
    ///   sum of squares (beta 5e-5 here), Adam 1e-4; here dropout ends before the latent layer,
    ///   there is no weight decay (5e-4 there), genes are Pareto-scaled and training stops early.
    /// - `expimap`: 256 + 256 hidden units, negative binomial, KL weight 0.5, Adam 1e-3, a group
    ///   lasso by proximal steps; here batch instead of layer normalisation, a lasso of 0.05 (it
    ///   has no default there), covariates added to the output only, a shorter warm-up.
    /// - `ivae`: masks on both sides at or above 0, negative binomial, covariates among the gene
    ///   sets; here 50 latent units behind the gene sets.
    /// - `netactivity`: genes to sets masked, sets to genes dense; here without its pre-training
    ///   of every set by itself, and weights at or above 0.
    /// - `ontovae`: three nodes a set, a decoder at or above 0 along the hierarchy from its roots,
    ///   KL weight 1e-4 of the sum of squares, AdamW 1e-4 with decay 0.01; here a linear encoder
    ///   without its hidden layer and dropout, lower nodes are activated (ELU) and reached by their
    ///   parents alone, and a gene enters through the lowest sets that have it.
    ///
    /// # Errors
    /// [`Error::Config`] for an unknown name.
    pub fn named(name: &str) -> Result<Self> {
        let (model, training) = model(name)?;
        let mut options = Self {
            model,
            training,
            ..Self::default()
        };
        if name == "ontovae" {
            options.hierarchy.levels = Some(4);
            options.sizes.max = usize::MAX;
        }
        Ok(options)
    }
}

fn model(name: &str) -> Result<(ModelConfig, TrainingConfig)> {
    let training = TrainingConfig::default();
    let variational = |beta, warm_up| Some(VariationalConfig { beta, warm_up });
    let masked = GeneSetConfig::MASKED;
    let dense = NetworkConfig::dense(LATENT);
    let network = match name {
        "pca" => {
            let pca = PcaConfig { components: LATENT };
            return Ok((ModelConfig::Pca(pca), training));
        }
        "gsae" => NetworkConfig::default(),
        "linear" => NetworkConfig {
            activation: Activation::Linear,
            latent_activation: Activation::Linear,
            ..dense
        },
        "ae" => NetworkConfig {
            hidden: vec![256],
            latent_activation: Activation::Linear,
            ..dense
        },
        "sparse" => NetworkConfig {
            weights_l1: 0.02,
            ..dense
        },
        "denoising" => NetworkConfig {
            hidden: vec![256],
            noise: Some(Corruption::Masking { fraction: 0.2 }),
            ..dense
        },
        "contractive" => NetworkConfig {
            latent_activation: Activation::Sigmoid,
            contractive: Some(ContractiveConfig {
                strength: 0.1,
                of: Contracted::Latent,
            }),
            ..dense
        },
        "vae" => NetworkConfig {
            hidden: vec![256],
            likelihood: Likelihood::Gaussian,
            variational: variational(1.0, 10),
            ..dense
        },
        "gsvae" => NetworkConfig {
            gene_sets: Some(masked),
            latent: Latent::GeneSets,
            likelihood: Likelihood::Gaussian,
            variational: variational(0.1, 10),
            ..dense
        },
        "ivae" => NetworkConfig {
            gene_sets: Some(masked),
            likelihood: Likelihood::NegativeBinomial,
            variational: variational(1.0, 10),
            covariates_in: CovariatePlace::GeneSets,
            ..dense
        },
        _ => return published(name),
    };
    Ok((ModelConfig::Network(network), training))
}

fn published(name: &str) -> Result<(ModelConfig, TrainingConfig)> {
    let variational = |beta, warm_up| Some(VariationalConfig { beta, warm_up });
    let dense_encoder = GeneSetConfig {
        encoder: LayerKind::Dense,
        ..GeneSetConfig::MASKED
    };
    let adam = |learning_rate| TrainingConfig {
        learning_rate,
        ..TrainingConfig::default()
    };
    let (network, training) = match name {
        "gsae-paper" => (
            NetworkConfig {
                gene_sets: Some(GeneSetConfig {
                    decoder: LayerKind::Dense,
                    non_negative: false,
                    ..GeneSetConfig::MASKED
                }),
                activation: Activation::Relu,
                latent_activation: Activation::Relu,
                ..NetworkConfig::default()
            },
            TrainingConfig {
                learning_rate: 0.05,
                optimizer: OptimizerConfig::NESTEROV,
                validation_fraction: 0.05,
                ..TrainingConfig::default()
            },
        ),
        "vega" => (
            NetworkConfig {
                gene_sets: Some(GeneSetConfig {
                    free_nodes: 1,
                    ..dense_encoder
                }),
                hidden: vec![800, 800],
                latent: Latent::GeneSets,
                activation: Activation::Relu,
                variational: variational(5e-5, 0),
                batch_norm: true,
                dropout: 0.3,
                ..NetworkConfig::default()
            },
            adam(1e-4),
        ),
        "expimap" => (
            NetworkConfig {
                gene_sets: Some(GeneSetConfig {
                    non_negative: false,
                    group_lasso: 0.05,
                    ..dense_encoder
                }),
                hidden: vec![256, 256],
                latent: Latent::GeneSets,
                activation: Activation::Relu,
                likelihood: Likelihood::NegativeBinomial,
                variational: variational(0.5, 20),
                batch_norm: true,
                dropout: 0.05,
                ..NetworkConfig::default()
            },
            adam(1e-3),
        ),
        "netactivity" => (
            NetworkConfig {
                gene_sets: Some(GeneSetConfig {
                    decoder: LayerKind::Dense,
                    ..GeneSetConfig::MASKED
                }),
                latent: Latent::GeneSets,
                ..NetworkConfig::default()
            },
            adam(1e-3),
        ),
        "ontovae" => (
            NetworkConfig {
                gene_sets: Some(GeneSetConfig {
                    nodes_per_set: 3,
                    ..dense_encoder
                }),
                latent: Latent::GeneSets,
                variational: variational(5e-5, 0),
                ..NetworkConfig::default()
            },
            TrainingConfig {
                optimizer: OptimizerConfig::Adam {
                    beta1: 0.9,
                    beta2: 0.999,
                    epsilon: 1e-8,
                    weight_decay: 0.01,
                },
                ..adam(1e-4)
            },
        ),
        _ => {
            let known: Vec<&str> = MODELS.iter().map(|model| model.name).collect();
            return Err(Error::config(
                "--model",
                format!(
                    "knows {}, not {name:?}{}",
                    known.join(", "),
                    did_you_mean(name, known.iter().copied())
                ),
            ));
        }
    };
    Ok((ModelConfig::Network(network), training))
}
