//! The options that say what data there are and how they are read, and the reading.

use super::console::Console;
use crate::error::{Error, Result};
use crate::expression::{
    DuplicateGenes, ExpressionMatrix, FeatureType, GeneColumn, Layer, MissingValues, Orientation,
    ReadOptions, Streaming, located,
};
use crate::genesets::{DuplicateNames, GeneSetCollection, Relations, bundled};
use crate::identifiers::{
    Diagnosis, GeneMapping, IdFate, IdTable, Matching, genes_as_descriptions,
};
use crate::wording::number_of;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// An expression matrix.
#[derive(clap::Args)]
#[command(next_help_heading = "Reading expression")]
pub(super) struct ExpressionArgs {
    /// Expression: TSV, CSV or GCT (gzip or not), h5ad, 10x h5, a 10x MTX folder, loom, GCTX or
    /// Parquet, told apart by content, or a folder with one of them; for `fit` and for models trained so, several over the same
    /// samples as NAME=PATH,NAME=PATH.
    #[arg(long, short, value_name = "PATH")]
    pub expression: PathBuf,
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// How an expression matrix is read.
#[derive(clap::Args)]
#[command(next_help_heading = "Reading expression")]
pub(super) struct ReadingArgs {
    /// Whether the genes are the table's rows or columns: auto, rows, columns.
    #[arg(long, default_value = "auto", value_name = "SIDE")]
    genes_as: String,
    /// Genes that stand in the file several times: auto, sum, mean, max, first, error.
    #[arg(long, default_value = "auto", value_name = "POLICY")]
    duplicate_genes: String,
    /// Missing values: error, zero, mean (of the gene).
    #[arg(long, default_value = "error", value_name = "POLICY")]
    missing: String,
    /// What names the genes where a file has several names: symbol, id (the first column of 10x,
    /// the row names of other files), or a column of h5ad's var or of GCT's row metadata.
    #[arg(long, default_value = "symbol", value_name = "COLUMN")]
    gene_column: String,
    /// The matrix of an h5ad file: auto (counts if there are any), X, raw, or a layer's name; a
    /// layer of a loom file; a genome of an old 10x h5.
    #[arg(long, default_value = "auto", value_name = "LAYER")]
    layer: String,
    /// Whether the matrix of an h5ad (by rows), 10x h5 or GCTX file is read from disk a block of
    /// samples at a time: auto (if it would take more than half of the memory available), always,
    /// never.
    #[arg(long, default_value = "auto", value_name = "WHEN")]
    stream: String,
    /// The features of 10x data: genes, all, or a type such as "Antibody Capture".
    #[arg(long, default_value = "genes", value_name = "TYPE")]
    features: String,
    /// A table of the data's identifiers and those to use instead (orthologs, aliases, ...): two
    /// columns, tab or comma. What it lacks keeps its name; the shipped table comes after it.
    #[arg(long, value_name = "FILE")]
    id_table: Option<PathBuf>,
}

impl ExpressionArgs {
    /// The matrix itself where its folder is given. What a command writes may change what is found,
    /// so it asks first.
    pub fn file(&self) -> Result<Cow<'_, Path>> {
        located(&self.expression)
    }

    pub fn read(&self, console: &Console) -> Result<ExpressionMatrix> {
        self.reading.read(&self.expression, console)
    }

    /// The matrices of `NAME=PATH,NAME=PATH`; `None` for a plain path.
    pub fn blocks(&self, console: &Console) -> Result<Option<Vec<(String, ExpressionMatrix)>>> {
        self.reading.blocks(&self.expression, console)
    }
}

impl ReadingArgs {
    /// Whether any of these options says something else than it does by default.
    pub fn is_given(&self) -> bool {
        let texts = [
            (&self.genes_as, "auto"),
            (&self.duplicate_genes, "auto"),
            (&self.missing, "error"),
            (&self.gene_column, "symbol"),
            (&self.layer, "auto"),
        ];
        self.id_table.is_some() || texts.iter().any(|(own, usual)| own != usual)
    }

