//! Folder listings: the links of an HTML page.

/// The last path segments of all links of a page, in order, each once, without queries and
/// trailing slashes. A listing has no markup within its links that would need a full parser.
pub(super) fn links(html: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let lower = html.to_ascii_lowercase();
    for (start, _) in lower.match_indices("href=") {
        let rest = &html[start + "href=".len()..];
        let target = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => rest[1..].split(quote).next(),
            _ => rest.split([' ', '>']).next(),
        };
        let target = target.unwrap_or_default();
        let path = target.split(['?', '#']).next().unwrap_or_default();
        let name = path.trim_end_matches('/').rsplit('/').next();
        let name = name.unwrap_or_default();
        if !name.is_empty() && !name.starts_with('.') && !found.iter().any(|other| other == name) {
            found.push(name.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::links;

    #[test]
    fn names_of_a_listing() {
        let html = "<a href=\"../\">up</a><A HREF='2024.1.Hs/'>x</A> <a href=/x/y.gmt?C=N>y</a>\
                    <a href=\"2024.1.Hs/\">again</a><a href=\"";
        assert_eq!(links(html), ["2024.1.Hs", "y.gmt"]);
    }
}
