//! The shipped table of human genes: symbol, Entrez id, Ensembl id, aliases.

use super::id_type::IdType;
use crate::error::{Error, Place, Result};
use crate::io::{decompress, utf8};
use std::collections::HashMap;
use std::path::Path;
use std::sync::OnceLock;

/// One gene of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Gene {
    symbol: String,
    entrez: Vec<String>,
    ensembl: Vec<String>,
}

/// Human genes by symbol, Entrez id, Ensembl id and alias.
#[derive(Debug, Clone, Default)]
pub struct GeneTable {
    genes: Vec<Gene>,
    /// Positions in `genes`, as in the maps below.
    by_symbol: HashMap<String, usize>,
    by_entrez: HashMap<String, usize>,
    by_ensembl: HashMap<String, usize>,
    /// An alias that several symbols share maps to none.
    by_alias: HashMap<String, Option<usize>>,
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
        let table = Self::parse(&utf8(decompress(bytes.to_vec(), path)?, path)?, path)?;
        Ok(BUNDLED.get_or_init(|| table))
    }

    /// Parses `symbol TAB entrez TAB ensembl TAB alias,alias`, with a header.
    ///
    /// # Errors
    /// [`Error::Format`] with the line of a row that is not four fields.
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        let mut table = Self::default();
        for (index, line) in text.lines().enumerate().skip(1) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [symbol, entrez, ensembl, aliases] = fields.as_slice() else {
                return Err(Error::format(
                    path,
                    Place::line(index + 1),
                    format!("{} fields instead of 4", fields.len()),
                    "Expected are symbol, Entrez id, Ensembl id and aliases.",
                ));
            };
            let number = table.genes.len();
            let gene = Gene {
                symbol: (*symbol).to_owned(),
                entrez: list(entrez),
                ensembl: list(ensembl),
            };
            table.by_symbol.entry(gene.symbol.clone()).or_insert(number);
            for id in &gene.entrez {
                table.by_entrez.entry(id.clone()).or_insert(number);
            }
            for id in &gene.ensembl {
                table.by_ensembl.entry(id.clone()).or_insert(number);
            }
            for alias in list(aliases) {
                table
                    .by_alias
                    .entry(alias)
                    .and_modify(|known| {
                        if *known != Some(number) {
                            *known = None;
                        }
                    })
                    .or_insert(Some(number));
            }
            table.genes.push(gene);
        }
        Ok(table)
    }

    /// Whether this is a current symbol.
    pub fn is_symbol(&self, name: &str) -> bool {
        self.by_symbol.contains_key(name)
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
        Some(&self.genes[*self.by_ensembl.get(id)?].symbol)
    }

    /// The symbol of an Entrez id.
    pub fn from_entrez(&self, id: &str) -> Option<&str> {
        Some(&self.genes[*self.by_entrez.get(id)?].symbol)
    }

    /// The one symbol that has this alias; none for a current symbol or a shared alias.
    pub fn from_alias(&self, alias: &str) -> Option<&str> {
        if self.is_symbol(alias) {
            return None;
        }
        Some(&self.genes[(*self.by_alias.get(alias)?)?].symbol)
    }

    /// The Entrez ids of a symbol.
    pub fn entrez_of(&self, symbol: &str) -> &[String] {
        self.gene(symbol).map_or(&[], |gene| &gene.entrez)
    }

    /// The Ensembl ids of a symbol, without version.
    pub fn ensembl_of(&self, symbol: &str) -> &[String] {
        self.gene(symbol).map_or(&[], |gene| &gene.ensembl)
    }

    fn gene(&self, symbol: &str) -> Option<&Gene> {
        self.genes.get(*self.by_symbol.get(symbol)?)
    }
}

/// The parts of a comma-separated field; none if it is empty.
fn list(field: &str) -> Vec<String> {
    let parts = field.split(',').filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
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
        assert_eq!(table.entrez_of("A1BG"), ["1"]);
        assert_eq!(table.ensembl_of("A1BG"), ["ENSG00000121410"]);
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
    fn genes_are_told_from_barcodes() {
        for gene in ["ISG15", "Isg15", "ENSG00000121410.5", "ENSMUSG00000000001"] {
            assert!(looks_like_gene(gene), "{gene}");
        }
        for other in ["AAACATACAACCAC-1", "patient_1", "TCGA-02-0001"] {
            assert!(!looks_like_gene(other), "{other}");
        }
    }
}
