//! The models, each a choice of options, and how long each is trained.

use gsae::models::{
    Contracted, ContractiveConfig, Likelihood, ModelConfig, NetworkConfig, PcaConfig,
    VariationalConfig,
};
use gsae::nn::{Activation, Corruption};
use gsae::training::{Schedule, TrainingConfig};

/// A model before training.
pub struct Recipe {
    pub name: &'static str,
    pub model: ModelConfig,
    pub training: TrainingConfig,
}

pub const PCA_32: &str = "PCA 32";
pub const LINEAR_32: &str = "linear 32";
pub const NONLINEAR_32: &str = "nonlinear 32";
pub const SPARSE_32: &str = "sparse 32";
pub const DENOISING_32: &str = "denoising 32";
pub const SIGMOID_32: &str = "sigmoid 32";
pub const CONTRACTIVE_32: &str = "contractive 32";
pub const DEEP_16: &str = "deep 16";
pub const VAE_16: &str = "VAE 16";
pub const PCA_2: &str = "PCA 2";
pub const DEEP_2: &str = "deep 2";
pub const VAE_2: &str = "VAE 2";

/// All models of the table, in its order.
pub fn all() -> Vec<Recipe> {
    let nonlinear = nonlinear(32);
    let sparse = NetworkConfig {
        weights_l1: 0.05,
        ..nonlinear.clone()
    };
    let denoising = NetworkConfig {
        noise: Some(Corruption::Masking { fraction: 0.3 }),
        ..nonlinear.clone()
    };
    let sigmoid = NetworkConfig {
        latent_activation: Activation::Sigmoid,
        ..linear(32)
    };
    let contractive = NetworkConfig {
        contractive: Some(ContractiveConfig {
            strength: 0.1,
            of: Contracted::Latent,
        }),
        ..sigmoid.clone()
    };
    vec![
        pca(PCA_32, 32),
        network(LINEAR_32, linear(32), 40, 2e-3),
        network(NONLINEAR_32, nonlinear, 30, 3e-3),
        network(SPARSE_32, sparse, 30, 3e-3),
        network(DENOISING_32, denoising, 30, 3e-3),
        network(SIGMOID_32, sigmoid, 40, 3e-3),
        network(CONTRACTIVE_32, contractive, 40, 3e-3),
        network(DEEP_16, deep(16), 25, 2e-3),
        network(VAE_16, variational(16), 25, 2e-3),
        pca(PCA_2, 2),
        network(DEEP_2, deep(2), 30, 2e-3),
        network(VAE_2, variational(2), 30, 2e-3),
    ]
}

/// `z = W x + b`, `y = V z + c`.
fn linear(width: usize) -> NetworkConfig {
    NetworkConfig {
        latent_activation: Activation::Linear,
        ..NetworkConfig::dense(width)
    }
}

/// `z = relu(W x + b)`, `y = sigmoid(V z + c)`.
fn nonlinear(width: usize) -> NetworkConfig {
    NetworkConfig {
        latent_activation: Activation::Relu,
        output_activation: Activation::Sigmoid,
        ..NetworkConfig::dense(width)
    }
}

/// 784 - 256 - 64 - latent - 64 - 256 - 784, with relu between.
pub fn deep(width: usize) -> NetworkConfig {
    NetworkConfig {
        hidden: vec![256, 64],
        activation: Activation::Relu,
        output_activation: Activation::Sigmoid,
        ..linear(width)
    }
}

/// The same layers, with a distribution for every digit in the latent space.
fn variational(width: usize) -> NetworkConfig {
    NetworkConfig {
        output_activation: Activation::Linear,
        likelihood: Likelihood::Bernoulli,
        variational: Some(VariationalConfig {
            beta: 1.0,
            warm_up: 0,
        }),
        ..deep(width)
    }
}

fn pca(name: &'static str, components: usize) -> Recipe {
    Recipe {
        name,
        model: ModelConfig::Pca(PcaConfig { components }),
        training: training(1, 1e-3),
    }
}

fn network(name: &'static str, config: NetworkConfig, epochs: usize, rate: f64) -> Recipe {
    Recipe {
        name,
        model: ModelConfig::Network(config),
        training: training(epochs, rate),
    }
}

/// All digits train, for a fixed number of epochs; the rate falls along half a cosine.
pub fn training(epochs: usize, learning_rate: f64) -> TrainingConfig {
    TrainingConfig {
        epochs,
        learning_rate,
        schedule: Schedule::Cosine {
            final_fraction: 0.02,
        },
        validation_fraction: 0.0,
        patience: None,
        ..TrainingConfig::default()
    }
}
