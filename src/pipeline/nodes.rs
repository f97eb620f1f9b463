//! The gene-set nodes of a model, with what a reader needs to trust them.

use crate::activity::{NodeSummary, Orientation};
use crate::error::{Error, Result};
use crate::io::{one_field, write_atomically};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::Path;

/// A gene-set node: the set it stands for and how much of it the data had.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// The set's name.
    pub name: String,
    /// The set's description.
    pub description: String,
    /// The genes of the set.
    pub size: usize,
    /// The genes of the set that the model has.
    pub found: usize,
}

impl Node {
    /// The share of the set's genes that are there, of which `present` are in the data at hand.
    pub fn coverage(&self, present: usize) -> f64 {
        present as f64 / self.size.max(1) as f64
    }
}

/// One row a node, ready to be read or written.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeTable {
    rows: Vec<NodeRow>,
}

/// A node with its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeRow {
    /// The node.
    pub node: Node,
    /// Its genes in the data at hand.
    pub found: usize,
    /// Orientation, confidence, spread.
    pub summary: NodeSummary,
    /// The gene with the largest loading.
    pub top_gene: Option<String>,
}

impl NodeRow {
    /// The share of the set's genes in the data at hand.
    pub fn coverage(&self) -> f64 {
        self.node.coverage(self.found)
    }
}

impl NodeTable {
    pub(super) fn new(rows: Vec<NodeRow>) -> Self {
        Self { rows }
    }

    /// The rows, in the order of the model's nodes.
    pub fn rows(&self) -> &[NodeRow] {
        &self.rows
    }

    /// The nodes whose unscaled activity varies most over the training samples, the first the
    /// most; nodes without an orientation come last.
    pub fn most_variable(&self, count: usize) -> Vec<&NodeRow> {
        let mut rows: Vec<&NodeRow> = self.rows.iter().collect();
        let unoriented = |row: &NodeRow| row.summary.orientation == Orientation::None;
        rows.sort_by(|a, b| {
            unoriented(a)
                .cmp(&unoriented(b))
                .then(b.summary.spread.total_cmp(&a.summary.spread))
                .then(a.node.name.cmp(&b.node.name))
        });
        rows.truncate(count);
        rows
    }

    /// Writes one row a node: `name description size found coverage orientation
    /// orientation_confidence top_gene top_gene_share spread`.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written.
    pub fn write_tsv(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        write_atomically(path, |file| {
            self.write_rows(file).map_err(Error::io("write", path))
        })
    }

    fn write_rows(&self, file: &mut dyn Write) -> std::io::Result<()> {
        writeln!(
            file,
            "name\tdescription\tsize\tfound\tcoverage\torientation\torientation_confidence\t\
             top_gene\ttop_gene_share\tspread"
        )?;
        for row in &self.rows {
            let summary = &row.summary;
            writeln!(
                file,
                "{}\t{}\t{}\t{}\t{:.4}\t{}\t{:.4}\t{}\t{:.4}\t{:.4}",
                one_field(&row.node.name),
                one_field(&row.node.description),
                row.node.size,
                row.found,
                row.coverage(),
                summary.orientation,
                summary.confidence,
                row.top_gene.as_deref().map_or("NA".to_owned(), one_field),
                summary.top_gene_share,
                summary.spread,
            )?;
        }
        Ok(())
    }
}
