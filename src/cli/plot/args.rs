//! What the figures ask for.

use crate::association::mismatches;
use crate::cli::console::Console;
use crate::cli::paths::OutFile;
use crate::error::{Error, Result};
use crate::expression::SampleTable;
use crate::io::{write_atomically, write_text};
use crate::report::figures::{Figure, FigureOptions};
use crate::report::{Annotation, Run, annotations, find_name};
use std::path::{Path, PathBuf};

/// What every figure asks.
#[derive(clap::Args)]
#[command(next_help_heading = "Figure")]
pub(in crate::cli) struct FigureArgs {
    /// The file to write: .svg or .png (300 dpi).
    #[arg(long, short, value_name = "FILE")]
    pub out: OutFile,
    /// column (85 mm) or page (170 mm).
    #[arg(long, default_value = "page", value_name = "WIDTH")]
    pub width: String,
    /// A title above the figure.
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
}

impl FigureArgs {
    pub fn options(&self) -> Result<FigureOptions> {
        self.png()?;
        Ok(FigureOptions {
            width: self.width.parse()?,
            title: self.title.clone(),
        })
    }

    fn png(&self) -> Result<bool> {
        let extension = self.out.extension().map(|text| text.to_ascii_lowercase());
        match extension.as_ref().and_then(|text| text.to_str()) {
            Some("png") => Ok(true),
            Some("svg") => Ok(false),
            _ => Err(Error::config(
                "--out",
                format!("has to end in .svg or .png, and is {}", self.out.display()),
            )),
        }
    }

    pub fn write(&self, figure: &Figure, console: &Console) -> Result<()> {
        let path = &self.out;
        if self.png()? {
            let bytes = figure.png()?;
            write_atomically(path, |file| {
                file.write_all(&bytes).map_err(Error::io("write", path))
            })?;
        } else {
            write_text(path, &figure.svg())?;
        }
        console.note(format!("wrote {}", path.display()));
        Ok(())
    }
}

#[derive(clap::Args)]
pub(in crate::cli) struct PlainArgs {
    /// The folder that `gsae fit` wrote.
    #[arg(value_name = "DIR")]
    pub run: PathBuf,
    #[command(flatten)]
    pub figure: FigureArgs,
}

#[derive(clap::Args)]
pub(in crate::cli) struct HeatmapArgs {
    /// The folder that `gsae fit` wrote.
    #[arg(value_name = "DIR")]
    pub run: PathBuf,
    #[command(flatten)]
    pub by: ByArgs,
    /// The pathways that are drawn.
    #[arg(long, default_value_t = 30, value_name = "N")]
    pub rows: usize,
    #[command(flatten)]
    pub figure: FigureArgs,
}

/// A column of the labels.
#[derive(clap::Args)]
pub(in crate::cli) struct ByArgs {
    /// Labels of the samples: a table (TSV or CSV) whose first column names them, h5ad, GCT 1.3,
    /// loom, GCTX, or a .cls.
    #[arg(long, value_name = "FILE")]
    pub samples: Option<PathBuf>,
    /// The column of the labels; the first if not given.
    #[arg(long, value_name = "COLUMN", requires = "samples")]
    pub by: Option<String>,
}

impl ByArgs {
    /// `fate` says what becomes of samples without a label.
    pub fn read(&self, run: &Run, fate: &str, console: &Console) -> Result<Option<Annotation>> {
        let Some(path) = &self.samples else {
            return Ok(None);
        };
        let table = labels_of(run, path, fate, console)?;
        let (known, _) = annotations(run.activity.samples(), &table)?;
        let names: Vec<String> = known.iter().map(|own| own.name.clone()).collect();
        let at = match &self.by {
            Some(name) => find_name(&names, name, "--by")?,
            None => 0,
        };
        match known.into_iter().nth(at) {
            Some(annotation) => Ok(Some(annotation)),
            None => Err(Error::data(
                format!("{} has no column of groups or numbers", path.display()),
                "Give a table with the samples' names and at least one label.",
            )),
        }
    }

    /// As [`read`](Self::read) for points that are coloured; warns of groups that share colours.
    pub fn colors(&self, run: &Run, console: &Console) -> Result<Option<Annotation>> {
        let found = self.read(run, "drawn as not labelled", console)?;
        let repeated = found.as_ref().and_then(Annotation::repeated_colors);
        repeated.iter().for_each(|warning| console.warn(warning));
        Ok(found)
    }

    pub fn need(&self, run: &Run, console: &Console) -> Result<Annotation> {
        self.read(run, "left out", console)?
            .ok_or_else(|| Error::config("--samples", "is needed for the groups"))
    }
}

/// The labels in a file; warns of samples that are in one and not in the other.
pub(super) fn labels_of(
    run: &Run,
    path: &Path,
    fate: &str,
    console: &Console,
) -> Result<SampleTable> {
    let samples = run.activity.samples();
    let table = SampleTable::read_for(path, samples)?;
    let unmatched = mismatches(samples, table.samples(), path, fate)?;
    unmatched.iter().for_each(|warning| console.warn(warning));
    Ok(table)
}

