//! Activity: per sample and gene-set node, the number a reader takes as "this pathway is up".
//!
//! A node's hidden value has an arbitrary sign and scale, and a shift common to all genes of a
//! sample moves every node at once. The activity reported here has neither problem. After
//! training, the covariance of each member gene with the node's hidden value gives the node's
//! *loadings*: the genes that move with it. In a sample, the activity is the t statistic of the
//! regression of all the sample's genes on the node's loadings, so that members are compared
//! with the rest of the sample (the univariate linear model of decoupler, Badia-i-Mompel et al.
//! 2022, with learned weights), scaled to mean 0 and SD 1 over the training samples.

mod loadings;
mod orientation;
mod output;
mod plain;
mod regression;
mod sampled;
mod scorer;
mod table;

pub use loadings::{JointMoments, Loadings};
pub use orientation::Orientation;
pub use output::{ScoreFormat, ScoreOutput};
pub use plain::{PlainBlock, PlainMethod};
pub use sampled::SampledScores;
pub use scorer::{ActivityScorer, NodeSummary};
pub use table::ScoreTable;
