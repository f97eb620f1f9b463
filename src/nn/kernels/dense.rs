//! Dense matrix products.

use super::{Element, Matrix};

/// `out = a b`, or `out += a b`, for row-major `out`: `[a.rows(), b.columns()]`.
///
/// Every element of `out` is summed in an order that the number of threads
/// does not change.
///
/// # Panics
/// If the shapes do not fit.
pub(crate) fn gemm<T: Element>(a: Matrix<T>, b: Matrix<T>, out: &mut [T], add: bool) {
    assert_eq!(
        a.columns(),
        b.rows(),
        "the inner sizes of a product are equal"
    );
    assert_eq!(
        out.len(),
        a.rows() * b.columns(),
        "a product fills its slice"
    );
    let (a_columns, a_rows) = a.strides();
    let (b_columns, b_rows) = b.strides();
    // SAFETY: the asserts above and `Matrix::new` say that every element that
    // the strides reach is inside its slice; `out` is borrowed for writing, so
    // it overlaps neither operand; `T` is f32 or f64, which gemm knows.
    unsafe {
        gemm::gemm(
            a.rows(),
            b.columns(),
            a.columns(),
            out.as_mut_ptr(),
            1,
            b.columns() as isize,
            add,
            a.data().as_ptr(),
            a_columns,
            a_rows,
            b.data().as_ptr(),
            b_columns,
            b_rows,
            T::one(),
            T::one(),
            false,
            false,
            false,
            gemm::Parallelism::Rayon(0),
        );
    }
}
