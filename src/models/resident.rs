//! Samples that live on a GPU during training.

use super::autoencoder::Batch;
use super::batch_source::{BatchSource, Visit};
use crate::device::free_memory;
use crate::error::Result;
use crate::nn;
use candle_core::{Device, Tensor};

/// The share of a GPU's free memory that samples may take.
const SHARE: f64 = 0.5;

/// All samples of a source on a GPU, from where batches are gathered without the CPU.
pub struct Resident<'a> {
    source: &'a dyn BatchSource,
    values: Tensor,
    counts: Option<Tensor>,
    covariates: Option<Tensor>,
    /// Sums of the samples' counts.
    library: Option<Vec<f64>>,
}

impl<'a> Resident<'a> {
    /// Copies the samples to a GPU; `None` on the CPU, for samples that are not in memory as a
    /// whole, and where they would take more than half of the GPU's free memory: their batches
    /// are copied one by one.
    ///
    /// # Errors
    /// If the GPU fails.
    pub fn new(source: &'a dyn BatchSource, device: &Device) -> Result<Option<Self>> {
        let Some(free) = free_memory(device) else {
            return Ok(None);
        };
        let Some(all) = source.whole() else {
            return Ok(None);
        };
        let numbers = all.values.len() + all.counts.map_or(0, <[f32]>::len);
        if (4 * numbers) as f64 > SHARE * free as f64 {
            return Ok(None);
        }
        let samples = all.samples();
        let copy =
            |values: &[f32], width: usize| Tensor::from_slice(values, (samples, width), device);
        let counts = all.counts.map(|counts| copy(counts, all.features));
        let covariates = all.covariates.map(|own| copy(own, all.n_covariates));
        Ok(Some(Self {
            source,
            values: copy(all.values, all.features)?,
            counts: counts.transpose()?,
            covariates: covariates.transpose()?,
            library: all.libraries(),
        }))
    }

    fn batch(&self, rows: &[usize]) -> Result<Batch> {
        let gather = |matrix: &Tensor| nn::gather_rows_of(matrix, rows);
        let mut batch = Batch::new(gather(&self.values)?);
        batch.counts = self.counts.as_ref().map(gather).transpose()?;
        batch.context.covariates = self.covariates.as_ref().map(gather).transpose()?;
        if let Some(library) = &self.library {
            let own: Vec<f64> = rows.iter().map(|&row| library[row]).collect();
            batch.context.library = Some(Tensor::new(own, self.values.device())?);
        }
        Ok(batch)
    }
}

impl BatchSource for Resident<'_> {
    fn samples(&self) -> usize {
        self.source.samples()
    }

    fn features(&self) -> usize {
        self.source.features()
    }

    fn each_batch(&self, groups: &[Vec<&[usize]>], visit: &mut Visit) -> Result<()> {
        for rows in groups.iter().flatten() {
            visit(rows, &self.batch(rows)?)?;
        }
        Ok(())
    }
}
