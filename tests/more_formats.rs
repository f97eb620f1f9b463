//! GCT, 10x h5, loom, GCTX, Parquet and labels in files of all kinds.
//! `tests/python/write_formats.py` wrote those in `tests/data/formats`.

use gsae::expression::{
    FeatureType, GeneColumn, Layer, MissingValues, Orientation, ReadOptions, SampleTable,
};
use gsae::{Error, ExpressionMatrix, Result};
use std::io::Write;
use std::path::{Path, PathBuf};

const GENES: [&str; 5] = ["TP53", "MYC", "ISG15", "MX1", "IFI6"];
const CELLS: [&str; 4] = ["cell 0", "cell 1", "cell 2", "cell 3"];
const BARCODES: [&str; 4] = ["AAA0-1", "AAA1-1", "AAA2-1", "AAA3-1"];
const GCT: &str = "#1.3\n2\t3\t1\t2\nid\tkind\ts1\ts2\ts 3\ngroup\tna\tA\tB\t-666\n\
                   age\tna\t30\t\t41.5\nTP53\tup\t1\t2\t3\nMYC\tna\t4\t\t6\n";

fn file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/formats");
    folder.join(name)
}

fn counts(change: impl Fn(f32) -> f32) -> Vec<f32> {
    let count = |at: usize| ((7 * (at / 5) + 3 * (at % 5)) % 5) as f32;
    (0..20).map(|at| change(count(at))).collect()
}

fn written(content: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("input");
    std::fs::write(&path, content).expect("a file");
    (folder, path)
}

/// The message for a content that is refused; it must end with a remedy.
fn refused(content: impl AsRef<[u8]>) -> String {
    let (_folder, path) = written(content);
    message(ExpressionMatrix::from_path(path))
}

fn message<T>(result: Result<T>) -> String {
    let Err(cause) = result else {
        panic!("it was read");
    };
    let message = cause.to_string();
    assert!(message.ends_with('.'), "no remedy: {message}");
    message
}

fn labels(content: &str) -> Result<SampleTable> {
    let (_folder, path) = written(content);
    SampleTable::from_path(path)
}

#[test]
fn gct_of_both_versions_plain_and_gzip() -> Result<()> {
    for name in ["v1_2.gct", "v1_3.gct"] {
        let plain = ExpressionMatrix::from_path(file(name))?;
        assert_eq!(plain.samples(), CELLS, "{name}");
        assert_eq!(plain.genes(), GENES, "{name}");
        assert_eq!(plain.to_dense()?, counts(|count| count), "{name}");
        assert!(plain.warnings()[0].contains("named by the column"));
        let content = std::fs::read(file(name)).expect("a file");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&content).expect("memory");
        let (_folder, path) = written(gzip.finish().expect("memory"));
        assert_eq!(
            ExpressionMatrix::from_path(path)?.to_dense()?,
            plain.to_dense()?,
            "{name}"
        );
    }
    let by_id = ReadOptions {
        gene_column: GeneColumn::Id,
        ..ReadOptions::default()
    };
    let matrix = ExpressionMatrix::read(file("v1_2.gct"), &by_id)?;
    assert_eq!(matrix.genes()[0], "ENSG00000000000.3");
    let turned = ReadOptions {
        orientation: Orientation::GenesAsColumns,
        ..ReadOptions::default()
    };
    let matrix = ExpressionMatrix::read(file("v1_3.gct"), &turned)?;
    assert_eq!(
        (matrix.samples(), matrix.genes()),
        (&GENES.map(String::from)[..], &CELLS.map(String::from)[..])
    );
    Ok(())
}

