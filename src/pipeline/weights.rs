//! What a reader of the latent layer needs of a trained model: samples as the network sees them,
//! and the weights that lead away from the latent units.

use super::TrainedModel;
use crate::error::Result;
use crate::expression::{ExpressionMatrix, Preprocessed};
use crate::mask::SetMap;
use crate::models::LatentWeights;

/// The weights of the one layer after the latent one.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedWeights {
    /// Whether they lead to gene sets; to genes otherwise.
    pub to_sets: bool,
    /// The genes' or gene sets' names, one a row.
    pub names: Vec<String>,
    /// `[names, latent]`, row by row, in the model's scale.
    pub values: Vec<f32>,
}

impl TrainedModel {
    /// Samples as the network sees them: normalised, centred, scaled.
    ///
    /// # Errors
    /// As [`score`](Self::score).
    pub fn preprocessed(&self, expression: &ExpressionMatrix) -> Result<Preprocessed> {
        Ok(self.input(expression)?.whole()?.prepared)
    }

    /// The weights from the latent units to the genes or, in a GSAE, to the gene sets without a
    /// parent; `None` where more than one layer takes the latent units there.
    ///
    /// # Errors
    /// If a tensor operation fails.
    pub fn latent_weights(&self) -> Result<Option<NamedWeights>> {
        let Some(weights) = self.model.latent_weights()? else {
            return Ok(None);
        };
        let (to_sets, names, tensor) = match (weights, &self.map) {
            (LatentWeights::GeneSets(tensor), Some(map)) => (true, self.root_names(map), tensor),
            (LatentWeights::GeneSets(_), None) => return Ok(None),
            (LatentWeights::Features(tensor), _) => (false, self.genes().to_vec(), tensor),
        };
        let values = tensor.contiguous()?.flatten_all()?.to_vec1()?;
        Ok(Some(NamedWeights {
            to_sets,
            names,
            values,
        }))
    }

    /// The gene sets without a parent, and the nodes that stand for no set.
    pub(super) fn root_names(&self, map: &SetMap) -> Vec<String> {
        let gene_sets = self.options.model.gene_sets();
        let free = gene_sets.map_or(0, |sets| sets.free_nodes);
        let sets = map.root_nodes().map(|node| self.nodes[node].name.clone());
        sets.chain((1..=free).map(|number| format!("free_{number}")))
            .collect()
    }
}
