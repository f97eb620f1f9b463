//! GCT, the matrix format of GenePattern, GSEA, Morpheus and the Connectivity Map: version 1.2
//! (one description a row) and 1.3 (any metadata of rows and columns).

use super::{Column, Columns, one_field, utf8, write_atomically};
use crate::error::{Error, Place, Result};
use rayon::prelude::*;
use std::io::Write;
use std::path::Path;

/// What stands for "none" in metadata.
const NO_METADATA: [&str; 6] = ["", "na", "NA", "nan", "NaN", "-666"];
/// What stands for "none" among values; the format asks for a blank.
const NO_VALUE: [&str; 7] = ["", "na", "NA", "NaN", "nan", "null", "N/A"];

/// A version of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GctVersion {
    /// `#1.2`: a description a row, no metadata of columns.
    V1_2,
    /// `#1.3`: metadata of rows and of columns.
    V1_3,
}

/// The content of a GCT file.
#[derive(Debug, Clone, PartialEq)]
pub struct Gct {
    /// The rows with their metadata; of version 1.2 the one column `Description`.
    pub rows: Columns,
    /// The columns with their metadata.
    pub columns: Columns,
    /// The values, NaN where there is none: `[rows, columns]`, row by row.
    pub values: Vec<f32>,
}

/// Whether these are the first bytes of a GCT file.
pub(crate) fn is_gct(bytes: &[u8]) -> bool {
    let version = bytes.strip_prefix(b"#1.").and_then(|rest| rest.first());
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or(bytes);
    version.is_some_and(u8::is_ascii_digit) && line.trim_ascii_end().len() <= 6
}

/// The sizes that the second line announces.
struct Sizes {
    rows: usize,
    columns: usize,
    row_metadata: usize,
    column_metadata: usize,
}

impl Gct {
    /// Parses a file, already decompressed; `path` names errors.
    ///
    /// # Errors
    /// [`Error::Format`] with the line: a version other than 1.2 and 1.3, counts that are not
    /// those of the file, a value that is no number, a name that stands there twice.
    pub fn parse(bytes: Vec<u8>, path: &Path) -> Result<Self> {
        let text = utf8(bytes, path)?;
        let mut lines: Vec<&str> = text.split('\n').collect();
        for line in &mut lines {
            *line = line.strip_suffix('\r').unwrap_or(line);
        }
        // Blank lines at the end are no rows; trailing tabs of a row are values that are missing.
        while lines.last().is_some_and(|line| line.is_empty()) {
            lines.pop();
        }
        let bad = |line: usize, message: String, remedy: &str| {
            Error::format(path, Place::line(line), message, remedy)
        };
        let version = match lines.first().map_or("", |line| line.trim_end()) {
            "#1.2" => GctVersion::V1_2,
            "#1.3" => GctVersion::V1_3,
            other => {
                let message = format!("{other:?} is no version of GCT that is known");
                return Err(bad(1, message, "Write the file as GCT 1.2 or 1.3."));
            }
        };
        let sizes = Sizes::parse(lines.get(1).copied().unwrap_or_default(), version).map_err(
            |message| {
                let remedy = "The second line holds the numbers of rows and columns, and in \
                              version 1.3 of the row and the column metadata, separated by tabs.";
                bad(2, message, remedy)
            },
        )?;
        let header: Vec<&str> = lines
            .get(2)
            .copied()
            .unwrap_or_default()
            .split('\t')
            .collect();
        let leading = 1 + sizes.row_metadata;
        let width = leading.saturating_add(sizes.columns);
        if header.len() != width {
            let message = format!(
                "the header has {} fields, and the counts of line 2 ask for {width} ({} before \
                 the values, {} columns)",
                header.len(),
                leading,
                sizes.columns
            );
            return Err(bad(
                3,
                message,
                "Correct line 2, or copy the file again if it was cut off.",
            ));
        }
        let expected = sizes.rows.saturating_add(sizes.column_metadata);
        let body = lines.get(3..).unwrap_or_default();
        if body.len() != expected {
            let message = format!(
                "line 2 announces {} rows{}, and {} lines follow the header",
                sizes.rows,
                match sizes.column_metadata {
                    0 => String::new(),
                    count => format!(" and {count} lines of column metadata"),
                },
                body.len()
            );
            return Err(bad(
                2,
                message,
                "Correct the count, or copy the file again if it was cut off.",
            ));
        }
        let (metadata, data) = body.split_at(sizes.column_metadata);
        let name = |field: &&str| field.trim().to_owned();
        let mut columns = Columns::new(header[leading..].iter().map(name).collect());
        for (index, line) in metadata.iter().enumerate() {
            let fields = fields(line, width, 4 + index, path)?;
            let cells: Vec<&str> = fields[leading..]
                .iter()
                .map(|cell| metadatum(cell))
                .collect();
            columns = columns.with(fields[0].trim(), Column::of(&cells))?;
        }
        let first_data = 4 + sizes.column_metadata;
        let parsed: Vec<(Vec<&str>, Vec<f32>)> = data
            .par_iter()
            .enumerate()
            .map(|(index, line)| row(line, leading, width, first_data + index, &header, path))
            .collect::<Result<_>>()?;
        let mut rows = Columns::new(parsed.iter().map(|(names, _)| name(&names[0])).collect());
        for at in 1..leading {
            let cells: Vec<&str> = parsed
                .iter()
                .map(|(names, _)| metadatum(names[at]))
                .collect();
            // A description is text, whatever it looks like.
            let column = match version {
                GctVersion::V1_2 => Column::Text(cells.into_iter().map(str::to_owned).collect()),
                GctVersion::V1_3 => Column::of(&cells),
            };
            rows = rows.with(header[at].trim(), column)?;
        }
        if let Some((first, second)) = super::first_repeated(columns.rows()) {
            let message = format!(
                "the columns {} and {} are both called {:?}",
                first + 1,
                second + 1,
                columns.rows()[first]
            );
            return Err(bad(3, message, "Give every sample a name of its own."));
        }
        let values = parsed.into_par_iter().flat_map_iter(|(_, values)| values);
        Ok(Self {
            rows,
            values: values.collect(),
            columns,
        })
    }

