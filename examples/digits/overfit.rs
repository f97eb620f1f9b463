//! An autoencoder that is far too wide for its few digits, with and without noise.

use crate::idx::{Digits, PIXELS};
use crate::recipes;
use gsae::models::{Autoencoder, Dataset, Network, NetworkConfig};
use gsae::nn::Corruption;
use gsae::training::{EpochRecord, Silent, Trainer, TrainingConfig};
use gsae::{Result, training::Schedule};

/// Digits, half of which train.
pub const DIGITS: usize = 400;
const EPOCHS: usize = 128;

/// The losses of both, epoch by epoch.
pub struct Curves {
    pub plain: Vec<EpochRecord>,
    pub denoising: Vec<EpochRecord>,
}

/// Trains both on the first digits of `train`.
pub fn curves(train: &Digits) -> Result<Curves> {
    Ok(Curves {
        plain: fit(train, None)?,
        denoising: fit(train, Some(Corruption::Masking { fraction: 0.5 }))?,
    })
}

fn fit(train: &Digits, noise: Option<Corruption>) -> Result<Vec<EpochRecord>> {
    let config = NetworkConfig {
        noise,
        hidden: vec![1024, 256],
        ..recipes::deep(2)
    };
    let mut model = Network::new(PIXELS, None, 0, config)?;
    let training = TrainingConfig {
        schedule: Schedule::Constant,
        validation_fraction: 0.5,
        batch_size: 32,
        ..recipes::training(EPOCHS, 1e-3)
    };
    let values = &train.values[..(DIGITS * PIXELS).min(train.values.len())];
    let history = Trainer::new(training)?.fit(
        &mut model as &mut dyn Autoencoder,
        &Dataset::new(values, PIXELS),
        &mut Silent,
    )?;
    Ok(history.epochs)
}
