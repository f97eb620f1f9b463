//! Numbered streams of random numbers, so that work can be shared out over threads and still
//! give the same bits.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// A family of independent streams: one a task, whichever thread runs it.
#[derive(Debug, Clone)]
pub(super) struct Streams(ChaCha8Rng);

impl Streams {
    /// The streams of a seed for one purpose.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        hash.update(purpose.as_bytes());
        Self(ChaCha8Rng::from_seed(hash.finalize().into()))
    }

    /// The stream of one task.
    pub fn stream(&self, task: u64) -> ChaCha8Rng {
        let mut random = self.0.clone();
        random.set_stream(task);
        random
    }
}

/// `count` different numbers below `below`, in random order (the first steps of Fisher and
/// Yates' shuffle). `pool` holds `0..below` in any order and keeps doing so.
pub(super) fn draw<'a>(pool: &'a mut [u32], count: usize, random: &mut ChaCha8Rng) -> &'a [u32] {
    for at in 0..count {
        let other = random.random_range(at..pool.len());
        pool.swap(at, other);
    }
    &pool[..count]
}
