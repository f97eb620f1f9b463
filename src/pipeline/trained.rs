//! A trained model with everything it takes to score new samples.

use super::nodes::{NodeKind, NodeRow};
use super::{Evidence, FitOptions, Node, NodeTable};
use crate::activity::{ActivityScorer, ScoreTable};
use crate::error::{Error, Result};
use crate::expression::{Block, Covariates, ExpressionMatrix, Preprocessed, Preprocessor};
use crate::io::{Source, hex};
use crate::mask::SetMap;
use crate::models::{Autoencoder, Batch, Dataset, Latent, Likelihood};
use crate::training::History;
use candle_core::Tensor;
use sha2::{Digest, Sha256};

/// Samples that pass through the network at once when scoring.
pub(super) const SCORING_BATCH: usize = 512;

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
    /// The [fingerprint](ModelInput::fingerprint) of the training samples; unknown for a model of
    /// an earlier version.
    pub(super) trained_on: Option<String>,
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

impl TrainedModel {
    /// The genes the model sees, in its order.
    pub fn genes(&self) -> &[String] {
        self.preprocessor.genes()
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
        let input = self.input(expression)?;
        let latent = latent_values(self.model.as_ref(), &input)?;
        let prepared = &input.prepared;
        let (names, activity) = match &self.scorer {
            Some(scorer) => {
                let names = self.nodes.iter().map(|node| node.name.clone()).collect();
                (names, scorer.score(&prepared.values, &prepared.present))
            }
            None => {
                let scaled = latent.iter().zip(self.latent_scale.iter().cycle());
                let scaled = scaled.map(|(value, (mean, sd))| {
                    let centred = f64::from(*value) - mean;
                    (if *sd > 0.0 { centred / sd } else { centred }) as f32
                });
                (self.latent_names(), scaled.collect())
            }
        };
        let missing_genes = self
            .genes()
            .iter()
            .zip(&prepared.present)
            .filter(|(_, present)| !**present)
            .map(|(gene, _)| gene.clone())
            .collect();
        Ok(Scores {
            nodes: self.node_table(&prepared.present)?,
            activity: ScoreTable::new(prepared.samples.clone(), names, activity)?,
            latent: ScoreTable::new(prepared.samples.clone(), self.latent_names(), latent)?,
            missing_genes,
        })
    }

    /// The nodes' hidden values before their activation, without orientation or scale:
    /// `[samples, gene sets]`.
    ///
    /// # Errors
    /// As [`score`](Self::score); also for a model without gene-set nodes.
    pub fn raw_nodes(&self, expression: &ExpressionMatrix) -> Result<ScoreTable> {
        let input = self.input(expression)?;
        let values = node_values(self.model.as_ref(), &input)?;
        let names = self.nodes.iter().map(|node| node.name.clone()).collect();
        ScoreTable::new(input.prepared.samples, names, values)
    }

    /// Samples normalised and scaled as the training samples were: what the loadings are of.
    ///
    /// # Errors
    /// As [`score`](Self::score).
    pub fn prepare(&self, expression: &ExpressionMatrix) -> Result<Preprocessed> {
        self.preprocessor.transform(expression)
    }

    /// The samples as the network sees them.
    pub(super) fn input(&self, expression: &ExpressionMatrix) -> Result<ModelInput> {
        ModelInput::new(
            &self.preprocessor,
            expression,
            self.options.model.likelihood(),
        )
    }

