//! Activations, losses, dense layers, batch normalisation, dropout and
//! optimizers, against finite differences and numbers from PyTorch 2.15.

use candle_core::{DType, Device, Tensor, Var};
use gsae::nn::{
    Activation, Adam, AdamConfig, BatchNorm, BatchNormConfig, Dropout, Init, Linear, LinearConfig,
    MaskedLinear, Optimizer, ParameterSet, Sgd, SgdConfig, backward, bce_loss, gather_rows,
    mse_loss, random_stream,
};
use gsae::{Mask, Result};
use rand::RngExt;

fn random(purpose: &str, count: usize) -> Vec<f64> {
    let mut random = random_stream(1, purpose);
    (0..count).map(|_| random.random::<f64>()).collect()
}

fn flat(tensor: &Tensor) -> Vec<f64> {
    tensor
        .to_dtype(DType::F64)
        .and_then(|tensor| tensor.flatten_all()?.to_vec1())
        .expect("numbers")
}

fn close(found: &[f64], expected: &[f64], within: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() < within,
            "{found} instead of {expected}"
        );
    }
}

/// Compares the gradients of a scalar function of some variables, each at the
/// values it holds, with central differences.
fn check_gradients(variables: &[&Var], loss: impl Fn() -> Result<Tensor>) {
    let gradients = backward(&loss().expect("a loss")).expect("gradients");
    let number = || {
        loss()
            .and_then(|l| Ok(l.to_scalar::<f64>()?))
            .expect("a loss")
    };
    for (which, variable) in variables.iter().enumerate() {
        let start = flat(variable);
        let found = flat(gradients.get(variable).expect("a gradient"));
        for at in 0..start.len() {
            let h = 1e-5;
            let side = |by: f64| {
                let mut moved = start.clone();
                moved[at] += by;
                let moved = Tensor::from_vec(moved, variable.shape(), &Device::Cpu);
                variable.set(&moved.expect("a tensor")).expect("set");
                number()
            };
            let difference = (side(h) - side(-h)) / (2.0 * h);
            assert!(
                (difference - found[at]).abs() < 1e-7 * difference.abs().max(1.0),
                "variable {which}, element {at}: {} against {difference}",
                found[at]
            );
        }
        let start = Tensor::from_vec(start, variable.shape(), &Device::Cpu);
        variable.set(&start.expect("a tensor")).expect("set");
    }
}

fn variable(purpose: &str, shape: (usize, usize), low: f64, high: f64) -> Var {
    let values = random(purpose, shape.0 * shape.1);
    let values = values.into_iter().map(|x| low + (high - low) * x).collect();
    Var::from_vec(values, shape, &Device::Cpu).expect("a variable")
}

const ACTIVATIONS: [Activation; 7] = [
    Activation::Linear,
    Activation::Relu,
    Activation::LeakyRelu,
    Activation::Elu,
    Activation::Tanh,
    Activation::Sigmoid,
    Activation::Softplus,
];

#[test]
fn activations_have_their_derivatives_in_both_layouts() {
    let x = variable("x", (4, 5), -3.0, 3.0);
    let weights = variable("weights", (4, 5), 0.0, 1.0);
    for activation in ACTIVATIONS {
        let straight = || {
            let y = activation.forward(&x)?;
            Ok((y * weights.as_tensor())?.sum_all()?)
        };
        check_gradients(&[&x], straight);
        let transposed = || {
            let y = activation.forward(&x.t()?)?;
            Ok((y * weights.t()?)?.sum_all()?)
        };
        check_gradients(&[&x], transposed);
        let values = |f: &dyn Fn() -> Result<Tensor>| f().map(|l| flat(&l)).expect("a loss");
        close(&values(&straight), &values(&transposed), 1e-12);
    }
}

#[test]
fn activations_do_not_overflow() {
    let x = Tensor::new(&[-1000f32, 1000.0], &Device::Cpu).expect("x");
    for (activation, expected) in [
        (Activation::Softplus, [0.0, 1000.0]),
        (Activation::Sigmoid, [0.0, 1.0]),
        (Activation::Elu, [-1.0, 1000.0]),
        (Activation::Tanh, [-1.0, 1.0]),
    ] {
        close(&flat(&activation.forward(&x).expect("y")), &expected, 1e-6);
    }
}

