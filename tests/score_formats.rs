//! Scores in every format: what was written reads back. `tests/python/read_h5ad.py` opens the
//! h5ad files with anndata and scanpy.

use assert_cmd::cargo::cargo_bin_cmd;
use gsae::activity::{ScoreFormat, ScoreOutput, ScoreTable};
use gsae::expression::{GeneColumn, Layer, MissingValues, ReadOptions, SampleTable};
use gsae::io::{Column, Columns, Gct, GctVersion, read_bytes};
use gsae::{Error, ExpressionMatrix, GeneSetCollection, Result, TrainedModel};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Two samples, three sets, a score that is missing.
fn table() -> Result<ScoreTable> {
    let values = vec![0.5, f32::NAN, -2.5e-7, 3.0, 1.0, 0.1];
    ScoreTable::new(
        names(&["a", "b µ"]),
        names(&["UP", "DOWN/x", "SIDE ways"]),
        values,
    )
}

fn output(scores: &ScoreTable) -> Result<ScoreOutput<'_>> {
    let mut output = ScoreOutput::new(scores);
    output.samples = Columns::new(scores.samples().to_vec())
        .with("type", Column::Text(names(&["B", ""])))?
        .with("age", Column::Number(vec![30.5, f64::NAN]))?;
    output.sets = Columns::new(scores.columns().to_vec())
        .with("description", Column::Text(names(&["x", "y", "y"])))?
        .with("size", Column::Whole(vec![3, 4, 5]))?
        .with("active", Column::Flag(vec![true, false, true]))?;
    output.metadata = serde_json::json!({
        "version": "0", "seed": 7, "rate": 0.5, "masked": true, "nothing": null,
        "names": ["x", "y"], "nested": { "numbers": [1, 2.5] }, "odd": [1, "x"],
    });
    Ok(output)
}

fn text(path: &Path) -> String {
    let (bytes, _) = read_bytes(path).expect("a file");
    String::from_utf8(bytes).expect("text")
}

#[test]
fn long_and_json_plain_and_gzip() -> Result<()> {
    let folder = folder();
    let scores = table()?;
    for name in ["x.tsv", "x.tsv.gz"] {
        let path = folder.path().join(name);
        output(&scores)?.write(&path, ScoreFormat::Long)?;
        assert_eq!(
            text(&path),
            "sample\tset\tscore\na\tUP\t0.5\na\tDOWN/x\tNA\na\tSIDE ways\t-0.00000025\n\
             b µ\tUP\t3\nb µ\tDOWN/x\t1\nb µ\tSIDE ways\t0.1\n"
        );
    }
    let gzip = std::fs::read(folder.path().join("x.tsv.gz")).expect("a file");
    assert_eq!(gzip[..2], [0x1f, 0x8b]);
    let path = folder.path().join("x.json");
    output(&scores)?.write(&path, ScoreFormat::Json)?;
    let json: serde_json::Value = serde_json::from_str(&text(&path)).expect("JSON");
    assert_eq!(json["scores"][0][0], 0.5);
    assert!(json["scores"][0][1].is_null());
    assert_eq!(json["sets"][1]["name"], "DOWN/x");
    assert_eq!(json["sets"][1]["size"], 4);
    assert_eq!(json["samples"][0]["type"], "B");
    assert!(json["samples"][1]["age"].is_null());
    assert_eq!(json["metadata"]["nested"]["numbers"][1], 2.5);
    Ok(())
}

