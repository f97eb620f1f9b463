//! `gsae interpret`: its files, the same bits on any number of threads, and its refusals.

use assert_cmd::cargo::cargo_bin_cmd;
use gsae::{Error, Result};
use std::path::Path;

const EXPRESSION: &str = "examples/pbmc3k/expression.tsv.gz";

fn folder() -> Result<tempfile::TempDir> {
    tempfile::tempdir().map_err(Error::io("create", "a temporary folder"))
}

/// Runs the program: its standard output and error, and whether it succeeded.
fn gsae(arguments: &[&str]) -> (String, String, bool) {
    let output = cargo_bin_cmd!("gsae").args(arguments).output();
    let output = output.expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (
        text(output.stdout),
        text(output.stderr),
        output.status.success(),
    )
}

/// Trains a model; the path of its file.
fn model(folder: &Path, name: &str, more: &[&str]) -> String {
    let run = folder.join(name);
    let out = run.display().to_string();
    let mut arguments = vec![
        "fit", "-q", "-e", EXPRESSION, "--model", name, "--epochs", "3", "-o", &out,
    ];
    arguments.extend(more);
    let (_, error, success) = gsae(&arguments);
    assert!(success, "{error}");
    run.join("model.safetensors").display().to_string()
}

fn interpret(model: &str, out: &Path, more: &[&str]) -> (String, String, bool) {
    let out = out.display().to_string();
    let mut arguments = vec![
        "interpret",
        "-m",
        model,
        "-e",
        EXPRESSION,
        "-o",
        &out,
        "--permutations",
        "50",
        "--enrich",
        "2",
    ];
    arguments.extend(more);
    gsae(&arguments)
}

fn files(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let path = entry.map_err(Error::io("read", folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bytes = std::fs::read(&path).map_err(Error::io("read", &path))?;
        found.push((name.into_owned(), bytes));
    }
    found.sort();
    Ok(found)
}

/// Rows by field, the header first.
fn table(folder: &Path, name: &str) -> Result<Vec<Vec<String>>> {
    let path = folder.join(name);
    let text = std::fs::read_to_string(&path).map_err(Error::io("read", &path))?;
    let fields = |line: &str| line.split('\t').map(str::to_owned).collect();
    Ok(text.lines().map(fields).collect())
}

#[test]
fn a_gsae_is_interpreted_alike_on_any_number_of_threads() -> Result<()> {
    let folder = folder()?;
    let model = model(folder.path(), "gsae", &["-g", "reactome", "--latent", "30"]);
    let (one, three) = (folder.path().join("one"), folder.path().join("three"));
    let (text, error, success) = interpret(&model, &one, &["--threads", "1"]);
    assert!(success, "{error}");
    assert!(text.contains("30 latent units"), "{text}");
    assert!(
        text.contains("  + r +") && text.contains("  - genes "),
        "{text}"
    );
    let (again, _, _) = interpret(&model, &three, &["--threads", "3"]);
    assert_eq!(text, again);
    let (first, second) = (files(&one)?, files(&three)?);
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "enrichment.tsv",
        "groups.tsv",
        "interpret.json",
        "loadings_genes.tsv",
        "loadings_sets.tsv",
        "merged_activity.tsv",
        "merged_latent.tsv",
        "supersets.tsv",
        "tails.tsv",
        "weights_sets.tsv",
    ];
    assert_eq!(names, expected);
    for ((name, a), (_, b)) in first.iter().zip(&second) {
        assert!(a == b, "{name} differs between numbers of threads");
    }

    let supersets = table(&one, "supersets.tsv")?;
    assert_eq!(supersets.len(), 31);
    let width = supersets[0].len();
    let r2: Vec<f64> = supersets[1..]
        .iter()
        .map(|row| row[1].parse().unwrap_or(f64::NAN))
        .collect();
    assert!(r2.is_sorted_by(|a, b| a >= b));
    assert!(supersets.iter().all(|row| row.len() == width));
    // The first two units were tested, each in all sets; the listed genes lead them.
    let enrichment = table(&one, "enrichment.tsv")?;
    let column = |name: &str| enrichment[0].iter().position(|field| field == name);
    let (p, node, test) = (column("p"), column("node"), column("test"));
    let (p, node, test) = (p.expect("p"), node.expect("node"), test.expect("test"));
    assert!(
        enrichment[1..]
            .iter()
            .all(|row| row[p].parse::<f64>().is_ok_and(|p| p > 0.0))
    );
    let ranked = enrichment.iter().filter(|row| row[test] == "prerank");
    assert_eq!(ranked.count(), 2 * 986);
    assert_eq!(enrichment[1][node], supersets[1][0]);
    // Tails agree with the table of loadings.
    let loadings = table(&one, "loadings_genes.tsv")?;
    let tails = table(&one, "tails.tsv")?;
    let first = &tails[1];
    let unit = loadings[0].iter().position(|name| *name == first[0]);
    let unit = unit.expect("the latent unit");
    let row = loadings.iter().find(|row| row[0] == first[4]);
    let loading: f64 = row.expect("the gene")[unit].parse().unwrap_or(f64::NAN);
    assert!((loading - first[5].parse::<f64>().unwrap_or(f64::NAN)).abs() < 1e-6);
    let merged = table(&one, "merged_latent.tsv")?;
    assert_eq!(merged.len(), 161);
    Ok(())
}

