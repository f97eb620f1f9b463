//! Every option of a network acts: what it changes in training, and in what a model gives.

mod model_support;

use candle_core::{DType, Device, Tensor};
use gsae::Mask;
use gsae::mask::SetMap;
use gsae::models::{
    Autoencoder, Batch, Context, CovariatePlace, Dataset, GeneSetConfig, Latent, Likelihood, Mode,
    Network, NetworkConfig, VariationalConfig,
};
use gsae::nn::{Activation, Corruption, Noise, negative_binomial_log_probability};
use gsae::training::{Schedule, Silent, Split, Trainer, TrainingConfig};
use model_support::{check_gradients, flat, linear, matrix, normals, number, parameter};

const D: usize = 6;
const N: usize = 12;

fn map() -> SetMap {
    let rows = vec![vec![0, 1, 2], vec![2, 3], vec![3, 4, 5]];
    SetMap::flat(Mask::from_rows(D, rows).expect("a mask"))
}

fn network(config: NetworkConfig) -> Network {
    Network::with_dtype(D, Some(&map()), 0, config, DType::F64).expect("a model")
}

fn batch() -> Batch {
    Batch::new(matrix(normals("x", N * D), N, D))
}

fn variational(beta: f64) -> Option<VariationalConfig> {
    Some(VariationalConfig { beta, warm_up: 0 })
}

/// Dense with a hidden layer; with gene sets; with gene sets as a variational latent layer.
fn shapes() -> [NetworkConfig; 3] {
    let sets = Some(GeneSetConfig::MASKED);
    [
        NetworkConfig {
            hidden: vec![4],
            ..NetworkConfig::dense(3)
        },
        NetworkConfig {
            gene_sets: sets,
            ..NetworkConfig::dense(3)
        },
        NetworkConfig {
            gene_sets: sets,
            latent: Latent::GeneSets,
            variational: variational(1.0),
            ..NetworkConfig::dense(3)
        },
    ]
}

fn loss(model: &mut Network, mode: Mode) -> f64 {
    number(&model.loss(&batch(), mode).expect("a loss"))
}

#[test]
fn batch_normalisation_takes_the_batch_in_training_and_the_past_in_evaluation() {
    for config in shapes() {
        let config = NetworkConfig {
            batch_norm: true,
            variational: None,
            ..config
        };
        let mut model = network(config.clone());
        let before = loss(&mut model, Mode::Evaluate);
        let training = loss(&mut model, Mode::Train);
        let after = loss(&mut model, Mode::Evaluate);
        assert!((before - training).abs() > 1e-6, "{before} {training}");
        // The running statistics have moved, and evaluation leaves them alone.
        assert!((before - after).abs() > 1e-9, "{before} {after}");
        assert_eq!(after, loss(&mut model, Mode::Evaluate));
        // They are part of the saved model.
        let saved = model.parameters().snapshot().expect("a snapshot");
        let mut again = network(config);
        let find = |name: &str| Some(saved.iter().find(|(key, _)| key == name)?.1.clone());
        again.parameters().load(find).expect("loaded");
        assert_eq!(after, loss(&mut again, Mode::Evaluate));
    }
}

#[test]
fn dropout_and_noise_act_in_training_only() {
    let [dense, sets, _] = shapes();
    for config in [dense, sets] {
        let quiet = loss(&mut network(config.clone()), Mode::Train);
        let dropped = NetworkConfig {
            dropout: 0.4,
            ..config.clone()
        };
        let corrupted = |noise| NetworkConfig {
            noise: Some(noise),
            ..config.clone()
        };
        for config in [
            dropped,
            corrupted(Corruption::Gaussian { sd: 0.5 }),
            corrupted(Corruption::Masking { fraction: 0.4 }),
            corrupted(Corruption::SaltAndPepper { fraction: 0.4 }),
        ] {
            let mut model = network(config);
            let (first, second) = (loss(&mut model, Mode::Train), loss(&mut model, Mode::Train));
            assert!((first - quiet).abs() > 1e-6 && (first - second).abs() > 1e-6);
            assert_eq!(loss(&mut model, Mode::Evaluate), quiet);
        }
    }
}

