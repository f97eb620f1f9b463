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
    assert!(error(by("small")).contains("\"x of small\" has 1 samples"));
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
    let random = &mut random_stream(23, "no association");
    let (n, nodes) = (200, 50);
    let names: Vec<String> = (0..nodes).map(|node| format!("n{node}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let values = (0..n * nodes).map(|_| normal(random) as f32).collect();
    let scores = table(n, &names, values);
    let follow_up: Vec<(f64, bool)> = (0..n)
        .map(|_| (-random.random::<f64>().ln(), random.random::<f64>() < 0.7))
        .collect();
    let labels = labels(&scores, "time\tevent", |at| {
        format!("{}\t{}", follow_up[at].0, follow_up[at].1)
    });
    let options = SurvivalOptions::new("time", "event");
    let found = survive(&scores, &labels, &options).unwrap();
    let c = found.concordance.unwrap();
    println!("held-out c of noise: {:.3} {:?}", c.mean, c.folds);
    // The same nodes on the subjects they were chosen by would look good.
    assert!((c.mean - 0.5).abs() < 0.08);
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
    for (text, expected) in [
        ("sample\tg\nx\t1\n", "the first is \"x\""),
        ("sample\tg\ns0\t1\ns0\t2\n", "\"s0\" has two rows"),
        ("sample\ns0\n", "there is one column"),
    ] {
        let path = Path::new("labels.tsv");
        let table = SampleTable::parse(text, path).unwrap();
        let error = Labels::join(&scores, &table, path).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
