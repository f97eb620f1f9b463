//! A trained model with everything it takes to score new samples.

use super::input::{ModelInput, latent_values, node_values};
use super::nodes::{NodeKind, NodeRow};
use super::{Evidence, FitOptions, Node, NodeTable};
use crate::activity::{ActivityScorer, ScoreTable};
use crate::device::DeviceChoice;
use crate::error::{Error, Result};
use crate::expression::{
    Block, Covariates, ExpressionMatrix, Normalization, Preprocessed, Preprocessor,
};
use crate::io::Source;
use crate::mask::SetMap;
use crate::models::{Autoencoder, Latent};
use crate::training::History;

/// A trained model: preprocessing, gene sets, network, activity scorer, and how it came about.
///
/// One file holds all of it: see [`save`](Self::save) and [`load`](Self::load).
pub struct TrainedModel {
    pub(super) preprocessor: Preprocessor,
    pub(super) covariates: Covariates,
    pub(super) nodes: Vec<Node>,
    pub(super) map: Option<SetMap>,
    pub(super) model: Box<dyn Autoencoder>,
    pub(super) scorer: Option<ActivityScorer>,
    /// Mean and SD of every latent coordinate over the training samples.
    pub(super) latent_scale: Vec<(f64, f64)>,
    /// The median library size in the model's genes and in all genes, for counts.
    pub(super) library: Option<(f64, f64)>,
    pub(super) options: FitOptions,
    pub(super) history: History,
    /// The fingerprint of the training samples, for a model with a map; unknown for a model of an
    /// earlier version.
    pub(super) trained_on: Option<String>,
    /// The device that trained it; unknown for a model that was loaded.
    pub(super) trained_where: Option<String>,
    pub(super) evidence: Option<Evidence>,
    pub(super) sources: Vec<Source>,
    pub(super) version: String,
}

/// What a model says of samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// Activity: `[samples, nodes]`. The nodes are gene sets; of a model without gene-set nodes
    /// they are its latent units, scaled to mean 0 and SD 1 over the training samples.
    pub activity: ScoreTable,
    /// Latent coordinates, in a GSAE the supersets: `[samples, latent]`.
    pub latent: ScoreTable,
    /// The nodes with their coverage in these samples.
    pub nodes: NodeTable,
    /// Genes of the model that the data lack.
    pub missing_genes: Vec<String>,
}

/// What a model says of some of the samples.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredBlock {
    /// As in [`Scores`].
    pub activity: ScoreTable,
    /// As in [`Scores`].
    pub latent: ScoreTable,
}

/// What the data have of a model's genes.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    /// The nodes with their coverage.
    pub nodes: NodeTable,
    /// Genes of the model that the data lack.
    pub missing_genes: Vec<String>,
}

impl TrainedModel {
    /// The genes the model sees, in its order.
    pub fn genes(&self) -> &[String] {
        self.preprocessor.genes()
    }

    /// How values are brought to a log scale before the model sees them.
    pub fn normalization(&self) -> Normalization {
        self.preprocessor.normalization()
    }

    /// The gene-set nodes, in the order of the activity's columns; none for a model without.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The network.
    pub fn network(&self) -> &dyn Autoencoder {
        self.model.as_ref()
    }

    /// The map of gene sets, for a model that has one.
    pub fn map(&self) -> Option<&SetMap> {
        self.map.as_ref()
    }

    /// Loadings, orientation and scale of the gene-set nodes, for a model that has such.
    pub fn scorer(&self) -> Option<&ActivityScorer> {
        self.scorer.as_ref()
    }

    /// The covariates that the decoder is told.
    pub fn covariates(&self) -> &Covariates {
        &self.covariates
    }

    /// The options it was trained with.
    pub fn options(&self) -> &FitOptions {
        &self.options
    }

    /// The course of training.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Chooses where refits of this model train; a model that was loaded trains on the CPU.
    pub fn set_device(&mut self, device: DeviceChoice) {
        self.options.training.device = device;
    }

