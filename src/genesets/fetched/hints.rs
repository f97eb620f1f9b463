//! Collections that are well known by other names than they are fetched by.

use super::{CollectionName, RemoteSource};

/// A word of such a name, in small letters, and what to fetch for human and for mouse. The first
/// that fits counts.
const KNOWN: [(&str, &str, Option<&str>); 16] = [
    ("hallmark", "msigdb:h", Some("msigdb:mh")),
    ("kegg_medicus", "msigdb:c2.cp.kegg_medicus", None),
    ("kegg_legacy", "msigdb:c2.cp.kegg_legacy", None),
    (
        "kegg",
        "enrichr:KEGG_2021_Human",
        Some("enrichr:KEGG_2019_Mouse"),
    ),
    (
        "biocarta",
        "msigdb:c2.cp.biocarta",
        Some("msigdb:m2.cp.biocarta"),
    ),
    ("canonical", "msigdb:c2.cp", Some("msigdb:m2.cp")),
    ("oncogenic", "msigdb:c6", None),
    ("immunesigdb", "msigdb:c7", None),
    ("immunologic", "msigdb:c7", None),
    ("go_cc", "go:cc", Some("go:cc.mouse")),
    ("gocc", "go:cc", Some("go:cc.mouse")),
    ("go_mf", "go:mf", Some("go:mf.mouse")),
    ("gomf", "go:mf", Some("go:mf.mouse")),
    ("cellular_component", "go:cc", Some("go:cc.mouse")),
    ("molecular_function", "go:mf", Some("go:mf.mouse")),
    ("msigdb", "msigdb:h", Some("msigdb:mh")),
];

/// How the names of Enrichr's libraries that have a year begin, in small letters.
const LIBRARIES: [&str; 24] = [
    "allen_brain",
    "azimuth",
    "biocarta",
    "bioplanet",
    "cellmarker",
    "chea",
    "descartes",
    "disgenet",
    "elsevier",
    "encode",
    "go_",
    "gwas",
    "hmdb",
    "jaspar",
    "kegg",
    "mgi",
    "msigdb",
    "nci",
    "panglaodb",
    "panther",
    "reactome",
    "trrust",
    "tabula",
    "wikipathway",
];

/// The name by which `gsae genesets fetch` gets a collection that is called otherwise: by a word
/// that is known (`Hallmark`), as a library of Enrichr (`KEGG_2019_Mouse`), or as MSigDB calls the
/// collection (`c2.cp.reactome`) or its file (`h.all.v2024.1.Hs.symbols.gmt`). Paths to files are
/// not guessed at, but for the last.
pub(crate) fn name_to_fetch(text: &str) -> Option<CollectionName> {
    let text = text.trim();
    let file = text.rsplit(['/', '\\']).next().unwrap_or(text);
    if let Some(name) = of_msigdb_file(file) {
        return Some(name);
    }
    if file.len() < text.len() || is_file(text) {
        return None;
    }
    let (source, part) = match text.split_once(':') {
        Some((source, part)) => (source.parse().ok(), part),
        None => (None, text),
    };
    of_library(part)
        .or_else(|| of_code(part))
        .or_else(|| of_word(part))
        .filter(|name| source.is_none_or(|source: RemoteSource| source == name.source()))
}

/// The name that is meant by one that its source does not have.
pub(super) fn meant_by(name: &CollectionName) -> Option<CollectionName> {
    let part = name.part();
    let known = match name.source() {
        RemoteSource::Msigdb => is_code(part) || part == "msigdb",
        RemoteSource::Enrichr => part.contains(|c: char| c.is_ascii_digit()),
        _ => true,
    };
    let asked = name.version().is_none() && !known;
    asked.then(|| name_to_fetch(&name.to_string()))?
}

/// Whether a text ends as a file does.
fn is_file(text: &str) -> bool {
    let text = text.to_lowercase();
    let text = text.strip_suffix(".gz").unwrap_or(&text);
    let endings = ["gmt", "gmx", "grp", "json", "tsv", "csv", "txt", "tab"];
    let ending = text.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| endings.contains(&ending))
}

/// `c2.cp.kegg_medicus.v2024.1.Hs.symbols.gmt` is `msigdb:c2.cp.kegg_medicus@2024.1.Hs`.
fn of_msigdb_file(file: &str) -> Option<CollectionName> {
    let file = file.strip_suffix(".gz").unwrap_or(file);
    let file = file.strip_suffix(".gmt").unwrap_or(file);
    let (stem, entrez) = match file.strip_suffix(".entrez") {
        Some(stem) => (stem, ".entrez"),
        None => (file.strip_suffix(".symbols")?, ""),
    };
    let (collection, version) = stem.split_once(".v")?;
    let collection = collection.strip_suffix(".all").unwrap_or(collection);
    let part = format!("{collection}{entrez}");
    let dated = version.ends_with(".Hs") || version.ends_with(".Mm");
    is_code(collection)
        .then(|| CollectionName::new(RemoteSource::Msigdb, &part, Some(version).filter(|_| dated)))?
        .ok()
}

