//! What a user gets for input that cannot be used: one paragraph on standard error that names
//! the place and says what to do, a non-zero exit, and nothing written.

mod common;

use common::bench::{Bench, LABELS, SETS, TABLE};
use std::path::Path;

const FIT: [&str; 9] = [
    "fit",
    "-e",
    "expression.tsv",
    "-g",
    "sets.gmt",
    "--min-size",
    "2",
    "-o",
    "run",
];

/// Runs a command that must fail quietly.
fn refused(bench: &Bench, arguments: &[&str]) -> String {
    bench.refused(&[arguments, &["-q"]].concat())
}

fn fit_refused(bench: &Bench) -> String {
    refused(bench, &FIT)
}

/// The message for an expression table.
fn table_refused(table: impl AsRef<[u8]>) -> String {
    let bench = Bench::new();
    bench.write("expression.tsv", table);
    fit_refused(&bench)
}

fn gzip(content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

fn assert_starts(message: &str, start: &str) {
    assert!(message.starts_with(start), "{message:?} begins otherwise");
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

#[test]
fn good_input_is_fitted() {
    let bench = Bench::new();
    bench.fit(&[]);
    for name in [
        "model.safetensors",
        "activity.tsv",
        "latent.tsv",
        "nodes.tsv",
        "history.tsv",
        "run.json",
    ] {
        assert!(exists(&bench.path("run").join(name)), "{name}");
    }
}

#[test]
fn an_empty_file() {
    let message = table_refused("");
    assert_starts(&message, "expression.tsv: the file is empty. Check");
    let bench = Bench::new();
    bench.write("sets.gmt", "");
    assert_starts(&fit_refused(&bench), "sets.gmt: the file is empty. Check");
}

#[test]
fn a_ragged_row() {
    let message = table_refused(TABLE.replace("MYC\t1.0\t", "MYC\t"));
    assert_starts(
        &message,
        "expression.tsv, line 3: the row has 8 fields, and the first has 9. Every row needs",
    );
}

#[test]
fn text_in_a_number() {
    let message = table_refused(TABLE.replace("\t2.2\t", "\ttwo\t"));
    assert_starts(
        &message,
        "expression.tsv, line 4, field 3 (s2): \"two\" is not a number. Only",
    );
}

#[test]
fn missing_values_and_infinities() {
    for missing in ["NaN", "NA", ""] {
        let message = table_refused(TABLE.replace("\t2.2\t", &format!("\t{missing}\t")));
        assert_starts(&message, "expression.tsv, line 4, field 3 (s2): ");
        assert!(message.contains("--missing"), "{message}");
    }
    let message = table_refused(TABLE.replace("\t2.2\t", "\tinf\t"));
    assert_starts(&message, "expression.tsv, line 4, field 3 (s2): ");
}

#[test]
fn an_all_zero_sample() {
    let counts = "gene\ts1\ts2\ts3\nTP53\t4\t0\t3\nMYC\t1\t0\t3\nISG15\t2\t0\t5\nMX1\t1\t0\t7\n";
    let message = table_refused(counts);
    assert_starts(
        &message,
        "the sample \"s2\" has no counts at all. Remove it",
    );
}

#[test]
fn one_sample() {
    let message = table_refused("gene\ts1\nTP53\t4\nMYC\t1\nISG15\t2\nMX1\t3\n");
    assert_starts(&message, "a model needs several samples, and there is 1");
    assert!(message.contains("gsae activity"), "{message}");
}

#[test]
fn samples_that_do_not_differ() {
    let table =
        "gene\ts1\ts2\ts3\nTP53\t4.5\t4.5\t4.5\nMYC\t1\t1\t1\nISG15\t2\t2\t2\nMX1\t1\t1\t1\n";
    let message = table_refused(table);
    assert!(message.contains("the same in all samples"), "{message}");
}

#[test]
fn duplicate_samples() {
    let message = table_refused(TABLE.replace("\ts2\t", "\ts1\t"));
    assert_starts(
        &message,
        "expression.tsv: the samples 1 and 2 are both called \"s1\". Give",
    );
}

#[test]
fn no_overlap() {
    let bench = Bench::new();
    bench.write("sets.gmt", "A\tna\tCD4\tCD8A\tCD3E\nB\tna\tMS4A1\tCD79A\n");
    let message = fit_refused(&bench);
    assert_starts(&message, "only 0 of the data's 6 genes are in any gene set");
    assert!(message.contains("gsae doctor"), "{message}");
}

#[test]
fn no_set_of_the_wanted_size() {
    let bench = Bench::new();
    let message = refused(
        &bench,
        &["fit", "-e", "expression.tsv", "-g", "sets.gmt", "-o", "run"],
    );
    assert!(message.contains("--min-size"), "{message}");
}

#[test]
fn a_truncated_gzip() {
    let whole = gzip(TABLE.as_bytes());
    let message = table_refused(&whole[..whole.len() / 2]);
    assert_starts(
        &message,
        "expression.tsv: the gzip stream is damaged or ends too early",
    );
    let bench = Bench::new();
    let whole = gzip(SETS.as_bytes());
    bench.write("sets.gmt", &whole[..whole.len() - 4]);
    assert_starts(
        &fit_refused(&bench),
        "sets.gmt: the gzip stream is damaged or ends too early",
    );
}

#[test]
fn files_that_are_not_there() {
    let bench = Bench::new();
    let message = refused(
        &bench,
        &["fit", "-e", "no.tsv", "-g", "sets.gmt", "-o", "run"],
    );
    assert_starts(&message, "cannot read no.tsv. Check that the path is right");
    let message = refused(
        &bench,
        &["fit", "-e", "expression.tsv", "-g", "reactom", "-o", "run"],
    );
    assert_starts(
        &message,
        "--gene-sets \"reactom\" is neither a file nor one of",
    );
}

#[test]
fn an_output_folder_that_cannot_be_written() {
    let bench = Bench::new();
    let message = refused(
        &bench,
        &[
            "fit",
            "-e",
            "expression.tsv",
            "-g",
            "sets.gmt",
            "--min-size",
            "2",
            "-o",
            "sets.gmt/run",
        ],
    );
    assert_starts(
        &message,
        "cannot create the folder sets.gmt/run. Choose a place",
    );
    bench.fit(&[]);
    let message = refused(
        &bench,
        &[
            "activity",
            "-m",
            "run/model.safetensors",
            "-e",
            "expression.tsv",
            "-o",
            "sets.gmt/activity.tsv",
        ],
    );
    assert_starts(&message, "cannot write into sets.gmt. Choose a place");
}

#[test]
fn a_damaged_model_file() {
    let bench = Bench::new();
    bench.fit(&[]);
    let whole = std::fs::read(bench.path("run/model.safetensors")).expect("the model");
    let damages: [(&str, Vec<u8>); 5] = [
        ("cut off", whole[..whole.len() - 9].to_vec()),
        ("cut off in its header", whole[..40].to_vec()),
        ("empty", Vec::new()),
        ("a table", TABLE.as_bytes().to_vec()),
        ("longer than it says", [&whole[..], b"more"].concat()),
    ];
    for (damage, bytes) in damages {
        bench.write("damaged", bytes);
        let message = refused(
            &bench,
            &[
                "activity",
                "-m",
                "damaged",
                "-e",
                "expression.tsv",
                "-o",
                "activity.tsv",
            ],
        );
        assert_starts(&message, "damaged: ");
        let told = match damage {
            "a table" => "this is not a model of gsae: it is a file of another kind",
            _ => "the model file is damaged or cut off",
        };
        assert!(message.contains(told), "{damage}: {message}");
    }
}

#[test]
fn tables_in_the_place_of_gene_sets() {
    let bench = Bench::new();
    bench.write("labels.tsv", LABELS);
    for (file, told) in [
        (
            "labels.tsv",
            "labels.tsv: this looks like a table of samples (group, time, event), and no gene sets",
        ),
        (
            "expression.tsv",
            "expression.tsv: this looks like a table of numbers (such as 3.1), and no gene sets",
        ),
    ] {
        let message = refused(
            &bench,
            &["fit", "-e", "expression.tsv", "-g", file, "-o", "run"],
        );
        assert_starts(&message, told);
        assert!(
            message.contains("name, a description and genes"),
            "{message}"
        );
    }
    bench.write("cells.h5ad", b"\x89HDF\r\n\x1a\n and more");
    let message = refused(
        &bench,
        &[
            "fit",
            "-e",
            "expression.tsv",
            "-g",
            "cells.h5ad",
            "-o",
            "run",
        ],
    );
    assert_starts(&message, "cells.h5ad: this is an HDF5 file, as h5ad is");
    // A few ids among other words do not make Entrez ids of the data's symbols.
    bench.write(
        "odd.gmt",
        "A\tna\tctrl\tstim\t7157\nB\tna\tctrl\tother\t4609\n",
    );
    let message = refused(
        &bench,
        &["fit", "-e", "expression.tsv", "-g", "odd.gmt", "-o", "run"],
    );
    assert_starts(&message, "only 0 of the data's 6 genes are in any gene set");
    assert!(
        message.contains("the data have symbols (human, such as TP53), the gene sets symbols"),
        "{message}"
    );
}

#[test]
fn names_that_are_nearly_right() {
    let bench = Bench::fitted();
    bench.write("labels.tsv", LABELS);
    let compare = |by: &str| {
        let line = "compare --activity run --samples labels.tsv --out c.tsv --by";
        let arguments: Vec<&str> = line.split(' ').chain([by]).collect();
        refused(&bench, &arguments)
    };
    assert_starts(
        &compare("Group"),
        "--by names the column \"Group\", and labels.tsv has group, time, event. Did you mean \
         \"group\"?",
    );
    assert!(!compare("batch").contains("Did you mean"));
    for (arguments, told) in [
        (
            &["genesets", "info", "reactom"][..],
            "--gene-sets \"reactom\" is neither a file nor one of the collections reactome, \
             wikipathways, go_bp, nor fetched (SOURCE:PART). Did you mean \"reactome\"?",
        ),
        (
            &["genesets", "info", "Hallmark"],
            "`gsae genesets fetch msigdb:h` gets them, then `--gene-sets msigdb:h` reads them",
        ),
        (
            &["genesets", "info", "kegg"],
            "`gsae genesets fetch enrichr:KEGG_2021_Human` gets them",
        ),
        (
            &["genesets", "info", "sets.gmt", "--set", "interferons"],
            "--set names \"interferons\", which sets.gmt lacks. Did you mean \"INTERFERON\"?",
        ),
        (
            &["genesets", "info", "sets.gmt", "--gene", "Trp53"],
            "--gene names \"Trp53\", which is in no set of sets.gmt. Did you mean \"TP53\"?",
        ),
        (
            &[
                "genesets", "graph", "sets.gmt", "--set", "Growth", "-o", "g.dot",
            ],
            "--set names \"Growth\", which the collection lacks. Did you mean \"GROWTH\"?",
        ),
        (
            &["genesets", "fetch", "hallmark"],
            "SOURCE \"hallmark\" is fetched as msigdb:h",
        ),
        (
            &["genesets", "fetch", "enrich", "--offline"],
            "Did you mean \"enrichr\"?",
        ),
        (&["models", "vegas"], "Did you mean \"vega\"?"),
        (
            &[
                "plot",
                "groups",
                "run",
                "--node",
                "GROWHT",
                "--samples",
                "labels.tsv",
                "-o",
                "g.svg",
            ],
            "--node is \"GROWHT\", which no name here is or holds. Did you mean \"GROWTH\"?",
        ),
    ] {
        let message = refused(&bench, arguments);
        assert!(message.contains(told), "{arguments:?}: {message}");
    }
    let (succeeded, said, _) = bench.run(&["genesets", "info", "Reactome", "--gene", "ISG15"]);
    assert!(succeeded && said.starts_with("ISG15 is in "), "{said}");
    let (_, said, _) = bench.run(&["genesets", "info", "sets.gmt", "--gene", "TP53"]);
    assert_eq!(said, "TP53 is in 1 set\nGROWTH\n");
}

#[test]
fn tables_of_other_commands_in_a_report() {
    let bench = Bench::fitted();
    bench.write("labels.tsv", LABELS);
    bench.write("ranking.rnk", "TP53\t3\nMYC\t2\nEGFR\t1\nISG15\t-1\n");
    for line in [
        "compare --activity run --samples labels.tsv --by group --out compare.tsv",
        "compare --activity run --samples labels.tsv --by time --out trend.tsv",
        "survival --activity run --samples labels.tsv --time time --event event --out survival.tsv \
         --curves curves.tsv",
        "enrich prerank --ranking ranking.rnk -g sets.gmt --min-size 1 --out gsea.tsv",
    ] {
        bench.done(line);
    }
    for (option, file, lacks, command) in [
        ("--compare", "gsea.tsv", "name", "gsae compare"),
        (
            "--compare",
            "survival.tsv",
            "difference or explained or slope_per_sd",
            "gsae compare",
        ),
        ("--survival", "compare.tsv", "hazard_ratio", "gsae survival"),
        (
            "--curves",
            "survival.tsv",
            "group",
            "gsae survival --curves",
        ),
    ] {
        let message = refused(&bench, &["report", "run", option, file, "--out", "r.html"]);
        assert_starts(
            &message,
            &format!("{file}: there is no column {lacks}, which the table of `{command}` has"),
        );
    }
    bench
        .done("report run --compare trend.tsv --survival survival.tsv --curves curves.tsv --out r");
}

#[test]
fn commas_in_numbers() {
    let of = |first: &str, second: &str| {
        table_refused(TABLE.replace("3.1", first).replace("2.5", second))
    };
    for first in ["4,000", "-1,003,000.5"] {
        let message = of(first, "12,345");
        let told = format!("{first:?} has a comma, which may separate thousands");
        assert!(message.contains(&told), "{message}");
        let whole = first.replace(',', "");
        let advice = format!("write them without ({whole}); if they are decimals, write points");
        assert!(message.contains(&advice), "{message}");
    }
    for (first, second) in [("3,1", "2.5"), ("4,000", "2,5"), ("0,125", "2.5")] {
        let message = of(first, second);
        assert!(message.contains("has a decimal comma"), "{message}");
    }
}

#[test]
fn measurements_where_genes_are_wanted() {
    let bench = Bench::new();
    for ending in ["tsv", "rnk"] {
        let name = format!("many.{ending}");
        bench.write(&name, TABLE);
        let prerank = ["enrich", "prerank", "-g", "sets.gmt", "--ranking", &name];
        let message = refused(&bench, &prerank);
        let told = format!("{name}, line 1: there are 9 columns, and a ranking has two");
        assert_starts(&message, &told);
        let ora = [
            "enrich",
            "ora",
            "-g",
            "sets.gmt",
            "--background",
            "sets",
            "--genes",
            &name,
        ];
        let message = refused(&bench, &ora);
        let told = format!("{name}, line 2: there are 9 columns, 8 of them of numbers");
        assert_starts(&message, &told);
    }
    // Comments may hold anything, and a list what is known of its genes.
    bench.write("good.rnk", "#a\tb\tc\td\nTP53\t3\t\nMYC\t2\nISG15\t-1\n");
    bench.done("enrich prerank -g sets.gmt --min-size 1 --ranking good.rnk");
    bench.write(
        "list.tsv",
        "TP53\ttumour protein\t0.1\nMYC\tmyc\t0.2\nX\tx\t1\n",
    );
    let said = bench.done("enrich ora -g sets.gmt --min-size 1 --background sets --genes list.tsv");
    assert!(
        said.contains("1 gene of the list is not in the background and is left out (X)"),
        "{said}"
    );
}

#[test]
fn permutations_that_can_show_nothing() {
    let bench = Bench::new();
    let genes: Vec<String> = (0..60).map(|at| format!("G{at}")).collect();
    let ranking = genes
        .iter()
        .zip(0..)
        .map(|(gene, at)| format!("{gene}\t{}\n", 60 - at));
    bench.write("r.rnk", ranking.collect::<String>());
    let set = |at: usize| match at {
        0 => format!("SET0\tna\t{}\n", genes[..6].join("\t")),
        _ => format!(
            "SET{at}\tna\t{}\t{}\t{}\n",
            genes[at],
            genes[at + 15],
            genes[at + 30]
        ),
    };
    bench.write("many.gmt", (0..20).map(set).collect::<String>());
    let line = "enrich prerank -g many.gmt --min-size 1 --ranking r.rnk --out o.tsv";
    let said = bench.done(&format!("{line} --permutations 100"));
    assert!(
        said.contains("100 permutations are too few for 20 gene sets"),
        "{said}"
    );
    assert!(
        said.contains("--smallest-p 1e-10, or --permutations 800 or more"),
        "{said}"
    );
    for enough in [
        "--permutations 5000",
        "--permutations 100 --smallest-p 1e-10",
    ] {
        let said = bench.done(&format!("{line} {enough}"));
        assert!(!said.contains("too few"), "{enough}: {said}");
    }
}

#[test]
fn outputs_of_no_known_format() {
    let bench = Bench::fitted();
    for out in ["my.xyz", "my.v1.gz"] {
        let message = refused(&bench, &["genesets", "convert", "sets.gmt", "--out", out]);
        assert!(
            message.contains("which is no format of gene sets"),
            "{message}"
        );
        assert!(message.contains(".gmt, .gmx, .json, .tsv"), "{message}");
    }
    bench.done("genesets convert sets.gmt --out my.xyz --format gmt");
    let activity = [
        "activity",
        "-m",
        "run",
        "-e",
        "expression.tsv",
        "--out",
        "a.h5ad.gz",
    ];
    let message = bench.failed(&activity);
    assert!(message.contains("h5ad is not gzipped"), "{message}");
    // A file where a folder is made.
    let mut fit = FIT;
    fit[8] = "sets.gmt";
    let message = refused(&bench, &fit);
    assert_starts(
        &message,
        "sets.gmt is a file, and a folder is made for the results",
    );
}

#[test]
fn matrices_that_are_none() {
    let bench = Bench::fitted();
    bench.write(
        "m.mtx.gz",
        gzip(b"%%MatrixMarket matrix coordinate integer general\n1 1 1\n1 1 1\n"),
    );
    let refused_as = |name: &str, sets: &str| {
        let line = format!("fit -e {name} -g {sets} -o new");
        refused(&bench, &line.split(' ').collect::<Vec<_>>())
    };
    let message = refused_as("m.mtx.gz", "sets.gmt");
    assert_starts(&message, "m.mtx.gz: this is a MatrixMarket file");
    assert!(
        message.contains("Give its folder, ., with features.tsv"),
        "{message}"
    );
    // Activities of pathways are no expression of mouse.
    let names = [
        "Apoptosis",
        "Cell Cycle",
        "Translation",
        "Signaling by Interleukins",
    ];
    let rows = (0..8).map(|at| format!("sample_{at}\t1.5\t{at}\t-0.5\t0.2\n"));
    let table = format!("sample\t{}\n{}", names.join("\t"), rows.collect::<String>());
    bench.write("activity.tsv", table);
    let message = refused_as("activity.tsv", "reactome");
    assert!(!message.contains("mouse"), "{message}");
    assert!(
        message.contains("are no names of genes that the sets know"),
        "{message}"
    );
}

#[test]
fn labels_and_findings_of_another_run() {
    let bench = Bench::fitted();
    bench.write("few.tsv", "sample\tgroup\ttime\tevent\ns1\ta\t1\t1\ns2\ta\t5\t1\ns5\tb\t2\t1\ns6\tb\t3\t0\nx\tb\t1\t1\n");
    bench.write(
        "none.tsv",
        "sample\tgroup\ttime\tevent\nx1\ta\t1\t1\nx2\tb\t2\t0\n",
    );
    for (line, fate) in [
        ("report run --out r.html", "shown as not labelled"),
        ("plot embedding run --out e.svg", "drawn as not labelled"),
        ("plot heatmap run --out h.svg", "drawn as not labelled"),
        ("plot groups run --node GROWTH --out g.svg", "left out"),
        (
            "plot survival run --node GROWTH --time time --event event --out s.svg",
            "left out",
        ),
    ] {
        let said = bench.done(&format!("{line} --samples few.tsv"));
        let told = format!("4 of 8 samples have no row in few.tsv and are {fate} (for example");
        assert!(said.contains(&told), "{line}: {said}");
        assert!(
            said.contains("1 of the 5 samples in few.tsv has no scores"),
            "{line}: {said}"
        );
        let other = line.replace("--out ", "--out other_");
        let arguments = format!("{other} --samples none.tsv");
        let message = refused(&bench, &arguments.split(' ').collect::<Vec<_>>());
        assert_starts(&message, "none.tsv: none of its 2 samples");
    }

    let renamed = |from: &str, to: &str| TABLE.replace(from, to);
    bench.write("part.tsv", renamed("s1\t", "x1\t"));
    let said = bench.done("report run -e part.tsv --out part.html");
    assert!(
        said.contains("1 of 8 samples has no row in part.tsv"),
        "{said}"
    );
    bench.write("other.tsv", renamed("\ts", "\tx"));
    let message = refused(
        &bench,
        &["report", "run", "-e", "other.tsv", "--out", "o.html"],
    );
    assert_starts(&message, "other.tsv: none of its 8 samples");

    bench.write("labels.tsv", LABELS);
    bench.done("compare --activity run --samples labels.tsv --by group --out compare.tsv");
    let table = String::from_utf8(bench.read("compare.tsv")).expect("text");
    bench.write("one.tsv", table.replace("GROWTH", "OTHER"));
    bench.write(
        "two.tsv",
        table
            .replace("GROWTH", "OTHER")
            .replace("INTERFERON", "ELSE"),
    );
    let said = bench.done("report run --compare one.tsv --out one.html");
    assert!(
        said.contains("1 of 2 rows in one.tsv is of no node of the run"),
        "{said}"
    );
    let message = refused(
        &bench,
        &["report", "run", "--compare", "two.tsv", "--out", "o.html"],
    );
    assert_starts(&message, "two.tsv: none of its 2 rows (the first is of \"");
}

#[test]
fn groups_that_share_colours() {
    let bench = Bench::new();
    let samples: Vec<String> = (0..30).map(|at| format!("s{at}")).collect();
    let row = |gene: usize| -> String {
        let values = (0..30).map(|at| format!("\t{}", (at * (gene + 3) * 7) % 11 + 1));
        values.collect()
    };
    let genes = ["TP53", "MYC", "EGFR", "ISG15", "IFI6", "MX1"];
    let rows: Vec<String> = (0..6)
        .map(|at| format!("{}{}\n", genes[at], row(at)))
        .collect();
    bench.write(
        "expression.tsv",
        format!("gene\t{}\n{}", samples.join("\t"), rows.concat()),
    );
    bench.fit(&["--no-report", "--evidence", "none"]);
    let labels = |groups: usize| -> String {
        let rows = (0..30).map(|at| format!("s{at}\tg{}\n", at % groups));
        format!("sample\tkind\n{}", rows.collect::<String>())
    };
    bench.write("many.tsv", labels(25));
    bench.write("enough.tsv", labels(24));
    for line in ["report run", "plot embedding run", "plot heatmap run"] {
        let ending = if line.starts_with("plot") {
            "svg"
        } else {
            "html"
        };
        let said = bench.done(&format!("{line} --samples many.tsv --out many.{ending}"));
        let told = "kind has 25 groups, and there are 24 colours: from group 25 on they repeat";
        assert!(said.contains(told), "{line}: {said}");
        let drawn = String::from_utf8(bench.read(&format!("many.{ending}"))).expect("text");
        assert!(drawn.contains("colours repeat after"), "{line}");
        let said = bench.done(&format!(
            "{line} --samples enough.tsv --out enough.{ending}"
        ));
        assert!(!said.contains("colours"), "{line}: {said}");
    }
}

#[test]
fn places_that_cannot_be_written_are_named_alone() {
    let bench = Bench::fitted();
    let message = refused(
        &bench,
        &[
            "activity",
            "-m",
            "run",
            "-e",
            "expression.tsv",
            "-o",
            "no/a.tsv",
        ],
    );
    assert_starts(&message, "cannot write into no. Choose a place");
    assert!(!message.contains(".gsae-"), "{message}");
}

#[test]
fn option_values_that_make_no_sense() {
    let bench = Bench::new();
    for (option, value) in [
        ("--activation", "foo"),
        ("--min-match", "3"),
        ("--epochs", "0"),
        ("--batch-size", "0"),
        ("--learning-rate", "-1"),
        ("--learning-rate", "NaN"),
        ("--dropout", "1"),
        ("--validation-fraction", "1.5"),
        ("--model", "transformer"),
        ("--normalization", "tpm"),
        ("--missing", "guess"),
        ("--duplicate-sets", "maybe"),
        ("--threads", "0"),
    ] {
        let message = refused(
            &bench,
            &[
                "fit",
                "-e",
                "expression.tsv",
                "-g",
                "sets.gmt",
                "-o",
                "run",
                option,
                value,
            ],
        );
        assert_starts(&message, option);
        assert!(message.contains(value), "{message}");
    }
    let message = refused(
        &bench,
        &[
            "fit",
            "-e",
            "expression.tsv",
            "-g",
            "sets.gmt",
            "-o",
            "run",
            "--min-size",
            "9",
            "--max-size",
            "3",
        ],
    );
    assert!(message.contains("--min-size"), "{message}");
}
