//! What the gene-set readers make of every file that trips a reader in the wild. The first part
//! goes through a table of such cases one by one; each test is one case with our stated result.

use gsae::genesets::{DuplicateNames, GeneSetFormat, ReadOptions};
use gsae::{Error, GeneSetCollection, Result};
use std::io::Write;
use std::path::Path;

fn gmt(text: &str) -> Result<GeneSetCollection> {
    GeneSetCollection::parse(text, Path::new("sets.gmt"), &ReadOptions::default())
}

fn with_policy(text: &str, duplicate_names: DuplicateNames) -> Result<GeneSetCollection> {
    let options = ReadOptions {
        duplicate_names,
        format: None,
    };
    GeneSetCollection::parse(text, Path::new("sets.gmt"), &options)
}

/// Name, description and genes of every set.
fn content(collection: &GeneSetCollection) -> Vec<(&str, &str, Vec<&str>)> {
    let sets = collection.sets().iter();
    sets.map(|set| {
        let genes = set.genes.iter().map(String::as_str).collect();
        (set.name.as_str(), set.description.as_str(), genes)
    })
    .collect()
}

fn lints(collection: &GeneSetCollection) -> Vec<String> {
    collection.lints().iter().map(ToString::to_string).collect()
}

#[test]
fn plain() -> Result<()> {
    let sets = gmt("A\thttp://a\tTP53\tMYC\nB\tb\tKRAS\n")?;
    assert_eq!(
        content(&sets),
        [
            ("A", "http://a", vec!["TP53", "MYC"]),
            ("B", "b", vec!["KRAS"])
        ]
    );
    assert!(sets.lints().is_empty());
    Ok(())
}

#[test]
fn a_blank_description_takes_no_gene() -> Result<()> {
    assert_eq!(
        content(&gmt("A\t\tTP53\tMYC\n")?),
        [("A", "", vec!["TP53", "MYC"])]
    );
    Ok(())
}

#[test]
fn blanks_in_a_set_name_stay() -> Result<()> {
    assert_eq!(
        content(&gmt("My set (1)\td\tTP53\n")?),
        [("My set (1)", "d", vec!["TP53"])]
    );
    Ok(())
}

#[test]
fn blanks_in_a_description_stay() -> Result<()> {
    assert_eq!(
        content(&gmt("A\tfrom a book\tTP53\n")?),
        [("A", "from a book", vec!["TP53"])]
    );
    Ok(())
}

#[test]
fn a_number_after_a_comma_is_a_weight() -> Result<()> {
    let sets = gmt("A\td\tTP53,1.0\tMYC,-0.5\tKRAS\n")?;
    assert_eq!(content(&sets), [("A", "d", vec!["TP53", "MYC", "KRAS"])]);
    assert_eq!(sets.sets()[0].weights, Some(vec![1.0, -0.5, 1.0]));
    Ok(())
}

#[test]
fn other_commas_belong_to_the_name() -> Result<()> {
    let sets = gmt("A\td\t2,3-bisphosphoglycerate\tX,nan\n")?;
    assert_eq!(
        content(&sets),
        [("A", "d", vec!["2,3-bisphosphoglycerate", "X,nan"])]
    );
    assert_eq!(sets.sets()[0].weights, None);
    Ok(())
}

#[test]
fn carriage_returns_go() -> Result<()> {
    assert_eq!(
        content(&gmt("A\td\tTP53\r\nB\td\tMYC\r\n")?),
        [("A", "d", vec!["TP53"]), ("B", "d", vec!["MYC"])]
    );
    Ok(())
}

#[test]
fn trailing_tabs_are_no_genes() -> Result<()> {
    assert_eq!(
        content(&gmt("A\td\tTP53\t\t\t\n")?),
        [("A", "d", vec!["TP53"])]
    );
    Ok(())
}

#[test]
fn blank_lines_are_skipped() -> Result<()> {
    let sets = gmt("A\td\tTP53\n\n   \nB\td\tMYC\n")?;
    assert_eq!(
        content(&sets),
        [("A", "d", vec!["TP53"]), ("B", "d", vec!["MYC"])]
    );
    assert!(sets.lints().is_empty());
    Ok(())
}

const TWICE: &str = "A\td\tTP53\tMYC\nB\td\tKRAS\nA\te\tMYC\tEGFR\tPTEN\n";

