//! The learned weights of the genes in every gene set, as gene sets with weights.

use super::TrainedModel;
use crate::error::{Error, Result};
use crate::genesets::{GeneSet, GeneSetCollection};

impl TrainedModel {
    /// The gene sets as the model learned them: for every node its genes with their loadings, the
    /// largest first. The loading of a gene is its covariance with the node's standardised hidden
    /// value, in the direction of the node's orientation, 0 where it has the other sign; it is
    /// the weight with which the gene enters the activity (see [`crate::activity::Loadings`]).
    ///
    /// # Errors
    /// [`Error::Data`] for a model without gene-set nodes.
    pub fn weighted_sets(&self) -> Result<GeneSetCollection> {
        let Some(scorer) = self.scorer() else {
            return Err(Error::data(
                "this model has no gene-set nodes, so it has no weights of genes in sets",
                "Choose a model whose nodes are gene sets, such as `gsae`.",
            ));
        };
        let sets = self.nodes().iter().enumerate().map(|(at, node)| {
            let mut members: Vec<(usize, f64)> = scorer.members(at).collect();
            members.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            GeneSet {
                name: node.name.clone(),
                description: node.description.clone(),
                genes: members
                    .iter()
                    .map(|(gene, _)| self.genes()[*gene].clone())
                    .collect(),
                weights: Some(members.iter().map(|(_, weight)| *weight as f32).collect()),
            }
        });
        GeneSetCollection::new(sets.collect())
    }
}
