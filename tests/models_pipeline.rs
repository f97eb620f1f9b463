//! Models on expression matrices through the whole pipeline: covariates, joined matrices,
//! explained variance, the order of the genes.

mod common;

use common::{Design, planted};
use gsae::expression::SampleTable;
use gsae::expression::{Block, join};
use gsae::pipeline::{Annotations, Told, fit_annotated};
use gsae::training::Silent;
use gsae::{Error, ExpressionMatrix, FitOptions, GeneSetCollection, Normalization, Result, fit};

const COHORT: Design = Design {
    samples: 60,
    genes: 200,
    sets: 12,
    shift: 2.0,
    uneven_noise: false,
    seed: 5,
};

fn options(model: &str, epochs: usize) -> Result<FitOptions> {
    let mut options = FitOptions::named(model)?.with_seed(3);
    options.preprocess.normalization = Some(Normalization::None);
    options.training.epochs = epochs;
    options.hierarchy.levels = None;
    Ok(options)
}

#[test]
fn explained_variance_is_of_the_genes_around_their_means() -> Result<()> {
    let cohort = planted(COHORT)?;
    let expression = &cohort.expression;
    let sets = GeneSetCollection::default();
    let mut few = options("pca", 1)?;
    let gsae::ModelConfig::Pca(pca) = &mut few.model else {
        panic!("pca is a PCA");
    };
    pca.components = 1;
    let explained = |options: FitOptions| -> Result<f64> {
        let (model, _) = fit(expression, &sets, options, &mut Silent)?;
        model.explained_variance(expression, Told::default())
    };
    let mut many = few.clone();
    many.model = gsae::ModelConfig::Pca(gsae::models::PcaConfig { components: 40 });
    let (one, forty) = (explained(few)?, explained(many)?);
    println!("explained by 1 and 40 components: {one:.3}, {forty:.3}");
    // The shift that all genes of a sample share is large here, and explained by neither.
    assert!((-0.1..0.4).contains(&one) && forty > one);

    // Joined matrices have a shift each.
    let block = |name: &str| Block {
        name: name.to_owned(),
        normalization: Normalization::None,
    };
    let parts = [
        (block("a"), expression.clone()),
        (block("b"), expression.clone()),
    ];
    let joined = join(&parts)?;
    let mut options = options("pca", 1)?;
    options.blocks = parts.into_iter().map(|(block, _)| block).collect();
    let (model, _) = fit(&joined, &sets, options, &mut Silent)?;
    let both = model.explained_variance(&joined, Told::default())?;
    assert!(both > one && both < 1.0);
    Ok(())
}

#[test]
fn a_set_has_as_many_nodes_as_told() -> Result<()> {
    let cohort = planted(COHORT)?;
    let mut options = options("gsae", 2)?;
    let gsae::ModelConfig::Network(network) = &mut options.model else {
        panic!("gsae is a network");
    };
    if let Some(sets) = &mut network.gene_sets {
        sets.nodes_per_set = 3;
    }
    let (trained, _) = fit(&cohort.expression, &cohort.sets, options, &mut Silent)?;
    let names: Vec<&str> = trained
        .nodes()
        .iter()
        .map(|node| node.name.as_str())
        .collect();
    let sets = cohort.sets.sets().iter();
    let expected: Vec<String> = sets
        .flat_map(|set| (1..=3).map(move |copy| format!("{} /{copy}", set.name)))
        .collect();
    assert_eq!(names, expected);
    // Copies start apart and do not become one.
    let hidden = trained.raw_nodes(&cohort.expression)?;
    assert!(hidden.column(names[0]) != hidden.column(names[1]));
    Ok(())
}

#[test]
fn the_order_of_the_genes_changes_no_model() -> Result<()> {
    let cohort = planted(COHORT)?;
    let expression = &cohort.expression;
    let order: Vec<usize> = (0..expression.n_genes()).rev().collect();
    let reversed = expression.select_genes(&order);
    for model in [
        "pca",
        "ae",
        "denoising",
        "vae",
        "gsvae",
        "vega",
        "netactivity",
    ] {
        let scores = |expression: &ExpressionMatrix| {
            let (trained, _) = fit(expression, &cohort.sets, options(model, 3)?, &mut Silent)?;
            trained.score(expression)
        };
        let (first, second) = (scores(expression)?, scores(&reversed)?);
        assert!(first.activity == second.activity, "{model}: activity");
        assert!(first.latent == second.latent, "{model}: latent");
    }
    Ok(())
}

#[test]
fn covariates_that_cannot_act_are_refused_and_unseen_levels_named() -> Result<()> {
    let cohort = planted(COHORT)?;
    let samples = cohort.expression.samples();
    let folder = tempfile::tempdir().map_err(Error::io("create", "a folder"))?;
    let write = |name: &str, value: &dyn Fn(usize) -> String| -> Result<SampleTable> {
        let path = folder.path().join(name);
        let rows = samples.iter().enumerate();
        let rows: String = rows
            .map(|(at, sample)| format!("{sample}\t{}\n", value(at)))
            .collect();
        let text = format!("sample\tcovariate\n{rows}");
        std::fs::write(&path, text).map_err(Error::io("write", &path))?;
        SampleTable::from_path(&path)
    };
    let run = |table: &SampleTable| {
        let mut options = options("gsae", 2)?;
        options.covariates = vec!["covariate".to_owned()];
        let annotations = Annotations {
            samples: Some(table),
            ..Annotations::default()
        };
        let fitted = fit_annotated(
            &cohort.expression,
            &cohort.sets,
            annotations,
            options,
            &mut Silent,
        );
        fitted.map(|(model, _)| model)
    };
    let message = |table: &SampleTable| -> Result<String> {
        Ok(run(table)
            .err()
            .map_or(String::new(), |error| error.to_string()))
    };
    // One number written in two ways.
    let constant = write("constant.tsv", &|at| ["1", "1.0"][at % 2].to_owned())?;
    let text = message(&constant)?;
    assert!(text.contains("covariate"), "{text}");

    // A level that no training sample has: one of the held-out samples alone.
    let training = options("gsae", 2)?.training;
    let split = gsae::training::Split::new(60, training.validation_fraction, training.seed);
    let odd = split.validation[0];
    let unseen = write("unseen.tsv", &|at| {
        (if at == odd {
            "third"
        } else {
            ["first", "second"][at % 2]
        })
        .to_owned()
    })?;
    let text = message(&unseen)?;
    assert!(text.contains("third"), "{text}");

    // A number that varies is told to the decoder.
    let number = write("number.tsv", &|at| format!("{}", at as f64 / 10.0))?;
    let model = run(&number)?;
    assert_eq!(model.covariates().width(), 1);
    Ok(())
}