#[test]
fn a_duplicate_set_name_loses_nothing_unless_asked() -> Result<()> {
    let sets = gmt(TWICE)?;
    let names: Vec<&str> = sets.sets().iter().map(|set| set.name.as_str()).collect();
    assert_eq!(names, ["A", "B", "A (2)"]);
    assert_eq!(
        lints(&sets),
        ["line 3: A: has the name of the set of line 1; renamed to \"A (2)\""]
    );
    Ok(())
}

#[test]
fn every_policy_for_duplicate_set_names() -> Result<()> {
    let genes_of_a = |policy| -> Result<Option<Vec<String>>> {
        Ok(with_policy(TWICE, policy)?
            .get("A")
            .map(|set| set.genes.clone()))
    };
    let names = |genes: &[&str]| Some(genes.iter().map(ToString::to_string).collect());
    let (first, last) = (names(&["TP53", "MYC"]), names(&["MYC", "EGFR", "PTEN"]));
    assert_eq!(genes_of_a(DuplicateNames::First)?, first);
    assert_eq!(genes_of_a(DuplicateNames::Last)?, last);
    assert_eq!(genes_of_a(DuplicateNames::Smallest)?, first);
    assert_eq!(genes_of_a(DuplicateNames::Largest)?, last);
    assert_eq!(genes_of_a(DuplicateNames::Drop)?, None);
    assert_eq!(
        genes_of_a(DuplicateNames::Union)?,
        names(&["TP53", "MYC", "EGFR", "PTEN"])
    );
    let message = genes_of_a(DuplicateNames::Error).unwrap_err().to_string();
    assert!(
        message.starts_with("sets.gmt, line 3: the set \"A\""),
        "{message}"
    );
    Ok(())
}

#[test]
fn duplicate_genes_are_removed_with_a_remark() -> Result<()> {
    let sets = gmt("A\td\tTP53\tMYC\tTP53\n")?;
    assert_eq!(content(&sets), [("A", "d", vec!["TP53", "MYC"])]);
    assert_eq!(lints(&sets), ["line 1: A: 1 repeated gene removed (TP53)"]);
    Ok(())
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_name() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sets.gmt");
    std::fs::write(&path, b"\xef\xbb\xbfA\td\tTP53\n").unwrap();
    assert_eq!(
        content(&GeneSetCollection::from_path(&path)?),
        [("A", "d", vec!["TP53"])]
    );
    Ok(())
}

#[test]
fn comments_are_no_sets() -> Result<()> {
    let sets = gmt("# made by hand\tx\ty\nA\td\tTP53\n")?;
    assert_eq!(content(&sets), [("A", "d", vec!["TP53"])]);
    Ok(())
}

#[test]
fn a_line_of_one_column_is_skipped_with_its_number() -> Result<()> {
    let sets = gmt("A\td\tTP53\nlonely\nB\td\tMYC\n")?;
    assert_eq!(sets.len(), 2);
    assert_eq!(
        lints(&sets),
        ["line 2: lonely: the line has no tab, so it is no set, and was skipped"]
    );
    Ok(())
}

#[test]
fn a_quote_at_the_start_of_a_field_is_a_character() -> Result<()> {
    let sets = gmt("A\t\"quoted\tTP53\nB\td\t\"MYC\nC\td\tKRAS\n")?;
    assert_eq!(
        content(&sets),
        [
            ("A", "\"quoted", vec!["TP53"]),
            ("B", "d", vec!["\"MYC"]),
            ("C", "d", vec!["KRAS"])
        ]
    );
    Ok(())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

#[test]
fn gzip_is_known_by_content_not_by_name() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    for name in ["sets.gmt.gz", "sets.gmt", "sets"] {
        let path = folder.path().join(name);
        std::fs::write(&path, gzip(b"A\td\tTP53\n")).unwrap();
        assert_eq!(
            content(&GeneSetCollection::from_path(&path)?),
            [("A", "d", vec!["TP53"])]
        );
    }
    Ok(())
}

#[test]
fn a_set_without_genes_is_skipped_with_a_remark() -> Result<()> {
    let sets = gmt("A\td\nB\td\tMYC\n")?;
    assert_eq!(content(&sets), [("B", "d", vec!["MYC"])]);
    assert_eq!(
        lints(&sets),
        ["line 1: A: the set has no genes and was skipped"]
    );
    Ok(())
}

#[test]
fn blanks_instead_of_tabs_are_called_by_name() {
    let message = gmt("A d TP53 MYC\n").unwrap_err().to_string();
    assert!(
        message.starts_with("sets.gmt, line 1: 4 words without a tab"),
        "{message}"
    );
    assert!(message.contains("replace the blanks by tabs"), "{message}");
}

