//! The command line: one file a subcommand, no science.

// `console` is the one place that prints: its macros would panic where nobody reads on.
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod activity;
mod association;
mod classify;
mod cluster;
mod compare;
mod completions;
mod console;
mod data_args;
mod defaults;
mod demo;
mod doctor;
mod enrich;
mod evidence;
mod fit;
mod format_args;
mod gene_lists;
mod generate;
mod genesets;
mod interpret;
mod interrupt;
mod model_args;
mod models;
mod network_args;
mod outputs;
mod paths;
mod plot;
mod progress;
mod report;
mod score;
mod survival;
mod weights;

use crate::error::{Error, Result};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use console::{Console, Loudness};

/// Pathway-masked autoencoders that report the activity of every gene set in every sample.
#[derive(Parser)]
#[command(
    name = "gsae",
    version,
    arg_required_else_help = true,
    after_help = "Start with `gsae demo`, then `gsae fit --help`.",
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print results and errors only.
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Say more, with the time since the start.
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    verbose: bool,
    /// Threads that compute; results do not depend on it. All cores by default.
    #[arg(long, global = true, value_name = "N")]
    threads: Option<usize>,
}

#[derive(Subcommand)]
enum Command {
    /// Train on the data that ship with gsae and show what comes out.
    Demo(demo::Args),
    /// Train a model on an expression matrix and gene sets, and score the samples.
    Fit(Box<fit::Args>),
    /// Score samples with a trained model.
    Activity(activity::Args),
    /// Train a model again to see which of its nodes hold: stability, shuffled maps, drift.
    Evidence(evidence::Args),
    /// List the models that `fit` knows, or show what one starts from.
    Models(models::Args),
    /// Write samples as a trained model rebuilds them: denoised expression.
    Reconstruct(generate::ReconstructArgs),
    /// Write new samples: from a variational model, around given ones, or with other covariates.
    Generate(generate::GenerateArgs),
    /// Write samples' latent coordinates, all or in two dimensions.
    Embed(generate::EmbedArgs),
    /// Tell of a run in one HTML file.
    Report(Box<report::Args>),
    /// Draw a figure that stands alone, as SVG or PNG.
    #[command(subcommand)]
    Plot(Box<plot::Command>),
    /// Write the genes' learned weights in every gene set: GMT or an edge list.
    Weights(weights::Args),
    /// What a model's latent units mean: their genes and gene sets, near copies, what they explain.
    Interpret(interpret::Args),
    /// Score samples by a plain method, without a model.
    Score(score::Args),
    /// Compare nodes between groups of samples or along a number.
    Compare(Box<compare::Args>),
    /// Nodes and the time to an event: hazard ratios, log-rank tests, Kaplan-Meier curves.
    Survival(survival::Args),
    /// Cross-validate how well the nodes tell a label.
    Classify(classify::Args),
    /// Cluster samples by their nodes.
    Cluster(cluster::Args),
    /// Gene sets in a gene list (over-representation) or in a ranking (preranked GSEA).
    #[command(subcommand)]
    Enrich(enrich::Command),
    /// Fetch, list, inspect, check, compare, change, convert and draw gene sets.
    #[command(subcommand)]
    Genesets(genesets::Command),
    /// Compare the gene identifiers of a matrix and of gene sets.
    Doctor(doctor::Args),
    /// Print completions for a shell.
    Completions(completions::CompletionsArgs),
    /// Print the manual page, or write one for every command.
    Man(completions::ManArgs),
}

/// The chain of causes of an error, for standard error.
pub fn explain(error: &Error) -> String {
    let mut text = format!("{} {error}", console::marked("error:", console::RED));
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(&format!("\n  because: {inner}"));
        cause = inner.source();
    }
    text
}

/// What the standard library says of `-3` or `x` where a whole number is wanted.
const NO_NUMBER: &str = "invalid digit found in string";

/// Ends the process over arguments that make no sense.
fn refuse(error: &clap::Error) -> ! {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    if cause.as_deref() != Some(NO_NUMBER) {
        error.exit();
    }
    let text = error.render().to_string();
    let text = text.replace(NO_NUMBER, "a whole number from 0 is needed");
    console::remark(text.trim_end());
    std::process::exit(error.exit_code());
}

