//! How weights start.

use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

/// The distribution of a layer's weights before training.
///
/// With `fan_in` the number of inputs of an output and `fan_out` the number of
/// outputs of an input; a masked layer counts its real connections, row by row.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Init {
    /// Uniform in +-sqrt(6 / fan_in), for layers before a ReLU (He et al. 2015, eq. 10).
    KaimingUniform,
    /// Uniform in +-1 / sqrt(fan_in), the usual default of dense layers elsewhere.
    FanInUniform,
    /// Uniform in +-sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010, eq. 16).
    XavierUniform,
    /// Nearly even and positive: `(1 + jitter u) / sqrt(max(fan_in, fan_out))` with `u` uniform
    /// in +-1, for maps whose members should start alike.
    Even {
        /// The largest relative deviation, in [0, 1].
        jitter: f64,
    },
    /// Normal with this standard deviation.
    Normal(f64),
    /// All the same.
    Constant(f64),
}

impl Init {
    /// One weight of an output with `fan_in` inputs and an input with `fan_out` outputs.
    ///
    /// ```
    /// use gsae::nn::{Init, random_stream};
    ///
    /// let mut random = random_stream(1, "weights");
    /// let weight = Init::KaimingUniform.sample(&mut random, 6, 1);
    /// assert!(weight.abs() <= 1.0);
    /// assert_eq!(Init::Constant(0.5).sample(&mut random, 6, 1), 0.5);
    /// ```
    pub fn sample<R: Rng>(&self, random: &mut R, fan_in: usize, fan_out: usize) -> f64 {
        let inputs = fan_in.max(1) as f64;
        let ends = (fan_in + fan_out).max(1) as f64;
        let bound = match *self {
            Self::KaimingUniform => (6.0 / inputs).sqrt(),
            Self::FanInUniform => inputs.sqrt().recip(),
            Self::XavierUniform => (6.0 / ends).sqrt(),
            Self::Normal(deviation) => {
                let z: f64 = StandardNormal.sample(random);
                return deviation * z;
            }
            Self::Even { jitter } => {
                let u = 2.0 * random.random::<f64>() - 1.0;
                return (1.0 + jitter * u) / (fan_in.max(fan_out).max(1) as f64).sqrt();
            }
            Self::Constant(value) => return value,
        };
        bound * (2.0 * random.random::<f64>() - 1.0)
    }
}
