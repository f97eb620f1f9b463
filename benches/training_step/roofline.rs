//! The sparse kernels against the machine's limits.

use std::error::Error;
use std::time::Instant;

use candle_core::{DType, Device, Tensor};
use gsae::nn::{LinearConfig, MaskedLinear, ParameterSet, gather_rows, random_stream};

use crate::machine::Limits;
use crate::support::median;
use crate::task::{BATCH, GENES, SETS, Task};

/// One kernel: what it reads out of order and how much it computes.
struct Kernel {
    name: &'static str,
    /// The limit on the bytes read for every entry: of the genes' or the sets' batch.
    from_genes: bool,
    /// Multiply-adds for every entry and sample.
    multiply_adds: f64,
    milliseconds: f64,
}

/// Measures the machine and the kernels and prints a table.
pub fn print(task: &Task) -> Result<(), Box<dyn Error>> {
    let (genes_bytes, sets_bytes) = (4 * GENES * BATCH, 4 * SETS * BATCH);
    let limits = Limits::measure(genes_bytes, sets_bytes);
    println!("== Roofline ==");
    println!(
        "measured: {:.0} GB/s from memory, {:.0} GB/s from a shared {:.1} MB, {:.0} GB/s from a \
         shared {:.1} MB, {:.0} GFLOP/s",
        limits.memory / 1e9,
        limits.batch / 1e9,
        genes_bytes as f64 / 1e6,
        limits.sets / 1e9,
        sets_bytes as f64 / 1e6,
        limits.operations / 1e9
    );
    for kernel in kernels(task)? {
        let entries = task.mask.entries() as f64;
        let bytes = entries * (4 * BATCH) as f64 + 8.0 * entries;
        let operations = 2.0 * kernel.multiply_adds * entries * BATCH as f64;
        let bandwidth = if kernel.from_genes {
            limits.batch
        } else {
            limits.sets
        };
        let by_bytes = 1e3 * bytes / bandwidth;
        let by_operations = 1e3 * operations / limits.operations;
        let bound = by_bytes.max(by_operations);
        println!(
            "{:<30}{:>6.2} ms; {:.0} MB at least {by_bytes:.2} ms, {:.0} MFLOP at least \
             {by_operations:.2} ms: {:.0} % of the roofline",
            kernel.name,
            kernel.milliseconds,
            bytes / 1e6,
            operations / 1e6,
            100.0 * bound / kernel.milliseconds
        );
    }
    Ok(())
}

fn kernels(task: &Task) -> Result<Vec<Kernel>, Box<dyn Error>> {
    let mut parameters = ParameterSet::new(7, DType::F32);
    let config = LinearConfig::default();
    let mask = task.mask.clone();
    let encoder = MaskedLinear::new(&mut parameters, "encoder", mask.clone(), config)?;
    let decoder = MaskedLinear::new(&mut parameters, "decoder", mask.transpose(), config)?;
    let rows = task.rows(&mut random_stream(7, "roofline"));
    let genes = gather_rows(&task.data, GENES, &rows)?.t()?;
    let sets = Tensor::rand(0f32, 1f32, (SETS, BATCH), &Device::Cpu)?;
    let kernel = |name, from_genes, multiply_adds, run: &dyn Fn() -> gsae::Result<Tensor>| {
        let mut times = Vec::new();
        for _ in 0..30 {
            let start = Instant::now();
            run()?;
            times.push(1e3 * start.elapsed().as_secs_f64());
        }
        Ok::<_, Box<dyn Error>>(Kernel {
            name,
            from_genes,
            multiply_adds,
            milliseconds: median(&mut times),
        })
    };
    Ok(vec![
        kernel("genes to sets, forward", true, 1.0, &|| {
            encoder.forward_features(&genes)
        })?,
        kernel("genes to sets, values", false, 1.0, &|| {
            Ok(encoder.gradients(&genes, &sets, false)?.1)
        })?,
        kernel("sets to genes, forward", false, 1.0, &|| {
            decoder.forward_features(&sets)
        })?,
        kernel("sets to genes, values + input", true, 2.0, &|| {
            Ok(decoder.gradients(&sets, &genes, true)?.1)
        })?,
    ])
}