    /// The evidence for its nodes, if it was gathered.
    pub fn evidence(&self) -> Option<&Evidence> {
        self.evidence.as_ref()
    }

    /// Keeps the evidence for its nodes with the model.
    ///
    /// # Errors
    /// [`Error::Data`] if it is that of another number of nodes.
    pub fn set_evidence(&mut self, evidence: Evidence) -> Result<()> {
        if evidence.nodes.len() != self.nodes.len() {
            return Err(Error::data(
                format!(
                    "the evidence is for {} nodes and the model has {}",
                    evidence.nodes.len(),
                    self.nodes.len()
                ),
                "Gather it for this model.",
            ));
        }
        self.evidence = Some(evidence);
        Ok(())
    }

    /// The files it was trained on.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Scores samples: activity, latent coordinates, and the coverage of every node in these
    /// data.
    ///
    /// Genes that the data lack are left out of the activity's regression and hold their
    /// training mean in the network; they lower the coverage.
    ///
    /// # Errors
    /// [`Error::Data`] if the data share no gene with the model or cannot be normalised as the
    /// training data were.
    pub fn score(&self, expression: &ExpressionMatrix) -> Result<Scores> {
        let (mut activity, mut latent) = (Vec::new(), Vec::new());
        let coverage = self.score_blocks(expression, &mut |block| {
            activity.extend_from_slice(block.activity.values());
            latent.extend_from_slice(block.latent.values());
            Ok(())
        })?;
        let samples = expression.samples();
        Ok(Scores {
            nodes: coverage.nodes,
            activity: ScoreTable::new(samples.to_vec(), self.activity_names(), activity)?,
            latent: ScoreTable::new(samples.to_vec(), self.latent_names(), latent)?,
            missing_genes: coverage.missing_genes,
        })
    }

    /// [`score`](Self::score) for more samples than memory holds the activity of: shows it a
    /// block of samples at a time, in their order.
    ///
    /// # Errors
    /// As [`score`](Self::score); those of `visit`.
    pub fn score_blocks(
        &self,
        expression: &ExpressionMatrix,
        visit: &mut dyn FnMut(&ScoredBlock) -> Result<()>,
    ) -> Result<Coverage> {
        let input = self.input(expression)?;
        let (names, latent_names) = (self.activity_names(), self.latent_names());
        let present = input.prepared.present();
        input.each_block(&mut |block| {
            let latent = latent_values(self.model.as_ref(), &block.batch()?)?;
            let activity = match &self.scorer {
                Some(scorer) => scorer.score(block.values, present),
                None => {
                    let scaled = latent.iter().zip(self.latent_scale.iter().cycle());
                    let scaled = scaled.map(|(value, (mean, sd))| {
                        let centred = f64::from(*value) - mean;
                        (if *sd > 0.0 { centred / sd } else { centred }) as f32
                    });
                    scaled.collect()
                }
            };
            let samples = expression.samples()[block.samples()].to_vec();
            visit(&ScoredBlock {
                activity: ScoreTable::new(samples.clone(), names.clone(), activity)?,
                latent: ScoreTable::new(samples, latent_names.clone(), latent)?,
            })
        })?;
        let missing = self.genes().iter().zip(present);
        let missing = missing.filter(|(_, present)| !**present);
        Ok(Coverage {
            nodes: self.node_table(present)?,
            missing_genes: missing.map(|(gene, _)| gene.clone()).collect(),
        })
    }

    /// The nodes' hidden values before their activation, without orientation or scale:
    /// `[samples, gene sets]`.
    ///
    /// # Errors
    /// As [`score`](Self::score); also for a model without gene-set nodes.
    pub fn raw_nodes(&self, expression: &ExpressionMatrix) -> Result<ScoreTable> {
        let mut values = Vec::new();
        self.raw_node_blocks(expression, &mut |block| {
            values.extend_from_slice(block.values());
            Ok(())
        })?;
        ScoreTable::new(expression.samples().to_vec(), self.set_names(), values)
    }

