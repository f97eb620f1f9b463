//! The same seed gives the same bits, whatever the threads, the order of the genes, or the way
//! through the model file.

use assert_cmd::cargo::cargo_bin_cmd;
use gsae::genesets::ReadOptions;
use gsae::training::Silent;
use gsae::{Error, ExpressionMatrix, FitOptions, GeneSetCollection, Result, TrainedModel, fit};
use rand::seq::SliceRandom;
use std::path::Path;

const EXPRESSION: &str = "examples/pbmc3k/expression.tsv.gz";

fn folder() -> Result<tempfile::TempDir> {
    tempfile::tempdir().map_err(Error::io("create", "a temporary folder"))
}

fn bytes(path: impl AsRef<Path>) -> Result<Vec<u8>> {
    std::fs::read(&path).map_err(Error::io("read", path))
}

/// Runs the program; its standard error if it fails.
fn gsae(arguments: &[&str]) {
    cargo_bin_cmd!("gsae").args(arguments).assert().success();
}

fn fit_to(expression: &str, out: &Path, more: &[&str]) {
    let out = out.display().to_string();
    let mut arguments = vec![
        "fit", "-e", expression, "-g", "reactome", "--epochs", "4", "-q", "-o", &out,
    ];
    arguments.extend(more);
    gsae(&arguments);
}

/// A model of a few epochs on the cells that ship with gsae.
fn trained(expression: &ExpressionMatrix) -> Result<TrainedModel> {
    let sets = GeneSetCollection::open("wikipathways", &ReadOptions::default())?;
    let mut options = FitOptions::default().with_seed(11);
    options.training.epochs = 3;
    Ok(fit(expression, &sets, options, &mut Silent)?.0)
}

#[test]
fn threads_and_repeats_change_no_bit_of_any_output() -> Result<()> {
    let folder = folder()?;
    let runs = ["one", "two", "again"].map(|name| folder.path().join(name));
    for (run, threads) in runs.iter().zip(["1", "2", "2"]) {
        fit_to(EXPRESSION, run, &["--threads", threads]);
    }
    for name in [
        "activity.tsv",
        "latent.tsv",
        "nodes.tsv",
        "history.tsv",
        "model.safetensors",
    ] {
        let first = bytes(runs[0].join(name))?;
        assert!(
            first == bytes(runs[1].join(name))?,
            "{name}: 1 and 2 threads"
        );
        assert!(first == bytes(runs[2].join(name))?, "{name}: run again");
    }
    Ok(())
}

#[test]
fn the_order_of_the_genes_changes_no_bit() -> Result<()> {
    let folder = folder()?;
    let (text, _) = gsae::io::read_bytes(EXPRESSION)?;
    let mut lines: Vec<&[u8]> = text.trim_ascii_end().split(|byte| *byte == b'\n').collect();
    lines[1..].shuffle(&mut gsae::nn::random_stream(5, "order of genes"));
    let shuffled = folder.path().join("shuffled.tsv");
    std::fs::write(&shuffled, lines.join(&b'\n')).map_err(Error::io("write", &shuffled))?;

    let (given, other) = (folder.path().join("given"), folder.path().join("other"));
    fit_to(EXPRESSION, &given, &[]);
    fit_to(&shuffled.display().to_string(), &other, &[]);
    for name in ["activity.tsv", "latent.tsv", "nodes.tsv", "history.tsv"] {
        assert!(
            bytes(given.join(name))? == bytes(other.join(name))?,
            "{name} depends on the order of the genes"
        );
    }
    Ok(())
}

#[test]
fn another_seed_gives_other_weights() -> Result<()> {
    let folder = folder()?;
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    fit_to(EXPRESSION, &one, &["--seed", "1"]);
    fit_to(EXPRESSION, &two, &["--seed", "2"]);
    assert!(bytes(one.join("history.tsv"))? != bytes(two.join("history.tsv"))?);
    assert!(bytes(one.join("latent.tsv"))? != bytes(two.join("latent.tsv"))?);
    Ok(())
}

