//! From a matrix as read to what a model sees, learned once and applied again to new samples.

use super::filter::GeneMoments;
use super::prepared::{Columns, Prepared, SampleScale, normalised_block};
use super::{Block, ExpressionMatrix, GeneFilter, Normalization};
use crate::error::{Error, Result};
use crate::stats::ColumnMoments;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// How a gene is scaled after its training mean is taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// Divided by its SD: every gene counts the same.
    Unit,
    /// Divided by the square root of its SD (Pareto scaling, van den Berg et al. 2006): genes
    /// that vary more count more, but not in proportion.
    Pareto,
    /// Not scaled.
    Center,
}

impl Scaling {
    fn divisor(self, sd: f64) -> f64 {
        match self {
            Self::Unit => sd,
            Self::Pareto => sd.sqrt(),
            Self::Center => 1.0,
        }
    }
}

impl FromStr for Scaling {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "unit" => Ok(Self::Unit),
            "pareto" => Ok(Self::Pareto),
            "center" => Ok(Self::Center),
            _ => Err(Error::config(
                "--scaling",
                format!("is unit, pareto or center, not {text:?}"),
            )),
        }
    }
}

/// The choices of preprocessing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PreprocessOptions {
    /// The normalisation; recognised from the data if `None`.
    pub normalization: Option<Normalization>,
    /// Which genes are used.
    pub filter: GeneFilter,
    /// How genes are scaled.
    pub scaling: Scaling,
}

impl Default for PreprocessOptions {
    fn default() -> Self {
        Self {
            normalization: None,
            filter: GeneFilter::default(),
            scaling: Scaling::Pareto,
        }
    }
}

/// Preprocessing with everything it learned from the training samples.
///
/// A normalised value `x` of gene g in sample i becomes `(x - m_g - s_i) / d_g`: `m_g` the gene's
/// training mean; `s_i` the median over the sample's genes of `x - m_g`, a shift common to the
/// sample's genes, in small cohorts often larger than any pathway (a median, as pathways move
/// part of the genes, and in single cells most genes are silent); `d_g` by the gene's training SD
/// without that shift and the [`Scaling`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preprocessor {
    pub(super) normalization: Normalization,
    pub(super) scaling: Scaling,
    pub(super) genes: Vec<String>,
    pub(super) means: Vec<f64>,
    pub(super) divisors: Vec<f64>,
    /// The least and the greatest normalised value of every gene.
    pub(super) ranges: Vec<(f64, f64)>,
    /// The block of every gene, where there are several matrices.
    pub(super) block_of: Vec<usize>,
    pub(super) n_blocks: usize,
}

/// Samples as a model sees them.
#[derive(Debug, Clone, PartialEq)]
pub struct Preprocessed {
    /// The sample names.
    pub samples: Vec<String>,
    /// `[samples, genes]`, row by row, in the order of the preprocessor's genes; 0, the training
    /// mean, for a gene that the data lack.
    pub values: Vec<f32>,
    /// Which of the preprocessor's genes the data have.
    pub present: Vec<bool>,
    /// The shift common to all genes that was taken out of every sample, in every block:
    /// `[samples, blocks]`.
    pub shifts: Vec<f64>,
}

impl Preprocessed {
    /// The number of samples.
    pub fn n_samples(&self) -> usize {
        self.samples.len()
    }

    /// The number of genes.
    pub fn n_genes(&self) -> usize {
        self.present.len()
    }
}

impl Preprocessor {
    /// Learns normalisation, genes, means and SDs from the training samples. Genes are put in the
    /// order of their names first, so that their order in the file changes no bit.
    ///
    /// # Errors
    /// [`Error::Data`] if the data cannot be normalised or no gene passes the filter.
    pub fn fit(matrix: &ExpressionMatrix, options: &PreprocessOptions) -> Result<Self> {
        Self::fit_blocks(matrix, options, &[])
    }

