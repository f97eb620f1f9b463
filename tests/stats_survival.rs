//! Survival against lifelines 0.30.3, and at its edges.

#[path = "common/reference.rs"]
mod reference;

use gsae::stats::survival::*;
use reference::{Table, assert_close, relative, text};

const TIGHT: f64 = 1e-8;

struct Cohort {
    times: Vec<f64>,
    events: Vec<bool>,
    activity: Vec<f64>,
    age: Vec<f64>,
    groups: Vec<usize>,
}

fn cohort() -> Cohort {
    let table = Table::read("survival.tsv");
    let letters = table.text_column("group");
    Cohort {
        times: table.column("time"),
        events: table
            .column("event")
            .iter()
            .map(|event| *event == 1.0)
            .collect(),
        activity: table.column("activity"),
        age: table.column("age"),
        groups: letters
            .iter()
            .map(|g| ["a", "b", "c"].iter().position(|l| l == g).unwrap())
            .collect(),
    }
}

fn values() -> serde_json::Value {
    serde_json::from_str(&text("values.json")).expect("JSON")
}

fn close(what: &str, value: f64, expected: &serde_json::Value) {
    let expected = expected.as_f64().expect("a number of values.json");
    let difference = relative(value, expected);
    println!("{what}: {difference:.1e}");
    assert!(difference < TIGHT, "{what}: {value} instead of {expected}");
}

#[test]
fn kaplan_meier_of_the_reference() {
    let data = cohort();
    let expected = Table::read("kaplan_meier.tsv");
    let times: Vec<f64> = expected
        .rows
        .iter()
        .map(|time| time.parse().unwrap())
        .collect();
    let curve = KaplanMeier::fit(&data.times, &data.events, Interval::LogLog, 0.95).unwrap();
    let column =
        |of: fn(&SurvivalPoint) -> f64| -> Vec<f64> { curve.points().iter().map(of).collect() };
    assert_close("times", &column(|p| p.time), &times, 0.0);
    assert_close(
        "survival",
        &column(|p| p.survival),
        &expected.column("KM_estimate"),
        TIGHT,
    );
    assert_close(
        "lower",
        &column(|p| p.lower),
        &expected.column("KM_estimate_lower_0.95"),
        TIGHT,
    );
    assert_close(
        "upper",
        &column(|p| p.upper),
        &expected.column("KM_estimate_upper_0.95"),
        TIGHT,
    );
}

#[test]
fn log_rank_cox_and_concordance_of_the_reference() {
    let data = cohort();
    let expected = values();
    let mut sorted = data.activity.clone();
    sorted.sort_by(f64::total_cmp);
    let median = f64::midpoint(sorted[19], sorted[20]);
    let halves: Vec<usize> = data
        .activity
        .iter()
        .map(|a| usize::from(*a > median))
        .collect();
    for (name, groups) in [
        ("logrank_median_split", &halves),
        ("logrank_three_groups", &data.groups),
    ] {
        let test = log_rank(&data.times, &data.events, groups).unwrap();
        close(name, test.chi_squared, &expected[name]["chi2"]);
        close(name, test.p, &expected[name]["p"]);
        let sum = |values: &[f64]| values.iter().sum::<f64>();
        assert!((sum(&test.observed) - sum(&test.expected)).abs() < 1e-9);
    }

    let covariates: Vec<f64> = data
        .activity
        .iter()
        .zip(&data.age)
        .flat_map(|(a, b)| [*a, *b])
        .collect();
    let fit = cox(&data.times, &data.events, &covariates, &["activity", "age"]).unwrap();
    // lifelines stops at a gain of 1e-7 or so, short of the maximum: its coefficients are off in
    // the fifth digit, and its likelihood is the smaller one.
    for (name, found) in ["activity", "age"].iter().zip(&fit.coefficients) {
        let expected = &expected["cox_efron"][name];
        for (value, key) in [
            (found.coefficient, "coef"),
            (found.standard_error, "se"),
            (found.p, "p"),
        ] {
            let difference = relative(value, expected[key].as_f64().expect("a number"));
            println!("{name} {key}: {difference:.1e} from lifelines");
            assert!(difference < 3e-4);
        }
    }
    assert!(fit.log_likelihood > expected["cox_loglik"].as_f64().expect("a number"));
    // The maximum, by Newton's method in numpy 2.4.6 until the gradient was below 1e-12.
    let [activity, age] = [fit.coefficients[0], fit.coefficients[1]];
    let found = [
        activity.coefficient,
        activity.standard_error,
        activity.p,
        age.coefficient,
        age.standard_error,
        age.p,
        fit.log_likelihood,
    ];
    let maximum = [
        0.8653094072517231,
        0.3058223460709574,
        0.004662790889980188,
        0.018667805470135825,
        0.03587986883068441,
        0.6028640184365742,
        -50.48989253547481,
    ];
    assert_close("maximum", &found, &maximum, TIGHT);
    close(
        "log-likelihood",
        fit.log_likelihood,
        &expected["cox_loglik"],
    );
    println!("{} iterations", fit.iterations);

    let c = concordance_index(&data.times, &data.events, &data.activity).unwrap();
    close("c-index", c, &expected["c_index_of_minus_activity"]);
    let reversed: Vec<f64> = data.activity.iter().map(|a| -a).collect();
    let other = concordance_index(&data.times, &data.events, &reversed).unwrap();
    assert!((c + other - 1.0).abs() < 1e-12);
}

