//! Tail probabilities that stay accurate far out: no `1 - cdf`.

use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::{beta::checked_beta_reg, gamma::checked_gamma_ur};

/// `P(|Z| >= |z|)` for a standard normal Z; NaN for NaN.
pub(super) fn normal_two_sided(z: f64) -> f64 {
    // The square of Z is chi-squared, whose tail statrs has to more digits than erfc.
    chi_squared_upper(z * z, 1.0)
}

/// The z with `P(Z <= z) = p`.
pub(super) fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// `P(|T| >= |t|)` for Student's t with `df` degrees of freedom; NaN for NaN.
pub(super) fn t_two_sided(t: f64, df: f64) -> f64 {
    if t.is_infinite() && df > 0.0 {
        return 0.0;
    }
    // A small p has to be computed itself, not as what is missing from 1; for a t near 0 it is
    // the other side that is small.
    let square = t * t;
    if square < 1.0 {
        let below = checked_beta_reg(0.5, df / 2.0, square / (df + square));
        below.map_or(f64::NAN, |below| 1.0 - below)
    } else {
        checked_beta_reg(df / 2.0, 0.5, df / (df + square)).unwrap_or(f64::NAN)
    }
}

/// `P(X >= x)` for chi-squared with `df` degrees of freedom; NaN for NaN.
pub(super) fn chi_squared_upper(x: f64, df: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x.is_infinite() {
        return 0.0;
    }
    checked_gamma_ur(df / 2.0, x / 2.0).unwrap_or(f64::NAN)
}

/// `P(F >= f)` for Fisher's F with `above` and `below` degrees of freedom; NaN for NaN.
pub(super) fn f_upper(f: f64, above: f64, below: f64) -> f64 {
    if f <= 0.0 {
        return 1.0;
    }
    checked_beta_reg(below / 2.0, above / 2.0, below / (below + above * f)).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_keep_their_digits() {
        let close = |value: f64, expected: f64| {
            assert!(
                (value / expected - 1.0).abs() < 1e-10,
                "{value:e} is not {expected:e}"
            );
        };
        // scipy 1.17.1: 2 norm.sf(20), 2 t.sf(30, 10), chi2.sf(200, 3), f.sf(150, 2, 40).
        close(normal_two_sided(20.0), 5.507_248_237_212_311e-89);
        close(t_two_sided(-30.0, 10.0), 3.961_792_342_031_325e-11);
        // By quadrature of the density: a small p at many degrees of freedom.
        close(t_two_sided(10.05, 1998.0), 3.237_275_272_316e-23);
        close(t_two_sided(20.0, 1500.0), 4.511_643_927_171e-79);
        close(chi_squared_upper(200.0, 3.0), 4.218_541_107_192_018e-43);
        close(f_upper(150.0, 2.0, 40.0), 2.580_010_572_933_714e-19);
        close(t_two_sided(1e-3, 25.0), 0.999_210_052_557_651_4);
        assert!(t_two_sided(f64::NAN, 3.0).is_nan() && normal_two_sided(f64::NAN).is_nan());
        assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-12);
    }
}