#[test]
fn losses_have_their_derivatives_in_every_layout() {
    let p = variable("p", (4, 5), 0.1, 0.9);
    let t = variable("t", (4, 5), 0.1, 0.9);
    for loss in [mse_loss, bce_loss] {
        check_gradients(&[&p, &t], || loss(&p, &t));
        check_gradients(&[&p, &t], || loss(&p.t()?, &t.t()?));
        let mixed = || loss(&p.t()?, &t.t()?.contiguous()?);
        check_gradients(&[&p, &t], mixed);
        let straight = loss(&p, &t).expect("a loss");
        close(&flat(&mixed().expect("a loss")), &flat(&straight), 1e-12);
    }
    let p = Tensor::new(&[0.2, 0.9, 0.5], &Device::Cpu).expect("p");
    let t = Tensor::new(&[0.0, 1.0, 0.25], &Device::Cpu).expect("t");
    let bce = flat(&bce_loss(&p, &t).expect("a loss"));
    close(&bce, &[0.3405504158439938], 1e-12);
    assert!(mse_loss(&p, &Tensor::new(&[1.0], &Device::Cpu).expect("t")).is_err());
}

#[test]
fn losses_of_many_numbers_keep_their_digits_and_bits() {
    let count = 1_000_003;
    let p: Vec<f32> = random("p", count).iter().map(|&x| x as f32).collect();
    let t: Vec<f32> = random("t", count).iter().map(|&x| x as f32).collect();
    let squares = p.iter().zip(&t).map(|(&p, &t)| f64::from(p - t).powi(2));
    let expected = squares.sum::<f64>() / count as f64;
    let p = Tensor::from_vec(p, count, &Device::Cpu).expect("p");
    let t = Tensor::from_vec(t, count, &Device::Cpu).expect("t");
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let loss = pool.expect("a pool").install(|| mse_loss(&p, &t));
        loss.and_then(|l| Ok(l.to_scalar::<f32>()?))
            .expect("a loss")
    };
    assert!((f64::from(with(1)) / expected - 1.0).abs() < 1e-6);
    assert_eq!(with(1).to_bits(), with(2).to_bits());
    assert_eq!(with(1).to_bits(), with(3).to_bits());
}

#[test]
fn dense_layers_have_their_derivatives() {
    let mut parameters = ParameterSet::new(3, DType::F64);
    let config = LinearConfig::default();
    let layer = Linear::new(&mut parameters, "layer", 5, 3, config).expect("a layer");
    let plain = LinearConfig {
        bias: false,
        ..config
    };
    let second = Linear::new(&mut parameters, "second", 3, 2, plain).expect("a layer");
    let x = variable("x", (4, 5), -1.0, 1.0);
    let variables = parameters.trainable();
    let variables: Vec<&Var> = variables.iter().chain([&x]).collect();
    check_gradients(&variables, || {
        let hidden = Activation::Tanh.forward(&layer.forward(&x)?)?;
        Ok(second.forward(&hidden)?.sqr()?.sum_all()?)
    });
    let expected = x
        .matmul(&layer.weight().t().expect("W"))
        .and_then(|y| y.broadcast_add(layer.bias().expect("a bias")))
        .expect("y");
    close(
        &flat(&layer.forward(&x).expect("y")),
        &flat(&expected),
        1e-12,
    );
    assert!(layer.forward(&x.t().expect("x")).is_err());
}

