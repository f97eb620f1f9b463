//! What runs through the layers: values, and with them derivatives in one direction.

use crate::error::Result;
use crate::nn::{Activation, BatchNorm, Linear, MaskedLinear, TiedLinear};
use candle_core::Tensor;

/// Values of a layer, `[width, batch]`, and the derivative of every value in a direction of the
/// input (a Jacobian-vector product, by the forward mode), if it is asked for.
#[derive(Debug, Clone)]
pub(super) struct Flow {
    pub value: Tensor,
    pub tangent: Option<Tensor>,
}

impl Flow {
    pub fn new(value: Tensor) -> Self {
        Self {
            value,
            tangent: None,
        }
    }

    /// Starts at an input, to be derived in a direction of the same shape.
    pub fn along(value: Tensor, direction: Tensor) -> Self {
        Self {
            value,
            tangent: Some(direction),
        }
    }

    fn map(
        &self,
        value: impl FnOnce(&Tensor) -> Result<Tensor>,
        tangent: impl FnOnce(&Tensor) -> Result<Tensor>,
    ) -> Result<Self> {
        Ok(Self {
            value: value(&self.value)?,
            tangent: self.tangent.as_ref().map(tangent).transpose()?,
        })
    }

    pub fn activate(&self, activation: Activation) -> Result<Self> {
        let value = activation.forward(&self.value)?;
        let along = |tangent: &Tensor| -> Result<Tensor> {
            Ok(match activation.derivative(&value)? {
                Some(slope) => (tangent * slope)?,
                None => tangent.clone(),
            })
        };
        Ok(Self {
            tangent: self.tangent.as_ref().map(along).transpose()?,
            value,
        })
    }

    /// Batch-normalised; only flows without a derivative are (a configuration with both is
    /// refused).
    pub fn normalise(&self, norm: Option<&BatchNorm>, training: bool) -> Result<Self> {
        match norm {
            Some(norm) => Ok(Self::new(norm.forward_features(&self.value, training)?)),
            None => Ok(self.clone()),
        }
    }

    pub fn rows(&self, start: usize, count: usize) -> Result<Self> {
        self.map(
            |value| Ok(value.narrow(0, start, count)?),
            |tangent| Ok(tangent.narrow(0, start, count)?),
        )
    }

    /// The sum with values that do not depend on the input.
    pub fn plus_constant(&self, constant: Option<&Tensor>) -> Result<Self> {
        match constant {
            Some(constant) => Ok(Self {
                value: (&self.value + constant)?,
                tangent: self.tangent.clone(),
            }),
            None => Ok(self.clone()),
        }
    }

    pub fn plus(&self, other: &Self) -> Result<Self> {
        Ok(Self {
            value: (&self.value + &other.value)?,
            tangent: match (&self.tangent, &other.tangent) {
                (Some(a), Some(b)) => Some((a + b)?),
                (a, b) => a.clone().or_else(|| b.clone()),
            },
        })
    }

    /// One on top of the other.
    pub fn stack(parts: &[Self]) -> Result<Self> {
        if let [one] = parts {
            return Ok(one.clone());
        }
        let values: Vec<&Tensor> = parts.iter().map(|part| &part.value).collect();
        let tangents: Option<Vec<&Tensor>> =
            parts.iter().map(|part| part.tangent.as_ref()).collect();
        Ok(Self {
            value: Tensor::cat(&values, 0)?,
            tangent: tangents.map(|all| Tensor::cat(&all, 0)).transpose()?,
        })
    }
}

/// A linear layer of any kind.
#[derive(Debug, Clone)]
pub(super) enum Layer {
    Dense(Linear),
    Masked(MaskedLinear),
    Tied(TiedLinear),
}

impl Layer {
    pub fn forward(&self, x: &Flow) -> Result<Flow> {
        match self {
            Self::Dense(layer) => x.map(
                |x| layer.forward_features(x),
                |tangent| layer.tangent_features(tangent),
            ),
            Self::Masked(layer) => x.map(
                |x| layer.forward_features(x),
                |tangent| layer.tangent_features(tangent),
            ),
            Self::Tied(layer) => x.map(
                |x| layer.forward_features(x),
                |tangent| layer.tangent_features(tangent),
            ),
        }
    }

    /// The mean squared error of the output against `target`.
    pub fn mse(&self, x: &Tensor, target: &Tensor) -> Result<Tensor> {
        match self {
            Self::Dense(layer) => layer.mse_features(x, target),
            Self::Masked(layer) => layer.mse_features(x, target),
            Self::Tied(layer) => crate::nn::mse_loss(&layer.forward_features(x)?, target),
        }
    }

    pub fn project(&self) -> Result<()> {
        match self {
            Self::Dense(layer) => layer.project(),
            Self::Masked(layer) => layer.project(),
            Self::Tied(_) => Ok(()),
        }
    }
}
