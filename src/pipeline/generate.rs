//! Reconstruction, generation and two-dimensional embedding.

use super::TrainedModel;
use super::input::ModelInput;
use crate::activity::ScoreTable;
use crate::error::{Error, Result};
use crate::expression::{BLOCK, ExpressionMatrix, SampleTable};
use crate::models::{Autoencoder, Batch, Context, Dataset, Likelihood, Pca, PcaConfig};
use crate::nn::random_stream;
use candle_core::{Device, Tensor};
use rand_distr::{Distribution, StandardNormal};

/// Labels of samples for a model with covariates, and what replaces them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told<'a> {
    /// The samples' labels.
    pub samples: Option<&'a SampleTable>,
    /// Columns that take one value for all samples: a counterfactual.
    pub instead: &'a [(String, String)],
}

impl TrainedModel {
    /// The reconstruction of samples as normalised values, denoised expression:
    /// `[samples, genes]`.
    ///
    /// # Errors
    /// As [`score`](Self::score); also if the model has covariates and the labels lack them.
    pub fn reconstruct(&self, expression: &ExpressionMatrix, told: Told) -> Result<ScoreTable> {
        let input = self.told_input(expression, told)?;
        let values = input.by_batch(|batch| self.model.reconstruct(batch))?;
        self.normalised(&input, values)
    }

    /// As many samples as given, each drawn around the latent coordinates of one of them and
    /// decoded: `spread` times the SD of a variational model's posterior, or of the latent
    /// coordinates over the training samples. With a spread of 0 nothing is drawn.
    ///
    /// # Errors
    /// As [`reconstruct`](Self::reconstruct).
    pub fn generate_around(
        &self,
        expression: &ExpressionMatrix,
        told: Told,
        spread: f64,
        seed: u64,
    ) -> Result<ScoreTable> {
        let input = self.told_input(expression, told)?;
        let random = std::cell::RefCell::new(random_stream(seed, "generated samples"));
        let values = input.by_batch(|batch| {
            let latent = self.model.encode(&batch.x)?;
            let (n, width) = latent.dims2()?;
            let deviation = match self.model.latent_deviation(&batch.x)? {
                Some(deviation) => deviation,
                None => {
                    let own = self.latent_scale.iter().map(|(_, sd)| *sd as f32);
                    let own = Tensor::from_iter(own, &Device::Cpu)?;
                    own.unsqueeze(0)?.broadcast_as((n, width))?
                }
            };
            let noise: Vec<f32> = (0..n * width)
                .map(|_| StandardNormal.sample(&mut *random.borrow_mut()))
                .collect();
            let noise = Tensor::from_vec(noise, (n, width), &Device::Cpu)?;
            let moved = (latent + ((deviation * noise)? * spread)?)?;
            self.model.decode(&moved, &batch.context)
        })?;
        self.normalised(&input, values)
    }

    /// Samples decoded from the prior of a variational model: `[count, genes]`, normalised values.
    ///
    /// # Errors
    /// [`Error::Config`] for none or too many; [`Error::Data`] for a model without a prior, or one
    /// that needs covariates.
    pub fn generate(&self, count: usize, seed: u64) -> Result<ScoreTable> {
        let variational = self
            .options
            .model
            .network()
            .is_some_and(|n| n.variational.is_some());
        if !variational {
            return Err(Error::data(
                "this model has no prior to draw samples from",
                "Train a variational model (--model vae), or give --expression to draw around \
                 samples.",
            ));
        }
        if !self.covariates.is_empty() {
            return Err(Error::data(
                "this model's decoder is told covariates, which samples from the prior lack",
                "Give --expression and --samples, and --set to choose the covariates.",
            ));
        }
        if count == 0 {
            return Err(Error::config("--count", "must be at least 1, not 0"));
        }
        let mut values: Vec<f32> = Vec::new();
        let room = count
            .checked_mul(self.genes().len())
            .is_some_and(|all| values.try_reserve_exact(all).is_ok());
        if !room {
            let message = format!("{count} samples do not fit the memory");
            return Err(Error::config("--count", message));
        }
        let mut random = random_stream(seed, "generated samples");
        let width = self.model.latent_width();
        for start in (0..count).step_by(BLOCK) {
            let n = BLOCK.min(count - start);
            let latent: Vec<f32> = (0..n * width)
                .map(|_| StandardNormal.sample(&mut random))
                .collect();
            let latent = Tensor::from_vec(latent, (n, width), &Device::Cpu)?;
            let library = self.library.map(|(own, _)| vec![own; n]);
            let context = Context {
                covariates: None,
                library: library
                    .map(|sizes| Tensor::new(sizes, &Device::Cpu))
                    .transpose()?,
            };
            let decoded = self.model.decode(&latent, &context)?.contiguous()?;
            values.extend(decoded.flatten_all()?.to_vec1::<f32>()?);
        }
        let totals = vec![self.library.map_or(1.0, |(_, total)| total); count];
        let shifts = vec![0.0; count * self.preprocessor.n_blocks()];
        self.restore(&mut values, &shifts, &totals);
        let samples = (1..=count)
            .map(|number| format!("generated_{number}"))
            .collect();
        ScoreTable::new(samples, self.genes().to_vec(), values)
    }

