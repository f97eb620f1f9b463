//! What is said on the way: it may be left out or go unread, and changes nothing else.

mod common;

use common::bench::Bench;
use std::process::{Command, Output, Stdio};

const FIT: &str = "fit -e expression.tsv -g sets.gmt --min-size 2 --epochs 2 --out run";

fn run(bench: &Bench, line: &str, prepare: impl FnOnce(&mut Command)) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gsae"));
    command.current_dir(bench.path(".")).args(line.split(' '));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    prepare(&mut command);
    command.output().expect("gsae starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[test]
fn quiet_says_results_alone() {
    let bench = Bench::new();
    for line in [
        format!("{FIT} --quiet"),
        "evidence run -e expression.tsv --effort quick --quiet".to_owned(),
        "interpret --model run -e expression.tsv --min-size 2 --out meaning --quiet".to_owned(),
        "activity --model run -e expression.tsv --out a.tsv --quiet".to_owned(),
        "genesets convert sets.gmt --out sets.gmx --quiet".to_owned(),
        "man --out pages --quiet".to_owned(),
    ] {
        let output = run(&bench, &line, |_| ());
        assert!(output.status.success(), "{line}: {}", text(&output.stderr));
        assert_eq!(text(&output.stderr), "", "{line}");
    }
}

#[cfg(unix)]
#[test]
fn remarks_that_nobody_reads_are_no_failure() {
    let bench = Bench::new();
    let closed = || {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        writer
    };
    let output = run(&bench, FIT, |command| {
        command.stderr(closed());
    });
    assert_eq!(output.status.code(), Some(0));
    assert!(bench.path("run/report.html").is_file());
    // Nor is a summary.
    let output = run(&bench, FIT, |command| {
        command.stdout(closed());
    });
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    // An error is one whether it is read or not.
    let output = run(&bench, "fit -e no.tsv -g sets.gmt --out new", |command| {
        command.stderr(closed());
    });
    assert_eq!(output.status.code(), Some(1));
    let output = run(&bench, "fit --epochs -3", |command| {
        command.stderr(closed());
    });
    assert_eq!(output.status.code(), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn a_summary_that_cannot_be_printed_takes_nothing_from_the_results() {
    let bench = Bench::new();
    let full = || {
        let options = std::fs::OpenOptions::new().write(true).open("/dev/full");
        options.expect("a device without room")
    };
    for line in [
        FIT,
        "evidence run -e expression.tsv --effort quick",
        "interpret --model run -e expression.tsv --min-size 2 --out meaning",
    ] {
        let output = run(&bench, line, |command| {
            command.stdout(full());
        });
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{line}: {said}");
        assert!(said.contains("warning: the results are written"), "{said}");
        assert!(said.contains("wrote "), "{said}");
    }
    // Where the terminal is all that has them, they are lost.
    let output = run(&bench, "genesets info sets.gmt", |command| {
        command.stdout(full());
    });
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
}

#[test]
fn a_report_that_fails_is_told_and_the_run_is_complete() {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.path("run/report.html/in/the/way")).expect("folders");
    let output = run(&bench, FIT, |_| ());
    let said = text(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("warning: run is complete but for its report (cannot write"),
        "{said}"
    );
    assert!(said.contains("`gsae report` makes one"), "{said}");
    assert!(
        !said.contains("start here"),
        "no report is promised: {said}"
    );
    assert!(
        text(&output.stdout).contains("GROWTH"),
        "the summary is there"
    );
    assert!(bench.path("run/run.json").is_file());
}
