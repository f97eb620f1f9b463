//! What this machine can do, and what this process uses of it.

use std::hint::black_box;
use std::time::Instant;

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// The peak resident memory in KiB, 0 where the system does not tell.
pub fn peak_kib() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// Forgets earlier peaks, where the system lets us.
pub fn reset_peak() {
    // Without it the first peak counts, which is lower bound enough.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Measured limits.
pub struct Limits {
    /// Bytes a second read from main memory, all threads together.
    pub memory: f64,
    /// Bytes a second read from a working set of the size of a batch of genes
    /// that all threads share.
    pub batch: f64,
    /// Bytes a second read from a working set of the size of a batch of sets
    /// that all threads share.
    pub sets: f64,
    /// f32 operations a second, all threads together, a multiply-add counting two.
    pub operations: f64,
}

impl Limits {
    pub fn measure(batch_bytes: usize, sets_bytes: usize) -> Self {
        Self {
            memory: bandwidth(256 << 20, 3),
            batch: bandwidth(batch_bytes, 200),
            sets: bandwidth(sets_bytes, 1000),
            operations: operations(),
        }
    }
}

/// Bytes a second when every thread reads the same working set again and again.
fn bandwidth(bytes: usize, passes: usize) -> f64 {
    let data = vec![1f32; bytes / 4];
    let best = (0..5).map(|_| {
        let start = Instant::now();
        rayon::broadcast(|_| {
            for _ in 0..passes {
                black_box(Arch::new().dispatch(Read(black_box(&data))));
            }
        });
        start.elapsed().as_secs_f64()
    });
    let seconds = best.fold(f64::INFINITY, f64::min);
    (bytes * passes * rayon::current_num_threads()) as f64 / seconds
}

struct Read<'a>(&'a [f32]);

impl WithSimd for Read<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        let (vectors, _) = S::as_simd_f32s(self.0);
        let (runs, _) = vectors.as_chunks::<8>();
        let mut sums = [simd.splat_f32s(0.0); 8];
        for run in runs {
            for k in 0..8 {
                sums[k] = simd.add_f32s(sums[k], run[k]);
            }
        }
        sums.into_iter().map(|sum| simd.reduce_sum_f32s(sum)).sum()
    }
}

fn operations() -> f64 {
    const RUNS: usize = 20_000_000;
    let best = (0..3).map(|_| {
        let start = Instant::now();
        let lanes: usize = (0..rayon::current_num_threads())
            .into_par_iter()
            .with_max_len(1)
            .map(|_| black_box(Arch::new().dispatch(MultiplyAdd(RUNS))))
            .sum();
        (2 * ACCUMULATORS * RUNS * lanes) as f64 / start.elapsed().as_secs_f64()
    });
    best.fold(0.0, f64::max)
}

const ACCUMULATORS: usize = 12;

struct MultiplyAdd(usize);

impl WithSimd for MultiplyAdd {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let factor = simd.splat_f32s(black_box(0.5));
        let mut sums = [simd.splat_f32s(black_box(1.0)); ACCUMULATORS];
        for _ in 0..self.0 {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, factor, factor);
            }
        }
        black_box(sums);
        S::F32_LANES
    }
}