#[test]
fn unreadable_files_name_place_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let error = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        GeneSetCollection::from_path(&path).unwrap_err().to_string()
    };
    assert!(error("empty.gmt", b"").contains("the file is empty"));
    assert!(error("blank.gmt", b"\n \n").contains("the file is empty"));
    assert!(error("sets.zip", b"PK\x03\x04rest").contains("Unzip it"));
    let whole = gzip("A\td\tTP53\n".repeat(100).as_bytes());
    assert!(error("cut.gmt.gz", &whole[..whole.len() / 2]).contains("ends too early"));
    let latin = error("latin.gmt", b"A\td\tTP53\nB\tcaf\xe9\tMYC\n");
    assert!(latin.contains("line 2: the text is not UTF-8"), "{latin}");
}

#[test]
fn an_unknown_name_lists_the_known_ones() {
    let error = GeneSetCollection::open("reactom", &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, Error::Config { .. }));
    assert!(
        error.to_string().contains("reactome, wikipathways, go_bp"),
        "{error}"
    );
}

#[test]
fn gmx_columns_may_be_ragged() -> Result<()> {
    let text = "A\tB\nna\tsecond\nTP53\tMYC\n\tKRAS\nEGFR\n";
    let sets = GeneSetCollection::parse(text, Path::new("x.gmx"), &ReadOptions::default())?;
    assert_eq!(
        content(&sets),
        [
            ("A", "na", vec!["TP53", "EGFR"]),
            ("B", "second", vec!["MYC", "KRAS"])
        ]
    );
    let text = "A\nna\nTP53\tMYC\n";
    let error = GeneSetCollection::parse(text, Path::new("x.gmx"), &ReadOptions::default());
    let message = error.unwrap_err().to_string();
    assert!(
        message.starts_with("x.gmx, line 3, field 2: \"MYC\" stands beyond"),
        "{message}"
    );
    Ok(())
}

#[test]
fn grp_files_are_named_by_their_file_alone_or_in_a_folder() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("b.grp"), "# comment\nTP53\n\nMYC\r\n").unwrap();
    std::fs::write(folder.path().join("a.grp.gz"), gzip(b"KRAS\n")).unwrap();
    std::fs::write(folder.path().join("notes.txt"), "no set").unwrap();
    let sets = GeneSetCollection::from_path(folder.path())?;
    assert_eq!(
        content(&sets),
        [("a", "", vec!["KRAS"]), ("b", "", vec!["TP53", "MYC"])]
    );
    assert_eq!(sets.sources().len(), 2);
    Ok(())
}

#[test]
fn msigdb_json_is_an_object_keyed_by_name() -> Result<()> {
    let text = r#"{"SET_B": {"collection": "C2", "systematicName": "M1", "exactSource": "R-HSA-1",
        "geneSymbols": ["TP53", "MYC"], "filteredBySimilarity": []},
        "SET_A": {"geneSymbols": ["KRAS"], "msigdbURL": "http://x"}}"#;
    let sets = GeneSetCollection::parse(text, Path::new("x.json"), &ReadOptions::default())?;
    assert_eq!(
        content(&sets),
        [
            ("SET_B", "R-HSA-1", vec!["TP53", "MYC"]),
            ("SET_A", "http://x", vec!["KRAS"])
        ]
    );
    let options = ReadOptions {
        format: Some(GeneSetFormat::MsigdbJson),
        ..ReadOptions::default()
    };
    let message = GeneSetCollection::parse("[1]", Path::new("x.json"), &options)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("an object keyed by gene-set name"),
        "{message}"
    );
    Ok(())
}

#[test]
fn written_gmt_has_no_empty_description_and_reads_back() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.gmt");
    gmt("A\t\tTP53,0.25\tMYC\nB b\td\tKRAS\n")?.write_gmt(&path)?;
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text, "A\tna\tTP53,0.25\tMYC,1\nB b\td\tKRAS\n");
    let back = GeneSetCollection::from_path(&path)?;
    assert_eq!(back.sets()[0].weights, Some(vec![0.25, 1.0]));
    assert_eq!(back.len(), 2);
    Ok(())
}

#[test]
fn collections_merge_by_name_and_keep_their_sources() -> Result<()> {
    let both = GeneSetCollection::open("reactome,wikipathways", &ReadOptions::default())?;
    assert_eq!(both.len(), 2702 + 746);
    assert_eq!(both.sources().len(), 2);
    assert!(both.get("Apoptosis").is_some() && both.get("Apoptosis (wikipathways)").is_some());
    assert_eq!(both.lints().len(), 1);
    Ok(())
}
