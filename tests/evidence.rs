//! Evidence for nodes: p-values that are calibrated, planted sets that are found, nodes that
//! drifted or are one gene, real cells, and the same bits with any number of threads.

mod common;

use common::{Design, planted, shared};
use gsae::evidence::{Evidence, EvidenceOptions, NodeEvidence, gather};
use gsae::expression::SampleTable;
use gsae::genesets::{ReadOptions, bundled};
use gsae::identifiers::Diagnosis;
use gsae::nn::random_stream;
use gsae::pipeline::{Annotations, Changes, fit_annotated};
use gsae::training::Silent;
use gsae::{
    Error, ExpressionMatrix, FitOptions, GeneSet, GeneSetCollection, Result, SizeFilter,
    TrainedModel, fit,
};
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_distr::{Distribution, StandardNormal};
use std::collections::HashSet;
use std::sync::LazyLock;

const CELLS: &str = "examples/pbmc3k/expression.tsv.gz";

fn named<'a>(names: &[String], evidence: &'a Evidence, name: &str) -> &'a NodeEvidence {
    let at = names.iter().position(|own| own == name);
    &evidence.nodes[at.expect("a node of this name")]
}

/// The probability that n uniform numbers stray as far from a line (Kolmogorov's distribution,
/// with Stephens's correction for n).
fn uniformity(mut p: Vec<f64>) -> f64 {
    p.sort_by(f64::total_cmp);
    let n = p.len() as f64;
    let distance = p
        .iter()
        .enumerate()
        .map(|(at, p)| ((at + 1) as f64 / n - p).max(p - at as f64 / n))
        .fold(0.0, f64::max);
    let x = distance * (n.sqrt() + 0.12 + 0.11 / n.sqrt());
    let terms = (1..100).map(|k| {
        let sign = if k % 2 == 1 { 2.0 } else { -2.0 };
        sign * (-2.0 * f64::from(k * k) * x * x).exp()
    });
    terms.sum::<f64>().clamp(0.0, 1.0)
}

#[test]
fn p_values_of_shuffled_maps_are_uniform() -> Result<()> {
    let cohort = planted(Design {
        samples: 120,
        genes: 3000,
        sets: 300,
        shift: 0.5,
        uneven_noise: true,
        seed: 21,
    })?;
    // 15 epochs against refits of 10, and against refits as long as the model's training.
    for (shuffle, reduced) in [(101, true), (102, true), (103, false)] {
        let mut options = FitOptions::default().with_seed(3);
        options.training.epochs = 15;
        options.shuffled_map = Some(shuffle);
        let (model, _) = fit(&cohort.expression, &cohort.sets, options, &mut Silent)?;
        let asked = EvidenceOptions {
            seeds: 0,
            shuffles: 8,
            max_epochs: reduced.then_some(10),
            ..EvidenceOptions::quick(5)
        };
        let evidence = gather(&model, &cohort.expression, None, &asked, &|_, _| ())?;
        assert_eq!(evidence.reduced, reduced);
        assert!(evidence.nodes.iter().all(|node| node.passes.is_none()));
        let p: Vec<f64> = evidence
            .nodes
            .iter()
            .filter_map(|node| node.map_p)
            .collect();
        assert_eq!(p.len(), 300);
        let chance = uniformity(p.clone());
        let small = p.iter().filter(|p| **p <= 0.05).count() as f64 / 300.0;
        let tiny = p.iter().filter(|p| **p <= 0.01).count();
        println!(
            "shuffled map {shuffle}: KS p {chance:.3}, {small:.3} at or below 0.05, {tiny} of 300 \
             at or below 0.01"
        );
        // 3 are expected; 10 and more have probability 0.001.
        assert!(tiny < 10, "{tiny}");
        assert!(chance > 0.01, "{chance}");
        let worth = evidence.worth.expect("held-out losses");
        let sd = worth.shuffled_sd.expect("several shuffles");
        assert!(
            worth.worth.abs() < 4.0 * sd,
            "a shuffled map is worth nothing: {worth:?}"
        );
    }
    Ok(())
}

