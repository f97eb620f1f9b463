//! Evidence for gene-set nodes: what a trained model's nodes are worth, from refits and from
//! plain scores.
//!
//! Node values of masked networks vary between trainings, and shuffled maps often fit as well
//! as real ones; a name on a unit proves nothing. [`gather`] therefore trains the model again,
//! with other seeds and with the genes dealt out anew among the sets, and asks of every node:
//!
//! - Does it come back? [Stability](NodeEvidence::stability) of the activity and, separately, of
//!   the [hidden value](NodeEvidence::hidden_stability), over seeds.
//! - Does its name matter? An empirical [p](NodeEvidence::map_p) of its
//!   [coherence](NodeEvidence::coherence) against nodes of shuffled maps; and for the model as a
//!   whole, the [worth](MapWorth) of the map in held-out loss.
//! - Does it still follow [its own genes](NodeEvidence::own_genes), or has it
//!   [drifted](NodeEvidence::drifted)?
//! - Is it more than [one gene](NodeEvidence::one_gene)?
//! - Does it agree with plain scores of the same set: [mean z](NodeEvidence::mean_z),
//!   [ULM](NodeEvidence::ulm), [ssGSEA](NodeEvidence::ssgsea)?

mod coherence;
mod correlate;
mod gather;
mod jobs;
mod null;
mod options;
mod plain;

pub use crate::pipeline::{
    Criteria, Evidence, EvidenceOptions, EvidenceSummary, MapWorth, NodeEvidence,
};
pub use gather::gather;
