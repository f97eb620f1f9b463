//! The floating point types of the kernels and their vectors.

use candle_core::WithDType;
use pulp::Simd;

/// `f32` or `f64`, with the vector operations the kernels need.
pub(crate) trait Element: WithDType + Default {
    /// A register of this type.
    type Vector<S: Simd>: Copy;

    /// How many elements a register holds.
    fn lanes<S: Simd>() -> usize;
    /// The slice as whole registers; what is left over is dropped.
    fn vectors<S: Simd>(slice: &[Self]) -> &[Self::Vector<S>];
    /// The slice as whole registers; what is left over is dropped.
    fn vectors_mut<S: Simd>(slice: &mut [Self]) -> &mut [Self::Vector<S>];
    /// A register whose first elements are the slice's and whose others are 0.
    fn load_part<S: Simd>(simd: S, slice: &[Self]) -> Self::Vector<S>;
    /// Writes a register's first elements over the slice.
    fn store_part<S: Simd>(simd: S, slice: &mut [Self], vector: Self::Vector<S>);
    /// A register of equal elements.
    fn splat<S: Simd>(simd: S, value: Self) -> Self::Vector<S>;
    /// `a * b + c`, rounded once.
    fn mul_add<S: Simd>(
        simd: S,
        a: Self::Vector<S>,
        b: Self::Vector<S>,
        c: Self::Vector<S>,
    ) -> Self::Vector<S>;
    /// `a + b`.
    fn plus<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// The sum of a register's elements.
    fn sum<S: Simd>(simd: S, vector: Self::Vector<S>) -> Self;

    /// Square root.
    fn sqrt(self) -> Self;
    /// e to the power of this.
    fn exp(self) -> Self;
    /// The natural logarithm.
    fn ln(self) -> Self;
    /// ln(1 + this), exact for small values.
    fn ln_1p(self) -> Self;
    /// e to the power of this, less 1, exact for small values.
    fn exp_m1(self) -> Self;
    /// The hyperbolic tangent.
    fn tanh(self) -> Self;
}

macro_rules! element {
    ($t:ty, $vector:ident, $lanes:ident, $as_simd:ident, $as_mut_simd:ident, $load:ident,
     $store:ident, $splat:ident, $mul_add:ident, $add:ident, $sum:ident) => {
        impl Element for $t {
            type Vector<S: Simd> = S::$vector;

            #[inline(always)]
            fn lanes<S: Simd>() -> usize {
                S::$lanes
            }
            #[inline(always)]
            fn vectors<S: Simd>(slice: &[Self]) -> &[Self::Vector<S>] {
                S::$as_simd(slice).0
            }
            #[inline(always)]
            fn vectors_mut<S: Simd>(slice: &mut [Self]) -> &mut [Self::Vector<S>] {
                S::$as_mut_simd(slice).0
            }
            #[inline(always)]
            fn load_part<S: Simd>(simd: S, slice: &[Self]) -> Self::Vector<S> {
                simd.$load(slice)
            }
            #[inline(always)]
            fn store_part<S: Simd>(simd: S, slice: &mut [Self], vector: Self::Vector<S>) {
                simd.$store(slice, vector)
            }
            #[inline(always)]
            fn splat<S: Simd>(simd: S, value: Self) -> Self::Vector<S> {
                simd.$splat(value)
            }
            #[inline(always)]
            fn mul_add<S: Simd>(
                simd: S,
                a: Self::Vector<S>,
                b: Self::Vector<S>,
                c: Self::Vector<S>,
            ) -> Self::Vector<S> {
                simd.$mul_add(a, b, c)
            }
            #[inline(always)]
            fn plus<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S> {
                simd.$add(a, b)
            }
            #[inline(always)]
            fn sum<S: Simd>(simd: S, vector: Self::Vector<S>) -> Self {
                simd.$sum(vector)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                self.sqrt()
            }
            #[inline(always)]
            fn exp(self) -> Self {
                self.exp()
            }
            #[inline(always)]
            fn ln(self) -> Self {
                self.ln()
            }
            #[inline(always)]
            fn ln_1p(self) -> Self {
                self.ln_1p()
            }
            #[inline(always)]
            fn exp_m1(self) -> Self {
                self.exp_m1()
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                self.tanh()
            }
        }
    };
}

element!(
    f32,
    f32s,
    F32_LANES,
    as_simd_f32s,
    as_mut_simd_f32s,
    partial_load_f32s,
    partial_store_f32s,
    splat_f32s,
    mul_add_f32s,
    add_f32s,
    reduce_sum_f32s
);
element!(
    f64,
    f64s,
    F64_LANES,
    as_simd_f64s,
    as_mut_simd_f64s,
    partial_load_f64s,
    partial_store_f64s,
    splat_f64s,
    mul_add_f64s,
    add_f64s,
    reduce_sum_f64s
);
