//! Reads the reference answers in `tests/reference`.
#![allow(dead_code)]

use std::collections::HashMap;
use std::path::PathBuf;

/// A tab-separated table with a header; the first column names the rows.
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<String>,
    /// Row by row; NaN where a field is no number.
    pub values: Vec<f64>,
    text: Vec<Vec<String>>,
}

pub fn path(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference")).join(name)
}

pub fn text(name: &str) -> String {
    std::fs::read_to_string(path(name)).expect("a file of tests/reference")
}

impl Table {
    pub fn read(name: &str) -> Self {
        let text = text(name);
        let mut lines = text
            .lines()
            .map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
        let columns = lines.next().expect("a header")[1..].to_vec();
        let text: Vec<Vec<String>> = lines.collect();
        Self {
            rows: text.iter().map(|row| row[0].clone()).collect(),
            values: text
                .iter()
                .flat_map(|row| {
                    let row = &row[1..];
                    (0..columns.len()).map(|at| {
                        let field = row.get(at).map_or("", String::as_str);
                        field.parse().unwrap_or(f64::NAN)
                    })
                })
                .collect(),
            columns,
            text,
        }
    }

    fn position(&self, name: &str) -> usize {
        let at = self.columns.iter().position(|column| column == name);
        at.expect("a column of the reference")
    }

    pub fn column(&self, name: &str) -> Vec<f64> {
        let at = self.position(name);
        let width = self.columns.len();
        self.values
            .iter()
            .skip(at)
            .step_by(width)
            .copied()
            .collect()
    }

    pub fn text_column(&self, name: &str) -> Vec<&str> {
        let at = self.position(name) + 1;
        self.text.iter().map(|row| row[at].as_str()).collect()
    }

    pub fn row(&self, at: usize) -> &[f64] {
        &self.values[at * self.columns.len()..(at + 1) * self.columns.len()]
    }

    pub fn row_of(&self, name: &str) -> usize {
        let at = self.rows.iter().position(|row| row == name);
        at.expect("a row of the reference")
    }
}

/// The expression matrix of the reference, samples as rows, and its genes.
pub fn expression() -> (Vec<f64>, Vec<String>) {
    let table = Table::read("expression.tsv");
    let samples = table.columns.len();
    let values = (0..samples)
        .flat_map(|sample| table.values.iter().skip(sample).step_by(samples).copied())
        .collect();
    (values, table.rows)
}

/// The gene sets of the reference: names and positions of their genes in `genes`.
pub fn sets(genes: &[String]) -> (Vec<String>, Vec<Vec<u32>>) {
    let position: HashMap<&str, u32> = genes.iter().map(String::as_str).zip(0..).collect();
    text("sets.gmt")
        .lines()
        .map(|line| {
            let mut fields = line.split('\t');
            let name = fields.next().unwrap_or_default().to_owned();
            let members = fields.skip(1).map(|gene| position[gene]).collect();
            (name, members)
        })
        .unzip()
}

/// The largest relative difference, where both are numbers (absolute below 1e-300).
pub fn relative(value: f64, expected: f64) -> f64 {
    assert_eq!(value.is_nan(), expected.is_nan(), "{value} for {expected}");
    if value == expected || value.is_nan() {
        return 0.0;
    }
    (value - expected).abs() / expected.abs().max(1e-300)
}

/// Fails where the relative difference passes `tolerance`; the largest difference otherwise.
pub fn assert_close(what: &str, values: &[f64], expected: &[f64], tolerance: f64) -> f64 {
    assert_eq!(values.len(), expected.len(), "{what}");
    let mut worst: f64 = 0.0;
    for (at, (value, expected)) in values.iter().zip(expected).enumerate() {
        let difference = relative(*value, *expected);
        assert!(
            difference <= tolerance,
            "{what} at {at}: {value:e} instead of {expected:e} ({difference:e})"
        );
        worst = worst.max(difference);
    }
    println!("{what}: {worst:.1e}");
    worst
}
