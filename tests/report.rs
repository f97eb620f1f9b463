//! Reports: what must hold whatever the names and the sizes.

use assert_cmd::cargo::cargo_bin_cmd;
use gsae::expression::SampleTable;
use gsae::nn::random_stream;
use gsae::report::{Member, ReportInputs, ReportOptions, Run, Table, report_html};
use gsae::training::{EpochRecord, History};
use gsae::{Result, ScoreTable};
use rand::RngExt;
use serde_json::{Value, json};
use std::path::Path;

/// A run of random activities.
fn synthetic(samples: usize, names: &[String], genes: usize, set_size: usize) -> Result<Run> {
    let random = &mut random_stream(3, "synthetic run");
    let sample_names: Vec<String> = (0..samples).map(|at| format!("sample_{at:05}")).collect();
    let mut values = || -> f32 { 4.0 * random.random::<f32>() - 2.0 };
    let activity = (0..samples * names.len()).map(|_| values()).collect();
    let latent = (0..samples * 20).map(|_| values()).collect();
    let units = (0..20).map(|at| format!("superset_{at:02}")).collect();
    let mut nodes = String::from(
        "name\tdescription\tsize\tfound\tcoverage\torientation\torientation_confidence\ttop_gene\t\
         top_gene_share\tspread\tactive\tadded_genes\tstability\tmap_p\tmap_q\tpasses\n",
    );
    for (at, name) in names.iter().enumerate() {
        let share = (at % 97) as f64 / 97.0;
        nodes += &format!(
            "{name}\tR-HSA-{}\t100\t{set_size}\t0.5\tup\t{share:.4}\tGENE1\t0.0312\t{:.4}\ttrue\t0\t\
             {share:.4}\t1.2e-3\t0.0213\ttrue\n",
            100_000 + at,
            1.0 + share,
        );
    }
    let member = |set: usize, at: usize| Member {
        gene: ((set * 31 + at * 17) % genes) as u32,
        loading: 1.0 / (at + 1) as f64,
    };
    Ok(Run {
        activity: ScoreTable::new(sample_names.clone(), names.to_vec(), activity)?,
        latent: ScoreTable::new(sample_names, units, latent)?,
        nodes: Table::parse(&nodes, Path::new("nodes.tsv"))?,
        history: History {
            epochs: (1..=30)
                .map(|epoch| EpochRecord {
                    epoch,
                    train_loss: 1.0 / epoch as f64,
                    validation_loss: None,
                    learning_rate: 0.001,
                })
                .collect(),
            best_epoch: 30,
            n_train: samples,
            n_validation: 0,
        },
        manifest: json!({"version": "0.1.0", "command": ["gsae", "fit"], "warnings": []}),
        genes: (0..genes).map(|at| format!("GENE{at}")).collect(),
        members: (0..names.len())
            .map(|set| (0..set_size).map(|at| member(set, at)).collect())
            .collect(),
        total_samples: samples,
        remarks: Vec::new(),
    })
}

fn names(count: usize) -> Vec<String> {
    (0..count)
        .map(|at| format!("A pathway with a name of the usual length, number {at}"))
        .collect()
}

fn labels(samples: usize) -> Result<SampleTable> {
    let rows: String = (0..samples)
        .map(|at| {
            format!(
                "sample_{at:05}\t{}\t{}.5\n",
                ["control", "case"][at % 2],
                at % 50
            )
        })
        .collect();
    SampleTable::parse(
        &format!("sample\tcondition\tage\n{rows}"),
        Path::new("labels.tsv"),
    )
}

/// The JSON that a report carries, read as a browser would.
fn content(html: &str) -> Value {
    let (_, rest) = html
        .split_once("<script type=\"application/json\" id=\"data\">")
        .expect("the element with the data");
    let (json, _) = rest.split_once("</script").expect("its end");
    serde_json::from_str(json).expect("JSON up to the end of the element")
}

/// The number of times an element begins in the file.
fn elements(html: &str, tag: &str) -> usize {
    html.to_lowercase().matches(&format!("<{tag}")).count()
}

#[test]
fn a_large_cohort_stays_below_five_megabytes() -> Result<()> {
    let run = synthetic(2000, &names(1300), 10_000, 60)?;
    let inputs = ReportInputs {
        samples: Some(labels(2000)?),
        ..ReportInputs::default()
    };
    let html = report_html(&run, &inputs, &ReportOptions::default())?;
    let data = content(&html);
    assert_eq!(
        data["activity"]["nodes"],
        Value::Null,
        "all nodes have theirs"
    );
    assert_eq!(
        data["samples"]["names"].as_array().map(Vec::len),
        Some(2000)
    );
    assert!(html.len() < 5_000_000, "{} bytes", html.len());
    Ok(())
}

