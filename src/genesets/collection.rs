//! A collection of gene sets, as one or several files hold it.

use super::assemble::assemble;
use super::look_alike::refuse_tables;
use super::{
    CollectionName, DuplicateNames, GeneSet, GeneSetCache, GeneSetFormat, Lint, ReadOptions,
};
use super::{bundled, edge_list, gmt, gmx, grp, msigdb_json};
use crate::error::{Error, Place, Result};
use crate::io::{Source, read_text, write_atomically};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Gene sets in the order of their files, names unique.
///
/// ```
/// use gsae::genesets::{GeneSet, GeneSetCollection};
///
/// let sets = GeneSetCollection::new(vec![
///     GeneSet::new("interferon", "", ["ISG15", "MX1"]),
///     GeneSet::new("cell cycle", "", ["CDK1", "MKI67"]),
/// ])?;
/// assert_eq!(sets.get("interferon").map(GeneSet::len), Some(2));
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GeneSetCollection {
    sets: Vec<GeneSet>,
    sources: Vec<Source>,
    lints: Vec<Lint>,
    /// The collections it was merged of, if it was.
    parts: Vec<CollectionPart>,
}

/// One of the collections that another consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionPart {
    /// The path as the user gave it, or the name it ships under; empty for sets made in memory.
    pub name: String,
    /// Its sets.
    pub sets: usize,
    /// The genes of its sets, each once, sorted.
    pub genes: Vec<String>,
}

impl GeneSetCollection {
    /// A collection of sets made in memory.
    ///
    /// # Errors
    /// [`Error::Data`] if two sets have one name or a set's weights do not fit its genes.
    pub fn new(sets: Vec<GeneSet>) -> Result<Self> {
        let mut names = HashSet::with_capacity(sets.len());
        for set in &sets {
            if !names.insert(set.name.as_str()) {
                return Err(Error::data(
                    format!("two gene sets are called {:?}", set.name),
                    "Give every set a name of its own.",
                ));
            }
            if set
                .weights
                .as_ref()
                .is_some_and(|weights| weights.len() != set.len())
            {
                return Err(Error::data(
                    format!("the gene set {:?} has not one weight a gene", set.name),
                    "Give as many weights as genes, or none.",
                ));
            }
        }
        Ok(Self {
            sets,
            ..Self::default()
        })
    }

