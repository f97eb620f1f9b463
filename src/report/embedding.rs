//! The samples in two dimensions.

use crate::activity::ScoreTable;
use crate::error::Result;
use crate::models::{Autoencoder, Dataset, Pca, PcaConfig};
use candle_core::DType;

/// Coordinates of the samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding {
    /// The names of the two axes.
    pub axes: [String; 2],
    /// One pair a sample.
    pub points: Vec<(f64, f64)>,
}

impl Embedding {
    /// Two latent coordinates themselves, or the first two principal components of more; `None`
    /// for fewer coordinates or samples than that takes.
    ///
    /// # Errors
    /// [`Error::Data`](crate::Error::Data) if the components cannot be computed.
    pub fn of_latent(latent: &ScoreTable) -> Result<Option<Self>> {
        let (width, samples) = (latent.columns().len(), latent.samples().len());
        if width == 2 {
            let values = latent.values().chunks(2);
            return Ok(Some(Self {
                axes: [latent.columns()[0].clone(), latent.columns()[1].clone()],
                points: values
                    .map(|pair| (pair[0].into(), pair[1].into()))
                    .collect(),
            }));
        }
        if width < 2 || samples < 3 || latent.values().iter().any(|value| !value.is_finite()) {
            return Ok(None);
        }
        let mut pca = Pca::new(width, PcaConfig { components: 2 })?;
        let data = Dataset::new(latent.values(), width);
        let rows: Vec<usize> = (0..samples).collect();
        pca.solve(&data, &rows)?;
        let encoded = pca.encode(&data.batch(&rows)?.x)?.contiguous()?;
        let encoded = encoded.flatten_all()?.to_vec1::<f32>()?;
        let variances = pca.variances().to_dtype(DType::F64)?.to_vec1::<f64>()?;
        let total = total_variance(latent);
        let axis = |at: usize| {
            let share = 100.0 * variances[at] / total;
            match share.is_finite() {
                true => format!("PC{} ({share:.0} % of the latent variance)", at + 1),
                false => format!("PC{}", at + 1),
            }
        };
        Ok(Some(Self {
            axes: [axis(0), axis(1)],
            points: encoded
                .chunks(2)
                .map(|pair| (pair[0].into(), pair[1].into()))
                .collect(),
        }))
    }
}

/// The sum of the coordinates' variances, divided by the number of samples.
fn total_variance(table: &ScoreTable) -> f64 {
    let (width, n) = (table.columns().len(), table.samples().len() as f64);
    let column = |at: usize| {
        let values = table.values().iter().skip(at).step_by(width);
        values.map(|value| f64::from(*value))
    };
    let variance = |at: usize| {
        let mean = column(at).sum::<f64>() / n;
        column(at).map(|value| (value - mean).powi(2)).sum::<f64>() / n
    };
    (0..width).map(variance).sum()
}
