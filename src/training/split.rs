//! Which samples train and which choose the best epoch.

use crate::nn::random_stream;
use rand::seq::SliceRandom;

/// A seeded split of samples into training and validation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Rows that train, ascending.
    pub train: Vec<usize>,
    /// Rows held out, ascending.
    pub validation: Vec<usize>,
}

impl Split {
    /// Holds out `fraction` of `n_samples`, rounded, at least one sample where the fraction is
    /// above zero, and never so many that fewer than two train.
    pub fn new(n_samples: usize, fraction: f64, seed: u64) -> Self {
        let wanted = (n_samples as f64 * fraction).round() as usize;
        let held_out = if fraction > 0.0 {
            wanted.max(1).min(n_samples.saturating_sub(2))
        } else {
            0
        };
        let mut order: Vec<usize> = (0..n_samples).collect();
        order.shuffle(&mut random_stream(seed, "validation split"));
        let mut validation = order.split_off(n_samples - held_out);
        order.sort_unstable();
        validation.sort_unstable();
        Self {
            train: order,
            validation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_on_one_side() {
        let split = Split::new(101, 0.1, 3);
        assert_eq!(split.validation.len(), 10);
        let mut all = [split.train.clone(), split.validation.clone()].concat();
        all.sort_unstable();
        assert_eq!(all, (0..101).collect::<Vec<_>>());
        assert_eq!(split, Split::new(101, 0.1, 3));
        assert_ne!(split, Split::new(101, 0.1, 4));
    }

    #[test]
    fn small_data_keep_two_training_samples() {
        assert_eq!(Split::new(2, 0.5, 0).train.len(), 2);
        assert_eq!(Split::new(3, 0.5, 0).validation.len(), 1);
        assert_eq!(Split::new(40, 0.0, 0).validation.len(), 0);
    }
}
