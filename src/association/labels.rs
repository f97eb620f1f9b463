//! Annotations laid beside scores, sample by sample.

use crate::activity::ScoreTable;
use crate::error::{Error, Place, Result};
use crate::expression::SampleTable;
use crate::wording::{did_you_mean, number_of, verb};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// The annotations of a score table's samples: one entry a sample that has both.
#[derive(Debug, Clone)]
pub struct Labels {
    path: PathBuf,
    columns: Vec<String>,
    /// Column by column, an entry a kept sample.
    cells: Vec<Vec<String>>,
    rows: Vec<usize>,
    warnings: Vec<String>,
}

/// Fields that mean that nothing is known.
fn missing(field: &str) -> bool {
    matches!(
        field.to_ascii_lowercase().as_str(),
        "" | "na" | "n/a" | "#n/a" | "nan" | "null"
    )
}

/// What does not match between the samples of scores and those that `path` has, in words;
/// `fate` says what becomes of samples of the scores that are not there.
///
/// # Errors
/// [`Error::Format`] if they have not one sample in common.
pub fn mismatches(
    samples: &[String],
    given: &[String],
    path: &Path,
    fate: &str,
) -> Result<Vec<String>> {
    let known: HashSet<&String> = given.iter().collect();
    let lacking: Vec<&String> = samples
        .iter()
        .filter(|name| !known.contains(name))
        .collect();
    let without = lacking.len();
    if without == samples.len() {
        let first = |names: &[String]| names.first().cloned().unwrap_or_default();
        return Err(Error::format(
            path,
            Place::file(),
            format!(
                "none of its {} samples (the first is {:?}) is among the {} samples of the scores \
                 (the first is {:?})",
                given.len(),
                first(given),
                samples.len(),
                first(samples),
            ),
            "Give both the same sample names, in the first column.",
        ));
    }
    let mut warnings = Vec::new();
    if let Some(example) = lacking.first() {
        warnings.push(format!(
            "{without} of {} {} no row in {} and {} {fate} (for example {example:?})",
            number_of(samples.len(), "sample"),
            verb(without, "has", "have"),
            path.display(),
            verb(without, "is", "are"),
        ));
    }
    let scored: HashSet<&String> = samples.iter().collect();
    let unused = given.iter().filter(|name| !scored.contains(name)).count();
    if unused > 0 {
        warnings.push(format!(
            "{unused} of the {} in {} {} no scores",
            number_of(given.len(), "sample"),
            path.display(),
            verb(unused, "has", "have"),
        ));
    }
    Ok(warnings)
}

impl Labels {
    /// Finds every sample of the scores in the annotations, which `path` names in messages.
    /// Samples without a row there are left out; [`warnings`](Self::warnings) says so.
    ///
    /// # Errors
    /// [`Error::Format`] for annotations without columns, a sample that has two rows, or not one
    /// sample in common.
    pub fn join(scores: &ScoreTable, table: &SampleTable, path: &Path) -> Result<Self> {
        let mut index: HashMap<&str, usize> = HashMap::with_capacity(table.samples().len());
        for (row, name) in table.samples().iter().enumerate() {
            if index.insert(name, row).is_some() {
                return Err(Error::format(
                    path,
                    Place::file(),
                    format!("the sample {name:?} has two rows"),
                    "Leave one row a sample.",
                ));
            }
        }
        if table.columns().is_empty() {
            return Err(Error::format(
                path,
                Place::line(1),
                "there is one column, the samples' names",
                "Give a table with a label in a column of its own, separated by tabs or commas.",
            ));
        }
        let (rows, found): (Vec<usize>, Vec<usize>) = scores
            .samples()
            .iter()
            .enumerate()
            .filter_map(|(row, name)| index.get(name.as_str()).map(|at| (row, *at)))
            .unzip();
        let warnings = mismatches(scores.samples(), table.samples(), path, "left out")?;
        let cells = table.columns().iter().map(|name| {
            let own = table.column(name).unwrap_or_default();
            found.iter().map(|row| own[*row].to_owned()).collect()
        });
        Ok(Self {
            path: path.to_path_buf(),
            columns: table.columns().to_vec(),
            cells: cells.collect(),
            rows,
            warnings,
        })
    }

    /// The row of the scores that every entry belongs to.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// What does not match, in words.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// A column as text, `None` where it is empty or says NA; `option` is the option that named it.
    ///
    /// # Errors
    /// [`Error::Config`] for an unknown column, [`Error::Format`] for one without any entry.
    pub fn texts(&self, column: &str, option: &'static str) -> Result<Vec<Option<&str>>> {
        let Some(at) = self.columns.iter().position(|name| name == column) else {
            return Err(Error::config(
                option,
                format!(
                    "names the column {column:?}, and {} has {}{}",
                    self.path.display(),
                    self.columns.join(", "),
                    did_you_mean(column, self.columns.iter().map(String::as_str))
                ),
            ));
        };
        let known = |field: &'_ String| !missing(field);
        let texts: Vec<Option<&str>> = self.cells[at]
            .iter()
            .map(|field| known(field).then_some(field.as_str()))
            .collect();
        if texts.iter().all(Option::is_none) {
            let remedy = "Choose another column, or fill it in.";
            return Err(self.refuse(column, "the column is empty for every sample", remedy));
        }
        Ok(texts)
    }

    /// A column as numbers, `None` where it is empty or says NA.
    ///
    /// # Errors
    /// As [`texts`](Self::texts); [`Error::Format`] for an entry that is no finite number.
    pub fn numbers(&self, column: &str, option: &'static str) -> Result<Vec<Option<f64>>> {
        let numbers = self.texts(column, option)?.into_iter().map(|text| {
            text.map(|text| {
                number(text).ok_or_else(|| {
                    let message = format!("{text:?} is no number");
                    self.refuse(
                        column,
                        message,
                        "Give numbers, or NA where one is not known.",
                    )
                })
            })
            .transpose()
        });
        numbers.collect()
    }

    /// Whether every known entry of a column is a number.
    ///
    /// # Errors
    /// As [`texts`](Self::texts).
    pub fn is_numeric(&self, column: &str, option: &'static str) -> Result<bool> {
        let texts = self.texts(column, option)?;
        Ok(texts
            .into_iter()
            .flatten()
            .all(|text| number(text).is_some()))
    }

    /// An error about a column of the annotations.
    pub(super) fn refuse(
        &self,
        column: &str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Error {
        let place = Place {
            line: None,
            field: Some(column.to_owned()),
        };
        Error::format(&self.path, place, message, remedy)
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The different entries in their natural order: numbers by size, else by name.
pub(super) fn levels<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found: Vec<&str> = texts.collect();
    found.sort_unstable();
    found.dedup();
    if found.iter().all(|text| number(text).is_some()) {
        found.sort_by(|a, b| number(a).partial_cmp(&number(b)).unwrap_or(a.cmp(b)));
    }
    found
}