#[test]
fn the_model_file_scores_the_training_samples_to_the_same_bits() -> Result<()> {
    let folder = folder()?;
    let run = folder.path().join("run");
    fit_to(EXPRESSION, &run, &[]);
    let path = |name: &str| folder.path().join(name).display().to_string();
    gsae(&[
        "activity",
        "-q",
        "-m",
        &path("run/model.safetensors"),
        "-e",
        EXPRESSION,
        "-o",
        &path("activity.tsv"),
        "--nodes",
        &path("nodes.tsv"),
        "--latent",
        &path("latent.tsv"),
        "--raw",
        &path("raw.tsv"),
    ]);
    for name in ["activity.tsv", "nodes.tsv", "latent.tsv"] {
        assert!(
            bytes(run.join(name))? == bytes(path(name))?,
            "{name} differs"
        );
    }
    assert!(bytes(path("raw.tsv"))? != bytes(path("activity.tsv"))?);
    Ok(())
}

#[test]
fn models_are_saved_and_loaded_to_the_same_bits() -> Result<()> {
    let expression = ExpressionMatrix::from_path(EXPRESSION)?;
    let model = trained(&expression)?;
    let folder = folder()?;
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    model.save(&first)?;
    let loaded = TrainedModel::load(&first)?;
    loaded.save(&second)?;
    assert!(bytes(&first)? == bytes(&second)?);
    assert_eq!(loaded.score(&expression)?, model.score(&expression)?);
    assert_eq!(
        loaded.raw_nodes(&expression)?,
        model.raw_nodes(&expression)?
    );
    assert_eq!(loaded.sources(), model.sources());
    assert_eq!(loaded.genes(), model.genes());
    Ok(())
}

#[test]
fn a_single_sample_scores_as_it_did_among_others() -> Result<()> {
    let expression = ExpressionMatrix::from_path(EXPRESSION)?;
    let model = trained(&expression)?;
    let together = model.score(&expression)?;
    for sample in [0, 77, 159] {
        let alone = model.score(&expression.select_samples(&[sample]))?;
        assert_eq!(alone.activity.row(0), together.activity.row(sample));
        assert_eq!(alone.nodes, together.nodes);
    }
    Ok(())
}

#[test]
fn genes_that_are_missing_lower_the_coverage_and_little_else() -> Result<()> {
    let expression = ExpressionMatrix::from_path(EXPRESSION)?;
    let model = trained(&expression)?;
    let whole = model.score(&expression)?;
    let kept: Vec<usize> = (0..expression.n_genes())
        .filter(|gene| gene % 4 > 0)
        .collect();
    let fewer = model.score(&expression.select_genes(&kept))?;

    let lost = |gene: &String| {
        let at = expression.genes().iter().position(|name| name == gene);
        at.is_some_and(|at| at % 4 == 0)
    };
    assert!(fewer.missing_genes.iter().all(lost));
    assert_eq!(
        fewer.missing_genes.len(),
        model.genes().iter().filter(|gene| lost(gene)).count()
    );
    let mut correlations = Vec::new();
    for (before, after) in whole.nodes.rows().iter().zip(fewer.nodes.rows()) {
        assert!(after.found <= before.found);
        assert!(after.coverage() <= before.coverage());
        let column = |scores: &gsae::ScoreTable| scores.column(&before.node.name);
        if let (Some(a), Some(b)) = (column(&whole.activity), column(&fewer.activity)) {
            correlations.push(pearson(&a, &b));
        }
    }
    correlations.sort_by(f64::total_cmp);
    let median = correlations[correlations.len() / 2];
    assert!(median > 0.85, "median correlation {median}");
    Ok(())
}

fn pearson(a: &[f32], b: &[f32]) -> f64 {
    let mean =
        |values: &[f32]| values.iter().copied().map(f64::from).sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (f64::from(*a) - mean_a, f64::from(*b) - mean_b);
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    ab / (aa * bb).sqrt()
}

#[test]
fn connections_outside_of_the_mask_have_no_parameter() -> Result<()> {
    let expression = ExpressionMatrix::from_path(EXPRESSION)?;
    let model = trained(&expression)?;
    let memberships: usize = model.nodes().iter().map(|node| node.found).sum();
    let (genes, sets) = (model.genes().len(), model.nodes().len());
    let supersets = model
        .score(&expression.select_samples(&[0]))?
        .latent
        .columns()
        .len();
    // Two masked layers (sets from genes, genes from sets) and two dense ones (supersets from
    // sets and back), each with its bias.
    let expected = (memberships + sets)
        + (memberships + genes)
        + (sets * supersets + supersets)
        + (supersets * sets + sets);
    assert_eq!(model.network().parameters().count(), expected);
    assert!(2 * memberships < genes * sets / 10);
    Ok(())
}
