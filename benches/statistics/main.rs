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
use support::{Peer, chosen, median, on_threads};

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
    on_threads(THREADS, run)
}

fn run() -> Result<(), Box<dyn Error>> {
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
        if chosen(&METHODS.map(|(name, _)| name), method) {
            compare(&data, method, peers, process.as_mut())?;
        }
    }
    Ok(())
}

/// Alternates our calls of a method with the peers' and prints all: milliseconds on the clock, and
/// of all processors together, which other work on the machine disturbs less.
fn compare(
    data: &Data,
    method: &str,
    peers: &[&str],
    mut process: Option<&mut Peer>,
) -> Result<(), Box<dyn Error>> {
    println!("\n== {method} ==");
    call(data, method)?;
    let mut ratios = vec![(Vec::new(), Vec::new()); peers.len()];
    for round in 1..=ROUNDS {
        let (start, used) = (Instant::now(), processor_milliseconds());
        call(data, method)?;
        let clock = 1e3 * start.elapsed().as_secs_f64();
        let processor = processor_milliseconds() - used;
        print!("round {round}: ours {clock:.1} ms (processors {processor:.1})");
        if let Some(process) = process.as_mut() {
            for (peer, ratios) in peers.iter().zip(&mut ratios) {
                let answer = process.ask(format_args!("{peer} {method}"))?;
                let times: Option<[f64; 2]> = serde_json::from_value(answer)?;
                if let Some([theirs, used]) = times {
                    print!("; {peer} {theirs:.0} ms ({used:.0})");
                    ratios.0.push(theirs / clock);
                    ratios.1.push(used / processor);
                }
            }
        }
        println!();
    }
    for (peer, (clock, processor)) in peers.iter().zip(&mut ratios) {
        if !clock.is_empty() {
            println!(
                "{peer}: median ratio {:.1} on the clock, {:.1} of processor time",
                median(clock),
                median(processor),
            );
        }
    }
    Ok(())
}

/// The time that all threads of this process have computed; NaN where the system does not tell.
fn processor_milliseconds() -> f64 {
    #[cfg(target_os = "linux")]
    {
        let mut time = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: the clock exists on Linux, and `time` is a valid place for its answer.
        if unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) } == 0 {
            return 1e3 * time.tv_sec as f64 + 1e-6 * time.tv_nsec as f64;
        }
    }
    f64::NAN
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
