//! From features to the latent layer.

use super::flow::{Flow, Layer};
use super::set_layers::{SetEncoder, map_layer};
use crate::error::Result;
use crate::mask::{Mask, SetMap};
use crate::models::{Latent, NetworkConfig};
use crate::nn::{
    Activation, BatchNorm, BatchNormConfig, Dropout, Init, Linear, LinearConfig, MaskedLinear,
    ParameterSet,
};
use candle_core::Tensor;

/// Log-variances of the latent layer are kept within this of 0, so that none overflows.
const LARGEST_LOG_VARIANCE: f32 = 15.0;

/// How dense layers start.
pub(super) fn dense_layer() -> LinearConfig {
    LinearConfig {
        init: Init::XavierUniform,
        ..LinearConfig::default()
    }
}

/// Features -> gene sets -> hidden layers -> latent layer; the first two may be missing.
pub(super) struct Encoder {
    pub sets: Option<SetEncoder>,
    pub hidden: Vec<Hidden>,
    head: Head,
    activation: Activation,
    latent_activation: Activation,
    variational: bool,
    dropout: Dropout,
}

/// A dense layer with what follows it.
pub(super) struct Hidden {
    pub layer: Linear,
    norm: Option<BatchNorm>,
}

enum Head {
    /// The gene sets themselves; with masked log-variances in a variational model.
    Sets { log_variance: Option<MaskedLinear> },
    Dense {
        mean: Linear,
        log_variance: Option<Linear>,
    },
}

/// What an [`Encoder`] makes of a batch.
pub(super) struct Encoded {
    /// The gene-set nodes before their activation, of a masked encoder.
    pub nodes: Option<Flow>,
    /// The latent coordinates, or their means.
    pub latent: Flow,
    /// Their log-variances.
    pub log_variance: Option<Tensor>,
}

impl Encoder {
    pub fn new(
        parameters: &mut ParameterSet,
        features: usize,
        map: Option<&SetMap>,
        config: &NetworkConfig,
    ) -> Result<Self> {
        let sets = match map {
            Some(map) if config.masked_encoder() => Some(SetEncoder::new(parameters, map, config)?),
            _ => None,
        };
        let roots = map.map_or(0, SetMap::roots);
        let mut width = if sets.is_some() { roots } else { features };
        let mut hidden = Vec::with_capacity(config.hidden.len());
        for (number, &next) in config.hidden.iter().enumerate() {
            let name = format!("encoder.hidden{number}");
            hidden.push(Hidden::new(
                parameters,
                &name,
                (width, next),
                config.batch_norm,
            )?);
            width = next;
        }
        let variational = config.variational.is_some();
        let head = match (config.latent, map, &sets) {
            (Latent::GeneSets, Some(map), Some(_)) => Head::Sets {
                log_variance: if variational {
                    let mask = root_members(map)?;
                    let layer = LinearConfig {
                        non_negative: false,
                        init: Init::FanInUniform,
                        ..map_layer(config)
                    };
                    Some(MaskedLinear::new(
                        parameters,
                        "encoder.log_variance",
                        mask,
                        layer,
                    )?)
                } else {
                    None
                },
            },
            (latent, ..) => {
                let units = match latent {
                    Latent::Width(units) => units,
                    Latent::GeneSets => roots,
                };
                let mut dense =
                    |name: &str| Linear::new(parameters, name, width, units, dense_layer());
                Head::Dense {
                    mean: dense("encoder.latent")?,
                    log_variance: variational
                        .then(|| dense("encoder.log_variance"))
                        .transpose()?,
                }
            }
        };
        Ok(Self {
            sets,
            hidden,
            head,
            activation: config.activation,
            latent_activation: config.latent_activation,
            variational,
            dropout: Dropout::new(config.dropout, config.seed, "dropout of the encoder")?,
        })
    }

