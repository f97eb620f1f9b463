//! The options of the network; what is not given stays as the model has it.

use crate::error::{Error, Result};
use crate::models::{
    Contracted, ContractiveConfig, CovariatePlace, GeneSetConfig, Latent, LatentPenalty, LayerKind,
    Likelihood, ModelConfig, NetworkConfig, VariationalConfig,
};
use crate::nn::{Activation, Corruption};
use crate::pipeline::FitOptions;

/// The network.
#[derive(clap::Args)]
#[command(next_help_heading = "Model (defaults: `gsae models NAME`)")]
pub(super) struct ModelArgs {
    /// The model that the options start from; `gsae models` lists them, `gsae models NAME` shows
    /// what one starts from.
    #[arg(long, default_value = "gsae", value_name = "NAME")]
    pub model: String,
    /// Units of the latent layer (the supersets of a GSAE), or `sets`: the gene sets themselves.
    #[arg(long, visible_alias = "supersets", value_name = "N")]
    latent: Option<String>,
    /// Widths of the hidden layers before the latent one, as in 512,128; `none` for none.
    #[arg(long, value_name = "N,N")]
    hidden: Option<String>,
    /// The first layer: masked (by membership), dense.
    #[arg(long, value_name = "KIND")]
    encoder: Option<String>,
    /// The last layer: masked (by membership), dense.
    #[arg(long, value_name = "KIND")]
    decoder: Option<String>,
    /// Activation of gene-set and hidden layers, and of a latent layer that has the same: linear, relu, leaky-relu, elu, tanh, sigmoid,
    /// softplus.
    #[arg(long, value_name = "NAME")]
    activation: Option<String>,
    /// Activation of the latent layer.
    #[arg(long, value_name = "NAME")]
    latent_activation: Option<String>,
    /// Activation of the output, with --likelihood mse.
    #[arg(long, value_name = "NAME")]
    output_activation: Option<String>,
    /// How output and data are compared: mse, gaussian (learned variance), bernoulli (values
    /// scaled to 0..1), nb (negative binomial, raw counts).
    #[arg(long, value_name = "NAME")]
    likelihood: Option<String>,
    /// Make the latent layer variational.
    #[arg(long)]
    variational: bool,
    /// The weight of the Kullback-Leibler divergence of a variational model.
    #[arg(long, value_name = "X")]
    beta: Option<f64>,
    /// Epochs over which that weight rises from 0.
    #[arg(long, value_name = "N")]
    warm_up: Option<usize>,
    /// Let the decoder use the encoder's weights.
    #[arg(long)]
    tied: bool,
    /// Let the weights between genes and sets take both signs.
    #[arg(long)]
    free_signs: bool,
    /// Batch-normalise gene-set and hidden layers.
    #[arg(long)]
    batch_norm: bool,
    /// Drop units of the encoder's hidden layers, and gene sets, in training with this probability.
    #[arg(long, value_name = "P")]
    dropout: Option<f64>,
    /// Corrupt inputs in training: gaussian:SD, masking:SHARE, salt-pepper:SHARE, none.
    #[arg(long, value_name = "KIND:X")]
    noise: Option<String>,
    /// L1 on all weights, by proximal steps of this times the learning rate: with adam, whose steps
    /// are about the learning rate, between 0 and 1.
    #[arg(long, value_name = "X")]
    l1_weights: Option<f64>,
    /// L2 on all weights.
    #[arg(long, value_name = "X")]
    l2_weights: Option<f64>,
    /// A penalty on latent activations: l1:STRENGTH, kl:STRENGTH:MEAN, none.
    #[arg(long, value_name = "KIND:X")]
    latent_penalty: Option<String>,
    /// A penalty of this strength on the squared Jacobian.
    #[arg(long, value_name = "X")]
    contractive: Option<f64>,
    /// Whose Jacobian: latent, reconstruction.
    #[arg(long, value_name = "NAME")]
    contractive_of: Option<String>,
    /// Nodes a gene set.
    #[arg(long, value_name = "N")]
    nodes_per_set: Option<usize>,
    /// Nodes that stand for no set and are connected to all genes.
    #[arg(long, value_name = "N")]
    free_nodes: Option<usize>,
    /// Allow other genes in the decoder's sets, under an L1 penalty of this strength (as
    /// --l1-weights).
    #[arg(long, value_name = "X")]
    soft_mask: Option<f64>,
    /// Switch sets off that are not needed, by a group lasso of this strength (as --l1-weights).
    #[arg(long, value_name = "X")]
    group_lasso: Option<f64>,
    /// What covariates are added to: decoder (the layer after the latent one), sets.
    #[arg(long, value_name = "PLACE")]
    covariates_in: Option<String>,
}