/// 60 planted sets, 100 sets of genes that none of them has, and a set of such genes one of
/// which is loud.
static MIXED: LazyLock<Result<(Vec<String>, Evidence)>> = LazyLock::new(|| {
    let cohort = planted(Design {
        samples: 200,
        genes: 6000,
        sets: 60,
        shift: 0.5,
        uneven_noise: false,
        seed: 31,
    })?;
    let random = &mut random_stream(31, "sets without activity");
    let mut sets: Vec<GeneSet> = cohort.sets.sets().to_vec();
    let active: HashSet<&String> = cohort
        .sets
        .sets()
        .iter()
        .flat_map(|set| &set.genes)
        .collect();
    let mut idle: Vec<String> = cohort.expression.genes().to_vec();
    idle.retain(|gene| !active.contains(gene));
    let loud = idle.pop().expect("an idle gene");
    for number in 0..100 {
        idle.shuffle(random);
        let size = random.random_range(15..=100);
        sets.push(GeneSet::new(
            format!("idle {number}"),
            "",
            idle[..size].iter().cloned(),
        ));
    }
    idle.shuffle(random);
    let rest = idle[..20].iter().cloned();
    sets.push(GeneSet::new("one gene", "", rest.chain([loud.clone()])));

    let expression = &cohort.expression;
    let at = expression.genes().iter().position(|gene| *gene == loud);
    let mut values = expression.to_dense()?.into_owned();
    for value in values
        .iter_mut()
        .skip(at.expect("a gene"))
        .step_by(expression.n_genes())
    {
        let more: f64 = StandardNormal.sample(random);
        *value += 8.0 * more as f32;
    }
    let expression = ExpressionMatrix::new(
        expression.samples().to_vec(),
        expression.genes().to_vec(),
        values,
    )?;
    let mut options = FitOptions::default().with_seed(1);
    options.training.epochs = 20;
    let (model, _) = fit(
        &expression,
        &GeneSetCollection::new(sets)?,
        options,
        &mut Silent,
    )?;
    let evidence = gather(
        &model,
        &expression,
        None,
        &EvidenceOptions::quick(1),
        &|_, _| (),
    )?;
    let names = model.nodes().iter().map(|node| node.name.clone());
    Ok((names.collect(), evidence))
});

fn mixed() -> &'static (Vec<String>, Evidence) {
    MIXED.as_ref().expect("a simulated cohort can be fitted")
}

#[test]
fn planted_sets_beat_shuffled_maps_and_idle_ones_do_not() {
    let (names, evidence) = mixed();
    let share = |prefix: &str| {
        let own = names.iter().zip(&evidence.nodes);
        let own: Vec<f64> = own
            .filter(|(name, _)| name.starts_with(prefix))
            .map(|(_, evidence)| evidence.map_p.expect("a p-value"))
            .collect();
        own.iter().filter(|p| **p < 0.05).count() as f64 / own.len() as f64
    };
    let (planted, idle) = (share("set "), share("idle "));
    println!("p < 0.05: {planted:.3} of the planted sets, {idle:.3} of the idle ones");
    assert!(planted >= 0.9, "{planted}");
    assert!(idle <= 0.07, "{idle}");
    let worth = evidence.worth.expect("held-out losses");
    println!("{worth:?}");
    assert!(
        worth.worth > 3.0 * worth.shuffled_sd.expect("several shuffles"),
        "{worth:?}"
    );
}

#[test]
fn a_set_that_is_one_gene_is_flagged_and_real_ones_are_not() {
    let (names, evidence) = mixed();
    let single = named(names, evidence, "one gene");
    println!("{single:?}");
    assert_eq!((single.one_gene, single.passes), (Some(true), Some(false)));
    let own = names.iter().zip(&evidence.nodes);
    for (name, evidence) in own.filter(|(name, _)| name.starts_with("set ")) {
        assert_eq!(evidence.one_gene, Some(false), "{}: {evidence:?}", name);
        assert_eq!(evidence.drifted, Some(false), "{name}: {evidence:?}");
    }
}

#[test]
fn interferon_holds_in_real_cells() -> Result<()> {
    let Some(shared) = shared() else {
        return Ok(());
    };
    let expression = ExpressionMatrix::from_path(shared.join("data/pbmc_ifnb"))?;
    let sets = GeneSetCollection::open("reactome", &ReadOptions::default())?;
    let counts = sets.gene_counts();
    let best = Diagnosis::new(expression.genes(), &counts)?.best();
    let mapped = Diagnosis::apply(best, expression.genes(), &counts)?;
    let expression = expression.renamed(&mapped.names, Default::default())?;
    let mut options = FitOptions::default().with_seed(1);
    options.training.epochs = 12;
    let (model, _) = fit(&expression, &sets, options, &mut Silent)?;
    let asked = EvidenceOptions {
        seeds: 5,
        shuffles: 2,
        max_epochs: Some(8),
        ..EvidenceOptions::quick(1)
    };
    let evidence = gather(&model, &expression, None, &asked, &|_, _| ())?;
    let names: Vec<String> = model.nodes().iter().map(|node| node.name.clone()).collect();
    let interferon = named(&names, &evidence, "Interferon alpha/beta signaling");
    println!("{interferon:?}");
    assert!(interferon.stability > Some(0.95));
    assert!(interferon.ulm > Some(0.9));
    assert_eq!(interferon.map_p, evidence.smallest_map_p);
    assert!(interferon.map_p < Some(1.0 / 1000.0));
    assert_eq!(interferon.passes, Some(true));
    let summary = evidence.summary();
    println!("{summary:?}");
    assert!(summary.median_hidden_stability < summary.median_stability);
    assert!(summary.worth.is_some_and(|worth| worth.worth > 0.0));
    Ok(())
}

