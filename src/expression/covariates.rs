//! Sample annotations as numbers that a model can be told.

use super::SampleTable;
use crate::error::{Error, Result};
use crate::wording::did_you_mean;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// How columns of sample annotations become numbers, learned from the training samples.
///
/// A column whose values are all numbers is continuous and standardised; any other is
/// categorical, one number a level, 1 for the sample's and 0 for the others.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Covariates {
    columns: Vec<Covariate>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Covariate {
    name: String,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Categorical(Vec<String>),
    Continuous { mean: f64, sd: f64 },
}

impl Covariates {
    /// Learns levels and scales of the columns from the samples that train.
    ///
    /// # Errors
    /// [`Error::Config`] for an unknown column; [`Error::Data`] for a sample without annotation
    /// or a column that is the same everywhere.
    pub fn fit(table: &SampleTable, names: &[String], samples: &[String]) -> Result<Self> {
        let rows = rows(table, samples)?;
        let mut columns = Vec::with_capacity(names.len());
        for name in names {
            let values = column(table, name)?;
            let own: Vec<&str> = rows.iter().map(|&row| values[row]).collect();
            let numbers: Option<Vec<f64>> = own.iter().map(|text| number(text)).collect();
            let levels: BTreeSet<&str> = own.iter().copied().collect();
            let constant = numbers
                .as_ref()
                .is_some_and(|numbers| numbers.windows(2).all(|pair| pair[0] == pair[1]));
            if levels.len() < 2 || constant {
                return Err(Error::data(
                    format!("the covariate {name:?} is the same in all training samples"),
                    "Leave it out of --covariates: it tells the model nothing.",
                ));
            }
            let kind = match numbers {
                Some(numbers) => {
                    let n = numbers.len() as f64;
                    let mean = numbers.iter().sum::<f64>() / n;
                    let squares: f64 = numbers.iter().map(|x| (x - mean).powi(2)).sum();
                    Kind::Continuous {
                        mean,
                        sd: (squares / n).sqrt(),
                    }
                }
                None => Kind::Categorical(levels.into_iter().map(str::to_owned).collect()),
            };
            columns.push(Covariate {
                name: name.clone(),
                kind,
            });
        }
        Ok(Self { columns })
    }

    /// How many numbers describe a sample.
    pub fn width(&self) -> usize {
        let widths = self.columns.iter().map(|column| match &column.kind {
            Kind::Categorical(levels) => levels.len(),
            Kind::Continuous { .. } => 1,
        });
        widths.sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The names of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The numbers of samples: `[samples, width]`, row by row. `instead` replaces columns for
    /// all samples, as in a counterfactual.
    ///
    /// # Errors
    /// [`Error::Data`] for a sample without annotation or a level that training did not see;
    /// [`Error::Config`] for a column that is not there.
    pub fn encode(
        &self,
        table: &SampleTable,
        samples: &[String],
        instead: &[(String, String)],
    ) -> Result<Vec<f32>> {
        if let Some((name, _)) = instead
            .iter()
            .find(|(name, _)| self.names().all(|own| own != name))
        {
            return Err(Error::config(
                "--set",
                format!(
                    "names {name:?}, and the model's covariates are {}",
                    self.names().collect::<Vec<_>>().join(", ")
                ),
            ));
        }
        let rows = rows(table, samples)?;
        let mut encoded = Vec::with_capacity(rows.len() * self.width());
        let mut values = Vec::with_capacity(self.columns.len());
        for covariate in &self.columns {
            let fixed = instead.iter().find(|(name, _)| *name == covariate.name);
            values.push(match fixed {
                Some((_, value)) => vec![value.as_str(); rows.len()],
                None => {
                    let own = column(table, &covariate.name)?;
                    rows.iter().map(|&row| own[row]).collect()
                }
            });
        }
        for (at, sample) in samples.iter().enumerate() {
            for (covariate, values) in self.columns.iter().zip(&values) {
                covariate.push(values[at], sample, &mut encoded)?;
            }
        }
        Ok(encoded)
    }
}

impl Covariate {
    fn push(&self, value: &str, sample: &str, encoded: &mut Vec<f32>) -> Result<()> {
        match &self.kind {
            Kind::Categorical(levels) => {
                if !levels.iter().any(|level| level == value) {
                    return Err(Error::data(
                        format!(
                            "the level {value:?} of the covariate {:?} (sample {sample:?}) was \
                             not seen in training",
                            self.name
                        ),
                        format!("The model knows {}.", levels.join(", ")),
                    ));
                }
                encoded.extend(
                    levels
                        .iter()
                        .map(|level| f32::from(u8::from(level == value))),
                );
            }
            Kind::Continuous { mean, sd } => {
                let value = number(value).ok_or_else(|| {
                    Error::data(
                        format!(
                            "the covariate {:?} is {value:?} in sample {sample:?}, and it was a \
                             number in training",
                            self.name
                        ),
                        "Give a number for every sample.",
                    )
                })?;
                encoded.push(((value - mean) / sd) as f32);
            }
        }
        Ok(())
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

fn column<'a>(table: &'a SampleTable, name: &str) -> Result<Vec<&'a str>> {
    table.column(name).ok_or_else(|| {
        Error::config(
            "--covariates",
            format!(
                "names {name:?}, and the labels have {}{}",
                table.columns().join(", "),
                did_you_mean(name, table.columns().iter().map(String::as_str))
            ),
        )
    })
}

/// The row of every sample.
fn rows(table: &SampleTable, samples: &[String]) -> Result<Vec<usize>> {
    let index: HashMap<&str, usize> = table
        .samples()
        .iter()
        .enumerate()
        .map(|(row, name)| (name.as_str(), row))
        .collect();
    samples
        .iter()
        .map(|sample| {
            index.get(sample.as_str()).copied().ok_or_else(|| {
                Error::data(
                    format!("the sample {sample:?} has no row in the annotations"),
                    "Give a row for every sample of the matrix, by the same name.",
                )
            })
        })
        .collect()
}
