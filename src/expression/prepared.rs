//! Samples as a model sees them, made from the matrix when they are asked for.

use super::normalize::Refused;
use super::rows::Row;
use super::{BLOCK, ExpressionMatrix, Preprocessor};
use crate::error::{Error, Result};
use rayon::prelude::*;

/// No gene of the model.
const NONE: u32 = u32::MAX;

/// Which gene of a model every column of a matrix is.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    gene_of: Vec<u32>,
    /// Which of the model's genes the matrix has.
    pub present: Vec<bool>,
    complete: bool,
}

impl Columns {
    pub fn new(genes: &[String], matrix: &ExpressionMatrix) -> Self {
        let index = matrix.gene_index();
        let mut gene_of = vec![NONE; matrix.n_genes()];
        let mut present = vec![false; genes.len()];
        for (at, gene) in genes.iter().enumerate() {
            if let Some(&column) = index.get(gene.as_str()) {
                gene_of[column] = at as u32;
                present[at] = true;
            }
        }
        Self {
            complete: !present.contains(&false),
            gene_of,
            present,
        }
    }

    /// The stored values of a row that belong to genes of the model.
    fn entries<'a>(&'a self, row: Row<'a>) -> impl Iterator<Item = (usize, f32)> + 'a {
        row.entries().filter_map(|(column, value)| {
            let gene = self.gene_of[column];
            (gene != NONE).then_some((gene as usize, value))
        })
    }
}

/// What is particular to every sample.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SampleScale {
    /// The shift common to its genes, in every block: `[samples, blocks]`.
    pub shifts: Vec<f64>,
    /// The sum of its counts, where they are counts.
    pub totals: Vec<f64>,
}

/// A matrix seen through a preprocessor: nothing is stored but what is particular to every
/// sample, and rows are normalised, centred and scaled when they are asked for.
pub(crate) struct Prepared<'a> {
    preprocessor: &'a Preprocessor,
    matrix: &'a ExpressionMatrix,
    columns: Columns,
    /// What a centred value of every gene is multiplied by.
    factors: Vec<f64>,
    scale: SampleScale,
}

/// Sums of counts of every sample.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Libraries {
    /// Over the model's genes.
    pub own: Vec<f64>,
    /// Over all genes.
    pub totals: Vec<f64>,
}

impl<'a> Prepared<'a> {
    /// Looks once at all samples.
    ///
    /// # Errors
    /// [`Error::Data`] if the values cannot be normalised as the training samples were.
    pub fn new(preprocessor: &'a Preprocessor, matrix: &'a ExpressionMatrix) -> Result<Self> {
        let columns = Columns::new(preprocessor.genes(), matrix);
        let scale = preprocessor.measure(matrix, &columns, &mut |_| {})?;
        Ok(Self::with(preprocessor, matrix, columns, scale))
    }

    /// The samples a preprocessor was learned from, with what was measured of them then.
    pub fn learned(
        preprocessor: &'a Preprocessor,
        matrix: &'a ExpressionMatrix,
        scale: SampleScale,
    ) -> Self {
        let columns = Columns::new(preprocessor.genes(), matrix);
        Self::with(preprocessor, matrix, columns, scale)
    }

    fn with(
        preprocessor: &'a Preprocessor,
        matrix: &'a ExpressionMatrix,
        columns: Columns,
        scale: SampleScale,
    ) -> Self {
        let divisors = preprocessor.divisors.iter();
        Self {
            factors: divisors.map(|divisor| divisor.recip()).collect(),
            preprocessor,
            matrix,
            columns,
            scale,
        }
    }

