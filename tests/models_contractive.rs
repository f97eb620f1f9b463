//! The contractive penalties against finite differences, and the identity of the linear case.

mod model_support;

use candle_core::{DType, Device, Tensor};
use gsae::mask::SetMap;
use gsae::models::{
    Autoencoder, Batch, Contracted, ContractiveConfig, Dataset, GeneSetConfig, Latent, Mode,
    Network, NetworkConfig,
};
use gsae::nn::{Activation, Corruption, Noise, backward};
use gsae::{Mask, Result};
use model_support::{check_gradients, flat, linear, matrix, normals, number, rotated, train};

const D: usize = 6;
const N: usize = 5;

fn x() -> Tensor {
    matrix(normals("x", N * D), N, D)
}

fn network(config: NetworkConfig) -> Network {
    let rows = vec![vec![0, 1, 2], vec![2, 3], vec![3, 4, 5]];
    let map = SetMap::flat(Mask::from_rows(D, rows).expect("a mask"));
    Network::with_dtype(D, Some(&map), 0, config, DType::F64).expect("a model")
}

fn masked(activation: Activation) -> NetworkConfig {
    NetworkConfig {
        gene_sets: Some(GeneSetConfig::MASKED),
        latent: Latent::GeneSets,
        latent_activation: activation,
        ..NetworkConfig::default()
    }
}

fn dense(activation: Activation) -> NetworkConfig {
    NetworkConfig {
        activation,
        latent_activation: activation,
        ..NetworkConfig::dense(3)
    }
}

/// The squared norm of the Jacobian by central differences, averaged over the samples.
fn differences(f: impl Fn(&Tensor) -> Result<Tensor>) -> f64 {
    let h = 1e-5;
    let side = |feature: usize, by: f64| {
        let mut moved = flat(&x());
        moved.chunks_mut(D).for_each(|row| row[feature] += by);
        flat(&f(&matrix(moved, N, D)).expect("values"))
    };
    let norms = (0..D).map(|feature| {
        let (up, down) = (side(feature, h), side(feature, -h));
        let slopes = up
            .iter()
            .zip(&down)
            .map(|(up, down)| (up - down) / (2.0 * h));
        slopes.map(|slope| slope * slope).sum::<f64>()
    });
    norms.sum::<f64>() / N as f64
}

#[test]
fn the_closed_form_is_the_norm_of_the_jacobian() {
    let x = x().t().expect("features by samples");
    for activation in [Activation::Sigmoid, Activation::Tanh, Activation::Relu] {
        for config in [dense(activation), masked(activation)] {
            let model = network(config);
            let found = number(&model.latent_jacobian(&x).expect("a norm"));
            let expected = differences(|x| model.encode(x));
            assert!((found / expected - 1.0).abs() < 1e-6, "{found} {expected}");
        }
    }
}

#[test]
fn probes_average_to_the_norm_of_the_jacobian() {
    let config = NetworkConfig {
        hidden: vec![4],
        ..dense(Activation::Tanh)
    };
    let model = network(config);
    let x = x().t().expect("features by samples");
    for through in [false, true] {
        let count = 20_000;
        let probe = || number(&model.jacobian_probe(&x, None, through).expect("a probe"));
        let found = (0..count).map(|_| probe()).sum::<f64>() / f64::from(count);
        let expected = differences(|x| match through {
            true => model.reconstruct(&Batch::new(x.clone())),
            false => model.encode(x),
        });
        println!("probes {found:.5}, differences {expected:.5}");
        assert!((found / expected - 1.0).abs() < 0.03);
    }
}

#[test]
fn the_penalised_loss_has_its_gradients() {
    for activation in [Activation::Sigmoid, Activation::Tanh] {
        for config in [dense(activation), masked(activation)] {
            let mut model = network(NetworkConfig {
                contractive: Some(ContractiveConfig {
                    strength: 0.7,
                    of: Contracted::Latent,
                }),
                ..config
            });
            let batch = Batch::new(x());
            let variables = model.parameters().trainable();
            check_gradients(&variables, || model.loss(&batch, Mode::Train));
        }
    }
}