    pub(super) fn learn_latent_scale(&self, input: &ModelInput) -> Result<Vec<(f64, f64)>> {
        let width = self.model.latent_width();
        let latent = latent_values(self.model.as_ref(), input)?;
        let n = (latent.len() / width.max(1)) as f64;
        let column = |at: usize| latent.iter().skip(at).step_by(width).map(|v| f64::from(*v));
        Ok((0..width)
            .map(|at| {
                let mean = column(at).sum::<f64>() / n;
                let squares: f64 = column(at).map(|value| (value - mean).powi(2)).sum();
                (mean, (squares / n).sqrt())
            })
            .collect())
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

/// Samples as a network sees them, with what its likelihood needs.
pub(super) struct ModelInput {
    pub prepared: Preprocessed,
    /// The input where it is not the prepared values themselves: `[samples, genes]`.
    scaled: Option<Vec<f32>>,
    /// Raw counts with the sums over all genes.
    pub counts: Option<(Vec<f32>, Vec<f64>)>,
    covariates: Option<(Vec<f32>, usize)>,
}

impl ModelInput {
    pub fn new(
        preprocessor: &Preprocessor,
        expression: &ExpressionMatrix,
        likelihood: Likelihood,
    ) -> Result<Self> {
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
        Ok(Self {
            scaled: (likelihood == Likelihood::Bernoulli)
                .then(|| preprocessor.unit_interval(&prepared)),
            counts: (likelihood == Likelihood::NegativeBinomial)
                .then(|| preprocessor.counts(expression))
                .transpose()?,
            prepared,
            covariates: None,
        })
    }

    pub fn set_covariates(&mut self, values: Vec<f32>, width: usize) {
        self.covariates = Some((values, width));
    }

    pub fn samples(&self) -> usize {
        self.prepared.n_samples()
    }

    pub fn dataset(&self) -> Dataset<'_> {
        Dataset {
            counts: self.counts.as_ref().map(|(counts, _)| counts.as_slice()),
            covariates: self
                .covariates
                .as_ref()
                .map(|(values, _)| values.as_slice()),
            n_covariates: self.covariates.as_ref().map_or(0, |(_, width)| *width),
            ..Dataset::new(
                self.scaled.as_deref().unwrap_or(&self.prepared.values),
                self.prepared.n_genes(),
            )
        }
    }

    /// SHA-256 of everything that training sees: the samples' names in their order, their prepared
    /// values, counts and covariates.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for name in &self.prepared.samples {
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name);
        }
        let present: Vec<u8> = self.prepared.present.iter().map(|p| u8::from(*p)).collect();
        hash.update(present);
        let data = self.dataset();
        let tables = [
            Some(self.prepared.values.as_slice()),
            data.counts,
            data.covariates,
        ];
        for table in tables {
            let values = table.unwrap_or_default();
            hash.update((values.len() as u64).to_le_bytes());
            for part in values.chunks(4096) {
                let bytes: Vec<u8> = part.iter().flat_map(|value| value.to_le_bytes()).collect();
                hash.update(bytes);
            }
        }
        hex(&hash.finalize())
    }

    /// The median sums of counts in the model's genes and in all genes.
    pub fn median_library(&self) -> Option<(f64, f64)> {
        let (counts, totals) = self.counts.as_ref()?;
        let own = counts.chunks(self.prepared.n_genes().max(1));
        let own = own.map(|row| row.iter().map(|count| f64::from(*count)).sum());
        let median = |mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        Some((median(own.collect()), median(totals.clone())))
    }
}

/// The hidden values of the gene-set layer: `[samples, sets]`, row by row.
pub(super) fn node_values(model: &dyn Autoencoder, input: &ModelInput) -> Result<Vec<f32>> {
    by_batch(input, |batch| {
        model.gene_set_nodes(&batch.x)?.ok_or_else(|| {
            Error::data(
                "this model has no gene-set layer",
                "Choose a model whose nodes are gene sets, such as `gsae`.",
            )
        })
    })
}

/// The latent coordinates: `[samples, latent]`, row by row.
pub(super) fn latent_values(model: &dyn Autoencoder, input: &ModelInput) -> Result<Vec<f32>> {
    by_batch(input, |batch| model.encode(&batch.x))
}

/// What a model makes of all samples, a batch at a time: `[samples, width]`, row by row.
pub(super) fn by_batch(
    input: &ModelInput,
    layer: impl Fn(&Batch) -> Result<Tensor>,
) -> Result<Vec<f32>> {
    let rows: Vec<usize> = (0..input.samples()).collect();
    let data = input.dataset();
    let mut values = Vec::new();
    for chunk in rows.chunks(SCORING_BATCH) {
        let hidden = layer(&data.batch(chunk)?)?.contiguous()?;
        values.extend(hidden.flatten_all()?.to_vec1::<f32>()?);
    }
    Ok(values)
}
