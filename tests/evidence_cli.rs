//! Evidence through the command line: what `fit` and `evidence` write and say.

use assert_cmd::cargo::cargo_bin_cmd;
use gsae::{Error, Result};
use std::collections::HashMap;
use std::path::Path;

const EXPRESSION: &str = "examples/pbmc3k/expression.tsv.gz";
const LABELS: &str = "examples/pbmc3k/labels.tsv";

fn folder() -> Result<tempfile::TempDir> {
    tempfile::tempdir().map_err(Error::io("create", "a temporary folder"))
}

/// Runs the program: its standard output and error, and whether it succeeded.
fn gsae(arguments: &[&str]) -> (String, String, bool) {
    let output = cargo_bin_cmd!("gsae").args(arguments).output();
    let output = output.expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        text(&output.stdout),
        text(&output.stderr),
        output.status.success(),
    )
}

fn fit(out: &Path, more: &[&str]) -> (String, String) {
    let out = out.display().to_string();
    let mut arguments = vec!["fit", "-e", EXPRESSION, "--epochs", "3", "-o", &out];
    arguments.extend(more);
    let (text, remarks, success) = gsae(&arguments);
    assert!(success, "{arguments:?}: {remarks}");
    (text, remarks)
}

/// A table's rows, each by its header.
fn rows(path: impl AsRef<Path>) -> Result<Vec<HashMap<String, String>>> {
    let path = path.as_ref();
    let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
    let mut lines = text.lines().map(|line| line.split('\t').map(str::to_owned));
    let header: Vec<String> = lines.next().into_iter().flatten().collect();
    Ok(lines
        .map(|line| header.iter().cloned().zip(line).collect())
        .collect())
}

/// Every number as `#`, without the blanks before it at the start of a line.
fn without_numbers(text: &str) -> String {
    let line = |line: &str| {
        let digit = |c: char| c.is_ascii_digit() || c == '.';
        let words = line.trim_start().split(' ').map(|word| {
            let bare = word.trim_matches(|c: char| !c.is_ascii_digit());
            if !bare.is_empty() && bare.chars().all(digit) {
                word.replace(bare, "#")
            } else {
                word.to_owned()
            }
        });
        words.collect::<Vec<_>>().join(" ") + "\n"
    };
    text.lines().map(line).collect()
}

fn json(path: impl AsRef<Path>) -> Result<serde_json::Value> {
    let path = path.as_ref();
    let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
    Ok(serde_json::from_str(&text).expect("JSON"))
}

#[test]
fn fit_reports_evidence_unless_told_not_to() -> Result<()> {
    let folder = folder()?;
    let run = folder.path().join("run");
    let (text, _) = fit(&run, &["-g", "wikipathways"]);
    let verdict = text.lines().last().unwrap_or_default();
    assert!(verdict.starts_with("evidence: "), "{text}");
    assert!(
        verdict.contains(" nodes pass ") && verdict.contains("held-out loss"),
        "{verdict}"
    );
    let rows_of = rows(run.join("nodes.tsv"))?;
    for row in &rows_of {
        let number = |name: &str| row[name].parse::<f64>().expect("a number");
        assert!((-1.0..=1.0).contains(&number("stability")), "{row:?}");
        let p = number("map_p");
        assert!(
            p > 0.0 && p <= number("map_q") && number("map_q") <= 1.0,
            "{row:?}"
        );
        assert!(["true", "false"].contains(&row["passes"].as_str()));
    }
    let run_json = json(run.join("run.json"))?;
    let passing = rows_of.iter().filter(|row| row["passes"] == "true").count();
    assert_eq!(run_json["evidence"]["passing"], passing);
    assert_eq!(run_json["evidence"]["options"]["shuffles"], 5);
    assert!(verdict.contains(&format!("{passing} of {} nodes", rows_of.len())));
    assert!(run_json["timings"]["evidence_seconds"].as_f64() > Some(0.0));

    let without = folder.path().join("without");
    let (text, _) = fit(&without, &["-g", "wikipathways", "--evidence", "none"]);
    assert!(!text.contains("evidence"), "{text}");
    let none = rows(without.join("nodes.tsv"))?;
    assert!(
        none.iter()
            .all(|row| row["stability"] == "NA" && row["passes"] == "NA")
    );
    assert!(json(without.join("run.json"))?["evidence"].is_null());
    // The model's activity does not depend on it.
    let bytes = |run: &Path| std::fs::read(run.join("activity.tsv")).ok();
    assert_eq!(bytes(&run), bytes(&without));
    Ok(())
}

