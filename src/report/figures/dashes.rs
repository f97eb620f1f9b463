//! Dashed lines as the short lines they consist of.
//!
//! The raster backend takes the lengths of dashes for pixels of the PNG, begins them anew at every
//! corner and rounds their ends, so that a dashed curve comes out solid.

use kuva::render::render::{Primitive, Scene};

/// The scene with every dash a line of its own.
pub(super) fn with_dashes_cut(scene: &Scene) -> Scene {
    let mut cut = Scene::with_capacity(scene.width, scene.height, scene.elements.len());
    cut.background_color.clone_from(&scene.background_color);
    cut.text_color.clone_from(&scene.text_color);
    cut.font_family.clone_from(&scene.font_family);
    cut.defs.clone_from(&scene.defs);
    for element in &scene.elements {
        let (points, stroke, width, pattern) = match element {
            Primitive::Line {
                x1,
                y1,
                x2,
                y2,
                stroke,
                stroke_width,
                stroke_dasharray: Some(pattern),
            } => (
                vec![(*x1, *y1), (*x2, *y2)],
                stroke,
                *stroke_width,
                lengths(pattern),
            ),
            Primitive::PolyLine {
                points,
                stroke,
                stroke_width,
                stroke_dasharray: Some(pattern),
            } => (points.clone(), stroke, *stroke_width, lengths(pattern)),
            other => {
                cut.add(other.clone());
                continue;
            }
        };
        for points in dashes(&points, &pattern, width) {
            cut.add(Primitive::PolyLine {
                points,
                stroke: stroke.clone(),
                stroke_width: width,
                stroke_dasharray: None,
            });
        }
    }
    cut
}

/// The lengths of dashes and gaps in turn; an odd number counts twice, as in SVG.
fn lengths(pattern: &str) -> Vec<f64> {
    let numbers = pattern
        .split([' ', ','])
        .filter_map(|text| text.parse().ok());
    let lengths: Vec<f64> = numbers.filter(|length| *length > 0.0).collect();
    match lengths.len() % 2 {
        0 => lengths,
        _ => lengths.repeat(2),
    }
}

/// The dashes of a line through `points`, each shortened by the round ends it will get. All of
/// the line without a pattern.
fn dashes(points: &[(f64, f64)], pattern: &[f64], width: f64) -> Vec<Vec<(f64, f64)>> {
    if pattern.is_empty() || points.len() < 2 {
        return vec![points.to_vec()];
    }
    // How far along the line every point lies.
    let mut along = vec![0.0];
    for pair in points.windows(2) {
        let length = (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1);
        along.push(along[along.len() - 1] + length);
    }
    let end = along[along.len() - 1];
    let mut found = Vec::new();
    let mut from = 0.0;
    for (length, drawn) in pattern
        .iter()
        .zip([true, false].into_iter().cycle())
        .cycle()
    {
        if from >= end {
            break;
        }
        let to = (from + length).min(end);
        if drawn {
            let half = (width / 2.0).min((to - from) / 2.0);
            found.push(stretch(points, &along, from + half, to - half));
        }
        from += length;
    }
    found
}

/// The part of a line between two distances along it.
fn stretch(points: &[(f64, f64)], along: &[f64], from: f64, to: f64) -> Vec<(f64, f64)> {
    let at = |distance: f64| {
        let after = along.partition_point(|own| *own < distance);
        let after = after.clamp(1, points.len() - 1);
        let (a, b) = (points[after - 1], points[after]);
        let whole = along[after] - along[after - 1];
        let share = match whole > 0.0 {
            true => (distance - along[after - 1]) / whole,
            false => 0.0,
        };
        (a.0 + share * (b.0 - a.0), a.1 + share * (b.1 - a.1))
    };
    let inner = points.iter().zip(along);
    let inner = inner.filter(|(_, own)| **own > from && **own < to);
    std::iter::once(at(from))
        .chain(inner.map(|(point, _)| *point))
        .chain([at(to)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_run_on_through_corners() {
        let corner = [(0.0, 0.0), (5.0, 0.0), (5.0, 5.0)];
        let found = dashes(&corner, &lengths("4 2"), 0.0);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], [(0.0, 0.0), (4.0, 0.0)]);
        assert_eq!(found[1], [(5.0, 1.0), (5.0, 5.0)]);
        let found = dashes(&corner, &lengths("7,2"), 1.0);
        assert_eq!(found[0], [(0.5, 0.0), (5.0, 0.0), (5.0, 1.5)]);
        assert_eq!(found.len(), 2);
        assert_eq!(dashes(&corner, &[], 1.0), [corner.to_vec()]);
        assert_eq!(lengths("3"), [3.0, 3.0]);
    }
}
