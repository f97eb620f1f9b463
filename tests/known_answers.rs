//! Known answers on real data: the interferon pathway separates stimulated from control cells.

mod common;

use common::{auroc, shared};
use gsae::expression::SampleTable;
use gsae::genesets::ReadOptions;
use gsae::identifiers::Diagnosis;
use gsae::training::Silent;
use gsae::{ExpressionMatrix, FitOptions, GeneSetCollection, Orientation, Result, fit};

const INTERFERON: &str = "Interferon alpha/beta signaling";

#[test]
fn interferon_leads_in_stimulated_cells_for_three_seeds() -> Result<()> {
    let Some(shared) = shared() else {
        return Ok(());
    };
    let folder = shared.join("data/pbmc_ifnb");
    let expression = ExpressionMatrix::from_path(&folder)?;
    let labels = SampleTable::from_path(folder.join("labels.tsv"))?;
    let conditions = labels.column("condition").unwrap_or_default();
    assert_eq!(labels.samples(), expression.samples());
    let stimulated: Vec<bool> = conditions
        .iter()
        .map(|label| *label == "stimulated")
        .collect();

    let sets = GeneSetCollection::open("reactome", &ReadOptions::default())?;
    let counts = sets.gene_counts();
    let best = Diagnosis::new(expression.genes(), &counts)?.best();
    let mapped = Diagnosis::apply(best, expression.genes(), &counts)?;
    let expression = expression.renamed(&mapped.names, Default::default())?;

    for seed in [1, 2, 3] {
        let options = FitOptions::default().with_seed(seed);
        let (trained, _) = fit(&expression, &sets, options, &mut Silent)?;
        let scores = trained.score(&expression)?;
        let table = &scores.activity;
        let separation: Vec<f64> = table
            .columns()
            .iter()
            .filter_map(|name| table.column(name))
            .map(|column| auroc(&column, &stimulated))
            .collect();
        let at = table.columns().iter().position(|name| name == INTERFERON);
        let at = at.expect("the interferon set is a node");
        let distance = |value: f64| (value - 0.5).abs();
        let above = separation
            .iter()
            .filter(|v| distance(**v) > distance(separation[at]));
        let rank = above.count() + 1;
        println!(
            "seed {seed}: AUROC {:.4}, rank {rank} of {}",
            separation[at],
            separation.len()
        );
        assert!(separation[at] >= 0.98, "seed {seed}: {}", separation[at]);
        assert!(rank <= 2, "seed {seed}: rank {rank}");
        let node = &scores.nodes.rows()[at];
        let orientation = node.summary().map(|summary| summary.orientation);
        assert_eq!(orientation, Some(Orientation::Up));
    }
    Ok(())
}
