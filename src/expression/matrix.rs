//! The expression matrix: samples x genes, with names.

use crate::io::Source;

/// Expression values, samples as rows and genes as columns, both with unique names.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpressionMatrix {
    samples: Vec<String>,
    genes: Vec<String>,
    values: Vec<f32>,
    sources: Vec<Source>,
}

impl ExpressionMatrix {
    /// The sample names, one a row.
    pub fn samples(&self) -> &[String] {
        &self.samples
    }

    /// The gene names, one a column.
    pub fn genes(&self) -> &[String] {
        &self.genes
    }

    /// The values, row by row: `[samples, genes]`.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The files the values were read from.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }
}
