//! The tests a comparison may use.

use super::question::Kind;
use crate::error::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// A test of one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// Two groups: Welch's t test; more: analysis of variance, and Welch's t for each against the
    /// rest. Paired: the paired t test.
    Welch,
    /// As Welch, with one variance for all groups: Student's t test, which is the analysis of
    /// variance of two groups.
    Student,
    /// Two groups: Mann and Whitney's test; more: Kruskal and Wallis', and Mann and Whitney's for
    /// each against the rest. Paired: Wilcoxon's signed rank test.
    MannWhitney,
    /// Along a number: Spearman's correlation.
    Spearman,
    /// Along a number: Pearson's correlation.
    Pearson,
    /// A linear model: what covariates ask for.
    Linear,
}

const NAMES: [(&str, Test); 8] = [
    ("welch", Test::Welch),
    ("student", Test::Student),
    ("mann-whitney", Test::MannWhitney),
    ("anova", Test::Student),
    ("kruskal-wallis", Test::MannWhitney),
    ("spearman", Test::Spearman),
    ("pearson", Test::Pearson),
    ("linear", Test::Linear),
];

impl FromStr for Test {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, test)| *test).ok_or_else(|| {
            let names: Vec<&str> = NAMES.iter().map(|(known, _)| *known).collect();
            Error::config("--test", format!("is {}, not {name:?}", names.join(", ")))
        })
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Welch => "Welch's t test",
            Self::Student => "Student's t test",
            Self::MannWhitney => "Mann-Whitney test",
            Self::Spearman => "Spearman correlation",
            Self::Pearson => "Pearson correlation",
            Self::Linear => "linear model",
        })
    }
}

impl Test {
    /// Whether it goes by ranks.
    pub(super) fn is_rank(self) -> bool {
        matches!(self, Self::MannWhitney | Self::Spearman)
    }

    /// The kind of column that the test is for; the linear model is for both.
    pub(super) fn kind(self) -> Option<Kind> {
        match self {
            Self::Welch | Self::Student | Self::MannWhitney => Some(Kind::Groups),
            Self::Spearman | Self::Pearson => Some(Kind::Number),
            Self::Linear => None,
        }
    }

    /// The test that was asked for, or the usual one, if it fits the column and the covariates.
    pub(super) fn choose(asked: Option<Self>, kind: Kind, covariates: bool) -> Result<Self> {
        let refuse = |message: String| Err(Error::config("--test", message));
        match asked {
            Some(test) if test.kind().is_some_and(|own| own != kind) => refuse(format!(
                "asks for a {test}, which is for {}, and the column is read as {kind}",
                if kind == Kind::Groups {
                    "a number"
                } else {
                    "groups"
                },
            )),
            Some(test) if covariates && test != Self::Linear => refuse(format!(
                "asks for a {test}, and covariates can only be adjusted for in a linear model: \
                 leave out --test or --covariates"
            )),
            Some(test) => Ok(test),
            None if covariates => Ok(Self::Linear),
            None if kind == Kind::Groups => Ok(Self::Welch),
            None => Ok(Self::Spearman),
        }
    }
}
