//! The autoencoder of the benchmark: genes, sets, supersets, sets, genes.

use std::error::Error;
use std::time::Instant;

use candle_core::{DType, Tensor};
use gsae::nn::{
    Activation, Adam, AdamConfig, Linear, LinearConfig, MaskedLinear, Optimizer, ParameterSet,
    backward, gather_rows, random_stream,
};
use rand_chacha::ChaCha8Rng;

use crate::task::{GENES, SETS, SUPERSETS, Task};

/// The last layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decoder {
    Masked,
    Dense,
}

enum Last {
    Masked(MaskedLinear),
    Dense(Linear),
}

/// The parts of a step that are timed.
pub const PHASES: [&str; 4] = ["gather", "forward", "backward", "Adam"];

pub struct Model {
    encoder: MaskedLinear,
    to_supersets: Linear,
    from_supersets: Linear,
    last: Last,
    adam: Adam,
    random: ChaCha8Rng,
}

impl Model {
    pub fn new(task: &Task, decoder: Decoder) -> Result<Self, Box<dyn Error>> {
        let mut parameters = ParameterSet::new(7, DType::F32);
        let parameters = &mut parameters;
        let config = LinearConfig::default();
        let mask = &task.mask;
        let encoder = MaskedLinear::new(parameters, "encoder", mask.clone(), config)?;
        let to_supersets = Linear::new(parameters, "to_supersets", SETS, SUPERSETS, config)?;
        let from_supersets = Linear::new(parameters, "from_supersets", SUPERSETS, SETS, config)?;
        let last = match decoder {
            Decoder::Masked => Last::Masked(MaskedLinear::new(
                parameters,
                "decoder",
                mask.transpose(),
                config,
            )?),
            Decoder::Dense => Last::Dense(Linear::new(parameters, "decoder", SETS, GENES, config)?),
        };
        Ok(Self {
            encoder,
            to_supersets,
            from_supersets,
            last,
            adam: Adam::new(parameters.trainable(), AdamConfig::default())?,
            random: random_stream(7, "batches"),
        })
    }

    /// The mean squared error of the reconstruction of `x`: `[genes, batch]`.
    fn loss(&self, x: &Tensor) -> gsae::Result<Tensor> {
        let relu = Activation::Relu;
        let sets = relu.forward(&self.encoder.forward_features(x)?)?;
        let supersets = relu.forward(&self.to_supersets.forward_features(&sets)?)?;
        let sets = relu.forward(&self.from_supersets.forward_features(&supersets)?)?;
        match &self.last {
            Last::Masked(last) => last.mse_features(&sets, x),
            Last::Dense(last) => last.mse_features(&sets, x),
        }
    }

    /// One step, and the milliseconds of its parts.
    pub fn step(&mut self, task: &Task) -> Result<[f64; PHASES.len()], Box<dyn Error>> {
        let mut last = Instant::now();
        let mut lap = || {
            let lapse = 1e3 * last.elapsed().as_secs_f64();
            last = Instant::now();
            lapse
        };
        let rows = task.rows(&mut self.random);
        let x = gather_rows(&task.data, GENES, &rows)?.t()?;
        let gather = lap();
        let loss = self.loss(&x)?;
        let forward = lap();
        let gradients = backward(&loss)?;
        let backward_lapse = lap();
        self.adam.step(&gradients)?;
        assert!(loss.to_scalar::<f32>()?.is_finite());
        Ok([gather, forward, backward_lapse, lap()])
    }
}
