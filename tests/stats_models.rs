//! The linear model and the classifiers against statsmodels 0.15.0 and scikit-learn 1.9.1, by hand, and at
//! their edges.

#[path = "common/reference.rs"]
mod reference;

use gsae::Error;
use gsae::stats::classification::*;
use gsae::stats::hypothesis::{LinearModel, anova, pearson};
use reference::{Table, assert_close};

struct Cohort {
    activity: Vec<f64>,
    age: Vec<f64>,
    event: Vec<f64>,
    groups: Vec<usize>,
}

fn cohort() -> Cohort {
    let table = Table::read("survival.tsv");
    Cohort {
        activity: table.column("activity"),
        age: table.column("age"),
        event: table.column("event"),
        groups: table
            .text_column("group")
            .iter()
            .map(|g| ["a", "b", "c"].iter().position(|l| l == g).unwrap())
            .collect(),
    }
}

/// 1 for the rows of a group.
fn indicator(groups: &[usize], of: usize) -> Vec<f64> {
    let is = |group: &usize| f64::from(u8::from(*group == of));
    groups.iter().map(is).collect()
}

#[test]
fn linear_models_of_the_reference() {
    let data = cohort();
    let (b, c) = (indicator(&data.groups, 1), indicator(&data.groups, 2));
    // ols("activity ~ event + age + C(group)"), the row of event.
    let nuisance = [data.age.clone(), b.clone(), c.clone()];
    let model = LinearModel::new(40, &nuisance, std::slice::from_ref(&data.event)).unwrap();
    let test = model.test(&data.activity).unwrap();
    assert_eq!(test.df, (1.0, 35.0));
    assert_close(
        "event",
        &[test.coefficient, test.t, test.p],
        &[0.844644905879939, 2.6404083046934503, 0.012287423267711785],
        1e-10,
    );
    let weights = model.weights();
    let sum: f64 = weights.iter().zip(&data.activity).map(|(w, y)| w * y).sum();
    assert!((sum - test.coefficient).abs() < 1e-12);
    // anova_lm of "activity ~ age" in "activity ~ age + C(group)".
    let model = LinearModel::new(40, std::slice::from_ref(&data.age), &[b, c]).unwrap();
    let test = model.test(&data.activity).unwrap();
    assert!(test.t.is_nan() && test.coefficient.is_nan() && model.weights().is_empty());
    assert_close(
        "group",
        &[test.f, test.p],
        &[0.4217309219121875, 0.6591090448887132],
        1e-10,
    );
}

#[test]
fn without_nuisance_a_linear_model_is_the_plain_test() {
    let data = cohort();
    let tested: Vec<Vec<f64>> = (1..3).map(|group| indicator(&data.groups, group)).collect();
    let test = LinearModel::new(40, &[], &tested).unwrap();
    let test = test.test(&data.activity).unwrap();
    let of = |group: usize| -> Vec<f64> {
        let rows = (0..40).filter(|at| data.groups[*at] == group);
        rows.map(|at| data.activity[at]).collect()
    };
    let plain = anova(&[&of(0), &of(1), &of(2)]).unwrap();
    assert_close("anova", &[test.f, test.p], &[plain.f, plain.p], 1e-10);
    let slope = LinearModel::new(40, &[], std::slice::from_ref(&data.age)).unwrap();
    let slope = slope.test(&data.activity).unwrap();
    let plain = pearson(&data.age, &data.activity).unwrap();
    assert_close("pearson", &[slope.p], &[plain.p], 1e-10);
    assert_eq!(slope.t.signum(), plain.r.signum());
}

#[test]
fn linear_models_at_their_edges() {
    let x = vec![1.0, 2.0, 3.0, 4.0, 6.0];
    let twice: Vec<f64> = x.iter().map(|x| 2.0 * x + 1e6).collect();
    // A tested variable that the nuisance tells already; nuisance that depends on itself is fine.
    let same = LinearModel::new(5, std::slice::from_ref(&x), std::slice::from_ref(&twice));
    assert!(matches!(same, Err(Error::Data { .. })));
    let group = vec![1.0, 0.0, 1.0, 0.0, 1.0];
    let y = [1.0, 5.0, 2.0, 4.0, 9.0];
    let one = LinearModel::new(5, std::slice::from_ref(&x), std::slice::from_ref(&group)).unwrap();
    let both = LinearModel::new(5, &[x.clone(), twice], std::slice::from_ref(&group)).unwrap();
    let (one, both) = (one.test(&y).unwrap(), both.test(&y).unwrap());
    assert!((one.t / both.t - 1.0).abs() < 1e-6 && one.df == both.df);
    // A constant y has no test; nor has a model without residuals, or without a variable.
    let model = LinearModel::new(5, &[], std::slice::from_ref(&group)).unwrap();
    assert!(model.test(&[2.0; 5]).unwrap().p.is_nan());
    assert!(model.test(&y[..4]).is_err() && model.test(&[f64::NAN; 5]).is_err());
    assert!(LinearModel::new(2, &[], &[vec![0.0, 1.0]]).is_err());
    assert!(LinearModel::new(5, &[x], &[]).is_err());
    // y that the variable tells completely leaves nothing to judge it by.
    let exact = model.test(&[3.0, 1.0, 3.0, 1.0, 3.0]).unwrap();
    assert!(exact.p.is_nan());
}

