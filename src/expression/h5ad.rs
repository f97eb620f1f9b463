//! h5ad files of all ages: `X`, `raw/X` and layers, dense or sparse; genes named by `var`.

use super::annotation_frame::Frame;
use super::hdf5::{self, Hdf5};
use super::matrix::first_duplicate;
use super::orientation::date_warning;
use super::{ExpressionMatrix, GeneColumn, Layer, ReadOptions, Streaming, h5ad_matrix};
use crate::error::Result;
use std::path::Path;

/// Columns of `var` that hold gene symbols, in the order they are looked for.
const SYMBOL_COLUMNS: [&str; 8] = [
    "gene_symbols",
    "gene_symbol",
    "feature_name",
    "gene_name",
    "gene_names",
    "symbol",
    "hgnc_symbol",
    "SYMBOL",
];
/// How many stored values decide whether a matrix holds counts.
const JUDGED: usize = 200_000;

/// Reads the bytes of an h5ad file; its matrix cannot be streamed.
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

/// Reads an h5ad file on disk; its matrix stays there if the options say so.
pub(super) fn read_file(path: &Path, options: &ReadOptions) -> Result<ExpressionMatrix> {
    hdf5::open(path, |file| read(file, options))
}

fn read(file: &Hdf5, options: &ReadOptions) -> Result<ExpressionMatrix> {
    if file.has_group("assays") && !file.has_group("var") {
        return Err(file.error(
            "",
            "this is an h5Seurat file, which only R reads",
            "Export the counts in R: DropletUtils::write10xCounts(\"x\", \
             SeuratObject::GetAssayData(x, layer=\"counts\"), version=\"3\").",
        ));
    }
    let holds = |name: &str| file.has_group(name) || file.has_dataset(name);
    if !holds("obs") || !holds("var") {
        return Err(file.error(
            "",
            "this HDF5 file has no obs and var, so it is no h5ad file",
            "Give an h5ad file, a table, or a 10x MTX folder.",
        ));
    }
    let mut warnings = Vec::new();
    let layer = choose(file, &options.layer, &mut warnings)?;
    let samples = Frame::open(file, "obs")?.index;
    if let Some((first, second, name)) = first_duplicate(&samples) {
        let message = format!(
            "the samples {} and {} are both called {name:?}",
            first + 1,
            second + 1
        );
        let remedy = "Give every sample a name of its own; in Python: \
                      adata.obs_names_make_unique().";
        return Err(file.error("obs", message, remedy));
    }
    let var = Frame::open(file, layer.var)?;
    let genes = gene_names(file, &var, &options.gene_column, &mut warnings)?;
    warnings.extend(date_warning(&genes));
    let head = || head(file, &layer.name);
    let matrix = h5ad_matrix::read(file, &layer.name, head, samples, genes, options)?;
    Ok(matrix.with_remarks(warnings))
}

/// A matrix of the file and the table of its genes.
struct Chosen {
    name: String,
    var: &'static str,
}

fn choose(file: &Hdf5, layer: &Layer, warnings: &mut Vec<String>) -> Result<Chosen> {
    let holds = |name: &str| file.has_group(name) || file.has_dataset(name);
    let raw = ["raw/X", "raw.X"].into_iter().find(|name| holds(name));
    let chosen = |name: &str| Chosen {
        name: name.to_owned(),
        var: match name {
            "raw/X" => "raw/var",
            "raw.X" => "raw.var",
            _ => "var",
        },
    };
    let wanted = match layer {
        Layer::X => Some("X".to_owned()),
        Layer::Raw => Some(raw.unwrap_or("raw/X").to_owned()),
        Layer::Named(name) => Some(format!("layers/{name}")),
        Layer::Auto => None,
    };
    if let Some(name) = wanted {
        if holds(&name) {
            return Ok(chosen(&name));
        }
        let layers = file.members("layers").unwrap_or_default();
        let has = |there: bool, name: &str| there.then(|| name.to_owned());
        let all: Vec<String> = [has(holds("X"), "X"), has(raw.is_some(), "raw")]
            .into_iter()
            .flatten()
            .chain(layers)
            .collect();
        let remedy = format!("Choose with --layer one of: {}.", all.join(", "));
        return Err(file.error(&name, "the file has no such matrix", &remedy));
    }
    let candidates: Vec<&str> = ["X", "layers/counts"].into_iter().chain(raw).collect();
    let mut signed = Vec::new();
    for name in candidates.into_iter().filter(|name| holds(name)) {
        let sample = head(file, name)?;
        let negative = sample.iter().any(|value| *value < 0.0);
        let whole = sample.iter().all(|value| value.fract() == 0.0);
        if whole && !negative && sample.iter().any(|value| *value > 0.0) {
            if name != "X" {
                warnings.push(format!("the counts in {name} were read; --layer X reads X"));
            }
            return Ok(chosen(name));
        }
        if name != "layers/counts" {
            signed.push((name, negative));
        }
    }
    match signed.as_slice() {
        [] => Err(file.error("X", "the file has no matrix", "Write the file with its X.")),
        [("X", true), (raw, false)] => {
            warnings.push(format!(
                "{raw} was read, as X has values below 0 (it is scaled); --layer X reads X"
            ));
            Ok(chosen(raw))
        }
        [(name, _), ..] => Ok(chosen(name)),
    }
}

/// The first values stored of a matrix.
fn head(file: &Hdf5, name: &str) -> Result<Vec<f32>> {
    if file.has_group(name) {
        return file.dataset(&format!("{name}/data"))?.f32_rows(0, JUDGED);
    }
    let data = file.dataset(name)?;
    let width = data.shape.get(1).copied().unwrap_or(1).max(1);
    data.f32_rows(0, JUDGED.div_ceil(width))
}

/// The names of the genes, as the options say.
fn gene_names(
    file: &Hdf5,
    var: &Frame,
    column: &GeneColumn,
    warnings: &mut Vec<String>,
) -> Result<Vec<String>> {
    let column = match column {
        GeneColumn::Id => None,
        GeneColumn::Named(name) if !var.columns.contains(name) => {
            let remedy = format!(
                "Choose with --gene-column id (the row names) or one of: {}.",
                var.columns.join(", ")
            );
            return Err(file.error("var", format!("there is no column {name:?}"), &remedy));
        }
        GeneColumn::Named(name) => Some(name.as_str()),
        GeneColumn::Symbol if mostly_ensembl(&var.index) => {
            let found = SYMBOL_COLUMNS
                .into_iter()
                .find(|name| var.columns.iter().any(|column| column == name));
            if let Some(name) = found {
                warnings.push(format!(
                    "the genes are named by the column {name} of var; --gene-column id takes the \
                     row names"
                ));
            }
            found
        }
        GeneColumn::Symbol => None,
    };
    let Some(column) = column else {
        return Ok(var.index.clone());
    };
    // A gene without a symbol keeps the name of its row.
    let named = var.column(column)?.into_iter().zip(&var.index);
    Ok(named
        .map(|(name, row)| if name.is_empty() { row.clone() } else { name })
        .collect())
}

fn mostly_ensembl(names: &[String]) -> bool {
    let ensembl = names.iter().filter(|name| name.starts_with("ENS")).count();
    2 * ensembl > names.len()
}
