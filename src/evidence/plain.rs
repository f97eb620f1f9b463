//! What is asked of a node without training: plain scores, its own genes, its strongest gene.

use super::correlate::by_column;
use crate::activity::{ActivityScorer, Orientation};
use crate::error::Result;
use crate::expression::Preprocessed;
use crate::stats::scores::{Members, Samples, SsgseaOptions, mean_z, ssgsea, ulm};

/// Correlations over the samples, one a node each; NaN where there is none.
pub(super) struct Plain {
    pub own_genes: Vec<f64>,
    pub without_top_gene: Vec<f64>,
    pub mean_z: Vec<f64>,
    pub ulm: Vec<f64>,
    pub ssgsea: Vec<f64>,
}

impl Plain {
    /// `activity` and `hidden`: `[samples, nodes]`; `normalised`: the expression of the prepared
    /// samples before centring and scaling, which plain scores are computed on.
    pub fn new(
        scorer: &ActivityScorer,
        prepared: &Prepared,
        activity: &[f32],
        hidden: &[f32],
    ) -> Result<Self> {
        let Prepared { model, normalised } = *prepared;
        let (genes, nodes) = (model.n_genes(), scorer.mask().outputs());
        let members = |row: &[u32]| {
            let present = row.iter().filter(|gene| model.present[**gene as usize]);
            Members::new(present.copied().collect())
        };
        let sets: Vec<Members> = scorer.mask().rows().map(members).collect();
        let plain = Samples::new(normalised, genes)?;
        let own = mean_z(&Samples::new(&model.values, genes)?, &sets)?;
        let mut own_genes = by_column(hidden, &own, nodes);
        for (r, orientation) in own_genes.iter_mut().zip(&scorer.loadings().orientation) {
            *r = match orientation {
                Orientation::Up => *r,
                Orientation::Flipped => -*r,
                Orientation::None => r.abs(),
            };
        }
        Ok(Self {
            own_genes,
            without_top_gene: without_top_gene(scorer, model, activity)?,
            mean_z: by_column(activity, &mean_z(&plain, &sets)?, nodes),
            ulm: by_column(activity, &ulm(&plain, &sets)?.scores, nodes),
            ssgsea: by_column(
                activity,
                &ssgsea(&plain, &sets, &SsgseaOptions::default())?,
                nodes,
            ),
        })
    }
}

/// Samples as the model sees them, and as plain scores do: `[samples, genes]`.
#[derive(Clone, Copy)]
pub(super) struct Prepared<'a> {
    pub model: &'a Preprocessed,
    pub normalised: &'a [f32],
}

/// The correlation of the activity with what it is when the gene of the largest loading counts
/// as one outside the set; 0 if nothing is left then.
fn without_top_gene(
    scorer: &ActivityScorer,
    samples: &Preprocessed,
    activity: &[f32],
) -> Result<Vec<f64>> {
    let mask = scorer.mask();
    let mut loadings = scorer.loadings().clone();
    for set in 0..mask.outputs() {
        if let Some((position, _)) = scorer.loadings().strongest(mask, set) {
            loadings.values[mask.row_entries(set).start + position] = 0.0;
        }
    }
    let (mean, deviation) = scorer.scale();
    let rest =
        ActivityScorer::from_parts(mask.clone(), loadings, mean.to_vec(), deviation.to_vec())?;
    let scores = rest.score(&samples.values, &samples.present);
    let mut r = by_column(activity, &scores, mask.outputs());
    for (set, r) in r.iter_mut().enumerate() {
        let row = &rest.loadings().values[mask.row_entries(set)];
        if !row.is_empty() && row.iter().all(|loading| *loading <= 0.0) {
            *r = 0.0;
        }
    }
    Ok(r)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::Mask;
    use crate::nn::random_stream;
    use rand_distr::{Distribution, StandardNormal};

    /// Both sets' genes move together. The first node follows its genes, downwards; the second has
    /// wandered off to the first set's genes.
    #[test]
    fn a_node_that_follows_other_genes_has_no_correlation_with_its_own() -> Result<()> {
        let random = &mut random_stream(4, "drift");
        let (n, genes) = (300, 100);
        let mut draw = || -> f64 { StandardNormal.sample(random) };
        let (mut values, mut hidden) = (Vec::new(), Vec::new());
        for sample in 0..n {
            let common = [draw(), draw()];
            values.extend((0..genes).map(|gene| {
                let shared = common.get(gene / 20).copied().unwrap_or(0.0);
                (draw() + shared) as f32
            }));
            let own = &values[sample * genes..][..20];
            let sum: f32 = own.iter().sum();
            hidden.extend([-sum, sum]);
        }
        let mask = Mask::from_rows(genes, vec![(0..20).collect(), (20..40).collect()])?;
        let model = Preprocessed {
            samples: (0..n).map(|sample| sample.to_string()).collect(),
            present: vec![true; genes],
            shifts: vec![0.0; n],
            values,
        };
        let scorer = ActivityScorer::fit(&mask, &model.values, &hidden)?;
        let activity = scorer.score(&model.values, &model.present);
        let prepared = Prepared {
            model: &model,
            normalised: &model.values,
        };
        let found = Plain::new(&scorer, &prepared, &activity, &hidden)?;
        assert!(found.own_genes[0] > 0.99, "{:?}", found.own_genes);
        assert!(found.own_genes[1].abs() < 0.3, "{:?}", found.own_genes);
        assert!(found.ulm[0] > 0.95 && found.without_top_gene[0] > 0.95);
        for node in 0..2 {
            assert!(found.mean_z[node] > 0.9, "{:?}", found.mean_z);
            assert!(found.ssgsea[node] > 0.7, "{:?}", found.ssgsea);
        }
        Ok(())
    }
}
