//! Tests of hypotheses against scipy 1.17.1 and statsmodels 0.15.0, and at their edges.

#[path = "common/reference.rs"]
mod reference;

use gsae::stats::hypothesis::*;
use reference::{Table, assert_close, expression};

const TIGHT: f64 = 1e-8;

struct Data {
    genes: Table,
    groups: Vec<String>,
}

impl Data {
    fn read() -> Self {
        let labels = Table::read("labels.tsv");
        Self {
            genes: Table::read("expression.tsv"),
            groups: labels
                .text_column("group")
                .iter()
                .map(|g| g.to_string())
                .collect(),
        }
    }

    fn group(&self, gene: usize, group: &str) -> Vec<f64> {
        let values = self.genes.row(gene).iter().zip(&self.groups);
        values
            .filter(|(_, own)| *own == group)
            .map(|(value, _)| *value)
            .collect()
    }
}

#[test]
fn every_test_of_the_reference() {
    let data = Data::read();
    let expected = Table::read("tests.tsv");
    let count = expected.rows.len();
    let mut columns: Vec<(&str, Vec<f64>)> = expected
        .columns
        .iter()
        .map(|name| (name.as_str(), Vec::with_capacity(count)))
        .collect();
    let mut welch = Vec::new();
    for gene in 0..count {
        assert_eq!(data.genes.rows[gene], expected.rows[gene]);
        let [a, b, c] = ["a", "b", "c"].map(|group| data.group(gene, group));
        let all = data.genes.row(gene);
        let first = data.genes.row(0);
        let second = data.genes.row(1);
        let w = welch_t(&a, &b).unwrap();
        let s = student_t(&a, &b).unwrap();
        let u = mann_whitney(&a, &b, Method::Auto).unwrap();
        let k = kruskal_wallis(&[&a, &b, &c]).unwrap();
        let f = anova(&[&a, &b, &c]).unwrap();
        let nothing = Correlation {
            r: f64::NAN,
            p: f64::NAN,
        };
        let r = if gene == 0 {
            nothing
        } else {
            pearson(first, all).unwrap()
        };
        let rho = spearman(second, all).unwrap();
        welch.push(w.p);
        let row = [
            w.t, w.p, s.t, s.p, u.u, u.p, k.h, k.p, f.f, f.p, r.r, r.p, rho.r, rho.p,
        ];
        for ((_, column), value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    columns[14].1 = benjamini_hochberg(&welch).unwrap();
    columns[15].1 = holm(&welch).unwrap();
    for (name, values) in &columns {
        assert_close(name, values, &expected.column(name), TIGHT);
    }
    // The corrections by themselves, on the reference's own p-values.
    let p = expected.column("welch_p");
    assert_eq!(benjamini_hochberg(&p).unwrap(), expected.column("welch_bh"));
    assert_close(
        "holm",
        &holm(&p).unwrap(),
        &expected.column("welch_holm"),
        1e-14,
    );
}

#[test]
fn rank_tests_beyond_the_reference() {
    // scipy 1.17.1.
    let close = |value: f64, expected: f64| assert!((value - expected).abs() < 1e-12, "{value}");
    let zero = [0.0; 13];
    let untied = [1.1, 2.0, -0.5, 3.0, 4.0, 0.7, -2.0, 5.0, 6.0, 1.5, 0.2, 7.0];
    let test = wilcoxon_signed_rank(&untied, &zero[..12]).unwrap();
    assert_eq!((test.w, test.p), (8.5, 0.0126953125));
    let tied = [
        1.0, 2.0, -1.0, 3.0, 3.0, 1.0, -2.0, 0.0, 6.0, 1.5, -1.0, 7.0, 0.0,
    ];
    let test = wilcoxon_signed_rank(&tied, &zero).unwrap();
    assert_eq!((test.w, test.p), (11.5, 0.0615234375));
    let (a, b) = ([1.0, 2.0, 2.0, 3.0, 5.0], [2.0, 4.0, 5.0, 6.0, 7.0, 7.0]);
    let test = mann_whitney(&a, &b, Method::Auto).unwrap();
    assert_eq!(test.u, 4.5);
    close(test.p, 0.064_146_618_734_404_37);
    // Exact with ties: all 462 ways to choose the first group's ranks.
    let exact = mann_whitney(&a, &b, Method::Exact).unwrap();
    close(exact.p, exact_by_enumeration(&a, &b));
    // Either group may be the smaller one.
    let (few, many) = (
        [1.5, 2.2, 9.1],
        [0.1, 1.1, 2.1, 3.1, 4.1, 5.1, 6.1, 7.1, 8.1],
    );
    let one = mann_whitney(&few, &many, Method::Exact).unwrap();
    let other = mann_whitney(&many, &few, Method::Exact).unwrap();
    assert_eq!((one.u, one.p), (14.0, 1.0));
    assert_eq!(one.p, other.p);
    assert_eq!(one.u + other.u, 27.0);
}

/// Twice the smaller tail of U over all subsets.
fn exact_by_enumeration(a: &[f64], b: &[f64]) -> f64 {
    let values = [a, b].concat();
    let u = |chosen: u32| {
        let mut u = 0.0;
        for i in (0..values.len()).filter(|i| chosen >> i & 1 == 1) {
            for j in (0..values.len()).filter(|j| chosen >> j & 1 == 0) {
                u += if values[i] > values[j] {
                    1.0
                } else if values[i] == values[j] {
                    0.5
                } else {
                    0.0
                };
            }
        }
        u
    };
    let observed = u((1 << a.len()) - 1);
    let all: Vec<f64> = (0u32..1 << values.len())
        .filter(|chosen| chosen.count_ones() as usize == a.len())
        .map(u)
        .collect();
    let share = |keep: &dyn Fn(f64) -> bool| {
        all.iter().filter(|u| keep(**u)).count() as f64 / all.len() as f64
    };
    (2.0 * share(&|u| u <= observed).min(share(&|u| u >= observed))).min(1.0)
}

#[test]
fn what_varies_nowhere_is_undefined_and_does_not_stop_a_table() {
    let (flat, other) = ([2.0, 2.0, 2.0], [1.0, 2.0, 4.0]);
    for test in [welch_t, student_t, paired_t] {
        let test = test(&flat, &flat).unwrap();
        assert!(test.t.is_nan() && test.p.is_nan());
        assert_eq!(test.difference, 0.0);
    }
    assert!(welch_t(&flat, &other).unwrap().p > 0.5);
    assert_eq!(mann_whitney(&flat, &flat, Method::Auto).unwrap().p, 1.0);
    assert_eq!(mann_whitney(&flat, &flat, Method::Exact).unwrap().p, 1.0);
    assert_eq!(wilcoxon_signed_rank(&flat, &flat).unwrap().p, 1.0);
    assert_eq!(kruskal_wallis(&[&flat, &flat]).unwrap().p, 1.0);
    assert!(anova(&[&flat, &flat]).unwrap().p.is_nan());
    assert_eq!(anova(&[&flat, &[3.0, 3.0]]).unwrap().p, 0.0);
    assert!(pearson(&flat, &other).unwrap().p.is_nan());
    assert!(spearman(&other, &flat).unwrap().r.is_nan());
    assert!(cohens_d(&flat, &flat).unwrap().is_nan());
    assert_eq!(rank_biserial(&flat, &flat).unwrap(), 0.0);
    let roc = auroc(&[1.0, 1.0, 1.0], &[true, false, false], 0.95).unwrap();
    assert_eq!(roc.area, 0.5);
    assert!(roc.standard_error.is_nan() && roc.interval.0.is_nan());
    // A single sample a group: defined where the test is, an error where it is not.
    assert!(student_t(&[1.0], &[2.0, 3.0]).is_ok());
    assert_eq!(mann_whitney(&[1.0], &[2.0], Method::Auto).unwrap().p, 1.0);
    assert!(welch_t(&[1.0], &[2.0, 3.0]).is_err());
}

#[test]
fn what_cannot_be_meant_is_refused_with_a_remedy() {
    let refused = |result: gsae::Result<f64>, part: &str| {
        let message = result.expect_err("refused").to_string();
        assert!(message.contains(part), "{message}");
        assert!(message.ends_with('.'), "{message}");
    };
    let ok = [1.0, 2.0, 3.0];
    let nan = [1.0, f64::NAN, 3.0];
    refused(
        welch_t(&nan, &ok).map(|t| t.p),
        "the first group has NaN at position 2",
    );
    refused(
        welch_t(&ok, &[]).map(|t| t.p),
        "the second group has 0 observations",
    );
    refused(paired_t(&ok, &ok[..2]).map(|t| t.p), "3 and 2 entries");
    refused(
        mann_whitney(&[], &ok, Method::Auto).map(|t| t.p),
        "0 observations",
    );
    let many: Vec<f64> = (0..200).map(f64::from).collect();
    refused(
        mann_whitney(&many, &many, Method::Exact).map(|t| t.p),
        "too large",
    );
    refused(
        kruskal_wallis(&[&ok]).map(|t| t.p),
        "1 groups cannot be compared",
    );
    refused(
        anova(&[&[1.0], &[2.0]]).map(|t| t.p),
        "2 observations, and 3",
    );
    refused(
        pearson(&ok[..2], &ok[..2]).map(|t| t.p),
        "2 observations, and 3",
    );
    refused(
        auroc(&ok, &[true; 3], 0.95).map(|t| t.area),
        "negative class has 0",
    );
    refused(
        auroc(&ok, &[true, false, true], 95.0).map(|t| t.area),
        "level of 95",
    );
    refused(
        benjamini_hochberg(&[0.1, 1.5]).map(|p| p[0]),
        "1.5 at position 2 is no p-value",
    );
    refused(holm(&[-0.1]).map(|p| p[0]), "no p-value");
    assert!(benjamini_hochberg(&[]).unwrap().is_empty());
}

/// Under permuted labels p-values are uniform.
#[test]
fn calibrated_under_permuted_labels() {
    use rand::{SeedableRng, seq::SliceRandom};
    let (values, genes) = expression();
    let width = genes.len();
    let random = &mut rand_chacha::ChaCha8Rng::seed_from_u64(5);
    let mut welch = Vec::new();
    let mut rank = Vec::new();
    let mut groups = Vec::new();
    let mut order: Vec<usize> = (0..values.len() / width).collect();
    for gene in 0..width {
        order.shuffle(random);
        let column: Vec<f64> = order
            .iter()
            .map(|sample| values[sample * width + gene])
            .collect();
        let (a, b) = column.split_at(column.len() / 2);
        welch.push(welch_t(a, b).unwrap().p);
        rank.push(mann_whitney(a, b, Method::Auto).unwrap().p);
        groups.push(kruskal_wallis(&[&a[..10], &a[10..], b]).unwrap().p);
    }
    for (name, p) in [
        ("welch", welch),
        ("mann-whitney", rank),
        ("kruskal", groups),
    ] {
        let ks = kolmogorov_smirnov(p);
        println!("{name}: KS p {ks:.3}");
        assert!(ks > 0.01, "{name}: {ks}");
    }
}

/// The p-value of Kolmogorov and Smirnov's test of uniformity.
fn kolmogorov_smirnov(mut p: Vec<f64>) -> f64 {
    p.sort_by(f64::total_cmp);
    let n = p.len() as f64;
    let distance = p.iter().enumerate().fold(0.0, |most: f64, (at, p)| {
        most.max((p - at as f64 / n).abs())
            .max(((at + 1) as f64 / n - p).abs())
    });
    let x = distance * (n.sqrt() + 0.12 + 0.11 / n.sqrt());
    let term = |k: i32| {
        let sign = if k % 2 == 1 { 2.0 } else { -2.0 };
        sign * (-2.0 * f64::from(k * k) * x * x).exp()
    };
    (1..100).map(term).sum::<f64>().clamp(0.0, 1.0)
}

#[test]
fn delongs_interval_covers() {
    // The published form, pair by pair: variances of the rows' and columns' means.
    let scores = [0.3, 0.5, 0.5, 0.9, 0.1, 0.4, 0.5, 0.2];
    let positive = [true, true, true, true, false, false, false, false];
    let psi = |x: f64, y: f64| {
        if x > y {
            1.0
        } else if x == y {
            0.5
        } else {
            0.0
        }
    };
    let (above, below) = scores.split_at(4);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let rows: Vec<f64> = above
        .iter()
        .map(|x| mean(&below.iter().map(|y| psi(*x, *y)).collect::<Vec<_>>()))
        .collect();
    let columns: Vec<f64> = below
        .iter()
        .map(|y| mean(&above.iter().map(|x| psi(*x, *y)).collect::<Vec<_>>()))
        .collect();
    let variance = |v: &[f64]| v.iter().map(|x| (x - mean(v)).powi(2)).sum::<f64>() / 3.0 / 4.0;
    let roc = auroc(&scores, &positive, 0.95).unwrap();
    assert!((roc.area - mean(&rows)).abs() < 1e-15);
    let error = (variance(&rows) + variance(&columns)).sqrt();
    assert!((roc.standard_error - error).abs() < 1e-15);
    assert!((roc.interval.0 - (roc.area - 1.959_963_984_540_054 * error)).abs() < 1e-12);
    assert_eq!(roc.interval.1, 1.0);
}

#[test]
fn spearman_tails_are_those_of_all_orders() {
    let swap = |n: usize, pairs: &[usize]| {
        let x: Vec<f64> = (0..n).map(|at| at as f64).collect();
        let mut y = x.clone();
        pairs.iter().for_each(|at| y.swap(*at, at + 1));
        (x, y)
    };
    let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
    for n in [9, 10, 12] {
        // One swap of neighbours: n orders as close to either end, n - 1 of them by a swap.
        let (x, y) = swap(n, &[3]);
        let exact = spearman_exact(&x, &y).unwrap();
        let expected = 2.0 * n as f64 / factorial(n);
        assert!((exact.p / expected - 1.0).abs() < 1e-12, "{n}: {exact:?}");
        assert!(spearman(&x, &y).unwrap().p < exact.p / 20.0);
    }
    let tied = spearman_exact(&[1.0, 1.0, 2.0, 3.0], &[1.0, 2.0, 2.0, 2.0]).unwrap();
    // y has four orders, by where its 1 stands: sums of products 8, 8, -4 and -12.
    assert!((tied.p - 0.75).abs() < 1e-12, "{tied:?}");
    // The curve is close in the body and never below far out.
    for pairs in [&[0, 3, 6, 9][..], &[5], &[]] {
        let (x, y) = swap(12, pairs);
        let (exact, curve) = (
            spearman_exact(&x, &y).unwrap(),
            spearman_curve(&x, &y).unwrap(),
        );
        assert!(curve.p >= exact.p, "{pairs:?}: {curve:?} {exact:?}");
    }
    let x: Vec<f64> = (0..12).map(f64::from).collect();
    let y: Vec<f64> = (0..12).map(|at| f64::from(at * 5 % 12)).collect();
    let (exact, curve) = (
        spearman_exact(&x, &y).unwrap(),
        spearman_curve(&x, &y).unwrap(),
    );
    assert!(
        (curve.p / exact.p - 1.0).abs() < 0.04,
        "{curve:?} {exact:?}"
    );
    assert!(spearman_exact(&[0.0; 13], &[0.0; 13]).is_err());
}
