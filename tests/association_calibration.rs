//! Whether p-values are what they say: over 1,000 draws without any association they are uniform
//! (Kolmogorov and Smirnov's test, p > 0.01) or, where few p-values are possible, at or below a level
//! no more often than it says; and taking cells for donors they are not.

use gsae::ScoreTable;
use gsae::association::*;
use gsae::expression::SampleTable;
use gsae::nn::random_stream;
use gsae::stats::enrichment::{PrerankOptions, prerank};
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use std::fmt::Write;
use std::path::Path;

const DRAWS: u64 = 1000;

fn normal(random: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(random)
}

/// The largest distance of the p-values' distribution from the uniform one, and the p-value of
/// such a distance (Kolmogorov's series with Stephens' correction for n).
fn kolmogorov_smirnov(mut p: Vec<f64>) -> (f64, f64) {
    p.sort_by(f64::total_cmp);
    let n = p.len() as f64;
    let distance = p
        .iter()
        .enumerate()
        .map(|(at, p)| (p - at as f64 / n).max((at + 1) as f64 / n - p))
        .fold(0.0, f64::max);
    let lambda = (n.sqrt() + 0.12 + 0.11 / n.sqrt()) * distance;
    let term = |k: i32| {
        let sign = if k % 2 == 1 { 2.0 } else { -2.0 };
        sign * (-2.0 * f64::from(k * k) * lambda * lambda).exp()
    };
    (distance, (1..=100).map(term).sum::<f64>().clamp(0.0, 1.0))
}

/// p-values of all draws, each with random numbers of its own.
fn draws(name: &str, one: impl Fn(&mut ChaCha8Rng, u64) -> f64 + Sync) -> Vec<f64> {
    (0..DRAWS)
        .into_par_iter()
        .map(|draw| one(&mut random_stream(draw, name), draw))
        .collect()
}

fn below(p: &[f64], level: f64) -> f64 {
    p.iter().filter(|p| **p <= level).count() as f64 / p.len() as f64
}

fn assert_uniform(name: &str, p: Vec<f64>) {
    let share = below(&p, 0.05);
    let (distance, chance) = kolmogorov_smirnov(p);
    println!("{name}: {share:.3} at or below 0.05, KS distance {distance:.4}, p {chance:.3}");
    assert!(
        chance > 0.01,
        "{name}: distance {distance:.4}, p {chance:.2e}"
    );
}

/// A table of one node.
fn scores(values: &[f64]) -> ScoreTable {
    let samples = (0..values.len()).map(|at| format!("s{at}")).collect();
    let values = values.iter().map(|value| *value as f32).collect();
    ScoreTable::new(samples, vec!["node".to_owned()], values).expect("a table")
}

/// Labels in columns, for samples s0, s1, ...
fn labels(scores: &ScoreTable, header: &str, row: impl Fn(usize) -> String) -> Labels {
    let mut text = format!("sample\t{header}\n");
    for (at, sample) in scores.samples().iter().enumerate() {
        writeln!(text, "{sample}\t{}", row(at)).expect("a string");
    }
    let path = Path::new("labels.tsv");
    let table = SampleTable::parse(&text, path).expect("labels");
    Labels::join(scores, &table, path).expect("the same samples")
}

/// The first node's p-value.
fn p_of(found: Comparison) -> f64 {
    match found.findings {
        Findings::Two(own) => own.nodes[0].p,
        Findings::Groups { nodes, .. } => nodes[0].p,
        Findings::Trend { nodes, .. } => nodes[0].p,
    }
}

/// Skewed scores of 50 samples, fixed, and labels dealt out anew in every draw.
fn permuted(name: &str, groups: &[&str], options: CompareOptions) -> Vec<f64> {
    let random = &mut random_stream(0, "scores");
    let values: Vec<f64> = (0..50).map(|_| (0.3 * normal(random)).exp()).collect();
    let scores = scores(&values);
    let ages: Vec<f64> = (0..50).map(|_| 50.0 + 10.0 * normal(random)).collect();
    draws(name, |random, _| {
        let mut dealt: Vec<(&str, f64)> = (0..50)
            .map(|at| groups[at % groups.len()])
            .zip(ages.iter().copied())
            .collect();
        dealt.shuffle(random);
        let labels = labels(&scores, "group\tage\tbatch", |at| {
            format!("{}\t{}\t{}", dealt[at].0, dealt[at].1, at % 2)
        });
        p_of(compare(&scores, &labels, &options).expect("a comparison"))
    })
}

