//! The model file: one safetensors file that carries everything.
//!
//! Tensors: the network's parameters under their names; for a model with gene sets also the map
//! (`map.members`, `map.direct` and for every level `map.level0`, ... each as `.ends` of its rows
//! and `.inputs`) and the activity's `activity.loadings`, `.mean`, `.deviation`, `.confidence`. The header's
//! metadata has one entry, `gsae`: a JSON text with the rest.

use super::{Evidence, FitOptions, Node, TrainedModel};
use crate::activity::{ActivityScorer, Loadings, Orientation};
use crate::error::{Error, Place, Result};
use crate::expression::{Covariates, Preprocessor};
use crate::io::{Source, file_in, write_atomically};
use crate::mask::{Level, Mask, SetMap};
use crate::training::History;
use candle_core::{Device, Tensor};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;

/// The format's version; a reader refuses any other.
const FORMAT: u32 = 2;

const METADATA_KEY: &str = "gsae";

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    version: String,
    options: FitOptions,
    preprocessor: Preprocessor,
    covariates: Covariates,
    nodes: Vec<Node>,
    /// Nodes and nodes without a parent of every level of the map.
    levels: Vec<(usize, usize)>,
    latent_scale: Vec<(f64, f64)>,
    library: Option<(f64, f64)>,
    orientation: Vec<Orientation>,
    history: History,
    #[serde(default)]
    trained_on: Option<String>,
    #[serde(default)]
    evidence: Option<Evidence>,
    sources: Vec<Source>,
}