    pub fn read(&self, path: &Path, console: &Console) -> Result<ExpressionMatrix> {
        self.renamed(self.read_unnamed(path, console)?, console)
    }

    /// Reads a matrix that is needed whole, for the reason given.
    pub fn read_whole(
        &self,
        path: &Path,
        reason: &str,
        console: &Console,
    ) -> Result<ExpressionMatrix> {
        let mut options = self.options()?;
        if options.streaming == Streaming::Always {
            return Err(Error::config(
                "--stream",
                format!("always does not go with {reason}"),
            ));
        }
        options.streaming = Streaming::Never;
        self.renamed(read_with(path, &options, console)?, console)
    }

    /// The table of identifiers, if one is given.
    pub fn id_table(&self) -> Result<Option<IdTable>> {
        self.id_table.as_ref().map(IdTable::from_path).transpose()
    }

    /// The matrix as it is in the file, but for the table of identifiers.
    pub fn read_unnamed(&self, path: &Path, console: &Console) -> Result<ExpressionMatrix> {
        read_with(path, &self.options()?, console)
    }

    /// The matrix with its genes renamed by the table of identifiers, if one is given.
    pub fn renamed(&self, matrix: ExpressionMatrix, console: &Console) -> Result<ExpressionMatrix> {
        let Some(table) = self.id_table()? else {
            return Ok(matrix);
        };
        let (names, fates) = table.apply(matrix.genes())?;
        let count = |wanted: fn(&IdFate) -> bool| fates.iter().filter(|fate| wanted(fate)).count();
        let absent = count(|fate| *fate == IdFate::Absent);
        console.note(format!(
            "identifiers: {} of {} genes are in the table of --id-table",
            fates.len() - absent,
            fates.len()
        ));
        let several = count(|fate| matches!(fate, IdFate::Ambiguous(_)));
        if several > 0 {
            console.warn(format!(
                "{} several new names in the table of --id-table; the first was taken",
                match several {
                    1 => "1 gene has".to_owned(),
                    _ => format!("{several} genes have"),
                }
            ));
        }
        matrix.renamed(&names, self.duplicate_genes.parse()?)
    }

    fn options(&self) -> Result<ReadOptions> {
        Ok(ReadOptions {
            orientation: self.genes_as.parse::<Orientation>()?,
            duplicate_genes: self.duplicate_genes.parse::<DuplicateGenes>()?,
            missing: self.missing.parse::<MissingValues>()?,
            gene_column: self.gene_column.parse::<GeneColumn>()?,
            layer: self.layer.parse::<Layer>()?,
            streaming: self.stream.parse::<Streaming>()?,
            features: self.features.parse::<FeatureType>()?,
        })
    }

    /// The matrices of `NAME=PATH,NAME=PATH`; `None` for a plain path.
    pub fn blocks(
        &self,
        path: &Path,
        console: &Console,
    ) -> Result<Option<Vec<(String, ExpressionMatrix)>>> {
        let text = path.to_string_lossy();
        if path.exists() || !text.contains('=') {
            return Ok(None);
        }
        let parts = text.split(',').map(|part| {
            let (name, path) = part.split_once('=').ok_or_else(|| {
                let message = format!("is PATH or NAME=PATH,NAME=PATH, and {part:?} has no name");
                Error::config("--expression", message)
            })?;
            let reason = "several matrices, which are joined in memory";
            let matrix = self.read_whole(Path::new(path), reason, console)?;
            Ok((name.to_owned(), matrix))
        });
        parts.collect::<Result<_>>().map(Some)
    }
}

fn read_with(path: &Path, options: &ReadOptions, console: &Console) -> Result<ExpressionMatrix> {
    let path = &*located(path)?;
    let matrix = ExpressionMatrix::read(path, options)?;
    report_matrix(path, &matrix, console);
    Ok(matrix)
}