#[test]
fn tests_of_permuted_labels_are_uniform() {
    let by = |column: &str, test: Option<Test>| CompareOptions {
        test,
        ..CompareOptions::by(column)
    };
    let two = ["case", "control"];
    assert_uniform("Welch", permuted("welch", &two, by("group", None)));
    let student = by("group", Some(Test::Student));
    assert_uniform("Student", permuted("student", &two, student));
    let pearson = by("age", Some(Test::Pearson));
    assert_uniform("Pearson", permuted("pearson", &two, pearson));
    let along = CompareOptions {
        covariates: vec!["batch".to_owned()],
        ..by("age", None)
    };
    assert_uniform("linear, a number", permuted("along", &two, along));
    let rank = by("group", Some(Test::MannWhitney));
    assert_uniform("Mann-Whitney", permuted("mann-whitney", &two, rank.clone()));
    let three = ["a", "b", "c"];
    assert_uniform("ANOVA", permuted("anova", &three, by("group", None)));
    assert_uniform("Kruskal-Wallis", permuted("kruskal", &three, rank));
    assert_uniform("Spearman", permuted("spearman", &two, by("age", None)));
    let adjusted = CompareOptions {
        covariates: vec!["age".to_owned(), "batch".to_owned()],
        ..by("group", None)
    };
    assert_uniform("linear model", permuted("linear", &two, adjusted));
}

/// Cells of donors that differ from each other as much as the cells of one; no condition effect.
/// Twelve donors of 20 cells, in either condition or, `both`, in both.
fn donor_draw(random: &mut ChaCha8Rng, both: bool) -> (ScoreTable, Labels) {
    let (donors, cells) = (12, 20);
    let mut conditions: Vec<usize> = (0..donors).map(|donor| donor % 2).collect();
    conditions.shuffle(random);
    let mut values = Vec::new();
    for _ in 0..donors {
        // What is particular to a donor, and to a donor's sample of a condition.
        let donor = normal(random);
        let wells: [f64; 2] = [0.5 * normal(random), 0.5 * normal(random)];
        values.extend((0..cells).map(|cell| donor + wells[cell % 2] + normal(random)));
    }
    let scores = scores(&values);
    let labels = labels(&scores, "donor\tcondition", |at| {
        let condition = if both { at % 2 } else { conditions[at / cells] };
        format!("d{}\t{}", at / cells, ["control", "case"][condition])
    });
    (scores, labels)
}

/// The share of p-values at or below a level is at most the level, up to three standard errors, and
/// not far below: for tests whose p-values are few.
fn assert_holds(name: &str, p: &[f64], least: f64) {
    for level in [0.01, 0.05, 0.2] {
        let share = below(p, level);
        let error = (level * (1.0 - level) / p.len() as f64).sqrt();
        println!("{name}: {share:.3} at or below {level}");
        assert!(share <= level + 3.0 * error, "{name}: {share} at {level}");
        assert!(
            share >= least * level - 3.0 * error,
            "{name}: {share} at {level}"
        );
    }
}

#[test]
fn rank_tests_of_few_hold_their_level() {
    for n in [9, 12, 16, 20] {
        let p = draws("few pairs", |random, _| {
            let values: Vec<f64> = (0..n).map(|_| normal(random)).collect();
            let scores = scores(&values);
            let ages: Vec<f64> = (0..n).map(|_| normal(random)).collect();
            let labels = labels(&scores, "age", |at| ages[at].to_string());
            p_of(compare(&scores, &labels, &CompareOptions::by("age")).expect("a trend"))
        });
        assert_holds(&format!("Spearman of {n}"), &p, 0.7);
    }
    let options = CompareOptions {
        donor: Some("donor".to_owned()),
        test: Some(Test::MannWhitney),
        ..CompareOptions::by("condition")
    };
    let p = draws("Wilcoxon", |random, _| {
        let (scores, labels) = donor_draw(random, true);
        p_of(compare(&scores, &labels, &options).expect("a comparison"))
    });
    assert_holds("Wilcoxon of 12 pairs", &p, 0.7);
}

/// Twelve donors with up to three groups of cells each; `overlap` of the donors have all three.
fn grouped_draw(random: &mut ChaCha8Rng, overlap: usize) -> (ScoreTable, Labels) {
    let (mut values, mut rows) = (Vec::new(), Vec::new());
    for donor in 0..12 {
        let own = normal(random);
        for group in 0..3 {
            if donor >= overlap && donor % 3 != group {
                continue;
            }
            let level = own + 0.5 * normal(random);
            for _ in 0..3 + 4 * group {
                values.push(level + normal(random));
                rows.push(format!(
                    "d{donor}\t{}\t{}",
                    ["a", "b", "c"][group],
                    donor % 2
                ));
            }
        }
    }
    let scores = scores(&values);
    let labels = labels(&scores, "donor\tgroup\tbatch", |at| rows[at].clone());
    (scores, labels)
}