#[test]
fn efrons_likelihood_of_ties_by_hand() {
    // Two events at time 1 among three subjects, x = 0, 1, 2 with events at 0 and 1.
    let fit = |b: f64| {
        let w = [0.0f64, 1.0, 2.0].map(|x| (b * x).exp());
        let all: f64 = w.iter().sum();
        let tied = w[0] + w[1];
        b - all.ln() - (all - tied / 2.0).ln()
    };
    let found = cox(
        &[1.0, 1.0, 2.0],
        &[true, true, false],
        &[0.0, 1.0, 2.0],
        &["x"],
    )
    .unwrap();
    let b = found.coefficients[0].coefficient;
    assert!((found.log_likelihood - fit(b)).abs() < 1e-12);
    assert!((found.null_log_likelihood - fit(0.0)).abs() < 1e-12);
    let slope = (fit(b + 1e-5) - fit(b - 1e-5)) / 2e-5;
    assert!(slope.abs() < 1e-6, "{slope}");
    let curvature = (fit(b + 1e-3) - 2.0 * fit(b) + fit(b - 1e-3)) / 1e-6;
    let error = (-1.0 / curvature).sqrt();
    assert!((found.coefficients[0].standard_error / error - 1.0).abs() < 1e-4);
}

#[test]
fn scale_and_order_of_subjects_change_nothing() {
    let data = cohort();
    let fit = cox(&data.times, &data.events, &data.age, &["age"]).unwrap();
    let days: Vec<f64> = data.age.iter().map(|age| age * 365.25 + 1e6).collect();
    let scaled = cox(&data.times, &data.events, &days, &["age"]).unwrap();
    let (one, other) = (fit.coefficients[0], scaled.coefficients[0]);
    assert!((other.coefficient * 365.25 / one.coefficient - 1.0).abs() < 1e-8);
    assert!((other.p / one.p - 1.0).abs() < 1e-8);
    let back = |values: &[f64]| values.iter().rev().copied().collect::<Vec<_>>();
    let events: Vec<bool> = data.events.iter().rev().copied().collect();
    let turned = cox(&back(&data.times), &events, &back(&data.age), &["age"]).unwrap();
    assert!((turned.log_likelihood - fit.log_likelihood).abs() < 1e-10);
}

#[test]
fn all_censored_empty_and_single() {
    let times = [1.0, 2.0, 3.0];
    let curve = KaplanMeier::fit(&times, &[false; 3], Interval::Greenwood, 0.95).unwrap();
    assert!(
        curve
            .points()
            .iter()
            .all(|p| p.survival == 1.0 && p.lower == 1.0)
    );
    assert_eq!(curve.median(), None);
    let curve = KaplanMeier::fit(&[0.0, 2.0], &[true; 2], Interval::LogLog, 0.95).unwrap();
    assert_eq!(
        (curve.at(-1.0), curve.at(0.0), curve.at(9.0)),
        (1.0, 0.5, 0.0)
    );
    assert!(curve.points()[1].lower.is_nan());
    // Greenwood by hand: after one event of four, S sqrt(v) = 0.75 sqrt(1 / 12).
    let four = [1.0, 2.0, 3.0, 4.0];
    let curve = KaplanMeier::fit(&four, &[true; 4], Interval::Greenwood, 0.95).unwrap();
    let point = curve.points()[1];
    let reach = 1.959_963_984_540_054 * 0.75 * (1.0f64 / 12.0).sqrt();
    assert!((point.lower - (0.75 - reach)).abs() < 1e-12 && point.upper == 1.0);
    let test = log_rank(&times, &[false; 3], &[0, 1, 1]).unwrap();
    assert!(test.chi_squared.is_nan() && test.p.is_nan());
    assert!(
        concordance_index(&times, &[false; 3], &times)
            .unwrap()
            .is_nan()
    );

    let message = |result: gsae::Result<CoxFit>| result.expect_err("refused").to_string();
    let censored = cox(&times, &[false; 3], &[1.0, 2.0, 5.0], &["x"]);
    assert!(message(censored).contains("all 3 subjects are censored"));
    let constant = cox(&times, &[true; 3], &[1.0; 3], &["x"]);
    assert!(message(constant).contains("\"x\" is 1 for every subject"));
    let twice = cox(
        &times,
        &[true; 3],
        &[1.0, 2.0, 3.0, 6.0, 2.0, 4.0],
        &["x", "y"],
    );
    assert!(message(twice).contains("\"y\" cannot be told apart"));
    let separated = cox(
        &[1.0, 2.0, 3.0, 4.0],
        &[true, true, false, false],
        &[3.0, 2.0, 1.0, 0.0],
        &["x"],
    );
    assert!(message(separated).contains("separates the events"));
    let nan = cox(&times, &[true; 3], &[1.0, f64::NAN, 2.0], &["x"]);
    assert!(message(nan).contains("NaN at position 2"));
    assert!(KaplanMeier::fit(&[], &[], Interval::LogLog, 0.95).is_err());
    assert!(KaplanMeier::fit(&[-1.0], &[true], Interval::LogLog, 0.95).is_err());
    assert!(KaplanMeier::fit(&[1.0], &[true], Interval::LogLog, 1.0).is_err());
    assert!(log_rank(&times, &[true; 3], &[0, 0, 0]).is_err());
    assert!(log_rank(&times, &[true; 3], &[0, 2, 2]).is_err());
    assert!(log_rank(&times, &[true; 3], &[0, usize::MAX - 1, 2]).is_err());
    // Without covariates there is only the null likelihood.
    let none = cox(&times, &[true; 3], &[], &[]).unwrap();
    assert_eq!(none.log_likelihood, none.null_log_likelihood);
    assert_eq!(none.concordance, 0.5);
}