#[test]
fn a_layer_with_its_error_equals_the_layer_then_the_error() {
    let mut parameters = ParameterSet::new(3, DType::F64);
    let mask = Mask::from_rows(3, vec![vec![0, 1], vec![], vec![1, 2], vec![0], vec![2]]);
    let mask = mask.expect("a mask");
    let config = LinearConfig::default();
    let plain = LinearConfig {
        bias: false,
        ..config
    };
    for (name, config) in [("with", config), ("without", plain)] {
        let sparse = format!("{name}.sparse");
        let sparse = MaskedLinear::new(&mut parameters, &sparse, mask.clone(), config);
        let sparse = sparse.expect("a layer");
        let dense = Linear::new(&mut parameters, &format!("{name}.dense"), 3, 5, config);
        let dense = dense.expect("a layer");
        let x = variable("x", (3, 7), -1.0, 1.0);
        let target = variable("target", (5, 7), -1.0, 1.0);
        let transposed = target
            .t()
            .and_then(|t| t.contiguous()?.t())
            .expect("a view");
        let compare = |weights: &Var, bias: Option<&Var>, fused: Tensor, apart: Tensor| {
            close(&flat(&fused), &flat(&apart), 1e-12);
            let scaled = |loss: &Tensor| backward(&(loss * 3.0).expect("a loss"));
            for scale in [false, true] {
                let of = |loss| if scale { scaled(loss) } else { backward(loss) };
                let (fused, apart) = (of(&fused).expect("g"), of(&apart).expect("g"));
                for variable in [Some(&x), Some(weights), bias].into_iter().flatten() {
                    let found = flat(fused.get(variable).expect("a gradient"));
                    let expected = flat(apart.get(variable).expect("a gradient"));
                    close(&found, &expected, 1e-12);
                }
            }
        };
        let apart = mse_loss(&sparse.forward_features(&x).expect("y"), &target);
        let fused = sparse.mse_features(&x, &transposed).expect("a loss");
        compare(
            sparse.values(),
            sparse.bias(),
            fused,
            apart.expect("a loss"),
        );
        let apart = mse_loss(&dense.forward_features(&x).expect("y"), &target);
        let fused = dense.mse_features(&x, &transposed).expect("a loss");
        compare(dense.weight(), dense.bias(), fused, apart.expect("a loss"));
        assert!(dense.mse_features(&x, &x).is_err());
    }
}

#[test]
fn dense_layers_do_not_depend_on_threads() {
    let mut parameters = ParameterSet::new(3, DType::F32);
    let layer = Linear::new(&mut parameters, "layer", 700, 90, LinearConfig::default());
    let layer = layer.expect("a layer");
    let values: Vec<f32> = random("x", 130 * 700).iter().map(|&x| x as f32).collect();
    let x = Var::from_vec(values, (130, 700), &Device::Cpu).expect("x");
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("a pool").install(|| {
            let y = layer.forward(&x).expect("y");
            let loss = y.sqr().and_then(|y| y.sum_all()).expect("a loss");
            let gradients = backward(&loss).expect("gradients");
            let of = |variable: &Var| flat(gradients.get(variable).expect("a gradient"));
            (flat(&y), of(&x), of(layer.weight()))
        })
    };
    let one = with(1);
    assert!(one == with(2) && one == with(3));
}

#[test]
fn batch_norm_has_its_derivatives_and_pytorchs_numbers() {
    let mut parameters = ParameterSet::new(3, DType::F64);
    let config = BatchNormConfig::default();
    let norm = BatchNorm::new(&mut parameters, "norm", 2, config).expect("a layer");
    let data = [[0.5, -1.0], [2.0, 0.25], [-0.75, 3.0]];
    let x = Var::new(&data, &Device::Cpu).expect("x");
    let y = flat(&norm.forward(&x, true).expect("y"));
    let expected = [
        -0.0741246384263623,
        -1.0473829270049744,
        1.2601188532481595,
        -0.29925226485856415,
        -1.185994214821797,
        1.3466351918635384,
    ];
    close(&y, &expected, 1e-12);
    let statistic = |name: &str| flat(&parameters.get(name).expect("a statistic").variable);
    close(
        &statistic("norm.running_mean"),
        &[0.05833333333333334, 0.075],
        1e-12,
    );
    close(
        &statistic("norm.running_variance"),
        &[1.0895833333333333, 1.31875],
        1e-12,
    );
    let later = flat(&norm.forward(&x, false).expect("y"));
    close(
        &later[..2],
        &[0.4231188804360819, -0.9361071907809844],
        1e-12,
    );

    let variables = parameters.trainable();
    let variables: Vec<&Var> = variables.iter().chain([&x]).collect();
    let weights = variable("weights", (3, 2), 0.0, 1.0);
    check_gradients(&variables, || {
        Ok((norm.forward(&x, true)?.powf(3.0)? * weights.as_tensor())?.sum_all()?)
    });
    check_gradients(&variables, || {
        Ok((norm.forward(&x, false)?.powf(3.0)? * weights.as_tensor())?.sum_all()?)
    });
    assert!(
        norm.forward(&x.narrow(0, 0, 1).expect("a row"), true)
            .is_err()
    );
}

