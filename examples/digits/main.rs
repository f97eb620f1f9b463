//! What autoencoders do, told on handwritten digits: from PCA over linear, nonlinear and deep
//! autoencoders to sparse, denoising, contractive and variational ones.
//!
//! Run with `cargo run --release --example digits` or `... --example digits -- OUT_DIR`. All
//! train on 9,000 digits and are measured on 1,000 others; a table is printed and figures are
//! written to OUT_DIR (`target/digits` if not given). The program fails if a linear autoencoder
//! is not as good as PCA, or a nonlinear or deep one no better than PCA.

mod canvas;
mod figures;
mod idx;
mod overfit;
mod recipes;
mod trained;

use canvas::Canvas;
use gsae::nn::random_stream;
use gsae::{Error, Result};
use idx::{Digits, PIXELS};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use statrs::distribution::{ContinuousCDF, Normal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use trained::{Trained, find};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mnist");
const TRAIN: usize = 9_000;
/// The share of pixels that are taken away to see how a model repairs digits.
const MISSING: f64 = 0.3;

fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1);
    let folder = folder.map_or_else(|| PathBuf::from("target/digits"), PathBuf::from);
    match tell(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn tell(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(Error::io("create the folder", folder))?;
    let mut train = Digits::read(Path::new(DATA))?;
    let test = train.split_off(TRAIN);
    let variance = trained::variance(&train, &test)?;

    println!("model           latent  seconds  held-out MSE  variance explained");
    let mut models = Vec::new();
    for recipe in recipes::all() {
        let model = Trained::fit(recipe, &train, &test)?;
        println!(
            "{:<14}  {:>6}  {:>7.1}  {:>12.5}  {:>16.1} %",
            model.name,
            model.model.latent_width(),
            model.seconds,
            model.error,
            100.0 * (1.0 - model.error / variance)
        );
        models.push(model);
    }
    penalties(&models, &test)?;
    overfitting(&train)?;
    draw(&models, &test, folder)?;
    compare(&models)
}

/// What the options beside width and depth bought.
fn penalties(models: &[Trained], test: &Digits) -> Result<()> {
    println!("\nHeld-out MSE where 30 % of the input's pixels are missing");
    for name in [recipes::NONLINEAR_32, recipes::DENOISING_32] {
        let error = find(models, name)?.error_of_repair(test, MISSING)?;
        println!("{name:<14}  {error:.5}");
    }
    println!("\nWeights that are exactly 0");
    for name in [recipes::NONLINEAR_32, recipes::SPARSE_32] {
        let share = find(models, name)?.zero_weights()?;
        println!("{name:<14}  {:.1} %", 100.0 * share);
    }
    println!("\nSquared norm of the encoder's Jacobian");
    for name in [recipes::SIGMOID_32, recipes::CONTRACTIVE_32] {
        let norm = find(models, name)?.jacobian(test)?;
        println!("{name:<14}  {norm:.2}");
    }
    Ok(())
}

/// Training and held-out error of an autoencoder that is too wide, as epochs go.
fn overfitting(train: &Digits) -> Result<()> {
    let curves = overfit::curves(train)?;
    println!(
        "\nToo wide: 784 - 1024 - 256 - 2 - 256 - 1024 - 784, {} digits train \
         (MSE; noise: half of the pixels missing)",
        overfit::DIGITS / 2
    );
    println!("epoch     train  held-out  held-out, trained with noise");
    let pairs = curves.plain.iter().zip(&curves.denoising);
    for (plain, denoising) in pairs.filter(|(plain, _)| plain.epoch.is_power_of_two()) {
        println!(
            "{:>5}  {:>8.5}  {:>8.5}  {:>8.5}",
            plain.epoch,
            plain.train_loss,
            plain.selection_loss(),
            denoising.selection_loss()
        );
    }
    Ok(())
}

fn draw(models: &[Trained], test: &Digits, folder: &Path) -> Result<()> {
    println!("\nFigures in {}", folder.display());
    let write = |name: &str, canvas: &Canvas, about: &str| -> Result<()> {
        println!("{name:<20}  {about}");
        canvas.write(&folder.join(name))
    };

    let examples = one_of_each(test);
    let batch = trained::batch(&examples)?.x;
    let mut rows = vec![examples.values.clone()];
    for model in models {
        rows.push(model.rebuild(&batch)?);
    }
    let names: Vec<&str> = models.iter().map(|model| model.name).collect();
    let about = format!("from above: held-out digits, {}", names.join(", "));
    let sheet = figures::contact_sheet(&rows, 1);
    write("reconstructions.png", &sheet, &about)?;

    for (file, name) in [
        ("plane_pca.png", recipes::PCA_2),
        ("plane_deep.png", recipes::DEEP_2),
        ("plane_vae.png", recipes::VAE_2),
    ] {
        let points = find(models, name)?.plane(test)?;
        let scatter = figures::scatter(&points, &test.labels, &examples.values);
        let about = format!("held-out digits in the two latent coordinates of {name}");
        write(file, &scatter, &about)?;
    }

    const SIDE: usize = 8;
    let vae = find(models, recipes::VAE_16)?;
    let plain = find(models, recipes::DEEP_16)?;
    let prior = vae.decode(normal(SIDE * SIDE * vae.model.latent_width()))?;
    let other = plain.decode(normal_like(plain, test, SIDE * SIDE)?)?;
    let sheet = figures::side_by_side(&prior, &other, SIDE);
    let about = "new digits: VAE 16 from its prior; deep 16 from normal numbers of its latent \
                 means and SDs";
    write("samples.png", &sheet, about)?;

    const GRID: usize = 20;
    let manifold = find(models, recipes::VAE_2)?.decode(quantiles(GRID))?;
    let about = "VAE 2 at 20 x 20 quantiles of its prior";
    write("manifold.png", &figures::mosaic(&manifold, GRID), about)
}

/// The first digit of each kind.
fn one_of_each(digits: &Digits) -> Digits {
    let mut chosen = Digits {
        values: Vec::new(),
        labels: Vec::new(),
    };
    for kind in 0..10 {
        let mut pairs = digits.values.chunks(PIXELS).zip(&digits.labels);
        if let Some((digit, label)) = pairs.find(|(_, label)| **label == kind) {
            chosen.values.extend_from_slice(digit);
            chosen.labels.push(*label);
        }
    }
    chosen
}

/// Standard normal numbers.
fn normal(count: usize) -> Vec<f32> {
    draws(&mut random_stream(0, "samples"), count)
}

fn draws<R: Rng>(random: &mut R, count: usize) -> Vec<f32> {
    (0..count).map(|_| StandardNormal.sample(random)).collect()
}

/// Normal numbers with the mean and SD of each latent coordinate.
fn normal_like(model: &Trained, digits: &Digits, count: usize) -> Result<Vec<f32>> {
    let latent = model.model.encode(&trained::batch(digits)?.x)?;
    let mean = latent.mean(0)?.to_vec1::<f32>()?;
    let sd = latent.var(0)?.sqrt()?.to_vec1::<f32>()?;
    let moments = mean.iter().zip(&sd).cycle();
    let standard = normal(count * mean.len());
    let scaled = standard.iter().zip(moments).map(|(z, (m, s))| m + s * z);
    Ok(scaled.collect())
}

/// The quantiles of a standard normal distribution in two dimensions, the second falling from
/// row to row.
fn quantiles(side: usize) -> Vec<f32> {
    let normal = Normal::standard();
    let at = |i: usize| normal.inverse_cdf((i as f64 + 0.5) / side as f64) as f32;
    (0..side * side)
        .flat_map(|i| [at(i % side), at(side - 1 - i / side)])
        .collect()
}

/// What has to hold, or the program fails.
fn compare(models: &[Trained]) -> Result<()> {
    let ratio = |name: &str, other: &str| -> Result<f64> {
        Ok(find(models, name)?.error / find(models, other)?.error)
    };
    let checks = [
        (recipes::LINEAR_32, recipes::PCA_32, 0.99..=1.01),
        (recipes::NONLINEAR_32, recipes::PCA_32, 0.0..=0.999),
        (recipes::DEEP_2, recipes::PCA_2, 0.0..=0.999),
    ];
    println!("\nHeld-out MSE as a share of another model's");
    for (name, other, wanted) in checks {
        let ratio = ratio(name, other)?;
        println!("{name:<14}  {ratio:.3} of {other}");
        if !wanted.contains(&ratio) {
            let (least, most) = wanted.into_inner();
            return Err(Error::data(
                format!(
                    "the error of {name} is {ratio:.4} times that of {other}, not within {least} to {most}"
                ),
                "Change the epochs or the learning rate of its recipe.",
            ));
        }
    }
    Ok(())
}