    /// [`raw_nodes`](Self::raw_nodes) a block of samples at a time, in their order.
    ///
    /// # Errors
    /// As [`raw_nodes`](Self::raw_nodes); those of `visit`.
    pub fn raw_node_blocks(
        &self,
        expression: &ExpressionMatrix,
        visit: &mut dyn FnMut(&ScoreTable) -> Result<()>,
    ) -> Result<()> {
        let names = self.set_names();
        self.input(expression)?.each_block(&mut |block| {
            let values = node_values(self.model.as_ref(), &block.batch()?)?;
            let samples = expression.samples()[block.samples()].to_vec();
            visit(&ScoreTable::new(samples, names.clone(), values)?)
        })
    }

    /// Samples normalised and scaled as the training samples were: what the loadings are of.
    ///
    /// # Errors
    /// As [`score`](Self::score).
    pub fn prepare(&self, expression: &ExpressionMatrix) -> Result<Preprocessed> {
        self.preprocessor.transform(expression)
    }

    /// The samples as the network sees them.
    pub(super) fn input<'a>(&'a self, expression: &'a ExpressionMatrix) -> Result<ModelInput<'a>> {
        ModelInput::new(
            &self.preprocessor,
            expression,
            self.options.model.likelihood(),
        )
    }

    fn set_names(&self) -> Vec<String> {
        self.nodes.iter().map(|node| node.name.clone()).collect()
    }

    /// The names of the activity's columns: the nodes, or the latent units of a model without.
    pub fn activity_names(&self) -> Vec<String> {
        match &self.scorer {
            Some(_) => self.set_names(),
            None => self.latent_names(),
        }
    }

    /// `superset_1`, `latent_1`, ...: padded so that names sort in their order; the sets' names
    /// where they are the latent layer.
    pub(super) fn latent_names(&self) -> Vec<String> {
        let network = self.options.model.network();
        if let (Some(Latent::GeneSets), Some(map)) = (network.map(|n| n.latent), &self.map) {
            return self.root_names(map);
        }
        let kind = if self.map.is_some() {
            "superset"
        } else {
            "latent"
        };
        let count = self.model.latent_width();
        let digits = count.to_string().len();
        (1..=count)
            .map(|number| format!("{kind}_{number:0digits$}"))
            .collect()
    }

    fn node_table(&self, present: &[bool]) -> Result<NodeTable> {
        let Some(scorer) = &self.scorer else {
            let found = present.iter().filter(|present| **present).count();
            let rows = self.latent_names().into_iter().zip(&self.latent_scale);
            let rows = rows.map(|(name, (_, sd))| NodeRow {
                node: Node {
                    name,
                    description: String::new(),
                    size: self.genes().len(),
                    found: self.genes().len(),
                },
                found,
                kind: NodeKind::Latent { spread: *sd },
                evidence: None,
            });
            return Ok(NodeTable::new(rows.collect()));
        };
        let uses = self.model.node_use()?.unwrap_or_default();
        let rows = self.nodes.iter().enumerate().map(|(set, node)| {
            let genes = scorer.mask().row(set).iter().map(|gene| *gene as usize);
            let genes = genes.filter(|gene| present[*gene]);
            let genes = genes.map(|gene| &self.genes()[gene]);
            let summary = scorer.summary(set);
            NodeRow {
                node: node.clone(),
                found: Block::distinct(&self.options.blocks, genes),
                kind: NodeKind::GeneSet {
                    summary,
                    top_gene: summary.top_gene.map(|gene| self.genes()[gene].clone()),
                    used: uses.get(set).copied(),
                },
                evidence: self.evidence.as_ref().map(|evidence| evidence.nodes[set]),
            }
        });
        Ok(NodeTable::new(rows.collect()))
    }
}