impl ModelArgs {
    /// Changes what was given.
    pub fn apply(&self, options: &mut FitOptions) -> Result<()> {
        let network = match &mut options.model {
            ModelConfig::Pca(pca) => {
                if let Some(latent) = &self.latent {
                    pca.components = number("--latent", latent)?;
                }
                return self.refuse_for_pca();
            }
            ModelConfig::Network(network) => network,
        };
        self.apply_layers(network)?;
        self.apply_variational(network)?;
        self.apply_penalties(network)?;
        self.apply_gene_sets(network)?;
        let levels = options.hierarchy.levels.is_some();
        self.refuse_without_layer(network, levels)
    }

    /// Refuses options of layers that the network does not have.
    fn refuse_without_layer(&self, network: &NetworkConfig, hierarchical: bool) -> Result<()> {
        let sets_before_latent = network.decoder_has_sets() && network.latent != Latent::GeneSets;
        let inner = !network.hidden.is_empty() || sets_before_latent || hierarchical;
        let follows = network.variational.is_none()
            && network.latent_activation == network.activation
            && self.latent_activation.is_none();
        if self.activation.is_some() && !inner && !follows {
            return Err(Error::config(
                "--activation",
                "is of hidden layers and of gene sets beside a latent layer, and there are none: \
                 add --hidden, or use --latent-activation",
            ));
        }
        if self.batch_norm && !inner && !network.masked_encoder() {
            return Err(Error::config(
                "--batch-norm",
                "is of hidden layers and of gene sets beside a latent layer, and there are none: \
                 add --hidden",
            ));
        }
        Ok(())
    }

    /// The option that says where covariates enter, if it was given.
    pub fn places_covariates(&self) -> bool {
        self.covariates_in.is_some()
    }

    fn refuse_for_pca(&self) -> Result<()> {
        let mut options = self.network_options().into_iter();
        let mut of_sets = self.gene_set_options().into_iter();
        match options.find(given).or_else(|| of_sets.find(given)) {
            Some((option, _)) => Err(Error::config(
                option,
                "is an option of networks; pca takes --latent only",
            )),
            None => Ok(()),
        }
    }

