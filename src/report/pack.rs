//! Many numbers in few bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The code of a missing value.
pub(super) const MISSING: u8 = 255;
/// The code of the highest value.
const TOP: f64 = 254.0;

/// Bytes as base64.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Whole numbers as base64 of little-endian 32-bit integers.
pub(super) fn integers(values: impl IntoIterator<Item = u32>) -> String {
    let bytes: Vec<u8> = values.into_iter().flat_map(u32::to_le_bytes).collect();
    base64(&bytes)
}

/// Whole numbers below 65,536 as base64 of little-endian 16-bit integers.
pub(super) fn shorts(values: impl IntoIterator<Item = u32>) -> String {
    let values = values.into_iter().map(|value| value as u16);
    let bytes: Vec<u8> = values.flat_map(u16::to_le_bytes).collect();
    base64(&bytes)
}

/// Values as steps from 0 (`low`) to 254 (`high`) of their range; 255 is missing. What is read
/// back, `low + code (high - low) / 254`, is off by at most 1/508 of the range.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quantised {
    pub low: f64,
    pub high: f64,
    pub codes: Vec<u8>,
}

impl Quantised {
    pub fn new(values: impl Iterator<Item = f64> + Clone) -> Self {
        let known = values.clone().filter(|value| value.is_finite());
        let (low, high) = known.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        if low > high {
            return Self {
                low: 0.0,
                high: 0.0,
                codes: values.map(|_| MISSING).collect(),
            };
        }
        let step = (high - low) / TOP;
        let code = |value: f64| match value.is_finite() {
            false => MISSING,
            true if step > 0.0 => ((value - low) / step).round().clamp(0.0, TOP) as u8,
            true => 0,
        };
        Self {
            low,
            high,
            codes: values.map(code).collect(),
        }
    }
}

/// A number with about this many significant digits, `null` in JSON where it is not finite.
pub(super) fn rounded(value: f64, digits: i32) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    // Through decimal text, so that the shortest decimal is what JSON gets.
    format!("{value:.*e}", (digits - 1).max(0) as usize)
        .parse()
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_read_back_is_off_by_at_most_half_a_step(
            values in prop::collection::vec(prop_oneof![9 => -50.0f64..50.0, 1 => Just(f64::NAN)], 0..60)
        ) {
            let packed = Quantised::new(values.iter().copied());
            prop_assert_eq!(packed.codes.len(), values.len());
            let range = packed.high - packed.low;
            for (value, code) in values.iter().zip(&packed.codes) {
                prop_assert_eq!(value.is_nan(), *code == MISSING);
                if !value.is_nan() {
                    let back = packed.low + f64::from(*code) * range / 254.0;
                    prop_assert!((back - value).abs() <= range / 508.0 + 1e-12);
                }
            }
        }
    }

    #[test]
    fn numbers_keep_their_leading_digits() {
        assert_eq!(rounded(0.123_456, 3), 0.123);
        assert_eq!(rounded(-1234.56, 3), -1230.0);
        assert_eq!(rounded(1.234e-300, 2), 1.2e-300);
        assert!(rounded(f64::NAN, 3).is_nan());
        assert_eq!(integers([1, 256]), "AQAAAAABAAA=");
    }
}
