//! How well all nodes together tell a label of samples that the classifier has not seen.
//!
//! The scores are taken as they are. Where they come from a model that was trained on the same
//! samples, that model has seen the held-out samples' expression, though not their label: what is
//! cross-validated is the classifier alone.

use super::labels::{Labels, levels};
use crate::activity::ScoreTable;
use crate::error::{Error, Result};
use crate::stats::classification::{
    Confusion, Logistic, LogisticOptions, NearestNeighbors, stratified_folds,
};
use crate::stats::hypothesis::auroc;
use crate::wording::{number_of, verb};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// The classifier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Classifier {
    /// Logistic regression with an L2 penalty of inverse strength `c`.
    Logistic {
        /// The larger, the freer the weights.
        c: f64,
    },
    /// The k nearest neighbours.
    Neighbors {
        /// How many.
        k: usize,
    },
}

/// What is classified, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassifyOptions {
    /// The column of the annotations.
    pub by: String,
    /// The classifier.
    pub classifier: Classifier,
    /// Folds of the cross-validation.
    pub folds: usize,
    /// A column whose samples of one entry (a donor's) stay in one fold.
    pub group: Option<String>,
    /// The seed of the folds.
    pub seed: u64,
}

impl ClassifyOptions {
    /// Logistic regression with C = 1 in five folds.
    pub fn by(column: impl Into<String>) -> Self {
        Self {
            by: column.into(),
            classifier: Classifier::Logistic { c: 1.0 },
            folds: 5,
            group: None,
            seed: 0,
        }
    }
}

/// A cross-validated classification. All lists but those by class are by sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Classification {
    /// The names of the classes.
    pub classes: Vec<String>,
    /// The row of the scores.
    pub rows: Vec<usize>,
    /// The class of every sample.
    pub truth: Vec<usize>,
    /// The class that was answered while the sample was held out.
    pub answers: Vec<usize>,
    /// The probability of every class then.
    pub probabilities: Vec<Vec<f64>>,
    /// The fold in which the sample was held out.
    pub fold_of: Vec<usize>,
    /// Classes and answers.
    pub confusion: Confusion,
    /// Classes and the answers of always saying the training samples' most frequent class.
    pub baseline: Confusion,
    /// By class against the rest: the mean over the folds that have both; NaN if none has.
    pub aurocs: Vec<f64>,
    /// The share of right answers in every fold.
    pub fold_accuracy: Vec<f64>,
    /// What a reader should know, in words.
    pub warnings: Vec<String>,
}

impl Classification {
    /// The mean AUROC of the classes, each against the rest.
    pub fn macro_auroc(&self) -> f64 {
        let known: Vec<f64> = self
            .aurocs
            .iter()
            .copied()
            .filter(|a| !a.is_nan())
            .collect();
        known.iter().sum::<f64>() / known.len() as f64
    }
}

