//! The paths that a command writes: their endings, and that they are no path it reads.

use super::outputs::{FIT_FILES, earlier_fit};
use super::report::REPORT;
use crate::error::{Error, Result};
use crate::expression::located;
use crate::interpret::Interpretation;
use clap::builder::{OsStringValueParser, TypedValueParser, ValueParser, ValueParserFactory};
use clap::{Arg, ArgMatches, Command};
use std::any::TypeId;
use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::ops::Deref;
use std::path::{Path, PathBuf};

/// Endings that say what a file is; an ending that is not among them says nothing.
const KNOWN_ENDINGS: [&str; 29] = [
    "arrow",
    "csv",
    "dot",
    "feather",
    "gct",
    "gctx",
    "gmt",
    "gmx",
    "graphml",
    "grp",
    "h5",
    "h5ad",
    "hdf5",
    "html",
    "json",
    "loom",
    "mtx",
    "ods",
    "parquet",
    "pdf",
    "png",
    "rda",
    "rdata",
    "rds",
    "safetensors",
    "svg",
    "xls",
    "xlsx",
    "xml",
];

/// Options that name inputs, though not as paths alone: a file or the name of a collection.
const PATHS_OR_NAMES: [&str; 3] = ["gene_sets", "with", "background"];

/// Options that name a matrix, for which a folder may stand.
const MATRICES: [&str; 2] = ["expression", "samples"];

/// Files of a 10x MTX folder.
const MTX_FILES: [&str; 8] = [
    "matrix.mtx",
    "matrix.mtx.gz",
    "barcodes.tsv",
    "barcodes.tsv.gz",
    "features.tsv",
    "features.tsv.gz",
    "genes.tsv",
    "genes.tsv.gz",
];

