//! What a column asks: two groups, several, or a number.

use super::compare::CompareOptions;
use super::labels::{Labels, levels};
use crate::error::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// How a column is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Every different entry is a group.
    Groups,
    /// Entries are numbers.
    Number,
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "groups" => Ok(Self::Groups),
            "number" => Ok(Self::Number),
            _ => Err(Error::config(
                "--as",
                format!("is auto, groups or number, not {name:?}"),
            )),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Groups => "groups",
            Self::Number => "a number",
        })
    }
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// One group against a reference level, or against `None`: the rest, which is all other samples
    /// or, of a donor, the mean of its means in all other levels.
    Two {
        /// The group of interest.
        group: String,
        /// What it is held against.
        reference: Option<String>,
    },
    /// All groups, and each against the reference, or against the rest as in `Two`.
    Groups {
        /// The groups in their order.
        levels: Vec<String>,
        /// What each is held against.
        reference: Option<String>,
    },
    /// Along a number.
    Number,
}

/// Levels that are held to be the normal case, in lower case.
const NORMAL: [&str; 16] = [
    "control",
    "ctrl",
    "ctl",
    "normal",
    "healthy",
    "wt",
    "wildtype",
    "wild-type",
    "untreated",
    "unstimulated",
    "vehicle",
    "placebo",
    "baseline",
    "false",
    "no",
    "0",
];

impl Question {
    /// Reads the question off the column and the options. A column of numbers with more than two
    /// different entries is a number unless the options name a level or a kind. Of two groups
    /// without a reference, the one called control, normal, healthy, wt or such is it, else the
    /// first.
    pub(super) fn new(labels: &Labels, options: &CompareOptions) -> Result<Self> {
        let texts = labels.texts(&options.by, "--by")?;
        let found = levels(texts.into_iter().flatten());
        let named = options.group.is_some() || options.reference.is_some();
        let kind = match options.kind.or(options.test.and_then(|test| test.kind())) {
            Some(kind) => kind,
            None if named || found.len() <= 2 => Kind::Groups,
            None if labels.is_numeric(&options.by, "--by")? => Kind::Number,
            None => Kind::Groups,
        };
        if kind == Kind::Number {
            if named {
                return Err(Error::config(
                    "--group and --reference",
                    format!("name groups, and {:?} is read as a number", options.by),
                ));
            }
            return Ok(Self::Number);
        }
        let known = |level: &Option<String>, option: &'static str| match level {
            Some(level) if !found.contains(&level.as_str()) => Err(Error::config(
                option,
                format!(
                    "names {level:?}, and {:?} has {}",
                    options.by,
                    listed(&found)
                ),
            )),
            level => Ok(level.clone()),
        };
        let group = known(&options.group, "--group")?;
        let reference = known(&options.reference, "--reference")?;
        if group.is_some() && group == reference {
            return Err(Error::config(
                "--reference",
                "names the same level as --group",
            ));
        }
        let [first, second] = match found.as_slice() {
            [] | [_] => {
                return Err(labels.refuse(
                    &options.by,
                    format!("every sample has {:?}", found.first().unwrap_or(&"")),
                    "Compare by a column with at least two different entries.",
                ));
            }
            [first, second] => [*first, *second],
            _ => {
                return Ok(match group {
                    Some(group) => Self::Two { group, reference },
                    None => Self::Groups {
                        levels: found.into_iter().map(str::to_owned).collect(),
                        reference,
                    },
                });
            }
        };
        let normal = |level: &str| NORMAL.contains(&level.to_ascii_lowercase().as_str());
        let reference = match (group, reference) {
            (_, Some(reference)) => reference,
            (Some(group), None) => if group == first { second } else { first }.to_owned(),
            (None, None) if normal(second) && !normal(first) => second.to_owned(),
            (None, None) => first.to_owned(),
        };
        Ok(Self::Two {
            group: if reference == first { second } else { first }.to_owned(),
            reference: Some(reference),
        })
    }

    /// The number of the group a level belongs to; `None` if it takes no part.
    pub(super) fn place(&self, level: &str) -> Option<usize> {
        match self {
            Self::Two { group, .. } if level == group => Some(0),
            Self::Two {
                reference: Some(reference),
                ..
            } => (level == reference).then_some(1),
            Self::Two { .. } => Some(1),
            Self::Groups { levels, .. } => levels.iter().position(|own| own == level),
            Self::Number => Some(0),
        }
    }
}

/// Levels as a list that stays readable.
fn listed(levels: &[&str]) -> String {
    let shown = levels[..levels.len().min(12)].join(", ");
    match levels.len() {
        0..=12 => shown,
        more => format!("{shown}, ... ({more} levels)"),
    }
}
