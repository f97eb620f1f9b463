//! 10x MTX folders: `matrix.mtx`, `barcodes.tsv` and `features.tsv` (v3) or `genes.tsv` (v2),
//! each plain or gzip. The matrix is genes x cells, its indices count from 1.

use super::duplicates::combine;
use super::features::{FeatureNames, Features};
use super::orientation::date_warning;
use super::rows::{Rows, SparseRows, sparse_bytes};
use super::{ExpressionMatrix, GeneColumn, ReadOptions};
use crate::error::{Error, Place, Result};
use crate::io::{Source, read_bytes, read_text};
use std::path::{Path, PathBuf};

/// What the matrix of a folder is called.
const MATRIX: [&str; 2] = ["matrix.mtx.gz", "matrix.mtx"];

/// Whether a folder has such a matrix.
pub(super) fn is_mtx(folder: &Path) -> bool {
    MATRIX.iter().any(|name| folder.join(name).is_file())
}

pub(super) fn read(folder: &Path, options: &ReadOptions) -> Result<ExpressionMatrix> {
    let matrix_path = find(folder, &MATRIX)?;
    let feature_path = find(
        folder,
        &[
            "features.tsv.gz",
            "features.tsv",
            "genes.tsv",
            "genes.tsv.gz",
        ],
    )?;
    let barcode_path = find(folder, &["barcodes.tsv.gz", "barcodes.tsv"])?;
    let (features_text, features_source) = read_text(&feature_path)?;
    let (barcodes_text, barcodes_source) = read_text(&barcode_path)?;
    let (bytes, matrix_source) = read_bytes(&matrix_path)?;
    let names = feature_names(&features_text, &feature_path, &options.gene_column)?;
    let features = names.select(options, |message, remedy| {
        Error::format(&feature_path, Place::file(), message, remedy)
    })?;
    let barcodes: Vec<String> = barcodes_text
        .lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    let rows = parse(&bytes, &matrix_path, &features, barcodes.len())?;
    let Features {
        genes: kept,
        mut warnings,
        ..
    } = features;
    warnings.extend(date_warning(&kept));
    let (genes, rows) = combine(
        kept,
        rows,
        options.duplicate_genes,
        &feature_path,
        &mut warnings,
    )?;
    let sources: Vec<Source> = vec![matrix_source, features_source, barcodes_source];
    let matrix = ExpressionMatrix::from_rows(barcodes, genes, rows).map_err(|cause| {
        Error::format(
            folder,
            Place::file(),
            cause.to_string(),
            "Check the barcodes and values.",
        )
    })?;
    Ok(matrix.with_origin(sources, warnings))
}

/// Refuses a matrix without the files beside it.
///
/// # Errors
/// [`Error::Format`] naming the folder that is wanted.
pub(super) fn refuse_alone(bytes: &[u8], path: &Path) -> Result<()> {
    let banner = b"%%matrixmarket";
    let head = bytes.get(..banner.len()).unwrap_or_default();
    if !head.eq_ignore_ascii_case(banner) {
        return Ok(());
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Err(Error::format(
        path,
        Place::file(),
        "this is a MatrixMarket file, which has no names of genes and cells",
        format!(
            "Give its folder, {}, with features.tsv (or genes.tsv) and barcodes.tsv beside \
             matrix.mtx, each with .gz or without.",
            folder.display()
        ),
    ))
}

fn find(folder: &Path, names: &[&str]) -> Result<PathBuf> {
    let found = names
        .iter()
        .map(|name| folder.join(name))
        .find(|path| path.is_file());
    found.ok_or_else(|| {
        Error::format(
            folder,
            Place::file(),
            format!("the folder has no {}", names.join(" or ")),
            "A 10x MTX folder holds matrix.mtx, barcodes.tsv and features.tsv (or genes.tsv), \
             plain or gzip.",
        )
    })
}

/// The features of `features.tsv` or `genes.tsv`: id, symbol, type.
fn feature_names(text: &str, path: &Path, column: &GeneColumn) -> Result<FeatureNames> {
    let mut names = FeatureNames {
        ids: Vec::new(),
        symbols: Vec::new(),
        kinds: Vec::new(),
    };
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let mut fields = line.split('\t').map(str::trim);
        let mut next = || fields.next().unwrap_or_default().to_owned();
        let (id, symbol, kind) = (next(), next(), next());
        let missing = match column {
            GeneColumn::Id => id.is_empty(),
            _ => id.is_empty() && symbol.is_empty(),
        };
        if missing {
            return Err(Error::format(
                path,
                Place::line(index + 1),
                "the feature has no name",
                "Each line is an id, a symbol and a type; --gene-column id uses the first.",
            ));
        }
        names.ids.push(id);
        names.symbols.push(symbol);
        names.kinds.push(kind);
    }
    Ok(names)
}

