//! Models: each a configuration of the layers in [`nn`](crate::nn), under one interface.

mod autoencoder;
mod gsae;
mod gsae_config;

pub use autoencoder::{Autoencoder, Mode};
pub use gsae::Gsae;
pub use gsae_config::{DecoderKind, GsaeConfig};
