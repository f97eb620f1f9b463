//! Expression files as people have them, and what is said of those that cannot be read.

mod common;

use common::shared;
use gsae::expression::{DuplicateGenes, GeneColumn, MissingValues, Orientation, ReadOptions};
use gsae::{ExpressionMatrix, Normalization, Result};
use std::io::Write;
use std::path::Path;

fn read(text: &str) -> Result<ExpressionMatrix> {
    read_with(text, &ReadOptions::default())
}

fn read_with(text: &str, options: &ReadOptions) -> Result<ExpressionMatrix> {
    ExpressionMatrix::parse_table(text.as_bytes(), Path::new("table"), options)
}

fn refused(text: &str) -> String {
    read(text).expect_err("refused").to_string()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// Two samples of three genes: s1 (1, 2, 3), s2 (4.5, 0, 6).
fn assert_example(matrix: &ExpressionMatrix) {
    assert_eq!(matrix.samples(), ["s1", "s2"]);
    assert_eq!(matrix.genes(), ["TP53", "MYC", "ISG15"]);
    let values = matrix.to_dense().expect("values in memory");
    assert_eq!(*values, [1.0, 2.0, 3.0, 4.5, 0.0, 6.0]);
}

#[test]
fn both_orientations_and_all_delimiters() -> Result<()> {
    for delimiter in ["\t", ",", ";"] {
        let rows = "gene|s1|s2\nTP53|1|4.5\nMYC|2|0\nISG15|3|6\n".replace('|', delimiter);
        assert_example(&read(&rows)?);
        let columns = "|TP53|MYC|ISG15\ns1|1|2|3\ns2|4.5|0|6e0\n".replace('|', delimiter);
        assert_example(&read(&columns)?);
    }
    Ok(())
}

#[test]
fn the_orientation_can_be_said() -> Result<()> {
    let options = ReadOptions {
        orientation: Orientation::GenesAsColumns,
        ..ReadOptions::default()
    };
    let matrix = read_with("x\ta\tb\nTP53\t1\t2\n", &options)?;
    assert_eq!(
        (matrix.samples(), matrix.genes()[0].as_str()),
        (&["TP53".to_owned()][..], "a")
    );
    Ok(())
}

#[test]
fn unknown_names_are_read_with_a_warning() -> Result<()> {
    let matrix = read("x\ta\tb\ng1\t1\t2\ng2\t3\t4\ng3\t5\t6\n")?;
    assert_eq!(matrix.samples(), ["a", "b"]);
    assert!(
        matrix.warnings()[0].contains("neither side"),
        "{:?}",
        matrix.warnings()
    );
    Ok(())
}

#[test]
fn the_header_may_lack_its_first_field() -> Result<()> {
    assert_example(&read("s1\ts2\nTP53\t1\t4.5\nMYC\t2\t0\nISG15\t3\t6\n")?);
    Ok(())
}

#[test]
fn line_ends_quotes_blank_ends_and_byte_order_marks() -> Result<()> {
    assert_example(&read(
        "gene\ts1\ts2\r\nTP53\t1\t4.5\r\nMYC\t2\t0\r\nISG15\t3\t6\r\n\r\n",
    )?);
    assert_example(&read(
        "\"gene\",\"s1\",\"s2\"\n\"TP53\",1,4.5\n\"MYC\",2,0\n\"ISG15\",3,6\n",
    )?);
    let quoted = read("gene,\"s,1\",s2\nTP53,1,2\nMYC,3,4\n")?;
    assert_eq!(quoted.samples(), ["s,1", "s2"]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.dat");
    let text = b"\xef\xbb\xbfgene\ts1\ts2\nTP53\t1\t4.5\nMYC\t2\t0\nISG15\t3\t6\n";
    for bytes in [text.to_vec(), gzip(text)] {
        std::fs::write(&path, bytes).unwrap();
        let matrix = ExpressionMatrix::from_path(&path)?;
        assert_example(&matrix);
        assert_eq!(matrix.sources()[0].sha256.len(), 64);
    }
    Ok(())
}

#[test]
fn a_gene_called_na_is_a_gene() -> Result<()> {
    let matrix = read("gene\ts1\ts2\nNA\t1\t2\nTP53\t3\t4\nNAN\t5\t6\nMYC\t7\t8\n")?;
    assert_eq!(matrix.genes(), ["NA", "TP53", "NAN", "MYC"]);
    Ok(())
}

#[test]
fn missing_values_are_refused_or_filled() -> Result<()> {
    for token in ["NA", "", "NaN", "#N/A"] {
        let text = format!("gene\ts1\ts2\ts3\nTP53\t1\t{token}\t4\nMYC\t2\t0.5\t1\n");
        let message = refused(&text);
        assert!(
            message.starts_with("table, line 2, field 3 (s2): the value is missing"),
            "{message}"
        );
        assert!(message.contains("--missing"), "{message}");
        let filled = |missing| -> Result<f32> {
            let options = ReadOptions {
                missing,
                ..ReadOptions::default()
            };
            let matrix = read_with(&text, &options)?;
            assert!(
                matrix.warnings()[0].starts_with("1 missing"),
                "{:?}",
                matrix.warnings()
            );
            Ok(matrix.row(1)?[0])
        };
        assert_eq!(filled(MissingValues::Zero)?, 0.0);
        assert_eq!(filled(MissingValues::Mean)?, 2.5);
    }
    Ok(())
}

#[test]
fn filling_gaps_forgives_no_text() {
    let options = ReadOptions {
        missing: MissingValues::Zero,
        ..ReadOptions::default()
    };
    let text = "gene\ts1\ts2\nTP53\t1\tNA\nMYC\tlow\t2\n";
    let message = read_with(text, &options).unwrap_err().to_string();
    assert!(
        message.starts_with("table, line 3, field 2 (s1): \"low\" is not a number"),
        "{message}"
    );
}

#[test]
fn duplicate_genes_follow_the_policy() -> Result<()> {
    let counts = "gene\ts1\nTP53\t1\nMYC\t5\nTP53\t3\n";
    let logs = counts.replace("\t1\n", "\t1.5\n");
    let value = |text: &str, duplicate_genes| -> Result<f32> {
        let options = ReadOptions {
            duplicate_genes,
            ..ReadOptions::default()
        };
        let matrix = read_with(text, &options)?;
        assert_eq!(matrix.genes(), ["TP53", "MYC"]);
        assert!(matrix.warnings()[0].contains("TP53"));
        Ok(matrix.row(0)?[0])
    };
    assert_eq!(value(counts, DuplicateGenes::Auto)?, 4.0);
    assert_eq!(value(&logs, DuplicateGenes::Auto)?, 2.25);
    assert_eq!(value(counts, DuplicateGenes::Mean)?, 2.0);
    assert_eq!(value(counts, DuplicateGenes::Max)?, 3.0);
    assert_eq!(value(counts, DuplicateGenes::First)?, 1.0);
    let message = value(counts, DuplicateGenes::Error)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("the genes 1 and 3 are both called \"TP53\""),
        "{message}"
    );
    Ok(())
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (text, start) in [
        (
            "gene\ts1\ts2\nTP53\t1\t2\nMYC\t3\n",
            "table, line 3: the row has 2 fields",
        ),
        (
            "gene\ts1\ts2\nTP53\t1\t2\nMYC\t3\t4\t5\n",
            "table, line 3: the row has 4 fields",
        ),
        (
            "gene\ts1\ts2\nTP53\t1\t2\nMYC\t3\tx1\n",
            "table, line 3, field 3 (s2): \"x1\" is not",
        ),
        (
            "gene\ts1\ts2\nTP53\t1\tinf\nMYC\t3\t4\n",
            "table, line 2, field 3 (s2): inf is not",
        ),
        (
            "gene;s1;s2\nTP53;1,5;2\nMYC;3;4\n",
            "table, line 2, field 2 (s1): \"1,5\" has a decimal",
        ),
        (
            "gene\ts1\ts1\nTP53\t1\t2\nMYC\t3\t4\n",
            "table: the samples 1 and 2 are both called",
        ),
        (
            "gene\ts1\ts2\n",
            "table, line 1: there is a header and no row",
        ),
        ("TP53\nMYC\n", "table, line 1: the first line has no tab"),
        (
            "gene\ta\nTP53\tx\nMYC\ty\n",
            "table, line 2: there is no column of numbers",
        ),
        (
            "gene\ta\tb\tc\nTP53\t1\n",
            "table, line 2: the row has 2 fields, and the header has 4",
        ),
    ] {
        let message = refused(text);
        assert!(message.starts_with(start), "{message}");
        assert!(message.ends_with('.'), "no remedy: {message}");
    }
}

#[test]
fn lines_are_counted_through_gzip_and_quoted_line_breaks() {
    let text = "gene,s1,s2\n\"TP\n53\",1,2\nMYC,3,bad\n";
    let message = refused(text);
    assert!(
        message.starts_with("table, line 4, field 3 (s2): \"bad\""),
        "{message}"
    );
}

#[test]
fn description_columns_are_left_out_with_a_warning() -> Result<()> {
    let matrix = read(
        "Name\tDescription\ts1\ts2\nTP53\ttumour protein\t1\t4.5\nMYC\tna\t2\t0\nISG15\t\t3\t6\n",
    )?;
    assert_eq!(matrix.samples(), ["s1", "s2"]);
    assert!(
        matrix.warnings()[0].contains("Description"),
        "{:?}",
        matrix.warnings()
    );
    Ok(())
}

#[test]
fn numbers_that_describe_genes_are_left_out_by_their_header() -> Result<()> {
    let matrix =
        read("Hugo_Symbol\tEntrez_Gene_Id\ts1\ts2\nTP53\t7157\t1\t4.5\nMYC\t4609\t2\t0\n")?;
    assert_eq!(matrix.samples(), ["s1", "s2"]);
    assert_eq!(matrix.row(0)?, [1.0, 2.0]);
    assert!(
        matrix.warnings()[0].contains("Entrez_Gene_Id"),
        "{:?}",
        matrix.warnings()
    );
    Ok(())
}

#[test]
fn genes_that_became_dates_are_flagged() -> Result<()> {
    let matrix = read("gene\ts1\n1-Mar\t1\n2-Sep\t2\nTP53\t3\nMYC\t4\n")?;
    assert!(matrix.warnings()[0].contains("2 gene names look like dates"));
    Ok(())
}

#[test]
fn wide_tables_are_read_exactly() -> Result<()> {
    let n = 3000;
    let header: String = (0..n).map(|i| format!("\tcell_{i}")).collect();
    let row = |gene: &str, factor: f32| -> String {
        let cells: String = (0..n).map(|i| format!("\t{}", i as f32 * factor)).collect();
        format!("{gene}{cells}\n")
    };
    let text = format!("gene{header}\n{}{}", row("TP53", 0.1), row("MYC", 3.0));
    let matrix = read(&text)?;
    assert_eq!((matrix.n_samples(), matrix.n_genes()), (n, 2));
    assert_eq!(matrix.row(2999)?, [2999.0 * 0.1, 8997.0]);
    Ok(())
}

#[test]
fn scales_are_recognised() -> Result<()> {
    let kind = |text: &str| -> Result<Normalization> {
        Ok(Normalization::detect(&read(text)?).normalization)
    };
    assert_eq!(
        kind("g\ts1\nTP53\t0\nMYC\t12\n")?,
        Normalization::Log1pCp10k
    );
    assert_eq!(
        kind("g\ts1\nTP53\t0.5\nMYC\t1200\n")?,
        Normalization::Log2p1
    );
    assert_eq!(kind("g\ts1\nTP53\t0.5\nMYC\t12\n")?, Normalization::None);
    assert_eq!(kind("g\ts1\nTP53\t-1\nMYC\t1200\n")?, Normalization::None);
    Ok(())
}

/// A 10x folder; every file given by name and text.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let bytes = match name.ends_with(".gz") {
            true => gzip(text.as_bytes()),
            false => text.as_bytes().to_vec(),
        };
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

