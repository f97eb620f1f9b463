//! The gene-set nodes of a model, with what a reader needs to trust them.

use super::node_evidence::{COLUMNS, NodeEvidence};
use crate::activity::{NodeSummary, Orientation};
use crate::error::{Error, Result};
use crate::io::{Columns, compressed, one_field, write_atomically};
use crate::models::NodeUse;
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
    /// What the node is, and what is known of it.
    pub kind: NodeKind,
    /// What refits and plain scores say of it, where that was gathered.
    pub evidence: Option<NodeEvidence>,
}

/// A gene set or a latent unit.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// A node that is a gene set.
    GeneSet {
        /// Orientation, confidence, spread.
        summary: NodeSummary,
        /// The gene with the largest loading.
        top_gene: Option<String>,
        /// What training left of it.
        used: Option<NodeUse>,
    },
    /// A latent unit of a model without gene-set nodes.
    Latent {
        /// SD of its values over the training samples.
        spread: f64,
    },
}

impl NodeRow {
    /// The share of the set's genes in the data at hand.
    pub fn coverage(&self) -> f64 {
        self.node.coverage(self.found)
    }

    /// What is known of a gene set; `None` for a latent unit.
    pub fn summary(&self) -> Option<&NodeSummary> {
        match &self.kind {
            NodeKind::GeneSet { summary, .. } => Some(summary),
            NodeKind::Latent { .. } => None,
        }
    }

    /// SD over the training samples before scaling.
    pub fn spread(&self) -> f64 {
        match &self.kind {
            NodeKind::GeneSet { summary, .. } => summary.spread,
            NodeKind::Latent { spread } => *spread,
        }
    }
}

impl NodeTable {
    pub(super) fn new(rows: Vec<NodeRow>) -> Self {
        Self { rows }
    }

    pub(super) fn rows_mut(&mut self) -> &mut [NodeRow] {
        &mut self.rows
    }

    /// The rows, in the order of the model's nodes.
    pub fn rows(&self) -> &[NodeRow] {
        &self.rows
    }

    /// The nodes whose unscaled activity varies most over the training samples, the first the
    /// most; nodes without an orientation come last.
    pub fn most_variable(&self, count: usize) -> Vec<&NodeRow> {
        let mut rows: Vec<&NodeRow> = self.rows.iter().collect();
        let unoriented = |row: &NodeRow| {
            row.summary()
                .is_some_and(|s| s.orientation == Orientation::None)
        };
        rows.sort_by(|a, b| {
            unoriented(a)
                .cmp(&unoriented(b))
                .then(b.spread().total_cmp(&a.spread()))
                .then(a.node.name.cmp(&b.node.name))
        });
        rows.truncate(count);
        rows
    }

    /// Writes one row a node: `name description size found coverage orientation
    /// orientation_confidence top_gene top_gene_share spread active added_genes`, then the
    /// evidence: `stability hidden_stability coherence map_p map_q own_gene_correlation drifted
    /// without_top_gene one_gene mean_z_correlation ulm_correlation ssgsea_correlation passes`;
    /// `NA` where a latent unit has no such thing or it was not computed.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written.
    pub fn write_tsv(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        write_atomically(path, |file| {
            compressed(path, file, |file| {
                self.write_rows(file).map_err(Error::io("write", path))
            })
        })
    }

    /// The same as a table of typed columns, the names as its rows.
    ///
    /// # Errors
    /// [`Error::Data`] if the table cannot be made, which no node causes.
    pub fn columns(&self) -> Result<Columns> {
        Columns::from_tsv(&self.to_tsv()?)
    }

    /// The text that [`write_tsv`](Self::write_tsv) writes.
    ///
    /// # Errors
    /// None that can occur: writing to memory cannot fail.
    pub fn to_tsv(&self) -> Result<String> {
        let mut bytes = Vec::new();
        self.write_rows(&mut bytes)
            .map_err(Error::io("write", "nodes.tsv"))?;
        crate::io::utf8(bytes, Path::new("nodes.tsv"))
    }

    fn write_rows(&self, file: &mut dyn Write) -> std::io::Result<()> {
        writeln!(
            file,
            "name\tdescription\tsize\tfound\tcoverage\torientation\torientation_confidence\t\
             top_gene\ttop_gene_share\tspread\tactive\tadded_genes\t{COLUMNS}"
        )?;
        for row in &self.rows {
            let known = match &row.kind {
                NodeKind::GeneSet {
                    summary,
                    top_gene,
                    used,
                } => format!(
                    "{}\t{:.4}\t{}\t{:.4}\t{:.4}\t{}\t{}",
                    summary.orientation,
                    summary.confidence,
                    top_gene.as_deref().map_or("NA".to_owned(), one_field),
                    summary.top_gene_share,
                    summary.spread,
                    used.is_none_or(|used| used.active),
                    used.map_or(0, |used| used.added_genes),
                ),
                NodeKind::Latent { spread } => format!("NA\tNA\tNA\tNA\t{spread:.4}\ttrue\t0"),
            };
            writeln!(
                file,
                "{}\t{}\t{}\t{}\t{:.4}\t{known}\t{}",
                one_field(&row.node.name),
                one_field(&row.node.description),
                row.node.size,
                row.found,
                row.coverage(),
                row.evidence.unwrap_or_default().columns(),
            )?;
        }
        Ok(())
    }
}
