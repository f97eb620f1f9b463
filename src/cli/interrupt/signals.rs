//! Signals: a handler notes which came, a thread tidies up and lets the process die by it, so that
//! the shell that started it sees an interrupt and stops its loops and scripts.

use super::stop;
use nix::libc::{CLOCK_MONOTONIC, c_int, clock_gettime, timespec};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction};
use std::io::{PipeReader, PipeWriter, Read, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};

/// Ctrl-C, the polite request of schedulers and `timeout`, and a terminal that closed.
const ENDING: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

/// Where the handler writes, open for as long as it may run; the thread reads at the other end.
static PIPE: OnceLock<Option<PipeWriter>> = OnceLock::new();
/// The signal that ends the process; 0 before there is one.
static CAME: AtomicI32 = AtomicI32::new(0);
/// When it came, by [`now`]; 0 before.
static SINCE: AtomicI64 = AtomicI64::new(0);
/// Milliseconds within which another signal is the same one: `timeout` sends it to the process and to
/// its group, and what runs a program hands on what the terminal has sent already.
const ECHO: i64 = 1000;

/// While this lives a signal that would end the process at once ends it tidily; a second one ends
/// it at once, unless it comes with the first.
#[derive(Debug)]
#[must_use = "signals end the process untidily again when this is dropped"]
pub(in crate::cli) struct Watch {
    watched: Vec<Signal>,
}

impl Watch {
    /// A signal that is ignored, as in the background of a script, or handled by the program that
    /// this is a part of, stays so.
    pub fn begin() -> Self {
        let mut watched = Vec::new();
        if PIPE.get_or_init(start_thread).is_some() {
            watched.extend(ENDING.into_iter().filter(|signal| catch(*signal)));
        }
        Self { watched }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        for signal in &self.watched {
            die_at(*signal);
        }
        while SINCE.load(Ordering::SeqCst) != 0 {
            // The thread is at it: nobody hears of what went wrong meanwhile.
            std::thread::park();
        }
    }
}

/// Starts the thread that ends the process; what wakes it.
fn start_thread() -> Option<PipeWriter> {
    let (mut reader, writer) = std::io::pipe().ok()?;
    let thread = std::thread::Builder::new().name("interrupt".to_owned());
    thread.spawn(move || wait(&mut reader)).ok()?;
    Some(writer)
}

fn wait(pipe: &mut PipeReader) {
    if pipe.read_exact(&mut [0]).is_ok() {
        let signal = CAME.load(Ordering::SeqCst);
        stop(|| die_by(signal));
    }
}

/// What runs at a signal, in whatever thread, between any two instructions: it reads atomics and
/// makes system calls, and nothing else.
extern "C" fn note(number: c_int) {
    let at = now();
    match SINCE.compare_exchange(0, at, Ordering::SeqCst, Ordering::SeqCst) {
        Ok(_) => {
            CAME.store(number, Ordering::SeqCst);
            if let Some(Some(mut pipe)) = PIPE.get().map(Option::as_ref) {
                // It has room.
                let _ = pipe.write(&[0]);
            }
        }
        Err(first) if at - first < ECHO => {}
        Err(_) => {
            if let Ok(signal) = Signal::try_from(number) {
                die_at(signal);
                // It comes when this returns.
                let _ = raise(signal);
            }
        }
    }
}

/// Milliseconds by a clock that nobody sets, at least 1.
#[allow(
    clippy::unnecessary_cast,
    reason = "the fields are narrower on other machines"
)]
fn now() -> i64 {
    let mut time = timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: it writes into `time`, and a signal handler may call it.
    unsafe { clock_gettime(CLOCK_MONOTONIC, &mut time) };
    (time.tv_sec as i64 * 1000 + time.tv_nsec as i64 / 1_000_000).max(1)
}

/// Lets [`note`] run at a signal that would end the process. Whether it does.
fn catch(signal: Signal) -> bool {
    let own = SigAction::new(
        SigHandler::Handler(note),
        SaFlags::SA_RESTART,
        SigSet::empty(),
    );
    // SAFETY: the handler does only what a handler may.
    let before = match unsafe { sigaction(signal, &own) } {
        Ok(before) => before,
        Err(_) => return false,
    };
    if matches!(before.handler(), SigHandler::SigDfl) {
        return true;
    }
    // SAFETY: this was the action.
    let _ = unsafe { sigaction(signal, &before) };
    false
}

/// Gives a signal its usual effect.
fn die_at(signal: Signal) {
    let usual = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    // SAFETY: no handler is set.
    let _ = unsafe { sigaction(signal, &usual) };
}

/// Ends the process by a signal; by the exit status that shells make of it where the system lets
/// no signal end it, as it does for the first process of a container.
fn die_by(number: c_int) {
    if let Ok(signal) = Signal::try_from(number) {
        die_at(signal);
        let own: SigSet = [signal].into_iter().collect();
        let _ = own.thread_unblock();
        let _ = raise(signal);
    }
    std::process::exit(128 + number);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_caught(signal: Signal) -> bool {
        let ignore = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
        // SAFETY: no handler is set, and what was there comes back.
        let before = unsafe { sigaction(signal, &ignore) }.expect("an action");
        unsafe { sigaction(signal, &before) }.expect("an action");
        matches!(before.handler(), SigHandler::Handler(own) if std::ptr::fn_addr_eq(own, note as extern "C" fn(c_int)))
    }

    #[test]
    fn signals_are_watched_for_as_long_as_the_watch_lives() {
        let watch = Watch::begin();
        let all = watch.watched.clone();
        assert!(all.iter().all(|signal| is_caught(*signal)), "{all:?}");
        let inner = Watch::begin();
        assert!(inner.watched.is_empty(), "they are handled already");
        drop(inner);
        assert!(all.iter().all(|signal| is_caught(*signal)), "{all:?}");
        drop(watch);
        assert!(!ENDING.into_iter().any(is_caught));
    }
}
