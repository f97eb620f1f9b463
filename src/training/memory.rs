//! What training holds in memory.

use std::fmt;

/// Bytes that are resident while a model trains and its samples are scored; an estimate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct MemoryEstimate {
    /// The expression matrix, or what is held of one that is streamed.
    pub data: u64,
    /// Whether it is streamed from disk.
    pub streamed: bool,
    /// The whole input made at once, for small data; otherwise 0.
    pub prepared: u64,
    /// Weights, and those of the best epoch.
    pub weights: u64,
    /// Gradients and the moments of the optimiser.
    pub optimizer: u64,
    /// A batch on its way through the network and back.
    pub batch: u64,
    /// Samples whose nodes and activity are held at one time.
    pub activity: u64,
    /// What the system has available; 0 where it does not say.
    pub available: u64,
}

impl MemoryEstimate {
    /// The sum.
    pub fn total(&self) -> u64 {
        let training = self.weights + self.optimizer + self.batch;
        self.data + self.prepared + training + self.activity
    }

    /// Whether more is needed than there is.
    pub fn exceeds_available(&self) -> bool {
        // The data are in memory already when the estimate is made.
        let held = if self.streamed { 0 } else { self.data };
        self.available > 0 && self.total() - held > self.available
    }
}

impl fmt::Display for MemoryEstimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = if self.streamed {
            "data streamed from disk"
        } else {
            "data"
        };
        write!(
            f,
            "memory: about {}: {data} {}",
            Size(self.total()),
            Size(self.data)
        )?;
        if self.prepared > 0 {
            write!(f, ", the whole input {}", Size(self.prepared))?;
        }
        write!(
            f,
            ", weights {}, optimiser {}, a batch {}, activity {}",
            Size(self.weights),
            Size(self.optimizer),
            Size(self.batch),
            Size(self.activity)
        )?;
        if self.available > 0 {
            write!(f, "; {} available", Size(self.available))?;
        }
        Ok(())
    }
}

/// Bytes in the unit that suits them.
struct Size(u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0 as f64;
        if bytes >= 1e9 {
            write!(f, "{:.1} GB", bytes / 1e9)
        } else if bytes >= 1e6 {
            write!(f, "{:.0} MB", bytes / 1e6)
        } else {
            write!(f, "{:.1} MB", bytes / 1e6)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_are_named() {
        let estimate = MemoryEstimate {
            data: 192_000_000,
            streamed: true,
            weights: 20_000_000,
            optimizer: 30_000_000,
            batch: 1_500_000_000,
            activity: 40_000,
            available: 1_000_000_000,
            ..MemoryEstimate::default()
        };
        assert_eq!(estimate.total(), 1_742_040_000);
        assert!(estimate.exceeds_available());
        assert_eq!(
            estimate.to_string(),
            "memory: about 1.7 GB: data streamed from disk 192 MB, weights 20 MB, optimiser 30 \
             MB, a batch 1.5 GB, activity 0.0 MB; 1.0 GB available"
        );
    }
}
