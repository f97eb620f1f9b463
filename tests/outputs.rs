//! What a command writes: never over what it reads, never beside an earlier run's files, and
//! never under an ending that says something else.

mod common;

use common::bench::{Bench, LABELS, TABLE};
use gsae::interpret::Interpretation;
use std::path::Path;

/// A folder with `expression.tsv`, `sets.gmt`, `labels.tsv`, a list and a ranking.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("labels.tsv", LABELS);
    bench.write("genes.txt", "TP53\nMYC\n");
    bench.write("ranking.rnk", "TP53\t3\nMYC\t2\nEGFR\t1\nISG15\t-1\n");
    bench
}

/// The same with `run`.
fn fitted() -> Bench {
    let bench = bench();
    bench.fit(&["--no-report", "--evidence", "none"]);
    bench
}

/// The standard error of a command that must fail.
fn refused(bench: &Bench, line: &str) -> String {
    bench.failed(&line.split(' ').collect::<Vec<&str>>())
}

#[test]
fn no_command_writes_over_what_it_reads() {
    let bench = fitted();
    std::fs::create_dir(bench.path("inner")).expect("a folder");
    #[cfg(unix)]
    std::os::unix::fs::symlink("expression.tsv", bench.path("link.tsv")).expect("a link");
    let model = "run/model.safetensors";
    let activity = "run/activity.tsv";
    let before: Vec<Vec<u8>> = ["expression.tsv", "sets.gmt", "labels.tsv", model, activity]
        .map(|name| bench.read(name))
        .into();
    let on_data = format!("--model {model} -e expression.tsv");
    let by_label = format!("--activity {activity} --samples labels.tsv --by group");
    let mut lines = vec![
        format!("activity {on_data} --out expression.tsv"),
        format!("activity {on_data} --out ./inner/../expression.tsv"),
        format!("activity {on_data} --out a.tsv --nodes expression.tsv"),
        format!("activity {on_data} --out a.tsv --raw {model}"),
        "activity --model run -e expression.tsv --out run/model.safetensors".to_owned(),
        "score --method ulm -e expression.tsv -g sets.gmt --out expression.tsv".to_owned(),
        "score --method ulm -e expression.tsv -g reactome,sets.gmt --out sets.gmt".to_owned(),
        format!("embed {on_data} --out expression.tsv"),
        format!("reconstruct {on_data} --out expression.tsv"),
        format!("generate --model {model} --out {model}"),
        format!("compare {by_label} --out labels.tsv"),
        format!("compare {by_label} --out {activity}"),
        format!("classify {by_label} --folds 2 --out c.tsv --classes labels.tsv"),
        format!("cluster --activity {activity} --k 2 --out {activity}"),
        format!(
            "survival --activity {activity} --samples labels.tsv --time time --event event \
             --out labels.tsv"
        ),
        format!("evidence {on_data} --out expression.tsv"),
        "evidence run -e expression.tsv --out run/activity.tsv".to_owned(),
        format!("weights --model {model} --out {model}"),
        "report run --samples labels.tsv --out labels.tsv".to_owned(),
        "report run --out run/activity.tsv".to_owned(),
        "plot groups run --node GROWTH --samples labels.tsv --out labels.tsv".to_owned(),
        "enrich ora --genes genes.txt --background sets -g sets.gmt --out genes.txt".to_owned(),
        "enrich prerank --ranking ranking.rnk -g sets.gmt --out ranking.rnk".to_owned(),
        "doctor -e expression.tsv -g sets.gmt --out expression.tsv".to_owned(),
        "genesets convert sets.gmt --out sets.gmt".to_owned(),
        "genesets merge reactome sets.gmt --out sets.gmt".to_owned(),
        "genesets filter sets.gmt --universe genes.txt --out genes.txt".to_owned(),
        "genesets dedupe sets.gmt --out sets.gmt".to_owned(),
        "genesets overlap reactome --with sets.gmt --out sets.gmt".to_owned(),
        "genesets combine union sets.gmt GROWTH --name X --out sets.gmt".to_owned(),
        "genesets graph sets.gmt --out sets.gmt".to_owned(),
    ];
    if cfg!(unix) {
        lines.push(format!(
            "activity --model {model} -e link.tsv --out expression.tsv"
        ));
        lines.push(format!("activity {on_data} --out link.tsv"));
        let several = "fit -e a=link.tsv,b=expression.tsv -g sets.gmt --out run --samples";
        lines.push(format!("{several} {activity}"));
    }
    for line in &lines {
        let text = refused(&bench, line);
        // Some endings are refused before.
        let endings = text.contains("is written here: let the name end in");
        let inputs = text.contains("is read as ") && text.contains("Choose another name.");
        assert!(inputs || endings, "{line}: {text}");
    }
    let after: Vec<Vec<u8>> = ["expression.tsv", "sets.gmt", "labels.tsv", model, activity]
        .map(|name| bench.read(name))
        .into();
    assert!(before == after, "a file was changed");
    let text = refused(&bench, &lines[0]);
    assert_eq!(
        text,
        "error: --out is expression.tsv, which is read as --expression. Choose another name.\n"
    );
    let text = refused(
        &bench,
        &format!("activity {on_data} --out a.tsv --latent ./a.tsv"),
    );
    assert!(
        text.contains("--out and --latent are both ./a.tsv"),
        "{text}"
    );
}

