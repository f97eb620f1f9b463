//! Every model through the command line: the same files, and what can be done with them.

use assert_cmd::cargo::cargo_bin_cmd;
use gsae::pipeline::MODELS;
use gsae::{Error, ExpressionMatrix, Result};
use std::path::Path;

const EXPRESSION: &str = "examples/pbmc3k/expression.tsv.gz";
const LABELS: &str = "examples/pbmc3k/labels.tsv";
const FILES: [&str; 7] = [
    "activity.tsv",
    "history.tsv",
    "latent.tsv",
    "model.safetensors",
    "nodes.tsv",
    "report.html",
    "run.json",
];

fn folder() -> Result<tempfile::TempDir> {
    tempfile::tempdir().map_err(Error::io("create", "a temporary folder"))
}

/// Runs the program; its standard error, and whether it succeeded.
fn gsae(arguments: &[&str]) -> (String, bool) {
    let output = cargo_bin_cmd!("gsae").args(arguments).output();
    let output = output.expect("the program runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (text, output.status.success())
}

fn succeed(arguments: &[&str]) {
    let (text, success) = gsae(arguments);
    assert!(success, "{arguments:?}: {text}");
}

fn table(path: &Path) -> Result<(Vec<String>, Vec<Vec<f64>>)> {
    let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
    let mut lines = text.lines();
    let header = lines.next().unwrap_or_default().split('\t').skip(1);
    let header = header.map(str::to_owned).collect();
    let number = |field: &str| field.parse().unwrap_or(f64::NAN);
    let rows = lines.map(|line| line.split('\t').skip(1).map(number).collect());
    Ok((header, rows.collect()))
}

/// The shipped cells as whole numbers, about the molecules that were counted.
fn counts(folder: &Path) -> Result<String> {
    let (bytes, _) = gsae::io::read_bytes(EXPRESSION)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines();
    let mut counts = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let mut fields = line.split('\t');
        counts.push('\n');
        counts.push_str(fields.next().unwrap_or_default());
        for field in fields {
            let value: f64 = field.parse().unwrap_or(f64::NAN);
            counts.push_str(&format!("\t{}", value.exp_m1().round()));
        }
    }
    let path = folder.join("counts.tsv");
    std::fs::write(&path, counts).map_err(Error::io("write", &path))?;
    Ok(path.display().to_string())
}

fn fit(model: &str, out: &Path, more: &[&str]) -> (String, bool) {
    fit_to(EXPRESSION, model, out, more)
}

fn fit_to(expression: &str, model: &str, out: &Path, more: &[&str]) -> (String, bool) {
    let out = out.display().to_string();
    let mut arguments = vec![
        "fit", "-q", "-e", expression, "-g", "reactome", "--model", model, "-o", &out,
    ];
    if !more.contains(&"--epochs") {
        arguments.extend(["--epochs", "2"]);
    }
    // tests/evidence_cli.rs has the evidence.
    arguments.extend(["--evidence", "none"]);
    arguments.extend(more);
    gsae(&arguments)
}

#[test]
fn every_model_writes_the_same_files_and_scores_from_its_own() -> Result<()> {
    let folder = folder()?;
    let counts = counts(folder.path())?;
    for model in MODELS {
        let run = folder.path().join(model.name);
        let (text, success) = fit(model.name, &run, &[]);
        let mut expression = EXPRESSION;
        let (text, success) = if ["expimap", "ivae"].contains(&model.name) {
            // These want raw counts, and the shipped cells are log-normalised.
            assert!(
                !success && text.contains("raw counts"),
                "{}: {text}",
                model.name
            );
            assert!(!run.exists(), "{} left a folder", model.name);
            expression = &counts;
            fit_to(expression, model.name, &run, &[])
        } else {
            (text, success)
        };
        assert!(success, "{}: {text}", model.name);
        let mut found: Vec<String> = std::fs::read_dir(&run)
            .map_err(Error::io("read", &run))?
            .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
            .collect();
        found.sort();
        assert_eq!(found, FILES, "{}", model.name);
        let path = |name: &str| run.join(name).display().to_string();
        succeed(&[
            "activity",
            "-q",
            "-m",
            &path("model.safetensors"),
            "-e",
            expression,
            "-o",
            &path("again.tsv"),
            "--latent",
            &path("latent_again.tsv"),
        ]);
        for (first, second) in [
            ("activity.tsv", "again.tsv"),
            ("latent.tsv", "latent_again.tsv"),
        ] {
            let read = |name| std::fs::read(run.join(name)).map_err(Error::io("read", &run));
            assert!(read(first)? == read(second)?, "{}: {first}", model.name);
        }
        let (_, rows) = table(&run.join("activity.tsv"))?;
        assert_eq!(rows.len(), 160);
        assert!(
            rows.iter().flatten().all(|value| value.is_finite()),
            "{}",
            model.name
        );
    }
    Ok(())
}

