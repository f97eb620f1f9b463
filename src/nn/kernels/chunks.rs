//! Cutting slices for parallel work so that the cut never depends on the threads.

use std::ops::Range;

use pulp::Arch;
use rayon::prelude::*;

use super::{Element, zeros};
use crate::mask::Compressed;

/// The length of the pieces of an elementwise loop or a sum.
pub(crate) const CHUNK: usize = 16 * 1024;

/// Pairs every chunk of lines with its part of `[lines, width]`.
pub(crate) fn split_lines<'a, T>(
    chunks: &[Range<usize>],
    out: &'a mut [T],
    width: usize,
) -> Vec<(Range<usize>, &'a mut [T])> {
    split(chunks.iter().map(|c| (c.clone(), c.len() * width)), out)
}

/// Pairs every chunk of lines with its part of a slice over all entries.
pub(crate) fn split_entries<'a, T>(
    lines: &Compressed,
    out: &'a mut [T],
) -> Vec<(Range<usize>, &'a mut [T])> {
    let sizes = lines.chunks().iter();
    split(sizes.map(|c| (c.clone(), lines.span(c).len())), out)
}

fn split<T>(
    sizes: impl Iterator<Item = (Range<usize>, usize)>,
    mut out: &mut [T],
) -> Vec<(Range<usize>, &mut [T])> {
    sizes
        .map(|(chunk, size)| {
            let (part, rest) = std::mem::take(&mut out).split_at_mut(size);
            out = rest;
            (chunk, part)
        })
        .collect()
}

/// `out[i] = f(x[i])`.
pub(crate) fn map_chunks<T: Element>(x: &[T], f: impl Fn(T) -> T + Sync + Copy) -> Vec<T> {
    let arch = Arch::new();
    let mut out = zeros(x.len());
    out.par_chunks_mut(CHUNK)
        .zip(x.par_chunks(CHUNK))
        .for_each(|(out, x)| {
            arch.dispatch(
                #[inline(always)]
                || {
                    for (out, &x) in out.iter_mut().zip(x) {
                        *out = f(x);
                    }
                },
            )
        });
    out
}

/// `out[i] = f(x[i], y[i])`.
pub(crate) fn map2_chunks<T: Element>(
    x: &[T],
    y: &[T],
    f: impl Fn(T, T) -> T + Sync + Copy,
) -> Vec<T> {
    let arch = Arch::new();
    let mut out = zeros(x.len());
    out.par_chunks_mut(CHUNK)
        .zip(x.par_chunks(CHUNK).zip(y.par_chunks(CHUNK)))
        .for_each(|(out, (x, y))| {
            arch.dispatch(
                #[inline(always)]
                || {
                    for (out, (&x, &y)) in out.iter_mut().zip(x.iter().zip(y)) {
                        *out = f(x, y);
                    }
                },
            )
        });
    out
}

/// Calls `f(w[i], u[i], g[i])` for every i.
pub(crate) fn update1_chunks<T: Element>(
    w: &mut [T],
    u: &mut [T],
    g: &[T],
    f: impl Fn(&mut T, &mut T, T) + Sync + Copy,
) {
    let arch = Arch::new();
    w.par_chunks_mut(CHUNK)
        .zip(u.par_chunks_mut(CHUNK).zip(g.par_chunks(CHUNK)))
        .for_each(|(w, (u, g))| {
            arch.dispatch(
                #[inline(always)]
                || {
                    for (w, (u, &g)) in w.iter_mut().zip(u.iter_mut().zip(g)) {
                        f(w, u, g);
                    }
                },
            )
        });
}

/// Calls `f(w[i], m[i], v[i], g[i])` for every i.
pub(crate) fn update2_chunks<T: Element>(
    w: &mut [T],
    m: &mut [T],
    v: &mut [T],
    g: &[T],
    f: impl Fn(&mut T, &mut T, &mut T, T) + Sync + Copy,
) {
    let arch = Arch::new();
    w.par_chunks_mut(CHUNK)
        .zip(m.par_chunks_mut(CHUNK))
        .zip(v.par_chunks_mut(CHUNK).zip(g.par_chunks(CHUNK)))
        .for_each(|((w, m), (v, g))| {
            arch.dispatch(
                #[inline(always)]
                || {
                    for ((w, m), (v, &g)) in w.iter_mut().zip(m).zip(v.iter_mut().zip(g)) {
                        f(w, m, v, g);
                    }
                },
            )
        });
}

/// The sum of `f(x[i])`, the same to the bit for any number of threads.
pub(crate) fn sum_chunks<T: Element>(x: &[T], f: impl Fn(T) -> T + Sync + Copy) -> f64 {
    sum2_chunks(x, x, move |x, _| f(x))
}

/// The sum of `f(x[i], y[i])`, the same to the bit for any number of threads.
pub(crate) fn sum2_chunks<T: Element>(
    x: &[T],
    y: &[T],
    f: impl Fn(T, T) -> T + Sync + Copy,
) -> f64 {
    let arch = Arch::new();
    let parts: Vec<f64> = x
        .par_chunks(CHUNK)
        .zip(y.par_chunks(CHUNK))
        .map(|(x, y)| sum_in_runs(arch, x, y, f))
        .collect();
    parts.iter().sum()
}

/// The sum of `f(x[i], y[i])` on this thread; runs are short enough for `f32`
/// sums to keep their digits.
fn sum_in_runs<T: Element>(arch: Arch, x: &[T], y: &[T], f: impl Fn(T, T) -> T + Copy) -> f64 {
    const RUN: usize = 1024;
    const LANES: usize = 32;
    arch.dispatch(
        #[inline(always)]
        || {
            let mut total = 0.0;
            for (x, y) in x.chunks(RUN).zip(y.chunks(RUN)) {
                let mut sums = [T::zero(); LANES];
                let (xs, x_rest) = x.as_chunks::<LANES>();
                let (ys, y_rest) = y.as_chunks::<LANES>();
                for (x, y) in xs.iter().zip(ys) {
                    for k in 0..LANES {
                        sums[k] += f(x[k], y[k]);
                    }
                }
                for (k, (&x, &y)) in x_rest.iter().zip(y_rest).enumerate() {
                    sums[k] += f(x, y);
                }
                total += sums.iter().map(|sum| sum.to_f64()).sum::<f64>();
            }
            total
        },
    )
}

/// Replaces `y` by the gradient of the mean squared error of y against `target`,
/// and returns that error, the same to the bit for any number of threads.
pub(crate) fn squared_error<T: Element>(y: &mut [T], target: &[T]) -> f64 {
    let count = y.len() as f64;
    let scale = T::from_f64(2.0 / count);
    let arch = Arch::new();
    let parts: Vec<f64> = y
        .par_chunks_mut(CHUNK)
        .zip(target.par_chunks(CHUNK))
        .map(|(y, target)| {
            let sum = sum_in_runs(arch, y, target, |y, t| (y - t) * (y - t));
            arch.dispatch(
                #[inline(always)]
                || {
                    for (y, &target) in y.iter_mut().zip(target) {
                        *y = scale * (*y - target);
                    }
                },
            );
            sum
        })
        .collect();
    parts.iter().sum::<f64>() / count
}
