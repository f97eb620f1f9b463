//! What was gathered for and against the nodes of a model, as it is stored with it. The gathering
//! is in [`evidence`](crate::evidence).

use super::NodeTable;
use serde::{Deserialize, Serialize};

/// How much is done to gather evidence, and what it takes to pass.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EvidenceOptions {
    /// Refits with other seeds.
    pub seeds: usize,
    /// Refits with shuffled maps.
    pub shuffles: usize,
    /// The most epochs of a refit; `None` for as many as the model was given.
    pub max_epochs: Option<usize>,
    /// The most samples of a refit, drawn at random; `None` for all.
    pub max_samples: Option<usize>,
    /// Values in the null distribution of a node, which are pooled over the nodes nearest to it
    /// in size where there are fewer shuffles than this. From 200 on, the upper tenth of it is
    /// resolved by the null values of all nodes.
    pub null_values: usize,
    /// Seeds the refits, the shuffles and the choice of samples.
    pub seed: u64,
    /// What a node has to show.
    pub criteria: Criteria,
}

/// What a node has to show to pass.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Criteria {
    /// Least [stability](NodeEvidence::stability).
    pub stability: f64,
    /// Greatest [q](NodeEvidence::map_q) against shuffled maps.
    pub map_q: f64,
    /// Below this correlation with its own genes a node has drifted.
    pub own_genes: f64,
    /// Below this correlation with the activity without its top gene, a node is that one gene.
    pub without_top_gene: f64,
}

impl Default for Criteria {
    fn default() -> Self {
        Self {
            stability: 0.9,
            map_q: 0.05,
            own_genes: 0.5,
            without_top_gene: 0.7,
        }
    }
}

/// The evidence for one gene-set node; `None` where it was not or could not be computed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeEvidence {
    /// Mean correlation over the samples of the activity with the activity in refits with other
    /// seeds. Refits that are shorter or on fewer samples than the model differ from it in this
    /// as well, which counts against the node. The activity has a sign of its own (up: the genes are up), so a refit that turns
    /// it round counts against the node.
    pub stability: Option<f64>,
    /// Mean absolute correlation of the hidden value with the hidden value in refits. The sign of
    /// a hidden unit is arbitrary and not held against it. Where a set has several nodes, each is
    /// compared with the one of its own number, though they may have changed places.
    pub hidden_stability: Option<f64>,
    /// Variance of the node's score over the samples, in units of the variance it would have if
    /// its genes varied independently: the variance ratio of a weighted sum (Schluter 1984,
    /// Ecology 65:998), with the loadings as weights.
    pub coherence: Option<f64>,
    /// `(b + 1) / (n + 1)`: b of the n shuffled nodes of about the same size are at least as
    /// coherent. The most coherent tenth is ranked among the shuffled nodes of all sizes, each by
    /// its excess over its own size's tenth, so that p goes down to about
    /// `1 / (nodes * shuffles)`: see [`Evidence::smallest_map_p`].
    pub map_p: Option<f64>,
    /// The false discovery rate of [`map_p`](Self::map_p) over the nodes (Benjamini & Hochberg
    /// 1995).
    pub map_q: Option<f64>,
    /// Correlation of the hidden value, turned as its genes ask, with the mean z of its own genes.
    pub own_genes: Option<f64>,
    /// Whether the hidden value no longer follows the node's own genes.
    pub drifted: Option<bool>,
    /// Correlation of the activity with the activity without the gene of the largest loading.
    pub without_top_gene: Option<f64>,
    /// Whether the activity is that of one gene.
    pub one_gene: Option<bool>,
    /// Correlation of the activity with the set's mean z.
    pub mean_z: Option<f64>,
    /// Correlation of the activity with the set's ULM score.
    pub ulm: Option<f64>,
    /// Correlation of the activity with the set's ssGSEA score.
    pub ssgsea: Option<f64>,
    /// Whether the node meets all [criteria](Criteria), has an orientation, and is in use; `None`
    /// where stability or shuffled maps were not tested.
    pub passes: Option<bool>,
}

/// What the annotation is worth to the model as a whole, in its held-out loss.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MapWorth {
    /// The held-out loss with the map.
    pub held_out: f64,
    /// The mean held-out loss with shuffled maps, on the same samples.
    pub shuffled: f64,
    /// SD of the latter over the shuffles (n - 1), for two or more.
    pub shuffled_sd: Option<f64>,
    /// How much lower the loss is with the map: above 0, the annotation helps.
    pub worth: f64,
}

/// The evidence for a model and its nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// How it was gathered.
    pub options: EvidenceOptions,
    /// The samples that the refits had.
    pub samples: usize,
    /// Whether refits had fewer epochs than the model, or not provably its training samples in
    /// their order. Its map then competes with the shuffled ones by a refit of the same kind.
    pub reduced: bool,
    /// The smallest [`map_p`](NodeEvidence::map_p) that a node could have; `None` without
    /// shuffles. The false discovery rate of a node that alone reaches it is this times the
    /// nodes, about one over the shuffles; k such nodes have it divided by k.
    #[serde(default)]
    pub smallest_map_p: Option<f64>,
    /// One a node, in the model's order.
    pub nodes: Vec<NodeEvidence>,
    /// The map's worth; `None` without shuffles or without held-out samples.
    pub worth: Option<MapWorth>,
}

