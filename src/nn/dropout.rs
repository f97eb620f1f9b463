//! Dropout.

use std::sync::atomic::{AtomicU64, Ordering};

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp1, Layout, Shape, Tensor};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::activation::in_memory_order;
use super::bridge::{contiguous, output, slice, tensor, with_element, with_slices};
#[cfg(feature = "cuda-linked")]
use super::cuda;
use super::kernels::{CHUNK, map2_chunks};
use super::random_stream;
use crate::{Error, Result};

/// In training, sets each number to 0 with a probability and divides the others
/// by the probability to stay; otherwise changes nothing.
///
/// The choices depend on the seed, the layer's name and the number of calls so
/// far only, not on threads.
///
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use gsae::nn::Dropout;
///
/// let dropout = Dropout::new(0.25, 7, "encoder.dropout")?;
/// let x = Tensor::ones((100, 100), DType::F32, &Device::Cpu)?;
/// let kept = dropout.forward(&x, true)?.sum_all()?.to_scalar::<f32>()? * 0.75;
/// assert!((kept - 7_500.0).abs() < 200.0);
/// assert_eq!(dropout.forward(&x, false)?.sum_all()?.to_scalar::<f32>()?, 10_000.0);
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug)]
pub struct Dropout {
    rate: f64,
    random: ChaCha8Rng,
    calls: AtomicU64,
}

impl Dropout {
    /// Drops with probability `rate`.
    ///
    /// # Errors
    /// If the rate is not in 0..1 (1 excluded).
    pub fn new(rate: f64, seed: u64, name: &str) -> Result<Self> {
        if !(0.0..1.0).contains(&rate) {
            return Err(Error::config(
                "dropout",
                format!("is {rate}. Choose a rate of at least 0 and below 1."),
            ));
        }
        Ok(Self {
            rate,
            random: random_stream(seed, name),
            calls: AtomicU64::new(0),
        })
    }

    /// `x` with some elements dropped, in its layout.
    ///
    /// # Errors
    /// If `x` is neither f32 nor f64; on a GPU, if it is not f32.
    pub fn forward(&self, x: &Tensor, training: bool) -> Result<Tensor> {
        if !training || self.rate == 0.0 {
            return Ok(x.clone());
        }
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let scale = 1.0 / (1.0 - self.rate);
        #[cfg(feature = "cuda-linked")]
        if x.device().is_cuda() {
            let op = Drawn {
                words: cuda::Words::new(&self.random, call),
                least: self.least(),
                scale: scale as f32,
            };
            return in_memory_order(x, |x| Ok(x.apply_op1(op)?));
        }
        let kept = self.kept(call, x.elem_count());
        in_memory_order(x, |x| {
            let factors = with_element!(x.dtype(), "dropout", T => {
                let (scale, zero) = (scale as T, 0.0);
                let factors = kept.iter().map(|&kept| if kept { scale } else { zero });
                tensor(factors.collect::<Vec<T>>(), x.shape())
            })?;
            Ok(x.apply_op1(Factors(factors))?)
        })
    }

    /// How many times elements were dropped.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Goes on as if elements had been dropped that many times, to continue a training.
    pub fn set_calls(&self, calls: u64) {
        self.calls.store(calls, Ordering::Relaxed);
    }

    /// The least random word of an element that stays.
    fn least(&self) -> u32 {
        (self.rate * (u64::from(u32::MAX) + 1) as f64) as u32
    }

    /// Which elements stay.
    fn kept(&self, call: u64, count: usize) -> Vec<bool> {
        let least = self.least();
        let mut kept = vec![false; count];
        kept.par_chunks_mut(CHUNK)
            .enumerate()
            .for_each(|(chunk, kept)| {
                let mut random = self.random.clone();
                random.set_stream(call);
                random.set_word_pos((chunk * CHUNK) as u128);
                for kept in kept {
                    *kept = random.next_u32() >= least;
                }
            });
        kept
    }
}

/// Multiplies by constants.
struct Factors(Tensor);

impl CustomOp1 for Factors {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn cpu_fwd(
        &self,
        storage: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        with_element!(storage.dtype(), "dropout", T => {
            let x = slice::<T>(storage, layout)?;
            with_slices::<T, _, 1>([&self.0], |[factors]| {
                output(map2_chunks(x, factors, |x, factor| x * factor), layout.shape())
            })
        })
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, g: &Tensor) -> candle_core::Result<Option<Tensor>> {
        Ok(Some(contiguous(g)?.apply_op1_no_bwd(self)?))
    }
}

/// Drops on a GPU, by the words that the CPU would draw.
#[cfg(feature = "cuda-linked")]
struct Drawn {
    words: cuda::Words,
    least: u32,
    scale: f32,
}

#[cfg(feature = "cuda-linked")]
impl CustomOp1 for Drawn {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        candle_core::bail!("dropout for a GPU got a tensor in main memory")
    }

    fn cuda_fwd(
        &self,
        storage: &candle_core::CudaStorage,
        layout: &Layout,
    ) -> candle_core::Result<(candle_core::CudaStorage, Shape)> {
        let gpu = &storage.device;
        let x = cuda::slice(storage, layout)?;
        let y = cuda::dropout(gpu, x, self.words, self.least, self.scale)?;
        Ok(cuda::output(gpu, y, layout.shape()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, g: &Tensor) -> candle_core::Result<Option<Tensor>> {
        Ok(Some(contiguous(g)?.apply_op1_no_bwd(self)?))
    }
}
