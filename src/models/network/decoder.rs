//! From the latent layer back to features.

use super::encoder::{Encoder, dense_layer};
use super::flow::{Flow, Layer};
use super::set_layers::{SetDecoder, map_layer};
use crate::error::{Error, Result};
use crate::mask::SetMap;
use crate::models::{CovariatePlace, Latent, LatentWeights, NetworkConfig};
use crate::nn::{
    Activation, BatchNorm, BatchNormConfig, Init, Linear, LinearConfig, MaskedLinear, ParameterSet,
    Positions, TiedLinear,
};
use candle_core::{DType, Device, Tensor};

/// The weights of a soft mask outside of the sets.
pub(super) const OFF_SET: &str = "decoder.off_set.weight";

/// Latent layer -> hidden layers in reverse -> gene sets -> features; the middle may be missing.
pub(super) struct Decoder {
    hidden: Vec<(Layer, Option<BatchNorm>)>,
    sets: Option<Sets>,
    last: Layer,
    /// Connections outside of the sets, of a soft mask: `[genes, nodes]`.
    off_set: Option<OffSet>,
    covariates: Option<(Linear, Entry)>,
    activation: Activation,
}

struct Sets {
    /// To the nodes without a parent; `None` where they are the latent layer itself.
    roots: Option<Layer>,
    nodes: SetDecoder,
}

/// A dense weight that is 0 wherever the mask has a connection already.
struct OffSet {
    layer: Linear,
    inside: Positions,
    penalty: f64,
    sets: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Entry {
    FirstHidden,
    Roots,
    Output,
}

/// A batch just before the last layer.
pub(super) struct Decoded {
    input: Flow,
    /// The gene-set nodes before their activation, where the decoder has them.
    pub nodes: Option<Flow>,
    extra: Option<Tensor>,
}

impl Decoder {
    pub fn new(
        parameters: &mut ParameterSet,
        encoder: &Encoder,
        features: usize,
        map: Option<&SetMap>,
        n_covariates: usize,
        config: &NetworkConfig,
    ) -> Result<Self> {
        let tied = config.tied;
        let roots = map.map_or(0, SetMap::roots);
        let sets_are_latent = config.latent == Latent::GeneSets;
        let mut width = match config.latent {
            Latent::Width(width) => width,
            Latent::GeneSets => roots,
        };
        // Dense layers of the encoder from the latent layer back, which tied layers mirror.
        let mut mirrored: Vec<&Linear> = encoder.hidden.iter().map(|h| &h.layer).collect();
        mirrored.extend(encoder.mean_layer());
        let mut dense = |parameters: &mut ParameterSet, name: &str, inputs, outputs| {
            let layer = mirrored.pop();
            Ok::<Layer, Error>(match layer {
                Some(layer) if tied => {
                    let bias = parameters
                        .variable(format!("{name}.bias"), &[outputs], |_| vec![0.0; outputs])?;
                    Layer::Tied(TiedLinear::dense(layer, bias)?)
                }
                _ => Layer::Dense(Linear::new(
                    parameters,
                    name,
                    inputs,
                    outputs,
                    dense_layer(),
                )?),
            })
        };
        let mut hidden = Vec::new();
        // Gene sets that are the latent layer speak for themselves: nothing stands behind them.
        if !sets_are_latent {
            for (number, &next) in config.hidden.iter().enumerate().rev() {
                let name = format!("decoder.hidden{number}");
                let layer = dense(parameters, &name, width, next)?;
                let norm = if config.batch_norm {
                    let norm = BatchNormConfig::default();
                    Some(BatchNorm::new(
                        parameters,
                        &format!("{name}.norm"),
                        next,
                        norm,
                    )?)
                } else {
                    None
                };
                hidden.push((layer, norm));
                width = next;
            }
        }
        let sets = match map {
            Some(map) if config.decoder_has_sets() => {
                let to_roots = if sets_are_latent {
                    None
                } else {
                    Some(dense(parameters, "decoder.sets", width, roots)?)
                };
                let nodes = SetDecoder::new(parameters, map, config, to_roots.is_some())?;
                Some(Sets {
                    roots: to_roots,
                    nodes,
                })
            }
            _ => None,
        };
        let name = "decoder.genes";
        let last = match (&sets, map, &encoder.sets) {
            (Some(_), Some(map), Some(own)) if tied && config.masked_decoder() => {
                let bias = parameters.variable(format!("{name}.bias"), &[features], |_| {
                    vec![0.0; map.genes()]
                })?;
                Layer::Tied(TiedLinear::masked(own.genes(), bias)?)
            }
            (Some(_), Some(map), _) if config.masked_decoder() => {
                let mask = map.direct().transpose();
                Layer::Masked(MaskedLinear::new(
                    parameters,
                    name,
                    mask,
                    map_layer(config),
                )?)
            }
            (Some(_), Some(map), _) => {
                let nodes = map.direct().outputs();
                Layer::Dense(Linear::new(
                    parameters,
                    name,
                    nodes,
                    features,
                    dense_layer(),
                )?)
            }
            _ => dense(parameters, name, width, features)?,
        };
        let off_set = match (map, config.gene_sets.and_then(|sets| sets.soft_mask)) {
            (Some(map), Some(penalty)) => Some(OffSet::new(parameters, map, penalty, config)?),
            _ => None,
        };
        let covariates = if n_covariates > 0 {
            let in_sets = config.covariates_in == CovariatePlace::GeneSets;
            let (entry, outputs) =
                if in_sets || (hidden.is_empty() && sets.is_some() && !sets_are_latent) {
                    (Entry::Roots, roots)
                } else if let (Some(first), false) = (config.hidden.last(), hidden.is_empty()) {
                    (Entry::FirstHidden, *first)
                } else {
                    (Entry::Output, features)
                };
            let layer = LinearConfig {
                bias: false,
                init: Init::Constant(0.0),
                non_negative: false,
            };
            let name = "decoder.covariates";
            Some((
                Linear::new(parameters, name, n_covariates, outputs, layer)?,
                entry,
            ))
        } else {
            None
        };
        Ok(Self {
            hidden,
            sets,
            last,
            off_set,
            covariates,
            activation: config.activation,
        })
    }