    pub fn preprocessor(&self) -> &'a Preprocessor {
        self.preprocessor
    }

    pub fn matrix(&self) -> &'a ExpressionMatrix {
        self.matrix
    }

    /// Which of the model's genes the data have.
    pub fn present(&self) -> &[bool] {
        &self.columns.present
    }

    pub fn n_genes(&self) -> usize {
        self.columns.present.len()
    }

    /// The shifts of some samples: `[samples, blocks]`.
    pub fn shifts(&self, first: usize, count: usize) -> &[f64] {
        let width = self.preprocessor.n_blocks;
        &self.scale.shifts[first * width..(first + count) * width]
    }

    /// A sample as a model sees it: `[genes]`.
    pub fn fill(&self, sample: usize, row: Row, out: &mut [f32]) {
        let preprocessor = self.preprocessor;
        let total = self.scale.totals[sample];
        let normalized = preprocessor.normalization.of_sample(total);
        let shifts = self.shifts(sample, 1);
        let prepare = |gene: usize, value: f32| {
            let shift = match shifts {
                [shift] => *shift,
                _ => shifts[preprocessor.block_of[gene]],
            };
            scaled(value, preprocessor.means[gene], shift, self.factors[gene])
        };
        if !self.columns.complete {
            out.fill(0.0);
        }
        if matches!(row, Row::Sparse { .. }) {
            match shifts {
                // The usual case, in a loop that the compiler makes vectors of.
                [shift] if self.columns.complete => pulp::Arch::new().dispatch(
                    #[inline(always)]
                    || {
                        let genes = preprocessor.means.iter().zip(&self.factors);
                        for (out, (mean, factor)) in out.iter_mut().zip(genes) {
                            *out = scaled(0.0, *mean, *shift, *factor);
                        }
                    },
                ),
                _ => {
                    for (gene, out) in out.iter_mut().enumerate() {
                        if self.columns.present[gene] {
                            *out = prepare(gene, 0.0);
                        }
                    }
                }
            }
        }
        for (gene, value) in self.columns.entries(row) {
            out[gene] = prepare(gene, normalized.value(value));
        }
    }

    /// The counts of a sample in the model's genes: `[genes]`.
    pub fn fill_counts(&self, row: Row, out: &mut [f32]) {
        out.fill(0.0);
        for (gene, count) in self.columns.entries(row) {
            out[gene] = count;
        }
    }

    /// The sums of the samples' counts.
    ///
    /// # Errors
    /// [`Error::Data`] naming the first value that is no count, or a sample without counts.
    pub fn libraries(&self) -> Result<Libraries> {
        let mut libraries = Libraries {
            own: Vec::with_capacity(self.matrix.n_samples()),
            totals: Vec::with_capacity(self.matrix.n_samples()),
        };
        self.matrix.each_block(&mut |first, count, row| {
            for sample in first..first + count {
                let row = row(sample);
                let no_count = |(_, value): &(usize, f32)| *value < 0.0 || value.fract() != 0.0;
                if let Some((column, value)) = row.entries().find(no_count) {
                    return Err(Error::data(
                        format!(
                            "gene {:?} is {value} in sample {:?}, and a negative binomial \
                             likelihood needs raw counts, whole numbers from 0",
                            self.matrix.genes()[column],
                            self.matrix.samples()[sample]
                        ),
                        "Give the raw counts, or use --likelihood gaussian.",
                    ));
                }
                let own: f64 = self.columns.entries(row).map(|(_, v)| f64::from(v)).sum();
                if own == 0.0 {
                    return Err(Error::data(
                        format!(
                            "the sample {:?} has no counts in the model's genes",
                            self.matrix.samples()[sample]
                        ),
                        "Remove it from the matrix: it says nothing about any pathway.",
                    ));
                }
                libraries.own.push(own);
                let all = row.stored().iter().map(|value| f64::from(*value));
                libraries.totals.push(all.sum());
            }
            Ok(())
        })?;
        Ok(libraries)
    }
}

/// A normalised value without its gene's mean and its sample's shift, scaled.
#[inline(always)]
fn scaled(value: f32, mean: f64, shift: f64, factor: f64) -> f32 {
    let centred = (f64::from(value) - mean - shift) as f32;
    (f64::from(centred) * factor) as f32
}

