//! Tables that are taken for gene sets by mistake: expression, and labels of samples.

use crate::error::{Error, Place, Result};
use std::path::Path;

/// What heads the first column of a table of samples.
const SAMPLE_HEADERS: [&str; 13] = [
    "sample",
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

/// Lines that are looked at.
const LINES: usize = 200;

/// Refuses a text that is read as GMT but is a table of numbers or of samples.
///
/// A table of numbers has a header of names above rows of numbers, or fields of which nine in ten
/// are numbers and one in twenty is no Entrez id (0, negative, with a decimal point). A table of
/// samples has rows of equal length below a header that starts with `sample` or a like word, or
/// with nothing.
///
/// # Errors
/// [`Error::Format`] naming the file and what it looks like.
pub(super) fn refuse_tables(text: &str, path: &Path) -> Result<()> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let lines: Vec<&str> = lines.take(LINES).collect();
    let Some(delimiter) = ['\t', ',', ';']
        .into_iter()
        .find(|delimiter| lines.first().is_some_and(|line| line.contains(*delimiter)))
    else {
        return Ok(());
    };
    let field = |field: &'_ str| field.trim().trim_matches('"').to_owned();
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| line.split(delimiter).map(field).collect())
        .collect();
    let Some((header, rows)) = rows.split_first() else {
        return Ok(());
    };
    let numbers = |example: &String| {
        format!("this looks like a table of numbers (such as {example}), and no gene sets")
    };
    let looks_like = if let Some(example) = headed_number(header, rows) {
        numbers(example)
    } else if is_of_samples(header, rows) {
        let columns = header.iter().skip(1).map(String::as_str);
        let columns = crate::wording::listed(columns, 3);
        format!("this looks like a table of samples ({columns}), and no gene sets")
    } else if let Some(example) = frequent_number(rows) {
        numbers(example)
    } else {
        return Ok(());
    };
    Err(Error::format(
        path,
        Place::file(),
        looks_like,
        "Gene sets are a file whose lines are a name, a description and genes, separated by tabs \
         (GMT), or the name of a collection such as reactome.",
    ))
}

/// A number of rows that are nothing else below a header without any.
fn headed_number<'a>(header: &[String], rows: &'a [Vec<String>]) -> Option<&'a String> {
    let values = || rows.iter().flat_map(|row| row.iter().skip(1));
    let headed = rows.iter().all(|row| row.len() > 1)
        && is_rectangular(header, rows)
        && header.len() > 1
        && !header[1..].iter().any(|name| is_number(name))
        && values().all(|field| is_number(field));
    let example = values().find(|field| field.as_str() != "0");
    example.or_else(|| values().next()).filter(|_| headed)
}

/// A number of rows that have hardly anything else where GMT has genes, and no Entrez ids.
fn frequent_number(rows: &[Vec<String>]) -> Option<&String> {
    let fields = || rows.iter().flat_map(|row| row.iter().skip(2));
    let (mut all, mut numbers, mut no_ids) = (0, 0, 0);
    for field in fields() {
        all += 1;
        numbers += usize::from(is_number(field));
        no_ids += usize::from(is_number(field) && !is_entrez(field));
    }
    let table = all > 0 && numbers * 10 >= all * 9 && no_ids * 20 >= all;
    let example = fields().find(|field| is_number(field) && field.as_str() != "0");
    example.or_else(|| fields().next()).filter(|_| table)
}

/// Whether all rows are as long as the header, or longer by the name that R leaves out.
fn is_rectangular(header: &[String], rows: &[Vec<String>]) -> bool {
    let width = rows.first().map_or(0, Vec::len);
    (width == header.len() || width == header.len() + 1)
        && rows.iter().all(|row| row.len() == width)
}

fn is_of_samples(header: &[String], rows: &[Vec<String>]) -> bool {
    let first = header.first().map(|name| name.to_lowercase());
    let named = |first: &str| first.is_empty() || SAMPLE_HEADERS.contains(&first);
    header.len() > 1
        && rows.len() > 1
        && first.is_some_and(|first| named(&first))
        && is_rectangular(header, rows)
}

fn is_number(field: &str) -> bool {
    field.parse::<f64>().is_ok() || field == "NA"
}

fn is_entrez(field: &str) -> bool {
    field.bytes().all(|byte| byte.is_ascii_digit()) && !field.starts_with('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<String> {
        let refused = refuse_tables(text, Path::new("file"));
        refused.err().map(|error| error.to_string())
    }

    #[test]
    fn tables_are_told_from_gene_sets() {
        for numbers in [
            "gene\ts1\ts2\nTP53\t4\t1\nMYC\t2\t7\n",
            "gene,s1,s2\nTP53,4.5,1\nMYC,2,7\n",
            "s1\ts2\nTP53\t4\t1\nMYC\t2\t7\n",
            "gene\ttitle\ts1\ts2\nTP53\ta gene\t0\t1\nMYC\tanother\t2.5\t0\n",
        ] {
            let message = refused(numbers).unwrap_or_default();
            assert!(
                message.contains("a table of numbers"),
                "{numbers}: {message}"
            );
        }
        for samples in [
            "sample\tcell_type\nc1\tB\nc2\tT\n",
            "\tcell_type\tdonor\nc1\tB\t101\nc2\tT\t107\n",
            "Barcode,cell_type\nc1,B\nc2,T\n",
        ] {
            let message = refused(samples).unwrap_or_default();
            assert!(
                message.contains("a table of samples (cell_type"),
                "{message}"
            );
        }
        for sets in [
            "A\tna\tTP53\tMYC\nB\tna\tISG15\tMX1\n",
            "A\tna\t7157\t4609\nB\tna\t9636\t4599\n",
            "A\t1\t7157\t4609\nB\t2\t9636\t4599\n",
            "A\tna\tTP53,0.5\tMYC,1\n",
            "cell\tna\tTP53\nB\tna\tISG15\tMX1\n",
            "",
            "TP53\nMYC\n",
        ] {
            assert_eq!(refused(sets), None, "{sets}");
        }
    }
}