#[test]
fn evidence_is_gathered_from_the_model_file_alone() -> Result<()> {
    let folder = folder()?;
    let run = folder.path().join("run");
    fit(&run, &["-g", "wikipathways", "--evidence", "none"]);
    let path = |name: &str| folder.path().join(name).display().to_string();
    let model = path("run/model.safetensors");
    let (out, summary, with) = (path("evidence.tsv"), path("summary.json"), path("with"));
    let (text, remarks, success) = gsae(&[
        "evidence",
        "-m",
        &model,
        "-e",
        EXPRESSION,
        "-o",
        &out,
        "--summary",
        &summary,
        "--model-out",
        &with,
        "--seeds",
        "1",
        "--shuffles",
        "2",
    ]);
    assert!(success, "{remarks}");
    insta::assert_snapshot!(
        "evidence",
        without_numbers(&text).replace(" higher ", " lower ")
    );
    let given = rows(&out)?;
    assert_eq!(given.len(), rows(run.join("nodes.tsv"))?.len());
    assert!(given.iter().all(|row| row["stability"] != "NA"));
    assert_eq!(json(&summary)?["options"]["seeds"], 1);

    // The model with the evidence in it reports it for new samples.
    let nodes = path("nodes.tsv");
    let (_, remarks, success) = gsae(&[
        "activity",
        "-m",
        &with,
        "-e",
        EXPRESSION,
        "-o",
        &path("activity.tsv"),
        "--nodes",
        &nodes,
    ]);
    assert!(success, "{remarks}");
    assert_eq!(std::fs::read(&out).ok(), std::fs::read(&nodes).ok());

    let refused = |more: &[&str], start: &str| {
        let mut arguments = vec!["evidence", "-m", &model, "-e", EXPRESSION, "-o", &out];
        arguments.extend(more);
        let (_, remarks, success) = gsae(&arguments);
        assert!(!success && remarks.starts_with(start), "{remarks}");
    };
    refused(
        &["--effort", "none"],
        "error: --effort is quick or thorough",
    );
    refused(
        &["--max-samples", "3"],
        "error: --max-samples must be at least 10",
    );
    refused(
        &["--max-epochs", "0"],
        "error: --max-epochs must be at least 1",
    );
    Ok(())
}

#[test]
fn other_data_than_the_models_are_remarked_whatever_their_file() -> Result<()> {
    let folder = folder()?;
    let run = folder.path().join("run");
    fit(&run, &["-g", "wikipathways", "--evidence", "none"]);
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (bytes, _) = gsae::io::read_bytes(EXPRESSION)?;
    let text = String::from_utf8(bytes).expect("a text");
    let table: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    let turned = |first: usize| -> String {
        let columns = (0..table[0].len()).map(|column| {
            let rows = [0].into_iter().chain(first..table.len());
            let fields: Vec<&str> = rows.map(|row| table[row][column]).collect();
            fields.join("\t") + "\n"
        });
        columns.collect()
    };
    // Unzipped; turned; without some genes.
    for (name, content, others) in [
        ("same.tsv", text.clone(), false),
        ("turned.tsv", turned(1), false),
        ("fewer.tsv", turned(200), true),
    ] {
        std::fs::write(path(name), content).map_err(Error::io("write", name))?;
        let (_, remarks, success) = gsae(&[
            "evidence",
            "-m",
            &path("run/model.safetensors"),
            "-e",
            &path(name),
            "-o",
            &path("evidence.tsv"),
            "--seeds",
            "1",
            "--shuffles",
            "0",
        ]);
        assert!(success, "{remarks}");
        assert_eq!(
            remarks.contains("not the data that the model was trained on"),
            others,
            "{name}: {remarks}"
        );
    }
    assert!(
        rows(path("evidence.tsv"))?
            .iter()
            .all(|row| row["map_p"] == "NA")
    );
    Ok(())
}

#[test]
fn models_without_gene_set_nodes_say_so() -> Result<()> {
    let folder = folder()?;
    let run = folder.path().join("run");
    let (_, remarks) = fit(&run, &["--model", "ae"]);
    assert!(remarks.contains("no evidence to gather"), "{remarks}");
    assert_eq!(rows(run.join("nodes.tsv"))?[0]["passes"], "NA");
    let model = run.join("model.safetensors").display().to_string();
    let out = run.join("evidence.tsv").display().to_string();
    let (_, remarks, success) = gsae(&["evidence", "-m", &model, "-e", EXPRESSION, "-o", &out]);
    assert!(
        !success && remarks.contains("no gene-set nodes"),
        "{remarks}"
    );
    Ok(())
}

#[test]
fn hierarchies_covariates_and_several_matrices_have_evidence() -> Result<()> {
    let folder = folder()?;
    let both = format!("rna={EXPRESSION},again={EXPRESSION}");
    for (name, more) in [
        ("levels", vec!["-g", "reactome", "--levels", "3"]),
        (
            "covariates",
            vec![
                "-g",
                "wikipathways",
                "--samples",
                LABELS,
                "--covariates",
                "cell_type",
            ],
        ),
        ("blocks", vec!["-g", "wikipathways", "-e", &both]),
        ("copies", vec!["-g", "wikipathways", "--nodes-per-set", "2"]),
        ("gsvae", vec!["-g", "wikipathways", "--model", "gsvae"]),
    ] {
        let run = folder.path().join(name);
        let out = run.display().to_string();
        let mut arguments = vec!["fit", "-q", "--epochs", "2", "-o", &out];
        if name != "blocks" {
            arguments.extend(["-e", EXPRESSION]);
        }
        arguments.extend(more);
        let (_, remarks, success) = gsae(&arguments);
        assert!(success, "{name}: {remarks}");
        let known = rows(run.join("nodes.tsv"))?;
        let known = known
            .iter()
            .filter(|row| row["map_p"] != "NA" && row["stability"] != "NA");
        assert!(known.count() > 50, "{name}");
        let warnings = &json(run.join("run.json"))?["warnings"];
        assert!(
            !warnings.to_string().contains("no evidence"),
            "{name}: {warnings}"
        );
    }
    Ok(())
}

