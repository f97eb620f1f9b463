//! gsae: gene superset autoencoders on truly sparse layers.
#![warn(missing_docs)]

pub mod activity;
pub mod cli;
pub mod error;
pub mod expression;
pub mod genesets;
pub mod identifiers;
pub mod io;
pub mod mask;
pub mod models;
pub mod nn;
pub mod pipeline;
pub mod training;

pub use activity::{ActivityScorer, Orientation, ScoreTable};
pub use error::{Error, Result};
pub use expression::{ExpressionMatrix, Normalization};
pub use genesets::{GeneSet, GeneSetCollection, MembershipGraph, SizeFilter};
pub use mask::Mask;
pub use models::{Autoencoder, Gsae, GsaeConfig};
pub use pipeline::{FitOptions, TrainedModel, fit};
pub use training::{Trainer, TrainingConfig};
