//! A pathway, its genes, and the pathways that share them.

use super::figure::{Figure, FigureOptions, FigureWidth, plain, short, something};
use super::names::LETTER;
use super::palette::{NEUTRAL, group};
use crate::error::Result;
use kuva::render::render::{Primitive, Scene, TextAnchor};

/// The size of letters, the height of a line of them, and of a gene.
const LETTERS: u32 = 10;
const LINE: f64 = 12.5;
const ROW: f64 = 14.0;
/// What is left free above and below.
const MARGIN: f64 = 6.0;
/// The most lines of a name, and the edges of the squares.
const MOST_LINES: usize = 4;
const SQUARE: f64 = 9.0;

/// A pathway of the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct MembershipNode {
    /// Its name.
    pub name: String,
    /// Its genes among those drawn.
    pub genes: Vec<String>,
}

/// The membership graph around the first of `sets`: squares are pathways, circles genes, lines
/// memberships. The pathway stands on the left, its genes in the middle and the other pathways,
/// each with a colour of its own, on the right, so that no name covers another.
///
/// # Errors
/// [`Error::Data`](crate::Error::Data) without a set or a gene.
pub fn membership(sets: &[MembershipNode], options: &FigureOptions) -> Result<Figure> {
    something(
        sets.first().is_some_and(|set| !set.genes.is_empty()),
        "the pathway has no gene here",
    )?;
    let width = options.width.pixels();
    let genes = in_order(sets);
    let labels: Vec<String> = genes.iter().map(|gene| short(gene, 16)).collect();
    let letter = LETTER * f64::from(LETTERS);
    let long = |text: &str| letter * text.chars().count() as f64;
    // Capitals are wide.
    let gene_long = |text: &str| 1.16 * long(text);
    let longest = labels.iter().map(|label| gene_long(label));
    let longest = longest.fold(0.0, f64::max);

    // From left to right: a name, its square, genes and their names, squares, names.
    let (name_letters, fan) = match options.width {
        FigureWidth::Column => (13, 46.0),
        FigureWidth::Page => (24, 90.0),
    };
    let own_x = letter * name_letters as f64 + 12.0;
    let gene_x = own_x + fan;
    let label_x = gene_x + 6.0;
    let leave_x = label_x + longest + 3.0;
    let other_x = leave_x + fan;
    let other_letters = ((width - other_x - SQUARE - 8.0) / letter) as usize;

    let others: Vec<Vec<String>> = sets[1..]
        .iter()
        .map(|set| wrapped(&set.name, other_letters.max(8)))
        .collect();
    let tallest = others.iter().map(Vec::len).max().unwrap_or(0) as f64 * LINE + 6.0;
    let title = options.title.as_ref().map_or(0.0, |_| 22.0);
    let inside = (ROW * genes.len() as f64).max(tallest * others.len() as f64);
    let mut scene = Scene::new(width, (inside + 2.0 * MARGIN + title).round());
    scene.background_color = Some("white".to_owned());
    let height = |share: f64| MARGIN + title + share * inside;
    let gene_y = |at: usize| height((at as f64 + 0.5) / genes.len() as f64);

    // The others in the order of the middle of their genes, so that few lines cross.
    let middle = |set: &MembershipNode| {
        let own = genes.iter().enumerate();
        let own = own.filter(|(_, gene)| set.genes.contains(gene));
        let places: Vec<f64> = own.map(|(at, _)| at as f64).collect();
        places.iter().sum::<f64>() / places.len().max(1) as f64
    };
    let mut order: Vec<usize> = (0..others.len()).collect();
    order.sort_by(|&a, &b| middle(&sets[a + 1]).total_cmp(&middle(&sets[b + 1])));
    let mut other_y = vec![0.0; others.len()];
    for (place, &at) in order.iter().enumerate() {
        other_y[at] = height((place as f64 + 0.5) / others.len() as f64);
    }
    // All but the colour of the first.
    let color = |at: usize| group([0, 2, 3, 1, 4, 6, 7][at % 7]);
    let mut line = |from: (f64, f64), to: (f64, f64), color: &str| {
        scene.add(Primitive::Line {
            x1: from.0,
            y1: from.1,
            x2: to.0,
            y2: to.1,
            stroke: color.into(),
            stroke_width: 0.9,
            stroke_dasharray: None,
        });
    };
    let center = height(0.5);
    for (at, gene) in genes.iter().enumerate() {
        line((own_x, center), (gene_x, gene_y(at)), group(5));
        let mut shared = false;
        for (other, set) in sets[1..].iter().enumerate() {
            if set.genes.contains(gene) {
                shared = true;
                let to = (other_x, other_y[other]);
                line((leave_x, gene_y(at)), to, color(other));
            }
        }
        let end = label_x + gene_long(&labels[at]) + 3.0;
        if shared && end < leave_x {
            // Lines leave where every name has ended, so that they cross none.
            line((end, gene_y(at)), (leave_x, gene_y(at)), NEUTRAL);
        }
    }
    for (at, label) in labels.into_iter().enumerate() {
        scene.add(Primitive::Circle {
            cx: gene_x,
            cy: gene_y(at),
            r: 3.0,
            fill: "#333333".into(),
            fill_opacity: None,
            stroke: None,
            stroke_width: None,
        });
        write(
            &mut scene,
            (label_x, gene_y(at)),
            &[label],
            TextAnchor::Start,
        );
    }
    square(&mut scene, (own_x, center), SQUARE + 3.0, group(5));
    let name = wrapped(&sets[0].name, name_letters);
    write(&mut scene, (own_x - 10.0, center), &name, TextAnchor::End);
    for (at, name) in others.iter().enumerate() {
        square(&mut scene, (other_x, other_y[at]), SQUARE, color(at));
        let place = (other_x + SQUARE, other_y[at]);
        write(&mut scene, place, name, TextAnchor::Start);
    }
    if let Some(text) = &options.title {
        scene.add(Primitive::Text {
            x: width / 2.0,
            y: 16.0,
            content: plain(text),
            size: 12,
            anchor: TextAnchor::Middle,
            rotate: None,
            bold: false,
            color: None,
        });
    }
    Ok(Figure::of_scene(scene, options))
}

