//! What all networks share: tied weights, refusals, connections, covariates.

mod model_support;

use candle_core::{DType, Device, Tensor};
use gsae::mask::{SetMap, SetTree};
use gsae::models::{
    Autoencoder, Batch, Dataset, GeneSetConfig, Latent, LatentPenalty, LayerKind, Likelihood, Mode,
    Network, NetworkConfig, VariationalConfig,
};
use gsae::nn::Activation;
use gsae::{Error, Mask};
use model_support::{check_gradients, flat, linear, matrix, normals, parameter, train};

fn map() -> SetMap {
    SetMap::flat(Mask::from_rows(5, vec![vec![0, 1, 2], vec![2, 3, 4]]).expect("a mask"))
}

#[test]
fn tied_weights_are_transposes_with_their_gradients() {
    let masked = NetworkConfig {
        gene_sets: Some(GeneSetConfig::MASKED),
        ..linear(3)
    };
    for config in [linear(3), masked] {
        let config = NetworkConfig {
            tied: true,
            activation: Activation::Tanh,
            ..config
        };
        let model = Network::with_dtype(5, Some(&map()), 0, config.clone(), DType::F64);
        let mut model = model.expect("a model");
        let x = matrix(normals("x", 20), 4, 5);
        if config.gene_sets.is_none() {
            let weight = &model.parameters().get("encoder.latent.weight").expect("W");
            let weight = weight.variable.as_tensor().clone();
            let expected = x
                .matmul(&weight.t().expect("W'"))
                .and_then(|z| z.matmul(&weight))
                .expect("a product");
            let found = model.reconstruct(&Batch::new(x.clone())).expect("r(x)");
            for (found, expected) in flat(&found).iter().zip(flat(&expected)) {
                assert!((found - expected).abs() < 1e-12);
            }
        } else {
            let found = flat(&model.reconstruct(&Batch::new(x.clone())).expect("r(x)"));
            let expected = tied_by_hand(&model, &flat(&x));
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-12);
            }
        }
        let batch = Batch::new(x);
        let variables = model.parameters().trainable();
        check_gradients(&variables, || model.loss(&batch, Mode::Train));
    }
}

/// Genes -> sets (tanh) -> latent (linear) -> sets (tanh) -> genes, with transposed weights and
/// biases of 0.
fn tied_by_hand(model: &Network, x: &[f64]) -> Vec<f64> {
    let members = [[0, 1, 2], [2, 3, 4]];
    let genes = parameter(model, "encoder.sets.values");
    let dense = parameter(model, "encoder.latent.weight");
    let sample = |x: &[f64]| {
        let sets = members.iter().zip(genes.chunks(3)).map(|(genes, weights)| {
            let sum: f64 = genes
                .iter()
                .zip(weights)
                .map(|(gene, w)| x[*gene] * w)
                .sum();
            sum.tanh()
        });
        let sets: Vec<f64> = sets.collect();
        let latent = dense
            .chunks(2)
            .map(|row| row[0] * sets[0] + row[1] * sets[1]);
        let latent: Vec<f64> = latent.collect();
        let mut rebuilt = vec![0.0; 5];
        for (set, (own, weights)) in members.iter().zip(genes.chunks(3)).enumerate() {
            let value: f64 = latent
                .iter()
                .zip(dense.chunks(2))
                .map(|(z, row)| z * row[set])
                .sum();
            for (gene, weight) in own.iter().zip(weights) {
                rebuilt[*gene] += value.tanh() * weight;
            }
        }
        rebuilt
    };
    x.chunks(5).flat_map(sample).collect()
}

#[test]
fn options_that_make_no_model_are_refused_by_name() {
    let sets = GeneSetConfig::MASKED;
    let with = |gene_sets| NetworkConfig {
        gene_sets: Some(gene_sets),
        ..linear(3)
    };
    let unequal = GeneSetConfig {
        decoder: LayerKind::Dense,
        ..sets
    };
    let mut cases = vec![("--latent", linear(0))];
    let mut tied = with(unequal);
    tied.tied = true;
    cases.push(("--tied", tied));
    let mut kl = linear(3);
    kl.latent_penalty = Some(LatentPenalty::Kl {
        strength: 1.0,
        rho: 0.1,
    });
    cases.push(("--latent-penalty", kl));
    let soft_mask = Some(0.1);
    let soft = GeneSetConfig {
        soft_mask,
        ..unequal
    };
    cases.push(("--soft-mask", with(soft)));
    let mut dropout = linear(3);
    dropout.dropout = 1.0;
    cases.push(("--dropout", dropout.clone()));
    // Dropout where no unit can be dropped.
    dropout.dropout = 0.2;
    cases.push(("--dropout", dropout));
    let mut means = with(sets);
    means.latent = Latent::GeneSets;
    means.dropout = 0.2;
    means.variational = Some(VariationalConfig {
        beta: 1.0,
        warm_up: 0,
    });
    cases.push(("--dropout", means));
    for (option, config) in cases {
        let error = Network::new(5, Some(&map()), 0, config).err();
        let error = error.expect("a refusal");
        assert!(matches!(error, Error::Config { .. }), "{error}");
        assert!(error.to_string().contains(option), "{error}");
    }
}

