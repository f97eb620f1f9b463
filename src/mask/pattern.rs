//! The sparsity pattern of a masked layer.

use std::sync::Arc;
#[cfg(feature = "cuda-linked")]
use std::{
    any::Any,
    sync::{Mutex, PoisonError},
};

use super::Compressed;
use crate::{Error, Result};

/// Which inputs (genes) may reach which outputs (gene sets): a 0/1 matrix
/// `[outputs, inputs]` that stores only its ones.
///
/// The pattern is kept by output (CSR) and by input (CSC), with 32-bit indices,
/// and shared: a clone or a [`transpose`](Mask::transpose) copies nothing.
/// An entry's number is its position in the order by output, then by input;
/// the trainable values of a [`MaskedLinear`](crate::nn::MaskedLinear) follow it.
///
/// ```
/// use gsae::mask::Mask;
///
/// // Two gene sets over four genes: {0, 2} and {2, 3}.
/// let mask = Mask::from_rows(4, vec![vec![0, 2], vec![2, 3]])?;
/// assert_eq!((mask.outputs(), mask.inputs(), mask.entries()), (2, 4, 4));
/// assert_eq!(mask.row(1), [2, 3]);
/// assert_eq!(mask.column(2), [0, 1]);
/// assert_eq!(mask.transpose().row(2), [0, 1]);
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Mask {
    by_output: Arc<Compressed>,
    by_input: Arc<Compressed>,
    /// What others have made of this mask.
    #[cfg(feature = "cuda-linked")]
    companions: Arc<Mutex<Vec<Arc<dyn Any + Send + Sync>>>>,
}

impl Mask {
    /// The pattern whose row `s` lists the inputs that reach output `s`.
    ///
    /// # Errors
    /// If a row is not strictly ascending, names an input at or beyond
    /// `inputs`, or if there are too many connections for 32-bit indices.
    pub fn from_rows(inputs: usize, rows: Vec<Vec<u32>>) -> Result<Self> {
        let entries: usize = rows.iter().map(Vec::len).sum();
        for (what, count) in [
            ("inputs", inputs),
            ("outputs", rows.len()),
            ("connections", entries),
        ] {
            if count > u32::MAX as usize {
                return Err(Error::data(
                    format!("a mask with {count} {what} is too large"),
                    format!("Keep the number of {what} below {}.", u32::MAX),
                ));
            }
        }
        for (number, row) in rows.iter().enumerate() {
            if let Some(pair) = row.windows(2).find(|pair| pair[0] >= pair[1]) {
                return Err(Error::data(
                    format!(
                        "row {number} of the mask lists input {} after input {}",
                        pair[1], pair[0]
                    ),
                    "List the inputs of every row in ascending order, each once.",
                ));
            }
            if let Some(&last) = row.last()
                && last as usize >= inputs
            {
                return Err(Error::data(
                    format!("row {number} of the mask names input {last} of {inputs}"),
                    "Number the inputs from 0 and pass how many there are.",
                ));
            }
        }
        Ok(Self::from_valid(inputs, &rows))
    }

    /// A pattern that allows no connection.
    pub fn empty(outputs: usize, inputs: usize) -> Self {
        Self::from_valid(inputs, &vec![Vec::new(); outputs])
    }

    /// As [`from_rows`](Mask::from_rows), for rows known to be valid.
    fn from_valid(inputs: usize, rows: &[Vec<u32>]) -> Self {
        let (by_output, by_input) = Compressed::both(rows, inputs);
        Self::of(Arc::new(by_output), Arc::new(by_input))
    }

    fn of(by_output: Arc<Compressed>, by_input: Arc<Compressed>) -> Self {
        Self {
            by_output,
            by_input,
            #[cfg(feature = "cuda-linked")]
            companions: Arc::default(),
        }
    }

    /// The number of outputs (gene sets): rows.
    pub fn outputs(&self) -> usize {
        self.by_output.lines()
    }

    /// The number of inputs (genes): columns.
    pub fn inputs(&self) -> usize {
        self.by_input.lines()
    }

    /// The number of allowed connections.
    pub fn entries(&self) -> usize {
        self.by_output.entries()
    }

    /// The share of all conceivable connections that is allowed, 0 if there are none.
    pub fn density(&self) -> f64 {
        let cells = self.outputs() as f64 * self.inputs() as f64;
        if cells == 0.0 {
            0.0
        } else {
            self.entries() as f64 / cells
        }
    }

    /// The inputs that reach an output, ascending.
    ///
    /// # Panics
    /// If there is no such output.
    pub fn row(&self, output: usize) -> &[u32] {
        &self.by_output.across()[self.by_output.range(output)]
    }

    /// The outputs that an input reaches, ascending.
    ///
    /// # Panics
    /// If there is no such input.
    pub fn column(&self, input: usize) -> &[u32] {
        &self.by_input.across()[self.by_input.range(input)]
    }

    /// The numbers of an output's entries: where its values are.
    ///
    /// # Panics
    /// If there is no such output.
    pub fn row_entries(&self, output: usize) -> std::ops::Range<usize> {
        self.by_output.range(output)
    }