fn square(scene: &mut Scene, (x, y): (f64, f64), edge: f64, color: &str) {
    scene.add(Primitive::Rect {
        x: x - edge / 2.0,
        y: y - edge / 2.0,
        width: edge,
        height: edge,
        fill: color.into(),
        stroke: Some("#ffffff".into()),
        stroke_width: Some(1.0),
        opacity: None,
    });
}

/// Writes lines one below the other, around the height `y`.
fn write(scene: &mut Scene, (x, y): (f64, f64), lines: &[String], anchor: TextAnchor) {
    let top = y - LINE * lines.len() as f64 / 2.0;
    for (at, line) in lines.iter().enumerate() {
        scene.add(Primitive::Text {
            x,
            y: top + LINE * (at as f64 + 0.76),
            content: line.clone(),
            size: LETTERS,
            anchor,
            rotate: None,
            bold: false,
            color: None,
        });
    }
}

/// A name in lines of at most so many letters, broken between words where that can be.
fn wrapped(name: &str, letters: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in name.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        while !word.is_empty() {
            let room = letters.saturating_sub(used + usize::from(used > 0));
            let takes_all = word.len() <= room;
            if !takes_all && used > 0 {
                lines.push(String::new());
                used = 0;
                continue;
            }
            let part: Vec<char> = word.drain(..word.len().min(room)).collect();
            if let Some(line) = lines.last_mut() {
                if used > 0 {
                    line.push(' ');
                    used += 1;
                }
                line.extend(&part);
                used += part.len();
            }
        }
    }
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        if let Some(last) = lines.last_mut() {
            let kept: String = last.chars().take(letters - 1).collect();
            *last = kept + "\u{2026}";
        }
    }
    lines.iter().map(|line| plain(line)).collect()
}

/// The genes of the first set in an order that keeps together what the others share.
fn in_order(sets: &[MembershipNode]) -> Vec<String> {
    let mut genes: Vec<(Vec<bool>, &String)> = sets[0]
        .genes
        .iter()
        .map(|gene| {
            let shared = sets[1..].iter().map(|set| !set.genes.contains(gene));
            (shared.collect(), gene)
        })
        .collect();
    genes.sort();
    genes.dedup();
    genes.into_iter().map(|(_, gene)| gene.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_broken_between_words() {
        let lines = wrapped("Interferon alpha/beta signaling", 13);
        assert_eq!(lines, ["Interferon", "alpha/beta", "signaling"]);
        assert_eq!(wrapped("Apoptosis", 13), ["Apoptosis"]);
        assert_eq!(wrapped("", 13), [""]);
        let long = wrapped(&"ABCDEFGHIJ".repeat(9), 8);
        assert_eq!(long.len(), MOST_LINES);
        assert_eq!(long[0], "ABCDEFGH");
        assert!(long.iter().all(|line| line.chars().count() <= 8));
        assert!(long[3].ends_with('\u{2026}'));
    }
}