#[test]
fn what_is_packed_reads_back() -> Result<()> {
    let run = synthetic(7, &names(5), 50, 4)?;
    let html = report_html(&run, &ReportInputs::default(), &ReportOptions::default())?;
    let activity = &content(&html)["activity"];
    let codes = decoded(activity["codes"].as_str().unwrap_or_default());
    for node in 0..5 {
        let (low, high) = (&activity["low"][node], &activity["high"][node]);
        let (low, high) = (low.as_f64().expect("low"), high.as_f64().expect("high"));
        for sample in 0..7 {
            let code = f64::from(codes[node * 7 + sample]);
            let back = low + code * (high - low) / 254.0;
            let value = f64::from(run.activity.row(sample)[node]);
            assert!(
                (back - value).abs() < (high - low) / 500.0,
                "{back} is not {value}"
            );
        }
    }
    Ok(())
}

/// Base64, plainly.
fn decoded(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.bytes().filter(|byte| *byte != b'=');
    let digits = digits.map(|byte| {
        alphabet
            .iter()
            .position(|own| *own == byte)
            .expect("base64")
    });
    let bits: Vec<usize> = digits.collect();
    let mut bytes = Vec::new();
    let (mut held, mut count) = (0usize, 0);
    for digit in bits {
        held = (held << 6) | digit;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(((held >> count) & 0xff) as u8);
        }
    }
    bytes
}

#[test]
fn hostile_names_stay_names() -> Result<()> {
    let hostile = [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "\"quoted\" & 'quoted' <b>bold</b>",
        "<img src=x onerror=alert(1)>",
        "$x$ \\$ {{template}} ${code} /*DATA*/ /*SCRIPT*/",
        "\u{2028}line\u{2029}separators \u{202e}turned \u{0}",
        "",
        "ein Name mit \u{dc}ml\u{e4}uten, \u{4e2d}\u{6587} und \u{1f9ec}",
    ];
    let mut all: Vec<String> = hostile.map(str::to_owned).to_vec();
    all.push("long ".repeat(2000));
    let mut run = synthetic(6, &all, 30, 5)?;
    run.genes[1] = "</script><script>alert(2)</script>".to_owned();
    run.manifest["warnings"] = json!(["</script><script>alert(3)</script>"]);
    let rows: String = (0..6)
        .map(|at| format!("sample_{at:05}\t</script><b>{}\n", at % 2))
        .collect();
    let text = format!("sample\t<i>kind</i>\n{rows}");
    let inputs = ReportInputs {
        samples: Some(SampleTable::parse(&text, Path::new("labels.tsv"))?),
        compare: Some((
            "<u>.tsv".to_owned(),
            Table::parse("name\tp\n</script>\t1\n", Path::new("compare.tsv"))?,
        )),
        ..ReportInputs::default()
    };
    let html = report_html(&run, &inputs, &ReportOptions::default())?;
    let data = content(&html);
    let nodes = &data["nodes"]["columns"][0];
    assert_eq!(nodes["key"], "name");
    for (at, name) in all.iter().enumerate() {
        // A name that is empty is a missing field of the table.
        assert_eq!(nodes["values"][at], json!(name));
    }
    assert_eq!(data["members"]["genes"][1], json!(run.genes[1]));
    // Two scripts and no other element than those of an empty report.
    let plain = report_html(
        &synthetic(6, &names(2), 30, 5)?,
        &ReportInputs::default(),
        &ReportOptions::default(),
    )?;
    for tag in ["script", "/script", "img", "b>", "i>", "!--", "u>"] {
        assert_eq!(elements(&html, tag), elements(&plain, tag), "{tag}");
    }
    Ok(())
}

#[test]
fn nothing_but_links_leads_out() -> Result<()> {
    let run = synthetic(6, &names(3), 30, 5)?;
    let html = report_html(&run, &ReportInputs::default(), &ReportOptions::default())?;
    assert!(html.contains("default-src 'none'"));
    for loading in [
        "<link",
        "src=",
        "@import",
        "url(",
        "fetch(",
        "XMLHttpRequest",
        "import(",
    ] {
        assert!(!html.contains(loading), "{loading}");
    }
    Ok(())
}

#[test]
fn a_single_sample_has_a_report() -> Result<()> {
    let run = synthetic(1, &names(3), 30, 5)?;
    let inputs = ReportInputs {
        samples: Some(labels(1)?),
        ..ReportInputs::default()
    };
    let data = content(&report_html(&run, &inputs, &ReportOptions::default())?);
    assert_eq!(data["embedding"], Value::Null);
    assert_eq!(data["contrasts"], json!([]));
    assert_eq!(data["heatmap"]["samples"], json!([0]));
    Ok(())
}

#[test]
fn thousands_of_sets_stay_within_bounds() -> Result<()> {
    let run = synthetic(500, &names(12_700), 5000, 12)?;
    let html = report_html(&run, &ReportInputs::default(), &ReportOptions::default())?;
    let data = content(&html);
    let shown = data["activity"]["nodes"].as_array().map(Vec::len);
    assert_eq!(shown, Some(3_000_000 / 500));
    let names = data["nodes"]["columns"][0]["values"].as_array();
    assert_eq!(names.map(Vec::len), Some(12_700));
    let remarks = data["remarks"].to_string();
    assert!(remarks.contains("6000 of the 12700 pathways"), "{remarks}");
    assert!(html.len() < 12_000_000, "{} bytes", html.len());
    Ok(())
}

