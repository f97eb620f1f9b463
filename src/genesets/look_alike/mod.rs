//! What is taken for gene sets by mistake: tables of expression, labels of samples, and pairs whose
//! columns nobody named.

mod table;

use crate::error::{Error, Place, Result};
use crate::wording::listed;
use std::path::Path;
use table::Table;

/// Lines that are looked at.
const LINES: usize = 200;

const GMT: &str = "Gene sets are a file whose lines are a name, a description and genes, separated \
                   by tabs (GMT), or the name of a collection such as reactome.";

/// Refuses a text that is read as GMT but is a table of numbers or of samples, or pairs.
///
/// Sets may have ids for genes, numbers for descriptions, one size, and any names, so a table is
/// known by more than one sign, and never in a file that is called `.gmt`:
///
/// - Numbers: rows of one length of which nine in ten fields are numbers where GMT has genes, and
///   one in twenty is no Entrez id (0, negative, with a decimal point); or rows of nothing but
///   numbers below a header that starts with `gene` or a like word, or lacks the first name.
/// - Samples: rows of one length below a header that starts with `sample` or a like word, or with
///   nothing, and a column of numbers or of words that come again.
/// - Pairs: lines of two fields, which have no place for genes; or of two fields and a weight, where
///   a first field comes again.
///
/// # Errors
/// [`Error::Format`] naming the file and what it looks like.
pub(in crate::genesets) fn refuse_tables(text: &str, path: &Path) -> Result<()> {
    let lines = text
        .lines()
        .map(|line| line.trim_end_matches('\r'))
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    // The second line of GCT counts its rows and columns.
    let counts = usize::from(text.starts_with("#1."));
    let lines: Vec<&str> = lines.skip(counts).take(LINES).collect();
    let delimiter = ['\t', ',', ';'].into_iter().find(|delimiter| {
        let is_in = |line: &&str| line.contains(*delimiter);
        match delimiter {
            '\t' => lines.iter().any(is_in),
            _ => lines.first().is_some_and(is_in),
        }
    });
    let Some(delimiter) = delimiter else {
        return Ok(());
    };
    let field = |field: &'_ str| field.trim().trim_matches('"').to_owned();
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| line.split(delimiter).map(field).collect())
        .collect();
    let Some((header, rows)) = rows.split_first().filter(|(_, rows)| !rows.is_empty()) else {
        return Ok(());
    };
    let table = Table { header, rows };
    let (looks_like, remedy) = match Looks::of(&table, path) {
        None => return Ok(()),
        // Names may have a comma each, as those of metabolites.
        Some(Looks::Pairs(..)) if delimiter != '\t' && !table.repeats(0) => {
            return Ok(());
        }
        Some(Looks::Numbers(example)) => (
            format!("this looks like a table of numbers (such as {example}), and no gene sets"),
            format!("If it is expression, give it to --expression. {GMT}"),
        ),
        Some(Looks::Samples(columns)) => (
            format!("this looks like a table of samples ({columns}), and no gene sets"),
            format!("If it has labels, give them to --samples. {GMT}"),
        ),
        Some(Looks::Pairs(first, second)) => (
            format!("the lines are pairs (such as {first} and {second}), and no gene sets"),
            format!(
                "If a pair is a set and a gene, name the columns in a first line: set and gene, \
                 and weight if there is one. {GMT}"
            ),
        ),
    };
    Err(Error::format(path, Place::file(), looks_like, remedy))
}

/// What a text is instead of gene sets.
enum Looks {
    /// A table of numbers such as this.
    Numbers(String),
    /// A table of samples with these columns.
    Samples(String),
    /// Pairs such as this.
    Pairs(String, String),
}

impl Looks {
    fn of(table: &Table, path: &Path) -> Option<Self> {
        let name = path.to_string_lossy().to_lowercase();
        let named_gmt = name.ends_with(".gmt") || name.ends_with(".gmt.gz");
        // No set has genes in two columns, whatever they are called.
        let two = table.is_two_wide();
        if named_gmt && !two {
            None
        } else if table.is_weighted_pairs() {
            Some(Self::pair(table))
        } else if let Some(example) = table.headed_number().filter(|_| !two || !table.repeats(0)) {
            Some(Self::Numbers(example.clone()))
        } else if table.is_of_samples() {
            let columns = table.header.iter().skip(1).map(String::as_str);
            Some(Self::Samples(listed(columns, 3)))
        } else if two {
            Some(Self::pair(table))
        } else {
            table.frequent_number().cloned().map(Self::Numbers)
        }
    }