    /// Reads a file in any of the formats, with the default options.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        Self::read(path, &ReadOptions::default())
    }

    /// Reads a GMT, GMX, GRP or MSigDB JSON file or an edge list, plain or gzip, or a folder of
    /// GRP files.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read; [`Error::Format`] with the line if it holds no gene
    /// set, breaks its format, or is a table of numbers or of samples.
    pub fn read(path: impl AsRef<Path>, options: &ReadOptions) -> Result<Self> {
        let path = path.as_ref();
        if path.is_dir() {
            return Self::read_folder(path, options);
        }
        let (text, source) = read_text(path)?;
        let mut collection = Self::parse(&text, path, options)?;
        collection.sources.push(source);
        Ok(collection)
    }

    /// Parses the text of a file; `path` recognises the format and names errors.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn parse(text: &str, path: &Path, options: &ReadOptions) -> Result<Self> {
        let format = options
            .format
            .unwrap_or_else(|| GeneSetFormat::detect(path, text));
        if options.format.is_none() && format == GeneSetFormat::Gmt {
            refuse_tables(text, path)?;
        }
        let (raw, lints) = match format {
            GeneSetFormat::Gmt => gmt::parse(text, path)?,
            GeneSetFormat::Gmx => gmx::parse(text, path)?,
            GeneSetFormat::Grp => (vec![grp::parse(text, path)], Vec::new()),
            GeneSetFormat::MsigdbJson => msigdb_json::parse(text, path)?,
            GeneSetFormat::EdgeList => edge_list::parse(text, path)?,
        };
        let (sets, lints) = assemble(raw, lints, options.duplicate_names, path)?;
        Ok(Self {
            sets,
            lints,
            ..Self::default()
        })
    }

    /// Parses a GMT whose sets have stable ids: `rename` gives name and id of a line's first two
    /// fields, and names that several sets share get their id added.
    pub(crate) fn parse_with_ids(
        text: &str,
        path: &Path,
        rename: impl Fn(&str, &str) -> (String, String),
    ) -> Result<Self> {
        let (mut raw, lints) = gmt::parse(text, path)?;
        let mut count: HashMap<String, usize> = HashMap::new();
        for set in &mut raw {
            (set.name, set.description) = rename(&set.name, &set.description);
            *count.entry(set.name.clone()).or_insert(0) += 1;
        }
        for set in raw.iter_mut().filter(|set| !set.description.is_empty()) {
            if count.get(&set.name).is_some_and(|count| *count > 1) {
                set.name = format!("{} ({})", set.name, set.description);
            }
        }
        let (sets, lints) = assemble(raw, lints, DuplicateNames::Rename, path)?;
        Ok(Self {
            sets,
            lints,
            ..Self::default()
        })
    }

    /// All GRP files of a folder, by name.
    fn read_folder(folder: &Path, options: &ReadOptions) -> Result<Self> {
        let entries = std::fs::read_dir(folder).map_err(Error::io("read", folder))?;
        let mut files: Vec<PathBuf> = Vec::new();
        for entry in entries {
            let path = entry.map_err(Error::io("read", folder))?.path();
            let name = path.to_string_lossy().to_lowercase();
            if name.ends_with(".grp") || name.ends_with(".grp.gz") {
                files.push(path);
            }
        }
        files.sort();
        if files.is_empty() {
            return Err(Error::format(
                folder,
                Place::file(),
                "the folder has no .grp file",
                "Give a gene-set file, or a folder of GRP files.",
            ));
        }
        let mut parts = Vec::with_capacity(files.len());
        for file in files {
            parts.push(Self::read(file, options)?);
        }
        let mut merged = Self::merge(parts, options.duplicate_names)?;
        // The files of a folder are one collection.
        merged.parts.clear();
        Ok(merged)
    }

    /// Opens collections by bundled name, by the name of a fetched one (`msigdb:h`, from the
    /// user's cache), or by path; several are separated by commas, and then
    /// sets of one name are treated as in one file.
    ///
    /// # Errors
    /// [`Error::Config`] for a name that is neither bundled nor a file; otherwise as
    /// [`read`](Self::read).
    pub fn open(names: &str, options: &ReadOptions) -> Result<Self> {
        if Path::new(names).exists() {
            return Self::read(names, options);
        }
        let mut parts = Vec::new();
        for name in names
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            parts.push(if let Some(info) = bundled::find(name) {
                info.load()?
            } else if Path::new(name).exists() {
                Self::read(name, options)?
            } else if let Some(fetched) = CollectionName::recognise(name) {
                GeneSetCache::of_user()?.find(&fetched?)?.load()?
            } else {
                return Err(bundled::unknown(name));
            });
        }
        Self::merge(parts, options.duplicate_names)
    }

    /// One collection of several, in their order. Where the policy is to rename, a set that has
    /// the name of an earlier collection's set gets its own collection's name added.
    ///
    /// # Errors
    /// [`Error::Data`] if two sets have one name and the policy refuses that, or there is no
    /// set at all.
    pub fn merge(parts: Vec<Self>, policy: DuplicateNames) -> Result<Self> {
        if let [_] = parts.as_slice() {
            return Ok(parts.into_iter().next().unwrap_or_default());
        }
        let mut raw = Vec::new();
        let mut merged = Self::default();
        let mut taken = HashSet::new();
        for mut part in parts {
            if policy == DuplicateNames::Rename {
                merged.lints.extend(part.add_own_name(&taken));
            }
            merged.parts.extend(part.parts());
            taken.extend(part.sets.iter().map(|set| set.name.clone()));
            raw.extend(part.sets.into_iter().map(|set| (None, set)));
            merged.sources.extend(part.sources);
            merged.lints.extend(part.lints);
        }
        let place = Path::new("the gene-set collections taken together");
        merged.sets = super::assemble::unique_names(raw, &mut merged.lints, policy, place)?;
        if merged.sets.is_empty() {
            return Err(Error::config("--gene-sets", "names no collection"));
        }
        Ok(merged)
    }

    /// Adds the collection's name to the sets whose name is taken, and says so.
    fn add_own_name(&mut self, taken: &HashSet<String>) -> Option<Lint> {
        let source = self.sources.first()?;
        let own = source.path.file_stem()?.to_string_lossy();
        // `sets.gmt.gz` has two extensions.
        let own = own.trim_end_matches(".gmt").to_owned();
        let mut renamed = Vec::new();
        for set in self.sets.iter_mut().filter(|set| taken.contains(&set.name)) {
            set.name = format!("{} ({own})", set.name);
            renamed.push(set.name.clone());
        }
        let example = renamed.first()?;
        Some(Lint {
            line: None,
            set: own,
            message: format!(
                "{} the name of an earlier collection's set; the own collection's name was added, \
                 as in {example:?}",
                match renamed.len() {
                    1 => "1 set has".to_owned(),
                    count => format!("{count} sets have"),
                }
            ),
        })
    }

    /// The collections it consists of: those that were merged, otherwise itself.
    pub fn parts(&self) -> Vec<CollectionPart> {
        if !self.parts.is_empty() {
            return self.parts.clone();
        }
        let folder = |path: &Path| path.parent().map(Path::to_path_buf);
        let path = match self.sources.as_slice() {
            [first, _, ..] => folder(&first.path),
            [only] => Some(only.path.clone()),
            [] => None,
        };
        let genes = self.genes().into_iter();
        vec![CollectionPart {
            name: path.map_or_else(String::new, |path| path.to_string_lossy().into_owned()),
            sets: self.sets.len(),
            genes: genes.map(str::to_owned).collect(),
        }]
    }

    /// The sets, in order.
    pub fn sets(&self) -> &[GeneSet] {
        &self.sets
    }

    /// The number of sets.
    pub fn len(&self) -> usize {
        self.sets.len()
    }

    /// Whether there is no set.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// The set called `name`.
    pub fn get(&self, name: &str) -> Option<&GeneSet> {
        self.sets.iter().find(|set| set.name == name)
    }

    /// The files the sets were read from.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Remarks of the reader.
    pub fn lints(&self) -> &[Lint] {
        &self.lints
    }

    /// All genes, each once, by name.
    pub fn genes(&self) -> Vec<&str> {
        let genes = self.sets.iter().flat_map(|set| &set.genes);
        let unique: hashbrown::HashSet<&str> = genes.map(String::as_str).collect();
        let mut genes: Vec<&str> = unique.into_iter().collect();
        genes.sort_unstable();
        genes
    }

    /// For every gene the number of sets that have it.
    pub fn gene_counts(&self) -> HashMap<&str, usize> {
        let mut counts = HashMap::new();
        for gene in self.sets.iter().flat_map(|set| &set.genes) {
            *counts.entry(gene.as_str()).or_insert(0) += 1;
        }
        counts
    }

    /// The number of memberships: genes of all sets together.
    pub fn memberships(&self) -> usize {
        self.sets.iter().map(GeneSet::len).sum()
    }

    /// Writes GMT; an empty description becomes `na`, weights become `GENE,weight`.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written.
    pub fn write_gmt(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        write_atomically(path, |file| {
            gmt::write(&self.sets, file).map_err(Error::io("write", path))
        })
    }

    /// Writes a row a membership: `set gene`, tab-separated, with a column `weight` if any set
    /// has weights.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written.
    pub fn write_edges(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        write_atomically(path, |file| {
            edge_list::write(&self.sets, file).map_err(Error::io("write", path))
        })
    }

    pub(super) fn with_source(mut self, source: Source) -> Self {
        self.sources = vec![source];
        self
    }
}
