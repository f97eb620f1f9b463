//! Layers whose nodes are gene sets, level by level.

use super::flow::{Flow, Layer};
use crate::error::Result;
use crate::mask::{Mask, SetMap};
use crate::models::NetworkConfig;
use crate::nn::{
    Activation, BatchNorm, BatchNormConfig, Init, LinearConfig, MaskedLinear, ParameterSet,
};

/// Weights of a map start nearly alike: every member counts, none is preferred by chance.
const MAP_JITTER: f64 = 0.1;

/// How masked layers start and what they may become.
pub(super) fn map_layer(config: &NetworkConfig) -> LinearConfig {
    let non_negative = config.gene_sets.is_some_and(|sets| sets.non_negative);
    LinearConfig {
        bias: true,
        init: if non_negative {
            Init::Even { jitter: MAP_JITTER }
        } else {
            Init::FanInUniform
        },
        non_negative,
    }
}

/// Genes to gene sets, from the lowest level up.
pub(super) struct SetEncoder {
    map: SetMap,
    genes: MaskedLinear,
    /// For every level the layer from the nodes below; `None` for a level without such.
    children: Vec<Option<MaskedLinear>>,
    norms: Vec<Option<BatchNorm>>,
    activation: Activation,
}

/// What a [`SetEncoder`] makes of a batch.
pub(super) struct SetValues {
    /// All nodes before their activation.
    pub nodes: Flow,
    /// Those without a parent, before their activation.
    pub roots: Flow,
}

impl SetEncoder {
    pub fn new(
        parameters: &mut ParameterSet,
        map: &SetMap,
        config: &NetworkConfig,
    ) -> Result<Self> {
        let layer = map_layer(config);
        let genes = MaskedLinear::new(parameters, "encoder.sets", map.direct().clone(), layer)?;
        let mut children = Vec::new();
        let mut norms = Vec::new();
        for (number, level) in map.levels().iter().enumerate() {
            let name = format!("encoder.sets.level{number}");
            let without_bias = LinearConfig {
                bias: false,
                ..layer
            };
            children.push(if level.children.entries() > 0 {
                let mask = level.children.clone();
                Some(MaskedLinear::new(parameters, &name, mask, without_bias)?)
            } else {
                None
            });
            norms.push(if config.batch_norm {
                let width = level.nodes.len();
                let norm = BatchNormConfig::default();
                Some(BatchNorm::new(
                    parameters,
                    &format!("{name}.norm"),
                    width,
                    norm,
                )?)
            } else {
                None
            });
        }
        Ok(Self {
            map: map.clone(),
            genes,
            children,
            norms,
            activation: config.activation,
        })
    }

    pub fn genes(&self) -> &MaskedLinear {
        &self.genes
    }

    pub fn forward(&self, x: &Flow, training: bool) -> Result<SetValues> {
        let from_genes = Layer::Masked(self.genes.clone()).forward(x)?;
        let levels = self.map.levels();
        let mut nodes: Vec<Flow> = Vec::with_capacity(levels.len());
        let mut lower: Vec<Flow> = Vec::with_capacity(levels.len());
        let mut roots: Vec<Flow> = Vec::new();
        for (number, level) in levels.iter().enumerate() {
            let mut own = if levels.len() == 1 {
                from_genes.clone()
            } else {
                from_genes.rows(level.nodes.start, level.nodes.len())?
            };
            if let Some(layer) = &self.children[number] {
                let below = Flow::stack(&lower)?;
                own = own.plus(&Layer::Masked(layer.clone()).forward(&below)?)?;
            }
            let own = own.normalise(self.norms[number].as_ref(), training)?;
            if level.roots == level.nodes.len() {
                roots.push(own.clone());
            } else if level.roots > 0 {
                roots.push(own.rows(0, level.roots)?);
            }
            if number + 1 < levels.len() {
                lower.push(own.activate(self.activation)?);
            }
            nodes.push(own);
        }
        Ok(SetValues {
            nodes: Flow::stack(&nodes)?,
            roots: Flow::stack(&roots)?,
        })
    }

    pub fn layers(&self) -> impl Iterator<Item = &MaskedLinear> {
        std::iter::once(&self.genes).chain(self.children.iter().flatten())
    }

    /// Level by level the layer from the nodes below.
    pub fn children(&self) -> impl Iterator<Item = Option<&MaskedLinear>> {
        self.children.iter().map(Option::as_ref)
    }
}

