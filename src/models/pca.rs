//! Principal component analysis behind the same interface.

use super::autoencoder::{Autoencoder, Batch, Context, LatentWeights, Mode};
use super::batch_source::BatchSource;
use crate::error::{Error, Result};
use crate::nn::{self, ParameterSet};
use candle_core::{DType, Device, Tensor, Var};
use faer::{Mat, Side};
use serde::{Deserialize, Serialize};

/// An eigenvalue below this share of the largest is rounding: its component is left at 0.
const RANK_TOLERANCE: f64 = 1e-10;

/// Samples whose products are summed at once.
const BLOCK: usize = 512;

/// The options of [`Pca`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PcaConfig {
    /// Principal components.
    pub components: usize,
}

impl PcaConfig {
    /// Refuses options that make no model.
    ///
    /// # Errors
    /// [`Error::Config`] for no components.
    pub fn validate(&self) -> Result<()> {
        if self.components == 0 {
            return Err(Error::config(
                "--latent",
                "is 0: a bottleneck needs at least one unit",
            ));
        }
        Ok(())
    }
}

/// PCA: `z = C (x - m)`, `y = C' z + m`, the rows of C the leading eigenvectors of the training
/// samples' covariance; exact, by the eigenvalues of the smaller of `X X'` and `X' X`.
///
/// A component's sign is the one that makes its largest loading positive.
pub struct Pca {
    parameters: ParameterSet,
    features: usize,
    components: Var,
    mean: Var,
    variances: Var,
}

impl Pca {
    /// A model that is yet to be fitted.
    ///
    /// # Errors
    /// [`Error::Config`] for no components or more than features.
    pub fn new(features: usize, config: PcaConfig) -> Result<Self> {
        config.validate()?;
        let wanted = config.components;
        if wanted > features {
            return Err(Error::config(
                "--latent",
                format!("is {wanted}: PCA of {features} features has 1 to {features} components"),
            ));
        }
        let mut parameters = ParameterSet::new(0, DType::F32);
        let mut zeros = |name: &str, shape: &[usize]| {
            parameters.variable(name, shape, |_| vec![0.0; shape.iter().product()])
        };
        Ok(Self {
            components: zeros("components", &[wanted, features])?,
            mean: zeros("mean", &[features])?,
            variances: zeros("variances", &[wanted])?,
            parameters,
            features,
        })
    }

    /// The components: `[components, features]`.
    pub fn components(&self) -> &Var {
        &self.components
    }

    /// The variances of the components, divided by the number of samples: `[components]`.
    pub fn variances(&self) -> &Var {
        &self.variances
    }

    fn centred(&self, x: &Tensor) -> Result<Tensor> {
        Ok(x.t()?.broadcast_sub(&self.mean.unsqueeze(1)?)?)
    }
}

impl Autoencoder for Pca {
    fn latent_width(&self) -> usize {
        self.variances.elem_count()
    }

    fn encode(&self, x: &Tensor) -> Result<Tensor> {
        let latent = nn::matrix_product(&self.components, &self.centred(x)?)?;
        Ok(latent.t()?)
    }

    fn decode(&self, latent: &Tensor, _: &Context) -> Result<Tensor> {
        let back = self.components.t()?.contiguous()?;
        let rebuilt = nn::matrix_product(&back, &latent.t()?)?;
        Ok(rebuilt.broadcast_add(&self.mean.unsqueeze(1)?)?.t()?)
    }

    fn latent_weights(&self) -> Result<Option<LatentWeights>> {
        let weights = self.components.t()?.contiguous()?;
        Ok(Some(LatentWeights::Features(weights)))
    }

    fn loss(&mut self, batch: &Batch, _: Mode) -> Result<Tensor> {
        nn::mse_loss(&self.reconstruct(batch)?, &batch.x)
    }

    fn parameters(&self) -> &ParameterSet {
        &self.parameters
    }

    fn project(&mut self, _: f64) -> Result<()> {
        Ok(())
    }