#[test]
fn what_is_beside_the_inputs_is_written() {
    let bench = fitted();
    for line in [
        "activity --model run -e expression.tsv --out run/again.tsv",
        // What a column is called is no file, though there is one called so.
        "cluster --activity run --k 2 --samples labels.tsv --by group --out group",
        "cluster --activity run --k 2 --samples labels.tsv --by group --out group",
        "report run --out run/report.html",
        "report run --out run/report.html",
        "interpret --model run -e expression.tsv --out run --min-size 2",
        "weights --model run --out run/weights.gmt",
    ] {
        bench.done(line);
    }
    // The folder of a run is its model and its activity, with what is known of the nodes.
    let by_folder = bench.done(
        "compare --model run -e expression.tsv --samples labels.tsv --by group --out one.tsv",
    );
    assert!(by_folder.contains("run/nodes.tsv: "), "{by_folder}");
    bench.done("compare --activity run --samples labels.tsv --by group --out two.tsv");
    bench.done(
        "compare --activity run/activity.tsv --samples labels.tsv --by group --out three.tsv",
    );
    assert_eq!(bench.read("two.tsv"), bench.read("three.tsv"));
}

#[test]
fn a_fit_replaces_all_of_an_earlier_one_and_nothing_else() {
    let bench = bench();
    bench.fit(&["--format", "gct,h5ad,long,json,gct1.2,h5ad-obsm"]);
    let mine = ["notes.txt", "activity.png", "evidence.tsv"];
    for name in mine {
        std::fs::write(bench.path("run").join(name), "mine").expect("a file");
    }
    bench.done("interpret --model run -e expression.tsv --out run/meaning --min-size 2");
    let text = bench.fit(&["--no-report", "--evidence", "none"]);
    assert!(
        text.contains("run has the results of an earlier fit; they are replaced"),
        "{text}"
    );
    let mut expected = vec![
        "activity.tsv",
        "history.tsv",
        "latent.tsv",
        "meaning",
        "model.safetensors",
        "nodes.tsv",
        "run.json",
    ];
    expected.extend(mine);
    expected.sort_unstable();
    assert_eq!(bench.names("run"), expected);
    // A fit that fails first leaves the earlier one as it was.
    let model = bench.read("run/model.safetensors");
    refused(
        &bench,
        "fit -e expression.tsv -g sets.gmt --min-size 9 --out run",
    );
    assert_eq!(bench.names("run"), expected);
    assert_eq!(bench.read("run/model.safetensors"), model);
}

