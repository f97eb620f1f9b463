//! A figure's size, and its two formats.

use super::dashes::with_dashes_cut;
use super::legend::{Legend, Scale};
use super::names::place_names;
use crate::error::{Error, Result};
use kuva::backend::raster::RasterBackend;
use kuva::backend::svg::SvgBackend;
use kuva::plot::legend::LegendPosition;
use kuva::render::layout::Layout;
use kuva::render::plots::Plot;
use kuva::render::render::{Primitive, Scene, collect_legend_entries, render_multiple};
use std::str::FromStr;

/// CSS pixels in a millimetre.
const PER_MM: f64 = 96.0 / 25.4;
/// Pixels of a PNG in a millimetre: 300 to the inch.
const PNG_PER_MM: f64 = 300.0 / 25.4;
/// DejaVu Sans is what the text was measured with and what a PNG has; the others are narrower.
const FONTS: &str = "DejaVu Sans, Verdana, Arial, Helvetica, sans-serif";

/// The most entries of a legend that stands beside a plot.
const MOST_BESIDE: usize = 16;

/// How wide a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FigureWidth {
    /// 85 mm, a column of most journals.
    Column,
    /// 170 mm, a page.
    #[default]
    Page,
}

impl FigureWidth {
    fn mm(self) -> f64 {
        match self {
            Self::Column => 85.0,
            Self::Page => 170.0,
        }
    }

    /// The width of the drawing; a column is drawn larger and scaled down, its letters to 6
    /// points.
    pub(super) fn pixels(self) -> f64 {
        match self {
            Self::Column => 1.25 * self.mm() * PER_MM,
            Self::Page => self.mm() * PER_MM,
        }
    }

    /// `page` letters of a name on a page, fewer in a column.
    pub(super) fn letters(self, page: usize) -> usize {
        match self {
            Self::Column => (page * 3 / 5).max(10),
            Self::Page => page,
        }
    }

    /// How many points are named.
    pub(super) fn named(self, page: usize) -> usize {
        match self {
            Self::Column => page.div_ceil(2),
            Self::Page => page,
        }
    }
}

impl FromStr for FigureWidth {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "column" => Ok(Self::Column),
            "page" => Ok(Self::Page),
            _ => Err(Error::config(
                "--width",
                format!("is column or page, not {text:?}"),
            )),
        }
    }
}

/// What all figures have in common.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FigureOptions {
    /// How wide it is.
    pub width: FigureWidth,
    /// A title above it; papers usually want none.
    pub title: Option<String>,
}

impl FigureOptions {
    /// The same with this title where there is none.
    pub fn or_titled(mut self, title: &str) -> Self {
        self.title.get_or_insert_with(|| title.to_owned());
        self
    }
}

/// A figure, ready to be written.
pub struct Figure {
    scene: Scene,
    mm: f64,
}

impl Figure {
    /// Draws plots at the width asked for, `height` times as high as wide without a legend
    /// beneath. In a column, or where it is long, the legend stands there.
    pub(super) fn new(
        plots: Vec<Plot>,
        options: &FigureOptions,
        height: f64,
        adjust: impl FnOnce(Layout) -> Layout,
    ) -> Self {
        Self::with_scale(plots, options, height, None, adjust)
    }

    /// As [`new`](Self::new), with a scale of colours beneath.
    pub(super) fn with_scale(
        plots: Vec<Plot>,
        options: &FigureOptions,
        height: f64,
        scale: Option<Scale>,
        adjust: impl FnOnce(Layout) -> Layout,
    ) -> Self {
        let width = options.width.pixels();
        let (title, label, tick) = match options.width {
            FigureWidth::Column => (12, 11, 10),
            FigureWidth::Page => (13, 12, 11),
        };
        let layout = Layout::auto_from_plots(&plots)
            .with_width(width)
            .with_height((width * height).round())
            .with_font_family(FONTS)
            .with_title_size(title)
            .with_label_size(label)
            .with_tick_size(tick)
            .with_body_size(tick)
            .with_legend_box(false);
        let layout = layout.with_legend_position(match options.width {
            FigureWidth::Column => LegendPosition::OutsideBottomColumns,
            FigureWidth::Page => LegendPosition::OutsideRightTop,
        });
        let mut layout = adjust(layout);
        if let Some(title) = &options.title {
            layout = layout.with_title(plain(title)).with_title_wrap(70);
        }
        let entries = match layout.legend_entries.clone() {
            Some(entries) => entries,
            None => collect_legend_entries(&plots),
        };
        let mut legend = Legend {
            scale,
            ..Legend::default()
        };
        let beneath = match layout.legend_position {
            LegendPosition::OutsideBottomColumns => true,
            LegendPosition::OutsideRightTop => entries.len() > MOST_BESIDE,
            _ => false,
        };
        if beneath {
            legend.title = layout.legend_title.take().unwrap_or_default();
            legend.entries = entries;
            layout.show_legend = false;
        }
        let mut scene = render_multiple(plots, layout);
        legend.draw(&mut scene, 0.06 * width, tick);
        for element in &mut scene.elements {
            with_true_minus(element);
        }
        Self {
            scene,
            mm: options.width.mm(),
        }
    }

