//! The denoising autoencoder against its optimum in closed form (Vincent 2011; Alain & Bengio 2014).

mod model_support;

use candle_core::{Device, Tensor};
use gsae::models::{Autoencoder, Batch, Dataset, Latent, Network, NetworkConfig};
use gsae::nn::{Activation, Corruption};
use model_support::{flat, linear, normals, train};

fn reconstruct(model: &Network, y: &[f64]) -> Vec<f64> {
    let y: Vec<f32> = y.iter().map(|y| *y as f32).collect();
    let y = Tensor::from_vec(y.clone(), (y.len(), 1), &Device::Cpu).expect("y");
    flat(&model.reconstruct(&Batch::new(y)).expect("a reconstruction"))
}

#[test]
fn a_normal_distribution_is_shrunk_as_its_posterior_mean() {
    let (s, sigma) = (1.5, 0.8);
    let mut values: Vec<f64> = normals("samples", 4000);
    let square: f64 = values.iter().map(|x| x * x).sum();
    let scale = s / (square / values.len() as f64).sqrt();
    values.iter_mut().for_each(|x| *x *= scale);
    let values: Vec<f32> = values.iter().map(|x| *x as f32).collect();
    let config = NetworkConfig {
        noise: Some(Corruption::Gaussian { sd: sigma }),
        ..linear(1)
    };
    let mut model = Network::new(1, None, 0, config).expect("a model");
    train(&mut model, &Dataset::new(&values, 1), 500, 0.02);
    let ends = reconstruct(&model, &[-1.0, 1.0]);
    let slope = (ends[1] - ends[0]) / 2.0;
    let expected = s * s / (s * s + sigma * sigma);
    println!("slope {slope:.4}, in theory {expected:.4}");
    assert!((slope - expected).abs() < 0.02);
}

#[test]
fn a_mixture_is_denoised_to_its_posterior_mean() {
    let (mean, s, sigma) = (2.0, 0.5, 1.0);
    let spread: f64 = s * s + sigma * sigma;
    let values: Vec<f32> = normals("samples", 2000)
        .into_iter()
        .enumerate()
        .map(|(at, z)| (if at % 2 == 0 { mean } else { -mean } + s * z) as f32)
        .collect();
    let config = NetworkConfig {
        hidden: vec![24],
        latent: Latent::Width(8),
        activation: Activation::Tanh,
        latent_activation: Activation::Linear,
        noise: Some(Corruption::Gaussian { sd: sigma }),
        ..NetworkConfig::dense(8)
    };
    let mut model = Network::new(1, None, 0, config).expect("a model");
    train(&mut model, &Dataset::new(&values, 1), 600, 0.01);
    let grid: Vec<f64> = (-100..=100).map(|at| f64::from(at) * 0.05).collect();
    let found = reconstruct(&model, &grid);
    let (mut error, mut weight) = (0.0, 0.0);
    for (y, found) in grid.iter().zip(&found) {
        let density = |mean: f64| (-(y - mean).powi(2) / (2.0 * spread)).exp();
        let (up, down) = (density(mean), density(-mean));
        let posterior = |mean: f64| mean + s * s / spread * (y - mean);
        let expected = (up * posterior(mean) + down * posterior(-mean)) / (up + down);
        error += (up + down) * (found - expected).powi(2);
        weight += up + down;
    }
    let rms = (error / weight).sqrt();
    println!("RMS difference, weighted by the density: {rms:.4}");
    assert!(rms < 0.1);
}
