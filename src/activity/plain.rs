//! Plain scores of gene sets in samples that come in blocks, so that a matrix of cells is never
//! written out in full.

use crate::error::{Error, Result};
use crate::expression::{ExpressionMatrix, Normalization};
use crate::io::available_memory;
use crate::stats::scores::{
    AucellOptions, Estimates, GsvaOptions, MeanZ, Members, Mlm, Samples, SsgseaOptions,
    ZScoreCenter, aucell, gsva, ssgsea, ulm, z_score,
};

/// A score that needs no model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PlainMethod {
    /// [`ulm`].
    Ulm,
    /// [`mlm`](crate::stats::scores::mlm).
    Mlm,
    /// [`z_score`].
    ZScore(ZScoreCenter),
    /// [`mean_z`](crate::stats::scores::mean_z).
    MeanZ,
    /// [`aucell`].
    Aucell(AucellOptions),
    /// [`ssgsea`].
    Ssgsea(SsgseaOptions),
    /// [`gsva`].
    Gsva(GsvaOptions),
}

/// Scores of some samples: `[samples, sets]`, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct PlainBlock {
    /// The number of the first sample.
    pub first: usize,
    /// The scores.
    pub scores: Vec<f64>,
    /// Two-sided p-values, where the method has them.
    pub p: Option<Vec<f64>>,
}

impl PlainMethod {
    /// Bytes that the samples take written out in full, for a method that needs all at once: GSVA,
    /// whose kernels are over all samples, and ssGSEA where it is divided by the range of all
    /// scores.
    pub fn whole_bytes(&self, samples: usize, genes: usize) -> Option<u64> {
        let values = samples as u64 * genes as u64;
        match self {
            // In single precision, and every value's place in double.
            Self::Gsva(_) => Some(12 * values),
            Self::Ssgsea(options) if options.normalize => Some(4 * values),
            _ => None,
        }
    }

    /// Scores the samples after normalisation and shows them block by block, in their order; the
    /// matrix may be sparse or streamed.
    ///
    /// ```
    /// use gsae::activity::PlainMethod;
    /// use gsae::stats::scores::{Members, Samples, mean_z};
    /// use gsae::{ExpressionMatrix, Normalization};
    ///
    /// let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    /// let values = vec![1.0, 5.0, 2.0, 5.0, 3.0, 5.0];
    /// let sets = [Members::new(vec![0, 1])];
    /// let expected = mean_z(&Samples::new(&values, 2)?, &sets)?;
    /// let matrix = ExpressionMatrix::new(names(&["a", "b", "c"]), names(&["A", "B"]), values)?;
    /// let mut scores = Vec::new();
    /// PlainMethod::MeanZ.score(&matrix, Normalization::None, &sets, &mut |block| {
    ///     scores.extend(block.scores);
    ///     Ok(())
    /// })?;
    /// assert_eq!(scores, expected);
    /// # Ok::<(), gsae::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of the method and of the normalisation; [`Error::Data`] where a method needs all
    /// samples at once and they do not fit into the memory that is available; those of `visit`.
    pub fn score(
        &self,
        matrix: &ExpressionMatrix,
        normalization: Normalization,
        sets: &[Members],
        visit: &mut dyn FnMut(PlainBlock) -> Result<()>,
    ) -> Result<()> {
        let genes = matrix.n_genes();
        let each = |see: &mut dyn FnMut(usize, &Samples<f32>) -> Result<()>| {
            matrix.each_normalised_block(normalization, &mut |first, values| {
                see(first, &Samples::new(values, genes)?)
            })
        };
        if let Some(bytes) = self.whole_bytes(matrix.n_samples(), genes) {
            fits(matrix, bytes)?;
            let mut all = Vec::with_capacity(matrix.n_samples() * genes);
            matrix.each_normalised_block(normalization, &mut |_, values| {
                all.extend_from_slice(values);
                Ok(())
            })?;
            let (scores, p) = self.each_alone(&Samples::new(&all, genes)?, sets)?;
            let first = 0;
            return visit(PlainBlock { first, scores, p });
        }
        match self {
            Self::MeanZ => {
                let mut moments = MeanZ::new(matrix.n_samples(), genes)?;
                each(&mut |_, samples| {
                    moments.add_to_means(samples);
                    Ok(())
                })?;
                each(&mut |_, samples| {
                    moments.add_to_squares(samples);
                    Ok(())
                })?;
                each(&mut |first, samples| {
                    let scores = moments.scores(samples, sets)?;
                    let p = None;
                    visit(PlainBlock { first, scores, p })
                })
            }
            Self::Mlm => {
                let model = Mlm::new(sets, genes)?;
                each(&mut |first, samples| {
                    let (scores, p) = with_p(model.scores(samples)?);
                    visit(PlainBlock { first, scores, p })
                })
            }
            _ => each(&mut |first, samples| {
                let (scores, p) = self.each_alone(samples, sets)?;
                visit(PlainBlock { first, scores, p })
            }),
        }
    }

    /// The scores of these samples by themselves.
    fn each_alone(&self, samples: &Samples<f32>, sets: &[Members]) -> Result<Scored> {
        Ok(match self {
            Self::Ulm => with_p(ulm(samples, sets)?),
            Self::Mlm => with_p(Mlm::new(sets, samples.n_genes())?.scores(samples)?),
            Self::ZScore(center) => with_p(z_score(samples, sets, *center)?),
            Self::MeanZ => (crate::stats::scores::mean_z(samples, sets)?, None),
            Self::Aucell(options) => (aucell(samples, sets, options)?, None),
            Self::Ssgsea(options) => (ssgsea(samples, sets, options)?, None),
            Self::Gsva(options) => (gsva(samples, sets, options)?, None),
        })
    }
}

/// Scores, and p-values where there are any.
type Scored = (Vec<f64>, Option<Vec<f64>>);

fn with_p(Estimates { scores, p }: Estimates) -> Scored {
    (scores, Some(p))
}

/// Refuses what would not fit into memory.
fn fits(matrix: &ExpressionMatrix, bytes: u64) -> Result<()> {
    match available_memory() {
        Some(available) if bytes > available => Err(Error::data(
            format!(
                "this method needs {} samples x {} genes written out in full, about {:.1} GB, and \
                 {:.1} GB of memory are available",
                matrix.n_samples(),
                matrix.n_genes(),
                bytes as f64 / 1e9,
                available as f64 / 1e9
            ),
            "Give fewer samples, or choose a method that takes them one by one: ulm, mlm, zscore, \
             mean-z, aucell, ssgsea.",
        )),
        _ => Ok(()),
    }
}
