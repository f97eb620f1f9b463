//! 10x MTX folders: `matrix.mtx`, `barcodes.tsv` and `features.tsv` (v3) or `genes.tsv` (v2),
//! each plain or gzip. The matrix is genes x cells, its indices count from 1.

use super::duplicates::combine;
use super::orientation::date_warning;
use super::rows::{Rows, SparseRows, sparse_bytes};
use super::{ExpressionMatrix, GeneColumn, ReadOptions};
use crate::error::{Error, Place, Result};
use crate::io::{Source, read_bytes, read_text};
use std::path::{Path, PathBuf};

const GENE_EXPRESSION: &str = "Gene Expression";

pub(super) fn read(folder: &Path, options: &ReadOptions) -> Result<ExpressionMatrix> {
    let matrix_path = find(folder, &["matrix.mtx.gz", "matrix.mtx"])?;
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
    let features = Features::parse(&features_text, &feature_path, &options.gene_column)?;
    let barcodes: Vec<String> = barcodes_text
        .lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    let (rows, kept) = parse(&bytes, &matrix_path, &features, barcodes.len())?;
    let mut warnings = features.warnings;
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

/// The rows of the matrix: names, and which of them are genes.
struct Features {
    names: Vec<String>,
    is_gene: Vec<bool>,
    warnings: Vec<String>,
}

impl Features {
    fn parse(text: &str, path: &Path, column: &GeneColumn) -> Result<Self> {
        let mut features = Self {
            names: Vec::new(),
            is_gene: Vec::new(),
            warnings: Vec::new(),
        };
        if let GeneColumn::Named(name) = column {
            return Err(Error::format(
                path,
                Place::file(),
                format!("10x features have no column {name:?}"),
                "Choose --gene-column symbol or --gene-column id.",
            ));
        }
        let mut others = 0;
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
            let name = match column {
                GeneColumn::Id => fields.first(),
                _ => fields.get(1).or(fields.first()),
            };
            let Some(name) = name.filter(|name| !name.is_empty()) else {
                return Err(Error::format(
                    path,
                    Place::line(index + 1),
                    "the feature has no name",
                    "Each line is an id, a symbol and a type; --gene-column id uses the first.",
                ));
            };
            let is_gene = fields.get(2).is_none_or(|kind| *kind == GENE_EXPRESSION);
            others += usize::from(!is_gene);
            features.names.push((*name).to_owned());
            features.is_gene.push(is_gene);
        }
        if others > 0 {
            features.warnings.push(format!(
                "{others} features that are not {GENE_EXPRESSION} were left out"
            ));
        }
        Ok(features)
    }
}

/// The values of the genes (`[cells, genes]`) and the genes' names.
fn parse(
    bytes: &[u8],
    path: &Path,
    features: &Features,
    n_cells: usize,
) -> Result<(Rows, Vec<String>)> {
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
    if rows != features.names.len() || columns != n_cells {
        return Err(Error::format(
            path,
            Place::line(number),
            format!(
                "the matrix is {rows} x {columns}, but there are {} features and {n_cells} \
                 barcodes",
                features.names.len()
            ),
            "Use the three files of one export; the matrix is features x barcodes.",
        ));
    }
    let mut column_of = vec![None; rows];
    let mut genes = Vec::new();
    for (row, name) in features.names.iter().enumerate() {
        if features.is_gene[row] {
            column_of[row] = Some(genes.len());
            genes.push(name.clone());
        }
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
        if let Some(gene) = column_of[row - 1] {
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
    let width = genes.len();
    let sparse = SparseRows::from_entries(columns, width, &cells, &columns_of, &values);
    let dense_bytes = 4 * (columns as u64).saturating_mul(width as u64);
    let rows = if sparse_bytes(columns, values.len()) < dense_bytes {
        Rows::Sparse(sparse)
    } else {
        sparse.dense()
    };
    Ok((rows, genes))
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
