//! A trained model with everything it takes to score new samples.

use super::nodes::NodeRow;
use super::{FitOptions, Node, NodeTable};
use crate::activity::{ActivityScorer, ScoreTable};
use crate::error::{Error, Result};
use crate::expression::{ExpressionMatrix, Preprocessed, Preprocessor};
use crate::io::Source;
use crate::models::{Autoencoder, Gsae};
use crate::nn;
use crate::training::History;
use candle_core::Tensor;

/// Samples that pass through the network at once when scoring.
const SCORING_BATCH: usize = 512;

/// A trained GSAE: preprocessing, gene sets, network, activity scorer, and how it came about.
///
/// One file holds all of it: see [`save`](Self::save) and [`load`](Self::load).
pub struct TrainedModel {
    pub(super) preprocessor: Preprocessor,
    pub(super) nodes: Vec<Node>,
    pub(super) model: Gsae,
    pub(super) scorer: ActivityScorer,
    pub(super) options: FitOptions,
    pub(super) history: History,
    pub(super) sources: Vec<Source>,
    pub(super) version: String,
}

/// What a model says of samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// Activity: `[samples, gene sets]`.
    pub activity: ScoreTable,
    /// Supersets: `[samples, supersets]`.
    pub supersets: ScoreTable,
    /// The nodes with their coverage in these samples.
    pub nodes: NodeTable,
    /// Genes of the model that the data lack.
    pub missing_genes: Vec<String>,
}

impl TrainedModel {
    /// The genes the model sees, in its order.
    pub fn genes(&self) -> &[String] {
        self.preprocessor.genes()
    }

    /// The gene-set nodes, in the order of the activity's columns.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The network.
    pub fn network(&self) -> &Gsae {
        &self.model
    }

    /// Loadings, orientation and scale of the nodes.
    pub fn scorer(&self) -> &ActivityScorer {
        &self.scorer
    }

    /// The options it was trained with.
    pub fn options(&self) -> &FitOptions {
        &self.options
    }

    /// The course of training.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The files it was trained on.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Scores samples: activity, supersets, and the coverage of every node in these data.
    ///
    /// Genes that the data lack are left out of the activity's regression and hold their
    /// training mean in the network; they lower the coverage.
    ///
    /// # Errors
    /// [`Error::Data`] if the data share no gene with the model or cannot be normalised as the
    /// training data were.
    pub fn score(&self, expression: &ExpressionMatrix) -> Result<Scores> {
        let input = self.input(expression)?;
        let names: Vec<String> = self.nodes.iter().map(|node| node.name.clone()).collect();
        let activity = self.scorer.score(&input.values, &input.present);
        let latent = hidden(&input, |batch| self.model.encode(batch))?;
        let width = latent.len() / input.n_samples().max(1);
        let superset_names = superset_names(width);
        let missing_genes = self
            .genes()
            .iter()
            .zip(&input.present)
            .filter(|(_, present)| !**present)
            .map(|(gene, _)| gene.clone())
            .collect();
        Ok(Scores {
            nodes: self.node_table(&input.present),
            activity: ScoreTable::new(input.samples.clone(), names, activity)?,
            supersets: ScoreTable::new(input.samples, superset_names, latent)?,
            missing_genes,
        })
    }

    /// The nodes' hidden values before their activation, without orientation or scale:
    /// `[samples, gene sets]`.
    ///
    /// # Errors
    /// As [`score`](Self::score).
    pub fn raw_nodes(&self, expression: &ExpressionMatrix) -> Result<ScoreTable> {
        let input = self.input(expression)?;
        let values = node_values(&self.model, &input)?;
        let names = self.nodes.iter().map(|node| node.name.clone()).collect();
        ScoreTable::new(input.samples, names, values)
    }

    /// The samples as the network sees them.
    ///
    /// # Errors
    /// As [`score`](Self::score).
    pub fn input(&self, expression: &ExpressionMatrix) -> Result<Preprocessed> {
        model_input(&self.preprocessor, expression)
    }

    fn node_table(&self, present: &[bool]) -> NodeTable {
        let rows = self
            .nodes
            .iter()
            .enumerate()
            .map(|(set, node)| {
                let genes = self.scorer.mask().row(set);
                let summary = self.scorer.summary(set);
                NodeRow {
                    node: node.clone(),
                    found: genes.iter().filter(|gene| present[**gene as usize]).count(),
                    summary,
                    top_gene: summary.top_gene.map(|gene| self.genes()[gene].clone()),
                }
            })
            .collect();
        NodeTable::new(rows)
    }
}

/// Preprocesses samples as the training data were.
pub(super) fn model_input(
    preprocessor: &Preprocessor,
    expression: &ExpressionMatrix,
) -> Result<Preprocessed> {
    let prepared = preprocessor.transform(expression)?;
    if !prepared.present.contains(&true) {
        return Err(Error::data(
            format!(
                "none of the model's {} genes is in the data",
                preprocessor.genes().len()
            ),
            "Check that both use the same gene identifiers: `gsae doctor` compares them.",
        ));
    }
    Ok(prepared)
}

/// The hidden values of the gene-set layer: `[samples, sets]`, row by row.
pub(super) fn node_values(model: &Gsae, input: &Preprocessed) -> Result<Vec<f32>> {
    hidden(input, |batch| {
        model.gene_set_nodes(batch)?.ok_or_else(|| {
            Error::data(
                "this model has no gene-set layer",
                "Choose a model whose nodes are gene sets, such as `gsae`.",
            )
        })
    })
}

/// Any hidden layer of all samples, a batch at a time: `[samples, width]`, row by row.
fn hidden(input: &Preprocessed, layer: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Vec<f32>> {
    let rows: Vec<usize> = (0..input.n_samples()).collect();
    let mut values = Vec::new();
    for chunk in rows.chunks(SCORING_BATCH) {
        let batch = nn::gather_rows(&input.values, input.n_genes(), chunk)?;
        let hidden = layer(&batch)?.contiguous()?;
        values.extend(hidden.flatten_all()?.to_vec1::<f32>()?);
    }
    Ok(values)
}

/// `superset_1`, `superset_2`, ...: padded so that names sort in their order.
fn superset_names(count: usize) -> Vec<String> {
    let digits = count.to_string().len();
    (1..=count)
        .map(|number| format!("superset_{number:0digits$}"))
        .collect()
}
