//! The names of points, each where no other name is.

use super::palette::GUIDE;
use kuva::render::render::{Primitive, Scene, TextAnchor};

/// The mean width of a letter of DejaVu Sans, in sizes of the letter; what is wider than that on
/// average is rare.
pub(super) const LETTER: f64 = 0.62;
/// Places tried above and below a point, and to its left and right, and how far apart these are.
const PLACES: usize = 14;
const ASIDE: usize = 9;
const STEP: f64 = 16.0;

/// A rectangle: left, top, right, bottom.
#[derive(Clone, Copy)]
struct Area(f64, f64, f64, f64);

impl Area {
    fn meets(&self, other: &Self) -> bool {
        self.0 < other.2 && other.0 < self.2 && self.1 < other.3 && other.1 < self.3
    }

    /// Its point that is nearest to another.
    fn nearest(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (x.clamp(self.0, self.2), y.clamp(self.1, self.3))
    }
}

/// Moves the names that were drawn exactly above their points, `radius` wide, to where they cover
/// neither a point nor each other: the first come first, and one that finds no place in the plot
/// goes.
pub(super) fn place_names(scene: &mut Scene, radius: f64) {
    let mut area = None;
    let (mut names, mut rest) = (Vec::new(), Vec::with_capacity(scene.elements.len()));
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut end = None;
    for element in std::mem::take(&mut scene.elements) {
        let within = area.is_some() && end.is_none();
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
            } if within => {
                // The text stands 2 above the mark.
                names.push(((*x, y + radius + 2.0), content.clone(), *size));
                continue;
            }
            Primitive::Circle { cx, cy, .. } if within => points.push((*cx, *cy)),
            Primitive::CircleBatch { cx, cy, .. } if within => {
                points.extend(cx.iter().copied().zip(cy.iter().copied()));
            }
            Primitive::ClipEnd if within => end = Some(rest.len()),
            _ => {}
        }
        rest.push(element);
    }
    points.extend(names.iter().map(|(point, ..)| *point));
    let (mut drawn, mut texts) = (Vec::new(), Vec::new());
    if let Some(plot) = area {
        let mut taken: Vec<Area> = Vec::new();
        for ((x, y), content, size) in &names {
            let width = LETTER * f64::from(*size) * content.chars().count() as f64;
            let line = 1.25 * f64::from(*size);
            let free = |own: &Area| {
                let covered = |&(x, y): &(f64, f64)| {
                    let mark = Area(x - radius, y - radius, x + radius, y + radius);
                    mark.meets(own)
                };
                own.0 >= plot.0 + 2.0
                    && own.1 >= plot.1
                    && own.2 <= plot.2 - 2.0
                    && own.3 <= plot.3
                    && !taken.iter().any(|other| other.meets(own))
                    && !points.iter().any(covered)
            };
            let mut places = places_around((*x, *y), (width, line), radius, plot);
            places.retain(free);
            let far = |own: &Area| {
                let (x2, y2) = own.nearest((*x, *y));
                (x2 - x).hypot(y2 - y)
            };
            let Some(own) = places.into_iter().min_by(|a, b| far(a).total_cmp(&far(b))) else {
                continue;
            };
            if far(&own) > line {
                let (x2, y2) = own.nearest((*x, *y));
                let share = (radius + 0.5) / far(&own);
                drawn.push(Primitive::Line {
                    x1: x + share * (x2 - x),
                    y1: y + share * (y2 - y),
                    x2,
                    y2,
                    stroke: GUIDE.into(),
                    stroke_width: 0.6,
                    stroke_dasharray: None,
                });
            }
            // The grid and leaders of other names pass behind.
            texts.push(Primitive::Rect {
                x: own.0,
                y: own.1,
                width,
                height: line,
                fill: "#ffffff".into(),
                stroke: None,
                stroke_width: None,
                opacity: Some(0.8),
            });
            texts.push(Primitive::Text {
                x: own.0 + width / 2.0,
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

/// Where a name could stand: above and below its point, centred or beside, further and further.
fn places_around(
    (x, y): (f64, f64),
    (width, line): (f64, f64),
    radius: f64,
    plot: Area,
) -> Vec<Area> {
    let gap = radius + 1.0;
    let lowest = plot.0 + 2.0;
    let centred = (x - width / 2.0).min(plot.2 - width - 2.0).max(lowest);
    let aside = (0..ASIDE).flat_map(|step| {
        let away = gap + 2.0 + STEP * step as f64;
        [x + away, x - away - width]
    });
    let lefts: Vec<f64> = std::iter::once(centred).chain(aside).collect();
    let steps = (0..PLACES).flat_map(|step| {
        let away = gap + step as f64 * line;
        [y - away - line, y + away]
    });
    let tops = std::iter::once(y - line / 2.0).chain(steps);
    tops.flat_map(|top| {
        let at = move |left: &f64| Area(*left, top, left + width, top + line);
        lefts.iter().map(at).collect::<Vec<_>>()
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cover_neither_each_other_nor_a_point() {
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
        let (half, mut found) = (LETTER * 5.0 * 11.0, Vec::new());
        for element in &scene.elements {
            if let Primitive::Text { x, y, .. } = element {
                found.push(Area(x - half, y - 9.75, x + half, y + 2.75));
            }
        }
        assert_eq!(found.len(), 6);
        for (at, own) in found.iter().enumerate() {
            assert!(own.0 >= 10.0 && own.2 <= 290.0 && own.1 >= 10.0 && own.3 <= 190.0);
            assert!(!found[..at].iter().any(|other| other.meets(own)));
            for point in 0..6 {
                let (x, y) = (280.0 - f64::from(point), 18.0);
                assert!(!Area(x - 2.0, y - 2.0, x + 2.0, y + 2.0).meets(own));
            }
        }
        assert!(matches!(scene.elements.last(), Some(Primitive::ClipEnd)));
    }
}
