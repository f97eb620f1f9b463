//! Panics of the libraries that read files, which are errors here.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many calls that may panic run now.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// What `run` returns, or nothing if it panics, on whatever thread.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Option<T> {
    RUNNING.fetch_add(1, Ordering::SeqCst);
    let outcome = catch_unwind(AssertUnwindSafe(run));
    RUNNING.fetch_sub(1, Ordering::SeqCst);
    outcome.ok()
}

/// Lets the process say nothing of panics that [`caught`] turns into errors.
pub(crate) fn hush() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if RUNNING.load(Ordering::SeqCst) == 0 {
            usual(panic);
        }
    }));
}
