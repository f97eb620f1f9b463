//! Edge lists: a set, a gene and perhaps a weight a line, tab-separated or (with a header that is
//! so) comma-separated; the header names the columns in any of the ways tables in the wild do.

use super::assemble::RawSet;
use super::{GeneSet, Lint};
use crate::error::{Error, Place, Result};
use crate::io::one_field;
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

const SET: [&str; 9] = [
    "set",
    "gene_set",
    "geneset",
    "gs_name",
    "source",
    "pathway",
    "term",
    "tf",
    "regulator",
];
const GENE: [&str; 6] = [
    "gene",
    "gene_symbol",
    "genesymbol",
    "symbol",
    "target",
    "gene_id",
];
const WEIGHT: [&str; 4] = ["weight", "mor", "mode", "score"];

/// Where the columns of an edge list are.
struct Columns {
    delimiter: u8,
    /// How many a header names.
    named: usize,
    set: usize,
    gene: usize,
    weight: Option<usize>,
}

impl Columns {
    /// By the header; `None` if this is none.
    fn of(header: &str) -> Option<Self> {
        let delimiter = if header.contains('\t') { b'\t' } else { b',' };
        let names: Vec<String> = header
            .trim_end()
            .split(char::from(delimiter))
            .map(|name| name.trim().trim_matches('"').to_lowercase())
            .collect();
        let find = |known: &[&str]| names.iter().position(|name| known.contains(&name.as_str()));
        Some(Self {
            delimiter,
            named: names.len(),
            set: find(&SET)?,
            gene: find(&GENE)?,
            weight: find(&WEIGHT),
        })
    }
}

/// Whether a word heads the column of genes.
pub(super) fn names_gene(word: &str) -> bool {
    GENE.contains(&word)
}

/// Lines that are neither blank nor comments.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

/// Whether a text starts with the header of an edge list and not with a title above sets: most of
/// those have more fields than it, and where it names a set, something and a gene, one that has tells.
pub(super) fn is_edge_list(text: &str) -> bool {
    let mut lines = lines(text);
    let Some(columns) = lines.next().and_then(Columns::of) else {
        return false;
    };
    let width = |line: &str| line.trim_end().split(char::from(columns.delimiter)).count();
    let (mut all, mut longer) = (0, 0);
    for line in lines {
        all += 1;
        longer += usize::from(width(line) > columns.named);
    }
    let as_in_gmt = (columns.named, columns.set, columns.gene) == (3, 0, 2);
    let most = if as_in_gmt { 0 } else { all / 2 };
    all > 0 && (columns.delimiter == b',' || longer <= most)
}

/// Sets in the order in which they come first; without a header, columns are set, gene and weight.
pub(super) fn parse(text: &str, path: &Path) -> Result<(Vec<RawSet>, Vec<Lint>)> {
    let columns = lines(text).next().and_then(Columns::of);
    let has_headers = columns.is_some();
    let columns = columns.unwrap_or(Columns {
        delimiter: b'\t',
        named: usize::MAX,
        set: 0,
        gene: 1,
        weight: Some(2),
    });
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(columns.delimiter)
        .quoting(columns.delimiter == b',')
        .has_headers(has_headers)
        .comment(Some(b'#'))
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut sets: Vec<RawSet> = Vec::new();
    let mut place: HashMap<String, usize> = HashMap::new();
    for record in reader.records() {
        let bad = |line: Option<u64>, message: String| {
            let place = Place {
                line: line.map(|line| line as usize),
                field: None,
            };
            let remedy = "An edge list has a set, a gene and perhaps a weight a line.";
            Error::format(path, place, message, remedy)
        };
        let record = record
            .map_err(|cause| bad(cause.position().map(csv::Position::line), cause.to_string()))?;
        let line = record.position().map(csv::Position::line);
        // Another gene, or a comma or tab within a field: nothing is dropped unsaid.
        if let Some(more) = record
            .iter()
            .skip(columns.named)
            .find(|own| !own.trim().is_empty())
        {
            let message = format!("{more:?} stands beyond the {} columns named", columns.named);
            return Err(bad(line, message));
        }
        let field = |at: usize| {
            record
                .get(at)
                .map(str::trim)
                .filter(|text| !text.is_empty())
        };
        let (Some(set), Some(gene)) = (field(columns.set), field(columns.gene)) else {
            return Err(bad(line, "a set or a gene is missing".to_owned()));
        };
        let token = match columns.weight.and_then(field) {
            None => gene.to_owned(),
            Some(weight) => match weight.parse::<f32>() {
                Ok(number) if number.is_finite() => format!("{gene},{weight}"),
                _ => return Err(bad(line, format!("the weight {weight:?} is no number"))),
            },
        };
        let at = *place.entry(set.to_owned()).or_insert_with(|| {
            sets.push(RawSet {
                line: line.map(|line| line as usize),
                name: set.to_owned(),
                description: String::new(),
                tokens: Vec::new(),
            });
            sets.len() - 1
        });
        sets[at].tokens.push(token);
    }
    Ok((sets, Vec::new()))
}

/// Writes `set TAB gene`, with a column of weights if any set has them.
pub(super) fn write(sets: &[GeneSet], out: &mut dyn Write) -> std::io::Result<()> {
    let weighted = sets.iter().any(|set| set.weights.is_some());
    writeln!(out, "set\tgene{}", if weighted { "\tweight" } else { "" })?;
    for set in sets {
        let name = one_field(&set.name);
        for (at, gene) in set.genes.iter().enumerate() {
            write!(out, "{name}\t{}", one_field(gene))?;
            if weighted {
                let weight = set.weights.as_ref().map_or(1.0, |weights| weights[at]);
                write!(out, "\t{weight}")?;
            }
            writeln!(out)?;
        }
    }
    Ok(())
}
