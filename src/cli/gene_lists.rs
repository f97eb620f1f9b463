//! Reading gene lists and rankings, and matching their names to gene sets.

use super::console::Console;
use crate::error::{Error, Place, Result};
use crate::genesets::GeneSetCollection;
use crate::identifiers::{Diagnosis, MappingTrial};
use crate::io::read_text;
use crate::wording::{number_of, verb};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// The names in the first column of a file, each once; `#` starts a comment.
pub(super) fn read_list(path: &Path) -> Result<Vec<String>> {
    let (text, _) = read_text(path)?;
    listed(&text, path)
}

/// Columns of numbers beside the genes that make a list a table of measurements.
const MOST_NUMBERS: usize = 3;

/// As [`read_list`], of a file that is no table of measurements, whose genes are all there are.
///
/// # Errors
/// [`Error::Format`] naming the number of columns if it is one.
pub(super) fn read_list_alone(path: &Path) -> Result<Vec<String>> {
    let (text, _) = read_text(path)?;
    let lines = text.lines().zip(1..);
    let mut rows = lines.filter(|(line, _)| !line.trim().is_empty() && !line.starts_with('#'));
    // The first row may head the columns.
    if let Some((line, number)) = rows.nth(1) {
        let fields: Vec<&str> = line.split(['\t', ',']).map(unquoted).collect();
        let numbers = fields[1..].iter().filter(|own| own.parse::<f64>().is_ok());
        let numbers = numbers.count();
        if numbers > MOST_NUMBERS {
            return Err(Error::format(
                path,
                Place::line(number),
                format!(
                    "there are {} columns, {numbers} of them of numbers: this is a table of \
                     measurements, not a list of genes",
                    fields.len()
                ),
                "Give one gene a line, only those that are looked into.",
            ));
        }
    }
    listed(&text, path)
}

fn listed(text: &str, path: &Path) -> Result<Vec<String>> {
    let mut seen = HashSet::new();
    let names: Vec<String> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(['\t', ',']).next())
        .map(unquoted)
        .filter(|name| !name.is_empty() && seen.insert((*name).to_owned()))
        .map(str::to_owned)
        .collect();
    if names.is_empty() {
        return Err(Error::format(
            path,
            Place::file(),
            "there is no gene in the file",
            "Give one gene a line.",
        ));
    }
    Ok(names)
}

fn unquoted(name: &str) -> &str {
    name.trim().trim_matches('"')
}

/// Genes with the number they are ranked by.
pub(super) struct RankedList {
    pub genes: Vec<String>,
    pub statistics: Vec<f64>,
}

/// Reads a ranking: gene and number in two columns (tab or comma), `#` comments, a header or
/// none.
pub(super) fn read_ranking(path: &Path) -> Result<RankedList> {
    let (text, _) = read_text(path)?;
    let mut list = RankedList {
        genes: Vec::new(),
        statistics: Vec::new(),
    };
    let mut first = true;
    for (line, number) in text.lines().zip(1..) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let mut fields = line.split(['\t', ',']).map(unquoted);
        let (Some(gene), Some(value)) = (fields.next(), fields.next()) else {
            return Err(Error::format(
                path,
                Place::line(number),
                format!("there is one column: {line:?}"),
                "A ranking has two, gene and number, with a tab or a comma between.",
            ));
        };
        let more = fields.filter(|field| !field.is_empty()).count();
        if more > 0 {
            return Err(Error::format(
                path,
                Place::line(number),
                format!("there are {} columns, and a ranking has two", more + 2),
                "Leave two columns, gene and the number that genes are ranked by.",
            ));
        }
        match value.parse::<f64>() {
            Ok(value) if value.is_finite() && !gene.is_empty() => {
                list.genes.push(gene.to_owned());
                list.statistics.push(value);
            }
            // What is no number at all may head the columns; inf and NaN do not.
            Err(_) if first && !is_missing(value) => {}
            _ => {
                return Err(Error::format(
                    path,
                    Place::field(number, "2"),
                    format!("gene {gene:?} has {value:?}, which cannot be ranked"),
                    "Give every gene a finite number, or leave the line out.",
                ));
            }
        }
        first = false;
    }
    if list.genes.len() < 2 {
        return Err(Error::format(
            path,
            Place::file(),
            format!(
                "{} {} no ranking",
                number_of(list.genes.len(), "gene"),
                verb(list.genes.len(), "is", "are")
            ),
            "Give one line a gene: name, tab, number.",
        ));
    }
    Ok(list)
}

/// As [`read_ranking`], with a model's names for its genes: they are mapped as those of data are.
pub(super) fn read_ranking_for(
    path: &Path,
    genes: &[String],
    console: &Console,
) -> Result<RankedList> {
    let list = read_ranking(path)?;
    let known: HashMap<&str, usize> = genes.iter().map(|gene| (gene.as_str(), 1)).collect();
    let best = Diagnosis::new(&list.genes, &known)?.best();
    let names = Diagnosis::apply(best, &list.genes, &known)?.names;
    Ok(list.renamed(names, console))
}

