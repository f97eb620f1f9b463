//! How thorough to be.

use crate::error::{Error, Result};
use crate::pipeline::{Criteria, EvidenceOptions};

impl EvidenceOptions {
    /// What `gsae fit` does by default: a few short refits on a part of the samples.
    pub fn quick(seed: u64) -> Self {
        Self {
            seeds: 2,
            shuffles: 5,
            max_epochs: Some(10),
            max_samples: Some(1000),
            null_values: 500,
            seed,
            criteria: Criteria::default(),
        }
    }

    /// Refits as long as the model's own training, on all samples.
    pub fn thorough(seed: u64) -> Self {
        Self {
            seeds: 5,
            shuffles: 20,
            max_epochs: None,
            max_samples: None,
            null_values: 1000,
            ..Self::quick(seed)
        }
    }

    /// Whether all that a verdict on the nodes takes is tested: stability over seeds and the
    /// map against shuffled ones.
    pub fn tests_all(&self) -> bool {
        self.seeds > 0 && self.shuffles > 0
    }

    /// Refuses numbers that make no sense.
    ///
    /// # Errors
    /// [`Error::Config`] naming the option.
    pub fn validate(&self) -> Result<()> {
        let at_least = |option, value: Option<usize>, least: usize| match value {
            Some(value) if value < least => Err(Error::config(
                option,
                format!("must be at least {least}, not {value}"),
            )),
            _ => Ok(()),
        };
        at_least("--max-epochs", self.max_epochs, 1)?;
        at_least("--max-samples", self.max_samples, 10)?;
        at_least("--null-values", Some(self.null_values), 1)
    }
}
