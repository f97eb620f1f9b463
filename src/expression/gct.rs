//! Expression in GCT files: genes as rows, named by their id or by a column of their metadata.

use super::delimited::assemble;
use super::gene_names::{GeneTable, gene_names};
use super::turned::turned;
use super::{ExpressionMatrix, MissingValues, Orientation, ReadOptions};
use crate::error::{Error, Place, Result};
use crate::io::{Column, Gct};
use std::path::Path;

pub(super) fn parse(
    bytes: Vec<u8>,
    path: &Path,
    options: &ReadOptions,
) -> Result<ExpressionMatrix> {
    let gct = Gct::parse(bytes, path)?;
    let width = gct.columns.rows().len();
    if options.missing == MissingValues::Error
        && let Some(at) = gct.values.iter().position(|value| value.is_nan())
    {
        let (row, column) = (at / width, at % width);
        return Err(Error::format(
            path,
            Place {
                line: None,
                field: Some(format!(
                    "{} of {}",
                    gct.columns.rows()[column],
                    gct.rows.rows()[row]
                )),
            },
            "the value is missing",
            "Fill the gap, or choose --missing zero or --missing mean.",
        ));
    }
    let mut warnings = Vec::new();
    let names = gene_names(
        &Rows { gct: &gct, path },
        &options.gene_column,
        &mut warnings,
    )?;
    let columns = gct.columns.rows().to_vec();
    let (samples, genes, values) = match options.orientation {
        Orientation::GenesAsColumns => (names, columns, gct.values),
        _ => (columns, names, turned(&gct.values, width)),
    };
    assemble((samples, genes, values), path, options, warnings)
}

struct Rows<'a> {
    gct: &'a Gct,
    path: &'a Path,
}

impl GeneTable for Rows<'_> {
    fn title(&self) -> &str {
        "the row metadata"
    }

    fn rows(&self) -> &[String] {
        self.gct.rows.rows()
    }

    fn columns(&self) -> Vec<String> {
        let columns = self.gct.rows.columns().iter();
        columns.map(|(name, _)| name.clone()).collect()
    }

    fn column(&self, name: &str) -> Result<Vec<String>> {
        let cells = |column: &Column| (0..column.len()).map(|row| column.cell(row)).collect();
        Ok(self.gct.rows.get(name).map(cells).unwrap_or_default())
    }

    fn error(&self, message: String, remedy: &str) -> Error {
        let place = Place::field(3, "the row metadata");
        Error::format(self.path, place, message, remedy)
    }
}