/// Cross-validates a classifier of the label in column `by` on all columns of `scores`.
///
/// Folds are stratified by class. Columns are scaled to mean 0 and SD 1 by the training samples of
/// each fold, and a missing score is taken as their mean.
///
/// # Errors
/// [`Error::Config`] for an unknown column; [`Error::Format`] for a column with fewer than two
/// classes or a class of one sample; [`Error::Data`] if the folds or the classifier cannot be had.
pub fn classify(
    scores: &ScoreTable,
    labels: &Labels,
    options: &ClassifyOptions,
) -> Result<Classification> {
    let texts = labels.texts(&options.by, "--by")?;
    let column = options.group.as_ref();
    let groups = column
        .map(|column| labels.texts(column, "--group"))
        .transpose()?;
    let kept: Vec<usize> = (0..texts.len())
        .filter(|at| texts[*at].is_some() && groups.as_ref().is_none_or(|g| g[*at].is_some()))
        .collect();
    let own: Vec<&str> = kept.iter().filter_map(|at| texts[*at]).collect();
    let classes = levels(own.iter().copied());
    let number = |text: &&str| classes.iter().position(|class| class == text).unwrap_or(0);
    let truth: Vec<usize> = own.iter().map(number).collect();
    let mut warnings = check_classes(labels, options, &classes, &truth)?;
    if kept.len() < texts.len() {
        let without = texts.len() - kept.len();
        warnings.push(format!(
            "{} without a label or group {} left out",
            number_of(without, "sample"),
            verb(without, "is", "are")
        ));
    }
    let group_numbers: Option<Vec<usize>> = groups.map(|groups| {
        let own: Vec<&str> = kept.iter().filter_map(|at| groups[*at]).collect();
        let names: Vec<&str> = own
            .iter()
            .copied()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        own.iter()
            .map(|name| names.partition_point(|known| known < name))
            .collect()
    });
    let fold_of = stratified_folds(
        &truth,
        group_numbers.as_deref(),
        options.folds,
        options.seed,
    )?;
    let rows: Vec<usize> = kept.iter().map(|at| labels.rows()[*at]).collect();
    let data = Data {
        scores,
        rows: &rows,
        truth: &truth,
        classes: classes.len(),
    };
    let folds: Result<Vec<Fold>> = (0..options.folds)
        .into_par_iter()
        .map(|fold| data.fold(&fold_of, fold, options.classifier))
        .collect();
    let folds = folds?;

    let mut probabilities = vec![Vec::new(); rows.len()];
    let mut majority = vec![0; rows.len()];
    let mut fold_accuracy = Vec::with_capacity(folds.len());
    for (number, fold) in folds.into_iter().enumerate() {
        if !fold.unknown.is_empty() {
            let names: Vec<&str> = fold.unknown.iter().map(|class| classes[*class]).collect();
            warnings.push(format!(
                "fold {}: no training sample is {}, which is never answered there",
                number + 1,
                names.join(" or ")
            ));
        }
        let mut right = 0usize;
        for (&at, own) in fold.held_out.iter().zip(&fold.probabilities) {
            right += usize::from(most(own) == truth[at]);
            majority[at] = fold.majority;
        }
        fold_accuracy.push(right as f64 / fold.held_out.len() as f64);
        for (at, own) in fold.held_out.into_iter().zip(fold.probabilities) {
            probabilities[at] = own;
        }
    }
    let answers: Vec<usize> = probabilities.iter().map(|own| most(own)).collect();
    let aurocs: Result<Vec<f64>> = (0..classes.len())
        .map(|class| auroc_of(class, &truth, &probabilities, &fold_of, options.folds))
        .collect();
    let aurocs = aurocs?;
    let without = aurocs.iter().filter(|area| area.is_nan()).count();
    if without > 0 {
        warnings.push(format!(
            "{without} of {} classes have no AUROC: no fold holds out samples of the class and others",
            classes.len()
        ));
    }
    Ok(Classification {
        confusion: Confusion::new(&truth, &answers, classes.len())?,
        baseline: Confusion::new(&truth, &majority, classes.len())?,
        classes: classes.into_iter().map(str::to_owned).collect(),
        aurocs,
        rows,
        truth,
        answers,
        probabilities,
        fold_of,
        fold_accuracy,
        warnings,
    })
}

fn check_classes(
    labels: &Labels,
    options: &ClassifyOptions,
    classes: &[&str],
    truth: &[usize],
) -> Result<Vec<String>> {
    if classes.len() < 2 {
        return Err(labels.refuse(
            &options.by,
            format!("every sample has {:?}", classes.first().unwrap_or(&"")),
            "Classify by a column with at least two different entries.",
        ));
    }
    let mut small = Vec::new();
    for (class, name) in classes.iter().enumerate() {
        let size = truth.iter().filter(|own| **own == class).count();
        if size < 2 {
            return Err(labels.refuse(
                &options.by,
                format!("{name:?} has one sample, which cannot be both learned and tested"),
                "Join it with another class, or empty the field so that the sample is left out.",
            ));
        }
        if size < options.folds {
            small.push(format!("{name} ({size})"));
        }
    }
    let message = |small: Vec<String>| {
        format!(
            "classes with fewer samples than the {} folds: {}",
            options.folds,
            small.join(", ")
        )
    };
    Ok(if small.is_empty() {
        Vec::new()
    } else {
        vec![message(small)]
    })
}

/// The class with the largest probability, the first of equal ones.
fn most(probabilities: &[f64]) -> usize {
    let larger = |best: usize, at: usize| {
        if probabilities[at] > probabilities[best] {
            at
        } else {
            best
        }
    };
    (0..probabilities.len()).fold(0, larger)
}

fn auroc_of(
    class: usize,
    truth: &[usize],
    probabilities: &[Vec<f64>],
    fold_of: &[usize],
    folds: usize,
) -> Result<f64> {
    let mut areas = Vec::new();
    for fold in 0..folds {
        let rows = (0..truth.len()).filter(|at| fold_of[*at] == fold);
        let (scores, positive): (Vec<f64>, Vec<bool>) = rows
            .map(|at| (probabilities[at][class], truth[at] == class))
            .unzip();
        if positive.contains(&true) && positive.contains(&false) {
            areas.push(auroc(&scores, &positive, 0.95)?.area);
        }
    }
    Ok(areas.iter().sum::<f64>() / areas.len() as f64)
}