    /// A figure that was drawn by hand, as wide as asked for.
    pub(super) fn of_scene(mut scene: Scene, options: &FigureOptions) -> Self {
        scene.font_family = Some(FONTS.to_owned());
        Self {
            scene,
            mm: options.width.mm(),
        }
    }

    /// The same with the names of points, drawn exactly above them, moved apart.
    pub(super) fn with_names_apart(self, radius: f64) -> Self {
        self.adjusted(|scene| place_names(scene, radius))
    }

    /// The same with a change to what is drawn.
    pub(super) fn adjusted(mut self, change: impl FnOnce(&mut Scene)) -> Self {
        change(&mut self.scene);
        self
    }

    /// The figure as SVG, sized in millimetres; its text stays text.
    pub fn svg(&self) -> String {
        let svg = renumbered(&SvgBackend::new().render_scene(&self.scene));
        let (width, height) = (self.scene.width, self.scene.height);
        let size = format!(
            "width=\"{:.2}mm\" height=\"{:.2}mm\" viewBox=\"0 0 {width} {height}\"",
            self.mm,
            self.mm * height / width
        );
        // The first two attributes are the size in pixels.
        let Some((before, rest)) = svg.split_once("width=\"") else {
            return svg;
        };
        let mut parts = rest.splitn(4, '"');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(_), Some(" height="), Some(_), Some(after)) => format!("{before}{size}{after}"),
            _ => svg,
        }
    }

    /// The figure as PNG, 300 pixels to the inch at its width.
    ///
    /// # Errors
    /// [`Error::Data`] if it cannot be drawn.
    pub fn png(&self) -> Result<Vec<u8>> {
        RasterBackend::new()
            .with_scale((self.mm * PNG_PER_MM / self.scene.width) as f32)
            .render_scene(&with_dashes_cut(&self.scene))
            .map_err(|cause| {
                Error::data(
                    format!("the figure cannot be drawn ({cause})"),
                    "Write it as SVG.",
                )
            })
    }
}

/// Writes a number with the sign that is as wide as a plus.
fn with_true_minus(element: &mut Primitive) {
    if let Primitive::Text { content, .. } = element
        && content.starts_with('-')
        && content.parse::<f64>().is_ok()
    {
        *content = content.replace('-', "\u{2212}");
    }
}

/// A text that is drawn as it is: the drawing library reads `$...$` as mathematics.
pub(super) fn plain(text: &str) -> String {
    let printable = |c: char| if c.is_control() { ' ' } else { c };
    text.chars()
        .map(printable)
        .collect::<String>()
        .replace('$', "\\$")
}

/// A name of at most so many letters.
pub(super) fn short(text: &str, most: usize) -> String {
    let cut = match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most - 1).chain(['\u{2026}']).collect(),
    };
    plain(&cut)
}

/// A name with a number in brackets, of at most so many letters; only the name is cut.
pub(super) fn counted(name: &str, n: usize, most: usize) -> String {
    let number = format!(" ({n})");
    short(name, most.saturating_sub(number.len()).max(4)) + &number
}

/// Refuses what has nothing to draw.
pub(super) fn something(there: bool, what: &str) -> Result<()> {
    match there {
        true => Ok(()),
        false => Err(Error::data(
            format!("there is nothing to draw: {what}"),
            "Check the inputs of the figure.",
        )),
    }
}

/// The name that the library gives to clip paths, with a number that counts on through all
/// figures of a program.
const CLIP: &str = "kuva-clip-";

/// The same with clip paths numbered from 0, whatever was drawn before.
fn renumbered(svg: &str) -> String {
    let mut known: Vec<&str> = Vec::new();
    let mut text = String::with_capacity(svg.len());
    for (at, part) in svg.split(CLIP).enumerate() {
        if at == 0 {
            text.push_str(part);
            continue;
        }
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, rest) = part.split_at(digits);
        let place = known.iter().position(|other| *other == number);
        let place = place.unwrap_or_else(|| {
            known.push(number);
            known.len() - 1
        });
        text.push_str(&format!("{CLIP}{place}{rest}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_and_drawn_as_they_are() {
        assert_eq!(short("abcdef", 4), "abc\u{2026}");
        assert_eq!(short("abcd", 4), "abcd");
        assert_eq!(plain("a\t$x$"), "a \\$x\\$");
        assert_eq!(counted("stimulated", 1000, 12), "stim\u{2026} (1000)");
        assert!("wide".parse::<FigureWidth>().is_err());
    }
}
