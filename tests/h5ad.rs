//! h5ad files of all ages. `tests/python/write_h5ad.py` wrote those in `tests/data/h5ad`.

mod common;

use assert_cmd::cargo::cargo_bin_cmd;
use common::shared;
use gsae::expression::{GeneColumn, Layer, ReadOptions, SampleTable};
use gsae::{ExpressionMatrix, Result};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

const GENES: [&str; 5] = ["TP53", "MYC", "ISG15", "MX1", "IFI6"];
const CELLS: [&str; 4] = ["cell 0", "cell 1", "cell 2", "cell 3"];

fn path(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/h5ad");
    folder.join(name).with_extension("h5ad")
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).expect("a test file")
}

/// The matrix that the script wrote, changed by `change`.
fn counts(change: impl Fn(f32) -> f32) -> Vec<f32> {
    let count = |at: usize| ((7 * (at / 5) + 3 * (at % 5)) % 5) as f32;
    (0..20).map(|at| change(count(at))).collect()
}

fn read(name: &str, layer: Layer, gene_column: GeneColumn) -> Result<ExpressionMatrix> {
    let options = ReadOptions {
        layer,
        gene_column,
        ..ReadOptions::default()
    };
    ExpressionMatrix::read(path(name), &options)
}

fn refused(name: &str, layer: Layer, gene_column: GeneColumn) -> String {
    let message = read(name, layer, gene_column).unwrap_err().to_string();
    assert!(
        message.contains(&format!("{name}.h5ad, field ")),
        "{message}"
    );
    assert!(message.ends_with('.'), "no remedy: {message}");
    message
}

#[test]
fn dense_and_sparse_matrices_are_read_equal() -> Result<()> {
    for name in ["dense", "csr", "csc_gzip", "categories"] {
        let matrix = ExpressionMatrix::from_path(path(name))?;
        assert_eq!(matrix.samples(), CELLS, "{name}");
        assert_eq!(matrix.genes(), GENES, "{name}");
        assert_eq!(*matrix.to_dense()?, counts(|count| count), "{name}");
        assert!(matrix.warnings().is_empty(), "{:?}", matrix.warnings());
        assert_eq!(matrix.sources()[0].sha256.len(), 64);
    }
    Ok(())
}

#[test]
fn counts_are_preferred_and_layers_can_be_chosen() -> Result<()> {
    let matrix = ExpressionMatrix::from_path(path("layers"))?;
    assert_eq!(*matrix.to_dense()?, counts(|count| count));
    let remark = &matrix.warnings()[0];
    assert!(remark.contains("layers/counts"), "{remark}");
    let log = read("layers", Layer::Named("log".into()), GeneColumn::Symbol)?;
    assert_eq!(*log.to_dense()?, counts(|count| count / 4.0));
    let x = read("layers", Layer::X, GeneColumn::Symbol)?;
    assert_eq!(*x.to_dense()?, counts(|count| count - 1.5));
    Ok(())
}

#[test]
fn raw_is_read_where_x_is_scaled_and_symbols_come_from_var() -> Result<()> {
    let matrix = ExpressionMatrix::from_path(path("raw"))?;
    assert_eq!(matrix.genes(), GENES);
    assert_eq!(*matrix.to_dense()?, counts(|count| count / 4.0));
    assert_eq!(matrix.warnings().len(), 2, "{:?}", matrix.warnings());
    let x = read("raw", Layer::X, GeneColumn::Id)?;
    assert_eq!(x.genes()[2], "ENSG00000000002");
    assert_eq!(x.row(1)?, [0.5 - 1.5, 0.0 - 1.5, 0.75 - 1.5]);
    let named = read("raw", Layer::Raw, GeneColumn::Named("feature_name".into()))?;
    assert_eq!(named.genes(), GENES);
    Ok(())
}

#[test]
fn annotations_come_from_obs() -> Result<()> {
    for name in ["dense", "csr", "csc_gzip"] {
        let table = SampleTable::from_path(path(name))?;
        assert_eq!(table.samples(), CELLS);
        for (column, expected) in [
            ("type", ["B", "T", "", "B"]),
            ("depth", ["1.5", "2", "0.25", "4"]),
            ("batch", ["1", "2", "1", "2"]),
            ("good", ["True", "False", "True", "True"]),
            ("note", ["a", "b,c", "", "µ"]),
            ("age", ["30", "", "50", "60"]),
        ] {
            assert_eq!(table.column(column).expect(column), expected, "{name}");
        }
        assert_eq!(table.columns().len(), 6);
    }
    let old = SampleTable::from_path(path("categories"))?;
    assert_eq!(old.columns(), ["type"]);
    assert_eq!(old.column("type").expect("a label"), ["B", "T", "", "B"]);
    Ok(())
}

