//! Scores in the formats that other programs read.

use super::ScoreTable;
use crate::error::{Error, Result};
use crate::expression::ExpressionMatrix;
use crate::io::{
    AnnData, Columns, Dense, Gct, GctVersion, Uns, Values, add_to_copy, compressed, is_h5ad,
    one_field, refuse_structured, write_atomically,
};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::str::FromStr;

/// The name of the scores in `obsm`.
const OBSM: &str = "X_gsae";
/// The name of the latent coordinates in `obsm`.
const OBSM_LATENT: &str = "X_gsae_latent";
/// The name of the metadata in `uns`.
const UNS: &str = "gsae";
/// From this share of zeros on a matrix is stored sparse.
const SPARSE_FROM: f64 = 0.5;

/// A format of scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreFormat {
    /// Samples x sets, tab-separated.
    Tsv,
    /// A row a sample and set: `sample set score`, tab-separated.
    Long,
    /// Sets x samples with the metadata of both (1.3) or the sets' descriptions (1.2).
    Gct(GctVersion),
    /// Names, metadata and values in one object.
    Json,
    /// AnnData whose variables are the gene sets.
    H5ad,
    /// AnnData whose variables are the genes, the scores in `obsm`: a copy of the h5ad file that
    /// was scored, with its own `obs`, or a new one.
    H5adObsm,
}

impl ScoreFormat {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Tsv,
        Self::Long,
        Self::Gct(GctVersion::V1_3),
        Self::Gct(GctVersion::V1_2),
        Self::Json,
        Self::H5ad,
        Self::H5adObsm,
    ];

    /// The name that chooses it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tsv => "tsv",
            Self::Long => "long",
            Self::Gct(GctVersion::V1_3) => "gct",
            Self::Gct(GctVersion::V1_2) => "gct1.2",
            Self::Json => "json",
            Self::H5ad => "h5ad",
            Self::H5adObsm => "h5ad-obsm",
        }
    }

    /// What a file of this format ends in; no two formats share it.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Long => "long.tsv",
            Self::Gct(GctVersion::V1_2) => "1.2.gct",
            Self::H5adObsm => "obsm.h5ad",
            other => other.name(),
        }
    }

    /// The format that the end of a file's name asks for, whatever the case: `.gct`, `.json` and
    /// `.h5ad` theirs, all others TSV. `.gz` after it only compresses.
    pub fn of_path(path: &Path) -> Self {
        let name = path.to_string_lossy().to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let by_name = [Self::Gct(GctVersion::V1_3), Self::Json, Self::H5ad];
        let found = by_name
            .into_iter()
            .find(|format| name.ends_with(&format!(".{}", format.name())));
        found.unwrap_or(Self::Tsv)
    }
}

impl FromStr for ScoreFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|format| format.name() == text);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::config("--format", format!("is one of {names}, not {text:?}"))
        })
    }
}

/// Scores with what is known of the samples and of the sets.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreOutput<'a> {
    /// The scores: `[samples, sets]`.
    pub scores: &'a ScoreTable,
    /// What is known of the samples.
    pub samples: Columns,
    /// What is known of the sets.
    pub sets: Columns,
    /// Latent coordinates of the samples, for AnnData's `obsm`.
    pub latent: Option<&'a ScoreTable>,
    /// The matrix that was scored and the file it was read from, for [`ScoreFormat::H5adObsm`].
    pub expression: Option<(&'a ExpressionMatrix, &'a Path)>,
    /// What was run, on what, with what.
    pub metadata: Value,
}

impl<'a> ScoreOutput<'a> {
    /// Scores of which nothing but the names is known.
    pub fn new(scores: &'a ScoreTable) -> Self {
        Self {
            scores,
            samples: Columns::new(scores.samples().to_vec()),
            sets: Columns::new(scores.columns().to_vec()),
            latent: None,
            expression: None,
            metadata: json!({ "version": env!("CARGO_PKG_VERSION") }),
        }
    }

    /// Writes the scores, whole or not at all; the text formats through gzip if the path ends in
    /// `.gz`.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written; [`Error::Data`] if the names of the metadata
    /// are not those of the scores; [`Error::Config`] for a format that cannot be had.
    pub fn write(&self, path: impl AsRef<Path>, format: ScoreFormat) -> Result<()> {
        let path = path.as_ref();
        let named = self.samples.rows() == self.scores.samples()
            && self.sets.rows() == self.scores.columns();
        if !named {
            return Err(Error::data(
                "the names of the samples or sets are not those of the scores",
                "Give metadata in the order of the scores.",
            ));
        }
        let text = |write: &dyn Fn(&mut dyn Write) -> std::io::Result<()>| {
            write_atomically(path, |file| {
                compressed(path, file, |file| {
                    write(file).map_err(Error::io("write", path))
                })
            })
        };
        match format {
            ScoreFormat::Tsv => text(&|file| self.scores.write_rows(file, true)),
            ScoreFormat::Long => text(&|file| self.write_long(file)),
            ScoreFormat::Json => text(&|file| self.write_json(file)),
            ScoreFormat::Gct(version) => self.gct().write(path, version),
            ScoreFormat::H5ad => self.write_h5ad(path),
            ScoreFormat::H5adObsm => self.write_obsm(path),
        }
    }

