//! `gsae compare`, `survival`, `classify` and `cluster`: help, tables, and refusals.

mod common;

use assert_cmd::cargo::cargo_bin_cmd;
use std::fmt::Write;
use std::path::Path;

/// Standard output, or standard error if the command fails.
fn gsae(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = cargo_bin_cmd!("gsae")
        .current_dir(folder)
        .env_remove("COLUMNS")
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

fn read(folder: &Path, name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder.join(name)).expect("the table");
    let fields = |line: &str| line.split('\t').map(str::to_owned).collect();
    text.lines().map(fields).collect()
}

/// A folder with the scores of 24 samples of 6 donors, their labels, and what is known of two of
/// the three nodes.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut scores = String::from("sample\tIFN\tNoise\tAge set\n");
    let mut labels = String::from("sample\tcondition\tdonor\tage\tcell\tmonths\tdead\n");
    for at in 0..24 {
        let (donor, stimulated) = (at % 6, at / 6 % 2);
        // Numbers that look random and are the same everywhere.
        let noise = |of: usize| ((at * of + at * at * 3) % 17) as f64 / 10.0 - 0.8;
        let ifn = 2.0 * stimulated as f64 + noise(7) + 0.3 * donor as f64;
        let age = 30 + 5 * donor;
        let by_age = 0.1 * f64::from(age as u32) + noise(11) / 2.0;
        let third = if at == 3 {
            "NA".to_owned()
        } else {
            format!("{by_age:.2}")
        };
        writeln!(scores, "s{at}\t{ifn:.2}\t{:.2}\t{third}", noise(5)).expect("a string");
        let condition = ["control", "stimulated"][stimulated];
        let months = 40.0 - 3.0 * ifn + 5.0 * noise(3);
        let cell = ["B", "T", "NK"][at % 3];
        let dead = u8::from(at % 4 != 1);
        writeln!(
            labels,
            "s{at}\t{condition}\td{donor}\t{age}\t{cell}\t{months:.1}\t{dead}"
        )
        .expect("a string");
    }
    let nodes =
        "name\tdescription\tcoverage\tstability\nIFN\tx\t0.9000\t0.97\nNoise\ty\t0.5\t0.1\n";
    for (name, text) in [
        ("activity.tsv", scores.as_str()),
        ("labels.tsv", &labels),
        ("nodes.tsv", nodes),
    ] {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

const SCORES: [&str; 4] = ["--activity", "activity.tsv", "--samples", "labels.tsv"];

#[test]
fn help() {
    for command in ["compare", "survival", "classify", "cluster"] {
        let text = gsae(Path::new("."), &[command, "--help"]).expect("help");
        insta::assert_snapshot!(format!("help_{command}"), text);
    }
}

#[test]
fn two_groups_with_what_is_known_of_the_nodes() {
    let folder = folder();
    let run = |more: &[&str]| {
        let base = [
            &["compare"][..],
            &SCORES,
            &["--by", "condition", "--out", "out.tsv"],
        ]
        .concat();
        gsae(folder.path(), &[&base[..], more].concat()).expect("a comparison")
    };
    insta::assert_snapshot!("compare", run(&[]));
    let cells = read(folder.path(), "out.tsv");
    assert_eq!(cells[0][cells[0].len() - 2..], ["coverage", "stability"]);
    assert_eq!(
        cells[1][..4],
        ["IFN", "stimulated", "control", "up in stimulated"]
    );
    assert_eq!(cells[1][4..6], ["12", "12"]);
    assert_eq!(cells[1][cells[1].len() - 2..], ["0.9000", "0.97"]);
    let age = cells
        .iter()
        .find(|row| row[0] == "Age set")
        .expect("the third node");
    assert_eq!(age[4..6], ["12", "11"]);
    assert_eq!(age[age.len() - 2..], ["NA", "NA"]);
    // Donors in pairs, the other way round.
    insta::assert_snapshot!(
        "compare_donors",
        run(&["--donor", "donor", "--reference", "stimulated"])
    );
    let donors = read(folder.path(), "out.tsv");
    assert_eq!(
        donors[1][..6],
        ["IFN", "control", "stimulated", "down in control", "6", "6"]
    );
    let adjusted = run(&["--covariates", "age,cell"]);
    assert!(adjusted.contains("linear model"), "{adjusted}");
}

#[test]
fn several_groups_and_numbers() {
    let folder = folder();
    let run = |more: &[&str]| {
        let base = [&["compare"][..], &SCORES, &["--out", "out.tsv"]].concat();
        gsae(folder.path(), &[&base[..], more].concat())
    };
    let text = run(&[
        "--by",
        "cell",
        "--each",
        "each.tsv",
        "--test",
        "kruskal-wallis",
    ]);
    insta::assert_snapshot!("compare_groups", text.expect("a comparison"));
    let header = &read(folder.path(), "out.tsv")[0];
    assert_eq!(header[8..11], ["mean_B", "mean_NK", "mean_T"]);
    assert_eq!(read(folder.path(), "each.tsv").len(), 10);
    let text = run(&["--by", "cell", "--group", "NK"]).expect("a comparison");
    assert!(
        text.starts_with("NK (8 samples) against rest (16 samples)"),
        "{text}"
    );
    let text = run(&["--by", "age", "--donor", "donor"]).expect("a trend");
    assert!(
        text.starts_with("age over 6 donors, Spearman correlation"),
        "{text}"
    );
    let rows = read(folder.path(), "out.tsv");
    let third = rows.iter().find(|row| row[0] == "Age set");
    let third = third.expect("the third node");
    assert_eq!(third[1..3], ["rises with age", "6"]);
    let text = run(&["--by", "age", "--as", "groups"]).expect("groups");
    assert!(text.contains("6 groups of samples"), "{text}");
}

#[test]
fn survival_with_curves() {
    let folder = folder();
    let arguments = [
        &["survival"][..],
        &SCORES,
        &[
            "--time",
            "months",
            "--event",
            "dead",
            "--out",
            "out.tsv",
            "--curves",
            "curves.tsv",
        ],
        &[
            "--node",
            "IFN",
            "--node",
            "Noise",
            "--split",
            "optimal",
            "--permutations",
            "999",
        ],
        &["--folds", "3", "--select", "1", "--covariates", "age"],
    ]
    .concat();
    insta::assert_snapshot!(
        "survival",
        gsae(folder.path(), &arguments).expect("survival")
    );
    let rows = read(folder.path(), "out.tsv");
    assert_eq!(
        rows[1][..3],
        ["IFN", "higher activity, higher hazard", "24"]
    );
    assert_eq!(rows[0][rows[0].len() - 1], "stability");
    let curves = read(folder.path(), "curves.tsv");
    let starts: Vec<&Vec<String>> = curves.iter().filter(|row| row[2] == "0").collect();
    let names: Vec<&str> = starts.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["IFN", "IFN", "Noise", "Noise"]);
    let subjects: usize = starts[..2]
        .iter()
        .map(|row| row[3].parse::<usize>().expect("a number"))
        .sum();
    assert_eq!(subjects, 24);
    let first = std::fs::read(folder.path().join("out.tsv")).expect("the table");
    let single = [&["--threads", "1"][..], &arguments].concat();
    gsae(folder.path(), &single).expect("survival");
    assert_eq!(
        first,
        std::fs::read(folder.path().join("out.tsv")).expect("the table")
    );
}

