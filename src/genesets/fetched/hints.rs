//! Collections that are well known by other names than they are fetched by.

/// A word of such a name, in small letters, and what to fetch.
const KNOWN: [(&str, &str); 11] = [
    ("hallmark", "msigdb:h"),
    ("kegg", "enrichr:KEGG_2021_Human"),
    ("biocarta", "msigdb:c2.cp.biocarta"),
    ("canonical", "msigdb:c2.cp"),
    ("oncogenic", "msigdb:c6"),
    ("immunesigdb", "msigdb:c7"),
    ("immunologic", "msigdb:c7"),
    ("go_cc", "go:cc"),
    ("go_mf", "go:mf"),
    ("cellular_component", "go:cc"),
    ("molecular_function", "go:mf"),
];

/// The name by which `gsae genesets fetch` gets a collection that is called otherwise.
pub(crate) fn name_to_fetch(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase().replace([' ', '-', ':', '.'], "_");
    let found = KNOWN.iter().find(|(word, _)| name.contains(word));
    found.map(|(_, fetched)| *fetched)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Result;
    use crate::genesets::CollectionName;

    #[test]
    fn what_is_to_be_fetched_is_a_name() -> Result<()> {
        for (word, fetched) in KNOWN {
            let name: CollectionName = fetched.parse()?;
            assert_eq!(name.to_string(), fetched);
            assert_eq!(name_to_fetch(word), Some(fetched));
        }
        assert_eq!(name_to_fetch("KEGG"), Some("enrichr:KEGG_2021_Human"));
        assert_eq!(name_to_fetch("h.all.Hallmarks"), Some("msigdb:h"));
        assert_eq!(name_to_fetch("reactome"), None);
        Ok(())
    }
}
