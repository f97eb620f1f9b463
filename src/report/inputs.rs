//! What a report may be given beside the run itself.

use super::Table;
use crate::error::{Error, Result};
use crate::expression::{ExpressionMatrix, SampleTable};
use std::path::Path;

/// All that a report can tell of beside the run.
#[derive(Clone, Default)]
pub struct ReportInputs {
    /// Labels of the samples.
    pub samples: Option<SampleTable>,
    /// The table of `gsae compare`, with the name of its file.
    pub compare: Option<(String, Table)>,
    /// The table of `gsae survival`, with the name of its file.
    pub survival: Option<(String, Table)>,
    /// Kaplan-Meier curves, as `gsae survival --curves` writes them.
    pub curves: Option<Table>,
    /// What the latent units mean.
    pub interpretation: Option<SupersetTables>,
    /// Genes with the statistic they are ranked by, for running sums.
    pub ranking: Option<GeneRanking>,
    /// Expression, its genes named as the model's.
    pub expression: Option<ExpressionMatrix>,
}

/// The tables of a folder that `gsae interpret` wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SupersetTables {
    /// `supersets.tsv`: a row a latent unit.
    pub units: Table,
    /// `tails.tsv`: the most extreme genes and gene sets of every unit.
    pub tails: Table,
}

impl SupersetTables {
    /// Reads the two tables of a folder.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Format`] as [`Table::from_path`]; [`Error::Data`] if they lack
    /// what they are read for.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        let tables = Self {
            units: Table::from_path(folder.join("supersets.tsv"))?,
            tails: Table::from_path(folder.join("tails.tsv"))?,
        };
        for (table, file, column) in [
            (&tables.units, "supersets.tsv", "node"),
            (&tables.tails, "tails.tsv", "node"),
            (&tables.tails, "tails.tsv", "kind"),
            (&tables.tails, "tails.tsv", "name"),
            (&tables.tails, "tails.tsv", "loading"),
        ] {
            if table.column(column).is_none() {
                return Err(Error::data(
                    format!("{} has no column {column}", folder.join(file).display()),
                    "Give the folder that `gsae interpret` wrote.",
                ));
            }
        }
        Ok(tables)
    }
}

/// Genes and the statistic they are ranked by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GeneRanking {
    /// What it ranks by.
    pub title: String,
    /// The genes, named as the model's.
    pub genes: Vec<String>,
    /// A finite number for each, the highest ranked first.
    pub statistics: Vec<f64>,
}

/// How much a report holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportOptions {
    /// The most samples that are shown; of more this many are drawn at random.
    pub max_samples: usize,
    /// The most activities (samples shown times nodes), a byte each; of more nodes those with
    /// findings and the most variable ones have them.
    pub max_values: usize,
    /// The rows of the heatmap.
    pub heatmap_rows: usize,
    /// The seed of the draw of samples.
    pub seed: u64,
}

impl Default for ReportOptions {
    fn default() -> Self {
        Self {
            max_samples: 4000,
            max_values: 3_000_000,
            heatmap_rows: 40,
            seed: 1,
        }
    }
}
