//! Samples as a network sees them, with what its likelihood needs.

use crate::error::{Error, Result};
use crate::expression::{
    Ahead, BLOCK, ExpressionMatrix, Libraries, Load, Prepared, Preprocessor, RowOf, SampleScale,
    Streamed,
};
use crate::io::available_memory;
use crate::models::{Autoencoder, Batch, BatchSource, Dataset, Likelihood, Visit};
use crate::nn;
use candle_core::{Device, Tensor};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The share of the available memory that the whole input may take.
const MADE_SHARE: f64 = 0.25;
/// What it may take where the system does not say what is available: 1 GiB.
const MADE_BYTES: u64 = 1 << 30;
/// What samples that are read again and again in the same order (those held out) may take.
const KEPT_BYTES: u64 = 256 << 20;

/// Samples as a network sees them. They are made batch by batch, or all at once by
/// [`make`](Self::make); the bits are the same.
pub(super) struct ModelInput<'a> {
    pub prepared: Prepared<'a>,
    likelihood: Likelihood,
    /// Sums of counts, for a likelihood of counts.
    pub libraries: Option<Libraries>,
    pub covariates: Option<(Vec<f32>, usize)>,
    made: Option<Made>,
    /// Rows of a streamed matrix that were read in order, and are kept for the next time.
    kept: Mutex<Option<Arc<Kept>>>,
    /// The rows of a streamed matrix that will be wanted after the next pass, and those that are
    /// being read for it.
    expected: Mutex<Option<Vec<usize>>>,
    ahead: Mutex<Option<Ahead>>,
}

struct Kept {
    rows: Vec<usize>,
    load: Load,
}

/// All samples: `[samples, genes]`.
#[derive(Default)]
pub(super) struct Made {
    pub values: Vec<f32>,
    /// The input where it is not the prepared values themselves.
    pub scaled: Option<Vec<f32>>,
    pub counts: Option<Vec<f32>>,
}

/// Some consecutive samples.
pub(super) struct InputBlock<'a> {
    first: usize,
    count: usize,
    /// The prepared values: `[count, genes]`, row by row.
    pub values: &'a [f32],
    batch: &'a dyn Fn() -> Result<Batch>,
}

impl InputBlock<'_> {
    /// Which samples.
    pub fn samples(&self) -> Range<usize> {
        self.first..self.first + self.count
    }

    /// The samples as tensors.
    pub fn batch(&self) -> Result<Batch> {
        (self.batch)()
    }
}

impl<'a> ModelInput<'a> {
    pub fn new(
        preprocessor: &'a Preprocessor,
        expression: &'a ExpressionMatrix,
        likelihood: Likelihood,
    ) -> Result<Self> {
        Self::of(Prepared::new(preprocessor, expression)?, likelihood)
    }

    /// The samples that the preprocessor was learned from.
    pub fn learned(
        preprocessor: &'a Preprocessor,
        expression: &'a ExpressionMatrix,
        scale: SampleScale,
        likelihood: Likelihood,
    ) -> Result<Self> {
        let prepared = Prepared::learned(preprocessor, expression, scale);
        Self::of(prepared, likelihood)
    }

    fn of(prepared: Prepared<'a>, likelihood: Likelihood) -> Result<Self> {
        if !prepared.present().contains(&true) {
            return Err(Error::data(
                format!(
                    "none of the model's {} genes is in the data",
                    prepared.n_genes()
                ),
                "Check that both use the same gene identifiers: `gsae doctor` compares them.",
            ));
        }
        let libraries = (likelihood == Likelihood::NegativeBinomial)
            .then(|| prepared.libraries())
            .transpose()?;
        Ok(Self {
            prepared,
            likelihood,
            libraries,
            covariates: None,
            made: None,
            kept: Mutex::new(None),
            expected: Mutex::new(None),
            ahead: Mutex::new(None),
        })
    }

    pub fn set_covariates(&mut self, values: Vec<f32>, width: usize) {
        self.covariates = Some((values, width));
    }

    /// Bytes of the input of so many samples.
    pub fn bytes(&self, samples: usize) -> u64 {
        let kinds = match self.likelihood {
            Likelihood::SquaredError | Likelihood::Gaussian => 1,
            Likelihood::Bernoulli | Likelihood::NegativeBinomial => 2,
        };
        4 * kinds * (samples as u64).saturating_mul(self.prepared.n_genes() as u64)
    }

    /// Makes all samples at once where the matrix is in memory and there is room: quicker for
    /// many epochs over few samples. Returns the bytes it took.
    pub fn make(&mut self) -> u64 {
        let most =
            available_memory().map_or(MADE_BYTES, |bytes| (MADE_SHARE * bytes as f64) as u64);
        let samples = self.samples();
        let bytes = self.bytes(samples);
        let matrix = self.prepared.matrix();
        if bytes > most || matrix.is_streamed() {
            return 0;
        }
        let all: Vec<usize> = (0..samples).collect();
        let mut made = Made::default();
        let Some(rows) = matrix.rows_in_memory() else {
            return 0;
        };
        self.fill(&all, &|sample| rows.row(sample), &mut made);
        self.made = Some(made);
        bytes
    }