    /// `latent`: `[latent, n]`, `covariates`: `[covariates, n]`.
    pub fn forward(
        &self,
        latent: &Flow,
        covariates: Option<&Tensor>,
        training: bool,
    ) -> Result<Decoded> {
        let added = |entry: Entry| match (&self.covariates, covariates) {
            (Some((layer, own)), Some(values)) if *own == entry => {
                layer.forward_features(values).map(Some)
            }
            _ => Ok(None),
        };
        let mut flow = latent.clone();
        for (number, (layer, norm)) in self.hidden.iter().enumerate() {
            let mut own = layer.forward(&flow)?;
            if number == 0 {
                own = own.plus_constant(added(Entry::FirstHidden)?.as_ref())?;
            }
            let own = own.normalise(norm.as_ref(), training)?;
            flow = own.activate(self.activation)?;
        }
        let mut nodes = None;
        if let Some(sets) = &self.sets {
            if let Some(layer) = &sets.roots {
                flow = layer.forward(&flow)?;
            }
            flow = flow.plus_constant(added(Entry::Roots)?.as_ref())?;
            let (before, after) = sets.nodes.forward(&flow, training)?;
            nodes = Some(before);
            flow = after;
        }
        let mut extra = added(Entry::Output)?;
        if let Some(off_set) = &self.off_set {
            let more = off_set.layer.forward_features(&flow.value)?;
            extra = Some(match extra {
                Some(extra) => (extra + more)?,
                None => more,
            });
        }
        Ok(Decoded {
            input: flow,
            nodes,
            extra,
        })
    }

    /// The last layer's output.
    pub fn output(&self, decoded: &Decoded) -> Result<Flow> {
        let own = self.last.forward(&decoded.input)?;
        let tangent = match (&self.off_set, &decoded.input.tangent, &own.tangent) {
            (Some(off_set), Some(input), Some(tangent)) => {
                Some((off_set.layer.tangent_features(input)? + tangent)?)
            }
            _ => own.tangent.clone(),
        };
        let value = match &decoded.extra {
            Some(extra) => (own.value + extra)?,
            None => own.value,
        };
        Ok(Flow { value, tangent })
    }