    /// The numbers of an input's entries, in the order of [`column`](Mask::column).
    ///
    /// # Panics
    /// If there is no such input.
    pub fn column_entries(&self, input: usize) -> &[u32] {
        &self.by_input.twin()[self.by_input.range(input)]
    }

    /// All rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.outputs()).map(|output| self.row(output))
    }

    /// All columns, in order.
    pub fn columns(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.inputs()).map(|input| self.column(input))
    }

    /// The same connections in the other direction: a decoder's pattern from
    /// its encoder's. Copies nothing.
    pub fn transpose(&self) -> Self {
        Self::of(Arc::clone(&self.by_input), Arc::clone(&self.by_output))
    }

    /// The pattern after renaming inputs: what was input `i` is `renamed[i]`.
    ///
    /// With a random permutation this is a shuffled map: set sizes, gene
    /// degrees and overlaps stay, the meaning goes.
    ///
    /// # Errors
    /// If `renamed` is not a permutation of the inputs.
    pub fn permuted_inputs(&self, renamed: &[u32]) -> Result<Self> {
        let mut seen = vec![false; self.inputs()];
        let fresh = renamed.iter().all(|&name| {
            seen.get_mut(name as usize)
                .is_some_and(|seen| !std::mem::replace(seen, true))
        });
        if renamed.len() != self.inputs() || !fresh {
            return Err(Error::data(
                format!(
                    "the {} new names are no permutation of the {} inputs of the mask",
                    renamed.len(),
                    self.inputs()
                ),
                "Name every input from 0 on exactly once.",
            ));
        }
        let rows: Vec<Vec<u32>> = self
            .rows()
            .map(|row| {
                let mut row: Vec<u32> = row.iter().map(|&input| renamed[input as usize]).collect();
                row.sort_unstable();
                row
            })
            .collect();
        Ok(Self::from_valid(self.inputs(), &rows))
    }

    /// What was made of this mask, such as its copy on a GPU: the one that `is_it` knows, or a new
    /// one, which all clones of the mask then share.
    #[cfg(feature = "cuda-linked")]
    pub(crate) fn companion<T: Any + Send + Sync, E>(
        &self,
        is_it: impl Fn(&T) -> bool,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let mut all = self
            .companions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let known = all
            .iter()
            .filter_map(|one| one.clone().downcast::<T>().ok());
        if let Some(found) = known.into_iter().find(|one| is_it(one)) {
            return Ok(found);
        }
        let made = Arc::new(make()?);
        all.push(made.clone());
        Ok(made)
    }

    /// The direction whose lines are outputs.
    pub(crate) fn by_output(&self) -> &Compressed {
        &self.by_output
    }

    /// The direction whose lines are inputs.
    pub(crate) fn by_input(&self) -> &Compressed {
        &self.by_input
    }
}

impl PartialEq for Mask {
    /// Whether both allow the same connections between as many inputs and outputs.
    fn eq(&self, other: &Self) -> bool {
        self.inputs() == other.inputs()
            && self.outputs() == other.outputs()
            && self.rows().eq(other.rows())
    }
}

impl Eq for Mask {}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Mask {
        Mask::from_rows(5, vec![vec![1, 4], vec![], vec![0, 1, 2]]).expect("a valid mask")
    }

    #[test]
    fn columns_and_entry_numbers_agree_with_rows() {
        let mask = example();
        assert_eq!(mask.entries(), 5);
        assert_eq!(mask.column(1), [0, 2]);
        assert_eq!(mask.column(3), [0u32; 0]);
        assert_eq!(mask.column_entries(1), [0, 3]);
        assert_eq!(mask.row_entries(2), 2..5);
        assert!((mask.density() - 5.0 / 15.0).abs() < 1e-12);
    }

    #[test]
    fn transposing_twice_gives_the_mask_back() {
        let mask = example();
        assert_eq!(mask.transpose().outputs(), 5);
        assert_eq!(mask.transpose().transpose(), mask);
        assert_ne!(mask.transpose(), mask);
    }

    #[test]
    fn permuting_renames_inputs_and_keeps_sizes() {
        let mask = example();
        let shuffled = mask
            .permuted_inputs(&[4, 3, 2, 1, 0])
            .expect("a permutation");
        assert_eq!(shuffled.row(0), [0, 3]);
        assert_eq!(shuffled.row(2), [2, 3, 4]);
        assert!(mask.permuted_inputs(&[0, 0, 1, 2, 3]).is_err());
        assert!(mask.permuted_inputs(&[0, 1, 2, 3]).is_err());
    }

    #[test]
    fn bad_rows_are_named() {
        let message = |rows| {
            Mask::from_rows(3, rows)
                .expect_err("an invalid mask")
                .to_string()
        };
        assert!(message(vec![vec![0], vec![2, 1]]).contains("row 1"));
        assert!(message(vec![vec![1, 1]]).contains("input 1 after input 1"));
        assert!(message(vec![vec![3]]).contains("input 3 of 3"));
    }
}
