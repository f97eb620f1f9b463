//! Tables of labels as text: TSV or CSV, the first column the samples' names.

use crate::error::{Error, Place, Result};
use std::path::Path;

/// A header without the first column's, and rows with their line and all their fields.
pub(super) struct LabelTable {
    pub columns: Vec<String>,
    pub rows: Vec<(usize, Vec<String>)>,
}

/// Parses a table: fields are separated by tabs if the header has one, else by commas or
/// semicolons with quotes. A header may lack the field above the names, as R writes it.
pub(super) fn parse(text: &str, path: &Path) -> Result<LabelTable> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let header = text
        .lines()
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let count = |delimiter: char| header.matches(delimiter).count();
    let mut records = if count('\t') > 0 || count(',') + count(';') == 0 {
        tabbed(text)
    } else {
        let delimiter = if count(',') >= count(';') { b',' } else { b';' };
        quoted(text, delimiter, path)?
    };
    if records.is_empty() {
        return Ok(LabelTable {
            columns: Vec::new(),
            rows: Vec::new(),
        });
    }
    let (_, mut columns) = records.remove(0);
    let width = match records.first() {
        Some((_, row)) if row.len() == columns.len() + 1 => row.len(),
        _ => columns.len(),
    };
    if let Some((line, row)) = records.iter().find(|(_, row)| row.len() != width) {
        return Err(Error::format(
            path,
            Place::line(*line),
            format!(
                "the row has {} fields, and the header has {}",
                row.len(),
                columns.len()
            ),
            "Every row needs the sample's name and one field a column.",
        ));
    }
    if columns.len() == width {
        columns.remove(0);
    }
    Ok(LabelTable {
        columns,
        rows: records,
    })
}

/// Fields between tabs; quotes around a whole field, as R writes them, go.
fn tabbed(text: &str) -> Vec<(usize, Vec<String>)> {
    let field = |field: &str| {
        let field = field.trim();
        match field
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
        {
            Some(inner) => inner.replace("\"\"", "\""),
            None => field.to_owned(),
        }
    };
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty());
    lines
        .map(|(index, line)| (index + 1, line.split('\t').map(field).collect()))
        .collect()
}

fn quoted(text: &str, delimiter: u8, path: &Path) -> Result<Vec<(usize, Vec<String>)>> {
    let mut reader = super::cells::reader(text.as_bytes(), delimiter);
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|cause| {
            let line = cause.position().map_or(1, |at| at.line() as usize);
            let message = format!("the table cannot be read ({cause})");
            Error::format(
                path,
                Place::line(line),
                message,
                "Write it again as CSV or TSV.",
            )
        })?;
        let line = record.position().map_or(0, |at| at.line() as usize);
        let fields = record.iter().map(|field| field.trim().to_owned());
        records.push((line, fields.collect()));
    }
    Ok(records)
}
