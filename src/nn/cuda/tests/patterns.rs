//! Masked layers, sums and copies.

use super::*;

pub(super) fn products_agree<G: Device>(gpu: &G) {
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

pub(super) fn gradients_of_the_masked_layer_agree<G: Device>(gpu: &G) {
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

pub(super) fn values_change_their_order<G: Device>(gpu: &G) {
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

pub(super) fn batches_are_gathered_and_matrices_transposed<G: Device>(gpu: &G) {
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

pub(super) fn row_sums_agree<G: Device>(gpu: &G) {
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
