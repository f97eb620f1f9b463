//! `gsae genesets fetch`: gene sets from the network into the cache.

use crate::cli::console::Console;
use crate::error::{Error, Result};
use crate::genesets::{CollectionName, GeneSetCache};
use crate::remote::{
    FetchOptions, FetchProgress, Limits, SourceFormat, SourceInfo, fetch, name_of,
};
use crate::wording::number_of;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::Duration;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// What to fetch: msigdb:h, msigdb:c2.cp.reactome@2024.1.Hs, enrichr:KEGG_2021_Human,
    /// reactome, wikipathways, go:bp, ... (see `gsae genesets list --remote`).
    #[arg(value_name = "SOURCE")]
    source: String,
    /// The species, where the source has several: human, mouse, ...
    #[arg(long, value_name = "NAME")]
    species: Option<String>,
    /// The form to ask MSigDB for: gmt, or json, whose descriptions are stable ids.
    #[arg(long, default_value = "gmt", value_name = "FORMAT")]
    format: String,
    /// Download again what is in the cache.
    #[arg(long)]
    refresh: bool,
    /// The SHA-256 that the file with the gene sets must have.
    #[arg(long, value_name = "HEX")]
    sha256: Option<String>,
    #[command(flatten)]
    network: NetworkArgs,
}

/// How the network is used.
#[derive(clap::Args)]
#[command(next_help_heading = "Network")]
pub(in crate::cli) struct NetworkArgs {
    /// Never touch the network: use what is in the cache (also GSAE_OFFLINE=1).
    #[arg(long)]
    offline: bool,
    /// A mirror with the source's layout, in place of the source's own address.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Longest time for one file, in seconds.
    #[arg(long, default_value_t = TIMEOUT, value_name = "SECONDS")]
    timeout: f64,
    /// Further attempts after a first that fails.
    #[arg(long, default_value_t = RETRIES, value_name = "N")]
    retries: u32,
    /// Largest download, and largest content unpacked from it, in MB.
    #[arg(long, default_value_t = MAX_SIZE, value_name = "MB")]
    max_size: u64,
}

/// Their defaults.
const TIMEOUT: f64 = 1800.0;
const RETRIES: u32 = 4;
const MAX_SIZE: u64 = 1024;

impl NetworkArgs {
    /// The first of these options that says how to use the network.
    pub fn given(&self) -> Option<&'static str> {
        let options = [
            ("--base-url", self.base_url.is_some()),
            ("--timeout", self.timeout != TIMEOUT),
            ("--retries", self.retries != RETRIES),
            ("--max-size", self.max_size != MAX_SIZE),
        ];
        let found = options.into_iter().find(|(_, given)| *given);
        found.map(|(option, _)| option)
    }

    pub fn options(&self) -> Result<FetchOptions> {
        let total = Duration::try_from_secs_f64(self.timeout)
            .ok()
            .filter(|total| !total.is_zero())
            .ok_or_else(|| {
                let message = format!("is a time in seconds above 0, not {}", self.timeout);
                Error::config("--timeout", message)
            })?;
        let max_bytes = self.max_size.checked_mul(1 << 20).filter(|size| *size > 0);
        let max_bytes = max_bytes.ok_or_else(|| {
            Error::config("--max-size", format!("makes no sense: {}", self.max_size))
        })?;
        Ok(FetchOptions {
            offline: self.offline || FetchOptions::offline_by_environment(),
            base_url: self.base_url.clone(),
            limits: Limits {
                total,
                max_bytes,
                retries: self.retries,
                ..Limits::default()
            },
            ..FetchOptions::default()
        })
    }
}

impl Args {
    /// The name of what is fetched.
    pub(in crate::cli) fn name(&self) -> Result<CollectionName> {
        name_of(&self.source, self.species.as_deref())
    }
}

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let name = args.name()?;
    let options = FetchOptions {
        refresh: args.refresh,
        sha256: args.sha256.clone(),
        format: args.format.parse::<SourceFormat>()?,
        ..args.network.options()?
    };
    let cache = GeneSetCache::of_user()?;
    console.note(format!(
        "licence of {}: {}",
        name.source(),
        SourceInfo::of(name.source()).licence
    ));
    let fetched = fetch(&name, &cache, &options, &mut Progress::new(console))?;
    let record = fetched.collection.provenance();
    for remark in record.remarks.iter().take(5) {
        console.warn(format!("{}: {remark}", record.name));
    }
    if record.remarks.len() > 5 {
        console.note(format!(
            "{} in {}",
            number_of(record.remarks.len() - 5, "more remark"),
            fetched.collection.folder().join("source.json").display()
        ));
    }
    let how = if fetched.was_cached {
        "was in the cache"
    } else {
        "fetched"
    };
    console.tell(&format!(
        "{}: {how}: {}, {}. Use it with --gene-sets {name}\n",
        record.name,
        number_of(record.sets, "gene set"),
        number_of(record.genes, "gene")
    ));
    Ok(())
}

/// Shows downloads on standard error: a bar on a terminal, a line elsewhere.
pub(in crate::cli) struct Progress<'a> {
    console: &'a Console,
    bar: Option<ProgressBar>,
}

impl<'a> Progress<'a> {
    pub fn new(console: &'a Console) -> Self {
        Self { console, bar: None }
    }
}

impl FetchProgress for Progress<'_> {
    fn start(&mut self, url: &str, total: Option<u64>, present: u64) {
        let size = total.map_or_else(String::new, |total| format!(" ({total} bytes)"));
        let from = match present {
            0 => String::new(),
            present => format!(", going on after {present} bytes"),
        };
        self.console.note(format!("downloading {url}{size}{from}"));
        if self.console.is_quiet() || !std::io::stderr().is_terminal() {
            return;
        }
        let template = match total {
            Some(_) => "{wide_bar} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left",
            None => "{spinner} {bytes}, {bytes_per_sec}",
        };
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        let bar = bar.with_style(style);
        bar.set_position(present);
        self.bar = Some(bar);
    }

    fn advance(&mut self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(bytes);
        }
    }

    fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn note(&mut self, message: &str) {
        self.console.note(message);
    }
}
