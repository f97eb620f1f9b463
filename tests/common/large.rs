//! Counts of cells, and files that hold them in every way.

use gsae::nn::random_stream;
use gsae::{ExpressionMatrix, GeneSet, GeneSetCollection, Result};
use hdf5_pure::{AttrValue, FileBuilder, MaxExtent};
use rand::RngExt;
use std::fmt::Write;
use std::path::Path;

/// Cells and sets of their genes.
pub struct Large {
    pub samples: Vec<String>,
    pub genes: Vec<String>,
    /// `[samples, genes]`, row by row.
    pub values: Vec<f32>,
    pub sets: GeneSetCollection,
}

impl Large {
    pub fn dense(&self) -> Result<ExpressionMatrix> {
        ExpressionMatrix::new(
            self.samples.clone(),
            self.genes.clone(),
            self.values.clone(),
        )
    }
}

/// Counts of cells of two kinds, a share `density` of them above 0, and sets of 20 genes. The
/// genes are not in the order of their names.
pub fn counts(cells: usize, genes: usize, density: f64, seed: u64) -> Large {
    let random = &mut random_stream(seed, "counts of cells");
    let gene = |at: usize| format!("G{:03}", (at * 7) % genes);
    let mut values = vec![0f32; cells * genes];
    for (at, value) in values.iter_mut().enumerate() {
        let marker = (at / genes).is_multiple_of(2) == (at % genes < genes / 2);
        let share = if marker { 1.5 * density } else { 0.5 * density };
        if random.random::<f64>() < share {
            *value = random.random_range(1..6) as f32;
        }
    }
    // Every cell has a count.
    for cell in 0..cells {
        values[cell * genes + cell % genes] += 1.0;
    }
    let set = |first: usize| {
        let members = (first..first + 20).map(|at| gene(at % genes));
        GeneSet::new(format!("set {first}"), "", members)
    };
    let sets = (0..genes).step_by(11).map(set).collect();
    Large {
        samples: (0..cells).map(|at| format!("cell {at}")).collect(),
        genes: (0..genes).map(gene).collect(),
        values,
        sets: GeneSetCollection::new(sets).expect("sets"),
    }
}

/// How an h5ad file holds its matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Compressed rows, chunked and gzip.
    Csr,
    /// The same with every row's columns descending and the first entry in two parts.
    CsrUnsorted,
    /// Compressed columns.
    Csc,
    /// Every value.
    Dense,
}

pub fn write_h5ad(path: &Path, large: &Large, kind: Kind) {
    let (rows, columns) = (large.samples.len(), large.genes.len());
    let mut builder = FileBuilder::new();
    for (name, index) in [("obs", &large.samples), ("var", &large.genes)] {
        let mut group = builder.create_group(name);
        group.set_attr("encoding-type", AttrValue::String("dataframe".into()));
        group.set_attr("_index", AttrValue::String("_index".into()));
        let names: Vec<&str> = index.iter().map(String::as_str).collect();
        group.create_dataset("_index").with_vlen_strings(&names);
        builder.add_group(group.finish());
    }
    if kind == Kind::Dense {
        let shape = [rows as u64, columns as u64];
        let data = builder.create_dataset("X").with_f32_data(&large.values);
        data.with_shape(&shape)
            .with_chunks(&[50, 13])
            .with_deflate(4);
    } else {
        let (mut data, mut indices, mut starts) = (Vec::new(), Vec::new(), vec![0i64]);
        let by_rows = kind != Kind::Csc;
        let (major, minor) = if by_rows {
            (rows, columns)
        } else {
            (columns, rows)
        };
        for line in 0..major {
            let mut own = Vec::new();
            for at in 0..minor {
                let (row, column) = if by_rows { (line, at) } else { (at, line) };
                let value = large.values[row * columns + column];
                // A count is in the file or it is 0.
                if value != 0.0 {
                    own.push((at as i32, value));
                }
            }
            if kind == Kind::CsrUnsorted {
                own.reverse();
                let (at, value) = own[0];
                own[0].1 = value - 1.0;
                own.push((at, 1.0));
            }
            indices.extend(own.iter().map(|(at, _)| *at));
            data.extend(own.iter().map(|(_, value)| *value));
            starts.push(data.len() as i64);
        }
        let mut group = builder.create_group("X");
        let encoding = if by_rows { "csr_matrix" } else { "csc_matrix" };
        group.set_attr("encoding-type", AttrValue::String(encoding.into()));
        let chunk = |part: &mut hdf5_pure::DatasetBuilder| {
            part.with_maxshape(&[MaxExtent::Unlimited]);
            part.with_chunks(&[1000]).with_deflate(4);
        };
        chunk(group.create_dataset("data").with_f32_data(&data));
        chunk(group.create_dataset("indices").with_i32_data(&indices));
        group.create_dataset("indptr").with_i64_data(&starts);
        builder.add_group(group.finish());
    }
    builder.write(path).expect("a file");
}

/// A 10x file of old: one group named by its genome.
#[allow(dead_code)] // Not every test that shares this file has one.
pub fn write_ten_x(path: &Path, large: &Large) {
    let (cells, genes) = (large.samples.len(), large.genes.len());
    let (mut data, mut indices, mut starts) = (Vec::new(), Vec::new(), vec![0i64]);
    for cell in large.values.chunks(genes) {
        let stored = cell.iter().enumerate().filter(|(_, value)| **value != 0.0);
        for (gene, value) in stored {
            indices.push(gene as i64);
            data.push(*value as i32);
        }
        starts.push(data.len() as i64);
    }
    let mut builder = FileBuilder::new();
    let mut group = builder.create_group("GRCh38");
    let chunk = |part: &mut hdf5_pure::DatasetBuilder| {
        part.with_maxshape(&[MaxExtent::Unlimited]);
        part.with_chunks(&[1000]).with_deflate(4);
    };
    chunk(group.create_dataset("data").with_i32_data(&data));
    chunk(group.create_dataset("indices").with_i64_data(&indices));
    group.create_dataset("indptr").with_i64_data(&starts);
    let shape = [genes as i32, cells as i32];
    group.create_dataset("shape").with_i32_data(&shape);
    let ids: Vec<String> = (0..genes).map(|at| format!("id{at}")).collect();
    for (name, texts) in [
        ("barcodes", &large.samples),
        ("genes", &ids),
        ("gene_names", &large.genes),
    ] {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        group.create_dataset(name).with_vlen_strings(&texts);
    }
    builder.add_group(group.finish());
    builder.write(path).expect("a file");
}

pub fn write_mtx(folder: &Path, large: &Large) {
    let (cells, genes) = (large.samples.len(), large.genes.len());
    let mut entries = String::new();
    // By gene, so that the cells are not in order.
    for gene in 0..genes {
        for cell in 0..cells {
            let value = large.values[cell * genes + gene];
            if value != 0.0 {
                let _ = writeln!(entries, "{} {} {value}", gene + 1, cell + 1);
            }
        }
    }
    let banner = "%%MatrixMarket matrix coordinate integer general";
    let count = entries.lines().count();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
    write(
        "matrix.mtx",
        &format!("{banner}\n{genes} {cells} {count}\n{entries}"),
    );
    write("barcodes.tsv", &(large.samples.join("\n") + "\n"));
    let features = large.genes.iter().enumerate();
    let features = features.map(|(at, gene)| format!("id{at}\t{gene}\tGene Expression\n"));
    write("features.tsv", &features.collect::<String>());
}