/// From the nodes without a parent to all gene sets, from the highest level down.
pub(super) struct SetDecoder {
    map: SetMap,
    /// For every level the layer from the nodes above to the nodes with a parent.
    parents: Vec<Option<MaskedLinear>>,
    /// Of the nodes without a parent, level by level, and of the others.
    norms: Vec<(Option<BatchNorm>, Option<BatchNorm>)>,
    activation: Activation,
    /// Whether the nodes without a parent are activated; not where they are the latent layer.
    activate_roots: bool,
}

impl SetDecoder {
    pub fn new(
        parameters: &mut ParameterSet,
        map: &SetMap,
        config: &NetworkConfig,
        activate_roots: bool,
    ) -> Result<Self> {
        let layer = map_layer(config);
        let mut parents = Vec::new();
        let mut norms = Vec::new();
        for (number, level) in map.levels().iter().enumerate() {
            let name = format!("decoder.sets.level{number}");
            let others = level.nodes.len() - level.roots;
            parents.push(if others > 0 {
                let mask = parents_of(map, number)?;
                Some(MaskedLinear::new(parameters, &name, mask, layer)?)
            } else {
                None
            });
            let mut norm = |part: &str, width: usize| {
                (config.batch_norm && width > 0)
                    .then(|| {
                        let name = format!("{name}.{part}");
                        BatchNorm::new(parameters, &name, width, BatchNormConfig::default())
                    })
                    .transpose()
            };
            let of_roots = if activate_roots { level.roots } else { 0 };
            norms.push((norm("root_norm", of_roots)?, norm("norm", others)?));
        }
        Ok(Self {
            map: map.clone(),
            parents,
            norms,
            activation: config.activation,
            activate_roots,
        })
    }

    /// `roots`: `[roots, n]`, before their activation, to all nodes: before it and after it.
    pub fn forward(&self, roots: &Flow, training: bool) -> Result<(Flow, Flow)> {
        let levels = self.map.levels();
        let mut end = self.map.roots();
        let mut before: Vec<Flow> = Vec::new();
        let mut after: Vec<Flow> = Vec::new();
        for (number, level) in levels.iter().enumerate().rev() {
            let mut own_before = Vec::new();
            let mut own_after = Vec::new();
            if level.roots > 0 {
                let own = if levels.len() == 1 {
                    roots.clone()
                } else {
                    roots.rows(end - level.roots, level.roots)?
                };
                end -= level.roots;
                let own = own.normalise(self.norms[number].0.as_ref(), training)?;
                own_after.push(if self.activate_roots {
                    own.activate(self.activation)?
                } else {
                    own.clone()
                });
                own_before.push(own);
            }
            if let Some(layer) = &self.parents[number] {
                let above = Flow::stack(&after)?;
                let own = Layer::Masked(layer.clone()).forward(&above)?;
                let own = own.normalise(self.norms[number].1.as_ref(), training)?;
                own_after.push(own.activate(self.activation)?);
                own_before.push(own);
            }
            before.insert(0, Flow::stack(&own_before)?);
            after.insert(0, Flow::stack(&own_after)?);
        }
        Ok((Flow::stack(&before)?, Flow::stack(&after)?))
    }

    pub fn layers(&self) -> impl Iterator<Item = &MaskedLinear> {
        self.parents.iter().flatten()
    }

    /// Level by level the layer from the nodes above to the nodes with a parent.
    pub fn parents(&self) -> impl Iterator<Item = Option<&MaskedLinear>> {
        self.parents.iter().map(Option::as_ref)
    }
}

/// Parent to child: from all nodes above a level to its nodes that have a parent.
fn parents_of(map: &SetMap, number: usize) -> Result<Mask> {
    let level = &map.levels()[number];
    let above = level.nodes.end;
    let first = level.nodes.start + level.roots;
    let mut rows = vec![Vec::new(); level.nodes.end - first];
    for higher in &map.levels()[number + 1..] {
        for (parent, children) in higher.nodes.clone().zip(higher.children.rows()) {
            for &child in children {
                let child = child as usize;
                if (first..level.nodes.end).contains(&child) {
                    rows[child - first].push((parent - above) as u32);
                }
            }
        }
    }
    Mask::from_rows(map.direct().outputs() - above, rows)
}
