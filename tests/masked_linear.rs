//! The masked layer against a dense layer whose weight is multiplied by a 0/1
//! mask, against finite differences, and against itself on other thread counts.

use candle_core::{DType, Device, Tensor, Var};
use gsae::mask::Mask;
use gsae::nn::{MaskedLinear, backward, random_stream};
use proptest::prelude::*;
use rand::RngExt;

/// A random mask with about `density` of its connections, its first row and
/// first column empty, and its last row full but for that column.
fn random_mask(seed: u64, inputs: usize, outputs: usize, density: f64) -> Mask {
    let mut random = random_stream(seed, "mask");
    let rows = (0..outputs).map(|row| {
        let allowed = (1..inputs as u32).filter(|_| match row {
            0 => false,
            row if row + 1 == outputs => true,
            _ => random.random::<f64>() < density,
        });
        allowed.collect()
    });
    Mask::from_rows(inputs, rows.collect()).expect("a valid mask")
}

fn random_tensor(seed: u64, purpose: &str, shape: &[usize], dtype: DType) -> Tensor {
    let mut random = random_stream(seed, purpose);
    let count = shape.iter().product();
    let values: Vec<f64> = (0..count)
        .map(|_| random.random::<f64>() * 2.0 - 1.0)
        .collect();
    Tensor::from_vec(values, shape, &Device::Cpu)
        .and_then(|tensor| tensor.to_dtype(dtype))
        .expect("a tensor")
}

fn flat(tensor: &Tensor) -> Vec<f64> {
    tensor
        .to_dtype(DType::F64)
        .and_then(|tensor| tensor.flatten_all()?.to_vec1())
        .expect("numbers")
}

/// The largest difference, relative to the largest number of the reference.
fn distance(found: &[f64], reference: &[f64]) -> f64 {
    assert_eq!(found.len(), reference.len());
    let scale = reference.iter().fold(1.0f64, |scale, x| scale.max(x.abs()));
    let differences = found.iter().zip(reference).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, f64::max) / scale
}

/// What one forward and backward pass gives.
struct Pass {
    y: Vec<f64>,
    values: Vec<f64>,
    bias: Option<Vec<f64>>,
    x: Option<Vec<f64>>,
}

struct Case {
    mask: Mask,
    batch: usize,
    dtype: DType,
    transposed: bool,
    tracked: bool,
    features: bool,
    bias: bool,
}

impl Case {
    fn new(mask: Mask, batch: usize) -> Self {
        Self {
            mask,
            batch,
            dtype: DType::F64,
            transposed: false,
            tracked: true,
            features: false,
            bias: true,
        }
    }

    fn x(&self) -> Tensor {
        random_tensor(1, "x", &[self.batch, self.mask.inputs()], self.dtype)
    }

    fn values(&self) -> Tensor {
        random_tensor(1, "values", &[self.mask.entries()], self.dtype)
    }

    fn bias(&self) -> Tensor {
        random_tensor(1, "bias", &[self.mask.outputs()], self.dtype)
    }

    /// The loss `sum of c y^2` for random c, and so a random gradient in y.
    fn loss(&self, y: &Tensor) -> Tensor {
        let c = random_tensor(1, "c", &[self.batch, self.mask.outputs()], self.dtype);
        y.sqr()
            .and_then(|squares| (squares * c)?.sum_all())
            .expect("a loss")
    }

    fn sparse(&self) -> Pass {
        let values = Var::from_tensor(&self.values()).expect("values");
        let bias = self
            .bias
            .then(|| Var::from_tensor(&self.bias()).expect("a bias"));
        let layer =
            MaskedLinear::from_parts(self.mask.clone(), values.clone(), bias.clone(), false)
                .expect("a layer");
        let row_major = self.x();
        let memory = if self.transposed {
            row_major.t().and_then(|x| x.contiguous()).expect("x")
        } else {
            row_major
        };
        let memory = if self.tracked {
            Var::from_tensor(&memory).expect("x").into_inner()
        } else {
            memory
        };
        let x = if self.transposed {
            memory.t().expect("x")
        } else {
            memory.clone()
        };
        let y = if self.features {
            layer
                .forward_features(&x.t().expect("x"))
                .and_then(|y| Ok(y.t()?))
        } else {
            layer.forward(&x)
        }
        .expect("y");
        let gradients = backward(&self.loss(&y)).expect("gradients");
        let of = |variable: &Tensor| flat(gradients.get(variable).expect("a gradient"));
        let gx = self.tracked.then(|| {
            let gx = gradients.get(&memory).expect("a gradient");
            if self.transposed {
                flat(&gx.t().expect("transposed"))
            } else {
                flat(gx)
            }
        });
        Pass {
            y: flat(&y),
            values: of(&values),
            bias: bias.as_ref().map(|bias| of(bias)),
            x: gx,
        }
    }

