//! The gradients of the sparse product, without anything dense between them.
//!
//! For `y = (M o W) x + b` and the gradient `gy` of the loss in `y`:
//! `gv[s, g] = gy[s, :] . x[g, :]`, `gx[g, :] = sum over s of v[s, g] gy[s, :]`,
//! `gb[s] = sum of gy[s, :]`.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::chunks::{split_entries, split_lines};
use super::tiles::{TileWork, load, sum, tiles};
use super::{Element, Matrix, zeros};
use crate::mask::{Compressed, Mask};

/// The gradient of the values, in the order of the mask's entries.
///
/// The smaller of the two matrices is the one read out of order, as the
/// processor's caches like it.
///
/// `x`: `[inputs, batch]`; `gy`: `[outputs, batch]`.
pub(crate) fn values_gradient<T: Element>(mask: &Mask, x: Matrix<T>, gy: Matrix<T>) -> Vec<T> {
    let batch = x.columns();
    let by_input = mask.outputs() < mask.inputs();
    let mut gradient = vec![T::zero(); mask.entries()];
    let (lines, own, other) = if by_input {
        (mask.by_input(), x, gy)
    } else {
        (mask.by_output(), gy, x)
    };
    let arch = Arch::new();
    split_entries(lines, &mut gradient)
        .into_par_iter()
        .for_each(|(chunk, gradient)| {
            let first = lines.span(&chunk).start;
            arch.dispatch(Dots {
                side: lines,
                lines: chunk,
                own: own.data(),
                other: other.data(),
                batch,
                first,
                gradient,
            })
        });
    if by_input {
        reorder(&gradient, mask.by_output().twin())
    } else {
        gradient
    }
}

/// The gradients of the input `[inputs, batch]` and of the values, in one pass
/// over `gy`.
pub(crate) fn input_and_values_gradient<T: Element>(
    mask: &Mask,
    values: &[T],
    x: Matrix<T>,
    gy: Matrix<T>,
) -> (Vec<T>, Vec<T>) {
    let batch = x.columns();
    let columns = mask.by_input();
    let mut gx = zeros(mask.inputs() * batch);
    let mut gradient = vec![T::zero(); mask.entries()];
    if batch == 0 {
        return (gx, gradient);
    }
    let arch = Arch::new();
    split_lines(columns.chunks(), &mut gx, batch)
        .into_par_iter()
        .zip(split_entries(columns, &mut gradient))
        .for_each(|((chunk, gx), (_, gradient))| {
            let first = columns.span(&chunk).start;
            arch.dispatch(Both {
                mask,
                values,
                x: x.data(),
                gy: gy.data(),
                batch,
                lines: chunk,
                first,
                gx,
                gradient,
            })
        });
    (gx, reorder(&gradient, mask.by_output().twin()))
}

/// The sums of the rows of `[rows, batch]`: the gradient of a bias.
pub(crate) fn row_sums<T: Element>(matrix: &[T], rows: usize, batch: usize) -> Vec<T> {
    if batch == 0 {
        return vec![T::zero(); rows];
    }
    let arch = Arch::new();
    matrix
        .par_chunks_exact(batch)
        .with_min_len(64)
        .map(|row| arch.dispatch(RowSum { row }))
        .collect()
}

/// `out[i] = from[order[i]]`.
fn reorder<T: Element>(from: &[T], order: &[u32]) -> Vec<T> {
    order
        .par_iter()
        .with_min_len(4096)
        .map(|&at| from[at as usize])
        .collect()
}

/// The dot products along the lines of one chunk.
struct Dots<'a, T> {
    side: &'a Compressed,
    lines: Range<usize>,
    own: &'a [T],
    other: &'a [T],
    batch: usize,
    first: usize,
    gradient: &'a mut [T],
}

impl<T: Element> WithSimd for Dots<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for line in self.lines {
            let entries = self.side.range(line);
            let mut dots = LineDots {
                across: &self.side.across()[entries.clone()],
                own: &self.own[line * self.batch..][..self.batch],
                other: self.other,
                batch: self.batch,
                gradient: &mut self.gradient[entries.start - self.first..entries.end - self.first],
            };
            tiles(simd, self.batch, 8, &mut dots);
        }
    }
}

/// The dot products of one line with the lines across.
struct LineDots<'a, T> {
    across: &'a [u32],
    own: &'a [T],
    other: &'a [T],
    batch: usize,
    gradient: &'a mut [T],
}