/// Runs the command line of this process.
///
/// # Errors
/// Whatever the command meets; the message names the place and the remedy.
pub fn run() -> Result<()> {
    let mut command = Cli::command();
    let matches = command
        .try_get_matches_from_mut(std::env::args_os())
        .unwrap_or_else(|error| refuse(&error));
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| refuse(&error));
    paths::check(&command, &matches)?;
    crate::io::hush();
    let _watch = interrupt::Watch::begin();
    let mut pool = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = cli.threads {
        if threads == 0 {
            return Err(Error::config("--threads", "must be at least 1, not 0"));
        }
        pool = pool.num_threads(threads);
    }
    pool.build_global().map_err(|cause| {
        Error::config(
            "--threads",
            format!("cannot be had from the system: {cause}"),
        )
    })?;
    // What polars remarks on malformed tables, our reader makes an error.
    polars::error::set_warning_function(|_, _| {});
    let console = Console::new(match (cli.quiet, cli.verbose) {
        (true, _) => Loudness::Quiet,
        (false, true) => Loudness::Verbose,
        (false, false) => Loudness::Normal,
    });
    console.detail(format!(
        "gsae {}, {} threads",
        env!("CARGO_PKG_VERSION"),
        rayon::current_num_threads()
    ));
    match cli.command {
        Command::Demo(args) => demo::run(&args, &console),
        Command::Fit(args) => fit::run(&args, &console),
        Command::Activity(args) => activity::run(&args, &console),
        Command::Evidence(args) => evidence::run(&args, &console),
        Command::Models(args) => models::run(&args),
        Command::Reconstruct(args) => generate::reconstruct(&args, &console),
        Command::Generate(args) => generate::generate(&args, &console),
        Command::Embed(args) => generate::embed(&args, &console),
        Command::Report(args) => report::run(&args, &console),
        Command::Plot(command) => plot::run(&command, &console),
        Command::Weights(args) => weights::run(&args, &console),
        Command::Interpret(args) => interpret::run(&args, &console),
        Command::Score(args) => score::run(&args, &console),
        Command::Compare(args) => compare::run(&args, &console),
        Command::Survival(args) => survival::run(&args, &console),
        Command::Classify(args) => classify::run(&args, &console),
        Command::Cluster(args) => cluster::run(&args, &console),
        Command::Enrich(command) => enrich::run(&command, &console),
        Command::Genesets(command) => genesets::run(&command, &console),
        Command::Doctor(args) => doctor::run(&args, &console),
        Command::Completions(args) => completions::completions::<Cli>(&args),
        Command::Man(args) => completions::man::<Cli>(&args, &console),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genesets::{GeneSetCollection, ReadOptions};

    /// The commands between backquotes that a message names.
    fn commands(message: &str) -> Vec<Vec<String>> {
        let quoted = message.split('`').skip(1).step_by(2);
        let words = quoted.map(|text| text.split_whitespace().map(str::to_owned).collect());
        words
            .filter(|words: &Vec<String>| words.first().is_some_and(|word| word == "gsae"))
            .collect()
    }

    #[test]
    fn what_is_told_to_fetch_gene_sets_can_be_run() {
        for (asked, fetched) in [
            ("KEGG_2019_Mouse", Some("enrichr:KEGG_2019_Mouse")),
            ("kegg", Some("enrichr:KEGG_2021_Human")),
            ("hallmark", Some("msigdb:h")),
            ("mouse hallmarks", Some("msigdb:mh")),
            ("H", Some("msigdb:h")),
            ("c2.cp.reactome", Some("msigdb:c2.cp.reactome")),
            ("h.all.v2024.1.Hs.symbols.gmt", Some("msigdb:h@2024.1.Hs")),
            ("msigdb:no.such", Some("msigdb:no.such")),
            ("msigdb:hallmark", Some("msigdb:h")),
            ("go:cc.no.such", Some("go:cc.no.such")),
            ("no/hallmark.gmt", None),
            ("nothing", None),
        ] {
            let opened = GeneSetCollection::open(asked, &ReadOptions::default());
            let message = opened
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default();
            let commands = commands(&message);
            assert!(!commands.is_empty(), "{asked}: {message}");
            let mut names = Vec::new();
            for words in commands {
                match Cli::try_parse_from(&words).map(|cli| cli.command) {
                    Ok(Command::Genesets(genesets::Command::Fetch(args))) => {
                        names.push(args.name().map(|name| name.to_string()).ok());
                    }
                    Ok(_) => {}
                    // `gsae genesets fetch` alone is the name of a command.
                    Err(_) => assert_eq!(words, ["gsae", "genesets", "fetch"], "{asked}"),
                }
            }
            let names: Vec<Option<&str>> = names.iter().map(Option::as_deref).collect();
            match fetched {
                Some(_) => assert_eq!(names, [fetched], "{asked}: {message}"),
                None => assert!(names.is_empty(), "{asked}: {message}"),
            }
        }
    }
}
