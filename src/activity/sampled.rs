//! A part of a table of scores that is too large to hold.

use super::ScoreTable;
use super::table::Rows;
use crate::error::{Error, Place, Result};
use crate::io::buffered;
use crate::nn::random_stream;
use rand::seq::index::sample;
use std::io::BufRead;
use std::path::Path;

/// The fewest rows that are drawn, however many columns there are.
const FEWEST: usize = 50;

/// Rows of a table of scores, drawn at random.
#[derive(Debug, Clone, PartialEq)]
pub struct SampledScores {
    /// The rows, in the order of the whole table.
    pub table: ScoreTable,
    /// Where they stand in it; `None` if it was small enough to be read whole.
    pub rows: Option<Vec<usize>>,
    /// The rows of the whole table.
    pub total: usize,
}

impl ScoreTable {
    /// Reads a table of at most `most_values` values whole, and of a larger one as many rows as
    /// make so many values (at least 50), drawn with `seed`. The file is gone through twice, a
    /// line at a time; memory is that of the values kept.
    ///
    /// # Errors
    /// As [`from_path`](Self::from_path).
    pub fn sampled(path: impl AsRef<Path>, most_values: usize, seed: u64) -> Result<SampledScores> {
        let path = path.as_ref();
        let (mut lines, mut width) = (0usize, 0);
        each_line(path, &mut |line, _| {
            if lines == 0 {
                width = Rows::of_header(line, path).width();
            }
            lines += 1;
            Ok(())
        })?;
        let total = lines.saturating_sub(1);
        let room = (most_values / width.max(1)).max(FEWEST);
        let rows = (room < total).then(|| {
            let random = &mut random_stream(seed, "samples of a large run");
            let mut drawn = sample(random, total, room).into_vec();
            drawn.sort_unstable();
            drawn
        });
        let table = match &rows {
            Some(rows) => Self::with_rows(path, rows)?,
            None => {
                let all: Vec<usize> = (0..total).collect();
                Self::with_rows(path, &all)?
            }
        };
        Ok(SampledScores { table, rows, total })
    }

    /// The names of the rows of a tab-separated table; its numbers are not looked at.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Format`] where the text is not UTF-8.
    pub fn row_names(path: impl AsRef<Path>) -> Result<Vec<String>> {
        let mut names = Vec::new();
        let mut header = true;
        each_line(path.as_ref(), &mut |line, _| {
            if !std::mem::take(&mut header) {
                let name = line.split('\t').next().unwrap_or_default();
                names.push(name.to_owned());
            }
            Ok(())
        })?;
        Ok(names)
    }

    /// The names of the columns; nothing but the first line is read.
    ///
    /// # Errors
    /// As [`row_names`](Self::row_names).
    pub fn column_names(path: impl AsRef<Path>) -> Result<Vec<String>> {
        let path = path.as_ref();
        let mut names = Vec::new();
        some_lines(path, &mut |line, _| {
            names = Rows::of_header(line, path).into_columns();
            Ok(false)
        })?;
        Ok(names)
    }

    /// Reads the columns at these places, in this order, a line at a time: memory is that of the
    /// values kept.
    ///
    /// # Errors
    /// As [`from_path`](Self::from_path), a field that is no number only where it is asked for;
    /// [`Error::Format`] if the table has not so many columns.
    pub fn with_columns(path: impl AsRef<Path>, columns: &[usize]) -> Result<Self> {
        let path = path.as_ref();
        let mut found: Option<Rows> = None;
        each_line(path, &mut |line, number| {
            match &mut found {
                Some(table) => table.add(line, number)?,
                None => found = Some(Rows::of_columns(line, path, columns)?),
            }
            Ok(())
        })?;
        found.unwrap_or_else(|| Rows::of_header("", path)).finish()
    }