pub(super) fn report_matrix(path: &Path, matrix: &ExpressionMatrix, console: &Console) {
    console.note(format!(
        "{}: {} x {}{}",
        path.display(),
        number_of(matrix.n_samples(), "sample"),
        number_of(matrix.n_genes(), "gene"),
        if matrix.is_streamed() {
            ", streamed from disk"
        } else {
            ""
        }
    ));
    for warning in matrix.warnings() {
        console.warn(format!("{}: {warning}", path.display()));
    }
}

/// Which gene sets, and how they are read.
#[derive(clap::Args)]
#[command(next_help_heading = "Reading gene sets")]
pub(super) struct GeneSetArgs {
    /// Gene sets: a GMT, GMX, GRP or MSigDB JSON file, an edge list, a folder of GRP files, or the
    /// name of a collection that ships with gsae or was fetched (see `gsae genesets list`);
    /// several separated by commas.
    #[arg(long, short, value_name = "PATH_OR_NAME")]
    pub gene_sets: String,
    /// Sets of one name: rename, error, first, last, union, smallest, largest, drop.
    #[arg(long, default_value = "rename", value_name = "POLICY")]
    duplicate_sets: String,
}

impl GeneSetArgs {
    pub fn read(&self, console: &Console) -> Result<GeneSetCollection> {
        let collection = open(&self.gene_sets, &self.duplicate_sets)?;
        report_collection(&self.gene_sets, &collection, console);
        Ok(collection)
    }
}

/// Gene sets that not every model needs, and their hierarchy.
#[derive(clap::Args)]
#[command(next_help_heading = "Reading gene sets")]
pub(super) struct ModelGeneSetArgs {
    /// Gene sets: a GMT, GMX, GRP or MSigDB JSON file, an edge list, a folder of GRP files, or the
    /// name of a collection that ships with gsae or was fetched (see `gsae genesets list`);
    /// several separated by commas.
    /// Models without gene-set nodes need none.
    #[arg(long, short, value_name = "PATH_OR_NAME")]
    gene_sets: Option<String>,
    /// Sets of one name: rename, error, first, last, union, smallest, largest, drop.
    #[arg(long, default_value = "rename", value_name = "POLICY")]
    duplicate_sets: String,
    /// Parent-child relations of the sets (parent TAB child), for --levels; collections that
    /// ship with gsae or were fetched bring theirs.
    #[arg(long, value_name = "FILE")]
    relations: Option<PathBuf>,
}

impl ModelGeneSetArgs {
    /// The sets, if any are given.
    pub fn read(&self, console: &Console) -> Result<Option<GeneSetCollection>> {
        let Some(names) = &self.gene_sets else {
            return Ok(None);
        };
        let collection = open(names, &self.duplicate_sets)?;
        report_collection(names, &collection, console);
        Ok(Some(collection))
    }

    /// Whether a file of relations is given.
    pub fn has_relations(&self) -> bool {
        self.relations.is_some()
    }

    /// The relations: of the file given, or those of collections that ship with gsae or were
    /// fetched.
    pub fn relations(&self) -> Result<Option<Relations>> {
        if let Some(path) = &self.relations {
            return Relations::from_path(path).map(Some);
        }
        let name = self.gene_sets.as_deref().unwrap_or_default();
        bundled::relations_of(name)
    }
}

pub(super) fn open(names: &str, duplicate_sets: &str) -> Result<GeneSetCollection> {
    let options = crate::genesets::ReadOptions {
        duplicate_names: duplicate_sets.parse::<DuplicateNames>()?,
        format: None,
    };
    GeneSetCollection::open(names, &options)
}

pub(super) fn report_collection(name: &str, collection: &GeneSetCollection, console: &Console) {
    console.note(format!(
        "{name}: {}, {}, {}",
        number_of(collection.len(), "gene set"),
        number_of(collection.genes().len(), "gene"),
        number_of(collection.memberships(), "membership")
    ));
    if let Some(remark) = genes_as_descriptions(collection) {
        console.warn(format!("{name}: {remark}"));
    }
    let lints = collection.lints();
    for lint in lints.iter().take(5) {
        console.warn(format!("{name}: {lint}"));
    }
    if lints.len() > 5 {
        console.warn(format!(
            "{name}: {}; `gsae genesets check {name}` lists them",
            number_of(lints.len() - 5, "more remark")
        ));
    }
}