    fn solve(&mut self, data: &dyn BatchSource, rows: &[usize]) -> Result<bool> {
        let (n, d, k) = (rows.len(), self.features, self.latent_width());
        if k >= n {
            return Err(Error::config(
                "--latent",
                format!(
                    "is {k}: {n} training samples have at most {} components",
                    n - 1
                ),
            ));
        }
        let mean = mean(data, rows, d)?;
        let by_samples = n <= d;
        // Samples are fewer than features, or their products are summed a block at a time.
        let mut centred = Mat::<f64>::zeros(if by_samples { n } else { 0 }, d);
        let mut gram = Mat::<f64>::zeros(n.min(d), n.min(d));
        let mut first = 0;
        data.in_order(rows, BLOCK, &mut |own, batch| {
            let values = row_major(batch)?;
            let value = |i: usize, j: usize| f64::from(values[i * d + j]) - mean[j];
            if by_samples {
                for i in 0..own.len() {
                    (0..d).for_each(|j| centred[(first + i, j)] = value(i, j));
                }
            } else {
                let block = Mat::from_fn(own.len(), d, value);
                gram += block.transpose() * &block;
            }
            first += own.len();
            Ok(())
        })?;
        if by_samples {
            gram = &centred * centred.transpose();
        }
        let failed = |cause: String| {
            Error::data(
                format!("the principal components could not be computed ({cause})"),
                "Check the matrix for extreme values.",
            )
        };
        let eigen = gram
            .self_adjoint_eigen(Side::Lower)
            .map_err(|cause| failed(format!("{cause:?}")))?;
        let (values, vectors) = (eigen.S().column_vector(), eigen.U());
        let size = gram.nrows();
        let leading = Mat::from_fn(size, k, |i, j| vectors[(i, size - 1 - j)]);
        let mut components = if by_samples {
            centred.transpose() * &leading
        } else {
            leading
        };
        let mut variances = Vec::with_capacity(k);
        for j in 0..k {
            let own = values[size - 1 - j];
            // Beyond the rank of the data there is nothing but rounding.
            let within = own > RANK_TOLERANCE * values[size - 1];
            variances.push(if within { (own / n as f64) as f32 } else { 0.0 });
            let mut column = components.col_mut(j);
            let mut norm = 0.0;
            let mut largest = 0.0f64;
            for value in column.as_ref().iter() {
                norm += value * value;
                if value.abs() > largest.abs() {
                    largest = *value;
                }
            }
            let scale = if norm > 0.0 && within {
                largest.signum() / norm.sqrt()
            } else {
                0.0
            };
            for value in column.as_mut().iter_mut() {
                *value *= scale;
            }
        }
        let flat: Vec<f32> = (0..k)
            .flat_map(|j| (0..d).map(move |i| (i, j)))
            .map(|(i, j)| components[(i, j)] as f32)
            .collect();
        let mean: Vec<f32> = mean.into_iter().map(|value| value as f32).collect();
        self.components
            .set(&Tensor::from_vec(flat, (k, d), &Device::Cpu)?)?;
        self.mean.set(&Tensor::from_vec(mean, d, &Device::Cpu)?)?;
        self.variances
            .set(&Tensor::from_vec(variances, k, &Device::Cpu)?)?;
        Ok(true)
    }
}

/// The values of a batch, row by row.
fn row_major(batch: &Batch) -> Result<Vec<f32>> {
    Ok(batch.x.contiguous()?.flatten_all()?.to_vec1()?)
}

/// The mean of every feature over these rows.
fn mean(data: &dyn BatchSource, rows: &[usize], features: usize) -> Result<Vec<f64>> {
    let mut mean = vec![0f64; features];
    data.in_order(rows, BLOCK, &mut |_, batch| {
        for row in row_major(batch)?.chunks_exact(features) {
            for (sum, value) in mean.iter_mut().zip(row) {
                *sum += f64::from(*value) / rows.len() as f64;
            }
        }
        Ok(())
    })?;
    Ok(mean)
}