    /// The rows made, in `out`.
    pub fn fill(&self, rows: &[usize], row_of: &RowOf, out: &mut Made) {
        let width = self.prepared.n_genes();
        let size = rows.len() * width;
        out.values.resize(size, 0.0);
        let each = |values: &mut [f32], fill: &(dyn Fn(usize, &mut [f32]) + Sync)| {
            values
                .par_chunks_exact_mut(width.max(1))
                .zip(rows)
                .for_each(|(out, row)| fill(*row, out));
        };
        each(&mut out.values, &|row, out| {
            self.prepared.fill(row, row_of(row), out);
        });
        match self.likelihood {
            Likelihood::SquaredError | Likelihood::Gaussian => {}
            Likelihood::Bernoulli => {
                let scaled = out.scaled.insert(out.values.clone());
                each(scaled, &|row, out| {
                    let shifts = self.prepared.shifts(row, 1);
                    self.prepared.preprocessor().unit_interval(out, shifts);
                });
            }
            Likelihood::NegativeBinomial => {
                let counts = out.counts.get_or_insert_default();
                counts.resize(size, 0.0);
                each(counts, &|row, out| {
                    self.prepared.fill_counts(row_of(row), out)
                });
            }
        }
    }

    /// Rows at these places of what was made.
    fn dataset<'b>(&'b self, made: &'b Made) -> Dataset<'b> {
        let input = made.scaled.as_deref().unwrap_or(&made.values);
        Dataset {
            counts: made.counts.as_deref(),
            ..Dataset::new(input, self.prepared.n_genes())
        }
    }

    /// A batch made of rows of the matrix.
    fn new_batch(&self, rows: &[usize], row_of: &RowOf) -> Result<Batch> {
        let width = self.prepared.n_genes();
        let x = nn::fill_rows(rows.len(), width, |at, out| {
            let row = rows[at];
            self.prepared.fill(row, row_of(row), out);
            if self.likelihood == Likelihood::Bernoulli {
                let shifts = self.prepared.shifts(row, 1);
                self.prepared.preprocessor().unit_interval(out, shifts);
            }
        })?;
        let mut batch = Batch::new(x);
        if let Some(libraries) = &self.libraries {
            batch.counts = Some(nn::fill_rows(rows.len(), width, |at, out| {
                self.prepared.fill_counts(row_of(rows[at]), out)
            })?);
            let own: Vec<f64> = rows.iter().map(|&row| libraries.own[row]).collect();
            batch.context.library = Some(Tensor::new(own, &Device::Cpu)?);
        }
        self.with_covariates(batch, rows)
    }

    /// A batch of what was made; `places` are where its rows lie there, `rows` which samples
    /// they are.
    fn batch(&self, made: &Made, places: &[usize], rows: &[usize]) -> Result<Batch> {
        self.with_covariates(self.dataset(made).batch(places)?, rows)
    }

    fn with_covariates(&self, mut batch: Batch, rows: &[usize]) -> Result<Batch> {
        if let Some((values, width)) = &self.covariates {
            batch.context.covariates = Some(nn::gather_rows(values, *width, rows)?);
        }
        Ok(batch)
    }

    /// Shows all samples in blocks.
    pub fn each_block(&self, visit: &mut dyn FnMut(&InputBlock) -> Result<()>) -> Result<()> {
        let mut own = Made::default();
        let width = self.prepared.n_genes();
        self.prepared.matrix().each_block(&mut |first, count, row| {
            let rows: Vec<usize> = (first..first + count).collect();
            let (made, start) = match &self.made {
                Some(made) => (made, first),
                None => {
                    self.fill(&rows, row, &mut own);
                    (&own, 0)
                }
            };
            let places: Vec<usize> = (start..start + count).collect();
            visit(&InputBlock {
                first,
                count,
                values: &made.values[start * width..(start + count) * width],
                batch: &|| self.batch(made, &places, &rows),
            })
        })
    }

    /// What a model makes of all samples, a block at a time: `[samples, width]`, row by row.
    pub fn by_batch(&self, layer: impl Fn(&Batch) -> Result<Tensor>) -> Result<Vec<f32>> {
        let mut values = Vec::new();
        self.each_block(&mut |block| {
            values.extend(flat(&layer(&block.batch()?)?)?);
            Ok(())
        })?;
        Ok(values)
    }

