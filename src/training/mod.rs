//! Training: options, the loop, what it recorded.

mod config;
mod history;
mod memory;
mod order;
mod split;
mod trainer;

pub use config::{OptimizerConfig, Schedule, TrainingConfig};
pub use history::{EpochRecord, History};
pub use memory::MemoryEstimate;
pub use order::Shuffle;
pub use split::Split;
pub use trainer::{Progress, Silent, Trainer};
