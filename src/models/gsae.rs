//! GSAE, the gene superset autoencoder (Chen et al. 2018, BMC Systems Biology 12:142).

use super::{Autoencoder, DecoderKind, GsaeConfig, Mode};
use crate::error::Result;
use crate::mask::Mask;
use crate::nn::{
    BatchNorm, BatchNormConfig, Dropout, Init, Linear, LinearConfig, MaskedLinear, ParameterSet,
};
use candle_core::{DType, Tensor};

/// Genes -> gene sets -> supersets -> gene sets -> genes.
///
/// ```text
/// s = a(E x + b)          x: [n, genes]  E: masked by membership   s: [n, sets]
/// u = c(U s + b)          supersets, dense                         u: [n, supersets]
/// t = a(V u + b)          dense                                    t: [n, sets]
/// y = D t + b             D: masked by membership, or dense        y: [n, genes]
/// ```
///
/// The loss is the mean squared error between y and x. A superset is a weighted combination of
/// gene sets, learned without labels. With `supersets: 0` the middle layers are left out.
pub struct Gsae {
    config: GsaeConfig,
    parameters: ParameterSet,
    encoder: MaskedLinear,
    supersets: Option<Supersets>,
    decoder: Decoder,
    encoder_norm: Option<BatchNorm>,
    dropout: Dropout,
}

/// The dense middle: gene sets -> supersets -> gene sets.
struct Supersets {
    encoder: Linear,
    decoder: Linear,
    decoder_norm: Option<BatchNorm>,
}

enum Decoder {
    Masked(MaskedLinear),
    Dense(Linear),
}

/// Weights of a map start nearly alike: every member counts, none is preferred by chance.
const MAP_JITTER: f64 = 0.1;

impl Gsae {
    /// An untrained model for a map of gene sets (outputs) over genes (inputs).
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if an option makes no sense.
    pub fn new(mask: &Mask, config: GsaeConfig) -> Result<Self> {
        config.validate()?;
        let mut parameters = ParameterSet::new(config.seed, DType::F32);
        let map = LinearConfig {
            bias: true,
            init: if config.non_negative {
                Init::Even { jitter: MAP_JITTER }
            } else {
                Init::FanInUniform
            },
            non_negative: config.non_negative,
        };
        let dense = LinearConfig {
            init: Init::XavierUniform,
            ..LinearConfig::default()
        };
        let sets = mask.outputs();
        let norm = |parameters: &mut ParameterSet, name: &str| {
            config
                .batch_norm
                .then(|| BatchNorm::new(parameters, name, sets, BatchNormConfig::default()))
                .transpose()
        };
        let encoder = MaskedLinear::new(&mut parameters, "encoder.sets", mask.clone(), map)?;
        let encoder_norm = norm(&mut parameters, "encoder.sets.norm")?;
        let supersets = if config.supersets > 0 {
            let width = config.supersets;
            let encoder = Linear::new(&mut parameters, "encoder.supersets", sets, width, dense)?;
            let decoder = Linear::new(&mut parameters, "decoder.sets", width, sets, dense)?;
            let decoder_norm = norm(&mut parameters, "decoder.sets.norm")?;
            Some(Supersets {
                encoder,
                decoder,
                decoder_norm,
            })
        } else {
            None
        };
        let decoder = match config.decoder {
            DecoderKind::Masked => Decoder::Masked(MaskedLinear::new(
                &mut parameters,
                "decoder.genes",
                mask.transpose(),
                map,
            )?),
            DecoderKind::Dense => Decoder::Dense(Linear::new(
                &mut parameters,
                "decoder.genes",
                sets,
                mask.inputs(),
                dense,
            )?),
        };
        Ok(Self {
            dropout: Dropout::new(config.dropout, config.seed, "dropout of gene sets")?,
            config,
            parameters,
            encoder,
            supersets,
            decoder,
            encoder_norm,
        })
    }

    /// The options.
    pub fn config(&self) -> &GsaeConfig {
        &self.config
    }

    /// The map.
    pub fn mask(&self) -> &Mask {
        self.encoder.mask()
    }

    /// Gene sets before their activation, feature-major: `[genes, n]` to `[sets, n]`.
    fn sets(&self, x: &Tensor, mode: Mode) -> Result<Tensor> {
        let sets = self.encoder.forward_features(x)?;
        normalise(self.encoder_norm.as_ref(), sets, mode)
    }

    /// Gene sets to supersets, feature-major: `[sets, n]` to `[supersets, n]`; the gene sets
    /// themselves where there are no supersets.
    fn compress(&self, sets: &Tensor) -> Result<Tensor> {
        match &self.supersets {
            Some(middle) => {
                let supersets = middle.encoder.forward_features(sets)?;
                self.config.superset_activation.forward(&supersets)
            }
            None => Ok(sets.clone()),
        }
    }

    /// The way back to gene sets, feature-major: `[supersets, n]` to `[sets, n]`.
    fn expand(&self, latent: &Tensor, mode: Mode) -> Result<Tensor> {
        match &self.supersets {
            Some(middle) => {
                let sets = middle.decoder.forward_features(latent)?;
                let sets = normalise(middle.decoder_norm.as_ref(), sets, mode)?;
                self.config.set_activation.forward(&sets)
            }
            None => Ok(latent.clone()),
        }
    }
}

fn normalise(norm: Option<&BatchNorm>, x: Tensor, mode: Mode) -> Result<Tensor> {
    match norm {
        Some(norm) => norm.forward_features(&x, mode == Mode::Train),
        None => Ok(x),
    }
}

impl Autoencoder for Gsae {
    fn encode(&self, x: &Tensor) -> Result<Tensor> {
        let sets = self.sets(&x.t()?, Mode::Evaluate)?;
        let sets = self.config.set_activation.forward(&sets)?;
        Ok(self.compress(&sets)?.t()?)
    }

    fn decode(&self, latent: &Tensor) -> Result<Tensor> {
        let sets = self.expand(&latent.t()?, Mode::Evaluate)?;
        let genes = match &self.decoder {
            Decoder::Masked(layer) => layer.forward_features(&sets),
            Decoder::Dense(layer) => layer.forward_features(&sets),
        };
        Ok(genes?.t()?)
    }

    fn gene_set_nodes(&self, x: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(self.sets(&x.t()?, Mode::Evaluate)?.t()?))
    }

    fn loss(&mut self, x: &Tensor, mode: Mode) -> Result<Tensor> {
        let x = x.t()?;
        let sets = self.sets(&x, mode)?;
        let sets = self.config.set_activation.forward(&sets)?;
        let sets = self.dropout.forward(&sets, mode == Mode::Train)?;
        let rebuilt = self.expand(&self.compress(&sets)?, mode)?;
        match &self.decoder {
            Decoder::Masked(layer) => layer.mse_features(&rebuilt, &x),
            Decoder::Dense(layer) => layer.mse_features(&rebuilt, &x),
        }
    }

    fn parameters(&self) -> &ParameterSet {
        &self.parameters
    }

    fn project(&mut self) -> Result<()> {
        self.encoder.project()?;
        if let Decoder::Masked(layer) = &self.decoder {
            layer.project()?;
        }
        Ok(())
    }
}
