//! The same training on a GPU and on the CPU. Skipped, which is said, where there is no GPU or
//! gsae was built without the feature `cuda`; tests/gpu/README.md says how to run these on a GPU,
//! and on a CUDA that runs on the host.

mod model_support;

use candle_core::{DType, Device, Tensor};
use gsae::mask::{Mask, SetMap, SetTree};
use gsae::models::{
    Autoencoder, Contracted, ContractiveConfig, CovariatePlace, Dataset, GeneSetConfig, Latent,
    LatentPenalty, LayerKind, Likelihood, Mode, Network, NetworkConfig, VariationalConfig,
};
use gsae::nn::{Activation, Corruption};
use gsae::training::{OptimizerConfig, Silent, Trainer, TrainingConfig};
use gsae::{DeviceChoice, Result};
use model_support::{flat, normals};

const GENES: usize = 70;
const SAMPLES: usize = 45;
const COVARIATES: usize = 2;

/// The largest difference between CPU and GPU, relative to the largest number of the same kind.
const TOLERANCE: f64 = 1e-4;

/// The GPU; `None`, which is said, without one.
fn gpu() -> Option<Device> {
    match DeviceChoice::Cuda(0).open() {
        Ok(device) => Some(device),
        Err(reason) => {
            eprintln!("skipped: {reason}");
            None
        }
    }
}

/// Samples with counts and covariates.
struct Samples {
    values: Vec<f32>,
    counts: Vec<f32>,
    covariates: Vec<f32>,
}

impl Samples {
    fn new(likelihood: Likelihood) -> Self {
        let values = normals("values", SAMPLES * GENES).into_iter();
        let values: Vec<f32> = values.map(|value| value as f32).collect();
        let count = |value: &f32| (20.0 * (value + 0.2).max(0.0)).floor();
        let counts = values.iter().map(count).collect();
        let covariates = (0..SAMPLES * COVARIATES).map(|at| (at % 3) as f32 - 1.0);
        let unit = |value: f32| 1.0 / (1.0 + (-value).exp());
        Self {
            counts,
            covariates: covariates.collect(),
            values: match likelihood {
                Likelihood::Bernoulli => values.into_iter().map(unit).collect(),
                _ => values,
            },
        }
    }

    fn dataset(&self, likelihood: Likelihood) -> Dataset<'_> {
        Dataset {
            counts: (likelihood == Likelihood::NegativeBinomial).then_some(&self.counts[..]),
            covariates: Some(&self.covariates),
            n_covariates: COVARIATES,
            ..Dataset::new(&self.values, GENES)
        }
    }
}

/// 12 sets of 1 to 40 genes.
fn members() -> Mask {
    let rows = (0..12).map(|set: usize| {
        let genes = (0..GENES).filter(move |gene| (gene * 7 + set * 5) % 23 < 1 + set);
        genes.map(|gene| gene as u32).collect()
    });
    Mask::from_rows(GENES, rows.collect()).expect("a mask")
}

/// Gradient descent. Adam would take gradients that are rounding errors, as that of a bias before a
/// batch normalisation, for steps of full length.
fn options() -> TrainingConfig {
    TrainingConfig {
        epochs: 3,
        batch_size: 16,
        learning_rate: 3e-2,
        optimizer: OptimizerConfig::NESTEROV,
        ..TrainingConfig::default()
    }
}

