//! `gsae score`: plain scores of gene sets in samples, without a model.

use super::console::Console;
use super::data_args::{ExpressionArgs, GeneSetArgs, MatchArgs};
use super::enrich::SizeArgs;
use super::format_args::FormatArgs;
use crate::activity::{ScoreOutput, ScoreTable};
use crate::error::{Error, Result};
use crate::expression::{ExpressionMatrix, Normalization};
use crate::genesets::SelectedSet;
use crate::io::{Column, Columns, one_field, write_text};
use crate::stats::scores::{
    AucellOptions, Estimates, GsvaOptions, Kernel, Members, Samples, SsgseaOptions, ZScoreCenter,
    aucell, dependent_sets, gsva, mean_z, mlm, ssgsea, ulm, z_score,
};
use std::fmt::Write;
use std::path::PathBuf;

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
    out: PathBuf,
    #[command(flatten)]
    format: FormatArgs,
    /// Write the two-sided p-values of ulm, mlm or zscore: samples x gene sets.
    #[arg(long, value_name = "FILE")]
    p_values: Option<PathBuf>,
}

/// A score that can be asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Ulm,
    Mlm,
    MeanZ,
    ZScore,
    Aucell,
    Ssgsea,
    Gsva,
}

impl Method {
    fn parse(name: &str) -> Result<Self> {
        Ok(match name {
            "ulm" => Self::Ulm,
            "mlm" => Self::Mlm,
            "mean-z" => Self::MeanZ,
            "zscore" => Self::ZScore,
            "aucell" => Self::Aucell,
            "ssgsea" => Self::Ssgsea,
            "gsva" => Self::Gsva,
            _ => {
                return Err(Error::config(
                    "--method",
                    format!("is ulm, mlm, mean-z, zscore, aucell, ssgsea or gsva, not {name:?}"),
                ));
            }
        })
    }
}

/// The options, understood and fitting together.
struct Choice {
    method: Method,
    kernel: Kernel,
    normalization: Option<Normalization>,
}

impl Args {
    fn choice(&self) -> Result<Choice> {
        let method = Method::parse(&self.method)?;
        let only = |option: &'static str, given: bool, fits: bool, methods: &str| {
            if given && !fits {
                let name = &self.method;
                return Err(Error::config(
                    option,
                    format!("is for {methods}, not for {name}"),
                ));
            }
            Ok(())
        };
        only(
            "--top",
            self.top.is_some(),
            method == Method::Aucell,
            "aucell",
        )?;
        only(
            "--kernel",
            self.kernel.is_some(),
            method == Method::Gsva,
            "gsva",
        )?;
        let tests = [Method::Ulm, Method::Mlm, Method::ZScore].contains(&method);
        only(
            "--p-values",
            self.p_values.is_some(),
            tests,
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
        let normalization = match self.normalization.as_str() {
            "auto" if kernel == Kernel::Poisson => Some(Normalization::None),
            "auto" => None,
            name => Some(name.parse()?),
        };
        self.matching.check()?;
        Ok(Choice {
            method,
            kernel,
            normalization,
        })
    }
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let choice = args.choice()?;
    let format = args
        .format
        .for_path(&args.out, &args.expression.expression)?;
    let collection = args.gene_sets.read(console)?;
    let expression = &args.expression;
    let reason = "plain scores, which need all samples in memory";
    let matrix = expression
        .reading
        .read_whole(&expression.expression, reason, console)?;
    let (matrix, _) = args.matching.apply(matrix, &collection, console)?;
    let matrix = normalized(matrix, choice.normalization, console)?;
    let mut sets = args.sizes.select(&collection, matrix.genes(), console)?;
    if choice.method == Method::Mlm {
        sets = independent(sets, matrix.n_genes(), console)?;
    }
    let members = members(&sets)?;
    let (scores, p) = score(args, &choice, &matrix, &members)?;

    let names: Vec<String> = sets.iter().map(|set| set.name.clone()).collect();
    if let (Some(path), Some(p)) = (&args.p_values, p) {
        write_text(path, &p_table(matrix.samples(), &names, &p))?;
    }
    let (n_samples, n_sets) = (matrix.n_samples(), names.len());
    let values = scores.into_iter().map(|score| score as f32).collect();
    let scores = ScoreTable::new(matrix.samples().to_vec(), names, values)?;
    let mut output = ScoreOutput::new(&scores);
    output.sets = known(&sets, &scores)?;
    output.samples = args.format.labels(&scores)?;
    output.metadata["method"] = args.method.as_str().into();
    output.metadata["gene_sets"] = args.gene_sets.gene_sets.as_str().into();
    output.expression = Some((&matrix, &args.expression.expression));
    output.write(&args.out, format)?;
    console.note(format!(
        "wrote {} ({n_samples} samples x {n_sets} gene sets)",
        args.out.display()
    ));
    Ok(())
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

fn normalized(
    matrix: ExpressionMatrix,
    asked: Option<Normalization>,
    console: &Console,
) -> Result<ExpressionMatrix> {
    let normalization = asked.unwrap_or_else(|| {
        let detected = Normalization::detect(&matrix);
        let (found, reason) = (detected.normalization, detected.reason);
        console.note(format!("normalisation: {found} ({reason})"));
        found
    });
    match normalization {
        Normalization::None => Ok(matrix),
        normalization => normalization.normalize(&matrix),
    }
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

/// The scores and, where the method has them, the p-values.
fn score(
    args: &Args,
    choice: &Choice,
    matrix: &ExpressionMatrix,
    sets: &[Members],
) -> Result<(Vec<f64>, Option<Vec<f64>>)> {
    let values = matrix.to_dense()?;
    let samples = Samples::new(&values, matrix.n_genes())?;
    let with_p = |Estimates { scores, p }: Estimates| (scores, Some(p));
    Ok(match choice.method {
        Method::Ulm => with_p(ulm(&samples, sets)?),
        Method::Mlm => with_p(mlm(&samples, sets)?),
        Method::ZScore => with_p(z_score(&samples, sets, ZScoreCenter::SampleMean)?),
        Method::MeanZ => (mean_z(&samples, sets)?, None),
        Method::Aucell => {
            let options = AucellOptions {
                top: args.top,
                ..AucellOptions::default()
            };
            (aucell(&samples, sets, &options)?, None)
        }
        Method::Ssgsea => (ssgsea(&samples, sets, &SsgseaOptions::default())?, None),
        Method::Gsva => {
            let options = GsvaOptions {
                kernel: choice.kernel,
                ..GsvaOptions::default()
            };
            (gsva(&samples, sets, &options)?, None)
        }
    })
}

/// p-values in full range, which single precision has not.
fn p_table(samples: &[String], sets: &[String], p: &[f64]) -> String {
    let mut text = String::from("sample");
    for name in sets {
        text.push('\t');
        text.push_str(&one_field(name));
    }
    text.push('\n');
    for (sample, row) in samples.iter().zip(p.chunks(sets.len().max(1))) {
        text.push_str(&one_field(sample));
        for p in row {
            // Writing to a String cannot fail.
            let _ = match p.is_nan() {
                true => write!(text, "\tNA"),
                false => write!(text, "\t{p:.6e}"),
            };
        }
        text.push('\n');
    }
    text
}