#[test]
fn a_folder_that_is_not_there_is_told_before_any_work() {
    let bench = bench();
    bench.fit(&["--no-report", "--evidence", "none"]);
    for line in [
        "score --method ulm -e expression.tsv -g sets.gmt --min-size 2 --out no/scores.tsv",
        "activity --model run/model.safetensors -e expression.tsv --out no/activity.tsv",
        "plot training run --out no/training.svg",
        "weights --model run --out no/weights.gmt",
    ] {
        let text = refused(&bench, line);
        assert!(
            text.contains("cannot write into no. Choose a place"),
            "{line}: {text}"
        );
        assert!(
            !text.contains("gene sets"),
            "nothing was read before: {text}"
        );
    }
}

#[test]
fn a_folder_without_a_run_keeps_its_files() {
    let bench = bench();
    std::fs::create_dir(bench.path("run")).expect("a folder");
    std::fs::write(bench.path("run/report.html"), "mine").expect("a file");
    let text = bench.fit(&["--no-report", "--evidence", "none"]);
    assert!(!text.contains("earlier"), "{text}");
    assert_eq!(bench.read("run/report.html"), b"mine");
}

#[test]
fn an_interpretation_replaces_an_earlier_one() {
    let bench = fitted();
    let line = "interpret --model run -e expression.tsv --out meaning --min-size 2";
    bench.done(line);
    let written = bench.names("meaning");
    for name in &written {
        assert!(Interpretation::FILES.contains(&name.as_str()), "{name}");
    }
    std::fs::write(bench.path("meaning/weights_sets.tsv"), "old").expect("a file");
    std::fs::write(bench.path("meaning/weights_genes.tsv"), "old").expect("a file");
    let text = bench.done(line);
    assert!(
        text.contains("meaning has the results of an earlier interpretation"),
        "{text}"
    );
    assert_eq!(bench.names("meaning"), written);
    // Its own files would go.
    let line =
        "interpret --model run -e expression.tsv --out meaning --gene-sets meaning/tails.tsv";
    let text = refused(&bench, line);
    assert!(
        text.contains("meaning/tails.tsv, which is read as --gene-sets"),
        "{text}"
    );
}

#[test]
fn endings_say_what_is_written() {
    let bench = fitted();
    let on_data = "--model run -e expression.tsv";
    let by_label = "--activity run --samples labels.tsv --by group";
    for line in [
        format!("activity {on_data} --out a.csv"),
        format!("activity {on_data} --out a.xlsx"),
        format!("activity {on_data} --out a.tsv --nodes n.csv.gz"),
        "score --method ulm -e expression.tsv -g sets.gmt --min-size 2 --out s.csv".to_owned(),
        format!("embed {on_data} --out e.h5ad"),
        format!("reconstruct {on_data} --out d.csv"),
        format!("compare {by_label} --out c.CSV"),
        format!("cluster {by_label} --k 2 --out c.json"),
        "enrich prerank --ranking ranking.rnk -g sets.gmt --out e.csv".to_owned(),
        "genesets convert sets.gmt --out s.xlsx".to_owned(),
        "genesets graph sets.gmt --out s.csv".to_owned(),
    ] {
        let text = refused(&bench, &line);
        assert!(
            text.contains("is written here: let the name end in ."),
            "{line}: {text}"
        );
    }
    let before = [
        "expression.tsv",
        "genes.txt",
        "labels.tsv",
        "ranking.rnk",
        "run",
        "sets.gmt",
    ];
    assert_eq!(bench.names("."), before);
    // What ends in .gz is compressed.
    for (line, out) in [
        (format!("compare {by_label} --out c.tsv.gz"), "c.tsv.gz"),
        (
            format!("activity {on_data} --out a.tsv.gz --nodes n.tsv.gz"),
            "n.tsv.gz",
        ),
        (
            "genesets overlap sets.gmt --with sets.gmt --out o.tsv.gz".to_owned(),
            "o.tsv.gz",
        ),
    ] {
        bench.done(&line);
        assert_eq!(bench.read(out)[..2], [0x1f, 0x8b], "{out}");
        let (text, _) = gsae::io::read_text(bench.path(out)).expect("a gzip file");
        assert!(text.lines().count() > 1 && text.contains('\t'), "{out}");
    }
    assert!(Path::new(&bench.path("a.tsv.gz")).exists());
}

