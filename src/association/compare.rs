//! Every node against a column of the annotations.

use super::cohort::Cohort;
use super::contrast::{Contrast, Design, EachGroup};
use super::groups::Groups;
use super::labels::Labels;
use super::omnibus::{NodeGroups, NodeTrend, all_groups, trend};
use super::question::{Kind, Question};
use super::test::Test;
use crate::activity::ScoreTable;
use crate::error::{Error, Result};
use crate::wording::number_of;

/// What is compared, and how.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CompareOptions {
    /// The column of the annotations.
    pub by: String,
    /// How the column is read; by its content if `None`.
    pub kind: Option<Kind>,
    /// The group of interest.
    pub group: Option<String>,
    /// What groups are held against.
    pub reference: Option<String>,
    /// The column that names the donors: then donors are compared, not samples.
    pub donor: Option<String>,
    /// Columns to adjust for.
    pub covariates: Vec<String>,
    /// Columns to adjust for as groups, though their entries may be numbers.
    pub factors: Vec<String>,
    /// The test; the usual one if `None`.
    pub test: Option<Test>,
}

impl CompareOptions {
    /// A comparison by a column, everything else by default.
    pub fn by(column: impl Into<String>) -> Self {
        Self {
            by: column.into(),
            ..Self::default()
        }
    }
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// What was compared.
    pub question: Question,
    /// The test that was used.
    pub test: Test,
    /// Whether observations are donors rather than samples.
    pub donors: bool,
    /// Observations in every group.
    pub sizes: Vec<(String, usize)>,
    /// The covariates, each with how it was read: a number, or groups.
    pub adjusted_for: Vec<String>,
    /// What was found.
    pub findings: Findings,
    /// What a reader should know, in words.
    pub warnings: Vec<String>,
}

/// The tables of a comparison; nodes by ascending p.
#[derive(Debug, Clone, PartialEq)]
pub enum Findings {
    /// Between two groups.
    Two(EachGroup),
    /// Between several groups.
    Groups {
        /// Whether the groups differ at all.
        nodes: Vec<NodeGroups>,
        /// Each group against the reference or the rest.
        each: Vec<EachGroup>,
    },
    /// Along a number.
    Trend {
        /// The nodes.
        nodes: Vec<NodeTrend>,
        /// One a row of the scores: the sum of a node's scores times these is its change for one
        /// SD more of the number.
        weights: Vec<f64>,
    },
}

/// Compares every node of `scores` by a column of the annotations.
///
/// With donors, the mean of a donor's samples in a level is one observation. Against the rest, a
/// donor's other levels are averaged: every level counts alike, however many samples it has.
///
/// If donors have both groups, they are their own controls (paired tests; in the linear model a
/// donor is a factor), and donors that lack a group are left out. Of several groups within donors, a
/// linear model with donors as a factor tests whether they differ at all. Where fewer than three
/// donors repeat, or fewer than do not, donors are compared with donors instead, and those that
/// repeat count in one of their groups, the smaller. Warnings say which it was.
///
/// # Errors
/// [`Error::Config`] for an unknown column or level, or a test that does not fit;
/// [`Error::Format`] for a column that cannot be compared by; [`Error::Data`] for groups with
/// fewer than two samples or three donors, or covariates that tell the groups.
pub fn compare(
    scores: &ScoreTable,
    labels: &Labels,
    options: &CompareOptions,
) -> Result<Comparison> {
    let question = Question::new(labels, options)?;
    let kind = match question {
        Question::Number => Kind::Number,
        _ => Kind::Groups,
    };
    let adjusted = !options.covariates.is_empty() || !options.factors.is_empty();
    let test = Test::choose(options.test, kind, adjusted)?;
    let mut cohort = Cohort::new(scores, labels, options, &question)?;
    let nodes = scores.columns().len();
    let found = match &question {
        Question::Number => cohort.along(nodes, labels, test, options),
        Question::Two { group, reference } => {
            cohort.two(nodes, group, reference.as_deref(), test, options)
        }
        Question::Groups { levels, reference } => {
            cohort.several_groups(nodes, levels, reference.as_deref(), test, options)
        }
    };
    let (sizes, findings) = found.map_err(|cause| match cause {
        Error::Data { message, remedy } if adjusted => Error::Data {
            message: format!(
                "by {:?}, adjusted for {}: {message}",
                options.by,
                cohort.adjusted_for.join(", ")
            ),
            remedy,
        },
        other => other,
    })?;
    Ok(Comparison {
        question,
        test,
        donors: options.donor.is_some(),
        sizes,
        adjusted_for: cohort.adjusted_for,
        findings,
        warnings: cohort.warnings,
    })
}

/// Groups with their sizes, and what was found.
type Found = (Vec<(String, usize)>, Findings);