#[test]
fn a_variational_model_reconstructs_generates_and_embeds() -> Result<()> {
    let folder = folder()?;
    let run = folder.path().join("run");
    let covariates = [
        "--samples",
        LABELS,
        "--covariates",
        "cell_type",
        "--epochs",
        "20",
    ];
    assert!(fit("vae", &run, &["--hidden", "64"]).1);
    let path = |name: &str| run.join(name).display().to_string();
    let model = path("model.safetensors");
    let (denoised, drawn, flat) = (path("denoised.tsv"), path("drawn.tsv"), path("flat.tsv"));
    succeed(&[
        "reconstruct",
        "-q",
        "-m",
        &model,
        "-e",
        EXPRESSION,
        "-o",
        &denoised,
    ]);
    succeed(&["generate", "-q", "-m", &model, "--count", "7", "-o", &drawn]);
    succeed(&[
        "embed",
        "-q",
        "-m",
        &model,
        "-e",
        EXPRESSION,
        "--dimensions",
        "2",
        "-o",
        &flat,
    ]);
    let (genes, rows) = table(Path::new(&denoised))?;
    assert_eq!(rows.len(), 160);
    let (others, samples) = table(Path::new(&drawn))?;
    assert_eq!((samples.len(), others), (7, genes));
    assert!(samples.iter().flatten().all(|value| value.is_finite()));
    let (axes, rows) = table(Path::new(&flat))?;
    assert_eq!(
        (axes, rows.len()),
        (vec!["PC1".to_owned(), "PC2".to_owned()], 160)
    );

    // Options that cannot act are refused.
    for (options, expected) in [
        (vec!["--spread", "0.5"], "--spread needs samples"),
        (vec!["--count", "0"], "--count must be at least 1"),
        (
            vec!["--count", "18446744073709551615"],
            "do not fit the memory",
        ),
        (vec!["--samples", LABELS], "--samples needs samples"),
        (
            vec!["-e", EXPRESSION, "--count", "3"],
            "--count does not go with --expression",
        ),
        (
            vec!["-e", EXPRESSION, "--genes-as", "upside-down"],
            "upside-down",
        ),
    ] {
        let mut arguments = vec!["generate", "-q", "-m", &model, "-o", &drawn];
        arguments.extend(&options);
        let (text, success) = gsae(&arguments);
        assert!(!success && text.contains(expected), "{options:?}: {text}");
    }

    // A deterministic model has no prior, and says what to do.
    let plain = folder.path().join("plain");
    assert!(fit("ae", &plain, &[]).1);
    let plain = plain.join("model.safetensors").display().to_string();
    let (text, success) = gsae(&["generate", "-q", "-m", &plain, "-o", &drawn]);
    assert!(!success && text.contains("no prior"), "{text}");

    // With a covariate: a counterfactual moves the cells, an unknown level is refused.
    let told = folder.path().join("told");
    assert!(fit("gsvae", &told, &covariates).1);
    let told = told.join("model.safetensors").display().to_string();
    let as_type = |kind: &str, out: &str| {
        let set = format!("cell_type={kind}");
        gsae(&[
            "generate",
            "-q",
            "-m",
            &told,
            "-e",
            EXPRESSION,
            "--samples",
            LABELS,
            "--set",
            &set,
            "-o",
            out,
        ])
    };
    assert!(as_type("B", &denoised).1);
    assert!(as_type("NK", &drawn).1);
    let (genes, b) = table(Path::new(&denoised))?;
    let (_, nk) = table(Path::new(&drawn))?;
    let mean = |rows: &[Vec<f64>], gene: &str| {
        let at = genes.iter().position(|name| name == gene).expect("a gene");
        rows.iter().map(|row| row[at]).sum::<f64>() / rows.len() as f64
    };
    assert!(mean(&b, "CD79A") > mean(&nk, "CD79A"));
    assert!(mean(&b, "GNLY") < mean(&nk, "GNLY"));
    let (text, success) = as_type("Martian", &drawn);
    assert!(!success && text.contains("not seen in training"), "{text}");
    let (text, success) = gsae(&[
        "reconstruct",
        "-q",
        "-m",
        &told,
        "-e",
        EXPRESSION,
        "-o",
        &denoised,
    ]);
    assert!(!success && text.contains("--samples"), "{text}");
    Ok(())
}

