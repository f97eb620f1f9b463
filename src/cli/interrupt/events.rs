//! Ctrl-C where there are no signals.

use super::stop;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit status of a program that an interrupt ended, as shells have it.
const INTERRUPTED: i32 = 130;

static WATCHED: AtomicBool = AtomicBool::new(false);
static CAME: AtomicBool = AtomicBool::new(false);

/// While this lives Ctrl-C ends the process tidily; a second one ends it at once.
#[derive(Debug)]
#[must_use = "Ctrl-C ends the process untidily again when this is dropped"]
pub(in crate::cli) struct Watch {}

impl Watch {
    /// Where the program that this is a part of handles Ctrl-C, that stays so.
    pub fn begin() -> Self {
        static HANDLER: Once = Once::new();
        HANDLER.call_once(|| {
            let _ = ctrlc::try_set_handler(come);
        });
        WATCHED.store(true, Ordering::SeqCst);
        Self {}
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        WATCHED.store(false, Ordering::SeqCst);
        while CAME.load(Ordering::SeqCst) {
            // The thread is at it: nobody hears of what went wrong meanwhile.
            std::thread::park();
        }
    }
}

fn come() {
    if !WATCHED.load(Ordering::SeqCst) || CAME.swap(true, Ordering::SeqCst) {
        end();
    }
    // Tidying up may hang; the next Ctrl-C comes to this thread.
    let tidying = std::thread::Builder::new().spawn(|| stop(end));
    if tidying.is_err() {
        stop(end);
    }
}

fn end() {
    std::process::exit(INTERRUPTED);
}
