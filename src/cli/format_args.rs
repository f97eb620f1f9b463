//! The options that say how scores are written.

use crate::activity::{ScoreFormat, ScoreTable};
use crate::error::{Error, Result};
use crate::expression::SampleTable;
use crate::io::{Columns, GctVersion, is_h5ad, refuse_structured};
use std::path::{Path, PathBuf};

/// The format of a file of scores.
#[derive(clap::Args)]
pub(super) struct FormatArgs {
    /// tsv (samples x sets), long (a row a sample and set), gct (1.3), gct1.2, json, h5ad (the
    /// sets are the variables), h5ad-obsm (the h5ad that was read, or a new one, with the scores
    /// in obsm). By default as --out ends: .gct, .json, .h5ad; otherwise tsv.
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// Labels of the samples to write beside the scores, in gct, json and h5ad: a table (TSV or
    /// CSV) whose first column names them, h5ad, GCT 1.3, loom, GCTX, or a .cls.
    #[arg(long, value_name = "FILE")]
    samples: Option<PathBuf>,
}

impl FormatArgs {
    /// The format asked for, or the one that the file's name asks for. `expression` is the file
    /// that is scored.
    pub fn for_path(&self, path: &Path, expression: &Path) -> Result<ScoreFormat> {
        let format = match &self.format {
            Some(name) => name.parse()?,
            None => ScoreFormat::of_path(path),
        };
        if format == ScoreFormat::H5adObsm {
            refuse_structured(expression)?;
        }
        if self.samples.is_none() {
            return Ok(format);
        }
        let place = match format {
            ScoreFormat::Tsv | ScoreFormat::Long | ScoreFormat::Gct(GctVersion::V1_2) => {
                format!("has no place in {}", format.name())
            }
            ScoreFormat::H5adObsm if expression.is_file() && is_h5ad(expression)? => {
                "has no place in h5ad-obsm, which keeps the labels of the h5ad that was read"
                    .to_owned()
            }
            _ => return Ok(format),
        };
        let message = format!("{place}; choose gct, json or h5ad, or leave it out");
        Err(Error::config("--samples", message))
    }

    /// The samples with the labels given.
    pub fn labels(&self, scores: &ScoreTable) -> Result<Columns> {
        match &self.samples {
            Some(path) => labels(path, scores),
            None => Ok(Columns::new(scores.samples().to_vec())),
        }
    }
}

/// The scored samples with the labels of a file.
fn labels(path: &Path, scores: &ScoreTable) -> Result<Columns> {
    let table = SampleTable::read_for(path, scores.samples())?;
    Ok(table.columns_for(scores.samples()))
}