#[test]
fn dropout_drops_the_same_and_scales_gradients_alike() {
    let x = variable("x", (300, 200), 1.0, 2.0);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("a pool").install(|| {
            let dropout = Dropout::new(0.4, 7, "dropout").expect("a layer");
            let first = dropout.forward(&x, true).expect("y");
            let gradients = backward(&first.sum_all().expect("a sum")).expect("gradients");
            let second = dropout.forward(&x, true).expect("y");
            let gradient = gradients.get(&x).expect("a gradient");
            (flat(&first), flat(&second), flat(gradient))
        })
    };
    let (first, second, gradient) = with(1);
    assert!(with(2) == (first.clone(), second.clone(), gradient.clone()));
    assert_ne!(first, second);
    let kept = first.iter().filter(|y| **y != 0.0).count() as f64 / first.len() as f64;
    assert!((kept - 0.6).abs() < 0.01);
    let ratios = first.iter().zip(flat(&x)).map(|(y, x)| y / x);
    close(&gradient, &ratios.collect::<Vec<_>>(), 1e-12);
    let dropout = Dropout::new(0.4, 7, "dropout").expect("a layer");
    dropout.set_calls(1);
    assert_eq!(flat(&dropout.forward(&x, true).expect("y")), second);
    assert!(Dropout::new(1.0, 7, "dropout").is_err());
}

/// Four steps on `(t |w|^2 / 2 + w0 w1 w2)` in step t from a fixed start, as PyTorch made them.
fn four_steps(make: impl FnOnce(Vec<Var>) -> Box<dyn Optimizer>) -> Vec<f64> {
    let w = Var::new(&[0.5, -1.5, 2.0], &Device::Cpu).expect("w");
    let mut optimizer = make(vec![w.clone()]);
    for step in 1..=4 {
        let loss = || -> candle_core::Result<Tensor> {
            let product = (w.get(0)? * w.get(1)?)?.mul(&w.get(2)?)?;
            (w.sqr()?.sum_all()? * (0.5 * f64::from(step)))? + product
        };
        let gradients = backward(&loss().expect("a loss")).expect("gradients");
        optimizer.step(&gradients).expect("a step");
    }
    flat(&w)
}

#[test]
fn optimizers_make_pytorchs_steps() {
    let adam = |config| four_steps(|w| Box::new(Adam::new(w, config).expect("an optimizer")));
    let sgd = |config| four_steps(|w| Box::new(Sgd::new(w, config).expect("an optimizer")));
    let config = AdamConfig {
        learning_rate: 0.1,
        ..AdamConfig::default()
    };
    let expected = [0.8171907173666992, -1.1243230952122687, 1.615598793372694];
    close(&adam(config), &expected, 1e-12);
    let decayed = AdamConfig {
        weight_decay: 0.1,
        ..config
    };
    let expected = [0.7868967151835975, -1.0705195624606176, 1.542117815933155];
    close(&adam(decayed), &expected, 1e-12);
    let penalised = AdamConfig {
        beta1: 0.8,
        beta2: 0.95,
        epsilon: 1e-6,
        decoupled: false,
        ..decayed
    };
    let expected = [0.7961738494180252, -1.1116857895215968, 1.606370530287267];
    close(&adam(penalised), &expected, 1e-12);
    let config = SgdConfig {
        learning_rate: 0.05,
        ..SgdConfig::default()
    };
    let expected = [0.6766340700868042, -1.0512035311683101, 1.3012414142926265];
    close(&sgd(config), &expected, 1e-12);
    let momentum = SgdConfig {
        momentum: 0.9,
        ..config
    };
    let expected = [1.018344920915785, -0.7637114152598511, 0.7836942158647928];
    close(&sgd(momentum), &expected, 1e-12);
    let nesterov = SgdConfig {
        nesterov: true,
        ..momentum
    };
    let expected = [0.8277732331173441, -0.548881941171682, 0.4899789221323409];
    close(&sgd(nesterov), &expected, 1e-12);
}

