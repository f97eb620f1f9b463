//! The features of 10x data, of which genes are one type.

use super::{FeatureType, GeneColumn, ReadOptions};
use crate::error::{Error, Result};

const GENE_EXPRESSION: &str = "Gene Expression";

/// Ids, symbols and types of features; no types in old files, where all are genes.
pub(super) struct FeatureNames {
    pub ids: Vec<String>,
    pub symbols: Vec<String>,
    pub kinds: Vec<String>,
}

/// The features that are read.
pub(super) struct Features {
    /// For every feature of the file its column, if it is read.
    pub kept: Vec<Option<usize>>,
    /// The names of the columns.
    pub genes: Vec<String>,
    pub warnings: Vec<String>,
}

impl FeatureNames {
    /// Those of the types that the options ask for; `error` makes an error of a message and a
    /// remedy.
    pub fn select(
        &self,
        options: &ReadOptions,
        error: impl Fn(String, &str) -> Error,
    ) -> Result<Features> {
        if let GeneColumn::Named(name) = &options.gene_column {
            let remedy = "Choose --gene-column symbol or --gene-column id.";
            return Err(error(
                format!("10x features have no column {name:?}"),
                remedy,
            ));
        }
        let mut features = Features {
            kept: Vec::with_capacity(self.ids.len()),
            genes: Vec::new(),
            warnings: Vec::new(),
        };
        let wanted = match &options.features {
            FeatureType::GeneExpression => Some(GENE_EXPRESSION),
            FeatureType::All => None,
            FeatureType::Named(name) => Some(name.as_str()),
        };
        for at in 0..self.ids.len() {
            let kind = self.kinds.get(at).map_or("", String::as_str);
            // Files without types hold genes only.
            let kind = if kind.is_empty() {
                GENE_EXPRESSION
            } else {
                kind
            };
            let keep = wanted.is_none_or(|wanted| wanted == kind);
            features.kept.push(keep.then_some(features.genes.len()));
            if keep {
                let name = self.name(at, &options.gene_column);
                features.genes.push(name.to_owned());
            }
        }
        let others = self.ids.len() - features.genes.len();
        if features.genes.is_empty() && others > 0 {
            let mut kinds: Vec<&str> = self.kinds.iter().map(String::as_str).collect();
            kinds.sort_unstable();
            kinds.dedup();
            let wanted = wanted.unwrap_or_default();
            let remedy = format!("Choose --features all, or one of: {}.", kinds.join(", "));
            return Err(error(format!("no feature is {wanted}"), &remedy));
        }
        if others > 0 {
            let wanted = wanted.unwrap_or_default();
            features.warnings.push(format!(
                "{others} features that are not {wanted} were left out; --features all reads them"
            ));
        }
        Ok(features)
    }
}