impl TrainedModel {
    /// Writes the model to one file, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let bytes = self.to_bytes(path)?;
        write_atomically(path, |file| {
            file.write_all(&bytes).map_err(Error::io("write", path))
        })
    }

    fn to_bytes(&self, path: &Path) -> Result<Vec<u8>> {
        let mut tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = Vec::new();
        for parameter in self.model.parameters().iter() {
            let values = parameter.variable.flatten_all()?.to_vec1::<f32>()?;
            tensors.push((
                parameter.name.clone(),
                Dtype::F32,
                parameter.variable.dims().to_vec(),
                little_endian(&values, |value| value.to_le_bytes()),
            ));
        }
        let mut add = |name: &str, dtype, length, bytes| {
            tensors.push((name.to_owned(), dtype, vec![length], bytes));
        };
        let u32s = |values: &[u32]| little_endian(values, |value| value.to_le_bytes());
        let f64s = |values: &[f64]| little_endian(values, |value| value.to_le_bytes());
        let mut levels = Vec::new();
        if let Some(map) = &self.map {
            let mut add_mask = |name: String, mask: &Mask| {
                let ends = (0..mask.outputs()).map(|row| mask.row_entries(row).end as u32);
                let ends: Vec<u32> = ends.collect();
                let inputs: Vec<u32> = mask.rows().flatten().copied().collect();
                add(&format!("{name}.ends"), Dtype::U32, ends.len(), u32s(&ends));
                add(
                    &format!("{name}.inputs"),
                    Dtype::U32,
                    inputs.len(),
                    u32s(&inputs),
                );
            };
            add_mask("map.members".to_owned(), map.members());
            add_mask("map.direct".to_owned(), map.direct());
            for (number, level) in map.levels().iter().enumerate() {
                add_mask(format!("map.level{number}"), &level.children);
                levels.push((level.nodes.len(), level.roots));
            }
        }
        let mut orientation = Vec::new();
        if let Some(scorer) = &self.scorer {
            let loadings = scorer.loadings();
            let (mean, deviation) = scorer.scale();
            let values = little_endian(&loadings.values, |value| value.to_le_bytes());
            add(
                "activity.loadings",
                Dtype::F32,
                loadings.values.len(),
                values,
            );
            add("activity.mean", Dtype::F64, mean.len(), f64s(mean));
            add(
                "activity.deviation",
                Dtype::F64,
                deviation.len(),
                f64s(deviation),
            );
            let confidence = &loadings.confidence;
            add(
                "activity.confidence",
                Dtype::F64,
                confidence.len(),
                f64s(confidence),
            );
            orientation = loadings.orientation.clone();
        }

        let header = Header {
            format: FORMAT,
            version: self.version.clone(),
            options: self.options.clone(),
            preprocessor: self.preprocessor.clone(),
            nodes: self.nodes.clone(),
            covariates: self.covariates.clone(),
            levels,
            latent_scale: self.latent_scale.clone(),
            library: self.library,
            orientation,
            history: self.history.clone(),
            trained_on: self.trained_on.clone(),
            evidence: self.evidence.clone(),
            sources: self.sources.clone(),
        };
        let failed = |cause: String| Error::io("write", path)(std::io::Error::other(cause));
        let header = serde_json::to_string(&header).map_err(|cause| failed(cause.to_string()))?;
        let metadata = HashMap::from([(METADATA_KEY.to_owned(), header)]);
        let mut views = Vec::with_capacity(tensors.len());
        for (name, dtype, shape, bytes) in &tensors {
            let view = TensorView::new(*dtype, shape.clone(), bytes)
                .map_err(|cause| failed(cause.to_string()))?;
            views.push((name.as_str(), view));
        }
        safetensors::serialize(views, Some(metadata)).map_err(|cause| failed(cause.to_string()))
    }

    /// Reads a model from its file; of the folder of a run, its `model.safetensors`.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read; [`Error::Format`] if it is damaged, truncated,
    /// of a later version, or not a model of this crate.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = &file_in(path.as_ref(), "model.safetensors");
        let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
        let damaged = |message: String| {
            Error::format(
                path,
                Place::file(),
                message,
                "Copy the file again from where it was written, or train the model again.",
            )
        };
        let not_ours = |what: &str| {
            Error::format(
                path,
                Place::file(),
                format!("this is not a model of gsae: {what}"),
                "Give the model.safetensors that `gsae fit` wrote.",
            )
        };
        if !starts_as_tensors(&bytes) {
            return Err(not_ours("it is a file of another kind"));
        }
        let file = SafeTensors::deserialize(&bytes)
            .map_err(|cause| damaged(format!("the model file is damaged or cut off ({cause})")))?;
        let (_, metadata) = SafeTensors::read_metadata(&bytes)
            .map_err(|cause| damaged(format!("the model file is damaged or cut off ({cause})")))?;
        let text = metadata
            .metadata()
            .as_ref()
            .and_then(|metadata| metadata.get(METADATA_KEY))
            .ok_or_else(|| not_ours("its header has no `gsae` entry"))?;
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let unreadable =
            |cause: serde_json::Error| damaged(format!("its header cannot be read ({cause})"));
        let Format { format } = serde_json::from_str(text).map_err(unreadable)?;
        if format > FORMAT {
            return Err(Error::format(
                path,
                Place::file(),
                format!("the model has format {format}, and this gsae reads up to {FORMAT}"),
                "Install a newer gsae.",
            ));
        }
        if format < FORMAT {
            return Err(Error::format(
                path,
                Place::file(),
                format!(
                    "the model has format {format} of an earlier gsae, this one reads {FORMAT}"
                ),
                "Train the model again.",
            ));
        }
        let header: Header = serde_json::from_str(text).map_err(unreadable)?;
        let read = |name: &str, dtype: Dtype| {
            let view = file
                .tensor(name)
                .map_err(|_| damaged(format!("the tensor {name} is missing")))?;
            if view.dtype() == dtype {
                Ok(view)
            } else {
                Err(damaged(format!("the tensor {name} is {:?}", view.dtype())))
            }
        };
        let u32s = |name: &str| -> Result<Vec<u32>> {
            Ok(from_little_endian(
                read(name, Dtype::U32)?.data(),
                u32::from_le_bytes,
            ))
        };
        let f64s = |name: &str| -> Result<Vec<f64>> {
            Ok(from_little_endian(
                read(name, Dtype::F64)?.data(),
                f64::from_le_bytes,
            ))
        };
        let mask = |name: String, inputs: usize| -> Result<Mask> {
            let ends = u32s(&format!("{name}.ends"))?;
            let entries = u32s(&format!("{name}.inputs"))?;
            let mut rows = Vec::with_capacity(ends.len());
            let mut start = 0;
            for end in ends {
                let row = entries
                    .get(start..end as usize)
                    .ok_or_else(|| damaged(format!("the rows of {name} do not fit")))?;
                rows.push(row.to_vec());
                start = end as usize;
            }
            Mask::from_rows(inputs, rows)
        };
        let genes = header.preprocessor.genes().len();
        let map = if header.options.model.gene_sets().is_some() {
            let members = mask("map.members".to_owned(), genes)?;
            if members.outputs() != header.nodes.len() {
                return Err(damaged("the map does not fit the gene sets".to_owned()));
            }
            let mut levels = Vec::with_capacity(header.levels.len());
            let mut start = 0;
            for (number, (size, roots)) in header.levels.iter().enumerate() {
                levels.push(Level {
                    nodes: start..start + size,
                    roots: *roots,
                    children: mask(format!("map.level{number}"), start)?,
                });
                start += size;
            }
            let direct = mask("map.direct".to_owned(), genes)?;
            Some(SetMap::from_parts(members, direct, levels)?)
        } else {
            None
        };
        let nodes = header.nodes.len();
        if header
            .evidence
            .as_ref()
            .is_some_and(|evidence| evidence.nodes.len() != nodes)
        {
            return Err(damaged(
                "the evidence does not fit the gene sets".to_owned(),
            ));
        }
        let width = header.covariates.width();
        let model = header.options.model.build(genes, map.as_ref(), width)?;
        let mut stored = HashMap::new();
        for parameter in model.parameters().iter() {
            let view = read(&parameter.name, Dtype::F32)?;
            let values = from_little_endian(view.data(), f32::from_le_bytes);
            let tensor = Tensor::from_vec(values, view.shape(), &Device::Cpu)?;
            stored.insert(parameter.name.clone(), tensor);
        }
        model.parameters().load(|name| stored.get(name).cloned())?;
        let scorer = match &map {
            Some(map) => {
                let loadings = Loadings {
                    values: from_little_endian(
                        read("activity.loadings", Dtype::F32)?.data(),
                        f32::from_le_bytes,
                    ),
                    orientation: header.orientation,
                    confidence: f64s("activity.confidence")?,
                };
                Some(ActivityScorer::from_parts(
                    map.members().clone(),
                    loadings,
                    f64s("activity.mean")?,
                    f64s("activity.deviation")?,
                )?)
            }
            None => None,
        };
        if header.latent_scale.len() != model.latent_width() {
            return Err(damaged(
                "the latent layer's scale does not fit it".to_owned(),
            ));
        }
        Ok(Self {
            preprocessor: header.preprocessor,
            covariates: header.covariates,
            nodes: header.nodes,
            map,
            latent_scale: header.latent_scale,
            library: header.library,
            model,
            scorer,
            options: header.options,
            history: header.history,
            trained_on: header.trained_on,
            trained_where: None,
            evidence: header.evidence,
            sources: header.sources,
            version: header.version,
        })
    }
}

fn little_endian<T: Copy, const N: usize>(values: &[T], bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
    values.iter().flat_map(|value| bytes(*value)).collect()
}

fn from_little_endian<T, const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> T) -> Vec<T> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|chunk| value(*chunk)).collect()
}

/// Whether a file has the header of safetensors where it is long enough to have one: 8 bytes with
/// its length, then JSON.
fn starts_as_tensors(bytes: &[u8]) -> bool {
    bytes.get(8).is_none_or(|byte| *byte == b'{')
}
