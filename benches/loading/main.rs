//! Reading a matrix side by side with pandas, polars and anndata: seconds and peak memory, every
//! read in a process of its own.
//!
//! ```text
//! python3 -m venv venv && venv/bin/pip install anndata pandas polars pyarrow
//! GSAE_BENCH_PYTHON=venv/bin/python cargo bench --bench loading --features parquet
//! ```
//!
//! 10,000 samples x 16,000 genes of counts, 8 % of them above 0; `GSAE_BENCH_SAMPLES`,
//! `GSAE_BENCH_GENES` and `GSAE_BENCH_ROUNDS` change that. The files are written anew into a
//! temporary folder (`TMPDIR`). Without Python our numbers are printed alone.

mod files;

use gsae::ExpressionMatrix;
use serde_json::{Value, json};
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

const THREADS: &str = "2";

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        return Ok(());
    }
    if let [flag, path] = arguments.as_slice()
        && flag == "--load"
    {
        println!("{}", load(Path::new(path))?);
        return Ok(());
    }
    let number = |name: &str, default: usize| {
        let given = std::env::var(name).ok().and_then(|text| text.parse().ok());
        given.unwrap_or(default)
    };
    let samples = number("GSAE_BENCH_SAMPLES", 10_000);
    let genes = number("GSAE_BENCH_GENES", 16_000);
    let rounds = number("GSAE_BENCH_ROUNDS", 3);
    let folder = tempfile::tempdir()?;
    println!("{samples} samples x {genes} genes, {THREADS} threads, medians of {rounds} rounds");
    for file in files::write(folder.path(), samples, genes)? {
        let size = std::fs::metadata(&file.path)?.len() as f64 / 1e6;
        println!("\n== {} ({size:.0} MB) ==", file.format);
        let mut readers = vec!["gsae"];
        readers.extend(file.peers);
        let mut runs: Vec<Vec<Value>> = vec![Vec::new(); readers.len()];
        for _ in 0..rounds {
            for (reader, runs) in readers.iter().zip(&mut runs) {
                match measure(reader, file.format, &file.path) {
                    Ok(run) => runs.push(run),
                    Err(reason) => println!("no {reader}: {reason}"),
                }
            }
        }
        report(&readers, &runs);
    }
    Ok(())
}

/// One read in a process of its own.
fn measure(reader: &str, format: &str, path: &Path) -> Outcome<Value> {
    let mut command = if reader == "gsae" {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--load");
        command
    } else {
        let python = std::env::var_os("GSAE_BENCH_PYTHON").unwrap_or_else(|| "python3".into());
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new(python);
        command.arg(folder.join("benches/peers/load_matrix.py"));
        command.args([reader, format]);
        command
    };
    for name in ["RAYON_NUM_THREADS", "POLARS_MAX_THREADS", "OMP_NUM_THREADS"] {
        command.env(name, THREADS);
    }
    let output = command.arg(path).output()?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(text.lines().last().unwrap_or("it failed").into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// What a process of ours reports.
fn load(path: &Path) -> Outcome<Value> {
    let before = peak_kib();
    let start = Instant::now();
    let matrix = ExpressionMatrix::from_path(path)?;
    // Sparse counts are written out in full, as the others do it.
    let values = matrix.to_dense()?;
    let seconds = start.elapsed().as_secs_f64();
    let kib = peak_kib();
    Ok(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "seconds": seconds,
        "kib": kib,
        "before": before,
        "rows": matrix.n_samples(),
        "columns": matrix.n_genes(),
        "sum": values.iter().map(|value| f64::from(*value)).sum::<f64>(),
    }))
}

fn report(readers: &[&str], runs: &[Vec<Value>]) {
    let median = |runs: &[Value], key: &str| {
        let mut values: Vec<f64> = runs.iter().filter_map(|run| run[key].as_f64()).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let ours = runs
        .first()
        .map_or(f64::NAN, |runs| median(runs, "seconds"));
    for (reader, runs) in readers
        .iter()
        .zip(runs)
        .filter(|(_, runs)| !runs.is_empty())
    {
        let seconds = median(runs, "seconds");
        println!(
            "{reader:<8} {:<8} {seconds:>7.2} s  {:>6.0} MB  our time is {:.2} times this; {} x {}, sum {}",
            runs[0]["version"].as_str().unwrap_or("?"),
            (median(runs, "kib") - median(runs, "before")) * 1024.0 / 1e6,
            ours / seconds,
            runs[0]["rows"],
            runs[0]["columns"],
            runs[0]["sum"],
        );
    }
}

/// The peak resident memory in KiB, 0 where the system does not tell.
fn peak_kib() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
