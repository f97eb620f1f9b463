//! GSEA's `.cls`: labels of samples by their order, categorical or numeric.

use crate::error::{Error, Place, Result};
use std::path::Path;

/// Labels without the samples' names.
pub(super) struct ClassLabels {
    /// `class`, or the names of the numeric profiles.
    pub columns: Vec<String>,
    /// For every sample its labels: `[samples][columns]`.
    pub rows: Vec<Vec<String>>,
}

/// Whether a text is such a file: `#numeric`, or three numbers and then a `#` line of names.
pub(super) fn is_cls(text: &str) -> bool {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().trim();
    let counts = first
        .split_whitespace()
        .all(|word| word.parse::<usize>().is_ok());
    let second = lines.next().unwrap_or_default();
    first == "#numeric"
        || (counts && first.split_whitespace().count() == 3 && second.starts_with('#'))
}

pub(super) fn parse(text: &str, path: &Path) -> Result<ClassLabels> {
    let lines: Vec<(usize, &str)> = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty())
        .collect();
    match lines.first() {
        Some((_, "#numeric")) => numeric(&lines[1..], path),
        _ => categorical(&lines, path),
    }
}

fn categorical(lines: &[(usize, &str)], path: &Path) -> Result<ClassLabels> {
    let bad = |line: usize, message: String| {
        let remedy = "A .cls has three lines: the numbers of samples and classes and a 1; `#` and \
                      the names of the classes; a label a sample.";
        Error::format(path, Place::line(line), message, remedy)
    };
    let &[(first, counts), (second, names), (third, labels)] = lines else {
        return Err(bad(1, format!("there are {} lines, not 3", lines.len())));
    };
    let counts: Vec<usize> = words(counts)
        .iter()
        .filter_map(|word| word.parse().ok())
        .collect();
    let &[samples, classes, _] = counts.as_slice() else {
        return Err(bad(first, "the line is not three numbers".to_owned()));
    };
    let names = words(names.strip_prefix('#').unwrap_or(names));
    let labels = words(labels);
    if labels.len() != samples {
        let message = format!(
            "line 1 announces {samples} samples, and there are {} labels",
            labels.len()
        );
        return Err(bad(third, message));
    }
    let mut order: Vec<&str> = Vec::new();
    for label in &labels {
        if !order.contains(label) {
            order.push(label);
        }
    }
    if order.len() != classes || names.len() != classes {
        let message = format!(
            "line 1 announces {classes} classes; {} are named, and {} are among the labels",
            names.len(),
            order.len()
        );
        return Err(bad(second, message));
    }
    // Labels that are not the names stand for them in the order in which they appear.
    let same = order.iter().all(|label| names.contains(label));
    let class = |label: &&str| match order.iter().position(|other| other == label) {
        Some(at) if !same => names[at].to_owned(),
        _ => (*label).to_owned(),
    };
    Ok(ClassLabels {
        columns: vec!["class".to_owned()],
        rows: labels.iter().map(|label| vec![class(label)]).collect(),
    })
}

fn numeric(lines: &[(usize, &str)], path: &Path) -> Result<ClassLabels> {
    let remedy = "A numeric .cls has `#numeric`, and then for every profile a line with `#` and \
                  its name and a line with a number a sample.";
    let bad =
        |line: usize, message: String| Error::format(path, Place::line(line), message, remedy);
    let mut columns: Vec<String> = Vec::new();
    let mut rows: Vec<Vec<String>> = Vec::new();
    if lines.is_empty() || lines.len() % 2 == 1 {
        let last = lines.last().map_or(1, |(line, _)| *line);
        return Err(bad(last, "a profile has no values".to_owned()));
    }
    for pair in lines.chunks_exact(2) {
        let ((line, name), (below, values)) = (pair[0], pair[1]);
        let Some(name) = name.strip_prefix('#').map(str::trim) else {
            return Err(bad(line, format!("{name:?} is no name of a profile")));
        };
        let values = words(values);
        if let Some(value) = values.iter().find(|value| value.parse::<f64>().is_err()) {
            return Err(bad(below, format!("{value:?} is not a number")));
        }
        if columns.is_empty() {
            rows = vec![Vec::new(); values.len()];
        } else if columns.iter().any(|column| column == name) {
            return Err(bad(
                line,
                format!("the profile {name:?} stands there twice"),
            ));
        }
        if values.len() != rows.len() {
            let message = format!(
                "there are {} values, and {} before",
                values.len(),
                rows.len()
            );
            return Err(bad(below, message));
        }
        columns.push(name.to_owned());
        for (row, value) in rows.iter_mut().zip(values) {
            row.push(value.to_owned());
        }
    }
    Ok(ClassLabels { columns, rows })
}

/// Words between tabs if there are tabs, else between blanks.
fn words(line: &str) -> Vec<&str> {
    let line = line.trim();
    if line.contains('\t') {
        let words = line.split('\t').map(str::trim);
        return words.filter(|word| !word.is_empty()).collect();
    }
    line.split_whitespace().collect()
}
