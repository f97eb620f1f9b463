//! Every kernel against the CPU's own, through the code that launches it on a GPU.

use super::host::{Host, Memory};
use super::sparse::{Factors, ValueOrder};
use super::*;
use crate::mask::Mask;
use crate::nn::kernels::{self, Matrix};
use crate::nn::optimizer::SgdStep;
use crate::nn::{
    Activation, BatchNorm, BatchNormConfig, Dropout, Noise, ParameterSet, bce_loss,
    bce_with_logits_loss, mse_loss, negative_binomial_loss, random_stream,
};
use candle_core::{DType, Tensor, Var};
use rand::RngExt;
use rand::seq::index;

/// A device whose numbers can be looked at.
trait Device: Gpu {
    fn download<T: Number>(&self, memory: &Self::Memory<T>) -> Vec<T>;
}

impl Device for Host {
    fn download<T: Number>(&self, memory: &Memory<T>) -> Vec<T> {
        Host::download(self, memory)
    }
}

#[cfg(feature = "cuda-linked")]
impl Device for candle_core::CudaDevice {
    fn download<T: Number>(&self, memory: &Self::Memory<T>) -> Vec<T> {
        self.cuda_stream().clone_dtoh(memory).expect("numbers")
    }
}

/// Makes tests of functions: with the kernels on the host, and on a GPU where one is.
macro_rules! on_devices {
    ($($name:ident)*) => {
        mod on_host {
            $(#[test]
            fn $name() {
                if let Some(host) = super::Host::new() {
                    super::$name(&host);
                }
            })*
        }

        #[cfg(feature = "cuda-linked")]
        mod on_gpu {
            $(#[test]
            fn $name() {
                match crate::DeviceChoice::Cuda(0).open() {
                    Ok(candle_core::Device::Cuda(gpu)) => super::$name(&gpu),
                    other => eprintln!("skipped: {other:?}"),
                }
            })*
        }
    };
}

on_devices! {
    products_agree
    gradients_of_the_masked_layer_agree
    values_change_their_order
    activations_agree
    losses_agree
    the_squared_error_leaves_its_gradient
    batch_normalisation_agrees
    negative_binomials_agree
    dropout_and_corruption_choose_the_same_elements
    batches_are_gathered_and_matrices_transposed
    row_sums_agree
    optimizers_agree
    proximal_steps_agree
    gradients_are_clipped
}

/// Batches: of one tile and of several, a multiple of 4 and not, and of several groups.
const BATCHES: [usize; 5] = [1, 43, 128, 200, 2052];

fn numbers(n: usize, name: &str) -> Vec<f32> {
    let mut random = random_stream(7, name);
    (0..n).map(|_| random.random_range(-1.0..1.0f32)).collect()
}

/// 40 outputs over 150 inputs, of 0 to 100 inputs each.
fn mask() -> Mask {
    let mut random = random_stream(7, "a mask");
    let rows = (0..40).map(|row| {
        let size = if row == 5 {
            0
        } else {
            random.random_range(1..100)
        };
        let mut row: Vec<u32> = index::sample(&mut random, 150, size)
            .into_iter()
            .map(|input| input as u32)
            .collect();
        row.sort_unstable();
        row
    });
    Mask::from_rows(150, rows.collect()).expect("a valid mask")
}

fn close(ours: &[f32], theirs: &[f32], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let size = theirs
        .iter()
        .fold(0f32, |most, value| most.max(value.abs()));
    for (at, (a, b)) in ours.iter().zip(theirs).enumerate() {
        let allowed = 1e-5 * (b.abs() + 0.1 * size) + 1e-30;
        assert!(
            (a - b).abs() <= allowed,
            "{what}, element {at}: {a} and {b}"
        );
    }
}

fn flat(tensor: &Tensor) -> Vec<f32> {
    let tensor = tensor.to_dtype(DType::F32).expect("a cast");
    tensor
        .flatten_all()
        .and_then(|t| t.to_vec1())
        .expect("numbers")
}

