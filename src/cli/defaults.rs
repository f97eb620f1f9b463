//! The options that a model starts from, as the command line has them.

use super::network_args::activation_name;
use crate::models::{
    Contracted, CovariatePlace, GeneSetConfig, Latent, LatentPenalty, LayerKind, Likelihood,
    ModelConfig, NetworkConfig,
};
use crate::nn::Corruption;
use crate::pipeline::FitOptions;
use crate::training::{OptimizerConfig, Schedule, TrainingConfig};

/// Options, each with its value if it takes one. What a model does not use is left out.
pub(super) type Defaults = Vec<(&'static str, Option<String>)>;

pub(super) fn defaults(options: &FitOptions) -> Defaults {
    let mut found = Vec::new();
    let mut say = |option, value: String| found.push((option, Some(value)));
    match &options.model {
        ModelConfig::Pca(pca) => say("--latent", pca.components.to_string()),
        ModelConfig::Network(network) => {
            let levels = options.hierarchy.levels;
            found.extend(layers(network, levels.is_some()));
            found.extend(penalties(network));
            if let Some(levels) = levels {
                found.push(("--levels", Some(levels.to_string())));
            }
            found.extend(training(&options.training));
        }
    }
    found
}

fn layers(network: &NetworkConfig, hierarchical: bool) -> Defaults {
    let mut found: Defaults = Vec::new();
    let mut say = |option, value: String| found.push((option, Some(value)));
    say(
        "--latent",
        match network.latent {
            Latent::Width(width) => width.to_string(),
            Latent::GeneSets => "sets".to_owned(),
        },
    );
    let widths: Vec<String> = network.hidden.iter().map(ToString::to_string).collect();
    say(
        "--hidden",
        match widths.is_empty() {
            true => "none".to_owned(),
            false => widths.join(","),
        },
    );
    let kind = |kind| match kind {
        LayerKind::Masked => "masked".to_owned(),
        LayerKind::Dense => "dense".to_owned(),
    };
    if let Some(sets) = &network.gene_sets {
        say("--encoder", kind(sets.encoder));
        say("--decoder", kind(sets.decoder));
        say("--nodes-per-set", sets.nodes_per_set.to_string());
        say("--free-nodes", sets.free_nodes.to_string());
    }
    let sets_before_latent = network.decoder_has_sets() && network.latent != Latent::GeneSets;
    if !network.hidden.is_empty() || sets_before_latent || hierarchical {
        say(
            "--activation",
            activation_name(network.activation).to_owned(),
        );
    }
    match network.variational {
        Some(variational) => {
            say("--beta", variational.beta.to_string());
            say("--warm-up", variational.warm_up.to_string());
        }
        None => {
            let name = activation_name(network.latent_activation);
            say("--latent-activation", name.to_owned());
        }
    }
    let likelihood = match network.likelihood {
        Likelihood::SquaredError => "mse",
        Likelihood::Gaussian => "gaussian",
        Likelihood::Bernoulli => "bernoulli",
        Likelihood::NegativeBinomial => "nb",
    };
    say("--likelihood", likelihood.to_owned());
    let place = match network.covariates_in {
        CovariatePlace::Decoder => "decoder",
        CovariatePlace::GeneSets => "sets",
    };
    say("--covariates-in", place.to_owned());
    say("--dropout", network.dropout.to_string());
    let free_signs = |sets: &GeneSetConfig| !sets.non_negative;
    for (option, on) in [
        ("--variational", network.variational.is_some()),
        ("--tied", network.tied),
        (
            "--free-signs",
            network.gene_sets.as_ref().is_some_and(free_signs),
        ),
        ("--batch-norm", network.batch_norm),
    ] {
        if on {
            found.push((option, None));
        }
    }
    found
}

fn penalties(network: &NetworkConfig) -> Defaults {
    let mut found: Defaults = Vec::new();
    let mut say = |option, value: String| found.push((option, Some(value)));
    match network.noise {
        None => {}
        Some(Corruption::Gaussian { sd }) => say("--noise", format!("gaussian:{sd}")),
        Some(Corruption::Masking { fraction }) => say("--noise", format!("masking:{fraction}")),
        Some(Corruption::SaltAndPepper { fraction }) => {
            say("--noise", format!("salt-pepper:{fraction}"));
        }
    }
    let sets = network.gene_sets.as_ref();
    for (option, strength) in [
        ("--l1-weights", network.weights_l1),
        ("--l2-weights", network.weights_l2),
        ("--group-lasso", sets.map_or(0.0, |sets| sets.group_lasso)),
        (
            "--soft-mask",
            sets.and_then(|sets| sets.soft_mask).unwrap_or(0.0),
        ),
    ] {
        if strength > 0.0 {
            say(option, strength.to_string());
        }
    }
    match network.latent_penalty {
        None => {}
        Some(LatentPenalty::L1 { strength }) => say("--latent-penalty", format!("l1:{strength}")),
        Some(LatentPenalty::Kl { strength, rho }) => {
            say("--latent-penalty", format!("kl:{strength}:{rho}"));
        }
    }
    if let Some(contractive) = network.contractive {
        let of = match contractive.of {
            Contracted::Latent => "latent",
            Contracted::Reconstruction => "reconstruction",
        };
        say("--contractive", contractive.strength.to_string());
        say("--contractive-of", of.to_owned());
    }
    found
}

fn training(training: &TrainingConfig) -> Defaults {
    let mut found: Defaults = Vec::new();
    let mut say = |option, value: String| found.push((option, Some(value)));
    say("--epochs", training.epochs.to_string());
    say("--batch-size", training.batch_size.to_string());
    say("--learning-rate", training.learning_rate.to_string());
    match training.optimizer {
        OptimizerConfig::Adam { weight_decay, .. } => {
            say("--optimizer", "adam".to_owned());
            say("--weight-decay", weight_decay.to_string());
        }
        OptimizerConfig::Sgd { momentum, .. } => {
            say("--optimizer", "sgd".to_owned());
            say("--momentum", momentum.to_string());
        }
    }
    let schedule = match training.schedule {
        Schedule::Constant => "constant",
        Schedule::Cosine { .. } => "cosine",
        Schedule::Step { .. } => "step",
        Schedule::Plateau { .. } => "plateau",
    };
    say("--schedule", schedule.to_owned());
    let share = training.validation_fraction.to_string();
    say("--validation-fraction", share);
    let patience = training.patience.unwrap_or(0);
    say("--patience", patience.to_string());
    let norm = training.clip_norm.unwrap_or(0.0);
    say("--clip-norm", norm.to_string());
    found
}

#[cfg(test)]
mod tests {
    use super::super::model_args::{PrepareArgs, TrainingArgs, apply};
    use super::super::network_args::ModelArgs;
    use super::*;
    use crate::error::Result;
    use crate::pipeline::MODELS;
    use clap::{Args, Command, FromArgMatches};

    /// The options of a model with these given on the command line.
    fn given(model: &str, options: &Defaults) -> Result<FitOptions> {
        let command = Command::new("fit").no_binary_name(true);
        let command =
            PrepareArgs::augment_args(TrainingArgs::augment_args(ModelArgs::augment_args(command)));
        let mut words = vec!["--model".to_owned(), model.to_owned()];
        for (option, value) in options {
            words.push((*option).to_owned());
            words.extend(value.clone());
        }
        let matches = command.get_matches_from(words);
        let fine = "arguments of the command";
        apply(
            &PrepareArgs::from_arg_matches(&matches).expect(fine),
            &ModelArgs::from_arg_matches(&matches).expect(fine),
            &TrainingArgs::from_arg_matches(&matches).expect(fine),
        )
    }

    #[test]
    fn a_model_given_its_own_defaults_is_the_same() -> Result<()> {
        for model in MODELS {
            let bare = given(model.name, &Vec::new())?;
            let shown = defaults(&bare);
            assert_eq!(given(model.name, &shown)?, bare, "{}", model.name);
            // Others are changed by them: what is shown is no default of the command's.
            if model.name == "expimap" {
                assert_ne!(given("gsae", &shown)?, given("gsae", &Vec::new())?);
            }
        }
        Ok(())
    }
}