#[test]
fn two_dimensions_are_refused_where_there_are_none() -> Result<()> {
    let folder = folder()?;
    let two = folder.path().join("two.tsv");
    let (bytes, _) = gsae::io::read_bytes(EXPRESSION)?;
    let lines = String::from_utf8_lossy(&bytes)
        .lines()
        .map(|line| line.split('\t').take(3).collect::<Vec<_>>().join("\t"))
        .collect::<Vec<_>>();
    std::fs::write(&two, lines.join("\n")).map_err(Error::io("write", &two))?;
    let (two, out) = (two.display().to_string(), folder.path().join("flat.tsv"));
    let out = out.display().to_string();
    for (latent, cells, expected) in [
        ("1", EXPRESSION, "use --dimensions all"),
        ("3", two.as_str(), "principal components of 2 samples"),
    ] {
        let run = folder.path().join(latent);
        assert!(fit("linear", &run, &["--latent", latent]).1);
        let model = run.join("model.safetensors").display().to_string();
        let (text, success) = gsae(&[
            "embed",
            "-q",
            "-m",
            &model,
            "-e",
            cells,
            "--dimensions",
            "2",
            "-o",
            &out,
        ]);
        assert!(!success && text.contains(expected), "{text}");
    }
    Ok(())
}

#[test]
fn several_matrices_over_the_same_samples_train_together() -> Result<()> {
    let folder = folder()?;
    let second = folder.path().join("protein.tsv");
    let (bytes, _) = gsae::io::read_bytes(EXPRESSION)?;
    let text = String::from_utf8_lossy(&bytes);
    // Every fifth gene again, on another scale, for all samples.
    let kept = text.lines().enumerate().filter(|(line, _)| line % 5 == 0);
    let lines: Vec<&str> = kept.map(|(_, line)| line).collect();
    std::fs::write(&second, lines.join("\n")).map_err(Error::io("write", &second))?;
    let both = format!("rna={EXPRESSION},protein={}", second.display());
    let run = folder.path().join("run").display().to_string();
    succeed(&[
        "fit", "-q", "-e", &both, "-g", "reactome", "--epochs", "2", "-o", &run,
    ]);
    let model = format!("{run}/model.safetensors");
    let again = format!("{run}/again.tsv");
    succeed(&["activity", "-q", "-m", &model, "-e", &both, "-o", &again]);
    let read = |path: String| std::fs::read(&path).map_err(Error::io("read", &path));
    assert!(read(format!("{run}/activity.tsv"))? == read(again.clone())?);
    let (text, success) = gsae(&[
        "activity", "-q", "-m", &model, "-e", EXPRESSION, "-o", &again,
    ]);
    assert!(!success && text.contains("rna=PATH,protein=PATH"), "{text}");
    let manifest = String::from_utf8_lossy(&read(format!("{run}/run.json"))?).into_owned();
    assert!(manifest.contains("\"name\": \"protein\""));

    // A gene in both matrices is one gene of the set.
    let text = String::from_utf8_lossy(&read(format!("{run}/nodes.tsv"))?).into_owned();
    let single = folder.path().join("single");
    assert!(fit("gsae", &single, &[]).1);
    let alone =
        String::from_utf8_lossy(&read(format!("{}/nodes.tsv", single.display()))?).into_owned();
    let found = |text: &str| -> Vec<String> {
        let rows = text
            .lines()
            .map(|line| line.split('\t').collect::<Vec<_>>());
        rows.map(|row| format!("{} {} {}", row[0], row[3], row[4]))
            .collect()
    };
    assert_eq!(found(&text), found(&alone));

    // Drawing around samples takes several matrices, too.
    succeed(&["generate", "-q", "-m", &model, "-e", &both, "-o", &again]);
    assert_eq!(table(Path::new(&again))?.1.len(), 160);

    let (text, success) = gsae(&[
        "fit",
        "-q",
        "-e",
        &both,
        "-g",
        "reactome",
        "--likelihood",
        "nb",
        "-o",
        &run,
    ]);
    assert!(
        !success && text.contains("raw counts of one matrix"),
        "{text}"
    );
    Ok(())
}

