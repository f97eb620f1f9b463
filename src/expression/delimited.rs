//! TSV and CSV tables, read through polars.
//!
//! Genes may be rows or columns; a header may lack the field above the row names, as R writes
//! it; columns that describe genes, next to their names, are left out. Quotes are quotes.

use super::cells::{Layout, MISSING, first_problem, reader, records};
use super::duplicates::combine;
use super::matrix::first_duplicate;
use super::orientation::{date_warning, genes_are_rows};
use super::rows::Rows;
use super::side_columns::{count_rows, names_beside, without_sums};
use super::{ExpressionMatrix, MissingValues, Orientation, ReadOptions};
use crate::error::{Error, Place, Result};
use crate::io::caught;
use polars::prelude::{
    CsvParseOptions, CsvReadOptions, DataFrame, DataType, Field, Float32Chunked, PolarsResult,
    Schema, SerReader,
};
use rayon::prelude::*;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

/// Rows that are looked at to tell description columns from values.
const SAMPLED_ROWS: usize = 20;

/// Headers of columns that describe genes with numbers, as cBioPortal and featureCounts write
/// them after the gene names; lower case.
const GENE_ANNOTATIONS: [&str; 7] = [
    "entrez_gene_id",
    "entrezid",
    "chr",
    "start",
    "end",
    "strand",
    "length",
];

pub(super) fn parse(bytes: &[u8], path: &Path, options: &ReadOptions) -> Result<ExpressionMatrix> {
    refuse_r(bytes, path)?;
    let bytes = without_blank_ends(bytes);
    let head = Head::read(bytes, path)?;
    let mut warnings = Vec::new();
    let (mut table, beside) = Table::read(bytes, &head, path, options.missing)?;
    if !beside.is_empty() {
        let first = head.layout.leading - beside.len() - usize::from(head.layout.short_header);
        let called = &head.header[first..first + beside.len()];
        let names = count_rows(&table.names).then(|| names_beside(&beside));
        if let Some(at) = names.flatten() {
            warnings.push(format!(
                "the first column counts the rows; the genes are named by the column {}",
                called[at]
            ));
            table.names.clone_from(&beside[at]);
        } else {
            warnings.push(format!(
                "columns that describe the rows were left out: {}",
                called.join(", ")
            ));
        }
    }
    from_table(table, head.value_names(), path, options, warnings)
}

/// The matrix of a table whose columns are called `columns`, whichever way it lies.
pub(super) fn from_table(
    table: Table,
    columns: Vec<String>,
    path: &Path,
    options: &ReadOptions,
    mut warnings: Vec<String>,
) -> Result<ExpressionMatrix> {
    let transposed = match options.orientation {
        Orientation::GenesAsRows => true,
        Orientation::GenesAsColumns => false,
        Orientation::Auto => {
            let (rows, remark) = genes_are_rows(&table.names, &columns);
            warnings.extend(remark);
            rows
        }
    };
    if transposed && count_rows(&table.names) {
        return Err(Error::format(
            path,
            Place::file(),
            "the first column counts the rows (0, 1, 2, ...), and a number names no gene",
            "Put the genes' names into the first column; --genes-as columns, if the rows are \
             samples.",
        ));
    }
    let (samples, genes, values) = if transposed {
        (columns, table.names, concatenate(&table.columns))
    } else {
        let values = interleave(&table.columns, table.names.len());
        (table.names, columns, values)
    };
    drop(table.columns);
    assemble((samples, genes, values), path, options, warnings)
}

/// The matrix of samples, genes and values (`[samples, genes]`, NaN where there is none).
pub(super) fn assemble(
    (samples, genes, values): (Vec<String>, Vec<String>, Vec<f32>),
    path: &Path,
    options: &ReadOptions,
    mut warnings: Vec<String>,
) -> Result<ExpressionMatrix> {
    if let Some((first, second, name)) = first_duplicate(&samples) {
        return Err(Error::format(
            path,
            Place::file(),
            format!(
                "the samples {} and {} are both called {name:?}",
                first + 1,
                second + 1
            ),
            "Give every sample a name of its own.",
        ));
    }
    let (genes, mut values) = without_sums(samples.len(), genes, values, &mut warnings);
    warnings.extend(date_warning(&genes));
    fill_missing(
        &mut values,
        &samples,
        &genes,
        options.missing,
        &mut warnings,
    );
    let width = genes.len();
    let rows = Rows::Dense { values, width };
    let (genes, rows) = combine(genes, rows, options.duplicate_genes, path, &mut warnings)?;
    Ok(ExpressionMatrix::from_rows(samples, genes, rows)?.with_origin(Vec::new(), warnings))
}