    /// As [`fit`](Self::fit) for a joined matrix, whose blocks have a shift each in every sample.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_blocks(
        matrix: &ExpressionMatrix,
        options: &PreprocessOptions,
        blocks: &[Block],
    ) -> Result<Self> {
        Ok(Self::learn(matrix, options, blocks)?.0)
    }

    /// [`fit_blocks`](Self::fit_blocks) in two passes over the samples, and what was measured of
    /// them on the way.
    pub(crate) fn learn(
        matrix: &ExpressionMatrix,
        options: &PreprocessOptions,
        blocks: &[Block],
    ) -> Result<(Self, SampleScale)> {
        if matrix.n_samples() < 2 {
            return Err(Error::data(
                format!(
                    "a model needs several samples, and there is {}",
                    matrix.n_samples()
                ),
                "Give more samples, or score these with `gsae activity` and a trained model.",
            ));
        }
        let normalization = options
            .normalization
            .unwrap_or_else(|| Normalization::detect(matrix).normalization);
        let width = matrix.n_genes();
        let order = canonical_order(matrix);
        let all = Genes::new(matrix, normalization)?;
        let moments: Vec<GeneMoments> = order.iter().map(|&gene| all.moments(gene)).collect();
        let kept = options.filter.keep(&moments);
        if moments.iter().all(|moments| moments.sd == 0.0) {
            return Err(Error::data(
                format!("each of the {width} genes is the same in all samples"),
                "A model needs samples that differ.",
            ));
        }
        if kept.is_empty() {
            return Err(Error::data(
                format!("none of the {width} genes passes the gene filter"),
                "Genes must vary over the samples; lower --min-mean, --min-sd or \
                 --min-expressed.",
            ));
        }
        let mut preprocessor = Self {
            normalization,
            scaling: options.scaling,
            genes: kept
                .iter()
                .map(|&at| matrix.genes()[order[at]].clone())
                .collect(),
            means: kept.iter().map(|&at| moments[at].mean).collect(),
            divisors: Vec::new(),
            block_of: kept
                .iter()
                .map(|&at| Block::position(blocks, &matrix.genes()[order[at]]).unwrap_or(0))
                .collect(),
            n_blocks: blocks.len().max(1),
            ranges: kept.iter().map(|&at| all.range(order[at])).collect(),
        };
        let columns = Columns::new(&preprocessor.genes, matrix);
        let mut spread = ColumnMoments::new(kept.len());
        let scale = preprocessor.measure(matrix, &columns, &mut |centred| spread.add(centred))?;
        preprocessor.divisors = (0..kept.len())
            .map(|gene| {
                let divisor = options.scaling.divisor(sd(&spread, gene));
                if divisor > 0.0 { divisor } else { 1.0 }
            })
            .collect();
        Ok((preprocessor, scale))
    }

    /// The genes, in the order of their names.
    pub fn genes(&self) -> &[String] {
        &self.genes
    }

    /// The genes' means over the training samples, normalised values: `[genes]`.
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// The normalisation.
    pub fn normalization(&self) -> Normalization {
        self.normalization
    }

    /// Applies what was learned to samples, the training ones or new ones.
    ///
    /// # Errors
    /// [`Error::Data`] if the values cannot be normalised as the training samples were.
    pub fn transform(&self, matrix: &ExpressionMatrix) -> Result<Preprocessed> {
        let prepared = Prepared::new(self, matrix)?;
        let width = self.genes.len();
        let mut values = vec![0f32; matrix.n_samples() * width];
        matrix.each_block(&mut |first, count, row| {
            values[first * width..(first + count) * width]
                .par_chunks_exact_mut(width.max(1))
                .enumerate()
                .for_each(|(at, out)| prepared.fill(first + at, row(first + at), out));
            Ok(())
        })?;
        Ok(Preprocessed {
            samples: matrix.samples().to_vec(),
            values,
            present: prepared.present().to_vec(),
            shifts: prepared.shifts(0, matrix.n_samples()).to_vec(),
        })
    }

    /// How many shifts a sample has.
    pub fn n_blocks(&self) -> usize {
        self.n_blocks
    }
}

/// The columns in the order of their genes' names.
fn canonical_order(matrix: &ExpressionMatrix) -> Vec<usize> {
    let mut order: Vec<usize> = (0..matrix.n_genes()).collect();
    order.sort_by(|&a, &b| matrix.genes()[a].cmp(&matrix.genes()[b]));
    order
}

/// The SD of a column. One that is constant has rounding left over at most.
fn sd(moments: &ColumnMoments, column: usize) -> f64 {
    let (mean, variance) = (moments.mean(column), moments.variance(column));
    if variance > 1e-12 * mean * mean {
        variance.sqrt()
    } else {
        0.0
    }
}

/// What one pass over the normalised samples says of every gene.
struct Genes {
    moments: ColumnMoments,
    /// The least and the greatest value, and how many are above 0.
    extremes: Vec<(f32, f32, usize)>,
    samples: usize,
}

impl Genes {
    fn new(matrix: &ExpressionMatrix, normalization: Normalization) -> Result<Self> {
        let width = matrix.n_genes();
        let mut genes = Self {
            moments: ColumnMoments::new(width),
            extremes: vec![(f32::INFINITY, f32::NEG_INFINITY, 0); width],
            samples: matrix.n_samples(),
        };
        let mut values = Vec::new();
        matrix.each_block(&mut |first, count, row| {
            normalised_block(normalization, matrix, (first, count), row, &mut values)?;
            genes.moments.add(&values);
            let values = &values;
            let tasks = genes.extremes.par_chunks_mut(512).enumerate();
            tasks.for_each(|(task, extremes)| {
                for row in values.chunks_exact(width) {
                    let own = &row[512 * task..][..extremes.len()];
                    for ((least, most, above), value) in extremes.iter_mut().zip(own) {
                        *least = least.min(*value);
                        *most = most.max(*value);
                        *above += usize::from(*value > 0.0);
                    }
                }
            });
            Ok(())
        })?;
        Ok(genes)
    }