    /// The rows of an ordered pass over few of a streamed matrix's samples, read once.
    fn kept(&self, streamed: &Streamed, groups: &[Vec<&[usize]>]) -> Result<Option<Arc<Kept>>> {
        let rows: Vec<usize> = groups
            .iter()
            .flatten()
            .copied()
            .flatten()
            .copied()
            .collect();
        if !rows.is_sorted() || streamed.bytes(rows.len()) > KEPT_BYTES {
            return Ok(None);
        }
        let mut kept = locked(&self.kept);
        if let Some(kept) = kept.as_ref().filter(|kept| kept.rows == rows) {
            return Ok(Some(kept.clone()));
        }
        let load = streamed.load(&rows)?;
        let read = Arc::new(Kept { rows, load });
        *kept = Some(read.clone());
        Ok(Some(read))
    }

    /// Bytes of the samples held out that are kept in memory.
    pub fn kept_bytes(&self, held_out: usize) -> u64 {
        let streamed = self.prepared.matrix().streamed();
        let bytes = streamed.map_or(0, |streamed| streamed.bytes(held_out));
        if bytes > KEPT_BYTES { 0 } else { bytes }
    }

    /// The median sums of counts in the model's genes and in all genes.
    pub fn median_library(&self) -> Option<(f64, f64)> {
        let libraries = self.libraries.as_ref()?;
        let median = |values: &[f64]| {
            let mut values = values.to_vec();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        Some((median(&libraries.own), median(&libraries.totals)))
    }
}

impl BatchSource for ModelInput<'_> {
    fn samples(&self) -> usize {
        self.prepared.matrix().n_samples()
    }

    fn features(&self) -> usize {
        self.prepared.n_genes()
    }

    fn whole(&self) -> Option<Dataset<'_>> {
        let made = self.made.as_ref()?;
        let covariates = self.covariates.as_ref();
        Some(Dataset {
            covariates: covariates.map(|(values, _)| values.as_slice()),
            n_covariates: covariates.map_or(0, |(_, width)| *width),
            ..self.dataset(made)
        })
    }

    fn expect(&self, groups: &[Vec<&[usize]>]) {
        if let Some(streamed) = self.prepared.matrix().streamed() {
            let first = loads(groups, streamed.load_rows(BLOCK)).into_iter().next();
            *locked(&self.expected) = first.map(|load| load.concat());
        }
    }

    fn each_batch(&self, groups: &[Vec<&[usize]>], visit: &mut Visit) -> Result<()> {
        if let Some(made) = &self.made {
            for rows in groups.iter().flatten() {
                visit(rows, &self.batch(made, rows, rows)?)?;
            }
            return Ok(());
        }
        let mut show = |rows: &[usize], row_of: &RowOf| visit(rows, &self.new_batch(rows, row_of)?);
        let matrix = self.prepared.matrix();
        if let Some(rows) = matrix.rows_in_memory() {
            for batch in groups.iter().flatten() {
                show(batch, &|sample| rows.row(sample))?;
            }
        }
        if let Some(streamed) = matrix.streamed() {
            if let Some(kept) = self.kept(streamed, groups)? {
                for batch in groups.iter().flatten() {
                    kept.load.show(|row| show(batch, row))?;
                }
                return Ok(());
            }
            let loads = loads(groups, streamed.load_rows(BLOCK));
            let plan: Vec<Vec<usize>> = loads.iter().map(|load| load.concat()).collect();
            let expected = locked(&self.expected).take();
            let ahead = locked(&self.ahead).take_if(|ahead| Some(&ahead.rows) == plan.first());
            let next = streamed.each_load(ahead, plan, expected, &mut |at, load| {
                for batch in &loads[at] {
                    load.show(|row| show(batch, row))?;
                }
                Ok(())
            })?;
            if next.is_some() {
                *locked(&self.ahead) = next;
            }
        }
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The batches that are read together: those of a group, in parts of at most `most` rows.
fn loads<'a>(groups: &[Vec<&'a [usize]>], most: usize) -> Vec<Vec<&'a [usize]>> {
    let mut loads: Vec<Vec<&[usize]>> = Vec::new();
    for group in groups {
        let mut held = usize::MAX;
        for batch in group {
            let sum = held.saturating_add(batch.len());
            match loads.last_mut() {
                Some(load) if sum <= most => {
                    load.push(batch);
                    held = sum;
                }
                _ => {
                    loads.push(vec![batch]);
                    held = batch.len();
                }
            }
        }
    }
    loads
}

/// The hidden values of the gene-set layer: `[samples, sets]`, row by row.
pub(super) fn node_values(model: &dyn Autoencoder, batch: &Batch) -> Result<Vec<f32>> {
    let nodes = model.gene_set_nodes(&batch.x)?.ok_or_else(|| {
        Error::data(
            "this model has no gene-set layer",
            "Choose a model whose nodes are gene sets, such as `gsae`.",
        )
    })?;
    flat(&nodes)
}

/// The latent coordinates: `[samples, latent]`, row by row.
pub(super) fn latent_values(model: &dyn Autoencoder, batch: &Batch) -> Result<Vec<f32>> {
    flat(&model.encode(&batch.x)?)
}

fn flat(values: &Tensor) -> Result<Vec<f32>> {
    Ok(values.contiguous()?.flatten_all()?.to_vec1()?)
}
