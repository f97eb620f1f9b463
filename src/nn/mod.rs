//! Layers, losses and optimizers on [candle](candle_core) tensors; no biology here.
//!
//! **Two orientations.** A batch is `[batch, features]` for users, but the
//! kernels work feature-major, `[features, batch]`: one sparse weight then meets
//! the whole batch of its feature in consecutive memory. Every layer has both:
//! `forward` takes and returns `[batch, features]`, and `forward_features` takes
//! and returns `[features, batch]`. [`gather_rows`] returns a `[batch, features]`
//! view of a feature-major batch, `forward` returns such views, and a transposed
//! view is taken as it is, so a chain in either orientation copies nothing; only
//! the backward pass is faster through `forward_features`.
//!
//! **Gradients.** Call [`backward`] instead of [`Tensor::backward`](candle_core::Tensor::backward):
//! the same gradients, without two more passes over every weight's.
//!
//! **The same bits.** Results do not depend on the number of threads, and every
//! random number comes from a stream named by a seed and a purpose.

mod activation;
mod affine;
mod backward;
mod batch;
mod batch_norm;
mod bridge;
mod clip;
#[cfg(any(feature = "cuda-linked", test))]
mod cuda;
mod dropout;
mod init;
mod kernels;
mod linear;
mod loss;
mod masked_linear;
pub mod module;
mod negative_binomial;
mod noise;
mod optimizer;
mod parameters;
mod proximal;
mod random;
mod tied;
mod variational;

pub use activation::Activation;
pub use backward::backward;
pub(crate) use batch::fill_rows;
pub use batch::{gather_rows, gather_rows_of};
pub use batch_norm::{BatchNorm, BatchNormConfig};
pub use clip::{clip_gradient_norm, clip_gradients, gradient_norm};
pub use dropout::Dropout;
pub use init::Init;
pub use linear::{Linear, LinearConfig, matrix_product};
pub use loss::{bce_loss, bce_with_logits_loss, mse_loss};
pub use masked_linear::MaskedLinear;
pub use negative_binomial::{negative_binomial_log_probability, negative_binomial_loss};
pub use noise::{Corruption, Noise};
pub use optimizer::{Adam, AdamConfig, Optimizer, Sgd, SgdConfig};
pub use parameters::{Parameter, ParameterSet};
pub(crate) use proximal::{Positions, clear};
pub use proximal::{shrink_inputs, shrink_outputs, soft_threshold};
pub use random::random_stream;
pub use tied::TiedLinear;
pub use variational::{kl_divergence, reparameterise};
