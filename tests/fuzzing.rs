//! Every parser on mutated files. The quick test makes some mutations of every seed; the ignored
//! one goes on for as long as it is told:
//!
//! ```text
//! GSAE_FUZZ_MINUTES=60 cargo test --release --test fuzzing -- --ignored --nocapture
//! ```
//!
//! `GSAE_FUZZ_SEED` starts another course. Seeds are `tests/data/fuzz/PARSER/*` and the binary
//! files of the other tests. An input that makes a parser panic, or that takes longer than
//! [`PATIENCE`], is written to `target/fuzz` and named at the end; put it into `tests/data/fuzz`
//! to keep it. The input being parsed is always `target/fuzz/current-PROCESS`, should the process
//! be killed.

use gsae::expression::{MissingValues, ReadOptions, SampleTable};
use gsae::genesets::{GeneSetFormat, Relations};
use gsae::nn::random_stream;
use gsae::{ExpressionMatrix, GeneSetCollection, TrainedModel, genesets};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// No input as small as the seeds has a right to take longer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Mutations of every parser in the quick test.
const QUICK: usize = 150;
/// Mutated inputs grow no further.
const LONGEST: usize = 200_000;

struct Target {
    name: &'static str,
    seeds: Vec<Vec<u8>>,
    parse: fn(&Path),
}

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(path)
}

/// The seeds of a parser: its folder, and files of other tests.
fn target(name: &'static str, others: &[&str], parse: fn(&Path)) -> Target {
    let mut paths: Vec<PathBuf> = others.iter().map(|other| data(other)).collect();
    if let Ok(folder) = std::fs::read_dir(data("fuzz").join(name)) {
        let own = folder.map(|entry| entry.expect("an entry").path());
        paths.extend(own);
    }
    paths.sort();
    assert!(!paths.is_empty(), "{name} has no seed");
    Target {
        name,
        seeds: paths
            .iter()
            .map(|path| std::fs::read(path).expect("a seed"))
            .collect(),
        parse,
    }
}

/// Reads a matrix twice: strictly, and with every gap filled. What is read must be sound.
fn expression(path: &Path) {
    for missing in [MissingValues::Error, MissingValues::Mean] {
        let options = ReadOptions {
            missing,
            ..ReadOptions::default()
        };
        if let Ok(matrix) = ExpressionMatrix::read(path, &options) {
            assert!(
                matrix
                    .to_dense()
                    .expect("values")
                    .iter()
                    .all(|value| value.is_finite())
            );
            assert_eq!(
                matrix.to_dense().expect("values").len(),
                matrix.n_samples() * matrix.n_genes()
            );
        }
    }
    labels(path);
}

fn labels(path: &Path) {
    let samples = ["a", "b", "c", "d"].map(String::from);
    if let Ok(table) = SampleTable::read_for(path, &samples) {
        let columns = table.columns_for(table.samples());
        assert_eq!(columns.rows().len(), table.samples().len());
    }
}

fn sets(path: &Path, format: Option<GeneSetFormat>) {
    let options = genesets::ReadOptions {
        format,
        ..genesets::ReadOptions::default()
    };
    if let Ok(read) = GeneSetCollection::read(path, &options) {
        let sound = |set: &gsae::GeneSet| !set.name.is_empty() && !set.is_empty();
        assert!(read.sets().iter().all(sound));
    }
}

/// A folder as 10x Genomics writes it with this matrix.
fn mtx(path: &Path) {
    let folder = path.with_extension("mtx");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::copy(path, folder.join("matrix.mtx")).expect("a copy");
    let features = "E1\tTP53\tGene Expression\nE2\tMYC\tGene Expression\nE3\tCD3\tAntibody\n";
    std::fs::write(folder.join("features.tsv"), features).expect("a file");
    std::fs::write(folder.join("barcodes.tsv"), "A-1\nB-1\n").expect("a file");
    expression(&folder);
}

fn targets() -> Vec<Target> {
    let h5ad = [
        "dense",
        "csr",
        "csc_gzip",
        "categories",
        "layers",
        "raw",
        "zstd",
    ];
    let h5ad: Vec<String> = h5ad
        .iter()
        .map(|name| format!("h5ad/{name}.h5ad"))
        .collect();
    let h5ad: Vec<&str> = h5ad.iter().map(String::as_str).collect();
    let ten_x = ["formats/v3.h5", "formats/v2.h5", "formats/two_genomes.h5"];
    vec![
        target("gmt", &[], |path| sets(path, Some(GeneSetFormat::Gmt))),
        target("gmx", &[], |path| sets(path, Some(GeneSetFormat::Gmx))),
        target("grp", &[], |path| sets(path, Some(GeneSetFormat::Grp))),
        target("msigdb_json", &[], |path| {
            sets(path, Some(GeneSetFormat::MsigdbJson));
        }),
        target("any_sets", &[], |path| sets(path, None)),
        target("relations", &[], |path| {
            let _ = Relations::from_path(path);
        }),
        target("table", &[], expression),
        target("gct", &["formats/v1_2.gct", "formats/v1_3.gct"], expression),
        target("labels", &[], labels),
        target("cls", &[], labels),
        target("mtx", &[], mtx),
        target("h5ad", &h5ad, expression),
        target("ten_x_h5", &ten_x, expression),
        target("loom", &["formats/cells.loom"], expression),
        target("gctx", &["formats/cmap.gctx"], expression),
        target(
            "parquet",
            &["formats/pandas.parquet", "formats/polars.parquet"],
            expression,
        ),
        target("model", &[], |path| {
            let _ = TrainedModel::load(path);
        }),
    ]
}

