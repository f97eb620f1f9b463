//! Parquet tables, read through polars if the crate has the feature `parquet`: a column of
//! names and columns of numbers, genes on either side.

use super::{ExpressionMatrix, ReadOptions};
use crate::error::Result;
#[cfg(not(feature = "parquet"))]
use crate::error::{Error, Place};
use std::path::Path;

/// Whether these are the first bytes of a Parquet file.
pub(super) fn is_parquet(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PAR1")
}

#[cfg(not(feature = "parquet"))]
pub(super) fn parse(_: Vec<u8>, path: &Path, _: &ReadOptions) -> Result<ExpressionMatrix> {
    Err(Error::format(
        path,
        Place::file(),
        "this is a Parquet file, and this gsae was built without the feature parquet",
        "Build it with `cargo install --path . --features parquet` (needs a C compiler), or write \
         the table as TSV or h5ad.",
    ))
}

#[cfg(feature = "parquet")]
pub(super) fn parse(
    bytes: Vec<u8>,
    path: &Path,
    options: &ReadOptions,
) -> Result<ExpressionMatrix> {
    reading::parse(bytes, path, options)
}

#[cfg(feature = "parquet")]
mod reading {
    use super::super::delimited::{Table, from_table};
    use super::super::parquet_pages::{Chunk, check, check_end};
    use crate::error::{Error, Place, Result};
    use crate::expression::{ExpressionMatrix, MissingValues, ReadOptions};
    use crate::io::caught;
    use polars::prelude::{Column, DataFrame, DataType, ParquetReader, PolarsError, SerReader};
    use rayon::prelude::*;
    use std::io::Cursor;
    use std::path::Path;

    /// The table of a file; what is wrong with it, in words.
    fn frame(bytes: Vec<u8>) -> Result<DataFrame, String> {
        let reason = |cause: PolarsError| cause.to_string();
        check_end(&bytes)?;
        let mut reader = ParquetReader::new(Cursor::new(bytes.as_slice()));
        let metadata = reader.get_metadata().map_err(reason)?.clone();
        let chunks = metadata.row_groups.iter().flat_map(|group| {
            group.parquet_columns().iter().map(|column| Chunk {
                place: column.byte_range(),
                values: column.num_values(),
                rows: (column.descriptor().descriptor.max_rep_level == 0).then(|| group.num_rows()),
            })
        });
        check(&bytes, chunks)?;
        let frame = reader.finish().map_err(reason)?;
        // The library does not look.
        match frame
            .columns()
            .iter()
            .find(|own| own.len() != frame.height())
        {
            Some(own) => Err(format!("column {} has another length", own.name())),
            None => Ok(frame),
        }
    }

    pub fn parse(bytes: Vec<u8>, path: &Path, options: &ReadOptions) -> Result<ExpressionMatrix> {
        let bad = |field: Option<&str>, message: String, remedy: &str| {
            let place = Place {
                line: None,
                field: field.map(str::to_owned),
            };
            Error::format(path, place, message, remedy)
        };
        let again = "Copy or download the file again if it was cut off; otherwise write it again \
                     from the program that made it.";
        // A damaged file may make the library panic: that is an error as well.
        let frame = caught(move || frame(bytes))
            .ok_or_else(|| bad(None, "the Parquet structure is damaged".to_owned(), again))?
            .map_err(|cause| {
                bad(
                    None,
                    format!("the Parquet data cannot be read ({cause})"),
                    again,
                )
            })?;
        let columns = frame.columns();
        let is_text = |column: &&Column| column.dtype() == &DataType::String;
        // pandas keeps an index at the end, under a name of its own.
        let index = columns
            .iter()
            .position(|column| column.name().starts_with("__index_level_"))
            .or_else(|| columns.iter().position(|column| is_text(&column)));
        let Some(index) = index.filter(|at| is_text(&&columns[*at])) else {
            return Err(bad(
                None,
                "no column of text names the rows".to_owned(),
                "Write the table with a first column of names; in pandas keep the index \
                 (index=True).",
            ));
        };
        let names = columns[index]
            .str()
            .map_err(|cause| bad(None, cause.to_string(), again))?;
        let names: Vec<String> = names
            .iter()
            .map(|name| name.unwrap_or_default().to_owned())
            .collect();
        let mut warnings = Vec::new();
        let described: Vec<&str> = columns
            .iter()
            .enumerate()
            .filter(|(at, column)| *at != index && is_text(column))
            .map(|(_, column)| column.name().as_str())
            .collect();
        if !described.is_empty() {
            warnings.push(format!(
                "columns of text were left out: {}",
                described.join(", ")
            ));
        }
        let numbers: Vec<&Column> = columns
            .iter()
            .enumerate()
            .filter(|(at, column)| *at != index && !is_text(column))
            .map(|(_, column)| column)
            .collect();
        let refuse = options.missing == MissingValues::Error;
        let values = |column: &&Column| -> Result<Vec<f32>> {
            let name = column.name().as_str();
            if !column.dtype().is_primitive_numeric() {
                let message = format!("the column is of type {}, not numbers", column.dtype());
                return Err(bad(Some(name), message, "Drop the column."));
            }
            let cast = column.cast(&DataType::Float32);
            let cast = cast.map_err(|cause| bad(Some(name), cause.to_string(), again))?;
            let values = cast
                .f32()
                .map_err(|cause| bad(Some(name), cause.to_string(), again))?;
            let values: Vec<f32> = values
                .iter()
                .map(|value| value.unwrap_or(f32::NAN))
                .collect();
            if let Some(at) = values
                .iter()
                .position(|value| value.is_infinite() || (refuse && value.is_nan()))
            {
                let row = names.get(at).map_or("", String::as_str);
                let (message, remedy) = match values[at].is_nan() {
                    true => (
                        "missing",
                        "Fill the gap, or choose --missing zero or --missing mean.",
                    ),
                    false => ("infinite", "Replace it by a number."),
                };
                return Err(bad(
                    Some(name),
                    format!("the value of {row:?} is {message}"),
                    remedy,
                ));
            }
            Ok(values)
        };
        let values: Vec<Vec<f32>> = numbers.par_iter().map(values).collect::<Result<_>>()?;
        let titles = numbers
            .iter()
            .map(|column| column.name().to_string())
            .collect();
        if values.is_empty() {
            let remedy = "Give a table of genes and samples.";
            return Err(bad(
                None,
                "there is no column of numbers".to_owned(),
                remedy,
            ));
        }
        let table = Table {
            names: names.clone(),
            columns: values,
        };
        from_table(table, titles, path, options, warnings)
    }
}
