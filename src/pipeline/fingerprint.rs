//! What tells whether samples are those of a training.

use super::input::ModelInput;
use crate::error::Result;
use crate::io::hex;
use sha2::{Digest, Sha256};

impl ModelInput<'_> {
    /// SHA-256 of what training sees: the samples' names in their order, their prepared values,
    /// sums of counts and covariates.
    pub fn fingerprint(&self) -> Result<String> {
        let mut hash = Sha256::new();
        for name in self.prepared.matrix().samples() {
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name);
        }
        let present = self.prepared.present().iter();
        hash.update(
            present
                .map(|present| u8::from(*present))
                .collect::<Vec<_>>(),
        );
        self.each_block(&mut |block| {
            let values = block.values.iter();
            hash.update(values.flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>());
            Ok(())
        })?;
        if let Some(libraries) = &self.libraries {
            for sum in libraries.own.iter().chain(&libraries.totals) {
                hash.update(sum.to_le_bytes());
            }
        }
        if let Some((values, _)) = &self.covariates {
            hash.update(
                values
                    .iter()
                    .flat_map(|v| v.to_le_bytes())
                    .collect::<Vec<u8>>(),
            );
        }
        Ok(hex(&hash.finalize()))
    }
}
