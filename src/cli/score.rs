//! `gsae score`: plain scores of gene sets in samples, without a model.

use super::console::Console;
use super::data_args::{ExpressionArgs, GeneSetArgs, MatchArgs};
use super::enrich::SizeArgs;
use super::format_args::FormatArgs;
use super::paths::{OutScores, OutTable};
use crate::activity::{PlainBlock, PlainMethod, ScoreFormat, ScoreOutput, ScoreTable};
use crate::error::{Error, Result};
use crate::expression::{ExpressionMatrix, Normalization};
use crate::genesets::SelectedSet;
use crate::io::{Column, Columns, compressed, is_h5ad, one_field, write_atomically};
use crate::stats::scores::{
    AucellOptions, GsvaOptions, Kernel, Members, SsgseaOptions, ZScoreCenter, dependent_sets,
};
use crate::wording::number_of;
use std::fmt::Write;
use std::path::Path;

/// Bytes from which on a method that needs all samples in full says so.
const SAID_FROM: u64 = 1_000_000_000;

const EXAMPLE: &str = "Example:\n  gsae score --method ulm --expression \
                       examples/pbmc3k/expression.tsv.gz --gene-sets reactome --out ulm.tsv";

#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Args {
    /// The score: ulm, mlm, mean-z, zscore, aucell, ssgsea, gsva.
    #[arg(long, value_name = "NAME")]
    method: String,
    #[command(flatten)]
    expression: ExpressionArgs,
    #[command(flatten)]
    gene_sets: GeneSetArgs,
    #[command(flatten)]
    matching: MatchArgs,
    #[command(flatten)]
    sizes: SizeArgs,
    /// auto, log1p-cp10k (raw counts), log2p1 (linear values), none (log values).
    #[arg(long, default_value = "auto", value_name = "KIND")]
    normalization: String,
    /// aucell: how many genes from the top count; 5 % of all if not given.
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    /// gsva: gaussian (log values), poisson (raw counts, which are then not normalised), empirical.
    #[arg(long, value_name = "NAME")]
    kernel: Option<String>,
    /// The file to write: samples x gene sets.
    #[arg(long, short, value_name = "FILE")]
    out: OutScores,
    #[command(flatten)]
    format: FormatArgs,
    /// Write the two-sided p-values of ulm, mlm or zscore: samples x gene sets.
    #[arg(long, value_name = "FILE")]
    p_values: Option<OutTable>,
}

/// The options, understood and fitting together.
struct Choice {
    method: PlainMethod,
    normalization: Option<Normalization>,
}

impl Args {
    /// The method by its name.
    fn method(&self) -> Result<PlainMethod> {
        Ok(match self.method.as_str() {
            "ulm" => PlainMethod::Ulm,
            "mlm" => PlainMethod::Mlm,
            "mean-z" => PlainMethod::MeanZ,
            "zscore" => PlainMethod::ZScore(ZScoreCenter::SampleMean),
            "aucell" => PlainMethod::Aucell(AucellOptions {
                top: self.top,
                ..AucellOptions::default()
            }),
            "ssgsea" => PlainMethod::Ssgsea(SsgseaOptions::default()),
            "gsva" => PlainMethod::Gsva(GsvaOptions::default()),
            name => {
                return Err(Error::config(
                    "--method",
                    format!("is ulm, mlm, mean-z, zscore, aucell, ssgsea or gsva, not {name:?}"),
                ));
            }
        })
    }