#[test]
fn the_penalty_on_the_reconstruction_has_its_gradients() {
    let network = || {
        network(NetworkConfig {
            hidden: vec![4],
            contractive: Some(ContractiveConfig {
                strength: 0.7,
                of: Contracted::Reconstruction,
            }),
            ..dense(Activation::Tanh)
        })
    };
    // A loss draws the probe's directions anew, and a new network the same ones in its first.
    let batch = Batch::new(x());
    let mut first = network();
    let loss = first.loss(&batch, Mode::Train).expect("a loss");
    let gradients = backward(&loss).expect("gradients");
    let variables = first.parameters().trainable();
    for (which, variable) in variables.iter().enumerate() {
        let start = flat(variable);
        let found = flat(gradients.get(variable).expect("a gradient"));
        let side = |at: usize, by: f64| {
            let mut moved = start.clone();
            moved[at] += by;
            let mut again = network();
            let own = &again.parameters().trainable()[which];
            let moved = Tensor::from_vec(moved, own.shape(), &Device::Cpu).expect("a tensor");
            own.set(&moved).expect("set");
            number(&again.loss(&batch, Mode::Train).expect("a loss"))
        };
        for (at, found) in found.iter().enumerate() {
            let h = 1e-5;
            let difference = (side(at, h) - side(at, -h)) / (2.0 * h);
            assert!((difference - found).abs() < 1e-6 * difference.abs().max(1.0));
        }
    }
}

#[test]
fn the_norm_falls_as_the_strength_grows() {
    let values = rotated("cohort", 100, &[2.0, 1.5, 1.0, 0.5, 0.4, 0.3]);
    for of in [Contracted::Latent, Contracted::Reconstruction] {
        let norms: Vec<f64> = [0.0, 0.1, 1.0]
            .into_iter()
            .map(|strength| {
                let config = NetworkConfig {
                    contractive: Some(ContractiveConfig { strength, of }),
                    ..dense(Activation::Tanh)
                };
                let mut model = Network::new(D, None, 0, config).expect("a model");
                train(&mut model, &Dataset::new(&values, D), 400, 0.02);
                let x = Tensor::from_slice(&values, (100, D), &candle_core::Device::Cpu);
                let x = x.and_then(|x| x.t()).expect("x");
                let through = of == Contracted::Reconstruction;
                let probe = || number(&model.jacobian_probe(&x, None, through).expect("a norm"));
                (0..50).map(|_| probe()).sum::<f64>() / 50.0
            })
            .collect();
        println!("{of:?}: {norms:?}");
        assert!(norms[0] > norms[1] && norms[1] > norms[2]);
    }
}

#[test]
fn noise_and_contraction_are_one_for_a_linear_network() {
    let sigma = 0.6;
    let model = network(linear(3));
    let x = x();
    let clean = model.reconstruct(&Batch::new(x.clone())).expect("r(x)");
    let square = |r: &Tensor| {
        let pairs = flat(r).into_iter().zip(flat(&x));
        pairs.map(|(r, x)| (r - x).powi(2)).sum::<f64>() / N as f64
    };
    let jacobian = differences(|x| model.reconstruct(&Batch::new(x.clone())));
    let expected = square(&clean) + sigma * sigma * jacobian;
    let noise = Noise::new(3, "corruption");
    let features = x.t().expect("features by samples");
    let count = 20_000;
    let draws = (0..count).map(|_| {
        let y = noise.corrupt(&features, Corruption::Gaussian { sd: sigma });
        let y = y.expect("noise").t().expect("samples by features");
        square(&model.reconstruct(&Batch::new(y)).expect("r(y)"))
    });
    let found = draws.sum::<f64>() / f64::from(count);
    println!("denoising {found:.5}, contraction {expected:.5}");
    assert!((found / expected - 1.0).abs() < 0.02);
}
