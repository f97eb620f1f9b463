//! Enrichment against scipy 1.17.1, statsmodels 0.15.0 and gseapy 1.3.1, and at its edges.

#[path = "common/reference.rs"]
mod reference;

use gsae::stats::enrichment::*;
use rand::{RngExt, SeedableRng};
use reference::{Table, assert_close, expression, sets, text};
use std::collections::HashMap;

/// The reference's genes, their names and sets as positions.
fn universe() -> (HashMap<String, u32>, Vec<String>, Vec<Vec<u32>>) {
    let (_, genes) = expression();
    let (names, sets) = sets(&genes);
    (genes.into_iter().zip(0..).collect(), names, sets)
}

#[test]
fn over_representation_of_the_reference() {
    let (position, names, sets) = universe();
    let list: Vec<u32> = text("query.txt")
        .lines()
        .map(|gene| position[gene])
        .collect();
    let expected = Table::read("ora.tsv");
    assert_eq!(names, expected.rows);
    let found = over_representation_of_sets(&list, &sets, position.len()).unwrap();
    let column =
        |of: fn(&OverRepresentation) -> f64| -> Vec<f64> { found.iter().map(of).collect() };
    for (name, values) in [
        ("overlap", column(|f| f.overlap as f64)),
        ("hyper_sf", column(|f| f.test.greater)),
        ("fisher_greater", column(|f| f.test.greater)),
        ("fisher_two_sided", column(|f| f.test.two_sided)),
        ("odds_ratio", column(|f| f.test.odds_ratio)),
        ("bh", column(|f| f.adjusted_p)),
    ] {
        assert_close(name, &values, &expected.column(name), 1e-10);
    }
}

/// The ranking of the reference: statistics and gene names in its order.
fn ranking() -> (Vec<f64>, Vec<String>) {
    text("ranking.rnk")
        .lines()
        .map(|line| {
            let (gene, value) = line.split_once('\t').expect("two columns");
            (value.parse::<f64>().expect("a number"), gene.to_owned())
        })
        .unzip()
}

#[test]
fn preranked_gsea_of_the_reference() {
    let (statistics, genes) = ranking();
    let (names, sets) = sets(&genes);
    let options = PrerankOptions {
        permutations: 4000,
        seed: 3,
        ..PrerankOptions::default()
    };
    let found = prerank(&statistics, &sets, &options).unwrap();
    let expected = Table::read("prerank_gseapy.tsv");
    let terms = expected.text_column("Term");
    let number = |name: &str| expected.column(name);
    let (es, nes, p) = (number("ES"), number("NES"), number("NOM p-val"));
    let (q, fwer) = (number("FDR q-val"), number("FWER p-val"));
    let lead = expected.text_column("Lead_genes");
    assert_eq!(terms.len(), names.len());
    let mut worst = [0.0f64; 5];
    for (row, term) in terms.iter().enumerate() {
        let at = names.iter().position(|name| name == term).expect("a set");
        let found = &found[at];
        let differences = [
            (found.es - es[row]).abs(),
            (found.nes / nes[row] - 1.0).abs(),
            // In standard errors of the two estimates, from about 5,000 and 2,000 permutations.
            (found.p - p[row]).abs() / (p[row].max(1e-3) * (1.0 / 5000.0 + 1.0 / 2000.0)).sqrt(),
            (found.fdr - q[row]).abs(),
            (found.fwer - fwer[row]).abs(),
        ];
        for (worst, difference) in worst.iter_mut().zip(differences) {
            *worst = worst.max(difference);
        }
        let mut edge: Vec<&str> = found
            .leading_edge
            .iter()
            .map(|gene| genes[*gene as usize].as_str())
            .collect();
        let mut theirs: Vec<&str> = lead[row].split(';').collect();
        edge.sort_unstable();
        theirs.sort_unstable();
        assert_eq!(edge, theirs, "{term}");
    }
    println!(
        "ES {:.1e}, NES {:.1e}, p {:.1} SE, FDR {:.1e}, FWER {:.1e}",
        worst[0], worst[1], worst[2], worst[3], worst[4]
    );
    assert!(worst[0] < 1e-9);
    assert!(worst[1] < 0.02);
    assert!(worst[2] < 4.5);
    assert!(worst[3] < 0.06);
    assert!(worst[4] < 0.04);
    assert!(
        found
            .iter()
            .all(|found| found.p > 0.0 && found.fdr > 0.0 && found.fwer > 0.0)
    );
}

