//! Cutting a batch into register tiles.

use pulp::Simd;

use super::Element;

/// Work on one line (a row or a column of a pattern) over a part of the batch.
pub(crate) trait TileWork<T: Element, S: Simd> {
    /// The part of `K` whole registers from batch position `at` on.
    fn whole<const K: usize>(&mut self, simd: S, at: usize);
    /// The part of `len` elements, fewer than a register, from `at` on.
    fn rest(&mut self, simd: S, at: usize, len: usize);
}

/// Does the work over the whole batch, in tiles of at most `widest` registers
/// (4 or 8), each as wide as still fits.
#[inline(always)]
pub(crate) fn tiles<T: Element, S: Simd, W: TileWork<T, S>>(
    simd: S,
    batch: usize,
    widest: usize,
    work: &mut W,
) {
    let lanes = T::lanes::<S>();
    let mut at = 0;
    while widest >= 8 && batch - at >= 8 * lanes {
        work.whole::<8>(simd, at);
        at += 8 * lanes;
    }
    while batch - at >= 4 * lanes {
        work.whole::<4>(simd, at);
        at += 4 * lanes;
    }
    if batch - at >= 2 * lanes {
        work.whole::<2>(simd, at);
        at += 2 * lanes;
    }
    if batch - at >= lanes {
        work.whole::<1>(simd, at);
        at += lanes;
    }
    if batch > at {
        work.rest(simd, at, batch - at);
    }
}

/// The `K` registers from `start` on.
#[inline(always)]
pub(crate) fn load<T: Element, S: Simd, const K: usize>(
    slice: &[T],
    start: usize,
) -> [T::Vector<S>; K] {
    let vectors = T::vectors::<S>(&slice[start..][..K * T::lanes::<S>()]);
    std::array::from_fn(
        #[inline(always)]
        |k| vectors[k],
    )
}

/// The sum of the elements of `K` registers, pairwise.
#[inline(always)]
pub(crate) fn sum<T: Element, S: Simd, const K: usize>(
    simd: S,
    mut vectors: [T::Vector<S>; K],
) -> T {
    let mut width = K;
    while width > 1 {
        width /= 2;
        for k in 0..width {
            vectors[k] = T::plus(simd, vectors[k], vectors[k + width]);
        }
    }
    T::sum(simd, vectors[0])
}
