//! A collection of gene sets, as one file holds it.

use super::GeneSet;
use crate::io::Source;

/// Gene sets in the order of their file, names unique.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GeneSetCollection {
    sets: Vec<GeneSet>,
    sources: Vec<Source>,
}

impl GeneSetCollection {
    /// The sets, in order.
    pub fn sets(&self) -> &[GeneSet] {
        &self.sets
    }

    /// The files the sets were read from.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }
}
