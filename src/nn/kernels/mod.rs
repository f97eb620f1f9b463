//! The loops under the layers: plain slices in, plain slices out, SIMD chosen at run time.
//!
//! Matrices are feature-major, `[features, batch]` with the batch contiguous, so
//! that one value of a sparse layer meets a whole batch of one feature at a time.
//! Every output element is computed by one task in a fixed order: the number of
//! threads never changes a bit.

mod chunks;
mod dense;
mod element;
mod matrix;
mod sparse_gradients;
mod sparse_product;
mod tiles;
mod transpose;
mod zeros;

pub(crate) use chunks::{
    CHUNK, map_chunks, map2_chunks, squared_error, sum_chunks, sum2_chunks, update1_chunks,
    update2_chunks,
};
pub(crate) use dense::gemm;
pub(crate) use element::Element;
pub(crate) use matrix::Matrix;
pub(crate) use sparse_gradients::{input_and_values_gradient, row_sums, values_gradient};
pub(crate) use sparse_product::product;
pub(crate) use transpose::{fill_transposed, gather_transposed, transpose};
pub(crate) use zeros::zeros;
