//! The linear layers as candle modules, for models and training loops of candle itself.
//!
//! ```
//! use candle_core::{DType, Device, Module, Tensor};
//! use candle_nn::{Activation, AdamW, Optimizer, loss, seq};
//! use gsae::mask::Mask;
//! use gsae::nn::{LinearConfig, MaskedLinear, ParameterSet};
//!
//! let mut parameters = ParameterSet::new(7, DType::F32);
//! let mask = Mask::from_rows(3, vec![vec![0, 2], vec![1]])?;
//! let config = LinearConfig::default();
//! let encoder = MaskedLinear::new(&mut parameters, "encoder", mask.clone(), config)?;
//! let decoder = MaskedLinear::new(&mut parameters, "decoder", mask.transpose(), config)?;
//! let model = seq().add(encoder).add(Activation::Elu(1.0)).add(decoder);
//!
//! let x = Tensor::new(&[[1f32, 2.0, 1.0], [0.0, -1.0, 0.5]], &Device::Cpu)?;
//! let error = || loss::mse(&model.forward(&x)?, &x);
//! let before = error()?.to_scalar::<f32>()?;
//! let mut optimizer = AdamW::new_lr(parameters.trainable(), 0.05)?;
//! for _ in 0..20 {
//!     optimizer.backward_step(&error()?)?;
//! }
//! assert!(error()?.to_scalar::<f32>()? < 0.5 * before);
//! # Ok::<(), gsae::Error>(())
//! ```

use super::{Linear, MaskedLinear};
use candle_core::{Error, Result, Tensor};
use candle_nn::Module;

impl Module for MaskedLinear {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        Self::forward(self, x).map_err(Error::wrap)
    }
}

impl Module for Linear {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        Self::forward(self, x).map_err(Error::wrap)
    }
}
