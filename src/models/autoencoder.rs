//! The one interface of every model, and what a model is shown.

use super::batch_source::BatchSource;
use crate::error::{Error, Result};
use crate::nn::{self, ParameterSet};
use candle_core::{Device, Tensor};

/// Whether a forward pass trains (noise, dropout, batch statistics) or evaluates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Noise and dropout drawn from the model's seeded streams, batch statistics, penalties.
    Train,
    /// Deterministic: running statistics, the same noise in a variational latent layer every
    /// time, no penalties.
    Evaluate,
}

/// Everything that is known of the samples a model trains on or reconstructs.
#[derive(Debug, Clone, Copy)]
pub struct Dataset<'a> {
    /// `[samples, features]`, row by row.
    pub values: &'a [f32],
    /// Columns of `values`.
    pub features: usize,
    /// Raw counts, for a negative binomial likelihood: `[samples, features]`.
    pub counts: Option<&'a [f32]>,
    /// Covariates, one-hot or standardised: `[samples, n_covariates]`.
    pub covariates: Option<&'a [f32]>,
    /// Columns of `covariates`.
    pub n_covariates: usize,
}

impl<'a> Dataset<'a> {
    /// Samples without counts or covariates.
    pub fn new(values: &'a [f32], features: usize) -> Self {
        Self {
            values,
            features,
            counts: None,
            covariates: None,
            n_covariates: 0,
        }
    }

    /// The number of samples.
    pub fn samples(&self) -> usize {
        self.values.len() / self.features.max(1)
    }

    /// The sums of the samples' counts, where there are counts.
    pub(super) fn libraries(&self) -> Option<Vec<f64>> {
        let counts = self.counts?;
        Some(
            counts
                .chunks_exact(self.features.max(1))
                .map(library)
                .collect(),
        )
    }

    /// The chosen samples as tensors.
    ///
    /// # Errors
    /// If there is no such row, or a part has another size than the samples ask for.
    pub fn batch(&self, rows: &[usize]) -> Result<Batch> {
        let mut batch = Batch::new(nn::gather_rows(self.values, self.features, rows)?);
        if let Some(counts) = self.counts {
            let sizes: Vec<f64> = rows
                .iter()
                .map(|row| library(&counts[row * self.features..][..self.features]))
                .collect();
            batch.counts = Some(nn::gather_rows(counts, self.features, rows)?);
            batch.context.library = Some(Tensor::new(sizes, &Device::Cpu)?);
        }
        if let Some(covariates) = self.covariates {
            let covariates = nn::gather_rows(covariates, self.n_covariates, rows)?;
            batch.context.covariates = Some(covariates);
        }
        Ok(batch)
    }
}

fn library(counts: &[f32]) -> f64 {
    counts.iter().map(|count| f64::from(*count)).sum()
}

/// Some samples. All tensors have the samples as rows.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The input: `[n, features]`.
    pub x: Tensor,
    /// Raw counts: `[n, features]`.
    pub counts: Option<Tensor>,
    /// What the decoder is told.
    pub context: Context,
}

impl Batch {
    /// Samples without counts or covariates.
    pub fn new(x: Tensor) -> Self {
        Self {
            x,
            counts: None,
            context: Context::default(),
        }
    }
}

/// What a decoder is told of the samples beside their latent coordinates.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// Covariates: `[n, covariates]`; without them a decoder that has covariates takes them as 0.
    pub covariates: Option<Tensor>,
    /// Sums of the samples' counts, f64: `[n]`; without them a negative binomial decoder gives
    /// shares of 1.
    pub library: Option<Tensor>,
}

/// An autoencoder: a map to a latent space and back, with trainable parameters.
///
/// All tensors are `[samples, width]`. `encode`, `decode` and `reconstruct` never draw noise.
pub trait Autoencoder {
    /// The width of the latent space.
    fn latent_width(&self) -> usize;

    /// The latent coordinates, of a variational model the means: `[samples, latent]`.
    ///
    /// # Errors
    /// If an operation fails.
    fn encode(&self, x: &Tensor) -> Result<Tensor>;

