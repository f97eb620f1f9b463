//! Which gene-set nodes training left in use.

use super::Network;
use super::set_layers::{SetDecoder, SetEncoder};
use crate::error::Result;
use crate::mask::SetMap;
use crate::models::NodeUse;
use crate::nn::MaskedLinear;
use candle_core::DType;

impl Network {
    /// A node is in use if weights other than 0 lead from genes to it, where the encoder is
    /// masked, and from it to genes, where the decoder is; by its own genes or through its child
    /// sets.
    pub(super) fn uses(&self, map: &SetMap) -> Result<Vec<NodeUse>> {
        let mut active = vec![true; map.direct().outputs()];
        if let Some(sets) = &self.encoder.sets {
            narrow(&mut active, &reached(map, sets)?);
        }
        let added = self.decoder.added_genes()?;
        if let (Some(genes), Some(sets)) = (self.decoder.masked_layer(), self.decoder.set_nodes()) {
            narrow(&mut active, &reaching(map, genes, sets, added.as_deref())?);
        }
        let uses = active.into_iter().take(map.sets()).enumerate();
        let uses = uses.map(|(node, active)| NodeUse {
            active,
            added_genes: added.as_ref().map_or(0, |added| added[node]),
        });
        Ok(uses.collect())
    }
}

fn narrow(active: &mut [bool], by: &[bool]) {
    for (active, by) in active.iter_mut().zip(by) {
        *active &= by;
    }
}

fn weights(layer: &MaskedLinear) -> Result<Vec<f64>> {
    Ok(layer.values().to_dtype(DType::F64)?.to_vec1()?)
}

/// The nodes that genes reach in the encoder.
fn reached(map: &SetMap, sets: &SetEncoder) -> Result<Vec<bool>> {
    let genes = weights(sets.genes())?;
    let own = |node: usize| {
        genes[map.direct().row_entries(node)]
            .iter()
            .any(|w| *w != 0.0)
    };
    let mut reached: Vec<bool> = (0..map.direct().outputs()).map(own).collect();
    for (level, layer) in map.levels().iter().zip(sets.children()) {
        let Some(layer) = layer else { continue };
        let links = weights(layer)?;
        for (row, node) in level.nodes.clone().enumerate() {
            let entries = layer.mask().row_entries(row);
            let mut below = layer.mask().row(row).iter().zip(&links[entries]);
            if below.any(|(child, weight)| *weight != 0.0 && reached[*child as usize]) {
                reached[node] = true;
            }
        }
    }
    Ok(reached)
}

/// The nodes that reach genes in the decoder; `added`: their genes outside of the sets.
fn reaching(
    map: &SetMap,
    genes: &MaskedLinear,
    sets: &SetDecoder,
    added: Option<&[usize]>,
) -> Result<Vec<bool>> {
    let values = weights(genes)?;
    let own = |node: usize| {
        let mut entries = genes.mask().column_entries(node).iter();
        entries.any(|&at| values[at as usize] != 0.0)
            || added.is_some_and(|added| added.get(node).is_some_and(|&count| count > 0))
    };
    let mut reaching: Vec<bool> = (0..map.direct().outputs()).map(own).collect();
    for (level, layer) in map.levels().iter().zip(sets.parents()) {
        let Some(layer) = layer else { continue };
        let links = weights(layer)?;
        let children = level.nodes.start + level.roots..level.nodes.end;
        for (row, child) in children.enumerate() {
            if !reaching[child] {
                continue;
            }
            let entries = layer.mask().row_entries(row);
            for (parent, weight) in layer.mask().row(row).iter().zip(&links[entries]) {
                reaching[level.nodes.end + *parent as usize] |= *weight != 0.0;
            }
        }
    }
    Ok(reaching)
}
