//! The PyTorch process that steps alternate with.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::model::Decoder;
use crate::task::{BATCH, GENES, SETS, SUPERSETS, Task};

/// A running `benches/peers/pytorch_step.py`.
pub struct Peer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// PyTorch's version.
    pub version: String,
    _map: tempfile::NamedTempFile,
}

impl Peer {
    pub fn start(task: &Task, decoder: Decoder, threads: usize) -> Result<Self, Box<dyn Error>> {
        let mut map = tempfile::NamedTempFile::new()?;
        for (set, row) in (0u32..).zip(task.mask.rows()) {
            for &gene in row {
                map.write_all(&set.to_le_bytes())?;
                map.write_all(&gene.to_le_bytes())?;
            }
        }
        map.flush()?;
        let python = std::env::var_os("GSAE_BENCH_PYTHON").unwrap_or_else(|| "python3".into());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/pytorch_step.py");
        let sizes = [GENES, SETS, SUPERSETS, BATCH, threads];
        let mut child = Command::new(&python)
            .arg(script)
            .arg(map.path())
            .args(sizes.map(|size| size.to_string()))
            .arg(match decoder {
                Decoder::Masked => "masked",
                Decoder::Dense => "dense",
            })
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or("no standard input")?;
        let output = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let mut peer = Self {
            child,
            input,
            output,
            version: String::new(),
            _map: map,
        };
        let hello = peer.line().map_err(|_| {
            format!(
                "{} cannot import torch; install benches/peers/requirements.txt",
                python.display()
            )
        })?;
        peer.version = hello["torch"].as_str().unwrap_or("?").to_string();
        Ok(peer)
    }

    /// Makes steps; returns the milliseconds of each and the peak memory so far.
    pub fn steps(&mut self, count: usize) -> Result<(Vec<f64>, u64), Box<dyn Error>> {
        writeln!(self.input, "{count}")?;
        let answer = self.line()?;
        let times = answer["milliseconds"].as_array().ok_or("no times")?;
        let times = times.iter().filter_map(Value::as_f64).collect();
        Ok((times, answer["kib"].as_u64().ok_or("no memory")?))
    }

    fn line(&mut self) -> Result<Value, Box<dyn Error>> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
