//! Genes that stand in a file several times become one column.

use super::DuplicateGenes;
use super::matrix::first_duplicate;
use crate::error::{Error, Place, Result};
use std::collections::HashMap;
use std::path::Path;

/// Unique genes in the order of their first appearance and their values (`[samples, genes]`).
pub(super) fn combine(
    genes: Vec<String>,
    values: Vec<f32>,
    policy: DuplicateGenes,
    path: &Path,
    warnings: &mut Vec<String>,
) -> Result<(Vec<String>, Vec<f32>)> {
    let Some((first, second, name)) = first_duplicate(&genes) else {
        return Ok((genes, values));
    };
    let counts = || {
        values
            .iter()
            .all(|value| *value >= 0.0 && value.fract() == 0.0)
    };
    let (policy, done) = match policy {
        DuplicateGenes::Error => {
            return Err(Error::format(
                path,
                Place::file(),
                format!(
                    "the genes {} and {} are both called {name:?}",
                    first + 1,
                    second + 1
                ),
                "Choose with --duplicate-genes whether to sum, average, or keep the first.",
            ));
        }
        DuplicateGenes::Auto if counts() => (DuplicateGenes::Sum, "summed, as these are counts"),
        DuplicateGenes::Auto => (DuplicateGenes::Mean, "averaged"),
        DuplicateGenes::Sum => (policy, "summed"),
        DuplicateGenes::Mean => (policy, "averaged"),
        DuplicateGenes::Max => (policy, "reduced to the largest value"),
        DuplicateGenes::First => (policy, "reduced to the first"),
    };
    let mut unique: Vec<String> = Vec::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut place: HashMap<&str, usize> = HashMap::with_capacity(genes.len());
    for (at, gene) in genes.iter().enumerate() {
        match place.get(gene.as_str()) {
            Some(&group) => groups[group].push(at),
            None => {
                place.insert(gene, groups.len());
                unique.push(gene.clone());
                groups.push(vec![at]);
            }
        }
    }
    let repeated: Vec<&str> = groups
        .iter()
        .zip(&unique)
        .filter(|(group, _)| group.len() > 1)
        .map(|(_, name)| name.as_str())
        .collect();
    warnings.push(format!(
        "{} gene names stand there more than once ({}{}); their values were {done}",
        repeated.len(),
        repeated[..repeated.len().min(5)].join(", "),
        if repeated.len() > 5 { ", ..." } else { "" },
    ));
    let mut combined = Vec::with_capacity(values.len() / genes.len().max(1) * unique.len());
    for row in values.chunks_exact(genes.len().max(1)) {
        for group in &groups {
            let own = group.iter().map(|&at| row[at]);
            combined.push(match policy {
                DuplicateGenes::First => row[group[0]],
                DuplicateGenes::Max => own.fold(f32::NEG_INFINITY, f32::max),
                DuplicateGenes::Mean => {
                    (own.map(f64::from).sum::<f64>() / group.len() as f64) as f32
                }
                _ => own.map(f64::from).sum::<f64>() as f32,
            });
        }
    }
    Ok((unique, combined))
}