fn tensor(values: &[f32], shape: impl Into<candle_core::Shape>) -> Tensor {
    Tensor::from_vec(values.to_vec(), shape, &candle_core::Device::Cpu).expect("a tensor")
}

/// The gradients of a scalar in variables.
fn gradients<const N: usize>(loss: &Tensor, variables: [&Var; N]) -> [Vec<f32>; N] {
    let store = crate::nn::backward(loss).expect("gradients");
    variables.map(|variable| flat(store.get(variable).expect("a gradient")))
}

fn copied<G: Device>(values: &[f32], gpu: &G) -> G::Memory<f32> {
    gpu.upload(values).expect("memory of the device")
}

fn products_agree<G: Device>(gpu: &G) {
    for mask in [mask(), mask().transpose()] {
        let pattern = DeviceMask::new(gpu, &mask).expect("a pattern");
        let values = numbers(mask.entries(), "values");
        let bias = numbers(mask.outputs(), "bias");
        for batch in BATCHES {
            let x = numbers(mask.inputs() * batch, "x");
            let expected = kernels::product(
                mask.by_output(),
                &values,
                Some(&bias),
                Matrix::new(&x, batch),
            );
            let (x, own) = (copied(&x, gpu), copied(&values, gpu));
            let bias = copied(&bias, gpu);
            let factors = Factors {
                values: (gpu.slice(&own), ValueOrder::Own),
                bias: Some(gpu.slice(&bias)),
                scale: None,
                x: gpu.slice(&x),
            };
            let y = product(gpu, &pattern.by_output, factors, batch).expect("a product");
            close(&gpu.download(&y), &expected, &format!("batch {batch}"));
        }
    }
}

fn gradients_of_the_masked_layer_agree<G: Device>(gpu: &G) {
    let factor = copied(&[0.5], gpu);
    for mask in [mask(), mask().transpose()] {
        let pattern = DeviceMask::new(gpu, &mask).expect("a pattern");
        let values = numbers(mask.entries(), "values");
        let own = copied(&values, gpu);
        for batch in BATCHES {
            let x = numbers(mask.inputs() * batch, "x");
            let gy = numbers(mask.outputs() * batch, "gy");
            let (gx, gv) = kernels::input_and_values_gradient(
                &mask,
                &values,
                Matrix::new(&x, batch),
                Matrix::new(&gy, batch),
            );
            let half = |values: Vec<f32>| values.iter().map(|v| 0.5 * v).collect::<Vec<_>>();
            let (x, gy) = (copied(&x, gpu), copied(&gy, gpu));
            let (x, gy) = (gpu.slice(&x), gpu.slice(&gy));
            let scale = Some(gpu.slice(&factor));
            let found = values_gradient(gpu, &pattern, x, gy, scale, batch).expect("a gradient");
            close(
                &gpu.download(&found),
                &half(gv),
                &format!("values, batch {batch}"),
            );
            let factors = Factors {
                values: (gpu.slice(&own), ValueOrder::Other),
                bias: None,
                scale,
                x: gy,
            };
            let found = product(gpu, &pattern.by_input, factors, batch).expect("a gradient");
            close(
                &gpu.download(&found),
                &half(gx),
                &format!("input, batch {batch}"),
            );
        }
    }
}

fn values_change_their_order<G: Device>(gpu: &G) {
    let mask = mask();
    let pattern = DeviceMask::new(gpu, &mask).expect("a pattern");
    let values = numbers(mask.entries(), "values");
    let own = copied(&values, gpu);
    let by_input = reorder(gpu, &pattern.by_input, gpu.slice(&own)).expect("values");
    let expected: Vec<f32> = (0..mask.inputs())
        .flat_map(|input| mask.column_entries(input).to_vec())
        .map(|entry| values[entry as usize])
        .collect();
    assert_eq!(gpu.download(&by_input), expected);
    let back = reorder(gpu, &pattern.by_output, gpu.slice(&by_input)).expect("values");
    assert_eq!(gpu.download(&back), values);
}

