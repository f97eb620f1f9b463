//! Scores of samples against decoupler 2.2.0 and GSEApy 1.3.1, and at their edges.

#[path = "common/reference.rs"]
mod reference;

use gsae::stats::hypothesis::benjamini_hochberg;
use gsae::stats::scores::*;
use reference::{Table, assert_close, expression, sets};

struct Data {
    values: Vec<f64>,
    genes: usize,
    sets: Vec<Members>,
}

impl Data {
    fn read() -> Self {
        let (values, genes) = expression();
        let (_, sets) = sets(&genes);
        Self {
            values,
            genes: genes.len(),
            sets: sets.into_iter().map(Members::new).collect(),
        }
    }

    fn samples(&self) -> Samples<'_, f64> {
        Samples::new(&self.values, self.genes).unwrap()
    }

    /// Whether two genes of a sample have one value.
    fn tied(&self, sample: usize) -> bool {
        let mut row = self.values[sample * self.genes..(sample + 1) * self.genes].to_vec();
        row.sort_by(f64::total_cmp);
        row.windows(2).any(|pair| pair[0] == pair[1])
    }
}

/// The largest absolute difference, which must not pass `tolerance`.
fn assert_near(what: &str, values: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(values.len(), expected.len(), "{what}");
    let worst = values
        .iter()
        .zip(expected)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max);
    println!("{what}: {worst:.1e}");
    assert!(worst <= tolerance, "{what}: {worst:e}");
}

/// decoupler reports p-values adjusted within a sample, in single precision.
fn adjusted(estimates: &Estimates, width: usize) -> Vec<f64> {
    let rows = estimates.p.chunks(width);
    rows.flat_map(|row| benjamini_hochberg(row).unwrap())
        .collect()
}

#[test]
fn linear_models_of_the_reference() {
    let data = Data::read();
    let width = data.sets.len();
    let samples = data.samples();
    let z = |center| z_score(&samples, &data.sets, center).unwrap();
    for (name, found) in [
        ("ulm", ulm(&samples, &data.sets).unwrap()),
        ("mlm", mlm(&samples, &data.sets).unwrap()),
        ("zscore", z(ZScoreCenter::SampleMean)),
    ] {
        let scores = Table::read(&format!("{name}_decoupler_score.tsv"));
        assert_close(name, &found.scores, &scores.values, 1e-9);
        let p = Table::read(&format!("{name}_decoupler_p.tsv")).values;
        if name == "mlm" {
            // Not adjusted, and 1 - cdf there, which keeps 16 decimals at best.
            assert_near("mlm p", &found.p, &p, 1e-12);
        } else {
            assert_near(&format!("{name} p"), &adjusted(&found, width), &p, 1e-7);
        }
    }
    // Without the sample's mean: positive everywhere on expression, as it must be.
    assert!(
        z(ZScoreCenter::Zero)
            .scores
            .iter()
            .all(|score| *score > 5.0)
    );
}

/// decoupler estimates mean and SD over permutations from a sample of them; ours are exact.
#[test]
fn permuted_means_of_the_reference() {
    let data = Data::read();
    let found = permutation_z(&data.samples(), &data.sets).unwrap();
    let expected = Table::read("waggr_decoupler_score.tsv").values;
    let worst = found
        .scores
        .iter()
        .zip(&expected)
        .map(|(z, estimate)| (z - estimate).abs() / (1.0 + z * z / 2.0).sqrt())
        .fold(0.0, f64::max);
    println!("waggr: {worst:.3} SD, scaled");
    // Standard errors of mean and SD from 1,000 permutations: sqrt((1 + z^2 / 2) / 1000).
    assert!(worst < 5.0 / 1000f64.sqrt());
    let p = Table::read("waggr_decoupler_p.tsv").values;
    assert_near("waggr p", &adjusted(&found, data.sets.len()), &p, 0.1);
}

