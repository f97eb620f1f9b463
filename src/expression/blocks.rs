//! Several matrices over the same samples as one: multi-omics.

use super::rows::{Row, Rows, SparseRows, sparse_bytes};
use super::{ExpressionMatrix, Normalization};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// One of several matrices: its name, which its features carry as a prefix, and how its values
/// are brought to a log scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The name: `rna` makes `rna:TP53` of `TP53`.
    pub name: String,
    /// The normalisation.
    pub normalization: Normalization,
}

impl Block {
    /// The feature of a block by its name in the joined matrix, without the prefix; the name
    /// itself if it has none of the blocks' prefixes.
    pub fn bare<'a>(blocks: &[Self], name: &'a str) -> &'a str {
        match Self::position(blocks, name) {
            Some(at) => &name[blocks[at].name.len() + 1..],
            None => name,
        }
    }

    /// How many genes these features are: one in several blocks counts once.
    pub fn distinct<'a>(blocks: &[Self], names: impl Iterator<Item = &'a String>) -> usize {
        if blocks.is_empty() {
            return names.count();
        }
        let genes: HashSet<&str> = names.map(|name| Self::bare(blocks, name)).collect();
        genes.len()
    }

    /// Which block a feature of the joined matrix belongs to.
    pub fn position(blocks: &[Self], name: &str) -> Option<usize> {
        let (prefix, _) = name.split_once(':')?;
        blocks.iter().position(|block| block.name == prefix)
    }
}

/// Joins matrices over the samples that all of them have, in the first one's order; every
/// matrix is normalised by itself, so that counts, intensities and log values go together.
///
/// ```
/// use gsae::expression::{Block, ExpressionMatrix, Normalization, join};
///
/// let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
/// let rna = ExpressionMatrix::new(names(&["a", "b"]), names(&["TP53"]), vec![0.5, 1.0])?;
/// let protein = ExpressionMatrix::new(names(&["b", "c"]), names(&["TP53"]), vec![3.5, -2.0])?;
/// let block = |name: &str| Block { name: name.into(), normalization: Normalization::None };
/// let joined = join(&[(block("rna"), rna), (block("protein"), protein)])?;
/// assert_eq!(joined.samples(), ["b"]);
/// assert_eq!(joined.genes(), ["rna:TP53", "protein:TP53"]);
/// assert_eq!(joined.row(0)?, [1.0, 3.5]);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Config`] for a name that is empty, has a colon or stands there twice;
/// [`Error::Data`] if no sample is in all matrices or one cannot be normalised.
pub fn join(parts: &[(Block, ExpressionMatrix)]) -> Result<ExpressionMatrix> {
    for (at, (block, _)) in parts.iter().enumerate() {
        let name = &block.name;
        let twice = parts[..at].iter().any(|(other, _)| other.name == *name);
        if name.is_empty() || name.contains(':') || twice {
            return Err(Error::config(
                "--expression",
                format!("has a matrix named {name:?}; give each a name of its own without a colon"),
            ));
        }
    }
    let Some((_, first)) = parts.first() else {
        return Err(Error::config("--expression", "names no matrix"));
    };
    let rows_of: Vec<HashMap<&str, usize>> = parts
        .iter()
        .map(|(_, matrix)| {
            let samples = matrix.samples().iter().enumerate();
            samples.map(|(row, name)| (name.as_str(), row)).collect()
        })
        .collect();
    let shared: Vec<&String> = first
        .samples()
        .iter()
        .filter(|sample| {
            rows_of
                .iter()
                .all(|rows| rows.contains_key(sample.as_str()))
        })
        .collect();
    if shared.is_empty() {
        return Err(Error::data(
            format!(
                "none of the {} samples is in all matrices",
                first.n_samples()
            ),
            "Name the samples alike in all of them.",
        ));
    }
    let mut genes = Vec::new();
    let mut normalised = Vec::with_capacity(parts.len());
    let mut sources = Vec::new();
    let mut warnings = Vec::new();
    for ((block, matrix), rows) in parts.iter().zip(&rows_of) {
        genes.extend(
            matrix
                .genes()
                .iter()
                .map(|gene| format!("{}:{gene}", block.name)),
        );
        let own: Vec<usize> = shared.iter().map(|sample| rows[sample.as_str()]).collect();
        normalised.push(
            block
                .normalization
                .normalize(&matrix.select_samples(&own))?,
        );
        sources.extend(matrix.sources().iter().cloned());
        warnings.extend(matrix.warnings().iter().cloned());
        if matrix.n_samples() > shared.len() {
            warnings.push(format!(
                "{} of the {} samples of {} are not in all matrices and are left out",
                matrix.n_samples() - shared.len(),
                matrix.n_samples(),
                block.name
            ));
        }
    }
    let rows = side_by_side(&normalised, shared.len());
    let samples = shared.into_iter().cloned().collect();
    Ok(ExpressionMatrix::from_rows(samples, genes, rows)?.with_origin(sources, warnings))
}

/// The columns of all parts, one after the other; sparse where that is smaller.
fn side_by_side(parts: &[ExpressionMatrix], count: usize) -> Rows {
    let width: usize = parts.iter().map(ExpressionMatrix::n_genes).sum();
    let mut sparse = SparseRows::new(width);
    for sample in 0..count {
        let mut offset = 0;
        for part in parts {
            let entries = part
                .row_in_memory(sample)
                .into_iter()
                .flat_map(Row::entries);
            for (column, value) in entries.filter(|(_, value)| *value != 0.0) {
                sparse.columns.push((offset + column) as u32);
                sparse.values.push(value);
            }
            offset += part.n_genes();
        }
        sparse.end_row();
    }
    let all_dense = parts.iter().all(|part| !part.is_sparse());
    if all_dense || sparse_bytes(count, sparse.values.len()) >= 4 * (count * width) as u64 {
        sparse.dense()
    } else {
        Rows::Sparse(sparse)
    }
}