/// Enrichr's names have a year: `KEGG_2019_Mouse`, `GO_Biological_Process_2023`.
fn of_library(text: &str) -> Option<CollectionName> {
    let is_year = |word: &str| {
        let number = word.parse::<u16>();
        word.len() == 4 && number.is_ok_and(|year| (2000..2100).contains(&year))
    };
    let lower = text.to_lowercase();
    let named = text.split('_').skip(1).any(is_year)
        && LIBRARIES.iter().any(|start| lower.starts_with(start));
    named.then(|| CollectionName::new(RemoteSource::Enrichr, text, None).ok())?
}

fn of_word(text: &str) -> Option<CollectionName> {
    let name = text.to_lowercase().replace([' ', '-', '.'], "_");
    let (_, human, mouse) = KNOWN.iter().find(|(word, ..)| name.contains(word))?;
    let of_mouse = ["mouse", "mus_musculus", "mm"].iter();
    let of_mouse = of_mouse.clone().any(|word| match word.len() {
        2 => name.split('_').any(|own| own == *word),
        _ => name.contains(word),
    });
    let wanted = if of_mouse { (*mouse)? } else { *human };
    wanted.parse().ok()
}

/// MSigDB's own codes: `H`, `C2`, `c5.go.bp`, `mh`, `m2.cp`.
fn of_code(text: &str) -> Option<CollectionName> {
    let code = text.to_lowercase();
    let code = match code.strip_suffix(".all").unwrap_or(&code) {
        // As it was called until 2023.
        "c2.cp.kegg" => "c2.cp.kegg_legacy",
        code => code,
    };
    is_code(code).then(|| CollectionName::new(RemoteSource::Msigdb, code, None).ok())?
}

/// Whether a collection of MSigDB is called like this: `h`, `mh`, or `c1` to `c9` and `m1` to `m9`
/// with what may follow.
fn is_code(text: &str) -> bool {
    let text = text.strip_suffix(".entrez").unwrap_or(text);
    let first = text.split('.').next().unwrap_or_default();
    let numbered = |rest: &str| matches!(rest.as_bytes(), [b'1'..=b'9']);
    matches!(text, "h" | "mh")
        || first.strip_prefix('c').is_some_and(numbered)
        || first.strip_prefix('m').is_some_and(numbered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Result;

    #[test]
    fn what_is_to_be_fetched_is_a_name() -> Result<()> {
        for (word, human, mouse) in KNOWN {
            for (called, fetched) in [
                (word.to_owned(), Some(human)),
                (word.to_owned() + "_mouse", mouse),
            ] {
                let found = name_to_fetch(&called).map(|name| name.to_string());
                assert_eq!(found.as_deref(), fetched, "{called}");
                if let Some(fetched) = fetched {
                    assert_eq!(fetched.parse::<CollectionName>()?.to_string(), fetched);
                }
            }
        }
        for (called, fetched) in [
            ("KEGG", "enrichr:KEGG_2021_Human"),
            ("h.all.Hallmarks", "msigdb:h"),
            ("KEGG_2019_Mouse", "enrichr:KEGG_2019_Mouse"),
            ("KEGG mouse", "enrichr:KEGG_2019_Mouse"),
            (
                "GO_Biological_Process_2023",
                "enrichr:GO_Biological_Process_2023",
            ),
            ("MSigDB_Hallmark_2020", "enrichr:MSigDB_Hallmark_2020"),
            ("enrichr:kegg", "enrichr:KEGG_2021_Human"),
            ("msigdb:hallmark", "msigdb:h"),
            ("MSigDB", "msigdb:h"),
            ("H", "msigdb:h"),
            ("C2.CP.Reactome", "msigdb:c2.cp.reactome"),
            ("c2.cp.kegg", "msigdb:c2.cp.kegg_legacy"),
            ("m2.cp.biocarta.entrez", "msigdb:m2.cp.biocarta.entrez"),
            ("h.all", "msigdb:h"),
            ("h.all.v2024.1.Hs.symbols.gmt", "msigdb:h@2024.1.Hs"),
            (
                "data/c2.cp.v2023.2.Hs.entrez.gmt.gz",
                "msigdb:c2.cp.entrez@2023.2.Hs",
            ),
            ("h.all.v7.5.1.symbols.gmt", "msigdb:h"),
        ] {
            let found = name_to_fetch(called).map(|name| name.to_string());
            assert_eq!(found.as_deref(), Some(fetched), "{called}");
        }
        for other in [
            "reactome",
            "reactom",
            "my_hallmark_sets.gmt",
            "data/kegg.tsv",
            "kegg/mine",
            "go:kegg",
            "c",
            "sets",
            "run_2024_a.txt",
            "run_2024",
            "",
        ] {
            assert_eq!(name_to_fetch(other), None, "{other}");
        }
        for (asked, meant) in [
            ("msigdb:hallmark", Some("msigdb:h")),
            ("msigdb:H", Some("msigdb:h")),
            ("msigdb:m2.cp.biocarta", None),
            ("msigdb:c2.cp.kegg_medicus@2024.1.Hs", None),
            ("msigdb:msigdb", None),
            ("enrichr:KEGG", Some("enrichr:KEGG_2021_Human")),
            ("enrichr:fly.KEGG_2019", None),
            ("go:cc", None),
        ] {
            let found = meant_by(&asked.parse()?).map(|name| name.to_string());
            assert_eq!(found.as_deref(), meant, "{asked}");
        }
        Ok(())
    }
}