#[test]
fn the_score_equals_the_full_running_sum() {
    let random = &mut rand_chacha::ChaCha8Rng::seed_from_u64(1);
    for round in 0..200 {
        let n = random.random_range(3..60usize);
        let statistics: Vec<f64> = (0..n).map(|_| random.random::<f64>() * 4.0 - 2.0).collect();
        let exponent = [0.0, 1.0, 1.5][round % 3];
        let set: Vec<u32> = (0..n as u32).filter(|_| random.random_bool(0.3)).collect();
        let score = Ranking::new(&statistics, exponent)
            .unwrap()
            .enrichment_score(&set)
            .unwrap();
        if set.is_empty() || set.len() == n {
            assert!(score.es.is_nan());
            continue;
        }
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| statistics[b].total_cmp(&statistics[a]));
        let weight = |gene: usize| statistics[gene].abs().powf(exponent);
        let total: f64 = set.iter().map(|gene| weight(*gene as usize)).sum();
        let (mut sum, mut most, mut least) = (0.0, 0.0f64, 0.0f64);
        for gene in order {
            sum += if set.contains(&(gene as u32)) {
                weight(gene) / total
            } else {
                -1.0 / (n - set.len()) as f64
            };
            most = most.max(sum);
            least = least.min(sum);
        }
        let expected = if most >= -least { most } else { least };
        assert!(
            (score.es.abs() - expected.abs()).abs() < 1e-9,
            "{} {expected}",
            score.es
        );
    }
}

#[test]
fn the_same_bits_for_any_number_of_threads() {
    let (statistics, genes) = ranking();
    let (_, sets) = sets(&genes);
    let options = PrerankOptions {
        permutations: 200,
        seed: 11,
        multilevel: Some(Multilevel {
            sample: 11,
            smallest: 1e-6,
        }),
        ..PrerankOptions::default()
    };
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("threads");
        // As text: NaN, the error of a chance below the smallest, equals nothing.
        pool.install(|| format!("{:?}", prerank(&statistics, &sets, &options).unwrap()))
    };
    let one = with(1);
    assert_eq!(one, with(3));
    let other = PrerankOptions {
        seed: 12,
        ..options
    };
    assert_ne!(
        one,
        format!("{:?}", prerank(&statistics, &sets, &other).unwrap())
    );
}

/// With exponent 0 and the set's genes all on top, the score is 1 and its chance known.
#[test]
fn multilevel_splitting_finds_a_known_tiny_chance() {
    let n = 60u32;
    let statistics: Vec<f64> = (0..n).map(|gene| 30.0 - f64::from(gene)).collect();
    for (size, bottom) in [(6, false), (8, false), (8, true)] {
        let set: Vec<u32> = if bottom {
            (n - size..n).collect()
        } else {
            (0..size).collect()
        };
        let options = PrerankOptions {
            exponent: 0.0,
            permutations: 500,
            seed: 2,
            multilevel: Some(Multilevel::default()),
        };
        let found = &prerank(&statistics, &[set], &options).unwrap()[0];
        assert_eq!(found.es, if bottom { -1.0 } else { 1.0 });
        let subsets: f64 = (0..size)
            .map(|i| f64::from(n - i) / f64::from(size - i))
            .product();
        // One set in all, over the half of them that score above (below) 0.
        let expected = 2.0 / subsets;
        let error = found.log2_error.expect("an estimate");
        let off = (found.p / expected).log2();
        println!(
            "{size}: {:.2e} for {expected:.2e}, {off:.2} +- {error:.2} (log2)",
            found.p
        );
        assert!(off.abs() < 4.0 * error.max(0.35), "{off} {error}");
    }
    // On a chance that permutations can see, both agree.
    let (statistics, genes) = ranking();
    let (names, sets) = sets(&genes);
    let at = names
        .iter()
        .position(|name| name == "SET_21")
        .expect("the first set");
    let many = PrerankOptions {
        permutations: 20_000,
        seed: 4,
        ..PrerankOptions::default()
    };
    let by_count = prerank(&statistics, &sets[at..=at], &many).unwrap()[0].p;
    let few = PrerankOptions {
        permutations: 500,
        multilevel: Some(Multilevel {
            sample: 201,
            ..Multilevel::default()
        }),
        ..many
    };
    let found = &prerank(&statistics, &sets[at..=at], &few).unwrap()[0];
    println!(
        "SET_21: {by_count:.2e} by count, {:.2e} by splitting",
        found.p
    );
    assert!((found.p / by_count).log2().abs() < 1.0);
    // Down to the smallest chance asked for, and no further.
    let limit = Multilevel {
        smallest: 1e-3,
        ..Multilevel::default()
    };
    let options = PrerankOptions {
        multilevel: Some(limit),
        permutations: 500,
        ..many
    };
    let found = &prerank(&statistics, &[vec![0u32, 1, 2, 3, 4, 5, 6, 7]], &options).unwrap()[0];
    assert!(found.p <= 4e-3 && found.log2_error.expect("an estimate").is_nan());
}

