//! One training step of a variational autoencoder side by side with PyTorch: 5,000 genes
//! straight to 100 latent units and back, Bernoulli likelihood, batches of 50, Adam (the shape of
//! Way & Greene 2018, without batch normalisation).
//!
//! ```text
//! python3 -m pip install -r benches/peers/requirements.txt
//! cargo bench --bench vae_step
//! ```
//!
//! `GSAE_BENCH_PYTHON` names another interpreter. Without PyTorch our times are printed alone.

#[path = "../support/mod.rs"]
mod support;

use gsae::models::{Autoencoder, Dataset, Likelihood, Mode, VariationalConfig};
use gsae::nn::{Activation, Adam, AdamConfig, Optimizer, backward, random_stream};
use gsae::{Network, NetworkConfig};
use rand::RngExt;
use std::error::Error;
use std::time::Instant;
use support::{Peer, median, on_threads};

const THREADS: usize = 2;
const GENES: usize = 5_000;
const LATENT: usize = 100;
const BATCH: usize = 50;
const SAMPLES: usize = 4 * BATCH;
const ROUNDS: usize = 7;
const STEPS: usize = 40;

fn main() -> Result<(), Box<dyn Error>> {
    on_threads(THREADS, run)
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut random = random_stream(7, "data");
    let data: Vec<f32> = (0..SAMPLES * GENES).map(|_| random.random()).collect();
    let dataset = Dataset::new(&data, GENES);
    let config = NetworkConfig {
        likelihood: Likelihood::Bernoulli,
        activation: Activation::Relu,
        variational: Some(VariationalConfig {
            beta: 1.0,
            warm_up: 0,
        }),
        ..NetworkConfig::dense(LATENT)
    };
    let mut model = Network::new(GENES, None, 0, config)?;
    let mut adam = Adam::new(model.parameters().trainable(), AdamConfig::default())?;
    let mut step = || -> Result<f64, Box<dyn Error>> {
        let start = Instant::now();
        let rows: Vec<usize> = (0..BATCH)
            .map(|_| random.random_range(0..SAMPLES))
            .collect();
        let loss = model.loss(&dataset.batch(&rows)?, Mode::Train)?;
        let value = loss.to_scalar::<f32>()?;
        adam.step(&backward(&loss)?)?;
        if !value.is_finite() {
            return Err("the loss is no number".into());
        }
        Ok(1e3 * start.elapsed().as_secs_f64())
    };
    let sizes = [GENES, LATENT, BATCH, THREADS].map(|size| size.to_string());
    let mut peer = Peer::start_or_say("pytorch_vae.py", &sizes);
    if let Some(peer) = &mut peer {
        peer.ask(STEPS)?;
    }
    for _ in 0..STEPS {
        step()?;
    }
    let mut ratios = Vec::new();
    for round in 1..=ROUNDS {
        let mut times = Vec::with_capacity(STEPS);
        for _ in 0..STEPS {
            times.push(step()?);
        }
        let ours = median(&mut times);
        match &mut peer {
            Some(peer) => {
                let mut times: Vec<f64> = serde_json::from_value(peer.ask(STEPS)?)?;
                let theirs = median(&mut times);
                ratios.push(theirs / ours);
                println!(
                    "round {round}: ours {ours:.2} ms, PyTorch {theirs:.2} ms, {:.2} times",
                    theirs / ours
                );
            }
            None => println!("round {round}: ours {ours:.2} ms"),
        }
    }
    if !ratios.is_empty() {
        println!("median ratio {:.2}", median(&mut ratios));
    }
    Ok(())
}
