//! Every node against a column of the annotations.

use super::cohort::{Cohort, FEWEST_DONORS};
use super::contrast::{Contrast, Design, EachGroup};
use super::labels::Labels;
use super::omnibus::{NodeGroups, NodeTrend, all_groups, trend};
use super::question::{Kind, Question};
use super::test::Test;
use crate::activity::ScoreTable;
use crate::error::{Error, Result};

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
/// With donors, the mean of a donor's samples in a group is one observation. If every donor has
/// both groups, donors are their own controls (paired tests; in the linear model a donor is a
/// factor); donors that lack a group then are left out, with a warning. Of several groups within
/// donors, a linear model with donors as a factor tests whether they differ at all.
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
    let test = Test::choose(options.test, kind, !options.covariates.is_empty())?;
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
        Error::Data { message, remedy } if !options.covariates.is_empty() => Error::Data {
            message: format!(
                "by {:?}, adjusted for {}: {message}",
                options.by,
                options.covariates.join(", ")
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
        findings,
        warnings: cohort.warnings,
    })
}

/// Groups with their sizes, and what was found.
type Found = (Vec<(String, usize)>, Findings);

impl Cohort<'_> {
    fn along(
        &self,
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
            let message = format!("every one of the {} {} has {}", x.len(), self.unit(), x[0]);
            return Err(labels.refuse(&options.by, message, "Choose a column that varies."));
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
        let design = self.two_groups(options, group, &reference)?;
        let found = self.contrast(nodes, design, test, group.to_owned(), reference)?;
        let sizes = vec![
            (found.group.clone(), found.sizes.0),
            (found.reference.clone(), found.sizes.1),
        ];
        Ok((sizes, Findings::Two(found)))
    }

    fn two_groups(
        &mut self,
        options: &CompareOptions,
        group: &str,
        reference: &str,
    ) -> Result<Design> {
        let (first, second) = (self.of_group(0), self.of_group(1));
        let pairs = self.pairs(0, |group| group == 1);
        if pairs.is_empty() {
            for (own, name) in [(&first, group), (&second, reference)] {
                if own.len() < self.least() {
                    let what = format!("{} of {}", name, options.by);
                    return Err(self.too_few(own.len(), self.least(), &what));
                }
            }
            return Ok(Design::Apart(first, second));
        }
        let single = first.len() + second.len() - 2 * pairs.len();
        if pairs.len() < FEWEST_DONORS {
            return Err(Error::data(
                format!(
                    "{} donors have both {group:?} and {reference:?}, and {single} have one of the \
                     two: {FEWEST_DONORS} with both are needed",
                    pairs.len(),
                ),
                "Give more donors with both, or leave out the samples of those that have both.",
            ));
        }
        if single > 0 {
            self.warnings.push(format!(
                "{single} donors have only one of {group:?} and {reference:?} and are left out: the \
                 test is paired, over {} donors",
                pairs.len()
            ));
        }
        Ok(Design::Pairs(pairs))
    }

    fn contrast(
        &self,
        nodes: usize,
        design: Design,
        test: Test,
        group: String,
        reference: String,
    ) -> Result<EachGroup> {
        let paired = matches!(design, Design::Pairs(_));
        let nuisance = self.with_donors(paired && test == Test::Linear);
        let contrast = Contrast {
            observations: &self.observations,
            nodes,
            design,
            test,
            nuisance: &nuisance,
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
        let least = self.least();
        let (mut kept, mut small) = (Vec::new(), Vec::new());
        for (number, level) in levels.iter().enumerate() {
            match self.of_group(number).len() {
                size if size < least => small.push(format!("{level} ({size})")),
                _ => kept.push(number),
            }
        }
        if kept.len() < 2 || reference.is_some_and(|name| kept.iter().all(|n| levels[*n] != name)) {
            return Err(Error::data(
                format!(
                    "groups of {:?} have fewer than {least} {}: {}",
                    options.by,
                    self.unit(),
                    small.join(", ")
                ),
                "Compare other groups, join small ones under one name, or add samples.",
            ));
        }
        if !small.is_empty() {
            let (unit, groups) = (self.unit(), small.join(", "));
            let message = format!("groups with fewer than {least} {unit} are left out: {groups}");
            self.warnings.push(message);
        }
        let donors = self.observations.donor_numbers().map(<[usize]>::to_vec);
        let repeated = donors.is_some_and(|mut donors| {
            let count = donors.len();
            donors.sort_unstable();
            donors.dedup();
            donors.len() < count
        });
        if repeated && test.is_rank() {
            return Err(Error::config(
                "--test",
                "asks for a rank test of several groups, which is not for donors that have more \
                 than one of them: use anova, or --group for one group against the rest",
            ));
        }
        let members: Vec<Vec<usize>> = kept.iter().map(|number| self.of_group(*number)).collect();
        let nuisance = self.with_donors(repeated);
        let found = all_groups(&self.observations, nodes, &members, &nuisance, test)?;

        let mut each = Vec::new();
        let names = |number: &usize| levels[*number].clone();
        for &number in &kept {
            let name = levels[number].as_str();
            if reference == Some(name) {
                continue;
            }
            let other = |group: usize| match reference {
                Some(reference) => levels[group] == reference,
                None => group != number && kept.contains(&group),
            };
            let design = if repeated {
                Design::Pairs(self.pairs(number, other))
            } else {
                let others = (0..self.groups.len()).filter(|at| other(self.groups[*at]));
                Design::Apart(self.of_group(number), others.collect())
            };
            if matches!(&design, Design::Pairs(pairs) if pairs.len() < FEWEST_DONORS) {
                self.warnings.push(format!(
                    "{name:?} is not held against the others: fewer than {FEWEST_DONORS} donors \
                     have both"
                ));
                continue;
            }
            let against = reference.unwrap_or("rest").to_owned();
            each.push(self.contrast(nodes, design, test, name.to_owned(), against)?);
        }
        let sizes = kept.iter().map(names).zip(members.iter().map(Vec::len));
        let levels: Vec<String> = kept.iter().map(names).collect();
        let nodes = found.into_iter().map(|node| node.named(&levels)).collect();
        Ok((sizes.collect(), Findings::Groups { nodes, each }))
    }
}