    /// The latent coordinates in two dimensions: themselves if there are two, their first two
    /// principal components otherwise: `[samples, 2]`.
    ///
    /// # Errors
    /// As [`score`](Self::score); also for a latent layer of one unit, or fewer than three
    /// samples for its principal components.
    pub fn embed_2d(&self, expression: &ExpressionMatrix) -> Result<ScoreTable> {
        let input = self.input(expression)?;
        let latent = input.by_batch(|batch| self.model.encode(&batch.x))?;
        let width = self.model.latent_width();
        let samples = expression.samples().to_vec();
        if width == 2 {
            return ScoreTable::new(samples, self.latent_names(), latent);
        }
        if width < 2 {
            return Err(Error::config(
                "--dimensions",
                "2 is more than the latent layer's one unit: use --dimensions all",
            ));
        }
        if samples.len() < 3 {
            let message = format!(
                "principal components of {} samples say nothing",
                samples.len()
            );
            let hint = "Give at least 3 samples, or use --dimensions all.";
            return Err(Error::data(message, hint));
        }
        let components = 2;
        let mut pca = Pca::new(width, PcaConfig { components })?;
        let data = Dataset::new(&latent, width);
        let rows: Vec<usize> = (0..samples.len()).collect();
        pca.solve(&data, &rows)?;
        let batch: Batch = data.batch(&rows)?;
        let values = pca
            .encode(&batch.x)?
            .contiguous()?
            .flatten_all()?
            .to_vec1()?;
        let names = (1..=components)
            .map(|number| format!("PC{number}"))
            .collect();
        ScoreTable::new(samples, names, values)
    }

    /// The share of the held-out samples' variance, around the genes' training means and in
    /// normalised values, that the reconstruction explains; of all samples without a split.
    ///
    /// # Errors
    /// As [`reconstruct`](Self::reconstruct).
    pub fn explained_variance(&self, expression: &ExpressionMatrix, told: Told) -> Result<f64> {
        let training = &self.options.training;
        let split = crate::training::Split::new(
            expression.n_samples(),
            training.validation_fraction,
            training.seed,
        );
        let all: Vec<usize> = (0..expression.n_samples()).collect();
        let rows = if split.validation.is_empty() {
            &all
        } else {
            &split.validation
        };
        let part = expression.select_samples(rows);
        let input = self.input(&part)?;
        let shifts = input.prepared.shifts(0, rows.len());
        let mut observed = Vec::with_capacity(rows.len() * self.genes().len());
        input.each_block(&mut |block| {
            observed.extend_from_slice(block.values);
            Ok(())
        })?;
        self.preprocessor.restore(&mut observed, shifts);
        let mut means = vec![0f32; observed.len()];
        // The shift is known, not rebuilt: it belongs to neither side.
        self.preprocessor.restore(&mut means, shifts);
        let rebuilt = self.reconstruct(&part, told)?;
        let squares = |other: &[f32]| -> f64 {
            let pairs = observed.iter().zip(other);
            pairs
                .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
                .sum()
        };
        Ok(1.0 - squares(rebuilt.values()) / squares(&means))
    }

    fn told_input<'a>(
        &'a self,
        expression: &'a ExpressionMatrix,
        told: Told,
    ) -> Result<ModelInput<'a>> {
        let mut input = self.input(expression)?;
        if self.covariates.is_empty() {
            if let Some((name, _)) = told.instead.first() {
                return Err(Error::config(
                    "--set",
                    format!("names {name:?}, and the model has no covariates"),
                ));
            }
            return Ok(input);
        }
        let Some(table) = told.samples else {
            return Err(Error::config(
                "--samples",
                format!(
                    "is needed: the model's decoder is told {}",
                    self.covariates.names().collect::<Vec<_>>().join(", ")
                ),
            ));
        };
        let values = self
            .covariates
            .encode(table, expression.samples(), told.instead)?;
        input.set_covariates(values, self.covariates.width());
        Ok(input)
    }

    fn normalised(&self, input: &ModelInput, mut values: Vec<f32>) -> Result<ScoreTable> {
        let libraries = input.libraries.as_ref();
        let totals = libraries.map_or(&[][..], |libraries| &libraries.totals);
        let samples = input.prepared.matrix().samples();
        let shifts = input.prepared.shifts(0, samples.len());
        self.restore(&mut values, shifts, totals);
        ScoreTable::new(samples.to_vec(), self.genes().to_vec(), values)
    }

    /// Decoded values as normalised values, in place.
    fn restore(&self, values: &mut [f32], shifts: &[f64], totals: &[f64]) {
        match self.options.model.likelihood() {
            Likelihood::SquaredError | Likelihood::Gaussian => {
                self.preprocessor.restore(values, shifts);
            }
            Likelihood::Bernoulli => self.preprocessor.restore_unit_interval(values),
            Likelihood::NegativeBinomial => self.preprocessor.normalise_counts(values, totals),
        }
    }
}