#[test]
fn aucell_of_the_reference() {
    let data = Data::read();
    let expected = Table::read("aucell_decoupler_score.tsv").values;
    let order = AucellOptions {
        ties: Ties::First,
        ..AucellOptions::default()
    };
    let found = aucell(&data.samples(), &data.sets, &order).unwrap();
    assert_near("aucell", &found, &expected, 1e-14);
    assert!(found.iter().all(|score| (0.0..=1.0).contains(score)));
    let average = aucell(&data.samples(), &data.sets, &AucellOptions::default()).unwrap();
    let width = data.sets.len();
    for sample in (0..40).filter(|&sample| !data.tied(sample)) {
        assert_eq!(
            average[sample * width..][..width],
            found[sample * width..][..width]
        );
    }
}

#[test]
fn ssgsea_of_the_reference() {
    let data = Data::read();
    let expected = Table::read("ssgsea_gseapy_es.tsv").values;
    let width = data.sets.len();
    let order = SsgseaOptions {
        ties: Ties::Last,
        ..SsgseaOptions::default()
    };
    let found = ssgsea(&data.samples(), &data.sets, &order).unwrap();
    assert_near("ssgsea", &found, &expected, 1e-9);
    let average = ssgsea(&data.samples(), &data.sets, &SsgseaOptions::default()).unwrap();
    assert_near("ssgsea, expected ties", &average, &expected, 0.2);
    for sample in (0..40).filter(|&sample| !data.tied(sample)) {
        let range = sample * width..(sample + 1) * width;
        assert_near(
            "untied sample",
            &average[range.clone()],
            &expected[range],
            1e-9,
        );
    }
    let scaled = SsgseaOptions {
        normalize: true,
        ..order
    };
    let scaled = ssgsea(&data.samples(), &data.sets, &scaled).unwrap();
    let most = scaled.iter().copied().fold(f64::NAN, f64::max);
    let least = scaled.iter().copied().fold(f64::NAN, f64::min);
    assert!((most - least - 1.0).abs() < 1e-12);
}

#[test]
fn gsva_of_the_reference() {
    let data = Data::read();
    let expected = Table::read("gsva_gseapy.tsv").values;
    let table = GsvaOptions {
        kernel: Kernel::GaussianTable,
        ..GsvaOptions::default()
    };
    let found = gsva(&data.samples(), &data.sets, &table).unwrap();
    assert_near("gsva, table", &found, &expected, 1e-9);
    // Without the table's rounding some genes next to each other change places.
    let exact = gsva(&data.samples(), &data.sets, &GsvaOptions::default()).unwrap();
    assert_near("gsva", &exact, &expected, 0.02);
}

#[test]
fn single_precision_changes_little() {
    let data = Data::read();
    let values: Vec<f32> = data.values.iter().map(|value| *value as f32).collect();
    let samples = Samples::new(&values, data.genes).unwrap();
    let double = ulm(&data.samples(), &data.sets).unwrap();
    assert_near(
        "ulm",
        &ulm(&samples, &data.sets).unwrap().scores,
        &double.scores,
        1e-5,
    );
    let options = GsvaOptions::default();
    let double = gsva(&data.samples(), &data.sets, &options).unwrap();
    assert_near(
        "gsva",
        &gsva(&samples, &data.sets, &options).unwrap(),
        &double,
        1e-2,
    );
}

