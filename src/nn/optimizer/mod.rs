//! Optimizers: one parallel pass over a weight, its gradient and its history.

mod adam;
mod history;
mod sgd;

pub use adam::{Adam, AdamConfig};
pub use sgd::{Sgd, SgdConfig};
#[cfg(any(feature = "cuda-linked", test))]
pub(crate) use {adam::AdamStep, sgd::SgdStep};

use candle_core::backprop::GradStore;

use crate::Result;

/// Something that changes variables by their gradients.
pub trait Optimizer {
    /// One update of every variable that has a gradient.
    ///
    /// # Errors
    /// If a gradient's type or shape is not its variable's.
    fn step(&mut self, gradients: &GradStore) -> Result<()>;

    /// The learning rate, before any decay.
    fn learning_rate(&self) -> f64;

    /// Sets the learning rate of the updates to come.
    fn set_learning_rate(&mut self, learning_rate: f64);
}
