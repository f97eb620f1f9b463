//! The one HTML file of a report.

use super::Run;
use super::document::Document;
use super::inputs::{ReportInputs, ReportOptions};
use crate::error::{Error, Result};
use crate::io::write_text;
use std::path::Path;

const PAGE: &str = include_str!("templates/page.html");
const STYLE: &str = include_str!("templates/style.css");
const SCRIPTS: [&str; 8] = [
    include_str!("templates/data.js"),
    include_str!("templates/dom.js"),
    include_str!("templates/colors.js"),
    include_str!("templates/charts.js"),
    include_str!("templates/canvas.js"),
    include_str!("templates/table.js"),
    include_str!("templates/panel.js"),
    include_str!("templates/main.js"),
];

/// A report as one HTML text that asks nothing of any network.
///
/// All names travel as JSON in an element that is not executed, with `<`, `>` and `&` escaped so
/// that none can end it; the script puts them on the page as text only.
///
/// # Errors
/// [`Error::Data`] if the parts of the run do not belong together, or the labels name none of
/// its samples.
pub fn report_html(run: &Run, inputs: &ReportInputs, options: &ReportOptions) -> Result<String> {
    let document = Document::new(run, inputs, options)?;
    let data = serde_json::to_string(&document).map_err(|cause| {
        Error::data(
            format!("the report cannot be written as JSON ({cause})"),
            "This should not happen; please report it.",
        )
    })?;
    let script = SCRIPTS.join("\n");
    let parts = [
        ("/*STYLE*/", STYLE),
        ("/*DATA*/", &inert(&data)),
        ("/*SCRIPT*/", &script),
    ];
    let mut html = String::with_capacity(data.len() + script.len() + STYLE.len() + 4096);
    let mut rest = PAGE;
    for (mark, text) in parts {
        if let Some((before, after)) = rest.split_once(mark) {
            html.push_str(before);
            html.push_str(text);
            rest = after;
        }
    }
    html.push_str(rest);
    Ok(html)
}

/// Writes [`report_html`] to a file, whole or not at all.
///
/// # Errors
/// As [`report_html`]; [`Error::Io`] if the file cannot be written.
pub fn write_report(
    path: impl AsRef<Path>,
    run: &Run,
    inputs: &ReportInputs,
    options: &ReportOptions,
) -> Result<()> {
    write_text(path, &report_html(run, inputs, options)?)
}

/// JSON that cannot end the element it stands in, nor open a comment there.
fn inert(json: &str) -> String {
    let mut text = String::with_capacity(json.len() + json.len() / 64);
    for c in json.chars() {
        match c {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::inert;

    #[test]
    fn nothing_ends_the_element() {
        let names = [
            "</script><!--",
            "a & b",
            "\u{2028}",
            "\"quoted\"",
            "<script>alert(1)",
        ];
        let json = serde_json::to_string(&names).unwrap_or_default();
        let text = inert(&json);
        assert!(!text.contains(['<', '>', '&']));
        let back: Vec<String> = serde_json::from_str(&text).unwrap_or_default();
        assert_eq!(back, names);
    }
}