    /// Writes the file; a missing value is blank. Version 1.2 keeps one description a row (the
    /// column `Description` or `description`, else `na`) and no metadata of columns.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written; [`Error::Data`] if the values do not fit the
    /// names.
    pub fn write(&self, path: impl AsRef<Path>, version: GctVersion) -> Result<()> {
        let path = path.as_ref();
        let (rows, columns) = (self.rows.rows(), self.columns.rows());
        if self.values.len() != rows.len() * columns.len() {
            let message = format!(
                "{} values do not fill {} rows x {} columns",
                self.values.len(),
                rows.len(),
                columns.len()
            );
            return Err(Error::data(message, "Give one value a row and column."));
        }
        write_atomically(path, |file| {
            super::compressed(path, file, |file| {
                self.write_lines(file, version)
                    .map_err(Error::io("write", path))
            })
        })
    }

    fn write_lines(&self, file: &mut dyn Write, version: GctVersion) -> std::io::Result<()> {
        let (rows, columns) = (self.rows.rows(), self.columns.rows());
        let described = |name: &str| self.rows.get(name);
        let (row_columns, column_rows): (Vec<(&str, Option<&Column>)>, _) = match version {
            GctVersion::V1_2 => {
                let description = described("Description").or_else(|| described("description"));
                (vec![("Description", description)], &[][..])
            }
            GctVersion::V1_3 => {
                let all = self.rows.columns().iter();
                let all = all.map(|(name, column)| (name.as_str(), Some(column)));
                (all.collect(), self.columns.columns())
            }
        };
        match version {
            GctVersion::V1_2 => writeln!(file, "#1.2\n{}\t{}", rows.len(), columns.len())?,
            GctVersion::V1_3 => writeln!(
                file,
                "#1.3\n{}\t{}\t{}\t{}",
                rows.len(),
                columns.len(),
                row_columns.len(),
                column_rows.len()
            )?,
        }
        let corner = match version {
            GctVersion::V1_2 => "Name",
            GctVersion::V1_3 => "id",
        };
        write!(file, "{corner}")?;
        for (name, _) in &row_columns {
            write!(file, "\t{}", one_field(name))?;
        }
        for name in columns {
            write!(file, "\t{}", one_field(name))?;
        }
        writeln!(file)?;
        for (name, column) in column_rows {
            write!(file, "{}", one_field(name))?;
            for _ in &row_columns {
                write!(file, "\tna")?;
            }
            for at in 0..columns.len() {
                write!(file, "\t{}", or_na(column.cell(at)))?;
            }
            writeln!(file)?;
        }
        for (row, name) in rows.iter().enumerate() {
            write!(file, "{}", one_field(name))?;
            for (_, column) in &row_columns {
                let cell = column.map(|column| column.cell(row)).unwrap_or_default();
                write!(file, "\t{}", or_na(cell))?;
            }
            for value in &self.values[row * columns.len()..][..columns.len()] {
                match value.is_nan() {
                    true => write!(file, "\t")?,
                    false => write!(file, "\t{value}")?,
                }
            }
            writeln!(file)?;
        }
        Ok(())
    }
}

