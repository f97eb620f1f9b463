//! One gene set: a name, a description, its genes.

use serde::{Deserialize, Serialize};

/// A named set of genes, in the order of its file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GeneSet {
    /// The name, unique within a collection.
    pub name: String,
    /// The description, often a URL or a stable id; empty if there is none.
    pub description: String,
    /// The member genes, each once.
    pub genes: Vec<String>,
    /// One weight a gene, if the file gave any (`GENE,0.5`).
    pub weights: Option<Vec<f32>>,
}

impl GeneSet {
    /// A set without weights.
    pub fn new(
        name: impl Into<String>,
        description: impl Into<String>,
        genes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
            genes: genes.into_iter().map(Into::into).collect(),
            weights: None,
        }
    }

    /// The number of member genes.
    pub fn len(&self) -> usize {
        self.genes.len()
    }

    /// Whether the set has no genes.
    pub fn is_empty(&self) -> bool {
        self.genes.is_empty()
    }
}