fn cells(model: &str, epochs: usize) -> Result<(ExpressionMatrix, GeneSetCollection, FitOptions)> {
    let mut options = FitOptions::named(model)?.with_seed(2);
    options.training.epochs = epochs;
    let expression = ExpressionMatrix::from_path(CELLS)?;
    let sets = GeneSetCollection::open("wikipathways", &ReadOptions::default())?;
    Ok((expression, sets, options))
}

#[test]
fn a_dense_encoder_drifts_and_a_masked_one_does_not() -> Result<()> {
    let drifted = |model: &str| -> Result<(usize, usize)> {
        let (expression, sets, options) = cells(model, 3)?;
        let (model, _) = fit(&expression, &sets, options, &mut Silent)?;
        let none = EvidenceOptions {
            seeds: 0,
            shuffles: 0,
            ..EvidenceOptions::quick(1)
        };
        let evidence = gather(&model, &expression, None, &none, &|_, _| ())?;
        assert!(
            evidence
                .nodes
                .iter()
                .all(|node| node.map_p.is_none() && node.stability.is_none())
        );
        Ok((evidence.summary().drifted, evidence.nodes.len()))
    };
    let (masked, nodes) = drifted("gsae")?;
    let (dense, _) = drifted("vega")?;
    println!(
        "of {nodes} nodes {masked} have drifted behind a masked encoder, {dense} behind a dense one"
    );
    assert!(masked * 20 < nodes && dense * 2 > nodes);
    Ok(())
}

