//! What the commands print.

use assert_cmd::cargo::cargo_bin_cmd;
use std::path::Path;

/// Runs gsae in a folder: its standard output, or its standard error if it fails.
fn gsae_in(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = cargo_bin_cmd!("gsae")
        .current_dir(folder)
        .env_remove("COLUMNS")
        .env("GSAE_CACHE_DIR", folder.join("no-cache"))
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

#[test]
fn every_command_has_an_example_a_completion_and_a_page() {
    let help = gsae(&["--help"]);
    let (_, list) = help.split_once("Commands:").expect("commands");
    let (list, _) = list.split_once("Options:").expect("options");
    let commands: Vec<&str> = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.len() > 15, "{commands:?}");
    for group in ["genesets", "enrich", "plot"] {
        for line in gsae(&[group, "--help"]).lines() {
            let name = line.split_whitespace().next().unwrap_or_default();
            let is_command = line.starts_with("  ") && !line.starts_with("   ");
            if is_command && !name.starts_with('-') && name != "help" && name != "gsae" {
                let text = gsae(&[group, name, "--help"]);
                assert!(text.contains("Example"), "{group} {name}: {text}");
            }
        }
    }
    let bash = gsae(&["completions", "bash"]);
    let page = gsae(&["man"]);
    for command in commands {
        assert!(bash.contains(command), "{command}");
        assert!(page.contains(&command.replace('-', "\\-")), "{command}");
        if !["genesets", "enrich", "plot"].contains(&command) {
            let text = gsae(&[command, "--help"]);
            assert!(text.contains("Example"), "{command}: {text}");
        }
    }
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        assert!(gsae(&["completions", shell]).contains("gsae"));
    }
    let folder = folder();
    gsae_in(folder.path(), &["man", "-o", "pages", "-q"]).expect("pages");
    for name in ["gsae.1", "gsae-fit.1", "gsae-plot-heatmap.1"] {
        let text = std::fs::read_to_string(folder.path().join("pages").join(name));
        assert!(text.expect(name).contains(".TH "), "{name}");
    }
}

