//! The tables of an interpretation.

use super::loadings::{LoadingTable, Tail};
use super::{Interpretation, Redundancy, SetTest};
use crate::error::{Error, Result};
use crate::io::{one_field, write_text};
use std::fmt::Write;
use std::path::Path;

/// Names that a row of `supersets.tsv` tells of each side.
const IN_ROW: usize = 5;
/// The false discovery rate up to which a row tells of enriched gene sets.
const SIGNIFICANT: f64 = 0.05;
/// The p-value up to which the genes of a test are listed.
const GENES_LISTED: f64 = 0.05;

impl Interpretation {
    /// The names of all files that [`Interpretation::write`] may write.
    pub const FILES: [&str; 11] = [
        "supersets.tsv",
        "tails.tsv",
        "groups.tsv",
        "loadings_genes.tsv",
        "merged_latent.tsv",
        "loadings_sets.tsv",
        "merged_activity.tsv",
        "weights_sets.tsv",
        "weights_genes.tsv",
        "enrichment.tsv",
        "interpret.json",
    ];

    /// Writes all tables into a folder, each whole or not at all: `supersets.tsv`, `tails.tsv`,
    /// `loadings_genes.tsv`, `groups.tsv`, `merged_latent.tsv` and `interpret.json`; with gene-set
    /// nodes also `loadings_sets.tsv` and `merged_activity.tsv`; with a single layer after the
    /// latent one `weights_genes.tsv` or `weights_sets.tsv`; with tested sets `enrichment.tsv`.
    ///
    /// # Errors
    /// [`Error::Io`] if a file cannot be written.
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<()> {
        let folder = folder.as_ref();
        write_text(folder.join("supersets.tsv"), &self.unit_table())?;
        write_text(folder.join("tails.tsv"), &self.tail_table())?;
        write_text(folder.join("groups.tsv"), &self.group_table())?;
        self.genes
            .write_tsv(folder.join("loadings_genes.tsv"), "gene")?;
        self.merged_latent
            .write_tsv(folder.join("merged_latent.tsv"))?;
        if let Some(sets) = &self.sets {
            sets.write_tsv(folder.join("loadings_sets.tsv"), "set")?;
        }
        if let Some(activity) = &self.merged_activity {
            activity.write_tsv(folder.join("merged_activity.tsv"))?;
        }
        if let Some((to_sets, weights)) = &self.weights {
            let name = if *to_sets {
                "weights_sets.tsv"
            } else {
                "weights_genes.tsv"
            };
            weights.write_tsv(folder.join(name), if *to_sets { "set" } else { "gene" })?;
        }
        if !self.enrichment.is_empty() {
            write_text(folder.join("enrichment.tsv"), &self.enrichment_table())?;
        }
        let options = serde_json::to_string_pretty(&self.options).map_err(|cause| {
            let path = folder.join("interpret.json");
            Error::io("write", path)(cause.into())
        })?;
        write_text(folder.join("interpret.json"), &format!("{options}\n"))
    }

