//! The one interface of every model.

use crate::error::Result;
use crate::nn::ParameterSet;
use candle_core::Tensor;

/// Whether a forward pass trains (noise, dropout, batch statistics) or evaluates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Noise and dropout drawn from the model's seeded stream, batch statistics.
    Train,
    /// Deterministic, running statistics.
    Evaluate,
}

/// An autoencoder: a map to a latent space and back, with trainable parameters.
///
/// All tensors are `[samples, width]`. `encode`, `decode` and `reconstruct` never draw noise.
pub trait Autoencoder {
    /// The latent coordinates: `[samples, latent]`.
    ///
    /// # Errors
    /// If an operation fails.
    fn encode(&self, x: &Tensor) -> Result<Tensor>;

    /// The reconstruction from latent coordinates: `[samples, features]`.
    ///
    /// # Errors
    /// If an operation fails.
    fn decode(&self, latent: &Tensor) -> Result<Tensor>;

    /// The reconstruction: `[samples, features]`.
    ///
    /// # Errors
    /// If an operation fails.
    fn reconstruct(&self, x: &Tensor) -> Result<Tensor> {
        self.decode(&self.encode(x)?)
    }

    /// The hidden values of the gene-set layer, `[samples, sets]`; `None` for a model whose
    /// nodes are not gene sets.
    ///
    /// # Errors
    /// If an operation fails.
    fn gene_set_nodes(&self, x: &Tensor) -> Result<Option<Tensor>>;

    /// The loss of a batch, a scalar that can be differentiated.
    ///
    /// # Errors
    /// If an operation fails.
    fn loss(&mut self, x: &Tensor, mode: Mode) -> Result<Tensor>;

    /// Everything that training changes.
    fn parameters(&self) -> &ParameterSet;

    /// Restores the constraints on the parameters after an update.
    ///
    /// # Errors
    /// If an operation fails.
    fn project(&mut self) -> Result<()>;
}
