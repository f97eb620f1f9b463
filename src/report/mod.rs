//! What a run found, for people: one HTML file, and figures that stand alone.
//!
//! [`Run`] is the output folder of a fit. [`report_html`] tells of it in one file that needs no
//! network; [`figures`] draws SVG and PNG for papers.

mod annotation;
mod columns;
mod contrasts;
mod document;
mod embedding;
mod expected;
mod figure_data;
pub mod figures;
mod genes;
mod heatmap;
mod inputs;
mod order;
mod pack;
mod page;
mod run;
mod source_link;
mod supersets;
mod table;

pub use annotation::{Annotation, Labels, annotations};
pub use embedding::Embedding;
pub use expected::TableKind;
pub use figure_data::{find_name, point_colors, volcano_entries};
pub use inputs::{GeneRanking, ReportInputs, ReportOptions, SupersetTables};
pub use page::{report_html, write_report};
pub use run::{Member, Run};
pub use source_link::source_link;
pub use table::Table;
