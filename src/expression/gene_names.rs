//! Which column of a table of genes names them.

use super::GeneColumn;
use crate::error::{Error, Result};
use crate::identifiers::looks_like_gene;

/// Columns that hold gene symbols, in the order they are looked for; case does not matter.
const SYMBOL_COLUMNS: [&str; 11] = [
    "gene_symbols",
    "gene_symbol",
    "pr_gene_symbol",
    "feature_name",
    "gene_name",
    "gene_names",
    "symbol",
    "hgnc_symbol",
    "gene symbol",
    "gene",
    "description",
];
/// Names that are looked at.
const SAMPLED: usize = 2000;

/// A table of genes: row names and named columns of text.
pub(super) trait GeneTable {
    /// What it is called in messages.
    fn title(&self) -> &str;
    /// The row names.
    fn rows(&self) -> &[String];
    /// The names of its columns.
    fn columns(&self) -> Vec<String>;
    /// A column, one text a row, empty where there is none.
    fn column(&self, name: &str) -> Result<Vec<String>>;
    /// An error at the table.
    fn error(&self, message: String, remedy: &str) -> Error;
}

/// The names of the genes, as the option says: by default the row names, or, where they are not
/// mostly symbols, a column that has symbols. A gene without a symbol keeps its row name.
pub(super) fn gene_names(
    table: &impl GeneTable,
    wanted: &GeneColumn,
    warnings: &mut Vec<String>,
) -> Result<Vec<String>> {
    let columns = table.columns();
    let column = match wanted {
        GeneColumn::Id => None,
        GeneColumn::Named(name) if !columns.contains(name) => {
            let remedy = format!(
                "Choose with --gene-column id (the row names) or one of: {}.",
                columns.join(", ")
            );
            return Err(table.error(format!("there is no column {name:?}"), &remedy));
        }
        GeneColumn::Named(name) => Some(table.column(name)?),
        GeneColumn::Symbol => {
            let mut found = None;
            let ensembl = are_ensembl(table.rows());
            let named = |name: &&str| columns.iter().find(|own| own.eq_ignore_ascii_case(name));
            let mut candidates = SYMBOL_COLUMNS.iter().filter_map(named).peekable();
            // Without a choice nobody need know what is a symbol.
            let alone = candidates.peek().is_none() || are_symbols(table.rows());
            for name in candidates.filter(|_| !alone) {
                let column = table.column(name)?;
                // Species that the shipped table does not know have symbols too.
                let named_so = name.contains("symbol") || name.contains("name");
                if are_symbols(&column) || (ensembl && named_so) {
                    warnings.push(format!(
                        "the genes are named by the column {name} of {}; --gene-column id takes \
                         the row names",
                        table.title()
                    ));
                    found = Some(column);
                    break;
                }
            }
            found
        }
    };
    let rows = table.rows();
    let Some(column) = column else {
        return Ok(rows.to_vec());
    };
    let named = column.into_iter().zip(rows);
    Ok(named
        .map(|(name, row)| if name.is_empty() { row.clone() } else { name })
        .collect())
}

fn are_ensembl(names: &[String]) -> bool {
    2 * names.iter().filter(|name| name.starts_with("ENS")).count() > names.len()
}

/// Whether most of these names are gene symbols; Ensembl ids are none.
pub(super) fn are_symbols(names: &[String]) -> bool {
    let step = names.len().div_ceil(SAMPLED).max(1);
    let symbol = |name: &&String| !name.starts_with("ENS") && looks_like_gene(name);
    let sampled = names.iter().step_by(step);
    2 * sampled.filter(symbol).count() > names.len().div_ceil(step)
}
