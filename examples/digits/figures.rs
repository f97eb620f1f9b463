//! The figures, from numbers to images.

use crate::canvas::{Canvas, Colour};
use crate::idx::{PIXELS, SIDE};

const SCALE: usize = 2;
const GAP: usize = 4;
const CELL: usize = SIDE * SCALE + GAP;

/// A colour for each digit from 0 to 9, told apart also with weak colour vision (Tol 2021).
const COLOURS: [Colour; 10] = [
    [51, 34, 136],
    [136, 204, 238],
    [68, 170, 153],
    [17, 119, 51],
    [153, 153, 51],
    [221, 204, 119],
    [204, 102, 119],
    [136, 34, 85],
    [170, 68, 153],
    [110, 110, 110],
];

/// Rows of digits, each row its digits one after another; a line under the first `above` rows.
pub fn contact_sheet(rows: &[Vec<f32>], above: usize) -> Canvas {
    let columns = rows.iter().map(|row| row.len() / PIXELS).max().unwrap_or(0);
    let line = if above > 0 { GAP } else { 0 };
    let mut canvas = Canvas::new(columns * CELL + GAP, rows.len() * CELL + GAP + line);
    for (i, row) in rows.iter().enumerate() {
        let shift = if i < above { 0 } else { line };
        for (j, digit) in row.chunks(PIXELS).enumerate() {
            canvas.digit((GAP + j * CELL, GAP + i * CELL + shift), SCALE, digit);
        }
    }
    if above > 0 {
        canvas.bar(
            (0, above * CELL + GAP / 2),
            (columns * CELL + GAP, 2),
            [160; 3],
        );
    }
    canvas
}

/// Two squares of digits, `side` x `side` each, beside each other.
pub fn side_by_side(left: &[f32], right: &[f32], side: usize) -> Canvas {
    let between = CELL / 2;
    let width = 2 * side * CELL + GAP + between;
    let mut canvas = Canvas::new(width, side * CELL + GAP);
    for (digits, shift) in [(left, 0), (right, side * CELL + between)] {
        for (at, digit) in digits.chunks(PIXELS).take(side * side).enumerate() {
            let place = (GAP + shift + at % side * CELL, GAP + at / side * CELL);
            canvas.digit(place, SCALE, digit);
        }
    }
    canvas.bar(
        (side * CELL + between / 2, 0),
        (2, side * CELL + GAP),
        [160; 3],
    );
    canvas
}

/// A square of digits without gaps, `side` x `side`.
pub fn mosaic(digits: &[f32], side: usize) -> Canvas {
    let mut canvas = Canvas::new(side * SIDE, side * SIDE);
    for (at, digit) in digits.chunks(PIXELS).enumerate() {
        canvas.digit((at % side * SIDE, at / side * SIDE), 1, digit);
    }
    canvas
}

/// Points of a plane coloured by digit; the legend at the right shows a digit of each colour.
pub fn scatter(points: &[[f32; 2]], labels: &[u8], examples: &[f32]) -> Canvas {
    const SIZE: usize = 700;
    const MARGIN: f64 = 15.0;
    let mut canvas = Canvas::new(SIZE + 2 * CELL, SIZE);
    let place = |axis: usize| {
        let values = points.iter().map(|point| f64::from(point[axis]));
        let least = values.clone().fold(f64::INFINITY, f64::min);
        let most = values.fold(f64::NEG_INFINITY, f64::max);
        let scale = (SIZE as f64 - 2.0 * MARGIN) / (most - least).max(f64::MIN_POSITIVE);
        move |value: f32| MARGIN + (f64::from(value) - least) * scale
    };
    let (x, y) = (place(0), place(1));
    for (point, label) in points.iter().zip(labels) {
        let colour = COLOURS[usize::from(*label) % COLOURS.len()];
        // The second coordinate grows upwards.
        canvas.dot((x(point[0]), SIZE as f64 - y(point[1])), 3.0, colour);
    }
    canvas.bar((SIZE, 0), (2, SIZE), [160; 3]);
    for (i, (digit, colour)) in examples.chunks(PIXELS).zip(COLOURS).enumerate() {
        let top = GAP + i * (SIZE / 10);
        canvas.digit((SIZE + 2 * GAP, top), SCALE, digit);
        let middle = (top + CELL / 2) as f64;
        canvas.dot(((SIZE + CELL + CELL / 2) as f64, middle), 12.0, colour);
    }
    canvas
}
