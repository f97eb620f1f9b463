//! A trained model and how well it rebuilds digits it has not seen.

use crate::idx::{Digits, PIXELS};
use crate::recipes::Recipe;
use candle_core::{DType, Device, Tensor};
use gsae::models::{Autoencoder, Batch, Context, Dataset};
use gsae::nn::{Corruption, Noise};
use gsae::training::{Silent, Trainer};
use gsae::{Error, Result};
use std::time::Instant;

pub struct Trained {
    pub name: &'static str,
    pub model: Box<dyn Autoencoder>,
    pub seconds: f64,
    /// The held-out mean squared error per pixel.
    pub error: f64,
}

impl Trained {
    /// Trains on `train` and measures on `test`.
    pub fn fit(recipe: Recipe, train: &Digits, test: &Digits) -> Result<Self> {
        let start = Instant::now();
        let mut model = recipe.model.build(PIXELS, None, 0)?;
        let data = Dataset::new(&train.values, PIXELS);
        Trainer::new(recipe.training)?.fit(model.as_mut(), &data, &mut Silent)?;
        let seconds = start.elapsed().as_secs_f64();
        let batch = batch(test)?;
        let error = mean_square(&model.reconstruct(&batch)?, &batch.x)?;
        Ok(Self {
            name: recipe.name,
            model,
            seconds,
            error,
        })
    }

    /// The reconstructions of `[n, 784]`, row by row.
    pub fn rebuild(&self, digits: &Tensor) -> Result<Vec<f32>> {
        flat(&self.model.reconstruct(&Batch::new(digits.clone()))?)
    }

    /// The digits of latent coordinates.
    pub fn decode(&self, latent: Vec<f32>) -> Result<Vec<f32>> {
        let width = self.model.latent_width();
        let latent = Tensor::from_vec(latent.clone(), (latent.len() / width, width), &Device::Cpu)?;
        flat(&self.model.decode(&latent, &Context::default())?)
    }

    /// The first two latent coordinates.
    pub fn plane(&self, digits: &Digits) -> Result<Vec<[f32; 2]>> {
        let latent = self.model.encode(&batch(digits)?.x)?.to_vec2::<f32>()?;
        let pairs = latent.iter().filter_map(|row| row.first_chunk().copied());
        Ok(pairs.collect())
    }

    /// The error of rebuilding whole digits from digits of which a share of the pixels is
    /// missing.
    pub fn error_of_repair(&self, digits: &Digits, fraction: f64) -> Result<f64> {
        let clean = batch(digits)?.x;
        let noise = Noise::new(0, "missing pixels");
        let corrupted = noise.corrupt(&clean.t()?, Corruption::Masking { fraction })?;
        let rebuilt = self.model.reconstruct(&Batch::new(corrupted.t()?))?;
        mean_square(&rebuilt, &clean)
    }

    /// The squared Frobenius norm of the latent coordinates' derivative in the pixels, averaged
    /// over the digits: estimated from a small step in a random direction for each.
    pub fn jacobian(&self, digits: &Digits) -> Result<f64> {
        const STEP: f64 = 0.01;
        let here = batch(digits)?.x;
        let direction = Noise::new(0, "small steps").normal(&here)?;
        let there = (&here + (direction * STEP)?)?;
        let moved = (self.model.encode(&there)? - self.model.encode(&here)?)?;
        let squares = moved.sqr()?.sum(1)?.mean_all()?.to_scalar::<f32>()?;
        Ok(f64::from(squares) / (STEP * STEP))
    }

    /// The share of the weights that are exactly 0.
    pub fn zero_weights(&self) -> Result<f64> {
        let (mut zeros, mut all) = (0, 0);
        for parameter in self.model.parameters().iter() {
            if parameter.name.ends_with(".weight") {
                let values = parameter.variable.flatten_all()?.to_vec1::<f32>()?;
                zeros += values.iter().filter(|value| **value == 0.0).count();
                all += values.len();
            }
        }
        Ok(zeros as f64 / f64::from(all.max(1) as u32))
    }
}

/// A trained model by its name.
pub fn find<'a>(models: &'a [Trained], name: &str) -> Result<&'a Trained> {
    models
        .iter()
        .find(|model| model.name == name)
        .ok_or_else(|| Error::data(format!("there is no model {name}"), "Add its recipe."))
}

/// All digits as one batch.
pub fn batch(digits: &Digits) -> Result<Batch> {
    let rows: Vec<usize> = (0..digits.labels.len()).collect();
    Dataset::new(&digits.values, PIXELS).batch(&rows)
}

/// The mean squared deviation of the pixels of `test` from the mean digit of `train`.
pub fn variance(train: &Digits, test: &Digits) -> Result<f64> {
    let mean = batch(train)?.x.t()?.mean_keepdim(1)?.t()?;
    let test = batch(test)?.x;
    mean_square(&mean.broadcast_as(test.shape())?, &test)
}

fn mean_square(a: &Tensor, b: &Tensor) -> Result<f64> {
    let difference = (a - b)?.to_dtype(DType::F64)?;
    Ok(difference.sqr()?.mean_all()?.to_scalar::<f64>()?)
}

fn flat(digits: &Tensor) -> Result<Vec<f32>> {
    Ok(digits.flatten_all()?.to_vec1::<f32>()?)
}