#[test]
fn what_cannot_be_read_is_named_with_a_remedy() {
    let message = refused("zstd", Layer::Auto, GeneColumn::Symbol);
    assert!(
        message.contains("field X: it is compressed with zstd"),
        "{message}"
    );
    assert!(message.contains("compression=\"gzip\""), "{message}");
    let message = refused("layers", Layer::Named("tpm".into()), GeneColumn::Symbol);
    assert!(message.contains("one of: X, counts, log"), "{message}");
    let message = refused("raw", Layer::Auto, GeneColumn::Named("name".into()));
    assert!(message.contains("one of: feature_name"), "{message}");
}

#[test]
fn objects_of_r_are_refused_with_the_line_that_exports_them() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in [
        ("x.rds", &b"X\n\0\0\0\x03\0\x04"[..]),
        ("x.RData", b"RDX3\nX\n"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        let message = ExpressionMatrix::from_path(&path).unwrap_err().to_string();
        assert!(
            message.contains(&format!("{name}: this is an object that R")),
            "{message}"
        );
        assert!(message.contains("write.table("), "{message}");
    }
}

#[test]
fn a_file_of_structured_arrays_is_read_and_trains() -> Result<()> {
    let Some(shared) = shared() else {
        return Ok(());
    };
    let file = shared.join("data/pbmc68k/10x_pbmc68k_reduced.h5ad");
    let matrix = ExpressionMatrix::from_path(&file)?;
    assert_eq!((matrix.n_samples(), matrix.n_genes()), (700, 765));
    let values = matrix.to_dense()?;
    let stored = values.iter().filter(|value| **value != 0.0);
    assert_eq!(stored.count(), 174_400);
    let labels = SampleTable::from_path(&file)?;
    assert_eq!(labels.samples(), matrix.samples());
    let types = labels.column("bulk_labels").expect("a label");
    assert!(types.contains(&"CD56+ NK"), "{types:?}");
    let run = tempfile::tempdir().expect("a folder");
    // The folder does as well, as there is no other matrix in it.
    cargo_bin_cmd!("gsae")
        .arg("fit")
        .arg("-e")
        .arg(shared.join("data/pbmc68k"))
        .args(["-g", "reactome", "--epochs", "1", "-q", "-o"])
        .arg(run.path().join("run"))
        .assert()
        .success();
    // Nothing can be added to such a file, which is said before any work.
    let [obsm, fitted] = ["scores.h5ad", "fitted"].map(|name| run.path().join(name));
    for (command, out) in [
        (&["score", "--method", "ulm"][..], &obsm),
        (&["fit", "--epochs", "1"], &fitted),
    ] {
        let output = cargo_bin_cmd!("gsae")
            .args(command)
            .args(["-g", "reactome", "--format", "h5ad-obsm", "-e"])
            .arg(&file)
            .arg("-o")
            .arg(out)
            .assert()
            .failure();
        let text = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        assert!(
            text.contains("before 0.7") && text.contains("--format h5ad"),
            "{text}"
        );
        assert!(!out.exists());
    }
    Ok(())
}

