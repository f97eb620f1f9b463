//! The loop: seeded mini-batches, validation, early stopping on the best epoch.

use super::order::batches;
use super::{
    EpochRecord, History, MemoryEstimate, OptimizerConfig, Schedule, Split, TrainingConfig,
};
use crate::error::{Error, Result};
use crate::models::{Autoencoder, BatchSource, Mode, Resident};
use crate::nn::{self, Adam, AdamConfig, Optimizer, Sgd, SgdConfig};
use candle_core::{DType, Tensor, Var};
use std::ops::Range;

/// Told how training goes; a terminal shows a bar, a log shows lines, tests show nothing.
pub trait Progress {
    /// What training will hold in memory, before it begins.
    fn memory(&mut self, _estimate: &MemoryEstimate) {}
    /// Training begins: samples that train, updates in an epoch, the most epochs.
    fn start(&mut self, n_train: usize, updates_per_epoch: usize, epochs: usize);
    /// One update is done on `samples` samples.
    fn update(&mut self, samples: usize);
    /// One epoch is done.
    fn epoch(&mut self, record: &EpochRecord);
    /// Training has ended; the best epoch is in the model.
    fn finish(&mut self, history: &History);
}

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn start(&mut self, _: usize, _: usize, _: usize) {}
    fn update(&mut self, _: usize) {}
    fn epoch(&mut self, _: &EpochRecord) {}
    fn finish(&mut self, _: &History) {}
}

/// Trains any [`Autoencoder`].
#[derive(Debug, Clone)]
pub struct Trainer {
    config: TrainingConfig,
}

/// Fewest samples a model can be trained on: one to train and centre by, one to differ from it,
/// one to validate.
const MIN_SAMPLES: usize = 3;

impl Trainer {
    /// A trainer with valid options.
    ///
    /// # Errors
    /// [`Error::Config`] if an option makes no sense.
    pub fn new(config: TrainingConfig) -> Result<Self> {
        config.validate()?;
        Ok(Self { config })
    }

    /// Trains `model`, leaves the weights of the epoch with the lowest validation loss (training
    /// loss without a split) in it, or the last ones of a model that keeps those, and returns the
    /// history. A model that can be fitted in closed form is, and has a history of one epoch.
    ///
    /// # Errors
    /// [`Error::Data`] for fewer than three samples or a loss that is no longer a number;
    /// [`Error::Tensor`] if an operation fails.
    pub fn fit(
        &self,
        model: &mut dyn Autoencoder,
        data: &dyn BatchSource,
        progress: &mut dyn Progress,
    ) -> Result<History> {
        let config = &self.config;
        let resident = Resident::new(data, model.parameters().device());
        let data = match &resident {
            Some(resident) => resident,
            None => data,
        };
        let n_samples = data.samples();
        if n_samples < MIN_SAMPLES {
            return Err(Error::data(
                format!("training needs at least {MIN_SAMPLES} samples, and there are {n_samples}"),
                "Give more samples, or score these with `gsae activity` and a trained model.",
            ));
        }
        let split = Split::new(n_samples, config.validation_fraction, config.seed);
        if model.solve(data, &split.train)? {
            return self.solved(model, data, &split, progress);
        }
        let warm_up = model.warm_up().min(config.epochs.saturating_sub(1));
        let mut order = split.train.clone();
        let mut shuffling = nn::random_stream(config.seed, "batch order");
        let variables = model.parameters().trainable();
        let mut optimizer = optimizer(config, variables.clone())?;
        let mut history = History {
            n_train: split.train.len(),
            n_validation: split.validation.len(),
            ..History::default()
        };
        let mut best: Option<(f64, Vec<(String, Tensor)>)> = None;
        let mut plateau = Plateau::default();

        let updates = batches(&order, config.batch_size).len();
        let mut windows = config.shuffle.shuffle(&mut order, &mut shuffling);
        progress.start(order.len(), updates, config.epochs);
        for epoch in 0..config.epochs {
            let rate = config.learning_rate
                * config.schedule.factor(epoch, config.epochs)
                * plateau.factor;
            optimizer.set_learning_rate(rate);
            model.begin_epoch(epoch);
            let groups = batches_of(&order, &windows, config.batch_size);
            // The order of the epoch to come, so that its samples can be read during this one.
            let mut later = order.clone();
            let later_windows = config.shuffle.shuffle(&mut later, &mut shuffling);
            if epoch + 1 < config.epochs {
                data.expect(&batches_of(&later, &later_windows, config.batch_size));
            }
            let mut losses = Losses::default();
            data.each_batch(&groups, &mut |rows, batch| {
                let loss = model.loss(batch, Mode::Train)?;
                losses.add(&loss, rows.len());
                let mut gradients = nn::backward(&loss)?;
                if let Some(norm) = config.clip_norm {
                    nn::clip_gradients(&mut gradients, &variables, norm)?;
                }
                optimizer.step(&gradients)?;
                model.project(rate)?;
                progress.update(rows.len());
                Ok(())
            })?;
            let validation_loss = match split.validation.as_slice() {
                [] => None,
                rows => Some(evaluate(model, data, rows, config.batch_size)?),
            };
            let record = EpochRecord {
                epoch: epoch + 1,
                train_loss: losses.sum()? / order.len() as f64,
                validation_loss,
                learning_rate: rate,
            };
            history.epochs.push(record);
            progress.epoch(&record);
            let selection = record.selection_loss();
            if !(selection.is_finite() && record.train_loss.is_finite()) {
                return Err(Error::data(
                    format!("the loss became {selection} in epoch {}", epoch + 1),
                    "Lower --learning-rate, or check the matrix for extreme values.",
                ));
            }
            (order, windows) = (later, later_windows);
            if epoch < warm_up {
                continue;
            }
            if best.as_ref().is_none_or(|(lowest, _)| selection < *lowest) {
                let snapshot = if model.keeps_last_epoch() {
                    Vec::new()
                } else {
                    model.parameters().snapshot()?
                };
                best = Some((selection, snapshot));
                history.best_epoch = epoch + 1;
                plateau.improved();
            } else {
                plateau.stale(config.schedule);
            }
            let waited = epoch + 1 - history.best_epoch;
            let patience = config.patience.filter(|_| !model.keeps_last_epoch());
            if patience.is_some_and(|patience| waited >= patience) {
                break;
            }
        }
        if model.keeps_last_epoch() {
            history.best_epoch = history.epochs.len();
        } else if let Some((_, snapshot)) = best {
            let find = |name: &str| snapshot.iter().find(|(key, _)| key == name);
            model
                .parameters()
                .load(|name| find(name).map(|(_, tensor)| tensor.clone()))?;
        }
        progress.finish(&history);
        Ok(history)
    }

