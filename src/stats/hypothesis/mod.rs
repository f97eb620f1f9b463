//! Tests of a hypothesis, effect sizes, and the correction for testing many.

mod auroc;
mod correlation;
mod effect_size;
mod exact;
mod groups;
mod linear_model;
mod multiple;
mod rank_sum;
mod signed_rank;
mod t_test;

pub use auroc::{Auroc, auroc};
pub use correlation::{
    Correlation, SpearmanExact, pearson, spearman, spearman_curve, spearman_exact,
};
pub use effect_size::{cohens_d, hedges_g, rank_biserial};
pub use groups::{Anova, KruskalWallis, anova, kruskal_wallis};
pub use linear_model::{LinearModel, LinearTest};
pub use multiple::{benjamini_hochberg, holm};
pub use rank_sum::{MannWhitney, Method, mann_whitney};
pub use signed_rank::{SignedRank, wilcoxon_signed_rank};
pub use t_test::{TTest, paired_t, student_t, welch_t};