fn activations_agree<G: Device>(gpu: &G) {
    let mut x = numbers(5000, "x");
    x.iter_mut().for_each(|x| *x *= 30.0);
    x[0] = 0.0;
    let g = numbers(5000, "g");
    let kinds = [
        Activation::Relu,
        Activation::LeakyRelu,
        Activation::Elu,
        Activation::Tanh,
        Activation::Sigmoid,
        Activation::Softplus,
    ];
    let (own_x, own_g) = (copied(&x, gpu), copied(&g, gpu));
    for kind in kinds {
        let variable = Var::from_tensor(&tensor(&x, 5000)).expect("a variable");
        let y = kind.forward(&variable).expect("an activation");
        let loss = (&y * tensor(&g, 5000))
            .and_then(|y| y.sum_all())
            .expect("a sum");
        let [slopes] = gradients(&loss, [&variable]);
        let found = activation(gpu, kind, gpu.slice(&own_x)).expect("an activation");
        close(&gpu.download(&found), &flat(&y), &format!("{kind:?}"));
        let found = activation_gradient(gpu, kind, gpu.slice(&found), gpu.slice(&own_g));
        let found = gpu.download(&found.expect("a gradient"));
        close(&found, &slopes, &format!("the gradient of {kind:?}"));
    }
}

fn losses_agree<G: Device>(gpu: &G) {
    let n = 70_001;
    let unit = |name: &str| -> Vec<f32> {
        let values = numbers(n, name).into_iter();
        values.map(|v| 0.5 + 0.49 * v).collect()
    };
    let logits: Vec<f32> = numbers(n, "logits").iter().map(|v| 40.0 * v).collect();
    type Cpu = fn(&Tensor, &Tensor) -> crate::Result<Tensor>;
    let cases: [(LossKind, Cpu, Vec<f32>); 3] = [
        (LossKind::Squared, mse_loss, numbers(n, "p")),
        (LossKind::CrossEntropy, bce_loss, unit("p")),
        (LossKind::LogitCrossEntropy, bce_with_logits_loss, logits),
    ];
    for (kind, cpu, p) in cases {
        let t = unit("t");
        let [p_var, t_var] = [&p, &t].map(|v| Var::from_tensor(&tensor(v, n)).expect("a variable"));
        let expected = (cpu(&p_var, &t_var).expect("a loss") * 3.0).expect("a product");
        let slopes = gradients(&expected, [&p_var, &t_var]);
        let (p, t, g) = (copied(&p, gpu), copied(&t, gpu), copied(&[3.0], gpu));
        let (p, t, g) = (gpu.slice(&p), gpu.slice(&t), gpu.slice(&g));
        let found = loss(gpu, kind, p, t).expect("a loss");
        close(&[3.0 * gpu.download(&found)[0]], &flat(&expected), "a loss");
        for (in_target, slopes) in slopes.iter().enumerate() {
            let found = loss_gradient(gpu, (kind, in_target == 1), p, t, g).expect("slopes");
            close(
                &gpu.download(&found),
                slopes,
                &format!("{kind:?}, {in_target}"),
            );
        }
    }
}

fn the_squared_error_leaves_its_gradient<G: Device>(gpu: &G) {
    let (y, t) = (numbers(9999, "y"), numbers(9999, "t"));
    let mut expected = y.clone();
    let mean = kernels::squared_error(&mut expected, &t);
    let (own, t) = (copied(&y, gpu), copied(&t, gpu));
    let found = squared_error(gpu, gpu.slice(&own), gpu.slice(&t)).expect("an error");
    close(&gpu.download(&found), &[mean as f32], "the mean");
    close(&gpu.download(&own), &expected, "the gradient");
    let y = copied(&y, gpu);
    let factor = copied(&[-2.0], gpu);
    let found = scaled(gpu, gpu.slice(&y), gpu.slice(&factor)).expect("a product");
    let doubled: Vec<f32> = gpu.download(&y).iter().map(|y| -2.0 * y).collect();
    assert_eq!(gpu.download(&found), doubled);
}

