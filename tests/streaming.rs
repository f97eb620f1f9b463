//! Sparse, dense and streamed matrices of the same values: the same matrix, the same statistics,
//! the same model.

mod common;

use assert_cmd::cargo::cargo_bin_cmd;
use common::large::{Kind, Large, counts, write_h5ad, write_mtx, write_ten_x};
use gsae::activity::PlainMethod;
use gsae::expression::{
    DuplicateGenes, FeatureType, MissingValues, Normalization, PreprocessOptions, Preprocessor,
    ReadOptions, SampleTable, Streaming,
};
use gsae::models::{Likelihood, ModelConfig};
use gsae::pipeline::{Annotations, fit_annotated};
use gsae::stats::scores::{
    AucellOptions, Estimates, GsvaOptions, Members, Samples, SsgseaOptions, ZScoreCenter, aucell,
    gsva, mean_z, mlm, ssgsea, ulm, z_score,
};
use gsae::training::{Shuffle, Silent};
use gsae::{Error, ExpressionMatrix, FitOptions, Result, TrainedModel};
use std::path::Path;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn read(path: &Path, streaming: Streaming) -> Result<ExpressionMatrix> {
    let options = ReadOptions {
        streaming,
        ..ReadOptions::default()
    };
    ExpressionMatrix::read(path, &options)
}

/// Options of a short training in the order in which a streamed matrix is read.
fn options() -> FitOptions {
    let mut options = FitOptions::default().with_seed(3);
    options.training.epochs = 3;
    options.training.batch_size = 64;
    options.training.shuffle = Shuffle::Blocks {
        block: 32,
        window: 256,
    };
    options
}

/// Everything that a model and its scores say, in bits.
fn outcome(
    matrix: &ExpressionMatrix,
    large: &Large,
    options: FitOptions,
    samples: Option<&SampleTable>,
) -> Result<(TrainedModel, Vec<u32>)> {
    let annotations = Annotations {
        samples,
        ..Annotations::default()
    };
    let (model, _) = fit_annotated(matrix, &large.sets, annotations, options, &mut Silent)?;
    let scores = model.score(matrix)?;
    let epochs = model.history().epochs.iter();
    let losses: Vec<u32> = epochs
        .flat_map(|epoch| [epoch.train_loss, epoch.validation_loss.unwrap_or(0.0)])
        .flat_map(|loss| [loss.to_bits() as u32, (loss.to_bits() >> 32) as u32])
        .collect();
    let values = scores
        .activity
        .values()
        .iter()
        .chain(scores.latent.values());
    let values: Vec<u32> = values.map(|value| value.to_bits()).collect();
    Ok((model, [losses, values].concat()))
}

#[test]
fn every_way_to_store_a_matrix_reads_as_the_same_values() -> Result<()> {
    let (folder, large) = (folder(), counts(1100, 90, 0.2, 1));
    let path = folder.path().join("x.h5ad");
    for kind in [Kind::Csr, Kind::Csc, Kind::Dense, Kind::CsrUnsorted] {
        write_h5ad(&path, &large, kind);
        let matrix = read(&path, Streaming::Never)?;
        assert!(matrix.is_sparse(), "{kind:?}");
        assert_eq!(*matrix.to_dense()?, large.values, "{kind:?}");
        if kind == Kind::Csc {
            let message = read(&path, Streaming::Always).unwrap_err().to_string();
            assert!(message.contains("tocsr()"), "{message}");
            continue;
        }
        let streamed = read(&path, Streaming::Always)?;
        assert!(streamed.is_streamed() && !read(&path, Streaming::Auto)?.is_streamed());
        assert_eq!(*streamed.to_dense()?, large.values, "{kind:?}");
        let rows = [1099, 3, 700, 3, 4, 0];
        let genes = [5, 0, 89];
        let part = streamed.select_samples(&rows).select_genes(&genes);
        for (at, &row) in rows[..3].iter().chain(&rows[4..]).enumerate() {
            let expected = genes.map(|gene| large.values[row * 90 + gene]);
            assert_eq!(part.row(at + usize::from(at >= 3))?, expected);
        }
    }
    write_mtx(folder.path(), &large);
    let mtx = ExpressionMatrix::from_path(folder.path())?;
    assert!(mtx.is_sparse());
    assert_eq!(*mtx.to_dense()?, large.values);
    Ok(())
}

