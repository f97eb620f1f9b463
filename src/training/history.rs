//! What training recorded, one line an epoch.

use crate::error::{Error, Result};
use crate::io::write_atomically;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// One epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// The epoch, from 1.
    pub epoch: usize,
    /// The mean training loss over the epoch's updates.
    pub train_loss: f64,
    /// The loss on the held-out samples after the epoch; `None` without a validation split.
    pub validation_loss: Option<f64>,
    /// The learning rate of the epoch.
    pub learning_rate: f64,
}

impl EpochRecord {
    /// The loss that chooses the best epoch: the validation loss where there is one.
    pub fn selection_loss(&self) -> f64 {
        self.validation_loss.unwrap_or(self.train_loss)
    }
}

/// All epochs of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The epochs in order.
    pub epochs: Vec<EpochRecord>,
    /// The epoch (from 1) whose weights the model carries.
    pub best_epoch: usize,
    /// Training samples.
    pub n_train: usize,
    /// Held-out samples.
    pub n_validation: usize,
}

impl History {
    /// The best epoch's record.
    pub fn best(&self) -> Option<&EpochRecord> {
        self.epochs.get(self.best_epoch.checked_sub(1)?)
    }

    /// Writes a table: epoch, train_loss, validation_loss, learning_rate, best.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written.
    pub fn write_tsv(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        write_atomically(path, |file| {
            let write = |file: &mut dyn std::io::Write| -> std::io::Result<()> {
                writeln!(
                    file,
                    "epoch\ttrain_loss\tvalidation_loss\tlearning_rate\tbest"
                )?;
                for record in &self.epochs {
                    let validation = record
                        .validation_loss
                        .map_or_else(|| "NA".to_owned(), |loss| loss.to_string());
                    writeln!(
                        file,
                        "{}\t{}\t{validation}\t{}\t{}",
                        record.epoch,
                        record.train_loss,
                        record.learning_rate,
                        u8::from(record.epoch == self.best_epoch),
                    )?;
                }
                Ok(())
            };
            write(file).map_err(Error::io("write", path))
        })
    }
}