#[test]
fn threads_change_no_bit() -> Result<()> {
    let (expression, sets, options) = cells("gsae", 4)?;
    let with = |threads: usize, seed: u64| {
        let asked = EvidenceOptions {
            shuffles: 3,
            max_epochs: Some(2),
            max_samples: Some(100),
            ..EvidenceOptions::quick(seed)
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("a pool").install(|| {
            let (model, _) = fit(&expression, &sets, options.clone(), &mut Silent)?;
            gather(&model, &expression, None, &asked, &|_, _| ())
        })
    };
    let one = with(1, 9)?;
    assert_eq!(one, with(2, 9)?);
    assert_eq!(one, with(5, 9)?);
    assert_ne!(one.nodes, with(2, 10)?.nodes);
    Ok(())
}

#[test]
fn a_refit_without_a_change_is_the_fit_and_a_shuffled_one_is_that_of_the_options() -> Result<()> {
    let expression = ExpressionMatrix::from_path(CELLS)?;
    let sets = GeneSetCollection::open("reactome", &ReadOptions::default())?;
    let relations = bundled::find("reactome").expect("bundled").relations()?;
    let labels = SampleTable::from_path("examples/pbmc3k/labels.tsv")?;
    let annotations = Annotations {
        relations: relations.as_ref(),
        samples: Some(&labels),
    };
    for levels in [None, Some(3)] {
        let mut options = FitOptions::default().with_seed(4);
        options.training.epochs = 2;
        options.hierarchy.levels = levels;
        options.sizes = SizeFilter::new(15, 2000);
        options.covariates = vec!["cell_type".to_owned()];
        let fitted = |options: &FitOptions| {
            fit_annotated(
                &expression,
                &sets,
                annotations,
                options.clone(),
                &mut Silent,
            )
        };
        let (model, _) = fitted(&options)?;
        let refitter = model.refitter(&expression, Some(&labels))?;
        let same = refitter.refit(Changes::default())?;
        assert_eq!(same.history, *model.history());
        assert_eq!(Some(&same.scorer), model.scorer());
        options.shuffled_map = Some(8);
        let (shuffled, _) = fitted(&options)?;
        let refit = refitter.refit(Changes {
            shuffled_map: Some(8),
            ..Changes::default()
        })?;
        assert_eq!(refit.history, *shuffled.history());
        assert_eq!(Some(&refit.scorer), shuffled.scorer());
        // Evidence of a model with covariates needs the labels.
        let quick = EvidenceOptions::quick(1);
        let error = gather(&model, &expression, None, &quick, &|_, _| ());
        let message = error.expect_err("no labels").to_string();
        assert!(message.starts_with("--samples is needed"), "{message}");
    }
    Ok(())
}

#[test]
fn evidence_travels_with_the_model() -> Result<()> {
    let (expression, sets, options) = cells("gsae", 2)?;
    let (mut model, _) = fit(&expression, &sets, options, &mut Silent)?;
    let asked = EvidenceOptions {
        seeds: 1,
        shuffles: 2,
        ..EvidenceOptions::quick(1)
    };
    let evidence = gather(&model, &expression, None, &asked, &|_, _| ())?;
    assert!(!evidence.reduced, "2 epochs are all there were");
    assert_eq!(
        evidence.worth.expect("a loss").held_out,
        model.history().best().expect("an epoch").selection_loss()
    );
    model.set_evidence(evidence.clone())?;
    let folder = tempfile::tempdir().map_err(Error::io("create", "a folder"))?;
    let path = folder.path().join("model.safetensors");
    model.save(&path)?;
    let loaded = TrainedModel::load(&path)?;
    assert_eq!(loaded.evidence(), Some(&evidence));
    let scores = loaded.score(&expression.select_samples(&[3]))?;
    assert_eq!(scores.nodes.rows()[0].evidence, Some(evidence.nodes[0]));
    let fewer = Evidence {
        nodes: evidence.nodes[1..].to_vec(),
        ..evidence
    };
    assert!(model.set_evidence(fewer).is_err());
    Ok(())
}

/// Samples in another order are held out otherwise, and noise has other spreads: neither is the
/// model's own training, though there are as many samples.
#[test]
fn other_data_of_the_same_size_have_a_reference_of_their_own() -> Result<()> {
    let (expression, sets, options) = cells("gsae", 3)?;
    let (model, _) = fit(&expression, &sets, options, &mut Silent)?;
    let asked = EvidenceOptions {
        seeds: 1,
        shuffles: 4,
        ..EvidenceOptions::quick(1)
    };
    let n = expression.n_samples();
    let turned = expression.select_samples(&(0..n).rev().collect::<Vec<_>>());
    let random = &mut random_stream(2, "noise");
    let width = expression.n_genes();
    let mut values = expression.to_dense()?.into_owned();
    for gene in 0..width {
        let mut own: Vec<f32> = values.iter().skip(gene).step_by(width).copied().collect();
        own.shuffle(random);
        let places = values.iter_mut().skip(gene).step_by(width);
        places.zip(own).for_each(|(place, value)| *place = value);
    }
    let (samples, genes) = (expression.samples().to_vec(), expression.genes().to_vec());
    let noise = ExpressionMatrix::new(samples, genes, values)?;
    let gathered = |data| gather(&model, data, None, &asked, &|_, _| ());
    let (same, turned, noise) = (
        gathered(&expression)?,
        gathered(&turned)?,
        gathered(&noise)?,
    );
    assert_eq!(
        [same.reduced, turned.reduced, noise.reduced],
        [false, true, true]
    );
    let passing = |evidence: &Evidence| evidence.summary().passing.expect("all was tested");
    println!(
        "{} {} {} pass",
        passing(&same),
        passing(&turned),
        passing(&noise)
    );
    assert!(passing(&noise) <= 2, "pure noise: {}", passing(&noise));
    let worth = |evidence: &Evidence| evidence.worth.expect("held-out losses");
    assert!(
        (worth(&same).worth - worth(&turned).worth).abs() < 0.005,
        "{:?} {:?}",
        worth(&same),
        worth(&turned)
    );
    Ok(())
}

/// A dense encoder's hidden units come back with either sign, which is not held against them.
#[test]
fn the_sign_of_a_hidden_unit_is_not_held_against_it() -> Result<()> {
    let (expression, sets, options) = cells("vega", 2)?;
    let (model, _) = fit(&expression, &sets, options, &mut Silent)?;
    let asked = EvidenceOptions {
        seeds: 1,
        shuffles: 0,
        ..EvidenceOptions::quick(1)
    };
    let evidence = gather(&model, &expression, None, &asked, &|_, _| ())?;
    let known = evidence
        .nodes
        .iter()
        .filter_map(|node| node.hidden_stability);
    let known: Vec<f64> = known.collect();
    assert!(known.len() > 100 && known.iter().all(|r| *r >= 0.0));
    assert!(known.iter().any(|r| *r > 0.1));
    Ok(())
}
