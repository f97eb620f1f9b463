//! The importance-weighted bound on a variational model's log-likelihood.

use super::Network;
use super::flow::Flow;
use crate::error::{Error, Result};
use crate::models::autoencoder::missing;
use crate::models::{Batch, Likelihood, Mode};
use crate::nn::{Noise, negative_binomial_log_probability};
use candle_core::{DType, Tensor};
use rayon::prelude::*;

impl Network {
    /// The importance-weighted bound on the log-likelihood of a batch, in nats, averaged over the
    /// samples (Burda et al. 2016, eq. 8):
    ///
    /// `log(1/K sum_k p(x | z_k) p(z_k) / q(z_k | x))`, `z_k` drawn from `q(z | x)`.
    ///
    /// With `draws` K of 1 it is an estimate of the evidence lower bound; it rises towards the
    /// log-likelihood as K grows. The squared error counts as a normal distribution of variance 1.
    ///
    /// # Errors
    /// [`Error::Config`] for no draws or a deterministic model; if the batch lacks what the
    /// likelihood needs.
    pub fn importance_weighted_bound(&self, batch: &Batch, draws: usize, seed: u64) -> Result<f64> {
        if draws == 0 {
            return Err(Error::config("draws", "must be at least 1, not 0"));
        }
        let x = self.columns(&batch.x)?;
        let encoded = self.encode_features(&x, Mode::Evaluate)?;
        let Some(log_variance) = &encoded.log_variance else {
            return Err(Error::config(
                "--model",
                "is deterministic, and the bound is of variational models",
            ));
        };
        let covariates = batch.context.covariates.as_ref();
        let covariates = covariates.map(|own| self.columns(own)).transpose()?;
        let mean = encoded.latent.value.contiguous()?;
        let deviation = (log_variance * 0.5)?.exp()?;
        let noise = Noise::new(seed, "importance-weighted bound");
        let (_, n) = mean.dims2()?;
        let mut weights: Vec<Vec<f64>> = vec![Vec::with_capacity(draws); n];
        for _ in 0..draws {
            let epsilon = noise.normal(&mean)?;
            let z = (&mean + (&deviation * &epsilon)?)?;
            let decoded =
                self.decoder
                    .forward(&Flow::new(z.clone()), covariates.as_ref(), false)?;
            let output = self.decoder.output(&decoded)?.value;
            let likelihood = self.log_likelihoods(&output, batch, &x)?;
            // log p(z) - log q(z | x), whose constants cancel.
            let ratio = ((epsilon.sqr()? - z.sqr()?)? + log_variance)?;
            let ratio = (ratio.to_dtype(DType::F64)?.sum(0)? * 0.5)?.to_vec1::<f64>()?;
            for ((weights, likelihood), ratio) in weights.iter_mut().zip(likelihood).zip(ratio) {
                weights.push(likelihood + ratio);
            }
        }
        let bounds = weights.iter().map(|weights| log_mean_exp(weights));
        Ok(bounds.sum::<f64>() / n as f64)
    }

    /// The log-likelihood of every sample, its constants included, from the last layer's output.
    fn log_likelihoods(&self, output: &Tensor, batch: &Batch, x: &Tensor) -> Result<Vec<f64>> {
        let rows = |tensor: &Tensor| -> Result<Vec<Vec<f64>>> {
            Ok(tensor.t()?.to_dtype(DType::F64)?.to_vec2::<f64>()?)
        };
        let normal = |output: &Tensor, variance: f64| -> Result<Vec<f64>> {
            let constant = (2.0 * std::f64::consts::PI * variance).ln();
            let density = |(y, x): (&f64, &f64)| -0.5 * ((x - y).powi(2) / variance + constant);
            let (output, x) = (rows(output)?, rows(x)?);
            let pairs = output.par_iter().zip(&x);
            Ok(pairs
                .map(|(y, x)| y.iter().zip(x).map(density).sum())
                .collect())
        };
        match self.config.likelihood {
            Likelihood::SquaredError => {
                normal(&self.config.output_activation.forward(output)?, 1.0)
            }
            Likelihood::Gaussian => {
                let variance = self.output_variance()?;
                normal(output, variance.ok_or_else(|| missing("a variance"))?)
            }
            Likelihood::Bernoulli => {
                // t y - ln(1 + e^y), without overflow.
                let one = |(y, t): (&f64, &f64)| t * y - y.max(0.0) - (-y.abs()).exp().ln_1p();
                let (output, x) = (rows(output)?, rows(x)?);
                let pairs = output.par_iter().zip(&x);
                Ok(pairs.map(|(y, t)| y.iter().zip(t).map(one).sum()).collect())
            }
            Likelihood::NegativeBinomial => {
                let theta = self.spread.as_ref().ok_or_else(|| missing("dispersions"))?;
                let theta = theta.exp()?.to_dtype(DType::F64)?.to_vec1::<f64>()?;
                let counts = batch.counts.as_ref().ok_or_else(|| missing("raw counts"))?;
                let counts = counts.to_dtype(DType::F64)?.to_vec2::<f64>()?;
                let library = batch.context.library.as_ref();
                let library = library.ok_or_else(|| missing("library sizes"))?;
                let library = library.to_dtype(DType::F64)?.to_vec1::<f64>()?;
                let shares = rows(&candle_nn::ops::softmax(output, 0)?)?;
                let samples = shares.par_iter().zip(&counts).zip(&library);
                Ok(samples
                    .map(|((shares, counts), library)| {
                        let genes = shares.iter().zip(counts).zip(&theta);
                        genes
                            .map(|((share, k), theta)| {
                                let mean = (share * library).max(f64::MIN_POSITIVE);
                                negative_binomial_log_probability(*k, mean, *theta)
                            })
                            .sum()
                    })
                    .collect())
            }
        }
    }
}

fn log_mean_exp(values: &[f64]) -> f64 {
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !most.is_finite() {
        return most;
    }
    let sum: f64 = values.iter().map(|value| (value - most).exp()).sum();
    most + (sum / values.len() as f64).ln()
}
