//! `gsae models`: the models that `gsae fit --model` knows.

use super::console::print;
use crate::error::Result;
use crate::pipeline::MODELS;
use std::fmt::Write;

pub(super) fn run() -> Result<()> {
    let mut text = String::new();
    for model in MODELS {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:<12} {}", model.name, model.title);
    }
    print(&text)
}
