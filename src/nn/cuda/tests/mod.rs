//! Every kernel against the CPU's own, through the code that launches it on a GPU.

mod layers;
mod patterns;
mod updates;

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
    ($($file:ident::$name:ident)*) => {
        mod on_host {
            $(#[test]
            fn $name() {
                if let Some(host) = super::Host::new() {
                    super::$file::$name(&host);
                }
            })*
        }

        #[cfg(feature = "cuda-linked")]
        mod on_gpu {
            $(#[test]
            fn $name() {
                match crate::DeviceChoice::Cuda(0).open() {
                    Ok(candle_core::Device::Cuda(gpu)) => super::$file::$name(&gpu),
                    other => eprintln!("skipped: {other:?}"),
                }
            })*
        }
    };
}

on_devices! {
    patterns::products_agree
    patterns::gradients_of_the_masked_layer_agree
    patterns::values_change_their_order
    layers::activations_agree
    layers::losses_agree
    layers::the_squared_error_leaves_its_gradient
    layers::batch_normalisation_agrees
    layers::negative_binomials_agree
    layers::dropout_and_corruption_choose_the_same_elements
    patterns::batches_are_gathered_and_matrices_transposed
    patterns::row_sums_agree
    updates::optimizers_agree
    updates::proximal_steps_agree
    updates::gradients_are_clipped
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
