//! The network that all trained models are configurations of.

mod bound;
mod decoder;
mod encoder;
mod flow;
mod node_use;
mod penalties;
mod set_layers;

use super::autoencoder::{Autoencoder, Batch, Context, LatentWeights, Mode, NodeUse, missing};
use super::{Latent, Likelihood, NetworkConfig};
use crate::error::{Error, Result};
use crate::mask::SetMap;
use crate::nn::{self, Activation, Noise, ParameterSet};
use candle_core::{DType, Device, Tensor, Var};
use decoder::{Decoded, Decoder};
use encoder::{Encoded, Encoder};
use flow::Flow;

/// An autoencoder of masked and dense layers: see [`NetworkConfig`].
///
/// The loss of a batch is its mean over samples and features; of a variational model it is the
/// negative evidence lower bound in nats, divided by the number of features (twice that for the
/// squared error, which is twice the negative log-density of a normal distribution of variance 1
/// but for a constant). Penalties are part of the loss in training only.
pub struct Network {
    config: NetworkConfig,
    features: usize,
    map: Option<SetMap>,
    parameters: ParameterSet,
    encoder: Encoder,
    decoder: Decoder,
    /// Of the likelihood: a log-variance, or log inverse dispersions.
    spread: Option<Var>,
    corruption: Noise,
    sampling: Noise,
    evaluation: Noise,
    probes: Noise,
    epoch: usize,
}

impl Network {
    /// An untrained network in f32.
    ///
    /// `map`: the gene sets, for a configuration that has them; `n_covariates`: columns of the
    /// covariates.
    ///
    /// # Errors
    /// [`Error::Config`] if an option makes no sense.
    pub fn new(
        features: usize,
        map: Option<&SetMap>,
        n_covariates: usize,
        config: NetworkConfig,
    ) -> Result<Self> {
        Self::with_dtype(features, map, n_covariates, config, DType::F32)
    }

    /// An untrained network in f32 or f64.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn with_dtype(
        features: usize,
        map: Option<&SetMap>,
        n_covariates: usize,
        config: NetworkConfig,
        dtype: DType,
    ) -> Result<Self> {
        Self::on(&Device::Cpu, features, map, n_covariates, config, dtype)
    }

    /// An untrained network on a device, which [`DeviceChoice`](crate::DeviceChoice) opens: f32 or
    /// f64 on the CPU, f32 on a GPU. It starts the same on all. What it is shown may be anywhere;
    /// what it gives is on its device.
    ///
    /// # Errors
    /// As for [`new`](Self::new); if the device has no room.
    pub fn on(
        device: &Device,
        features: usize,
        map: Option<&SetMap>,
        n_covariates: usize,
        config: NetworkConfig,
        dtype: DType,
    ) -> Result<Self> {
        config.validate()?;
        let map = match (config.gene_sets, map) {
            (None, _) => None,
            (Some(_), None) => {
                return Err(Error::config(
                    "--model",
                    "needs gene sets, and there are none",
                ));
            }
            (Some(sets), Some(map)) => Some(map.clone().with_free_nodes(sets.free_nodes)?),
        };
        if let Some(map) = &map {
            check_map(map, features, &config)?;
        }
        let mut parameters = ParameterSet::on(device, config.seed, dtype);
        let encoder = Encoder::new(&mut parameters, features, map.as_ref(), &config)?;
        let decoder = Decoder::new(
            &mut parameters,
            &encoder,
            features,
            map.as_ref(),
            n_covariates,
            &config,
        )?;
        let spread = match config.likelihood {
            Likelihood::Gaussian => {
                Some(parameters.variable("likelihood.log_variance", &[], |_| vec![0.0])?)
            }
            Likelihood::NegativeBinomial => {
                let start = |_: &mut _| vec![0.0; features];
                Some(parameters.variable("likelihood.log_theta", &[features], start)?)
            }
            Likelihood::SquaredError | Likelihood::Bernoulli => None,
        };
        let noise = |name| Noise::new(config.seed, name);
        Ok(Self {
            corruption: noise("corruption"),
            sampling: noise("latent sampling"),
            evaluation: noise("latent sampling in evaluation"),
            probes: noise("contractive probes"),
            config,
            features,
            map,
            parameters,
            encoder,
            decoder,
            spread,
            epoch: 0,
        })
    }

    /// The options.
    pub fn config(&self) -> &NetworkConfig {
        &self.config
    }

    /// The gene sets with the free nodes, if the network has them.
    pub fn map(&self) -> Option<&SetMap> {
        self.map.as_ref()
    }

    /// The learned variance of a Gaussian likelihood.
    ///
    /// # Errors
    /// If the variable cannot be read.
    pub fn output_variance(&self) -> Result<Option<f64>> {
        match (&self.spread, self.config.likelihood) {
            (Some(spread), Likelihood::Gaussian) => {
                Ok(Some(spread.to_dtype(DType::F64)?.to_scalar::<f64>()?.exp()))
            }
            _ => Ok(None),
        }
    }

    /// The weight of the Kullback-Leibler divergence in this epoch.
    fn beta(&self, mode: Mode) -> f64 {
        let Some(variational) = self.config.variational else {
            return 0.0;
        };
        if mode == Mode::Evaluate || variational.warm_up == 0 {
            return variational.beta;
        }
        let risen = (self.epoch + 1) as f64 / variational.warm_up as f64;
        variational.beta * risen.min(1.0)
    }

    fn encode_features(&self, x: &Tensor, mode: Mode) -> Result<Encoded> {
        self.encoder
            .forward(&Flow::new(x.clone()), mode == Mode::Train)
    }

    /// A tensor of samples as rows, feature-major on the network's device.
    fn columns(&self, rows: &Tensor) -> Result<Tensor> {
        // What is transposed here is contiguous, and is copied as it is.
        Ok(rows.t()?.to_device(self.parameters.device())?)
    }

    /// The mean loss of a decoded batch per feature.
    fn data_loss(&self, decoded: &Decoded, batch: &Batch, x: &Tensor) -> Result<Tensor> {
        let output = || Ok::<_, Error>(self.decoder.output(decoded)?.value);
        match self.config.likelihood {
            Likelihood::SquaredError if self.config.output_activation == Activation::Linear => {
                self.decoder.mse(decoded, x)
            }
            Likelihood::SquaredError => {
                nn::mse_loss(&self.config.output_activation.forward(&output()?)?, x)
            }
            Likelihood::Bernoulli => nn::bce_with_logits_loss(&output()?, x),
            Likelihood::Gaussian => {
                let log_variance = self.spread.as_ref().ok_or_else(|| missing("a variance"))?;
                let mse = self.decoder.mse(decoded, x)?;
                let scaled = (mse * log_variance.neg()?.exp()?)?;
                let constant = (2.0 * std::f64::consts::PI).ln();
                Ok((((scaled + log_variance.as_tensor())? + constant)? * 0.5)?)
            }
            Likelihood::NegativeBinomial => {
                let log_theta = self.spread.as_ref().ok_or_else(|| missing("dispersions"))?;
                let counts = batch.counts.as_ref().ok_or_else(|| missing("raw counts"))?;
                let library = batch.context.library.as_ref();
                let library = library.ok_or_else(|| missing("library sizes"))?;
                let counts = self.columns(counts)?;
                let library = library.to_device(self.parameters.device())?;
                nn::negative_binomial_loss(&output()?, log_theta, &counts, &library)
            }
        }
    }

    /// The factor between the log-likelihood's scale and the loss's.
    fn kl_factor(&self) -> f64 {
        match self.config.likelihood {
            Likelihood::SquaredError => 2.0,
            _ => 1.0,
        }
    }
}

