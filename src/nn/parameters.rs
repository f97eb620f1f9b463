//! The named variables of a model.

use candle_core::{DType, Device, Tensor, Var};
use rand_chacha::ChaCha8Rng;

use super::random_stream;
use crate::{Error, Result};

/// The most numbers of one variable.
const LARGEST: usize = 1 << 31;

/// A variable of a model and its name.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// The name, unique in its set, as in `encoder.values`.
    pub name: String,
    /// The variable.
    pub variable: Var,
    /// Whether an optimizer changes it; running statistics are kept, not trained.
    pub trainable: bool,
}

/// The variables of a model in the order they were made, each under its name.
///
/// Layers make their variables here. The start of a variable depends on the
/// seed and its name only, so a layer more changes no other layer.
///
/// ```
/// use candle_core::DType;
/// use gsae::nn::ParameterSet;
///
/// let mut parameters = ParameterSet::new(7, DType::F32);
/// let bias = parameters.variable("encoder.bias", &[3], |_| vec![0.5; 3])?;
/// assert_eq!(bias.to_vec1::<f32>()?, [0.5; 3]);
/// assert_eq!(parameters.iter().next().expect("one").name, "encoder.bias");
/// # Ok::<(), gsae::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ParameterSet {
    seed: u64,
    dtype: DType,
    device: Device,
    parameters: Vec<Parameter>,
}

impl ParameterSet {
    /// An empty set whose variables will be of `dtype`, in main memory, and start from `seed`.
    pub fn new(seed: u64, dtype: DType) -> Self {
        Self::on(&Device::Cpu, seed, dtype)
    }

    /// An empty set whose variables will be on a device; they start as on any other.
    pub fn on(device: &Device, seed: u64, dtype: DType) -> Self {
        Self {
            seed,
            dtype,
            device: device.clone(),
            parameters: Vec::new(),
        }
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The type of the variables.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// Where the variables are.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// A new variable that optimizers change; `start` draws its values, as many
    /// as the shape holds, from the variable's own random numbers.
    ///
    /// # Errors
    /// If the name is taken, the number of values does not fit the shape, or there are too many.
    pub fn variable(
        &mut self,
        name: impl Into<String>,
        shape: &[usize],
        start: impl FnOnce(&mut ChaCha8Rng) -> Vec<f64>,
    ) -> Result<Var> {
        self.add(name.into(), shape, start, true)
    }

    /// A new variable that is saved with the others but not trained.
    ///
    /// # Errors
    /// As for [`variable`](Self::variable).
    pub fn statistic(
        &mut self,
        name: impl Into<String>,
        shape: &[usize],
        start: f64,
    ) -> Result<Var> {
        let values = |_: &mut _| vec![start; shape.iter().product()];
        self.add(name.into(), shape, values, false)
    }

    fn add(
        &mut self,
        name: String,
        shape: &[usize],
        start: impl FnOnce(&mut ChaCha8Rng) -> Vec<f64>,
        trainable: bool,
    ) -> Result<Var> {
        if self.get(&name).is_some() {
            return Err(Error::data(
                format!("the model already has a parameter named \"{name}\""),
                "Give every layer a name of its own.",
            ));
        }
        let count = shape
            .iter()
            .try_fold(1usize, |n, &side| n.checked_mul(side));
        if count.is_none_or(|count| count > LARGEST) {
            return Err(Error::data(
                format!("{name} would have {shape:?} numbers, more than any machine could train"),
                "Make the layers on both its sides narrower (--latent, --hidden).",
            ));
        }
        let values = start(&mut random_stream(self.seed, &name));
        let variable = match self.dtype {
            DType::F64 => Var::from_vec(values, shape, &self.device)?,
            _ => {
                let values: Vec<f32> = values.into_iter().map(|value| value as f32).collect();
                let tensor = Tensor::from_vec(values, shape, &self.device)?;
                Var::from_tensor(&tensor.to_dtype(self.dtype)?)?
            }
        };
        self.parameters.push(Parameter {
            name,
            variable: variable.clone(),
            trainable,
        });
        Ok(variable)
    }

    /// All parameters, in the order they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter()
    }

    /// The variables an optimizer changes, in the order they were made.
    pub fn trainable(&self) -> Vec<Var> {
        self.iter()
            .filter(|parameter| parameter.trainable)
            .map(|parameter| parameter.variable.clone())
            .collect()
    }

    /// The parameter of a name.
    pub fn get(&self, name: &str) -> Option<&Parameter> {
        self.iter().find(|parameter| parameter.name == name)
    }

    /// How many numbers the trainable variables hold.
    pub fn count(&self) -> usize {
        let trainable = self.iter().filter(|parameter| parameter.trainable);
        trainable.map(|p| p.variable.elem_count()).sum()
    }

    /// A copy of all values, for example to return to the best epoch.
    ///
    /// # Errors
    /// If a variable cannot be copied.
    pub fn snapshot(&self) -> Result<Vec<(String, Tensor)>> {
        self.iter()
            .map(|p| Ok((p.name.clone(), p.variable.as_detached_tensor().copy()?)))
            .collect()
    }

    /// Sets every variable to the tensor that `find` has under its name.
    ///
    /// Nothing is changed unless all of them are there, of the right shape.
    ///
    /// # Errors
    /// If a tensor is missing or its shape differs.
    pub fn load(&self, find: impl Fn(&str) -> Option<Tensor>) -> Result<()> {
        let mut found = Vec::with_capacity(self.parameters.len());
        for Parameter { name, variable, .. } in self.iter() {
            let Some(tensor) = find(name) else {
                return Err(Error::data(
                    format!("the parameter \"{name}\" is missing"),
                    "Load a model that was saved with the same options.",
                ));
            };
            if tensor.shape() != variable.shape() {
                return Err(Error::data(
                    format!(
                        "the parameter \"{name}\" has shape {:?} instead of {:?}",
                        tensor.dims(),
                        variable.dims()
                    ),
                    "Load a model that was saved with the same options.",
                ));
            }
            let tensor = tensor.to_dtype(variable.dtype())?;
            found.push((variable, tensor.to_device(&self.device)?));
        }
        for (variable, tensor) in found {
            variable.set(&tensor)?;
        }
        Ok(())
    }
}