#[test]
fn numbers_and_backgrounds_that_make_no_sense_are_told() {
    let bench = bench();
    let text = refused(
        &bench,
        "fit -e expression.tsv -g sets.gmt --out run --epochs -3",
    );
    assert!(
        text.contains("'-3' for '--epochs <N>': a whole number from 0"),
        "{text}"
    );
    let line = "enrich ora --genes genes.txt --background genes.txt -g sets.gmt --min-size 1";
    let text = bench.done(line);
    assert!(text.contains("the background is the list itself"), "{text}");
}

#[test]
fn figures_say_what_they_show() {
    let bench = fitted();
    bench.done("compare --activity run --samples labels.tsv --by group --out run/compare.tsv");
    bench.done("plot volcano run --out one.svg");
    bench.done("plot volcano --compare run/compare.tsv --out two.svg");
    assert_eq!(bench.read("one.svg"), bench.read("two.svg"));
    std::fs::remove_file(bench.path("run/compare.tsv")).expect("a table");
    let text = refused(&bench, "plot volcano run --out three.svg");
    assert!(text.contains("there is no run/compare.tsv"), "{text}");
    let groups = "plot groups run --node GROWTH --samples labels.tsv --by group --out g.svg";
    let survival = "plot survival run --node GROWTH --samples labels.tsv --time time --event event \
                    --out g.svg";
    for line in [groups, survival] {
        bench.done(line);
        let drawn = String::from_utf8(bench.read("g.svg")).expect("text");
        assert!(drawn.contains("GROWTH"), "{line}");
        bench.done(&format!("{line} --title Mine"));
        let drawn = String::from_utf8(bench.read("g.svg")).expect("text");
        assert!(
            drawn.contains("Mine") && !drawn.contains("GROWTH"),
            "{line}"
        );
    }
}

#[test]
fn what_is_left_out_or_odd_is_said() {
    let bench = bench();
    let table = format!("{TABLE}FLAT\t1\t1\t1\t1\t1\t1\t1\t1\n");
    bench.write("expression.tsv", table);
    let text = bench.fit(&["--no-report", "--evidence", "none"]);
    assert!(
        text.contains("1 of 7 genes is the same in all samples and is left out"),
        "{text}"
    );
    bench.write("bare.gmt", "A\tNOC2L\tTP53\tMYC\nB\tISG15\tMX1\tIFI6\n");
    let told = "2 of 2 descriptions are names of genes (NOC2L): GMT wants a description";
    let line = "score -e expression.tsv -g bare.gmt --method ulm --min-size 1 --out s.tsv";
    let text = bench.done(line);
    assert!(
        text.contains(&format!("warning: bare.gmt: {told}")),
        "{text}"
    );
    assert!(text.contains("normalization: none"), "{text}");
    let (succeeded, said, text) = bench.run(&["genesets", "check", "bare.gmt"]);
    assert!(!succeeded && said.contains(told), "{said}");
    assert!(
        said.ends_with("2 gene sets, 4 genes: 1 remark, 0 pairs of equal sets\n"),
        "{said}"
    );
    assert!(text.contains("1 remark on bare.gmt"), "{text}");
    let (succeeded, said, _) = bench.run(&["genesets", "check", "sets.gmt"]);
    assert!(succeeded && !said.contains("names of genes"), "{said}");
}
