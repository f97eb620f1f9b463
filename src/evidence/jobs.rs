//! Refits side by side.

use crate::error::{Error, Result};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs `job` for `0..count`, at most `most` at a time, and returns the results in this order.
///
/// The threads of the present pool are dealt out to as many workers, each with a pool of its
/// own: a network's many small parallel steps then wait for no other network. As no result of
/// this crate depends on the number of threads, neither does this.
pub(super) fn side_by_side<T: Send>(
    count: usize,
    most: usize,
    job: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let threads = rayon::current_num_threads();
    let workers = threads.min(count).min(most.max(1));
    let mut pools = Vec::with_capacity(workers);
    for worker in 0..workers {
        // 10 threads for 4 workers are 3, 3, 2, 2.
        let own = threads / workers + usize::from(worker < threads % workers);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(own).build();
        pools.push(pool.map_err(|cause| {
            Error::config(
                "--threads",
                format!("cannot be had from the system: {cause}"),
            )
        })?);
    }
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<Result<T>>>> = Mutex::new((0..count).map(|_| None).collect());
    std::thread::scope(|scope| {
        for pool in &pools {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    let result = pool.install(|| job(number));
                    // A panic of another worker ends the scope; its lock is of no use then.
                    if let Ok(mut results) = results.lock() {
                        results[number] = Some(result);
                    }
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_default();
    results.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_the_first_error_wins() -> Result<()> {
        let squares = side_by_side(20, 8, |number| Ok(number * number))?;
        assert_eq!(squares, (0..20).map(|n| n * n).collect::<Vec<_>>());
        let failed = side_by_side(20, 3, |number| {
            if number % 7 == 3 {
                Err(Error::data(format!("job {number} failed"), "Never mind."))
            } else {
                Ok(())
            }
        });
        let message = failed.expect_err("an error").to_string();
        assert!(message.starts_with("job 3 failed"), "{message}");
        assert!(side_by_side(0, 8, |_| Ok(()))?.is_empty());
        Ok(())
    }
}
