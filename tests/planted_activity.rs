//! Cohorts with known pathway activity: the nodes find it, at least as well as the univariate
//! linear model on the same data, and a shuffled map does not.

mod common;

use common::{Design, Planted, correlation, median, planted, shuffled};
use gsae::activity::Loadings;
use gsae::training::Silent;
use gsae::{ActivityScorer, FitOptions, GeneSetCollection, Orientation, Result, fit};

const LARGE: Design = Design {
    samples: 2000,
    genes: 5000,
    sets: 300,
    shift: 0.0,
    uneven_noise: false,
    seed: 11,
};

/// 60 samples, as in a small bulk cohort, with a shift common to all genes of a sample.
const SMALL: Design = Design {
    samples: 60,
    shift: 1.0,
    ..LARGE
};

/// Median correlations with the planted activity: of our activity, and of the univariate linear
/// model (ULM) on the values as they are.
fn correlations(
    cohort: &Planted,
    sets: &GeneSetCollection,
    options: FitOptions,
) -> Result<(f64, f64)> {
    let (trained, _) = fit(&cohort.expression, sets, options, &mut Silent)?;
    let ours = trained.score(&cohort.expression)?.activity;
    let mask = trained.scorer().expect("gene-set nodes").mask();
    let flat = ActivityScorer::from_parts(
        mask.clone(),
        Loadings {
            values: vec![1.0; mask.entries()],
            orientation: vec![Orientation::Up; mask.outputs()],
            confidence: vec![1.0; mask.outputs()],
        },
        vec![0.0; mask.outputs()],
        vec![1.0; mask.outputs()],
    )?;
    // The test's genes are in the order of their names, as in the model.
    assert_eq!(trained.genes(), cohort.expression.genes());
    let ulm = flat.score(&cohort.expression.to_dense()?, &vec![true; mask.inputs()]);
    let n_sets = mask.outputs();
    assert_eq!(n_sets, sets.len());
    let median_with_planted = |values: &[f32]| {
        median(
            (0..n_sets)
                .map(|set| {
                    let column = |at: usize| at * n_sets + set;
                    let n = cohort.expression.n_samples();
                    let scores: Vec<f64> = (0..n).map(|i| f64::from(values[column(i)])).collect();
                    let truth: Vec<f64> = (0..n).map(|i| cohort.activity[column(i)]).collect();
                    correlation(&scores, &truth)
                })
                .collect(),
        )
    };
    Ok((
        median_with_planted(ours.values()),
        median_with_planted(&ulm),
    ))
}

#[test]
fn nodes_follow_planted_activity_in_a_large_cohort() -> Result<()> {
    let cohort = planted(LARGE)?;
    let (ours, ulm) = correlations(&cohort, &cohort.sets, FitOptions::default())?;
    println!("2,000 samples: {ours:.4}, ULM {ulm:.4}");
    assert!(ours >= 0.9 && ours >= ulm, "{ours} against ULM {ulm}");
    Ok(())
}

#[test]
fn nodes_follow_planted_activity_in_sixty_shifted_samples() -> Result<()> {
    let cohort = planted(SMALL)?;
    let (ours, ulm) = correlations(&cohort, &cohort.sets, FitOptions::default())?;
    println!("60 samples: {ours:.4}, ULM {ulm:.4}");
    assert!(ours >= 0.8 && ours >= ulm, "{ours} against ULM {ulm}");
    Ok(())
}

#[test]
fn nodes_follow_planted_activity_where_genes_differ_in_noise() -> Result<()> {
    let cohort = planted(Design {
        uneven_noise: true,
        seed: 12,
        ..SMALL
    })?;
    let (ours, ulm) = correlations(&cohort, &cohort.sets, FitOptions::default())?;
    println!("60 samples, uneven noise: {ours:.4}, ULM {ulm:.4}");
    assert!(ours >= 0.8 && ours >= ulm, "{ours} against ULM {ulm}");
    Ok(())
}

#[test]
fn a_shuffled_map_follows_nothing() -> Result<()> {
    for design in [LARGE, SMALL] {
        let cohort = planted(design)?;
        let sets = shuffled(&cohort.sets, cohort.expression.genes(), 5)?;
        let (ours, _) = correlations(&cohort, &sets, FitOptions::default())?;
        println!("shuffled, {} samples: {ours:.4}", design.samples);
        assert!(ours.abs() < 0.1, "{ours}");
    }
    Ok(())
}
