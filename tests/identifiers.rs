//! The identifier doctor on the command line: what users bring is mapped or refused before any
//! training.

use assert_cmd::cargo::cargo_bin_cmd;
use gsae::identifiers::GeneTable;
use gsae::{Error, ExpressionMatrix, GeneSetCollection, Result};
use std::cell::Cell;
use std::fmt::Write;

/// The cells that ship with gsae, their genes renamed; genes without a name are left out.
fn renamed(name: impl Fn(&str) -> Option<String>) -> Result<String> {
    let matrix = ExpressionMatrix::from_path("examples/pbmc3k/expression.tsv.gz")?;
    let mut text = format!("gene\t{}\n", matrix.samples().join("\t"));
    for (gene, symbol) in matrix.genes().iter().enumerate() {
        if let Some(name) = name(symbol) {
            text.push_str(&name);
            for sample in 0..matrix.n_samples() {
                let _ = write!(text, "\t{}", matrix.row(sample)?[gene]);
            }
            text.push('\n');
        }
    }
    Ok(text)
}

/// Fits a table in a folder of its own; whether it went well, the messages, and the activity.
fn fit(table: &str, sets: &str, more: &[&str]) -> Result<(bool, String, Option<Vec<u8>>)> {
    let folder = tempfile::tempdir().map_err(Error::io("create", "a temporary folder"))?;
    let path = folder.path().join("expression.tsv");
    std::fs::write(&path, table).map_err(Error::io("write", &path))?;
    let run = folder.path().join("run");
    let output = cargo_bin_cmd!("gsae")
        .arg("fit")
        .arg("-e")
        .arg(&path)
        .args(["-g", sets, "--epochs", "1"])
        .args(more)
        .arg("-o")
        .arg(&run)
        .output()
        .map_err(Error::io("run", "gsae"))?;
    let messages = String::from_utf8_lossy(&output.stderr).into_owned();
    let activity = std::fs::read(run.join("activity.tsv")).ok();
    Ok((output.status.success(), messages, activity))
}

fn line<'a>(text: &'a str, start: &str) -> &'a str {
    text.lines()
        .find(|line| line.starts_with(start))
        .unwrap_or_default()
}

#[test]
fn versioned_ensembl_ids_give_what_symbols_give() -> Result<()> {
    let table = GeneTable::bundled()?;
    let id = |symbol: &str| table.ensembl_of(symbol).next().map(str::to_owned);
    // A gene per id, so that both tables hold the same genes.
    let unique =
        |symbol: &str| id(symbol).is_some_and(|id| table.from_ensembl(&id) == Some(symbol));
    let symbols = renamed(|symbol| unique(symbol).then(|| symbol.to_owned()))?;
    let ids = renamed(|symbol| id(symbol).filter(|_| unique(symbol)).map(|id| id + ".7"))?;
    let (fitted, _, by_symbol) = fit(&symbols, "reactome", &[])?;
    assert!(fitted);
    let (fitted, messages, by_id) = fit(&ids, "reactome", &[])?;
    assert!(fitted, "{messages}");
    assert!(messages.contains("to-symbol"), "{messages}");
    assert!(by_symbol.is_some() && by_symbol == by_id);
    Ok(())
}

#[test]
fn gene_sets_of_entrez_ids_take_data_of_symbols() -> Result<()> {
    let table = GeneTable::bundled()?;
    let folder = tempfile::tempdir().map_err(Error::io("create", "a temporary folder"))?;
    let path = folder.path().join("entrez.gmt");
    let reactome = GeneSetCollection::open("reactome", &Default::default())?;
    let mut gmt = String::new();
    for set in reactome.sets().iter().filter(|set| set.len() > 50) {
        let ids: Vec<&str> = set
            .genes
            .iter()
            .filter_map(|gene| table.entrez_of(gene).next())
            .collect();
        let _ = writeln!(gmt, "{}\tna\t{}", set.name, ids.join("\t"));
    }
    std::fs::write(&path, gmt).map_err(Error::io("write", &path))?;
    let symbols = renamed(|symbol| Some(symbol.to_owned()))?;
    let (fitted, messages, _) = fit(&symbols, &path.display().to_string(), &[])?;
    assert!(fitted, "{messages}");
    assert!(messages.contains("to-entrez"), "{messages}");
    Ok(())
}

