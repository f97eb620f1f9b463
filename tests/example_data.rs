//! The cells that ship with gsae: their labels agree with their marker genes.

use gsae::expression::SampleTable;
use gsae::{ExpressionMatrix, Result};
use std::collections::BTreeMap;

/// For each cell type a gene that no other of the eight types expresses as highly on average.
const MARKERS: [(&str, &str); 7] = [
    ("B", "MS4A1"),
    ("CD14+ Mono", "CD14"),
    ("CD8 T", "CD8A"),
    ("DC", "FCER1A"),
    ("FCGR3A+ Mono", "MS4A7"),
    ("NK", "GNLY"),
    ("Naive CD4 T", "CCR7"),
];

#[test]
fn each_cell_type_expresses_its_marker_most() -> Result<()> {
    let cells = ExpressionMatrix::from_path("examples/pbmc3k/expression.tsv.gz")?;
    let labels = SampleTable::from_path("examples/pbmc3k/labels.tsv")?;
    assert_eq!(labels.samples(), cells.samples());
    let types = labels.column("cell_type").unwrap_or_default();
    let index = cells.gene_index();
    let values = cells.to_dense()?;
    let mean_by_type = |gene: &str| {
        let mut sums: BTreeMap<&str, f32> = BTreeMap::new();
        for (cell, kind) in types.iter().enumerate() {
            *sums.entry(kind).or_default() += values[cell * cells.n_genes() + index[gene]] / 20.0;
        }
        sums
    };
    for (kind, gene) in MARKERS {
        let means = mean_by_type(gene);
        assert_eq!(means.len(), 8);
        let highest = means.iter().max_by(|a, b| a.1.total_cmp(b.1));
        assert_eq!(
            highest.map(|(kind, _)| *kind),
            Some(kind),
            "{gene}: {means:?}"
        );
    }
    // Memory T cells have no gene of their own here: T cells, and neither naive nor CD8.
    let memory = |gene: &str| mean_by_type(gene)["Memory CD4 T"];
    assert!(memory("CD3D") > 2.0 && memory("IL7R") > 1.5 && memory("CD14") < 0.1);
    Ok(())
}
