//! The options of any model.

use super::{Autoencoder, GeneSetConfig, Likelihood, Network, NetworkConfig, Pca, PcaConfig};
use crate::error::Result;
use crate::mask::SetMap;
use candle_core::{DType, Device};
use serde::{Deserialize, Serialize};

/// The options of any model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelConfig {
    /// Principal component analysis.
    Pca(PcaConfig),
    /// An autoencoder of masked and dense layers.
    Network(NetworkConfig),
}

impl ModelConfig {
    /// An untrained model.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if an option makes no sense.
    pub fn build(
        &self,
        features: usize,
        map: Option<&SetMap>,
        n_covariates: usize,
    ) -> Result<Box<dyn Autoencoder>> {
        self.build_on(&Device::Cpu, features, map, n_covariates)
    }

    /// An untrained model on a device; PCA, which is solved and not trained, is always on the CPU.
    ///
    /// # Errors
    /// As for [`build`](Self::build); if the device has no room.
    pub fn build_on(
        &self,
        device: &Device,
        features: usize,
        map: Option<&SetMap>,
        n_covariates: usize,
    ) -> Result<Box<dyn Autoencoder>> {
        Ok(match self {
            Self::Pca(config) => Box::new(Pca::new(features, *config)?),
            Self::Network(config) => {
                let config = config.clone();
                let network = Network::on(device, features, map, n_covariates, config, DType::F32)?;
                Box::new(network)
            }
        })
    }

    /// Refuses options that make no model, before any data are seen.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) naming the option.
    pub fn validate(&self) -> Result<()> {
        match self {
            Self::Pca(config) => config.validate(),
            Self::Network(config) => config.validate(),
        }
    }

    /// The network's options, unless the model is PCA.
    pub fn network(&self) -> Option<&NetworkConfig> {
        match self {
            Self::Pca(_) => None,
            Self::Network(config) => Some(config),
        }
    }

    /// The gene-set options, if the model has gene-set nodes.
    pub fn gene_sets(&self) -> Option<&GeneSetConfig> {
        self.network().and_then(|config| config.gene_sets.as_ref())
    }

    /// How outputs are compared with their targets.
    pub fn likelihood(&self) -> Likelihood {
        self.network()
            .map_or(Likelihood::SquaredError, |config| config.likelihood)
    }
}
