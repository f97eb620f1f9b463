//! `gsae enrich` and `gsae score` on the data that ship, and their refusals.

use assert_cmd::cargo::cargo_bin_cmd;
use std::path::{Path, PathBuf};

const CELLS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/examples/pbmc3k/expression.tsv.gz"
);
const LABELS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/pbmc3k/labels.tsv");
const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference");

/// Standard output, or standard error if the command fails.
fn gsae(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = cargo_bin_cmd!("gsae")
        .current_dir(folder)
        .args(arguments)
        .output()
        .expect("gsae starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn reference(name: &str) -> String {
    PathBuf::from(REFERENCE).join(name).display().to_string()
}

fn write(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("a file in the temporary folder");
    path.display().to_string()
}

/// Rows by their first field.
fn table(text: &str) -> Vec<Vec<String>> {
    let fields = |line: &str| line.split('\t').map(str::to_owned).collect();
    text.lines().map(fields).collect()
}

fn number(field: &str) -> f64 {
    field
        .parse()
        .unwrap_or_else(|_| panic!("{field:?} is no number"))
}

#[test]
fn over_representation_equals_the_library() {
    let folder = folder();
    let genes: String = (0..300).map(|gene| format!("G{gene:03}\n")).collect();
    let background = write(&folder, "all.txt", &genes);
    let (list, sets) = (reference("query.txt"), reference("sets.gmt"));
    let arguments = [
        "enrich",
        "ora",
        "--genes",
        &list,
        "--background",
        &background,
        "--gene-sets",
        &sets,
        "--min-size",
        "1",
        "-q",
    ];
    let text = gsae(folder.path(), &arguments).expect("a table");
    let rows = table(&text);
    assert_eq!(rows[0][..4], ["set", "overlap", "set_size", "list_size"]);
    assert_eq!(rows.len(), 25);
    let expected = table(&std::fs::read_to_string(reference("ora.tsv")).expect("the reference"));
    for row in &rows[1..] {
        let theirs = expected
            .iter()
            .find(|other| other[0] == row[0])
            .expect("a set");
        assert_eq!(row[1], theirs[1]);
        assert!((number(&row[7]) / number(&theirs[2]) - 1.0).abs() < 1e-6);
        assert!((number(&row[8]) / number(&theirs[6]) - 1.0).abs() < 1e-6);
        assert_eq!(
            row[9].split(';').filter(|gene| !gene.is_empty()).count(),
            row[1].parse::<usize>().unwrap()
        );
    }
    let p: Vec<f64> = rows[1..].iter().map(|row| number(&row[7])).collect();
    assert!(p.is_sorted());
    // The same into a file.
    gsae(
        folder.path(),
        &[&arguments[..], &["--out", "ora.tsv"]].concat(),
    )
    .expect("a file");
    let written = std::fs::read_to_string(folder.path().join("ora.tsv")).expect("the file");
    assert_eq!(written, text);
}

#[test]
fn interferon_genes_are_interferon_genes() {
    let folder = folder();
    // One twice, one that Reactome does not know.
    let list = write(
        &folder,
        "up.txt",
        "# up\nISG15\nMX1\nMX2\nIFIT1\nIFIT2\nIFIT3\nOAS1\nOAS2\nSTAT1\nIFI6\nIFI6\nNOGENE\n",
    );
    let arguments = [
        "enrich",
        "ora",
        "--genes",
        &list,
        "--background",
        "sets",
        "--gene-sets",
        "reactome",
    ];
    let text = gsae(folder.path(), &arguments).expect("a table");
    let rows = table(&text);
    assert_eq!(rows[1][0], "Interferon alpha/beta signaling");
    assert_eq!((rows[1][1].as_str(), rows[1][3].as_str()), ("10", "10"));
}

#[test]
fn preranked_gsea_of_b_cells_against_the_rest() {
    let folder = folder();
    // t-like statistics of B cells against the others, gene by gene.
    let bytes = std::fs::read(CELLS).expect("the example");
    let mut text = String::new();
    std::io::Read::read_to_string(
        &mut flate2::read::MultiGzDecoder::new(&bytes[..]),
        &mut text,
    )
    .expect("gzip");
    let labels = table(&std::fs::read_to_string(LABELS).expect("labels"));
    let b_cells: Vec<&str> = labels
        .iter()
        .filter(|row| row[1] == "B")
        .map(|row| row[0].as_str())
        .collect();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split('\t').collect();
    let mut ranking = String::from("gene\tt\n");
    for line in lines {
        let fields: Vec<&str> = line.split('\t').collect();
        let shift = header.len() - (fields.len() - 1);
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for (name, value) in header[shift..].iter().zip(&fields[1..]) {
            if b_cells.contains(name) {
                &mut a
            } else {
                &mut b
            }
            .push(number(value));
        }
        let test = gsae::stats::hypothesis::welch_t(&a, &b).expect("two groups");
        if test.t.is_finite() {
            ranking.push_str(&format!("{}\t{}\n", fields[0], test.t));
        }
    }
    let ranking = write(&folder, "b.rnk", &ranking);
    let arguments = [
        "enrich",
        "prerank",
        "--ranking",
        &ranking,
        "--gene-sets",
        "reactome",
        "--permutations",
        "200",
        "--seed",
        "5",
    ];
    let text = gsae(folder.path(), &arguments).expect("a table");
    let rows = table(&text);
    assert_eq!(rows[0][..5], ["set", "size", "es", "nes", "p"]);
    assert!(rows.len() > 900);
    let rank = |part: &str| {
        rows.iter()
            .position(|row| row[0].contains(part))
            .expect("a set")
    };
    let receptor = &rows[rank("Antigen activates B Cell Receptor")];
    println!("{receptor:?}");
    assert!(number(&receptor[2]) > 0.4 && number(&receptor[6]) < 0.05);
    assert!(rows[1..].iter().all(|row| number(&row[4]) > 0.0));
    let members = receptor[9].split(';').count();
    assert_eq!(members, receptor[8].parse::<usize>().unwrap());
    // The seed gives the same table with any number of threads.
    let again = gsae(
        folder.path(),
        &[&arguments[..], &["--threads", "1"]].concat(),
    );
    assert_eq!(again.expect("a table"), text);
}

#[test]
fn every_method_scores_the_example_cells() {
    let folder = folder();
    let labels = table(&std::fs::read_to_string(LABELS).expect("labels"));
    for method in ["ulm", "mean-z", "zscore", "aucell", "ssgsea", "gsva"] {
        let arguments = [
            "score",
            "--method",
            method,
            "--expression",
            CELLS,
            "--gene-sets",
            "reactome",
            "--min-size",
            "20",
            "--max-size",
            "40",
            "--out",
            "scores.tsv",
        ];
        gsae(folder.path(), &arguments).expect(method);
        let text = std::fs::read_to_string(folder.path().join("scores.tsv")).expect("a table");
        let rows = table(&text);
        assert_eq!(rows.len(), 161, "{method}");
        let antigen = "CD22 mediated BCR regulation";
        let column = rows[0]
            .iter()
            .position(|name| name.contains("B Cell Receptor") || name == antigen)
            .or_else(|| rows[0].iter().position(|name| name.contains("BCR")));
        let mean = |wanted: &dyn Fn(&str) -> bool, column: usize| {
            let values: Vec<f64> = rows[1..]
                .iter()
                .filter(|row| {
                    let label = labels
                        .iter()
                        .find(|label| label[0] == row[0])
                        .expect("a label");
                    wanted(&label[1])
                })
                .map(|row| number(&row[column]))
                .collect();
            values.iter().sum::<f64>() / values.len() as f64
        };
        let column = column.expect("a set of the B cell receptor");
        let (b, others) = (mean(&|l| l == "B", column), mean(&|l| l != "B", column));
        println!(
            "{method}: {} {b:.3} in B cells, {others:.3} in others",
            rows[0][column]
        );
        assert!(b > others, "{method}: {b} {others}");
    }
}

#[test]
fn scores_of_the_reference_and_their_p_values() {
    let folder = folder();
    let (expression, sets) = (reference("expression.tsv"), reference("sets.gmt"));
    for (method, name) in [("ulm", "ulm"), ("mlm", "mlm"), ("zscore", "zscore")] {
        let arguments = [
            "score",
            "--method",
            method,
            "-e",
            &expression,
            "-g",
            &sets,
            "--genes-as",
            "rows",
            "--min-size",
            "1",
            "--normalization",
            "none",
            "-o",
            "s.tsv",
            "--p-values",
            "p.tsv",
        ];
        gsae(folder.path(), &arguments).expect(method);
        let read = |path: PathBuf| table(&std::fs::read_to_string(path).expect("a table"));
        let scores = read(folder.path().join("s.tsv"));
        let expected = read(PathBuf::from(reference(&format!(
            "{name}_decoupler_score.tsv"
        ))));
        assert_eq!(scores[0], expected[0]);
        for (row, theirs) in scores.iter().zip(&expected).skip(1) {
            assert_eq!(row[0], theirs[0]);
            for (value, theirs) in row[1..].iter().zip(&theirs[1..]) {
                assert!((number(value) - number(theirs)).abs() < 1e-4, "{method}");
            }
        }
        let p = read(folder.path().join("p.tsv"));
        assert!(
            p[1..]
                .iter()
                .flat_map(|row| &row[1..])
                .all(|p| (0.0..=1.0).contains(&number(p)))
        );
    }
}

#[test]
fn outdated_symbols_are_one_gene_in_list_and_background() {
    let folder = folder();
    let sets: String = [
        "INTS11\tINTS4\tINTS9",
        "CPTP\tGLTP\tFAAP20",
        "ISG15\tMX1\tIFI6",
    ]
    .iter()
    .enumerate()
    .map(|(at, genes)| format!("set {at}\t\t{genes}\n"))
    .collect();
    let sets = write(&folder, "sets.gmt", &sets);
    let measured = "CPSF3L\nINTS4\nINTS9\nGLTPD1\nC1orf86\nGLTP\nISG15\nMX1\nIFI6\n";
    let measured = write(&folder, "measured.txt", measured);
    // As they are measured, and one under its current name.
    for list in ["CPSF3L\nGLTPD1\nC1orf86\n", "INTS11\nGLTPD1\nFAAP20\n"] {
        let list = write(&folder, "list.txt", list);
        let ora = ["enrich", "ora", "--genes", &list, "--background", &measured];
        let ora = [&ora[..], &["--gene-sets", &sets, "--min-size", "2"]].concat();
        let found = table(&gsae(folder.path(), &ora).expect("the table"));
        let row = found.iter().find(|row| row[0] == "set 1").expect("a set");
        // Overlap, size of the set, of the list, of the background.
        assert_eq!(row[1..5], ["2", "3", "3", "9"], "{row:?}");
    }
    // The tools for gene sets count the same genes.
    let filter = ["genesets", "filter", &sets, "--universe", &measured];
    let filter = [&filter[..], &["--min-size", "3", "--out", "left.gmt"]].concat();
    gsae(folder.path(), &filter).expect("the sets that are left");
    let left = std::fs::read_to_string(folder.path().join("left.gmt")).expect("the sets");
    assert_eq!(left.lines().count(), 3, "{left}");
    let overlap = ["genesets", "overlap", &sets, "--with", &sets];
    let overlap = [&overlap[..], &["--universe", &measured, "--out", "o.tsv"]].concat();
    gsae(folder.path(), &overlap).expect("the pairs");
    let pairs = table(&std::fs::read_to_string(folder.path().join("o.tsv")).expect("pairs"));
    assert_eq!(pairs.len(), 4, "{pairs:?}");
    assert!(pairs[1..].iter().all(|pair| pair.contains(&"3".to_owned())));
}

#[test]
fn refusals_name_the_option_the_line_and_the_remedy() {
    let folder = folder();
    let list = write(&folder, "list.txt", "ISG15\nMX1\n");
    let strange = write(&folder, "strange.txt", "foo1\nfoo2\n");
    let ranking = write(&folder, "nan.rnk", "#c\ngene\tt\nISG15\t1\nMX1\tNaN\n");
    let single = write(&folder, "single.rnk", "ISG15\nMX1\n");
    let infinite = write(&folder, "inf.rnk", "ISG15\tinf\nMX1\t2\n");
    let refused = |arguments: &[&str], part: &str| {
        let error = gsae(folder.path(), arguments).expect_err("refused");
        assert!(error.contains(part), "{arguments:?}: {error}");
        assert!(!error.contains("panicked"), "{error}");
    };
    let ora = ["enrich", "ora", "--gene-sets", "reactome", "--genes"];
    let with = |head: &[&str], tail: &[&str]| -> Vec<String> {
        head.iter().chain(tail).map(ToString::to_string).collect()
    };
    let check = |head: &[&str], tail: &[&str], part: &str| {
        let arguments = with(head, tail);
        refused(
            &arguments.iter().map(String::as_str).collect::<Vec<_>>(),
            part,
        );
    };
    check(&ora, &[&list], "--background");
    check(
        &ora,
        &["no.txt", "--background", "sets"],
        "cannot read no.txt",
    );
    check(
        &ora,
        &[&list, "--background", &strange],
        "none of the list's 2 genes is in the background",
    );
    check(
        &ora,
        &[&strange, "--background", "sets"],
        "only 0 of the data's 2 genes",
    );
    check(
        &ora,
        &[&list, "--background", "sets", "--min-size", "600"],
        "above --max-size 500",
    );
    check(
        &ora,
        &[&list, "--background", &list],
        "no gene set has 15 to 500 genes here",
    );
    let prerank = ["enrich", "prerank", "--gene-sets", "reactome", "--ranking"];
    check(
        &prerank,
        &[&ranking],
        "line 4, field 2: gene \"MX1\" has \"NaN\"",
    );
    check(
        &prerank,
        &[&infinite],
        "line 1, field 2: gene \"ISG15\" has \"inf\"",
    );
    check(&prerank, &[&single], "there is one column");
    let good = write(&folder, "good.rnk", "ISG15,1\nMX1,2\n");
    check(
        &prerank,
        &[&good, "--permutations", "0", "--min-size", "1"],
        "--permutations must be at least 1",
    );
    check(
        &prerank,
        &[&good, "--min-size", "1", "--exponent=-1"],
        "-1 is no exponent",
    );
    check(
        &prerank,
        &[&good, "--min-size", "1", "--smallest-p", "2"],
        "2 is no smallest p-value",
    );
    let score = [
        "score", "-e", CELLS, "-g", "reactome", "-o", "out.tsv", "--method",
    ];
    check(&score, &["gsea"], "--method is ulm, mlm, mean-z");
    check(
        &score,
        &["ulm", "--top", "5"],
        "--top is for aucell, not for ulm",
    );
    check(
        &score,
        &["ulm", "--kernel", "poisson"],
        "--kernel is for gsva",
    );
    check(
        &score,
        &["gsva", "--kernel", "cosine"],
        "--kernel is gaussian, poisson or empirical",
    );
    check(
        &score,
        &["gsva", "--kernel", "poisson"],
        "Poisson kernels need counts",
    );
    check(
        &score,
        &["aucell", "--p-values", "p.tsv"],
        "--p-values is for ulm, mlm and zscore",
    );
    check(&score, &["aucell", "--top", "1"], "top 1 of 8674 genes");
    check(
        &score,
        &["ulm", "--normalization", "log"],
        "--normalization is auto",
    );
    assert!(!folder.path().join("out.tsv").exists());
}

#[test]
fn help_has_an_example() {
    let folder = folder();
    for command in [
        &["score", "--help"][..],
        &["enrich", "ora", "--help"],
        &["enrich", "prerank", "--help"],
    ] {
        let text = gsae(folder.path(), command).expect("help");
        assert!(text.contains("Example:\n  gsae "), "{text}");
    }
}
