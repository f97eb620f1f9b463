//! Latent units and the gene sets that go with them.

use super::Run;
use super::columns::{Column, columns};
use super::inputs::SupersetTables;
use super::pack::rounded;
use crate::activity::ScoreTable;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::HashMap;

/// Gene sets and genes that are named for a unit, on each side.
const NAMED: usize = 10;
/// Units, those with the largest SD, are correlated where all would take too long.
const MOST_PRODUCTS: usize = 1_000_000_000;
/// The units that are told of.
const MOST_UNITS: usize = 200;

/// The latent units of a report.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Supersets {
    /// Whether they are those of `gsae interpret`.
    pub interpreted: bool,
    /// Further columns, a row a unit.
    pub columns: Vec<Column>,
    pub units: Vec<Unit>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unit {
    pub name: String,
    /// The mean over the gene sets of r squared with their activity; what is explained of the
    /// expression, where it was interpreted.
    pub explains: f64,
    /// Gene sets with their loading: the correlation of their activity with the unit.
    pub sets: Vec<(String, f64)>,
    /// Genes with their loading.
    pub genes: Vec<(String, f64)>,
}

/// The same with every name of a set or gene once, and its place in the units.
#[derive(Serialize)]
pub(super) struct PackedSupersets {
    interpreted: bool,
    columns: Vec<Column>,
    names: Vec<String>,
    units: Vec<PackedUnit>,
}

#[derive(Serialize)]
struct PackedUnit {
    name: String,
    explains: f64,
    sets: Vec<(usize, f64)>,
    genes: Vec<(usize, f64)>,
}

impl Supersets {
    pub fn packed(self) -> PackedSupersets {
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut names = Vec::new();
        let mut place = |(name, loading): (String, f64)| {
            let at = *places.entry(name.clone()).or_insert_with(|| {
                names.push(name);
                names.len() - 1
            });
            (at, loading)
        };
        let units = self.units.into_iter().map(|unit| PackedUnit {
            name: unit.name,
            explains: unit.explains,
            sets: unit.sets.into_iter().map(&mut place).collect(),
            genes: unit.genes.into_iter().map(&mut place).collect(),
        });
        let units = units.collect();
        PackedSupersets {
            interpreted: self.interpreted,
            columns: self.columns,
            names,
            units,
        }
    }
}

/// The units as `gsae interpret` found them, in its order.
pub(super) fn interpreted(tables: &SupersetTables) -> Supersets {
    let names = tables.units.column("node").unwrap_or_default();
    let explains = tables.units.numbers("r2").unwrap_or_default();
    let field = |name| tables.tails.column(name).unwrap_or_default();
    let (nodes, kinds, tails) = (field("node"), field("kind"), field("name"));
    let loadings = tables.tails.numbers("loading").unwrap_or_default();
    let mut units: Vec<Unit> = names
        .iter()
        .take(MOST_UNITS)
        .enumerate()
        .map(|(at, &name)| Unit {
            name: name.to_owned(),
            explains: explains.get(at).copied().unwrap_or(f64::NAN),
            sets: Vec::new(),
            genes: Vec::new(),
        })
        .collect();
    let position: HashMap<&str, usize> = names.iter().copied().take(MOST_UNITS).zip(0..).collect();
    for (row, node) in nodes.iter().enumerate() {
        let Some(&unit) = position.get(node) else {
            continue;
        };
        let entry = (tails[row].to_owned(), rounded(loadings[row], 4));
        match kinds[row] {
            "set" => units[unit].sets.push(entry),
            _ => units[unit].genes.push(entry),
        }
    }
    for unit in &mut units {
        for list in [&mut unit.sets, &mut unit.genes] {
            list.sort_by(|a, b| b.1.total_cmp(&a.1));
        }
    }
    let without = [
        "node",
        "r2",
        "top_sets_positive",
        "top_sets_negative",
        "top_genes_positive",
        "top_genes_negative",
    ];
    let mut further = columns(&tables.units, &without);
    for column in &mut further {
        match &mut column.values {
            super::columns::Values::Numbers(values) => values.truncate(MOST_UNITS),
            super::columns::Values::Texts(values) => values.truncate(MOST_UNITS),
        }
    }
    Supersets {
        interpreted: true,
        columns: further,
        units,
    }
}