/// Changes some bytes: replaced, removed, inserted, runs doubled or cut, numbers made extreme,
/// pieces of another seed put in.
fn mutated(seeds: &[Vec<u8>], random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = seeds[random.random_range(0..seeds.len())].clone();
    for _ in 0..random.random_range(1..8) {
        if bytes.is_empty() {
            bytes.push(random.random());
        }
        let at = random.random_range(0..bytes.len());
        let end = (at + random.random_range(1..64)).min(bytes.len());
        match random.random_range(0..10) {
            0 | 1 => bytes[at] = random.random(),
            2 => bytes[at] ^= 1 << random.random_range(0..8),
            3 => drop(bytes.drain(at..end)),
            4 => {
                const SPECIAL: &[u8] = b"\t\n\r,;\"#-9.e0";
                bytes.insert(at, SPECIAL[random.random_range(0..SPECIAL.len())]);
            }
            5 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            6 if random.random_range(0..4) == 0 => bytes.truncate(at),
            7 => {
                const EXTREME: [u64; 6] = [0, 1, 0x7fff_ffff, 0xffff_ffff, u64::MAX, 1 << 40];
                let value = EXTREME[random.random_range(0..EXTREME.len())].to_le_bytes();
                let width = [1, 2, 4, 8][random.random_range(0..4)];
                let end = (at + width).min(bytes.len());
                bytes[at..end].copy_from_slice(&value[..end - at]);
            }
            8 => {
                const WORDS: [&[u8]; 6] = [
                    b"NA",
                    b"-1",
                    b"inf",
                    b"99999999999999999999",
                    b"\xff\xfe",
                    b"1e999",
                ];
                let word = WORDS[random.random_range(0..WORDS.len())];
                bytes.splice(at..at, word.iter().copied());
            }
            _ => {
                let other = &seeds[random.random_range(0..seeds.len())];
                let from = random.random_range(0..other.len().max(1));
                let to = (from + random.random_range(1..64)).min(other.len());
                let piece = other.get(from..to).unwrap_or_default().to_vec();
                bytes.splice(at..end, piece);
            }
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

/// Parses an input; a panic or impatience is an answer.
fn trial(target: &Target, input: &[u8], path: &Path) -> Option<String> {
    std::fs::write(path, input).expect("a file");
    let began = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.parse)(path)));
    let took = began.elapsed();
    match outcome {
        Err(_) => Some("panics".to_owned()),
        Ok(()) if took > PATIENCE => Some(format!("takes {:.1} s", took.as_secs_f64())),
        Ok(()) => None,
    }
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fuzz");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

#[test]
fn seeds_and_some_mutations_are_read_or_refused() {
    let path = folder().join(format!("current-quick-{}", std::process::id()));
    let random = &mut random_stream(1, "quick mutations");
    for target in targets() {
        for seed in &target.seeds {
            assert_eq!(trial(&target, seed, &path), None, "{}", target.name);
        }
        for _ in 0..QUICK {
            let input = mutated(&target.seeds, random);
            assert_eq!(trial(&target, &input, &path), None, "{}", target.name);
        }
    }
    std::fs::remove_file(&path).expect("the file");
    let _ = std::fs::remove_dir_all(path.with_extension("mtx"));
}

#[test]
#[ignore = "runs for GSAE_FUZZ_MINUTES"]
fn mutations_for_as_long_as_told() {
    let number = |name: &str| -> Option<f64> { std::env::var(name).ok()?.parse().ok() };
    let minutes = number("GSAE_FUZZ_MINUTES").unwrap_or(1.0);
    let seed = number("GSAE_FUZZ_SEED").unwrap_or(0.0) as u64;
    let end = Instant::now() + Duration::from_secs_f64(60.0 * minutes);
    let random = &mut random_stream(seed, "mutations");
    let path = folder().join(format!("current-{}", std::process::id()));
    let targets = targets();
    let (mut trials, mut found) = (vec![0usize; targets.len()], Vec::new());
    while Instant::now() < end {
        for (at, target) in targets.iter().enumerate() {
            for _ in 0..20 {
                let input = mutated(&target.seeds, random);
                trials[at] += 1;
                if let Some(what) = trial(target, &input, &path) {
                    let kept = folder().join(format!("{}-{}", target.name, found.len()));
                    std::fs::write(&kept, &input).expect("a file");
                    found.push(format!("{} {what}: {}", target.name, kept.display()));
                }
            }
        }
    }
    for (target, trials) in targets.iter().zip(&trials) {
        println!(
            "{:<12} {trials} inputs from {} seeds",
            target.name,
            target.seeds.len()
        );
    }
    let _ = std::fs::remove_file(&path);
    let _ = std::fs::remove_dir_all(path.with_extension("mtx"));
    assert!(found.is_empty(), "{}", found.join("\n"));
}
