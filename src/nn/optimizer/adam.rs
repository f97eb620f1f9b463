//! Adam and AdamW.

use candle_core::Var;
use candle_core::backprop::GradStore;
use serde::{Deserialize, Serialize};

use super::Optimizer;
use super::history::{History, Rule, update_all};
use crate::Result;
#[cfg(feature = "cuda-linked")]
use crate::nn::cuda;
use crate::nn::kernels::{Element, update2_chunks};

/// The settings of [`Adam`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AdamConfig {
    /// The learning rate.
    pub learning_rate: f64,
    /// How much of the mean gradient is kept in an update.
    pub beta1: f64,
    /// How much of the mean squared gradient is kept in an update.
    pub beta2: f64,
    /// Added to the root of the mean squared gradient.
    pub epsilon: f64,
    /// The strength of the pull towards 0.
    pub weight_decay: f64,
    /// Whether the pull acts on the weights themselves (AdamW, Loshchilov &
    /// Hutter 2019) or through the gradients (an L2 penalty).
    pub decoupled: bool,
}

impl Default for AdamConfig {
    /// Learning rate 1e-3, betas 0.9 and 0.999, epsilon 1e-8, no decay.
    fn default() -> Self {
        Self {
            learning_rate: 1e-3,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.0,
            decoupled: true,
        }
    }
}

/// Adam (Kingma & Ba 2015): for the gradient g in update t,
/// `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g^2`,
/// `w -= lr * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)`.
///
/// ```
/// use candle_core::{Device, Var};
/// use gsae::nn::{Adam, AdamConfig, Optimizer, backward};
///
/// let x = Var::new(&[5f64], &Device::Cpu)?;
/// let mut adam = Adam::new(vec![x.clone()], AdamConfig::default())?;
/// adam.step(&backward(&x.sqr()?.sum_all()?)?)?;
/// // The first step is the learning rate, whatever the gradient.
/// assert!((x.to_vec1::<f64>()?[0] - 4.999).abs() < 1e-9);
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug)]
pub struct Adam {
    variables: Vec<(Var, History<2>)>,
    config: AdamConfig,
    updates: i32,
}

impl Adam {
    /// An optimizer of these variables.
    ///
    /// # Errors
    /// If a variable is neither f32 nor f64.
    pub fn new(variables: Vec<Var>, config: AdamConfig) -> Result<Self> {
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

impl Optimizer for Adam {
    fn step(&mut self, gradients: &GradStore) -> Result<()> {
        self.updates += 1;
        let rule = self.config.step(self.updates);
        Ok(update_all(&mut self.variables, gradients, &rule)?)
    }

    fn learning_rate(&self) -> f64 {
        self.config.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.config.learning_rate = learning_rate;
    }
}

impl AdamConfig {
    /// The constants of an update, counted from 1.
    pub(crate) fn step(&self, update: i32) -> AdamStep {
        let first = 1.0 - self.beta1.powi(update);
        let second = 1.0 - self.beta2.powi(update);
        let (penalty, shrink) = if self.decoupled {
            (0.0, 1.0 - self.learning_rate * self.weight_decay)
        } else {
            (self.weight_decay, 1.0)
        };
        AdamStep {
            keep: [self.beta1, self.beta2],
            new: [1.0 - self.beta1, 1.0 - self.beta2],
            step: self.learning_rate / first,
            root: second.sqrt().recip(),
            epsilon: self.epsilon,
            penalty,
            shrink,
        }
    }
}

/// The constants of one update: what is kept of both means and what is new, the step, what the
/// root of the second mean is multiplied by and added to, and both kinds of decay.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AdamStep {
    pub keep: [f64; 2],
    pub new: [f64; 2],
    pub step: f64,
    pub root: f64,
    pub epsilon: f64,
    pub penalty: f64,
    pub shrink: f64,
}

impl Rule<2> for AdamStep {
    fn update<T: Element>(&self, values: &mut [T], [m, v]: &mut [Vec<T>; 2], gradient: &[T]) {
        let of = T::from_f64;
        let [keep1, keep2] = self.keep.map(of);
        let [new1, new2] = self.new.map(of);
        let (step, root, epsilon) = (of(self.step), of(self.root), of(self.epsilon));
        let (penalty, shrink) = (of(self.penalty), of(self.shrink));
        update2_chunks(values, m, v, gradient, move |w, m, v, g| {
            let g = g + penalty * *w;
            *m = keep1 * *m + new1 * g;
            *v = keep2 * *v + new2 * g * g;
            *w = shrink * *w - step * *m / (v.sqrt() * root + epsilon);
        });
    }

    #[cfg(feature = "cuda-linked")]
    fn update_on_gpu(
        &self,
        gpu: &candle_core::CudaDevice,
        weights: &[cuda::Weight<2>],
    ) -> candle_core::Result<()> {
        cuda::adam(gpu, weights, *self)
    }
}
