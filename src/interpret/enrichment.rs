//! Gene sets that stand out among the genes of a latent unit.

use super::InterpretOptions;
use super::loadings::{LoadingTable, Tail};
use crate::Result;
use crate::genesets::SelectedSet;
use crate::stats::enrichment::{PrerankOptions, over_representation_of_sets, prerank};
use crate::stats::hypothesis::benjamini_hochberg;
use std::collections::HashSet;

/// How a gene set was tested, with what only that test knows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SetTest {
    /// Preranked GSEA of all genes by their loading.
    Prerank {
        /// The enrichment score.
        es: f64,
        /// The normalised enrichment score.
        nes: f64,
        /// GSEA's false discovery rate among the sets on this latent unit, by normalised scores;
        /// it is finer than what few permutations let p-values be.
        fdr: f64,
    },
    /// Over-representation in a tail of the loadings; the background is the genes that the model
    /// sees and the data have.
    OverRepresentation {
        /// Which tail.
        tail: Tail,
        /// The genes of the tail.
        tail_genes: usize,
        /// The genes of the set in the tail.
        overlap: usize,
        /// The odds ratio.
        odds_ratio: f64,
    },
}

/// What a test says of a gene set on a latent unit.
#[derive(Debug, Clone, PartialEq)]
pub struct SetEnrichment {
    /// The latent unit, by position.
    pub unit: usize,
    /// The gene set's name.
    pub set: String,
    /// Its genes that the model sees and the data have.
    pub size: usize,
    /// Whether the model's map has a node with just these genes. The map itself makes such genes
    /// load together, so that `p`, `adjusted_p` and the false discovery rate are too small,
    /// however little the set means.
    pub of_the_model: bool,
    /// The test.
    pub test: SetTest,
    /// The p-value, never 0.
    pub p: f64,
    /// `p` adjusted for all gene sets and latent units that were tested in this way (Benjamini &
    /// Hochberg 1995), both tails together.
    pub adjusted_p: f64,
    /// The leading edge, or the genes shared with the tail.
    pub genes: Vec<String>,
}

impl SetEnrichment {
    /// The side of the latent unit on which the set stands out.
    pub fn side(&self) -> Tail {
        match self.test {
            SetTest::OverRepresentation { tail, .. } => tail,
            SetTest::Prerank { es, .. } if es < 0.0 => Tail::Negative,
            SetTest::Prerank { .. } => Tail::Positive,
        }
    }

    /// Whether this is preranked GSEA.
    pub fn is_prerank(&self) -> bool {
        matches!(self.test, SetTest::Prerank { .. })
    }
}

/// Tests gene sets on latent units: by preranked GSEA, and both tails by over-representation.
/// Sets that share no gene with a tail are tested and adjusted for, but not listed.
///
/// `sets` and the model's `own_sets` have positions in the rows of `genes`; rows without a loading are in no universe.
pub(super) fn enrichment(
    genes: &LoadingTable,
    sets: &[SelectedSet],
    own_sets: &[SelectedSet],
    units: &[usize],
    options: &InterpretOptions,
) -> Result<Vec<SetEnrichment>> {
    let sorted = |set: &SelectedSet| {
        let mut genes = set.genes.clone();
        genes.sort_unstable();
        genes
    };
    let own_sets: HashSet<Vec<u32>> = own_sets.iter().map(sorted).collect();
    let is_own = |set: &SelectedSet| own_sets.contains(&sorted(set));
    let Some(universe) = units.first().map(|&unit| Universe::new(genes, sets, unit)) else {
        return Ok(Vec::new());
    };
    let (mut ranked, mut shared) = (Vec::new(), Vec::new());
    for &unit in units {
        let statistics: Vec<f64> = {
            let own: Vec<f64> = genes.unit(unit).collect();
            universe.rows.iter().map(|&row| own[row]).collect()
        };
        let choices = PrerankOptions {
            permutations: options.permutations,
            seed: options.seed,
            ..PrerankOptions::default()
        };
        let found = prerank(&statistics, &universe.sets, &choices)?;
        for (set, found) in sets.iter().zip(found) {
            ranked.push(SetEnrichment {
                unit,
                set: set.name.clone(),
                size: found.size,
                of_the_model: is_own(set),
                test: SetTest::Prerank {
                    es: found.es,
                    nes: found.nes,
                    fdr: found.fdr,
                },
                p: found.p,
                adjusted_p: f64::NAN,
                genes: universe.names(genes, &found.leading_edge),
            });
        }
        for tail in Tail::BOTH {
            let extreme = genes.tail(unit, tail, options.tail_z, usize::MAX);
            let list: Vec<u32> = extreme
                .iter()
                .filter_map(|gene| universe.position[gene.row])
                .collect();
            if list.is_empty() {
                continue;
            }
            let mut listed = vec![false; universe.rows.len()];
            list.iter().for_each(|&gene| listed[gene as usize] = true);
            let found = over_representation_of_sets(&list, &universe.sets, universe.rows.len())?;
            for ((set, members), found) in sets.iter().zip(&universe.sets).zip(found) {
                let own = members.iter().filter(|gene| listed[**gene as usize]);
                let own: Vec<u32> = own.copied().collect();
                shared.push(SetEnrichment {
                    unit,
                    set: set.name.clone(),
                    size: found.set_size,
                    of_the_model: is_own(set),
                    test: SetTest::OverRepresentation {
                        tail,
                        tail_genes: list.len(),
                        overlap: found.overlap,
                        odds_ratio: found.test.odds_ratio,
                    },
                    p: found.test.greater,
                    adjusted_p: f64::NAN,
                    genes: universe.names(genes, &own),
                });
            }
        }
    }
    adjust(&mut ranked)?;
    adjust(&mut shared)?;
    // A set without a gene here has no p-value.
    ranked.retain(|found| found.p.is_finite());
    shared.retain(|found| !found.genes.is_empty());
    ranked.append(&mut shared);
    Ok(ranked)
}

fn adjust(found: &mut [SetEnrichment]) -> Result<()> {
    let p: Vec<f64> = found.iter().map(|found| found.p).collect();
    for (found, adjusted) in found.iter_mut().zip(benjamini_hochberg(&p)?) {
        found.adjusted_p = adjusted;
    }
    Ok(())
}

/// The genes that have loadings, and the sets among them.
struct Universe {
    /// The rows of the loadings, one a gene of the universe.
    rows: Vec<usize>,
    /// The place of every row in the universe.
    position: Vec<Option<u32>>,
    sets: Vec<Vec<u32>>,
}

impl Universe {
    fn new(genes: &LoadingTable, sets: &[SelectedSet], unit: usize) -> Self {
        let mut rows = Vec::new();
        let mut position = vec![None; genes.names().len()];
        for (row, loading) in genes.unit(unit).enumerate() {
            if !loading.is_nan() {
                position[row] = Some(rows.len() as u32);
                rows.push(row);
            }
        }
        let present = |set: &SelectedSet| {
            let own = set.genes.iter().filter_map(|gene| position[*gene as usize]);
            own.collect()
        };
        Self {
            sets: sets.iter().map(present).collect(),
            rows,
            position,
        }
    }

    fn names(&self, genes: &LoadingTable, members: &[u32]) -> Vec<String> {
        let rows = members.iter().map(|gene| self.rows[*gene as usize]);
        rows.map(|row| genes.names()[row].clone()).collect()
    }
}
