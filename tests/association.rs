//! Associations of nodes with labels: against scipy's numbers, by hand, with what was planted,
//! and at their edges.

mod common;
#[path = "common/reference.rs"]
mod reference;

use common::{Design, planted};
use gsae::association::*;
use gsae::expression::SampleTable;
use gsae::nn::random_stream;
use gsae::stats::hypothesis::{paired_t, student_t, wilcoxon_signed_rank};
use gsae::stats::survival::log_rank;
use gsae::training::Silent;
use gsae::{FitOptions, ScoreTable, fit};
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use reference::{Table, assert_close};
use std::fmt::Write;
use std::path::Path;

fn normal(random: &mut rand_chacha::ChaCha8Rng) -> f64 {
    StandardNormal.sample(random)
}

fn table(samples: usize, columns: &[&str], values: Vec<f32>) -> ScoreTable {
    let samples = (0..samples).map(|at| format!("s{at}")).collect();
    let columns = columns.iter().map(|name| (*name).to_owned()).collect();
    ScoreTable::new(samples, columns, values).expect("a table")
}

fn join(scores: &ScoreTable, text: &str) -> Labels {
    let path = Path::new("labels.tsv");
    let table = SampleTable::parse(text, path).expect("labels");
    Labels::join(scores, &table, path).expect("samples in common")
}

/// Labels of samples s0, s1, ...
fn labels(scores: &ScoreTable, header: &str, row: impl Fn(usize) -> String) -> Labels {
    let mut text = format!("sample\t{header}\n");
    for (at, sample) in scores.samples().iter().enumerate() {
        writeln!(text, "{sample}\t{}", row(at)).expect("a string");
    }
    join(scores, &text)
}

fn two(found: &Comparison) -> &EachGroup {
    match &found.findings {
        Findings::Two(own) => own,
        other => panic!("two groups, not {other:?}"),
    }
}

/// The genes of the reference as nodes, and its groups.
fn reference_cohort() -> (ScoreTable, Labels, usize) {
    let genes = Table::read("expression.tsv");
    let (n_genes, n) = (Table::read("tests.tsv").rows.len(), genes.columns.len());
    let values = (0..n).flat_map(|sample| {
        let genes = &genes;
        (0..n_genes).map(move |gene| genes.row(gene)[sample] as f32)
    });
    let values = values.collect();
    let scores = ScoreTable::new(
        genes.columns.clone(),
        genes.rows[..n_genes].to_vec(),
        values,
    )
    .unwrap();
    let labels = join(&scores, &reference::text("labels.tsv"));
    (scores, labels, n_genes)
}

