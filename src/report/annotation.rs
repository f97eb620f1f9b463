//! What is known of the samples: groups and numbers, in the order of a run's samples.

use super::figures::GROUP_COLORS;
use super::table::{is_missing, number};
use crate::error::{Error, Result};
use crate::expression::SampleTable;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// More groups than these are names, not groups.
const MOST_LEVELS: usize = 60;
/// Numbers with at most this many different values are groups.
const FEW_NUMBERS: usize = 6;

/// A column of labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotation {
    /// The column's name.
    pub name: String,
    /// What it holds.
    pub labels: Labels,
}

impl Annotation {
    /// Says that groups share colours, where there are more of them than colours.
    pub fn repeated_colors(&self) -> Option<String> {
        match &self.labels {
            Labels::Groups { levels, .. } if levels.len() > GROUP_COLORS => Some(format!(
                "{} has {} groups, and there are {GROUP_COLORS} colours: from group {} on they \
                 repeat",
                self.name,
                levels.len(),
                GROUP_COLORS + 1
            )),
            _ => None,
        }
    }
}

/// The labels of all samples.
#[derive(Debug, Clone, PartialEq)]
pub enum Labels {
    /// A group a sample.
    Groups {
        /// The names of the groups.
        levels: Vec<String>,
        /// The group of every sample; `None` where it is not known.
        codes: Vec<Option<u8>>,
    },
    /// A number a sample, NaN where it is not known.
    Numbers(Vec<f64>),
}

/// The columns of a table that are groups or numbers, in the order of `samples`, and remarks on
/// those that are neither. Samples that the table lacks have no label.
///
/// # Errors
/// [`Error::Data`] if the table has none of the samples.
pub fn annotations(
    samples: &[String],
    table: &SampleTable,
) -> Result<(Vec<Annotation>, Vec<String>)> {
    let rows: HashMap<&String, usize> = table.samples().iter().zip(0..).collect();
    let rows: Vec<Option<usize>> = samples.iter().map(|name| rows.get(name).copied()).collect();
    let known = rows.iter().flatten().count();
    if known == 0 {
        return Err(Error::data(
            format!(
                "the labels have none of the {} samples, which are called like {:?}; the labels' \
                 are called like {:?}",
                samples.len(),
                samples.first().map_or("", String::as_str),
                table.samples().first().map_or("", String::as_str),
            ),
            "The first column of the labels has to name the samples.",
        ));
    }
    let mut remarks = Vec::new();
    if known < samples.len() {
        remarks.push(format!(
            "The labels lack {} of the {} samples.",
            samples.len() - known,
            samples.len()
        ));
    }
    let mut found = Vec::new();
    for name in table.columns() {
        let Some(column) = table.column(name) else {
            continue;
        };
        let fields: Vec<&str> = rows
            .iter()
            .map(|row| row.map_or("", |at| column[at]))
            .collect();
        match labels(&fields) {
            Some(labels) => found.push(Annotation {
                name: name.clone(),
                labels,
            }),
            None => remarks.push(format!(
                "The column {name} of the labels is left out: it has no value, or more than \
                 {MOST_LEVELS} different ones that are not numbers."
            )),
        }
    }
    Ok((found, remarks))
}

fn labels(fields: &[&str]) -> Option<Labels> {
    let present = || fields.iter().filter(|field| !is_missing(field));
    let different: BTreeSet<&str> = present().copied().collect();
    let numeric = present().all(|field| number(field).is_finite());
    if numeric && different.len() > FEW_NUMBERS {
        return Some(Labels::Numbers(
            fields.iter().map(|field| number(field)).collect(),
        ));
    }
    if different.is_empty() || different.len() > MOST_LEVELS {
        return None;
    }
    let mut levels: Vec<&str> = different.into_iter().collect();
    if numeric {
        levels.sort_by(|a, b| number(a).total_cmp(&number(b)));
    }
    let codes: BTreeMap<&str, u8> = levels.iter().copied().zip(0..).collect();
    Some(Labels::Groups {
        codes: fields
            .iter()
            .map(|field| codes.get(field).copied())
            .collect(),
        levels: levels.into_iter().map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn columns_are_groups_or_numbers_and_samples_may_be_missing() -> Result<()> {
        let header = "sample\tkind\tage\tgrade\tnote\n";
        let rows: String = (0..80)
            .map(|at| {
                format!(
                    "s{at}\t{}\t{at}.5\t{}\tnote {at}\n",
                    ["b", "a"][at % 2],
                    at % 3
                )
            })
            .collect();
        let table = SampleTable::parse(&format!("{header}{rows}"), Path::new("labels.tsv"))?;
        let samples: Vec<String> = ["s1", "s0", "s99"].map(str::to_owned).to_vec();
        let (found, remarks) = annotations(&samples, &table)?;
        let names: Vec<&str> = found.iter().map(|known| known.name.as_str()).collect();
        assert_eq!(names, ["kind", "age", "grade", "note"]);
        let groups = |levels: &[&str], codes: &[Option<u8>]| Labels::Groups {
            levels: levels.iter().map(|&level| level.to_owned()).collect(),
            codes: codes.to_vec(),
        };
        assert_eq!(
            found[0].labels,
            groups(&["a", "b"], &[Some(0), Some(1), None])
        );
        assert_eq!(
            found[2].labels,
            groups(&["0", "1"], &[Some(1), Some(0), None])
        );
        assert_eq!(remarks, ["The labels lack 1 of the 3 samples."]);

        let (found, remarks) = annotations(table.samples(), &table)?;
        assert!(matches!(found[1].labels, Labels::Numbers(_)));
        assert_eq!(found.len(), 3);
        assert!(remarks[0].contains("note"), "{remarks:?}");
        assert!(annotations(&["x".to_owned()], &table).is_err());
        Ok(())
    }
}
