//! Training on a GPU: a step side by side with PyTorch on the same GPU, how far it is from what
//! the memory allows, all of MSigDB, and a million cells from end to end.
//!
//! ```text
//! cargo bench --features cuda --bench gpu_step
//! ```
//!
//! Without a GPU it says so and ends. `GSAE_BENCH_PYTHON` names another interpreter and
//! `GSAE_BENCH_PEERS` another folder with the peers' scripts. After `--`, any of `steps`, `large`
//! and `cells` chooses parts. `benches/gpu.sh` carries all of it to a machine without cargo.

mod cells;
mod floor;
mod step;
#[path = "../support/mod.rs"]
mod support;

use candle_core::Device;
use gsae::DeviceChoice;
use gsae::device::describe;
use std::error::Error;
use step::{Sizes, Step};

/// The batches that are timed.
const BATCHES: [usize; 3] = [128, 1024, 8192];
/// Alternations of our steps and the peer's.
const ROUNDS: usize = 3;
/// Steps that are timed together.
const STEPS: usize = 50;

fn main() -> Result<(), Box<dyn Error>> {
    if std::env::args().any(|argument| argument == "--list") {
        return Ok(());
    }
    let device = match DeviceChoice::Cuda(0).open() {
        Ok(device) => device,
        Err(reason) => {
            println!("nothing to time: {reason}");
            return Ok(());
        }
    };
    println!("{}", describe(&device));
    let chosen = |part: &str| support::chosen(&["steps", "large", "cells"], part);
    let bandwidth = floor::bandwidth(&device)?;
    println!(
        "memory: {:.0} GB/s, read and written, by a copy on the GPU\n",
        bandwidth / 1e9
    );
    if chosen("steps") {
        for batch in BATCHES {
            compare(&device, Sizes::usual(batch), bandwidth)?;
        }
    }
    if chosen("large") {
        for batch in [128, 1024] {
            compare(&device, Sizes::large(batch), bandwidth)?;
        }
    }
    if chosen("cells") {
        cells::run(1_000_000)?;
    }
    Ok(())
}

/// Alternates our steps with PyTorch's, kind by kind, and prints both.
fn compare(device: &Device, sizes: Sizes, bandwidth: f64) -> Result<(), Box<dyn Error>> {
    let mut step = Step::new(device, sizes)?;
    println!("== {sizes}, {} memberships ==", step.mask.entries());
    let mut peer = step.peer();
    for _ in 0..3 {
        step.run()?;
    }
    let ours = step.time(STEPS)?;
    println!("ours: {ours:.3} ms a step");
    let floor = floor::Floor::of(&step);
    for (name, bytes) in [("few kernels", floor.least), ("ours", floor.ours)] {
        let least = 1e3 * bytes as f64 / bandwidth;
        println!(
            "  {name} would move {:.1} MB: {least:.3} ms from memory; ours takes {:.1} times that",
            bytes as f64 / 1e6,
            ours / least
        );
    }
    let Some(peer) = &mut peer else {
        return Ok(());
    };
    for kind in ["dense", "compile", "graphs", "sparse"] {
        let (mut own, mut theirs, mut memory) = (Vec::new(), Vec::new(), f64::NAN);
        for _ in 0..ROUNDS {
            let answer = peer.ask(format!("{kind} {}", STEPS / 5))?;
            if let Some(error) = answer["error"].as_str() {
                println!("PyTorch, {kind}: {error}");
                break;
            }
            theirs.extend(answer["milliseconds"].as_f64());
            memory = answer["megabytes"].as_f64().unwrap_or(memory);
            own.push(step.time(STEPS)?);
        }
        if !theirs.is_empty() {
            let (theirs, own) = (support::median(&mut theirs), support::median(&mut own));
            println!(
                "PyTorch, {kind}: {theirs:.3} ms a step, {:.1} times ours ({own:.3} ms), \
                 {memory:.0} MB",
                theirs / own
            );
        }
    }
    println!();
    Ok(())
}