fn check_map(map: &SetMap, features: usize, config: &NetworkConfig) -> Result<()> {
    if map.genes() != features {
        return Err(Error::data(
            format!(
                "gene sets over {} genes for {features} features",
                map.genes()
            ),
            "Build the map from the genes that the model sees.",
        ));
    }
    let refuse = |option, message: &str| Err(Error::config(option, message.to_owned()));
    let levels = map
        .levels()
        .iter()
        .filter(|level| level.children.entries() > 0);
    let hierarchical = levels.count() > 0;
    if hierarchical && config.tied {
        return refuse("--tied", "does not go with a hierarchy of gene sets");
    }
    if hierarchical && config.masked_encoder() && !config.masked_decoder() {
        return refuse(
            "--decoder",
            "must be masked where a hierarchy shapes the encoder",
        );
    }
    if config.latent == Latent::GeneSets && config.masked_encoder() && !config.hidden.is_empty() {
        return refuse(
            "--hidden",
            "has no place between a masked encoder and a latent layer that is the gene sets",
        );
    }
    Ok(())
}

impl Autoencoder for Network {
    fn latent_width(&self) -> usize {
        match (self.config.latent, &self.map) {
            (Latent::Width(width), _) => width,
            (Latent::GeneSets, map) => map.as_ref().map_or(0, SetMap::roots),
        }
    }

    fn encode(&self, x: &Tensor) -> Result<Tensor> {
        let encoded = self.encode_features(&self.columns(x)?, Mode::Evaluate)?;
        Ok(encoded.latent.value.t()?)
    }

    fn latent_deviation(&self, x: &Tensor) -> Result<Option<Tensor>> {
        let encoded = self.encode_features(&self.columns(x)?, Mode::Evaluate)?;
        let deviation = encoded
            .log_variance
            .map(|values| -> Result<Tensor> { Ok((values * 0.5)?.exp()?.t()?) });
        deviation.transpose()
    }