/// Objects that R saved (`saveRDS`, `save`) are told by their first bytes.
fn refuse_r(bytes: &[u8], path: &Path) -> Result<()> {
    let heads: [&[u8]; 7] = [
        b"X\n\0\0", b"A\n2\n", b"A\n3\n", b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n",
    ];
    if !heads.iter().any(|head| bytes.starts_with(head)) {
        return Ok(());
    }
    Err(Error::format(
        path,
        Place::file(),
        "this is an object that R saved, which only R reads",
        "Export the matrix in R: write.table(as.matrix(x), \"x.tsv\", sep=\"\\t\", quote=FALSE), \
         or, if it is sparse, DropletUtils::write10xCounts(\"x\", x, version=\"3\").",
    ))
}

/// The table without a byte order mark and without line ends after its last row.
fn without_blank_ends(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let end = bytes
        .iter()
        .rposition(|byte| !matches!(byte, b'\r' | b'\n'))
        .map_or(0, |last| last + 1);
    &bytes[..end]
}

/// The header and the shape of the first rows.
struct Head {
    header: Vec<String>,
    layout: Layout,
    /// Where the data rows begin.
    body: usize,
}

impl Head {
    fn read(bytes: &[u8], path: &Path) -> Result<Self> {
        let first_line = bytes
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let count = |delimiter: u8| first_line.iter().filter(|byte| **byte == delimiter).count();
        let delimiter = [b'\t', b',', b';']
            .into_iter()
            .max_by_key(|delimiter| (count(*delimiter), *delimiter == b'\t'))
            .filter(|delimiter| count(*delimiter) > 0)
            .ok_or_else(|| {
                Error::format(
                    path,
                    Place::line(1),
                    "the first line has no tab, comma or semicolon",
                    "Give a table of genes and samples, separated by tabs or commas, whose first line \
                     is its header: without a comment or a title above it.",
                )
            })?;
        let mut records = reader(bytes, delimiter);
        let mut record = csv::StringRecord::new();
        let mut next = |record: &mut csv::StringRecord| {
            records
                .read_record(record)
                .map(|more| (more, records.position().byte() as usize))
                .map_err(|cause| {
                    Error::format(
                        path,
                        Place::line(cause.position().map_or(1, |at| at.line() as usize)),
                        format!("the table cannot be read ({cause})"),
                        "Write it again as UTF-8 text.",
                    )
                })
        };
        let (_, header_end) = next(&mut record)?;
        let blank = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let body = header_end + bytes[header_end..].iter().take_while(blank).count();
        let header: Vec<String> = record.iter().map(|field| field.trim().to_owned()).collect();
        let mut width = 0;
        let (mut numeric, mut textual) = (Vec::new(), Vec::new());
        let mut rows = 0;
        while rows < SAMPLED_ROWS && next(&mut record)?.0 {
            if rows == 0 {
                width = record.len();
                numeric = vec![false; width];
                textual = vec![false; width];
            }
            for (column, field) in record.iter().take(width).enumerate() {
                let field = field.trim();
                if !MISSING.contains(&field) {
                    let number = field.replace(',', ".").parse::<f64>().is_ok();
                    numeric[column] |= number;
                    textual[column] |= !number;
                }
            }
            rows += 1;
        }
        if rows == 0 {
            return Err(Error::format(
                path,
                Place::line(1),
                "there is a header and no row after it",
                "Check that the file was written completely.",
            ));
        }
        let short_header = header.len() + 1 == width;
        if !short_header && header.len() != width {
            return Err(Error::format(
                path,
                Place::line(2),
                format!(
                    "the row has {width} fields, and the header has {}",
                    header.len()
                ),
                "Every row needs as many fields as the header, or one more, as R writes it.",
            ));
        }
        let annotates = |column: usize| {
            let name = header.get(column - usize::from(short_header));
            let named = name
                .is_some_and(|name| GENE_ANNOTATIONS.contains(&name.to_ascii_lowercase().as_str()));
            named || (textual[column] && !numeric[column])
        };
        let described = (1..width).take_while(|column| annotates(*column)).count();
        let leading = 1 + described;
        if leading >= width {
            return Err(Error::format(
                path,
                Place::line(2),
                "there is no column of numbers",
                "Give a table with names in the first column and numbers in the others.",
            ));
        }
        Ok(Self {
            header,
            layout: Layout {
                delimiter,
                width,
                leading,
                short_header,
            },
            body,
        })
    }

    /// The names of the columns that hold values.
    fn value_names(&self) -> Vec<String> {
        let leading = self.layout.leading - usize::from(self.layout.short_header);
        self.header[leading..].to_vec()
    }
}

/// Row names and columns of values; NaN where a value is missing.
pub(super) struct Table {
    pub names: Vec<String>,
    pub columns: Vec<Vec<f32>>,
}

