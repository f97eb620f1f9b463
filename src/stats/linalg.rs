//! Cholesky factors of small symmetric matrices: all the linear algebra that these statistics
//! need.

/// The lower triangular L with `L L' = A`.
#[derive(Debug, Clone)]
pub(super) struct Cholesky {
    size: usize,
    /// Row by row, the upper triangle unused.
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factorises a symmetric matrix `[size, size]`, of which the lower triangle is read.
    ///
    /// `Err(row)` if the matrix is not positive definite: the row (nearly) depends on the rows
    /// before it, leaving less than 1e-10 of its diagonal.
    pub fn new(matrix: &[f64], size: usize) -> Result<Self, usize> {
        let (lower, dependent) = factorise(matrix, size, 1);
        match dependent.first() {
            Some(&row) => Err(row),
            None => Ok(Self { size, lower }),
        }
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.lower[row * self.size..row * self.size + row + 1]
    }

    /// Solves `A x = b` in place.
    pub fn solve(&self, b: &mut [f64]) {
        for row in 0..self.size {
            let lower = self.row(row);
            let dot: f64 = lower[..row].iter().zip(b.iter()).map(|(l, x)| l * x).sum();
            b[row] = (b[row] - dot) / lower[row];
        }
        for row in (0..self.size).rev() {
            let lower = self.row(row);
            b[row] /= lower[row];
            let value = b[row];
            for (x, l) in b[..row].iter_mut().zip(lower) {
                *x -= l * value;
            }
        }
    }

    /// The diagonal of the inverse of A.
    pub fn inverse_diagonal(&self) -> Vec<f64> {
        use rayon::prelude::*;
        // Column c of the inverse of L, of which only rows from c on are not zero; the sum of
        // its squares is the entry.
        (0..self.size)
            .into_par_iter()
            .map(|column| {
                let mut x = vec![0.0; self.size - column];
                x[0] = 1.0 / self.row(column)[column];
                let mut sum = x[0] * x[0];
                for row in column + 1..self.size {
                    let lower = self.row(row);
                    let (done, left) = x.split_at_mut(row - column);
                    let dot: f64 = lower[column..row]
                        .iter()
                        .zip(&*done)
                        .map(|(l, x)| l * x)
                        .sum();
                    left[0] = -dot / lower[row];
                    sum += left[0] * left[0];
                }
                sum
            })
            .collect()
    }
}

/// The rows of a symmetric matrix that (nearly) depend on the rows before them.
pub(super) fn dependent_rows(matrix: &[f64], size: usize) -> Vec<usize> {
    factorise(matrix, size, size).1
}

/// The factor of what is left without dependent rows, and these; stops after `most` of them.
fn factorise(matrix: &[f64], size: usize, most: usize) -> (Vec<f64>, Vec<usize>) {
    let mut lower = matrix.to_vec();
    let mut dependent = Vec::new();
    for row in 0..size {
        let (above, current) = lower.split_at_mut(row * size);
        let current = &mut current[..size];
        for column in 0..row {
            let other = &above[column * size..=column * size + column];
            let products = current[..column].iter().zip(other).map(|(a, b)| a * b);
            let dot: f64 = products.sum();
            // A dependent row has an infinite diagonal: it takes part in nothing.
            current[column] = (current[column] - dot) / other[column];
        }
        let squares: f64 = current[..row].iter().map(|value| value * value).sum();
        let left = current[row] - squares;
        if left.is_nan() || left <= 1e-10 * matrix[row * size + row].abs() {
            dependent.push(row);
            if dependent.len() >= most {
                break;
            }
            current[..row].fill(0.0);
            current[row] = f64::INFINITY;
        } else {
            current[row] = left.sqrt();
        }
    }
    (lower, dependent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_and_inverts() {
        let matrix = [4.0, 2.0, 0.6, 2.0, 5.0, 1.0, 0.6, 1.0, 3.0];
        let factor = Cholesky::new(&matrix, 3).expect("positive definite");
        let mut x = [1.0, 2.0, 3.0];
        factor.solve(&mut x);
        for (row, expected) in [1.0, 2.0, 3.0].iter().enumerate() {
            let product: f64 = (0..3)
                .map(|column| matrix[row * 3 + column] * x[column])
                .sum();
            assert!((product - expected).abs() < 1e-12);
        }
        let diagonal = factor.inverse_diagonal();
        for at in 0..3 {
            let mut unit = [0.0; 3];
            unit[at] = 1.0;
            factor.solve(&mut unit);
            assert!((unit[at] - diagonal[at]).abs() < 1e-12);
        }
        assert_eq!(Cholesky::new(&[1.0, 1.0, 1.0, 1.0], 2).err(), Some(1));
        let twice = [1.0, 1.0, 0.5, 1.0, 1.0, 0.5, 0.5, 0.5, 2.0];
        assert_eq!(dependent_rows(&twice, 3), [1]);
        assert_eq!(dependent_rows(&[0.0], 1), [0]);
    }
}
