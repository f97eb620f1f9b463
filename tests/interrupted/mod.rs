//! A real gsae process that is interrupted at a chosen time, and what it leaves.
#![allow(dead_code)]

use nix::sys::signal::{SigHandler, Signal, kill, signal};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that runs, and its standard error if nobody else has it.
pub struct Started {
    child: Child,
    lines: Option<BufReader<ChildStderr>>,
}

/// How a process ended.
pub struct Ended {
    pub status: ExitStatus,
    /// What it said on standard error since it was last listened to.
    pub text: String,
}

/// Starts gsae in a folder, with the words of a line between blanks.
pub fn start(folder: &Path, line: &str) -> Started {
    let words: Vec<&str> = line.split(' ').collect();
    start_with(folder, &words, |command| {
        command.stderr(Stdio::piped());
    })
}

/// Starts gsae in a folder as `prepare` will have it.
pub fn start_with(
    folder: &Path,
    arguments: &[&str],
    prepare: impl FnOnce(&mut Command),
) -> Started {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gsae"));
    command
        .current_dir(folder)
        .args(arguments)
        .stdout(Stdio::null());
    prepare(&mut command);
    let usual = || {
        for ending in [Signal::SIGINT, Signal::SIGTERM] {
            // SAFETY: no handler is set.
            unsafe { signal(ending, SigHandler::SigDfl) }?;
        }
        Ok(())
    };
    // Whoever runs the tests in the background ignores interrupts.
    // SAFETY: what runs in the child before it is gsae makes system calls only.
    unsafe { command.pre_exec(usual) };
    let mut child = command.spawn().expect("gsae starts");
    let lines = child.stderr.take().map(BufReader::new);
    Started { child, lines }
}

impl Started {
    /// Waits until a line of its standard error has `mark`.
    pub fn until_said(&mut self, mark: &str) {
        let lines = self.lines.as_mut().expect("its standard error");
        let mut text = String::new();
        while !text.contains(mark) {
            text.clear();
            let read = lines.read_line(&mut text).expect("a line");
            assert!(read > 0, "no line with {mark}");
        }
    }

    /// Waits until something is so, while it runs.
    pub fn until(&mut self, what: &str, is_so: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_so() {
            assert!(began.elapsed() < PATIENCE, "waited in vain: {what}");
            assert!(self.is_running(), "it ended before: {what}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("its state").is_none()
    }

    pub fn send(&self, signal: Signal) {
        let id = Pid::from_raw(self.child.id().try_into().expect("an id"));
        kill(id, signal).expect("a signal to be sent");
    }

    /// Nobody reads its standard error any more.
    pub fn leave(&mut self) {
        self.lines = None;
    }

    /// Waits for its end.
    pub fn ended(mut self) -> Ended {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("its state") {
                break status;
            }
            if began.elapsed() > PATIENCE {
                self.child.kill().expect("a process to end");
                panic!("gsae went on");
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let mut text = String::new();
        if let Some(lines) = &mut self.lines {
            lines.read_to_string(&mut text).expect("the rest");
        }
        Ended { status, text }
    }

    /// Interrupts it and waits for its end, which must be of the interrupt.
    pub fn interrupted(self) -> String {
        self.send(Signal::SIGINT);
        self.ended().by(Signal::SIGINT)
    }
}

impl Ended {
    /// It died by a signal: what it said.
    pub fn by(self, signal: Signal) -> String {
        assert_eq!(
            self.status.signal(),
            Some(signal as i32),
            "{:?}: {}",
            self.status,
            self.text
        );
        self.text
    }
}

/// All files and folders beneath a folder, by their paths in it.
pub fn beneath(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(path) = open.pop() {
        for entry in std::fs::read_dir(&path).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(folder).expect("a path in it");
            found.push(name.display().to_string());
            if path.is_dir() {
                open.push(path);
            }
        }
    }
    found.sort();
    found
}