    fn decode(&self, latent: &Tensor, context: &Context) -> Result<Tensor> {
        let covariates = context.covariates.as_ref();
        let covariates = covariates.map(|own| self.columns(own)).transpose()?;
        let latent = Flow::new(self.columns(latent)?);
        let decoded = self.decoder.forward(&latent, covariates.as_ref(), false)?;
        let output = self.decoder.output(&decoded)?.value;
        let rebuilt = match self.config.likelihood {
            Likelihood::SquaredError => self.config.output_activation.forward(&output)?,
            Likelihood::Gaussian => output,
            Likelihood::Bernoulli => Activation::Sigmoid.forward(&output)?,
            Likelihood::NegativeBinomial => {
                let shares = candle_nn::ops::softmax(&output, 0)?;
                match &context.library {
                    Some(library) => {
                        let library = library.to_dtype(shares.dtype())?;
                        let library = library.to_device(shares.device())?;
                        shares.broadcast_mul(&library.unsqueeze(0)?)?
                    }
                    None => shares,
                }
            }
        };
        Ok(rebuilt.t()?)
    }

    fn gene_set_nodes(&self, x: &Tensor) -> Result<Option<Tensor>> {
        let Some(map) = &self.map else {
            return Ok(None);
        };
        let encoded = self.encode_features(&self.columns(x)?, Mode::Evaluate)?;
        let nodes = match encoded.nodes {
            Some(nodes) => nodes,
            None => {
                let decoded = self.decoder.forward(&encoded.latent, None, false)?;
                decoded.nodes.ok_or_else(|| missing("a gene-set layer"))?
            }
        };
        Ok(Some(nodes.value.narrow(0, 0, map.sets())?.t()?))
    }

    fn node_use(&self) -> Result<Option<Vec<NodeUse>>> {
        let Some(map) = &self.map else {
            return Ok(None);
        };
        self.uses(map).map(Some)
    }

    fn latent_weights(&self) -> Result<Option<LatentWeights>> {
        let dtype = self.parameters.dtype();
        let device = self.parameters.device();
        let width = self.latent_width();
        self.decoder.latent_weights(width, dtype, device)
    }

    fn loss(&mut self, batch: &Batch, mode: Mode) -> Result<Tensor> {
        let training = mode == Mode::Train;
        let x = self.columns(&batch.x)?;
        let input = match self.config.noise {
            Some(corruption) if training => self.corruption.corrupt(&x, corruption)?,
            _ => x.clone(),
        };
        let encoded = self.encode_features(&input, mode)?;
        let mut latent = encoded.latent.clone();
        let mut loss = None;
        if let Some(log_variance) = &encoded.log_variance {
            let noise = if training {
                &self.sampling
            } else {
                self.evaluation.restart();
                &self.evaluation
            };
            let mean = encoded.latent.value.contiguous()?;
            latent = Flow::new(nn::reparameterise(&mean, log_variance, noise)?);
            let weight = self.kl_factor() * self.beta(mode) / self.features as f64;
            loss = Some((nn::kl_divergence(&mean, log_variance)? * weight)?);
        }
        let covariates = batch.context.covariates.as_ref();
        let covariates = covariates.map(|own| self.columns(own)).transpose()?;
        let decoded = self
            .decoder
            .forward(&latent, covariates.as_ref(), training)?;
        let mut total = self.data_loss(&decoded, batch, &x)?;
        if let Some(divergence) = loss {
            total = (total + divergence)?;
        }
        if training && let Some(penalty) = self.penalty(&encoded, &x, covariates.as_ref())? {
            total = (total + penalty)?;
        }
        Ok(total)
    }

    fn parameters(&self) -> &ParameterSet {
        &self.parameters
    }

    fn project(&mut self, learning_rate: f64) -> Result<()> {
        if self.config.weights_l1 > 0.0 {
            for (name, weight) in self.weights() {
                // A soft mask has an L1 penalty of its own.
                if name != decoder::OFF_SET {
                    nn::soft_threshold(&weight, learning_rate * self.config.weights_l1)?;
                }
            }
        }
        // The group lasso shrinks what the constraints leave, so that it comes after them.
        self.encoder.project()?;
        self.decoder.project(learning_rate)?;
        let (Some(sets), Some(map)) = (self.config.gene_sets, &self.map) else {
            return Ok(());
        };
        if sets.group_lasso > 0.0 {
            let threshold = learning_rate * sets.group_lasso;
            let nodes = 0..map.sets();
            if let Some(layer) = self.decoder.masked_layer() {
                nn::shrink_inputs(layer.mask(), layer.values(), nodes.clone(), threshold)?;
            }
            if let Some(own) = &self.encoder.sets {
                let layer = own.genes();
                nn::shrink_outputs(layer.mask(), layer.values(), nodes, threshold)?;
            }
        }
        Ok(())
    }

    fn begin_epoch(&mut self, epoch: usize) {
        self.epoch = epoch;
    }

    fn keeps_last_epoch(&self) -> bool {
        let sets = self.config.gene_sets;
        self.config.weights_l1 > 0.0
            || sets.is_some_and(|sets| {
                sets.group_lasso > 0.0 || sets.soft_mask.is_some_and(|strength| strength > 0.0)
            })
    }

    fn warm_up(&self) -> usize {
        self.config.variational.map_or(0, |v| v.warm_up)
    }
}