fn is_missing(value: &str) -> bool {
    matches!(
        value.to_lowercase().as_str(),
        "" | "na" | "n/a" | "nan" | "null"
    )
}

impl RankedList {
    /// Renames the genes; genes that then have one name become one, with the mean number.
    pub fn renamed(self, names: Vec<String>, console: &Console) -> Self {
        let mut at: HashMap<String, usize> = HashMap::with_capacity(names.len());
        let mut genes: Vec<String> = Vec::with_capacity(names.len());
        let mut sums: Vec<(f64, f64)> = Vec::with_capacity(names.len());
        for (name, value) in names.into_iter().zip(self.statistics) {
            let slot = *at.entry(name.clone()).or_insert_with(|| {
                genes.push(name);
                sums.push((0.0, 0.0));
                sums.len() - 1
            });
            sums[slot].0 += value;
            sums[slot].1 += 1.0;
        }
        let several = sums.iter().filter(|(_, count)| *count > 1.0).count();
        if several > 0 {
            console.warn(format!(
                "{several} genes stand in the ranking several times and have their mean number"
            ));
        }
        Self {
            genes,
            statistics: sums.iter().map(|(sum, count)| sum / count).collect(),
        }
    }

    /// Warns where ties are so many that the order of the file decides.
    pub fn report_ties(&self, console: &Console) {
        let mut sorted = self.statistics.clone();
        sorted.sort_by(f64::total_cmp);
        let tied: usize = sorted
            .chunk_by(|a, b| a == b)
            .filter(|group| group.len() > 1)
            .map(<[f64]>::len)
            .sum();
        if tied * 100 > sorted.len() {
            console.warn(format!(
                "{tied} of {} genes share their number with another; their order in the file \
                 decides between them",
                sorted.len()
            ));
        }
    }
}

/// The names as the gene sets have them, where a mapping of identifiers matches more.
pub(super) fn matched(
    names: &[String],
    collection: &GeneSetCollection,
    console: &Console,
) -> Result<Vec<String>> {
    let (names, diagnosis) = renamed(names, collection, console)?;
    // One gene is enough to go on with; none has its reason in the identifiers.
    diagnosis.check(0.0)?;
    Ok(names)
}

/// The names as the gene sets have them, and how they meet.
fn renamed(
    names: &[String],
    collection: &GeneSetCollection,
    console: &Console,
) -> Result<(Vec<String>, Diagnosis)> {
    let counts = collection.gene_counts();
    let diagnosis = Diagnosis::new(names, &counts)?;
    let best = diagnosis.best();
    let mapped = Diagnosis::apply(best, names, &counts)?;
    if let Some((from, to)) = mapped.changed.first() {
        console.note(format!(
            "{} renamed ({best}), for example {from} to {to}",
            number_of(mapped.changed.len(), "gene")
        ));
    }
    let diagnosis = Diagnosis::new(&mapped.names, &counts)?;
    console.note(format!(
        "identifiers: {} of {} {} in gene sets",
        diagnosis.data.matched,
        number_of(diagnosis.data.genes, "gene"),
        verb(diagnosis.data.matched, "is", "are")
    ));
    Ok((mapped.names, diagnosis))
}

/// [`matched`] for a list and the genes that it is part of: a gene of the list gets the name that the
/// same gene of the background gets, whatever either calls it.
pub(super) fn matched_within(
    list: &[String],
    background: &[String],
    collection: &GeneSetCollection,
    console: &Console,
) -> Result<(Vec<String>, Vec<String>)> {
    let (renamed, found) = renamed(background, collection, console)?;
    let there: HashSet<&str> = renamed.iter().map(String::as_str).collect();
    let same: HashMap<&String, &String> = background.iter().zip(&renamed).collect();
    let counts = collection.gene_counts();
    let best = Diagnosis::new(list, &counts)?.best();
    if best.matched == 0 {
        found.check(0.0)?;
    }
    let alone = Diagnosis::apply(best, list, &counts)?.names;
    let updated = MappingTrial {
        aliases: true,
        ..best
    };
    let updated = Diagnosis::apply(updated, list, &counts)?.names;
    let names = list.iter().zip(alone).zip(updated);
    let names = names.map(|((name, alone), updated)| match same.get(name) {
        Some(renamed) => (*renamed).clone(),
        None if !there.contains(alone.as_str()) && there.contains(updated.as_str()) => updated,
        None => alone,
    });
    Ok((names.collect(), renamed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::console::Loudness;

    #[test]
    fn a_ranking_gets_the_names_that_a_model_has() -> Result<()> {
        let folder = tempfile::tempdir().map_err(Error::io("create", "a folder"))?;
        let path = folder.path().join("t.rnk");
        std::fs::write(&path, "CPSF3L\t2\nMX1\t-1\n").map_err(Error::io("write", &path))?;
        let genes = ["INTS11", "MX1"].map(str::to_owned);
        let list = read_ranking_for(&path, &genes, &Console::new(Loudness::Quiet))?;
        assert_eq!(list.genes, genes);
        assert_eq!(list.statistics, [2.0, -1.0]);
        Ok(())
    }
}