#[test]
fn bad_configurations_are_refused_before_training() -> Result<()> {
    let folder = folder()?;
    let out = folder.path().join("run");
    for (model, options, expected) in [
        ("ae", "--latent 0", "--latent is 0"),
        ("pca", "--latent 0", "--latent is 0"),
        (
            "gsae-paper",
            "--tied",
            "--tied needs encoder and decoder of one shape",
        ),
        ("ae", "--likelihood nb", "raw counts"),
        ("ae", "--hidden 64,0", "--hidden has a layer of width 0"),
        ("ae", "--beta 2", "--beta needs a variational model"),
        ("ae", "--noise masking:1.5", "a fraction between 0 and 1"),
        (
            "ae",
            "--latent-penalty kl:0.1:0.05",
            "--latent-activation sigmoid",
        ),
        ("vae", "--soft-mask 0.1", "needs a model with gene sets"),
        ("gsae", "--covariates cell_type", "add --samples FILE"),
        (
            "gsae",
            "--covariates batch --samples examples/pbmc3k/labels.tsv",
            "the labels have cell_type",
        ),
        ("ae", "--warm-up 5", "--warm-up needs a variational model"),
        (
            "vae",
            "--latent-activation tanh",
            "--latent-activation does not go with a variational model",
        ),
        ("linear", "--dropout 0.2", "no unit to drop"),
        ("gsvae", "--dropout 0.2", "no unit to drop"),
        (
            "pca",
            "--l2-weights 0.1",
            "--l2-weights is an option of networks",
        ),
        ("pca", "--tied", "--tied is an option of networks"),
        (
            "pca",
            "--free-nodes 1",
            "--free-nodes is an option of networks",
        ),
        (
            "vae",
            "--shuffle-map 1",
            "--shuffle-map needs a model with gene sets",
        ),
        ("ae", "--levels 2", "--levels needs a model with gene sets"),
        ("gsea", "--seed 2", "--model knows"),
        (
            "gsvae",
            "--activation relu",
            "--activation is of hidden layers",
        ),
        (
            "contractive",
            "--activation tanh",
            "--activation is of hidden layers",
        ),
        ("sparse", "--batch-norm", "--batch-norm is of hidden layers"),
        (
            "ivae",
            "--covariates-in sets",
            "--covariates-in needs --covariates",
        ),
        (
            "gsae",
            "--relations nowhere.tsv",
            "--relations are used by --levels",
        ),
        ("pca", "--latent 100000", "--latent is 100000: PCA of"),
        (
            "ae",
            "--latent 18446744073709551615",
            "more than any machine",
        ),
        ("ae", "--hidden 99999999999", "more than any machine"),
        ("gsae", "--free-nodes 99999999999", "too many connections"),
        (
            "gsae",
            "--nodes-per-set 99999999999",
            "--nodes-per-set 99999999999 times",
        ),
        ("gsae-paper", "--momentum 5", "--momentum must be in [0, 1)"),
        (
            "gsae",
            "--weight-decay=-1",
            "--weight-decay must be a number from 0",
        ),
        ("vega", "--batch-size 1", "--batch-size must be at least 2"),
    ] {
        let options: Vec<&str> = options.split(' ').collect();
        let (text, success) = fit(model, &out, &options);
        assert!(
            !success && text.contains(expected),
            "{model} {options:?}: {text}"
        );
        assert!(!out.exists(), "{model} {options:?} left a folder");
    }
    Ok(())
}

