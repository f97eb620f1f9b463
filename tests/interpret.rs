//! What latent units mean: planted groups of gene sets, explained variance and merged nodes
//! computed by hand, the components of a PCA, and interferon in stimulated cells.

mod common;

use common::{correlation, shared};
use gsae::expression::Scaling;
use gsae::genesets::ReadOptions;
use gsae::identifiers::Diagnosis;
use gsae::interpret::{InterpretOptions, Interpretation, SetTest, Tail, interpret, model_sets};
use gsae::models::{ModelConfig, PcaConfig};
use gsae::nn::random_stream;
use gsae::stats::enrichment::over_representation;
use gsae::stats::hypothesis::benjamini_hochberg;
use gsae::training::Silent;
use gsae::{ExpressionMatrix, FitOptions, GeneSet, GeneSetCollection, Result, TrainedModel, fit};
use rand_distr::{Distribution, StandardNormal};

const SAMPLES: usize = 300;
const GENES_A_SET: usize = 20;
const SETS: usize = 60;
/// Sets 0 to 7 follow one programme, 8 to 15 another; the others follow none.
const GROUP: usize = 8;

/// Disjoint sets of genes, two groups of which co-vary.
fn two_programmes() -> Result<(ExpressionMatrix, GeneSetCollection)> {
    let random = &mut random_stream(3, "two programmes");
    let mut normal = || -> f64 { StandardNormal.sample(random) };
    let genes = SETS * GENES_A_SET;
    let mut values = Vec::with_capacity(SAMPLES * genes);
    for _ in 0..SAMPLES {
        let programmes = [normal(), normal()];
        for set in 0..SETS {
            let strength = match programmes.get(set / GROUP) {
                Some(programme) => 1.2 * programme + 0.3 * normal(),
                None => 0.5 * normal(),
            };
            values.extend((0..GENES_A_SET).map(|_| (6.0 + strength + normal()) as f32));
        }
    }
    let gene = |at: usize| format!("GENE{at:04}");
    let sets = (0..SETS).map(|set| {
        let own = set * GENES_A_SET..(set + 1) * GENES_A_SET;
        GeneSet::new(format!("set {set:02}"), "", own.map(gene))
    });
    let samples = (0..SAMPLES).map(|at| format!("s{at}")).collect();
    let expression = ExpressionMatrix::new(samples, (0..genes).map(gene).collect(), values)?;
    Ok((expression, GeneSetCollection::new(sets.collect())?))
}

fn trained(name: &str) -> Result<(TrainedModel, ExpressionMatrix)> {
    let (expression, sets) = two_programmes()?;
    let mut options = FitOptions::named(name)?.with_seed(5);
    options.training.epochs = 60;
    let (model, _) = fit(&expression, &sets, options, &mut Silent)?;
    Ok((model, expression))
}

fn quick() -> InterpretOptions {
    InterpretOptions {
        permutations: 200,
        enriched: Some(8),
        ..InterpretOptions::default()
    }
}

/// Which planted group most of these sets belong to, and how many of them do.
fn majority<'a>(names: impl Iterator<Item = &'a str>) -> (usize, usize) {
    let mut counts = [0; 3];
    for name in names {
        let set: usize = name.trim_start_matches("set ").parse().unwrap_or(SETS);
        counts[(set / GROUP).min(2)] += 1;
    }
    let most = (0..3).max_by_key(|&group| counts[group]).unwrap_or(2);
    (most, counts[most])
}

