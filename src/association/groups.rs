//! Which observations of several groups are compared, and whether within donors.

use super::cohort::{Cohort, FEWEST_DONORS, donors_have};
use crate::error::{Error, Result};
use crate::wording::verb;
use std::collections::BTreeMap;

/// The groups that take part.
pub(super) struct Groups {
    /// Their numbers.
    pub kept: Vec<usize>,
    /// Their observations.
    pub members: Vec<Vec<usize>>,
    /// Whether donors are a factor, each having several groups.
    pub within: bool,
    pub warnings: Vec<String>,
}

impl Groups {
    /// Groups that are large enough. Donors that have several of them are a factor if there are
    /// three and at least as many as donors of one group, who say nothing within donors and are
    /// left out; else donors are compared with donors, and one that has several groups counts in the
    /// one with the fewest donors so far.
    pub fn new(cohort: &Cohort, levels: &[String], by: &str) -> Result<Self> {
        let (least, unit) = (cohort.least(), cohort.unit());
        let (mut kept, mut members, mut small) = (Vec::new(), Vec::new(), Vec::new());
        for (number, level) in levels.iter().enumerate() {
            let own = cohort.of_group(number);
            if own.len() < least {
                small.push(format!("{level} ({})", own.len()));
            } else {
                kept.push(number);
                members.push(own);
            }
        }
        if kept.len() < 2 {
            return Err(Error::data(
                format!(
                    "groups of {by:?} have fewer than {least} {unit}s: {}",
                    small.join(", ")
                ),
                "Compare other groups, join small ones under one name, or add samples.",
            ));
        }
        let mut warnings = Vec::new();
        if !small.is_empty() {
            warnings.push(format!(
                "groups with fewer than {least} {unit}s are left out, but for the rest that others \
                 are held against: {}",
                small.join(", ")
            ));
        }
        let mut found = Self {
            kept,
            members,
            within: false,
            warnings,
        };
        if let Some(donors) = cohort.observations.donor_numbers() {
            found.place_donors(donors, levels, by)?;
        }
        Ok(found)
    }

    fn place_donors(&mut self, donors: &[usize], levels: &[String], by: &str) -> Result<()> {
        // The groups of every donor, by their place in `members`, with the observation.
        let mut of_donor: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (group, members) in self.members.iter().enumerate() {
            for at in members {
                of_donor.entry(donors[*at]).or_default().push((group, *at));
            }
        }
        let several = |groups: &Vec<(usize, usize)>| groups.len() > 1;
        let (shared, single): (Vec<_>, Vec<_>) = of_donor.into_values().partition(several);
        if shared.is_empty() {
            return Ok(());
        }
        let count = self.members.len();
        let collect = |donors: &[Vec<(usize, usize)>]| {
            let mut members = vec![Vec::new(); count];
            for (group, at) in donors.iter().flatten() {
                members[*group].push(*at);
            }
            members
        };
        let enough = |members: &[Vec<usize>]| members.iter().all(|own| own.len() >= FEWEST_DONORS);
        let (repeating, alone) = (shared.len(), single.len());
        let inside = collect(&shared);
        if repeating >= FEWEST_DONORS
            && repeating >= alone
            && enough(&inside)
            && connected(&shared, count)
        {
            if alone > 0 {
                self.warnings.push(format!(
                    "{} only one group of {by:?} and {} left out: whether groups differ is tested \
                     within {repeating} donors",
                    donors_have(alone),
                    verb(alone, "is", "are")
                ));
            }
            self.members = inside;
            self.within = true;
            return Ok(());
        }
        let mut members = collect(&single);
        for donor in &shared {
            let fewest = donor.iter().min_by_key(|(group, _)| members[*group].len());
            if let Some((group, at)) = fewest {
                members[*group].push(*at);
            }
        }
        if !enough(&members) {
            let short: Vec<String> = self
                .kept
                .iter()
                .zip(&members)
                .filter(|(_, own)| own.len() < FEWEST_DONORS)
                .map(|(number, own)| format!("{} ({})", levels[*number], own.len()))
                .collect();
            return Err(Error::data(
                format!(
                    "{} several groups of {by:?} and {alone} {} one, too few \
                     of the first to compare within donors; with every donor in one group, fewer \
                     than {FEWEST_DONORS} donors are left in {}",
                    donors_have(repeating),
                    verb(alone, "has", "have"),
                    short.join(", ")
                ),
                "Compare groups that all donors have or groups of different donors, two at a time \
                 with --group and --reference.",
            ));
        }
        self.warnings.push(format!(
            "{} several groups of {by:?}, {alone} {} one: whether groups differ \
             is tested between {} donors, and each of the {repeating} counts in one group, where \
             donors are fewer",
            donors_have(repeating),
            verb(alone, "has", "have"),
            repeating + alone
        ));
        members.iter_mut().for_each(|own| own.sort_unstable());
        self.members = members;
        Ok(())
    }
}

/// Whether donors link all groups, so that any two can be compared within donors.
fn connected(donors: &[Vec<(usize, usize)>], groups: usize) -> bool {
    let mut linked = vec![false; groups];
    linked[0] = true;
    loop {
        let before = linked.iter().filter(|linked| **linked).count();
        for donor in donors {
            if donor.iter().any(|(group, _)| linked[*group]) {
                donor.iter().for_each(|(group, _)| linked[*group] = true);
            }
        }
        match linked.iter().filter(|linked| **linked).count() {
            count if count == groups => return true,
            count if count == before => return false,
            _ => {}
        }
    }
}