#[test]
fn a_group_lasso_switches_sets_off_and_a_soft_mask_adds_genes() -> Result<()> {
    let folder = folder()?;
    let column = |run: &Path, name: &str| -> Result<Vec<String>> {
        let path = run.join("nodes.tsv");
        let text = std::fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let mut rows = text
            .lines()
            .map(|line| line.split('\t').collect::<Vec<_>>());
        let header = rows.next().unwrap_or_default();
        let at = header
            .iter()
            .position(|field| *field == name)
            .expect("a column");
        Ok(rows.map(|row| row[at].to_owned()).collect())
    };
    let off = |strength: &str| -> Result<usize> {
        let run = folder.path().join(format!("lasso {strength}"));
        assert!(fit("gsae", &run, &["--group-lasso", strength, "--epochs", "60"]).1);
        Ok(column(&run, "active")?
            .iter()
            .filter(|active| *active == "false")
            .count())
    };
    let (none, some, more) = (off("0")?, off("1")?, off("3")?);
    println!("sets switched off at 0, 1 and 3: {none}, {some}, {more}");
    assert!(
        none == 0 && more > 0 && some <= more,
        "{none} {some} {more}"
    );
    let run = folder.path().join("soft");
    assert!(fit("gsae", &run, &["--soft-mask", "0.3", "--epochs", "20"]).1);
    let added = column(&run, "added_genes")?;
    assert!(added.iter().any(|count| count != "0"));
    Ok(())
}

/// A `.cls` has the labels of the matrix's samples wherever labels are asked for.
#[test]
fn cls_labels_do_what_a_table_of_them_does() -> Result<()> {
    let folder = folder()?;
    let path = |name: &str| folder.path().join(name).display().to_string();
    let samples = ExpressionMatrix::from_path(EXPRESSION)?.samples().to_vec();
    let class = |at: usize| ["one", "two"][at % 3 / 2];
    let labels: Vec<&str> = (0..samples.len()).map(class).collect();
    let cls = format!("{} 2 1\n# one two\n{}\n", samples.len(), labels.join(" "));
    let rows = samples.iter().zip(&labels);
    let rows: String = rows
        .map(|(sample, label)| format!("{sample}\t{label}\n"))
        .collect();
    let write = |name: &str, text: &str| {
        std::fs::write(path(name), text).map_err(Error::io("write", path(name)))
    };
    write("labels.cls", &cls)?;
    write("labels.tsv", &format!("sample\tclass\n{rows}"))?;
    let run = folder.path().join("run");
    let table = path("labels.tsv");
    let told = ["--samples", &table, "--covariates", "class"];
    assert!(fit("gsae", &run, &told).1);
    let model = run.join("model.safetensors").display().to_string();
    for command in [
        &["reconstruct"][..],
        &["generate", "--set", "class=two"],
        &[
            "evidence",
            "--seeds",
            "1",
            "--shuffles",
            "0",
            "--max-epochs",
            "1",
        ],
    ] {
        let outputs = ["labels.tsv", "labels.cls"].map(|labels| {
            let (labels, out) = (path(labels), path("out.tsv"));
            let shared = [
                "-q",
                "-m",
                &model,
                "-e",
                EXPRESSION,
                "--samples",
                &labels,
                "-o",
                &out,
            ];
            succeed(&[command, &shared].concat());
            std::fs::read(&out).expect("the output")
        });
        assert!(outputs[0] == outputs[1], "{command:?}");
    }
    Ok(())
}