#[test]
fn ten_x_files_are_streamed_too() -> Result<()> {
    let (folder, large) = (folder(), counts(1300, 120, 0.15, 7));
    let path = folder.path().join("cells.h5");
    write_ten_x(&path, &large);
    let held = read(&path, Streaming::Never)?;
    let streamed = read(&path, Streaming::Always)?;
    assert!(streamed.is_streamed() && !read(&path, Streaming::Auto)?.is_streamed());
    for matrix in [&held, &streamed] {
        assert_eq!(*matrix.to_dense()?, large.values);
    }
    assert_eq!(held.warnings(), streamed.warnings());
    let (_, expected) = outcome(&held, &large, options(), None)?;
    let (_, found) = outcome(&streamed, &large, options(), None)?;
    assert!(found == expected);
    Ok(())
}

#[test]
fn features_are_chosen_while_streaming_and_gctx_is_streamed() -> Result<()> {
    for (name, features) in [
        ("v3.h5", FeatureType::GeneExpression),
        ("v3.h5", FeatureType::All),
        ("v3.h5", FeatureType::Named("Antibody Capture".to_owned())),
        ("cmap.gctx", FeatureType::default()),
    ] {
        let path = Path::new("tests/data/formats").join(name);
        let [held, streamed] = [Streaming::Never, Streaming::Always].map(|streaming| {
            let options = ReadOptions {
                streaming,
                features: features.clone(),
                ..ReadOptions::default()
            };
            ExpressionMatrix::read(&path, &options)
        });
        let (held, streamed) = (held?, streamed?);
        assert!(streamed.is_streamed(), "{name}");
        assert_eq!(held.genes(), streamed.genes(), "{name}");
        assert_eq!(held.samples(), streamed.samples(), "{name}");
        assert_eq!(held.warnings(), streamed.warnings(), "{name}");
        assert_eq!(held.to_dense()?, streamed.to_dense()?, "{name}");
    }
    for name in ["cells.loom", "v1_3.gct"] {
        let path = Path::new("tests/data/formats").join(name);
        let message = read(&path, Streaming::Always).unwrap_err().to_string();
        assert!(message.contains("--stream"), "{message}");
    }
    Ok(())
}

/// The bits of scores and p-values of all samples.
fn plain(
    method: PlainMethod,
    matrix: &ExpressionMatrix,
    sets: &[Members],
) -> Result<(Vec<u64>, Vec<u64>)> {
    let (mut scores, mut p) = (Vec::new(), Vec::new());
    method.score(matrix, Normalization::Log1pCp10k, sets, &mut |block| {
        scores.extend(block.scores.iter().map(|score| score.to_bits()));
        p.extend(block.p.iter().flatten().map(|p| p.to_bits()));
        Ok(())
    })?;
    Ok((scores, p))
}

