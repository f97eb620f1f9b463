//! Samples that live on a GPU during training.

use super::autoencoder::{Batch, Dataset};
use super::batch_source::{BatchSource, Visit};
use crate::device::free_memory;
use crate::error::Result;
use crate::nn;
use candle_core::{Device, Tensor};
use std::sync::{Mutex, PoisonError};

/// The share of a GPU's free memory that samples may take.
const SHARE: f64 = 0.5;

/// What is free is asked and taken by one at a time.
static TAKING: Mutex<()> = Mutex::new(());

/// All samples of a source on a GPU, from where batches are gathered without the CPU.
pub struct Resident {
    values: Tensor,
    counts: Option<Tensor>,
    covariates: Option<Tensor>,
    /// Sums of the samples' counts.
    library: Option<Vec<f64>>,
}

impl Resident {
    /// Copies the samples to a GPU; `None` on the CPU, for samples that are not in memory as a
    /// whole, and where they would take more than half of the GPU's free memory or find no room:
    /// their batches are then copied one by one.
    pub fn new(source: &dyn BatchSource, device: &Device) -> Option<Self> {
        if device.is_cpu() {
            return None;
        }
        let all = source.whole()?;
        let _alone = TAKING.lock().unwrap_or_else(PoisonError::into_inner);
        let free = free_memory(device)?;
        let parts = [Some(all.values), all.counts, all.covariates];
        let numbers: usize = parts.into_iter().flatten().map(<[f32]>::len).sum();
        if (4 * numbers) as f64 > SHARE * free as f64 {
            return None;
        }
        Self::copied(&all, device).ok()
    }

    fn copied(all: &Dataset, device: &Device) -> Result<Self> {
        let samples = all.samples();
        let copy =
            |values: &[f32], width: usize| Tensor::from_slice(values, (samples, width), device);
        let counts = all.counts.map(|counts| copy(counts, all.features));
        let covariates = all.covariates.map(|own| copy(own, all.n_covariates));
        Ok(Self {
            values: copy(all.values, all.features)?,
            counts: counts.transpose()?,
            covariates: covariates.transpose()?,
            library: all.libraries(),
        })
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

impl BatchSource for Resident {
    fn samples(&self) -> usize {
        self.values.dims()[0]
    }

    fn features(&self) -> usize {
        self.values.dims()[1]
    }

    fn each_batch(&self, groups: &[Vec<&[usize]>], visit: &mut Visit) -> Result<()> {
        for rows in groups.iter().flatten() {
            visit(rows, &self.batch(rows)?)?;
        }
        Ok(())
    }
}