#[derive(clap::Args)]
pub(in crate::cli) struct VolcanoArgs {
    /// The folder that `gsae fit` wrote, if compare.tsv lies there; or give --compare.
    #[arg(value_name = "DIR", required_unless_present = "compare")]
    pub run: Option<PathBuf>,
    /// The table that `gsae compare` wrote; compare.tsv in DIR if not given.
    #[arg(long, value_name = "FILE")]
    pub compare: Option<PathBuf>,
    /// Only the rows of this group, of a table with several.
    #[arg(long, value_name = "NAME")]
    pub group: Option<String>,
    /// Adjusted p-values up to this are coloured.
    #[arg(long, default_value_t = 0.05, value_name = "P")]
    pub level: f64,
    #[command(flatten)]
    pub figure: FigureArgs,
}

impl VolcanoArgs {
    /// The table that is drawn.
    pub fn table(&self) -> Result<PathBuf> {
        if let Some(path) = &self.compare {
            return Ok(path.clone());
        }
        let path = self.run.clone().unwrap_or_default().join("compare.tsv");
        match path.is_file() {
            true => Ok(path),
            false => Err(Error::config(
                "--compare",
                format!(
                    "names the table that `gsae compare` wrote; there is no {}",
                    path.display()
                ),
            )),
        }
    }
}

#[derive(clap::Args)]
pub(in crate::cli) struct GroupArgs {
    /// The folder that `gsae fit` wrote.
    #[arg(value_name = "DIR")]
    pub run: PathBuf,
    /// The pathway: its name, or a part that no other has.
    #[arg(long, value_name = "NAME")]
    pub node: String,
    #[command(flatten)]
    pub by: ByArgs,
    /// violin or ridge.
    #[arg(long, default_value = "violin", value_name = "STYLE")]
    pub style: String,
    #[command(flatten)]
    pub figure: FigureArgs,
}

#[derive(clap::Args)]
pub(in crate::cli) struct EmbeddingArgs {
    /// The folder that `gsae fit` wrote.
    #[arg(value_name = "DIR")]
    pub run: PathBuf,
    #[command(flatten)]
    pub by: ByArgs,
    /// Colour by the activity of this pathway.
    #[arg(long, value_name = "NAME", conflicts_with = "samples")]
    pub node: Option<String>,
    #[command(flatten)]
    pub figure: FigureArgs,
}

#[derive(clap::Args)]
pub(in crate::cli) struct LoadingArgs {
    /// The folder that `gsae fit` wrote.
    #[arg(value_name = "DIR")]
    pub run: PathBuf,
    /// The latent unit: its name, or a part that no other has.
    #[arg(long, value_name = "NAME")]
    pub unit: String,
    /// The folder that `gsae interpret` wrote; without it, correlations with the activities.
    #[arg(long, value_name = "DIR")]
    pub interpret: Option<PathBuf>,
    /// Genes instead of gene sets.
    #[arg(long, requires = "interpret")]
    pub genes: bool,
    #[command(flatten)]
    pub figure: FigureArgs,
}

#[derive(clap::Args)]
pub(in crate::cli) struct RunningSumArgs {
    /// The folder that `gsae fit` wrote.
    #[arg(value_name = "DIR")]
    pub run: PathBuf,
    /// The pathway: its name, or a part that no other has.
    #[arg(long, value_name = "NAME")]
    pub node: String,
    /// Genes with the number they are ranked by: two columns.
    #[arg(long, value_name = "FILE")]
    pub ranking: PathBuf,
    #[command(flatten)]
    pub figure: FigureArgs,
}

#[derive(clap::Args)]
pub(in crate::cli) struct SurvivalArgs {
    /// The folder that `gsae fit` wrote.
    #[arg(value_name = "DIR")]
    pub run: PathBuf,
    /// The pathway: its name, or a part that no other has.
    #[arg(long, value_name = "NAME")]
    pub node: String,
    /// Labels of the samples: a table (TSV or CSV) whose first column names them, h5ad, GCT 1.3,
    /// loom, GCTX, or a .cls.
    #[arg(long, value_name = "FILE")]
    pub samples: PathBuf,
    /// The column with the time of follow-up.
    #[arg(long, value_name = "COLUMN")]
    pub time: String,
    /// The column that says whether the event was seen: 1 or 0, true or false, dead or alive.
    #[arg(long, value_name = "COLUMN")]
    pub event: String,
    #[command(flatten)]
    pub figure: FigureArgs,
}

#[derive(clap::Args)]
pub(in crate::cli) struct MembershipArgs {
    /// The folder that `gsae fit` wrote.
    #[arg(value_name = "DIR")]
    pub run: PathBuf,
    /// The pathway: its name, or a part that no other has.
    #[arg(long, value_name = "NAME")]
    pub node: String,
    /// Genes drawn, those of the largest loadings.
    #[arg(long, default_value_t = 24, value_name = "N")]
    pub genes: usize,
    /// Other pathways drawn, those that share most.
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub neighbours: usize,
    #[command(flatten)]
    pub figure: FigureArgs,
}
