//! One compressed direction of a pattern: for every line, the entries on it.

use std::ops::Range;

/// The number of work units a direction is cut into for parallel kernels.
///
/// It is fixed, so that the cut never depends on the number of threads.
const CHUNKS: usize = 128;

/// Lines of ascending, unique indices, cut into chunks of about equal work.
#[derive(Debug)]
pub(crate) struct Compressed {
    /// Entries of line `l` are `starts[l]..starts[l + 1]`.
    starts: Vec<usize>,
    /// The index across: of the column on a row, of the row on a column.
    across: Vec<u32>,
    /// The position of the same entry in the other direction's order.
    twin: Vec<u32>,
    /// Consecutive ranges of lines that together cover all of them.
    chunks: Vec<Range<usize>>,
}

impl Compressed {
    /// Both directions of a pattern whose lines are given: `(by line, by column)`.
    ///
    /// The caller has checked that lines ascend, hold no index twice and stay
    /// below `columns`, and that the entries can be counted in 32 bits.
    pub(crate) fn both<L: AsRef<[u32]>>(lines: &[L], columns: usize) -> (Self, Self) {
        let entries = lines.iter().map(|line| line.as_ref().len()).sum();
        let mut starts = Vec::with_capacity(lines.len() + 1);
        let mut across = Vec::with_capacity(entries);
        let mut column_starts = vec![0usize; columns + 1];
        starts.push(0);
        for line in lines {
            for &column in line.as_ref() {
                across.push(column);
                column_starts[column as usize + 1] += 1;
            }
            starts.push(across.len());
        }
        for column in 0..columns {
            column_starts[column + 1] += column_starts[column];
        }
        let mut next = column_starts.clone();
        let mut column_across = vec![0u32; entries];
        let mut column_twin = vec![0u32; entries];
        let mut twin = vec![0u32; entries];
        for line in 0..lines.len() {
            for entry in starts[line]..starts[line + 1] {
                let slot = &mut next[across[entry] as usize];
                column_across[*slot] = line as u32;
                column_twin[*slot] = entry as u32;
                twin[entry] = *slot as u32;
                *slot += 1;
            }
        }
        (
            Self::new(starts, across, twin),
            Self::new(column_starts, column_across, column_twin),
        )
    }

    fn new(starts: Vec<usize>, across: Vec<u32>, twin: Vec<u32>) -> Self {
        let chunks = balanced(&starts);
        Self {
            starts,
            across,
            twin,
            chunks,
        }
    }

    /// The number of lines.
    pub(crate) fn lines(&self) -> usize {
        self.starts.len() - 1
    }

    /// The number of entries.
    pub(crate) fn entries(&self) -> usize {
        self.across.len()
    }

    /// Where the entries of a line are.
    #[inline(always)]
    pub(crate) fn range(&self, line: usize) -> Range<usize> {
        self.starts[line]..self.starts[line + 1]
    }

    /// Where the entries of consecutive lines are.
    pub(crate) fn span(&self, lines: &Range<usize>) -> Range<usize> {
        self.starts[lines.start]..self.starts[lines.end]
    }

    /// The indices across, entry by entry.
    pub(crate) fn across(&self) -> &[u32] {
        &self.across
    }

    /// The positions in the other direction's order, entry by entry.
    pub(crate) fn twin(&self) -> &[u32] {
        &self.twin
    }

    /// The work units.
    pub(crate) fn chunks(&self) -> &[Range<usize>] {
        &self.chunks
    }
}

/// Cuts lines into at most [`CHUNKS`] consecutive ranges of about equal work;
/// a line counts its entries and a few more for what it costs by itself.
fn balanced(starts: &[usize]) -> Vec<Range<usize>> {
    const LINE_COST: usize = 4;
    let lines = starts.len() - 1;
    let work = |line: usize| starts[line] + LINE_COST * line;
    let total = work(lines);
    let mut chunks = Vec::new();
    let mut start = 0;
    for chunk in 1..=CHUNKS {
        let goal = (total as u128 * chunk as u128 / CHUNKS as u128) as usize;
        let mut end = start;
        while end < lines && work(end + 1) <= goal {
            end += 1;
        }
        if end > start {
            chunks.push(start..end);
            start = end;
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_cover_every_line_once_and_balance() {
        let lines: Vec<Vec<u32>> = (0..1000).map(|l| (0..(l % 37) as u32).collect()).collect();
        let (rows, _) = Compressed::both(&lines, 40);
        let mut next = 0;
        for chunk in rows.chunks() {
            assert_eq!(chunk.start, next);
            next = chunk.end;
        }
        assert_eq!(next, 1000);
        let mean = rows.entries() / rows.chunks().len();
        let largest = rows.chunks().iter().map(|c| rows.span(c).len()).max();
        assert!(largest.is_some_and(|largest| largest <= 2 * mean));
    }

    #[test]
    fn empty_patterns_have_no_chunks() {
        let (rows, columns) = Compressed::both(&Vec::<Vec<u32>>::new(), 3);
        assert_eq!((rows.lines(), columns.lines()), (0, 3));
        assert!(rows.chunks().is_empty());
    }
}
