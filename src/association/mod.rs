//! Association: which nodes go with what is known of the samples.
//!
//! Everything starts from a table of scores, `[samples, nodes]`, and [`Labels`], the annotations
//! of its samples. [`compare`] tests every node between groups of samples or along a number, on
//! samples or on donors ([`Observations`]); [`survive`] fits hazards, [`survive_by`] compares
//! the survival of groups or clusters; [`classify`] asks how well
//! all nodes together tell a label, on samples they have not seen; [`cluster`] looks for groups
//! without labels. What is known of the nodes themselves joins by name ([`NodeColumns`]).

mod classify;
mod cluster;
mod cohort;
mod compare;
mod concordance;
mod contrast;
mod covariates;
mod follow_up;
mod genes;
mod groups;
mod labels;
mod node_columns;
mod omnibus;
mod pseudobulk;
mod question;
mod survival;
mod survival_groups;
mod tables;
mod test;

pub use classify::{Classification, Classifier, ClassifyOptions, classify};
pub use cluster::{Agreement, ClusterOptions, Clustering, TopNode, cluster};
pub use compare::{CompareOptions, Comparison, Findings, compare};
pub use concordance::Concordance;
pub use contrast::{EachGroup, NodeContrast};
pub use genes::{LeadingGene, differences, leading_genes};
pub use labels::{Labels, mismatches};
pub use node_columns::NodeColumns;
pub use omnibus::{NodeGroups, NodeTrend};
pub use pseudobulk::Observations;
pub use question::{Kind, Question};
pub use survival::{
    NodeSurvival, SplitKind, Survival, SurvivalOptions, survival_curves, survive, survive_aloud,
};
pub use survival_groups::{GroupSurvival, SurvivalGroup, survive_by};
pub use tables::{Extra, curves_tsv};
pub use test::Test;