impl Sizes {
    fn parse(line: &str, version: GctVersion) -> Result<Self, String> {
        let fields: Vec<&str> = line.trim_end().split('\t').map(str::trim).collect();
        let wanted = match version {
            GctVersion::V1_2 => 2,
            GctVersion::V1_3 => 4,
        };
        let numbers: Option<Vec<usize>> = fields.iter().map(|field| field.parse().ok()).collect();
        match numbers.as_deref() {
            Some(&[rows, columns]) if wanted == 2 => Ok(Self {
                rows,
                columns,
                row_metadata: 1,
                column_metadata: 0,
            }),
            Some(&[rows, columns, row_metadata, column_metadata]) if wanted == 4 => Ok(Self {
                rows,
                columns,
                row_metadata,
                column_metadata,
            })
            .and_then(|sizes| match sizes.row_metadata.checked_add(1) {
                Some(_) => Ok(sizes),
                None => Err(format!("{line:?} is not {wanted} counts")),
            }),
            _ => Err(format!("{line:?} is not {wanted} counts")),
        }
    }
}

fn metadatum(cell: &str) -> &str {
    let cell = cell.trim();
    if NO_METADATA.contains(&cell) {
        ""
    } else {
        cell
    }
}

fn or_na(cell: String) -> String {
    match cell.is_empty() {
        true => "na".to_owned(),
        false => one_field(&cell),
    }
}

fn fields<'a>(line: &'a str, width: usize, number: usize, path: &Path) -> Result<Vec<&'a str>> {
    let fields: Vec<&str> = line.split('\t').collect();
    if fields.len() == width {
        return Ok(fields);
    }
    Err(Error::format(
        path,
        Place::line(number),
        format!(
            "the row has {} fields, and the header has {width}",
            fields.len()
        ),
        "Every row needs as many fields as the header; a missing value is a blank field.",
    ))
}

/// The leading fields and the values of a data line.
fn row<'a>(
    line: &'a str,
    leading: usize,
    width: usize,
    number: usize,
    header: &[&str],
    path: &Path,
) -> Result<(Vec<&'a str>, Vec<f32>)> {
    let mut cells = line.split('\t');
    let names: Vec<&str> = cells.by_ref().take(leading).collect();
    let mut values = Vec::with_capacity(width - leading);
    for cell in cells {
        let cell = cell.trim();
        values.push(match cell.parse::<f32>() {
            Ok(value) if value.is_finite() => value,
            _ if NO_VALUE.contains(&cell) => f32::NAN,
            _ => {
                let column = leading + values.len();
                let name = header.get(column).copied().unwrap_or_default();
                return Err(Error::format(
                    path,
                    Place::field(number, format!("{} ({name})", column + 1)),
                    format!("{cell:?} is no finite number"),
                    "Replace it by a number, or leave it blank if it is missing.",
                ));
            }
        });
    }
    if names.len() < leading || values.len() != width - leading {
        return Err(fields(line, width, number, path).err().unwrap_or_else(|| {
            Error::format(
                path,
                Place::line(number),
                "the row is too short",
                "Check it.",
            )
        }));
    }
    Ok((names, values))
}
