//! A matrix that stays on disk: its rows are read when they are needed, ahead of their use.

use super::access::RowOf;
use super::duplicates::Combination;
use super::file_rows::FileRows;
use super::rows::{Row, Rows};
use super::summary::Summary;
use crate::error::{Error, Result};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// What is read at once, in memory: one such load is in use, one waits, one is being read.
const LOAD_BYTES: u64 = 64 << 20;
/// Rows between two wanted ones that are read too, as one long read is quicker than two.
const GAP: usize = 64;

/// Rows of a file, perhaps some of them and perhaps with other columns.
#[derive(Clone)]
pub(crate) struct Streamed {
    file: Arc<FileRows>,
    steps: Vec<Arc<Step>>,
    /// The file's row of every row, where they are not all.
    chosen: Option<Arc<Vec<usize>>>,
    pub(super) summary: Summary,
}

/// What happens to rows after they were read.
#[derive(PartialEq)]
pub(super) enum Step {
    Combine(Combination),
    Select(Vec<usize>),
}

/// Some rows that were read.
pub(crate) struct Load {
    /// Which rows, ascending, each once.
    numbers: Vec<usize>,
    rows: Rows,
}

impl Load {
    /// Shows the rows by their numbers in the matrix.
    ///
    /// # Errors
    /// Those of the visitor; [`Error::Data`] if it asked for a row that is not among those read.
    pub fn show<T>(&self, visit: impl FnOnce(&RowOf) -> Result<T>) -> Result<T> {
        let missed = Mutex::new(None);
        let row = |number: usize| match self.numbers.binary_search(&number) {
            Ok(at) => self.rows.row(at),
            Err(_) => {
                *missed.lock().unwrap_or_else(PoisonError::into_inner) = Some(number);
                Row::NOTHING
            }
        };
        let shown = visit(&row)?;
        match missed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            None => Ok(shown),
            Some(number) => Err(Error::data(
                format!("row {number} of a matrix on disk was used before it was read"),
                "This is a fault of gsae: please report it; --stream never avoids it.",
            )),
        }
    }
}

impl std::fmt::Debug for Streamed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streamed")
            .field("rows", &self.n_rows())
            .finish_non_exhaustive()
    }
}

impl PartialEq for Streamed {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file)
            && self.steps == other.steps
            && self.chosen == other.chosen
    }
}

impl Streamed {
    pub(super) fn new(file: Arc<FileRows>, summary: Summary) -> Self {
        Self {
            file,
            steps: Vec::new(),
            chosen: None,
            summary,
        }
    }

    pub fn n_rows(&self) -> usize {
        match &self.chosen {
            Some(chosen) => chosen.len(),
            None => self.file.rows,
        }
    }

    /// How many rows are read at once, a multiple of `unit`.
    pub fn load_rows(&self, unit: usize) -> usize {
        let rows = (LOAD_BYTES / self.file.row_bytes().max(1)) as usize;
        (rows / unit).max(1) * unit
    }

    /// Bytes of the loads that are held at one time.
    pub fn buffer_bytes(&self, unit: usize) -> u64 {
        let rows = self.load_rows(unit).min(self.n_rows());
        3 * rows as u64 * self.file.row_bytes()
    }

    pub(super) fn with_step(&self, step: Step) -> Self {
        let mut changed = self.clone();
        changed.steps.push(Arc::new(step));
        changed
    }

    pub fn select(&self, rows: &[usize]) -> Self {
        let chosen = match &self.chosen {
            Some(chosen) => rows.iter().map(|&row| chosen[row]).collect(),
            None => rows.to_vec(),
        };
        Self {
            chosen: Some(Arc::new(chosen)),
            ..self.clone()
        }
    }

    /// Bytes of so many rows in memory, about.
    pub fn bytes(&self, rows: usize) -> u64 {
        rows as u64 * self.file.row_bytes()
    }