/// Trains on both and compares losses, weights, latent coordinates, nodes and reconstructions.
fn agree(
    name: &str,
    config: &NetworkConfig,
    map: &SetMap,
    training: &TrainingConfig,
) -> Result<()> {
    let Some(gpu) = gpu() else { return Ok(()) };
    let samples = Samples::new(config.likelihood);
    let data = samples.dataset(config.likelihood);
    let rows: Vec<usize> = (0..SAMPLES).collect();
    let run = |device: &Device| -> Result<Vec<(String, Vec<f64>)>> {
        let config = config.clone();
        let map = config.gene_sets.is_some().then_some(map);
        let mut model = Network::on(device, GENES, map, COVARIATES, config, DType::F32)?;
        let history = Trainer::new(training.clone())?.fit(&mut model, &data, &mut Silent)?;
        let mut found: Vec<(String, Vec<f64>)> = Vec::new();
        let losses = history.epochs.iter();
        let losses = losses.flat_map(|epoch| [Some(epoch.train_loss), epoch.validation_loss]);
        found.push(("losses".to_owned(), losses.flatten().collect()));
        for parameter in model.parameters().iter() {
            found.push((parameter.name.clone(), flat(&parameter.variable)));
        }
        let batch = data.batch(&rows)?;
        let latent = model.encode(&batch.x)?;
        found.push((
            "rebuilt".to_owned(),
            flat(&model.decode(&latent, &batch.context)?),
        ));
        found.push(("latent".to_owned(), flat(&latent)));
        let mut more = |name: &str, values: Option<Tensor>| {
            found.extend(values.map(|values| (name.to_owned(), flat(&values))));
        };
        more("nodes", model.gene_set_nodes(&batch.x)?);
        more("deviations", model.latent_deviation(&batch.x)?);
        more("loss", Some(model.loss(&batch, Mode::Evaluate)?));
        Ok(found)
    };
    let (cpu, gpu) = (run(&Device::Cpu)?, run(&gpu)?);
    assert_eq!(cpu.len(), gpu.len(), "{name}");
    let mut worst = 0f64;
    for ((what, a), (_, b)) in cpu.iter().zip(&gpu) {
        assert_eq!(a.len(), b.len(), "{name}, {what}");
        let size = a.iter().fold(1e-3f64, |most, value| most.max(value.abs()));
        for (at, (a, b)) in a.iter().zip(b).enumerate() {
            let difference = (a - b).abs() / size;
            worst = worst.max(difference);
            assert!(
                difference <= TOLERANCE,
                "{name}, {what}, number {at}: {a} on the CPU and {b} on the GPU"
            );
        }
    }
    println!("{name}: {worst:.1e}");
    Ok(())
}

fn flat_map() -> SetMap {
    SetMap::flat(members())
}

fn small() -> NetworkConfig {
    NetworkConfig {
        latent: Latent::Width(5),
        seed: 3,
        ..NetworkConfig::default()
    }
}

fn sets(change: impl FnOnce(&mut GeneSetConfig)) -> Option<GeneSetConfig> {
    let mut sets = GeneSetConfig::MASKED;
    change(&mut sets);
    Some(sets)
}

fn check(name: &str, change: impl FnOnce(&mut NetworkConfig)) -> Result<()> {
    let mut config = small();
    change(&mut config);
    agree(name, &config, &flat_map(), &options())
}

#[test]
fn gene_superset_autoencoders_agree() -> Result<()> {
    check("gsae", |_| {})?;
    check("both signs", |own| {
        own.gene_sets = sets(|sets| sets.non_negative = false)
    })?;
    check("free nodes", |own| {
        own.gene_sets = sets(|sets| sets.free_nodes = 3)
    })?;
    check("soft mask", |own| {
        own.gene_sets = sets(|sets| sets.soft_mask = Some(0.3))
    })?;
    check("group lasso", |own| {
        own.gene_sets = sets(|sets| sets.group_lasso = 0.5)
    })?;
    check("dense decoder", |own| {
        own.gene_sets = sets(|sets| sets.decoder = LayerKind::Dense);
    })?;
    check("dense encoder", |own| {
        own.gene_sets = sets(|sets| sets.encoder = LayerKind::Dense);
        own.hidden = vec![9];
        own.latent = Latent::GeneSets;
    })?;
    check("tied", |own| own.tied = true)?;
    check("hidden layers", |own| own.hidden = vec![10, 7])
}

#[test]
fn activations_agree() -> Result<()> {
    let all = [
        Activation::Linear,
        Activation::Relu,
        Activation::LeakyRelu,
        Activation::Elu,
        Activation::Tanh,
        Activation::Sigmoid,
        Activation::Softplus,
    ];
    for activation in all {
        check(&format!("{activation:?}"), |own| {
            own.activation = activation;
            own.latent_activation = activation;
            own.output_activation = activation;
        })?;
    }
    Ok(())
}