    /// Reads the rows at these places, ascending, a line at a time.
    ///
    /// # Errors
    /// As [`from_path`](Self::from_path); [`Error::Format`] if the table has not so many rows.
    pub fn with_rows(path: impl AsRef<Path>, rows: &[usize]) -> Result<Self> {
        let path = path.as_ref();
        let mut wanted = rows.iter().copied().peekable();
        let mut found: Option<Rows> = None;
        let mut row = 0;
        each_line(path, &mut |line, number| {
            let Some(table) = &mut found else {
                found = Some(Rows::of_header(line, path));
                return Ok(());
            };
            if wanted.next_if_eq(&row).is_some() {
                table.add(line, number)?;
            }
            row += 1;
            Ok(())
        })?;
        if let Some(missing) = wanted.next() {
            return Err(Error::format(
                path,
                Place::file(),
                format!(
                    "the table has {row} rows, and row {} was asked for",
                    missing + 1
                ),
                "Give tables of one run, with the same samples.",
            ));
        }
        found.unwrap_or_else(|| Rows::of_header("", path)).finish()
    }
}

/// Shows all lines but empty ones, with their numbers.
fn each_line(path: &Path, show: &mut dyn FnMut(&str, usize) -> Result<()>) -> Result<()> {
    some_lines(path, &mut |line, number| show(line, number).map(|()| true))
}

/// As [`each_line`], until `show` has seen enough.
fn some_lines(path: &Path, show: &mut dyn FnMut(&str, usize) -> Result<bool>) -> Result<()> {
    let mut reader = buffered(path)?;
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let count = reader
            .read_until(b'\n', &mut bytes)
            .map_err(Error::io("read", path))?;
        if count == 0 {
            break;
        }
        let line = std::str::from_utf8(&bytes).map_err(|_| {
            Error::format(
                path,
                Place::line(number),
                "the text is not UTF-8",
                "Convert it, for example with `iconv -f latin1 -t utf-8`.",
            )
        })?;
        let line = line.trim_end_matches(['\n', '\r']);
        if !line.is_empty() && !show(line, number)? {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_drawn_and_the_same_rows_are_found_elsewhere() -> Result<()> {
        let folder = tempfile::tempdir().map_err(Error::io("create", "a folder"))?;
        let names = |letter: &str, count: usize| {
            (0..count)
                .map(|at| format!("{letter}{at}"))
                .collect::<Vec<_>>()
        };
        let values = (0..600).map(|at| at as f32).collect();
        let table = ScoreTable::new(names("s", 300), names("n", 2), values)?;
        let path = folder.path().join("scores.tsv");
        table.write_tsv(&path)?;
        let part = ScoreTable::sampled(&path, 200, 7)?;
        let rows = part.rows.clone().unwrap_or_default();
        assert_eq!(
            (part.total, rows.len(), part.table.samples().len()),
            (300, 100, 100)
        );
        assert!(rows.is_sorted() && rows[0] < 50 && rows[99] > 250);
        for (at, row) in rows.iter().enumerate() {
            assert_eq!(part.table.row(at), table.row(*row));
        }
        assert_eq!(ScoreTable::sampled(&path, 200, 7)?, part);
        assert_ne!(ScoreTable::sampled(&path, 200, 8)?.rows, part.rows);
        assert_eq!(ScoreTable::with_rows(&path, &rows)?, part.table);
        let whole = ScoreTable::sampled(&path, 600, 7)?;
        assert_eq!((whole.rows, &whole.table), (None, &table));
        let turned = ScoreTable::with_columns(&path, &[1, 0])?;
        assert_eq!(ScoreTable::column_names(&path)?, table.columns());
        assert_eq!(turned.columns(), ["n1", "n0"]);
        assert_eq!(turned.samples(), table.samples());
        assert_eq!(turned.column("n0"), table.column("n0"));
        assert_eq!(ScoreTable::with_columns(&path, &[1])?.values()[2], 5.0);
        let narrow = ScoreTable::with_columns(&path, &[2]).expect_err("no such column");
        assert!(narrow.to_string().contains("2 columns"), "{narrow}");
        let short = ScoreTable::with_rows(&path, &[2, 300]).expect_err("no such row");
        assert!(short.to_string().contains("300 rows"), "{short}");
        Ok(())
    }
}
