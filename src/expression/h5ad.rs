//! h5ad files of all ages: `X`, `raw/X` and layers, dense or sparse; genes named by `var`.

use super::annotation_frame::Frame;
use super::gene_names::{GeneTable, gene_names};
use super::hdf5::Hdf5;
use super::orientation::date_warning;
use super::{ExpressionMatrix, Layer, ReadOptions, finish, h5ad_matrix};
use crate::error::{Error, Result};

/// How many stored values decide whether a matrix holds counts.
const JUDGED: usize = 200_000;

pub(super) fn read(file: &Hdf5, options: &ReadOptions) -> Result<ExpressionMatrix> {
    let mut warnings = Vec::new();
    let layer = choose(file, &options.layer, &mut warnings)?;
    let samples = Frame::open(file, "obs")?.index;
    let remedy = "Give every sample a name of its own; in Python: adata.obs_names_make_unique().";
    finish::unique_samples(file, "obs", &samples, remedy)?;
    let var = Frame::open(file, layer.var)?;
    let genes = gene_names(&var, &options.gene_column, &mut warnings)?;
    warnings.extend(date_warning(&genes));
    let head = || head(file, &layer.name);
    let matrix = h5ad_matrix::read(file, &layer.name, head, (samples, genes), options)?;
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
pub(super) fn head(file: &Hdf5, name: &str) -> Result<Vec<f32>> {
    if file.has_group(name) {
        return file.dataset(&format!("{name}/data"))?.f32_rows(0, JUDGED);
    }
    let data = file.dataset(name)?;
    let width = data.shape.get(1).copied().unwrap_or(1).max(1);
    data.f32_rows(0, JUDGED.div_ceil(width))
}

impl GeneTable for Frame<'_> {
    fn title(&self) -> &str {
        "var"
    }

    fn rows(&self) -> &[String] {
        &self.index
    }

    fn columns(&self) -> Vec<String> {
        self.columns.clone()
    }

    fn column(&self, name: &str) -> Result<Vec<String>> {
        Frame::column(self, name)
    }

    fn error(&self, message: String, remedy: &str) -> Error {
        self.file.error(&self.name, message, remedy)
    }
}
