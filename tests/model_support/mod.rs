//! What the tests of the models share.
#![allow(dead_code)]

use candle_core::{DType, Device, Tensor, Var};
use gsae::Result;
use gsae::models::{Autoencoder, Dataset, Network, NetworkConfig};
use gsae::nn::{Activation, backward, random_stream};
use gsae::training::{History, Schedule, Silent, Trainer, TrainingConfig};
use rand_distr::{Distribution, StandardNormal};

/// Standard normal numbers.
pub fn normals(purpose: &str, count: usize) -> Vec<f64> {
    let mut random = random_stream(1, purpose);
    (0..count)
        .map(|_| StandardNormal.sample(&mut random))
        .collect()
}

/// All values of a tensor.
pub fn flat(tensor: &Tensor) -> Vec<f64> {
    tensor
        .to_dtype(DType::F64)
        .and_then(|tensor| tensor.flatten_all()?.to_vec1())
        .expect("numbers")
}

pub fn number(tensor: &Tensor) -> f64 {
    flat(tensor)[0]
}

/// The values of a parameter.
pub fn parameter(model: &Network, name: &str) -> Vec<f64> {
    let parameter = model.parameters().get(name);
    flat(&parameter.unwrap_or_else(|| panic!("no {name}")).variable)
}

/// Rows as columns.
pub fn matrix(values: Vec<f64>, rows: usize, columns: usize) -> Tensor {
    Tensor::from_vec(values, (rows, columns), &Device::Cpu).expect("a matrix")
}

/// `samples` centred samples of a normal distribution with these SDs along random orthogonal axes.
pub fn rotated(purpose: &str, samples: usize, sds: &[f64]) -> Vec<f32> {
    let d = sds.len();
    let axes = orthonormal(normals("axes", d * d), d);
    let z = normals(purpose, samples * d);
    let mut values = vec![0.0; samples * d];
    for (row, z) in values.chunks_mut(d).zip(z.chunks(d)) {
        for ((axis, z), sd) in axes.chunks(d).zip(z).zip(sds) {
            for (value, loading) in row.iter_mut().zip(axis) {
                *value += z * sd * loading;
            }
        }
    }
    for feature in 0..d {
        let column = || (0..samples).map(|row| row * d + feature);
        let mean = column().map(|at| values[at]).sum::<f64>() / samples as f64;
        column().for_each(|at| values[at] -= mean);
    }
    values.into_iter().map(|value| value as f32).collect()
}

/// Gram and Schmidt's orthonormal rows of the same span.
pub fn orthonormal(mut rows: Vec<f64>, width: usize) -> Vec<f64> {
    for row in 0..rows.len() / width {
        let (done, rest) = rows.split_at_mut(row * width);
        let own = &mut rest[..width];
        for _ in 0..2 {
            for other in done.chunks(width) {
                let product: f64 = own.iter().zip(other).map(|(a, b)| a * b).sum();
                own.iter_mut()
                    .zip(other)
                    .for_each(|(a, b)| *a -= product * b);
            }
        }
        let norm = own.iter().map(|a| a * a).sum::<f64>().sqrt();
        own.iter_mut().for_each(|a| *a /= norm);
    }
    rows
}

/// No gene sets, no activation anywhere.
pub fn linear(latent: usize) -> NetworkConfig {
    NetworkConfig {
        activation: Activation::Linear,
        latent_activation: Activation::Linear,
        ..NetworkConfig::dense(latent)
    }
}

/// Full batches of all samples, a rate that falls to 0.
pub fn schedule(samples: usize, epochs: usize, learning_rate: f64) -> TrainingConfig {
    TrainingConfig {
        epochs,
        batch_size: samples,
        learning_rate,
        schedule: Schedule::Cosine {
            final_fraction: 0.0,
        },
        validation_fraction: 0.0,
        patience: None,
        clip_norm: None,
        ..TrainingConfig::default()
    }
}

/// Trains on all samples at once.
pub fn train(
    model: &mut dyn Autoencoder,
    data: &Dataset,
    epochs: usize,
    learning_rate: f64,
) -> History {
    let trainer = Trainer::new(schedule(data.samples(), epochs, learning_rate));
    let trainer = trainer.expect("options");
    trainer.fit(model, data, &mut Silent).expect("training")
}

/// Compares the gradients of a function of f64 variables with central differences.
pub fn check_gradients(variables: &[Var], mut loss: impl FnMut() -> Result<Tensor>) {
    let gradients = backward(&loss().expect("a loss")).expect("gradients");
    for (which, variable) in variables.iter().enumerate() {
        let start = flat(variable);
        let found = gradients.get(variable).map(flat);
        let found = found.unwrap_or_else(|| vec![0.0; start.len()]);
        let set = |values: Vec<f64>| {
            let values = Tensor::from_vec(values, variable.shape(), &Device::Cpu);
            variable.set(&values.expect("a tensor")).expect("set");
        };
        for at in 0..start.len() {
            let h = 1e-5;
            let mut side = |by: f64| {
                let mut moved = start.clone();
                moved[at] += by;
                set(moved);
                number(&loss().expect("a loss"))
            };
            let difference = (side(h) - side(-h)) / (2.0 * h);
            assert!(
                (difference - found[at]).abs() < 1e-6 * difference.abs().max(1.0),
                "variable {which}, element {at}: {} against {difference}",
                found[at]
            );
        }
        set(start);
    }
}
