//! How a model is trained: every choice in one serde-able struct.

use super::Shuffle;
use crate::device::DeviceChoice;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// The update rule and its constants.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "name")]
pub enum OptimizerConfig {
    /// Adam (Kingma & Ba 2015, algorithm 1), with decoupled weight decay (Loshchilov & Hutter
    /// 2019) where `weight_decay` is above zero.
    Adam {
        /// Decay of the first moment.
        beta1: f64,
        /// Decay of the second moment.
        beta2: f64,
        /// Added to the denominator.
        epsilon: f64,
        /// Decoupled weight decay per update, in units of the learning rate.
        weight_decay: f64,
    },
    /// Stochastic gradient descent; the rate of update `t` is `lr / (1 + decay t)`.
    Sgd {
        /// Momentum, 0 for none.
        momentum: f64,
        /// Nesterov's look-ahead.
        nesterov: bool,
        /// Decay of the learning rate per update.
        decay: f64,
    },
}

impl OptimizerConfig {
    /// Adam with the constants of its paper.
    pub const ADAM: Self = Self::Adam {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weight_decay: 0.0,
    };

    /// SGD with Nesterov momentum 0.9 and decay 1e-6 an update, as Chen et al. 2018 used it.
    pub const NESTEROV: Self = Self::Sgd {
        momentum: 0.9,
        nesterov: true,
        decay: 1e-6,
    };

    fn validate(self) -> Result<()> {
        let from_zero = |option, value: f64| {
            if value.is_finite() && value >= 0.0 {
                Ok(())
            } else {
                let message = format!("must be a number from 0, not {value}");
                Err(Error::config(option, message))
            }
        };
        match self {
            Self::Adam { weight_decay, .. } => from_zero("--weight-decay", weight_decay),
            Self::Sgd {
                momentum, decay, ..
            } => {
                from_zero("--optimizer", decay)?;
                if !(0.0..1.0).contains(&momentum) {
                    let message = format!("must be in [0, 1), not {momentum}");
                    return Err(Error::config("--momentum", message));
                }
                Ok(())
            }
        }
    }
}

/// How the learning rate changes from epoch to epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "name")]
pub enum Schedule {
    /// The same rate throughout.
    Constant,
    /// Half a cosine from the full rate to `final_fraction` of it over all epochs
    /// (Loshchilov & Hutter 2017, eq. 5, one cycle).
    Cosine {
        /// The last epoch's rate as a fraction of the first's.
        final_fraction: f64,
    },
    /// Multiplied by `factor` every `every` epochs.
    Step {
        /// Epochs between steps.
        every: usize,
        /// The factor, in (0, 1].
        factor: f64,
    },
    /// Multiplied by `factor` after `patience` epochs without a better validation loss.
    Plateau {
        /// Epochs to wait.
        patience: usize,
        /// The factor, in (0, 1].
        factor: f64,
    },
}

impl Schedule {
    /// The factor on the learning rate in `epoch` (from 0) of `epochs`, when the validation
    /// loss has not improved for `stale` epochs since it last did or the rate last fell.
    /// Plateau steps are relative to the present rate and handled by [`Schedule::plateau`].
    pub(super) fn factor(&self, epoch: usize, epochs: usize) -> f64 {
        match *self {
            Self::Constant | Self::Plateau { .. } => 1.0,
            Self::Cosine { final_fraction } => {
                let progress = epoch as f64 / epochs.saturating_sub(1).max(1) as f64;
                let half_cosine = 0.5 * (1.0 + (std::f64::consts::PI * progress).cos());
                final_fraction + (1.0 - final_fraction) * half_cosine
            }
            Self::Step { every, factor } => factor.powi((epoch / every.max(1)) as i32),
        }
    }
}