    fn choice(&self) -> Result<Choice> {
        let mut method = self.method()?;
        let name = self.method.as_str();
        let only = |option: &'static str, given: bool, fits: &[&str], methods: &str| {
            if given && !fits.contains(&name) {
                let message = format!("is for {methods}, not for {name}");
                return Err(Error::config(option, message));
            }
            Ok(())
        };
        only("--top", self.top.is_some(), &["aucell"], "aucell")?;
        only("--kernel", self.kernel.is_some(), &["gsva"], "gsva")?;
        only(
            "--p-values",
            self.p_values.is_some(),
            &["ulm", "mlm", "zscore"],
            "ulm, mlm and zscore",
        )?;
        let kernel = match self.kernel.as_deref().unwrap_or("gaussian") {
            "gaussian" => Kernel::Gaussian,
            "poisson" => Kernel::Poisson,
            "empirical" => Kernel::Empirical,
            name => {
                return Err(Error::config(
                    "--kernel",
                    format!("is gaussian, poisson or empirical, not {name:?}"),
                ));
            }
        };
        if let PlainMethod::Gsva(options) = &mut method {
            options.kernel = kernel;
        }
        let normalization = match self.normalization.as_str() {
            "auto" if kernel == Kernel::Poisson => Some(Normalization::None),
            "auto" => None,
            name => Some(name.parse()?),
        };
        self.matching.check()?;
        Ok(Choice {
            method,
            normalization,
        })
    }
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let choice = args.choice()?;
    let path = &*args.expression.file()?;
    let format = args.format.for_path(&args.out, path)?;
    let collection = args.gene_sets.read(console)?;
    let matrix = match choice.method.whole_bytes(1, 1) {
        None => args.expression.read(console)?,
        Some(_) => {
            let reason = format!("{}, which needs all samples in memory", args.method);
            args.expression.reading.read_whole(path, &reason, console)?
        }
    };
    let (matrix, _) = args.matching.apply(matrix, &collection, console)?;
    let normalization = normalization(&matrix, choice.normalization, console);
    let mut sets = args.sizes.select(&collection, matrix.genes(), console)?;
    if choice.method == PlainMethod::Mlm {
        sets = independent(sets, matrix.n_genes(), console)?;
    }
    let needed = choice
        .method
        .whole_bytes(matrix.n_samples(), matrix.n_genes());
    if let Some(bytes) = needed.filter(|bytes| *bytes >= SAID_FROM) {
        console.note(format!(
            "memory: {} needs all samples written out in full, about {:.1} GB",
            args.method,
            bytes as f64 / 1e9
        ));
    }
    let run = Scoring {
        choice: &choice,
        normalization,
        matrix: &matrix,
        members: members(&sets)?,
        names: sets.iter().map(|set| set.name.clone()).collect(),
        p_values: args.p_values.as_deref(),
    };
    if format == ScoreFormat::Tsv {
        ScoreTable::write_blocks(&args.out, |write| {
            run.each_block(&mut |block| write(&run.table(block)?))
        })?;
    } else {
        let mut values = Vec::with_capacity(matrix.n_samples() * sets.len());
        run.each_block(&mut |block| {
            values.extend(block.scores.iter().map(|score| *score as f32));
            Ok(())
        })?;
        let scores = ScoreTable::new(matrix.samples().to_vec(), run.names.clone(), values)?;
        let mut output = ScoreOutput::new(&scores);
        output.sets = known(&sets, &scores)?;
        output.samples = args.format.labels(&scores)?;
        output.metadata["method"] = args.method.as_str().into();
        output.metadata["gene_sets"] = args.gene_sets.gene_sets.as_str().into();
        // A new file holds the genes as they were scored; a copy needs none.
        let copies = !path.is_file() || is_h5ad(path)?;
        let normalized = match (format, normalization) {
            (ScoreFormat::H5adObsm, normalization)
                if normalization != Normalization::None && !copies =>
            {
                Some(normalization.normalize(&matrix)?)
            }
            _ => None,
        };
        output.expression = Some((normalized.as_ref().unwrap_or(&matrix), path));
        output.write(&args.out, format)?;
    }
    console.note(format!(
        "wrote {} ({} x {})",
        args.out.display(),
        number_of(matrix.n_samples(), "sample"),
        number_of(sets.len(), "gene set")
    ));
    Ok(())
}

/// What is scored, and how.
struct Scoring<'a> {
    choice: &'a Choice,
    normalization: Normalization,
    matrix: &'a ExpressionMatrix,
    members: Vec<Members>,
    names: Vec<String>,
    p_values: Option<&'a Path>,
}

