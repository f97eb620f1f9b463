//! The names of points, each where no other name is.

use super::palette::GUIDE;
use kuva::render::render::{Primitive, Scene, TextAnchor};

/// The mean width of a letter of DejaVu Sans, in sizes of the letter; what is wider than that on
/// average is rare.
pub(super) const LETTER: f64 = 0.62;
/// Places tried above and below a point.
const PLACES: usize = 14;

/// A rectangle: left, top, right, bottom.
#[derive(Clone, Copy)]
struct Area(f64, f64, f64, f64);

impl Area {
    fn meets(&self, other: &Self) -> bool {
        self.0 < other.2 && other.0 < self.2 && self.1 < other.3 && other.1 < self.3
    }
}

/// Moves the names that were drawn exactly above their points, `radius` wide: the first come
/// first, and one that finds no place in the plot goes.
pub(super) fn place_names(scene: &mut Scene, radius: f64) {
    let mut area = None;
    let (mut names, mut rest) = (Vec::new(), Vec::with_capacity(scene.elements.len()));
    let mut end = None;
    for element in std::mem::take(&mut scene.elements) {
        match &element {
            Primitive::ClipStart {
                x,
                y,
                width,
                height,
                ..
            } if area.is_none() => area = Some(Area(*x, *y, x + width, y + height)),
            Primitive::Text {
                x,
                y,
                content,
                size,
                ..
            } if area.is_some() && end.is_none() => {
                // The text stands 2 above the mark.
                names.push(((*x, y + radius + 2.0), content.clone(), *size));
                continue;
            }
            Primitive::ClipEnd if area.is_some() && end.is_none() => end = Some(rest.len()),
            _ => {}
        }
        rest.push(element);
    }
    let (mut drawn, mut texts) = (Vec::new(), Vec::new());
    if let Some(plot) = area {
        let marks: Vec<Area> = names
            .iter()
            .map(|((x, y), ..)| Area(x - radius, y - radius, x + radius, y + radius))
            .collect();
        let mut taken: Vec<Area> = Vec::new();
        for ((x, y), content, size) in &names {
            let (half, line) = (
                LETTER * f64::from(*size) * content.chars().count() as f64 / 2.0,
                1.25 * f64::from(*size),
            );
            let middle = x.clamp(
                plot.0 + half + 2.0,
                (plot.2 - half - 2.0).max(plot.0 + half + 2.0),
            );
            let at = |top: f64| Area(middle - half, top, middle + half, top + line);
            let mut places = (0..PLACES).flat_map(|step| {
                let away = radius + 1.0 + step as f64 * line;
                [at(y - away - line), at(y + away)]
            });
            let free = |own: &Area| {
                own.1 >= plot.1
                    && own.3 <= plot.3
                    && own.2 <= plot.2
                    && !taken.iter().any(|other| other.meets(own))
                    && !marks.iter().any(|other| other.meets(own))
            };
            let Some(own) = places.find(free) else {
                continue;
            };
            let edge = if own.1 > *y { own.1 } else { own.3 };
            if (edge - y).abs() > line {
                let toward = (edge - y).signum();
                drawn.push(Primitive::Line {
                    x1: *x,
                    y1: y + toward * (radius + 0.5),
                    x2: x.clamp(own.0 + 4.0, own.2 - 4.0),
                    y2: edge,
                    stroke: GUIDE.into(),
                    stroke_width: 0.6,
                    stroke_dasharray: None,
                });
            }
            // Leaders of other names pass behind.
            texts.push(Primitive::Rect {
                x: own.0,
                y: own.1,
                width: own.2 - own.0,
                height: line,
                fill: "#ffffff".into(),
                stroke: None,
                stroke_width: None,
                opacity: Some(0.8),
            });
            texts.push(Primitive::Text {
                x: middle,
                y: own.1 + 0.78 * line,
                content: content.clone(),
                size: *size,
                anchor: TextAnchor::Middle,
                rotate: None,
                bold: false,
                color: None,
            });
            taken.push(own);
        }
    }
    drawn.extend(texts);
    let end = end.unwrap_or(rest.len());
    rest.splice(end..end, drawn);
    scene.elements = rest;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_place_do_not_overlap() {
        let mut scene = Scene::new(300.0, 200.0);
        scene.add(Primitive::ClipStart {
            x: 10.0,
            y: 10.0,
            width: 280.0,
            height: 180.0,
            id: String::new(),
        });
        for at in 0..6 {
            scene.add(Primitive::Text {
                x: 280.0 - f64::from(at),
                y: 14.0,
                content: format!("a pathway {at}"),
                size: 10,
                anchor: TextAnchor::Middle,
                rotate: None,
                bold: false,
                color: None,
            });
        }
        scene.add(Primitive::ClipEnd);
        place_names(&mut scene, 2.0);
        let mut heights: Vec<f64> = Vec::new();
        for element in &scene.elements {
            if let Primitive::Text { x, y, content, .. } = element {
                assert!(x + LETTER * 5.0 * content.len() as f64 <= 290.0);
                heights.push(*y);
            }
        }
        heights.sort_by(f64::total_cmp);
        assert_eq!(heights.len(), 6);
        assert!(heights.windows(2).all(|pair| pair[1] - pair[0] >= 12.5));
        assert!(matches!(scene.elements.last(), Some(Primitive::ClipEnd)));
    }
}