/// Training options; `Default` holds what `gsae fit` uses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingConfig {
    /// The most epochs; early stopping may end before.
    pub epochs: usize,
    /// Samples per update.
    pub batch_size: usize,
    /// The learning rate at the start.
    pub learning_rate: f64,
    /// The update rule.
    pub optimizer: OptimizerConfig,
    /// The learning rate's course.
    pub schedule: Schedule,
    /// The fraction of samples held out to choose the best epoch; 0 for none.
    pub validation_fraction: f64,
    /// Stop after this many epochs without a better validation loss; `None` never stops early.
    /// Models that keep their last epoch (L1 on weights, group lasso, soft mask) never do.
    pub patience: Option<usize>,
    /// Gradients are scaled down to this global norm; `None` leaves them.
    pub clip_norm: Option<f64>,
    /// How samples are shuffled.
    #[serde(default)]
    pub shuffle: Shuffle,
    /// Seeds the split, the order of batches and the noise.
    pub seed: u64,
    /// Where to train. It is no part of a saved model.
    #[serde(skip)]
    pub device: DeviceChoice,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            epochs: 200,
            batch_size: 128,
            learning_rate: 1e-3,
            optimizer: OptimizerConfig::ADAM,
            schedule: Schedule::Constant,
            validation_fraction: 0.1,
            patience: Some(5),
            clip_norm: Some(10.0),
            shuffle: Shuffle::Samples,
            seed: 0,
            device: DeviceChoice::Cpu,
        }
    }
}

impl TrainingConfig {
    /// Refuses values that cannot train.
    ///
    /// # Errors
    /// [`Error::Config`] naming the option and its value.
    pub fn validate(&self) -> Result<()> {
        let positive = |option, value: f64| {
            if value.is_finite() && value > 0.0 {
                Ok(())
            } else {
                Err(Error::config(
                    option,
                    format!("must be above 0, not {value}"),
                ))
            }
        };
        positive("--epochs", self.epochs as f64)?;
        positive("--batch-size", self.batch_size as f64)?;
        positive("--learning-rate", self.learning_rate)?;
        if let Some(norm) = self.clip_norm {
            positive("--clip-norm", norm)?;
        }
        self.optimizer.validate()?;
        if let Schedule::Step { factor, .. } | Schedule::Plateau { factor, .. } = self.schedule
            && !(factor > 0.0 && factor <= 1.0)
        {
            let message = format!("needs a factor above 0 and at most 1, not {factor}");
            return Err(Error::config("--schedule", message));
        }
        if let Schedule::Cosine { final_fraction } = self.schedule
            && !(0.0..=1.0).contains(&final_fraction)
        {
            let message = format!("ends at a fraction from 0 to 1, not {final_fraction}");
            return Err(Error::config("--schedule", message));
        }
        if !(0.0..0.9).contains(&self.validation_fraction) {
            return Err(Error::config(
                "--validation-fraction",
                format!("must be in [0, 0.9), not {}", self.validation_fraction),
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_goes_from_the_full_rate_to_the_final_fraction() {
        let schedule = Schedule::Cosine {
            final_fraction: 0.1,
        };
        assert_eq!(schedule.factor(0, 11), 1.0);
        assert!((schedule.factor(5, 11) - 0.55).abs() < 1e-12);
        assert!((schedule.factor(10, 11) - 0.1).abs() < 1e-12);
        assert_eq!(schedule.factor(0, 1), 1.0);
    }

    #[test]
    fn steps_multiply() {
        let schedule = Schedule::Step {
            every: 2,
            factor: 0.5,
        };
        let rates: Vec<f64> = (0..5).map(|epoch| schedule.factor(epoch, 5)).collect();
        assert_eq!(rates, [1.0, 1.0, 0.5, 0.5, 0.25]);
    }

    #[test]
    fn impossible_values_name_their_option() {
        let config = TrainingConfig {
            learning_rate: f64::NAN,
            ..TrainingConfig::default()
        };
        let message = config.validate().unwrap_err().to_string();
        assert!(
            message.starts_with("--learning-rate must be above 0"),
            "{message}"
        );
    }
}