/// The evidence for a model in a few numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvidenceSummary {
    /// How it was gathered.
    pub options: EvidenceOptions,
    /// The samples that the refits had.
    pub samples: usize,
    /// Whether refits had fewer epochs than the model, or other samples.
    pub reduced: bool,
    /// The nodes.
    pub nodes: usize,
    /// Those that meet all criteria; `None` where stability or shuffled maps were not tested.
    pub passing: Option<usize>,
    /// Those that meet the criteria on stability, shuffled maps, own genes and single genes which
    /// were tested.
    pub meeting_tested: usize,
    /// The smallest false discovery rate that a node could have, were it alone to stand out.
    pub smallest_map_q: Option<f64>,
    /// The nodes that must reach the smallest p for any of them to meet the criterion on shuffled
    /// maps; `None` without shuffles, or where no number of nodes is enough.
    pub nodes_to_pass_map: Option<usize>,
    /// Nodes of low stability, of all those for which it is known.
    pub unstable: usize,
    /// Nodes that shuffled maps do as well as.
    pub no_better_than_shuffled: usize,
    /// Nodes that no longer follow their genes.
    pub drifted: usize,
    /// Nodes that are one gene.
    pub one_gene: usize,
    /// The median over the nodes of the activity's stability.
    pub median_stability: Option<f64>,
    /// The median over the nodes of the hidden value's stability.
    pub median_hidden_stability: Option<f64>,
    /// The map's worth.
    pub worth: Option<MapWorth>,
}

impl Evidence {
    /// Counts and medians over the nodes.
    pub fn summary(&self) -> EvidenceSummary {
        let criteria = &self.options.criteria;
        let count = |asked: &dyn Fn(&NodeEvidence) -> bool| {
            self.nodes.iter().filter(|node| asked(node)).count()
        };
        let tested = |node: &NodeEvidence| {
            let stable = node.stability.is_some_and(|r| r >= criteria.stability);
            let named = node.map_q.is_some_and(|q| q <= criteria.map_q);
            (self.options.seeds == 0 || stable)
                && (self.options.shuffles == 0 || named)
                && node.drifted == Some(false)
                && node.one_gene == Some(false)
        };
        let competing = count(&|node| node.map_p.is_some());
        let alone = self.smallest_map_p.map(|p| p * competing as f64);
        let needed = alone.map(|q| (q / criteria.map_q).ceil().max(1.0) as usize);
        EvidenceSummary {
            options: self.options,
            samples: self.samples,
            reduced: self.reduced,
            nodes: self.nodes.len(),
            passing: self
                .options
                .tests_all()
                .then(|| count(&|node| node.passes == Some(true))),
            meeting_tested: count(&tested),
            smallest_map_q: alone.map(|q| q.min(1.0)),
            nodes_to_pass_map: needed.filter(|needed| *needed <= competing),
            unstable: count(&|node| node.stability.is_some_and(|r| r < criteria.stability)),
            no_better_than_shuffled: count(&|node| node.map_q.is_some_and(|q| q > criteria.map_q)),
            drifted: count(&|node| node.drifted == Some(true)),
            one_gene: count(&|node| node.one_gene == Some(true)),
            median_stability: median(self.nodes.iter().filter_map(|node| node.stability)),
            median_hidden_stability: median(
                self.nodes.iter().filter_map(|node| node.hidden_stability),
            ),
            worth: self.worth,
        }
    }
}

/// The middle value, of two their mean.
fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some(f64::midpoint(values[last / 2], values[last.div_ceil(2)]))
}

/// The header of the columns of evidence in a table of nodes.
pub(super) const COLUMNS: &str = "stability\thidden_stability\tcoherence\tmap_p\tmap_q\t\
                                  own_gene_correlation\tdrifted\twithout_top_gene\tone_gene\t\
                                  mean_z_correlation\tulm_correlation\tssgsea_correlation\tpasses";

impl NodeEvidence {
    /// The columns of one node.
    pub(super) fn columns(&self) -> String {
        let number = |value: Option<f64>| value.map_or("NA".to_owned(), |v| format!("{v:.4}"));
        let chance = |value: Option<f64>| value.map_or("NA".to_owned(), |v| format!("{v:.3e}"));
        let flag = |value: Option<bool>| value.map_or("NA".to_owned(), |v| v.to_string());
        [
            number(self.stability),
            number(self.hidden_stability),
            number(self.coherence),
            chance(self.map_p),
            chance(self.map_q),
            number(self.own_genes),
            flag(self.drifted),
            number(self.without_top_gene),
            flag(self.one_gene),
            number(self.mean_z),
            number(self.ulm),
            number(self.ssgsea),
            flag(self.passes),
        ]
        .join("\t")
    }
}

impl NodeTable {
    /// The same nodes with the evidence for them, one entry a node in the table's order.
    pub fn with_evidence(mut self, evidence: &Evidence) -> Self {
        for (row, evidence) in self.rows_mut().iter_mut().zip(&evidence.nodes) {
            row.evidence = Some(*evidence);
        }
        self
    }
}
