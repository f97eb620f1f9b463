//! Legends beneath a figure, which grows by what they need.

use super::figure::plain;
use super::names::LETTER;
use kuva::plot::legend::{LegendEntry, LegendShape};
use kuva::render::render::{Primitive, Scene, TextAnchor};

/// The height of a line, the edge of a swatch, and the steps of a scale.
const LINE: f64 = 17.0;
const SWATCH: f64 = 10.0;
const STEPS: usize = 48;
/// The length of a scale.
const SCALE: f64 = 120.0;

/// What the colours of a figure mean.
#[derive(Default)]
pub(super) struct Legend {
    /// What is coloured; empty for nothing.
    pub title: String,
    pub entries: Vec<LegendEntry>,
    pub scale: Option<Scale>,
}

/// Colours from a low number to a high one.
pub(super) struct Scale {
    /// What it is a scale of.
    pub title: String,
    /// The texts at its ends.
    pub ends: [String; 2],
    /// The colour of a share of it, 0 to 1.
    pub color: Box<dyn Fn(f64) -> String>,
}

impl Legend {
    /// Draws it beneath everything else, `left` from the edge.
    pub fn draw(&self, scene: &mut Scene, left: f64, size: u32) {
        let letter = LETTER * f64::from(size);
        let width = |text: &str| letter * text.chars().count() as f64;
        let text = |scene: &mut Scene, x: f64, line: f64, content: &str, bold: bool| {
            scene.add(Primitive::Text {
                x,
                y: line + 0.68 * LINE,
                content: content.to_owned(),
                size,
                anchor: TextAnchor::Start,
                rotate: None,
                bold,
                color: None,
            });
        };
        if self.entries.is_empty() && self.scale.is_none() {
            return;
        }
        let mut line = lowest(scene) + 8.0;
        if let Some(scale) = &self.scale {
            // All in one line if there is room.
            let title = plain(&scale.title);
            let rest = SCALE + width(&scale.ends[0]) + width(&scale.ends[1]) + 24.0;
            let mut x = left;
            text(scene, x, line, &title, false);
            match left + width(&title) + rest < scene.width {
                true => x += width(&title) + 12.0,
                false => line += LINE,
            }
            text(scene, x, line, &scale.ends[0], false);
            x += width(&scale.ends[0]) + 5.0;
            let step = SCALE / STEPS as f64;
            for at in 0..STEPS {
                scene.add(Primitive::Rect {
                    x: x + step * at as f64,
                    y: line + 3.0,
                    // A little wider, so that no seam is seen.
                    width: step + if at + 1 < STEPS { 0.5 } else { 0.0 },
                    height: SWATCH,
                    fill: (scale.color)((at as f64 + 0.5) / STEPS as f64).into(),
                    stroke: None,
                    stroke_width: None,
                    opacity: None,
                });
            }
            text(scene, x + SCALE + 5.0, line, &scale.ends[1], false);
            line += LINE;
        }
        if !self.entries.is_empty() {
            if !self.title.is_empty() {
                text(scene, left, line, &self.title, true);
                line += LINE;
            }
            let widest = self.entries.iter().map(|entry| width(&entry.label));
            let column = widest.fold(0.0, f64::max) + SWATCH + 22.0;
            let columns = (((scene.width - left) / column) as usize).max(1);
            // Down the columns, as a list is read.
            let rows = self.entries.len().div_ceil(columns);
            for (at, entry) in self.entries.iter().enumerate() {
                let x = left + column * (at / rows) as f64;
                let y = line + LINE * (at % rows) as f64;
                mark(scene, entry, x, y + 0.5 * LINE);
                text(scene, x + SWATCH + 8.0, y, &entry.label, false);
            }
            line += LINE * rows as f64;
        }
        scene.height = (line + 4.0).round();
    }
}

/// The lowest that anything is drawn at.
fn lowest(scene: &Scene) -> f64 {
    let bottoms = scene.elements.iter().map(|element| match element {
        // The paper.
        Primitive::Rect { height, .. } if *height >= scene.height => 0.0,
        Primitive::Rect { y, height, .. } => y + height,
        Primitive::RectBatch { y, h, .. } => {
            let bottoms = y.iter().zip(h).map(|(y, height)| y + height);
            bottoms.fold(0.0, f64::max)
        }
        Primitive::Line { y1, y2, .. } => y1.max(*y2),
        Primitive::PolyLine { points, .. } => points.iter().map(|own| own.1).fold(0.0, f64::max),
        Primitive::Text {
            y, rotate: None, ..
        } => y + 3.0,
        _ => 0.0,
    });
    bottoms.fold(0.0, f64::max).min(scene.height)
}

/// The mark of an entry, around the height `middle`.
fn mark(scene: &mut Scene, entry: &LegendEntry, x: f64, middle: f64) {
    let color = entry.color.as_str().into();
    scene.add(match entry.shape {
        LegendShape::Line => Primitive::Line {
            x1: x - 3.0,
            y1: middle,
            x2: x + SWATCH + 3.0,
            y2: middle,
            stroke: color,
            stroke_width: 2.0,
            stroke_dasharray: entry.dasharray.clone(),
        },
        LegendShape::Rect => Primitive::Rect {
            x,
            y: middle - SWATCH / 2.0,
            width: SWATCH,
            height: SWATCH,
            fill: color,
            stroke: None,
            stroke_width: None,
            opacity: None,
        },
        _ => Primitive::Circle {
            cx: x + SWATCH / 2.0,
            cy: middle,
            r: SWATCH / 2.0 - 0.5,
            fill: color,
            fill_opacity: None,
            stroke: None,
            stroke_width: None,
        },
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_grows_by_what_its_legend_needs() {
        let entry = |at: usize| LegendEntry {
            label: format!("a cell type, number {at}"),
            color: "#000000".to_owned(),
            shape: LegendShape::Circle,
            dasharray: None,
        };
        for count in [1, 8, 60] {
            let mut scene = Scene::new(400.0, 220.0);
            scene.add(Primitive::Line {
                x1: 0.0,
                y1: 200.0,
                x2: 400.0,
                y2: 200.0,
                stroke: "#000000".into(),
                stroke_width: 1.0,
                stroke_dasharray: None,
            });
            let legend = Legend {
                title: "cell type".to_owned(),
                entries: (0..count).map(entry).collect(),
                scale: None,
            };
            legend.draw(&mut scene, 40.0, 10);
            let texts: Vec<(f64, f64)> = scene
                .elements
                .iter()
                .filter_map(|element| match element {
                    Primitive::Text { x, y, .. } => Some((*x, *y)),
                    _ => None,
                })
                .collect();
            assert_eq!(texts.len(), count + 1);
            let within = |(x, y): &(f64, f64)| *x < 400.0 && *y > 200.0 && *y < scene.height;
            assert!(texts.iter().all(within), "{texts:?} in {}", scene.height);
        }
    }
}
