//! Clusters against scikit-learn 1.9.1, and at their edges.

#[path = "common/reference.rs"]
mod reference;

use gsae::stats::clustering::*;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use reference::{Table, assert_close, expression, text};

/// Eigenvalues and eigenvectors (as columns) of a symmetric matrix, by Jacobi's rotations.
fn eigen(mut a: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut vectors = vec![0.0; n * n];
    (0..n).for_each(|i| vectors[i * n + i] = 1.0);
    for _ in 0..60 {
        for p in 0..n {
            for q in p + 1..n {
                if a[p * n + q].abs() < 1e-300 {
                    continue;
                }
                let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * a[p * n + q]);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for matrix in [&mut a, &mut vectors] {
                    for k in 0..n {
                        let (x, y) = (matrix[k * n + p], matrix[k * n + q]);
                        matrix[k * n + p] = c * x - s * y;
                        matrix[k * n + q] = s * x + c * y;
                    }
                }
                for k in 0..n {
                    let (x, y) = (a[p * n + k], a[q * n + k]);
                    a[p * n + k] = c * x - s * y;
                    a[q * n + k] = s * x + c * y;
                }
            }
        }
    }
    ((0..n).map(|i| a[i * n + i]).collect(), vectors)
}

#[test]
fn silhouette_of_the_reference() {
    let (values, genes) = expression();
    let width = genes.len();
    let n = values.len() / width;
    let mut centered = values;
    for gene in 0..width {
        let mean = centered.iter().skip(gene).step_by(width).sum::<f64>() / n as f64;
        centered
            .iter_mut()
            .skip(gene)
            .step_by(width)
            .for_each(|value| *value -= mean);
    }
    let row = |at: usize| &centered[at * width..(at + 1) * width];
    let gram: Vec<f64> = (0..n * n)
        .map(|at| {
            row(at / n)
                .iter()
                .zip(row(at % n))
                .map(|(a, b)| a * b)
                .sum()
        })
        .collect();
    let (eigenvalues, vectors) = eigen(gram, n);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| eigenvalues[b].total_cmp(&eigenvalues[a]));
    let expected: serde_json::Value = serde_json::from_str(&text("values.json")).unwrap();
    let variance: Vec<f64> = order[..10]
        .iter()
        .map(|&at| eigenvalues[at] / (n - 1) as f64)
        .collect();
    let theirs: Vec<f64> = expected["pca_explained_variance"]
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_f64().unwrap())
        .collect();
    assert_close("variance of the components", &variance, &theirs, 1e-8);
    let components: Vec<f64> = (0..n)
        .flat_map(|sample| order[..10].iter().map(move |&at| (sample, at)))
        .map(|(sample, at)| vectors[sample * n + at] * eigenvalues[at].sqrt())
        .collect();
    let labels = Table::read("labels.tsv");
    let groups: Vec<usize> = labels
        .text_column("group")
        .iter()
        .map(|group| {
            ["a", "b", "c"]
                .iter()
                .position(|known| known == group)
                .unwrap()
        })
        .collect();
    let mean = mean_silhouette(&components, 10, &groups).unwrap();
    let theirs = expected["silhouette_by_group_pca10"].as_f64().unwrap();
    assert_close("silhouette", &[mean], &[theirs], 1e-8);
}

/// Three clouds in the plane.
fn clouds() -> (Vec<f64>, Vec<usize>) {
    let random = &mut rand_chacha::ChaCha8Rng::seed_from_u64(2);
    let mut values = Vec::new();
    let mut truth = Vec::new();
    for row in 0..90 {
        let cloud = row % 3;
        truth.push(cloud);
        let angle = cloud as f64 * 2.1;
        for center in [5.0 * angle.cos(), 5.0 * angle.sin()] {
            values.push(center + random.random::<f64>() * 2.0 - 1.0);
        }
    }
    (values, truth)
}

#[test]
fn k_means_finds_clouds_whatever_the_seed_and_the_threads() {
    let (values, truth) = clouds();
    for seed in 0..5 {
        let found = kmeans(&values, 2, 3, 5, seed).unwrap();
        assert_eq!(found.clusters, truth);
        assert_eq!(found.centers.len(), 6);
        assert!(mean_silhouette(&values, 2, &found.clusters).unwrap() > 0.7);
    }
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| kmeans(&values, 2, 7, 9, 4).unwrap())
    };
    assert_eq!(with(1), with(3));
    // A cluster a row leaves nothing.
    assert_eq!(kmeans(&values, 2, 90, 1, 0).unwrap().inertia, 0.0);
    // More clusters never fit worse.
    let fits: Vec<f64> = (1..6)
        .map(|k| kmeans(&values, 2, k, 20, 0).unwrap().inertia)
        .collect();
    assert!(fits.windows(2).all(|pair| pair[1] < pair[0]), "{fits:?}");
}