/// Activity and age with mean 0 and SD 1, row by row.
fn features(data: &Cohort) -> Vec<f64> {
    let scaled = |values: &[f64]| -> Vec<f64> {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let sd = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
        values.iter().map(|x| (x - mean) / sd).collect()
    };
    let pairs = scaled(&data.activity).into_iter().zip(scaled(&data.age));
    pairs.flat_map(|(a, b)| [a, b]).collect()
}

#[test]
fn logistic_regression_of_the_reference() {
    let data = cohort();
    let x = features(&data);
    let options = LogisticOptions {
        c: 0.7,
        tolerance: 1e-8,
        ..LogisticOptions::default()
    };
    let events: Vec<usize> = data.event.iter().map(|event| *event as usize).collect();
    let model = Logistic::fit(&x, 2, &events, 2, &options).unwrap();
    // LogisticRegression(C=0.7, tol=1e-12).
    assert_close(
        "two classes",
        model.weights(),
        &[
            0.6912206970885664,
            0.22169585744315282,
            -0.22004082368411268,
        ],
        1e-6,
    );
    let expected = [0.44868836957232283, 0.5513116304276772];
    assert_close("p", &model.probabilities(&x[..2]), &expected, 1e-6);
    let model = Logistic::fit(&x, 2, &data.groups, 3, &options).unwrap();
    let expected = [
        -0.18520916678321633,
        -0.06350651184696827,
        0.05214888635636217,
        0.030665435765560082,
        -0.11846543606177255,
        0.06102171146605987,
        0.1545437310176562,
        0.18197194790874077,
        -0.11317059782242203,
    ];
    assert_close("three classes", model.weights(), &expected, 1e-6);
    let expected = [0.31228052849471993, 0.38249236514691465, 0.3052271063583654];
    assert_close("p", &model.probabilities(&x[..2]), &expected, 1e-6);
    println!("{} steps", model.iterations);
    assert!(model.iterations < options.iterations, "stopped short");
}

#[test]
fn classifiers_refuse_what_they_cannot_learn() {
    let options = LogisticOptions::default();
    let fit = |labels: &[usize], classes, c| {
        let options = LogisticOptions { c, ..options };
        Logistic::fit(&[0.0, 1.0, 2.0], 1, labels, classes, &options)
    };
    assert!(fit(&[0, 1, 1], 2, 1.0).is_ok());
    for (labels, classes, c) in [
        (vec![0, 0, 0], 2, 1.0),
        (vec![0, 1, 1], 3, 1.0),
        (vec![0, 1, 2], 2, 1.0),
        (vec![0, 1], 2, 1.0),
        (vec![0, 1, 1], 2, 0.0),
    ] {
        assert!(matches!(fit(&labels, classes, c), Err(Error::Data { .. })));
    }
    for k in [0, 4] {
        assert!(NearestNeighbors::fit(&[0.0, 1.0, 2.0], 1, &[0, 1, 1], 2, k).is_err());
    }
}

#[test]
fn a_confusion_by_hand() {
    // Of 3 a: 2 right, one taken for b. Of 2 b: both right. Of 1 c: taken for a.
    let found = Confusion::new(&[0, 0, 0, 1, 1, 2], &[0, 0, 1, 1, 1, 0], 3).unwrap();
    assert_eq!(found.accuracy(), 4.0 / 6.0);
    let a = found.class(0);
    assert_eq!(
        (a.support, a.precision, a.recall),
        (3, 2.0 / 3.0, 2.0 / 3.0)
    );
    let b = found.class(1);
    assert_eq!((b.precision, b.recall, b.f1), (2.0 / 3.0, 1.0, 0.8));
    let c = found.class(2);
    assert_eq!((c.support, c.precision, c.recall, c.f1), (1, 0.0, 0.0, 0.0));
    assert!((found.macro_f1() - (2.0 / 3.0 + 0.8) / 3.0).abs() < 1e-15);
    assert!(Confusion::new(&[0, 3], &[0, 0], 3).is_err());
}

#[test]
fn folds_share_classes_and_keep_groups() {
    let labels: Vec<usize> = (0..103).map(|at| usize::from(at % 7 == 0)).collect();
    let folds = stratified_folds(&labels, None, 5, 1).unwrap();
    for fold in 0..5 {
        let rows = || (0..103).filter(|at| folds[*at] == fold);
        let rare = rows().filter(|at| labels[*at] == 1).count();
        assert!((20..=21).contains(&rows().count()) && rare == 3, "{rare}");
    }
    assert_ne!(folds, stratified_folds(&labels, None, 5, 2).unwrap());
    // Twelve donors with 1 to 12 cells, every second of them ill.
    let donors: Vec<usize> = (1..=12).flat_map(|donor| vec![donor; donor]).collect();
    let ill: Vec<usize> = donors.iter().map(|donor| donor % 2).collect();
    let folds = stratified_folds(&ill, Some(&donors), 3, 1).unwrap();
    for donor in 1..=12 {
        let own: Vec<usize> = (0..78)
            .filter(|at| donors[*at] == donor)
            .map(|at| folds[at])
            .collect();
        assert!(own.iter().all(|fold| *fold == own[0]));
    }
    for fold in 0..3 {
        for class in 0..2 {
            let rows = (0..78).filter(|at| folds[*at] == fold && ill[*at] == class);
            assert!((10..=16).contains(&rows.count()));
        }
    }
    assert!(stratified_folds(&[0, 1], None, 3, 1).is_err());
    assert!(stratified_folds(&[0, 1, 0], Some(&[1, 1, 1]), 2, 1).is_err());
}