    fn write_long(&self, file: &mut dyn Write) -> std::io::Result<()> {
        writeln!(file, "sample\tset\tscore")?;
        let sets: Vec<String> = self
            .scores
            .columns()
            .iter()
            .map(|set| one_field(set))
            .collect();
        for (at, sample) in self.scores.samples().iter().enumerate() {
            let sample = one_field(sample);
            for (set, score) in sets.iter().zip(self.scores.row(at)) {
                match score.is_nan() {
                    true => writeln!(file, "{sample}\t{set}\tNA")?,
                    false => writeln!(file, "{sample}\t{set}\t{score}")?,
                }
            }
        }
        Ok(())
    }

    /// `{"metadata", "samples": [{"name", ...}], "sets": [{"name", ...}], "scores": [[...]]}`, the
    /// scores sample by sample, null where there is none.
    fn write_json(&self, file: &mut dyn Write) -> std::io::Result<()> {
        let record = |table: &Columns, row: usize| {
            let mut record = serde_json::Map::new();
            record.insert("name".to_owned(), table.rows()[row].as_str().into());
            for (name, column) in table.columns() {
                record.insert(name.clone(), column.json(row));
            }
            Value::Object(record)
        };
        write!(file, "{{\"metadata\":{}", self.metadata)?;
        for (name, table) in [("samples", &self.samples), ("sets", &self.sets)] {
            write!(file, ",\n\"{name}\":[")?;
            for row in 0..table.rows().len() {
                let comma = if row > 0 { ",\n" } else { "\n" };
                write!(file, "{comma}{}", record(table, row))?;
            }
            write!(file, "]")?;
        }
        write!(file, ",\n\"scores\":[")?;
        for sample in 0..self.scores.samples().len() {
            write!(file, "{}", if sample > 0 { ",\n[" } else { "\n[" })?;
            for (at, score) in self.scores.row(sample).iter().enumerate() {
                let comma = if at > 0 { "," } else { "" };
                match score.is_finite() {
                    true => write!(file, "{comma}{score}")?,
                    false => write!(file, "{comma}null")?,
                }
            }
            write!(file, "]")?;
        }
        writeln!(file, "]}}")
    }

    fn gct(&self) -> Gct {
        let (n, width) = (self.scores.samples().len(), self.scores.columns().len());
        let values = self.scores.values();
        let turned =
            (0..width).flat_map(|set| (0..n).map(move |sample| values[sample * width + set]));
        Gct {
            rows: self.sets.clone(),
            columns: self.samples.clone(),
            values: turned.collect(),
        }
    }

    /// The latent coordinates and the scores, as far as they go into `obsm`.
    fn obsm(&self, scores: bool) -> Vec<(&'static str, Dense<'a>)> {
        let matrix = |table: &'a ScoreTable| Dense {
            values: table.values(),
            columns: table.columns().len(),
        };
        let own = scores.then(|| (OBSM, matrix(self.scores)));
        let latent = self.latent.map(|latent| (OBSM_LATENT, matrix(latent)));
        own.into_iter().chain(latent).collect()
    }

    fn uns<'b>(&'b self, tables: Vec<(&'b str, &'b Columns)>) -> Uns<'b> {
        Uns {
            name: UNS,
            value: &self.metadata,
            tables,
        }
    }

    fn write_h5ad(&self, path: &Path) -> Result<()> {
        AnnData {
            obs: self.samples.clone(),
            var: self.sets.clone(),
            x: Values::Dense(Dense {
                values: self.scores.values(),
                columns: self.scores.columns().len(),
            }),
            obsm: self.obsm(false),
            uns: vec![self.uns(Vec::new())],
        }
        .write(path)
    }

    fn write_obsm(&self, path: &Path) -> Result<()> {
        let Some((matrix, from)) = self.expression else {
            return Err(Error::config(
                "--format",
                "h5ad-obsm needs the one matrix that was scored; h5ad writes the scores by \
                 themselves",
            ));
        };
        refuse_structured(from)?;
        let nodes = vec![("nodes", &self.sets)];
        if from.is_file() && is_h5ad(from)? {
            return add_to_copy(from, path, &self.obsm(true), &self.uns(nodes));
        }
        let dense = matrix.to_dense()?;
        let x = Dense {
            values: &dense,
            columns: matrix.n_genes(),
        };
        let zeros = dense.iter().filter(|value| **value == 0.0).count();
        let sparse = zeros as f64 > SPARSE_FROM * dense.len() as f64;
        AnnData {
            obs: self.samples.clone(),
            var: Columns::new(matrix.genes().to_vec()),
            x: if sparse {
                Values::Sparse(x)
            } else {
                Values::Dense(x)
            },
            obsm: self.obsm(true),
            uns: vec![self.uns(nodes)],
        }
        .write(path)
    }
}