#[test]
fn sgd_decays_its_rate_by_update() {
    let x = Var::new(&[0f64], &Device::Cpu).expect("x");
    let config = SgdConfig {
        learning_rate: 0.6,
        decay: 0.5,
        ..SgdConfig::default()
    };
    let mut sgd = Sgd::new(vec![x.clone()], config).expect("an optimizer");
    for _ in 0..3 {
        let gradients = backward(&x.sum_all().expect("x")).expect("gradients");
        sgd.step(&gradients).expect("a step");
    }
    // The rates are 0.6 / 1, 0.6 / 1.5 and 0.6 / 2.
    close(&flat(&x), &[-(0.6 + 0.4 + 0.3)], 1e-12);
}

#[test]
fn non_negative_layers_start_and_stay_at_or_above_zero() {
    let mut parameters = ParameterSet::new(3, DType::F32);
    let config = LinearConfig {
        init: Init::Normal(1.0),
        non_negative: true,
        ..LinearConfig::default()
    };
    let mask = Mask::from_rows(3, vec![vec![0, 1], vec![1, 2]]).expect("a mask");
    let sparse = MaskedLinear::new(&mut parameters, "sparse", mask, config).expect("a layer");
    let dense = Linear::new(&mut parameters, "dense", 3, 2, config).expect("a layer");
    for weights in [sparse.values(), dense.weight()] {
        assert!(flat(weights).iter().all(|w| *w > 0.0));
        let lowered = (weights.as_tensor() - 1.0).expect("weights");
        weights.set(&lowered).expect("set");
    }
    sparse
        .project()
        .and_then(|()| dense.project())
        .expect("projected");
    for weights in [sparse.values(), dense.weight()] {
        let weights = flat(weights);
        assert!(weights.iter().all(|w| *w >= 0.0) && weights.contains(&0.0));
    }
}

#[test]
fn a_layer_more_changes_no_other_layer() {
    let start = |names: &[&str]| {
        let mut parameters = ParameterSet::new(3, DType::F32);
        let layers = names.iter().map(|name| {
            Linear::new(&mut parameters, name, 4, 4, LinearConfig::default()).expect("a layer")
        });
        flat(layers.last().expect("a layer").weight())
    };
    assert_eq!(start(&["last"]), start(&["first", "last"]));
    assert_ne!(start(&["last"]), start(&["first"]));
}

#[test]
fn parameters_come_back_as_they_were_or_not_at_all() {
    let mut parameters = ParameterSet::new(3, DType::F32);
    let config = LinearConfig::default();
    let layer = Linear::new(&mut parameters, "layer", 4, 2, config).expect("a layer");
    assert!(Linear::new(&mut parameters, "layer", 4, 2, config).is_err());
    let saved = parameters.snapshot().expect("a copy");
    let names: Vec<&str> = saved.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["layer.weight", "layer.bias"]);
    let before = flat(layer.weight());
    let zeros = layer.weight().zeros_like().expect("zeros");
    layer.weight().set(&zeros).expect("set");
    let find = |name: &str| {
        saved
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, t)| t.clone())
    };
    let missing = parameters.load(|name| find(name).filter(|_| name != "layer.bias"));
    assert!(missing.is_err_and(|error| error.to_string().contains("layer.bias")));
    assert_eq!(flat(layer.weight()), [0.0; 8]);
    parameters.load(find).expect("loaded");
    assert_eq!(flat(layer.weight()), before);
}

#[test]
fn batches_are_gathered_feature_major() {
    let (samples, features) = (50, 77);
    let matrix: Vec<f32> = (0..samples * features).map(|x| x as f32).collect();
    let rows: Vec<usize> = (0..37).map(|k| (k * 13) % samples).collect();
    let batch = gather_rows(&matrix, features, &rows).expect("a batch");
    assert!(batch.t().expect("a view").is_contiguous());
    for (found, &row) in batch.to_vec2::<f32>().expect("rows").iter().zip(&rows) {
        assert_eq!(found, &matrix[row * features..][..features]);
    }
    assert!(gather_rows(&matrix, features, &[samples]).is_err());
    assert!(gather_rows(&matrix, 3, &[0]).is_err());
}
