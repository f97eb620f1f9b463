//! PCA and the linear autoencoder, against the theory that joins them.

mod model_support;

use candle_core::{Device, Tensor};
use gsae::models::{Autoencoder, Batch, Dataset, Mode, Network, NetworkConfig, Pca, PcaConfig};
use model_support::{flat, linear, number, orthonormal, parameter, rotated, train};

const SAMPLES: usize = 120;
const SDS: [f64; 8] = [3.0, 2.4, 1.8, 1.0, 0.7, 0.5, 0.4, 0.3];
const D: usize = SDS.len();

fn pca(values: &[f32], components: usize) -> Pca {
    let mut pca = Pca::new(D, PcaConfig { components }).expect("a model");
    train(&mut pca, &Dataset::new(values, D), 1, 1.0);
    pca
}

/// The rows of the decoder's weight, transposed: `[latent, features]`.
fn decoder(model: &Network, latent: usize) -> Vec<f64> {
    let weight = parameter(model, "decoder.genes.weight");
    let transposed = (0..latent * D).map(|at| weight[at % D * latent + at / D]);
    transposed.collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A bound of the sines of the principal angles between two spans of orthonormal rows.
fn angle(rows: &[f64], others: &[f64]) -> f64 {
    let outside = rows.chunks(D).map(|row| {
        let inside: f64 = others.chunks(D).map(|other| dot(row, other).powi(2)).sum();
        (dot(row, row) - inside).max(0.0)
    });
    outside.sum::<f64>().sqrt()
}

#[test]
fn components_are_orthonormal_and_leave_the_discarded_eigenvalues() {
    let values = rotated("cohort", SAMPLES, &SDS);
    let all = flat(pca(&values, D).variances());
    let total: f64 = values.iter().map(|x| f64::from(*x).powi(2)).sum();
    assert!((all.iter().sum::<f64>() / (total / SAMPLES as f64) - 1.0).abs() < 1e-5);
    assert!(all.windows(2).all(|pair| pair[0] >= pair[1]));
    for k in [1, 3, 7] {
        let mut pca = pca(&values, k);
        let components = flat(pca.components());
        for (i, a) in components.chunks(D).enumerate() {
            for (j, b) in components.chunks(D).enumerate() {
                assert!((dot(a, b) - f64::from(u8::from(i == j))).abs() < 1e-5);
            }
            let scores = values.chunks(D).map(|row| {
                let row: Vec<f64> = row.iter().map(|x| f64::from(*x)).collect();
                dot(&row, a).powi(2)
            });
            let variance = scores.sum::<f64>() / SAMPLES as f64;
            assert!((variance / all[i] - 1.0).abs() < 1e-4);
        }
        let x = Tensor::from_vec(values.clone(), (SAMPLES, D), &Device::Cpu).expect("x");
        let loss = pca.loss(&Batch::new(x), Mode::Evaluate).expect("a loss");
        let discarded = all[k..].iter().sum::<f64>() / D as f64;
        assert!((number(&loss) / discarded - 1.0).abs() < 1e-4);
    }
}

#[test]
fn a_linear_autoencoder_spans_the_principal_components() {
    let values = rotated("cohort", SAMPLES, &SDS);
    let all = flat(pca(&values, D).variances());
    let k = 3;
    let mut model = Network::new(D, None, 0, linear(k)).expect("a model");
    let history = train(&mut model, &Dataset::new(&values, D), 1500, 0.02);
    let span = orthonormal(decoder(&model, k), D);
    let sine = angle(&span, &flat(pca(&values, k).components()));
    let loss = history.epochs[history.best_epoch - 1].train_loss;
    let discarded = all[k..].iter().sum::<f64>() / D as f64;
    println!("sine of the angles {sine:.2e}, loss {loss:.6} of {discarded:.6}");
    assert!(sine < 1e-2);
    assert!((loss / discarded - 1.0).abs() < 1e-3);
}

#[test]
fn l2_on_both_layers_recovers_the_axes_and_drops_the_weak_ones() {
    let values = rotated("cohort", SAMPLES, &SDS);
    let all = flat(pca(&values, D).variances());
    let k = 4;
    // Between the third and the fourth squared singular value.
    let lambda = SAMPLES as f64 * (all[2] * all[3]).sqrt();
    let config = NetworkConfig {
        weights_l2: lambda / (SAMPLES * D) as f64,
        ..linear(k)
    };
    let mut model = Network::new(D, None, 0, config).expect("a model");
    train(&mut model, &Dataset::new(&values, D), 3000, 0.02);
    let rows = decoder(&model, k);
    let weight = faer::Mat::from_fn(D, k, |i, j| rows[j * D + i]);
    let svd = weight.thin_svd().expect("singular values");
    let axes = flat(pca(&values, k).components());
    for i in 0..k {
        let square = SAMPLES as f64 * all[i];
        let expected = (1.0 - lambda / square).max(0.0).sqrt();
        let found = svd.S().column_vector()[i];
        println!("singular value {i}: {found:.5}, in theory {expected:.5}");
        assert!((found - expected).abs() < 1e-2);
        if expected > 0.0 {
            let left: Vec<f64> = (0..D).map(|row| svd.U()[(row, i)]).collect();
            assert!(angle(&left, &axes[i * D..][..D]) < 2e-2);
        }
    }
}

#[test]
fn pca_stops_at_the_rank_of_the_data() {
    // Samples on a line: one component has all there is, the others stay at 0.
    let along: [f32; D] = [1.0, -2.0, 0.5, 0.0, 3.0, 1.0, -1.0, 0.25];
    let values: Vec<f32> = (0..20)
        .flat_map(|row| along.map(|loading| loading * (row as f32 - 9.5)))
        .collect();
    let model = pca(&values, 3);
    let variances = flat(model.variances());
    assert!(
        variances[0] > 1.0 && variances[1..] == [0.0, 0.0],
        "{variances:?}"
    );
    assert!(
        flat(model.components())[D..]
            .iter()
            .all(|loading| *loading == 0.0)
    );
    let x = Tensor::from_slice(&values, (20, D), &Device::Cpu).expect("x");
    let z = flat(&model.encode(&x).expect("z"));
    assert!(z.chunks(3).all(|z| z[1..] == [0.0, 0.0]));
    let rebuilt = flat(&model.reconstruct(&Batch::new(x)).expect("r(x)"));
    for (found, value) in rebuilt.iter().zip(&values) {
        assert!((found - f64::from(*value)).abs() < 1e-4);
    }
}
