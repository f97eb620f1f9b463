//! The slow, exact look at a table: which cell is wrong, and where.
//!
//! The quick reader knows only that something is wrong; this walks the records with the csv
//! crate to the first offending one.

use crate::error::{Error, Place};
use std::path::Path;

/// Tokens that mean "no value".
pub(super) const MISSING: [&str; 10] = [
    "", "NA", "N/A", "#N/A", "na", "NaN", "nan", "NAN", "null", "NULL",
];

/// How a table is laid out, as far as it takes to read its cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Between fields.
    pub delimiter: u8,
    /// Fields of every data row.
    pub width: usize,
    /// Leading fields that are not numbers: the row's name and perhaps descriptions.
    pub leading: usize,
    /// Whether the header lacks the field above the row names.
    pub short_header: bool,
}

pub(super) fn reader(bytes: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes)
}

/// The number of records, the header among them, up to one that cannot be read.
pub(super) fn records(bytes: &[u8], layout: Layout) -> usize {
    let mut records = reader(bytes, layout.delimiter);
    let mut record = csv::ByteRecord::new();
    let mut count = 0;
    while let Ok(true) = records.read_byte_record(&mut record) {
        count += 1;
    }
    count
}

/// The first thing wrong with a table. `missing_is_wrong` says whether missing values count.
pub(super) fn first_problem(
    bytes: &[u8],
    layout: Layout,
    missing_is_wrong: bool,
    path: &Path,
) -> Option<Error> {
    let mut records = reader(bytes, layout.delimiter);
    let mut record = csv::ByteRecord::new();
    let mut header: Vec<String> = Vec::new();
    let mut first = true;
    loop {
        match records.read_byte_record(&mut record) {
            Ok(false) => return None,
            Ok(true) => {}
            Err(cause) => {
                return Some(Error::format(
                    path,
                    Place::file(),
                    format!("the table cannot be read ({cause})"),
                    "Write it again as tab- or comma-separated text.",
                ));
            }
        }
        let line = record.position().map_or(0, |at| at.line() as usize);
        if first {
            header = record.iter().map(text).collect();
            first = false;
            continue;
        }
        if record.len() != layout.width {
            return Some(Error::format(
                path,
                Place::line(line),
                format!(
                    "the row has {} fields, and the first has {}",
                    record.len(),
                    layout.width
                ),
                "Every row needs the same number of fields; check for a cut-off line or a \
                 delimiter within a name.",
            ));
        }
        for (column, cell) in record.iter().enumerate().skip(layout.leading) {
            let cell = text(cell);
            let shift = usize::from(layout.short_header);
            let name = header.get(column - shift).cloned().unwrap_or_default();
            let place = || Place::field(line, format!("{} ({name})", column + 1));
            if MISSING.contains(&cell.as_str()) {
                if missing_is_wrong {
                    let cell = if cell.is_empty() {
                        "empty".to_owned()
                    } else {
                        cell
                    };
                    return Some(Error::format(
                        path,
                        place(),
                        format!("the value is missing ({cell})"),
                        "Fill the gap, or choose --missing zero or --missing mean.",
                    ));
                }
                continue;
            }
            match cell.parse::<f32>() {
                Ok(value) if value.is_finite() => {}
                Ok(_) => {
                    return Some(Error::format(
                        path,
                        place(),
                        format!("{cell} is not a finite number"),
                        "Replace it by a number, or leave it empty and choose --missing.",
                    ));
                }
                Err(_) if thousands(&cell) && commas_are_of_thousands(bytes, layout) => {
                    let whole = cell.replace(',', "");
                    return Some(Error::format(
                        path,
                        place(),
                        format!("{cell:?} has a comma, which may separate thousands"),
                        format!(
                            "All of the table's numbers with commas have three digits behind each. \
                             If they are thousands, write them without ({whole}); if they are \
                             decimals, write points."
                        ),
                    ));
                }
                Err(_) if decimal_comma(&cell) => {
                    return Some(Error::format(
                        path,
                        place(),
                        format!("{cell:?} has a decimal comma"),
                        "Write the table with decimal points.",
                    ));
                }
                Err(_) => {
                    return Some(Error::format(
                        path,
                        place(),
                        format!("{cell:?} is not a number"),
                        "Only the first row and the first column may hold names.",
                    ));
                }
            }
        }
    }
}

fn text(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).trim().to_owned()
}

/// Whether all numbers with commas, in the whole table, have them where thousands end.
fn commas_are_of_thousands(bytes: &[u8], layout: Layout) -> bool {
    let rows = reader(bytes, layout.delimiter).into_byte_records().skip(1);
    rows.flatten().all(|row| {
        let cells = row.iter().skip(layout.leading).map(text);
        let mut with_commas = cells.filter(|cell| decimal_comma(cell) || thousands(cell));
        with_commas.all(|cell| thousands(&cell))
    })
}

/// `1,003` and `1,003,000.5`, but not `0,003`.
fn thousands(cell: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let number = cell.trim_start_matches('-');
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    whole.contains(',')
        && (1..=3).contains(&first.len())
        && digits(first)
        && !first.starts_with('0')
        && groups.all(|group| group.len() == 3 && digits(group))
        && digits(decimals)
}

fn decimal_comma(cell: &str) -> bool {
    let parts = cell.trim_start_matches('-').split_once(',');
    parts.is_some_and(|(whole, rest)| {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits(whole) && digits(rest)
    })
}