    fn dense(&self) -> Pass {
        let (inputs, outputs) = (self.mask.inputs(), self.mask.outputs());
        let values = flat(&self.values());
        let mut weight = vec![0.0; outputs * inputs];
        let mut zeros_and_ones = vec![0.0; outputs * inputs];
        let mut cells = Vec::new();
        for row in 0..outputs {
            for (entry, &input) in self.mask.row_entries(row).zip(self.mask.row(row)) {
                let cell = row * inputs + input as usize;
                weight[cell] = values[entry];
                zeros_and_ones[cell] = 1.0;
                cells.push(cell);
            }
        }
        let matrix = |data: Vec<f64>| Tensor::from_vec(data, (outputs, inputs), &Device::Cpu);
        let f64s = |tensor: Tensor| tensor.to_dtype(DType::F64).expect("f64");
        let weight = Var::from_tensor(&matrix(weight).expect("W")).expect("W");
        let mask = matrix(zeros_and_ones).expect("M");
        let x = Var::from_tensor(&f64s(self.x())).expect("x");
        let bias = Var::from_tensor(&f64s(self.bias())).expect("b");
        let y = x
            .matmul(&(weight.as_tensor() * &mask).and_then(|w| w.t()).expect("W"))
            .and_then(|y| {
                if self.bias {
                    y.broadcast_add(&bias)
                } else {
                    Ok(y)
                }
            })
            .expect("y");
        let c = f64s(random_tensor(1, "c", &[self.batch, outputs], self.dtype));
        let loss = (y.sqr().expect("y^2") * c)
            .and_then(|l| l.sum_all())
            .expect("a loss");
        let gradients = loss.backward().expect("gradients");
        let of = |variable: &Tensor| flat(gradients.get(variable).expect("a gradient"));
        let gw = of(&weight);
        Pass {
            y: flat(&y),
            values: cells.into_iter().map(|cell| gw[cell]).collect(),
            bias: self.bias.then(|| of(&bias)),
            x: self.tracked.then(|| of(&x)),
        }
    }

    /// The largest distance between both passes.
    fn distance(&self) -> f64 {
        let (sparse, dense) = (self.sparse(), self.dense());
        let optional = |found: &Option<Vec<f64>>, reference: &Option<Vec<f64>>| {
            assert_eq!(found.is_some(), reference.is_some());
            match (found, reference) {
                (Some(found), Some(reference)) => distance(found, reference),
                _ => 0.0,
            }
        };
        [
            distance(&sparse.y, &dense.y),
            distance(&sparse.values, &dense.values),
            optional(&sparse.bias, &dense.bias),
            optional(&sparse.x, &dense.x),
        ]
        .into_iter()
        .fold(0.0, f64::max)
    }
}

#[test]
fn equals_the_dense_masked_layer() {
    let mut largest = [0.0f64; 2];
    for batch in [1, 7, 128, 300] {
        for (inputs, outputs) in [(61, 23), (23, 61)] {
            let mask = random_mask(3, inputs, outputs, 0.2);
            for dtype in [DType::F64, DType::F32] {
                for options in 0..16 {
                    let case = Case {
                        dtype,
                        transposed: options & 1 > 0,
                        tracked: options & 2 > 0,
                        features: options & 4 > 0,
                        bias: options & 8 > 0,
                        ..Case::new(mask.clone(), batch)
                    };
                    let distance = case.distance();
                    let (place, limit) = match dtype {
                        DType::F64 => (0, 1e-10),
                        _ => (1, 1e-4),
                    };
                    largest[place] = largest[place].max(distance);
                    assert!(
                        distance < limit,
                        "{dtype:?} batch {batch} {inputs}x{outputs} options {options}: {distance}"
                    );
                }
            }
        }
    }
    println!(
        "largest distance to the dense layer: f64 {:e}, f32 {:e}",
        largest[0], largest[1]
    );
}

#[test]
fn equals_finite_differences() {
    let case = Case::new(random_mask(5, 9, 6, 0.4), 3);
    let pass = case.sparse();
    let loss = |x: &[f64], values: &[f64], bias: &[f64]| {
        let vector = |data: &[f64]| Var::from_slice(data, data.len(), &Device::Cpu).expect("a Var");
        let layer =
            MaskedLinear::from_parts(case.mask.clone(), vector(values), Some(vector(bias)), false)
                .expect("a layer");
        let x = Tensor::from_slice(x, (3, 9), &Device::Cpu).expect("x");
        let y = layer.forward(&x).expect("y");
        case.loss(&y).to_scalar::<f64>().expect("a number")
    };
    let inputs = [flat(&case.x()), flat(&case.values()), flat(&case.bias())];
    let gradients = [
        pass.x.expect("a gradient"),
        pass.values,
        pass.bias.expect("a gradient"),
    ];
    for (which, gradient) in gradients.iter().enumerate() {
        for at in 0..gradient.len() {
            let h = 1e-5;
            let moved = |by: f64| {
                let mut inputs = inputs.clone();
                inputs[which][at] += by;
                loss(&inputs[0], &inputs[1], &inputs[2])
            };
            let difference = (moved(h) - moved(-h)) / (2.0 * h);
            assert!(
                (difference - gradient[at]).abs() < 1e-7,
                "input {which}, element {at}"
            );
        }
    }
}

#[test]
fn thread_counts_change_no_bit() {
    let pool = |threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a pool")
    };
    for (inputs, outputs) in [(700, 90), (90, 700)] {
        for tracked in [true, false] {
            let case = Case {
                dtype: DType::F32,
                tracked,
                ..Case::new(random_mask(7, inputs, outputs, 0.1), 45)
            };
            let one = pool(1).install(|| case.sparse());
            for threads in [2, 5] {
                let many = pool(threads).install(|| case.sparse());
                assert_eq!(one.y, many.y);
                assert_eq!(one.values, many.values);
                assert_eq!(one.bias, many.bias);
                assert_eq!(one.x, many.x);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_shape_equals_the_dense_masked_layer(
        seed in 0u64..1000,
        inputs in 1usize..40,
        outputs in 1usize..40,
        batch in 1usize..40,
        density in 0.0f64..1.0,
        transposed: bool,
        tracked: bool,
    ) {
        let case = Case {
            transposed,
            tracked,
            ..Case::new(random_mask(seed, inputs, outputs, density), batch)
        };
        prop_assert!(case.distance() < 1e-10);
    }
}
