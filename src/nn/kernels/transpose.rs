//! Between row-major `[rows, columns]` and its transpose, in blocks that stay in cache.

use candle_core::WithDType;
use pulp::Arch;
use rayon::prelude::*;

use super::zeros::{reserved, zeros};

/// How many columns of the source one task turns into rows at a time.
const BLOCK: usize = 256;
/// The side of the squares that are turned in registers.
const SIDE: usize = 8;

/// Writes the transpose of `from`, row-major `[rows, columns]`, as row-major
/// `[columns, rows]`.
pub(crate) fn transpose<T: WithDType>(from: &[T], rows: usize, columns: usize) -> Vec<T> {
    gather_transposed(rows, columns, |row| &from[row * columns..][..columns])
}

/// The matrix `[columns, rows]` whose column `r` is `row(r)`.
pub(crate) fn gather_transposed<'a, T: WithDType>(
    rows: usize,
    columns: usize,
    row: impl Fn(usize) -> &'a [T] + Sync,
) -> Vec<T> {
    let mut out = zeros(rows * columns);
    if rows == 0 {
        return out;
    }
    let arch = Arch::new();
    out.par_chunks_mut(BLOCK * rows)
        .enumerate()
        .for_each(|(block, out)| {
            arch.dispatch(
                #[inline(always)]
                || {
                    let width = out.len() / rows;
                    let part = block * BLOCK..block * BLOCK + width;
                    let row = |at: usize| &row(at)[part.clone()];
                    let whole = rows / SIDE * SIDE;
                    for first in (0..whole).step_by(SIDE) {
                        let from: [&[T]; SIDE] = std::array::from_fn(|at| row(first + at));
                        for start in (0..width / SIDE * SIDE).step_by(SIDE) {
                            for (at, line) in turned(&from, start).iter().enumerate() {
                                let place = (start + at) * rows + first;
                                out[place..place + SIDE].copy_from_slice(line);
                            }
                        }
                        for column in width / SIDE * SIDE..width {
                            for (at, row) in from.iter().enumerate() {
                                out[column * rows + first + at] = row[column];
                            }
                        }
                    }
                    for at in whole..rows {
                        for (column, value) in row(at).iter().enumerate() {
                            out[column * rows + at] = *value;
                        }
                    }
                },
            );
        });
    out
}

/// The matrix `[columns, rows]` whose column `r` is what `fill(r, ..)` writes over `columns`
/// values of any content.
pub(crate) fn fill_transposed<T: WithDType>(
    rows: usize,
    columns: usize,
    fill: impl Fn(usize, &mut [T]) + Sync,
) -> Vec<T> {
    let mut out: Vec<T> = reserved(rows * columns);
    let all = Destination(out.as_mut_ptr());
    let arch = Arch::new();
    (0..rows.div_ceil(SIDE))
        .into_par_iter()
        .for_each_init(Vec::new, |scratch, group| {
            let first = group * SIDE;
            let count = SIDE.min(rows - first);
            scratch.resize(SIDE * columns, T::zero());
            for at in 0..count {
                fill(first + at, &mut scratch[at * columns..][..columns]);
            }
            let from: [&[T]; SIDE] = std::array::from_fn(|at| &scratch[at * columns..][..columns]);
            let whole = if count == SIDE {
                columns / SIDE * SIDE
            } else {
                0
            };
            // SAFETY: `first + count` is at most `rows` and every column less than `columns`, so
            // all places lie in what was reserved, which lives to the end of this function and is
            // not touched otherwise meanwhile; each belongs to one group.
            arch.dispatch(
                #[inline(always)]
                || unsafe {
                    for start in (0..whole).step_by(SIDE) {
                        for (at, line) in turned(&from, start).iter().enumerate() {
                            let to = all.at((start + at) * rows + first);
                            to.cast::<[T; SIDE]>().write_unaligned(*line);
                        }
                    }
                    for column in whole..columns {
                        for (at, row) in from[..count].iter().enumerate() {
                            all.at(column * rows + first + at).write(row[column]);
                        }
                    }
                },
            );
        });
    // SAFETY: the groups are all rows, and each has written all columns.
    unsafe { out.set_len(rows * columns) };
    out
}

/// Where several threads write, each to places of its own.
#[derive(Clone, Copy)]
struct Destination<T>(*mut T);

// SAFETY: the pointer alone gives no access; who writes through it answers for that.
unsafe impl<T: Send> Sync for Destination<T> {}

impl<T> Destination<T> {
    /// # Safety
    /// The place must lie in what the pointer points to.
    #[inline(always)]
    unsafe fn at(self, place: usize) -> *mut T {
        // SAFETY: by the caller.
        unsafe { self.0.add(place) }
    }
}

/// The transpose of a square of `rows` that begins at a column. The compiler turns it in registers.
#[inline(always)]
fn turned<T: Copy>(rows: &[&[T]; SIDE], first: usize) -> [[T; SIDE]; SIDE] {
    let square: [[T; SIDE]; SIDE] =
        std::array::from_fn(|row| rows[row][first..first + SIDE].as_chunks().0[0]);
    std::array::from_fn(|column| std::array::from_fn(|row| square[row][column]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lands_in_its_place() {
        for (rows, columns) in [(0, 3), (1, 1), (3, 700), (8, 256), (17, 257), (129, 12)] {
            let from: Vec<f32> = (0..rows * columns).map(|at| at as f32).collect();
            let expected: Vec<f32> = (0..columns)
                .flat_map(|column| (0..rows).map(move |row| (row * columns + column) as f32))
                .collect();
            assert_eq!(transpose(&from, rows, columns), expected);
            let filled = fill_transposed(rows, columns, |row, out: &mut [f32]| {
                out.copy_from_slice(&from[row * columns..][..columns]);
            });
            assert_eq!(filled, expected, "{rows} x {columns}");
        }
    }
}
