//! Ctrl-C: the process dies by it, leaves nothing half-written, and says what stays.
#![cfg(unix)]

mod common;
mod interrupted;
mod remote_support;

use common::bench::{Bench, SETS};
use interrupted::{beneath, start, start_with};
use nix::sys::signal::Signal;
use remote_support::{Reply, Request, Server};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

const LONG: &str = "fit -e expression.tsv -g sets.gmt --min-size 2 --epochs 100000000 \
                    --patience 0 --out";

#[test]
fn a_fit_dies_by_the_interrupt_and_leaves_nothing() {
    let bench = Bench::new();
    let before = beneath(&bench.path("."));
    let mut fit = start(&bench.path("."), &format!("{LONG} run"));
    fit.until_said("training on");
    let text = fit.interrupted();
    assert!(text.ends_with("stopped; nothing was written\n"), "{text}");
    assert_eq!(beneath(&bench.path(".")), before);
}

#[test]
fn a_request_to_end_is_as_tidy() {
    let bench = Bench::new();
    let before = beneath(&bench.path("."));
    let mut fit = start(&bench.path("."), &format!("{LONG} run"));
    fit.until_said("training on");
    // `timeout` sends it to the process and to its group.
    fit.send(Signal::SIGTERM);
    fit.send(Signal::SIGTERM);
    let text = fit.ended().by(Signal::SIGTERM);
    assert!(text.ends_with("stopped; nothing was written\n"), "{text}");
    assert_eq!(beneath(&bench.path(".")), before);
}

#[test]
fn every_level_that_was_made_goes_and_none_that_was_there() {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.path("there/empty")).expect("folders");
    let before = beneath(&bench.path("."));
    for out in ["there/empty/a/b/c", "new/a/b", "there/empty"] {
        let mut fit = start(&bench.path("."), &format!("{LONG} {out}"));
        fit.until_said("training on");
        fit.interrupted();
        assert_eq!(beneath(&bench.path(".")), before, "{out}");
    }
    // So it is where a fit fails by itself.
    let text = bench.failed(&[
        "fit",
        "-e",
        "expression.tsv",
        "-g",
        "sets.gmt",
        "--min-size",
        "2",
        "--batch-size",
        "0",
        "--out",
        "new/a/b",
    ]);
    assert!(!text.contains("stopped"), "{text}");
    assert_eq!(beneath(&bench.path(".")), before);
}

#[test]
fn an_earlier_run_stays_as_it_was() {
    let bench = Bench::fitted();
    let before = beneath(&bench.path("."));
    let model = bench.read("run/model.safetensors");
    let mut fit = start(&bench.path("."), &format!("{LONG} run"));
    fit.until_said("training on");
    fit.interrupted();
    assert_eq!(beneath(&bench.path(".")), before);
    assert_eq!(bench.read("run/model.safetensors"), model);
}

#[test]
fn what_was_written_is_named() {
    let bench = Bench::new();
    // A folder of so many files takes a while, whatever writes them.
    let sets: String = (0..30_000)
        .map(|set| format!("S{set}\tna\tTP53\tMYC\n"))
        .collect();
    bench.write("many.gmt", sets);
    let line = "genesets convert many.gmt --format grp --out out/deep/sets";
    let mut convert = start(&bench.path("."), line);
    let one = bench.path("out/deep/sets/S20.grp");
    convert.until("a file is whole", || one.is_file());
    let text = convert.interrupted();
    assert!(
        text.starts_with("stopped; written before: out/deep/sets/S0.grp, "),
        "{text}"
    );
    assert!(text.trim_end().ends_with(" more"), "{text}");
    let left = beneath(&bench.path("out"));
    assert!(left.len() < 30_000, "it went on to the end");
    let whole = |name: &String| {
        name.ends_with(".grp")
            && std::fs::read(bench.path("out").join(name)).expect("a file") == b"TP53\nMYC\n"
    };
    let files: Vec<&String> = left
        .iter()
        .filter(|name| bench.path("out").join(name).is_file())
        .collect();
    assert!(
        files.iter().all(|name| whole(name)),
        "half-written: {files:?}"
    );
}

#[test]
fn who_reads_no_more_keeps_nobody_from_ending() {
    let bench = Bench::new();
    let before = beneath(&bench.path("."));
    let mut fit = start(&bench.path("."), &format!("{LONG} run"));
    fit.until_said("training on");
    fit.leave();
    fit.interrupted();
    assert_eq!(beneath(&bench.path(".")), before);
}

#[test]
fn a_second_interrupt_ends_what_hangs() {
    let bench = Bench::new();
    let before = beneath(&bench.path("."));
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    let stderr = writer.try_clone().expect("the pipe's end");
    let line = format!("{LONG} run --quiet");
    let words: Vec<&str> = line.split(' ').collect();
    let mut fit = start_with(&bench.path("."), &words, |command| {
        command.stderr(stderr);
    });
    let run = bench.path("run");
    fit.until("the folder is there", || run.is_dir());
    // The farewell finds no room in the pipe: a page is its smallest size.
    std::thread::spawn(move || while writer.write_all(&[b'.'; 4096]).is_ok() {});
    std::thread::sleep(Duration::from_millis(300));
    fit.send(Signal::SIGINT);
    fit.until("all is tidy", || !run.exists());
    // One that comes with the first, as `timeout` sends it to the group as well, is the same.
    fit.send(Signal::SIGINT);
    std::thread::sleep(Duration::from_millis(1300));
    assert!(fit.is_running(), "its farewell hangs");
    fit.send(Signal::SIGINT);
    fit.ended().by(Signal::SIGINT);
    assert_eq!(beneath(&bench.path(".")), before);
    drop(reader);
}