#[test]
fn dense_networks_agree() -> Result<()> {
    check("dense", |own| {
        own.gene_sets = None;
        own.hidden = vec![12];
    })?;
    check("dense and tied", |own| {
        own.gene_sets = None;
        own.hidden = vec![12];
        own.tied = true;
    })?;
    let config = NetworkConfig {
        batch_norm: true,
        hidden: vec![9],
        ..small()
    };
    agree("batch normalisation", &config, &flat_map(), &options())?;
    check("dropout", |own| own.dropout = 0.3)
}

#[test]
fn likelihoods_agree() -> Result<()> {
    let all = [
        Likelihood::SquaredError,
        Likelihood::Gaussian,
        Likelihood::Bernoulli,
        Likelihood::NegativeBinomial,
    ];
    for likelihood in all {
        check(&format!("{likelihood:?}"), |own| {
            own.likelihood = likelihood
        })?;
        check(&format!("variational {likelihood:?}"), |own| {
            own.likelihood = likelihood;
            own.variational = Some(VariationalConfig {
                beta: 0.5,
                warm_up: 2,
            });
        })?;
    }
    check("variational gene sets", |own| {
        own.latent = Latent::GeneSets;
        own.variational = Some(VariationalConfig {
            beta: 1.0,
            warm_up: 0,
        });
    })?;
    check("covariates among the gene sets", |own| {
        own.covariates_in = CovariatePlace::GeneSets;
    })
}

#[test]
fn noise_and_penalties_agree() -> Result<()> {
    let noises = [
        Corruption::Gaussian { sd: 0.4 },
        Corruption::Masking { fraction: 0.3 },
        Corruption::SaltAndPepper { fraction: 0.3 },
    ];
    for noise in noises {
        check(&format!("{noise:?}"), |own| own.noise = Some(noise))?;
    }
    check("L1", |own| own.weights_l1 = 0.3)?;
    check("L2", |own| own.weights_l2 = 0.01)?;
    check("L1 on the latent layer", |own| {
        own.latent_penalty = Some(LatentPenalty::L1 { strength: 0.2 });
    })?;
    check("KL on the latent layer", |own| {
        own.latent_activation = Activation::Sigmoid;
        own.latent_penalty = Some(LatentPenalty::Kl {
            strength: 0.2,
            rho: 0.1,
        });
    })?;
    for of in [Contracted::Latent, Contracted::Reconstruction] {
        let contractive = Some(ContractiveConfig { strength: 0.5, of });
        check(&format!("contractive, {of:?}"), |own| {
            own.contractive = contractive
        })?;
        check(&format!("contractive, one layer, {of:?}"), |own| {
            own.contractive = contractive;
            own.latent = Latent::GeneSets;
        })?;
    }
    Ok(())
}

#[test]
fn optimizers_agree() -> Result<()> {
    let with = |change: &dyn Fn(&mut TrainingConfig)| {
        let mut training = options();
        change(&mut training);
        training
    };
    let cases = [
        (
            "SGD",
            with(&|own| own.optimizer = OptimizerConfig::NESTEROV),
        ),
        ("clipped", with(&|own| own.clip_norm = Some(0.01))),
        ("not clipped", with(&|own| own.clip_norm = None)),
        ("no validation", with(&|own| own.validation_fraction = 0.0)),
        ("one batch", with(&|own| own.batch_size = 1000)),
    ];
    for (name, training) in cases {
        agree(name, &small(), &flat_map(), &training)?;
    }
    Ok(())
}