    /// Reads rows, given in any order.
    pub fn load(&self, rows: &[usize]) -> Result<Load> {
        let mut numbers = rows.to_vec();
        numbers.sort_unstable();
        numbers.dedup();
        let wanted: Vec<usize> = match &self.chosen {
            Some(chosen) => numbers.iter().map(|&row| chosen[row]).collect(),
            None => numbers.clone(),
        };
        let longest = self.load_rows(1);
        let near = |a: &usize, b: &usize| b > a && b - a <= GAP;
        let runs = wanted.chunk_by(near);
        let runs: Vec<&[usize]> = runs.flat_map(|run| spans(run, longest)).collect();
        let mut rows = self.file.read(&runs)?;
        for step in &self.steps {
            rows = step.apply(rows);
        }
        Ok(Load { numbers, rows })
    }

    /// Shows loads in the order of the plan; a thread of its own reads the next one meanwhile.
    /// `ahead` is the first, if it was begun before. Rows that will be wanted `then` are begun when
    /// the plan is read, and what comes of it is returned, while they are still being read.
    pub fn each_load(
        &self,
        ahead: Option<Ahead>,
        plan: Vec<Vec<usize>>,
        then: Option<Vec<usize>>,
        visit: &mut dyn FnMut(usize, &Load) -> Result<()>,
    ) -> Result<Option<Ahead>> {
        let planned = plan.len();
        let begun = usize::from(ahead.is_some());
        let (sender, receiver) = sync_channel(1);
        let (later, next) = sync_channel(1);
        let reader = self.clone();
        let next = then.clone().map(|rows| Ahead { rows, load: next });
        let read = move || {
            for rows in plan.iter().skip(begun) {
                let load = reader.load(rows);
                let failed = load.is_err();
                // Nobody listens any more if the visitor failed.
                if sender.send(load).is_err() || failed {
                    return;
                }
            }
            if let Some(rows) = then {
                let _ = later.send(reader.load(&rows));
            }
        };
        let named = std::thread::Builder::new().name("gsae-read".to_owned());
        named.spawn(read).map_err(|cause| {
            Error::data(
                format!("the system gives no thread to read the matrix from disk ({cause})"),
                "Close other programs, or read it into memory with --stream never.",
            )
        })?;
        let first = ahead.map(|ahead| ahead.load.recv());
        let rest = std::iter::repeat_with(|| receiver.recv());
        for (at, load) in first.into_iter().chain(rest).take(planned).enumerate() {
            let load = load.map_err(|_| {
                Error::data(
                    "the thread that reads the matrix from disk has ended before its time",
                    "This is a fault of gsae: please report it; --stream never avoids it.",
                )
            })?;
            visit(at, &load?)?;
        }
        Ok(next)
    }
}

/// Rows that are being read.
pub(crate) struct Ahead {
    /// Which.
    pub rows: Vec<usize>,
    load: Receiver<Result<Load>>,
}

/// Ascending rows in parts that span at most `longest` rows of the file.
fn spans(mut rows: &[usize], longest: usize) -> Vec<&[usize]> {
    let mut parts = Vec::new();
    while let Some(first) = rows.first() {
        // Rows that a caller chose may go back; such a row starts a part of its own.
        let end = rows.partition_point(|row| *row < first + longest);
        let (part, rest) = rows.split_at(end.max(1));
        parts.push(part);
        rows = rest;
    }
    parts
}

impl Step {
    fn apply(&self, rows: Rows) -> Rows {
        match self {
            Self::Combine(combination) => combination.apply(&rows),
            Self::Select(columns) => rows.select_columns(columns),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_was_not_read_is_an_error() {
        let load = Load {
            numbers: vec![2, 5],
            rows: Rows::Dense {
                values: vec![1.0, 2.0],
                width: 1,
            },
        };
        let stored = |number: usize| load.show(|row| Ok(row(number).stored().to_vec()));
        assert_eq!(stored(5).expect("it was read"), [2.0]);
        let message = stored(3).expect_err("it was not").to_string();
        assert!(message.contains("row 3"), "{message}");
    }
}
