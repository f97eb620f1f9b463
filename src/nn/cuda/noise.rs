//! Dropout and corruption, by the random numbers that the CPU draws.

use super::{Arg, Gpu, Grid, Slice, count, size};
use crate::nn::kernels::CHUNK;
use candle_core::Result;
use rand_chacha::ChaCha8Rng;

/// Elements that a thread draws for: the words of one block of the generator.
const WORDS: usize = 16;

/// A stream of random words: a generator's key, and which of its streams.
#[derive(Clone, Copy)]
pub(crate) struct Words {
    key: [u32; 8],
    stream: u64,
}

impl Words {
    /// The words of a generator's stream, from its first.
    pub(crate) fn new(random: &ChaCha8Rng, stream: u64) -> Self {
        let seed = random.get_seed();
        let word = |at: usize| [0, 1, 2, 3].map(|byte| seed[4 * at + byte]);
        Self {
            key: std::array::from_fn(|at| u32::from_le_bytes(word(at))),
            stream,
        }
    }
}

/// Keeps an element, times `factor`, if its word is at least `least`; others become 0.
pub(crate) fn dropout<G: Gpu>(
    gpu: &G,
    x: Slice<f32>,
    words: Words,
    least: u32,
    factor: f32,
) -> Result<G::Memory<f32>> {
    let out = gpu.empty(x.len())?;
    gpu.launch(
        "gsae_dropout",
        Grid::elements(x.len().div_ceil(WORDS)),
        &[
            x.into(),
            gpu.slice(&out).into(),
            Arg::Key(words.key),
            Arg::U64(words.stream),
            least.into(),
            factor.into(),
            count(x.len()),
        ],
    )?;
    Ok(out)
}

/// What becomes of elements whose word is small.
#[derive(Clone, Copy)]
pub(crate) enum Corruptor {
    /// 0 below this.
    Masking(u32),
    /// The row's least value below the first, its greatest below the second.
    SaltAndPepper(u32, u32),
}

/// Corrupts `x`, `[rows, batch]`; a chunk of elements starts `words_apart` words an element later.
pub(crate) fn corrupt<G: Gpu>(
    gpu: &G,
    x: Slice<f32>,
    batch: usize,
    words: Words,
    corruptor: Corruptor,
    words_apart: u32,
) -> Result<G::Memory<f32>> {
    let out = gpu.empty(x.len())?;
    let (low, high, range) = match corruptor {
        Corruptor::Masking(below) => (below, below, None),
        Corruptor::SaltAndPepper(pepper, salt) => {
            let rows = x.len() / batch.max(1);
            let range = [gpu.empty::<f32>(rows)?, gpu.empty::<f32>(rows)?];
            gpu.launch(
                "gsae_row_range",
                Grid::rows(rows)?,
                &[
                    x.into(),
                    gpu.slice(&range[0]).into(),
                    gpu.slice(&range[1]).into(),
                    size(rows)?.into(),
                    size(batch)?.into(),
                ],
            )?;
            (pepper, salt, Some(range))
        }
    };
    let of = |at: usize| range.as_ref().map(|range| gpu.slice(&range[at]));
    gpu.launch(
        "gsae_corrupt",
        Grid::elements(x.len().div_ceil(WORDS)),
        &[
            x.into(),
            gpu.slice(&out).into(),
            Arg::Key(words.key),
            Arg::U64(words.stream),
            low.into(),
            high.into(),
            of(0).into(),
            of(1).into(),
            size(batch)?.into(),
            size(CHUNK)?.into(),
            words_apart.into(),
            count(x.len()),
        ],
    )?;
    Ok(out)
}
