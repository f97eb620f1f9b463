//! An image of RGB pixels: digits and dots.

use crate::idx::SIDE;
use gsae::{Error, Result};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// Red, green, blue.
pub type Colour = [u8; 3];

const WHITE: Colour = [255; 3];

/// A white image to draw on; what lies outside is not drawn.
pub struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<Colour>,
}

impl Canvas {
    pub fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            pixels: vec![WHITE; width * height],
        }
    }

    fn set(&mut self, x: usize, y: usize, colour: Colour) {
        if x < self.width && y < self.height {
            self.pixels[y * self.width + x] = colour;
        }
    }

    /// A digit, `scale` pixels a pixel; values outside 0..1 are cut off.
    pub fn digit(&mut self, (left, top): (usize, usize), scale: usize, values: &[f32]) {
        for (at, value) in values.iter().enumerate() {
            let grey = 255 - (value.clamp(0.0, 1.0) * 255.0).round() as u8;
            let (x, y) = (left + at % SIDE * scale, top + at / SIDE * scale);
            for (dx, dy) in (0..scale * scale).map(|i| (i % scale, i / scale)) {
                self.set(x + dx, y + dy, [grey; 3]);
            }
        }
    }

    /// A filled circle.
    pub fn dot(&mut self, (x, y): (f64, f64), radius: f64, colour: Colour) {
        let reach = |centre: f64| {
            let least = (centre - radius).floor().max(0.0) as usize;
            least..=(centre + radius).ceil().max(0.0) as usize
        };
        for row in reach(y) {
            for column in reach(x) {
                if (column as f64 - x).hypot(row as f64 - y) <= radius {
                    self.set(column, row, colour);
                }
            }
        }
    }

    /// A filled rectangle.
    pub fn bar(&mut self, (left, top): (usize, usize), (w, h): (usize, usize), colour: Colour) {
        for y in top..top + h {
            for x in left..left + w {
                self.set(x, y, colour);
            }
        }
    }

    /// Writes a PNG.
    pub fn write(&self, path: &Path) -> Result<()> {
        let file = File::create(path).map_err(Error::io("write", path))?;
        let (width, height) = (self.width as u32, self.height as u32);
        let mut encoder = png::Encoder::new(BufWriter::new(file), width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let encode = || -> std::result::Result<(), png::EncodingError> {
            let mut writer = encoder.write_header()?;
            writer.write_image_data(self.pixels.as_flattened())?;
            writer.finish()
        };
        encode()
            .map_err(std::io::Error::from)
            .map_err(Error::io("write", path))
    }
}
