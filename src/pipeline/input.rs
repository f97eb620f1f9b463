//! What a model sees: preprocessed values without the shift common to all genes of a sample.

/// The input of a model: `[samples, genes]`, row by row, in the model's gene order.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelInput {
    /// The sample names.
    pub samples: Vec<String>,
    /// `[samples, genes]`, row by row; absent genes hold 0, their training mean.
    pub values: Vec<f32>,
    /// Which of the model's genes the data have.
    pub present: Vec<bool>,
}

impl ModelInput {
    /// Takes from every sample the mean over its present genes. Small cohorts often carry a
    /// shift common to all genes of a sample, larger than any pathway; a node that sums its
    /// genes would report the shift.
    pub fn new(samples: Vec<String>, mut values: Vec<f32>, present: Vec<bool>) -> Self {
        let count = present.iter().filter(|present| **present).count().max(1) as f64;
        for row in values.chunks_exact_mut(present.len().max(1)) {
            let kept = row.iter().zip(&present).filter(|(_, present)| **present);
            let mean = kept.map(|(value, _)| f64::from(*value)).sum::<f64>() / count;
            for (value, present) in row.iter_mut().zip(&present) {
                *value = if *present {
                    (f64::from(*value) - mean) as f32
                } else {
                    0.0
                };
            }
        }
        Self {
            samples,
            values,
            present,
        }
    }

    /// The number of genes.
    pub fn n_genes(&self) -> usize {
        self.present.len()
    }

    /// The number of samples.
    pub fn n_samples(&self) -> usize {
        self.samples.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_shift_goes_and_absent_genes_stay_at_zero() {
        let present = vec![true, true, false, true];
        let input = ModelInput::new(
            vec!["a".into(), "b".into()],
            vec![1., 2., 0., 3., 11., 12., 0., 13.],
            present,
        );
        assert_eq!(input.values, [-1., 0., 0., 1., -1., 0., 0., 1.]);
    }
}
