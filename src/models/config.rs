//! The options of every network: a model is a choice of them.

use crate::error::{Error, Result};
use crate::nn::{Activation, Corruption};
use serde::{Deserialize, Serialize};

/// A layer between genes and gene sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayerKind {
    /// A gene and a set are connected where the gene belongs to the set.
    Masked,
    /// All are connected with all.
    Dense,
}

/// The narrowest layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Latent {
    /// So many units, each connected to all units before it; in a GSAE the supersets.
    Width(usize),
    /// The gene sets themselves.
    GeneSets,
}

/// How an output is compared with its target; also what the output's numbers mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Likelihood {
    /// The squared error; for a variational model a normal distribution of variance 1.
    SquaredError,
    /// A normal distribution with one learned variance.
    Gaussian,
    /// A Bernoulli distribution (cross-entropy); values are scaled to 0..1.
    Bernoulli,
    /// A negative binomial distribution of raw counts, given the library size.
    NegativeBinomial,
}

/// How the membership of genes in sets shapes a network.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GeneSetConfig {
    /// Genes to gene sets.
    pub encoder: LayerKind,
    /// Gene sets to genes.
    pub decoder: LayerKind,
    /// Whether the weights of masked layers are kept at or above 0.
    pub non_negative: bool,
    /// Nodes a set.
    pub nodes_per_set: usize,
    /// Nodes that stand for no set and are connected to all genes.
    pub free_nodes: usize,
    /// Also allows connections of a set with other genes in the decoder, under an L1 penalty of
    /// this strength (see [`weights_l1`](NetworkConfig::weights_l1)); `None` allows none.
    pub soft_mask: Option<f64>,
    /// The strength of a group lasso over the weights between every set and its genes, which
    /// switches sets off that are not needed (see [`weights_l1`](NetworkConfig::weights_l1)); 0
    /// for none.
    pub group_lasso: f64,
}

impl GeneSetConfig {
    /// Masked on both sides, weights at or above 0, a node a set, nothing more.
    pub const MASKED: Self = Self {
        encoder: LayerKind::Masked,
        decoder: LayerKind::Masked,
        non_negative: true,
        nodes_per_set: 1,
        free_nodes: 0,
        soft_mask: None,
        group_lasso: 0.0,
    };
}

/// A variational latent layer (Kingma & Welling 2014).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct VariationalConfig {
    /// The weight of the Kullback-Leibler divergence (Higgins et al. 2017).
    pub beta: f64,
    /// Epochs over which the weight rises linearly to beta; 0 for none.
    pub warm_up: usize,
}

/// What is punished in the latent layer's values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum LatentPenalty {
    /// `strength mean |z|`.
    L1 {
        /// The strength.
        strength: f64,
    },
    /// `strength mean KL(rho || mean of the unit over the batch)`, for a sigmoid latent layer
    /// (Ng 2011).
    Kl {
        /// The strength.
        strength: f64,
        /// The wanted mean, in (0, 1).
        rho: f64,
    },
}

/// Whose derivative in the input a contractive penalty punishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contracted {
    /// The latent layer's (Rifai et al. 2011).
    Latent,
    /// The reconstruction's (Alain & Bengio 2014).
    Reconstruction,
}

/// `strength |J|_F^2`, averaged over the samples and divided by the number of features, as the
/// mean squared error divides the sum of squares.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ContractiveConfig {
    /// The strength.
    pub strength: f64,
    /// Whose Jacobian.
    pub of: Contracted,
}

/// What covariates are added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CovariatePlace {
    /// The first layer after the latent one.
    Decoder,
    /// The decoder's gene sets.
    GeneSets,
}