#[test]
fn several_groups_of_donors_are_uniform() {
    let options = CompareOptions {
        donor: Some("donor".to_owned()),
        ..CompareOptions::by("group")
    };
    // Donors of all groups, donors of one each, and two of all groups among the others.
    for (name, overlap) in [
        ("within donors", 12),
        ("between donors", 0),
        ("two shared", 2),
    ] {
        let found = |random: &mut ChaCha8Rng, options: &CompareOptions| {
            let (scores, labels) = grouped_draw(random, overlap);
            compare(&scores, &labels, options).expect("a comparison")
        };
        let p = draws(name, |random, _| p_of(found(random, &options)));
        assert_uniform(&format!("several groups, {name}"), p);
        let each = draws(name, |random, _| match found(random, &options).findings {
            Findings::Groups { each, .. } => each[0].nodes[0].p,
            _ => f64::NAN,
        });
        // Welch's t of a few donors is a little off where a side is small.
        if overlap == 12 {
            assert_uniform("a group against the rest, within donors", each);
        } else {
            assert_holds(&format!("a group against the rest, {name}"), &each, 0.4);
        }
        let linear = CompareOptions {
            group: Some("b".to_owned()),
            covariates: vec!["batch".to_owned()],
            ..options.clone()
        };
        let p = draws(name, |random, _| p_of(found(random, &linear)));
        assert_uniform(&format!("linear model with donors, {name}"), p);
    }
}

#[test]
fn cells_are_no_donors() {
    let by = |donor: bool| CompareOptions {
        donor: donor.then(|| "donor".to_owned()),
        ..CompareOptions::by("condition")
    };
    for (name, both) in [("donors of one condition", false), ("donors of both", true)] {
        let p = |donor: bool| {
            draws(name, |random, _| {
                let (scores, labels) = donor_draw(random, both);
                p_of(compare(&scores, &labels, &by(donor)).expect("a comparison"))
            })
        };
        assert_uniform(name, p(true));
        let cells = p(false);
        let share = below(&cells, 0.05);
        println!("{name}, cells as observations: {share:.3} at or below 0.05");
        if both {
            // The donors' difference takes no part here, their samples' does.
            assert!(share > 0.1 && kolmogorov_smirnov(cells).1 < 1e-6);
        } else {
            assert!(share > 0.4, "{share}");
        }
    }
}

/// Follow-up of 80 subjects, about a quarter censored, and scores that have nothing to do with it.
fn survival_draws(split: SplitKind, of: impl Fn(&NodeSurvival) -> f64 + Sync) -> Vec<f64> {
    let random = &mut random_stream(0, "follow-up");
    let follow_up: Vec<(f64, u8)> = (0..80)
        .map(|_| {
            let event = -random.random::<f64>().ln();
            let censoring = -random.random::<f64>().ln() * 3.0;
            (event.min(censoring), u8::from(event <= censoring))
        })
        .collect();
    let values: Vec<f64> = (0..80).map(|_| normal(random)).collect();
    let scores = scores(&values);
    draws("survival", |random, draw| {
        let mut dealt = follow_up.clone();
        dealt.shuffle(random);
        let labels = labels(&scores, "time\tevent", |at| {
            format!("{}\t{}", dealt[at].0, dealt[at].1)
        });
        let options = SurvivalOptions {
            split,
            permutations: 499,
            folds: 0,
            seed: draw,
            ..SurvivalOptions::new("time", "event")
        };
        of(&survive(&scores, &labels, &options).expect("a fit").nodes[0])
    })
}

#[test]
fn survival_of_permuted_follow_up_is_uniform() {
    assert_uniform("Cox", survival_draws(SplitKind::Median, |node| node.p));
    assert_uniform(
        "log-rank",
        survival_draws(SplitKind::Median, |node| node.split_p),
    );
    let optimal = survival_draws(SplitKind::Optimal, |node| node.split_p);
    assert_uniform("optimal split", optimal);
    // Without the correction the best split would be found in most draws.
    let naive = survival_draws(SplitKind::Optimal, |node| {
        if node.split_statistic.abs() > 1.96 {
            0.0
        } else {
            1.0
        }
    });
    let share = below(&naive, 0.5);
    println!("optimal split, |z| > 1.96 without correction: {share:.3}");
    assert!(share > 0.25);
}

#[test]
fn gsea_of_permuted_rankings_is_uniform() {
    let random = &mut random_stream(0, "ranking");
    let statistics: Vec<f64> = (0..300).map(|_| normal(random)).collect();
    let set: Vec<u32> = (0..25).collect();
    let p = draws("prerank", |random, draw| {
        let mut dealt = statistics.clone();
        dealt.shuffle(random);
        let options = PrerankOptions {
            permutations: 499,
            seed: draw,
            ..PrerankOptions::default()
        };
        prerank(&dealt, std::slice::from_ref(&set), &options).expect("a result")[0].p
    });
    assert_uniform("prerank", p);
}
