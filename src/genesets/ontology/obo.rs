//! OBO: `[Term]` stanzas of `tag: value` lines.

use crate::error::{Error, Place, Result};
use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// One of the three parts of the Gene Ontology.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aspect {
    /// Biological process.
    Process,
    /// Cellular component.
    Component,
    /// Molecular function.
    Function,
}

impl Aspect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Process, Self::Component, Self::Function];

    /// `bp`, `cc` or `mf`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Process => "bp",
            Self::Component => "cc",
            Self::Function => "mf",
        }
    }

    fn of_namespace(text: &str) -> Option<Self> {
        match text {
            "biological_process" => Some(Self::Process),
            "cellular_component" => Some(Self::Component),
            "molecular_function" => Some(Self::Function),
            _ => None,
        }
    }
}

impl FromStr for Aspect {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|aspect| aspect.name() == text);
        found.ok_or_else(|| {
            Error::config(
                "the Gene Ontology's part",
                format!("is bp, cc or mf, not {text:?}"),
            )
        })
    }
}

impl fmt::Display for Aspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Process => "biological process",
            Self::Component => "cellular component",
            Self::Function => "molecular function",
        })
    }
}

/// A term that is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The stable id, `GO:0008150`.
    pub id: String,
    /// The name.
    pub name: String,
    /// The part of the ontology.
    pub aspect: Aspect,
    /// The positions of the terms above, with the kind of relation: `isa` or `part of`.
    pub parents: Vec<(usize, &'static str)>,
}

/// The terms of an OBO file, without the obsolete ones.
#[derive(Debug, Clone, Default)]
pub struct Ontology {
    terms: Vec<Term>,
    by_id: HashMap<String, usize>,
    obsolete: usize,
    version: Option<String>,
}

/// A stanza as it is read.
#[derive(Default)]
struct Stanza {
    line: usize,
    id: String,
    name: String,
    namespace: String,
    alternative: Vec<String>,
    parents: Vec<(String, &'static str)>,
    obsolete: bool,
}

impl Ontology {
    /// Parses an OBO file; `path` names errors. Obsolete terms are left out, `alt_id`s lead to
    /// the term that took them over, and of the relations `is_a` and `part_of` are kept: those
    /// along which an annotation holds for the term above as well.
    ///
    /// ```
    /// use gsae::genesets::Ontology;
    /// use std::path::Path;
    ///
    /// let text = "format-version: 1.2\ndata-version: releases/2024-06-17\n\n\
    ///     [Term]\nid: GO:1\nname: process\nnamespace: biological_process\n\n\
    ///     [Term]\nid: GO:2\nname: repair\nnamespace: biological_process\nalt_id: GO:9\n\
    ///     is_a: GO:1 ! process\n";
    /// let ontology = Ontology::parse(text, Path::new("go.obo"))?;
    /// assert_eq!(ontology.version(), Some("2024-06-17"));
    /// assert_eq!(ontology.get("GO:9").map(|term| term.name.as_str()), Some("repair"));
    /// # Ok::<(), gsae::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Format`] with the line of a term without id or namespace, of a parent that the
    /// file lacks, or if there is no term at all.
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        let mut ontology = Self::default();
        let mut stanzas = Vec::new();
        let mut open: Option<Stanza> = None;
        let mut in_header = true;
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.starts_with('[') {
                in_header = false;
                stanzas.extend(open.take());
                open = (line == "[Term]").then(|| Stanza {
                    line: index + 1,
                    ..Stanza::default()
                });
                continue;
            }
            let Some((tag, value)) = line.split_once(':') else {
                continue;
            };
            let value = value.trim();
            if in_header && tag == "data-version" {
                ontology.version = Some(date_in(value).unwrap_or(value).to_owned());
            }
            if let Some(stanza) = &mut open {
                stanza.take(tag, value);
            }
        }
        stanzas.extend(open);
        ontology.add(stanzas, path)?;
        Ok(ontology)
    }

    fn add(&mut self, stanzas: Vec<Stanza>, path: &Path) -> Result<()> {
        let mut parents = Vec::new();
        let mut alternative = Vec::new();
        for stanza in stanzas {
            if stanza.obsolete {
                self.obsolete += 1;
                continue;
            }
            let bad = |what: String| {
                Error::format(
                    path,
                    Place::line(stanza.line),
                    what,
                    "Download the ontology again.",
                )
            };
            if stanza.id.is_empty() || stanza.name.is_empty() {
                return Err(bad("a term has no id or no name".to_owned()));
            }
            let aspect = Aspect::of_namespace(&stanza.namespace).ok_or_else(|| {
                bad(format!(
                    "the term {} has the namespace {:?}, which is none of the Gene Ontology's",
                    stanza.id, stanza.namespace
                ))
            })?;
            let number = self.terms.len();
            if self.by_id.insert(stanza.id.clone(), number).is_some() {
                return Err(bad(format!("the term {} stands there twice", stanza.id)));
            }
            alternative.extend(stanza.alternative.into_iter().map(|id| (id, number)));
            parents.push((stanza.line, stanza.parents));
            self.terms.push(Term {
                id: stanza.id,
                name: stanza.name,
                aspect,
                parents: Vec::new(),
            });
        }
        for (number, (line, parents)) in parents.into_iter().enumerate() {
            for (id, kind) in parents {
                let parent = *self.by_id.get(&id).ok_or_else(|| {
                    Error::format(
                        path,
                        Place::line(line),
                        format!(
                            "the term {} is below {id}, which the file lacks",
                            self.terms[number].id
                        ),
                        "Use a whole ontology (go-basic.obo), not a part of it.",
                    )
                })?;
                self.terms[number].parents.push((parent, kind));
            }
        }
        // A primary id goes before any alternative.
        for (id, number) in alternative {
            self.by_id.entry(id).or_insert(number);
        }
        if self.terms.is_empty() {
            return Err(Error::format(
                path,
                Place::file(),
                "there is no term in this file",
                "An OBO file has stanzas that start with [Term].",
            ));
        }
        Ok(())
    }

    /// The terms, in the file's order.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The term with this id, be it an alternative one.
    pub fn get(&self, id: &str) -> Option<&Term> {
        self.position(id).map(|at| &self.terms[at])
    }

    pub(super) fn position(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// The number of obsolete terms that were left out.
    pub fn obsolete(&self) -> usize {
        self.obsolete
    }

    /// The date of the release, or what the file says instead.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }
}

impl Stanza {
    fn take(&mut self, tag: &str, value: &str) {
        // `GO:0008150 ! biological_process`, `GO:0008150 {source="x"} ! biological_process`
        let id = || value.split_whitespace().next().unwrap_or_default();
        match tag {
            "id" => id().clone_into(&mut self.id),
            "name" => value.clone_into(&mut self.name),
            "namespace" => id().clone_into(&mut self.namespace),
            "alt_id" => self.alternative.push(id().to_owned()),
            "is_obsolete" => self.obsolete = id() == "true",
            "is_a" => self.parents.push((id().to_owned(), "isa")),
            "relationship" => {
                let mut words = value.split_whitespace();
                if let (Some("part_of"), Some(id)) = (words.next(), words.next()) {
                    self.parents.push((id.to_owned(), "part of"));
                }
            }
            _ => {}
        }
    }
}

/// The first `YYYY-MM-DD` in a text.
fn date_in(text: &str) -> Option<&str> {
    let shape = b"dddd-dd-dd";
    let start = text.as_bytes().windows(shape.len()).position(|window| {
        window.iter().zip(shape).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            other => byte == other,
        })
    })?;
    text.get(start..start + shape.len())
}
