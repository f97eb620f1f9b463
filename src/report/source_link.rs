//! Where a gene set is described on the web, by the identifier in its name or description.

/// The address of a gene set's page: Reactome, Gene Ontology, WikiPathways, or an address that
/// the description itself is.
///
/// ```
/// use gsae::report::source_link;
///
/// let link = source_link("Apoptosis", "R-HSA-109581");
/// assert_eq!(link.as_deref(), Some("https://reactome.org/content/detail/R-HSA-109581"));
/// assert_eq!(source_link("My genes", "na"), None);
/// ```
pub fn source_link(name: &str, description: &str) -> Option<String> {
    [description, name].into_iter().find_map(|text| {
        let words = || text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == ':'));
        let reactome = words().find(|word| is_reactome(word));
        let go = words().find(|word| {
            word.strip_prefix("GO:")
                .is_some_and(|rest| digits(rest, 7..8))
        });
        let wiki = words().find(|word| {
            word.strip_prefix("WP")
                .is_some_and(|rest| digits(rest, 1..7))
        });
        if let Some(id) = reactome {
            Some(format!("https://reactome.org/content/detail/{id}"))
        } else if let Some(id) = go {
            Some(format!("https://www.ebi.ac.uk/QuickGO/term/{id}"))
        } else if let Some(id) = wiki {
            Some(format!("https://www.wikipathways.org/pathways/{id}.html"))
        } else {
            address(text)
        }
    })
}

fn digits(text: &str, length: std::ops::Range<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_reactome(word: &str) -> bool {
    let mut parts = word.split('-');
    parts.next() == Some("R")
        && parts.next().is_some_and(|species| {
            species.len() == 3 && species.bytes().all(|b| b.is_ascii_uppercase())
        })
        && parts.next().is_some_and(|number| digits(number, 1..12))
        && parts.next().is_none()
}

/// The text itself where it is nothing but a web address.
fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&()*+,;=%".contains(c);
    (!rest.is_empty() && rest.chars().all(plain)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::source_link;

    #[test]
    fn identifiers_are_found_and_nothing_else_becomes_a_link() {
        let link = |name, description| source_link(name, description).unwrap_or_default();
        assert!(link("X", "GO:0006915").ends_with("/term/GO:0006915"));
        assert!(link("X%WikiPathways_20220610%WP254%Homo sapiens", "na").contains("WP254"));
        assert!(link("R-MMU-123456", "").ends_with("R-MMU-123456"));
        assert_eq!(
            link("H", "http://example.org/cards/H"),
            "http://example.org/cards/H"
        );
        for hostile in [
            "javascript:alert(1)",
            "https://x.org/\"onclick=",
            "https://",
            "GO:12",
            "WPX",
            "R-HSA-",
            "data:text/html,<script>",
        ] {
            assert_eq!(source_link("name", hostile), None, "{hostile}");
        }
    }
}
