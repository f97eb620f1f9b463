//! The matrix in its formats.

use super::Outcome;
use gsae::GeneSetCollection;
use gsae::genesets::ReadOptions;
use gsae::io::{AnnData, Columns, Dense, Values};
use gsae::nn::random_stream;
use rand::RngExt;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// The share of values above 0.
const FILLED: f64 = 0.08;

/// A file, its format, and the libraries that read it too.
pub struct File {
    pub format: &'static str,
    pub path: PathBuf,
    pub peers: &'static [&'static str],
}

/// Writes the files.
pub fn write(folder: &Path, samples: usize, genes: usize) -> Outcome<Vec<File>> {
    let mut random = random_stream(7, "matrix");
    let values: Vec<f32> = (0..samples * genes)
        .map(|_| match random.random_bool(FILLED) {
            true => random.random_range(1..200) as f32,
            false => 0.0,
        })
        .collect();
    let sets = GeneSetCollection::open("reactome", &ReadOptions::default())?;
    let symbols = sets.genes().into_iter().take(genes).map(str::to_owned);
    let mut names: Vec<String> = symbols.collect();
    names.extend((names.len()..genes).map(|gene| format!("GENE{gene}")));
    let cells: Vec<String> = (0..samples)
        .map(|sample| format!("cell_{sample}"))
        .collect();
    let mut files = Vec::new();

    let path = folder.join("matrix.tsv.gz");
    let file = BufWriter::new(std::fs::File::create(&path)?);
    let encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    let mut text = BufWriter::with_capacity(1 << 20, encoder);
    writeln!(text, "gene\t{}", cells.join("\t"))?;
    for (gene, name) in names.iter().enumerate() {
        write!(text, "{name}")?;
        for sample in 0..samples {
            write!(text, "\t{}", values[sample * genes + gene])?;
        }
        writeln!(text)?;
    }
    let encoder = text.into_inner().map_err(|cause| cause.into_error())?;
    encoder.finish()?.flush()?;
    files.push(File {
        format: "tsv.gz",
        path,
        peers: &["pandas", "polars"],
    });

    let path = folder.join("matrix.h5ad");
    AnnData {
        obs: Columns::new(cells.clone()),
        var: Columns::new(names.clone()),
        x: Values::Sparse(Dense {
            values: &values,
            columns: genes,
        }),
        obsm: Vec::new(),
        uns: Vec::new(),
    }
    .write(&path)?;
    files.push(File {
        format: "h5ad",
        path,
        peers: &["anndata"],
    });

    #[cfg(feature = "parquet")]
    files.push(parquet(folder, &values, &cells, &names)?);
    Ok(files)
}

/// A column a gene.
#[cfg(feature = "parquet")]
fn parquet(folder: &Path, values: &[f32], cells: &[String], names: &[String]) -> Outcome<File> {
    use polars::prelude::{Column, DataFrame, ParquetWriter};
    let column = |gene: usize| -> Vec<f32> {
        let own = values.iter().skip(gene).step_by(names.len());
        own.copied().collect()
    };
    let mut columns = vec![Column::new("cell".into(), cells)];
    columns.extend(
        names
            .iter()
            .enumerate()
            .map(|(gene, name)| Column::new(name.as_str().into(), column(gene))),
    );
    let mut frame = DataFrame::new(cells.len(), columns)?;
    let path = folder.join("matrix.parquet");
    ParquetWriter::new(std::fs::File::create(&path)?).finish(&mut frame)?;
    Ok(File {
        format: "parquet",
        path,
        peers: &["pandas", "polars"],
    })
}