#[test]
fn the_rand_index_of_chance_is_near_0() {
    let random = &mut rand_chacha::ChaCha8Rng::seed_from_u64(3);
    let mut draw = || {
        (0..500)
            .map(|_| random.random_range(0..4usize))
            .collect::<Vec<_>>()
    };
    let index = adjusted_rand_index(&draw(), &draw()).unwrap();
    assert!(index.abs() < 0.02, "{index}");
    let one = vec![0; 5];
    assert_eq!(adjusted_rand_index(&one, &one).unwrap(), 1.0);
    assert_eq!(adjusted_rand_index(&[0, 1, 2], &[7, 8, 9]).unwrap(), 1.0);
    assert_eq!(adjusted_rand_index(&[0, 0, 0], &[0, 1, 2]).unwrap(), 0.0);
    assert!(adjusted_rand_index(&[0], &[0]).is_err());
    assert!(adjusted_rand_index(&[0, 1], &[0]).is_err());
}

#[test]
fn edges_are_defined_or_refused() {
    assert_eq!(
        silhouette(&[1.0, 1.0, 1.0], 1, &[0, 0, 9]).unwrap(),
        [0.0; 3]
    );
    let message = |result: gsae::Result<Vec<f64>>| result.expect_err("refused").to_string();
    assert!(message(silhouette(&[1.0, 2.0], 1, &[0, 0])).contains("needs two clusters"));
    assert!(message(silhouette(&[1.0, 2.0], 1, &[0])).contains("2 and 1 entries"));
    assert!(message(silhouette(&[1.0, f64::NAN], 1, &[0, 1])).contains("NaN at position 2"));
    assert!(message(silhouette(&[1.0, 2.0, 3.0], 2, &[0])).contains("no table of 2 columns"));
    let refused = |values: &[f64], k| kmeans(values, 1, k, 1, 0).expect_err("refused").to_string();
    assert!(refused(&[1.0, 1.0, 2.0], 3).contains("2 different rows"));
    assert!(refused(&[1.0], 0).contains("0 clusters"));
    assert!(refused(&[], 1).contains("no table"));
}

/// Complete linkage by its definition: all pairs of groups in every step.
fn plain_complete_linkage(similarity: &[Vec<f64>], cut: f64) -> Vec<usize> {
    let n = similarity.len();
    let mut groups: Vec<Vec<usize>> = (0..n).map(|item| vec![item]).collect();
    loop {
        let mut best: Option<(f64, usize, usize)> = None;
        for a in 0..groups.len() {
            for b in a + 1..groups.len() {
                let pairs = groups[a]
                    .iter()
                    .flat_map(|x| groups[b].iter().map(move |y| similarity[*x][*y]));
                let least = pairs.fold(f64::INFINITY, f64::min);
                if least >= cut && best.is_none_or(|(most, ..)| least > most) {
                    best = Some((least, a, b));
                }
            }
        }
        let Some((_, a, b)) = best else {
            break;
        };
        let other = groups.remove(b);
        groups[a].extend(other);
    }
    groups.sort_by_key(|group| group.iter().min().copied());
    let mut group_of = vec![0; n];
    for (number, group) in groups.iter().enumerate() {
        group.iter().for_each(|&item| group_of[item] = number);
    }
    group_of
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn complete_linkage_of_listed_pairs_is_that_of_all(
        n in 1usize..14,
        cut in 0.1f64..0.9,
        seed in 0u64..10_000,
    ) {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let values: Vec<f64> = (0..n * n).map(|_| random.random()).collect();
        let of = |a: usize, b: usize| values[a.min(b) * n + a.max(b)];
        let similarity: Vec<Vec<f64>> =
            (0..n).map(|a| (0..n).map(|b| of(a, b)).collect()).collect();
        let mut pairs: Vec<(u32, u32, f64)> = (0..n * n)
            .map(|at| (at / n, at % n))
            .filter(|&(a, b)| a > b && of(a, b) >= cut)
            .map(|(a, b)| (a as u32, b as u32, of(a, b)))
            .collect();
        pairs.reverse();
        let found = complete_linkage(n, &pairs).expect("groups");
        prop_assert_eq!(found, plain_complete_linkage(&similarity, cut));
    }
}

#[test]
fn pairs_that_are_none_are_refused() {
    for pair in [(0, 0, 0.5), (0, 3, 0.5), (0, 1, f64::NAN)] {
        assert!(complete_linkage(3, &[pair]).is_err());
    }
    assert!(complete_linkage(0, &[]).is_ok_and(|groups| groups.is_empty()));
}