    /// The SDs of a variational model's latent coordinates, `[samples, latent]`; `None` for a
    /// deterministic model.
    ///
    /// # Errors
    /// If an operation fails.
    fn latent_deviation(&self, _x: &Tensor) -> Result<Option<Tensor>> {
        Ok(None)
    }

    /// The reconstruction from latent coordinates, in units of the target: `[samples, features]`.
    ///
    /// # Errors
    /// If an operation fails.
    fn decode(&self, latent: &Tensor, context: &Context) -> Result<Tensor>;

    /// The reconstruction: `[samples, features]`.
    ///
    /// # Errors
    /// If an operation fails.
    fn reconstruct(&self, batch: &Batch) -> Result<Tensor> {
        self.decode(&self.encode(&batch.x)?, &batch.context)
    }

    /// The hidden values of the gene-set nodes, `[samples, sets]`; `None` for a model whose
    /// nodes are not gene sets.
    ///
    /// # Errors
    /// If an operation fails.
    fn gene_set_nodes(&self, _x: &Tensor) -> Result<Option<Tensor>> {
        Ok(None)
    }

    /// For every gene-set node whether any weight keeps it in use, and how many genes outside
    /// of the set it has been given; `None` for a model whose nodes are not gene sets.
    ///
    /// # Errors
    /// If an operation fails.
    fn node_use(&self) -> Result<Option<Vec<NodeUse>>> {
        Ok(None)
    }

    /// The weights that lead away from the latent layer, where one linear layer alone takes its
    /// coordinates to features or to gene sets; `None` behind hidden layers or a hierarchy.
    ///
    /// # Errors
    /// If an operation fails.
    fn latent_weights(&self) -> Result<Option<LatentWeights>> {
        Ok(None)
    }

    /// The loss of a batch per feature, a scalar that can be differentiated.
    ///
    /// # Errors
    /// If an operation fails.
    fn loss(&mut self, batch: &Batch, mode: Mode) -> Result<Tensor>;

    /// Everything that training changes.
    fn parameters(&self) -> &ParameterSet;

    /// What the constraints and the penalties that are not smooth do to the weights after an
    /// update with this learning rate.
    ///
    /// # Errors
    /// If an operation fails.
    fn project(&mut self, learning_rate: f64) -> Result<()>;

    /// Training has reached this epoch, counted from 0.
    fn begin_epoch(&mut self, _epoch: usize) {}

    /// Epochs at the start in which the loss still changes its meaning; none of them is chosen
    /// as the best.
    fn warm_up(&self) -> usize {
        0
    }

    /// Whether training should end with its last epoch rather than the one of the lowest loss:
    /// penalties that act by [`project`](Self::project) are not part of the loss, which would
    /// prefer the weights from before they acted. Such a model does not stop early.
    fn keeps_last_epoch(&self) -> bool {
        false
    }

    /// Fits the model in closed form to these rows, if it can; returns whether it did.
    ///
    /// # Errors
    /// If the samples do not determine the model.
    fn solve(&mut self, _data: &dyn BatchSource, _rows: &[usize]) -> Result<bool> {
        Ok(false)
    }
}

/// What training left of a gene-set node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeUse {
    /// Whether the node has a weight that is not 0 (a group lasso can leave none).
    pub active: bool,
    /// Genes outside of the set that a soft mask connected.
    pub added_genes: usize,
}

/// The weights of the layer after the latent one.
#[derive(Debug, Clone)]
pub enum LatentWeights {
    /// To the features, before any output activation: `[features, latent]`.
    Features(Tensor),
    /// To the gene sets without a parent, before their activation: `[sets, latent]`.
    GeneSets(Tensor),
}

/// A refusal of samples that lack what the model needs.
pub(super) fn missing(what: &str) -> Error {
    Error::data(
        format!("the model needs {what}, and the samples come without"),
        "Give the data that the model was trained with.",
    )
}