/// Genes in another order, samples alone, and any number of threads: the same scores.
#[test]
fn nothing_depends_on_order_company_or_threads() {
    let data = Data::read();
    let samples = data.samples();
    let turned: Vec<f64> = data
        .values
        .chunks(data.genes)
        .flat_map(|row| row.iter().rev().copied())
        .collect();
    let turned = Samples::new(&turned, data.genes).unwrap();
    let last = data.genes as u32 - 1;
    let turned_sets: Vec<Members> = data
        .sets
        .iter()
        .map(|set| Members::new(set.genes().iter().map(|gene| last - gene).collect()))
        .collect();
    let alone = Samples::new(&data.values[..data.genes], data.genes).unwrap();
    type Score = fn(&Samples<f64>, &[Members]) -> Vec<f64>;
    let all: [(&str, Score, bool); 7] = [
        ("ulm", |x, s| ulm(x, s).unwrap().scores, true),
        ("mlm", |x, s| mlm(x, s).unwrap().scores, true),
        (
            "z",
            |x, s| z_score(x, s, ZScoreCenter::SampleMean).unwrap().scores,
            true,
        ),
        (
            "aucell",
            |x, s| aucell(x, s, &AucellOptions::default()).unwrap(),
            true,
        ),
        (
            "ssgsea",
            |x, s| ssgsea(x, s, &SsgseaOptions::default()).unwrap(),
            true,
        ),
        ("mean z", |x, s| mean_z(x, s).unwrap(), false),
        (
            "gsva",
            |x, s| gsva(x, s, &GsvaOptions::default()).unwrap(),
            false,
        ),
    ];
    for (name, score, alone_too) in all {
        let found = score(&samples, &data.sets);
        assert_near(name, &score(&turned, &turned_sets), &found, 1e-9);
        if alone_too {
            assert_eq!(
                score(&alone, &data.sets),
                found[..data.sets.len()],
                "{name}"
            );
        }
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(3)
            .build()
            .unwrap();
        assert_eq!(
            pool.install(|| score(&samples, &data.sets)),
            found,
            "{name}"
        );
    }
}

#[test]
fn poisson_and_empirical_kernels() {
    let counts = [0.0, 4.0, 1.0, 9.0, 3.0, 2.0, 7.0, 0.0, 5.0, 0.0, 2.0, 2.0];
    let samples = Samples::new(&counts, 3).unwrap();
    let sets = [Members::new(vec![0])];
    for kernel in [Kernel::Poisson, Kernel::Empirical, Kernel::Gaussian] {
        let options = GsvaOptions {
            kernel,
            ..GsvaOptions::default()
        };
        let scores = gsva(&samples, &sets, &options).unwrap();
        assert!(
            scores.iter().all(|score| (-1.0..=1.0).contains(score)),
            "{scores:?}"
        );
        // The first gene is highest in the second sample and low in the fourth.
        assert!(scores[1] > 0.9 && scores[3] < 0.1, "{kernel:?} {scores:?}");
    }
    let options = GsvaOptions {
        kernel: Kernel::Poisson,
        ..GsvaOptions::default()
    };
    let half = [0.5, 1.0, 2.0, 3.0];
    let error = gsva(&Samples::new(&half, 2).unwrap(), &sets, &options).expect_err("no counts");
    assert!(error.to_string().contains("gene 1 of sample 1 is 0.5"));
}

