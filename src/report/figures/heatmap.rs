//! Activity of pathways in samples, clustered.

use super::figure::{Figure, FigureOptions, FigureWidth, short, something};
use super::legend::Scale;
use super::palette::{NEUTRAL, PAPER, diverging, group, repeat_note};
use crate::error::Result;
use kuva::plot::ColorMap;
use kuva::plot::clustermap::{AnnotationTrack, Clustermap};
use kuva::plot::legend::{LegendEntry, LegendPosition, LegendShape};
use std::sync::Arc;

/// The activity at which colours end, in SD.
const END: f64 = 2.5;

/// Pixels: a row, and what the rest takes.
const ROW: f64 = 13.5;
const ROOM: f64 = 40.0;

/// Pathways by samples.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeatmapData {
    /// The names of the rows.
    pub rows: Vec<String>,
    /// The activities, row by row; missing ones are drawn as 0.
    pub values: Vec<Vec<f64>>,
    /// Bands above the columns.
    pub tracks: Vec<Track>,
}

/// A band of groups above the columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// Its name.
    pub name: String,
    /// The groups.
    pub levels: Vec<String>,
    /// The group of every column; `None` where it is not known.
    pub codes: Vec<Option<u8>>,
}

/// A heatmap whose rows are clustered (average linkage, Euclidean) and whose columns stay in
/// their order, beneath the bands of their groups.
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) without a row or a column.
pub fn heatmap(data: &HeatmapData, options: &FigureOptions) -> Result<Figure> {
    let columns = data.values.first().map_or(0, Vec::len);
    something(
        !data.values.is_empty() && columns > 0,
        "no pathway or no sample",
    )?;
    let clipped: Vec<Vec<f64>> = data
        .values
        .iter()
        .map(|row| row.iter().map(|value| drawn(*value)).collect())
        .collect();
    let all = || clipped.iter().flatten().copied();
    let (low, high) = (all().fold(END, f64::min), all().fold(-END, f64::max));
    let color = move |share: f64| diverging((low + share * (high - low)) / END);
    // Rows are told apart by their labels: marks that are not seen make each its own.
    let letters = match options.width {
        FigureWidth::Column => 24,
        FigureWidth::Page => 31,
    };
    let mark = |(at, name): (usize, &String)| {
        let before = data.rows[..at]
            .iter()
            .filter(|own| short(own, letters) == short(name, letters));
        short(name, letters) + &"\u{200b}".repeat(before.count())
    };
    let labels: Vec<String> = data.rows.iter().enumerate().map(mark).collect();
    let mut plot = Clustermap::new()
        .with_data(clipped)
        .with_row_labels(labels)
        .with_cluster_rows(data.rows.len() > 2)
        .with_cluster_cols(false)
        .with_row_dendrogram_width(36.0)
        .with_color_map(ColorMap::Custom(Arc::new(color)));
    let swatch = |label: String, color: String| LegendEntry {
        label,
        color,
        shape: LegendShape::Rect,
        dasharray: None,
    };
    let mut entries = Vec::new();
    for track in &data.tracks {
        let color = |code: &Option<u8>| code.map_or(NEUTRAL, |code| group(code.into()));
        plot = plot.with_col_annotation(
            AnnotationTrack::new(track.codes.iter().map(color))
                .with_label(short(&track.name, 16))
                .with_width(9.0),
        );
        for (at, level) in track.levels.iter().enumerate() {
            entries.push(swatch(short(level, 20), group(at).to_owned()));
        }
        if track.codes.contains(&None) {
            entries.push(swatch("not labelled".to_owned(), NEUTRAL.to_owned()));
        }
        let note = repeat_note(track.levels.len());
        entries.extend(note.map(|note| swatch(note, PAPER.to_owned())));
    }
    let scale = Scale {
        title: "Activity (SD)".to_owned(),
        ends: [format!("\u{2212}{END}"), format!("+{END}")],
        color: Box::new(|share| diverging(2.0 * share - 1.0)),
    };
    let height = (ROOM + ROW * data.rows.len() as f64) / options.width.pixels();
    let plots = vec![plot.into()];
    Ok(Figure::with_scale(
        plots,
        options,
        height,
        Some(scale),
        |layout| {
            layout
                .with_legend_entries(entries)
                .with_legend_position(LegendPosition::OutsideBottomColumns)
        },
    ))
}

fn drawn(value: f64) -> f64 {
    if value.is_finite() {
        value.clamp(-END, END)
    } else {
        0.0
    }
}