#[test]
fn groups_of_sets_that_vary_together_are_the_top_of_supersets() -> Result<()> {
    let (model, expression) = trained("gsae")?;
    let found = interpret(&model, &expression, &model_sets(&model), &quick())?;
    let sets = found.sets.as_ref().expect("gene-set nodes");
    let mut seen = [false; 2];
    for unit in found.leading().into_iter().take(4) {
        let pure = Tail::BOTH.into_iter().filter_map(|tail| {
            let top = sets.tail(unit, tail, 0.0, GROUP);
            let names = top.iter().map(|set| sets.names()[set.row].as_str());
            let (group, count) = majority(names);
            (group < 2 && count == GROUP).then_some(group)
        });
        pure.for_each(|group| seen[group] = true);
    }
    assert_eq!(
        seen, [true; 2],
        "both groups lead a superset among the first four"
    );

    // Preranked GSEA and over-representation of the genes say the same; the sets are the model's
    // own, so that their p-values alone decide nothing.
    let unit = found.leading()[0];
    let tests = found.enrichment.iter();
    let mut ranked: Vec<_> = tests
        .filter(|set| set.unit == unit && set.is_prerank())
        .collect();
    ranked.sort_by(|a, b| a.p.total_cmp(&b.p));
    let (group, count) = majority(ranked.iter().take(GROUP).map(|set| set.set.as_str()));
    assert!(group < 2 && count >= GROUP - 1, "{group} {count}");
    let shared = found
        .enrichment
        .iter()
        .filter(|set| set.unit == unit && !set.is_prerank());
    let best = shared.min_by(|a, b| a.p.total_cmp(&b.p)).expect("a set");
    assert!(majority(std::iter::once(best.set.as_str())).0 < 2);
    assert!(best.adjusted_p < 0.01, "{}", best.adjusted_p);
    Ok(())
}

#[test]
fn p_values_are_never_zero_and_those_of_a_tail_are_hypergeometric() -> Result<()> {
    let (model, expression) = trained("gsae")?;
    let found = interpret(&model, &expression, &model_sets(&model), &quick())?;
    assert!(!found.enrichment.is_empty());
    for row in &found.enrichment {
        assert!(row.p > 0.0 && row.p <= row.adjusted_p && row.adjusted_p <= 1.0);
        let SetTest::OverRepresentation {
            overlap,
            tail_genes,
            tail,
            ..
        } = row.test
        else {
            continue;
        };
        let extreme = found.genes.tail(row.unit, tail, 2.5, usize::MAX);
        assert_eq!(tail_genes, extreme.len());
        assert_eq!(overlap, row.genes.len());
        let universe = model.genes().len();
        let expected = over_representation(overlap, row.size, tail_genes, universe)?;
        assert_eq!(row.p, expected.test.greater);
    }
    Ok(())
}