#[test]
fn corruption_hits_its_share_and_leaves_the_rest() {
    let (features, samples) = (50, 200);
    let x = matrix(normals("clean", features * samples), features, samples);
    let clean = flat(&x);
    let corrupted = |corruption| {
        let noise = Noise::new(3, "corruption");
        flat(&noise.corrupt(&x, corruption).expect("noise"))
    };
    let masked = corrupted(Corruption::Masking { fraction: 0.3 });
    let hit = masked.iter().filter(|value| **value == 0.0).count();
    assert!((hit as f64 / 10_000.0 - 0.3).abs() < 0.02, "{hit}");
    for (masked, clean) in masked.iter().zip(&clean) {
        assert!(*masked == 0.0 || masked == clean);
    }
    let salted = corrupted(Corruption::SaltAndPepper { fraction: 0.3 });
    let (mut salt, mut pepper) = (0, 0);
    for (salted, clean) in salted.chunks(samples).zip(clean.chunks(samples)) {
        let least = clean.iter().copied().fold(f64::INFINITY, f64::min);
        let most = clean.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for (salted, clean) in salted.iter().zip(clean) {
            if salted != clean {
                assert!(*salted == least || *salted == most);
                salt += usize::from(*salted == most);
                pepper += usize::from(*salted == least);
            }
        }
    }
    for count in [salt, pepper] {
        assert!((count as f64 / 10_000.0 - 0.15).abs() < 0.02, "{count}");
    }
}

#[test]
fn the_divergence_enters_the_loss_on_its_likelihoods_scale() {
    // Twice the evidence bound for the squared error, once for the others.
    for (likelihood, factor) in [(Likelihood::SquaredError, 2.0), (Likelihood::Gaussian, 1.0)] {
        let config = |beta| NetworkConfig {
            likelihood,
            variational: variational(beta),
            ..linear(2)
        };
        let with = loss(&mut network(config(0.7)), Mode::Train);
        let without = loss(&mut network(config(0.0)), Mode::Train);
        let model = network(config(0.7));
        let x = batch().x;
        let means = flat(&model.encode(&x).expect("means"));
        let deviations = model.latent_deviation(&x).expect("read").expect("SDs");
        let divergence = means
            .iter()
            .zip(flat(&deviations))
            .map(|(mean, sd)| 0.5 * (mean * mean + sd * sd - 1.0 - 2.0 * sd.ln()));
        let divergence = divergence.sum::<f64>() / N as f64;
        assert!(divergence > 0.01);
        let expected = factor * 0.7 * divergence / D as f64;
        assert!(
            (with - without - expected).abs() < 1e-10,
            "{with} {without} {expected}"
        );
    }
}

#[test]
fn outputs_are_activated_as_the_likelihood_says() {
    let latent = matrix(normals("z", N * 3), N, 3);
    let decoded = |config: NetworkConfig| {
        let decoded = network(config).decode(&latent, &Context::default());
        flat(&decoded.expect("values"))
    };
    let plain = decoded(linear(3));
    let sigmoid = |y: f64| 1.0 / (1.0 + (-y).exp());
    let activated = decoded(NetworkConfig {
        output_activation: Activation::Sigmoid,
        ..linear(3)
    });
    let probabilities = decoded(NetworkConfig {
        likelihood: Likelihood::Bernoulli,
        ..linear(3)
    });
    for ((y, activated), probability) in plain.iter().zip(activated).zip(probabilities) {
        assert!((sigmoid(*y) - activated).abs() < 1e-12);
        assert!((sigmoid(*y) - probability).abs() < 1e-12);
    }
}

#[test]
fn covariates_enter_where_they_are_told_to() {
    let config = |covariates_in| NetworkConfig {
        gene_sets: Some(GeneSetConfig::MASKED),
        hidden: vec![4],
        covariates_in,
        ..linear(2)
    };
    for (place, units) in [(CovariatePlace::Decoder, 4), (CovariatePlace::GeneSets, 3)] {
        let model = Network::with_dtype(D, Some(&map()), 1, config(place), DType::F64);
        let model = model.expect("a model");
        let weight = model.parameters().get("decoder.covariates.weight");
        let weight = &weight.expect("weights").variable;
        assert_eq!(weight.dims(), [units, 1]);
        // The first unit alone: the first set, and its three genes, or any.
        let values: Vec<f64> = (0..units)
            .map(|unit| f64::from(u8::from(unit == 0)))
            .collect();
        let values = Tensor::from_vec(values, (units, 1), &Device::Cpu).expect("weights");
        weight.set(&values).expect("set");
        let decode = |covariate: f64| {
            let context = Context {
                covariates: Some(matrix(vec![covariate], 1, 1)),
                library: None,
            };
            let latent = matrix(vec![0.3, -0.2], 1, 2);
            flat(&model.decode(&latent, &context).expect("values"))
        };
        let (without, with) = (decode(0.0), decode(2.0));
        let pairs = without.iter().zip(&with);
        let moved: Vec<bool> = pairs.map(|(a, b)| (a - b).abs() > 1e-9).collect();
        match place {
            CovariatePlace::GeneSets => assert_eq!(moved, [true, true, true, false, false, false]),
            CovariatePlace::Decoder => assert_eq!(moved, [true; D]),
        }
    }
}