#[test]
fn comparisons_of_the_reference() {
    let (scores, labels, n_genes) = reference_cohort();
    let expected = Table::read("tests.tsv");
    let by = |test: &str, two: bool| CompareOptions {
        test: Some(test.parse().unwrap()),
        group: two.then(|| "a".to_owned()),
        reference: two.then(|| "b".to_owned()),
        ..CompareOptions::by("group")
    };
    // Values went through single precision, which costs digits of p far out.
    for (test, p, statistic, adjusted) in [
        ("welch", "welch_p", "welch_t", Some("welch_bh")),
        ("student", "student_p", "student_t", None),
        ("mann-whitney", "mwu_p", "mwu_u", None),
    ] {
        let found = compare(&scores, &labels, &by(test, true)).unwrap();
        let mut own = two(&found).clone();
        assert_eq!((own.sizes, own.nodes.len()), ((14, 14), n_genes));
        assert!(own.nodes.is_sorted_by(|a, b| a.p <= b.p));
        own.nodes.sort_by_key(|node| node.node);
        let column = |of: fn(&NodeContrast) -> f64| own.nodes.iter().map(of).collect::<Vec<_>>();
        assert_close(p, &column(|node| node.p), &expected.column(p), 1e-3);
        assert_close(
            statistic,
            &column(|node| node.statistic),
            &expected.column(statistic),
            1e-3,
        );
        if let Some(name) = adjusted {
            assert_close(
                name,
                &column(|node| node.adjusted_p),
                &expected.column(name),
                1e-3,
            );
        }
    }
    for (test, p) in [("anova", "anova_p"), ("kruskal-wallis", "kruskal_p")] {
        let found = compare(&scores, &labels, &by(test, false)).unwrap();
        let Findings::Groups { mut nodes, each } = found.findings else {
            panic!("three groups");
        };
        nodes.sort_by_key(|node| node.node);
        let own: Vec<f64> = nodes.iter().map(|node| node.p).collect();
        assert_close(p, &own, &expected.column(p), 1e-3);
        let names: Vec<&str> = each.iter().map(|own| own.group.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        assert_eq!(
            (each[2].sizes, each[2].reference.as_str()),
            ((12, 28), "rest")
        );
    }
}

#[test]
fn donors_count_once_and_are_their_own_controls() {
    // Four donors with two cells in each condition; one value is missing.
    let a = [1.0, 3.0, 2.0, 2.0, 5.0, 6.0, 4.0, 8.0f32];
    let b = [0.0, 1.0, 3.0, 0.0, 2.0, f32::NAN, 3.0, 3.0];
    let scores = table(16, &["node"], [a, b].concat());
    let labels = labels(&scores, "donor\tcondition", |at| {
        format!("d{}\t{}", at % 8 / 2, ["case", "control"][at / 8])
    });
    let options = CompareOptions {
        donor: Some("donor".to_owned()),
        ..CompareOptions::by("condition")
    };
    let found = compare(&scores, &labels, &options).unwrap();
    let (case, control) = ([2.0, 2.0, 5.5, 6.0], [0.5, 1.5, 2.0, 3.0]);
    let own = two(&found);
    let expected = paired_t(&case, &control).unwrap();
    assert!(found.donors && own.paired && own.sizes == (4, 4));
    assert_eq!(
        (own.group.as_str(), own.reference.as_str()),
        ("case", "control")
    );
    let node = own.nodes[0];
    assert!((node.p - expected.p).abs() < 1e-12 && (node.statistic - expected.t).abs() < 1e-12);
    assert_eq!(node.direction("case"), "up in case");
    assert!(node.auroc_interval.0.is_nan());
    // Rank tests become signed rank tests; a linear model has the donors as a factor.
    let rank = CompareOptions {
        test: Some(Test::MannWhitney),
        ..options.clone()
    };
    let found = compare(&scores, &labels, &rank).unwrap();
    let expected_rank = wilcoxon_signed_rank(&case, &control).unwrap();
    assert_eq!(two(&found).nodes[0].p, expected_rank.p);
    let linear = CompareOptions {
        test: Some(Test::Linear),
        ..options.clone()
    };
    let found = compare(&scores, &labels, &linear).unwrap();
    assert!((two(&found).nodes[0].p - expected.p).abs() < 1e-9);
    // The weights make the difference out of the cells, where no score is missing.
    let weights = &own.weights;
    assert_eq!(weights.len(), 16);
    assert!((weights[0] - 0.125).abs() < 1e-12 && (weights[8] + 0.125).abs() < 1e-12);
}

#[test]
fn covariates_take_their_part() {
    // The node follows age; cases are older. The group has no effect of its own.
    let random = &mut random_stream(3, "covariates");
    let n = 60;
    let case = |at: usize| at.is_multiple_of(2);
    let mut ages = Vec::new();
    let values: Vec<f32> = (0..n)
        .map(|at| {
            let age = if case(at) { 60.0 } else { 45.0 } + 5.0 * normal(random);
            ages.push(age);
            (0.2 * age + normal(random)) as f32
        })
        .collect();
    let scores = table(n, &["node"], values.clone());
    let labels = labels(&scores, "status\tage\tsex", |at| {
        format!(
            "{}\t{}\t{}",
            ["case", "healthy"][at % 2],
            ages[at],
            ["f", "m"][at / 2 % 2]
        )
    });
    let plain = compare(&scores, &labels, &CompareOptions::by("status")).unwrap();
    assert!(two(&plain).nodes[0].p < 1e-8);
    assert_eq!(two(&plain).reference, "healthy");
    let adjusted = CompareOptions {
        covariates: vec!["age".to_owned(), "sex".to_owned()],
        ..CompareOptions::by("status")
    };
    let adjusted = compare(&scores, &labels, &adjusted).unwrap();
    assert_eq!(adjusted.test, Test::Linear);
    let node = two(&adjusted).nodes[0];
    assert!(node.p > 0.05 && node.difference.abs() < 1.0, "{node:?}");
    // The weights make the adjusted difference.
    let weights = two(&adjusted).weights.iter().zip(&values);
    let sum: f64 = weights
        .map(|(weight, value)| weight * f64::from(*value))
        .sum();
    assert!((sum - node.difference).abs() < 1e-9);
    // Along a number, with the group as covariate; and a test that cannot adjust.
    let along = |test| CompareOptions {
        covariates: vec!["status".to_owned()],
        test,
        ..CompareOptions::by("age")
    };
    let trend = compare(&scores, &labels, &along(None)).unwrap();
    let Findings::Trend { nodes, .. } = &trend.findings else {
        panic!("a number");
    };
    assert!(nodes[0].r > 0.5 && nodes[0].direction("age") == "rises with age");
    assert!(compare(&scores, &labels, &along(Some(Test::Spearman))).is_err());
    // Without covariates, the linear model is Student's test.
    let linear = CompareOptions {
        test: Some(Test::Linear),
        ..CompareOptions::by("status")
    };
    let linear = compare(&scores, &labels, &linear).unwrap();
    let side = |of: bool| -> Vec<f64> {
        let own = values.iter().enumerate().filter(|(at, _)| case(*at) == of);
        own.map(|(_, value)| f64::from(*value)).collect()
    };
    let expected = student_t(&side(true), &side(false)).unwrap();
    assert!((two(&linear).nodes[0].statistic / expected.t - 1.0).abs() < 1e-9);
}

#[test]
fn few_donors_have_exact_rank_correlations() {
    // Six donors in perfect order: 2 of 720 orders are as extreme.
    let values = (0..12).map(|at| (at / 2 * at / 2) as f32).collect();
    let scores = table(12, &["node"], values);
    let labels = labels(&scores, "donor\tage", |at| {
        format!("d{}\t{}", at / 2, 30 + at / 2)
    });
    let options = CompareOptions {
        donor: Some("donor".to_owned()),
        ..CompareOptions::by("age")
    };
    let found = compare(&scores, &labels, &options).unwrap();
    let Findings::Trend { nodes, weights } = found.findings else {
        panic!("a number");
    };
    assert_eq!((nodes[0].size, nodes[0].r), (6, 1.0));
    assert!((nodes[0].p - 2.0 / 720.0).abs() < 1e-12);
    assert!(weights.iter().sum::<f64>().abs() < 1e-12);
}

#[test]
fn several_groups_of_donors_are_blocks() {
    // Donors differ by far more than groups; within donors b is above a and c.
    let random = &mut random_stream(5, "blocks");
    let effects: Vec<f64> = (0..6).map(|_| 10.0 * normal(random)).collect();
    let values: Vec<f32> = (0..36)
        .map(|at| {
            let group = if at / 2 % 3 == 1 { 2.0 } else { 0.0 };
            (effects[at / 6] + group + 0.3 * normal(random)) as f32
        })
        .collect();
    let scores = table(36, &["node"], values);
    let labels = labels(&scores, "donor\tgroup", |at| {
        format!("d{}\t{}", at / 6, ["a", "b", "c"][at / 2 % 3])
    });
    let by = |donor: bool, test: Option<Test>| CompareOptions {
        donor: donor.then(|| "donor".to_owned()),
        test,
        ..CompareOptions::by("group")
    };
    let found = compare(&scores, &labels, &by(true, None)).unwrap();
    let Findings::Groups { nodes, each } = &found.findings else {
        panic!("three groups");
    };
    assert!(nodes[0].p < 1e-6 && nodes[0].extremes.0 == "b", "{nodes:?}");
    assert!(each[1].paired && each[1].sizes == (6, 6) && each[1].nodes[0].sign == 1);
    assert!(each[1].nodes[0].p < 1e-4);
    let unblocked = compare(&scores, &labels, &by(false, None)).unwrap();
    let Findings::Groups { nodes, .. } = &unblocked.findings else {
        panic!("three groups");
    };
    assert!(nodes[0].p > 0.05);
    let refused = compare(&scores, &labels, &by(true, Some(Test::MannWhitney)));
    assert!(refused.unwrap_err().to_string().contains("use anova"));
}

#[test]
fn what_cannot_be_compared_is_refused_with_its_name() {
    let values: Vec<f32> = (0..12).map(|at| ((at * 7) % 5) as f32).collect();
    let scores = table(12, &["node"], values);
    let labels = labels(&scores, "group\tdonor\tage\tsame\tempty\tsmall", |at| {
        let small = if at == 0 { "x" } else { "y" };
        format!(
            "{}\td{}\t{}\tz\tNA\t{small}",
            ["p", "q"][at % 2],
            at % 4,
            at * 3
        )
    });
    let error = |options: CompareOptions| {
        let refused = compare(&scores, &labels, &options).expect_err("a refusal");
        println!("{refused}");
        refused.to_string()
    };
    let by = CompareOptions::by;
    assert!(error(by("nothing")).contains("group, donor, age, same, empty, small"));
    assert!(error(by("same")).contains("\"z\""));
    assert!(error(by("empty")).contains("labels.tsv, field empty"));
    assert!(error(by("small")).contains("\"x of small\" has 1 sample,"));
    let level = |name: &str| CompareOptions {
        reference: Some(name.to_owned()),
        ..by("group")
    };
    assert!(error(level("r")).contains("\"group\" has p, q"));
    let donors = CompareOptions {
        donor: Some("donor".to_owned()),
        ..by("group")
    };
    assert!(error(donors).contains("has 2 donors, and 3 are needed"));
    let collinear = CompareOptions {
        covariates: vec!["donor".to_owned()],
        ..by("group")
    };
    assert!(error(collinear).contains("cannot be told apart"));
    let text = CompareOptions {
        kind: Some(Kind::Number),
        ..by("group")
    };
    assert!(error(text).contains("is no number"));
    let wrong = CompareOptions {
        test: Some(Test::Welch),
        kind: Some(Kind::Number),
        ..by("age")
    };
    assert!(error(wrong).contains("--test"));
    let covariate = CompareOptions {
        covariates: vec!["group".to_owned()],
        ..by("group")
    };
    assert!(error(covariate).contains("--covariates"));
}

/// A cohort whose sets have activities, a model of it, and follow-up that one set drives.
#[test]
fn the_set_that_drives_the_hazard_is_found() {
    let design = Design {
        samples: 200,
        genes: 1000,
        sets: 40,
        shift: 0.5,
        uneven_noise: true,
        seed: 17,
    };
    let cohort = planted(design).unwrap();
    let mut options = FitOptions::default().with_seed(1);
    options.training.epochs = 10;
    let (model, _) = fit(&cohort.expression, &cohort.sets, options, &mut Silent).unwrap();
    let scores = model.score(&cohort.expression).unwrap().activity;
    let driver = scores
        .columns()
        .iter()
        .position(|name| name == "set 7")
        .unwrap();
    let random = &mut random_stream(17, "follow-up");
    // A hazard ratio of 2.5 for one SD of set 7's activity; a covariate beside it.
    let mut rows = Vec::new();
    for at in 0..200 {
        let age = normal(random);
        let risk = 2.5f64.ln() * cohort.activity[at * 40 + 7] + 0.5 * age;
        let event = -random.random::<f64>().ln() / risk.exp();
        let censoring = -random.random::<f64>().ln() * 3.0;
        let seen = if event <= censoring { "dead" } else { "alive" };
        rows.push(format!(
            "{}\t{seen}\t{}",
            event.min(censoring),
            60.0 + 8.0 * age
        ));
    }
    let mut text = String::from("sample\tmonths\tstatus\tage\n");
    for (sample, row) in scores.samples().iter().zip(&rows) {
        writeln!(text, "{sample}\t{row}").unwrap();
    }
    let labels = join(&scores, &text);
    let options = SurvivalOptions {
        split: SplitKind::Optimal,
        covariates: vec!["age".to_owned()],
        permutations: 9999,
        ..SurvivalOptions::new("months", "status")
    };
    let found = survive(&scores, &labels, &options).unwrap();
    let first = &found.nodes[0];
    println!("{first:?}\n{:?}", found.concordance);
    assert_eq!(first.node, driver);
    assert!(first.interval.0 > 1.5 && first.adjusted_p < 1e-6 && first.split_adjusted_p < 0.01);
    assert_eq!(first.direction(), "higher activity, higher hazard");
    assert!(first.split_statistic > 4.0);
    let c = found.concordance.as_ref().unwrap();
    assert!(c.mean > 0.65 && c.folds.iter().all(|c| *c > 0.5));
    assert!(c.covariates.unwrap() < c.mean - 0.05);
    assert_eq!(c.selected[0], (driver, 5));

    // The curves part at the threshold.
    let [high, low] = survival_curves(&scores, &labels, &options, first).unwrap();
    assert_eq!(high.points()[0].at_risk, first.above);
    assert!(high.median().unwrap() < low.median().unwrap());

    // The same seed gives the same numbers; a median split has the log-rank test's p.
    let again = survive(&scores, &labels, &options).unwrap();
    assert_eq!(again.nodes, found.nodes);
    let median = SurvivalOptions {
        split: SplitKind::Median,
        folds: 0,
        ..options
    };
    let found = survive(&scores, &labels, &median).unwrap();
    let node = found.nodes.iter().find(|node| node.node == driver).unwrap();
    let times: Vec<f64> = rows
        .iter()
        .map(|row| row.split('\t').next().unwrap().parse().unwrap())
        .collect();
    let events: Vec<bool> = rows.iter().map(|row| row.contains("dead")).collect();
    let values = scores.column("set 7").unwrap();
    let high = values
        .iter()
        .map(|value| usize::from(f64::from(*value) > node.threshold));
    let high: Vec<usize> = high.collect();
    assert_eq!(high.iter().sum::<usize>(), 100);
    assert_eq!(node.split_p, log_rank(&times, &events, &high).unwrap().p);
    assert!(found.concordance.is_none());
}

#[test]
fn without_association_the_held_out_c_is_one_half() {
    let (n, nodes) = (200, 300);
    let names: Vec<String> = (0..nodes).map(|node| format!("n{node}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let draw = |seed: u64| {
        let random = &mut random_stream(seed, "no association");
        let values = (0..n * nodes).map(|_| normal(random) as f32).collect();
        let scores = table(n, &names, values);
        let follow_up: Vec<(f64, bool)> = (0..n)
            .map(|_| (-random.random::<f64>().ln(), random.random::<f64>() < 0.7))
            .collect();
        let labels = labels(&scores, "time\tevent", |at| {
            format!("{}\t{}", follow_up[at].0, follow_up[at].1)
        });
        (scores, labels)
    };
    let (draws, mut sum) = (6, 0.0);
    for seed in 0..draws {
        let (scores, labels) = draw(seed);
        let options = SurvivalOptions::new("time", "event");
        let found = survive(&scores, &labels, &options).unwrap();
        sum += found.concordance.unwrap().mean;
    }
    let mean = sum / draws as f64;
    println!("held-out c of noise, mean of {draws} draws: {mean:.3}");
    // The same nodes on the subjects they were chosen by would look good.
    assert!((mean - 0.5).abs() < 0.04, "{mean}");
    let (scores, labels) = draw(0);
    let refused = |time: &str, event: &str| {
        let options = SurvivalOptions::new(time, event);
        survive(&scores, &labels, &options)
            .expect_err("a refusal")
            .to_string()
    };
    assert!(refused("event", "event").contains("\"true\" is no number"));
    assert!(refused("time", "time").contains("field time"));
    assert!(refused("months", "event").contains("time, event"));
}

#[test]
fn classes_are_told_and_donors_are_kept_together() {
    // Three classes of 30 samples, two nodes that tell them; then labels that only donors carry.
    let random = &mut random_stream(29, "classes");
    let (centers, n) = ([(0.0, 0.0), (3.0, 0.0), (0.0, 3.0)], 90);
    let mut values = Vec::new();
    for at in 0..n {
        let (x, y) = centers[at % 3];
        values.extend([x + normal(random), y + normal(random), 1.0].map(|value| value as f32));
    }
    let scores = table(n, &["x", "y", "constant"], values);
    let shuffled: Vec<usize> = (0..n).map(|_| random.random_range(0..3)).collect();
    let labels = labels(&scores, "type\tnoise\tdonor\trare", |at| {
        let rare = if at == 0 { "one" } else { "many" };
        format!(
            "{}\t{}\td{}\t{rare}",
            ["a", "b", "c"][at % 3],
            shuffled[at],
            at / 9
        )
    });
    for classifier in [
        Classifier::Logistic { c: 1.0 },
        Classifier::Neighbors { k: 7 },
    ] {
        let by = |column: &str| ClassifyOptions {
            classifier,
            group: Some("donor".to_owned()),
            ..ClassifyOptions::by(column)
        };
        let found = classify(&scores, &labels, &by("type")).unwrap();
        println!(
            "{classifier:?}: {:.3} {:.3}",
            found.confusion.accuracy(),
            found.macro_auroc()
        );
        assert!(found.confusion.accuracy() > 0.85 && found.macro_auroc() > 0.95);
        assert!(found.baseline.accuracy() < 0.4);
        for at in 0..n {
            assert_eq!(found.fold_of[at], found.fold_of[at / 9 * 9]);
            let sum: f64 = found.probabilities[at].iter().sum();
            assert!((sum - 1.0).abs() < 1e-9);
        }
        let noise = classify(&scores, &labels, &by("noise")).unwrap();
        assert!(
            (noise.macro_auroc() - 0.5).abs() < 0.12,
            "{}",
            noise.macro_auroc()
        );
        assert_eq!(found, classify(&scores, &labels, &by("type")).unwrap());
        let refused = classify(&scores, &labels, &by("rare"))
            .unwrap_err()
            .to_string();
        assert!(refused.contains("\"one\" has one sample"), "{refused}");
    }
}

#[test]
fn clusters_are_found_in_their_number() {
    let random = &mut random_stream(31, "clusters");
    let n = 120;
    let mut values = Vec::new();
    for at in 0..n {
        let (x, y) = [(0.0, 6.0), (6.0, 0.0), (9.0, 9.0)][at % 3];
        let known = [x, y, x + y, x - y].map(|center| (center + normal(random)) as f32);
        values.extend(known);
        values.push(normal(random) as f32);
        if at == 5 {
            values[at * 5] = f32::NAN;
        }
    }
    let scores = table(n, &["x", "y", "sum", "difference", "noise"], values);
    let labels = labels(&scores, "type", |at| {
        if at < 110 {
            ["a", "b", "c"][at % 3].to_owned()
        } else {
            "NA".to_owned()
        }
    });
    let found = cluster(&scores, &ClusterOptions::default()).unwrap();
    assert_eq!(found.sizes, [40, 40, 40]);
    assert_eq!(found.tried.len(), 9);
    let beside = found.beside(&labels, "type").unwrap();
    assert!(beside.adjusted_rand_index > 0.95, "{beside:?}");
    assert_eq!(beside.counts.iter().flatten().sum::<usize>(), 110);
    assert!(
        found
            .top
            .iter()
            .all(|top| top.len() == 5 && top[0].node != 4)
    );
    assert_eq!(found.warnings.len(), 1);
    let two = ClusterOptions {
        k: Some(2),
        ..ClusterOptions::default()
    };
    assert_eq!(cluster(&scores, &two).unwrap().sizes.len(), 2);
    for k in [0, 1, 120] {
        let wrong = ClusterOptions {
            k: Some(k),
            ..ClusterOptions::default()
        };
        assert!(cluster(&scores, &wrong).is_err());
    }
}

#[test]
fn labels_that_do_not_match_are_said() {
    let scores = table(4, &["node"], vec![1.0, 2.0, 3.0, 4.0]);
    let partly = join(&scores, "name,group\ns0,\"a, b\"\ns1,c\ns2,c\nother,c\n");
    assert_eq!(partly.rows(), [0, 1, 2]);
    assert_eq!(partly.warnings().len(), 2);
    let groups = partly.texts("group", "--by").unwrap();
    assert_eq!(groups, [Some("a, b"), Some("c"), Some("c")]);
    let twice = SampleTable::parse("sample\tg\ns0\t1\ns0\t2\n", Path::new("labels.tsv"));
    let message = twice.unwrap_err().to_string();
    assert!(
        message.contains("\"s0\" stands in line 2 already"),
        "{message}"
    );
    for (text, expected) in [
        ("sample\tg\nx\t1\n", "the first is \"x\""),
        ("sample\ns0\n", "there is one column"),
    ] {
        let path = Path::new("labels.tsv");
        let table = SampleTable::parse(text, path).unwrap();
        let error = Labels::join(&scores, &table, path).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

/// Scores of one node, one a line of `rows` beside its fields.
fn cohort(header: &str, rows: &[(String, f64)]) -> (ScoreTable, Labels) {
    let values = rows.iter().map(|(_, value)| *value as f32).collect();
    let scores = table(rows.len(), &["node"], values);
    let labels = labels(&scores, header, |at| rows[at].0.clone());
    (scores, labels)
}

fn by_donor(column: &str) -> CompareOptions {
    CompareOptions {
        donor: Some("donor".to_owned()),
        ..CompareOptions::by(column)
    }
}

#[test]
fn the_rest_is_the_same_however_it_is_asked_for() {
    // Five donors with three levels of 3, 20 and 2 cells and means near 1, 0 and 3: weighted by
    // cells the rest is below a, by levels above.
    let mut rows = Vec::new();
    for donor in 0..5 {
        for (level, mean, cells) in [("a", 1.0, 3), ("b", 0.0, 20), ("c", 3.0, 2)] {
            let own = mean + 0.1 * f64::from(donor * donor % 5);
            rows.extend((0..cells).map(|_| (format!("d{donor}\t{level}\t{}", donor % 3), own)));
        }
    }
    let (scores, labels) = cohort("donor\tgroup\tbatch", &rows);
    for (test, covariates) in [
        (None, vec![]),
        (Some(Test::Linear), vec!["batch".to_owned()]),
    ] {
        let all = CompareOptions {
            test,
            covariates,
            ..by_donor("group")
        };
        let one = CompareOptions {
            group: Some("a".to_owned()),
            ..all.clone()
        };
        let alone = compare(&scores, &labels, &one).unwrap();
        let all = compare(&scores, &labels, &all).unwrap();
        let Findings::Groups { each, .. } = &all.findings else {
            panic!("three groups");
        };
        let own = two(&alone);
        assert_eq!((own.sizes, own.paired), ((5, 5), true));
        assert_eq!(own.nodes[0].sign, -1);
        assert!((own.nodes[0].difference + 0.5).abs() < 1e-6, "{own:?}");
        assert_eq!(own.weights, each[0].weights);
        let numbers = |node: &NodeContrast| (node.p, node.difference, node.sizes);
        assert_eq!(numbers(&own.nodes[0]), numbers(&each[0].nodes[0]));
    }
}

#[test]
fn several_groups_of_donors_have_the_f_of_the_blocks() {
    // An unbalanced design; F of statsmodels 0.15.0, anova_lm of y ~ C(donor) + C(group), type 2.
    let design: [(&str, &[(&str, f64)]); 7] = [
        ("d0", &[("a", 1.0), ("b", 2.5), ("c", 1.5)]),
        ("d1", &[("a", 4.0), ("b", 5.0), ("c", 5.5)]),
        ("d2", &[("a", -2.0), ("b", 0.5), ("c", -1.0)]),
        ("d3", &[("a", 3.0), ("b", 4.25), ("c", 2.75)]),
        ("d4", &[("a", 0.0), ("b", 2.0)]),
        ("d5", &[("b", 7.0), ("c", 5.25)]),
        ("d6", &[("a", 9.0)]),
    ];
    let mut rows = Vec::new();
    for (donor, levels) in design {
        for (at, (level, value)) in levels.iter().enumerate() {
            // Cells around the donor's mean, not equally many in each level.
            for cell in 0..=at {
                let off = if at > 0 {
                    cell as f64 - at as f64 / 2.0
                } else {
                    0.0
                };
                rows.push((format!("{donor}\t{level}"), value + off));
            }
        }
    }
    let (scores, labels) = cohort("donor\tgroup", &rows);
    let found = compare(&scores, &labels, &by_donor("group")).unwrap();
    let Findings::Groups { nodes, each } = &found.findings else {
        panic!("three groups");
    };
    assert!((nodes[0].statistic - 14.424_225_352_112_64).abs() < 1e-5);
    assert!((nodes[0].p - 0.002_221_687_734_723_447).abs() < 1e-7);
    // d6 says nothing within donors.
    assert_eq!(found.sizes[0], ("a".to_owned(), 5));
    assert!(
        found.warnings[0].contains("1 donor has only one group"),
        "{:?}",
        found.warnings
    );
    // a against the mean of the donor's other levels: scipy's ttest_rel.
    let a = &each[0];
    assert!(a.paired && a.sizes == (5, 5));
    assert!((a.nodes[0].statistic + 4.870_246_220_224_809).abs() < 1e-5);
    assert!((a.nodes[0].p - 0.008_218_229_702_578_024).abs() < 1e-7);
}

#[test]
fn a_few_repeated_donors_do_not_decide_the_design() {
    // Twelve donors a group with means 0, 3 and 6, of which two donors have all three groups.
    let random = &mut random_stream(41, "shared donors");
    let mut rows = Vec::new();
    for (group, name) in ["a", "b", "c"].into_iter().enumerate() {
        for donor in 0..12 {
            let own = if donor < 2 {
                donor
            } else {
                100 * group + donor
            };
            rows.push((
                format!("d{own:03}\t{name}"),
                3.0 * group as f64 + normal(random),
            ));
        }
    }
    let (scores, labels) = cohort("donor\tgroup", &rows);
    let found = compare(&scores, &labels, &by_donor("group")).unwrap();
    let Findings::Groups { nodes, each } = &found.findings else {
        panic!("three groups");
    };
    assert!(nodes[0].p < 1e-8, "{nodes:?}");
    assert_eq!(found.sizes.iter().map(|(_, size)| size).sum::<usize>(), 32);
    assert!(
        found
            .warnings
            .iter()
            .any(|text| text.contains("between 32 donors"))
    );
    assert!(each.iter().all(|own| !own.paired && own.sizes.0 >= 10));
    let rank = CompareOptions {
        test: Some(Test::MannWhitney),
        ..by_donor("group")
    };
    assert!(compare(&scores, &labels, &rank).is_ok());

    // Two groups of 30 and 33 donors with three in both: all 60 count.
    let random = &mut random_stream(43, "two groups");
    let mut rows = Vec::new();
    for donor in 0..60 {
        for (level, has) in [("case", donor < 30), ("control", donor >= 27)] {
            if has {
                let value = if level == "case" { 1.5 } else { 0.0 } + normal(random);
                rows.push((format!("d{donor:02}\t{level}"), value));
            }
        }
    }
    let (scores, labels) = cohort("donor\tgroup", &rows);
    let found = compare(&scores, &labels, &by_donor("group")).unwrap();
    let own = two(&found);
    assert_eq!((own.sizes.0 + own.sizes.1, own.paired), (60, false));
    assert!(own.nodes[0].p < 1e-4 && found.warnings[0].contains("not paired"));

    // Three groups of donors of their own, and one cell of the first in a fourth group.
    let mut rows = Vec::new();
    for donor in 0..15 {
        let group = donor / 5;
        let value = f64::from(group) + 0.1 * f64::from(donor % 5);
        rows.push((
            format!("d{donor:02}\t{}", ["a", "b", "c"][group as usize]),
            value,
        ));
    }
    let (scores, plain) = cohort("donor\tgroup", &rows);
    let without = compare(&scores, &plain, &by_donor("group")).unwrap();
    rows.push(("d00\tz".to_owned(), 7.0));
    let (scores, with) = cohort("donor\tgroup", &rows);
    let with = compare(&scores, &with, &by_donor("group")).unwrap();
    let (
        Findings::Groups { nodes, .. },
        Findings::Groups {
            nodes: expected, ..
        },
    ) = (&with.findings, &without.findings)
    else {
        panic!("three groups");
    };
    assert_eq!(nodes[0].p, expected[0].p);
    assert_eq!(with.sizes, without.sizes);
}

#[test]
fn batches_in_numbers_can_be_a_factor() {
    // Batch 2 of three is shifted, and holds most cases; the group has no effect.
    let random = &mut random_stream(47, "batches");
    let rows: Vec<(String, f64)> = (0..90)
        .map(|at| {
            let batch = at % 3 + 1;
            let case = (at / 3) % 5 < if batch == 2 { 4 } else { 1 };
            let value = if batch == 2 { 4.0 } else { 0.0 } + normal(random);
            let group = if case { "case" } else { "control" };
            (format!("{group}\t{batch}\tb{batch}"), value)
        })
        .collect();
    let (scores, labels) = cohort("group\tbatch\tname", &rows);
    let run = |covariates: &[&str], factors: &[&str]| {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let options = CompareOptions {
            covariates: owned(covariates),
            factors: owned(factors),
            ..CompareOptions::by("group")
        };
        compare(&scores, &labels, &options).unwrap()
    };
    let (number, factor) = (run(&["batch"], &[]), run(&[], &["batch"]));
    let named = run(&["name"], &[]);
    assert_eq!(number.adjusted_for, ["batch (a number)"]);
    assert!(
        number.warnings[0].contains("--factors"),
        "{:?}",
        number.warnings
    );
    assert!(two(&number).nodes[0].p < 1e-4);
    assert_eq!(factor.adjusted_for, ["batch (3 groups)"]);
    assert!(factor.warnings.is_empty() && two(&factor).nodes[0].p > 0.01);
    assert_eq!(two(&factor).nodes[0].p, two(&named).nodes[0].p);
    // Named twice it is a factor.
    assert_eq!(
        run(&["batch"], &["batch"]).adjusted_for,
        ["batch (3 groups)"]
    );
}

#[test]
fn a_number_that_changes_within_donors_is_said() {
    let rows: Vec<(String, f64)> = (0..24)
        .map(|at| {
            (
                format!("d{}\t{}", at % 6, at % 6 + at / 6),
                ((at * 7) % 5) as f64,
            )
        })
        .collect();
    let (scores, labels) = cohort("donor\tday", &rows);
    let found = compare(&scores, &labels, &by_donor("day")).unwrap();
    assert!(
        found.warnings[0].contains("\"day\" differs within 6 of 6 donors"),
        "{:?}",
        found.warnings
    );
}

#[test]
fn rank_correlations_of_nine_are_exact() {
    let rows: Vec<(String, f64)> = (0..9).map(|at| (format!("{at}"), f64::from(at))).collect();
    let (scores, labels) = cohort("age", &rows);
    let found = compare(&scores, &labels, &CompareOptions::by("age")).unwrap();
    let Findings::Trend { nodes, .. } = found.findings else {
        panic!("a number");
    };
    // 2 of 9! orders.
    assert!((nodes[0].p * 362_880.0 - 2.0).abs() < 1e-9, "{nodes:?}");
}

#[test]
fn the_signed_rank_test_points_where_its_ranks_do() {
    // Seven small differences up and a large one down: W+ is 28, W- 8, the mean is below 0.
    let mut rows = Vec::new();
    for donor in 0..8 {
        let up = if donor < 7 {
            0.1 * f64::from(donor + 1)
        } else {
            -10.0
        };
        rows.push((format!("d{donor}\tcase"), up));
        rows.push((format!("d{donor}\tcontrol"), 0.0));
    }
    let (scores, labels) = cohort("donor\tgroup", &rows);
    let rank = CompareOptions {
        test: Some(Test::MannWhitney),
        ..by_donor("group")
    };
    let found = compare(&scores, &labels, &rank).unwrap();
    let node = two(&found).nodes[0];
    assert_eq!((node.statistic, node.sign), (8.0, 1));
    let mean = compare(&scores, &labels, &by_donor("group")).unwrap();
    assert_eq!(two(&mean).nodes[0].sign, -1);
}

#[test]
fn groups_of_constants_have_no_p_in_any_test() {
    let rows: Vec<(String, f64)> = (0..12)
        .map(|at| {
            (
                ["a", "b", "c"][at % 3].to_owned() + "\t" + ["x", "y"][at % 2],
                (at % 2) as f64,
            )
        })
        .collect();
    let (scores, labels) = cohort("three\ttwo", &rows);
    for test in [Test::Welch, Test::Student, Test::Linear] {
        let options = CompareOptions {
            test: Some(test),
            ..CompareOptions::by("two")
        };
        let found = compare(&scores, &labels, &options).unwrap();
        assert!(
            two(&found).nodes[0].p.is_nan(),
            "{test}: {:?}",
            two(&found).nodes[0]
        );
    }
    // Analysis of variance of two groups is Student's test.
    assert_eq!("anova".parse::<Test>().unwrap(), Test::Student);
}

/// Follow-up of 60 subjects that the first of two nodes drives; three are of stage IV, one of them
/// with the event. `lacking` has no scores.
fn staged(lacking: Option<usize>) -> (ScoreTable, Labels) {
    let random = &mut random_stream(53, "stages");
    let (mut values, mut rows) = (Vec::new(), Vec::new());
    for at in 0..60 {
        let score = normal(random);
        let time = -random.random::<f64>().ln() / (1.2 * score).exp();
        let stage = if at < 3 { "IV" } else { ["I", "II"][at % 2] };
        let event = if at < 3 { at == 0 } else { at % 5 > 0 };
        let known = lacking != Some(at);
        values.extend([score, normal(random)].map(|v| if known { v as f32 } else { f32::NAN }));
        rows.push(format!("{time}\t{}\t{stage}", u8::from(event)));
    }
    let scores = table(60, &["driver", "noise"], values);
    let labels = labels(&scores, "time\tevent\tstage", |at| rows[at].clone());
    (scores, labels)
}

#[test]
fn a_rare_level_is_left_out_of_the_folds_that_cannot_have_it() {
    let (scores, labels) = staged(None);
    let options = SurvivalOptions {
        covariates: vec!["stage".to_owned()],
        ..SurvivalOptions::new("time", "event")
    };
    let found = survive(&scores, &labels, &options).unwrap();
    assert_eq!(
        (found.nodes[0].node, found.adjusted_for.as_slice()),
        (0, &["stage (3 groups)".to_owned()][..])
    );
    let c = found.concordance.unwrap();
    assert!(
        c.folds.len() == 5 && c.mean > 0.65 && c.covariates.is_some(),
        "{c:?}"
    );
    let said = &found.warnings;
    assert!(said.iter().any(|text| text.contains("stage=IV cannot be estimated") && text.contains("in 1 of 5")), "{said:?}");
}

#[test]
fn a_subject_without_scores_does_not_empty_the_model() {
    let options = SurvivalOptions::new("time", "event");
    let c = |lacking| {
        let (scores, labels) = staged(lacking);
        let found = survive(&scores, &labels, &options).unwrap();
        (found.concordance.unwrap(), found.warnings)
    };
    let (whole, silent) = c(None);
    let (lacking, said) = c(Some(7));
    assert!(silent.is_empty() && whole.mean > 0.65);
    assert!(
        (lacking.mean - whole.mean).abs() < 0.08 && lacking.selected[0].0 == 0,
        "{lacking:?}"
    );
    assert!(
        said.iter()
            .any(|text| text.contains("1 subject without any score")),
        "{said:?}"
    );
    // Scattered missing scores: the node stays. One that few have goes, and none is no model.
    let (scores, labels) = staged(None);
    let thinned = |every: usize| {
        let values = scores.values().iter().enumerate();
        let values = values.map(|(at, v)| {
            if at / 2 % every == at % 2 {
                f32::NAN
            } else {
                *v
            }
        });
        ScoreTable::new(
            scores.samples().to_vec(),
            scores.columns().to_vec(),
            values.collect(),
        )
        .unwrap()
    };
    let found = survive(&thinned(10), &labels, &options).unwrap();
    assert!(found.concordance.unwrap().mean > 0.62);
    let found = survive(&thinned(2), &labels, &options).unwrap();
    assert!(found.concordance.is_none());
    assert!(
        found
            .warnings
            .iter()
            .any(|text| text.contains("no node has a score in 80 %"))
    );
}

#[test]
fn a_node_with_one_score_has_no_split_and_stops_no_other() {
    let (scores, labels) = staged(None);
    let mut values = scores.values().to_vec();
    for at in 1..60 {
        values[2 * at + 1] = f32::NAN;
    }
    let one =
        ScoreTable::new(scores.samples().to_vec(), scores.columns().to_vec(), values).unwrap();
    let options = SurvivalOptions {
        split: SplitKind::Optimal,
        permutations: 199,
        folds: 0,
        ..SurvivalOptions::new("time", "event")
    };
    let whole = survive(&scores, &labels, &options).unwrap();
    let found = survive(&one, &labels, &options).unwrap();
    let of = |found: &Survival, node: usize| {
        found
            .nodes
            .iter()
            .find(|own| own.node == node)
            .copied()
            .unwrap()
    };
    assert_eq!(of(&found, 0).split_p, of(&whole, 0).split_p);
    assert!(of(&found, 1).split_p.is_nan() && of(&found, 1).p.is_nan());
    let refused = SurvivalOptions {
        share: 0.7,
        ..options
    };
    assert!(survive(&one, &labels, &refused).is_err());
}

#[test]
fn classes_that_a_fold_cannot_learn_are_said() {
    // Donors of one class each: without the only donor of c, nothing is c.
    let random = &mut random_stream(59, "one donor a class");
    let values = (0..60)
        .map(|at| (at / 20) as f32 + normal(random) as f32)
        .collect();
    let scores = table(60, &["node"], values);
    let labels = labels(&scores, "type\tdonor", |at| {
        let donor = if at < 40 { at / 5 } else { 100 };
        format!("{}\td{donor}", ["a", "b", "c"][at / 20])
    });
    let options = ClassifyOptions {
        group: Some("donor".to_owned()),
        folds: 3,
        ..ClassifyOptions::by("type")
    };
    let found = classify(&scores, &labels, &options).unwrap();
    assert!(
        found
            .warnings
            .iter()
            .any(|text| text.contains("no training sample is c")),
        "{:?}",
        found.warnings
    );
    assert_eq!(
        found.answers[40..]
            .iter()
            .filter(|answer| **answer == 2)
            .count(),
        0
    );
}

#[test]
fn clusters_of_few_different_rows_and_of_many() {
    let rows: Vec<f32> = (0..12)
        .flat_map(|at| [(at % 4) as f32, (at % 2) as f32])
        .collect();
    let few = cluster(&table(12, &["x", "y"], rows), &ClusterOptions::default()).unwrap();
    assert_eq!(
        few.tried.iter().map(|(k, _)| *k).collect::<Vec<_>>(),
        [2, 3, 4]
    );
    // Of many samples silhouettes are estimates, close to the whole ones.
    let random = &mut random_stream(61, "many");
    let n = 1500;
    let values: Vec<f64> = (0..n)
        .map(|at| 5.0 * (at % 2) as f64 + normal(random))
        .collect();
    let scores = table(
        n,
        &["x"],
        values.iter().map(|value| *value as f32).collect(),
    );
    let two = ClusterOptions {
        k: Some(2),
        ..ClusterOptions::default()
    };
    let found = cluster(&scores, &two).unwrap();
    let exact = gsae::stats::clustering::mean_silhouette(&values, 1, &found.clusters).unwrap();
    assert!(
        (found.mean_silhouette() - exact).abs() < 0.01,
        "{} {exact}",
        found.mean_silhouette()
    );
    assert!(found.warnings[0].contains("1000 of the 1500"));
}
