//! Seeded noise: normal numbers, and the corruptions of denoising autoencoders.

use std::sync::atomic::{AtomicU64, Ordering};

use candle_core::{DType, Tensor};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::bridge::{contiguous, tensor, with_element, with_slices};
#[cfg(feature = "cuda-linked")]
use super::cuda;
use super::kernels::{CHUNK, Element};
use super::random_stream;
use crate::{Error, Result};

/// How inputs are corrupted in training; the target stays clean (Vincent et al. 2008, 2010).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Corruption {
    /// Normal noise of this SD is added to every value.
    Gaussian {
        /// The SD, in units of the model's input.
        sd: f64,
    },
    /// Each value becomes 0 with this probability.
    Masking {
        /// The probability, in (0, 1).
        fraction: f64,
    },
    /// Each value becomes, with this probability, its feature's least or greatest value in the
    /// batch, either with the same chance.
    SaltAndPepper {
        /// The probability, in (0, 1).
        fraction: f64,
    },
}

impl Corruption {
    /// Refuses amounts that corrupt nothing or everything.
    ///
    /// # Errors
    /// [`Error::Config`] naming the amount.
    pub fn validate(&self) -> Result<()> {
        let (what, valid, value) = match *self {
            Self::Gaussian { sd } => ("an SD above 0", sd.is_finite() && sd > 0.0, sd),
            Self::Masking { fraction } | Self::SaltAndPepper { fraction } => (
                "a fraction between 0 and 1",
                fraction > 0.0 && fraction < 1.0,
                fraction,
            ),
        };
        if valid {
            Ok(())
        } else {
            Err(Error::config(
                "--noise",
                format!("needs {what}, not {value}"),
            ))
        }
    }
}

/// Random words that lie between the starts of two chunks, for each of their elements. A normal
/// number takes two almost always, so that chunks never meet.
const WORDS: usize = 64;

/// The random word below which an element is changed, for a share of them.
fn limit(share: f64) -> u32 {
    (share * (u64::from(u32::MAX) + 1) as f64) as u32
}

/// A stream of noise: every call draws new numbers, which depend on the seed, the name and the
/// number of calls so far only.
#[derive(Debug)]
pub struct Noise {
    random: ChaCha8Rng,
    calls: AtomicU64,
}

impl Noise {
    /// The noise of a seed for one purpose.
    pub fn new(seed: u64, name: &str) -> Self {
        Self {
            random: random_stream(seed, name),
            calls: AtomicU64::new(0),
        }
    }

    /// Starts from the first call again.
    pub fn restart(&self) {
        self.calls.store(0, Ordering::Relaxed);
    }

    /// Standard normal numbers in the shape and type of `like`, whose memory is in order.
    ///
    /// ```
    /// use candle_core::{DType, Device, Tensor};
    /// use gsae::nn::Noise;
    ///
    /// let like = Tensor::zeros((200, 100), DType::F32, &Device::Cpu)?;
    /// let noise = Noise::new(7, "reparameterisation");
    /// let z = noise.normal(&like)?;
    /// assert!(z.mean_all()?.to_scalar::<f32>()?.abs() < 0.03);
    /// assert!((z.sqr()?.mean_all()?.to_scalar::<f32>()? - 1.0).abs() < 0.03);
    /// # Ok::<(), gsae::Error>(())
    /// ```
    ///
    /// # Errors
    /// If `like` is neither f32 nor f64.
    pub fn normal(&self, like: &Tensor) -> Result<Tensor> {
        let count = like.elem_count();
        // The host draws for a GPU, too: these numbers are not one word each.
        let drawn = match like.dtype() {
            DType::F64 => tensor(
                self.fill(vec![0f64; count], |x, random| {
                    *x = StandardNormal.sample(random);
                }),
                like.shape(),
            ),
            _ => tensor(
                self.fill(vec![0f32; count], |x, random| {
                    *x = StandardNormal.sample(random);
                }),
                like.shape(),
            )?
            .to_dtype(like.dtype()),
        }?;
        Ok(drawn.to_device(like.device())?)
    }