/// The default of `--min-match`.
pub(super) const MIN_MATCH: f64 = 0.1;

/// How identifiers are matched.
#[derive(clap::Args)]
#[command(next_help_heading = "Matching identifiers")]
pub(super) struct MatchArgs {
    /// How the data's genes are renamed to match the sets: auto, none, strip-version,
    /// to-symbol, to-entrez, to-ensembl, upper-case.
    #[arg(long, default_value = "auto", value_name = "MAPPING")]
    gene_mapping: String,
    /// Stop if a smaller share of genes than this is matched, on both sides.
    #[arg(long, default_value_t = MIN_MATCH, value_name = "SHARE")]
    min_match: f64,
}

impl Default for MatchArgs {
    fn default() -> Self {
        Self {
            gene_mapping: "auto".to_owned(),
            min_match: MIN_MATCH,
        }
    }
}

impl MatchArgs {
    /// The mapping asked for, `None` for the best; refuses values that make no sense.
    fn mapping(&self) -> Result<Option<GeneMapping>> {
        if !(0.0..=1.0).contains(&self.min_match) {
            return Err(Error::config(
                "--min-match",
                format!("must be in [0, 1], not {}", self.min_match),
            ));
        }
        match self.gene_mapping.as_str() {
            "auto" => Ok(None),
            name => name.parse().map(Some),
        }
    }

    pub fn check(&self) -> Result<()> {
        self.mapping().map(drop)
    }

    /// Diagnoses, maps where that helps, and stops below the limit; tells what it found.
    pub fn apply(
        &self,
        matrix: ExpressionMatrix,
        collection: &GeneSetCollection,
        console: &Console,
    ) -> Result<(ExpressionMatrix, Matching)> {
        let set_genes = collection.gene_counts();
        let given = Diagnosis::new(matrix.genes(), &set_genes)?;
        let mut diagnosis = given.clone();
        let trial = match self.mapping()? {
            Some(mapping) => diagnosis.trial(mapping),
            None => diagnosis.best(),
        };
        let mapped = Diagnosis::apply(trial, matrix.genes(), &set_genes)?;
        let mut matrix = matrix;
        if let Some((from, to)) = mapped.changed.first() {
            console.note(format!(
                "{} renamed ({trial}), for example {from} to {to}",
                number_of(mapped.changed.len(), "gene"),
            ));
            matrix = matrix.renamed(&mapped.names, DuplicateGenes::Auto)?;
            diagnosis = Diagnosis::new(matrix.genes(), &set_genes)?;
        }
        console.note(format!(
            "identifiers: {} of the data's {} ({:.0} %) are in gene sets, {} of the sets' \
             {} ({:.0} %) are in the data",
            diagnosis.data.matched,
            number_of(diagnosis.data.genes, "gene"),
            100.0 * diagnosis.data.rate(),
            diagnosis.sets.matched,
            diagnosis.sets.genes,
            100.0 * diagnosis.sets.rate(),
        ));
        if let Err(cause) = diagnosis.check(self.min_match) {
            let samples = matrix.samples().iter();
            let named = samples.filter(|name| set_genes.contains_key(name.as_str()));
            let named = named.count();
            if named > diagnosis.data.matched {
                return Err(Error::data(
                    format!(
                        "{named} of the {} samples are called like genes of the sets, and {} of the \
                         {} genes are: one was taken for the other",
                        matrix.n_samples(),
                        diagnosis.data.matched,
                        matrix.n_genes()
                    ),
                    "Say where the genes are: --genes-as rows, or --genes-as columns.",
                ));
            }
            return Err(given
                .finding(&diagnosis)
                .check(self.min_match)
                .err()
                .unwrap_or(cause));
        }
        let how = (trial, &mapped);
        let matching = Matching::new(&given, how, &diagnosis, matrix.genes(), collection);
        Ok((matrix, matching))
    }
}