/// Random sets in a ranking without signal: p-values are uniform.
#[test]
fn calibrated_for_random_sets() {
    let random = &mut rand_chacha::ChaCha8Rng::seed_from_u64(8);
    let n = 400;
    let statistics: Vec<f64> = (0..n).map(|_| random.random::<f64>() * 2.0 - 1.0).collect();
    let sets: Vec<Vec<u32>> = (0..150)
        .map(|_| {
            let size = random.random_range(5..40);
            let mut set: Vec<u32> = (0..size).map(|_| random.random_range(0..n)).collect();
            set.sort_unstable();
            set.dedup();
            set
        })
        .collect();
    let options = PrerankOptions {
        permutations: 500,
        ..PrerankOptions::default()
    };
    let mut p: Vec<f64> = prerank(&statistics, &sets, &options)
        .unwrap()
        .iter()
        .map(|f| f.p)
        .collect();
    p.sort_by(f64::total_cmp);
    let count = p.len() as f64;
    let distance = p.iter().enumerate().fold(0.0, |most: f64, (at, p)| {
        most.max((p - at as f64 / count).abs())
            .max(((at + 1) as f64 / count - p).abs())
    });
    // Kolmogorov and Smirnov's limit for p = 0.01.
    println!(
        "KS distance {distance:.3}, limit {:.3}",
        1.63 / count.sqrt()
    );
    assert!(distance < 1.63 / count.sqrt());
}

#[test]
fn edges_are_defined_or_refused() {
    let statistics = [3.0, 1.0, 0.0, -1.0, -2.0];
    let options = PrerankOptions {
        permutations: 20,
        ..PrerankOptions::default()
    };
    let sets = [vec![], vec![0, 1, 2, 3, 4], vec![2], vec![0]];
    let found = prerank(&statistics, &sets, &options).unwrap();
    assert!(found[0].es.is_nan() && found[0].p.is_nan() && found[0].leading_edge.is_empty());
    assert!(found[1].nes.is_nan() && found[1].adjusted_p.is_nan());
    // A set whose only gene has statistic 0 counts its gene all the same.
    assert!(found[2].es.is_finite() && found[2].p > 0.0 && found[2].p <= 1.0);
    assert_eq!((found[3].es, found[3].size), (1.0, 1));
    let tied = prerank(&[1.0; 6], &[vec![0, 1]], &options).unwrap();
    assert!(tied[0].es.is_finite() && tied[0].nes.is_finite());
    assert!(
        prerank(&statistics, &Vec::<Vec<u32>>::new(), &options)
            .unwrap()
            .is_empty()
    );

    let message = |result: gsae::Result<Vec<Enrichment>>| result.expect_err("refused").to_string();
    let run = |statistics: &[f64], set: Vec<u32>| prerank(statistics, &[set], &options);
    assert!(message(run(&statistics, vec![0, 5])).contains("gene set 1 has gene 5"));
    assert!(message(run(&statistics, vec![0, 1, 0])).contains("gene 0 twice"));
    assert!(message(run(&[1.0, f64::NAN], vec![0])).contains("NaN at position 2"));
    assert!(message(run(&[1.0], vec![0])).contains("1 observations"));
    let none = PrerankOptions {
        permutations: 0,
        ..options
    };
    assert!(message(prerank(&statistics, &[vec![0]], &none)).contains("without permutations"));
    let negative = PrerankOptions {
        exponent: -1.0,
        ..options
    };
    assert!(message(prerank(&statistics, &[vec![0]], &negative)).contains("-1 is no exponent"));
    let even = Multilevel {
        sample: 100,
        ..Multilevel::default()
    };
    let even = PrerankOptions {
        multilevel: Some(even),
        ..options
    };
    assert!(message(prerank(&statistics, &[vec![0]], &even)).contains("sample of 100"));

    // No overlap, a list of everything, an empty set.
    let found =
        over_representation_of_sets(&[0, 1], &[vec![2, 3], vec![], vec![0, 1, 2, 3]], 4).unwrap();
    assert!(found.iter().all(|found| found.test.greater == 1.0));
    assert!(found[1].test.odds_ratio.is_nan());
    assert!(over_representation(5, 4, 6, 10).is_err());
    assert!(over_representation(0, 6, 6, 10).is_err());
    assert!(over_representation(1, 11, 1, 10).is_err());
    assert!(over_representation_of_sets(&[0, 0], &[vec![1]], 4).is_err());
    assert!(over_representation_of_sets(&[0], &[vec![1, 4]], 4).is_err());
    let empty = fisher_exact([[0, 0], [0, 0]]);
    assert_eq!((empty.greater, empty.two_sided), (1.0, 1.0));
}