#[test]
fn gct_reads_back() -> Result<()> {
    let folder = folder();
    let path = folder.path().join("x.gct");
    let scores = table()?;
    output(&scores)?.write(&path, ScoreFormat::Gct(GctVersion::V1_3))?;
    let table = SampleTable::from_path(&path)?;
    assert_eq!(table.column("type"), Some(vec!["B", ""]));
    let options = ReadOptions {
        missing: MissingValues::Zero,
        gene_column: GeneColumn::Id,
        ..ReadOptions::default()
    };
    let read = ExpressionMatrix::read(&path, &options)?;
    assert_eq!(read.samples(), scores.samples());
    assert_eq!(read.genes(), scores.columns());
    assert_eq!(*read.to_dense()?, [0.5, 0.0, -2.5e-7, 3.0, 1.0, 0.1]);
    output(&scores)?.write(&path, ScoreFormat::Gct(GctVersion::V1_2))?;
    assert!(text(&path).starts_with("#1.2\n3\t2\nName\tDescription\ta\tb µ\nUP\tx\t0.5\t3\n"));
    assert_eq!(
        ExpressionMatrix::read(&path, &options)?.to_dense()?,
        read.to_dense()?
    );
    Ok(())
}

#[test]
fn h5ad_reads_back() -> Result<()> {
    let folder = folder();
    let path = folder.path().join("x.h5ad");
    let mut scores = table()?;
    let latent = ScoreTable::new(scores.samples().to_vec(), names(&["l1"]), vec![1.0, 2.0])?;
    let mut output = output(&scores)?;
    output.latent = Some(&latent);
    output.write(&path, ScoreFormat::H5ad)?;
    let first = std::fs::read(&path).expect("a file");
    output.write(&path, ScoreFormat::H5ad)?;
    assert_eq!(std::fs::read(&path).expect("a file"), first, "other bytes");
    let options = ReadOptions {
        missing: MissingValues::Zero,
        gene_column: GeneColumn::Id,
        layer: Layer::X,
        ..ReadOptions::default()
    };
    let read = ExpressionMatrix::read(&path, &options)?;
    assert_eq!(read.samples(), scores.samples());
    assert_eq!(read.genes(), scores.columns());
    assert_eq!(*read.to_dense()?, [0.5, 0.0, -2.5e-7, 3.0, 1.0, 0.1]);
    let labels = SampleTable::from_path(&path)?;
    assert_eq!(labels.columns(), ["type", "age"]);
    assert_eq!(labels.column("type"), Some(vec!["B", ""]));
    assert_eq!(labels.column("age"), Some(vec!["30.5", ""]));

    let file = hdf5_pure::File::open(&path).expect("HDF5");
    let number = |name: &str| file.dataset(name).expect(name).read_f64().expect(name);
    assert_eq!(number("obsm/X_gsae_latent"), [1.0, 2.0]);
    assert_eq!(number("uns/gsae/seed"), [7.0]);
    assert_eq!(number("uns/gsae/nested/numbers"), [1.0, 2.5]);
    assert_eq!(
        file.dataset("uns/gsae/rate")
            .expect("rate")
            .shape()
            .expect("a shape"),
        [0u64; 0]
    );
    assert!(file.dataset("uns/gsae/nothing").is_err());
    assert_eq!(number("var/size"), [3.0, 4.0, 5.0]);

    // An empty table is a file as well.
    scores = ScoreTable::new(Vec::new(), names(&["UP"]), Vec::new())?;
    ScoreOutput::new(&scores).write(&path, ScoreFormat::H5ad)?;
    assert_eq!(SampleTable::from_path(&path)?.samples().len(), 0);
    Ok(())
}

