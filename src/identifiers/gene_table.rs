//! The shipped table of human genes: symbol, Entrez id, Ensembl id, aliases.

use super::id_type::IdType;
use super::text_index::{Span, TextIndex};
use crate::error::{Error, Place, Result};
use crate::io::{decompress, utf8};
use std::path::Path;
use std::sync::OnceLock;

/// One gene of the table: where its fields lie in the text.
#[derive(Debug, Clone, Copy)]
struct Gene {
    symbol: Span,
    entrez: Span,
    ensembl: Span,
    aliases: Span,
}

/// Human genes by symbol, Entrez id, Ensembl id and alias. The text is kept as it is; what is
/// looked up in it is indexed at the first look.
#[derive(Debug, Clone, Default)]
pub struct GeneTable {
    text: String,
    genes: Vec<Gene>,
    /// Positions in `genes`, as in the others.
    by_symbol: OnceLock<TextIndex>,
    by_entrez: OnceLock<TextIndex>,
    by_ensembl: OnceLock<TextIndex>,
    by_alias: OnceLock<TextIndex>,
}

static BUNDLED: OnceLock<GeneTable> = OnceLock::new();

impl GeneTable {
    /// The table that ships with the crate (36,766 genes).
    ///
    /// # Errors
    /// If the embedded file cannot be read, which a build without changes to it rules out.
    pub fn bundled() -> Result<&'static Self> {
        if let Some(table) = BUNDLED.get() {
            return Ok(table);
        }
        let path = Path::new("gene_ids.tsv.gz");
        let bytes = include_bytes!("../../genesets/gene_ids.tsv.gz");
        let table = Self::of(utf8(decompress(bytes.to_vec(), path)?, path)?, path)?;
        Ok(BUNDLED.get_or_init(|| table))
    }

    /// Parses `symbol TAB entrez TAB ensembl TAB alias,alias`, with a header.
    ///
    /// # Errors
    /// [`Error::Format`] with the line of a row that is not four fields.
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        Self::of(text.to_owned(), path)
    }

    fn of(text: String, path: &Path) -> Result<Self> {
        let mut genes = Vec::new();
        for (index, line) in text.lines().enumerate().skip(1) {
            let mut fields = line.split('\t');
            let mut next = || fields.next().and_then(|field| Span::of(&text, field));
            let gene = match [next(), next(), next(), next()] {
                [Some(symbol), Some(entrez), Some(ensembl), Some(aliases)] => Some(Gene {
                    symbol,
                    entrez,
                    ensembl,
                    aliases,
                }),
                _ => None,
            };
            let Some(gene) = gene.filter(|_| fields.next().is_none()) else {
                return Err(Error::format(
                    path,
                    Place::line(index + 1),
                    format!("{} fields instead of 4", line.split('\t').count()),
                    "Expected are symbol, Entrez id, Ensembl id and aliases.",
                ));
            };
            genes.push(gene);
        }
        Ok(Self {
            text,
            genes,
            ..Self::default()
        })
    }

    /// The genes that have a name in a field; the first of several, or none where `alone`.
    fn index(&self, field: fn(&Gene) -> Span, alone: bool) -> TextIndex {
        let names = self.genes.iter().enumerate().flat_map(|(number, gene)| {
            let names = list(field(gene).text(&self.text));
            names.map(move |name| (name, number))
        });
        let more = |gene: &Gene| field(gene).text(&self.text).matches(',').count();
        let count = self.genes.len() + self.genes.iter().map(more).sum::<usize>();
        TextIndex::new(&self.text, count, names, alone)
    }

    fn symbols(&self) -> &TextIndex {
        self.by_symbol.get_or_init(|| {
            let symbol = |gene: &Gene| gene.symbol.text(&self.text);
            let symbols = self.genes.iter().map(symbol).zip(0..);
            TextIndex::new(&self.text, self.genes.len(), symbols, false)
        })
    }

    fn symbol(&self, gene: usize) -> &str {
        self.genes[gene].symbol.text(&self.text)
    }

    /// Whether this is a current symbol.
    pub fn is_symbol(&self, name: &str) -> bool {
        self.symbols().get(&self.text, name).is_some()
    }

    /// The number of genes.
    pub fn len(&self) -> usize {
        self.genes.len()
    }

    /// Whether the table is empty.
    pub fn is_empty(&self) -> bool {
        self.genes.is_empty()
    }

    /// The symbol of an Ensembl id without version.
    pub fn from_ensembl(&self, id: &str) -> Option<&str> {
        let index = self
            .by_ensembl
            .get_or_init(|| self.index(|gene| gene.ensembl, false));
        Some(self.symbol(index.get(&self.text, id)?))
    }

    /// The symbol of an Entrez id.
    pub fn from_entrez(&self, id: &str) -> Option<&str> {
        let index = self
            .by_entrez
            .get_or_init(|| self.index(|gene| gene.entrez, false));
        Some(self.symbol(index.get(&self.text, id)?))
    }

    /// The one symbol that has this alias; none for a current symbol or a shared alias.
    pub fn from_alias(&self, alias: &str) -> Option<&str> {
        if self.is_symbol(alias) {
            return None;
        }
        let index = self
            .by_alias
            .get_or_init(|| self.index(|gene| gene.aliases, true));
        Some(self.symbol(index.get(&self.text, alias)?))
    }

    /// The Entrez ids of a symbol.
    pub fn entrez_of(&self, symbol: &str) -> impl Iterator<Item = &str> + Clone {
        self.ids_of(symbol, |gene| gene.entrez)
    }

    /// The Ensembl ids of a symbol, without version.
    pub fn ensembl_of(&self, symbol: &str) -> impl Iterator<Item = &str> + Clone {
        self.ids_of(symbol, |gene| gene.ensembl)
    }

    fn ids_of(&self, symbol: &str, field: fn(&Gene) -> Span) -> impl Iterator<Item = &str> + Clone {
        let gene = self.symbols().get(&self.text, symbol);
        list(gene.map_or("", |gene| field(&self.genes[gene]).text(&self.text)))
    }
}

