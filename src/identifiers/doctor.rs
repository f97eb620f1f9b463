//! The identifier doctor: do data and gene sets speak of the same genes, and if not, why not.

use super::{GeneMapping, GeneTable, IdType, IdTypes, Mapped, Species};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::fmt;

/// The identifiers of one side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SideReport {
    /// Distinct identifiers.
    pub genes: usize,
    /// Their kinds.
    pub types: IdTypes,
    /// How many the other side has.
    pub matched: usize,
}

impl SideReport {
    /// The share that the other side has, in [0, 1].
    pub fn rate(&self) -> f64 {
        self.matched as f64 / self.genes.max(1) as f64
    }
}

/// What a mapping would bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingTrial {
    /// The mapping.
    pub mapping: GeneMapping,
    /// Whether outdated symbols are replaced as well.
    pub aliases: bool,
    /// Genes of the sets that the data would have.
    pub matched: usize,
}

impl fmt::Display for MappingTrial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.mapping, self.aliases) {
            (GeneMapping::None, true) => f.write_str("outdated symbols updated"),
            (mapping, true) => write!(f, "{mapping}, outdated symbols updated"),
            (mapping, false) => mapping.fmt(f),
        }
    }
}

/// What the doctor found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// The data's genes.
    pub data: SideReport,
    /// The sets' genes.
    pub sets: SideReport,
    /// Genes of the sets that the data lack, by the number of sets that have them.
    pub unmatched_set_genes: Vec<(String, usize)>,
    /// Genes of the data that no set has.
    pub unmatched_data_genes: Vec<String>,
    /// What each mapping would bring, the present state first.
    pub trials: Vec<MappingTrial>,
}

/// Of so many names one has to be a gene of the sets in capitals for the data to be of mouse.
const FEWEST_IN_CAPITALS: usize = 10;

/// Names of which a smaller share are symbols of genes are those of something else.
const FEW_SYMBOLS: f64 = 0.1;

/// Unmatched genes that are listed.
const LISTED: usize = 20;

impl Diagnosis {
    /// Compares the data's genes with the sets' genes; `set_genes` gives for every gene the
    /// number of sets that have it.
    ///
    /// # Errors
    /// If the shipped gene table cannot be read.
    pub fn new(data: &[String], set_genes: &HashMap<&str, usize>) -> Result<Self> {
        let table = GeneTable::bundled()?;
        let known: HashSet<&str> = set_genes.keys().copied().collect();
        let present: HashSet<&str> = data.iter().map(String::as_str).collect();
        let matched = present.intersection(&known).count();
        let mut lacking: Vec<(String, usize)> = set_genes
            .iter()
            .filter(|(gene, _)| !present.contains(*gene))
            .map(|(gene, count)| ((*gene).to_owned(), *count))
            .collect();
        lacking.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        lacking.truncate(LISTED);
        let unmatched = data.iter().filter(|gene| !known.contains(gene.as_str()));
        let mut sorted: Vec<&str> = known.iter().copied().collect();
        sorted.sort_unstable();
        let mut trials = Vec::new();
        for mapping in GeneMapping::ALL {
            for aliases in [false, true] {
                let mapped = mapping.apply(data, &known, table, aliases);
                let names: HashSet<&str> = mapped.names.iter().map(String::as_str).collect();
                trials.push(MappingTrial {
                    mapping,
                    aliases,
                    matched: names.intersection(&known).count(),
                });
            }
        }
        Ok(Self {
            data: SideReport {
                genes: present.len(),
                types: IdTypes::detect(data.iter().map(String::as_str), table),
                matched,
            },
            sets: SideReport {
                genes: known.len(),
                types: IdTypes::detect(sorted, table),
                matched,
            },
            unmatched_set_genes: lacking,
            unmatched_data_genes: unmatched.take(LISTED).cloned().collect(),
            trials,
        })
    }

    /// The mapping that brings the most, if it brings anything over the present state: to ids only
    /// where most of the sets' genes are such. Capitals are no identity of genes, so they are only
    /// ever suggested.
    pub fn best(&self) -> MappingTrial {
        // A few ids among other names are no reason to turn all of the data's genes into ids.
        let asked = |trial: &&MappingTrial| match trial.mapping {
            GeneMapping::UpperCase => false,
            GeneMapping::ToEntrez => self.sets.types.main == IdType::Entrez,
            GeneMapping::ToEnsembl => {
                let ids = [IdType::Ensembl, IdType::EnsemblVersioned];
                ids.contains(&self.sets.types.main)
            }
            _ => true,
        };
        let mut best = MappingTrial {
            mapping: GeneMapping::None,
            aliases: false,
            matched: self.data.matched,
        };
        for trial in self.trials.iter().filter(asked) {
            if trial.matched > best.matched {
                best = *trial;
            }
        }
        best
    }

