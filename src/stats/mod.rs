//! Statistics on plain slices: tests, enrichment, scores of samples, survival, classifiers, clusters.
//!
//! Everything here is a pure function that knows neither files nor gene names: numbers go in by
//! position and come out by position. Two conventions hold throughout. Input that cannot be
//! meant (NaN, an empty group, a position outside the data) is an
//! [`Error::Data`](crate::Error::Data) with a remedy. Input that can be meant but
//! leaves a quantity undefined (a constant group, a gene that never varies) gives NaN for that
//! quantity, as the function's documentation says, so that one dull gene does not stop a table
//! of thousands. Random numbers come from a seed and do not depend on the number of threads.

mod check;
pub mod classification;
pub mod clustering;
mod distribution;
pub mod enrichment;
pub mod hypothesis;
mod linalg;
mod moments;
mod random;
pub(crate) mod rank;
pub mod scores;
pub mod survival;

pub use moments::ColumnMoments;
