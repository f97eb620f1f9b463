//! Known answers on real data: the interferon pathway separates stimulated from control cells, and
//! so do the pathways above it in the hierarchy.

mod common;

use common::{auroc, shared};
use gsae::expression::SampleTable;
use gsae::genesets::{ReadOptions, bundled};
use gsae::identifiers::Diagnosis;
use gsae::pipeline::{Annotations, fit_annotated};
use gsae::training::Silent;
use gsae::{ExpressionMatrix, FitOptions, GeneSetCollection, Orientation, Result, SizeFilter, fit};
use std::collections::{HashMap, HashSet};

const INTERFERON: &str = "Interferon alpha/beta signaling";

/// The cells with the names that the sets use, the pathways, and which cells were stimulated.
fn cells() -> Result<Option<(ExpressionMatrix, GeneSetCollection, Vec<bool>)>> {
    let Some(shared) = shared() else {
        return Ok(None);
    };
    let folder = shared.join("data/pbmc_ifnb");
    let expression = ExpressionMatrix::from_path(&folder)?;
    let labels = SampleTable::from_path(folder.join("labels.tsv"))?;
    let conditions = labels.column("condition").unwrap_or_default();
    assert_eq!(labels.samples(), expression.samples());
    let stimulated = conditions.iter().map(|label| *label == "stimulated");
    let sets = GeneSetCollection::open("reactome", &ReadOptions::default())?;
    let counts = sets.gene_counts();
    let best = Diagnosis::new(expression.genes(), &counts)?.best();
    let mapped = Diagnosis::apply(best, expression.genes(), &counts)?;
    let expression = expression.renamed(&mapped.names, Default::default())?;
    Ok(Some((expression, sets, stimulated.collect())))
}

#[test]
fn the_interferon_branch_lights_up_from_leaf_to_top() -> Result<()> {
    let Some((expression, sets, stimulated)) = cells()? else {
        return Ok(());
    };
    let relations = bundled::find("reactome").expect("bundled").relations()?;
    let annotations = Annotations {
        relations: relations.as_ref(),
        samples: None,
    };
    let mut options = FitOptions::default().with_seed(1);
    options.hierarchy.levels = Some(4);
    options.sizes = SizeFilter::new(15, usize::MAX);
    options.training.epochs = 40;
    let (trained, _) = fit_annotated(&expression, &sets, annotations, options, &mut Silent)?;
    let table = trained.score(&expression)?.activity;
    for (name, least) in [
        (INTERFERON, 0.98),
        ("Interferon Signaling", 0.97),
        ("Cytokine Signaling in Immune system", 0.93),
        ("Immune System", 0.7),
    ] {
        let column = table.column(name).expect("a node");
        let separation = auroc(&column, &stimulated);
        println!("{name}: {separation:.4}");
        assert!(separation >= least, "{name}: {separation}");
    }

    // The connections, counted from the sets and the relations alone.
    let map = trained.map().expect("a map");
    assert!(map.levels().len() >= 3);
    let nodes: Vec<&str> = trained
        .nodes()
        .iter()
        .map(|node| node.name.as_str())
        .collect();
    let genes: HashSet<&str> = trained.genes().iter().map(String::as_str).collect();
    let id_of: HashMap<&str, &str> = sets
        .sets()
        .iter()
        .map(|set| (set.description.as_str(), set.name.as_str()))
        .collect();
    let used: HashSet<&str> = nodes.iter().copied().collect();
    let mut children: HashMap<&str, HashSet<&str>> = HashMap::new();
    for (parent, child, _) in relations.expect("relations").iter() {
        if let (Some(parent), Some(child)) = (id_of.get(parent), id_of.get(child)) {
            children.entry(parent).or_default().insert(child);
        }
    }
    let members = |name: &str| -> HashSet<&str> {
        let set = sets.get(name).expect("a set");
        set.genes
            .iter()
            .map(String::as_str)
            .filter(|gene| genes.contains(gene))
            .collect()
    };
    let mut expected = 0;
    for name in &nodes {
        // The next sets below that are in use, through those that are not.
        let mut below: HashSet<&str> = HashSet::new();
        let mut open = vec![*name];
        while let Some(set) = open.pop() {
            for child in children.get(set).into_iter().flatten() {
                if used.contains(child) {
                    below.insert(child);
                } else {
                    open.push(child);
                }
            }
        }
        let through: HashSet<&str> = below.iter().flat_map(|child| members(child)).collect();
        expected += below.len() + members(name).difference(&through).count();
    }
    assert_eq!(map.connections(), expected);
    Ok(())
}

#[test]
fn interferon_leads_in_stimulated_cells_for_three_seeds() -> Result<()> {
    let Some((expression, sets, stimulated)) = cells()? else {
        return Ok(());
    };
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