#[test]
fn counts_are_compared_with_counts_not_with_the_input() {
    let config = NetworkConfig {
        hidden: vec![4],
        activation: Activation::Tanh,
        likelihood: Likelihood::NegativeBinomial,
        ..NetworkConfig::dense(2)
    };
    let mut model = network(config);
    let counts: Vec<f64> = (0..N * D).map(|at| ((at * 7) % 11) as f64).collect();
    let library: Vec<f64> = counts.chunks(D).map(|row| row.iter().sum()).collect();
    let batch = Batch {
        counts: Some(matrix(counts.clone(), N, D)),
        context: Context {
            covariates: None,
            library: Some(Tensor::new(library, &Device::Cpu).expect("sizes")),
        },
        ..batch()
    };
    let theta = model
        .parameters()
        .get("likelihood.log_theta")
        .expect("theta");
    let spread: Vec<f64> = (0..D).map(|gene| 0.2 * gene as f64 - 0.5).collect();
    let tensor = Tensor::new(spread.as_slice(), &Device::Cpu).expect("theta");
    theta.variable.set(&tensor).expect("set");
    let means = flat(&model.reconstruct(&batch).expect("means"));
    let terms = means
        .iter()
        .zip(&counts)
        .enumerate()
        .map(|(at, (mean, k))| negative_binomial_log_probability(*k, *mean, spread[at % D].exp()));
    let expected = -terms.sum::<f64>() / (N * D) as f64;
    let found = number(&model.loss(&batch, Mode::Evaluate).expect("a loss"));
    assert!((found - expected).abs() < 1e-10, "{found} {expected}");
    let variables = model.parameters().trainable();
    check_gradients(&variables, || model.loss(&batch, Mode::Train));
}

fn cohort() -> Vec<f32> {
    normals("cohort", 80 * D)
        .iter()
        .map(|v| *v as f32)
        .collect()
}

#[test]
fn the_best_epoch_after_the_warm_up_is_in_the_model() {
    let values = cohort();
    let data = Dataset::new(&values, D);
    let config = NetworkConfig {
        likelihood: Likelihood::Gaussian,
        variational: Some(VariationalConfig {
            beta: 1.0,
            warm_up: 15,
        }),
        ..linear(3)
    };
    let mut model = Network::new(D, None, 0, config).expect("a model");
    let schedule = TrainingConfig {
        validation_fraction: 0.3,
        batch_size: 16,
        ..model_support::schedule(80, 60, 0.05)
    };
    let history = Trainer::new(schedule.clone()).expect("options");
    let history = history
        .fit(&mut model, &data, &mut Silent)
        .expect("training");
    // Without the divergence's weight the loss was lowest before.
    let loss = |record: &gsae::training::EpochRecord| record.selection_loss();
    assert!(history.best_epoch > 15);
    let best = history.best().map(loss).expect("an epoch");
    for record in &history.epochs[15..] {
        assert!(loss(record) >= best);
    }
    assert!(history.best_epoch < history.epochs.len());
    let rows = Split::new(80, 0.3, schedule.seed).validation;
    let mut total = 0.0;
    for rows in rows.chunks(16) {
        let batch = data.batch(rows).expect("a batch");
        total += number(&model.loss(&batch, Mode::Evaluate).expect("a loss")) * rows.len() as f64;
    }
    let found = total / rows.len() as f64;
    assert!((found - best).abs() < 1e-6, "{found} {best}");
}

#[test]
fn a_plateau_lowers_the_rate() {
    let values = cohort();
    let mut model = Network::new(D, None, 0, linear(2)).expect("a model");
    let schedule = TrainingConfig {
        schedule: Schedule::Plateau {
            patience: 3,
            factor: 0.5,
        },
        validation_fraction: 0.3,
        ..model_support::schedule(16, 80, 0.1)
    };
    let trainer = Trainer::new(schedule).expect("options");
    let data = Dataset::new(&values, D);
    let history = trainer
        .fit(&mut model, &data, &mut Silent)
        .expect("training");
    // The rate is halved after every third epoch in a row without a better one.
    let (mut rate, mut best, mut stale) = (0.1, f64::INFINITY, 0);
    for record in &history.epochs {
        assert_eq!(record.learning_rate, rate);
        if record.selection_loss() < best {
            (best, stale) = (record.selection_loss(), 0);
        } else {
            stale += 1;
            if stale == 3 {
                (rate, stale) = (rate * 0.5, 0);
            }
        }
    }
    assert!(rate < 0.1);
}

