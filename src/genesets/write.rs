//! Writing collections, in any of the formats that are read.

use super::{GeneSet, GeneSetCollection, GeneSetFormat, edge_list, gmt};
use crate::error::{Error, Result};
use crate::io::{make_folder, one_field, write_atomically, write_text};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

impl GeneSetCollection {
    /// Writes the collection; compressed where the name ends in `.gz`. GRP is a folder with a file
    /// for every set, of which descriptions are lost; characters that file names cannot have
    /// become `_`. In an edge list descriptions are lost as well.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be written.
    pub fn write(&self, path: impl AsRef<Path>, format: GeneSetFormat) -> Result<()> {
        let path = path.as_ref();
        if format == GeneSetFormat::Grp {
            return self.write_folder(path);
        }
        let io = || Error::io("write", path);
        write_atomically(path, |file| {
            if path.extension().is_some_and(|extension| extension == "gz") {
                let mut encoder = GzEncoder::new(file, Compression::default());
                self.write_to(&mut encoder, format).map_err(io())?;
                encoder.finish().map(drop).map_err(io())
            } else {
                self.write_to(file, format).map_err(io())
            }
        })
    }

    fn write_to(&self, out: &mut dyn Write, format: GeneSetFormat) -> std::io::Result<()> {
        match format {
            GeneSetFormat::Gmt | GeneSetFormat::Grp => gmt::write(self.sets(), out),
            GeneSetFormat::Gmx => write_gmx(self.sets(), out),
            GeneSetFormat::MsigdbJson => write_json(self.sets(), out),
            GeneSetFormat::EdgeList => edge_list::write(self.sets(), out),
        }
    }

    fn write_folder(&self, folder: &Path) -> Result<()> {
        let _new = make_folder(folder)?;
        let mut taken = HashSet::new();
        for set in self.sets() {
            let name = file_name(&set.name);
            // Some file systems take capitals and small letters for the same.
            let free = (1..).map(|number| match number {
                1 => name.clone(),
                number => format!("{name}_{number}"),
            });
            let mut free = free.filter(|name| !taken.contains(&name.to_lowercase()));
            let name = free.next().unwrap_or_default();
            taken.insert(name.to_lowercase());
            let lines: Vec<String> = tokens(set).collect();
            let text = lines.join("\n") + "\n";
            write_text(folder.join(format!("{name}.grp")), &text)?;
        }
        Ok(())
    }
}

/// A name without what file names cannot have.
fn file_name(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c if c.is_control() => '_',
            c => c,
        })
        .take(80)
        .collect();
    let plain = plain.trim().trim_matches('.');
    if plain.is_empty() {
        "set".to_owned()
    } else {
        plain.to_owned()
    }
}

/// The genes as files have them: with `,weight` if there are weights.
fn tokens(set: &GeneSet) -> impl Iterator<Item = String> {
    set.genes.iter().enumerate().map(|(at, gene)| {
        let gene = one_field(gene);
        match &set.weights {
            Some(weights) => format!("{gene},{}", weights[at]),
            None => gene,
        }
    })
}

fn write_gmx(sets: &[GeneSet], out: &mut dyn Write) -> std::io::Result<()> {
    let columns: Vec<Vec<String>> = sets.iter().map(|set| tokens(set).collect()).collect();
    let names: Vec<String> = sets.iter().map(|set| one_field(&set.name)).collect();
    let descriptions: Vec<String> = sets
        .iter()
        .map(|set| match one_field(&set.description).trim() {
            "" => "na".to_owned(),
            text => text.to_owned(),
        })
        .collect();
    writeln!(out, "{}\n{}", names.join("\t"), descriptions.join("\t"))?;
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    for row in 0..rows {
        let cells: Vec<&str> = columns
            .iter()
            .map(|column| column.get(row).map_or("", String::as_str))
            .collect();
        writeln!(out, "{}", cells.join("\t"))?;
    }
    Ok(())
}

/// MSigDB's layout: a web address as `msigdbURL`, any other description as `exactSource`.
fn write_json(sets: &[GeneSet], out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{{")?;
    for (at, set) in sets.iter().enumerate() {
        let web = set.description.starts_with("http");
        let [source, url] = match web {
            true => ["", set.description.as_str()],
            false => [set.description.as_str(), ""],
        };
        let genes: Vec<String> = tokens(set).collect();
        let entry = serde_json::json!({
            "exactSource": source,
            "msigdbURL": url,
            "geneSymbols": genes,
        });
        let comma = if at + 1 < sets.len() { "," } else { "" };
        writeln!(out, "{}: {entry}{comma}", serde_json::json!(set.name))?;
    }
    writeln!(out, "}}")
}