#[test]
fn plain_scores_in_blocks_are_those_of_all_samples_at_once() -> Result<()> {
    let (folder, large) = (folder(), counts(1200, 90, 0.2, 8));
    let path = folder.path().join("x.h5ad");
    write_h5ad(&path, &large, Kind::Csr);
    let [held, streamed] = [Streaming::Never, Streaming::Always].map(|kind| read(&path, kind));
    let (dense, held, streamed) = (large.dense()?, held?, streamed?);
    let sets: Vec<Members> = (0..9u32)
        .map(|set| Members::new((set * 7..set * 7 + 20).collect()))
        .collect();
    let logs = Normalization::Log1pCp10k.normalize(&dense)?;
    let logs = logs.to_dense()?;
    let all = Samples::new(&logs, 90)?;
    let aucell_options = AucellOptions::default();
    let ssgsea_options = SsgseaOptions::default();
    let ranged = SsgseaOptions {
        normalize: true,
        ..ssgsea_options
    };
    let gsva_options = GsvaOptions::default();
    let center = ZScoreCenter::SampleMean;
    let with_p = |found: Estimates| (found.scores, found.p);
    let alone = |scores: Vec<f64>| (scores, Vec::new());
    for (method, expected) in [
        (PlainMethod::Ulm, with_p(ulm(&all, &sets)?)),
        (PlainMethod::Mlm, with_p(mlm(&all, &sets)?)),
        (
            PlainMethod::ZScore(center),
            with_p(z_score(&all, &sets, center)?),
        ),
        (PlainMethod::MeanZ, alone(mean_z(&all, &sets)?)),
        (
            PlainMethod::Aucell(aucell_options),
            alone(aucell(&all, &sets, &aucell_options)?),
        ),
        (
            PlainMethod::Ssgsea(ssgsea_options),
            alone(ssgsea(&all, &sets, &ssgsea_options)?),
        ),
        (
            PlainMethod::Ssgsea(ranged),
            alone(ssgsea(&all, &sets, &ranged)?),
        ),
        (
            PlainMethod::Gsva(gsva_options),
            alone(gsva(&all, &sets, &gsva_options)?),
        ),
    ] {
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect();
        let expected: (Vec<u64>, Vec<u64>) = (bits(&expected.0), bits(&expected.1));
        for matrix in [&dense, &held, &streamed] {
            assert!(
                plain(method, matrix, &sets)? == expected,
                "{method:?} {matrix:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn duplicates_and_gaps_are_treated_alike_in_memory_and_on_disk() -> Result<()> {
    let (folder, mut large) = (folder(), counts(700, 40, 0.3, 2));
    large.genes[7] = large.genes[3].clone();
    large.genes[20] = large.genes[3].clone();
    for at in (5..large.values.len()).step_by(997) {
        large.values[at] = f32::NAN;
    }
    for (kind, at) in [(Kind::Csr, 0), (Kind::Dense, 1)] {
        let path = folder.path().join(format!("{at}.h5ad"));
        write_h5ad(&path, &large, kind);
        let message = read(&path, Streaming::Always).unwrap_err().to_string();
        assert!(message.contains("is missing"), "{message}");
        for missing in [MissingValues::Zero, MissingValues::Mean] {
            for duplicate_genes in [
                DuplicateGenes::Auto,
                DuplicateGenes::Max,
                DuplicateGenes::First,
                DuplicateGenes::Mean,
            ] {
                let [held, streamed] = [Streaming::Never, Streaming::Always].map(|streaming| {
                    let options = ReadOptions {
                        streaming,
                        missing,
                        duplicate_genes,
                        ..ReadOptions::default()
                    };
                    ExpressionMatrix::read(&path, &options)
                });
                let (held, streamed) = (held?, streamed?);
                assert_eq!(held.genes().len(), 38);
                assert_eq!(held.genes(), streamed.genes());
                assert_eq!(held.warnings(), streamed.warnings());
                assert_eq!(held.to_dense()?, streamed.to_dense()?);
                let mut names = held.genes().to_vec();
                names[1] = names[30].clone();
                let renamed = [&held, &streamed].map(|m| m.renamed(&names, duplicate_genes));
                let [held, streamed] = renamed;
                assert_eq!(held?.to_dense()?, streamed?.to_dense()?);
            }
        }
    }
    Ok(())
}

#[test]
fn preprocessing_learns_the_same_bits() -> Result<()> {
    let (folder, large) = (folder(), counts(1500, 120, 0.1, 3));
    let path = folder.path().join("x.h5ad");
    write_h5ad(&path, &large, Kind::Csr);
    let options = PreprocessOptions::default();
    let dense = large.dense()?;
    let learned = Preprocessor::fit(&dense, &options)?;
    let inputs = learned.transform(&dense)?;
    for streaming in [Streaming::Never, Streaming::Always] {
        let matrix = read(&path, streaming)?;
        assert_eq!(Preprocessor::fit(&matrix, &options)?, learned);
        assert_eq!(learned.transform(&matrix)?, inputs);
    }
    // By the textbook: means over all samples at once.
    let logs = learned.normalization().normalize(&dense)?;
    let logs = logs.to_dense()?;
    let mut names = large.genes.clone();
    names.sort();
    assert_eq!(learned.genes(), names);
    for (gene, mean) in learned.means().iter().enumerate() {
        let column = large.genes.iter().position(|name| *name == names[gene]);
        let own = logs.iter().skip(column.expect("a gene")).step_by(120);
        let expected = own.map(|value| f64::from(*value)).sum::<f64>() / 1500.0;
        assert!((mean - expected).abs() < 1e-12, "{mean} {expected}");
    }
    Ok(())
}

#[test]
fn sparse_dense_and_streamed_cells_train_the_same_model() -> Result<()> {
    let (folder, large) = (folder(), counts(900, 150, 0.15, 4));
    let path = folder.path().join("x.h5ad");
    write_h5ad(&path, &large, Kind::Csr);
    let held = read(&path, Streaming::Never)?;
    let streamed = read(&path, Streaming::Always)?;
    for (model, likelihood) in [
        ("gsae", None),
        ("pca", None),
        ("vae", None),
        ("gsae", Some(Likelihood::NegativeBinomial)),
        ("gsae", Some(Likelihood::Bernoulli)),
    ] {
        let mut options = FitOptions {
            training: options().training,
            ..FitOptions::named(model)?
        };
        if let (ModelConfig::Network(network), Some(likelihood)) = (&mut options.model, likelihood)
        {
            network.likelihood = likelihood;
        }
        let (_, expected) = outcome(&large.dense()?, &large, options.clone(), None)?;
        for matrix in [&held, &streamed] {
            let (_, found) = outcome(matrix, &large, options.clone(), None)?;
            assert!(found == expected, "{model} {likelihood:?}");
        }
    }
    Ok(())
}

#[test]
fn covariates_go_with_streamed_samples() -> Result<()> {
    let (folder, large) = (folder(), counts(600, 100, 0.2, 5));
    let path = folder.path().join("x.h5ad");
    write_h5ad(&path, &large, Kind::Csr);
    let batches = (0..600).map(|at| format!("{}\t{}\n", large.samples[at], ["a", "b"][at % 2]));
    let labels = format!("sample\tbatch\n{}", batches.collect::<String>());
    let labels = SampleTable::parse(&labels, Path::new("labels"))?;
    let options = FitOptions {
        covariates: vec!["batch".to_owned()],
        ..options()
    };
    let (_, expected) = outcome(&large.dense()?, &large, options.clone(), Some(&labels))?;
    let streamed = read(&path, Streaming::Always)?;
    let (_, found) = outcome(&streamed, &large, options, Some(&labels))?;
    assert!(found == expected);
    Ok(())
}

#[test]
fn a_streamed_matrix_is_shuffled_in_blocks_by_itself() -> Result<()> {
    let (folder, large) = (folder(), counts(600, 80, 0.2, 6));
    let path = folder.path().join("x.h5ad");
    write_h5ad(&path, &large, Kind::Csr);
    let mut options = options();
    options.training.shuffle = Shuffle::Samples;
    let streamed = read(&path, Streaming::Always)?;
    let (model, found) = outcome(&streamed, &large, options.clone(), None)?;
    let used = model.options().training.shuffle;
    assert!(matches!(used, Shuffle::Blocks { .. }), "{used:?}");
    let (_, again) = outcome(&streamed, &large, options.clone(), None)?;
    assert!(found == again, "the same seed");
    options.training.shuffle = used;
    let (_, held) = outcome(&large.dense()?, &large, options, None)?;
    assert!(found == held, "the same order in memory");
    Ok(())
}

/// The shipped cells as an h5ad file, streamed on one thread and on two.
#[test]
fn the_program_streams_the_shipped_cells_with_any_number_of_threads() -> Result<()> {
    let folder = folder();
    let shipped = ExpressionMatrix::from_path("examples/pbmc3k/expression.tsv.gz")?;
    let large = Large {
        samples: shipped.samples().to_vec(),
        genes: shipped.genes().to_vec(),
        values: shipped.to_dense()?.into_owned(),
        sets: gsae::GeneSetCollection::default(),
    };
    let path = folder.path().join("cells.h5ad");
    write_h5ad(&path, &large, Kind::Csr);
    let path = path.display().to_string();
    let runs = [("1", "always"), ("2", "always"), ("2", "never")];
    for (at, (threads, stream)) in runs.into_iter().enumerate() {
        let out = folder.path().join(at.to_string()).display().to_string();
        let run = [
            "fit",
            "-e",
            &path,
            "-g",
            "wikipathways",
            "--epochs",
            "2",
            "--threads",
            threads,
            "--stream",
            stream,
            "-o",
            &out,
        ];
        let output = cargo_bin_cmd!("gsae").args(run).assert().success();
        let text = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        assert_eq!(
            text.contains("streamed from disk"),
            stream == "always",
            "{text}"
        );
        assert!(text.contains("memory: about "), "{text}");
    }
    let bytes = |run: usize, name: &str| {
        let path = folder.path().join(run.to_string()).join(name);
        std::fs::read(&path).map_err(Error::io("read", path))
    };
    for name in ["activity.tsv", "latent.tsv", "history.tsv", "nodes.tsv"] {
        assert!(bytes(0, name)? == bytes(1, name)?, "{name}");
    }
    // The report of a streamed run with labels has the genes' means by group, as one in memory.
    let run = folder.path().join("0").display().to_string();
    let labels = "examples/pbmc3k/labels.tsv";
    let reports = ["always", "never"].map(|stream| {
        let out = folder.path().join(format!("{stream}.html"));
        let out = out.display().to_string();
        let asked = [
            "report",
            &run,
            "--samples",
            labels,
            "-e",
            &path,
            "--stream",
            stream,
            "-o",
            &out,
        ];
        cargo_bin_cmd!("gsae").args(asked).assert().success();
        std::fs::read_to_string(out)
    });
    let [streamed, whole] = reports;
    let streamed = streamed.map_err(Error::io("read", "a report"))?;
    assert!(streamed.contains("\"gene_means\":[{\"annotation\":0"));
    assert!(streamed == whole.map_err(Error::io("read", "a report"))?);
    // Scored by the program in blocks: as the model's first scores.
    let model = folder
        .path()
        .join("0/model.safetensors")
        .display()
        .to_string();
    let scored = folder.path().join("scored.tsv");
    let out = scored.display().to_string();
    for stream in ["always", "never"] {
        let run = [
            "activity", "-m", &model, "-e", &path, "--stream", stream, "-o", &out,
        ];
        cargo_bin_cmd!("gsae").args(run).assert().success();
        let scored = std::fs::read(&scored).map_err(Error::io("read", &scored))?;
        assert!(scored == bytes(0, "activity.tsv")?, "{stream}");
    }
    Ok(())
}

#[test]
fn what_cannot_be_streamed_says_so() {
    let two = "a=one.h5ad,b=two.h5ad";
    for arguments in [
        [
            "fit", "-e", two, "-g", "reactome", "--stream", "always", "-o", "out",
        ]
        .as_slice(),
        &[
            "score", "--method", "gsva", "-e", "x.h5ad", "-g", "reactome", "--stream", "always",
            "-o", "out",
        ],
        &[
            "fit", "-e", "x.h5ad", "-g", "reactome", "--stream", "maybe", "-o", "out",
        ],
    ] {
        let output = cargo_bin_cmd!("gsae").args(arguments).assert().failure();
        let text = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        assert!(text.contains("--stream"), "{text}");
    }
}
