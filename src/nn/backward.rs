//! The backward pass, with a short way home for the gradients of weights.

use std::cell::RefCell;

use candle_core::backprop::GradStore;
use candle_core::{Tensor, TensorId};

use crate::Result;

thread_local! {
    /// The weights' gradients of the backward pass that runs on this thread, if
    /// [`backward`] started it.
    static WEIGHTS: RefCell<Option<Vec<(TensorId, Tensor)>>> = const { RefCell::new(None) };
}

/// The gradients of a scalar loss in every variable it depends on.
///
/// The same as [`Tensor::backward`], which adds every gradient to a tensor of
/// zeros first; here the layers of this crate hand over the gradients of their
/// weights as they are.
///
/// ```
/// use candle_core::{Device, Var};
///
/// let x = Var::new(&[3f64], &Device::Cpu)?;
/// let gradients = gsae::nn::backward(&x.sqr()?.sum_all()?)?;
/// let gradient = gradients.get(&x).expect("a gradient").to_vec1::<f64>()?;
/// assert_eq!(gradient, [6.0]);
/// # Ok::<(), gsae::Error>(())
/// ```
///
/// # Errors
/// If an operation between the variables and the loss has no derivative.
pub fn backward(loss: &Tensor) -> Result<GradStore> {
    WEIGHTS.set(Some(Vec::new()));
    let outcome = loss.backward();
    let weights = WEIGHTS.take().unwrap_or_default();
    let mut gradients = outcome?;
    for (id, gradient) in weights {
        let sum = match gradients.get_id(id) {
            Some(other) => (other + gradient)?,
            None => gradient,
        };
        gradients.insert_id(id, sum);
    }
    Ok(gradients)
}

/// What a custom operation returns as the gradient of an argument: nothing if
/// the argument is a variable and [`backward`] has taken the gradient already.
pub(crate) fn hand_over(argument: &Tensor, gradient: Tensor) -> Option<Tensor> {
    if !argument.is_variable() {
        return Some(gradient);
    }
    WEIGHTS.with_borrow_mut(|weights| match weights {
        Some(weights) => {
            weights.push((argument.id(), gradient));
            None
        }
        None => Some(gradient),
    })
}
