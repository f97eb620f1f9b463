//! The membership graph against answers written by hand, and the bundled collections against
//! counts made another way.

use gsae::genesets::{GraphFormat, MembershipGraph, Overlap, ReadOptions, Relations, bundled};
use gsae::{Error, GeneSetCollection, Result, SizeFilter};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Four sets under one parent, one beside them.
const SETS: &str = "\
ALL\tid:all\ta\tb\tc\td\te
LEFT\tid:left\ta\tb\tc
COPY\tid:copy\tc\tb\ta
RIGHT\tid:right\tc,0.5\td
ALONE\tid:alone\tx\ty
";
const RELATIONS: &str = "\
id:all\tid:left
id:all\tid:right\tpart_of
id:left\tid:copy
id:right\tid:unknown
";

fn small() -> Result<MembershipGraph> {
    let path = Path::new("small");
    let sets = GeneSetCollection::parse(SETS, path, &ReadOptions::default())?;
    let relations = Relations::parse(RELATIONS, path)?;
    Ok(MembershipGraph::new(&sets).with_relations(&relations))
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn members_and_sets_of_a_gene() -> Result<()> {
    let graph = small()?;
    assert_eq!(
        (
            graph.n_genes(),
            graph.n_sets(),
            graph.n_memberships(),
            graph.n_relations()
        ),
        (7, 5, 15, 3)
    );
    assert_eq!(graph.sets_of_gene("c"), ["ALL", "LEFT", "COPY", "RIGHT"]);
    assert_eq!(graph.sets_of_gene("nobody"), [""; 0]);
    assert_eq!(graph.genes_of_set("RIGHT"), [("c", 0.5), ("d", 1.0)]);
    assert_eq!(graph.genes_of_set("nothing"), []);
    Ok(())
}

#[test]
fn relatives_near_and_far() -> Result<()> {
    let graph = small()?;
    assert_eq!(graph.children("ALL"), ["LEFT", "RIGHT"]);
    assert_eq!(graph.parents("COPY"), ["LEFT"]);
    assert_eq!(graph.ancestors("COPY"), ["ALL", "LEFT"]);
    assert_eq!(graph.descendants("ALL"), ["COPY", "LEFT", "RIGHT"]);
    assert_eq!(graph.roots(), ["ALL", "ALONE"]);
    assert_eq!(graph.leaves(), ["COPY", "RIGHT", "ALONE"]);
    assert_eq!(
        graph.connected_sets(),
        [vec!["ALL", "LEFT", "COPY", "RIGHT"], vec!["ALONE"]]
    );
    Ok(())
}

#[test]
fn a_cycle_of_relations_ends() -> Result<()> {
    let path = Path::new("cycle");
    let sets = GeneSetCollection::parse("A\tna\tg\nB\tna\tg\n", path, &ReadOptions::default())?;
    let relations = Relations::parse("A\tB\nB\tA\n", path)?;
    let graph = MembershipGraph::new(&sets).with_relations(&relations);
    assert_eq!(graph.ancestors("A"), ["B"]);
    assert_eq!(graph.descendants("A"), ["B"]);
    assert_eq!(graph.roots(), [""; 0]);
    Ok(())
}

#[test]
fn overlaps_duplicates_and_nesting() -> Result<()> {
    let graph = small()?;
    assert_eq!(graph.overlap("LEFT", "RIGHT"), Some(1));
    assert_eq!(graph.jaccard("LEFT", "RIGHT"), Some(0.25));
    assert_eq!(graph.overlap("LEFT", "ALONE"), Some(0));
    assert_eq!(graph.overlap("LEFT", "nothing"), None);
    assert_eq!(graph.equivalent_sets(), [vec!["LEFT", "COPY"]]);
    let nested: Vec<(String, String)> = [("LEFT", "ALL"), ("COPY", "ALL"), ("RIGHT", "ALL")]
        .map(|(inner, outer)| (inner.to_owned(), outer.to_owned()))
        .to_vec();
    assert_eq!(graph.nested_sets(), nested);
    let close: Vec<(String, String, usize)> = graph
        .overlaps(0.6)
        .into_iter()
        .map(
            |Overlap {
                 first,
                 second,
                 shared,
                 ..
             }| (first, second, shared),
        )
        .collect();
    let expected = [("ALL", "LEFT"), ("ALL", "COPY"), ("LEFT", "COPY")]
        .map(|(a, b)| (a.to_owned(), b.to_owned(), 3));
    assert_eq!(close, expected);
    Ok(())
}

#[test]
fn sets_that_differ_only_in_genes_the_data_lack_become_equivalent() -> Result<()> {
    let graph = small()?.restricted_to(&names(&["a", "b", "c"]));
    assert_eq!(graph.n_genes(), 3);
    assert_eq!(graph.equivalent_sets(), [vec!["ALL", "LEFT", "COPY"]]);
    assert_eq!(graph.children("ALL"), ["LEFT", "RIGHT"]);
    Ok(())
}

#[test]
fn the_mask_takes_positions_in_the_datas_genes() -> Result<()> {
    let genes = names(&["d", "nobody", "a", "c"]);
    let selected = small()?.memberships(&genes, SizeFilter::new(2, 2));
    let found: Vec<(&str, &[u32], usize)> = selected
        .iter()
        .map(|set| (set.name.as_str(), set.genes.as_slice(), set.size))
        .collect();
    assert_eq!(
        found,
        [
            ("LEFT", [2, 3].as_slice(), 3),
            ("COPY", [2, 3].as_slice(), 3),
            ("RIGHT", [0, 3].as_slice(), 2)
        ]
    );
    assert_eq!(selected[2].weights, [1.0, 0.5]);
    Ok(())
}

fn written(
    graph: &MembershipGraph,
    format: GraphFormat,
    around: Option<&[String]>,
) -> Result<String> {
    let folder = tempfile::tempdir().map_err(Error::io("create", "a temporary folder"))?;
    let path = folder.path().join("graph");
    graph.write(&path, format, around)?;
    std::fs::read_to_string(&path).map_err(Error::io("read", &path))
}

#[test]
fn graphs_are_written_for_other_programs() -> Result<()> {
    let sets = "P & Q\t<id>\tg1\n\"quoted\"\tid2\tg1\n";
    let path = Path::new("names");
    let sets = GeneSetCollection::parse(sets, path, &ReadOptions::default())?;
    let relations = Relations::parse("<id>\tid2\n", path)?;
    let graph = MembershipGraph::new(&sets).with_relations(&relations);
    insta::assert_snapshot!("graphml", written(&graph, GraphFormat::GraphMl, None)?);
    insta::assert_snapshot!("dot", written(&graph, GraphFormat::Dot, None)?);
    let part = written(&small()?, GraphFormat::Dot, Some(&names(&["RIGHT"])))?;
    insta::assert_snapshot!("dot_around_a_set", part);
    assert!(written(&graph, GraphFormat::Dot, Some(&names(&["nothing"]))).is_err());
    Ok(())
}

#[test]
fn bundled_collections_have_their_sizes() -> Result<()> {
    let mut seen = Vec::new();
    for info in &bundled::COLLECTIONS {
        let sets = info.load()?;
        let distinct: BTreeSet<&str> = sets.sets().iter().map(|set| set.name.as_str()).collect();
        assert_eq!(distinct.len(), sets.len(), "{}: names repeat", info.name);
        seen.push((info.name, sets.len()));
    }
    assert_eq!(
        seen,
        [("reactome", 2702), ("wikipathways", 746), ("go_bp", 9234)]
    );
    Ok(())
}

/// Relations whose two ends are stable ids of sets, counted from the texts alone.
#[test]
fn hierarchies_join_where_both_ends_are_sets() -> Result<()> {
    for name in ["reactome", "go_bp"] {
        let info = bundled::find(name).expect("a bundled collection");
        let sets = info.load()?;
        let relations = info.relations()?.expect("a hierarchy");
        let ids: BTreeSet<&str> = sets
            .sets()
            .iter()
            .map(|set| set.description.as_str())
            .collect();
        let joined: BTreeSet<(&str, &str)> = relations
            .iter()
            .filter(|(parent, child, _)| ids.contains(parent) && ids.contains(child))
            .map(|(parent, child, _)| (parent, child))
            .collect();
        let graph = MembershipGraph::new(&sets).with_relations(&relations);
        assert_eq!(graph.n_relations(), joined.len(), "{name}");
        assert!(joined.len() > sets.len() / 2, "{name}: {}", joined.len());
    }
    Ok(())
}

/// In Reactome a pathway holds all genes of its sub-pathways; in GO, by propagation, too.
#[test]
fn children_are_nested_in_their_parents() -> Result<()> {
    for name in ["reactome", "go_bp"] {
        let info = bundled::find(name).expect("a bundled collection");
        let sets = info.load()?;
        let relations = info
            .relations()?
            .expect("a hierarchy")
            .of_kinds(&["isa", "is_a"]);
        let graph = MembershipGraph::new(&sets).with_relations(&relations);
        let (mut pairs, mut nested) = (0, 0);
        for set in sets.sets() {
            for parent in graph.parents(&set.name) {
                pairs += 1;
                let size = graph.genes_of_set(&set.name).len();
                nested += usize::from(graph.overlap(&set.name, parent) == Some(size));
            }
        }
        assert!(pairs > 1000, "{name}: {pairs}");
        assert!(
            nested as f64 > 0.99 * pairs as f64,
            "{name}: {nested} of {pairs}"
        );
    }
    Ok(())
}

#[test]
fn interferon_signaling_stands_where_reactome_puts_it() -> Result<()> {
    let info = bundled::find("reactome").expect("a bundled collection");
    let relations = info.relations()?.expect("a hierarchy");
    let graph = MembershipGraph::new(&info.load()?).with_relations(&relations);
    assert_eq!(
        graph.ancestors("Interferon alpha/beta signaling"),
        [
            "Cytokine Signaling in Immune system",
            "Immune System",
            "Interferon Signaling"
        ]
    );
    assert!(
        graph
            .descendants("Immune System")
            .contains(&"Interferon alpha/beta signaling")
    );
    assert!(graph.roots().contains(&"Immune System"));
    Ok(())
}

prop_compose! {
    /// Up to eight sets of up to six of nine genes.
    fn any_sets()(members in prop::collection::vec(prop::collection::btree_set(0..9u8, 1..6), 1..8))
        -> Vec<BTreeSet<u8>> {
        members
    }
}

proptest! {
    /// Overlaps found through shared genes are those of comparing all sets with all.
    #[test]
    fn overlaps_are_those_of_all_pairs(members in any_sets(), threshold in 0.0..1.0f64) {
        let text: String = members
            .iter()
            .enumerate()
            .map(|(set, genes)| {
                let genes: String = genes.iter().map(|gene| format!("\tg{gene}")).collect();
                format!("S{set}\tna{genes}\n")
            })
            .collect();
        let sets = GeneSetCollection::parse(&text, Path::new("any"), &ReadOptions::default())
            .expect("valid sets");
        let graph = MembershipGraph::new(&sets);
        let mut expected = BTreeMap::new();
        let mut nested = Vec::new();
        for (i, a) in members.iter().enumerate() {
            for (j, b) in members.iter().enumerate() {
                let shared = a.intersection(b).count();
                let jaccard = shared as f64 / a.union(b).count() as f64;
                if i < j && shared > 0 && jaccard >= threshold {
                    expected.insert((format!("S{i}"), format!("S{j}")), (shared, jaccard));
                }
                if a.is_subset(b) && a.len() < b.len() {
                    nested.push((format!("S{i}"), format!("S{j}")));
                }
            }
        }
        let found: BTreeMap<(String, String), (usize, f64)> = graph
            .overlaps(threshold)
            .into_iter()
            .map(|pair| ((pair.first, pair.second), (pair.shared, pair.jaccard)))
            .collect();
        prop_assert_eq!(found, expected);
        let mut found = graph.nested_sets();
        found.sort();
        nested.sort();
        prop_assert_eq!(found, nested);
    }
}