/// The units by the correlation of the gene sets' activity with them; none for a model whose
/// nodes are its latent units.
pub(super) fn correlated(run: &Run) -> Supersets {
    if run.members.is_empty() {
        return Supersets::default();
    }
    let latent = standardised(&run.latent);
    let activity = standardised(&run.activity);
    let samples = run.activity.samples().len();
    let most = MOST_PRODUCTS / (samples * activity.len()).max(1);
    let mut chosen: Vec<usize> = (0..latent.len()).filter(|&at| latent[at].1 > 0.0).collect();
    chosen.sort_by(|&a, &b| latent[b].1.total_cmp(&latent[a].1).then(a.cmp(&b)));
    chosen.truncate(most.max(10));
    let mut units: Vec<Unit> = chosen
        .into_par_iter()
        .map(|unit| {
            let mut loadings: Vec<(usize, f64)> = activity
                .iter()
                .enumerate()
                .filter(|(_, (_, sd))| *sd > 0.0)
                .map(|(set, (values, _))| (set, dot(values, &latent[unit].0)))
                .collect();
            let squares: f64 = loadings.iter().map(|(_, r)| r * r).sum();
            let explains = squares / loadings.len() as f64;
            loadings.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            let n = loadings.len();
            let named =
                |&(set, r): &(usize, f64)| (run.activity.columns()[set].clone(), rounded(r, 4));
            let highest = loadings.iter().take(NAMED).filter(|(_, r)| *r > 0.0);
            let lowest = loadings
                .iter()
                .skip(n.saturating_sub(NAMED).max(NAMED.min(n)));
            let lowest = lowest.filter(|(_, r)| *r < 0.0);
            Unit {
                name: run.latent.columns()[unit].clone(),
                explains: rounded(explains, 4),
                sets: highest.chain(lowest).map(named).collect(),
                genes: Vec::new(),
            }
        })
        .collect();
    units.sort_by(|a, b| b.explains.total_cmp(&a.explains).then(a.name.cmp(&b.name)));
    units.truncate(MOST_UNITS);
    Supersets {
        units,
        ..Supersets::default()
    }
}

/// Every column with mean 0 and length 1, missing values at the mean, and its SD.
fn standardised(table: &ScoreTable) -> Vec<(Vec<f32>, f64)> {
    let (width, n) = (table.columns().len(), table.samples().len());
    (0..width)
        .into_par_iter()
        .map(|at| {
            let column = || table.values().iter().skip(at).step_by(width);
            let known = || column().filter(|value| value.is_finite());
            let count = known().count().max(1) as f64;
            let mean = known().map(|value| f64::from(*value)).sum::<f64>() / count;
            let centred = |value: &f32| match value.is_finite() {
                true => f64::from(*value) - mean,
                false => 0.0,
            };
            let length = column()
                .map(|value| centred(value).powi(2))
                .sum::<f64>()
                .sqrt();
            // Rounding of a constant column is no variation.
            if length <= 1e-6 * (1.0 + mean.abs()) {
                return (vec![0.0; n], 0.0);
            }
            let values = column().map(|value| (centred(value) / length) as f32);
            (values.collect(), length / (n as f64).sqrt())
        })
        .collect()
}

/// A dot product in eight lanes.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut lanes = [0f32; 8];
    let (whole_a, rest_a) = a.as_chunks::<8>();
    let (whole_b, rest_b) = b.as_chunks::<8>();
    for (a, b) in whole_a.iter().zip(whole_b) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    let rest: f32 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    f64::from(lanes.iter().sum::<f32>() + rest)
}
