//! Autoencoders, each a configuration of [`nn`](crate::nn): no files, no biology beyond a map.

mod autoencoder;
mod batch_source;
mod config;
mod model_config;
mod network;
mod pca;
mod resident;

pub use autoencoder::{Autoencoder, Batch, Context, Dataset, LatentWeights, Mode, NodeUse};
pub use batch_source::{BatchSource, Visit};
pub use config::{
    Contracted, ContractiveConfig, CovariatePlace, GeneSetConfig, Latent, LatentPenalty, LayerKind,
    Likelihood, NetworkConfig, VariationalConfig,
};
pub use model_config::ModelConfig;
pub use network::Network;
pub use pca::{Pca, PcaConfig};
pub use resident::Resident;
