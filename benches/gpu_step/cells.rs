//! Many cells, from counts in memory to a trained model and its activity.

use crate::step::Sizes;
use gsae::nn::random_stream;
use gsae::training::Silent;
use gsae::{DeviceChoice, ExpressionMatrix, FitOptions, GeneSet, GeneSetCollection, fit};
use rand::RngExt;
use rayon::prelude::*;
use std::error::Error;
use std::time::Instant;

/// The share of genes that a cell expresses, and of those of the first set in every second cell.
const EXPRESSED: f64 = 0.05;
const RAISED: f64 = 0.25;

/// Counts of so many cells; every second cell expresses more genes of the first set.
fn counts(cells: usize, sizes: Sizes, raised: &[u32]) -> gsae::Result<ExpressionMatrix> {
    let rows: Vec<(Vec<u32>, Vec<f32>)> = (0..cells)
        .into_par_iter()
        .map(|cell| {
            let mut random = random_stream(cell as u64, "a cell");
            let mut genes = Vec::with_capacity(sizes.genes / 16);
            let mut gene = 0usize;
            loop {
                // The distance to the next gene that is expressed.
                let u: f64 = random.random_range(f64::MIN_POSITIVE..1.0);
                gene += (u.ln() / (1.0 - EXPRESSED).ln()) as usize;
                if gene >= sizes.genes {
                    break;
                }
                genes.push(gene as u32);
                gene += 1;
            }
            if cell % 2 == 0 {
                genes.extend(raised.iter().filter(|_| random.random_bool(RAISED)));
                genes.sort_unstable();
                genes.dedup();
            }
            let values = genes
                .iter()
                .map(|_| 1.0 + f32::from(random.random_bool(0.3)));
            let values = values.collect();
            (genes, values)
        })
        .collect();
    let mut starts = Vec::with_capacity(cells + 1);
    starts.push(0);
    let (mut columns, mut values) = (Vec::new(), Vec::new());
    for (own_columns, own_values) in rows {
        columns.extend(own_columns);
        values.extend(own_values);
        starts.push(columns.len());
    }
    let names = |letter: &str, count: usize| (0..count).map(|at| format!("{letter}{at}")).collect();
    ExpressionMatrix::sparse(
        names("c", cells),
        names("g", sizes.genes),
        starts,
        columns,
        values,
    )
}

/// The chance that the activity of a cell with the set raised is above that of another.
fn auroc(activity: &[f32]) -> f64 {
    let mut order: Vec<usize> = (0..activity.len()).collect();
    order.sort_by(|&a, &b| activity[a].total_cmp(&activity[b]));
    let raised = order.iter().filter(|&&cell| cell % 2 == 0).count();
    let others = order.len() - raised;
    let ranks = order.iter().enumerate().filter(|(_, cell)| *cell % 2 == 0);
    let sum: f64 = ranks.map(|(rank, _)| rank as f64 + 1.0).sum();
    (sum - 0.5 * raised as f64 * (raised as f64 + 1.0)) / (raised as f64 * others as f64)
}

/// Trains one epoch on so many cells on the GPU, and on a part of them on both devices.
pub fn run(cells: usize) -> Result<(), Box<dyn Error>> {
    let sizes = Sizes::usual(1024);
    let mask = sizes.mask();
    let set = |(at, row): (usize, &[u32])| {
        let genes = row.iter().map(|gene| format!("g{gene}"));
        GeneSet::new(format!("set{at}"), "", genes.collect::<Vec<String>>())
    };
    let sets = GeneSetCollection::new(mask.rows().enumerate().map(set).collect())?;
    for (cells, device) in [
        (20_000, DeviceChoice::Cpu),
        (20_000, DeviceChoice::Cuda(0)),
        (cells, DeviceChoice::Cuda(0)),
    ] {
        let began = Instant::now();
        let matrix = counts(cells, sizes, mask.row(0))?;
        let made = began.elapsed().as_secs_f64();
        let mut options = FitOptions::named("gsae")?;
        options.training.epochs = 1;
        options.training.batch_size = sizes.batch;
        options.training.device = device;
        let began = Instant::now();
        let (model, report) = fit(&matrix, &sets, options, &mut Silent)?;
        let fitted = began.elapsed().as_secs_f64();
        let part: Vec<usize> = (0..20_000).collect();
        let began = Instant::now();
        let scores = model.score(&matrix.select_samples(&part))?;
        let scored = began.elapsed().as_secs_f64();
        let activity = scores
            .activity
            .column("set0")
            .ok_or("no activity of set0")?;
        println!(
            "{device}: {cells} cells x {} genes, {} sets, made in {made:.1} s; fit {fitted:.1} s \
             (preparation {:.1} s, one epoch {:.1} s, reading the nodes {:.1} s), {:.0} cells/s \
             over all; 20000 scored in {scored:.1} s; loss {:.5}, AUROC of the raised set {:.4}",
            sizes.genes,
            sizes.sets,
            report.preparation_seconds,
            report.training_seconds,
            report.activity_seconds,
            cells as f64 / fitted,
            model.history().epochs[0].train_loss,
            auroc(&activity)
        );
    }
    Ok(())
}