#[test]
fn survival_by_groups_and_by_clusters() {
    let folder = folder();
    let base = [
        &["survival"][..],
        &SCORES,
        &["--time", "months", "--event", "dead", "--out", "out.tsv"],
    ]
    .concat();
    let run = |more: &[&str]| gsae(folder.path(), &[&base[..], more].concat());
    let text = run(&["--by", "condition", "--curves", "curves.tsv"]).expect("groups");
    insta::assert_snapshot!("survival_groups", text);
    let rows = read(folder.path(), "out.tsv");
    let curves = read(folder.path(), "curves.tsv");
    assert_eq!(
        (rows.len(), rows[1][0].as_str(), rows[1][1].as_str()),
        (3, "control", "12")
    );
    // What is expected sums to what is seen, and the last point is after all events of a group.
    let sum = |column: usize| -> f64 {
        rows[1..]
            .iter()
            .map(|row| row[column].parse::<f64>().expect("a number"))
            .sum()
    };
    assert!((sum(2) - sum(3)).abs() < 1e-3 && sum(2) == 18.0);
    let of = |group: &str| -> usize {
        let own = curves[1..].iter().filter(|row| row[1] == group);
        own.map(|row| row[4].parse::<usize>().expect("a count"))
            .sum()
    };
    assert_eq!((of("control") + of("stimulated")) as f64, sum(2));

    let cluster = "cluster --activity activity.tsv --k 3 --out clusters.tsv";
    let cluster: Vec<&str> = cluster.split(' ').collect();
    gsae(folder.path(), &cluster).expect("clusters");
    let text = run(&["--by", "cluster", "--by-from", "clusters.tsv"]).expect("clusters");
    assert!(
        text.starts_with("3 groups of cluster, log-rank test"),
        "{text}"
    );
    let rows = read(folder.path(), "out.tsv");
    assert_eq!((rows.len(), rows[1][6].as_str()), (4, "2"));
    assert!(run(&["--by", "condition", "--split", "optimal"]).is_err());
    let mixed = run(&["--by", "condition", "--donor", "cell"]).expect_err("levels within donors");
    assert!(mixed.contains("a donor has both"), "{mixed}");
}

