//! Which way is up: the sign of a node and how far its genes agree on it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What "up" means for a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Orientation {
    /// The hidden value rises with its genes; up means the member genes are up.
    Up,
    /// The hidden value fell with its genes and was turned; up means the member genes are up.
    Flipped,
    /// The genes do not agree, or the node is constant: the sign says nothing.
    None,
}

impl fmt::Display for Orientation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Up => "up",
            Self::Flipped => "flipped",
            Self::None => "none",
        })
    }
}

/// Below this share of agreeing loadings a node has no orientation. Genes that move at random
/// agree to one half.
const MIN_AGREEMENT: f64 = 0.6;

/// The orientation of a node from the signed covariances of its genes with its hidden value,
/// and the confidence in it: the share of the absolute covariance that has the reported sign,
/// rescaled from [1/2, 1] to [0, 1].
pub(super) fn orient(covariances: &[f64]) -> (Orientation, f64) {
    let signed: f64 = covariances.iter().sum();
    let absolute: f64 = covariances.iter().map(|value| value.abs()).sum();
    if absolute <= f64::MIN_POSITIVE || !absolute.is_finite() {
        return (Orientation::None, 0.0);
    }
    let confidence = signed.abs() / absolute;
    let agreement = 0.5 + confidence / 2.0;
    let orientation = if agreement < MIN_AGREEMENT {
        Orientation::None
    } else if signed >= 0.0 {
        Orientation::Up
    } else {
        Orientation::Flipped
    };
    (orientation, confidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn genes_that_agree_give_a_direction_and_a_confidence() {
        assert_eq!(orient(&[0.5, 0.3, 0.2]), (Orientation::Up, 1.0));
        assert_eq!(orient(&[-0.5, -0.3, -0.2]), (Orientation::Flipped, 1.0));
        let (orientation, confidence) = orient(&[0.9, -0.1]);
        assert_eq!(orientation, Orientation::Up);
        assert!((confidence - 0.8).abs() < 1e-12);
    }

    #[test]
    fn genes_that_cancel_give_none() {
        assert_eq!(orient(&[0.5, -0.5]).0, Orientation::None);
        assert_eq!(orient(&[0.0, 0.0]), (Orientation::None, 0.0));
        assert_eq!(orient(&[]), (Orientation::None, 0.0));
    }
}
