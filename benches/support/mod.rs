//! What the benchmarks share: threads, a peer in another process, and the middle of some times.

use std::error::Error;
use std::fmt::Display;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A running script of `benches/peers`, which answers every line by a line of JSON.
pub struct Peer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// What it said first: its version or versions.
    pub hello: Value,
}

impl Peer {
    /// Starts a script with the interpreter that `GSAE_BENCH_PYTHON` names, `python3` by default,
    /// from the folder that `GSAE_BENCH_PEERS` names, the one here by default.
    pub fn start(script: &str, arguments: &[String]) -> Result<Self, Box<dyn Error>> {
        let python = std::env::var_os("GSAE_BENCH_PYTHON").unwrap_or_else(|| "python3".into());
        let folder = std::env::var_os("GSAE_BENCH_PEERS").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers"),
            PathBuf::from,
        );
        let mut child = Command::new(&python)
            .arg(folder.join(script))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or("no standard input")?;
        let output = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let mut peer = Self {
            child,
            input,
            output,
            hello: Value::Null,
        };
        peer.hello = peer.line().map_err(|_| {
            format!(
                "{} cannot run {script}; install benches/peers/requirements.txt",
                python.display()
            )
        })?;
        Ok(peer)
    }

    /// As [`start`](Self::start); without the peer says so.
    pub fn start_or_say(script: &str, arguments: &[String]) -> Option<Self> {
        match Self::start(script, arguments) {
            Ok(peer) => {
                println!("peer: {}", peer.hello);
                Some(peer)
            }
            Err(reason) => {
                println!("no peer, our times alone: {reason}");
                None
            }
        }
    }

    /// Asks a line and waits for the answer.
    pub fn ask(&mut self, question: impl Display) -> Result<Value, Box<dyn Error>> {
        writeln!(self.input, "{question}")?;
        self.line()
    }

    fn line(&mut self) -> Result<Value, Box<dyn Error>> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err("the peer has ended".into());
        }
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

/// Runs a benchmark on a worker of a pool of so many threads, as a training is: handing every
/// kernel over from another thread costs more than the small ones. Does nothing where `--list`
/// is asked.
#[allow(dead_code)] // gpu_step has no threads of its own.
pub fn on_threads(
    threads: usize,
    run: impl FnOnce() -> Result<(), Box<dyn Error>> + Send,
) -> Result<(), Box<dyn Error>> {
    if std::env::args().any(|argument| argument == "--list") {
        return Ok(());
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()?;
    let outcome = pool.install(|| run().map_err(|error| error.to_string()));
    Ok(outcome?)
}

/// The arguments that choose parts of a benchmark; `true` for all parts where none is named.
#[allow(dead_code)] // vae_step has no parts.
pub fn chosen(parts: &[&str], part: &str) -> bool {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let named = |part: &str| arguments.iter().any(|argument| argument == part);
    named(part) || !parts.iter().any(|part| named(part))
}

/// The middle of some times.
pub fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