    /// The weights after the latent layer of this width, where a single layer leads from it to the
    /// output or to the gene sets: the derivative along every latent unit.
    pub fn latent_weights(
        &self,
        width: usize,
        dtype: DType,
        device: &Device,
    ) -> Result<Option<LatentWeights>> {
        let levels = self
            .sets
            .as_ref()
            .map_or(0, |sets| sets.nodes.layers().count());
        if !self.hidden.is_empty() {
            return Ok(None);
        }
        let units = Flow::along(
            Tensor::zeros((width, width), dtype, device)?,
            Tensor::eye(width, dtype, device)?,
        );
        if let Some(Sets {
            roots: Some(layer), ..
        }) = &self.sets
        {
            return Ok(layer.forward(&units)?.tangent.map(LatentWeights::GeneSets));
        }
        if levels > 0 {
            return Ok(None);
        }
        let output = self.output(&self.forward(&units, None, false)?)?;
        Ok(output.tangent.map(LatentWeights::Features))
    }

    /// The mean squared error of the last layer's output.
    pub fn mse(&self, decoded: &Decoded, target: &Tensor) -> Result<Tensor> {
        match &decoded.extra {
            None => self.last.mse(&decoded.input.value, target),
            Some(_) => crate::nn::mse_loss(&self.output(decoded)?.value, target),
        }
    }

    /// The masked layer to the genes, if there is one.
    pub fn masked_layer(&self) -> Option<&MaskedLinear> {
        match &self.last {
            Layer::Masked(layer) => Some(layer),
            _ => None,
        }
    }

    /// The nodes between latent layer and genes, where the decoder has them.
    pub fn set_nodes(&self) -> Option<&SetDecoder> {
        self.sets.as_ref().map(|sets| &sets.nodes)
    }

    /// For every set the genes outside of it that it is connected to; without a soft mask `None`.
    pub fn added_genes(&self) -> Result<Option<Vec<usize>>> {
        let Some(off_set) = &self.off_set else {
            return Ok(None);
        };
        let mut counts = vec![0; off_set.sets];
        for row in off_set
            .layer
            .weight()
            .to_dtype(candle_core::DType::F64)?
            .to_vec2::<f64>()?
        {
            for (count, weight) in counts.iter_mut().zip(row) {
                *count += usize::from(weight != 0.0);
            }
        }
        Ok(Some(counts))
    }

    pub fn project(&self, learning_rate: f64) -> Result<()> {
        self.last.project()?;
        if let Some(sets) = &self.sets {
            sets.nodes.layers().try_for_each(MaskedLinear::project)?;
        }
        match &self.off_set {
            Some(off_set) => off_set.project(learning_rate),
            None => Ok(()),
        }
    }
}

impl OffSet {
    fn new(
        parameters: &mut ParameterSet,
        map: &SetMap,
        penalty: f64,
        config: &NetworkConfig,
    ) -> Result<Self> {
        let (nodes, genes) = (map.direct().outputs(), map.genes());
        let layer = LinearConfig {
            bias: false,
            init: Init::Constant(0.0),
            non_negative: config.gene_sets.is_some_and(|sets| sets.non_negative),
        };
        // Members that a set has through its children are inside of it; free nodes have all.
        let members = map.members().rows();
        let members = members.chain(map.direct().rows().skip(map.sets()));
        let inside = members
            .enumerate()
            .flat_map(|(node, row)| row.iter().map(move |&gene| gene as usize * nodes + node));
        Ok(Self {
            inside: Positions::new(inside.collect()),
            layer: Linear::new(parameters, "decoder.off_set", nodes, genes, layer)?,
            penalty,
            sets: map.sets(),
        })
    }

    fn project(&self, learning_rate: f64) -> Result<()> {
        crate::nn::clear(self.layer.weight(), &self.inside)?;
        self.layer.project()?;
        crate::nn::soft_threshold(self.layer.weight(), learning_rate * self.penalty)
    }
}
