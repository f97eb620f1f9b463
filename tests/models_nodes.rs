//! Gene-set nodes: which are in use, what a hierarchy passes on, how penalties act on them.

mod model_support;

use candle_core::{DType, Device, Tensor};
use gsae::Mask;
use gsae::mask::{SetMap, SetTree};
use gsae::models::{
    Autoencoder, Dataset, GeneSetConfig, Latent, LayerKind, Network, NetworkConfig,
};
use gsae::nn::Activation;
use model_support::{flat, linear, matrix, normals, parameter, train};

/// Set 0 {0, 1, 2} with the child 1 {1, 2}, and set 2 {3, 4}; the nodes are 2, 1, 0 in order of
/// levels: node 0 is set 2, node 1 is set 1, node 2 is set 0.
fn tree() -> SetMap {
    let tree = SetTree {
        genes: vec![vec![0, 1, 2], vec![1, 2], vec![3, 4]],
        children: vec![vec![1], vec![], vec![]],
    };
    let (map, order) = SetMap::hierarchical(5, &tree, 1).expect("a map");
    assert_eq!(order, [2, 1, 0]);
    map
}

fn flat_map() -> SetMap {
    SetMap::flat(Mask::from_rows(5, vec![vec![0, 1, 2], vec![2, 3, 4]]).expect("a mask"))
}

fn network(map: &SetMap, sets: GeneSetConfig) -> Network {
    let config = NetworkConfig {
        gene_sets: Some(sets),
        latent: Latent::GeneSets,
        ..linear(1)
    };
    Network::new(5, Some(map), 0, config).expect("a model")
}

/// Sets some weights of a parameter.
fn set(model: &Network, name: &str, change: impl Fn(&mut [f64])) {
    let mut values = parameter(model, name);
    change(&mut values);
    let own = model.parameters().get(name).expect("a parameter");
    let shape = own.variable.shape().clone();
    let values = Tensor::from_vec(values, shape, &Device::Cpu).and_then(|t| t.to_dtype(DType::F32));
    own.variable.set(&values.expect("values")).expect("set");
}

fn active(model: &Network) -> Vec<bool> {
    let uses = model.node_use().expect("read").expect("sets");
    uses.iter().map(|node| node.active).collect()
}

#[test]
fn a_set_without_weights_is_out_of_use_on_either_side() {
    let shapes = [
        (LayerKind::Masked, LayerKind::Masked),
        (LayerKind::Masked, LayerKind::Dense),
        (LayerKind::Dense, LayerKind::Masked),
    ];
    for (encoder, decoder) in shapes {
        let sets = GeneSetConfig {
            encoder,
            decoder,
            ..GeneSetConfig::MASKED
        };
        let model = network(&flat_map(), sets);
        assert_eq!(active(&model), [true, true]);
        if encoder == LayerKind::Masked {
            // Node by node the weights from its genes.
            set(&model, "encoder.sets.values", |values| {
                values[3..].fill(0.0)
            });
        } else {
            // Gene by gene the weights from its nodes: gene 2 has both.
            set(&model, "decoder.genes.values", |values| {
                for at in [3, 4, 5] {
                    values[at] = 0.0;
                }
            });
        }
        assert_eq!(active(&model), [true, false], "{encoder:?} {decoder:?}");
    }
    let config = NetworkConfig {
        gene_sets: Some(GeneSetConfig::MASKED),
        tied: true,
        ..linear(2)
    };
    let tied = Network::new(5, Some(&flat_map()), 0, config).expect("a model");
    set(&tied, "encoder.sets.values", |values| values[..3].fill(0.0));
    assert_eq!(active(&tied), [false, true]);
}

#[test]
fn a_parent_is_in_use_through_its_children_only_while_these_are() {
    let model = network(&tree(), GeneSetConfig::MASKED);
    assert_eq!(active(&model), [true, true, true]);
    // The parent's own gene goes: it still has its child.
    set(&model, "decoder.genes.values", |values| values[0] = 0.0);
    assert_eq!(active(&model), [true, true, true]);
    // The child's genes go: neither has any.
    set(&model, "decoder.genes.values", |values| {
        values[1..3].fill(0.0)
    });
    assert_eq!(active(&model), [true, false, false]);
    // In the encoder: the link from child to parent and the parent's own gene.
    let model = network(&tree(), GeneSetConfig::MASKED);
    set(&model, "encoder.sets.level1.values", |values| {
        values[0] = 0.0
    });
    assert_eq!(active(&model), [true, true, true]);
    set(&model, "encoder.sets.values", |values| values[4] = 0.0);
    assert_eq!(active(&model), [true, true, false]);
}