#[test]
fn classes_and_clusters() {
    let folder = folder();
    let arguments = [
        &["classify"][..],
        &SCORES,
        &[
            "--by",
            "condition",
            "--group",
            "donor",
            "--folds",
            "3",
            "--out",
            "out.tsv",
        ],
        &["--classes", "classes.tsv", "--confusion", "confusion.tsv"],
        &["--predictions", "predictions.tsv"],
    ]
    .concat();
    insta::assert_snapshot!(
        "classify",
        gsae(folder.path(), &arguments).expect("a classifier")
    );
    let accuracy: f64 = read(folder.path(), "out.tsv")[1][1]
        .parse()
        .expect("a number");
    let answers = read(folder.path(), "predictions.tsv");
    let right = answers[1..].iter().filter(|row| row[2] == row[3]).count();
    assert!((accuracy - right as f64 / 24.0).abs() < 1e-4);
    assert_eq!(answers[0][4..], ["p_control", "p_stimulated"]);
    let counts = read(folder.path(), "confusion.tsv");
    let count = |row: usize, column: usize| counts[row][column].parse::<usize>().expect("a count");
    assert_eq!(count(1, 1) + count(2, 2), right);
    assert_eq!(read(folder.path(), "classes.tsv").len(), 3);

    let arguments = [
        &["cluster"][..],
        &SCORES,
        &[
            "--by",
            "condition",
            "--k",
            "2",
            "--out",
            "clusters.tsv",
            "--top",
            "top.tsv",
        ],
    ]
    .concat();
    insta::assert_snapshot!(
        "cluster",
        gsae(folder.path(), &arguments).expect("clusters")
    );
    assert_eq!(read(folder.path(), "clusters.tsv").len(), 25);
    assert_eq!(read(folder.path(), "top.tsv").len(), 7);
}

