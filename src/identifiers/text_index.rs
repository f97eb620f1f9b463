//! Names that lie in one text, found by hash: nothing is copied out of the text, so that a table
//! of many short names is quick to make.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// Where `part` lies in `text`, of which it is a slice; none beyond 4 GiB.
    pub fn of(text: &str, part: &str) -> Option<Self> {
        let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
        let end = start + part.len();
        (end <= text.len()).then_some(())?;
        Some(Self {
            start: u32::try_from(start).ok()?,
            end: u32::try_from(end).ok()?,
        })
    }

    pub fn text(self, text: &str) -> &str {
        &text[self.start as usize..self.end as usize]
    }
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    name: Span,
    /// No number where several share the name and it has to be one's alone.
    number: Option<u32>,
}

/// The numbers of names in a text.
#[derive(Debug, Clone)]
pub(super) struct TextIndex {
    hasher: DefaultHashBuilder,
    entries: HashTable<Entry>,
}

impl TextIndex {
    /// Of names, slices of `text`, and their numbers, about `count` of them. A name with several
    /// numbers has the first, or, if `alone`, none.
    pub fn new<'a>(
        text: &'a str,
        count: usize,
        names: impl Iterator<Item = (&'a str, usize)>,
        alone: bool,
    ) -> Self {
        let hasher = DefaultHashBuilder::default();
        let mut entries: HashTable<Entry> = HashTable::with_capacity(count);
        for (name, number) in names {
            let (Some(span), Ok(number)) = (Span::of(text, name), u32::try_from(number)) else {
                continue;
            };
            let same = |entry: &Entry| entry.name.text(text) == name;
            let rehash = |entry: &Entry| hasher.hash_one(entry.name.text(text));
            let entry = entries.entry(hasher.hash_one(name), same, rehash);
            entry
                .and_modify(|known| {
                    if alone && known.number != Some(number) {
                        known.number = None;
                    }
                })
                .or_insert(Entry {
                    name: span,
                    number: Some(number),
                });
        }
        Self { hasher, entries }
    }

    /// The number of a name; `text` is the one that the index was made of.
    pub fn get(&self, text: &str, name: &str) -> Option<usize> {
        let hash = self.hasher.hash_one(name);
        let found = self
            .entries
            .find(hash, |entry| entry.name.text(text) == name);
        Some(found?.number? as usize)
    }
}