const MATRIX: &str = "%%MatrixMarket matrix coordinate integer general\n%comment\n3 2 4\n1 1 5\n\
                      3 1 7\n2 2 1\n1 2 2\n";
const FEATURES: &str = "ENSG1\tTP53\tGene Expression\nENSG2\tCD3\tAntibody Capture\n\
                        ENSG3\tMYC\tGene Expression\n";

#[test]
fn ten_x_folders_of_both_versions() -> Result<()> {
    let v3 = folder(&[
        ("matrix.mtx.gz", MATRIX),
        ("features.tsv.gz", FEATURES),
        ("barcodes.tsv.gz", "c1\nc2\n"),
    ]);
    let matrix = ExpressionMatrix::from_path(v3.path())?;
    assert_eq!(matrix.genes(), ["TP53", "MYC"]);
    assert_eq!(*matrix.to_dense()?, [5.0, 7.0, 2.0, 0.0]);
    assert!(matrix.warnings()[0].starts_with("1 features that are not Gene Expression"));
    let v2 = folder(&[
        ("matrix.mtx", MATRIX),
        ("genes.tsv", "ENSG1\tTP53\nENSG2\tTP53\nENSG3\tMYC\n"),
        ("barcodes.tsv", "c1\r\nc2\r\n"),
    ]);
    let matrix = ExpressionMatrix::from_path(v2.path())?;
    assert_eq!((matrix.genes().len(), matrix.row(1)?), (2, vec![3.0, 0.0]));
    let options = ReadOptions {
        gene_column: GeneColumn::Id,
        ..ReadOptions::default()
    };
    let matrix = ExpressionMatrix::read(v2.path(), &options)?;
    assert_eq!(matrix.genes(), ["ENSG1", "ENSG2", "ENSG3"]);
    Ok(())
}