#[test]
fn more_samples_than_are_shown_are_drawn_and_said() -> Result<()> {
    let run = synthetic(300, &names(4), 30, 5)?;
    let options = ReportOptions {
        max_samples: 100,
        ..ReportOptions::default()
    };
    let inputs = ReportInputs {
        samples: Some(labels(300)?),
        ..ReportInputs::default()
    };
    let html = report_html(&run, &inputs, &options)?;
    let data = content(&html);
    assert_eq!(data["samples"]["names"].as_array().map(Vec::len), Some(100));
    assert_eq!(data["samples"]["total"], 300);
    assert_eq!(
        data["contrasts"][0]["groups"][0]["samples"], 150,
        "from all samples"
    );
    assert!(data["remarks"].to_string().contains("100 of 300 samples"));
    assert_eq!(
        html,
        report_html(&run, &inputs, &options)?,
        "one seed, one report"
    );
    Ok(())
}

#[test]
fn findings_without_a_significant_one_keep_their_numbers() -> Result<()> {
    let run = synthetic(6, &names(2), 30, 5)?;
    let name = &run.activity.columns()[1];
    let text = format!("name\tdifference\tp\tadjusted_p\tspread\n{name}\t0.1\t0.8\t0.9\t1\n");
    let inputs = ReportInputs {
        compare: Some((
            "compare.tsv".to_owned(),
            Table::parse(&text, Path::new("compare.tsv"))?,
        )),
        ..ReportInputs::default()
    };
    let compare = &content(&report_html(&run, &inputs, &ReportOptions::default())?)["compare"];
    assert_eq!(compare["sets"], json!([1]));
    assert_eq!(compare["columns"][2], json!({"key": "p", "values": [0.8]}));
    assert_eq!(
        compare["columns"].as_array().map(Vec::len),
        Some(4),
        "no spread"
    );
    Ok(())
}

#[test]
fn what_a_run_lacks_and_how_much_was_read_is_said() -> Result<()> {
    let mut run = synthetic(40, &names(4), 30, 5)?;
    run.total_samples = 90_000;
    run.remarks = vec!["The run has 90000 samples.".to_owned()];
    run.latent = ScoreTable::new(run.activity.samples().to_vec(), Vec::new(), Vec::new())?;
    run.manifest = Value::Null;
    let inputs = ReportInputs {
        samples: Some(labels(40)?),
        ..ReportInputs::default()
    };
    let options = ReportOptions {
        max_samples: 20,
        ..ReportOptions::default()
    };
    let data = content(&report_html(&run, &inputs, &options)?);
    assert_eq!(data["samples"]["total"], 90_000);
    assert_eq!(data["notices"], json!(["The run has 90000 samples."]));
    assert_eq!(data["embedding"], Value::Null);
    assert!(data["remarks"].to_string().contains("20 of 40 samples"));
    assert!(
        data["remarks"]
            .to_string()
            .contains("from all that were read")
    );
    Ok(())
}

#[test]
fn a_part_of_a_run_is_read_as_it_stands_in_the_whole() -> Result<()> {
    let folder = tempfile::tempdir().map_err(gsae::Error::io("create", "a folder"))?;
    let run = folder.path().join("run");
    let out = run.display().to_string();
    let asked = [
        "fit",
        "-e",
        "examples/pbmc3k/expression.tsv.gz",
        "-g",
        "wikipathways",
        "--epochs",
        "1",
        "--evidence",
        "none",
        "--no-report",
        "-q",
        "-o",
        &out,
    ];
    cargo_bin_cmd!("gsae").args(asked).assert().success();
    let whole = Run::open(&run)?;
    let names = Run::node_names(&run)?;
    assert_eq!(names, whole.activity.columns());
    let part = Run::of_nodes(&run, &[7, 2], true)?;
    assert_eq!(
        part.activity.columns(),
        [names[7].clone(), names[2].clone()]
    );
    assert_eq!(part.activity_of(0), whole.activity_of(7));
    assert_eq!(part.activity_of(1), whole.activity_of(2));
    assert_eq!(part.members[1], whole.members[2]);
    assert_eq!(
        part.nodes.column("name").map(|names| names[0].to_owned()),
        whole.nodes.column("name").map(|names| names[7].to_owned())
    );
    assert_eq!(part.latent, whole.latent);
    let bare = Run::without_samples(&run)?;
    assert!(bare.activity.samples().is_empty() && bare.latent.samples().is_empty());
    assert_eq!(bare.members, whole.members);
    assert_eq!(
        bare.membership_around(3, 10, 4),
        whole.membership_around(3, 10, 4)
    );
    // What a heatmap shows is the same whatever was read.
    let drawn = Run::of_nodes(&run, &bare.most_variable(8), false)?;
    assert_eq!(drawn.heatmap_data(8, None), whole.heatmap_data(8, None));
    assert!(Run::of_nodes(&run, &[names.len()], false).is_err());
    Ok(())
}