#[test]
fn no_batch_has_a_single_sample_unless_asked() {
    let values = cohort();
    let data = Dataset::new(&values[..7 * D], D);
    let config = NetworkConfig {
        hidden: vec![4],
        batch_norm: true,
        ..linear(2)
    };
    let mut model = Network::new(D, None, 0, config).expect("a model");
    let schedule = TrainingConfig {
        batch_size: 2,
        ..model_support::schedule(7, 2, 0.01)
    };
    let trainer = Trainer::new(schedule).expect("options");
    let history = trainer.fit(&mut model, &data, &mut Silent);
    assert_eq!(history.expect("training").epochs.len(), 2);
}

#[test]
fn l2_reaches_a_soft_masks_weights() {
    let sets = GeneSetConfig {
        soft_mask: Some(0.0),
        ..GeneSetConfig::MASKED
    };
    let config = |weights_l2| NetworkConfig {
        gene_sets: Some(sets),
        latent: Latent::GeneSets,
        weights_l2,
        ..linear(1)
    };
    let filled = |weights_l2| {
        let mut model = network(config(weights_l2));
        let off_set = model.parameters().get("decoder.off_set.weight").expect("W");
        let ones = off_set.variable.ones_like().expect("ones");
        off_set.variable.set(&ones).expect("set");
        loss(&mut model, Mode::Train)
    };
    let squares = |name: &str| -> f64 {
        parameter(&network(config(0.0)), name)
            .iter()
            .map(|w| w * w)
            .sum()
    };
    let own = squares("encoder.sets.values") + squares("decoder.genes.values");
    let expected = 0.1 * (own + (D * 3) as f64);
    assert!((filled(0.1) - filled(0.0) - expected).abs() < 1e-10);
}

#[test]
fn the_importance_weighted_bound_rises_to_the_log_likelihood() {
    // A linear model with a posterior that is not the true one.
    let config = NetworkConfig {
        likelihood: Likelihood::Gaussian,
        variational: variational(1.0),
        ..linear(2)
    };
    let model = network(config);
    let batch = batch();
    let bound = |draws| {
        model
            .importance_weighted_bound(&batch, draws, 5)
            .expect("a bound")
    };
    // x ~ N(b, W W' + s2 I), with s2 = 1 at the start.
    let weight = parameter(&model, "decoder.genes.weight");
    let bias = parameter(&model, "decoder.genes.bias");
    let mut covariance = vec![vec![0.0; D]; D];
    for a in 0..D {
        for b in 0..D {
            let product: f64 = (0..2).map(|z| weight[a * 2 + z] * weight[b * 2 + z]).sum();
            covariance[a][b] = product + f64::from(u8::from(a == b));
        }
    }
    let (logs, exact) = gaussian(&covariance, &flat(&batch.x), &bias);
    assert!(logs.is_finite());
    let (one, few, many) = (bound(1), bound(20), bound(5000));
    println!("bounds {one:.3}, {few:.3}, {many:.3} below {exact:.3}");
    assert!(one < few && few < many && many < exact + 0.02);
    assert!((many - exact).abs() < 0.1);
    let plain = network(linear(2));
    assert!(plain.importance_weighted_bound(&batch, 5, 1).is_err());
}

/// The log-determinant of a covariance and the mean log-density of rows, by Cholesky factors.
fn gaussian(covariance: &[Vec<f64>], rows: &[f64], mean: &[f64]) -> (f64, f64) {
    let mut l = vec![vec![0.0; D]; D];
    for i in 0..D {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
            l[i][j] = if i == j {
                (covariance[i][i] - sum).sqrt()
            } else {
                (covariance[i][j] - sum) / l[j][j]
            };
        }
    }
    let logs: f64 = (0..D).map(|i| 2.0 * l[i][i].ln()).sum();
    let constant = D as f64 * (2.0 * std::f64::consts::PI).ln();
    let density = |row: &[f64]| {
        let mut y = [0.0; D];
        for i in 0..D {
            let sum: f64 = (0..i).map(|k| l[i][k] * y[k]).sum();
            y[i] = (row[i] - mean[i] - sum) / l[i][i];
        }
        -0.5 * (constant + logs + y.iter().map(|y| y * y).sum::<f64>())
    };
    let total: f64 = rows.chunks(D).map(density).sum();
    (logs, total / (rows.len() / D) as f64)
}