#[test]
fn a_parents_value_follows_its_children() {
    let config = NetworkConfig {
        gene_sets: Some(GeneSetConfig::MASKED),
        latent: Latent::GeneSets,
        activation: Activation::Tanh,
        ..linear(1)
    };
    let model = Network::with_dtype(5, Some(&tree()), 0, config, DType::F64).expect("a model");
    let x = matrix(normals("x", 15), 3, 5);
    let nodes = flat(&model.gene_set_nodes(&x).expect("values").expect("sets"));
    let genes = parameter(&model, "encoder.sets.values");
    let bias = parameter(&model, "encoder.sets.bias");
    let link = parameter(&model, "encoder.sets.level1.values")[0];
    for (x, nodes) in flat(&x).chunks(5).zip(nodes.chunks(3)) {
        let child = genes[2] * x[1] + genes[3] * x[2] + bias[1];
        assert!((nodes[1] - child).abs() < 1e-12);
        let parent = genes[4] * x[0] + bias[2] + link * child.tanh();
        assert!((nodes[2] - parent).abs() < 1e-12);
    }
}

#[test]
fn a_soft_mask_counts_the_childrens_members_as_inside() {
    let sets = GeneSetConfig {
        soft_mask: Some(0.0),
        ..GeneSetConfig::MASKED
    };
    let mut model = network(&tree(), sets);
    // Everything is connected; what lies inside of a set is cleared.
    set(&model, "decoder.off_set.weight", |values| values.fill(1.0));
    model.project(0.1).expect("a projection");
    let added: Vec<usize> = model
        .node_use()
        .expect("read")
        .expect("sets")
        .iter()
        .map(|node| node.added_genes)
        .collect();
    assert_eq!(added, [3, 3, 2]);
}

#[test]
fn a_group_lasso_shrinks_what_the_constraint_leaves_and_spares_free_nodes() {
    let sets = GeneSetConfig {
        encoder: LayerKind::Dense,
        free_nodes: 1,
        group_lasso: 0.5,
        ..GeneSetConfig::MASKED
    };
    let mut model = network(&flat_map(), sets);
    // Gene by gene the weights from the nodes 0, 1 and 2, the free one.
    let before = [1.0, 0.3, -2.0, 0.3, 2.0, 3.0, 0.3, 4.0, 0.3, 5.0, 0.3];
    set(&model, "decoder.genes.values", |values| {
        values.copy_from_slice(&before)
    });
    model.project(0.2).expect("a projection");
    let after = parameter(&model, "decoder.genes.values");
    let shrunk = |norm: f64| 1.0 - 0.1 * 3f64.sqrt() / norm;
    // Set 0 has 1, -2 clamped to 0, and 2; set 1 has 3, 4 and 5.
    let (first, second) = (shrunk(5f64.sqrt()), shrunk(50f64.sqrt()));
    let expected = [
        first,
        0.3,
        0.0,
        0.3,
        2.0 * first,
        3.0 * second,
        0.3,
        4.0 * second,
        0.3,
        5.0 * second,
        0.3,
    ];
    for (found, expected) in after.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-6, "{after:?}");
    }
}

#[test]
fn a_model_with_proximal_penalties_trains_all_its_epochs() {
    let values: Vec<f32> = normals("noise", 100).iter().map(|v| *v as f32).collect();
    let data = Dataset::new(&values, 5);
    let trained = |weights_l1| {
        let config = NetworkConfig {
            weights_l1,
            ..linear(1)
        };
        let mut model = Network::new(5, None, 0, config).expect("a model");
        let mut schedule = model_support::schedule(20, 300, 0.05);
        schedule.patience = Some(2);
        schedule.validation_fraction = 0.3;
        let trainer = gsae::Trainer::new(schedule).expect("options");
        let history = trainer.fit(&mut model, &data, &mut gsae::training::Silent);
        history.expect("training").epochs.len()
    };
    assert!(trained(0.0) < 300);
    assert_eq!(trained(0.1), 300);
}

#[test]
fn sets_that_are_the_latent_layer_take_its_activation() {
    for variational in [false, true] {
        let mut config = NetworkConfig {
            gene_sets: Some(GeneSetConfig::MASKED),
            latent: Latent::GeneSets,
            latent_activation: Activation::Sigmoid,
            ..linear(1)
        };
        if variational {
            config.variational = Some(gsae::models::VariationalConfig {
                beta: 1.0,
                warm_up: 0,
            });
        }
        let model = Network::new(5, Some(&flat_map()), 0, config).expect("a model");
        let x = Tensor::from_vec(vec![9f32; 5], (1, 5), &Device::Cpu).expect("x");
        let nodes = flat(&model.gene_set_nodes(&x).expect("values").expect("sets"));
        let latent = flat(&model.encode(&x).expect("z"));
        for (node, latent) in nodes.iter().zip(&latent) {
            let expected = if variational {
                *node
            } else {
                1.0 / (1.0 + (-node).exp())
            };
            assert!((latent - expected).abs() < 1e-6);
        }
    }
}

#[test]
fn training_moves_a_hierarchys_links() {
    let values: Vec<f32> = normals("cohort", 500).iter().map(|v| *v as f32).collect();
    let mut model = network(&tree(), GeneSetConfig::MASKED);
    let before = parameter(&model, "encoder.sets.level1.values")[0];
    train(&mut model, &Dataset::new(&values, 5), 50, 0.02);
    let after = parameter(&model, "encoder.sets.level1.values")[0];
    assert!((before - after).abs() > 1e-3);
}