    /// `x`, feature-major `[features, batch]` and without a gradient, corrupted.
    ///
    /// # Errors
    /// If `x` is neither f32 nor f64.
    pub fn corrupt(&self, x: &Tensor, corruption: Corruption) -> Result<Tensor> {
        let x = contiguous(&x.detach())?;
        let (_, batch) = x.dims2()?;
        #[cfg(feature = "cuda-linked")]
        if x.device().is_cuda() {
            return self.corrupt_on_gpu(&x, batch, corruption);
        }
        let corrupted = with_element!(x.dtype(), "corruption", T => {
            with_slices::<T, _, 1>([&x], |[values]| {
                tensor(self.corrupted::<T>(values, batch, corruption), x.shape())
            })
        })?;
        Ok(corrupted)
    }

    #[cfg(feature = "cuda-linked")]
    fn corrupt_on_gpu(&self, x: &Tensor, batch: usize, corruption: Corruption) -> Result<Tensor> {
        let corruptor = match corruption {
            Corruption::Gaussian { sd } => {
                let added = self.fill(vec![0f32; x.elem_count()], move |x, random| {
                    let z: f32 = StandardNormal.sample(random);
                    *x = (sd * f64::from(z)) as f32;
                });
                let added = tensor(added, x.shape())?.to_device(x.device())?;
                return Ok((x + added)?);
            }
            Corruption::Masking { fraction } => cuda::Corruptor::Masking(limit(fraction)),
            Corruption::SaltAndPepper { fraction } => {
                cuda::Corruptor::SaltAndPepper(limit(fraction / 2.0), limit(fraction))
            }
        };
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let words = cuda::Words::new(&self.random, call);
        Ok(cuda::with_slices([x], |gpu, [values]| {
            let own = cuda::corrupt(gpu, values, batch, words, corruptor, WORDS as u32)?;
            Ok(cuda::tensor(gpu, own, x.shape()))
        })?)
    }

    fn corrupted<T: Element>(&self, x: &[T], batch: usize, corruption: Corruption) -> Vec<T> {
        match corruption {
            Corruption::Gaussian { sd } => self.fill(x.to_vec(), move |x, random| {
                let z: f32 = StandardNormal.sample(random);
                *x += T::from_f64(sd * f64::from(z));
            }),
            Corruption::Masking { fraction } => {
                let below = limit(fraction);
                self.fill(x.to_vec(), move |x, random| {
                    if random.next_u32() < below {
                        *x = T::zero();
                    }
                })
            }
            Corruption::SaltAndPepper { fraction } => {
                let (pepper, salt) = (limit(fraction / 2.0), limit(fraction));
                let mut marks = self.fill(vec![T::zero(); x.len()], move |mark, random| {
                    let drawn = random.next_u32();
                    *mark = if drawn < pepper {
                        T::zero() - T::one()
                    } else if drawn < salt {
                        T::one()
                    } else {
                        T::zero()
                    };
                });
                marks
                    .par_chunks_mut(batch.max(1))
                    .zip(x.par_chunks(batch.max(1)))
                    .for_each(|(marks, row)| {
                        let least = row
                            .iter()
                            .copied()
                            .fold(row[0], |a, b| if b < a { b } else { a });
                        let most = row
                            .iter()
                            .copied()
                            .fold(row[0], |a, b| if b > a { b } else { a });
                        for (mark, &value) in marks.iter_mut().zip(row) {
                            *mark = if *mark < T::zero() {
                                least
                            } else if *mark > T::zero() {
                                most
                            } else {
                                value
                            };
                        }
                    });
                marks
            }
        }
    }

    /// Calls `f` on every element with random numbers of the element's own chunk.
    fn fill<T: Send>(
        &self,
        mut values: Vec<T>,
        f: impl Fn(&mut T, &mut ChaCha8Rng) + Sync,
    ) -> Vec<T> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        values
            .par_chunks_mut(CHUNK)
            .enumerate()
            .for_each(|(chunk, values)| {
                let mut random = self.random.clone();
                random.set_stream(call);
                random.set_word_pos((chunk * CHUNK * WORDS) as u128);
                for value in values {
                    f(value, &mut random);
                }
            });
        values
    }
}
