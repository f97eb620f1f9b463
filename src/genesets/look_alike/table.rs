//! The signs by which a table is told from gene sets.

use crate::genesets::edge_list::names_gene;
use std::collections::HashSet;

/// What heads the first column of a table of samples; blanks, `-` and `.` are `_`.
const SAMPLE_HEADERS: [&str; 21] = [
    "sample",
    "subject",
    "subject_id",
    "participant",
    "case_id",
    "cellid",
    "cell_barcode",
    "index",
    "obs_names",
    "samples",
    "sample_id",
    "sampleid",
    "sample_name",
    "cell",
    "cells",
    "cell_id",
    "barcode",
    "barcodes",
    "donor",
    "patient",
    "patient_id",
];

/// What heads the first column of a table of genes, beside the words of edge lists.
const GENE_HEADERS: [&str; 14] = [
    "",
    "genes",
    "gene_name",
    "geneid",
    "symbols",
    "hugo_symbol",
    "hgnc_symbol",
    "ensembl",
    "ensembl_id",
    "entrez",
    "id",
    "id_ref",
    "probe",
    "probe_id",
];

/// What stands for a description, or heads the column of descriptions: no sample is called so.
const DESCRIPTIONS: [&str; 10] = [
    "",
    "na",
    "n/a",
    "nan",
    "none",
    "-",
    "description",
    "desc",
    "url",
    "link",
];

/// The first line, and those below it, of which there is one at least.
pub(super) struct Table<'a> {
    pub header: &'a [String],
    pub rows: &'a [Vec<String>],
}

impl Table<'_> {
    /// Whether no line has more than two fields, and each has two.
    pub fn is_two_wide(&self) -> bool {
        let wide = |row: &[String]| row.iter().rposition(|field| !field.is_empty()) == Some(1);
        wide(self.header) && self.rows.iter().all(|row| wide(row))
    }

    /// Pairs and a weight that is no Entrez id.
    pub fn is_weighted_pairs(&self) -> bool {
        let weights = || self.rows.iter().map(|row| &row[2]);
        self.is_rectangular(0)
            && self.header.len() == 3
            && self.repeats(0)
            && weights().all(|weight| is_number(weight) && !is_missing(weight))
            && weights().any(|weight| !is_entrez(weight))
    }

    /// Whether one in ten fields of a column, the first line's among them, was there above.
    pub fn repeats(&self, column: usize) -> bool {
        let rows = self.rows.iter().filter_map(|row| row.get(column));
        let fields: Vec<&String> = self.header.get(column).into_iter().chain(rows).collect();
        let distinct: HashSet<&&String> = fields.iter().collect();
        distinct.len() * 10 <= fields.len() * 9
    }

    /// Whether all rows are longer than the header by `more`.
    fn is_rectangular(&self, more: usize) -> bool {
        let width = self.header.len() + more;
        self.rows.iter().all(|row| row.len() == width)
    }

    /// Whether the first line can name columns: none is called like a description.
    fn has_header(&self) -> bool {
        let named = |name: &String| {
            !DESCRIPTIONS.contains(&name.to_lowercase().as_str()) && !name.contains("://")
        };
        self.header.len() > 1 && self.header[1..].iter().all(named)
    }

    /// A number of rows that are nothing else below a header without any.
    pub fn headed_number(&self) -> Option<&String> {
        let short = self.is_rectangular(1);
        let values = || self.rows.iter().flat_map(|row| row.iter().skip(1));
        let headed = (short || self.is_rectangular(0))
            && self.has_header()
            && !self.header[1..].iter().any(|name| is_number(name))
            && values().all(|field| is_number(field));
        let first = self.header.first().map(|name| name.to_lowercase());
        let first = first.unwrap_or_default();
        let of_genes = names_gene(&first) || GENE_HEADERS.contains(&first.as_str());
        // R leaves out the name of the first column; two rows at least tell that.
        let of_genes = of_genes || short && self.rows.len() > 1;
        // Where GMT has no genes, any number that is no id tells.
        let genes_from = if self.rows[0].len() > 2 { 2 } else { 1 };
        let told = of_genes || self.has_others_than_ids(genes_from);
        self.example(1).filter(|_| headed && told)
    }

    /// A number of rows that have hardly anything else where GMT has genes, and no Entrez ids.
    pub fn frequent_number(&self) -> Option<&String> {
        let width = self.rows[0].len();
        let fields = || self.rows.iter().flat_map(|row| row.iter().skip(2));
        let there = fields().filter(|field| !is_missing(field)).count();
        let numbers = fields()
            .filter(|field| is_number(field) && !is_missing(field))
            .count();
        let table = self.rows.iter().all(|row| row.len() == width)
            && numbers * 10 >= there * 9
            && self.has_others_than_ids(2);
        self.example(2).filter(|_| table)
    }

    /// Whether one number in twenty, from a column on, is no Entrez id.
    fn has_others_than_ids(&self, from: usize) -> bool {
        let fields = self.rows.iter().flat_map(|row| row.iter().skip(from));
        let (mut all, mut others) = (0, 0);
        for field in fields.filter(|field| is_number(field) && !is_missing(field)) {
            all += 1;
            others += usize::from(!is_entrez(field));
        }
        all > 0 && others * 20 >= all
    }

    /// A number from a column on, not 0 if there is another.
    fn example(&self, from: usize) -> Option<&String> {
        let fields = || self.rows.iter().flat_map(|row| row.iter().skip(from));
        let numbers = || fields().filter(|field| is_number(field) && !is_missing(field));
        let other = numbers().find(|field| field.as_str() != "0");
        other.or_else(|| numbers().next())
    }

    pub fn is_of_samples(&self) -> bool {
        let first = self.header.first();
        let first = first.map(|name| name.to_lowercase().replace([' ', '-', '.'], "_"));
        let named = |first: &str| first.is_empty() || SAMPLE_HEADERS.contains(&first);
        let again = |column: usize| {
            let name = &self.header[column];
            self.rows.iter().any(|row| row[column] == *name)
        };
        let of_labels = |column: usize| {
            self.repeats(column) || self.rows.iter().all(|row| is_number(&row[column]))
        };
        let columns = 1..self.header.len();
        self.rows.len() > 1
            && first.is_some_and(|first| named(&first))
            && self.is_rectangular(0)
            && self.has_header()
            && !self.repeats(0)
            && !self
                .header
                .iter()
                .any(|name| names_gene(&name.to_lowercase()))
            && !columns.clone().any(again)
            && (columns.len() == 1 || columns.clone().any(of_labels))
    }
}

/// A number, or what stands for one that is missing.
fn is_number(field: &str) -> bool {
    is_missing(field) || field.parse::<f64>().is_ok_and(f64::is_finite)
}

fn is_missing(field: &str) -> bool {
    ["NA", "NaN", "nan"].contains(&field)
}

/// Whether a number can be an Entrez id, also one that went through a table of decimals (`7157.0`).
fn is_entrez(field: &str) -> bool {
    let field = field.strip_suffix(".0").unwrap_or(field);
    !field.is_empty() && !field.starts_with('0') && field.bytes().all(|byte| byte.is_ascii_digit())
}