    /// A row a latent unit, the most explanatory first.
    fn unit_table(&self) -> String {
        let mut text = String::from(
            "node\tr2\tadjusted_r2\tmean_gene_r2\texplains\tgroup\tgroup_size\trepresentative\tcorrelation\t\
             top_sets_positive\ttop_sets_negative\ttop_genes_positive\ttop_genes_negative\t\
             enriched_positive\tenriched_negative\n",
        );
        for unit in self.by_r2() {
            let node = &self.units[unit];
            let group = match self.redundancy.group[unit] {
                Some(group) => {
                    let members = &self.redundancy.members[group];
                    format!(
                        "{}\t{}\t{}\t{:.4}",
                        group + 1,
                        members.len(),
                        one_field(&self.units[members[0]].name),
                        self.redundancy.correlation[unit]
                    )
                }
                None => "NA\tNA\tNA\tNA".to_owned(),
            };
            let top = |table: Option<&LoadingTable>, tail, between: &str| match table {
                Some(table) => listed(table, unit, tail, between),
                None => "NA".to_owned(),
            };
            let enriched = |side| match self.tested.contains(&unit) {
                false => "NA".to_owned(),
                true => {
                    let found = self.enriched(unit, side, SIGNIFICANT);
                    let names = found.iter().take(IN_ROW).map(|found| match found.test {
                        SetTest::Prerank { nes, .. } => {
                            format!("{} ({nes:.2})", one_field(&found.set))
                        }
                        SetTest::OverRepresentation { .. } => one_field(&found.set),
                    });
                    names.collect::<Vec<_>>().join(" | ")
                }
            };
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{}\t{:.6}\t{:.6}\t{:.6}\t{}\t{group}\t{}\t{}\t{}\t{}\t{}\t{}",
                one_field(&node.name),
                node.r2,
                node.adjusted_r2,
                node.mean_gene_r2,
                node.explains,
                top(self.sets.as_ref(), Tail::Positive, " | "),
                top(self.sets.as_ref(), Tail::Negative, " | "),
                top(Some(&self.genes), Tail::Positive, ","),
                top(Some(&self.genes), Tail::Negative, ","),
                enriched(Tail::Positive),
                enriched(Tail::Negative),
            );
        }
        text
    }

    /// The most extreme genes and gene sets of every unit that varies, on both sides.
    fn tail_table(&self) -> String {
        let mut text = String::from("node\tkind\ttail\trank\tname\tloading\tz\n");
        let tables = [("gene", Some(&self.genes)), ("set", self.sets.as_ref())];
        for (unit, node) in self.units.iter().enumerate() {
            for (kind, table) in tables {
                let Some(table) = table else {
                    continue;
                };
                for tail in Tail::BOTH {
                    let ranked = table.tail(unit, tail, 0.0, self.options.top);
                    for (entry, rank) in ranked.iter().zip(1..) {
                        // Writing to a String cannot fail.
                        let _ = writeln!(
                            text,
                            "{}\t{kind}\t{}\t{rank}\t{}\t{:.6}\t{:.4}",
                            one_field(&node.name),
                            tail.name(),
                            one_field(&table.names()[entry.row]),
                            entry.loading,
                            entry.z,
                        );
                    }
                }
            }
        }
        text
    }

    /// Near copies: a row a node of a group of several.
    fn group_table(&self) -> String {
        let mut text =
            String::from("layer\tgroup\tgroup_size\tnode\trepresentative\tcorrelation\n");
        let mut add = |layer: &str, redundancy: &Redundancy, names: &[String]| {
            for (members, number) in redundancy.members.iter().zip(1..) {
                if members.len() < 2 {
                    continue;
                }
                for &node in members {
                    // Writing to a String cannot fail.
                    let _ = writeln!(
                        text,
                        "{layer}\t{number}\t{}\t{}\t{}\t{:.4}",
                        members.len(),
                        one_field(&names[node]),
                        one_field(&names[members[0]]),
                        redundancy.correlation[node],
                    );
                }
            }
        };
        add("latent", &self.redundancy, self.genes.units());
        if let (Some(redundancy), Some(sets)) = (&self.set_redundancy, &self.sets) {
            add("gene_sets", redundancy, sets.names());
        }
        text
    }

    /// A row a unit, test and gene set.
    fn enrichment_table(&self) -> String {
        let mut text = String::from(
            "node\ttest\ttail\tset\tsize\tof_the_model\tes\tnes\tfdr\ttail_genes\toverlap\todds_ratio\tp\tadjusted_p\t\
             genes\n",
        );
        for found in &self.enrichment {
            let (test, numbers) = match found.test {
                SetTest::Prerank { es, nes, fdr } => (
                    "prerank",
                    format!("{es:.6}\t{nes:.6}\t{fdr:.6e}\tNA\tNA\tNA"),
                ),
                SetTest::OverRepresentation {
                    tail_genes,
                    overlap,
                    odds_ratio,
                    ..
                } => (
                    "ora",
                    format!("NA\tNA\tNA\t{tail_genes}\t{overlap}\t{odds_ratio:.4}"),
                ),
            };
            let genes = match found.p <= GENES_LISTED {
                true => found.genes.join(";"),
                false => String::new(),
            };
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{}\t{test}\t{}\t{}\t{}\t{}\t{numbers}\t{:.6e}\t{:.6e}\t{genes}",
                one_field(&self.units[found.unit].name),
                found.side().name(),
                one_field(&found.set),
                found.size,
                found.of_the_model,
                found.p,
                found.adjusted_p,
            );
        }
        text
    }
}

/// The names at one end of a unit's loadings with these, as one field.
fn listed(table: &LoadingTable, unit: usize, tail: Tail, between: &str) -> String {
    let ranked = table.tail(unit, tail, 0.0, IN_ROW);
    let names = ranked.iter().map(|entry| {
        format!(
            "{} ({:.2})",
            one_field(&table.names()[entry.row]),
            entry.loading
        )
    });
    names.collect::<Vec<_>>().join(between)
}
