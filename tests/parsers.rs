//! Parsers under arbitrary input: what is written reads back, and no bytes make one panic.

use gsae::expression::SampleTable;
use gsae::genesets::{GeneSetFormat, ReadOptions, Relations};
use gsae::{Error, ExpressionMatrix, GeneSet, GeneSetCollection, Result, expression};
use proptest::prelude::*;
use std::io::Write;
use std::path::Path;

const GMT: &str = "A SET\thttp://a\tTP53\tMYC,0.5\t\nB\t\tMYC\r\n\"C\"\tna\tISG15\t\t\n\n#x\nD\n";
const GMX: &str = "A\tB\tC\nna\tna\t\nTP53\tMYC\tISG15\nMYC\t\tIFI6\n";
const JSON: &str = r#"{"SET_A": {"systematicName": "M1", "exactSource": "R-HSA-1",
 "geneSymbols": ["TP53", "MYC"]}, "SET_B": {"geneSymbols": ["ISG15"], "x": [1, null]}}"#;
const TABLE: &str = "gene\ts1\ts2\ts3\nTP53\t1\t2.5\t0\n\"MYC\"\t1e3\tNA\t3\nISG15\t0\t0\t1\n";
const CSV: &str = "\"TP53\",\"MYC\"\r\n\"s1\",1,2\r\n\"s2\",3,4\r\n";
const MTX: &str =
    "%%MatrixMarket matrix coordinate integer general\n%c\n3 2 3\n1 1 5\n2 2 1\n3 1 2\n";

const GCT: &str = "#1.3\n2\t3\t1\t1\nid\tkind\ts1\ts2\ts 3\ngroup\tna\tA\tB\t-666\n\
                   TP53\tup\t1\t2\t3\nMYC\tna\t4\t\t6\n";
const OLD_GCT: &str = "#1.2\t\t\n2\t2\t\nName\tDescription\ta\tb\r\nTP53\tna\t1\t2\nMYC\t\t3\tNA\n";
const CLS: &str = "4 2 1\n# tumor normal\n0 1 1 0\n";
const NUMERIC_CLS: &str = "#numeric\n#dose\n1.5 2 0 -1\n#time\n1 2 3 4\n";
const LABELS: &str = "sample,type,age\na,B,3\nb,\"T, naive\",4\n";
const TABBED_LABELS: &str = "\"type\"\t\"age\"\n\"a\"\t\"B\"\t3\n\"b\"\tT\t\n";

fn sets(text: &str) -> Result<GeneSetCollection> {
    GeneSetCollection::parse(text, Path::new("sets"), &ReadOptions::default())
}

fn table(bytes: &[u8]) -> Result<ExpressionMatrix> {
    let options = expression::ReadOptions::default();
    ExpressionMatrix::parse_table(bytes, Path::new("table"), &options)
}

/// A folder as 10x Genomics writes it, with these bytes as its matrix.
fn ten_x(matrix: &[u8], features: &[u8], barcodes: &[u8]) -> Result<ExpressionMatrix> {
    let folder = tempfile::tempdir().map_err(Error::io("create", "a temporary folder"))?;
    for (name, bytes) in [
        ("matrix.mtx", matrix),
        ("features.tsv", features),
        ("barcodes.tsv", barcodes),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).map_err(Error::io("write", &path))?;
    }
    ExpressionMatrix::from_path(folder.path())
}

/// Bytes of a valid file with some replaced, removed, doubled or cut off.
fn mutated(seed: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let change = (0..seed.len(), 0..5u8, any::<u8>());
    prop::collection::vec(change, 0..6).prop_map(move |changes| {
        let mut bytes = seed.as_bytes().to_vec();
        for (at, kind, byte) in changes {
            let at = at.min(bytes.len());
            match kind {
                0 if at < bytes.len() => bytes[at] = byte,
                1 if at < bytes.len() => drop(bytes.remove(at)),
                2 => bytes.insert(at, byte),
                3 => bytes.truncate(at),
                _ => {
                    let copy = bytes[at..].to_vec();
                    bytes.extend(copy);
                }
            }
        }
        bytes
    })
}

