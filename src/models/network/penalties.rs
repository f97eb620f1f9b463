//! What training adds to the loss of the data.

use super::Network;
use super::encoder::Encoded;
use super::flow::Flow;
use crate::error::Result;
use crate::models::{Contracted, LatentPenalty, Likelihood};
use crate::nn::Activation;
use candle_core::{Tensor, Var};

impl Network {
    /// All weights, without biases, norms and the likelihood's parameters; those of a soft mask
    /// are among them.
    pub(super) fn weights(&self) -> Vec<(&str, Var)> {
        let is_weight = |name: &str| {
            name.ends_with(".values") || name.ends_with(".weight") && !name.contains("norm")
        };
        let trainable = self.parameters.iter().filter(|p| p.trainable);
        trainable
            .filter(|p| is_weight(&p.name))
            .map(|p| (p.name.as_str(), p.variable.clone()))
            .collect()
    }

    /// The sum of the smooth penalties that the configuration asks for.
    pub(super) fn penalty(
        &self,
        encoded: &Encoded,
        x: &Tensor,
        covariates: Option<&Tensor>,
    ) -> Result<Option<Tensor>> {
        let mut parts: Vec<Tensor> = Vec::new();
        if self.config.weights_l2 > 0.0 {
            for (_, weight) in self.weights() {
                parts.push((weight.sqr()?.sum_all()? * self.config.weights_l2)?);
            }
        }
        if let Some(penalty) = self.config.latent_penalty {
            parts.push(latent_penalty(penalty, &encoded.latent.value)?);
        }
        if let Some(contractive) = self.config.contractive {
            let norm = match contractive.of {
                Contracted::Latent => self.latent_jacobian(x)?,
                Contracted::Reconstruction => self.jacobian_probe(x, covariates, true)?,
            };
            parts.push((norm * (contractive.strength / self.features as f64))?);
        }
        let mut parts = parts.into_iter();
        let Some(first) = parts.next() else {
            return Ok(None);
        };
        Ok(Some(parts.try_fold(first, |sum, part| sum + part)?))
    }

    /// The squared Frobenius norm of the Jacobian of the latent coordinates (means) in the input,
    /// averaged over the samples of `x`, `[features, n]`: in closed form for an encoder of one
    /// layer, `sum_i a'(h_i)^2 sum_j W_ij^2` (Rifai et al. 2011, eq. 7), otherwise an unbiased
    /// estimate from one random direction a sample (Hutchinson 1989).
    ///
    /// # Errors
    /// If an operation fails.
    pub fn latent_jacobian(&self, x: &Tensor) -> Result<Tensor> {
        let Some((squares, activation)) = self.encoder.single_layer()? else {
            return self.jacobian_probe(x, None, false);
        };
        let (_, n) = x.dims2()?;
        let latent = self
            .encoder
            .forward(&Flow::new(x.clone()), false)?
            .latent
            .value;
        match activation.derivative(&latent)? {
            Some(slope) => Ok((slope.sqr()?.broadcast_mul(&squares)?.sum_all()? / n as f64)?),
            None => Ok(squares.sum_all()?),
        }
    }

    /// The squared norm of `J v` for a standard normal direction v a sample, averaged over the
    /// samples: its mean over v is the squared Frobenius norm of the Jacobian J of the latent
    /// coordinates or, with `through`, of the reconstruction.
    ///
    /// # Errors
    /// If an operation fails.
    pub fn jacobian_probe(
        &self,
        x: &Tensor,
        covariates: Option<&Tensor>,
        through: bool,
    ) -> Result<Tensor> {
        let (_, n) = x.dims2()?;
        let x = x.contiguous()?;
        let direction = self.probes.normal(&x)?;
        let mut flow = self
            .encoder
            .forward(&Flow::along(x, direction), false)?
            .latent;
        if through {
            let decoded = self.decoder.forward(&flow, covariates, false)?;
            let output = self.decoder.output(&decoded)?;
            flow = output.activate(match self.config.likelihood {
                Likelihood::Bernoulli => Activation::Sigmoid,
                _ => self.config.output_activation,
            })?;
        }
        match flow.tangent {
            Some(tangent) => Ok((tangent.sqr()?.sum_all()? / n as f64)?),
            None => Ok(flow.value.zeros_like()?.sum_all()?),
        }
    }
}

/// A mean over the latent units; `latent`: `[units, n]`.
fn latent_penalty(penalty: LatentPenalty, latent: &Tensor) -> Result<Tensor> {
    match penalty {
        LatentPenalty::L1 { strength } => Ok((latent.abs()?.mean_all()? * strength)?),
        LatentPenalty::Kl { strength, rho } => {
            // Means of exactly 0 or 1 would cost infinitely much.
            let mean = latent.mean(1)?.clamp(1e-6, 1.0 - 1e-6)?;
            let other = mean.affine(-1.0, 1.0)?;
            let cross = ((mean.log()? * rho)? + (other.log()? * (1.0 - rho))?)?;
            let entropy = rho * rho.ln() + (1.0 - rho) * (1.0 - rho).ln();
            Ok((cross.neg()?.mean_all()? + entropy)?.affine(strength, 0.0)?)
        }
    }
}