impl Cohort<'_> {
    fn along(
        &mut self,
        nodes: usize,
        labels: &Labels,
        test: Test,
        options: &CompareOptions,
    ) -> Result<Found> {
        let numbers = labels.numbers(&options.by, "--by")?;
        let of = |row: usize| numbers[self.entry_of[row]].unwrap_or(f64::NAN);
        let x = self.observations.mean_of(of);
        let least = 3 + self.nuisance.len();
        if x.len() < least {
            return Err(self.too_few(x.len(), least, &options.by));
        }
        if x.iter().all(|value| *value == x[0]) {
            let message = format!(
                "every one of the {} has {}",
                number_of(x.len(), self.unit()),
                x[0]
            );
            return Err(labels.refuse(&options.by, message, "Choose a column that varies."));
        }
        if self.observations.donor_numbers().is_some() {
            let rows = self.observations.rows().iter();
            let varies = rows.filter(|rows| rows.iter().any(|row| of(*row) != of(rows[0])));
            let varying = varies.count();
            if varying > 0 {
                self.warnings.push(format!(
                    "{:?} differs within {varying} of {} donors, and their means are compared: a \
                     change within a donor is not seen (--as groups compares within donors)",
                    options.by,
                    x.len()
                ));
            }
        }
        let (nodes, weights) = trend(&self.observations, nodes, &x, &self.nuisance, test)?;
        let sizes = vec![("all".to_owned(), x.len())];
        Ok((sizes, Findings::Trend { nodes, weights }))
    }

    fn two(
        &mut self,
        nodes: usize,
        group: &str,
        reference: Option<&str>,
        test: Test,
        options: &CompareOptions,
    ) -> Result<Found> {
        let reference = reference.unwrap_or("rest").to_owned();
        let names = match self.observations.donor_numbers() {
            Some(_) => (group.to_owned(), reference.clone()),
            None => (
                format!("{group} of {}", options.by),
                format!("{reference} of {}", options.by),
            ),
        };
        let (design, warning) = self.design((0, &names.0), |group| group == 1, &names.1)?;
        self.warnings.extend(warning);
        let found = self.contrast(nodes, design, test, group.to_owned(), reference)?;
        let sizes = vec![
            (found.group.clone(), found.sizes.0),
            (found.reference.clone(), found.sizes.1),
        ];
        Ok((sizes, Findings::Two(found)))
    }

    fn contrast(
        &self,
        nodes: usize,
        design: Design,
        test: Test,
        group: String,
        reference: String,
    ) -> Result<EachGroup> {
        let contrast = Contrast {
            observations: &self.observations,
            nodes,
            design,
            test,
            nuisance: &self.nuisance,
        };
        contrast.run(group, reference)
    }

    /// Groups that are large enough, whether they differ, and each against the rest.
    fn several_groups(
        &mut self,
        nodes: usize,
        levels: &[String],
        reference: Option<&str>,
        test: Test,
        options: &CompareOptions,
    ) -> Result<Found> {
        let groups = Groups::new(self, levels, &options.by)?;
        self.warnings.extend(groups.warnings);
        let (kept, within) = (groups.kept, groups.within);
        if let Some(reference) = reference.filter(|name| kept.iter().all(|n| levels[*n] != *name)) {
            return Err(Error::config(
                "--reference",
                format!("names {reference:?}, which has too few {}s", self.unit()),
            ));
        }
        if within && test.is_rank() {
            return Err(Error::config(
                "--test",
                "asks for a rank test of several groups, which is not for donors that have more \
                 than one of them: use anova, or --group for one group against the rest",
            ));
        }
        let nuisance = self.with_donors(within);
        let found = all_groups(&self.observations, nodes, &groups.members, &nuisance, test)?;

        let mut each = Vec::new();
        let names = |number: &usize| levels[*number].clone();
        for &number in &kept {
            let name = levels[number].as_str();
            if reference == Some(name) {
                continue;
            }
            let other = |group: usize| match reference {
                Some(reference) => levels[group] == reference,
                None => group != number,
            };
            let against = reference.unwrap_or("rest");
            match self.design((number, name), other, against) {
                Ok((design, warning)) => {
                    self.warnings.extend(warning);
                    let against = against.to_owned();
                    each.push(self.contrast(nodes, design, test, name.to_owned(), against)?);
                }
                Err(cause) => self.warnings.push(format!(
                    "{name:?} is not held against {against:?} by itself: {cause}"
                )),
            }
        }
        let sizes = groups.members.iter().map(Vec::len);
        let sizes = kept.iter().map(names).zip(sizes).collect();
        let levels: Vec<String> = kept.iter().map(names).collect();
        let nodes = found.into_iter().map(|node| node.named(&levels)).collect();
        Ok((sizes, Findings::Groups { nodes, each }))
    }
}
