//! All models on one data set: how well the gene sets' nodes separate two groups, what the
//! annotation is worth, and what each model costs.
//!
//! Run with
//! `cargo run --release --example compare_models -- EXPRESSION GENE_SETS LABELS COLUMN GROUP SET
//! EPOCHS`, where LABELS is a table of the samples (first column) that has COLUMN, GROUP one of its
//! values, SET the gene set of interest and EPOCHS the most epochs. Every model is trained twice
//! in a process of its own, with the map and with a shuffled map.

use gsae::expression::{DuplicateGenes, SampleTable};
use gsae::genesets::{ReadOptions, bundled};
use gsae::identifiers::Diagnosis;
use gsae::models::Likelihood;
use gsae::pipeline::{Annotations, MODELS, Told, fit_annotated};
use gsae::stats::hypothesis::auroc;
use gsae::training::{EpochRecord, Silent};
use gsae::{ExpressionMatrix, FitOptions, GeneSetCollection};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::process::Command;

/// One model's row.
#[derive(Serialize, Deserialize)]
struct Row {
    auroc: Option<f64>,
    rank: Option<usize>,
    nodes: usize,
    held_out: f64,
    worth: Option<f64>,
    /// Not of counts: the mean of a logarithm is below the logarithm of the mean.
    explained: Option<f64>,
    epochs: usize,
    seconds_per_epoch: f64,
    megabytes: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [flag, model, rest @ ..] if flag == "--model" && rest.len() == 7 => {
            println!("{}", serde_json::to_string(&row(model, rest)?)?);
            Ok(())
        }
        rest if rest.len() == 7 => table(rest),
        _ => Err("give EXPRESSION GENE_SETS LABELS COLUMN GROUP SET EPOCHS".into()),
    }
}

fn table(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    println!(
        "{:<12} {:>7} {:>12} {:>10} {:>9} {:>10} {:>7} {:>8} {:>7}",
        "model", "AUROC", "rank", "held-out", "worth", "explained", "epochs", "s/epoch", "MB"
    );
    for model in MODELS {
        let output = Command::new(std::env::current_exe()?)
            .args(["--model", model.name])
            .args(arguments)
            .output()?;
        if !output.status.success() {
            println!(
                "{:<12} {}",
                model.name,
                String::from_utf8_lossy(&output.stderr).trim()
            );
            continue;
        }
        let row: Row = serde_json::from_slice(&output.stdout)?;
        let dash = || "-".to_owned();
        println!(
            "{:<12} {:>7} {:>12} {:>10.4} {:>9} {:>10} {:>7} {:>8.2} {:>7.0}",
            model.name,
            row.auroc.map_or_else(dash, |value| format!("{value:.4}")),
            row.rank
                .map_or_else(dash, |rank| format!("{rank} of {}", row.nodes)),
            row.held_out,
            row.worth.map_or_else(dash, |worth| format!("{worth:+.4}")),
            row.explained
                .map_or_else(dash, |share| format!("{:.1}%", 100.0 * share)),
            row.epochs,
            row.seconds_per_epoch,
            row.megabytes,
        );
    }
    Ok(())
}

fn row(model: &str, arguments: &[String]) -> Result<Row, Box<dyn Error>> {
    let [expression, sets, labels, column, group, set, epochs] = arguments else {
        return Err("seven arguments".into());
    };
    let collection = GeneSetCollection::open(sets, &ReadOptions::default())?;
    let matrix = ExpressionMatrix::from_path(expression)?;
    let counts = collection.gene_counts();
    let best = Diagnosis::new(matrix.genes(), &counts)?.best();
    let mapped = Diagnosis::apply(best, matrix.genes(), &counts)?;
    let matrix = matrix.renamed(&mapped.names, DuplicateGenes::Auto)?;
    let labels = SampleTable::from_path(labels)?;
    let groups = labels.column(column).ok_or("no such column")?;
    let in_group = matrix.samples().iter().map(|sample| {
        let row = labels.samples().iter().position(|name| name == sample);
        row.map(|row| groups[row] == group)
    });
    let positive: Vec<bool> = in_group
        .collect::<Option<_>>()
        .ok_or("a sample without a label")?;

    let relations = match bundled::find(sets) {
        Some(info) => info.relations()?,
        None => None,
    };
    let annotations = Annotations {
        relations: relations.as_ref(),
        samples: None,
    };
    let mut options = FitOptions::named(model)?.with_seed(1);
    options.training.epochs = epochs.parse()?;
    let has_sets = options.model.gene_sets().is_some();
    let (trained, report) = fit_annotated(
        &matrix,
        &collection,
        annotations,
        options.clone(),
        &mut Silent,
    )?;
    let megabytes = peak_megabytes();
    let activity = trained.score(&matrix)?.activity;
    let mut separation = Vec::new();
    if has_sets {
        for name in activity.columns() {
            let values = activity.column(name).ok_or("no column")?;
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            separation.push((auroc(&values, &positive, 0.95)?.area, name.as_str()));
        }
    }
    // Several nodes of one set are called "SET /1", "SET /2", ...
    let own = |name: &str| name == set || name.starts_with(&format!("{set} /"));
    let distance = |value: f64| (value - 0.5).abs();
    let found = separation
        .iter()
        .filter(|(_, name)| own(name))
        .max_by(|a, b| distance(a.0).total_cmp(&distance(b.0)));
    let rank = found.map(|(area, _)| {
        let better = separation
            .iter()
            .filter(|(other, _)| distance(*other) > distance(*area));
        better.count() + 1
    });
    let best = |history: &gsae::training::History| {
        history
            .best()
            .map(EpochRecord::selection_loss)
            .ok_or("no epoch")
    };
    let held_out = best(trained.history())?;
    let worth = if has_sets {
        let shuffled = FitOptions {
            shuffled_map: Some(1),
            ..options
        };
        let (control, _) = fit_annotated(&matrix, &collection, annotations, shuffled, &mut Silent)?;
        Some(best(control.history())? - held_out)
    } else {
        None
    };
    let epochs = trained.history().epochs.len();
    let of_counts = trained.options().model.likelihood() == Likelihood::NegativeBinomial;
    let explained = if of_counts {
        None
    } else {
        Some(trained.explained_variance(&matrix, Told::default())?)
    };
    Ok(Row {
        auroc: found.map(|(area, _)| *area),
        rank,
        nodes: separation.len(),
        held_out,
        worth,
        explained,
        epochs,
        seconds_per_epoch: report.training_seconds / epochs as f64,
        megabytes,
    })
}

/// The most resident memory so far; 0 where the system does not tell.
fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kib.unwrap_or_default() / 1e3
}
