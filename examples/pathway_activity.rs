//! Pathway activity of the shipped blood cells through the library: which Reactome pathway tells
//! each cell type from the others best?
//!
//! Run with `cargo run --release --example pathway_activity`.

use gsae::expression::SampleTable;
use gsae::genesets::ReadOptions;
use gsae::training::Silent;
use gsae::{ExpressionMatrix, FitOptions, GeneSetCollection, Result, fit};
use std::collections::BTreeSet;

fn main() -> Result<()> {
    let sets = GeneSetCollection::open("reactome", &ReadOptions::default())?;
    let expression = ExpressionMatrix::from_path("examples/pbmc3k/expression.tsv.gz")?;
    let labels = SampleTable::from_path("examples/pbmc3k/labels.tsv")?;
    let (model, report) = fit(&expression, &sets, FitOptions::default(), &mut Silent)?;
    let activity = model.score(&expression)?.activity;
    println!(
        "{} cells, {} pathways, trained in {:.1} s",
        activity.samples().len(),
        activity.columns().len(),
        report.training_seconds
    );

    let types = labels.column("cell_type").unwrap_or_default();
    for kind in types.iter().collect::<BTreeSet<_>>() {
        let best = activity
            .columns()
            .iter()
            .filter_map(|name| {
                let column = activity.column(name)?;
                let (mut inside, mut outside) = ((0.0, 0.0), (0.0, 0.0));
                for (value, label) in column.iter().zip(&types) {
                    let side = if label == kind {
                        &mut inside
                    } else {
                        &mut outside
                    };
                    side.0 += f64::from(*value);
                    side.1 += 1.0;
                }
                Some((inside.0 / inside.1 - outside.0 / outside.1, name))
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((difference, name)) = best {
            println!("{kind:<18} +{difference:.2} SD  {name}");
        }
    }
    Ok(())
}
