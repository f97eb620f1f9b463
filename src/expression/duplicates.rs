//! Genes that stand in a file several times become one column.

use super::DuplicateGenes;
use super::matrix::first_duplicate;
use super::rows::{Row, Rows, SparseRows};
use crate::error::{Error, Place, Result};
use std::collections::HashMap;
use std::path::Path;

/// How columns of one name become one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Combination {
    policy: DuplicateGenes,
    /// The new column of every old one.
    group_of: Vec<u32>,
    /// The old columns of every new one.
    groups: Vec<Vec<u32>>,
}

/// Unique genes in the order of their first appearance and how their columns are combined;
/// `None` if all names differ. `are_counts` is asked if the policy depends on it.
pub(super) fn plan(
    genes: &[String],
    policy: DuplicateGenes,
    path: &Path,
    warnings: &mut Vec<String>,
    are_counts: impl Fn() -> bool,
) -> Result<Option<(Vec<String>, Combination)>> {
    let Some((first, second, name)) = first_duplicate(genes) else {
        return Ok(None);
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
        DuplicateGenes::Auto if are_counts() => {
            (DuplicateGenes::Sum, "summed, as these are counts")
        }
        DuplicateGenes::Auto => (DuplicateGenes::Mean, "averaged"),
        DuplicateGenes::Sum => (policy, "summed"),
        DuplicateGenes::Mean => (policy, "averaged"),
        DuplicateGenes::Max => (policy, "reduced to the largest value"),
        DuplicateGenes::First => (policy, "reduced to the first"),
    };
    let mut unique: Vec<String> = Vec::new();
    let mut groups: Vec<Vec<u32>> = Vec::new();
    let mut group_of = Vec::with_capacity(genes.len());
    let mut place: HashMap<&str, usize> = HashMap::with_capacity(genes.len());
    for (at, gene) in genes.iter().enumerate() {
        let group = *place.entry(gene).or_insert_with(|| {
            unique.push(gene.clone());
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[group].push(at as u32);
        group_of.push(group as u32);
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
    let combination = Combination {
        policy,
        group_of,
        groups,
    };
    Ok(Some((unique, combination)))
}

/// Unique genes in the order of their first appearance and their values, where they are in
/// memory.
pub(super) fn combine(
    genes: Vec<String>,
    rows: Rows,
    policy: DuplicateGenes,
    path: &Path,
    warnings: &mut Vec<String>,
) -> Result<(Vec<String>, Rows)> {
    let counts = || {
        let mut values = rows.stored().iter();
        values.all(|value| *value >= 0.0 && value.fract() == 0.0)
    };
    Ok(match plan(&genes, policy, path, warnings, counts)? {
        None => (genes, rows),
        Some((unique, combination)) => (unique, combination.apply(&rows)),
    })
}

impl Combination {
    /// The rows with their columns combined.
    pub fn apply(&self, rows: &Rows) -> Rows {
        let width = self.groups.len();
        match rows {
            Rows::Dense { values, width: old } => {
                let mut combined = Vec::with_capacity(values.len() / (*old).max(1) * width);
                for row in values.chunks_exact((*old).max(1)) {
                    for group in &self.groups {
                        let own = group.iter().map(|&at| row[at as usize]);
                        combined.push(self.value(group, own));
                    }
                }
                Rows::Dense {
                    values: combined,
                    width,
                }
            }
            Rows::Sparse(sparse) => {
                let mut combined = SparseRows::new(width);
                let mut entries = Vec::new();
                for row in 0..sparse.starts.len() - 1 {
                    self.sparse_row(rows.row(row), &mut entries);
                    combined.push(entries.drain(..));
                }
                Rows::Sparse(combined)
            }
        }
    }

    fn sparse_row(&self, row: Row, out: &mut Vec<(u32, f32)>) {
        // Group, column, value: of a group's columns in order, as in a dense row.
        let mut entries: Vec<(u32, u32, f32)> = row
            .entries()
            .map(|(column, value)| (self.group_of[column], column as u32, value))
            .collect();
        entries.sort_by_key(|(group, column, _)| (*group, *column));
        for own in entries.chunk_by(|a, b| a.0 == b.0) {
            let group = &self.groups[own[0].0 as usize];
            let all = group.iter().map(|column| {
                let stored = own.iter().find(|(_, at, _)| at == column);
                stored.map_or(0.0, |(_, _, value)| *value)
            });
            out.push((own[0].0, self.value(group, all)));
        }
    }

    fn value(&self, group: &[u32], mut own: impl Iterator<Item = f32>) -> f32 {
        match self.policy {
            DuplicateGenes::First => own.next().unwrap_or_default(),
            DuplicateGenes::Max => own.fold(f32::NEG_INFINITY, f32::max),
            DuplicateGenes::Mean => (own.map(f64::from).sum::<f64>() / group.len() as f64) as f32,
            _ => own.map(f64::from).sum::<f64>() as f32,
        }
    }
}