/// The values of the features that are read: `[cells, genes]`.
fn parse(bytes: &[u8], path: &Path, features: &Features, n_cells: usize) -> Result<Rows> {
    let mut lines = Lines::new(bytes);
    let (number, banner) = lines.next().unwrap_or((1, b""));
    let words: Vec<String> = String::from_utf8_lossy(banner)
        .to_lowercase()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let fits = words.len() >= 5
        && words[0] == "%%matrixmarket"
        && words[2] == "coordinate"
        && ["integer", "real"].contains(&words[3].as_str())
        && words[4] == "general";
    if !fits {
        return Err(Error::format(
            path,
            Place::line(number),
            format!("{:?} is not the banner of a 10x matrix", words.join(" ")),
            "Expected is `%%MatrixMarket matrix coordinate integer general` (or real).",
        ));
    }
    let mut lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with(b"%"));
    let (number, sizes) = lines.next().unwrap_or((2, b""));
    let [rows, columns, entries] = numbers::<3>(sizes).ok_or_else(|| {
        Error::format(
            path,
            Place::line(number),
            "the line of sizes is not three numbers",
            "Expected are the numbers of genes, cells and entries.",
        )
    })?;
    if rows != features.kept.len() || columns != n_cells {
        return Err(Error::format(
            path,
            Place::line(number),
            format!(
                "the matrix is {rows} x {columns}, but there are {} features and {n_cells} \
                 barcodes",
                features.kept.len()
            ),
            "Use the three files of one export; the matrix is features x barcodes.",
        ));
    }
    let (mut cells, mut columns_of, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen = 0usize;
    for (number, line) in lines {
        let bad = |message: String| {
            Error::format(
                path,
                Place::line(number),
                message,
                "Export the matrix again, or copy it again if it was cut off.",
            )
        };
        let text = || String::from_utf8_lossy(line).into_owned();
        let (row, column, value) =
            entry(line).ok_or_else(|| bad(format!("{:?} is not an entry", text())))?;
        if row == 0 || row > rows || column == 0 || column > columns {
            return Err(bad(format!(
                "the entry ({row}, {column}) is outside of {rows} x {columns}"
            )));
        }
        if !value.is_finite() {
            return Err(bad(format!("the value in {:?} is not finite", text())));
        }
        seen += 1;
        if let Some(gene) = features.kept[row - 1] {
            cells.push(column as u32 - 1);
            columns_of.push(gene as u32);
            values.push(value);
        }
    }
    if seen != entries {
        return Err(Error::format(
            path,
            Place::line(number),
            format!("{entries} entries were announced, and there are {seen}"),
            "The file is cut off or was put together from parts; export it again.",
        ));
    }
    let width = features.genes.len();
    let sparse = SparseRows::from_entries(columns, width, &cells, &columns_of, &values);
    let dense_bytes = 4 * (columns as u64).saturating_mul(width as u64);
    Ok(if sparse_bytes(columns, values.len()) < dense_bytes {
        Rows::Sparse(sparse)
    } else {
        sparse.dense()
    })
}

/// `row column value`.
fn entry(line: &[u8]) -> Option<(usize, usize, f32)> {
    let mut words = line
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let row = whole(words.next()?)?;
    let column = whole(words.next()?)?;
    let value = words.next()?;
    let value = match whole(value) {
        Some(count) => count as f32,
        None => std::str::from_utf8(value).ok()?.parse().ok()?,
    };
    words.next().is_none().then_some((row, column, value))
}

fn numbers<const N: usize>(line: &[u8]) -> Option<[usize; N]> {
    let words = line
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let numbers: Vec<usize> = words.map(whole).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

/// A whole number of at most nine digits.
fn whole(word: &[u8]) -> Option<usize> {
    if word.is_empty() || word.len() > 9 {
        return None;
    }
    word.iter().try_fold(0usize, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + usize::from(byte - b'0'))
    })
}

/// Lines with their numbers, from 1, without line ends.
struct Lines<'a> {
    rest: Option<&'a [u8]>,
    number: usize,
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: Some(bytes),
            number: 0,
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest?;
        self.number += 1;
        let line = match rest.iter().position(|byte| *byte == b'\n') {
            Some(end) => {
                self.rest = Some(&rest[end + 1..]);
                &rest[..end]
            }
            None => self.rest.take()?,
        };
        Some((self.number, line.strip_suffix(b"\r").unwrap_or(line)))
    }
}
