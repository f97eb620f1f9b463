//! From an expression matrix and gene sets to a trained model, and from a trained model to the
//! activity of new samples: the steps of the crate in their order.

mod fingerprint;
mod fit;
mod generate;
mod input;
mod manifest;
mod map;
mod node_evidence;
mod nodes;
mod options;
mod persist;
mod presets;
mod refit;
mod set_weights;
mod trained;
mod weights;
mod whole_input;

pub use fit::{Annotations, FitReport, fit, fit_annotated};
pub use generate::Told;
pub use manifest::{RunManifest, Timings};
pub use node_evidence::{
    Criteria, Evidence, EvidenceOptions, EvidenceSummary, MapWorth, NodeEvidence,
};
pub use nodes::{Node, NodeKind, NodeRow, NodeTable};
pub use options::{FitOptions, HierarchyOptions};
pub use presets::{MODELS, ModelInfo};
pub use refit::{Changes, Refit, Refitter};
pub use trained::{Coverage, ScoredBlock, Scores, TrainedModel};
pub use weights::NamedWeights;
