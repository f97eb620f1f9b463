//! The matrix of an h5ad file: dense, by rows (CSR), or by columns (CSC).

use super::file_rows::FileRows;
use super::hdf5::{DAMAGED, Hdf5, text};
use super::rows::{Rows, sparse_bytes};
use super::{ExpressionMatrix, ReadOptions, Streaming, finish, sparse};
use crate::error::{Error, Result};
use crate::io::available_memory;

/// Reads the matrix called `name`; `head` gives its first values.
pub(super) fn read(
    file: &Hdf5,
    name: &str,
    head: impl FnOnce() -> Result<Vec<f32>>,
    (samples, genes): (Vec<String>, Vec<String>),
    options: &ReadOptions,
) -> Result<ExpressionMatrix> {
    let sizes = (samples.len(), genes.len());
    if let Some(rows) = by_rows(file, name, head, sizes)? {
        let parts = (samples, genes, rows);
        return finish::finish_stored(file, name, parts, options, Vec::new());
    }
    let starts = sparse::starts(file, name, sizes.1)?;
    let stored = starts.last().copied().unwrap_or_default();
    room(file, name, sparse_bytes(sizes.0, stored), options.streaming)?;
    let rows = sparse::by_columns(file, name, sizes.0, &starts)?;
    let parts = (samples, genes, Rows::Sparse(rows));
    finish::finish(file, name, parts, options, Vec::new())
}

/// The matrix if it is stored by rows; `None` if by columns.
fn by_rows(
    file: &Hdf5,
    name: &str,
    head: impl FnOnce() -> Result<Vec<f32>>,
    (samples, genes): (usize, usize),
) -> Result<Option<FileRows>> {
    if file.has_dataset(name) {
        let shape = file.dataset(name)?.shape;
        let alone = shape.len() == 1 && (samples == 1 || genes == 1);
        if shape != [samples, genes] && !(alone && shape[0] == samples * genes) {
            let message = format!(
                "the matrix is {shape:?}, but there are {samples} samples and {genes} genes"
            );
            return Err(file.error(name, message, DAMAGED));
        }
        return FileRows::dense(file, name, samples, genes, &head()?).map(Some);
    }
    let attributes = file.attributes(name);
    let encoding = text(attributes.get("encoding-type"))
        .or_else(|| text(attributes.get("h5sparse_format")))
        .unwrap_or_default();
    match encoding.as_str() {
        "csr_matrix" | "csr" => {
            let starts = sparse::starts(file, name, samples)?;
            FileRows::sparse(file, name, genes, starts).map(Some)
        }
        "csc_matrix" | "csc" => Ok(None),
        _ => Err(file.error(
            name,
            format!("the encoding {encoding:?} of the matrix is unknown"),
            "Open the file with a current anndata and write it again.",
        )),
    }
}

/// Refuses a matrix stored by columns where it would have to be streamed.
fn room(file: &Hdf5, name: &str, bytes: u64, streaming: Streaming) -> Result<()> {
    let gigabytes = |bytes: u64| bytes as f64 / 1e9;
    let remedy = "Write it by rows once; in Python: adata.X = adata.X.tocsr()";
    match streaming {
        Streaming::Never => Ok(()),
        Streaming::Always => Err(Error::config(
            "--stream",
            format!(
                "always needs a matrix that is stored by rows, and {name} of {} is stored by \
                 columns (CSC) and takes {:.1} GB in memory; in Python: adata.X = adata.X.tocsr()",
                file.path.display(),
                gigabytes(bytes)
            ),
        )),
        Streaming::Auto => match available_memory() {
            Some(available) if bytes > available => Err(file.error(
                name,
                format!(
                    "the matrix is stored by columns (CSC), which cannot be streamed, and takes \
                     {:.1} GB in memory, of which {:.1} GB are available",
                    gigabytes(bytes),
                    gigabytes(available)
                ),
                &format!("{remedy}. --stream never tries all the same."),
            )),
            _ => Ok(()),
        },
    }
}
