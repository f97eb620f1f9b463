//! All samples at once, as a network sees them, for those who need them whole.

use super::input::{Made, ModelInput, node_values};
use crate::error::{Error, Result};
use crate::expression::{BLOCK, Preprocessed};
use crate::io::available_memory;
use crate::models::{Autoencoder, BatchSource, Dataset};

/// Every sample in memory.
pub(super) struct WholeInput {
    pub prepared: Preprocessed,
    pub fingerprint: String,
    scaled: Option<Vec<f32>>,
    counts: Option<Vec<f32>>,
    covariates: Option<(Vec<f32>, usize)>,
}

impl WholeInput {
    pub fn dataset(&self) -> Dataset<'_> {
        let covariates = self.covariates.as_ref();
        let input = self.scaled.as_deref().unwrap_or(&self.prepared.values);
        Dataset {
            counts: self.counts.as_deref(),
            covariates: covariates.map(|(values, _)| values.as_slice()),
            n_covariates: covariates.map_or(0, |(_, width)| *width),
            ..Dataset::new(input, self.prepared.n_genes())
        }
    }
}

/// The hidden values of the gene-set layer: `[samples, sets]`, row by row.
pub(super) fn all_node_values(data: &dyn BatchSource, model: &dyn Autoencoder) -> Result<Vec<f32>> {
    let rows: Vec<usize> = (0..data.samples()).collect();
    let mut values = Vec::new();
    data.in_order(&rows, BLOCK, &mut |_, batch| {
        values.extend(node_values(model, batch)?);
        Ok(())
    })?;
    Ok(values)
}

impl ModelInput<'_> {
    /// All samples at once.
    ///
    /// # Errors
    /// [`Error::Data`] if they do not fit into the memory that is available.
    pub fn whole(mut self) -> Result<WholeInput> {
        let bytes = self.bytes(self.samples());
        if available_memory().is_some_and(|available| bytes > available) {
            return Err(Error::data(
                format!(
                    "{} samples x {} genes do not fit into memory whole",
                    self.samples(),
                    self.features()
                ),
                "Give fewer samples, or keep fewer genes with --top-variable.",
            ));
        }
        let matrix = self.prepared.matrix();
        let samples = matrix.n_samples();
        let mut whole = Made::default();
        let mut part = Made::default();
        matrix.each_block(&mut |first, count, row| {
            let rows: Vec<usize> = (first..first + count).collect();
            self.fill(&rows, row, &mut part);
            whole.values.extend_from_slice(&part.values);
            for (all, part) in [
                (&mut whole.scaled, &part.scaled),
                (&mut whole.counts, &part.counts),
            ] {
                if let Some(part) = part {
                    all.get_or_insert_default().extend_from_slice(part);
                }
            }
            Ok(())
        })?;
        Ok(WholeInput {
            fingerprint: self.fingerprint()?,
            prepared: Preprocessed {
                samples: matrix.samples().to_vec(),
                values: whole.values,
                present: self.prepared.present().to_vec(),
                shifts: self.prepared.shifts(0, samples).to_vec(),
            },
            scaled: whole.scaled,
            counts: whole.counts,
            covariates: self.covariates.take(),
        })
    }
}