#[test]
fn obsm_goes_into_a_copy_of_the_h5ad_or_into_a_new_one() -> Result<()> {
    let folder = folder();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/h5ad");
    for name in ["dense.h5ad", "csr.h5ad", "layers.h5ad", "raw.h5ad"] {
        let from = data.join(name);
        let matrix = ExpressionMatrix::from_path(&from)?;
        let values = (0..8).map(|value| value as f32).collect();
        let scores = ScoreTable::new(matrix.samples().to_vec(), names(&["A", "B"]), values)?;
        let mut output = ScoreOutput::new(&scores);
        output.expression = Some((&matrix, &from));
        let to = folder.path().join(name);
        output.write(&to, ScoreFormat::H5adObsm)?;
        // Again, onto itself: what is there is replaced.
        output.expression = Some((&matrix, &to));
        output.write(&to, ScoreFormat::H5adObsm)?;
        let again = ExpressionMatrix::from_path(&to)?;
        assert_eq!(again.to_dense()?, matrix.to_dense()?, "{name}");
        assert_eq!(again.genes(), matrix.genes(), "{name}");
        assert_eq!(SampleTable::from_path(&to)?, SampleTable::from_path(&from)?);
        let file = hdf5_pure::File::open(&to).expect("HDF5");
        let obsm = file.dataset("obsm/X_gsae").expect("obsm");
        assert_eq!(obsm.read_f32().expect("values"), scores.values());
        assert!(file.dataset("uns/gsae/nodes/_index").is_ok());
    }
    // From a table: by rows without zeros where they are the majority, else dense.
    for (zero, is_sparse) in [(0.0, true), (1.0, false)] {
        let values = vec![1.0, zero, zero, zero, 2.0, zero];
        let matrix =
            ExpressionMatrix::new(names(&["a", "b"]), names(&["TP53", "MYC", "MX1"]), values)?;
        let scores = ScoreTable::new(names(&["a", "b"]), names(&["A"]), vec![1.0, 2.0])?;
        let mut output = ScoreOutput::new(&scores);
        output.expression = Some((&matrix, Path::new("no file")));
        let to = folder.path().join("new.h5ad");
        output.write(&to, ScoreFormat::H5adObsm)?;
        assert_eq!(
            ExpressionMatrix::from_path(&to)?.to_dense()?,
            matrix.to_dense()?
        );
        let file = hdf5_pure::File::open(&to).expect("HDF5");
        assert_eq!(file.group("X").is_ok(), is_sparse);
    }
    Ok(())
}

fn gsae(folder: &Path, arguments: &[&str]) -> std::result::Result<String, String> {
    let output = cargo_bin_cmd!("gsae")
        .current_dir(folder)
        .args(arguments)
        .output()
        .expect("gsae starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(text(&output.stderr)),
    }
}

fn pbmc(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/pbmc3k");
    folder.join(name).to_string_lossy().into_owned()
}