/// A path that a command writes: of this type, [`check`] finds it among the arguments.
macro_rules! written {
    ($(#[$doc:meta])* $name:ident, $accept:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub(super) struct $name(PathBuf);

        impl Deref for $name {
            type Target = Path;

            fn deref(&self) -> &Path {
                &self.0
            }
        }

        impl AsRef<Path> for $name {
            fn as_ref(&self) -> &Path {
                &self.0
            }
        }

        impl ValueParserFactory for $name {
            type Parser = ValueParser;

            fn value_parser() -> ValueParser {
                let accept: fn(&Path) -> Result<(), String> = $accept;
                let parser = OsStringValueParser::new().try_map(move |text: OsString| {
                    let path = PathBuf::from(text);
                    accept(&path).map(|()| Self(path))
                });
                ValueParser::new(parser)
            }
        }
    };
}

written!(
    /// A table with tabs between its columns.
    OutTable,
    |path| ending(path, &[], ".tsv (tabs between the columns)")
);
written!(
    /// Scores in one of their formats.
    OutScores,
    |path| {
        let wanted = ".tsv (tabs between the columns), .gct, .json or .h5ad";
        let name = path.to_string_lossy().to_ascii_lowercase();
        if name.ends_with(".h5ad.gz") {
            let message = "h5ad is not gzipped: let the name end in .h5ad";
            return Err(message.to_owned());
        }
        ending(path, &["gct", "json", "h5ad"], wanted)
    }
);
written!(
    /// Gene sets in one of their formats.
    OutSets,
    |path| {
        let wanted = ".gmt, .gmx, .grp, .json or .tsv (an edge list)";
        ending(path, &["gmt", "gmx", "grp", "json"], wanted)
    }
);
written!(
    /// A graph.
    OutGraph,
    |path| ending(path, &["graphml", "xml", "dot"], ".graphml or .dot")
);
written!(
    /// A file of another kind, whose ending its command judges.
    OutFile,
    |_| Ok(())
);
written!(
    /// The folder that `gsae fit` fills.
    FitFolder,
    |_| Ok(())
);
written!(
    /// The folder that `gsae interpret` fills.
    InterpretFolder,
    |_| Ok(())
);

/// Refuses an ending that says something else than what is written.
fn ending(path: &Path, fitting: &[&str], wanted: &str) -> Result<(), String> {
    let name = path.to_string_lossy().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let found = Path::new(name).extension().and_then(OsStr::to_str);
    match found {
        Some(found) if KNOWN_ENDINGS.contains(&found) && !fitting.contains(&found) => Err(format!(
            "no .{found} is written here: let the name end in {wanted}"
        )),
        _ => Ok(()),
    }
}

/// What a path is written as.
#[derive(Clone, Copy)]
enum Written {
    File,
    Fit,
    Interpretation,
}

impl Written {
    fn of(arg: &Arg) -> Option<Self> {
        let own = arg.get_value_parser().type_id();
        let files = [
            TypeId::of::<OutTable>(),
            TypeId::of::<OutScores>(),
            TypeId::of::<OutSets>(),
            TypeId::of::<OutGraph>(),
            TypeId::of::<OutFile>(),
        ];
        if files.iter().any(|file| own == *file) {
            Some(Self::File)
        } else if own == TypeId::of::<FitFolder>() {
            Some(Self::Fit)
        } else if own == TypeId::of::<InterpretFolder>() {
            Some(Self::Interpretation)
        } else {
            None
        }
    }
}

/// A path with the argument that named it.
struct Named {
    argument: String,
    path: PathBuf,
    /// The file itself, whatever leads to it.
    place: PathBuf,
}

impl Named {
    /// Refuses a file in a folder that is not there: now, and not when hours of work are written.
    fn has_a_folder(&self) -> Result<()> {
        let folder = self.path.parent();
        let Some(folder) = folder.filter(|folder| !folder.as_os_str().is_empty()) else {
            return Ok(());
        };
        let found = std::fs::metadata(folder).and_then(|found| match found.is_dir() {
            true => Ok(()),
            false => Err(ErrorKind::NotADirectory.into()),
        });
        found.map_err(Error::io("write into", folder))
    }

    fn is_read_as(&self) -> String {
        format!("is read as {}", self.argument)
    }
}

/// Refuses a command that would write over what it reads, or twice to one place.
///
/// # Errors
/// [`Error::Data`] naming the file and both arguments.
pub(super) fn check(command: &Command, matches: &ArgMatches) -> Result<()> {
    if let Some((name, inner)) = matches.subcommand() {
        return match command.find_subcommand(name) {
            Some(command) => check(command, inner),
            None => Ok(()),
        };
    }
    let mut inputs = Vec::new();
    let mut outputs: Vec<(Written, Named)> = Vec::new();
    for arg in command.get_arguments() {
        let Ok(Some(values)) = matches.try_get_raw(arg.get_id().as_str()) else {
            continue;
        };
        match Written::of(arg) {
            Some(kind) => {
                // Gene sets may become a folder of files, which is made.
                let is_sets = arg.get_value_parser().type_id() == TypeId::of::<OutSets>();
                for value in values {
                    let output = output(arg, value);
                    if matches!(kind, Written::File) && !is_sets {
                        output.has_a_folder()?;
                    }
                    outputs.push((kind, output));
                }
            }
            None if is_input(arg) => inputs.extend(values.flat_map(|value| existing(arg, value))),
            None => {}
        }
    }
    for (at, (kind, output)) in outputs.iter().enumerate() {
        if let Some((_, other)) = outputs[..at].iter().find(|(_, o)| o.place == output.place) {
            return Err(Error::data(
                format!(
                    "{} and {} are both {}",
                    other.argument,
                    output.argument,
                    output.path.display()
                ),
                "Choose another name for one of them.",
            ));
        }
        inputs
            .iter()
            .try_for_each(|input| refuse(*kind, output, input))?;
    }
    Ok(())
}

/// Refuses one output that would replace one input.
fn refuse(kind: Written, output: &Named, input: &Named) -> Result<()> {
    let inside = |names: &[String]| {
        let beneath = input.place.parent() == Some(output.place.as_path());
        let name = input.place.file_name().unwrap_or_default();
        beneath && names.iter().any(|own| OsStr::new(own) == name)
    };
    let message = match kind {
        Written::File if output.place == input.place => format!(
            "{} is {}, which {}",
            output.argument,
            output.path.display(),
            input.is_read_as()
        ),
        Written::File if is_of_folder(&output.place, &input.place) => format!(
            "{} is {}, a file of {}, which {}",
            output.argument,
            output.path.display(),
            input.path.display(),
            input.is_read_as()
        ),
        Written::Fit if inside(&earlier_fit()) => replaced(output, input),
        Written::Interpretation if inside(&Interpretation::FILES.map(str::to_owned)) => {
            replaced(output, input)
        }
        _ => return Ok(()),
    };
    Err(Error::data(message, "Choose another name."))
}

fn replaced(output: &Named, input: &Named) -> String {
    format!(
        "{} is {}, where {}, which {}, would be replaced",
        output.argument,
        output.path.display(),
        input.path.display(),
        input.is_read_as()
    )
}

/// Whether a path is one of the files that are read of a folder; a report is written alone.
fn is_of_folder(path: &Path, folder: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let read = FIT_FILES.iter().filter(|own| **own != REPORT);
    let read = read.chain(&Interpretation::FILES);
    path.parent() == Some(folder)
        && path.is_file()
        && read.chain(&MTX_FILES).any(|own| *own == name)
}

fn is_input(arg: &Arg) -> bool {
    arg.get_value_parser().type_id() == TypeId::of::<PathBuf>()
        || PATHS_OR_NAMES.contains(&arg.get_id().as_str())
}

/// As the user would name it.
fn name_of(arg: &Arg) -> String {
    match (arg.get_long(), arg.get_value_names()) {
        (Some(long), _) => format!("--{long}"),
        (None, Some([name, ..])) => name.to_string(),
        (None, _) => arg.get_id().as_str().to_uppercase(),
    }
}

fn output(arg: &Arg, value: &OsStr) -> Named {
    let path = PathBuf::from(value);
    // What is not there yet has its place in the folder it gets.
    let place = path.canonicalize().unwrap_or_else(|_| {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.into());
        folder.join(path.file_name().unwrap_or_default())
    });
    Named {
        argument: name_of(arg),
        path,
        place,
    }
}

