//! 10x Genomics HDF5 files: v3 has one group `matrix`, v2 a group a genome; features x barcodes
//! by columns (CSC), so that every barcode's counts lie together.

use super::annotation_frame::column_text;
use super::features::{FeatureNames, Features};
use super::file_rows::FileRows;
use super::hdf5::{DAMAGED, Hdf5};
use super::orientation::date_warning;
use super::{ExpressionMatrix, GeneColumn, Layer, ReadOptions, finish, sparse};
use crate::error::Result;

/// Whether a group holds a matrix as 10x writes it.
pub(super) fn is_matrix(file: &Hdf5, group: &str) -> bool {
    let parts = ["data", "indices", "indptr", "shape", "barcodes"];
    let has = |part: &&str| file.has_dataset(&format!("{group}/{part}"));
    parts.iter().all(has)
}

/// The genomes of a v2 file.
pub(super) fn genomes(file: &Hdf5) -> Vec<String> {
    let groups = file.members("/").unwrap_or_default();
    let groups = groups.into_iter().filter(|group| is_matrix(file, group));
    groups.collect()
}

pub(super) fn read(file: &Hdf5, options: &ReadOptions) -> Result<ExpressionMatrix> {
    let group = group(file, &options.layer)?;
    let names = feature_names(file, &group)?;
    let features = names.select(options, |message, remedy| {
        file.error(&format!("{group}/features"), message, remedy)
    })?;
    let barcodes = column_text(file, &format!("{group}/barcodes"))?;
    finish::unique_samples(file, &format!("{group}/barcodes"), &barcodes, DAMAGED)?;
    let announced = file.dataset(&format!("{group}/shape"))?.indices()?;
    if announced != [features.kept.len(), barcodes.len()] {
        let message = format!(
            "the matrix is {announced:?}, but there are {} features and {} barcodes",
            features.kept.len(),
            barcodes.len()
        );
        return Err(file.error(&format!("{group}/shape"), message, DAMAGED));
    }
    // Features x barcodes by columns is barcodes x features by rows.
    let starts = sparse::starts(file, &group, barcodes.len())?;
    let mut rows = FileRows::sparse(file, &group, features.kept.len(), starts)?;
    let kept = features.kept.iter().enumerate();
    let kept: Vec<usize> = kept.filter_map(|(at, to)| to.map(|_| at)).collect();
    if kept.len() < features.kept.len() {
        rows = rows.with_columns(kept);
    }
    let Features {
        genes,
        mut warnings,
        ..
    } = features;
    warnings.extend(date_warning(&genes));
    let parts = (barcodes, genes, rows);
    finish::finish_stored(file, &format!("{group}/data"), parts, options, warnings)
}

/// The group that holds the matrix; of several genomes the layer that was asked for.
fn group(file: &Hdf5, layer: &Layer) -> Result<String> {
    if is_matrix(file, "matrix") {
        return match layer {
            Layer::Auto | Layer::X => Ok("matrix".to_owned()),
            Layer::Raw | Layer::Named(_) => Err(file.error(
                "matrix",
                "a 10x file has this one matrix and no layers",
                "Leave out --layer.",
            )),
        };
    }
    let genomes = genomes(file);
    let remedy = format!("Choose with --layer one of: {}.", genomes.join(", "));
    match (layer, genomes.as_slice()) {
        (Layer::Named(name), _) if genomes.contains(name) => Ok(name.clone()),
        (Layer::Auto | Layer::X, [only]) => Ok(only.clone()),
        (Layer::Auto | Layer::X, _) => {
            let message = format!("there are {} genomes, each with its counts", genomes.len());
            Err(file.error("", message, &remedy))
        }
        (Layer::Named(name), _) => Err(file.error(name, "the file has no such genome", &remedy)),
        (Layer::Raw, _) => Err(file.error("raw", "a 10x file has no raw", &remedy)),
    }
}

fn feature_names(file: &Hdf5, group: &str) -> Result<FeatureNames> {
    let column = |name: &str| column_text(file, &format!("{group}/{name}"));
    let features = format!("{group}/features");
    let names = if file.has_group(&features) {
        let members = file.members(&features)?;
        let kind = "feature_type".to_owned();
        FeatureNames {
            ids: column("features/id")?,
            symbols: column("features/name")?,
            kinds: match members.contains(&kind) {
                true => column("features/feature_type")?,
                false => Vec::new(),
            },
        }
    } else {
        FeatureNames {
            ids: column("genes")?,
            symbols: column("gene_names")?,
            kinds: Vec::new(),
        }
    };
    let counts = [names.symbols.len(), names.kinds.len()];
    if counts[0] != names.ids.len() || (counts[1] != 0 && counts[1] != names.ids.len()) {
        let message = format!(
            "there are {} ids, {} names and {} types of features",
            names.ids.len(),
            counts[0],
            counts[1]
        );
        return Err(file.error(group, message, DAMAGED));
    }
    Ok(names)
}

impl FeatureNames {
    /// The name of a feature, by id or by symbol.
    pub(super) fn name(&self, at: usize, column: &GeneColumn) -> &str {
        let symbol = self.symbols.get(at).map_or("", String::as_str);
        match column {
            GeneColumn::Id => &self.ids[at],
            _ if symbol.is_empty() => &self.ids[at],
            _ => symbol,
        }
    }
}