#[test]
fn verbose_says_when_and_colours_stay_out_of_pipes() {
    let folder = folder();
    write(&folder, "odd.gmt", "A\tna\tTP53\nA\tna\tMYC\n");
    write(
        &folder,
        "counts.tsv",
        "gene\ts1\ts2\nTP53\t3\t1\nMYC\t0\t2\n",
    );
    let arguments = ["doctor", "-e", "counts.tsv", "-g", "odd.gmt"];
    let run = |more: &[&str]| {
        let output = cargo_bin_cmd!("gsae")
            .current_dir(folder.path())
            .args(arguments)
            .args(more)
            .output()
            .expect("gsae starts");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let normal = run(&[]);
    assert!(
        normal.contains("warning: odd.gmt") && !normal.contains('\u{1b}'),
        "{normal}"
    );
    let verbose = run(&["--verbose"]);
    assert!(verbose.contains(" s  gsae "), "{verbose}");
    assert!(run(&["--verbose", "--quiet"]).contains("cannot be used with"));
}

fn gsae(arguments: &[&str]) -> String {
    gsae_in(Path::new("."), arguments).expect("the command succeeds")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn write(folder: &tempfile::TempDir, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).expect("a file in the temporary folder");
}

#[test]
fn help() {
    insta::assert_snapshot!("help", gsae(&["--help"]));
    for command in [
        "fit",
        "activity",
        "evidence",
        "interpret",
        "doctor",
        "demo",
        "genesets",
    ] {
        insta::assert_snapshot!(format!("help_{command}"), gsae(&[command, "--help"]));
    }
    for command in [
        "list", "fetch", "convert", "filter", "merge", "dedupe", "overlap", "combine",
    ] {
        let text = gsae(&["genesets", command, "--help"]);
        insta::assert_snapshot!(format!("help_genesets_{command}"), text);
    }
}

#[test]
fn collections() {
    insta::assert_snapshot!("genesets_list", gsae(&["genesets", "list"]));
    let sources = gsae(&["genesets", "list", "--remote"]);
    insta::assert_snapshot!("genesets_list_remote", sources);
    insta::assert_snapshot!("genesets_info", gsae(&["genesets", "info", "reactome"]));
    let set = gsae(&[
        "genesets",
        "info",
        "reactome",
        "--set",
        "Interferon alpha/beta signaling",
    ]);
    insta::assert_snapshot!("genesets_info_set", set);
    let gene = gsae(&["genesets", "info", "wikipathways", "--gene", "ISG15"]);
    insta::assert_snapshot!("genesets_info_gene", gene);
}

#[test]
fn a_check_names_lines_and_fails_where_something_is_odd() {
    let folder = folder();
    write(
        &folder,
        "odd.gmt",
        "A\tna\tTP53\tTP53\nA\tna\tMYC\nEMPTY\tna\nB\tna\tMYC\n",
    );
    let arguments = ["genesets", "check", "odd.gmt"];
    let output = cargo_bin_cmd!("gsae")
        .current_dir(folder.path())
        .args(arguments)
        .output()
        .expect("gsae starts");
    assert!(!output.status.success());
    insta::assert_snapshot!("genesets_check", String::from_utf8_lossy(&output.stdout));

    gsae_in(
        folder.path(),
        &["genesets", "convert", "odd.gmt", "-o", "clean.gmt", "-q"],
    )
    .expect("a conversion");
    assert!(gsae_in(folder.path(), &["genesets", "check", "clean.gmt"]).is_ok());
}

#[test]
fn the_doctors_report() {
    let folder = folder();
    write(
        &folder,
        "counts.tsv",
        "gene\ts1\ts2\nENSG00000141510.18\t3\t1\nENSG00000136997.21\t0\t2\nENSG00000187608.10\t7\t0\n",
    );
    write(
        &folder,
        "sets.gmt",
        "A\tna\tTP53\tMYC\nB\tna\tISG15\tIFI6\n",
    );
    let report = gsae_in(
        folder.path(),
        &["doctor", "-e", "counts.tsv", "-g", "sets.gmt"],
    );
    insta::assert_snapshot!("doctor", report.expect("a report"));
}

#[test]
fn the_demo_shows_pathways_with_their_coverage() {
    let folder = folder();
    let text = gsae_in(folder.path(), &["demo"]).expect("the demo");
    assert!(
        text.contains("spread  genes found  coverage  agreement  pathway"),
        "{text}"
    );
    assert!(text.contains("Neutrophil degranulation"), "{text}");
    let b_cells = text
        .lines()
        .find(|line| line.starts_with("B "))
        .unwrap_or_default();
    assert!(b_cells.contains("B Cell Receptor"), "{text}");
    let activity = std::fs::read_to_string(folder.path().join("gsae-demo/activity.tsv"))
        .expect("the demo's activity");
    assert_eq!(activity.lines().count(), 161);

    let report = folder.path().join("gsae-demo/report.html");
    let html = std::fs::read_to_string(&report).expect("the demo's report");
    assert!(html.contains("cell_type") && html.contains("Neutrophil degranulation"));
    std::fs::remove_file(&report).expect("a report to remove");
    let arguments = ["report", "gsae-demo", "-q"];
    gsae_in(folder.path(), &arguments).expect("a report of the folder");
    let html = std::fs::read_to_string(&report).expect("the report");
    assert!(!html.contains("cell_type"), "no labels were given");
    for (kind, more) in [
        ("training", &[][..]),
        ("heatmap", &["--width", "column"]),
        ("embedding", &["--node", "Neutrophil degranulation"]),
        ("loadings", &["--unit", "superset_001"]),
        ("membership", &["--node", "Neutrophil degranulation"]),
    ] {
        for file in ["figure.svg", "figure.png"] {
            let arguments = [&["plot", kind, "gsae-demo", "-o", file], more].concat();
            gsae_in(folder.path(), &arguments).expect(kind);
        }
    }
    let wrong = ["plot", "training", "gsae-demo", "-o", "figure.pdf"];
    let error = gsae_in(folder.path(), &wrong).expect_err("no PDF");
    assert!(error.contains(".svg or .png"), "{error}");
    let unclear = [
        "plot",
        "embedding",
        "gsae-demo",
        "--node",
        "signaling",
        "-o",
        "f.svg",
    ];
    let error = gsae_in(folder.path(), &unclear).expect_err("many pathways");
    assert!(
        error.contains("fits") && error.contains("names, such as"),
        "{error}"
    );
}

#[test]
fn quiet_commands_print_results_only() {
    let folder = folder();
    let output = cargo_bin_cmd!("gsae")
        .current_dir(folder.path())
        .args(["demo", "--quiet"])
        .output()
        .expect("gsae starts");
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn an_error_prints_its_causes() {
    let error = gsae_in(folder().path(), &["genesets", "info", "no.gmt"]).expect_err("an error");
    assert!(error.starts_with("error: "), "{error}");
    let error = gsae_in(
        folder().path(),
        &["activity", "-m", "no", "-e", "no", "-o", "x"],
    );
    insta::assert_snapshot!("error", error.expect_err("an error"));
}

#[test]
fn a_table_read_the_wrong_way_round_says_so() {
    let folder = folder();
    let genes: Vec<String> = (0..40).map(|gene| format!("G{gene}")).collect();
    let mut table = "gene\tc0\tc1\tc2\tc3\n".to_owned();
    for (at, gene) in genes.iter().enumerate() {
        table += &format!("{gene}\t{at}\t3\t1\t{}\n", at % 5);
    }
    write(&folder, "table.tsv", &table);
    write(
        &folder,
        "sets.gmt",
        &format!("a set\t\t{}\n", genes.join("\t")),
    );
    let fit = |more: &[&str]| {
        let mut arguments = vec!["fit", "-e", "table.tsv", "-g", "sets.gmt", "--out", "run"];
        arguments.extend(["--epochs", "1", "--evidence", "none", "--quiet"]);
        arguments.extend(more);
        gsae_in(folder.path(), &arguments)
    };
    let message = fit(&["--genes-as", "columns"]).expect_err("samples taken for genes");
    assert!(
        message.contains("40 of the 40 samples are called like genes"),
        "{message}"
    );
    assert!(message.contains("--genes-as rows"), "{message}");
    fit(&["--genes-as", "rows"]).expect("a run");
}

#[test]
fn row_numbers_and_sums_beside_the_genes_are_told_from_them() {
    let folder = folder();
    let symbols = ["TP53", "MYC", "ISG15", "MX1", "STAT1", "CD3E"];
    let mut numbered = ",gene,c0,c1\n".to_owned();
    let mut bare = ",c0,c1\n".to_owned();
    for (at, symbol) in symbols.iter().enumerate() {
        numbered += &format!("{at},{symbol},{at},3\n");
        bare += &format!("{at},{at},3\n");
    }
    write(&folder, "numbered.csv", &numbered);
    write(&folder, "bare.csv", &bare);
    let sums = format!(
        "cell\tnCount_RNA\t{}\nc0\t900\t1.5\t0\t2\t1\t0\t3\nc1\t950\t0\t1\t1\t1\t2\t0\n",
        symbols.join("\t")
    );
    write(&folder, "sums.tsv", &sums);
    write(
        &folder,
        "sets.gmt",
        &format!("a set\t\t{}\n", symbols.join("\t")),
    );
    let score = |table: &str, more: &[&str]| {
        let mut arguments = vec!["score", "-e", table, "-g", "sets.gmt", "--min-size", "2"];
        arguments.extend(["--method", "mean-z", "--out", "scores.tsv"]);
        arguments.extend(more);
        cargo_bin_cmd!("gsae")
            .current_dir(folder.path())
            .args(&arguments)
            .output()
            .expect("gsae")
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let run = score("numbered.csv", &[]);
    let log = text(&run.stderr);
    assert!(run.status.success(), "{log}");
    assert!(log.contains("named by the column gene"), "{log}");
    assert!(log.contains("6 of the data's 6 genes"), "{log}");
    let run = score("bare.csv", &["--genes-as", "rows"]);
    let log = text(&run.stderr);
    assert!(
        !run.status.success() && log.contains("counts the rows"),
        "{log}"
    );
    let run = score("sums.tsv", &[]);
    let log = text(&run.stderr);
    assert!(run.status.success(), "{log}");
    assert!(log.contains("nCount_RNA are about samples"), "{log}");
    assert!(!log.contains("log2p1"), "{log}");
}

#[test]
fn data_that_a_model_cannot_read_are_refused_or_warned_of() {
    let folder = folder();
    let symbols: Vec<String> = (0..60).map(|gene| format!("GENE{gene}")).collect();
    let mut table = "gene\tc0\tc1\tc2\tc3\n".to_owned();
    let (mut counts, mut others) = (table.clone(), table.clone());
    for (at, gene) in symbols.iter().enumerate() {
        let value = |by: usize| (at * by % 11) as f64 / 2.0;
        table += &format!(
            "{gene}\t{}\t{}\t{}\t{}\n",
            value(3),
            value(5),
            value(7),
            value(2)
        );
        counts += &format!("{gene}\t{}\t{}\t3\t0\n", at * 40, at % 7);
        others += &format!("Other{at}\t{}\t{}\t3\t1.5\n", value(3), value(5));
    }
    write(&folder, "table.tsv", &table);
    write(&folder, "counts.tsv", &counts);
    write(&folder, "others.tsv", &others);
    write(
        &folder,
        "sets.gmt",
        &format!("a set\t\t{}\n", symbols[..30].join("\t")),
    );
    write(&folder, "labels.tsv", "sample\tgroup\nx0\ta\nx1\tb\n");
    let run = |arguments: &[&str]| {
        let output = cargo_bin_cmd!("gsae")
            .current_dir(folder.path())
            .args(arguments)
            .output();
        let output = output.expect("gsae");
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let fit = [
        "fit",
        "-e",
        "table.tsv",
        "--genes-as",
        "rows",
        "-g",
        "sets.gmt",
        "--epochs",
        "2",
    ];
    let fit = [
        &fit[..],
        &["--evidence", "none", "--no-report", "-o", "run"],
    ]
    .concat();
    let (fine, log) = run(&[&fit[..], &["--samples", "labels.tsv"]].concat());
    assert!(
        !fine && log.contains("the labels have none of the 4 samples"),
        "{log}"
    );
    assert!(!log.contains("epoch"), "{log}");
    let (fine, log) = run(&fit);
    assert!(
        fine && log.contains("4 samples are few for a network"),
        "{log}"
    );
    let activity = |table: &str| {
        let model = [
            "activity",
            "-m",
            "run/model.safetensors",
            "--genes-as",
            "rows",
        ];
        run(&[&model[..], &["-e", table, "--out", "a.tsv"]].concat())
    };
    let (fine, log) = activity("counts.tsv");
    assert!(fine && log.contains("raw counts"), "{log}");
    let (fine, log) = activity("others.tsv");
    assert!(
        !fine && log.contains("only 0 of the data's 60 genes"),
        "{log}"
    );
}

#[test]
fn a_library_that_panics_is_not_heard() {
    let folder = folder();
    write(&folder, "quote.tsv", "gene\ts1\ts2\nTP53\t1\t2\nMYC\t3\t\"");
    let arguments = [
        "score",
        "-e",
        "quote.tsv",
        "-g",
        "reactome",
        "--method",
        "ulm",
        "-q",
    ];
    let arguments = [&arguments[..], &["--out", "scores.tsv"]].concat();
    let message = gsae_in(folder.path(), &arguments).expect_err("an open quote");
    assert!(message.starts_with("error: quote.tsv, line 3"), "{message}");
}

#[test]
fn a_device_that_this_program_lacks_is_explained() {
    let folder = folder();
    write(&folder, "table.tsv", "gene\tc0\tc1\nA\t1\t2\nB\t2\t1\n");
    for (device, part) in [("gpu", "use auto, cpu, cuda"), ("cuda:99", "cuda:99")] {
        let arguments = [
            "fit",
            "-e",
            "table.tsv",
            "-g",
            "reactome",
            "--device",
            device,
            "-o",
            "run",
        ];
        let message = gsae_in(folder.path(), &arguments).expect_err("no such device");
        assert!(
            message.starts_with("error: --device") && message.contains(part),
            "{message}"
        );
    }
}

#[test]
fn a_list_that_asks_no_server_takes_no_network_options() {
    for arguments in [
        &["genesets", "list", "--retries", "2"][..],
        &["genesets", "list", "--base-url", "http://localhost"],
        &["genesets", "list", "--remote", "--timeout", "3"],
    ] {
        let output = cargo_bin_cmd!("gsae").args(arguments).assert().failure();
        let text = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        assert!(text.contains("--remote SOURCE"), "{text}");
    }
}