/// The files and folders that a value names: itself, or several as `PATH,PATH` or
/// `NAME=PATH,NAME=PATH`; of a folder with one matrix, the matrix too.
fn existing(arg: &Arg, value: &OsStr) -> Vec<Named> {
    let mut paths = vec![PathBuf::from(value)];
    for part in value.to_str().unwrap_or_default().split(',') {
        paths.push(part.into());
        paths.extend(part.split_once('=').map(|(_, path)| path.into()));
    }
    if MATRICES.contains(&arg.get_id().as_str()) {
        let files: Vec<PathBuf> = paths
            .iter()
            .filter_map(|path| match located(path) {
                Ok(Cow::Owned(file)) => Some(file),
                _ => None,
            })
            .collect();
        paths.extend(files);
    }
    let found = paths.into_iter().filter_map(|path| {
        Some(Named {
            argument: name_of(arg),
            place: path.canonicalize().ok()?,
            path,
        })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_of_other_formats_are_refused() {
        for path in ["a.csv", "a.CSV.gz", "a.xlsx", "a.gct", "a.h5ad"] {
            assert!(ending(Path::new(path), &[], ".tsv").is_err(), "{path}");
        }
        for path in ["a.tsv", "a.txt.gz", "a", "a.b", "a.csv/b.tsv", "a.gz"] {
            assert!(ending(Path::new(path), &[], ".tsv").is_ok(), "{path}");
        }
        assert!(ending(Path::new("a.gct"), &["gct"], ".gct").is_ok());
    }
}
