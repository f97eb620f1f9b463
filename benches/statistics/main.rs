//! Enrichment and per-sample scores side by side with GSEApy and decoupler: preranked GSEA of a
//! ranking of 16,000 genes (1,000 permutations), and scores of 200 samples x 16,000 genes, both
//! against the Reactome sets that ship with 15 to 500 genes.
//!
//! ```text
//! python3 -m pip install -r benches/peers/requirements.txt
//! cargo bench --bench statistics
//! ```
//!
//! `GSAE_BENCH_PYTHON` names another interpreter. Without the peers our times are printed alone.
//! After `--`, names of methods choose them.

mod data;
#[path = "../support/mod.rs"]
mod support;

use data::Data;
use gsae::stats::enrichment::{PrerankOptions, prerank};
use gsae::stats::scores::{
    AucellOptions, GsvaOptions, Samples, SsgseaOptions, aucell, gsva, ssgsea, ulm,
};
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;
use support::{Peer, median};

/// Threads for both sides.
const THREADS: usize = 2;
/// Alternations of our calls and the peers'.
const ROUNDS: usize = 5;

/// A method, and the peers that have it under the same name.
const METHODS: [(&str, &[&str]); 5] = [
    ("prerank", &["gseapy"]),
    ("ulm", &["decoupler"]),
    ("ssgsea", &["gseapy"]),
    ("gsva", &["gseapy", "decoupler"]),
    ("aucell", &["decoupler"]),
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        return Ok(());
    }
    let any = METHODS
        .iter()
        .any(|(name, _)| arguments.iter().any(|argument| argument == name));
    let chosen = |name: &str| !any || arguments.iter().any(|argument| argument == name);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(THREADS)
        .build()?;
    let outcome = pool.install(|| run(chosen).map_err(|error| error.to_string()));
    Ok(outcome?)
}

fn run(chosen: impl Fn(&str) -> bool) -> Result<(), Box<dyn Error>> {
    let data = Data::new()?;
    println!(
        "{} sets, {} genes, {} samples, {} permutations, {THREADS} threads",
        data.sets.len(),
        data::GENES,
        data::SAMPLES,
        PrerankOptions::default().permutations
    );
    let folder = tempfile::tempdir()?;
    data.write(folder.path())?;
    let arguments = [folder.path().display().to_string(), THREADS.to_string()];
    let mut process = Peer::start_or_say("enrichment_scores.py", &arguments);
    for (method, peers) in METHODS {
        if chosen(method) {
            compare(&data, method, peers, process.as_mut())?;
        }
    }
    Ok(())
}

/// Alternates our calls of a method with the peers' and prints all.
fn compare(
    data: &Data,
    method: &str,
    peers: &[&str],
    mut process: Option<&mut Peer>,
) -> Result<(), Box<dyn Error>> {
    println!("\n== {method} ==");
    call(data, method)?;
    let mut ours = Vec::new();
    let mut theirs = vec![Vec::new(); peers.len()];
    let mut ratios = vec![Vec::new(); peers.len()];
    for round in 1..=ROUNDS {
        let start = Instant::now();
        call(data, method)?;
        let own = 1e3 * start.elapsed().as_secs_f64();
        ours.push(own);
        print!("round {round}: ours {own:.1} ms");
        if let Some(process) = process.as_mut() {
            for (at, peer) in peers.iter().enumerate() {
                let answer = process.ask(format_args!("{peer} {method}"))?;
                if let Some(time) = answer.as_f64() {
                    print!(", {peer} {time:.0} ms");
                    theirs[at].push(time);
                    ratios[at].push(time / own);
                }
            }
        }
        println!();
    }
    print!("medians: ours {:.1} ms", median(&mut ours));
    for (at, peer) in peers.iter().enumerate() {
        if theirs[at].is_empty() {
            continue;
        }
        let lowest = ratios[at].iter().copied().fold(f64::INFINITY, f64::min);
        print!(
            "; {peer} {:.0} ms, {:.1} times (lowest {lowest:.1})",
            median(&mut theirs[at]),
            median(&mut ratios[at]),
        );
    }
    println!();
    Ok(())
}

fn call(data: &Data, method: &str) -> Result<(), Box<dyn Error>> {
    let samples = Samples::new(&data.expression, data::GENES)?;
    let sets = &data.sets;
    match method {
        "prerank" => {
            black_box(prerank(&data.ranking, sets, &PrerankOptions::default())?);
        }
        "ulm" => {
            black_box(ulm(&samples, sets)?);
        }
        "ssgsea" => {
            black_box(ssgsea(&samples, sets, &SsgseaOptions::default())?);
        }
        "gsva" => {
            black_box(gsva(&samples, sets, &GsvaOptions::default())?);
        }
        _ => {
            black_box(aucell(&samples, sets, &AucellOptions::default())?);
        }
    }
    Ok(())
}
