//! Sparse autoencoders: exact zeros, sets that switch off, soft masks, sparse activations.

mod model_support;

use candle_core::{Device, Tensor};
use gsae::Mask;
use gsae::mask::SetMap;
use gsae::models::{
    Autoencoder, Dataset, GeneSetConfig, Latent, LatentPenalty, Mode, Network, NetworkConfig,
};
use gsae::nn::{Activation, Optimizer, Sgd, SgdConfig, backward};
use gsae::training::{Silent, Trainer, TrainingConfig};
use model_support::{flat, linear, normals, parameter, rotated, schedule, train};

const N: usize = 150;

#[test]
fn zeros_are_exact_and_grow_with_the_penalty() {
    let values = rotated("cohort", N, &[2.0, 1.5, 1.0, 0.5, 0.4, 0.3]);
    let zeros: Vec<usize> = [0.0, 0.01, 0.1, 1.0]
        .into_iter()
        .map(|weights_l1| {
            let config = NetworkConfig {
                weights_l1,
                ..linear(4)
            };
            let mut model = Network::new(6, None, 0, config).expect("a model");
            train(&mut model, &Dataset::new(&values, 6), 600, 0.02);
            let names = ["encoder.latent.weight", "decoder.genes.weight"];
            let weights = names.iter().flat_map(|name| parameter(&model, name));
            weights.filter(|weight| *weight == 0.0).count()
        })
        .collect();
    println!("zeros of 48: {zeros:?}");
    assert_eq!(zeros[0], 0);
    assert!(zeros.windows(2).all(|pair| pair[0] <= pair[1]));
    assert!(zeros[1] < zeros[2] && zeros[2] < zeros[3]);
}

/// Three sets of four genes over 13 genes; the first two move their genes and the first also
/// gene 12, the third moves none.
fn planted() -> (Vec<f32>, SetMap) {
    let activity = normals("activity", N * 2);
    let noise = normals("noise", N * 13);
    let values = (0..N * 13).map(|at| {
        let (sample, gene) = (at / 13, at % 13);
        let signal = match gene {
            0..4 | 12 => activity[sample * 2],
            4..8 => activity[sample * 2 + 1],
            _ => 0.0,
        };
        (signal + 0.3 * noise[at]) as f32
    });
    let rows = vec![vec![0, 1, 2, 3], vec![4, 5, 6, 7], vec![8, 9, 10, 11]];
    let map = SetMap::flat(Mask::from_rows(13, rows).expect("a mask"));
    (values.collect(), map)
}

fn sets(sets: GeneSetConfig) -> Network {
    let (values, map) = planted();
    let config = NetworkConfig {
        gene_sets: Some(sets),
        latent: Latent::GeneSets,
        ..linear(1)
    };
    let mut model = Network::new(13, Some(&map), 0, config).expect("a model");
    train(&mut model, &Dataset::new(&values, 13), 600, 0.02);
    model
}

#[test]
fn a_group_lasso_switches_the_unneeded_set_off_first() {
    let (values, map) = planted();
    let rows: Vec<usize> = (0..N).collect();
    let batch = Dataset::new(&values, 13).batch(&rows).expect("a batch");
    let active = |group_lasso| {
        let sets = GeneSetConfig {
            group_lasso,
            ..GeneSetConfig::MASKED
        };
        let config = NetworkConfig {
            gene_sets: Some(sets),
            latent: Latent::GeneSets,
            ..linear(1)
        };
        let mut model = Network::new(13, Some(&map), 0, config).expect("a model");
        // Plain gradient steps, whose proximal step is the penalty's, up to the last one.
        let config = SgdConfig {
            learning_rate: 0.2,
            momentum: 0.0,
            nesterov: false,
            decay: 0.0,
        };
        let mut sgd = Sgd::new(model.parameters().trainable(), config).expect("an optimizer");
        for _ in 0..2000 {
            let loss = model.loss(&batch, Mode::Train).expect("a loss");
            sgd.step(&backward(&loss).expect("gradients"))
                .expect("a step");
            model.project(0.2).expect("a projection");
        }
        let uses = model.node_use().expect("read").expect("sets");
        uses.iter().map(|node| node.active).collect::<Vec<bool>>()
    };
    assert_eq!(active(0.0), [true, true, true]);
    assert_eq!(active(0.01), [true, true, false]);
    assert_eq!(active(0.5), [false, false, false]);
}

#[test]
fn a_soft_mask_finds_the_missing_member_outside_of_the_mask() {
    let model = sets(GeneSetConfig {
        soft_mask: Some(0.02),
        ..GeneSetConfig::MASKED
    });
    let weight = parameter(&model, "decoder.off_set.weight");
    println!("added genes: {:?}", model.node_use().expect("read"));
    for set in 0..3 {
        for gene in set * 4..set * 4 + 4 {
            assert_eq!(weight[gene * 3 + set], 0.0);
        }
    }
    let largest = (0..weight.len()).max_by(|a, b| weight[*a].abs().total_cmp(&weight[*b].abs()));
    assert_eq!(largest, Some(12 * 3));
    assert!(model.node_use().expect("read").expect("sets")[0].added_genes >= 1);
}

#[test]
fn a_strong_soft_mask_adds_nothing_but_the_missing_member() {
    let (values, map) = planted();
    let config = NetworkConfig {
        gene_sets: Some(GeneSetConfig {
            soft_mask: Some(0.8),
            ..GeneSetConfig::MASKED
        }),
        latent: Latent::GeneSets,
        ..linear(1)
    };
    let mut model = Network::new(13, Some(&map), 0, config).expect("a model");
    // Steps of small batches go to and fro where a weight has no use.
    let schedule = TrainingConfig {
        batch_size: 16,
        ..schedule(N, 400, 0.005)
    };
    let trainer = Trainer::new(schedule).expect("options");
    let data = Dataset::new(&values, 13);
    trainer
        .fit(&mut model, &data, &mut Silent)
        .expect("training");
    let uses = model.node_use().expect("read").expect("sets");
    let added: Vec<usize> = uses.iter().map(|node| node.added_genes).collect();
    assert_eq!(added, [1, 0, 0]);
    assert!(parameter(&model, "decoder.off_set.weight")[12 * 3] != 0.0);
}

#[test]
fn latent_penalties_move_the_activations() {
    let values = rotated("cohort", N, &[2.0, 1.5, 1.0, 0.5, 0.4, 0.3]);
    let mean = |latent_penalty| {
        let config = NetworkConfig {
            latent_activation: Activation::Sigmoid,
            latent_penalty,
            ..linear(4)
        };
        let mut model = Network::new(6, None, 0, config).expect("a model");
        train(&mut model, &Dataset::new(&values, 6), 600, 0.02);
        let x = Tensor::from_slice(&values, (N, 6), &Device::Cpu).expect("x");
        let latent = flat(&model.encode(&x).expect("z"));
        latent.iter().sum::<f64>() / latent.len() as f64
    };
    let free = mean(None);
    let l1 = mean(Some(LatentPenalty::L1 { strength: 1.0 }));
    let kl = mean(Some(LatentPenalty::Kl {
        strength: 100.0,
        rho: 0.1,
    }));
    println!("mean activation: free {free:.3}, L1 {l1:.3}, KL to 0.1 {kl:.3}");
    assert!(l1 < free - 0.1);
    assert!((kl - 0.1).abs() < 0.03);
}