fn batch_normalisation_agrees<G: Device>(gpu: &G) {
    for (training, batch) in [(true, 43), (true, 130), (false, 64)] {
        let rows = 37;
        let x = numbers(rows * batch, "x");
        let mut parameters = ParameterSet::new(7, DType::F32);
        let config = BatchNormConfig::default();
        let norm = BatchNorm::new(&mut parameters, "norm", rows, config).expect("a layer");
        let starts = ["weight", "bias", "running_mean", "running_variance"].map(|part| {
            let name = format!("norm.{part}");
            let variable = &parameters.get(&name).expect("a parameter").variable;
            let mut start = numbers(rows, part);
            if part.ends_with("variance") {
                start.iter_mut().for_each(|v| *v = 0.5 + v.abs());
            }
            variable.set(&tensor(&start, rows)).expect("a start");
            (variable.clone(), start)
        });
        let variable = Var::from_tensor(&tensor(&x, (rows, batch))).expect("a variable");
        let y = norm.forward_features(&variable, training).expect("a batch");
        let g = numbers(rows * batch, "g");
        let weighted = (&y * tensor(&g, (rows, batch))).and_then(|y| y.sum_all());
        let expected = gradients(
            &weighted.expect("a sum"),
            [&variable, &starts[0].0, &starts[1].0],
        );

        let own = copied(&x, gpu);
        let [weight, bias, mean, variance] = [0, 1, 2, 3].map(|at| copied(&starts[at].1, gpu));
        let moments = if training {
            let moments = row_moments(gpu, gpu.slice(&own), rows).expect("moments");
            let unbiased = batch as f64 / (batch - 1) as f64;
            for (running, newest, factor) in [
                (&mean, &moments.means, 1.0),
                (&variance, &moments.variances, unbiased),
            ] {
                let (running, newest) = (gpu.slice(running), gpu.slice(newest));
                move_towards(gpu, running, newest, 0.9, factor).expect("statistics");
            }
            close(
                &gpu.download(&mean),
                &flat(&starts[2].0),
                "the running mean",
            );
            close(
                &gpu.download(&variance),
                &flat(&starts[3].0),
                "the running variance",
            );
            moments
        } else {
            let wide = |values: &G::Memory<f32>| {
                let values = gpu.download(values).into_iter().map(f64::from);
                gpu.upload(&values.collect::<Vec<_>>()).expect("memory")
            };
            Moments {
                means: wide(&mean),
                variances: wide(&variance),
            }
        };
        let (weight, bias) = (gpu.slice(&weight), gpu.slice(&bias));
        let found = normalise(gpu, gpu.slice(&own), &moments, 1e-5, weight, bias);
        close(&gpu.download(&found.expect("a batch")), &flat(&y), "values");
        let g = copied(&g, gpu);
        let found = normalise_gradient(
            gpu,
            gpu.slice(&own),
            &moments,
            (1e-5, training),
            weight,
            gpu.slice(&g),
        );
        for (found, expected) in found.expect("gradients").iter().zip(&expected) {
            close(&gpu.download(found), expected, "gradients");
        }
    }
}

