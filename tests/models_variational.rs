//! Variational autoencoders: the divergence, probabilistic PCA, warm-up, counts.

mod model_support;

use candle_core::{DType, Device, Tensor, Var};
use gsae::models::{
    Autoencoder, Batch, Dataset, Likelihood, Mode, Network, NetworkConfig, Pca, PcaConfig,
    VariationalConfig,
};
use gsae::nn::{
    Adam, AdamConfig, Optimizer, backward, kl_divergence, negative_binomial_log_probability,
    negative_binomial_loss,
};
use model_support::{check_gradients, flat, linear, matrix, normals, number, rotated, train};

fn variational(beta: f64, warm_up: usize) -> NetworkConfig {
    NetworkConfig {
        likelihood: Likelihood::Gaussian,
        variational: Some(VariationalConfig { beta, warm_up }),
        ..linear(2)
    }
}

#[test]
fn the_divergence_is_that_of_monte_carlo() {
    let (means, log_variances) = ([0.7, -1.2], [-0.8, 0.5]);
    let column = |values: [f64; 2]| matrix(values.to_vec(), 2, 1);
    let found = number(&kl_divergence(&column(means), &column(log_variances)).expect("a number"));
    let count = 400_000;
    let z = normals("draws", count * 2);
    let sum: f64 = z
        .iter()
        .enumerate()
        .map(|(at, z)| {
            let log_variance: f64 = log_variances[at % 2];
            let value = means[at % 2] + (log_variance / 2.0).exp() * z;
            (value * value - z * z - log_variance) / 2.0
        })
        .sum();
    let expected = sum / count as f64;
    println!("closed form {found:.5}, Monte Carlo {expected:.5}");
    assert!((found - expected).abs() < 0.01);
}

/// Tipping & Bishop 1999, eq. 4 at the maximum.
#[test]
fn a_linear_one_reaches_probabilistic_pca() {
    let (n, k) = (200, 2);
    let sds = [2.0, 1.5, 0.5, 0.45, 0.4];
    let d = sds.len();
    let values = rotated("cohort", n, &sds);
    let data = Dataset::new(&values, d);
    let mut pca = Pca::new(d, PcaConfig { components: d }).expect("a model");
    train(&mut pca, &data, 1, 1.0);
    let eigenvalues = flat(pca.variances());
    let noise = eigenvalues[k..].iter().sum::<f64>() / (d - k) as f64;
    let logs: f64 = eigenvalues[..k].iter().map(|value| value.ln()).sum();
    let constant = d as f64 * ((2.0 * std::f64::consts::PI).ln() + 1.0);
    let expected = -0.5 * (constant + logs + (d - k) as f64 * noise.ln());
    let mut model = Network::new(d, None, 0, variational(1.0, 0)).expect("a model");
    let rows: Vec<usize> = (0..n).collect();
    let batch = data.batch(&rows).expect("a batch");
    // Every step to the last one counts: the epoch of the luckiest draws is not the best.
    let variables = model.parameters().trainable();
    let mut adam = Adam::new(variables, AdamConfig::default()).expect("an optimizer");
    let steps = 6000;
    for step in 0..steps {
        adam.set_learning_rate(0.02 * (1.0 - f64::from(step) / f64::from(steps)));
        let loss = model.loss(&batch, Mode::Train).expect("a loss");
        adam.step(&backward(&loss).expect("gradients"))
            .expect("a step");
    }
    // Draws differ in training only; nothing else does here.
    let draws = 4000;
    let loss = |_| number(&model.loss(&batch, Mode::Train).expect("a loss"));
    let bound = -(0..draws).map(loss).sum::<f64>() / f64::from(draws) * d as f64;
    let variance = model.output_variance().expect("read").expect("Gaussian");
    println!("bound {bound:.4}, log-likelihood {expected:.4}; variance {variance:.4}, {noise:.4}");
    assert!((bound - expected).abs() < 1e-2);
    assert!((variance / noise - 1.0).abs() < 0.02);
}

#[test]
fn beta_and_its_warm_up_enter_the_loss() {
    let x = matrix(normals("x", 20), 5, 4);
    let loss = |beta, warm_up, epoch, mode| {
        let config = variational(beta, warm_up);
        let model = Network::with_dtype(4, None, 0, config, DType::F64);
        let mut model = model.expect("a model");
        model.begin_epoch(epoch);
        number(&model.loss(&Batch::new(x.clone()), mode).expect("a loss"))
    };
    let none = loss(0.0, 0, 0, Mode::Train);
    let full = loss(2.0, 0, 0, Mode::Train);
    assert!(full > none + 0.01);
    for (epoch, share) in [(0, 0.1), (4, 0.5), (9, 1.0), (50, 1.0)] {
        let found = loss(2.0, 10, epoch, Mode::Train);
        assert!((found - none - share * (full - none)).abs() < 1e-10);
    }
    let evaluated = loss(2.0, 10, 0, Mode::Evaluate);
    assert!((evaluated - loss(2.0, 0, 0, Mode::Evaluate)).abs() < 1e-12);
}

/// Count, mean, inverse dispersion and SciPy's `nbinom.logpmf(k, theta, theta / (theta + mean))`.
const LOG_PROBABILITIES: [(f64, f64, f64, f64); 12] = [
    (0.0, 0.5, 0.1, -0.1791759469228055),
    (0.0, 3.0, 1.0, -1.3862943611198906),
    (1.0, 0.01, 2.0, -4.620132810521235),
    (2.0, 3.0, 0.5, -2.2620856871938995),
    (5.0, 5.0, 5.0, -2.095189898647976),
    (7.0, 2.0, 10.0, -5.020660587602141),
    (20.0, 3.0, 1.0, -7.139935810155508),
    (33.0, 40.0, 2.0, -4.172759768421964),
    (100.0, 120.0, 50.0, -4.315089954508281),
    (1000.0, 900.0, 3.0, -7.323760006522065),
    (3.0, 0.001, 0.2, -18.34133069698338),
    (12345.0, 10000.0, 0.7, -10.64825714805713),
];

#[test]
fn counts_have_the_log_probabilities_of_scipy() {
    for (k, mean, theta, expected) in LOG_PROBABILITIES {
        let found = negative_binomial_log_probability(k, mean, theta);
        assert!((found / expected - 1.0).abs() < 1e-9, "{found} {expected}");
    }
}

#[test]
fn counts_have_their_gradients() {
    let logits = Var::from_tensor(&matrix(normals("logits", 12), 4, 3)).expect("logits");
    let log_theta = Var::new(&[-1.0, 0.0, 0.7, 2.0], &Device::Cpu).expect("log theta");
    let counts = (0..12).map(|at| f64::from(at * at % 7)).collect();
    let counts = matrix(counts, 4, 3);
    let library = Tensor::new(&[10.0, 14.0, 9.0], &Device::Cpu).expect("sizes");
    check_gradients(&[logits.clone(), log_theta.clone()], || {
        negative_binomial_loss(&logits, &log_theta, &counts, &library)
    });
}