#[test]
fn the_commands_write_what_is_asked_for() -> Result<()> {
    let folder = folder();
    let at = |name: &str| -> PathBuf { folder.path().join(name) };
    let run = |arguments: &[&str]| gsae(folder.path(), arguments);
    let (data, labels) = (pbmc("expression.tsv.gz"), pbmc("labels.tsv"));
    let formats = "long,gct,gct1.2,json,h5ad,h5ad-obsm";
    let fit = [
        "fit",
        "-e",
        &data,
        "-g",
        "reactome",
        "--epochs",
        "1",
        "-o",
        "run",
        "--samples",
        &labels,
        "--format",
        formats,
    ];
    run(&fit).expect("a fit");
    let activity = ExpressionMatrix::read(
        at("run/activity.tsv"),
        &ReadOptions {
            orientation: "columns".parse()?,
            ..ReadOptions::default()
        },
    )?;
    let by_id = ReadOptions {
        gene_column: GeneColumn::Id,
        layer: Layer::X,
        ..ReadOptions::default()
    };
    for name in [
        "run/activity.gct",
        "run/activity.1.2.gct",
        "run/activity.h5ad",
    ] {
        let read = ExpressionMatrix::read(at(name), &by_id)?;
        assert_eq!(read.samples(), activity.samples(), "{name}");
        assert_eq!(read.genes(), activity.genes(), "{name}");
        assert_eq!(read.to_dense()?, activity.to_dense()?, "{name}");
    }
    for name in [
        "run/activity.gct",
        "run/activity.h5ad",
        "run/activity.obsm.h5ad",
    ] {
        let table = SampleTable::from_path(at(name))?;
        let expected = SampleTable::from_path(&labels)?.columns_for(activity.samples());
        assert_eq!(table.columns_for(activity.samples()), expected, "{name}");
    }
    let long = text(&at("run/activity.long.tsv"));
    assert_eq!(long.lines().count(), 1 + activity.to_dense()?.len());

    // By the name of the file, and by --format against it.
    let model = "run/model.safetensors";
    run(&["activity", "-m", model, "-e", &data, "-o", "a.gct"]).expect("scores");
    assert!(text(&at("a.gct")).starts_with("#1.3\n"));
    run(&[
        "activity", "-m", model, "-e", &data, "-o", "a.gct", "--format", "tsv",
    ])
    .expect("scores");
    assert!(text(&at("a.gct")).starts_with("sample\t"));
    run(&[
        "score", "--method", "ulm", "-e", &data, "-g", "reactome", "-o", "s.json",
    ])
    .expect("scores");
    let json: serde_json::Value = serde_json::from_str(&text(&at("s.json"))).expect("JSON");
    assert_eq!(json["metadata"]["method"], "ulm");
    let refused = run(&[
        "activity", "-m", model, "-e", &data, "-o", "a", "--format", "xls",
    ]);
    assert!(refused.unwrap_err().contains("is one of tsv, long, gct"));
    let refused = run(&[
        "activity",
        "-m",
        model,
        "-e",
        &data,
        "-o",
        "a",
        "--samples",
        &labels,
    ]);
    assert!(
        refused
            .unwrap_err()
            .contains("--samples has no place in tsv")
    );

    // The learned weights, as sets and as edges.
    run(&["weights", "-m", model, "-o", "w.gmt"]).expect("weights");
    run(&["weights", "-m", model, "-o", "w.tsv"]).expect("weights");
    let sets = TrainedModel::load(at(model))?.weighted_sets()?;
    let read = GeneSetCollection::from_path(at("w.gmt"))?;
    assert_eq!(read.len(), sets.len());
    for (read, set) in read.sets().iter().zip(sets.sets()) {
        assert_eq!((&read.genes, &read.weights), (&set.genes, &set.weights));
        let weights = set.weights.as_ref().expect("weights");
        assert!(weights.is_sorted_by(|a, b| a >= b) && weights[0] > 0.0);
    }
    let edges = text(&at("w.tsv"));
    assert_eq!(edges.lines().count(), 1 + sets.memberships());
    assert!(
        run(&["weights", "-m", model, "-o", "w.csv"])
            .unwrap_err()
            .contains("ends in .gmt or .tsv")
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_gct_reads_back(
        values in prop::collection::vec(prop::option::weighted(0.9, -1e6f32..1e6), 6),
        text in prop::collection::vec("[a-zA-Z0-9 .µ-]{0,6}", 3),
        number in prop::collection::vec(-1e6f64..1e6, 2),
        zipped: bool,
    ) {
        // Blanks around a cell and signs for "none" are not text.
        let text: Vec<String> = text.iter().map(|cell| format!("x{}", cell.trim())).collect();
        let gct = Gct {
            rows: Columns::new(names(&["r 1", "r2", "r3"])).with("kind", Column::Text(text))?,
            columns: Columns::new(names(&["a", "b"])).with("age", Column::of(&number.iter().map(ToString::to_string).collect::<Vec<_>>()))?,
            values: values.iter().map(|value| value.unwrap_or(f32::NAN)).collect(),
        };
        let folder = folder();
        let path = folder.path().join(if zipped { "x.gct.gz" } else { "x.gct" });
        for version in [GctVersion::V1_2, GctVersion::V1_3] {
            gct.write(&path, version)?;
            let (bytes, _) = read_bytes(&path)?;
            let read = Gct::parse(bytes, &path)?;
            let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&read.values), bits(&gct.values));
            prop_assert_eq!(read.rows.rows(), gct.rows.rows());
            prop_assert_eq!(read.columns.rows(), gct.columns.rows());
            if version == GctVersion::V1_3 {
                prop_assert_eq!(&read.rows, &gct.rows);
                prop_assert_eq!(&read.columns, &gct.columns);
            }
        }
    }
}

#[test]
fn metadata_of_other_names_are_refused() -> Result<()> {
    let scores = table()?;
    let mut output = output(&scores)?;
    output.sets = Columns::new(names(&["A", "B", "C"]));
    let result = output.write(folder().path().join("x"), ScoreFormat::Json);
    assert!(matches!(result, Err(Error::Data { .. })));
    Ok(())
}