#[test]
fn edges_are_defined_or_refused() {
    // Sample 2 is constant, gene 3 never varies.
    let values = [
        1.0f32, 3.0, 2.0, 5.0, 2.0, 2.0, 2.0, 2.0, 0.0, 1.0, 2.0, 9.0,
    ];
    let samples = Samples::new(&values, 4).unwrap();
    let sets = [
        Members::new(vec![0, 3]),
        Members::new(vec![]),
        Members::new(vec![0, 1, 2, 3]),
        Members::new(vec![2]),
    ];
    let nan = |values: &[f64]| {
        values
            .iter()
            .map(|value| value.is_nan())
            .collect::<Vec<_>>()
    };
    let (yes, no) = (true, false);
    let found = ulm(&samples, &sets).unwrap();
    assert_eq!(
        nan(&found.scores),
        [no, yes, yes, no, yes, yes, yes, yes, no, yes, yes, no]
    );
    assert_eq!(nan(&found.p), nan(&found.scores));
    let found = z_score(&samples, &sets, ZScoreCenter::SampleMean).unwrap();
    assert_eq!(
        nan(&found.scores),
        [no, yes, no, no, yes, yes, yes, yes, no, yes, no, no]
    );
    let found = mean_z(&samples, &sets).unwrap();
    assert_eq!(nan(&found), [no, yes, no, no].repeat(3));
    assert!(found.iter().skip(3).step_by(4).all(|score| *score == 0.0));
    let top = AucellOptions {
        top: Some(3),
        ..AucellOptions::default()
    };
    let found = aucell(&samples, &sets, &top).unwrap();
    assert_eq!(nan(&found), [no, yes, no, no].repeat(3));
    // All genes tied: a set has its share of the area by chance, (2 + 1) / 4 a gene.
    assert_eq!(found[4], 2.0 * 0.75 / 3.0);
    let found = ssgsea(&samples, &sets, &SsgseaOptions::default()).unwrap();
    assert_eq!(nan(&found), [no, yes, yes, no].repeat(3));
    assert_eq!(found[4], 0.0);
    let found = gsva(&samples, &sets, &GsvaOptions::default()).unwrap();
    assert_eq!(nan(&found), [no, yes, yes, yes].repeat(3));
    let few = [Members::new(vec![0, 3]), Members::new(vec![])];
    let found = mlm(&samples, &few).unwrap();
    assert_eq!(nan(&found.scores), [no, yes, yes, yes, no, yes]);

    let message = |result: gsae::Result<Vec<f64>>| result.expect_err("refused").to_string();
    let outside = [Members::new(vec![4])];
    assert!(message(ulm(&samples, &outside).map(|e| e.scores)).contains("gene set 1 has gene 4"));
    let twice = [Members::new(vec![0]), Members::new(vec![1, 1])];
    assert!(message(mean_z(&samples, &twice)).contains("gene set 2 has gene 1 twice"));
    let same = [Members::new(vec![0]), Members::new(vec![0])];
    assert!(
        message(mlm(&samples, &same).map(|e| e.scores)).contains("gene set 2 are a combination")
    );
    let all = [Members::new(vec![0, 1, 2, 3])];
    assert!(
        message(mlm(&samples, &all).map(|e| e.scores)).contains("gene set 1 are a combination")
    );
    let many = [0, 1, 2].map(|gene| Members::new(vec![gene]));
    assert!(message(mlm(&samples, &many).map(|e| e.scores)).contains("told apart by 4 genes"));
    let one = Samples::new(&values[..4], 4).unwrap();
    assert!(message(mean_z(&one, &sets)).contains("1 observations, and 2"));
    assert!(message(gsva(&one, &sets, &GsvaOptions::default())).contains("1 observations, and 2"));
    let top = AucellOptions {
        top: Some(5),
        ..AucellOptions::default()
    };
    assert!(message(aucell(&samples, &sets, &top)).contains("top 5 of 4"));
    assert!(Members::weighted(vec![0], vec![]).is_err());
    assert!(Members::weighted(vec![0], vec![f64::NAN]).is_err());
    let error = Samples::new(&[0.0f32, 1.0, f32::INFINITY, 2.0], 2).expect_err("infinite");
    assert!(error.to_string().contains("gene 1 of sample 2 is inf"));
    assert!(Samples::new(&values, 5).is_err());
    // No sample is no error: there is nothing to score.
    assert!(
        ulm(&Samples::<f32>::new(&[], 4).unwrap(), &sets)
            .unwrap()
            .scores
            .is_empty()
    );
}

/// Weights turn a set round, and scale nothing.
#[test]
fn weights() {
    let data = Data::read();
    let samples = data.samples();
    let with = |weight: f64| -> Vec<Members> {
        let weigh =
            |set: &Members| Members::weighted(set.genes().to_vec(), vec![weight; set.len()]);
        data.sets.iter().map(|set| weigh(set).unwrap()).collect()
    };
    let plain = ulm(&samples, &data.sets).unwrap().scores;
    let double = ulm(&samples, &with(2.5)).unwrap().scores;
    let turned = ulm(&samples, &with(-1.0)).unwrap().scores;
    assert_near("scaled", &double, &plain, 1e-9);
    assert_near(
        "turned",
        &turned,
        &plain.iter().map(|t| -t).collect::<Vec<_>>(),
        1e-9,
    );
}