impl Scoring<'_> {
    /// Shows the scores block by block; writes the p-values that are asked for meanwhile.
    fn each_block(&self, see: &mut dyn FnMut(&PlainBlock) -> Result<()>) -> Result<()> {
        let score = |see: &mut dyn FnMut(&PlainBlock) -> Result<()>| {
            let normalization = self.normalization;
            let method = self.choice.method;
            method.score(self.matrix, normalization, &self.members, &mut |block| {
                see(&block)
            })
        };
        let Some(path) = self.p_values else {
            return score(see);
        };
        let whole = |file: &mut dyn std::io::Write| {
            let mut write = |text: &str| {
                file.write_all(text.as_bytes())
                    .map_err(Error::io("write", path))
            };
            let names: Vec<String> = self.names.iter().map(|name| one_field(name)).collect();
            write(&format!("sample\t{}\n", names.join("\t")))?;
            score(&mut |block| {
                if let Some(p) = &block.p {
                    let samples = &self.matrix.samples()[block.first..];
                    for (sample, row) in samples.iter().zip(p.chunks(names.len().max(1))) {
                        write(&p_row(sample, row))?;
                    }
                }
                see(block)
            })
        };
        write_atomically(path, |file| compressed(path, file, whole))
    }

    fn table(&self, block: &PlainBlock) -> Result<ScoreTable> {
        let values: Vec<f32> = block.scores.iter().map(|score| *score as f32).collect();
        let count = values.len() / self.names.len().max(1);
        let samples = self.matrix.samples()[block.first..block.first + count].to_vec();
        ScoreTable::new(samples, self.names.clone(), values)
    }
}

/// The sets as a table: description, genes of the set, genes of it in the data.
fn known(sets: &[SelectedSet], scores: &ScoreTable) -> Result<Columns> {
    let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let descriptions = sets.iter().map(|set| set.description.clone());
    let sizes = sets.iter().map(|set| whole(set.size));
    let found = sets.iter().map(|set| whole(set.found));
    Columns::new(scores.columns().to_vec())
        .with("description", Column::Text(descriptions.collect()))?
        .with("size", Column::Whole(sizes.collect()))?
        .with("found", Column::Whole(found.collect()))
}

fn normalization(
    matrix: &ExpressionMatrix,
    asked: Option<Normalization>,
    console: &Console,
) -> Normalization {
    asked.unwrap_or_else(|| {
        let detected = Normalization::detect(matrix);
        let (found, reason) = (detected.normalization, detected.reason);
        console.note(format!("normalization: {found} ({reason})"));
        found
    })
}

fn members(sets: &[SelectedSet]) -> Result<Vec<Members>> {
    sets.iter()
        .map(|set| {
            let weights = set
                .weights
                .iter()
                .map(|weight| f64::from(*weight))
                .collect();
            Members::weighted(set.genes.clone(), weights)
        })
        .collect()
}

/// Without the sets that a multivariate model cannot tell from others.
fn independent(
    mut sets: Vec<SelectedSet>,
    genes: usize,
    console: &Console,
) -> Result<Vec<SelectedSet>> {
    let dependent = dependent_sets(&members(&sets)?, genes)?;
    if !dependent.is_empty() {
        let names: Vec<String> = dependent
            .iter()
            .take(3)
            .map(|&at| format!("{:?}", sets[at].name))
            .collect();
        console.warn(format!(
            "{} gene sets are combinations of sets before them, such as the same genes again, \
             and are left out of the model ({}{})",
            dependent.len(),
            names.join(", "),
            if dependent.len() > 3 { ", ..." } else { "" },
        ));
    }
    for &at in dependent.iter().rev() {
        sets.remove(at);
    }
    Ok(sets)
}

/// The p-values of a sample in full range, which single precision has not.
fn p_row(sample: &str, row: &[f64]) -> String {
    let mut text = one_field(sample);
    for p in row {
        // Writing to a String cannot fail.
        let _ = match p.is_nan() {
            true => write!(text, "\tNA"),
            false => write!(text, "\t{p:.6e}"),
        };
    }
    text.push('\n');
    text
}
