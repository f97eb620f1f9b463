//! What all values of a matrix have in common.

use super::rows::{Row, Rows};
use rayon::prelude::*;

/// The range of the values and whether they are whole numbers; missing values are left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Summary {
    pub least: f32,
    pub most: f32,
    pub whole: bool,
}

impl Summary {
    const NONE: Self = Self {
        least: f32::INFINITY,
        most: f32::NEG_INFINITY,
        whole: true,
    };

    /// Of rows, with the zeros that are not stored.
    pub fn new(rows: &Rows, count: usize) -> Self {
        let stored = rows
            .stored()
            .par_chunks(1 << 16)
            .map(|values| {
                values.iter().fold(Self::NONE, |all, &value| Self {
                    least: all.least.min(value),
                    most: all.most.max(value),
                    whole: all.whole && (value.fract() == 0.0 || value.is_nan()),
                })
            })
            .reduce(|| Self::NONE, Self::merge);
        if rows.has_gaps(count) {
            stored.merge(Self {
                least: 0.0,
                most: 0.0,
                whole: true,
            })
        } else {
            stored
        }
    }

    /// Of one row of so many values.
    pub fn of_row(row: Row, width: usize) -> Self {
        let stored = row.stored();
        let gap = (stored.len() < width).then_some(0.0);
        let values = stored.iter().copied().chain(gap);
        values.fold(Self::NONE, |all, value| Self {
            least: all.least.min(value),
            most: all.most.max(value),
            whole: all.whole && (value.fract() == 0.0 || value.is_nan()),
        })
    }

    pub fn none() -> Self {
        Self::NONE
    }

    pub fn merge(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            most: self.most.max(other.most),
            whole: self.whole && other.whole,
        }
    }

    /// Whether all values are whole numbers from 0.
    pub fn are_counts(&self) -> bool {
        self.whole && self.least >= 0.0
    }
}