#[test]
fn a_hierarchy_has_its_connections_as_parameters() {
    let tree = SetTree {
        genes: vec![vec![0, 1, 2], vec![1, 2], vec![3, 4]],
        children: vec![vec![1], vec![], vec![]],
    };
    let (map, _) = SetMap::hierarchical(5, &tree, 1).expect("a map");
    let config = NetworkConfig {
        gene_sets: Some(GeneSetConfig::MASKED),
        latent: Latent::GeneSets,
        ..linear(1)
    };
    let model = Network::new(5, Some(&map), 0, config).expect("a model");
    for half in ["encoder", "decoder"] {
        let own = model
            .parameters()
            .iter()
            .filter(|p| p.name.starts_with(half) && p.name.ends_with(".values"));
        let count: usize = own.map(|p| p.variable.elem_count()).sum();
        assert_eq!(count, map.connections());
    }
}

#[test]
fn reconstruction_under_the_other_batch_moves_the_genes_of_the_shift() {
    let n = 200;
    let signal = normals("signal", n);
    let noise = normals("noise", n * 20);
    let values: Vec<f32> = (0..n * 20)
        .map(|at| {
            let batch = (at / 20 % 2) as f64;
            (signal[at / 20] + 3.0 * batch * f64::from(u8::from(at % 20 < 4)) + 0.2 * noise[at])
                as f32
        })
        .collect();
    let labels = |swap: usize| -> Vec<f32> {
        let pairs = (0..n).map(|row| ((row + swap) % 2) as f32);
        pairs.flat_map(|label| [1.0 - label, label]).collect()
    };
    let covariates = labels(0);
    let data = Dataset {
        covariates: Some(&covariates),
        n_covariates: 2,
        ..Dataset::new(&values, 20)
    };
    // The divergence charges the latent layer for a shift that the decoder is told of.
    let config = |latent| NetworkConfig {
        likelihood: Likelihood::Gaussian,
        variational: Some(VariationalConfig {
            beta: 1.0,
            warm_up: 0,
        }),
        ..linear(latent)
    };
    let mut model = Network::new(20, None, 2, config(1)).expect("a model");
    train(&mut model, &data, 4000, 0.02);
    let rows: Vec<usize> = (0..n).collect();
    let mut batch = data.batch(&rows).expect("a batch");
    let own = flat(&model.reconstruct(&batch).expect("r(x)"));
    let other = Tensor::from_vec(labels(1), (n, 2), &Device::Cpu).expect("labels");
    batch.context.covariates = Some(other);
    let moved = flat(&model.reconstruct(&batch).expect("r(x)"));
    let shift = (0..20).map(|gene| moved[gene] - own[gene]);
    let shift: Vec<f64> = shift.collect();
    println!("shift of a first-batch sample told to be of the second: {shift:.2?}");
    // What all genes share may go through the latent layer; the contrast cannot.
    let mean = |genes: &[f64]| genes.iter().sum::<f64>() / genes.len() as f64;
    let contrast = mean(&shift[..4]) - mean(&shift[4..]);
    assert!((contrast - 3.0).abs() < 0.1, "{contrast}");

    // The decoder knows the shift, so that the latent layer need not carry it.
    let apart = |told: bool| {
        let data = Dataset {
            covariates: told.then_some(covariates.as_slice()),
            n_covariates: if told { 2 } else { 0 },
            ..Dataset::new(&values, 20)
        };
        let width = if told { 2 } else { 0 };
        let mut model = Network::new(20, None, width, config(2)).expect("a model");
        train(&mut model, &data, 4000, 0.02);
        let x = Tensor::from_slice(&values, (n, 20), &Device::Cpu).expect("x");
        separation(&flat(&model.encode(&x).expect("z")), 2)
    };
    let (told, untold) = (apart(true), apart(false));
    println!("batches apart in the latent layer, in SDs: told {told:.2}, untold {untold:.2}");
    assert!(untold > 10.0 && told < 1.0);
}

/// How far the means of even and odd samples are apart in the latent space, in units of the SD
/// within them, along the direction that tells them apart best (Mahalanobis).
fn separation(latent: &[f64], width: usize) -> f64 {
    assert_eq!(width, 2);
    let group = |odd: usize| latent.chunks(2).skip(odd).step_by(2);
    let n = group(0).count() as f64;
    let mean = |odd: usize| {
        let sum = group(odd).fold([0.0; 2], |sum, z| [sum[0] + z[0], sum[1] + z[1]]);
        sum.map(|sum| sum / n)
    };
    let (even, odd) = (mean(0), mean(1));
    let mut within = [[0.0; 2]; 2];
    for (which, mean) in [(0, even), (1, odd)] {
        for z in group(which) {
            for a in 0..2 {
                for b in 0..2 {
                    within[a][b] += (z[a] - mean[a]) * (z[b] - mean[b]) / (2.0 * n);
                }
            }
        }
    }
    let d = [odd[0] - even[0], odd[1] - even[1]];
    let determinant = within[0][0] * within[1][1] - within[0][1] * within[1][0];
    let squared =
        d[0] * d[0] * within[1][1] - 2.0 * d[0] * d[1] * within[0][1] + d[1] * d[1] * within[0][0];
    (squared / determinant).sqrt()
}
