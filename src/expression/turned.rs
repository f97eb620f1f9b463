//! Transposing a matrix.

use rayon::prelude::*;

/// Columns that are turned at once, as many as share a cache line.
const BLOCK: usize = 16;

/// The transpose of a matrix of `width` columns, some columns at a time.
pub(super) fn turned(values: &[f32], width: usize) -> Vec<f32> {
    let height = values.len() / width.max(1);
    let mut turned = vec![0f32; values.len()];
    let block = BLOCK * height.max(1);
    turned
        .par_chunks_mut(block)
        .enumerate()
        .for_each(|(block, part)| {
            let first = block * BLOCK;
            let count = part.len() / height.max(1);
            for (row, cells) in values.chunks_exact(width.max(1)).enumerate() {
                for (at, value) in cells[first..first + count].iter().enumerate() {
                    part[at * height + row] = *value;
                }
            }
        });
    turned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_columns() {
        let (height, width) = (37, 2 * BLOCK + 5);
        let values: Vec<f32> = (0..height * width).map(|value| value as f32).collect();
        let once = turned(&values, width);
        assert_eq!(once[3 * height + 7], values[7 * width + 3]);
        assert_eq!(turned(&once, height), values);
        assert!(turned(&[], 0).is_empty() && turned(&[], 4).is_empty());
    }
}
