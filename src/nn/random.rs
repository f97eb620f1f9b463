//! Named streams of random numbers.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// The random numbers of a seed for one purpose.
///
/// Streams of different purposes are independent, so a layer more in a model
/// changes no other layer's numbers. The stream depends on nothing else: it is
/// the same on every machine.
///
/// ```
/// use rand::Rng;
///
/// let first = gsae::nn::random_stream(7, "encoder.values").next_u64();
/// assert_eq!(first, gsae::nn::random_stream(7, "encoder.values").next_u64());
/// assert_ne!(first, gsae::nn::random_stream(8, "encoder.values").next_u64());
/// assert_ne!(first, gsae::nn::random_stream(7, "decoder.values").next_u64());
/// ```
pub fn random_stream(seed: u64, purpose: &str) -> ChaCha8Rng {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    hash.update(purpose.as_bytes());
    ChaCha8Rng::from_seed(hash.finalize().into())
}