    /// What a mapping would bring, with outdated symbols left as they are.
    pub fn trial(&self, mapping: GeneMapping) -> MappingTrial {
        let same = |trial: &&MappingTrial| trial.mapping == mapping && !trial.aliases;
        self.trials
            .iter()
            .find(same)
            .copied()
            .unwrap_or(MappingTrial {
                mapping,
                aliases: false,
                matched: self.data.matched,
            })
    }

    /// Renames the data's genes by a trial.
    ///
    /// # Errors
    /// If the shipped gene table cannot be read.
    pub fn apply(
        trial: MappingTrial,
        data: &[String],
        set_genes: &HashMap<&str, usize>,
    ) -> Result<Mapped> {
        let known: HashSet<&str> = set_genes.keys().copied().collect();
        let table = GeneTable::bundled()?;
        Ok(trial.mapping.apply(data, &known, table, trial.aliases))
    }

    /// These identifiers, which the user knows, with the counts of what is found after a mapping.
    pub(crate) fn finding(&self, after: &Self) -> Self {
        let mut found = self.clone();
        found.data.matched = after.data.matched;
        found.sets.matched = after.sets.matched;
        found
    }

    /// The match rate that decides: the larger of both sides', so that a small panel against a
    /// large collection is no alarm, nor the reverse.
    pub fn rate(&self) -> f64 {
        self.data.rate().max(self.sets.rate())
    }

    /// Stops where the match rate is below `threshold`.
    ///
    /// # Errors
    /// [`Error::Data`] with both sides' identifiers and what would help.
    pub fn check(&self, threshold: f64) -> Result<()> {
        if self.rate() >= threshold && self.data.matched > 0 {
            return Ok(());
        }
        let (data, sets) = (&self.data.types, &self.sets.types);
        let upper = self
            .trials
            .iter()
            .filter(|t| t.mapping == GeneMapping::UpperCase);
        let gain = upper.map(|trial| trial.matched).max().unwrap_or(0);
        let fewer = self.data.genes.min(self.sets.genes);
        let gains = gain * FEWEST_IN_CAPITALS >= fewer;
        // Names of pathways begin with a capital too; of mouse genes many are in human sets but
        // for their capitals.
        let rodent = data.species == Species::Rodent && (data.main != IdType::Symbol || gains);
        let such = such_as(self.unmatched_data_genes.first());
        let strange =
            data.main == IdType::Symbol && data.known_symbols < FEW_SYMBOLS && !rodent && !gains;
        let names = match strange {
            true => format!(
                "the data's names{such}, are no names of genes that the sets know; the gene sets have"
            ),
            false => format!(
                "the data have {} ({}{such}), the gene sets",
                data.main, data.species
            ),
        };
        let message = format!(
            "only {} of the data's {} genes are in any gene set ({:.1} %; the limit is {:.1} %): \
             {names} {} ({}{})",
            self.data.matched,
            self.data.genes,
            100.0 * self.data.rate(),
            100.0 * threshold,
            sets.main,
            sets.species,
            such_as(self.unmatched_set_genes.first().map(|(gene, _)| gene)),
        );
        let remedy = if strange {
            "Give a matrix of genes and samples; genes of another naming are translated by \
             --id-table."
                .to_owned()
        } else if rodent && sets.species == Species::Human {
            format!(
                "Use gene sets of the data's species (of mouse: `gsae genesets fetch msigdb:mh`), \
                 or translate the genes by a table of orthologs, --id-table. --gene-mapping \
                 upper-case would match {gain} genes by name alone, which is no proof that they \
                 are orthologs."
            )
        } else if gain > 2 * self.data.matched.max(1) {
            format!("--gene-mapping upper-case would match {gain} genes.")
        } else if data.main != sets.main {
            "Use gene sets with the data's kind of identifiers, or map the data first.".to_owned()
        } else {
            "Run `gsae doctor` for the unmatched genes; --min-match lowers the limit.".to_owned()
        };
        Err(Error::data(message, remedy))
    }
}