/// A column of a table `[samples, width]`.
fn column(values: &[f32], width: usize, at: usize) -> Vec<f64> {
    let own = values.iter().skip(at).step_by(width);
    own.map(|value| f64::from(*value)).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn squares(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum()
}

#[test]
fn explained_variance_is_that_of_every_genes_regression() -> Result<()> {
    let (model, expression) = trained("ae")?;
    let found = interpret(&model, &expression, &[], &InterpretOptions::default())?;
    let seen = model.preprocessed(&expression)?;
    let latent = model.score(&expression)?.latent;
    let (n_genes, width) = (seen.n_genes(), latent.columns().len());
    let mut checked = 0;
    for unit in [0, width / 2, width - 1] {
        let z = column(latent.values(), width, unit);
        let z_mean = mean(&z);
        if squares(&z) < 1e-9 {
            continue;
        }
        checked += 1;
        let (mut explained, mut total, mut shares) = (0.0, 0.0, 0.0);
        for gene in 0..n_genes {
            let x = column(&seen.values, n_genes, gene);
            let x_mean = mean(&x);
            let pairs = || x.iter().zip(&z).map(|(x, z)| (x - x_mean, z - z_mean));
            let slope = pairs().map(|(x, z)| x * z).sum::<f64>() / squares(&z);
            let residual: f64 = pairs().map(|(x, z)| (x - slope * z).powi(2)).sum();
            explained += squares(&x) - residual;
            total += squares(&x);
            shares += 1.0 - residual / squares(&x);
        }
        let node = &found.units[unit];
        assert!((node.r2 - explained / total).abs() < 1e-6, "{node:?}");
        assert!((node.mean_gene_r2 - shares / n_genes as f64).abs() < 1e-6);
        let n = SAMPLES as f64;
        let adjusted = 1.0 - (1.0 - node.r2) * (n - 1.0) / (n - 2.0);
        assert!((node.adjusted_r2 - adjusted).abs() < 1e-12);
        assert_eq!(node.explains, adjusted >= 0.001);
    }
    assert!(checked > 0);
    Ok(())
}

/// Near copies by brute force: all pairs of a group correlate, and a merged column is the mean of
/// its standardised, sign-aligned members.
#[test]
fn merged_nodes_are_the_mean_of_their_aligned_members() -> Result<()> {
    let (model, expression) = trained("gsae")?;
    let options = InterpretOptions {
        merge_above: 0.6,
        ..InterpretOptions::default()
    };
    let found = interpret(&model, &expression, &[], &options)?;
    let latent = model.score(&expression)?.latent;
    let width = latent.columns().len();
    let standardised = |unit: usize| -> Vec<f64> {
        let z = column(latent.values(), width, unit);
        let (center, sd) = (mean(&z), (squares(&z) / z.len() as f64).sqrt());
        z.iter().map(|value| (value - center) / sd).collect()
    };
    let groups = &found.redundancy;
    assert!(groups.members.iter().any(|members| members.len() > 2));
    assert_eq!(found.merged_latent.columns().len(), groups.members.len());
    for (number, members) in groups.members.iter().enumerate() {
        let leader = members[0];
        let r = |a, b| correlation(&standardised(a), &standardised(b));
        let mut expected = vec![0.0; SAMPLES];
        for &unit in members {
            assert!(found.units[unit].explains);
            assert_eq!(groups.group[unit], Some(number));
            assert!(found.units[unit].r2 <= found.units[leader].r2);
            assert!(
                members
                    .iter()
                    .all(|&other| r(unit, other).abs() > 0.6 - 1e-6)
            );
            assert!((groups.correlation[unit] - r(unit, leader)).abs() < 1e-6);
            for (sum, value) in expected.iter_mut().zip(standardised(unit)) {
                *sum += r(unit, leader).signum() * value / members.len() as f64;
            }
        }
        let name = &latent.columns()[leader];
        let merged = found
            .merged_latent
            .column(name)
            .expect("the group's column");
        for (value, expected) in merged.iter().zip(expected) {
            assert!((f64::from(*value) - expected).abs() < 1e-5);
        }
    }
    // What explains nothing is in no group.
    for (unit, node) in found.units.iter().enumerate() {
        assert_eq!(node.explains, groups.group[unit].is_some());
    }
    // The planted groups of gene-set nodes are near copies at this limit.
    let sets = found.set_redundancy.as_ref().expect("gene-set nodes");
    let group = sets.group[0].expect("a node that varies");
    assert_eq!(sets.members[group].len(), GROUP);
    Ok(())
}

#[test]
fn loadings_of_a_pca_are_its_known_components() -> Result<()> {
    // Three orthogonal directions on disjoint genes; most genes are silent, so that no shift
    // is taken out.
    let (n, genes, each) = (120, 300, 20);
    let random = &mut random_stream(9, "known components");
    let mut normal = || -> f64 { StandardNormal.sample(random) };
    let strengths = [5.0, 3.0, 2.0];
    let mut values = Vec::with_capacity(n * genes);
    for _ in 0..n {
        let scores = strengths.map(|strength| strength * normal());
        for gene in 0..genes {
            let sign = if gene % 2 == 0 { 1.0 } else { -1.0 };
            let signal = scores.get(gene / each).map_or(0.0, |score| sign * score);
            values.push((20.0 + signal + 0.05 * normal()) as f32);
        }
    }
    let names = |prefix: &str, count| (0..count).map(|at| format!("{prefix}{at:03}")).collect();
    let expression = ExpressionMatrix::new(names("s", n), names("G", genes), values)?;
    let mut options = FitOptions::named("pca")?;
    options.model = ModelConfig::Pca(PcaConfig { components: 3 });
    options.preprocess.scaling = Scaling::Center;
    options.training.validation_fraction = 0.0;
    let nothing = GeneSetCollection::new(vec![GeneSet::new("set", "", ["G000".to_owned()])])?;
    let (model, _) = fit(&expression, &nothing, options, &mut Silent)?;
    let found = interpret(&model, &expression, &[], &InterpretOptions::default())?;
    assert_eq!(found.genes.names(), expression.genes());

    let weights = found.weights.as_ref().expect("one linear layer");
    assert!(!weights.0);
    for component in 0..3 {
        let loadings: Vec<f64> = found.genes.unit(component).collect();
        let known: Vec<f64> = (0..genes)
            .map(|gene| match gene / each == component {
                true if gene % 2 == 0 => 1.0,
                true => -1.0,
                false => 0.0,
            })
            .collect();
        let cosine = |a: &[f64], b: &[f64]| -> f64 {
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
        };
        assert!(
            cosine(&loadings, &known).abs() > 0.99,
            "component {component}"
        );
        // The loading is the component times its SD; the weights are the components.
        let z = model.score(&expression)?.latent;
        let z = column(z.values(), 3, component);
        let sd = (squares(&z) / n as f64).sqrt();
        for (loading, weight) in loadings.iter().zip(weights.1.unit(component)) {
            assert!(
                (loading - sd * weight).abs() < 1e-4 * sd,
                "{loading} {weight} {sd}"
            );
        }
    }
    Ok(())
}

#[test]
fn weights_are_what_a_unit_alone_adds_to_the_output() -> Result<()> {
    use candle_core::{Device, Tensor};
    for (name, to_sets) in [("linear", false), ("vega", false), ("gsae", true)] {
        let (model, _) = trained(name)?;
        let weights = model.latent_weights()?.expect("a single layer");
        assert_eq!(weights.to_sets, to_sets, "{name}");
        let width = model.network().latent_width();
        assert_eq!(weights.values.len(), weights.names.len() * width);
        if to_sets {
            continue;
        }
        let decoded = |values: Vec<f32>| -> Result<Vec<f32>> {
            let latent = Tensor::from_vec(values, (1, width), &Device::Cpu)?;
            let output = model.network().decode(&latent, &Default::default())?;
            Ok(output.flatten_all()?.to_vec1()?)
        };
        let nothing = decoded(vec![0.0; width])?;
        let mut unit = vec![0.0; width];
        unit[1] = 1.0;
        for (gene, (one, zero)) in decoded(unit)?.iter().zip(nothing).enumerate() {
            let weight = weights.values[gene * width + 1];
            assert!(
                (one - zero - weight).abs() < 1e-5,
                "{name}: {one} {zero} {weight}"
            );
        }
    }
    assert!(trained("gsae-paper")?.0.latent_weights()?.is_some());
    Ok(())
}

#[test]
fn genes_that_the_data_lack_have_no_loading_and_are_in_no_universe() -> Result<()> {
    let (model, expression) = trained("gsae")?;
    let half: Vec<usize> = (0..expression.n_genes())
        .filter(|gene| gene % 4 != 0)
        .collect();
    let all = expression.to_dense()?;
    let (all, width) = (&all, expression.n_genes());
    let rows = (0..SAMPLES).flat_map(|row| half.iter().map(move |&gene| all[row * width + gene]));
    let names = half.iter().map(|&gene| expression.genes()[gene].clone());
    let less = ExpressionMatrix::new(
        expression.samples().to_vec(),
        names.collect(),
        rows.collect(),
    )?;
    let found = interpret(&model, &less, &model_sets(&model), &quick())?;
    let loadings: Vec<f64> = found.genes.unit(found.leading()[0]).collect();
    for (gene, loading) in model.genes().iter().zip(loadings) {
        assert_eq!(loading.is_nan(), !less.genes().contains(gene));
    }
    assert!(
        found
            .enrichment
            .iter()
            .all(|row| row.size == GENES_A_SET * 3 / 4)
    );
    Ok(())
}

#[test]
fn an_interferon_set_leads_a_superset_of_stimulated_cells() -> Result<()> {
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
    options.training.epochs = 20;
    let (model, _) = fit(&expression, &sets, options, &mut Silent)?;
    let options = InterpretOptions {
        enriched: Some(6),
        permutations: 200,
        ..InterpretOptions::default()
    };
    let found = interpret(&model, &expression, &model_sets(&model), &options)?;
    let table = found.sets.as_ref().expect("gene-set nodes");
    let interferon = |found: &Interpretation, unit: usize| {
        Tail::BOTH.into_iter().any(|tail| {
            let top = table.tail(unit, tail, 0.0, 1);
            let names = top.iter().map(|set| table.names()[set.row].as_str());
            let sets = names.into_iter().any(|name| name.contains("nterferon"));
            let genes = found.genes.tail(unit, tail, 0.0, 10);
            let genes = genes
                .iter()
                .map(|gene| found.genes.names()[gene.row].as_str());
            sets && genes.into_iter().any(|gene| gene == "ISG15")
        })
    };
    let units: Vec<usize> = found.leading().into_iter().take(20).collect();
    let led = units
        .iter()
        .filter(|&&unit| interferon(&found, unit))
        .count();
    println!("{led} of the 20 leading supersets are interferon's");
    assert!(led >= 1);
    let enriched = found
        .enrichment
        .iter()
        .any(|row| row.set == "Interferon alpha/beta signaling" && row.adjusted_p < 0.05);
    assert!(enriched);
    Ok(())
}

#[test]
fn options_and_data_that_make_no_sense_are_refused() -> Result<()> {
    let (model, expression) = trained("gsae")?;
    let default = InterpretOptions::default();
    for (options, name) in [
        (
            InterpretOptions {
                min_r2: 1.0,
                ..default
            },
            "--min-r2",
        ),
        (
            InterpretOptions {
                merge_above: 0.0,
                ..default
            },
            "--merge-above",
        ),
        (
            InterpretOptions {
                tail_z: f64::NAN,
                ..default
            },
            "--tail-z",
        ),
        (InterpretOptions { top: 0, ..default }, "--top"),
        (
            InterpretOptions {
                permutations: 0,
                ..default
            },
            "--permutations",
        ),
    ] {
        let error = interpret(&model, &expression, &[], &options).expect_err("a refusal");
        assert!(error.to_string().starts_with(name), "{error}");
    }
    let two = expression.select_samples(&[0, 1]);
    let error = interpret(&model, &two, &[], &default).expect_err("a refusal");
    assert!(error.to_string().contains("2 samples"), "{error}");
    Ok(())
}

#[test]
fn the_options_survive_json() {
    let options = InterpretOptions {
        enriched: None,
        seed: 7,
        ..InterpretOptions::default()
    };
    let text = serde_json::to_string(&options).expect("JSON");
    let back: InterpretOptions = serde_json::from_str(&text).expect("options");
    assert_eq!(back, options);
}

/// The p-values of a test are adjusted over all units, sets and tails together, listed or not; a
/// set is on the side where its genes load; and sets of the model are marked as such.
#[test]
fn enrichment_is_adjusted_as_one_family_and_knows_its_side() -> Result<()> {
    let (model, expression) = trained("gsae")?;
    let own = model_sets(&model);
    let mut sets = own.clone();
    for set in sets.iter_mut().skip(SETS / 2) {
        set.genes.pop();
        set.weights.pop();
    }
    let found = interpret(&model, &expression, &sets, &quick())?;
    assert!(found.tests_own_sets());
    let units = found.tested.len();
    for prerank in [true, false] {
        let rows = found
            .enrichment
            .iter()
            .filter(|row| row.is_prerank() == prerank);
        let rows: Vec<_> = rows.collect();
        let mut p: Vec<f64> = rows.iter().map(|row| row.p).collect();
        if prerank {
            assert_eq!(p.len(), units * SETS);
        } else {
            let tails = found.tested.iter().map(|&unit| {
                let some = |tail: &&Tail| !found.genes.tail(unit, **tail, 2.5, 1).is_empty();
                Tail::BOTH.iter().filter(some).count()
            });
            // A set without a gene in a tail has p 1 and is not listed.
            p.resize(tails.sum::<usize>() * SETS, 1.0);
        }
        let adjusted = benjamini_hochberg(&p)?;
        for (row, expected) in rows.iter().zip(adjusted) {
            assert!((row.adjusted_p - expected).abs() < 1e-12, "{row:?}");
        }
    }
    for row in &found.enrichment {
        let at = sets
            .iter()
            .position(|set| set.name == row.set)
            .expect("a set");
        assert_eq!(row.of_the_model, sets[at].genes == own[at].genes);
        let SetTest::Prerank { es, nes, .. } = row.test else {
            continue;
        };
        assert_eq!(es < 0.0, row.side() == Tail::Negative);
        if row.adjusted_p <= 0.01 {
            let loadings: Vec<f64> = found.genes.unit(row.unit).collect();
            let members: Vec<f64> = sets[at]
                .genes
                .iter()
                .map(|g| loadings[*g as usize])
                .collect();
            let above = mean(&members) > mean(&loadings);
            assert_eq!(above, row.side() == Tail::Positive, "{row:?}");
            assert!(nes.abs() > 1.0);
        }
    }
    for &unit in &found.tested {
        for side in Tail::BOTH {
            for row in found.enriched(unit, side, 0.05) {
                assert_eq!(row.side(), side);
                assert!(!row.of_the_model || row.adjusted_p <= 0.05, "{row:?}");
            }
        }
    }
    Ok(())
}
