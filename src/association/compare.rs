//! Every node against a column of the annotations.

use super::contrast::{Contrast, Design, EachGroup};
use super::covariates::Covariate;
use super::labels::Labels;
use super::omnibus::{NodeGroups, NodeTrend, all_groups, trend};
use super::pseudobulk::Observations;
use super::question::{Kind, Question};
use super::test::Test;
use crate::activity::ScoreTable;
use crate::error::{Error, Result};

/// Fewest donors in a group, or with both groups, that are tested.
const FEWEST_DONORS: usize = 3;
/// Fewest samples in a group.
const FEWEST_SAMPLES: usize = 2;

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
    let (sizes, findings) = match &question {
        Question::Number => {
            let numbers = labels.numbers(&options.by, "--by")?;
            let of = |row: usize| numbers[cohort.entry_of[row]].unwrap_or(f64::NAN);
            let x = cohort.observations.mean_of(of);
            let least = 3 + cohort.nuisance.len();
            if x.len() < least {
                return Err(cohort.too_few(x.len(), least, &options.by));
            }
            if x.iter().all(|value| *value == x[0]) {
                let message = format!(
                    "every one of the {} {} has {}",
                    x.len(),
                    cohort.unit(),
                    x[0]
                );
                return Err(labels.refuse(&options.by, message, "Choose a column that varies."));
            }
            let (nodes, weights) = trend(&cohort.observations, nodes, &x, &cohort.nuisance, test)?;
            let size = vec![("all".to_owned(), x.len())];
            (size, Findings::Trend { nodes, weights })
        }
        Question::Two { group, reference } => {
            let reference = reference.clone().unwrap_or_else(|| "rest".to_owned());
            let design = cohort.two_groups(options, group, &reference)?;
            let found = cohort.contrast(nodes, design, test, group.clone(), reference)?;
            let names = [found.group.clone(), found.reference.clone()];
            let sizes = names.into_iter().zip([found.sizes.0, found.sizes.1]);
            (sizes.collect(), Findings::Two(found))
        }
        Question::Groups { levels, reference } => {
            cohort.several_groups(nodes, levels, reference.as_deref(), test, options)?
        }
    };
    Ok(Comparison {
        question,
        test,
        donors: options.donor.is_some(),
        sizes,
        findings,
        warnings: cohort.warnings,
    })
}

/// The observations of a comparison.
struct Cohort<'a> {
    observations: Observations<'a>,
    /// The group of every observation.
    groups: Vec<usize>,
    /// Variables to adjust for, by observation.
    nuisance: Vec<Vec<f64>>,
    /// The entry of the labels, by row of the scores.
    entry_of: Vec<usize>,
    warnings: Vec<String>,
}

impl<'a> Cohort<'a> {
    fn new(
        scores: &'a ScoreTable,
        labels: &Labels,
        options: &CompareOptions,
        question: &Question,
    ) -> Result<Self> {
        let by = labels.texts(&options.by, "--by")?;
        let donors = options.donor.as_ref();
        let donors = donors
            .map(|column| labels.texts(column, "--donor"))
            .transpose()?;
        for column in &options.covariates {
            if *column == options.by || Some(column) == options.donor.as_ref() {
                let message = format!("names {column:?}, which --by or --donor names too");
                return Err(Error::config("--covariates", message));
            }
        }
        let covariates = Covariate::read(labels, &options.covariates)?;

        let mut warnings = Vec::new();
        let mut entry_of = vec![usize::MAX; scores.samples().len()];
        let mut kept: Vec<(usize, &str, usize)> = Vec::new();
        let mut without = vec![0usize; 2 + covariates.len()];
        for (entry, &row) in labels.rows().iter().enumerate() {
            entry_of[row] = entry;
            let Some(level) = by[entry] else {
                without[0] += 1;
                continue;
            };
            let Some(group) = question.place(level) else {
                continue;
            };
            let donor = donors.as_ref().map_or(Some(""), |donors| donors[entry]);
            let Some(donor) = donor else {
                without[1] += 1;
                continue;
            };
            match covariates
                .iter()
                .position(|covariate| !covariate.is_known(entry))
            {
                Some(at) => without[2 + at] += 1,
                None => kept.push((row, donor, group)),
            }
        }
        let donor_column = options.donor.as_deref().unwrap_or_default();
        let names = [options.by.as_str(), donor_column].into_iter();
        let names = names.chain(covariates.iter().map(Covariate::name));
        for (column, count) in names.zip(&without).filter(|(_, count)| **count > 0) {
            warnings.push(format!(
                "{count} samples without an entry for {column:?} are left out"
            ));
        }
        let (observations, groups) = match donors {
            Some(_) => Observations::donors(scores, &kept),
            None => {
                let rows: Vec<usize> = kept.iter().map(|(row, ..)| *row).collect();
                let groups = kept.iter().map(|(.., group)| *group).collect();
                (Observations::samples(scores, &rows), groups)
            }
        };
        let mut nuisance = Vec::new();
        for covariate in &covariates {
            let columns = covariate.columns(labels, &observations, &entry_of)?;
            nuisance.extend(columns.into_iter().map(|(_, values)| values));
        }
        Ok(Self {
            observations,
            groups,
            nuisance,
            entry_of,
            warnings,
        })
    }

    fn unit(&self) -> &'static str {
        match self.observations.donor_numbers() {
            Some(_) => "donors",
            None => "samples",
        }
    }

    fn least(&self) -> usize {
        match self.observations.donor_numbers() {
            Some(_) => FEWEST_DONORS,
            None => FEWEST_SAMPLES,
        }
    }

    fn of_group(&self, group: usize) -> Vec<usize> {
        (0..self.groups.len())
            .filter(|at| self.groups[*at] == group)
            .collect()
    }

    fn too_few(&self, found: usize, least: usize, what: &str) -> Error {
        Error::data(
            format!(
                "{what:?} has {found} {}, and {least} are needed",
                self.unit()
            ),
            "Compare other groups, or add samples; of fewer donors no test can tell a difference \
             from the donors' own.",
        )
    }

    /// Both observations of donors that have two groups, by donor.
    fn pairs(&self, group: usize, others: impl Fn(usize) -> bool) -> Vec<(usize, Vec<usize>)> {
        let Some(donors) = self.observations.donor_numbers() else {
            return Vec::new();
        };
        let own = self.of_group(group).into_iter();
        own.map(|at| {
            let same = |other: &usize| donors[*other] == donors[at] && others(self.groups[*other]);
            (at, (0..donors.len()).filter(same).collect::<Vec<_>>())
        })
        .filter(|(_, others)| !others.is_empty())
        .collect()
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

    /// The variables of the linear model: covariates, and donors as a factor if they repeat.
    fn with_donors(&self, repeated: bool) -> Vec<Vec<f64>> {
        let mut nuisance = self.nuisance.clone();
        if let Some(donors) = self.observations.donor_numbers().filter(|_| repeated) {
            let count = donors.iter().max().map_or(0, |last| last + 1);
            let is = |number| move |donor: &usize| f64::from(u8::from(*donor == number));
            nuisance.extend((1..count).map(|number| donors.iter().map(is(number)).collect()));
        }
        nuisance
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
    ) -> Result<(Vec<(String, usize)>, Findings)> {
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