#[test]
fn gct_metadata_are_labels_and_missing_values_need_a_decision() -> Result<()> {
    let table = labels(GCT)?;
    assert_eq!(table.samples(), ["s1", "s2", "s 3"]);
    assert_eq!(table.column("group"), Some(vec!["A", "B", ""]));
    assert_eq!(table.column("age"), Some(vec!["30", "", "41.5"]));
    let table = SampleTable::from_path(file("v1_3.gct"))?;
    assert_eq!(table.column("type"), Some(vec!["B", "T", "", "B"]));
    let gap = refused(GCT);
    assert!(
        gap.contains("field s2 of MYC: the value is missing"),
        "{gap}"
    );
    let (_folder, path) = written(GCT);
    let options = ReadOptions {
        missing: MissingValues::Mean,
        ..ReadOptions::default()
    };
    let matrix = ExpressionMatrix::read(path, &options)?;
    assert_eq!(*matrix.to_dense()?, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    Ok(())
}

#[test]
fn wrong_gct_files_are_refused_with_the_line() {
    for (from, to, place, said) in [
        (
            "2\t3\t1\t2",
            "3\t3\t1\t2",
            "line 2",
            "announces 3 rows and 2 lines of column metadata, and 4 lines follow",
        ),
        ("2\t3\t1\t2", "2\t4\t1\t2", "line 3", "ask for 6"),
        ("2\t3\t1\t2", "2\t3\t2\t2", "line 3", "ask for 6"),
        (
            "2\t3\t1\t2",
            "2\t3\t1\t18446744073709551615",
            "line 2",
            "lines follow",
        ),
        (
            "2\t3\t1\t2",
            "18446744073709551615\t3\t1\t2",
            "line 2",
            "lines follow",
        ),
        (
            "2\t3\t1\t2",
            "2\t3\t18446744073709551615\t2",
            "line 2",
            "is not 4 counts",
        ),
        (
            "2\t3\t1\t2",
            "2\t18446744073709551615\t1\t2",
            "line 3",
            "ask for",
        ),
        ("2\t3\t1\t2", "2\t-3\t1\t2", "line 2", "is not 4 counts"),
        ("2\t3\t1\t2", "2\t3", "line 2", "is not 4 counts"),
        ("#1.3", "#1.4", "line 1", "\"#1.4\" is no version"),
        (
            "\ts2\t",
            "\ts1\t",
            "line 3",
            "columns 1 and 2 are both called \"s1\"",
        ),
        (
            "1\t2\t3",
            "1\ttwo\t3",
            "line 6, field 4 (s2)",
            "\"two\" is no finite number",
        ),
        (
            "1\t2\t3",
            "1\tinf\t3",
            "line 6, field 4 (s2)",
            "no finite number",
        ),
        (
            "1\t2\t3",
            "1\t2",
            "line 6",
            "the row has 4 fields, and the header has 5",
        ),
        (
            "TP53\tup\t1\t2\t3",
            "TP53",
            "line 6",
            "the row has 1 fields",
        ),
        ("41.5\n", "41.5\t7\n", "line 5", "the row has 6 fields"),
    ] {
        let message = refused(GCT.replacen(from, to, 1));
        assert!(
            message.contains(place) && message.contains(said),
            "{to}: {message}"
        );
    }
    let cut = &GCT[..GCT.len() - 12];
    assert!(refused(cut).contains("line 2"), "{}", refused(cut));
}

#[test]
fn ten_x_h5_of_both_versions() -> Result<()> {
    let new = ExpressionMatrix::from_path(file("v3.h5"))?;
    let old = ExpressionMatrix::from_path(file("v2.h5"))?;
    for matrix in [&new, &old] {
        assert_eq!(matrix.samples(), BARCODES);
        assert_eq!(matrix.genes(), GENES);
        assert_eq!(matrix.to_dense()?, counts(|count| count));
    }
    assert!(new.warnings()[0].contains("1 features that are not Gene Expression"));
    let with = |features: &str, layer: &str, column: &str| -> Result<ReadOptions> {
        Ok(ReadOptions {
            features: features.parse()?,
            layer: layer.parse()?,
            gene_column: column.parse()?,
            ..ReadOptions::default()
        })
    };
    let all = ExpressionMatrix::read(file("v3.h5"), &with("all", "auto", "id")?)?;
    assert_eq!(all.genes()[4..], ["ENSG00000000004", "CD3"]);
    assert_eq!(all.row(1)?, [2.0, 0.0, 3.0, 1.0, 4.0, 8.0]);
    let antibodies = with("Antibody Capture", "auto", "symbol")?;
    let antibodies = ExpressionMatrix::read(file("v3.h5"), &antibodies)?;
    assert_eq!(antibodies.genes(), ["CD3_TotalSeqB"]);
    assert_eq!(*antibodies.to_dense()?, [9.0, 8.0, 7.0, 6.0]);
    let said = message(ExpressionMatrix::read(
        file("v3.h5"),
        &with("Peaks", "auto", "id")?,
    ));
    assert!(
        said.contains("one of: Antibody Capture, Gene Expression"),
        "{said}"
    );

    let said = message(ExpressionMatrix::from_path(file("two_genomes.h5")));
    assert!(said.contains("--layer one of: GRCh38, mm10"), "{said}");
    let mouse = ExpressionMatrix::read(file("two_genomes.h5"), &with("genes", "mm10", "id")?)?;
    assert_eq!(mouse.to_dense()?, counts(|count| count + 1.0));
    let said = message(SampleTable::from_path(file("v3.h5")));
    assert!(said.contains("barcodes and no labels"), "{said}");
    Ok(())
}

#[test]
fn mtx_folders_choose_features_as_well() -> Result<()> {
    let folder = tempfile::tempdir().expect("a folder");
    let write =
        |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    write(
        "matrix.mtx",
        "%%MatrixMarket matrix coordinate integer general\n2 1 2\n1 1 5\n2 1 7\n",
    );
    write(
        "features.tsv",
        "E1\tTP53\tGene Expression\nCD3\tCD3\tAntibody Capture\n",
    );
    write("barcodes.tsv", "AAA-1\n");
    assert_eq!(
        *ExpressionMatrix::from_path(folder.path())?.to_dense()?,
        [5.0]
    );
    let options = ReadOptions {
        features: FeatureType::All,
        ..ReadOptions::default()
    };
    assert_eq!(
        *ExpressionMatrix::read(folder.path(), &options)?.to_dense()?,
        [5.0, 7.0]
    );
    Ok(())
}

#[test]
fn loom_and_gctx() -> Result<()> {
    for name in ["cells.loom", "cmap.gctx"] {
        let matrix = ExpressionMatrix::from_path(file(name))?;
        assert_eq!(matrix.samples(), CELLS, "{name}");
        assert_eq!(matrix.genes(), GENES, "{name}");
        assert_eq!(matrix.to_dense()?, counts(|count| count), "{name}");
        let table = SampleTable::from_path(file(name))?;
        assert_eq!(table.samples(), CELLS, "{name}");
        assert_eq!(
            table.column("type"),
            Some(vec!["B", "T", "", "B"]),
            "{name}"
        );
    }
    let spliced = ReadOptions {
        layer: Layer::Named("spliced".to_owned()),
        gene_column: GeneColumn::Named("Accession".to_owned()),
        ..ReadOptions::default()
    };
    let matrix = ExpressionMatrix::read(file("cells.loom"), &spliced)?;
    assert_eq!(matrix.to_dense()?, counts(|count| count / 4.0));
    assert_eq!(matrix.genes()[1], "ENSG00000000001");
    let wrong = ReadOptions {
        layer: Layer::Named("tpm".to_owned()),
        ..ReadOptions::default()
    };
    let said = message(ExpressionMatrix::read(file("cells.loom"), &wrong));
    assert!(said.contains("one of: spliced"), "{said}");
    Ok(())
}

#[test]
fn formats_that_are_not_read_are_named() {
    for (name, said) in [
        ("x.h5seurat", "this is an h5Seurat file, which only R reads"),
        ("x.h5mu", "this is an h5mu file (MuData)"),
        (
            "other.h5",
            "none of h5ad, 10x h5, loom and GCTX; at its top it holds alpha, beta",
        ),
    ] {
        let message = message(ExpressionMatrix::from_path(file(name)));
        assert!(message.contains(said), "{message}");
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn files_that_are_no_matrix_say_what_they_are() {
    for (content, said) in [
        (
            &b"PK\x03\x04\x14\0\x06\0........[Content_Types].xml"[..],
            "an Excel workbook",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an Excel workbook"),
        (b"PK\x03\x04\x14\0\x06\0........counts.tsv", "a zip archive"),
        (b"BZh91AY&SY", "bunzip2"),
        (b"\xfd7zXZ\0\0", "unxz"),
        (b"\x28\xb5\x2f\xfd....", "unzstd"),
        (b"ARROW1\0\0", "read_feather"),
    ] {
        let message = refused(content);
        assert!(message.contains(said), "{message}");
    }
}

#[cfg(not(feature = "parquet"))]
#[test]
fn parquet_needs_its_feature() {
    let said = message(ExpressionMatrix::from_path(file("pandas.parquet")));
    assert!(said.contains("built without the feature parquet"), "{said}");
    assert!(said.contains("--features parquet"), "{said}");
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_is_read() -> Result<()> {
    for name in ["pandas.parquet", "polars.parquet"] {
        let matrix = ExpressionMatrix::from_path(file(name))?;
        assert_eq!(matrix.samples(), CELLS, "{name}");
        assert_eq!(matrix.genes(), GENES, "{name}");
        assert_eq!(matrix.to_dense()?, counts(|count| count), "{name}");
    }
    let whole = std::fs::read(file("pandas.parquet")).expect("a file");
    for end in (4..whole.len()).step_by(100) {
        refused(&whole[..end]);
    }
    Ok(())
}

#[test]
fn labels_as_csv_tsv_and_as_r_writes_them() -> Result<()> {
    for text in [
        "sample\ttype\tage\na\tB\t3\nb\tT, naive\t4\n",
        "sample,type,age\na,B,3\nb,\"T, naive\",4\n",
        "\u{feff}sample;type;age\r\na;B;3\r\nb;T, naive;4\r\n",
        "type\tage\na\tB\t3\nb\tT, naive\t4\n",
        "\"type\"\t\"age\"\n\"a\"\t\"B\"\t3\n\"b\"\t\"T, naive\"\t4\n",
        "\"\",\"type\",\"age\"\n\"a\",\"B\",3\n\"b\",\"T, naive\",4\n",
    ] {
        let table = labels(text)?;
        assert_eq!(table.samples(), ["a", "b"], "{text}");
        assert_eq!(table.columns(), ["type", "age"], "{text}");
        assert_eq!(table.column("type"), Some(vec!["B", "T, naive"]), "{text}");
    }
    let said = message(labels("s,t\na,1\nb,2\na,3\n"));
    assert!(
        said.contains("line 4: the sample \"a\" stands in line 2 already"),
        "{said}"
    );
    let said = message(labels("s\tt\na\t1\nb\n"));
    assert!(
        said.contains("line 3: the row has 1 fields, and the header has 2"),
        "{said}"
    );
    Ok(())
}

#[test]
fn cls_files_label_samples_by_their_order() -> Result<()> {
    let samples = ["a", "b", "c", "d"].map(String::from);
    let read = |text: &str| {
        let (_folder, path) = written(text);
        SampleTable::read_for(path, &samples)
    };
    for text in [
        "4 2 1\n# tumor normal\ntumor normal normal tumor\n",
        "4 2 1\n# tumor normal\n0 1 1 0\n",
        "4\t2\t1\r\n#\ttumor\tnormal\r\n1\t0\t0\t1\r\n",
        "4 2 1\n#tumor normal\n7 3 3 7\n",
    ] {
        let table = read(text)?;
        assert_eq!(table.samples(), samples);
        let expected = vec!["tumor", "normal", "normal", "tumor"];
        assert_eq!(table.column("class"), Some(expected), "{text}");
    }
    let table = read("#numeric\n#dose\n1.5 2 0 -1\n#time\n1 2 3 4\n")?;
    assert_eq!(table.column("dose"), Some(vec!["1.5", "2", "0", "-1"]));
    assert_eq!(table.column("time"), Some(vec!["1", "2", "3", "4"]));
    for (text, said) in [
        (
            "3 2 1\n# a b\na b a b\n",
            "line 3: line 1 announces 3 samples, and there are 4",
        ),
        (
            "4 3 1\n# a b\na b a b\n",
            "line 2: line 1 announces 3 classes; 2 are named",
        ),
        ("4 2 1\n# a b\n", "there are 2 lines, not 3"),
        (
            "#numeric\n#dose\n1 x 2 3\n",
            "line 3: \"x\" is not a number",
        ),
        ("#numeric\n#dose\n", "a profile has no values"),
        (
            "2 2 1\n# a b\na b\n",
            "labels of 2 samples, and the matrix has 4",
        ),
    ] {
        let message = message(read(text));
        assert!(message.contains(said), "{message}");
    }
    let said = message(labels("4 2 1\n# a b\na b a b\n"));
    assert!(said.contains("does not name them"), "{said}");
    Ok(())
}

/// An HDF5 file of a 10x matrix with these parts.
fn ten_x(data: &[i32], indices: &[i64], indptr: &[i64], shape: &[i32]) -> Result<ExpressionMatrix> {
    let mut builder = hdf5_pure::FileBuilder::new();
    let mut group = builder.create_group("matrix");
    group.create_dataset("data").with_i32_data(data);
    group.create_dataset("indices").with_i64_data(indices);
    group.create_dataset("indptr").with_i64_data(indptr);
    group.create_dataset("shape").with_i32_data(shape);
    group
        .create_dataset("barcodes")
        .with_vlen_strings(&["A-1", "B-1"]);
    let mut features = group.create_group("features");
    features
        .create_dataset("id")
        .with_vlen_strings(&["E1", "E2", "E3"]);
    features
        .create_dataset("name")
        .with_vlen_strings(&["TP53", "MYC", "MX1"]);
    group.add_group(features.finish());
    builder.add_group(group.finish());
    let bytes = builder
        .finish()
        .map_err(|cause| Error::data(cause.to_string(), ""))?;
    let (_folder, path) = written(bytes);
    ExpressionMatrix::from_path(path)
}

#[test]
fn hostile_shapes_are_errors() -> Result<()> {
    let good = ten_x(&[1, 2, 3], &[0, 2, 1], &[0, 2, 3], &[3, 2])?;
    assert_eq!(*good.to_dense()?, [1.0, 0.0, 2.0, 0.0, 3.0, 0.0]);
    for (parts, said) in [
        (
            ten_x(&[1, 2, 3], &[0, 2, 1], &[0, 3, 2], &[3, 2]),
            "indptr does not divide",
        ),
        (
            ten_x(&[1, 2, 3], &[0, 2, 1], &[1, 2, 3], &[3, 2]),
            "indptr does not divide",
        ),
        (
            ten_x(&[1, 2, 3], &[0, 2, 1], &[0, 3], &[3, 2]),
            "indptr does not divide",
        ),
        (
            ten_x(&[1, 2, 3], &[0, 2, 1], &[0, -2, 3], &[3, 2]),
            "the index -2",
        ),
        (
            ten_x(&[1, 2, 3], &[0, 3, 1], &[0, 2, 3], &[3, 2]),
            "the index 3 is outside of 3",
        ),
        (
            ten_x(&[1, 2, 3], &[0, -1, 1], &[0, 2, 3], &[3, 2]),
            "the index -1",
        ),
        (
            ten_x(&[1, 2], &[0, 2, 1], &[0, 2, 3], &[3, 2]),
            "2 values and 3 indices",
        ),
        (
            ten_x(&[1, 2, 3], &[0, 2, 1], &[0, 2, 3], &[-3, 2]),
            "the index -3",
        ),
        (
            ten_x(&[1, 2, 3], &[0, 2, 1], &[0, 2, 3], &[2_147_483_647, 2]),
            "the matrix is [2147483647, 2]",
        ),
    ] {
        let message = message(parts);
        assert!(message.contains(said), "{message}");
    }
    Ok(())
}

#[test]
fn truncated_files_are_errors() {
    for name in ["v3.h5", "cells.loom", "cmap.gctx"] {
        let whole = std::fs::read(file(name)).expect("a file");
        for end in (9..whole.len()).step_by(whole.len() / 40) {
            let (_folder, path) = written(&whole[..end]);
            message(ExpressionMatrix::from_path(&path));
        }
    }
}
