//! What training does to weights.

use super::*;

pub(super) fn optimizers_agree<G: Device>(gpu: &G) {
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

pub(super) fn proximal_steps_agree<G: Device>(gpu: &G) {
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

pub(super) fn gradients_are_clipped<G: Device>(gpu: &G) {
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
