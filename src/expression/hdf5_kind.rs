//! Which of the formats that are HDF5 a file is.

use super::hdf5::{self, Hdf5};
use super::loom::{GCTX, LOOM};
use super::{ExpressionMatrix, ReadOptions, Streaming, h5ad, ten_x_h5};
use crate::error::{Error, Result};
use std::path::Path;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    H5ad,
    TenX,
    Loom,
    Gctx,
}

impl Kind {
    /// Tells the format by what the file holds; one that is not read is an error that names it.
    pub fn of(file: &Hdf5) -> Result<Self> {
        let group = |name: &str| file.has_group(name);
        let either = |name: &str| file.has_group(name) || file.has_dataset(name);
        if group("mod") && either("obs") && either("var") {
            return Err(file.error(
                "",
                "this is an h5mu file (MuData), which holds a matrix for each modality",
                "Write the one you want by itself; in Python: \
                 mudata.read_h5mu(\"x.h5mu\").mod[\"rna\"].write_h5ad(\"rna.h5ad\").",
            ));
        }
        if either("obs") && either("var") {
            return Ok(Self::H5ad);
        }
        if LOOM.fits(file) {
            return Ok(Self::Loom);
        }
        if GCTX.fits(file) {
            return Ok(Self::Gctx);
        }
        if ten_x_h5::is_matrix(file, "matrix") || !ten_x_h5::genomes(file).is_empty() {
            return Ok(Self::TenX);
        }
        Err(unknown(file))
    }
}

fn unknown(file: &Hdf5) -> Error {
    if file.has_group("assays") {
        return file.error(
            "",
            "this is an h5Seurat file, which only R reads",
            "Export the counts in R: DropletUtils::write10xCounts(\"x\", \
             SeuratObject::GetAssayData(x, layer=\"counts\"), version=\"3\").",
        );
    }
    if file.has_group("molecule_info") || file.has_dataset("barcode_idx") {
        return file.error(
            "",
            "this is the molecule information of 10x Genomics, not its counts",
            "Give filtered_feature_bc_matrix.h5 from the same folder.",
        );
    }
    let members = file.members("/").unwrap_or_default();
    let shown = members[..members.len().min(8)].join(", ");
    let held = match members.len() {
        0 => "nothing".to_owned(),
        1..=8 => shown,
        _ => format!("{shown}, ..."),
    };
    let message = format!(
        "this HDF5 file is none of h5ad, 10x h5, loom and GCTX; at its top it holds {held}"
    );
    let remedy = "Give one of these, a table, a GCT file, or a 10x MTX folder.";
    file.error("", message, remedy)
}

/// The expression matrix in the bytes of an HDF5 file, which cannot be streamed.
pub(super) fn parse(
    bytes: Vec<u8>,
    path: &Path,
    options: &ReadOptions,
) -> Result<ExpressionMatrix> {
    let options = ReadOptions {
        streaming: Streaming::Never,
        ..options.clone()
    };
    hdf5::read(bytes, path, |file| read(file, &options))
}

/// The expression matrix of an HDF5 file on disk; one stored by samples stays there if the
/// options say so.
pub(super) fn read_file(path: &Path, options: &ReadOptions) -> Result<ExpressionMatrix> {
    hdf5::open(path, |file| read(file, options))
}

fn read(file: &Hdf5, options: &ReadOptions) -> Result<ExpressionMatrix> {
    let kind = Kind::of(file)?;
    if options.streaming == Streaming::Always && kind == Kind::Loom {
        return Err(Error::config(
            "--stream",
            format!(
                "always needs a matrix that is stored by samples, and the loom file {} is stored \
                 by genes",
                file.path.display()
            ),
        ));
    }
    match kind {
        Kind::H5ad => h5ad::read(file, options),
        Kind::TenX => ten_x_h5::read(file, options),
        Kind::Loom => LOOM.read(file, options),
        Kind::Gctx => GCTX.read(file, options),
    }
}