/// The options of a [`Network`](super::Network).
///
/// Features -> (gene sets) -> hidden layers -> latent layer -> hidden layers in reverse -> (gene
/// sets) -> features. Where the encoder has a gene-set layer and the latent layer is another,
/// the decoder has one too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NetworkConfig {
    /// Gene-set layers; `None` for a network without.
    pub gene_sets: Option<GeneSetConfig>,
    /// Widths of the dense layers before the latent one; the decoder has them in reverse, unless
    /// the gene sets are the latent layer.
    pub hidden: Vec<usize>,
    /// The latent layer.
    pub latent: Latent,
    /// After every gene-set and hidden layer before and behind the latent one.
    pub activation: Activation,
    /// After the latent layer; not used by a variational model.
    pub latent_activation: Activation,
    /// After the last layer, where the likelihood is the squared error.
    pub output_activation: Activation,
    /// How output and target are compared.
    pub likelihood: Likelihood,
    /// A variational latent layer; `None` for a deterministic one.
    pub variational: Option<VariationalConfig>,
    /// Whether the decoder uses the encoder's weights, transposed.
    pub tied: bool,
    /// Whether gene-set and hidden layers are batch-normalised before their activation.
    pub batch_norm: bool,
    /// The probability with which a unit of the encoder's hidden layers, or a gene set without a
    /// parent, is dropped in training.
    pub dropout: f64,
    /// How inputs are corrupted in training.
    pub noise: Option<Corruption>,
    /// L1 on all weights, by a proximal step of this times the learning rate after each update.
    ///
    /// With plain gradient steps that is this times the sum of absolute weights in the loss. Adam
    /// moves a weight by about the learning rate if its gradients agree and by less if they
    /// differ from batch to batch, so that with Adam the strength lies between 0 and 1: weights
    /// are dropped whose mean gradient is smaller than this share of its root mean square.
    pub weights_l1: f64,
    /// L2 on all weights: this times the sum of their squares is added to the loss.
    pub weights_l2: f64,
    /// A penalty on the latent layer's values.
    pub latent_penalty: Option<LatentPenalty>,
    /// A penalty on a Jacobian.
    pub contractive: Option<ContractiveConfig>,
    /// Where covariates enter, if there are any.
    pub covariates_in: CovariatePlace,
    /// Seeds weights, dropout and noise.
    pub seed: u64,
}

impl Default for NetworkConfig {
    /// The gene superset autoencoder: masked on both sides, 200 supersets, ELU.
    fn default() -> Self {
        Self {
            gene_sets: Some(GeneSetConfig::MASKED),
            hidden: Vec::new(),
            latent: Latent::Width(200),
            activation: Activation::Elu,
            latent_activation: Activation::Elu,
            output_activation: Activation::Linear,
            likelihood: Likelihood::SquaredError,
            variational: None,
            tied: false,
            batch_norm: false,
            dropout: 0.0,
            noise: None,
            weights_l1: 0.0,
            weights_l2: 0.0,
            latent_penalty: None,
            contractive: None,
            covariates_in: CovariatePlace::Decoder,
            seed: 0,
        }
    }
}

impl NetworkConfig {
    /// A network without gene sets: features -> latent -> features.
    pub fn dense(latent: usize) -> Self {
        Self {
            gene_sets: None,
            latent: Latent::Width(latent),
            ..Self::default()
        }
    }

    /// Whether the encoder's first layer is masked.
    pub fn masked_encoder(&self) -> bool {
        self.gene_sets
            .is_some_and(|sets| sets.encoder == LayerKind::Masked)
    }

    /// Whether the decoder's last layer is masked.
    pub fn masked_decoder(&self) -> bool {
        self.gene_sets
            .is_some_and(|sets| sets.decoder == LayerKind::Masked)
    }

    /// Whether the decoder passes through the gene sets.
    pub fn decoder_has_sets(&self) -> bool {
        self.masked_decoder() || self.masked_encoder() || self.latent == Latent::GeneSets
    }

    /// Refuses options that make no model.
    ///
    /// # Errors
    /// [`Error::Config`] naming the option and what is wrong.
    pub fn validate(&self) -> Result<()> {
        let refuse = |option, message: String| Err(Error::config(option, message));
        if self.latent == Latent::Width(0) {
            return refuse(
                "--latent",
                "is 0: a bottleneck needs at least one unit".into(),
            );
        }
        if self.hidden.contains(&0) {
            return refuse("--hidden", "has a layer of width 0".into());
        }
        let at_least_zero = [
            ("--l1-weights", self.weights_l1),
            ("--l2-weights", self.weights_l2),
            ("--beta", self.variational.map_or(0.0, |v| v.beta)),
            (
                "--contractive",
                self.contractive.map_or(0.0, |c| c.strength),
            ),
            (
                "--group-lasso",
                self.gene_sets.map_or(0.0, |sets| sets.group_lasso),
            ),
            (
                "--soft-mask",
                self.gene_sets
                    .and_then(|sets| sets.soft_mask)
                    .unwrap_or(0.0),
            ),
        ];
        for (option, value) in at_least_zero {
            if !(value.is_finite() && value >= 0.0) {
                return refuse(option, format!("must be a number from 0, not {value}"));
            }
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return refuse(
                "--dropout",
                format!("must be in [0, 1), not {}", self.dropout),
            );
        }
        let sets_are_means = self.variational.is_some() && self.latent == Latent::GeneSets;
        if self.dropout > 0.0
            && self.hidden.is_empty()
            && (!self.masked_encoder() || sets_are_means)
        {
            return refuse(
                "--dropout",
                "has no unit to drop: it acts on hidden layers and on gene sets before a latent \
                 layer; add --hidden"
                    .into(),
            );
        }
        if let Some(noise) = self.noise {
            noise.validate()?;
        }
        self.validate_penalties()?;
        self.validate_gene_sets()
    }

