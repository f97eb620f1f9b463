//! `gsae classify`: how well the nodes tell a label.

use super::association::{LabelArgs, fixed, read_scores};
use super::console::Console;
use super::paths::OutTable;
use crate::association::{Classification, Classifier, ClassifyOptions, classify};
use crate::error::{Error, Result};
use crate::io::write_text;
use std::fmt::Write;
use std::path::PathBuf;

const EXAMPLE: &str = "Example:\n  gsae classify --activity run/activity.tsv --samples labels.tsv \
                       --by cell_type --group donor --out classify.tsv";

#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// Scores: samples x columns, as `fit`, `activity`, `embed` and `score` write them.
    #[arg(long, visible_aliases = ["latent", "scores"], value_name = "FILE")]
    activity: PathBuf,
    #[command(flatten)]
    labels: LabelArgs,
    /// The column of the annotations with the label.
    #[arg(long, value_name = "COLUMN")]
    by: String,
    /// The classifier: logistic (L2 penalty), knn (nearest neighbours).
    #[arg(long, default_value = "logistic", value_name = "NAME")]
    method: String,
    /// logistic: the inverse strength of the penalty; 1 if not given.
    #[arg(long, value_name = "X")]
    c: Option<f64>,
    /// knn: how many neighbours; 15 if not given.
    #[arg(long, value_name = "N")]
    neighbors: Option<usize>,
    /// Folds of the cross-validation.
    #[arg(long, default_value_t = 5, value_name = "N")]
    folds: usize,
    /// The column that names donors (or batches): samples of one stay in one fold.
    #[arg(long, visible_alias = "donor", value_name = "COLUMN")]
    group: Option<String>,
    /// The seed of the folds.
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// The table to write: accuracy, macro F1 and macro AUROC, with the majority class beside.
    #[arg(long, short, value_name = "FILE")]
    out: OutTable,
    /// Write precision, recall, F1 and AUROC of every class.
    #[arg(long, value_name = "FILE")]
    classes: Option<OutTable>,
    /// Write the confusion matrix.
    #[arg(long, value_name = "FILE")]
    confusion: Option<OutTable>,
    /// Write the answer and the probabilities for every sample while it was held out.
    #[arg(long, value_name = "FILE")]
    predictions: Option<OutTable>,
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let options = ClassifyOptions {
        classifier: match args.method.as_str() {
            "logistic" if args.neighbors.is_some() => {
                return Err(Error::config("--neighbors", "is for --method knn"));
            }
            "knn" if args.c.is_some() => {
                return Err(Error::config("--c", "is for --method logistic"));
            }
            "logistic" => Classifier::Logistic {
                c: args.c.unwrap_or(1.0),
            },
            "knn" => Classifier::Neighbors {
                k: args.neighbors.unwrap_or(15),
            },
            name => {
                let message = format!("is logistic or knn, not {name:?}");
                return Err(Error::config("--method", message));
            }
        },
        folds: args.folds,
        group: args.group.clone(),
        seed: args.seed,
        ..ClassifyOptions::by(&args.by)
    };
    let scores = read_scores(
        &args.activity,
        console,
        Some("they are taken as the mean of the training samples"),
    )?;
    let labels = args.labels.join(&scores, console)?;
    let found = classify(&scores, &labels, &options)?;
    found
        .warnings
        .iter()
        .for_each(|warning| console.warn(warning));
    write_text(&args.out, &found.summary_tsv())?;
    let tables = [
        (&args.classes, found.classes_tsv()),
        (&args.confusion, found.confusion_tsv()),
        (&args.predictions, found.predictions_tsv(scores.samples())),
    ];
    for (path, table) in tables {
        if let Some(path) = path {
            write_text(path, &table)?;
            console.note(format!("wrote {}", path.display()));
        }
    }
    console.note(format!("wrote {}", args.out.display()));
    console.tell(&summary(&found));
    Ok(())
}

fn summary(found: &Classification) -> String {
    let mut text = format!(
        "{} samples of {} classes, {} folds; always the most frequent class in brackets\n\
         accuracy {:.3} ({:.3}), macro F1 {:.3} ({:.3}), macro AUROC {} (0.500)\n\
         {:>7} {:>9} {:>7} {:>6} {:>6}  class, and what it is taken for most\n",
        found.rows.len(),
        found.classes.len(),
        found.fold_accuracy.len(),
        found.confusion.accuracy(),
        found.baseline.accuracy(),
        found.confusion.macro_f1(),
        found.baseline.macro_f1(),
        fixed(found.macro_auroc(), 0, 3),
        "samples",
        "precision",
        "recall",
        "F1",
        "AUROC",
    );
    for (class, name) in found.classes.iter().enumerate() {
        let own = found.confusion.class(class);
        let others = (0..found.classes.len()).filter(|other| *other != class);
        let wrong = others.max_by_key(|other| {
            (
                found.confusion.count(class, *other),
                std::cmp::Reverse(*other),
            )
        });
        let wrong = wrong.map_or(String::new(), |other| {
            match found.confusion.count(class, other) {
                0 => String::new(),
                count => format!(" ({count} as {})", found.classes[other]),
            }
        });
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:>7} {:>9.3} {:>7.3} {:>6.3} {}  {name}{wrong}",
            own.support,
            own.precision,
            own.recall,
            own.f1,
            fixed(found.aurocs[class], 6, 3),
        );
    }
    text
}