fn negative_binomials_agree<G: Device>(gpu: &G) {
    for (genes, batch) in [(600, 45), (10, 1), (257, 32)] {
        let n = genes * batch;
        let logits: Vec<f32> = numbers(n, "logits").iter().map(|v| 5.0 * v).collect();
        let log_theta = numbers(genes, "theta");
        let mut random = random_stream(7, "counts");
        let counts: Vec<f32> = (0..n)
            .map(|at| match at % 7 {
                0 => random.random_range(0..2000) as f32,
                _ => random.random_range(0..4) as f32,
            })
            .collect();
        let library: Vec<f64> = (0..batch).map(|at| 500.0 + 7.0 * at as f64).collect();
        let logits_var = Var::from_tensor(&tensor(&logits, (genes, batch))).expect("logits");
        let theta_var = Var::from_tensor(&tensor(&log_theta, genes)).expect("dispersions");
        let loss = negative_binomial_loss(
            &logits_var,
            &theta_var,
            &tensor(&counts, (genes, batch)),
            &Tensor::new(library.as_slice(), &candle_core::Device::Cpu).expect("sizes"),
        )
        .expect("a loss");
        let [in_logits, in_theta] = gradients(&loss, [&logits_var, &theta_var]);
        let [logits, counts, log_theta] = [&logits, &counts, &log_theta].map(|v| copied(v, gpu));
        let library = gpu.upload(&library).expect("memory");
        let found = negative_binomial(
            gpu,
            Counts {
                logits: gpu.slice(&logits),
                counts: gpu.slice(&counts),
                log_theta: gpu.slice(&log_theta),
                library: gpu.slice(&library),
            },
        )
        .expect("a loss");
        close(&gpu.download(&found.mean), &flat(&loss), "the loss");
        close(&gpu.download(&found.in_logits), &in_logits, "logits");
        close(&gpu.download(&found.in_log_theta), &in_theta, "dispersions");
    }
}

fn dropout_and_corruption_choose_the_same_elements<G: Device>(gpu: &G) {
    use crate::nn::Corruption;
    let (rows, batch) = (601, 77);
    let x = numbers(rows * batch, "x");
    let matrix = tensor(&x, (rows, batch));
    let own = copied(&x, gpu);
    let share = |share: f64| (share * (u64::from(u32::MAX) + 1) as f64) as u32;
    let layer = Dropout::new(0.3, 7, "dropout").expect("a layer");
    let stream = random_stream(7, "dropout");
    for call in 0..2 {
        let expected = layer.forward(&matrix, true).expect("a batch");
        let words = Words::new(&stream, call);
        let factor = (1.0f64 / 0.7) as f32;
        let found = dropout(gpu, gpu.slice(&own), words, share(0.3), factor).expect("a batch");
        assert_eq!(gpu.download(&found), flat(&expected));
    }
    let noise = Noise::new(7, "corruption");
    let stream = random_stream(7, "corruption");
    for (call, fraction) in [(0, 0.2), (1, 0.5)] {
        let corruption = Corruption::Masking { fraction };
        let expected = noise.corrupt(&matrix, corruption).expect("a batch");
        let words = Words::new(&stream, 2 * call);
        let corruptor = Corruptor::Masking(share(fraction));
        let found = corrupt(gpu, gpu.slice(&own), batch, words, corruptor, 64);
        assert_eq!(gpu.download(&found.expect("a batch")), flat(&expected));
        let corruption = Corruption::SaltAndPepper { fraction };
        let expected = noise.corrupt(&matrix, corruption).expect("a batch");
        let words = Words::new(&stream, 2 * call + 1);
        let corruptor = Corruptor::SaltAndPepper(share(fraction / 2.0), share(fraction));
        let found = corrupt(gpu, gpu.slice(&own), batch, words, corruptor, 64);
        assert_eq!(gpu.download(&found.expect("a batch")), flat(&expected));
    }
}