    /// The options of any network but --latent, and whether they were given.
    fn network_options(&self) -> [(&'static str, bool); 18] {
        [
            ("--hidden", self.hidden.is_some()),
            ("--activation", self.activation.is_some()),
            ("--latent-activation", self.latent_activation.is_some()),
            ("--output-activation", self.output_activation.is_some()),
            ("--likelihood", self.likelihood.is_some()),
            ("--variational", self.variational),
            ("--beta", self.beta.is_some()),
            ("--warm-up", self.warm_up.is_some()),
            ("--tied", self.tied),
            ("--batch-norm", self.batch_norm),
            ("--dropout", self.dropout.is_some()),
            ("--noise", self.noise.is_some()),
            ("--l1-weights", self.l1_weights.is_some()),
            ("--l2-weights", self.l2_weights.is_some()),
            ("--latent-penalty", self.latent_penalty.is_some()),
            ("--contractive", self.contractive.is_some()),
            ("--contractive-of", self.contractive_of.is_some()),
            ("--covariates-in", self.covariates_in.is_some()),
        ]
    }

    /// The options of networks with gene sets, and whether they were given.
    fn gene_set_options(&self) -> [(&'static str, bool); 7] {
        [
            ("--encoder", self.encoder.is_some()),
            ("--decoder", self.decoder.is_some()),
            ("--free-signs", self.free_signs),
            ("--nodes-per-set", self.nodes_per_set.is_some()),
            ("--free-nodes", self.free_nodes.is_some()),
            ("--soft-mask", self.soft_mask.is_some()),
            ("--group-lasso", self.group_lasso.is_some()),
        ]
    }

    fn apply_layers(&self, network: &mut NetworkConfig) -> Result<()> {
        match self.latent.as_deref() {
            None => {}
            Some("sets") => network.latent = Latent::GeneSets,
            Some(width) => network.latent = Latent::Width(number("--latent", width)?),
        }
        match self.hidden.as_deref() {
            None => {}
            Some("none") => network.hidden.clear(),
            Some(widths) => {
                let widths = widths.split(',').map(|width| number("--hidden", width));
                network.hidden = widths.collect::<Result<_>>()?;
            }
        }
        if let Some(name) = &self.activation {
            let named = activation("--activation", name)?;
            // A latent layer that the model treats like the others goes on to be.
            if network.latent_activation == network.activation {
                network.latent_activation = named;
            }
            network.activation = named;
        }
        if let Some(name) = &self.latent_activation {
            network.latent_activation = activation("--latent-activation", name)?;
        }
        if let Some(name) = &self.output_activation {
            network.output_activation = activation("--output-activation", name)?;
        }
        network.likelihood = match self.likelihood.as_deref() {
            None => network.likelihood,
            Some("mse") => Likelihood::SquaredError,
            Some("gaussian") => Likelihood::Gaussian,
            Some("bernoulli") => Likelihood::Bernoulli,
            Some("nb") => Likelihood::NegativeBinomial,
            Some(other) => {
                let message = format!("is mse, gaussian, bernoulli or nb, not {other:?}");
                return Err(Error::config("--likelihood", message));
            }
        };
        network.tied |= self.tied;
        network.batch_norm |= self.batch_norm;
        network.dropout = self.dropout.unwrap_or(network.dropout);
        Ok(())
    }

    fn apply_variational(&self, network: &mut NetworkConfig) -> Result<()> {
        if self.variational && network.variational.is_none() {
            network.variational = Some(VariationalConfig {
                beta: 1.0,
                warm_up: 10,
            });
        }
        let refuse = |option, message: &str| Err(Error::config(option, message.to_owned()));
        match &mut network.variational {
            Some(_) if self.latent_activation.is_some() => {
                return refuse(
                    "--latent-activation",
                    "does not go with a variational model, whose latent layer has none",
                );
            }
            Some(variational) => {
                variational.beta = self.beta.unwrap_or(variational.beta);
                variational.warm_up = self.warm_up.unwrap_or(variational.warm_up);
            }
            None if self.beta.is_some() => {
                return refuse("--beta", "needs a variational model: add --variational");
            }
            None if self.warm_up.is_some() => {
                return refuse("--warm-up", "needs a variational model: add --variational");
            }
            None => {}
        }
        Ok(())
    }

    fn apply_penalties(&self, network: &mut NetworkConfig) -> Result<()> {
        if let Some(text) = &self.noise {
            let (kind, amount) = text.split_once(':').unwrap_or((text, ""));
            network.noise = match kind {
                "none" => None,
                "gaussian" => Some(Corruption::Gaussian {
                    sd: number("--noise", amount)?,
                }),
                "masking" => Some(Corruption::Masking {
                    fraction: number("--noise", amount)?,
                }),
                "salt-pepper" => Some(Corruption::SaltAndPepper {
                    fraction: number("--noise", amount)?,
                }),
                _ => {
                    let message = format!(
                        "is gaussian:SD, masking:SHARE, salt-pepper:SHARE or none, not {text:?}"
                    );
                    return Err(Error::config("--noise", message));
                }
            };
        }
        network.weights_l1 = self.l1_weights.unwrap_or(network.weights_l1);
        network.weights_l2 = self.l2_weights.unwrap_or(network.weights_l2);
        if let Some(text) = &self.latent_penalty {
            let parts: Vec<&str> = text.split(':').collect();
            let amount = |text: &str| number("--latent-penalty", text);
            network.latent_penalty = match parts.as_slice() {
                ["none"] => None,
                ["l1", strength] => Some(LatentPenalty::L1 {
                    strength: amount(strength)?,
                }),
                ["kl", strength, rho] => Some(LatentPenalty::Kl {
                    strength: amount(strength)?,
                    rho: amount(rho)?,
                }),
                _ => {
                    let message = format!("is l1:STRENGTH, kl:STRENGTH:MEAN or none, not {text:?}");
                    return Err(Error::config("--latent-penalty", message));
                }
            };
        }
        let of = match self.contractive_of.as_deref() {
            None => network.contractive.map_or(Contracted::Latent, |c| c.of),
            Some("latent") => Contracted::Latent,
            Some("reconstruction") => Contracted::Reconstruction,
            Some(other) => {
                let message = format!("is latent or reconstruction, not {other:?}");
                return Err(Error::config("--contractive-of", message));
            }
        };
        if let Some(strength) = self.contractive {
            network.contractive = Some(ContractiveConfig { strength, of });
        } else if let Some(contractive) = &mut network.contractive {
            contractive.of = of;
        } else if self.contractive_of.is_some() {
            return Err(Error::config("--contractive-of", "needs --contractive"));
        }
        Ok(())
    }

    fn apply_gene_sets(&self, network: &mut NetworkConfig) -> Result<()> {
        network.covariates_in = match self.covariates_in.as_deref() {
            None => network.covariates_in,
            Some("decoder") => CovariatePlace::Decoder,
            Some("sets") => CovariatePlace::GeneSets,
            Some(other) => {
                let message = format!("is decoder or sets, not {other:?}");
                return Err(Error::config("--covariates-in", message));
            }
        };
        let Some(sets) = &mut network.gene_sets else {
            return match self.gene_set_options().into_iter().find(given) {
                Some((option, _)) => Err(Error::config(
                    option,
                    "needs a model with gene sets, such as gsae",
                )),
                None => Ok(()),
            };
        };
        sets.encoder = layer_kind("--encoder", self.encoder.as_deref(), sets.encoder)?;
        sets.decoder = layer_kind("--decoder", self.decoder.as_deref(), sets.decoder)?;
        *sets = GeneSetConfig {
            non_negative: sets.non_negative && !self.free_signs,
            nodes_per_set: self.nodes_per_set.unwrap_or(sets.nodes_per_set),
            free_nodes: self.free_nodes.unwrap_or(sets.free_nodes),
            soft_mask: self.soft_mask.or(sets.soft_mask),
            group_lasso: self.group_lasso.unwrap_or(sets.group_lasso),
            ..*sets
        };
        Ok(())
    }
}

fn given((_, given): &(&'static str, bool)) -> bool {
    *given
}

fn number<T: std::str::FromStr>(option: &'static str, text: &str) -> Result<T> {
    text.trim()
        .parse()
        .map_err(|_| Error::config(option, format!("needs a number where it has {text:?}")))
}

fn layer_kind(option: &'static str, name: Option<&str>, kind: LayerKind) -> Result<LayerKind> {
    match name {
        None => Ok(kind),
        Some("masked") => Ok(LayerKind::Masked),
        Some("dense") => Ok(LayerKind::Dense),
        Some(other) => Err(Error::config(
            option,
            format!("is masked or dense, not {other:?}"),
        )),
    }
}

/// As the options of activations have it.
pub(super) fn activation_name(activation: Activation) -> &'static str {
    match activation {
        Activation::Linear => "linear",
        Activation::Relu => "relu",
        Activation::LeakyRelu => "leaky-relu",
        Activation::Elu => "elu",
        Activation::Tanh => "tanh",
        Activation::Sigmoid => "sigmoid",
        Activation::Softplus => "softplus",
    }
}

fn activation(option: &'static str, name: &str) -> Result<Activation> {
    Ok(match name {
        "linear" => Activation::Linear,
        "relu" => Activation::Relu,
        "leaky-relu" => Activation::LeakyRelu,
        "elu" => Activation::Elu,
        "tanh" => Activation::Tanh,
        "sigmoid" => Activation::Sigmoid,
        "softplus" => Activation::Softplus,
        _ => {
            let known = "linear, relu, leaky-relu, elu, tanh, sigmoid or softplus";
            return Err(Error::config(option, format!("is {known}, not {name:?}")));
        }
    })
}