/// The normalised values of a block of samples with the sums of their counts; `values` becomes
/// `[count, genes]` of the matrix.
pub(super) fn normalised_block(
    preprocessing: super::Normalization,
    matrix: &ExpressionMatrix,
    (first, count): (usize, usize),
    row: &super::access::RowOf,
    values: &mut Vec<f32>,
) -> Result<Vec<f64>> {
    let width = matrix.n_genes();
    values.resize(count * width, 0.0);
    let totals: Vec<Result<f64, Refused>> = values
        .par_chunks_exact_mut(width.max(1))
        .enumerate()
        .map(|(at, out)| {
            let row = row(first + at);
            let total = preprocessing.check(row.stored())?;
            if matches!(row, Row::Sparse { .. }) {
                out.fill(0.0);
            }
            let normalized = preprocessing.of_sample(total);
            for (column, value) in row.entries() {
                out[column] = normalized.value(value);
            }
            Ok(total)
        })
        .collect();
    first_refused(totals, preprocessing, matrix, first)
}

/// The values, or the error of the first sample that has one.
fn first_refused<T>(
    results: Vec<Result<T, Refused>>,
    normalization: super::Normalization,
    matrix: &ExpressionMatrix,
    first: usize,
) -> Result<Vec<T>> {
    let results = results.into_iter().enumerate();
    results
        .map(|(at, result)| {
            result.map_err(|refused| refused.error(normalization, matrix, first + at))
        })
        .collect()
}

impl Preprocessor {
    /// The shifts of all samples and the sums of their counts; `visit` gets the samples block
    /// by block without their shifts and the genes' means: `[up to BLOCK, genes]`, 0 for a gene
    /// that the matrix lacks.
    pub(super) fn measure(
        &self,
        matrix: &ExpressionMatrix,
        columns: &Columns,
        visit: &mut dyn FnMut(&[f32]),
    ) -> Result<SampleScale> {
        let width = self.genes.len();
        let mut scale = SampleScale {
            shifts: Vec::with_capacity(matrix.n_samples() * self.n_blocks),
            totals: Vec::with_capacity(matrix.n_samples()),
        };
        let mut centred = vec![0f32; BLOCK.min(matrix.n_samples()) * width];
        let mut shifts = vec![0f64; BLOCK * self.n_blocks];
        matrix.each_block(&mut |first, count, row| {
            let centred = &mut centred[..count * width];
            let shifts = &mut shifts[..count * self.n_blocks];
            let totals: Vec<Result<f64, Refused>> = centred
                .par_chunks_exact_mut(width.max(1))
                .zip(shifts.par_chunks_exact_mut(self.n_blocks))
                .enumerate()
                .map_init(Vec::new, |scratch, (at, (out, shifts))| {
                    let row = row(first + at);
                    let total = self.normalization.check(row.stored())?;
                    self.centre(columns, row, total, out, shifts, scratch);
                    Ok(total)
                })
                .collect();
            let totals = first_refused(totals, self.normalization, matrix, first)?;
            scale.totals.extend(totals);
            scale.shifts.extend_from_slice(shifts);
            visit(centred);
            Ok(())
        })?;
        Ok(scale)
    }

    /// A sample without the genes' training means and without the median of what is left; 0
    /// where a gene has no column.
    fn centre(
        &self,
        columns: &Columns,
        row: Row,
        total: f64,
        out: &mut [f32],
        shifts: &mut [f64],
        scratch: &mut Vec<f64>,
    ) {
        out.fill(0.0);
        let normalized = self.normalization.of_sample(total);
        for (gene, value) in columns.entries(row) {
            out[gene] = normalized.value(value);
        }
        let there = |gene: &usize| columns.complete || columns.present[*gene];
        let genes = || (0..out.len()).filter(there);
        for (block, shift) in shifts.iter_mut().enumerate() {
            scratch.clear();
            let own = genes().filter(|gene| self.n_blocks == 1 || self.block_of[*gene] == block);
            scratch.extend(own.map(|gene| f64::from(out[gene]) - self.means[gene]));
            *shift = median(scratch);
        }
        for gene in 0..out.len() {
            if there(&gene) {
                let deviation = f64::from(out[gene]) - self.means[gene];
                out[gene] = (deviation - shifts[self.block_of[gene]]) as f32;
            }
        }
    }
}

/// The middle value, the lower of two; 0 of none.
fn median(values: &mut [f64]) -> f64 {
    let middle = values.len().saturating_sub(1) / 2;
    if values.is_empty() {
        return 0.0;
    }
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}