#[test]
fn a_model_without_gene_sets_is_tested_with_any_collection() -> Result<()> {
    let folder = folder()?;
    let model = model(folder.path(), "pca", &["--latent", "5"]);
    let plain = folder.path().join("plain");
    let (_, error, success) = interpret(&model, &plain, &[]);
    assert!(success, "{error}");
    assert!(error.contains("--gene-sets names a collection"), "{error}");
    assert!(!plain.join("enrichment.tsv").exists());
    assert!(!plain.join("loadings_sets.tsv").exists());
    assert!(plain.join("weights_genes.tsv").exists());
    let tested = folder.path().join("tested");
    let (text, error, success) = interpret(&model, &tested, &["-g", "wikipathways"]);
    assert!(success, "{error}");
    assert!(text.contains("  + NES +"), "{text}");
    let enrichment = table(&tested, "enrichment.tsv")?;
    assert!(
        enrichment
            .iter()
            .any(|row| row[1] == "ora" && row[2] == "negative")
    );
    Ok(())
}

#[test]
fn what_cannot_be_done_is_said_before_anything_is_written() -> Result<()> {
    let folder = folder()?;
    let model = model(folder.path(), "pca", &["--latent", "5"]);
    let out = folder.path().join("out");
    for (more, said) in [
        (
            &["--enrich", "some"][..],
            "--enrich is a number or all, not \"some\"",
        ),
        (
            &["--merge-above", "1.5"],
            "--merge-above must be in (0, 1], not 1.5",
        ),
        (
            &["--tail-z", "0"],
            "--tail-z must be a number above 0, not 0",
        ),
        (
            &["--gene-sets", "no.gmt"],
            "--gene-sets \"no.gmt\" is neither a file",
        ),
    ] {
        let arguments: Vec<&str> = ["interpret", "-m", &model, "-e", EXPRESSION, "-o"].into();
        let out_text = out.display().to_string();
        let arguments: Vec<&str> = arguments
            .into_iter()
            .chain([out_text.as_str()])
            .chain(more.iter().copied())
            .collect();
        let (_, error, success) = gsae(&arguments);
        assert!(!success && error.contains(said), "{more:?}: {error}");
        assert!(!out.exists(), "{more:?} left a folder");
    }
    let (text, error, success) = interpret(&model, &out, &["--min-r2", "0.9"]);
    assert!(success, "{error}");
    assert!(error.contains("none of the 5 latent units"), "{error}");
    assert!(text.contains("5 explain next to nothing"), "{text}");
    Ok(())
}