#[test]
fn broken_ten_x_folders_name_file_and_line() {
    let refused = |matrix: &str| {
        let folder = folder(&[
            ("matrix.mtx", matrix),
            ("features.tsv", FEATURES),
            ("barcodes.tsv", "c1\nc2\n"),
        ]);
        ExpressionMatrix::from_path(folder.path())
            .unwrap_err()
            .to_string()
    };
    for (from, to, expected) in [
        (
            "3 2 4",
            "3 2 5",
            "line 3: 5 entries were announced, and there are 4",
        ),
        ("3 2 4", "3 9 4", "line 3: the matrix is 3 x 9"),
        ("3 2 4", "three", "line 3: the line of sizes"),
        (
            "2 2 1",
            "4 2 1",
            "line 6: the entry (4, 2) is outside of 3 x 2",
        ),
        ("2 2 1", "0 2 1", "line 6: the entry (0, 2)"),
        ("2 2 1", "2 2 x", "line 6: \"2 2 x\" is not an entry"),
        (
            "2 2 1",
            "2 2 nan",
            "line 6: the value in \"2 2 nan\" is not finite",
        ),
        ("coordinate", "array", "line 1: "),
    ] {
        let message = refused(&MATRIX.replace(from, to));
        assert!(
            message.contains(&format!("matrix.mtx, {expected}")),
            "{message}"
        );
    }
    let empty = folder(&[("barcodes.tsv", "c1\n")]);
    let message = ExpressionMatrix::from_path(empty.path())
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("the folder has no matrix.mtx.gz or matrix.mtx"),
        "{message}"
    );
}

#[test]
fn a_real_ten_x_folder() -> Result<()> {
    let Some(shared) = shared() else {
        return Ok(());
    };
    let matrix = ExpressionMatrix::from_path(shared.join("data/pbmc_ifnb"))?;
    assert_eq!((matrix.n_samples(), matrix.n_genes()), (2000, 9015));
    assert_eq!(
        matrix
            .to_dense()?
            .iter()
            .filter(|value| **value > 0.0)
            .count(),
        1_129_806
    );
    let detected = Normalization::detect(&matrix);
    assert_eq!(detected.normalization, Normalization::Log1pCp10k);
    Ok(())
}