    fn moments(&self, gene: usize) -> GeneMoments {
        GeneMoments {
            mean: self.moments.mean(gene),
            sd: sd(&self.moments, gene),
            expressed: self.extremes[gene].2 as f64 / self.samples as f64,
        }
    }

    fn range(&self, gene: usize) -> (f64, f64) {
        let (least, most, _) = self.extremes[gene];
        (f64::from(least), f64::from(most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(genes: &[&str], values: &[f32]) -> Result<ExpressionMatrix> {
        let samples = (0..values.len() / genes.len())
            .map(|i| format!("s{i}"))
            .collect();
        let genes = genes.iter().map(ToString::to_string).collect();
        ExpressionMatrix::new(samples, genes, values.to_vec())
    }

    #[test]
    fn counts_become_log_counts_per_ten_thousand_standardised() -> Result<()> {
        let data = matrix(&["B", "A"], &[1., 3., 5., 5., 0., 8.])?;
        let fitted = Preprocessor::fit(&data, &PreprocessOptions::default())?;
        assert_eq!(fitted.normalization(), Normalization::Log1pCp10k);
        assert_eq!(fitted.genes(), ["A", "B"]);
        let out = fitted.transform(&data)?;
        // By hand: of two deviations the lower is the median, so the other gene keeps the rest.
        let logs = |shares: [f64; 3]| shares.map(|share| (1e4 * share).ln_1p());
        let (a, b) = (logs([0.75, 0.5, 1.0]), logs([0.25, 0.5, 0.0]));
        let mean = |values: [f64; 3]| values.iter().sum::<f64>() / 3.0;
        let rest = [0, 1, 2].map(|row| ((a[row] - mean(a)) - (b[row] - mean(b))).max(0.0));
        let squares = rest.map(|value| (value - mean(rest)).powi(2));
        let divisor = mean(squares).sqrt().sqrt();
        for (row, value) in rest.iter().enumerate() {
            let expected = value / divisor;
            assert!((f64::from(out.values[row * 2]) - expected).abs() < 1e-4);
        }
        Ok(())
    }

    #[test]
    fn a_shift_common_to_all_genes_of_a_sample_goes() -> Result<()> {
        let still = matrix(&["A", "B", "C"], &[0.5, 3., 1., 2.5, 5.5, 1., 1.5, 8., 2.])?;
        let moved = matrix(&["A", "B", "C"], &[7.5, 10., 8., 2.5, 5.5, 1., 0.5, 7., 1.])?;
        let options = PreprocessOptions::default();
        let inputs = [still, moved].map(|data| {
            Preprocessor::fit(&data, &options).and_then(|fitted| fitted.transform(&data))
        });
        let [still, moved] = inputs;
        for (a, b) in still?.values.iter().zip(&moved?.values) {
            assert!((a - b).abs() < 1e-5);
        }
        Ok(())
    }

    #[test]
    fn missing_genes_hold_the_training_mean_and_are_named() -> Result<()> {
        let data = matrix(&["A", "B"], &[0.5, 3., 2.5, 5., 1.5, 8.])?;
        let fitted = Preprocessor::fit(&data, &PreprocessOptions::default())?;
        let out = fitted.transform(&matrix(&["B", "C"], &[3.5, 1.0])?)?;
        assert_eq!(out.present, [false, true]);
        assert_eq!(out.values[0], 0.0);
        Ok(())
    }

    #[test]
    fn refusals_name_the_place() -> Result<()> {
        let options = |normalization| PreprocessOptions {
            normalization: Some(normalization),
            ..PreprocessOptions::default()
        };
        let message = |data: &ExpressionMatrix, normalization| {
            Preprocessor::fit(data, &options(normalization))
                .expect_err("refused")
                .to_string()
        };
        let negative = matrix(&["A"], &[1., -2.])?;
        assert!(message(&negative, Normalization::Log2p1).contains("\"A\" is -2 in sample \"s1\""));
        let fraction = matrix(&["A"], &[1., 2.5])?;
        assert!(message(&fraction, Normalization::Log1pCp10k).contains("needs counts"));
        let empty = matrix(&["A", "B"], &[1., 2., 0., 0.])?;
        assert!(message(&empty, Normalization::Log1pCp10k).contains("\"s1\" has no counts"));
        let constant = matrix(&["A"], &[2.5, 2.5])?;
        assert!(message(&constant, Normalization::None).contains("the same in all samples"));
        Ok(())
    }
}