struct Data<'a> {
    scores: &'a ScoreTable,
    rows: &'a [usize],
    truth: &'a [usize],
    classes: usize,
}

enum Fitted {
    Logistic(Logistic),
    Neighbors(NearestNeighbors),
}

impl Fitted {
    fn probabilities(&self, row: &[f64]) -> Vec<f64> {
        match self {
            Self::Logistic(model) => model.probabilities(row),
            Self::Neighbors(model) => model.probabilities(row),
        }
    }
}

struct Fold {
    held_out: Vec<usize>,
    probabilities: Vec<Vec<f64>>,
    /// The most frequent class of the training samples.
    majority: usize,
    /// Classes without a training sample.
    unknown: Vec<usize>,
}

impl Data<'_> {
    fn fold(&self, fold_of: &[usize], fold: usize, classifier: Classifier) -> Result<Fold> {
        let (held_out, training): (Vec<usize>, Vec<usize>) =
            (0..fold_of.len()).partition(|at| fold_of[*at] == fold);
        let scale = self.scale(&training);
        let train: Vec<f64> = training
            .iter()
            .flat_map(|at| self.row(*at, &scale))
            .collect();
        // With groups a class may be missing from the training samples: it is never answered.
        let mut sizes = vec![0usize; self.classes];
        training.iter().for_each(|at| sizes[self.truth[*at]] += 1);
        let known: Vec<usize> = (0..self.classes)
            .filter(|class| sizes[*class] > 0)
            .collect();
        let number = |at: &usize| known.partition_point(|class| *class < self.truth[*at]);
        let own: Vec<usize> = training.iter().map(number).collect();
        if known.len() < 2 {
            return Err(Error::data(
                format!(
                    "without fold {} all training samples have one class",
                    fold + 1
                ),
                "Ask for more folds, or add groups (donors) of the other classes.",
            ));
        }
        let width = scale.len();
        let fitted = match classifier {
            Classifier::Logistic { c } => {
                let options = LogisticOptions {
                    c,
                    ..LogisticOptions::default()
                };
                Fitted::Logistic(Logistic::fit(&train, width, &own, known.len(), &options)?)
            }
            Classifier::Neighbors { k } => {
                Fitted::Neighbors(NearestNeighbors::fit(&train, width, &own, known.len(), k)?)
            }
        };
        let probabilities = held_out
            .iter()
            .map(|at| {
                let mut all = vec![0.0; self.classes];
                for (class, p) in known
                    .iter()
                    .zip(fitted.probabilities(&self.row(*at, &scale)))
                {
                    all[*class] = p;
                }
                all
            })
            .collect();
        let larger = |best: usize, class: usize| {
            if sizes[class] > sizes[best] {
                class
            } else {
                best
            }
        };
        Ok(Fold {
            held_out,
            probabilities,
            majority: (0..self.classes).fold(0, larger),
            unknown: (0..self.classes)
                .filter(|class| sizes[*class] == 0)
                .collect(),
        })
    }

    /// Columns that vary over these samples, with mean and SD.
    fn scale(&self, training: &[usize]) -> Vec<(usize, f64, f64)> {
        let width = self.scores.columns().len();
        let value =
            |at: usize, node: usize| f64::from(self.scores.values()[self.rows[at] * width + node]);
        let moments = |node: usize| {
            let known = training.iter().map(|at| value(*at, node));
            let known: Vec<f64> = known.filter(|value| !value.is_nan()).collect();
            let n = known.len() as f64;
            let mean = known.iter().sum::<f64>() / n;
            let squares: f64 = known.iter().map(|value| (value - mean).powi(2)).sum();
            (node, mean, (squares / n).sqrt())
        };
        (0..width)
            .map(moments)
            .filter(|(.., sd)| *sd > 0.0)
            .collect()
    }

    fn row(&self, at: usize, scale: &[(usize, f64, f64)]) -> Vec<f64> {
        let row = self.scores.row(self.rows[at]);
        let scaled = scale.iter().map(|(node, mean, sd)| {
            let value = (f64::from(row[*node]) - mean) / sd;
            if value.is_nan() { 0.0 } else { value }
        });
        scaled.collect()
    }
}
