//! Stochastic gradient descent.

use candle_core::Var;
use candle_core::backprop::GradStore;
use serde::{Deserialize, Serialize};

use super::Optimizer;
use super::history::{History, Rule, update_all};
use crate::Result;
#[cfg(feature = "cuda-linked")]
use crate::nn::cuda;
use crate::nn::kernels::{Element, update1_chunks};

/// The settings of [`Sgd`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SgdConfig {
    /// The learning rate of the first update.
    pub learning_rate: f64,
    /// How much of the last update is repeated.
    pub momentum: f64,
    /// Whether the momentum looks one update ahead (Nesterov 1983).
    pub nesterov: bool,
    /// How fast the learning rate falls: `lr_t = lr / (1 + decay t)`.
    pub decay: f64,
}

impl Default for SgdConfig {
    /// Learning rate 0.01, no momentum, no decay.
    fn default() -> Self {
        Self {
            learning_rate: 0.01,
            momentum: 0.0,
            nesterov: false,
            decay: 0.0,
        }
    }
}

/// Gradient descent with momentum: for the gradient g in update t = 0, 1, ...,
/// `lr_t = lr / (1 + decay t)`, `u = momentum u - lr_t g`, `w += u`, or with
/// Nesterov's momentum `w += momentum u - lr_t g`.
///
/// ```
/// use candle_core::{Device, Var};
/// use gsae::nn::{Optimizer, Sgd, SgdConfig, backward};
///
/// let x = Var::new(&[5f64], &Device::Cpu)?;
/// let config = SgdConfig { learning_rate: 0.1, ..SgdConfig::default() };
/// let mut sgd = Sgd::new(vec![x.clone()], config)?;
/// sgd.step(&backward(&x.sqr()?.sum_all()?)?)?;
/// assert_eq!(x.to_vec1::<f64>()?, [4.0]);
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug)]
pub struct Sgd {
    variables: Vec<(Var, History<1>)>,
    config: SgdConfig,
    updates: u64,
}

impl Sgd {
    /// An optimizer of these variables.
    ///
    /// # Errors
    /// If a variable is neither f32 nor f64.
    pub fn new(variables: Vec<Var>, config: SgdConfig) -> Result<Self> {
        let with_history = variables.into_iter().map(|variable| {
            let history = History::new(&variable)?;
            Ok((variable, history))
        });
        Ok(Self {
            variables: with_history.collect::<Result<_>>()?,
            config,
            updates: 0,
        })
    }
}

impl Optimizer for Sgd {
    fn step(&mut self, gradients: &GradStore) -> Result<()> {
        let rule = SgdStep {
            rate: self.config.learning_rate / (1.0 + self.config.decay * self.updates as f64),
            momentum: self.config.momentum,
            nesterov: self.config.nesterov,
        };
        self.updates += 1;
        Ok(update_all(&mut self.variables, gradients, &rule)?)
    }

    fn learning_rate(&self) -> f64 {
        self.config.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.config.learning_rate = learning_rate;
    }
}

/// The constants of one update.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SgdStep {
    pub rate: f64,
    pub momentum: f64,
    pub nesterov: bool,
}

impl Rule<1> for SgdStep {
    fn update<T: Element>(&self, values: &mut [T], [u]: &mut [Vec<T>; 1], gradient: &[T]) {
        let (rate, momentum) = (T::from_f64(self.rate), T::from_f64(self.momentum));
        if self.nesterov {
            update1_chunks(values, u, gradient, move |w, u, g| {
                *u = momentum * *u - rate * g;
                *w += momentum * *u - rate * g;
            });
        } else {
            update1_chunks(values, u, gradient, move |w, u, g| {
                *u = momentum * *u - rate * g;
                *w += *u;
            });
        }
    }
    #[cfg(feature = "cuda-linked")]
    fn update_on_gpu(
        &self,
        gpu: &candle_core::CudaDevice,
        weights: &[cuda::Weight<1>],
    ) -> candle_core::Result<()> {
        cuda::sgd(gpu, weights, *self)
    }
}