fn batches_are_gathered_and_matrices_transposed<G: Device>(gpu: &G) {
    let (samples, features) = (50, 67);
    let matrix = numbers(samples * features, "samples");
    let rows: Vec<u32> = vec![49, 0, 7, 7, 12];
    let chosen: Vec<usize> = rows.iter().map(|&row| row as usize).collect();
    let expected = crate::nn::gather_rows(&matrix, features, &chosen).expect("a batch");
    let (own, rows) = (copied(&matrix, gpu), gpu.upload(&rows).expect("memory"));
    let found = gather(gpu, gpu.slice(&own), features, gpu.slice(&rows)).expect("a batch");
    let expected = expected.t().expect("a view");
    assert_eq!(gpu.download(&found), flat(&expected));
    let found = transpose(gpu, gpu.slice(&own), features).expect("a matrix");
    assert_eq!(
        gpu.download(&found),
        kernels::transpose(&matrix, samples, features)
    );
}

fn row_sums_agree<G: Device>(gpu: &G) {
    for batch in BATCHES {
        let x = numbers(61 * batch, "x");
        let expected: Vec<f32> = kernels::row_sums(&x, 61, batch)
            .iter()
            .map(|sum| 0.25 * sum)
            .collect();
        let (x, scale) = (copied(&x, gpu), copied(&[0.5], gpu));
        let found = row_sums(gpu, gpu.slice(&x), 61, 0.5, Some(gpu.slice(&scale)));
        close(&gpu.download(&found.expect("sums")), &expected, "sums");
    }
    let (y, bias) = (numbers(6 * 5, "y"), numbers(6, "bias"));
    let (own, b) = (copied(&y, gpu), copied(&bias, gpu));
    add_bias(gpu, gpu.slice(&own), gpu.slice(&b), 5).expect("a sum");
    let expected: Vec<f32> = y.iter().enumerate().map(|(i, y)| y + bias[i / 5]).collect();
    assert_eq!(gpu.download(&own), expected);
}

fn optimizers_agree<G: Device>(gpu: &G) {
    use crate::nn::{Adam, AdamConfig, Optimizer, Sgd, SgdConfig};
    let n = 3001;
    let (start, target) = (numbers(n, "start"), numbers(n, "target"));
    let goal = tensor(&target, n);
    for decoupled in [true, false] {
        let config = AdamConfig {
            weight_decay: 0.1,
            decoupled,
            ..AdamConfig::default()
        };
        let variable = Var::from_tensor(&tensor(&start, n)).expect("a variable");
        let mut optimizer = Adam::new(vec![variable.clone()], config).expect("an optimizer");
        let w = copied(&start, gpu);
        let moments = [copied(&vec![0.0; n], gpu), copied(&vec![0.0; n], gpu)];
        for update in 1..=3 {
            let loss = mse_loss(&variable, &goal).expect("a loss");
            let store = crate::nn::backward(&loss).expect("gradients");
            let gradient = copied(&flat(store.get(&variable).expect("a gradient")), gpu);
            optimizer.step(&store).expect("an update");
            let [m, v] = [0, 1].map(|at| gpu.slice(&moments[at]));
            let step = config.step(update);
            let weight = Weight {
                values: gpu.slice(&w),
                history: [m, v],
                gradient: gpu.slice(&gradient),
            };
            // The others are there to be told apart.
            let spare = [0, 1, 2, 3].map(|_| copied(&vec![1.0; 1500], gpu));
            let [values, m, v, gradient] = spare.each_ref().map(|spare| gpu.slice(spare));
            let other = Weight {
                values,
                history: [m, v],
                gradient,
            };
            let mut all = vec![other; 40];
            all[35] = weight;
            adam(gpu, &all, step).expect("an update");
            close(&gpu.download(&w), &flat(&variable), "Adam");
        }
    }
    for nesterov in [false, true] {
        let config = SgdConfig {
            momentum: 0.9,
            nesterov,
            learning_rate: 100.0,
            ..SgdConfig::default()
        };
        let variable = Var::from_tensor(&tensor(&start, n)).expect("a variable");
        let mut optimizer = Sgd::new(vec![variable.clone()], config).expect("an optimizer");
        let (w, last) = (copied(&start, gpu), copied(&vec![0.0; n], gpu));
        for _ in 0..3 {
            let loss = mse_loss(&variable, &goal).expect("a loss");
            let store = crate::nn::backward(&loss).expect("gradients");
            let gradient = copied(&flat(store.get(&variable).expect("a gradient")), gpu);
            optimizer.step(&store).expect("an update");
            let step = SgdStep {
                rate: 100.0,
                momentum: 0.9,
                nesterov,
            };
            let (w, last) = (gpu.slice(&w), gpu.slice(&last));
            let weight = Weight {
                values: w,
                history: [last],
                gradient: gpu.slice(&gradient),
            };
            sgd(gpu, &[weight], step).expect("an update");
        }
        close(&gpu.download(&w), &flat(&variable), "gradient descent");
    }
}