#[test]
fn mouse_symbols_stop_before_training_and_say_why() -> Result<()> {
    let mouse = renamed(|symbol| {
        let (first, rest) = symbol.split_at_checked(1)?;
        Some(format!("{first}{}", rest.to_lowercase()))
    })?;
    let (fitted, messages, activity) = fit(&mouse, "reactome", &[])?;
    assert!(!fitted && activity.is_none());
    let error = line(&messages, "error: ");
    assert!(
        error.contains("species") && error.contains("upper-case"),
        "{messages}"
    );
    assert!(!messages.contains("epoch"), "{messages}");
    let (fitted, messages, _) = fit(&mouse, "reactome", &["--gene-mapping", "upper-case"])?;
    assert!(fitted, "{messages}");
    Ok(())
}

#[test]
fn the_limit_can_be_set() -> Result<()> {
    // Only one gene in thirty keeps a name that the sets know.
    let number = Cell::new(0);
    let text = renamed(|symbol| {
        number.set(number.get() + 1);
        let known = number.get() % 30 == 0;
        Some(if known {
            symbol.to_owned()
        } else {
            format!("probe_{}", number.get())
        })
    })?;
    let options = ["--min-size", "2", "--genes-as", "rows"];
    let (fitted, messages, _) = fit(&text, "reactome", &options)?;
    assert!(!fitted);
    assert!(
        line(&messages, "error: ").contains("the limit is 10.0 %"),
        "{messages}"
    );
    let options = [
        "--min-size",
        "2",
        "--genes-as",
        "rows",
        "--min-match",
        "0.01",
    ];
    let (fitted, messages, _) = fit(&text, "reactome", &options)?;
    assert!(fitted, "{messages}");
    Ok(())
}

/// Runs gsae in a folder; its standard output and error.
fn gsae_in(folder: &std::path::Path, arguments: &[&str]) -> (bool, String, String) {
    let output = assert_cmd::cargo::cargo_bin_cmd!("gsae")
        .current_dir(folder)
        .args(arguments)
        .output()
        .expect("gsae starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.success(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn a_table_of_orthologs_renames_the_data_and_the_doctor_lists_every_gene() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("a file");
    };
    write(
        "counts.tsv",
        "gene\ts1\ts2\nTrp53\t3\t1\nMyc\t0\t2\nGm1\t7\t0\nMyc2\t1\t1\nENSG00000187608.10\t5\t5\n",
    );
    write("sets.gmt", "A\tna\tTP53\tMYC\nB\tna\tISG15\tMYC\n");
    write(
        "orthologs.tsv",
        "mouse\thuman\nTrp53\tTP53\nMyc\tMYC\nMyc\tMYCL\nMyc2\tMYC\nOther\t\n",
    );
    let common = [
        "-e",
        "counts.tsv",
        "-g",
        "sets.gmt",
        "--id-table",
        "orthologs.tsv",
    ];
    let mut arguments = vec!["doctor", "--out", "genes.tsv"];
    arguments.extend(common);
    let (success, report, notes) = gsae_in(folder.path(), &arguments);
    assert!(success, "{notes}");
    assert!(notes.contains("3 of 5 genes are in the table"), "{notes}");
    assert!(notes.contains("1 gene has several new names"), "{notes}");
    assert!(
        report.contains("2 matched") && report.contains("3 instead of 2"),
        "{report}"
    );
    let table = std::fs::read_to_string(folder.path().join("genes.tsv")).expect("a table");
    assert_eq!(
        table,
        "gene\tused_as\tby\tsets\nTrp53\tTP53\tid-table\t1\nMyc\tMYC\tid-table (first of 2)\t2\n\
         Gm1\tGm1\t-\t0\nMyc2\tMYC\tid-table\t2\nENSG00000187608.10\tISG15\tto-symbol\t1\n"
    );
    // Two genes of one new name are one gene: counts are added.
    let mut arguments = vec![
        "score",
        "--method",
        "mean-z",
        "--min-size",
        "1",
        "--out",
        "s.tsv",
    ];
    arguments.extend(common);
    let (success, _, notes) = gsae_in(folder.path(), &arguments);
    assert!(success, "{notes}");
    write("swapped.tsv", "TP53\tTrp53\n");
    let (success, _, error) = gsae_in(
        folder.path(),
        &[
            "doctor",
            "-e",
            "counts.tsv",
            "-g",
            "sets.gmt",
            "--id-table",
            "swapped.tsv",
        ],
    );
    assert!(!success && error.contains("swap the columns"), "{error}");
    write("one.tsv", "Trp53\n");
    let (_, _, error) = gsae_in(
        folder.path(),
        &[
            "doctor",
            "-e",
            "counts.tsv",
            "-g",
            "sets.gmt",
            "--id-table",
            "one.tsv",
        ],
    );
    assert!(
        error.contains("one.tsv, line 1") && error.contains("one column"),
        "{error}"
    );
}