    pub fn forward(&self, x: &Flow, training: bool) -> Result<Encoded> {
        let mut nodes = None;
        let mut flow = x.clone();
        let mut roots = None;
        if let Some(sets) = &self.sets {
            let values = sets.forward(x, training)?;
            // The sets are the latent layer, or a layer before it.
            flow = values.roots.activate(match self.head {
                Head::Sets { .. } => self.latent_activation,
                Head::Dense { .. } => self.activation,
            })?;
            flow.value = self.dropout.forward(&flow.value, training)?;
            nodes = Some(values.nodes);
            roots = Some(values.roots);
        }
        for hidden in &self.hidden {
            let own = Layer::Dense(hidden.layer.clone()).forward(&flow)?;
            let own = own.normalise(hidden.norm.as_ref(), training)?;
            flow = own.activate(self.activation)?;
            flow.value = self.dropout.forward(&flow.value, training)?;
        }
        let (latent, log_variance) = match &self.head {
            Head::Sets { log_variance } => {
                let log_variance = log_variance
                    .as_ref()
                    .map(|layer| layer.forward_features(&x.value))
                    .transpose()?;
                match roots {
                    Some(roots) if self.variational => (roots, log_variance),
                    _ => (flow, log_variance),
                }
            }
            Head::Dense { mean, log_variance } => {
                let latent = Layer::Dense(mean.clone()).forward(&flow)?;
                let log_variance = log_variance
                    .as_ref()
                    .map(|layer| layer.forward_features(&flow.value))
                    .transpose()?;
                if self.variational {
                    (latent, log_variance)
                } else {
                    (latent.activate(self.latent_activation)?, None)
                }
            }
        };
        let log_variance = log_variance
            .map(|values| values.clamp(-LARGEST_LOG_VARIANCE, LARGEST_LOG_VARIANCE))
            .transpose()?;
        Ok(Encoded {
            nodes,
            latent,
            log_variance,
        })
    }

    /// The layer of the latent means, if it is dense.
    pub fn mean_layer(&self) -> Option<&Linear> {
        match &self.head {
            Head::Dense { mean, .. } => Some(mean),
            Head::Sets { .. } => None,
        }
    }

    /// The squared rows of the only layer's weights and its activation, `[latent, 1]`, if one
    /// layer is all there is between input and latent coordinates.
    pub fn single_layer(&self) -> Result<Option<(Tensor, Activation)>> {
        if self.variational || !self.hidden.is_empty() {
            return Ok(None);
        }
        let squares = match (&self.sets, &self.head) {
            (None, Head::Dense { mean, .. }) => mean.weight().sqr()?.sum_keepdim(1)?,
            (Some(sets), Head::Sets { .. }) if sets.layers().count() == 1 => {
                sets.genes().squared_rows()?.unsqueeze(1)?
            }
            _ => return Ok(None),
        };
        Ok(Some((squares, self.latent_activation)))
    }

    pub fn project(&self) -> Result<()> {
        match &self.sets {
            Some(sets) => sets.layers().try_for_each(MaskedLinear::project),
            None => Ok(()),
        }
    }
}

impl Hidden {
    pub fn new(
        parameters: &mut ParameterSet,
        name: &str,
        (inputs, outputs): (usize, usize),
        batch_norm: bool,
    ) -> Result<Self> {
        Ok(Self {
            layer: Linear::new(parameters, name, inputs, outputs, dense_layer())?,
            norm: if batch_norm {
                let norm = BatchNormConfig::default();
                Some(BatchNorm::new(
                    parameters,
                    &format!("{name}.norm"),
                    outputs,
                    norm,
                )?)
            } else {
                None
            },
        })
    }
}

/// All genes of the nodes without a parent, free nodes included: `[roots, genes]`.
fn root_members(map: &SetMap) -> Result<Mask> {
    let rows = map.root_nodes().map(|node| {
        if node < map.sets() {
            map.members().row(node).to_vec()
        } else {
            map.direct().row(node).to_vec()
        }
    });
    Mask::from_rows(map.genes(), rows.collect())
}