fn proximal_steps_agree<G: Device>(gpu: &G) {
    use crate::nn::{clear as clear_at, shrink_inputs, shrink_outputs};
    let mask = mask();
    let pattern = DeviceMask::new(gpu, &mask).expect("a pattern");
    let n = mask.entries();
    let start = numbers(n, "values");
    let variable = || Var::from_tensor(&tensor(&start, n)).expect("a variable");

    let (w, expected) = (copied(&start, gpu), variable());
    soft_threshold(gpu, gpu.slice(&w), 0.3).expect("a step");
    crate::nn::soft_threshold(&expected, 0.3).expect("a step");
    close(&gpu.download(&w), &flat(&expected), "soft threshold");
    assert!(gpu.download(&w).contains(&0.0));

    let (w, expected) = (copied(&start, gpu), variable());
    shrink_lines(
        gpu,
        &pattern.by_input,
        (gpu.slice(&w), ValueOrder::Other),
        3..140,
        0.5,
    )
    .expect("a step");
    shrink_inputs(&mask, &expected, 3..140, 0.5).expect("a step");
    close(&gpu.download(&w), &flat(&expected), "inputs");
    assert!(gpu.download(&w).contains(&0.0));

    let (w, expected) = (copied(&start, gpu), variable());
    let lines = (gpu.slice(&w), ValueOrder::Own);
    shrink_lines(gpu, &pattern.by_output, lines, 1..39, 0.5).expect("a step");
    shrink_outputs(&mask, &expected, 1..39, 0.5).expect("a step");
    close(&gpu.download(&w), &flat(&expected), "outputs");

    let (w, expected) = (copied(&start, gpu), variable());
    let positions = gpu.upload(&[0u32, 17, 5]).expect("memory");
    clear(gpu, gpu.slice(&w), gpu.slice(&positions)).expect("a step");
    clear_at(&expected, &crate::nn::Positions::new(vec![0, 17, 5])).expect("a step");
    clamp_at_zero(gpu, gpu.slice(&w)).expect("a step");
    let clamped: Vec<f32> = flat(&expected).iter().map(|w| w.max(0.0)).collect();
    assert_eq!(gpu.download(&w), clamped);
}

fn gradients_are_clipped<G: Device>(gpu: &G) {
    for (limit, factor) in [(0.5, None), (1e9, Some(1.0f64))] {
        let parts = [numbers(70_000, "a"), numbers(3, "b"), numbers(600_000, "c")];
        let squares = parts.iter().flatten().map(|g| f64::from(*g).powi(2));
        let own_norm = squares.sum::<f64>().sqrt();
        let factor = factor.unwrap_or(limit / own_norm);
        let own = parts.each_ref().map(|part| copied(part, gpu));
        let slices = own.each_ref().map(|own| gpu.slice(own));
        let norm = clip_gradients(gpu, &slices, limit).expect("gradients");
        assert!((gpu.download(&norm)[0] - own_norm).abs() < 1e-9 * own_norm);
        for (part, own) in parts.iter().zip(&own) {
            let expected: Vec<f32> = part
                .iter()
                .map(|g| (factor * f64::from(*g)) as f32)
                .collect();
            close(&gpu.download(own), &expected, "gradients");
        }
    }
}
