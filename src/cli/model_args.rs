//! The options of preprocessing and training; what is not given stays as the model has it.

use super::console::Console;
use super::network_args::ModelArgs;
use crate::device::{DeviceChoice, describe, why_no_gpu};
use crate::error::{Error, Result};
use crate::expression::{Normalization, Scaling};
use crate::genesets::SizeFilter;
use crate::pipeline::FitOptions;
use crate::training::{OptimizerConfig, Schedule};

/// Which sets and genes are used, and how values are prepared.
#[derive(clap::Args)]
#[command(next_help_heading = "Preparing the data")]
pub(super) struct PrepareArgs {
    /// Fewest genes of a set that the data must have.
    #[arg(long, default_value_t = 15, value_name = "N")]
    min_size: usize,
    /// Most genes of a set that the data may have: 500, with a hierarchy any number.
    #[arg(long, value_name = "N")]
    max_size: Option<usize>,
    /// Use the hierarchy of the sets, this many levels from the top (0: all), as masked layers
    /// of their own.
    #[arg(long, value_name = "N")]
    levels: Option<usize>,
    /// A control: deal the genes out anew among the sets, by this seed.
    #[arg(long, value_name = "SEED")]
    shuffle_map: Option<u64>,
    /// auto, log1p-cp10k (raw counts), log2p1 (linear values), none (log values).
    #[arg(long, default_value = "auto", value_name = "KIND")]
    normalization: String,
    /// What a gene's centred values are divided by: unit (its SD), pareto (the root of its SD),
    /// center (nothing).
    #[arg(long, value_name = "KIND")]
    scaling: Option<String>,
    /// Leave out genes whose normalised mean is lower.
    #[arg(long, value_name = "X")]
    min_mean: Option<f64>,
    /// Leave out genes whose normalised SD is lower.
    #[arg(long, value_name = "X")]
    min_sd: Option<f64>,
    /// Leave out genes above 0 in a smaller share of samples.
    #[arg(long, value_name = "SHARE")]
    min_expressed: Option<f64>,
    /// Keep only so many highly variable genes.
    #[arg(long, value_name = "N")]
    top_variable: Option<usize>,
}

/// Training.
#[derive(clap::Args)]
#[command(next_help_heading = "Training (defaults: `gsae models NAME`)")]
pub(super) struct TrainingArgs {
    /// Most epochs.
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// Samples per update.
    #[arg(long, value_name = "N")]
    batch_size: Option<usize>,
    /// The learning rate at the start.
    #[arg(long, value_name = "X")]
    learning_rate: Option<f64>,
    /// adam, or sgd (momentum 0.9, Nesterov, decay 1e-6).
    #[arg(long, value_name = "NAME")]
    optimizer: Option<String>,
    /// Momentum of sgd.
    #[arg(long, value_name = "X")]
    momentum: Option<f64>,
    /// Decoupled weight decay of adam.
    #[arg(long, value_name = "X")]
    weight_decay: Option<f64>,
    /// The learning rate's course: constant, cosine, step (halved every 10 epochs), plateau
    /// (halved after 3 epochs without improvement).
    #[arg(long, value_name = "NAME")]
    schedule: Option<String>,
    /// The share of samples held out to choose the best epoch; 0 for none.
    #[arg(long, value_name = "SHARE")]
    validation_fraction: Option<f64>,
    /// Stop after so many epochs without improvement; 0 never stops early, nor do --l1-weights,
    /// --group-lasso and --soft-mask.
    #[arg(long, value_name = "N")]
    patience: Option<usize>,
    /// Scale gradients down to this norm; 0 leaves them.
    #[arg(long, value_name = "X")]
    clip_norm: Option<f64>,
    /// The seed of every random number.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    #[command(flatten)]
    device: DeviceArgs,
}

/// Where networks are trained.
#[derive(clap::Args)]
pub(super) struct DeviceArgs {
    /// Where to train: cpu, cuda (or cuda:N, the GPU of that number), auto (a GPU if this program
    /// was built for one and there is one). Without GPU support auto is cpu.
    #[arg(long, default_value = "auto", value_name = "NAME")]
    device: String,
}

impl DeviceArgs {
    /// The device, which is opened here so that one that cannot be used is refused at once; a GPU
    /// is noted, and why a GPU that one might expect is not used.
    pub fn choice(&self, console: &Console) -> Result<DeviceChoice> {
        let choice: DeviceChoice = self.device.parse()?;
        let device = choice.open()?;
        if !device.is_cpu() {
            console.note(format!("device: {}", describe(&device)));
            return Ok(choice);
        }
        if choice == DeviceChoice::Auto
            && let Some(reason) = why_no_gpu()
        {
            console.warn(format!("the CPU trains: cuda:0 {reason}"));
        }
        Ok(DeviceChoice::Cpu)
    }
}