    /// The history of a model that was fitted in closed form.
    fn solved(
        &self,
        model: &mut dyn Autoencoder,
        data: &dyn BatchSource,
        split: &Split,
        progress: &mut dyn Progress,
    ) -> Result<History> {
        progress.start(split.train.len(), 1, 1);
        let mut loss = |rows: &[usize]| evaluate(model, data, rows, self.config.batch_size);
        let record = EpochRecord {
            epoch: 1,
            train_loss: loss(&split.train)?,
            validation_loss: match split.validation.as_slice() {
                [] => None,
                rows => Some(loss(rows)?),
            },
            learning_rate: 0.0,
        };
        progress.update(split.train.len());
        progress.epoch(&record);
        let history = History {
            epochs: vec![record],
            best_epoch: 1,
            n_train: split.train.len(),
            n_validation: split.validation.len(),
        };
        progress.finish(&history);
        Ok(history)
    }
}

/// The batches of every window.
fn batches_of<'a>(
    order: &'a [usize],
    windows: &[Range<usize>],
    size: usize,
) -> Vec<Vec<&'a [usize]>> {
    let windows = windows.iter().cloned();
    windows
        .map(|window| batches(&order[window], size))
        .collect()
}

/// The mean loss over `rows`, without noise or dropout.
fn evaluate(
    model: &mut dyn Autoencoder,
    data: &dyn BatchSource,
    rows: &[usize],
    batch_size: usize,
) -> Result<f64> {
    let mut losses = Losses::default();
    data.in_order(rows, batch_size, &mut |chunk, batch| {
        losses.add(&model.loss(batch, Mode::Evaluate)?, chunk.len());
        Ok(())
    })?;
    Ok(losses.sum()? / rows.len() as f64)
}

/// The mean losses of batches. They stay where they are until their sum is asked for, so that the
/// CPU does not wait for a GPU after every batch.
#[derive(Default)]
struct Losses(Vec<(Tensor, usize)>);

impl Losses {
    fn add(&mut self, mean: &Tensor, samples: usize) {
        self.0.push((mean.detach(), samples));
    }

    fn sum(&self) -> Result<f64> {
        let sums = self.0.iter().map(|(mean, samples)| {
            Ok(mean.to_dtype(DType::F64)?.to_scalar::<f64>()? * *samples as f64)
        });
        sums.sum()
    }
}

fn optimizer(config: &TrainingConfig, variables: Vec<Var>) -> Result<Box<dyn Optimizer>> {
    let learning_rate = config.learning_rate;
    Ok(match config.optimizer {
        OptimizerConfig::Adam {
            beta1,
            beta2,
            epsilon,
            weight_decay,
        } => Box::new(Adam::new(
            variables,
            AdamConfig {
                learning_rate,
                beta1,
                beta2,
                epsilon,
                weight_decay,
                decoupled: true,
            },
        )?),
        OptimizerConfig::Sgd {
            momentum,
            nesterov,
            decay,
        } => Box::new(Sgd::new(
            variables,
            SgdConfig {
                learning_rate,
                momentum,
                nesterov,
                decay,
            },
        )?),
    })
}

/// The state of [`Schedule::Plateau`].
struct Plateau {
    factor: f64,
    waited: usize,
}

impl Default for Plateau {
    fn default() -> Self {
        Self {
            factor: 1.0,
            waited: 0,
        }
    }
}

impl Plateau {
    fn improved(&mut self) {
        self.waited = 0;
    }

    fn stale(&mut self, schedule: Schedule) {
        self.waited += 1;
        if let Schedule::Plateau { patience, factor } = schedule
            && self.waited >= patience.max(1)
        {
            self.factor *= factor;
            self.waited = 0;
        }
    }
}