#[test]
fn interrupts_that_are_ignored_stay_ignored() {
    let bench = Bench::new();
    let script = format!(
        "trap '' INT; exec {} fit -e expression.tsv -g sets.gmt --min-size 2 --epochs 300000 \
         --patience 0 --no-report --evidence none --out run",
        env!("CARGO_BIN_EXE_gsae")
    );
    let mut child = std::process::Command::new("sh");
    child.current_dir(bench.path(".")).args(["-c", &script]);
    let mut child = child.stderr(Stdio::null()).spawn().expect("a shell");
    while !bench.path("run").is_dir() {
        std::thread::sleep(Duration::from_millis(2));
    }
    let id = nix::unistd::Pid::from_raw(child.id().try_into().expect("an id"));
    nix::sys::signal::kill(id, Signal::SIGINT).expect("a signal");
    std::thread::sleep(Duration::from_millis(300));
    let went_on = child.try_wait().expect("its state").is_none();
    child.kill().expect("a process to end");
    child.wait().expect("its end");
    assert!(went_on, "it was told to ignore interrupts");
}

/// Starts a fetch from a server and interrupts it when `is_so` of the cache; what it said.
fn fetch(cache: &Path, server: &Server, is_so: impl Fn() -> bool) -> String {
    let words = [
        "genesets",
        "fetch",
        "msigdb:h@2024.1.Hs",
        "--base-url",
        &server.base,
    ];
    let mut fetch = start_with(cache, &words, |command| {
        command
            .env("GSAE_CACHE_DIR", cache.join("made/cache"))
            .env_remove("GSAE_OFFLINE")
            .stderr(Stdio::piped());
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
            command.env_remove(name).env_remove(name.to_lowercase());
        }
    });
    fetch.until("the download is there", is_so);
    fetch.interrupted()
}

#[test]
fn a_download_stays_to_be_gone_on_with() {
    let cache = tempfile::tempdir().expect("a folder");
    let body = SETS.repeat(20);
    let whole = body.clone();
    let server = Server::start(move |request| {
        let reply = Reply::ranged(body.as_bytes(), "\"one\"", request);
        match request.before {
            0 => reply.pace(20, Duration::from_millis(100)),
            _ => reply,
        }
    });
    let part = || {
        let all = beneath(cache.path()).into_iter();
        let mut parts = all.filter(|name| name.ends_with(".part"));
        parts.next().map(|name| cache.path().join(name))
    };
    let came = || {
        part().map_or(0, |part| {
            std::fs::metadata(part).map_or(0, |part| part.len())
        })
    };
    let text = fetch(cache.path(), &server, || came() >= 60);
    assert!(
        text.ends_with(
            "stopped; nothing was written; what was downloaded stays: the same command goes on \
             from there\n"
        ),
        "{text}"
    );
    let came = came();
    assert!((60..whole.len() as u64).contains(&came), "{came}");
    assert!(
        beneath(cache.path())
            .iter()
            .all(|name| !name.contains(".gsae-"))
    );
    let run = remote_support::fetch(
        &cache.path().join("made/cache"),
        &server,
        "msigdb:h@2024.1.Hs",
        &[],
    );
    run.ok();
    let asked: Vec<Option<usize>> = server.requests().iter().map(Request::range_start).collect();
    assert!(
        asked.contains(&Some(came as usize)),
        "it went on: {asked:?}"
    );
}

#[test]
fn a_download_of_which_nothing_came_leaves_no_folder() {
    let cache = tempfile::tempdir().expect("a folder");
    let server = Server::start(|_| Reply::body("x").pace(1, Duration::from_secs(30)));
    let began = || {
        beneath(cache.path())
            .iter()
            .any(|name| name.ends_with(".part.json"))
    };
    let text = fetch(cache.path(), &server, began);
    assert!(text.ends_with("stopped; nothing was written\n"), "{text}");
    assert!(
        beneath(cache.path()).is_empty(),
        "{:?}",
        beneath(cache.path())
    );
}

#[test]
fn manual_pages_are_whole_or_not_there() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("pages")).expect("a folder");
    // Where a page cannot be written nothing else is left.
    std::fs::create_dir(bench.path("pages/gsae.1")).expect("a folder");
    let (succeeded, text) = bench.gsae(&["man", "--out", "pages"]);
    assert!(!succeeded && text.contains("gsae.1"), "{text}");
    bench.write("file", "");
    let (succeeded, text) = bench.gsae(&["man", "--out", "made/file/../../file/pages"]);
    assert!(!succeeded, "{text}");
    assert!(!bench.path("made").exists(), "what was made for them went");
    assert!(
        beneath(&bench.path("."))
            .iter()
            .all(|name| !name.contains(".gsae-"))
    );
}
