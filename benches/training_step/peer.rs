//! The PyTorch process that steps alternate with.

use std::error::Error;
use std::io::Write;

use serde_json::Value;

use crate::model::Decoder;
use crate::support;
use crate::task::{BATCH, GENES, SETS, SUPERSETS, Task};

/// A running `benches/peers/pytorch_step.py`.
pub struct Peer {
    process: support::Peer,
    _map: tempfile::NamedTempFile,
}

impl Peer {
    /// Starts it; without PyTorch says so.
    pub fn start(
        task: &Task,
        decoder: Decoder,
        threads: usize,
    ) -> Result<Option<Self>, Box<dyn Error>> {
        let mut map = tempfile::NamedTempFile::new()?;
        for (set, row) in (0u32..).zip(task.mask.rows()) {
            for &gene in row {
                map.write_all(&set.to_le_bytes())?;
                map.write_all(&gene.to_le_bytes())?;
            }
        }
        map.flush()?;
        let mut arguments = vec![map.path().display().to_string()];
        let sizes = [GENES, SETS, SUPERSETS, BATCH, threads];
        arguments.extend(sizes.map(|size| size.to_string()));
        let decoder = match decoder {
            Decoder::Masked => "masked",
            Decoder::Dense => "dense",
        };
        arguments.push(decoder.to_owned());
        let process = support::Peer::start_or_say("pytorch_step.py", &arguments);
        Ok(process.map(|process| Self { process, _map: map }))
    }

    /// Makes steps; returns the milliseconds of each and the peak memory so far.
    pub fn steps(&mut self, count: usize) -> Result<(Vec<f64>, u64), Box<dyn Error>> {
        let answer = self.process.ask(count)?;
        let times = answer["milliseconds"].as_array().ok_or("no times")?;
        let times = times.iter().filter_map(Value::as_f64).collect();
        Ok((times, answer["kib"].as_u64().ok_or("no memory")?))
    }
}
