//! `gsae genesets list`: what ships with gsae, what was fetched, what could be fetched.

use super::fetch::{NetworkArgs, Progress};
use crate::cli::console::{Console, print};
use crate::error::{Error, Result};
use crate::genesets::{CachedCollection, GeneSetCache, bundled};
use crate::remote::{SourceInfo, offers};
use crate::wording::number_of;
use std::fmt::Write;

#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// The sources that gene sets can be fetched from; with the name of one, what it offers now.
    #[arg(long, value_name = "SOURCE", num_args = 0..=1)]
    #[allow(clippy::option_option)]
    remote: Option<Option<String>>,
    #[command(flatten)]
    network: NetworkArgs,
}

// In this file `let _ = writeln!` writes to a String, which cannot fail.

pub(super) fn run(args: &Args, console: &Console) -> Result<()> {
    let asks = matches!(args.remote, Some(Some(_)));
    if let Some(option) = args.network.given().filter(|_| !asks) {
        return Err(Error::config(
            option,
            "is for --remote SOURCE; this list asks no server",
        ));
    }
    let cache = GeneSetCache::of_user()?;
    match &args.remote {
        None => print(&(bundled()? + &fetched(&cache.list()?))),
        Some(None) => print(&sources()),
        Some(Some(source)) => {
            let options = args.network.options()?;
            let mut progress = Progress::new(console);
            let offers = offers(source.parse()?, &cache, &options, &mut progress)?;
            let width = offers.iter().map(|offer| offer.name.len()).max();
            let width = width.unwrap_or_default();
            let mut text = String::new();
            for offer in offers {
                let _ = writeln!(text, "{:<width$}  {}", offer.name, offer.detail);
            }
            print(&text)
        }
    }
}

fn bundled() -> Result<String> {
    let mut text = String::from("name          sets   genes  date        licence           what\n");
    for info in &bundled::COLLECTIONS {
        let collection = info.load()?;
        let _ = writeln!(
            text,
            "{:<12} {:>5}  {:>6}  {:<10}  {:<16}  {}",
            info.name,
            collection.len(),
            collection.genes().len(),
            info.date,
            info.licence,
            info.title
        );
    }
    Ok(text)
}

fn fetched(collections: &[CachedCollection]) -> String {
    if collections.is_empty() {
        return String::new();
    }
    let mut text = String::from("\nfetched (the newest version is meant where none is named)\n");
    for collection in collections {
        let record = collection.provenance();
        let _ = writeln!(
            text,
            "{}  {}, {}, fetched {}  {}",
            record.name,
            number_of(record.sets, "set"),
            number_of(record.genes, "gene"),
            record.fetched.get(..10).unwrap_or_default(),
            record.title
        );
    }
    text
}

fn sources() -> String {
    let mut text = String::new();
    for info in &SourceInfo::ALL {
        let _ = writeln!(text, "{}  {}", info.source, info.title);
        for (what, value) in [
            ("names", info.names),
            ("licence", info.licence),
            ("address", info.base_url),
        ] {
            let _ = writeln!(text, "  {what:<8} {value}");
        }
    }
    text.push_str(
        "`gsae genesets list --remote SOURCE` asks a source what it has; `gsae genesets fetch NAME` \
         fetches.\n",
    );
    text
}