impl<T: Element, S: Simd> TileWork<T, S> for LineDots<'_, T> {
    #[inline(always)]
    fn whole<const K: usize>(&mut self, simd: S, at: usize) {
        let own = load::<T, S, K>(self.own, at);
        let zero = T::splat(simd, T::zero());
        for (&across, gradient) in self.across.iter().zip(&mut *self.gradient) {
            let other = load::<T, S, K>(self.other, across as usize * self.batch + at);
            let mut products = [zero; K];
            for k in 0..K {
                products[k] = T::mul_add(simd, own[k], other[k], zero);
            }
            *gradient += sum(simd, products);
        }
    }

    #[inline(always)]
    fn rest(&mut self, simd: S, at: usize, len: usize) {
        let own = T::load_part(simd, &self.own[at..][..len]);
        let zero = T::splat(simd, T::zero());
        for (&across, gradient) in self.across.iter().zip(&mut *self.gradient) {
            let start = across as usize * self.batch + at;
            let other = T::load_part(simd, &self.other[start..][..len]);
            *gradient += T::sum(simd, T::mul_add(simd, own, other, zero));
        }
    }
}

/// Both gradients of the columns of one chunk.
struct Both<'a, T> {
    mask: &'a Mask,
    values: &'a [T],
    x: &'a [T],
    gy: &'a [T],
    batch: usize,
    lines: Range<usize>,
    first: usize,
    gx: &'a mut [T],
    gradient: &'a mut [T],
}

impl<T: Element> WithSimd for Both<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let columns = self.mask.by_input();
        let widest = if S::REGISTER_COUNT >= 32 { 8 } else { 4 };
        for (line, gx) in self.lines.zip(self.gx.chunks_exact_mut(self.batch)) {
            let entries = columns.range(line);
            let mut column = Column {
                across: &columns.across()[entries.clone()],
                entry: &columns.twin()[entries.clone()],
                values: self.values,
                x: &self.x[line * self.batch..][..self.batch],
                gy: self.gy,
                batch: self.batch,
                gx,
                gradient: &mut self.gradient[entries.start - self.first..entries.end - self.first],
            };
            tiles(simd, self.batch, widest, &mut column);
        }
    }
}

/// Both gradients of one input.
struct Column<'a, T> {
    across: &'a [u32],
    entry: &'a [u32],
    values: &'a [T],
    x: &'a [T],
    gy: &'a [T],
    batch: usize,
    gx: &'a mut [T],
    gradient: &'a mut [T],
}

impl<T: Element, S: Simd> TileWork<T, S> for Column<'_, T> {
    #[inline(always)]
    fn whole<const K: usize>(&mut self, simd: S, at: usize) {
        let zero = T::splat(simd, T::zero());
        let x = load::<T, S, K>(self.x, at);
        let mut sums = [zero; K];
        let lines = self.across.iter().zip(self.entry);
        for ((&output, &entry), gradient) in lines.zip(&mut *self.gradient) {
            let value = T::splat(simd, self.values[entry as usize]);
            let gy = load::<T, S, K>(self.gy, output as usize * self.batch + at);
            let mut products = [zero; K];
            for k in 0..K {
                sums[k] = T::mul_add(simd, value, gy[k], sums[k]);
                products[k] = T::mul_add(simd, x[k], gy[k], zero);
            }
            *gradient += sum(simd, products);
        }
        let gx = T::vectors_mut::<S>(&mut self.gx[at..][..K * T::lanes::<S>()]);
        gx.copy_from_slice(&sums);
    }

    #[inline(always)]
    fn rest(&mut self, simd: S, at: usize, len: usize) {
        let zero = T::splat(simd, T::zero());
        let x = T::load_part(simd, &self.x[at..][..len]);
        let mut gx = zero;
        let lines = self.across.iter().zip(self.entry);
        for ((&output, &entry), gradient) in lines.zip(&mut *self.gradient) {
            let start = output as usize * self.batch + at;
            let gy = T::load_part(simd, &self.gy[start..][..len]);
            gx = T::mul_add(simd, T::splat(simd, self.values[entry as usize]), gy, gx);
            *gradient += T::sum(simd, T::mul_add(simd, x, gy, zero));
        }
        T::store_part(simd, &mut self.gx[at..][..len], gx);
    }
}

/// The sum of one row.
struct RowSum<'a, T> {
    row: &'a [T],
}

impl<T: Element> WithSimd for RowSum<'_, T> {
    type Output = T;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> T {
        let vectors = T::vectors::<S>(self.row);
        let mut sums = [T::splat(simd, T::zero()); 4];
        for (k, &vector) in vectors.iter().enumerate() {
            sums[k % 4] = T::plus(simd, sums[k % 4], vector);
        }
        let rest = &self.row[vectors.len() * T::lanes::<S>()..];
        sums[0] = T::plus(simd, sums[0], T::load_part(simd, rest));
        sum(simd, sums)
    }
}