    fn pair(table: &Table) -> Self {
        let last = table.rows.last().unwrap_or(&table.rows[0]);
        Self::Pairs(last[0].clone(), last[1].clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_in(name: &str, text: &str) -> Option<String> {
        let refused = refuse_tables(text, Path::new(name));
        refused.err().map(|error| error.to_string())
    }

    fn refused(text: &str) -> Option<String> {
        refused_in("file", text)
    }

    #[test]
    fn tables_are_told_from_gene_sets() {
        for numbers in [
            "gene\ts1\ts2\nTP53\t4\t1\nMYC\t2\t7\n",
            "gene,s1,s2\nTP53,4.5,1\nMYC,2,7\n",
            "s1\ts2\nTP53\t4\t1\nMYC\t2\t7\n",
            "gene\ttitle\ts1\ts2\nTP53\ta gene\t0\t1\nMYC\tanother\t2.5\t0\n",
            "gene\ts1\nTP53\t4\nMYC\t2\n",
            "NAME\ts1\ts2\nTP53\t4.5\tNA\nMYC\t2\t7.5\n",
            "#1.2\n2\t2\nNAME\tDescription\ts1\ts2\nTP53\tna\t0\t1\nMYC\tna\t2.5\t0\n",
            "TP53\t4.5\t1.2\nMYC\t0\t7.1\nKRAS\t0.1\t7.1\n",
            "sample\tTP53\tMYC\ns1\t4.5\t0\ns2\t2\t7\n",
        ] {
            let message = refused(numbers).unwrap_or_default();
            assert!(
                message.contains("a table of numbers") && message.contains("to --expression"),
                "{numbers}: {message}"
            );
        }
        for samples in [
            "sample\tcell_type\nc1\tB\nc2\tT\n",
            "\tcell_type\tdonor\nc1\tB\t101\nc2\tT\t107\n",
            "Barcode,cell_type\nc1,B\nc2,T\n",
            "sample\tcell_type\tnote\nc1\tB\tx\nc2\tB\ty\n",
            "Sample ID\tcell_type\tage\nS1\tA\t44\nS2\tB\t51\n",
            "index\tcell_type\nc1\tB\nc2\tB\n",
        ] {
            let message = refused(samples).unwrap_or_default();
            assert!(
                message.contains("a table of samples (cell_type")
                    && message.contains("to --samples"),
                "{samples}: {message}"
            );
        }
        for pairs in [
            "A\tTP53\nA\tMYC\nB\tMX1\n",
            "module\tentrez\nA\t7157\nA\t4609\nB\t4599\n",
            "A\tTP53\t0.5\nA\tMYC\t-1\nB\tMX1\t1\n",
            "module\tentrez\tkME\nA\t7157\t0.5\nA\t4609\t0.25\nB\t4599\t0.1\n",
            "cell\tmarker\nB cell\tCD19\nB cell\tMS4A1\nT cell\tCD3E\n",
        ] {
            let message = refused(pairs).unwrap_or_default();
            assert!(
                message.contains("the lines are pairs (such as B and M")
                    || message.contains("(such as B and 4599)")
                    || message.contains("(such as T cell and CD3E)"),
                "{pairs}: {message}"
            );
            assert!(message.contains("first line: set and gene"), "{message}");
        }
    }

    #[test]
    fn gene_sets_of_any_look_are_gene_sets() {
        for sets in [
            "A\tna\tTP53\tMYC\nB\tna\tISG15\tMX1\n",
            "A\tna\tTP53,0.5\tMYC,1\n",
            "",
            "TP53\nMYC\n",
            // Entrez ids: one set a size, descriptions that are numbers, missing or web addresses.
            "A\tna\t7157\t4609\nB\tna\t9636\t4599\n",
            "A\t1\t7157\t4609\nB\t2\t9636\t4599\n",
            "A\tNA\t7157\t4609\nB\tNA\t9636\t4599\n",
            "A\t\t7157\nB\t\t9636\n",
            "A\thttps://x.org/a\t7157\nB\thttps://x.org/b\t9636\n",
            "A\tna\t7157.0\t4609.0\nB\tna\t9636.0\t4599.0\n",
            // Sets of one gene; all of one size.
            "A\tna\tTP53\nB\tna\tMYC\nC\tna\tKRAS\n",
            "A\t0\t7157\nB\t0\t9636\nC\t0\t4599\n",
            // A first line that names the columns.
            "name\tdescription\tgene\nA\tNA\t7157\nB\tNA\t9636\n",
            "name\tdescription\tgenes\nA\t1\t7157\t4609\nB\t2\t9636\n",
            "name\tdescription\nA\t1\t7157\nB\t2\t9636\n",
            "id\tdescription\tgene\nA\t1\t7157\nB\t2\t9636\n",
            "set\tsize\tgene\nA\t1\t7157\nB\t1\t9636\n",
            // Padded by R to one length.
            "A\tna\tTP53\tMYC\tKRAS\nB\tna\tMX1\tNA\tNA\nC\tna\tMX2\tNA\tNA\n",
            // Names that head tables of samples.
            "cell\tna\tTP53\nB\tna\tISG15\tMX1\n",
            "cell\tna\tTP53\tMYC\nB\tna\tISG15\tMX1\nC\tna\tISG15\tMX2\n",
            "Donor\thttps://x.org/a\tTP53\nB\thttps://x.org/b\tISG15\nC\thttps://x.org/c\tMX1\n",
            "cells\ta set\tTP53\tMYC\nB\tanother\tISG15\tMX1\n",
            // A title without a tab, and names with commas.
            "sample, of sets\nA, or so\tna\tTP53\tMYC\nB, too\tna\tISG15\tMX1\n",
            "1,2-DAG\n3,4-DPG\n",
            "A;B\tna\t7157\nC;D\tna\t9636\n",
        ] {
            assert_eq!(refused(sets), None, "{sets}");
        }
        let expression = "gene\ts1\ts2\nTP53\t4\t1\nMYC\t2\t7\n";
        for (name, named) in [("a.gmt", true), ("a.GMT.gz", true), ("a.tsv", false)] {
            assert_eq!(refused_in(name, expression).is_none(), named, "{name}");
        }
    }
}
