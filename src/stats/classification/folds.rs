//! Folds for cross-validation.

use crate::error::{Error, Result};
use crate::stats::check::same_length;
use crate::stats::random::Streams;
use rand::seq::SliceRandom;

/// Deals rows out to `folds` folds, numbered from 0, so that every fold has its share of every
/// class. Rows of one group (a donor, a patient) stay together; without `groups` every row is a
/// group of its own.
///
/// Groups come in random order, larger ones first, and each goes to the fold where the class
/// counts then come closest to even shares.
///
/// ```
/// use gsae::stats::classification::stratified_folds;
///
/// let folds = stratified_folds(&[0, 0, 0, 0, 1, 1], None, 2, 7)?;
/// assert_eq!(folds.iter().filter(|fold| **fold == 0).count(), 3);
/// assert_ne!(folds[4], folds[5]);
/// let kept = stratified_folds(&[0, 0, 1, 1], Some(&[5, 5, 8, 8]), 2, 7)?;
/// assert!(kept[0] == kept[1] && kept[2] == kept[3]);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// [`Error::Data`] for lists of different lengths, fewer than two folds, or fewer groups than
/// folds.
pub fn stratified_folds(
    labels: &[usize],
    groups: Option<&[usize]>,
    folds: usize,
    seed: u64,
) -> Result<Vec<usize>> {
    let n = labels.len();
    let own: Vec<usize> = match groups {
        Some(groups) => {
            same_length(n, groups.len(), "labels and groups")?;
            groups.to_vec()
        }
        None => (0..n).collect(),
    };
    let mut members: std::collections::BTreeMap<usize, Vec<usize>> = Default::default();
    for (row, group) in own.into_iter().enumerate() {
        members.entry(group).or_default().push(row);
    }
    let mut members: Vec<Vec<usize>> = members.into_values().collect();
    if folds < 2 || members.len() < folds {
        return Err(Error::data(
            format!(
                "{} groups of rows cannot be dealt out to {folds} folds",
                members.len()
            ),
            "Ask for at least two folds, at most one a group.",
        ));
    }
    members.shuffle(&mut Streams::new(seed, "folds").stream(0));
    members.sort_by_key(|rows| std::cmp::Reverse(rows.len()));

    let classes = labels.iter().max().map_or(0, |last| last + 1);
    let mut totals = vec![0.0f64; classes];
    labels.iter().for_each(|&label| totals[label] += 1.0);
    let mut counts = vec![vec![0.0f64; classes]; folds];
    let mut sizes = vec![0usize; folds];
    let mut dealt = vec![0; n];
    for rows in members {
        let mut added = vec![0.0f64; classes];
        rows.iter().for_each(|&row| added[labels[row]] += 1.0);
        // What a class misses counts by its share, so that rare classes are dealt out evenly too.
        let cost = |fold: usize| -> f64 {
            (0..classes)
                .filter(|&class| added[class] > 0.0)
                .map(|class| {
                    let (before, more) = (counts[fold][class], added[class]);
                    ((before + more).powi(2) - before * before) / totals[class].powi(2)
                })
                .sum()
        };
        let costs: Vec<f64> = (0..folds).map(cost).collect();
        let best = (1..folds).fold(0, |best, fold| {
            let better = costs[fold]
                .total_cmp(&costs[best])
                .then(sizes[fold].cmp(&sizes[best]));
            if better.is_lt() { fold } else { best }
        });
        for row in rows {
            dealt[row] = best;
            counts[best][labels[row]] += 1.0;
            sizes[best] += 1;
        }
    }
    Ok(dealt)
}