/// A verdict names the criteria that were tested, and no node passes untested ones.
#[test]
fn what_was_not_tested_is_not_claimed() -> Result<()> {
    let folder = folder()?;
    let run = folder.path().join("run");
    fit(
        &run,
        &[
            "-g",
            "wikipathways",
            "--evidence",
            "none",
            "--shuffle-map",
            "1",
        ],
    );
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (model, out) = (path("run/model.safetensors"), path("evidence.tsv"));
    for (seeds, shuffles, claimed) in [("0", "0", [false, false]), ("1", "0", [true, false])] {
        let (text, remarks, success) = gsae(&[
            "evidence",
            "-m",
            &model,
            "-e",
            EXPRESSION,
            "-o",
            &out,
            "--seeds",
            seeds,
            "--shuffles",
            shuffles,
            "--max-epochs",
            "1",
        ]);
        assert!(success, "{remarks}");
        let verdict = text.lines().last().unwrap_or_default();
        assert!(verdict.contains("no node is said to pass"), "{verdict}");
        let met = verdict.rsplit("meet the rest").next().unwrap_or_default();
        assert_eq!(met.contains("stable over seeds"), claimed[0], "{verdict}");
        assert_eq!(
            met.contains("better than shuffled maps"),
            claimed[1],
            "{verdict}"
        );
        assert!(!text.contains("no better than shuffled maps"), "{text}");
        assert!(rows(&out)?.iter().all(|row| row["passes"] == "NA"));
    }
    Ok(())
}

#[test]
fn a_folder_gets_its_evidence_later_and_a_report_whatever_it_lacks() -> Result<()> {
    let folder = folder()?;
    let run = folder.path().join("run");
    let more = [
        "-g",
        "wikipathways",
        "--evidence",
        "none",
        "--samples",
        LABELS,
    ];
    fit(&run, &more);
    let manifest = json(run.join("run.json"))?;
    let found = &manifest["identifiers"][0];
    assert!(found["renamed"].as_u64() > Some(0), "{found}");
    assert!(found["data"]["matched"].as_u64() > found["given"]["matched"].as_u64());
    let collection = &found["collections"][0];
    assert_eq!(
        (&collection["name"], &collection["sets"]),
        (&"wikipathways".into(), &746.into())
    );
    assert_eq!(collection["found"], found["sets"]["matched"]);
    let before = std::fs::read_to_string(run.join("report.html")).unwrap_or_default();

    let name = run.display().to_string();
    let refits = ["--effort", "quick", "--max-epochs", "2", "--shuffles", "2"];
    let arguments = [&["evidence", &name, "-e", EXPRESSION], refits.as_slice()].concat();
    let (_, remarks, success) = gsae(&arguments);
    assert!(success, "{remarks}");
    assert!(remarks.contains("labels of the samples: ") && remarks.contains("report.html"));
    let nodes = rows(run.join("nodes.tsv"))?;
    assert!(nodes.iter().all(|row| row["stability"] != "NA"));
    let after = json(run.join("run.json"))?;
    assert_eq!(after["evidence"]["nodes"], nodes.len());
    assert_eq!(after["command"], manifest["command"]);
    let report = std::fs::read_to_string(run.join("report.html")).unwrap_or_default();
    assert!(report.contains("CD14+ Mono") && report != before);

    // Without a test of stability nothing is said to pass, and the report has a place for that.
    let some = [arguments.as_slice(), &["--seeds", "0"]].concat();
    assert!(gsae(&some).2);
    assert!(json(run.join("run.json"))?["evidence"]["passing"].is_null());

    let other = folder.path().join("other.tsv");
    std::fs::write(&other, "gene\ta\tb\nTP53\t1\t2\nMX1\t3\t4\n")
        .map_err(Error::io("write", &other))?;
    let other = other.display().to_string();
    let (_, message, success) = gsae(&["evidence", &name, "-e", &other]);
    assert!(!success && message.contains("in their order"), "{message}");

    for file in ["run.json", "latent.tsv", "nodes.tsv"] {
        let path = run.join(file);
        std::fs::remove_file(&path).map_err(Error::io("remove", &path))?;
    }
    let (_, remarks, success) = gsae(&["report", &name]);
    assert!(
        success && remarks.contains("The folder has no nodes.tsv"),
        "{remarks}"
    );
    let report = std::fs::read_to_string(run.join("report.html")).unwrap_or_default();
    assert!(report.contains("The folder has no run.json"));
    Ok(())
}