/// A name that a GMT field can hold: no tab, no line end, no blanks around, not empty.
fn field() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9\"'%|µ(.;:_-][a-zA-Z0-9 \"'#%|µ(.;:_-]{0,12}[a-zA-Z0-9\")]"
}

prop_compose! {
    fn collection()(
        members in prop::collection::btree_map(
            field(),
            (prop::option::of(field()), prop::collection::btree_map(field(), 1..2000u16, 1..9), any::<bool>()),
            1..8,
        ),
    ) -> Vec<GeneSet> {
        members
            .into_iter()
            .map(|(name, (description, genes, weighted))| {
                let weights = weighted.then(|| genes.values().map(|w| f32::from(*w) / 64.0).collect());
                GeneSet {
                    name,
                    description: description.unwrap_or_default(),
                    genes: genes.into_keys().collect(),
                    weights,
                }
            })
            .collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn gmt_reads_back_what_was_written(written in collection()) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("sets.gmt");
        GeneSetCollection::new(written.clone()).expect("sets").write_gmt(&path).expect("a file");
        let read = GeneSetCollection::from_path(&path).expect("what was written");
        prop_assert_eq!(read.len(), written.len());
        for (read, written) in read.sets().iter().zip(&written) {
            prop_assert_eq!(&read.name, &written.name);
            prop_assert_eq!(&read.genes, &written.genes);
            let ones = vec![1.0; read.genes.len()];
            let weights = |set: &GeneSet| set.weights.clone().unwrap_or_else(|| ones.clone());
            prop_assert_eq!(weights(read), weights(written));
            let empty = written.description.is_empty();
            prop_assert_eq!(&read.description, if empty { "na" } else { &written.description });
        }
    }

    #[test]
    fn tables_read_back_in_both_orientations(
        values in prop::collection::vec(prop::collection::vec(-1e6f32..1e6, 3), 1..6),
        comma: bool,
    ) {
        let genes = ["TP53", "MYC", "ISG15"];
        let delimiter = if comma { "," } else { "\t" };
        let row = |cells: Vec<String>| cells.join(delimiter) + "\n";
        let mut by_sample = row([&["x"], &genes[..]].concat().iter().map(ToString::to_string).collect());
        for (sample, values) in values.iter().enumerate() {
            let cells = values.iter().map(ToString::to_string);
            by_sample += &row(std::iter::once(format!("sample_{sample}")).chain(cells).collect());
        }
        let names = (0..values.len()).map(|sample| format!("sample_{sample}"));
        let mut by_gene = row(std::iter::once("x".to_owned()).chain(names).collect());
        for (gene, name) in genes.iter().enumerate() {
            let cells = values.iter().map(|values| values[gene].to_string());
            by_gene += &row(std::iter::once((*name).to_owned()).chain(cells).collect());
        }
        for text in [by_sample, by_gene] {
            let read = table(text.as_bytes()).expect("a valid table");
            prop_assert_eq!(read.genes(), genes);
            prop_assert_eq!(read.to_dense().expect("values"), values.concat());
        }
    }

    #[test]
    fn gene_set_parsers_never_panic(
        gmt in mutated(GMT), gmx in mutated(GMX), json in mutated(JSON), relations in mutated("A\tB\nB\tC\tisa\n"),
    ) {
        for (bytes, format) in [
            (gmt, GeneSetFormat::Gmt),
            (gmx, GeneSetFormat::Gmx),
            (json, GeneSetFormat::MsigdbJson),
        ] {
            let options = ReadOptions { format: Some(format), ..ReadOptions::default() };
            let text = String::from_utf8_lossy(&bytes);
            if let Ok(read) = GeneSetCollection::parse(&text, Path::new("sets"), &options) {
                prop_assert!(read.sets().iter().all(|set| !set.name.is_empty() && !set.is_empty()));
            }
        }
        let _ = Relations::parse(&String::from_utf8_lossy(&relations), Path::new("relations"));
    }

    #[test]
    fn any_text_is_gene_sets_or_an_error(text in "\\PC{0,80}|[\\t\\n\\r,#\"A-C{}:\\[\\]]{0,80}") {
        if let Ok(read) = sets(&text) {
            prop_assert!(read.memberships() > 0);
        }
    }

    #[test]
    fn table_parsers_never_panic(tsv in mutated(TABLE), csv in mutated(CSV)) {
        for bytes in [tsv, csv] {
            if let Ok(read) = table(&bytes) {
                prop_assert!(read.to_dense().expect("values").iter().all(|value| value.is_finite()));
                prop_assert_eq!(read.to_dense().expect("values").len(), read.n_samples() * read.n_genes());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn ten_x_folders_never_panic(
        matrix in mutated(MTX),
        features in mutated("ENSG1\tTP53\tGene Expression\nENSG2\tMYC\tGene Expression\nENSG3\tISG15\tGene Expression\n"),
        barcodes in mutated("AAA-1\nAAC-1\n"),
    ) {
        if let Ok(read) = ten_x(&matrix, &features, &barcodes) {
            prop_assert!(read.to_dense().expect("values").iter().all(|value| value.is_finite()));
        }
    }

    #[test]
    fn gzip_streams_never_panic(at in 0..80usize, byte: u8) {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(GMT.as_bytes()).expect("memory takes everything");
        let mut bytes = encoder.finish().expect("memory takes everything");
        let at = at.min(bytes.len() - 1);
        bytes[at] = byte;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("sets.gmt");
        std::fs::write(&path, bytes).expect("a file");
        let _ = GeneSetCollection::from_path(&path);
    }
}

/// Binary files with some bytes changed.
fn damaged() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let names = [
        "v3.h5",
        "v2.h5",
        "two_genomes.h5",
        "cells.loom",
        "cmap.gctx",
        "pandas.parquet",
    ];
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12);
    (prop::sample::select(names.to_vec()), changes).prop_map(|(name, changes)| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/formats");
        let mut bytes = std::fs::read(folder.join(name)).expect("a test file");
        for (at, byte) in changes {
            let at = 8 + at.index(bytes.len() - 8);
            bytes[at] = byte;
        }
        (name, bytes)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn gct_files_never_panic(new in mutated(GCT), old in mutated(OLD_GCT)) {
        for bytes in [new, old] {
            let path = Path::new("input.gct");
            if let Ok(gct) = gsae::io::Gct::parse(bytes, path) {
                let cells = gct.rows.rows().len() * gct.columns.rows().len();
                prop_assert_eq!(gct.values.len(), cells);
                prop_assert!(gct.values.iter().all(|value| !value.is_infinite()));
            }
        }
    }

    #[test]
    fn files_of_labels_never_panic(
        classes in mutated(CLS),
        numbers in mutated(NUMERIC_CLS),
        csv in mutated(LABELS),
        tsv in mutated(TABBED_LABELS),
    ) {
        let samples = ["a", "b", "c", "d"].map(String::from);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("labels");
        for bytes in [classes, numbers, csv, tsv] {
            std::fs::write(&path, bytes).expect("a file");
            if let Ok(table) = SampleTable::read_for(&path, &samples) {
                for name in table.columns() {
                    prop_assert_eq!(table.column(name).map(|c| c.len()), Some(table.samples().len()));
                }
            }
        }
    }

    #[test]
    fn binary_files_never_panic((name, bytes) in damaged()) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        if let Ok(read) = ExpressionMatrix::from_path(&path) {
            prop_assert!(read.to_dense().expect("read").iter().all(|value| value.is_finite()));
        }
        let _ = SampleTable::from_path(&path);
    }
}

/// Sizes that a header promises are not believed before the data are there.
#[test]
fn a_header_that_promises_too_much_is_refused() {
    let features = b"ENSG1\tTP53\tGene Expression\n";
    for size in [
        "1 1 4000000000",
        "1 18446744073709551615 1",
        "18446744073709551615 1 1",
    ] {
        let matrix = format!("%%MatrixMarket matrix coordinate integer general\n{size}\n1 1 5\n");
        assert!(
            ten_x(matrix.as_bytes(), features, b"AAA-1\n").is_err(),
            "{size}"
        );
    }
}
