//! Training's progress: a bar on a terminal, plain lines elsewhere.

use super::console::Console;
use crate::training::{EpochRecord, History, MemoryEstimate, Progress};
use crate::wording::number_of;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::Instant;

/// Plain lines over a whole run, about.
const LINES: usize = 20;

/// A bar that counts, with throughput and the time left: on a terminal, where it is `wanted` and
/// not quiet; hidden elsewhere.
pub(super) fn counted(what: &str, unit: &str, wanted: bool, console: &Console) -> ProgressBar {
    if !wanted || console.is_quiet() || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = format!("{what} {{wide_bar}} {{pos}}/{{len}} {unit}, {{per_sec}}, {{eta}} left");
    let style =
        ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style)
}

/// Moves a bar; threads may come in any order.
pub(super) fn show(bar: &ProgressBar, done: usize, count: usize) {
    bar.set_length(count as u64);
    if done as u64 > bar.position() {
        bar.set_position(done as u64);
    }
}

/// Shows training on standard error.
pub(super) struct TrainingProgress<'a> {
    console: &'a Console,
    bar: Option<ProgressBar>,
    epochs: usize,
    samples: usize,
    began: Instant,
    last: String,
}

impl<'a> TrainingProgress<'a> {
    pub fn new(console: &'a Console) -> Self {
        Self {
            console,
            bar: None,
            epochs: 0,
            samples: 0,
            began: Instant::now(),
            last: String::new(),
        }
    }
}

impl Progress for TrainingProgress<'_> {
    fn memory(&mut self, estimate: &MemoryEstimate) {
        self.console.note(estimate.to_string());
        if estimate.exceeds_available() {
            self.console.note(
                "that is more than there is: lower --batch-size, keep fewer genes with \
                 --top-variable, or read an h5ad with --stream always",
            );
        }
    }

    fn start(&mut self, n_train: usize, updates_per_epoch: usize, epochs: usize) {
        self.epochs = epochs;
        self.began = Instant::now();
        if std::io::stderr().is_terminal() && !self.console.is_quiet() {
            let style = ProgressStyle::with_template(
                "training {wide_bar} {pos}/{len} updates, {msg}, {eta} left at most",
            )
            .unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::with_draw_target(
                Some((updates_per_epoch * epochs) as u64),
                ProgressDrawTarget::stderr(),
            );
            self.bar = Some(bar.with_style(style));
        } else {
            self.console.note(format!(
                "training on {}: up to {} of {}",
                number_of(n_train, "sample"),
                number_of(epochs, "epoch"),
                number_of(updates_per_epoch, "update"),
            ));
        }
    }

    fn update(&mut self, samples: usize) {
        self.samples += samples;
        if let Some(bar) = &self.bar {
            let rate = self.samples as f64 / self.began.elapsed().as_secs_f64().max(1e-9);
            bar.set_message(format!("{}{rate:.0} samples/s", self.last));
            bar.inc(1);
        }
    }

    fn epoch(&mut self, record: &EpochRecord) {
        self.last = format!(
            "epoch {} loss {:.4}, ",
            record.epoch,
            record.selection_loss()
        );
        let every = self.epochs.div_ceil(LINES).max(1);
        if self.bar.is_none() && record.epoch.is_multiple_of(every) {
            let elapsed = self.began.elapsed().as_secs_f64();
            let left = elapsed / record.epoch as f64 * (self.epochs - record.epoch) as f64;
            let validation = record
                .validation_loss
                .map_or_else(String::new, |loss| format!(", validation {loss:.4}"));
            self.console.note(format!(
                "epoch {}/{}: loss {:.4}{validation}, {:.0} samples/s, {left:.0} s left at most",
                record.epoch,
                self.epochs,
                record.train_loss,
                self.samples as f64 / elapsed.max(1e-9),
            ));
        }
    }

    fn finish(&mut self, history: &History) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if let Some(best) = history.best() {
            self.console.note(format!(
                "trained {} in {:.1} s; the best is {}, loss {:.4}",
                number_of(history.epochs.len(), "epoch"),
                self.began.elapsed().as_secs_f64(),
                best.epoch,
                best.selection_loss(),
            ));
        }
    }
}
