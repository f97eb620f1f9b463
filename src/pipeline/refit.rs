//! The same training once more: with another seed, or with the genes dealt out anew.

use super::input::ModelInput;
use super::map::dealt_anew;
use super::whole_input::{WholeInput, all_node_values};
use super::{FitOptions, TrainedModel};
use crate::activity::ActivityScorer;
use crate::device::DeviceChoice;
use crate::error::{Error, Result};
use crate::expression::{ExpressionMatrix, Preprocessed, SampleTable};
use crate::mask::SetMap;
use crate::models::{BatchSource, Resident};
use crate::training::{History, Silent, Trainer};
use candle_core::Device;
use std::sync::{Arc, Mutex, PoisonError};

/// A trained model's options, genes, map and prepared samples, ready to be trained on again.
///
/// Normalisation, genes and covariates stay as the model learned them, so that refits differ in
/// what they are asked to differ in and in nothing else.
pub struct Refitter {
    options: FitOptions,
    genes: Vec<String>,
    map: SetMap,
    input: WholeInput,
    n_covariates: usize,
    /// The samples on a GPU, if they fit there, for all refits: `None` before the first.
    resident: Mutex<Option<Option<Arc<Resident>>>>,
}

/// In what a refit differs from the model's own training.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    /// Another seed of weights, split, batches and noise.
    pub seed: Option<u64>,
    /// Deals the genes out anew, by this seed, as [`FitOptions::shuffled_map`] does.
    pub shuffled_map: Option<u64>,
    /// At most so many epochs.
    pub max_epochs: Option<usize>,
}

/// What a refit left.
#[derive(Debug, Clone, PartialEq)]
pub struct Refit {
    /// How its nodes are read as activity.
    pub scorer: ActivityScorer,
    /// The hidden values of its gene-set nodes: `[samples, nodes]`, row by row.
    pub hidden: Vec<f32>,
    /// The course of its training.
    pub history: History,
}

impl TrainedModel {
    /// Prepares samples for refits of this model. `samples` are the labels of a model with
    /// covariates.
    ///
    /// # Errors
    /// [`Error::Data`] for a model without gene-set nodes, or data that the model cannot take or
    /// that do not fit into memory whole;
    /// [`Error::Config`] if the model has covariates and there are no labels.
    pub fn refitter(
        &self,
        expression: &ExpressionMatrix,
        samples: Option<&SampleTable>,
    ) -> Result<Refitter> {
        let Some(map) = &self.map else {
            return Err(Error::data(
                "this model has no gene-set nodes",
                "Choose a model whose nodes are gene sets, such as `gsae`.",
            ));
        };
        let input = self.training_input(expression, samples)?;
        Ok(Refitter {
            options: self.options.clone(),
            genes: self.genes().to_vec(),
            map: map.clone(),
            input: input.whole()?,
            n_covariates: self.covariates.width(),
            resident: Mutex::new(None),
        })
    }

    /// Whether these samples are those that the model was trained on, as training saw them: the
    /// same names in the same order with the same values and covariates, whatever file they came
    /// from. `None` where that is unknown: for models without gene-set nodes or of an earlier
    /// version.
    ///
    /// # Errors
    /// As [`TrainedModel::refitter`].
    pub fn was_trained_on(
        &self,
        expression: &ExpressionMatrix,
        samples: Option<&SampleTable>,
    ) -> Result<Option<bool>> {
        let Some(known) = &self.trained_on else {
            return Ok(None);
        };
        let input = self.training_input(expression, samples)?;
        Ok(Some(input.fingerprint()? == *known))
    }

    /// Samples as training sees them, covariates included.
    fn training_input<'a>(
        &'a self,
        expression: &'a ExpressionMatrix,
        samples: Option<&SampleTable>,
    ) -> Result<ModelInput<'a>> {
        let mut input = self.input(expression)?;
        if !self.covariates.is_empty() {
            let Some(table) = samples else {
                let names: Vec<&str> = self.covariates.names().collect();
                return Err(Error::config(
                    "--samples",
                    format!(
                        "is needed: the model's decoder is told {}",
                        names.join(", ")
                    ),
                ));
            };
            let values = self.covariates.encode(table, expression.samples(), &[])?;
            input.set_covariates(values, self.covariates.width());
        }
        Ok(input)
    }

    /// The hidden values of the gene-set nodes, `[samples, nodes]`, of a refitter's samples.
    ///
    /// # Errors
    /// If an operation fails.
    pub fn hidden_values(&self, refitter: &Refitter) -> Result<Vec<f32>> {
        all_node_values(&refitter.input.dataset(), self.model.as_ref())
    }

    /// The genes' values as normalised expression, of a refitter's samples: `[samples, genes]`.
    pub fn normalised_values(&self, refitter: &Refitter) -> Vec<f32> {
        let prepared = &refitter.input.prepared;
        let mut values = prepared.values.clone();
        self.preprocessor.restore(&mut values, &prepared.shifts);
        values
    }
}

impl Refitter {
    /// Whether its samples are those that the model was trained on: the same names in the same
    /// order (which decides what is held out) with the same values. `false` where that is
    /// unknown, as for a model of an earlier version.
    pub fn has_training_samples(&self, trained: &TrainedModel) -> bool {
        trained.trained_on.as_ref() == Some(&self.input.fingerprint)
    }

    /// The samples as the model sees them.
    pub fn prepared(&self) -> &Preprocessed {
        &self.input.prepared
    }

    /// How many refits to run side by side at most: each holds a network, its gradients and its
    /// optimizer's moments, and those on a GPU take turns there.
    pub fn most_at_once(&self) -> usize {
        match self.options.training.device {
            DeviceChoice::Cpu => 8,
            _ => 4,
        }
    }

    fn resident(&self, device: &Device) -> Option<Arc<Resident>> {
        let mut known = self.resident.lock().unwrap_or_else(PoisonError::into_inner);
        let copied = || Resident::new(&self.input.dataset(), device).map(Arc::new);
        known.get_or_insert_with(copied).clone()
    }

    /// Trains again.
    ///
    /// # Errors
    /// As [`fit`](super::fit()).
    pub fn refit(&self, changes: Changes) -> Result<Refit> {
        let mut options = self.options.clone();
        if let Some(seed) = changes.seed {
            options = options.with_seed(seed);
        }
        if let Some(most) = changes.max_epochs {
            options.training.epochs = options.training.epochs.min(most);
        }
        let map = match changes.shuffled_map {
            Some(seed) => {
                let renamed = dealt_anew(&self.genes, &options.blocks, seed);
                self.map.permuted_genes(&renamed)?
            }
            None => self.map.clone(),
        };
        let device = options.training.device.open()?;
        let trainer = Trainer::new(options.training)?;
        let mut model =
            options
                .model
                .build_on(&device, map.genes(), Some(&map), self.n_covariates)?;
        let resident = self.resident(&device);
        let dataset = self.input.dataset();
        let data: &dyn BatchSource = match &resident {
            Some(resident) => resident.as_ref(),
            None => &dataset,
        };
        let history = trainer.fit(model.as_mut(), data, &mut Silent)?;
        let hidden = all_node_values(data, model.as_ref())?;
        let scorer = ActivityScorer::fit(map.members(), &self.input.prepared.values, &hidden)?;
        Ok(Refit {
            scorer,
            hidden,
            history,
        })
    }
}