impl Table {
    /// The table, and the columns that describe its rows.
    fn read(
        bytes: &[u8],
        head: &Head,
        path: &Path,
        missing: MissingValues,
    ) -> Result<(Self, Vec<Vec<String>>)> {
        let layout = head.layout;
        let refuse_missing = missing == MissingValues::Error;
        let problem = |cause: String| {
            first_problem(bytes, layout, refuse_missing, path).unwrap_or_else(|| {
                Error::format(
                    path,
                    Place::file(),
                    format!("the table cannot be read ({cause})"),
                    "Write it again as plain tab- or comma-separated text.",
                )
            })
        };
        // The library panics where the last field is one quote.
        let read = || frame(&bytes[head.body..], layout, !refuse_missing);
        let frame = caught(read)
            .ok_or_else(|| problem("a quote does not close".to_owned()))?
            .map_err(|cause| problem(cause.to_string()))?;
        let texts = frame.columns().iter().take(layout.leading).map(|column| {
            let texts = column.str().map_err(|cause| problem(cause.to_string()))?;
            let text = |text: Option<&str>| text.unwrap_or_default().trim().to_owned();
            Ok(texts.iter().map(text).collect())
        });
        let mut texts: Vec<Vec<String>> = texts.collect::<Result<_>>()?;
        if texts.is_empty() {
            return Err(problem("it has no first column".to_owned()));
        }
        let names = texts.remove(0);
        let values: Vec<&Float32Chunked> = frame
            .columns()
            .iter()
            .skip(layout.leading)
            .map(|column| column.f32())
            .collect::<PolarsResult<_>>()
            .map_err(|cause| problem(cause.to_string()))?;
        let suspicious = |values: &Float32Chunked| {
            values.null_count() > 0 || values.iter().flatten().any(|value| !value.is_finite())
        };
        if values.par_iter().any(|values| suspicious(values))
            && let Some(problem) = first_problem(bytes, layout, refuse_missing, path)
        {
            return Err(problem);
        }
        if !refuse_missing {
            // The lenient reader goes on past quotes that do not close.
            let records = records(bytes, layout);
            if records != frame.height() + 1 {
                return Err(problem(format!(
                    "{records} rows with the header, and {} were read",
                    frame.height() + 1
                )));
            }
        }
        let columns = values
            .par_iter()
            .map(|values| {
                values
                    .iter()
                    .map(|value| value.unwrap_or(f32::NAN))
                    .collect()
            })
            .collect();
        Ok((Self { names, columns }, texts))
    }
}

/// The data rows as text and f32 columns; what is no number is null if `lenient`.
fn frame(body: &[u8], layout: Layout, lenient: bool) -> PolarsResult<DataFrame> {
    let schema: Schema = (0..layout.width)
        .map(|column| {
            let kind = if column < layout.leading {
                DataType::String
            } else {
                DataType::Float32
            };
            Field::new(format!("{column}").into(), kind)
        })
        .collect();
    CsvReadOptions::default()
        .with_has_header(false)
        .with_schema(Some(Arc::new(schema)))
        .with_ignore_errors(lenient)
        .with_parse_options(
            CsvParseOptions::default()
                .with_separator(layout.delimiter)
                .with_missing_is_null(false),
        )
        .into_reader_with_file_handle(Cursor::new(body))
        .finish()
}

/// Columns one after the other: samples as rows where the table has them as columns.
fn concatenate(columns: &[Vec<f32>]) -> Vec<f32> {
    columns.concat()
}

/// Columns side by side: `[rows, columns]`, row by row.
fn interleave(columns: &[Vec<f32>], rows: usize) -> Vec<f32> {
    let mut values = vec![0f32; rows * columns.len()];
    values
        .par_chunks_mut(columns.len().max(1))
        .enumerate()
        .for_each(|(row, values)| {
            for (value, column) in values.iter_mut().zip(columns) {
                *value = column[row];
            }
        });
    values
}

/// Replaces NaN by 0 or by the gene's mean over the samples that have a value.
pub(super) fn fill_missing(
    values: &mut [f32],
    samples: &[String],
    genes: &[String],
    missing: MissingValues,
    warnings: &mut Vec<String>,
) {
    let count = values.iter().filter(|value| value.is_nan()).count();
    if count == 0 {
        return;
    }
    let width = genes.len();
    let mut done = "0";
    if missing == MissingValues::Mean {
        done = "the mean of their gene";
        for gene in 0..width {
            let own = || (0..samples.len()).map(|sample| sample * width + gene);
            let present: Vec<f64> = own()
                .map(|at| f64::from(values[at]))
                .filter(|value| !value.is_nan())
                .collect();
            let mean = present.iter().sum::<f64>() / present.len().max(1) as f64;
            for at in own() {
                if values[at].is_nan() {
                    values[at] = mean as f32;
                }
            }
        }
    } else {
        for value in values.iter_mut().filter(|value| value.is_nan()) {
            *value = 0.0;
        }
    }
    warnings.push(format!("{count} missing values were set to {done}"));
}
