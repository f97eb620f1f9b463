//! Words of messages: counts in the singular or plural, and names that may have been meant.

use std::cmp::Ordering;

/// Names that are suggested at most.
const SUGGESTED: usize = 3;

/// A name this near is suggested: the share of its characters that need no edit.
const NEAR: f64 = 0.7;

/// Names so much less near than the nearest are not suggested beside it.
const BEHIND: f64 = 0.1;

/// A count with what is counted: `1 sample`, `2 samples`.
///
/// Words that end in a consonant and `y`, and in `x`, `s`, `tch` or `sh`, have the plural that
/// English gives them.
pub(crate) fn number_of(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {}", plural(what)),
    }
}

/// The verb that goes with a count.
pub(crate) fn verb<'a>(count: usize, one: &'a str, several: &'a str) -> &'a str {
    match count {
        1 => one,
        _ => several,
    }
}

fn plural(what: &str) -> String {
    let vowel = |c: char| "aeiou".contains(c);
    match what.strip_suffix('y') {
        Some(stem) if !stem.ends_with(vowel) => format!("{stem}ies"),
        _ if ["s", "x", "tch", "sh"]
            .iter()
            .any(|end| what.ends_with(end)) =>
        {
            format!("{what}es")
        }
        _ => format!("{what}s"),
    }
}

/// The names most like one that is not among them, the nearest first: the same but for capitals,
/// else of a few edits (Damerau and Levenshtein's) or, of four characters or more, holding it.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let lower = name.to_lowercase();
    let length = lower.chars().count();
    let mut near: Vec<(f64, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let other = candidate.to_lowercase();
            let (short, long) = match (length, other.chars().count()) {
                (own, others) if own < others => (own, others),
                (own, others) => (others, own),
            };
            let holds = length > 3 && other.contains(&lower);
            // What differs more in length cannot be near.
            if !holds && (short as f64) < NEAR * long as f64 {
                return None;
            }
            let likeness = strsim::normalized_damerau_levenshtein(&lower, &other);
            (holds || likeness >= NEAR).then_some((likeness, candidate))
        })
        .collect();
    near.sort_by(|a, b| match b.0.total_cmp(&a.0) {
        Ordering::Equal => a.1.cmp(b.1),
        order => order,
    });
    near.dedup_by(|a, b| a.1 == b.1);
    let nearest = near.first().map_or(0.0, |(likeness, _)| *likeness);
    if nearest >= NEAR {
        near.retain(|(likeness, _)| *likeness >= nearest - BEHIND);
    }
    near.truncate(SUGGESTED);
    near.into_iter().map(|(_, name)| name).collect()
}

/// `. Did you mean "A" or "B"?`, to be put behind a message; nothing where no name is near.
pub(crate) fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let names = nearest(name, known);
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => format!(". Did you mean {last}?"),
        Some((last, others)) => format!(". Did you mean {} or {last}?", others.join(", ")),
    }
}

/// Names in a list, the first `shown` of them; of more that there are more.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>, shown: usize) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let more = names.len().saturating_sub(shown);
    match more {
        0 => names.join(", "),
        _ => format!("{} and {more} more", names[..shown].join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_number() {
        let said: Vec<String> = [
            (0, "sample"),
            (1, "gene set"),
            (2, "entry"),
            (3, "assay"),
            (2, "epoch"),
            (2, "batch"),
        ]
        .map(|(count, what)| number_of(count, what))
        .to_vec();
        let expected = [
            "0 samples",
            "1 gene set",
            "2 entries",
            "3 assays",
            "2 epochs",
            "2 batches",
        ];
        assert_eq!(said, expected);
        assert_eq!((verb(1, "is", "are"), verb(0, "is", "are")), ("is", "are"));
    }

    #[test]
    fn names_of_a_slip_are_found_and_others_are_not() {
        let genes = ["TP53", "TP63", "MYC", "ISG15"];
        assert_eq!(nearest("Trp53", genes), ["TP53"]);
        assert_eq!(nearest("myc", genes), ["MYC"]);
        assert!(nearest("ACTB", genes).is_empty());
        let sets = [
            "Interferon Signaling",
            "Interferon gamma signaling",
            "Apoptosis",
        ];
        assert_eq!(nearest("interferon signalling", sets), [sets[0]]);
        assert_eq!(nearest("interferon", sets).len(), 2);
        assert_eq!(
            did_you_mean("apoptosis", sets),
            ". Did you mean \"Apoptosis\"?"
        );
        assert_eq!(did_you_mean("glycolysis", sets), "");
        let one = did_you_mean("ab", ["abc"]);
        assert_eq!(one, "", "2 of 3 characters are not near");
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(listed(["a", "b"], 2), "a, b");
        assert_eq!(listed(["a", "b", "c", "d"], 2), "a, b and 2 more");
    }
}
