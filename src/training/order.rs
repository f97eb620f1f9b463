//! In which order samples train.

use rand::Rng;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How the training samples are shuffled before every epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "name")]
pub enum Shuffle {
    /// All of them with each other.
    #[default]
    Samples,
    /// Blocks of neighbouring samples, and then the samples within windows of several blocks:
    /// for samples on disk, which are read a block at a time. Batches lie within windows.
    Blocks {
        /// Neighbouring samples that stay together.
        block: usize,
        /// Samples that are mixed.
        window: usize,
    },
}

impl Shuffle {
    /// Shuffles `order`, the rows that train; returns the windows, which lie one after the other.
    pub(super) fn shuffle(
        self,
        order: &mut Vec<usize>,
        random: &mut impl Rng,
    ) -> Vec<Range<usize>> {
        let Self::Blocks { block, window } = self else {
            order.shuffle(random);
            return std::iter::once(0..order.len()).collect();
        };
        order.sort_unstable();
        let block = block.max(1);
        let mut blocks: Vec<&[usize]> = order.chunk_by(|a, b| a / block == b / block).collect();
        blocks.shuffle(random);
        // As even as can be, so that no window is much smaller than the others.
        let count = order.len().div_ceil(window.max(1)).min(blocks.len());
        let mut shuffled = Vec::with_capacity(order.len());
        let mut windows = Vec::with_capacity(count);
        for at in 0..count {
            let bound = |at: usize| at * blocks.len() / count;
            let start = shuffled.len();
            let own = blocks[bound(at)..bound(at + 1)].iter();
            shuffled.extend(own.flat_map(|block| block.iter().copied()));
            shuffled[start..].shuffle(random);
            windows.push(start..shuffled.len());
        }
        *order = shuffled;
        windows
    }
}

/// `rows` in consecutive batches of at most `size`, as even as can be: no batch is much smaller
/// than the others. None holds a single sample unless `size` is 1; rather than that one of size 2
/// gets a third.
pub(super) fn batches(rows: &[usize], size: usize) -> Vec<&[usize]> {
    let count = rows.len().div_ceil(size.max(1));
    let count = if size > 1 {
        count.min(rows.len() / 2).max(1)
    } else {
        count
    };
    let bound = |batch: usize| batch * rows.len() / count;
    (0..count)
        .map(|batch| &rows[bound(batch)..bound(batch + 1)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::random_stream;

    #[test]
    fn windows_hold_whole_blocks_and_every_sample_once() {
        let shuffle = Shuffle::Blocks {
            block: 16,
            window: 64,
        };
        let rows: Vec<usize> = (0..1000).filter(|row| row % 10 != 3).collect();
        let (mut order, mut again) = (rows.clone(), rows.clone());
        let windows = shuffle.shuffle(&mut order, &mut random_stream(1, "order"));
        assert_eq!(windows.len(), 15);
        for window in &windows {
            let mut blocks: Vec<usize> = order[window.clone()].iter().map(|row| row / 16).collect();
            blocks.sort_unstable();
            blocks.dedup();
            assert!(blocks.len() <= 5 && (40..=80).contains(&window.len()));
        }
        shuffle.shuffle(&mut again, &mut random_stream(1, "order"));
        assert_eq!(order, again);
        // A second epoch is another order of the same rows.
        shuffle.shuffle(&mut again, &mut random_stream(2, "order"));
        assert_ne!(order, again);
        again.sort_unstable();
        assert_eq!(again, rows);
    }

    #[test]
    fn batches_are_even() {
        let rows: Vec<usize> = (0..129).collect();
        let sizes: Vec<usize> = batches(&rows, 64).iter().map(|batch| batch.len()).collect();
        assert_eq!(sizes, [43, 43, 43]);
        assert_eq!(batches(&rows[..3], 2), [&rows[..3]]);
    }
}
