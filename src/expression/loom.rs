//! loom (genes x cells) and GCTX (stored with a row a sample): a dense matrix and, on both
//! sides, groups of columns.

use super::annotation_frame::column_text;
use super::file_rows::FileRows;
use super::gene_names::{GeneTable, gene_names};
use super::h5ad::head;
use super::hdf5::{DAMAGED, Hdf5};
use super::orientation::date_warning;
use super::rows::Rows;
use super::turned::turned;
use super::{ExpressionMatrix, Layer, ReadOptions, finish};
use crate::error::{Error, Result};

/// Where a format keeps what.
pub(super) struct Layout {
    /// The matrix.
    pub matrix: &'static str,
    /// Whether a row of the matrix is a gene.
    pub genes_as_rows: bool,
    /// The group of the genes' columns, and those that may name them.
    pub genes: (&'static str, &'static [&'static str]),
    /// The group of the samples' columns, and those that may name them.
    pub samples: (&'static str, &'static [&'static str]),
}

pub(super) const LOOM: Layout = Layout {
    matrix: "matrix",
    genes_as_rows: true,
    genes: (
        "row_attrs",
        &["Gene", "var_names", "gene_names", "Accession"],
    ),
    samples: (
        "col_attrs",
        &["CellID", "obs_names", "cell_names", "Barcode", "barcode"],
    ),
};

pub(super) const GCTX: Layout = Layout {
    matrix: "0/DATA/0/matrix",
    genes_as_rows: false,
    genes: ("0/META/ROW", &["id"]),
    samples: ("0/META/COL", &["id"]),
};

impl Layout {
    /// Whether the file has the parts of this format.
    pub fn fits(&self, file: &Hdf5) -> bool {
        file.has_dataset(self.matrix)
            && file.has_group(self.genes.0)
            && file.has_group(self.samples.0)
    }

    /// The samples with what is known of them.
    pub fn samples<'a>(&self, file: &'a Hdf5<'a>) -> Result<Side<'a>> {
        Side::open(file, self.samples.0, self.samples.1)
    }

    pub fn read(&self, file: &Hdf5, options: &ReadOptions) -> Result<ExpressionMatrix> {
        let matrix = match &options.layer {
            Layer::Auto | Layer::X => self.matrix.to_owned(),
            Layer::Raw => "layers/raw".to_owned(),
            Layer::Named(name) => format!("layers/{name}"),
        };
        if !file.has_dataset(&matrix) {
            let layers = file.members("layers").unwrap_or_default();
            let remedy = match layers.is_empty() {
                true => "Leave out --layer.".to_owned(),
                false => format!("Choose with --layer X or one of: {}.", layers.join(", ")),
            };
            return Err(file.error(&matrix, "the file has no such matrix", &remedy));
        }
        let samples = self.samples(file)?.rows;
        let remedy = "Give every sample a name of its own.";
        finish::unique_samples(file, self.samples.0, &samples, remedy)?;
        let mut warnings = Vec::new();
        let table = Side::open(file, self.genes.0, self.genes.1)?;
        let genes = gene_names(&table, &options.gene_column, &mut warnings)?;
        let shape = file.dataset(&matrix)?.shape;
        let (n, width) = (samples.len(), genes.len());
        let expected = if self.genes_as_rows {
            [width, n]
        } else {
            [n, width]
        };
        if shape != expected {
            let message = format!(
                "the matrix is {:?}, but there are {n} samples and {width} genes",
                shape
            );
            return Err(file.error(&matrix, message, DAMAGED));
        }
        warnings.extend(date_warning(&genes));
        let head = head(file, &matrix)?;
        if !self.genes_as_rows {
            let rows = FileRows::dense(file, &matrix, n, width, &head)?;
            let parts = (samples, genes, rows);
            return finish::finish_stored(file, &matrix, parts, options, warnings);
        }
        let by_gene = FileRows::dense(file, &matrix, width, n, &head)?;
        let rows = match by_gene.all(finish::READ_BYTES)? {
            Rows::Dense { values, .. } => Rows::Dense {
                values: turned(&values, n),
                width,
            },
            Rows::Sparse(by_gene) => Rows::Sparse(by_gene.turned()),
        };
        finish::finish(file, &matrix, (samples, genes, rows), options, warnings)
    }
}

/// The columns that describe the genes or the samples.
pub(super) struct Side<'a> {
    file: &'a Hdf5<'a>,
    group: &'static str,
    /// The row names.
    pub rows: Vec<String>,
    /// The names of the other columns of one dimension.
    pub others: Vec<String>,
}

impl<'a> Side<'a> {
    fn open(file: &'a Hdf5<'a>, group: &'static str, names: &[&str]) -> Result<Self> {
        let members = file.members(group)?;
        let index = names.iter().find(|name| members.iter().any(|m| m == *name));
        let Some(index) = index else {
            let message = format!("there is none of {}", names.join(", "));
            let remedy = "Write the file with names of its genes and samples.";
            return Err(file.error(group, message, remedy));
        };
        let rows = column_text(file, &format!("{group}/{index}"))?;
        let mut others = Vec::new();
        for name in members.iter().filter(|name| name != index) {
            let path = format!("{group}/{name}");
            if file.has_dataset(&path) && file.dataset(&path)?.shape == [rows.len()] {
                others.push(name.clone());
            }
        }
        Ok(Self {
            file,
            group,
            rows,
            others,
        })
    }
}

impl GeneTable for Side<'_> {
    fn title(&self) -> &str {
        self.group
    }

    fn rows(&self) -> &[String] {
        &self.rows
    }

    fn columns(&self) -> Vec<String> {
        self.others.clone()
    }

    fn column(&self, name: &str) -> Result<Vec<String>> {
        let mut cells = column_text(self.file, &format!("{}/{name}", self.group))?;
        if cells.len() != self.rows.len() {
            let message = format!(
                "{name} has {} values for {} names",
                cells.len(),
                self.rows.len()
            );
            return Err(self.error(message, DAMAGED));
        }
        // The Connectivity Map's sign for "none".
        for cell in cells.iter_mut().filter(|cell| *cell == "-666") {
            cell.clear();
        }
        Ok(cells)
    }

    fn error(&self, message: String, remedy: &str) -> Error {
        self.file.error(self.group, message, remedy)
    }
}