/// The options of a fit.
pub(super) fn options(
    prepare: &PrepareArgs,
    model: &ModelArgs,
    training: &TrainingArgs,
    console: &Console,
) -> Result<FitOptions> {
    let mut options = apply(prepare, model, training)?;
    options.validate()?;
    // PCA is solved, not trained.
    if options.model.network().is_some() {
        options.training.device = training.device.choice(console)?;
    }
    Ok(options)
}

/// The options of a model with those that were given.
pub(super) fn apply(
    prepare: &PrepareArgs,
    model: &ModelArgs,
    training: &TrainingArgs,
) -> Result<FitOptions> {
    let mut options = FitOptions::named(&model.model)?.with_seed(training.seed);
    prepare.apply(&mut options)?;
    model.apply(&mut options)?;
    training.apply(&mut options)?;
    Ok(options)
}

impl PrepareArgs {
    fn apply(&self, options: &mut FitOptions) -> Result<()> {
        if self.levels.is_some() {
            options.hierarchy.levels = self.levels;
        }
        let hierarchical = options.hierarchy.levels.is_some();
        let max_size = self
            .max_size
            .unwrap_or(if hierarchical { usize::MAX } else { 500 });
        if self.min_size > max_size {
            return Err(Error::config(
                "--min-size",
                format!("{} is above --max-size {max_size}", self.min_size),
            ));
        }
        options.sizes = SizeFilter::new(self.min_size, max_size);
        options.shuffled_map = self.shuffle_map;
        let preprocess = &mut options.preprocess;
        if self.normalization != "auto" {
            preprocess.normalization = Some(self.normalization.parse::<Normalization>()?);
        }
        if let Some(scaling) = &self.scaling {
            preprocess.scaling = scaling.parse::<Scaling>()?;
        }
        preprocess.filter.min_mean = self.min_mean;
        preprocess.filter.min_sd = self.min_sd;
        preprocess.filter.top_variable = self.top_variable;
        preprocess.filter.min_expressed = self.min_expressed.unwrap_or(0.0);
        Ok(())
    }
}

impl TrainingArgs {
    fn apply(&self, options: &mut FitOptions) -> Result<()> {
        let training = &mut options.training;
        training.epochs = self.epochs.unwrap_or(training.epochs);
        training.batch_size = self.batch_size.unwrap_or(training.batch_size);
        training.learning_rate = self.learning_rate.unwrap_or(training.learning_rate);
        training.validation_fraction = self
            .validation_fraction
            .unwrap_or(training.validation_fraction);
        if let Some(patience) = self.patience {
            training.patience = (patience > 0).then_some(patience);
        }
        if let Some(norm) = self.clip_norm {
            training.clip_norm = (norm != 0.0).then_some(norm);
        }
        match self.optimizer.as_deref() {
            None => {}
            Some("adam") => training.optimizer = OptimizerConfig::ADAM,
            Some("sgd") => training.optimizer = OptimizerConfig::NESTEROV,
            Some(other) => {
                let message = format!("is adam or sgd, not {other:?}");
                return Err(Error::config("--optimizer", message));
            }
        }
        if let Some(given) = self.momentum {
            let OptimizerConfig::Sgd { momentum, .. } = &mut training.optimizer else {
                return Err(Error::config("--momentum", "needs --optimizer sgd"));
            };
            *momentum = given;
        }
        if let Some(given) = self.weight_decay {
            let OptimizerConfig::Adam { weight_decay, .. } = &mut training.optimizer else {
                return Err(Error::config("--weight-decay", "needs --optimizer adam"));
            };
            *weight_decay = given;
        }
        if let Some(name) = &self.schedule {
            training.schedule = match name.as_str() {
                "constant" => Schedule::Constant,
                "cosine" => Schedule::Cosine {
                    final_fraction: 0.01,
                },
                "step" => Schedule::Step {
                    every: 10,
                    factor: 0.5,
                },
                "plateau" => Schedule::Plateau {
                    patience: 3,
                    factor: 0.5,
                },
                other => {
                    let message = format!("is constant, cosine, step or plateau, not {other:?}");
                    return Err(Error::config("--schedule", message));
                }
            };
        }
        Ok(())
    }
}
