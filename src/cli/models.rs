//! `gsae models`: the models that `gsae fit --model` knows, and what they start from.

use super::console::print;
use super::defaults::defaults;
use crate::error::{Error, Result};
use crate::pipeline::{FitOptions, MODELS, ModelInfo};
use crate::wording::did_you_mean;
use std::fmt::Write;

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  gsae models\n  gsae models vega")]
pub(super) struct Args {
    /// A model: shows the options that it starts from.
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let Some(name) = &args.name else {
        let mut text = String::new();
        for model in MODELS {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{:<12} {}", model.name, model.title);
        }
        text.push_str("`gsae models NAME` shows the options that a model starts from.\n");
        return print(&text);
    };
    let model = MODELS.iter().find(|model| model.name == name);
    let model = model.ok_or_else(|| {
        let names: Vec<&str> = MODELS.iter().map(|model| model.name).collect();
        let hint = did_you_mean(name, names.iter().copied());
        let message = format!("is one of {}, not {name:?}{hint}", names.join(", "));
        Error::config("NAME", message)
    })?;
    print(&described(model)?)
}

fn described(model: &ModelInfo) -> Result<String> {
    let mut text = format!(
        "{}: {}\n`gsae fit --model {0}` starts from\n",
        model.name, model.title
    );
    for (option, value) in defaults(&FitOptions::named(model.name)?) {
        // Writing to a String cannot fail.
        let _ = match value {
            Some(value) => writeln!(text, "  {option:<22} {value}"),
            None => writeln!(text, "  {option}"),
        };
    }
    Ok(text)
}
