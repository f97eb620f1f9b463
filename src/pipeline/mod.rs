//! From an expression matrix and gene sets to a trained model, and from a trained model to the
//! activity of new samples: the steps of the crate in their order.

mod fit;
mod generate;
mod manifest;
mod map;
mod nodes;
mod options;
mod persist;
mod presets;
mod trained;
mod weights;

pub use fit::{Annotations, FitReport, fit, fit_annotated};
pub use generate::Told;
pub use manifest::RunManifest;
pub use nodes::{Node, NodeKind, NodeRow, NodeTable};
pub use options::{FitOptions, HierarchyOptions};
pub use presets::{MODELS, ModelInfo};
pub use trained::{Scores, TrainedModel};
