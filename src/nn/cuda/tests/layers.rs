//! Activations, losses, norms, likelihoods and noise.

use super::*;

pub(super) fn activations_agree<G: Device>(gpu: &G) {
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

pub(super) fn losses_agree<G: Device>(gpu: &G) {
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

pub(super) fn the_squared_error_leaves_its_gradient<G: Device>(gpu: &G) {
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

pub(super) fn batch_normalisation_agrees<G: Device>(gpu: &G) {
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

pub(super) fn negative_binomials_agree<G: Device>(gpu: &G) {
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

pub(super) fn dropout_and_corruption_choose_the_same_elements<G: Device>(gpu: &G) {
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