#[test]
fn a_folder_stands_for_the_one_matrix_in_it() -> Result<()> {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = |to: &str| {
        std::fs::copy(path("csr"), folder.path().join(to)).expect("a copy");
    };
    copy("cells.h5ad");
    std::fs::write(folder.path().join("labels.tsv"), "cell\ttype\n").expect("written");
    let found = ExpressionMatrix::from_path(folder.path())?;
    let named = ExpressionMatrix::from_path(folder.path().join("cells.h5ad"))?;
    assert_eq!(found.samples(), named.samples());
    assert_eq!(found.genes(), named.genes());
    assert_eq!(found.to_dense()?, named.to_dense()?);
    let labels = SampleTable::from_path(folder.path())?;
    assert_eq!(labels.samples(), named.samples());

    // The scores are added to a copy of that file, which is not replaced.
    let sets = folder.path().join("sets.gmt");
    std::fs::write(&sets, "interferon\t\tISG15\tMX1\tIFI6\n").expect("written");
    let score = |out: &str| {
        let out = folder.path().join(out);
        cargo_bin_cmd!("gsae")
            .args([
                "score",
                "--method",
                "mean-z",
                "--format",
                "h5ad-obsm",
                "--min-size",
                "1",
            ])
            .arg("-g")
            .arg(&sets)
            .arg("-e")
            .arg(folder.path())
            .arg("-o")
            .arg(out)
            .assert()
    };
    let before = bytes("csr");
    let output = score("cells.h5ad").failure();
    let text = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(
        text.contains("cells.h5ad, which is read as --expression"),
        "{text}"
    );
    assert_eq!(
        std::fs::read(folder.path().join("cells.h5ad")).ok(),
        Some(before)
    );
    std::fs::create_dir(folder.path().join("out")).expect("a folder");
    score("out/scored.h5ad").success();
    let scored = ExpressionMatrix::from_path(folder.path().join("out/scored.h5ad"))?;
    assert_eq!(scored.to_dense()?, named.to_dense()?);

    // A fit into the folder goes by the matrix that it found first; hidden files are none.
    std::fs::write(folder.path().join("._cells.h5ad"), "").expect("written");
    let fit = |out: &Path| {
        cargo_bin_cmd!("gsae")
            .args([
                "fit",
                "--min-size",
                "1",
                "--epochs",
                "1",
                "--evidence",
                "none",
            ])
            .args(["--no-report", "--format", "h5ad,h5ad-obsm", "-g"])
            .arg(&sets)
            .arg("-e")
            .arg(folder.path())
            .arg("-o")
            .arg(out)
            .assert()
    };
    let run = folder.path().join("run");
    let output = fit(&run).success();
    let text = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(text.contains("cells.h5ad: 4"), "{text}");
    let error = ExpressionMatrix::from_path(&run).expect_err("results");
    assert!(error.to_string().contains("results of a fit"), "{error}");
    fit(folder.path()).success();
    assert!(folder.path().join("activity.obsm.h5ad").is_file());
    for name in [
        "model.safetensors",
        "run.json",
        "activity.h5ad",
        "activity.obsm.h5ad",
    ] {
        std::fs::remove_file(folder.path().join(name)).expect("removed");
    }

    copy("more.h5ad");
    let error = ExpressionMatrix::from_path(folder.path()).expect_err("which one?");
    let message = error.to_string();
    assert!(
        message.contains("2 matrices: cells.h5ad, more.h5ad"),
        "{message}"
    );
    // A 10x MTX folder beside a file of all droplets is one of two.
    std::fs::remove_file(folder.path().join("more.h5ad")).expect("removed");
    let filtered = folder.path().join("filtered_feature_bc_matrix");
    std::fs::create_dir(&filtered).expect("a folder");
    std::fs::write(filtered.join("matrix.mtx.gz"), "").expect("written");
    let error = ExpressionMatrix::from_path(folder.path()).expect_err("which one?");
    assert!(error.to_string().contains("filtered_feature"), "{error}");
    Ok(())
}

#[test]
fn truncated_files_are_errors() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cut.h5ad");
    for name in ["dense", "csc_gzip"] {
        let whole = bytes(name);
        for end in (9..whole.len()).step_by(whole.len() / 40) {
            std::fs::write(&path, &whole[..end]).expect("a file");
            if let Err(cause) = ExpressionMatrix::from_path(&path) {
                assert!(cause.to_string().contains("cut.h5ad"), "{cause}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn damaged_files_never_panic(
        name in prop::sample::select(vec!["dense", "csr", "csc_gzip", "raw", "categories"]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut damaged = bytes(name);
        for (at, byte) in changes {
            let at = 8 + at.index(damaged.len() - 8);
            damaged[at] = byte;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("damaged.h5ad");
        std::fs::write(&path, damaged).expect("a file");
        if let Ok(read) = ExpressionMatrix::from_path(&path) {
            prop_assert!(read.to_dense().expect("values").iter().all(|value| value.is_finite()));
        }
        let _ = SampleTable::from_path(&path);
    }
}
