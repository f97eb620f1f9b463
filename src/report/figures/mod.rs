//! Figures that stand alone, as SVG and PNG, drawn by [kuva](https://docs.rs/kuva).
//!
//! Every figure is a function from plain data to a [`Figure`]; colours are those of Okabe & Ito
//! (2008), more where there are more groups, and a blue-orange scale, which people with colour-vision
//! deficiencies can tell apart.

mod dashes;
mod embedding;
mod evidence;
mod figure;
mod groups;
mod heatmap;
mod legend;
mod loadings;
mod membership;
mod names;
mod palette;
mod running_sum;
mod survival;
mod training;
mod volcano;

pub use embedding::{PointColors, embedding};
pub use evidence::{EvidencePoint, evidence};
pub use figure::{Figure, FigureOptions, FigureWidth};
pub use groups::{GroupStyle, GroupValues, groups};
pub use heatmap::{HeatmapData, Track, heatmap};
pub use loadings::loadings;
pub use membership::{MembershipNode, membership};
pub use palette::GROUP_COLORS;
pub use running_sum::{RunningSum, running_sum};
pub use survival::{SurvivalGroup, survival};
pub use training::{LossCurve, training};
pub use volcano::{VolcanoEntry, volcano};
