//! Sparse times dense: `y[s, :] = b[s] + sum over g of v[s, g] x[g, :]`.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::chunks::split_lines;
use super::tiles::{TileWork, load, tiles};
use super::{Element, Matrix, zeros};
use crate::mask::Compressed;

/// The product of a pattern's values with `x`: `[outputs, batch]`.
///
/// `rows`: the pattern by output; `values`: one an entry of `rows`;
/// `bias`: one an output; `x`: `[inputs, batch]`.
pub(crate) fn product<T: Element>(
    rows: &Compressed,
    values: &[T],
    bias: Option<&[T]>,
    x: Matrix<T>,
) -> Vec<T> {
    let batch = x.columns();
    let mut out = zeros(rows.lines() * batch);
    if batch == 0 {
        return out;
    }
    let arch = Arch::new();
    split_lines(rows.chunks(), &mut out, batch)
        .into_par_iter()
        .for_each(|(lines, out)| {
            arch.dispatch(Product {
                rows,
                values,
                bias,
                x: x.data(),
                batch,
                lines,
                out,
            })
        });
    out
}

/// The rows of one chunk.
struct Product<'a, T> {
    rows: &'a Compressed,
    values: &'a [T],
    bias: Option<&'a [T]>,
    x: &'a [T],
    batch: usize,
    lines: Range<usize>,
    out: &'a mut [T],
}

impl<T: Element> WithSimd for Product<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for (line, out) in self.lines.zip(self.out.chunks_exact_mut(self.batch)) {
            let entries = self.rows.range(line);
            let mut row = Row {
                across: &self.rows.across()[entries.clone()],
                values: &self.values[entries],
                bias: self.bias.map_or(T::zero(), |bias| bias[line]),
                x: self.x,
                batch: self.batch,
                out,
            };
            tiles(simd, self.batch, 8, &mut row);
        }
    }
}

/// One output.
struct Row<'a, T> {
    across: &'a [u32],
    values: &'a [T],
    bias: T,
    x: &'a [T],
    batch: usize,
    out: &'a mut [T],
}

impl<T: Element, S: Simd> TileWork<T, S> for Row<'_, T> {
    #[inline(always)]
    fn whole<const K: usize>(&mut self, simd: S, at: usize) {
        let mut sums = [T::splat(simd, self.bias); K];
        for (&input, &value) in self.across.iter().zip(self.values) {
            let value = T::splat(simd, value);
            let x = load::<T, S, K>(self.x, input as usize * self.batch + at);
            for k in 0..K {
                sums[k] = T::mul_add(simd, value, x[k], sums[k]);
            }
        }
        let out = T::vectors_mut::<S>(&mut self.out[at..][..K * T::lanes::<S>()]);
        out.copy_from_slice(&sums);
    }

    #[inline(always)]
    fn rest(&mut self, simd: S, at: usize, len: usize) {
        let mut sum = T::splat(simd, self.bias);
        for (&input, &value) in self.across.iter().zip(self.values) {
            let start = input as usize * self.batch + at;
            let x = T::load_part(simd, &self.x[start..][..len]);
            sum = T::mul_add(simd, T::splat(simd, value), x, sum);
        }
        T::store_part(simd, &mut self.out[at..][..len], sum);
    }
}