/// Batches of several tiles and groups, more elements than a grid has threads. Too much for a CUDA
/// that runs on the host.
#[test]
#[ignore = "for a real GPU"]
fn large_batches_agree() -> Result<()> {
    let Some(gpu) = gpu() else { return Ok(()) };
    const FEATURES: usize = 3000;
    const ROWS: usize = 2052;
    let rows = (0..400).map(|set: usize| {
        let genes = (0..FEATURES).filter(move |gene| (gene * 7 + set * 13) % 97 < 1 + set % 20);
        genes.map(|gene| gene as u32).collect()
    });
    let map = SetMap::flat(Mask::from_rows(FEATURES, rows.collect())?);
    let values = normals("large", ROWS * FEATURES).into_iter();
    let values: Vec<f32> = values.map(|value| value as f32).collect();
    let mut losses = Vec::new();
    for likelihood in [Likelihood::SquaredError, Likelihood::NegativeBinomial] {
        let counts: Vec<f32> = values.iter().map(|v| (2.0 * v.max(0.0)).floor()).collect();
        let data = Dataset {
            counts: (likelihood == Likelihood::NegativeBinomial).then_some(&counts[..]),
            ..Dataset::new(&values, FEATURES)
        };
        let config = NetworkConfig {
            likelihood,
            ..small()
        };
        let training = TrainingConfig {
            batch_size: ROWS,
            validation_fraction: 0.0,
            ..options()
        };
        let run = |device: &Device| -> Result<Vec<Vec<f64>>> {
            let config = config.clone();
            let mut model = Network::on(device, FEATURES, Some(&map), 0, config, DType::F32)?;
            let history = Trainer::new(training.clone())?.fit(&mut model, &data, &mut Silent)?;
            let losses = history
                .epochs
                .iter()
                .map(|epoch| epoch.train_loss)
                .collect();
            let parameters = model.parameters().iter();
            Ok(std::iter::once(losses)
                .chain(parameters.map(|parameter| flat(&parameter.variable)))
                .collect())
        };
        let (cpu, on_gpu) = (run(&Device::Cpu)?, run(&gpu)?);
        for (a, b) in cpu.iter().zip(&on_gpu) {
            let size = a.iter().fold(1e-3f64, |most, value| most.max(value.abs()));
            let difference = a.iter().zip(b).map(|(a, b)| (a - b).abs() / size);
            losses.push(difference.fold(0.0, f64::max));
        }
        // The same bits again, alone and beside others.
        let again = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| run(&gpu))).collect();
            runs.into_iter()
                .map(|run| run.join().expect("a run"))
                .collect::<Result<Vec<_>>>()
        })?;
        assert!(again.iter().all(|again| *again == on_gpu), "{likelihood:?}");
    }
    println!("large: {losses:?}");
    assert!(losses.iter().all(|difference| *difference <= TOLERANCE));
    Ok(())
}

/// A model may be dropped by a thread that has never used the GPU.
#[test]
fn models_are_dropped_anywhere() -> Result<()> {
    let Some(gpu) = gpu() else { return Ok(()) };
    let model = Network::on(&gpu, GENES, Some(&flat_map()), 0, small(), DType::F32)?;
    std::thread::spawn(move || drop(model))
        .join()
        .expect("a drop");
    check("after a drop", |_| {})
}

#[test]
fn hierarchies_agree() -> Result<()> {
    // Sets 0 to 3 are the parents of two each, and have their genes.
    let children: Vec<Vec<usize>> = (0..12)
        .map(|set| match set {
            0..4 => vec![4 + 2 * set, 5 + 2 * set],
            _ => Vec::new(),
        })
        .collect();
    let own = members();
    let genes = children.iter().enumerate().map(|(set, children)| {
        let all = children.iter().chain([&set]);
        let mut all: Vec<u32> = all.flat_map(|&set| own.row(set).to_vec()).collect();
        all.sort_unstable();
        all.dedup();
        all
    });
    let genes = genes.collect();
    let (map, _) = SetMap::hierarchical(GENES, &SetTree { genes, children }, 2)?;
    agree("hierarchy", &small(), &map, &options())?;
    let config = NetworkConfig {
        latent: Latent::GeneSets,
        batch_norm: true,
        ..small()
    };
    agree("hierarchy as the latent layer", &config, &map, &options())
}
