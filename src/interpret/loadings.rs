//! Loadings of genes or gene sets on latent units, and their tails.

use crate::io::{one_field, write_atomically};
use crate::{Error, Result};
use std::path::Path;

/// A number for every gene or gene set and latent unit.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadingTable {
    names: Vec<String>,
    units: Vec<String>,
    values: Vec<f32>,
}

/// An end of a latent unit's loadings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// What rises with the latent unit.
    Positive,
    /// What falls as it rises.
    Negative,
}

impl Tail {
    /// Both, the positive one first.
    pub const BOTH: [Self; 2] = [Self::Positive, Self::Negative];

    /// `positive` or `negative`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::Negative => "negative",
        }
    }

    fn sign(self) -> f64 {
        match self {
            Self::Positive => 1.0,
            Self::Negative => -1.0,
        }
    }
}

/// A gene or gene set in a tail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// Its row in the table.
    pub row: usize,
    /// Its loading.
    pub loading: f64,
    /// The loading's distance from the mean of the unit's loadings, in their SDs.
    pub z: f64,
}

impl LoadingTable {
    /// `values`: `[names, units]`, row by row; NaN where there is no loading.
    pub(super) fn new(names: Vec<String>, units: Vec<String>, values: Vec<f32>) -> Self {
        debug_assert_eq!(values.len(), names.len() * units.len());
        Self {
            names,
            units,
            values,
        }
    }

    /// The genes or gene sets, one a row.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The latent units, one a column.
    pub fn units(&self) -> &[String] {
        &self.units
    }

    /// All loadings, row by row; NaN where there is none.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The loadings on one latent unit, one a row.
    pub fn unit(&self, unit: usize) -> impl Iterator<Item = f64> + Clone {
        let own = self.values.iter().skip(unit).step_by(self.units.len());
        own.map(|value| f64::from(*value))
    }

    /// A unit's loadings as z-scores over its genes or gene sets (population SD); 0 where all are
    /// the same, NaN where there is no loading.
    pub fn z_scores(&self, unit: usize) -> Vec<f64> {
        let finite = || self.unit(unit).filter(|value| value.is_finite());
        let n = finite().count().max(1) as f64;
        let mean = finite().sum::<f64>() / n;
        let sd = (finite().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt();
        self.unit(unit)
            .map(|value| match value.is_finite() {
                true if sd > 1e-12 => (value - mean) / sd,
                true => 0.0,
                false => f64::NAN,
            })
            .collect()
    }

    /// The rows whose z-score is at least `least` on this side, the most extreme first, `count`
    /// at most; equal ones in the table's order. Rows at the mean are on neither side.
    pub fn tail(&self, unit: usize, tail: Tail, least: f64, count: usize) -> Vec<Ranked> {
        let z_scores = self.z_scores(unit);
        let mut ranked: Vec<Ranked> = self
            .unit(unit)
            .zip(z_scores)
            .enumerate()
            .filter(|(_, (_, z))| tail.sign() * z >= least && *z != 0.0)
            .map(|(row, (loading, z))| Ranked { row, loading, z })
            .collect();
        ranked.sort_by(|a, b| b.z.abs().total_cmp(&a.z.abs()).then(a.row.cmp(&b.row)));
        ranked.truncate(count);
        ranked
    }

    /// Writes a tab-separated table: a row a gene or gene set under the header `corner`, a column
    /// a latent unit, `NA` where there is no loading.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written.
    pub fn write_tsv(&self, path: impl AsRef<Path>, corner: &str) -> Result<()> {
        let path = path.as_ref();
        write_atomically(path, |file| {
            let mut write = || -> std::io::Result<()> {
                write!(file, "{corner}")?;
                for unit in &self.units {
                    write!(file, "\t{}", one_field(unit))?;
                }
                writeln!(file)?;
                for (name, row) in self.names.iter().zip(self.values.chunks(self.units.len())) {
                    write!(file, "{}", one_field(name))?;
                    for value in row {
                        match value.is_nan() {
                            true => write!(file, "\tNA")?,
                            false => write!(file, "\t{value}")?,
                        }
                    }
                    writeln!(file)?;
                }
                Ok(())
            };
            write().map_err(Error::io("write", path))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_by_z_score_and_leave_the_missing_out() {
        let names = ["a", "b", "c", "d", "e"].map(String::from).to_vec();
        let values = vec![3.0, 1.0, f32::NAN, -1.0, 1.0];
        let table = LoadingTable::new(names, vec!["unit".into()], values);
        // Mean 1, squares 4 + 0 + 4 + 0: SD sqrt(2).
        let positive = table.tail(0, Tail::Positive, 1.0, 9);
        assert_eq!(positive.len(), 1);
        assert_eq!((positive[0].row, positive[0].loading), (0, 3.0));
        assert!((positive[0].z - 2f64.sqrt()).abs() < 1e-12);
        assert_eq!(table.tail(0, Tail::Negative, 0.0, 9)[0].row, 3);
        assert!(table.z_scores(0)[2].is_nan());
    }
}
