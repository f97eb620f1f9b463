//! Writing AnnData (h5ad): new files, and matrices added to a copy of an existing file.
//!
//! The layout is that of the on-disk specification of anndata 0.8 and later: every element has
//! the attributes `encoding-type` and `encoding-version`, strings are UTF-8 of variable length.

mod tree;

use super::{Columns, HDF5_MAGIC, create_temporary, write_atomically};
use crate::error::{Error, Place, Result};
use hdf5_pure::{File, FileBuilder};
use serde_json::Value;
use std::io::Read;
use std::path::Path;
use tree::Node;

/// A dense matrix, row by row: `[rows, columns]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dense<'a> {
    /// The values.
    pub values: &'a [f32],
    /// The number of columns.
    pub columns: usize,
}

/// The matrix `X`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Values<'a> {
    /// Stored whole.
    Dense(Dense<'a>),
    /// Given whole, stored by rows without its zeros (CSR).
    Sparse(Dense<'a>),
}

/// An entry of `uns`: an object of texts, numbers, truth values, lists and objects (what is null
/// is left out), and tables beside its members.
#[derive(Debug, Clone, PartialEq)]
pub struct Uns<'a> {
    /// Its name.
    pub name: &'a str,
    /// The object.
    pub value: &'a Value,
    /// Tables by name.
    pub tables: Vec<(&'a str, &'a Columns)>,
}

impl<'a> Uns<'a> {
    fn node(&self) -> Node<'a> {
        let mut node = Node::json(self.value);
        for (name, table) in &self.tables {
            node.push(name, Node::frame(table));
        }
        node
    }
}

/// What goes into an h5ad file.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnData<'a> {
    /// The rows of `X`, observations.
    pub obs: Columns,
    /// The columns of `X`, variables.
    pub var: Columns,
    /// `X`: `[observations, variables]`.
    pub x: Values<'a>,
    /// Matrices with a row an observation, by name.
    pub obsm: Vec<(&'a str, Dense<'a>)>,
    /// Anything else.
    pub uns: Vec<Uns<'a>>,
}

impl AnnData<'_> {
    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Data`] if a matrix does not fit the names; [`Error::Io`] if the file cannot be
    /// written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let (n, width) = (self.obs.rows().len(), self.var.rows().len());
        let (Values::Dense(x) | Values::Sparse(x)) = self.x;
        let fits = |name: &str, matrix: Dense, columns: usize| {
            if matrix.columns == columns && matrix.values.len() == n * columns {
                return Ok(());
            }
            let message = format!(
                "{name} has {} values in {} columns for {n} x {columns}",
                matrix.values.len(),
                matrix.columns
            );
            Err(Error::data(
                message,
                "Give one row of values an observation.",
            ))
        };
        fits("X", x, width)?;
        for (name, matrix) in &self.obsm {
            fits(name, *matrix, matrix.columns)?;
        }
        let mut builder = FileBuilder::new();
        let mut root = Vec::new();
        root.push(match self.x {
            Values::Dense(x) => ("X".to_owned(), Node::matrix(x, n)),
            Values::Sparse(x) => ("X".to_owned(), Node::csr(x, n)),
        });
        root.push(("obs".to_owned(), Node::frame(&self.obs)));
        root.push(("var".to_owned(), Node::frame(&self.var)));
        let obsm = self.obsm.iter();
        let obsm = obsm.map(|(name, matrix)| ((*name).to_owned(), Node::matrix(*matrix, n)));
        root.push(("obsm".to_owned(), Node::dict(obsm.collect())));
        for name in ["layers", "obsp", "varm", "varp"] {
            root.push((name.to_owned(), Node::dict(Vec::new())));
        }
        let uns = self.uns.iter();
        let uns = uns.map(|entry| (entry.name.to_owned(), entry.node()));
        root.push(("uns".to_owned(), Node::dict(uns.collect())));
        for (name, value) in tree::encoding("anndata", "0.1.0") {
            builder.set_attr(name, value);
        }
        for (name, node) in &root {
            node.build(&mut builder, name);
        }
        write_atomically(path, |file| {
            builder
                .finish_to(&mut *file)
                .and_then(|()| file.flush().map_err(Into::into))
                .map_err(|cause| Error::io("write", path)(std::io::Error::other(cause)))
        })
    }
}

/// Copies the h5ad file `from` to `to` and adds matrices to its `obsm` and an entry to its `uns`;
/// what had these names is replaced, everything else stays.
///
/// # Errors
/// [`Error::Io`] if a file cannot be read or written; [`Error::Format`] if the file is no h5ad
/// or its structure is one that cannot be added to.
pub fn add_to_copy(from: &Path, to: &Path, obsm: &[(&str, Dense)], uns: &Uns) -> Result<()> {
    let temporary = create_temporary(to)?;
    std::fs::copy(from, temporary.path()).map_err(Error::io("read", from))?;
    let refused = |cause: hdf5_pure::Error| {
        Error::format(
            from,
            Place::file(),
            format!("nothing can be added to this file ({cause})"),
            "Open it with a current anndata, write it again, and try once more; or write the \
             activity by itself with --format h5ad.",
        )
    };
    {
        let file = File::open_rw(temporary.path()).map_err(refused)?;
        let mut edit = tree::Edit::new(&file);
        for group in ["obsm", "uns"] {
            edit.group(group).map_err(refused)?;
        }
        for (name, matrix) in obsm {
            let rows = matrix.values.len() / matrix.columns.max(1);
            let path = format!("obsm/{name}");
            edit.put(&path, &Node::matrix(*matrix, rows))
                .map_err(refused)?;
        }
        edit.put(&format!("uns/{}", uns.name), &uns.node())
            .map_err(refused)?;
        file.commit().map_err(refused)?;
        file.close().map_err(refused)?;
    }
    temporary.persist(to)
}

/// Whether a file is an h5ad file whose tables are groups, as all are since anndata 0.7.
///
/// # Errors
/// [`Error::Io`] if it cannot be read.
pub fn is_h5ad(path: &Path) -> Result<bool> {
    tables(path, |file, name| file.group(name).is_ok())
}

/// Refuses to take an h5ad file whose tables are structured arrays, as before anndata 0.7, for
/// one that can be added to or for none at all.
///
/// # Errors
/// [`Error::Format`] for such a file; [`Error::Io`] if it cannot be read.
pub(crate) fn refuse_structured(path: &Path) -> Result<()> {
    if !path.is_file() || !tables(path, |file, name| file.dataset(name).is_ok())? {
        return Ok(());
    }
    Err(Error::format(
        path,
        Place::file(),
        "nothing can be added to this h5ad file: its obs and var are structured arrays, as anndata \
         wrote before 0.7",
        "Open it with a current anndata and write it again; or write the scores by themselves with \
         --format h5ad.",
    ))
}

fn tables(path: &Path, is_table: impl Fn(&File, &str) -> bool) -> Result<bool> {
    let mut head = [0; 8];
    let mut file = std::fs::File::open(path).map_err(Error::io("read", path))?;
    if file.read_exact(&mut head).is_err() || head != HDF5_MAGIC {
        return Ok(false);
    }
    let Ok(file) = File::open_streaming(path) else {
        return Ok(false);
    };
    Ok(["obs", "var"].iter().all(|name| is_table(&file, name)))
}
