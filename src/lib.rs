//! Gene superset autoencoders on truly sparse layers: gene sets become the nodes of an
//! autoencoder, and every node reports its activity in every sample.
//!
//! The way through the crate, each step on the one before: [`genesets`] and [`expression`] are
//! read, their [`identifiers`] compared; membership becomes a [`mask`]; [`nn`] has layers that
//! hold the mask's connections only; [`models`] are configurations of them; [`training`] fits
//! one; [`activity`] reads its nodes; [`pipeline`] does all of it and keeps it in one file;
//! [`evidence`] says what the nodes of a trained model are worth, [`interpret`] what its latent
//! units mean, [`association`] holds them against what is known of the samples, and [`report`]
//! tells of it all in one HTML file and in figures.
//! Beside them stand [`remote`], which fetches gene sets, and [`stats`]: tests, enrichment, plain
//! scores and survival, on slices.
//!
//! ```
//! use gsae::genesets::ReadOptions;
//! use gsae::training::Silent;
//! use gsae::{ExpressionMatrix, FitOptions, GeneSetCollection, TrainedModel, fit};
//!
//! let sets = GeneSetCollection::open("reactome", &ReadOptions::default())?;
//! let expression = ExpressionMatrix::from_path("examples/pbmc3k/expression.tsv.gz")?;
//! let mut options = FitOptions::default().with_seed(7);
//! options.training.epochs = 3;
//! let (model, _) = fit(&expression, &sets, options, &mut Silent)?;
//!
//! let scores = model.score(&expression)?;
//! assert_eq!(scores.activity.samples().len(), 160);
//! let antigen = "Antigen activates B Cell Receptor (BCR) leading to generation of second messengers";
//! let activity = scores.activity.column(antigen).expect("a pathway of the collection");
//! assert!(activity.iter().all(|value| value.is_finite()));
//!
//! // One file scores new samples, one at a time if need be.
//! let folder = tempfile::tempdir().expect("a folder");
//! let path = folder.path().join("model.safetensors");
//! model.save(&path)?;
//! let one = TrainedModel::load(&path)?.score(&expression.select_samples(&[5]))?;
//! assert_eq!(one.activity.row(0), scores.activity.row(5));
//! # Ok::<(), gsae::Error>(())
//! ```
#![warn(missing_docs)]

pub mod activity;
pub mod association;
pub mod cli;
pub mod device;
pub mod error;
pub mod evidence;
pub mod expression;
pub mod genesets;
pub mod identifiers;
pub mod interpret;
pub mod io;
pub mod mask;
pub mod models;
pub mod nn;
pub mod pipeline;
pub mod remote;
pub mod report;
pub mod stats;
pub mod training;
mod wording;

pub use activity::{ActivityScorer, Orientation, ScoreTable};
pub use device::DeviceChoice;
pub use error::{Error, Result};
pub use expression::{ExpressionMatrix, Normalization};
pub use genesets::{GeneSet, GeneSetCollection, MembershipGraph, SizeFilter};
pub use mask::Mask;
pub use models::{Autoencoder, ModelConfig, Network, NetworkConfig};
pub use pipeline::{FitOptions, TrainedModel, fit};
pub use training::{Trainer, TrainingConfig};
