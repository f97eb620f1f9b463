//! The step that is timed: the default model, as the trainer trains it.

use crate::support;
use candle_core::{DType, Device, Tensor, Var};
use gsae::mask::{Mask, SetMap};
use gsae::models::{Autoencoder, Batch, Latent, Mode, Network, NetworkConfig};
use gsae::nn::{
    Adam, AdamConfig, Optimizer, backward, clip_gradients, gather_rows_of, random_stream,
};
use rand::RngExt;
use rand::seq::index;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, LogNormal};
use std::error::Error;
use std::fmt;
use std::io::Write;
use std::time::Instant;

/// The sizes of a step.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    pub genes: usize,
    pub sets: usize,
    pub supersets: usize,
    pub batch: usize,
}

impl Sizes {
    /// The pathways of one collection.
    pub fn usual(batch: usize) -> Self {
        Self {
            genes: 16_000,
            sets: 2_300,
            supersets: 200,
            batch,
        }
    }

    /// All gene sets of MSigDB that are not too large.
    pub fn large(batch: usize) -> Self {
        Self {
            genes: 20_000,
            sets: 12_700,
            ..Self::usual(batch)
        }
    }

    /// Sets of log-normal sizes between 10 and 500 of genes chosen at random.
    pub fn mask(self) -> Mask {
        let mut random = random_stream(7, "sets");
        let sizes = LogNormal::new(4.17, 0.95).expect("a distribution");
        let rows = (0..self.sets).map(|_| {
            let size = loop {
                let size: f64 = sizes.sample(&mut random);
                if (10.0..=500.0).contains(&size) {
                    break size as usize;
                }
            };
            let genes = index::sample(&mut random, self.genes, size);
            let mut genes: Vec<u32> = genes.into_iter().map(|gene| gene as u32).collect();
            genes.sort_unstable();
            genes
        });
        Mask::from_rows(self.genes, rows.collect()).expect("a valid mask")
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} genes, {} sets, {} supersets, batch {}",
            self.genes, self.sets, self.supersets, self.batch
        )
    }
}

pub struct Step {
    pub sizes: Sizes,
    pub mask: Mask,
    network: Network,
    variables: Vec<Var>,
    adam: Adam,
    /// `[samples, genes]`, on the GPU.
    data: Tensor,
    random: ChaCha8Rng,
}

impl Step {
    pub fn new(device: &Device, sizes: Sizes) -> Result<Self, Box<dyn Error>> {
        let mask = sizes.mask();
        let config = NetworkConfig {
            latent: Latent::Width(sizes.supersets),
            ..NetworkConfig::default()
        };
        let map = SetMap::flat(mask.clone());
        let network = Network::on(device, sizes.genes, Some(&map), 0, config, DType::F32)?;
        let samples = 4 * sizes.batch;
        let mut random = random_stream(7, "data");
        let data: Vec<f32> = (0..samples * sizes.genes)
            .map(|_| random.random())
            .collect();
        let variables = network.parameters().trainable();
        Ok(Self {
            adam: Adam::new(variables.clone(), AdamConfig::default())?,
            variables,
            data: Tensor::from_vec(data, (samples, sizes.genes), device)?,
            network,
            mask,
            sizes,
            random: random_stream(7, "batches"),
        })
    }

    /// Numbers that a step changes.
    pub fn parameters(&self) -> usize {
        self.network.parameters().count()
    }

    /// One step; the GPU may still be at it when this returns.
    pub fn run(&mut self) -> Result<Tensor, Box<dyn Error>> {
        let samples = 4 * self.sizes.batch;
        let rows: Vec<usize> = (0..self.sizes.batch)
            .map(|_| self.random.random_range(0..samples))
            .collect();
        let batch = Batch::new(gather_rows_of(&self.data, &rows)?);
        let loss = self.network.loss(&batch, Mode::Train)?;
        let mut gradients = backward(&loss)?;
        clip_gradients(&mut gradients, &self.variables, 10.0)?;
        self.adam.step(&gradients)?;
        self.network.project(1e-3)?;
        Ok(loss)
    }

    /// Milliseconds a step, of so many.
    pub fn time(&mut self, steps: usize) -> Result<f64, Box<dyn Error>> {
        self.data.device().synchronize()?;
        let start = Instant::now();
        let mut loss = None;
        for _ in 0..steps {
            loss = Some(self.run()?);
        }
        self.data.device().synchronize()?;
        let milliseconds = 1e3 * start.elapsed().as_secs_f64() / steps as f64;
        let loss = loss.ok_or("no step was made")?.to_scalar::<f32>()?;
        if loss.is_finite() {
            Ok(milliseconds)
        } else {
            Err(format!("the loss became {loss}").into())
        }
    }

    /// PyTorch on the same map; without it says so.
    pub fn peer(&self) -> Option<support::Peer> {
        let mut map = tempfile::NamedTempFile::new().ok()?;
        for (set, row) in (0u32..).zip(self.mask.rows()) {
            for &gene in row {
                map.write_all(&set.to_le_bytes()).ok()?;
                map.write_all(&gene.to_le_bytes()).ok()?;
            }
        }
        map.flush().ok()?;
        // The script reads it at once, and this process is short.
        let (_, path) = map.keep().ok()?;
        let Sizes {
            genes,
            sets,
            supersets,
            batch,
        } = self.sizes;
        let mut arguments = vec![path.display().to_string()];
        arguments.extend([genes, sets, supersets, batch].map(|size| size.to_string()));
        support::Peer::start_or_say("pytorch_gpu.py", &arguments)
    }
}
