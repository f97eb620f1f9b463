//! Values that are missing or infinite, in blocks of rows.

use super::MissingValues;
use super::rows::Rows;
use rayon::prelude::*;

/// What is known of the missing values of rows seen so far.
pub(super) struct Tally {
    sums: Vec<f64>,
    missing: Vec<usize>,
    rows: usize,
}

/// What takes the place of a missing value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fill {
    /// None is missing.
    Nothing,
    Zero,
    /// A value for every gene that lacks some.
    Means(Vec<f32>),
}

/// The position of the first infinite value, or, failing that, of the first missing one where
/// that is refused; with what it is and what to do.
pub(super) fn refused(
    rows: &Rows,
    missing: MissingValues,
) -> Option<(usize, &'static str, &'static str)> {
    let first = |wrong: fn(&f32) -> bool| {
        let values = rows.stored();
        values.par_iter().position_first(wrong)
    };
    if let Some(at) = first(|value| value.is_infinite()) {
        return Some((at, "infinite", "Replace it by a number."));
    }
    if missing != MissingValues::Error {
        return None;
    }
    let at = first(|value| value.is_nan())?;
    Some((at, "missing", "Choose --missing zero or --missing mean."))
}

impl Tally {
    pub fn new(genes: usize) -> Self {
        Self {
            sums: vec![0.0; genes],
            missing: vec![0; genes],
            rows: 0,
        }
    }

    /// Takes the first `count` rows into account.
    pub fn add(&mut self, rows: &Rows, count: usize) {
        for row in 0..count {
            for (gene, value) in rows.row(row).entries() {
                if value.is_nan() {
                    self.missing[gene] += 1;
                } else {
                    self.sums[gene] += f64::from(value);
                }
            }
        }
        self.rows += count;
    }

    /// What to fill in, with a remark if anything is missing.
    pub fn fill(&self, missing: MissingValues) -> (Fill, Option<String>) {
        let count: usize = self.missing.iter().sum();
        if count == 0 {
            return (Fill::Nothing, None);
        }
        let (fill, done) = if missing == MissingValues::Mean {
            let genes = self.sums.iter().zip(&self.missing);
            let means = genes.map(|(sum, missing)| {
                let present = self.rows - missing;
                let mean = (sum / present.max(1) as f64) as f32;
                if *missing > 0 { mean } else { 0.0 }
            });
            (Fill::Means(means.collect()), "the mean of their gene")
        } else {
            (Fill::Zero, "0")
        };
        let remark = format!("{count} missing values were set to {done}");
        (fill, Some(remark))
    }
}

impl Fill {
    /// Whether counts stay counts.
    pub fn keeps_counts(&self) -> bool {
        match self {
            Self::Nothing | Self::Zero => true,
            Self::Means(means) => means.iter().all(|mean| *mean >= 0.0 && mean.fract() == 0.0),
        }
    }

    pub fn apply(&self, rows: &mut Rows) {
        if *self == Self::Nothing {
            return;
        }
        let missing: Vec<usize> = rows
            .stored()
            .par_iter()
            .enumerate()
            .filter(|(_, value)| value.is_nan())
            .map(|(at, _)| at)
            .collect();
        for at in missing {
            let filled = match self {
                Self::Means(means) => means[rows.place(at).1],
                _ => 0.0,
            };
            rows.stored_mut()[at] = filled;
        }
    }
}
