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
