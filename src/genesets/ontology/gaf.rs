//! GAF: gene association files, 2.x: tab-separated, `!` comments, a gene product and a term a line.

use super::Ontology;
use crate::error::{Error, Place, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use std::path::Path;

/// Which genes are annotated to which terms, before any propagation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Annotations {
    /// For every gene symbol the positions of its terms in the ontology.
    pub(super) terms_of_gene: BTreeMap<String, BTreeSet<usize>>,
    read: usize,
    skipped: SkippedAnnotations,
}

/// Annotations that were left out, by the reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SkippedAnnotations {
    /// With the qualifier `NOT`: the gene product does not do this.
    pub negated: usize,
    /// Evidence code `ND`: nothing is known.
    pub no_data: usize,
    /// To obsolete terms, or to terms that the ontology lacks.
    pub unknown_term: usize,
}

const SYMBOL: usize = 2;
const QUALIFIER: usize = 3;
const TERM: usize = 4;
const EVIDENCE: usize = 6;
/// GAF 1 had 15 columns, GAF 2 has 17, the last two of which may be empty.
const COLUMNS: usize = 15;

impl Annotations {
    /// Reads a GAF; `path` names errors. Left out and counted are annotations with the qualifier
    /// `NOT`, those that say that nothing is known (`ND`), and those to terms that the ontology
    /// lacks or has as obsolete.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, [`Error::Format`] with the line of a row with too few
    /// columns, or if nothing is left.
    pub fn read(mut reader: impl BufRead, path: &Path, ontology: &Ontology) -> Result<Self> {
        let mut annotations = Self::default();
        let mut line = String::new();
        let mut number = 0;
        loop {
            line.clear();
            if reader
                .read_line(&mut line)
                .map_err(Error::io("read", path))?
                == 0
            {
                break;
            }
            number += 1;
            if line.starts_with('!') || line.trim().is_empty() {
                continue;
            }
            let fields: Vec<&str> = line.trim_end_matches(['\n', '\r']).split('\t').collect();
            if fields.len() < COLUMNS || fields[SYMBOL].trim().is_empty() {
                return Err(Error::format(
                    path,
                    Place::line(number),
                    format!("{} columns, or no gene symbol", fields.len()),
                    "A gene association file (GAF 2.x) has 17 columns, separated by tabs.",
                ));
            }
            annotations.take(&fields, ontology);
        }
        if annotations.terms_of_gene.is_empty() {
            return Err(Error::format(
                path,
                Place::file(),
                format!(
                    "none of {} annotations is to a term of the ontology",
                    annotations.read
                ),
                "Use annotations and an ontology of about the same date.",
            ));
        }
        Ok(annotations)
    }

    fn take(&mut self, fields: &[&str], ontology: &Ontology) {
        self.read += 1;
        let mut qualifiers = fields[QUALIFIER].split('|');
        if qualifiers.any(|word| word.trim().eq_ignore_ascii_case("NOT")) {
            self.skipped.negated += 1;
        } else if fields[EVIDENCE].trim() == "ND" {
            self.skipped.no_data += 1;
        } else if let Some(term) = ontology.position(fields[TERM].trim()) {
            let gene = fields[SYMBOL].trim().to_owned();
            self.terms_of_gene.entry(gene).or_default().insert(term);
        } else {
            self.skipped.unknown_term += 1;
        }
    }

    /// The number of annotated genes.
    pub fn genes(&self) -> usize {
        self.terms_of_gene.len()
    }

    /// The number of lines with an annotation.
    pub fn len(&self) -> usize {
        self.read
    }

    /// Whether there was no annotation.
    pub fn is_empty(&self) -> bool {
        self.read == 0
    }

    /// What was left out.
    pub fn skipped(&self) -> SkippedAnnotations {
        self.skipped
    }
}