fn such_as(gene: Option<&String>) -> String {
    gene.map_or_else(String::new, |gene| format!(", such as {gene}"))
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (side, report) in [("data", &self.data), ("gene sets", &self.sets)] {
            writeln!(
                f,
                "{side:<10} {:>7} genes, {:.0} % {}, species {}; {} matched ({:.1} %)",
                report.genes,
                100.0 * report.types.share,
                report.types.main,
                report.types.species,
                report.matched,
                100.0 * report.rate(),
            )?;
        }
        let best = self.best();
        if best.matched > self.data.matched {
            writeln!(
                f,
                "mapping    {} instead of {} genes would match after: {best} (`gsae fit` does it)",
                best.matched, self.data.matched,
            )?;
        }
        if !self.unmatched_set_genes.is_empty() {
            let genes: Vec<String> = self
                .unmatched_set_genes
                .iter()
                .map(|(gene, sets)| format!("{gene} ({sets})"))
                .collect();
            writeln!(
                f,
                "lacking    genes in most sets (number of sets): {}",
                genes.join(", ")
            )?;
        }
        if !self.unmatched_data_genes.is_empty() {
            writeln!(
                f,
                "unused     first genes of the data in no set: {}",
                self.unmatched_data_genes.join(", ")
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn sets() -> HashMap<&'static str, usize> {
        HashMap::from([("A1BG", 3), ("A1CF", 1), ("TP53", 5)])
    }

    #[test]
    fn versioned_ids_are_mapped_to_symbols() -> Result<()> {
        let data = names(&["ENSG00000121410.5", "ENSG00000141510.11"]);
        let diagnosis = Diagnosis::new(&data, &sets())?;
        assert_eq!(diagnosis.data.matched, 0);
        let best = diagnosis.best();
        assert_eq!((best.mapping, best.matched), (GeneMapping::ToSymbol, 2));
        let mapped = Diagnosis::apply(best, &data, &sets())?;
        assert_eq!(mapped.names, ["A1BG", "TP53"]);
        assert_eq!(diagnosis.unmatched_set_genes[0], ("TP53".to_owned(), 5));
        Ok(())
    }

    #[test]
    fn a_few_ids_among_the_sets_make_no_ids_of_symbols() -> Result<()> {
        let data = names(&["A1BG", "TP53", "MYC"]);
        let labels = HashMap::from([("1", 2), ("ctrl", 9), ("stim", 9), ("T", 3)]);
        let diagnosis = Diagnosis::new(&data, &labels)?;
        assert_eq!(diagnosis.trial(GeneMapping::ToEntrez).matched, 1);
        assert_eq!(diagnosis.best().mapping, GeneMapping::None);
        let message = diagnosis.check(0.1).expect_err("no overlap").to_string();
        assert!(
            message.contains("the data have symbols (human, such as A1BG)"),
            "{message}"
        );
        let ids = HashMap::from([("1", 2), ("7157", 1), ("ctrl", 9)]);
        let best = Diagnosis::new(&data, &ids)?.best();
        assert_eq!((best.mapping, best.matched), (GeneMapping::ToEntrez, 2));
        Ok(())
    }

    #[test]
    fn mouse_data_against_human_sets_stop_with_the_reason() -> Result<()> {
        let data = names(&["A1bg", "A1cf", "Isg15", "Mx1"]);
        let diagnosis = Diagnosis::new(&data, &sets())?;
        assert_eq!(diagnosis.best().mapping, GeneMapping::None);
        let message = diagnosis.check(0.1).expect_err("no overlap").to_string();
        assert!(message.contains("mouse or rat"), "{message}");
        assert!(message.contains("upper-case would match 2"), "{message}");
        let advice = ["gsae genesets fetch msigdb:mh", "--id-table"];
        assert!(advice.iter().all(|own| message.contains(own)), "{message}");
        Ok(())
    }

    #[test]
    fn names_of_pathways_are_not_taken_for_mouse_genes() -> Result<()> {
        let data = names(&["Apoptosis", "Cell Cycle", "Translation", "Hemostasis"]);
        let message = Diagnosis::new(&data, &sets())?.check(0.1);
        let message = message.expect_err("no overlap").to_string();
        assert!(!message.contains("mouse"), "{message}");
        let told = "the data's names, such as Apoptosis, are no names of genes that the sets know";
        assert!(message.contains(told), "{message}");
        Ok(())
    }

    #[test]
    fn a_small_panel_is_no_alarm() -> Result<()> {
        let diagnosis = Diagnosis::new(&names(&["TP53"]), &sets())?;
        assert_eq!(diagnosis.rate(), 1.0);
        diagnosis.check(0.5)
    }
}