/// The parts of a comma-separated field; none if it is empty.
fn list(field: &str) -> impl Iterator<Item = &str> + Clone {
    field.split(',').filter(|part| !part.is_empty())
}

/// Whether a name is a known human gene, in any case, or has the form of an Ensembl id.
pub fn looks_like_gene(name: &str) -> bool {
    if matches!(IdType::of(name), IdType::Ensembl | IdType::EnsemblVersioned) {
        return true;
    }
    let Ok(table) = GeneTable::bundled() else {
        return false;
    };
    // Aliases of one or two characters (`A`, `S1`) are more often the names of samples.
    table.is_symbol(name)
        || table.is_symbol(&name.to_uppercase())
        || (name.len() > 2 && table.from_alias(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_table_maps_all_kinds() -> Result<()> {
        let table = GeneTable::bundled()?;
        assert!(table.len() > 36_000);
        assert_eq!(table.from_ensembl("ENSG00000121410"), Some("A1BG"));
        assert_eq!(table.from_entrez("1"), Some("A1BG"));
        assert_eq!(table.from_alias("ACF65"), Some("A1CF"));
        assert_eq!(table.from_alias("A1CF"), None);
        assert!(table.entrez_of("A1BG").eq(["1"]));
        assert!(table.ensembl_of("A1BG").eq(["ENSG00000121410"]));
        assert_eq!(table.ensembl_of("AADACL2").count(), 2);
        assert_eq!(table.ensembl_of("nobody").count(), 0);
        Ok(())
    }

    #[test]
    fn an_alias_of_two_genes_maps_to_none() -> Result<()> {
        let text = "symbol\tentrez\tensembl\taliases\nA\t1\t\tX,Y\nB\t2\tENSG2\tX\n";
        let table = GeneTable::parse(text, Path::new("genes"))?;
        assert_eq!(table.from_alias("X"), None);
        assert_eq!(table.from_alias("Y"), Some("A"));
        Ok(())
    }

    #[test]
    fn of_genes_that_share_an_id_the_first_has_it() -> Result<()> {
        let text = "symbol\tentrez\tensembl\taliases\nA\t1,2\t\t\nB\t2\tE\tX,X\nA\t3\t\t\n";
        let table = GeneTable::parse(text, Path::new("genes"))?;
        assert_eq!(table.from_entrez("2"), Some("A"));
        assert_eq!(table.from_alias("X"), Some("B"));
        assert!(table.entrez_of("A").eq(["1", "2"]));
        let wrong = GeneTable::parse("header\nA\t1\t\n", Path::new("genes"));
        let message = wrong.expect_err("three fields").to_string();
        assert!(message.contains("3 fields instead of 4"), "{message}");
        Ok(())
    }

    #[test]
    fn genes_are_told_from_barcodes() {
        for gene in ["ISG15", "Isg15", "ENSG00000121410.5", "ENSMUSG00000000001"] {
            assert!(looks_like_gene(gene), "{gene}");
        }
        for other in ["AAACATACAACCAC-1", "patient_1", "TCGA-02-0001"] {
            assert!(!looks_like_gene(other), "{other}");
        }
    }
}