    fn validate_penalties(&self) -> Result<()> {
        let refuse = |option, message: &str| Err(Error::config(option, message.to_owned()));
        match self.latent_penalty {
            Some(LatentPenalty::L1 { strength }) | Some(LatentPenalty::Kl { strength, .. })
                if !(strength.is_finite() && strength >= 0.0) =>
            {
                return refuse("--latent-penalty", "needs a strength from 0");
            }
            Some(LatentPenalty::Kl { rho, .. }) if !(rho > 0.0 && rho < 1.0) => {
                return refuse(
                    "--latent-penalty",
                    "kl needs a mean activation between 0 and 1",
                );
            }
            Some(LatentPenalty::Kl { .. }) if self.latent_activation != Activation::Sigmoid => {
                return refuse(
                    "--latent-penalty",
                    "kl compares activations in 0..1: add --latent-activation sigmoid",
                );
            }
            Some(_) if self.variational.is_some() => {
                return refuse(
                    "--latent-penalty",
                    "does not go with a variational model, whose latent layer has a penalty already",
                );
            }
            _ => {}
        }
        if self.contractive.is_some() && self.batch_norm {
            return refuse(
                "--contractive",
                "does not go with --batch-norm, which makes samples depend on each other",
            );
        }
        if self
            .contractive
            .is_some_and(|c| c.of == Contracted::Reconstruction)
            && self.likelihood == Likelihood::NegativeBinomial
        {
            return refuse(
                "--contractive-of",
                "reconstruction needs another likelihood than nb",
            );
        }
        if self.output_activation != Activation::Linear
            && self.likelihood != Likelihood::SquaredError
        {
            return refuse(
                "--output-activation",
                "needs --likelihood mse; the other likelihoods have an output of their own",
            );
        }
        Ok(())
    }

    fn validate_gene_sets(&self) -> Result<()> {
        let refuse = |option, message: &str| Err(Error::config(option, message.to_owned()));
        let Some(sets) = self.gene_sets else {
            if self.latent == Latent::GeneSets {
                return refuse("--latent", "sets needs a model with gene sets");
            }
            if self.covariates_in == CovariatePlace::GeneSets {
                return refuse("--covariates-in", "sets needs a model with gene sets");
            }
            return Ok(());
        };
        if sets.nodes_per_set == 0 {
            return refuse("--nodes-per-set", "must be at least 1, not 0");
        }
        if self.tied && sets.encoder != sets.decoder {
            return refuse(
                "--tied",
                "needs encoder and decoder of one shape: both masked, or both dense",
            );
        }
        if self.tied && sets.soft_mask.is_some() {
            return refuse(
                "--tied",
                "does not go with --soft-mask, which only the decoder has",
            );
        }
        if sets.encoder == LayerKind::Dense && sets.decoder == LayerKind::Dense {
            return refuse(
                "--decoder",
                "and --encoder are both dense: nothing would be left of the gene sets",
            );
        }
        let masked_decoder = sets.decoder == LayerKind::Masked;
        if (sets.soft_mask.is_some()) && !masked_decoder {
            return refuse("--soft-mask", "needs a masked decoder");
        }
        if self.covariates_in == CovariatePlace::GeneSets && !self.decoder_has_sets() {
            return refuse(
                "--covariates-in",
                "sets needs a decoder with a gene-set layer",
            );
        }
        Ok(())
    }
}