#[test]
fn refusals() {
    let folder = folder();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("a file");
    };
    write("other.csv", "sample,condition\nx1,a\nx2,b\n");
    let few = (0..12).map(|at| format!("s{at}\t{}\td{}\n", ["a", "b"][at % 2], at % 4));
    write(
        "few.tsv",
        &format!("sample\tcondition\tdonor\n{}", few.collect::<String>()),
    );
    write("text.tsv", "sample\tIFN\ns0\thigh\n");
    write("twice.tsv", "sample\tcondition\ns0\ta\ns0\tb\n");
    write("strange.tsv", "name\tstability\nelse\t1\n");
    let mut errors = String::new();
    for arguments in [
        "compare --activity activity.tsv --samples other.csv --by condition --out o.tsv",
        "compare --activity text.tsv --samples labels.tsv --by condition --out o.tsv",
        "compare --activity activity.tsv --samples twice.tsv --by condition --out o.tsv",
        "compare --activity activity.tsv --samples labels.tsv --by treatment --out o.tsv",
        "compare --activity activity.tsv --samples labels.tsv --by condition --group ill --out o.tsv",
        "compare --activity activity.tsv --samples labels.tsv --by cell --test t --out o.tsv",
        "compare --activity activity.tsv --samples labels.tsv --by cell --test pearson --out o.tsv",
        "compare --activity activity.tsv --samples labels.tsv --by condition --each e.tsv --out o.tsv",
        "compare --activity activity.tsv --samples few.tsv --by condition --donor donor --out o.tsv",
        "compare --activity activity.tsv --samples labels.tsv --by condition --nodes strange.tsv --out o.tsv",
        "compare --samples labels.tsv --by condition --out o.tsv",
        "compare --activity activity.tsv --expression e.tsv --samples labels.tsv --by cell --out o.tsv",
        "survival --activity activity.tsv --samples labels.tsv --time cell --event dead --out o.tsv",
        "survival --activity activity.tsv --samples labels.tsv --time months --event age --out o.tsv",
        "survival --activity activity.tsv --samples labels.tsv --time months --event dead --split best --out o.tsv",
        "classify --activity activity.tsv --samples labels.tsv --by condition --folds 30 --out o.tsv",
        "classify --activity activity.tsv --samples labels.tsv --by condition --method tree --out o.tsv",
        "compare --activity activity.tsv --samples labels.tsv --by cell --layer raw --out o.tsv",
        "compare --activity activity.tsv --samples labels.tsv --by cell --genes 3 --out o.tsv",
        "survival --activity activity.tsv --samples labels.tsv --time months --event dead --permutations 9 --out o.tsv",
        "classify --activity activity.tsv --samples labels.tsv --by cell --method knn --c 2 --out o.tsv",
        "classify --activity activity.tsv --samples labels.tsv --by cell --neighbors 2 --out o.tsv",
        "cluster --activity activity.tsv --k 2 --max-k 0 --out o.tsv",
        "cluster --activity activity.tsv --k 2 --nodes nodes.tsv --out o.tsv",
        "cluster --activity activity.tsv --k 40 --out o.tsv",
        "cluster --activity activity.tsv --k few --out o.tsv",
    ] {
        let split: Vec<&str> = arguments.split(' ').collect();
        let error = gsae(folder.path(), &split).expect_err(arguments);
        let last: Vec<&str> = error
            .lines()
            .filter(|line| line.contains("error") || line.contains("--"))
            .collect();
        writeln!(errors, "$ {arguments}\n{}\n", last.join("\n")).expect("a string");
    }
    insta::assert_snapshot!("association_errors", errors);
    assert!(!folder.path().join("o.tsv").exists());
}

#[test]
fn interferon_sets_lead_stimulated_cells() {
    let Some(shared) = common::shared() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cells = shared.join("data/pbmc_ifnb");
    let (labels, cells) = (cells.join("labels.tsv"), cells.display().to_string());
    let labels = labels.display().to_string();
    let fit = [
        "fit", "-e", &cells, "-g", "reactome", "--epochs", "1", "--out", "run", "-q",
    ];
    gsae(folder.path(), &fit).expect("a model");
    let compare = [
        "compare",
        "--activity",
        "run/activity.tsv",
        "--samples",
        &labels,
        "--by",
        "condition",
        "--out",
        "out.tsv",
    ];
    let text = gsae(folder.path(), &compare).expect("a comparison");
    println!("{text}");
    let scored = [
        "compare",
        "--model",
        "run/model.safetensors",
        "-e",
        &cells,
        "--samples",
        &labels,
        "--by",
        "condition",
        "--test",
        "mann-whitney",
        "--out",
        "scored.tsv",
    ];
    gsae(folder.path(), &scored).expect("a comparison");
    for name in ["out.tsv", "scored.tsv"] {
        let rows = read(folder.path(), name);
        let first: Vec<&str> = rows[1..6].iter().map(|row| row[0].as_str()).collect();
        assert!(
            first.contains(&"Interferon alpha/beta signaling"),
            "{first:?}"
        );
        let of_interferon = first.iter().filter(|name| {
            ["Interferon", "ISG15", "IFN", "Antiviral"]
                .iter()
                .any(|part| name.contains(part))
        });
        assert!(of_interferon.count() >= 4, "{first:?}");
        assert!(rows[1..6].iter().all(|row| row[3] == "up in stimulated"));
        assert!(rows[0].contains(&"orientation_confidence".to_owned()));
    }
    let rows = read(folder.path(), "scored.tsv");
    let genes = rows[0]
        .iter()
        .position(|name| name == "leading_genes")
        .expect("the column");
    let of = rows
        .iter()
        .find(|row| row[0] == "Interferon alpha/beta signaling")
        .expect("the set");
    assert!(of[genes].starts_with("ISG15:+"), "{}", of[genes]);
    assert_eq!(of[genes].split(';').count(), 5);
}
