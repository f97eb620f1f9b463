//! From an expression matrix and gene sets to a trained model, and from a trained model to the
//! activity of new samples: the steps of the crate in their order.

mod fit;
mod manifest;
mod nodes;
mod options;
mod persist;
mod trained;

pub use fit::{FitReport, fit};
pub use manifest::RunManifest;
pub use nodes::{Node, NodeTable};
pub use options::FitOptions;
pub use trained::{Scores, TrainedModel};
