//! One training step side by side with PyTorch, and how far the sparse kernels
//! are from what this machine can do.
//!
//! ```text
//! python3 -m pip install -r benches/peers/requirements.txt
//! cargo bench --bench training_step
//! ```
//!
//! `GSAE_BENCH_PYTHON` names another interpreter. Without PyTorch our times are
//! printed alone. After `--`, any of `masked`, `dense` and `roofline` chooses parts.

mod machine;
mod model;
mod peer;
mod roofline;
#[path = "../support/mod.rs"]
mod support;
mod task;

use std::error::Error;
use std::time::{Duration, Instant};

use model::{Decoder, Model, PHASES};
use peer::Peer;
use support::{median, on_threads};
use task::Task;

/// Threads for both sides.
const THREADS: usize = 2;
/// Alternations of our steps and the peer's.
const ROUNDS: usize = 5;
/// Our steps in a round; the peer makes fewer, they take long.
const OUR_STEPS: usize = 20;
const PEER_STEPS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    on_threads(THREADS, run)
}

fn run() -> Result<(), Box<dyn Error>> {
    let chosen = |part: &str| support::chosen(&["masked", "dense", "roofline"], part);
    let task = Task::new();
    println!(
        "{} genes, {} sets, {} memberships, {} supersets, batch {}, {THREADS} threads\n",
        task::GENES,
        task::SETS,
        task.mask.entries(),
        task::SUPERSETS,
        task::BATCH
    );
    for (decoder, part) in [(Decoder::Masked, "masked"), (Decoder::Dense, "dense")] {
        if chosen(part) {
            compare(&task, decoder)?;
        }
    }
    if chosen("roofline") {
        roofline::print(&task)?;
    }
    Ok(())
}

/// Alternates our steps with the peer's and prints both.
fn compare(task: &Task, decoder: Decoder) -> Result<(), Box<dyn Error>> {
    println!("== {decoder:?} decoder ==");
    let mut peer = Peer::start(task, decoder, THREADS)?;
    machine::reset_peak();
    let before = machine::peak_kib();
    let mut model = Model::new(task, decoder)?;
    let mut ratios = Vec::new();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut phases: [Vec<f64>; PHASES.len()] = Default::default();
    let mut our_kib = 0;
    let mut peer_kib = 0;
    model.step(task)?;
    if let Some(peer) = &mut peer {
        peer.steps(1)?;
    }
    for round in 0..ROUNDS {
        let mut times = Vec::new();
        for _ in 0..OUR_STEPS {
            let start = Instant::now();
            let lapse = model.step(task)?;
            times.push(1e3 * start.elapsed().as_secs_f64());
            for (all, one) in phases.iter_mut().zip(lapse) {
                all.push(one);
            }
        }
        our_kib = machine::peak_kib() - before;
        let our_median = median(&mut times);
        print!("round {}: ours {our_median:.2} ms", round + 1);
        ours.push(our_median);
        if let Some(peer) = &mut peer {
            std::thread::sleep(Duration::from_millis(200));
            let (mut times, kib) = peer.steps(PEER_STEPS)?;
            peer_kib = kib;
            let peer_median = median(&mut times);
            ratios.push(peer_median / our_median);
            theirs.push(peer_median);
            print!(", PyTorch {peer_median:.1} ms, {:.1} times", ratios[round]);
            std::thread::sleep(Duration::from_millis(200));
        }
        println!();
    }
    println!("our median: {:.2} ms a step", median(&mut ours));
    for (name, times) in PHASES.iter().zip(&mut phases) {
        println!("  {name:<10}{:>7.2} ms", median(times));
    }
    println!("our memory beyond the data: {:.0} MB", our_kib as f64 / 1e3);
    if peer.is_some() {
        println!(
            "PyTorch's median: {:.1} ms, memory beyond the data: {:.0} MB",
            median(&mut theirs),
            peer_kib as f64 / 1e3
        );
        let lowest = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        println!(
            "median ratio {:.1} (lowest {lowest:.1}), memory ratio {:.3}",
            median(&mut ratios),
            our_kib as f64 / peer_kib as f64
        );
    }
    println!();
    Ok(())
}
