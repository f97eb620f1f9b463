//! Every source fetched from a server on the loopback that serves small files in the source's own
//! layout, and used by name afterwards.

mod remote_support;

use gsae::genesets::{CollectionName, GeneSetCache, GeneSetCollection, Provenance, Relations};
use remote_support::{Server, fetch, gsae, gzipped, zipped};
use std::path::Path;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Gene sets, hierarchy and record of a collection, as the cache has them.
fn cached(cache: &Path, name: &str) -> (GeneSetCollection, Option<Relations>, Provenance) {
    let name: CollectionName = name.parse().expect("a name");
    let found = GeneSetCache::new(cache).find(&name).expect("in the cache");
    let sets = found.load().expect("gene sets");
    let relations = found.relations().expect("a hierarchy or none");
    (sets, relations, found.provenance().clone())
}

fn genes(sets: &GeneSetCollection, name: &str) -> Vec<String> {
    sets.get(name)
        .unwrap_or_else(|| panic!("{name}"))
        .genes
        .clone()
}

const H: &str =
    "HALLMARK_A\thttps://example.org/A\tTP53\tMYC\nHALLMARK_B\thttps://example.org/B\tISG15\n";

fn msigdb() -> Server {
    let listing = "<pre><a href=\"?C=N;O=D\">Name</a> <a href=\"/gsea-msigdb/msigdb/\">Parent</a>\n\
        <a href=\"7.5.1/\">7.5.1/</a> <a href=\"2023.1.Hs/\">2023.1.Hs/</a>\n\
        <a href=\"2024.1.Hs/\">2024.1.Hs/</a> <a href=\"2024.1.Mm/\">2024.1.Mm/</a></pre>";
    let json = r#"{"GOBP_X": {"collection": "C5:GO:BP", "exactSource": "GO:0000001",
        "geneSymbols": ["A", "B"], "msigdbURL": "https://example.org/X"}}"#;
    let release = "<a href=\"h.all.v2024.1.Hs.symbols.gmt\">x</a><a href=\"h.all.v2024.1.Hs.entrez.gmt\">\
        x</a><a href=\"c2.cp.reactome.v2024.1.Hs.symbols.gmt\">x</a><a href=\"msigdb.v2024.1.Hs.symbols.gmt\">";
    let mouse = "<a href=\"mh.all.v2024.1.Mm.symbols.gmt\">x</a>";
    let text = |text: &str| text.as_bytes().to_vec();
    Server::files(vec![
        ("/release/", text(listing)),
        ("/release/2024.1.Hs/", text(release)),
        ("/release/2024.1.Mm/", text(mouse)),
        ("/release/2024.1.Hs/h.all.v2024.1.Hs.symbols.gmt", text(H)),
        (
            "/release/2024.1.Hs/h.all.v2024.1.Hs.entrez.gmt",
            text("HALLMARK_A\tna\t7157\t4609\n"),
        ),
        (
            "/release/2024.1.Mm/mh.all.v2024.1.Mm.symbols.gmt",
            text("HALLMARK_A\tna\tTrp53\n"),
        ),
        (
            "/release/7.5.1/h.all.v7.5.1.symbols.gmt",
            text("HALLMARK_OLD\tna\tTP53\n"),
        ),
        ("/release/2024.1.Hs/c5.go.bp.v2024.1.Hs.json", text(json)),
    ])
}

#[test]
fn msigdb_by_collection_release_species_and_form() {
    let (server, cache) = (msigdb(), folder());
    let cache = cache.path();
    let run = fetch(cache, &server, "msigdb:h", &[]);
    assert!(
        run.stderr.contains("licence of msigdb: CC BY 4.0"),
        "{}",
        run.stderr
    );
    let text = run.ok();
    assert!(
        text.contains("msigdb:h@2024.1.Hs: fetched: 2 gene sets, 3 genes"),
        "{text}"
    );
    let (sets, _, record) = cached(cache, "msigdb:h");
    assert_eq!(genes(&sets, "HALLMARK_A"), ["TP53", "MYC"]);
    assert_eq!(record.version, "2024.1.Hs");
    assert_eq!(record.downloads[0].bytes, H.len() as u64);
    assert!(
        record.downloads[0]
            .url
            .ends_with("/release/2024.1.Hs/h.all.v2024.1.Hs.symbols.gmt")
    );
    assert!(record.licence.contains("CC BY 4.0"));
    assert_eq!(record.fetched.len(), "2024-01-01T00:00:00Z".len());

    // Used by name, and listed.
    let info = gsae(cache, &["genesets", "info", "msigdb:h"]).ok();
    assert!(
        info.contains("memberships      3") && info.contains("msigdb:h@2024.1.Hs"),
        "{info}"
    );
    let list = gsae(cache, &["genesets", "list"]).ok();
    assert!(
        list.contains("msigdb:h@2024.1.Hs  2 sets, 3 genes"),
        "{list}"
    );

    // Other species, ids, release and form.
    fetch(cache, &server, "msigdb:h", &["--species", "mouse"]).ok();
    assert_eq!(
        genes(&cached(cache, "msigdb:mh").0, "HALLMARK_A"),
        ["Trp53"]
    );
    fetch(cache, &server, "msigdb:h.entrez", &[]).ok();
    assert_eq!(
        genes(&cached(cache, "msigdb:h.entrez").0, "HALLMARK_A"),
        ["7157", "4609"]
    );
    fetch(cache, &server, "msigdb:h@7.5.1", &[]).ok();
    assert!(
        cached(cache, "msigdb:h@7.5.1")
            .0
            .get("HALLMARK_OLD")
            .is_some()
    );
    assert_eq!(cached(cache, "msigdb:h").2.version, "2024.1.Hs");
    fetch(cache, &server, "msigdb:c5.go.bp", &["--format", "json"]).ok();
    let (sets, ..) = cached(cache, "msigdb:c5.go.bp");
    assert_eq!(sets.get("GOBP_X").expect("a set").description, "GO:0000001");

    // The form that is asked for, whichever is there.
    for (format, success) in [("json", true), ("gmt", false)] {
        let run = fetch(cache, &server, "msigdb:c5.go.bp", &["--format", format]);
        assert_eq!(run.success, success, "{}", run.stderr);
    }

    // What there is.
    let offers = gsae(
        cache,
        &[
            "genesets",
            "list",
            "--remote",
            "msigdb",
            "--base-url",
            &server.base,
        ],
    )
    .ok();
    for name in [
        "msigdb:h ",
        "msigdb:c2.cp.reactome ",
        "msigdb:msigdb@2024.1.Hs",
        "msigdb:mh ",
    ] {
        assert!(offers.contains(name), "{name} {offers}");
    }
    assert!(!offers.contains("entrez"), "{offers}");

    let error = fetch(cache, &server, "msigdb:c9", &[]).error();
    assert!(
        error.contains("404") && error.contains("list --remote"),
        "{error}"
    );
}

#[test]
fn enrichr_libraries_of_text() {
    let text = "Term with, \"odd\" (name)\t\tTP53\tMYC,1.0\t\nSecond\t\tISG15\t\n";
    let statistics = r#"{"statistics": [{"libraryName": "Lib_2021", "numTerms": 2,
        "geneCoverage": 3, "genesPerTerm": 2.0, "link": "x"}]}"#;
    let server = Server::files(vec![
        (
            "/Enrichr/geneSetLibrary?mode=text&libraryName=Lib_2021",
            text.as_bytes().to_vec(),
        ),
        (
            "/FlyEnrichr/geneSetLibrary?mode=text&libraryName=Lib_2019",
            b"T\t\tRel\t\n".to_vec(),
        ),
        (
            "/Enrichr/geneSetLibrary?mode=text&libraryName=No",
            b"<html>error</html>".to_vec(),
        ),
        ("/Enrichr/datasetStatistics", statistics.as_bytes().to_vec()),
    ]);
    let cache = folder();
    let cache = cache.path();
    fetch(cache, &server, "enrichr:Lib_2021", &[]).ok();
    let (sets, _, record) = cached(cache, "enrichr:Lib_2021");
    assert_eq!(genes(&sets, "Term with, \"odd\" (name)"), ["TP53", "MYC"]);
    assert_eq!(record.version, record.fetched[..10]);
    fetch(cache, &server, "enrichr:Lib_2019", &["--species", "fly"]).ok();
    assert_eq!(
        genes(&cached(cache, "enrichr:fly.Lib_2019").0, "T"),
        ["Rel"]
    );
    let error = fetch(cache, &server, "enrichr:No", &[]).error();
    assert!(error.contains("is no gene-set library"), "{error}");
    let offers = gsae(
        cache,
        &[
            "genesets",
            "list",
            "--remote",
            "enrichr",
            "--base-url",
            &server.base,
        ],
    );
    assert_eq!(offers.ok(), "enrichr:Lib_2021  2 sets, 3 genes\n");
}

#[test]
fn reactome_with_its_hierarchy() {
    let gmt = "Top pathway\tR-HSA-1\tA\tB\tC\nSame name\tR-HSA-2\tA\tB\nSame name\tR-HSA-3\tC\n";
    let relations = "R-HSA-1\tR-HSA-2\nR-HSA-1\tR-HSA-3\nR-MMU-1\tR-MMU-2\nR-HSA-1\tR-HSA-9\n";
    let server = Server::files(vec![
        (
            "/download/current/ReactomePathways.gmt.zip",
            zipped(&[("ReactomePathways.gmt", gmt.as_bytes())]),
        ),
        (
            "/download/current/ReactomePathwaysRelation.txt",
            relations.as_bytes().to_vec(),
        ),
        ("/ContentService/data/database/version", b"92".to_vec()),
    ]);
    let cache = folder();
    let cache = cache.path();
    fetch(cache, &server, "reactome", &[]).ok();
    let (sets, relations, record) = cached(cache, "reactome:human");
    assert_eq!(record.version, "92");
    assert_eq!(record.downloads.len(), 2);
    assert_eq!(genes(&sets, "Same name (R-HSA-3)"), ["C"]);
    assert_eq!(
        sets.get("Top pathway").expect("a set").description,
        "R-HSA-1"
    );
    assert_eq!(relations.expect("a hierarchy").len(), 2);
    let info = gsae(
        cache,
        &[
            "genesets",
            "info",
            "reactome:human",
            "--set",
            "Same name (R-HSA-2)",
        ],
    );
    assert!(info.ok().contains("parents: Top pathway"));
    // The release is known: nothing is downloaded a second time.
    let before = server.requests().len();
    assert!(
        fetch(cache, &server, "reactome", &[])
            .ok()
            .contains("was in the cache")
    );
    assert_eq!(server.requests().len(), before + 1);
    let error = fetch(cache, &server, "reactome:human@80", &[]).error();
    assert!(error.contains("current release only"), "{error}");
}

#[test]
fn wikipathways_by_species() {
    let human =
        "Apoptosis%WikiPathways_20240610%WP254%Homo sapiens\thttps://example.org\t317\t355\n";
    let listing = "<a href=\"wikipathways-20240610-gmt-Homo_sapiens.gmt\">x</a>\
        <a href=\"wikipathways-20240610-gmt-Mus_musculus.gmt\">x</a>";
    let server = Server::files(vec![
        ("/current/gmt/", listing.as_bytes().to_vec()),
        (
            "/20240610/gmt/wikipathways-20240610-gmt-Homo_sapiens.gmt",
            human.as_bytes().to_vec(),
        ),
        (
            "/current/gmt/wikipathways-20240610-gmt-Mus_musculus.gmt",
            b"X%WikiPathways_20240610%WP1%Mus musculus\tu\t1\n".to_vec(),
        ),
    ]);
    let cache = folder();
    let cache = cache.path();
    fetch(cache, &server, "wikipathways", &[]).ok();
    let (sets, _, record) = cached(cache, "wikipathways:human@20240610");
    assert_eq!(genes(&sets, "Apoptosis"), ["317", "355"]);
    assert_eq!(sets.sets()[0].description, "WP254");
    assert_eq!(record.version, "20240610");
    fetch(cache, &server, "wikipathways", &["--species", "mouse"]).ok();
    assert_eq!(genes(&cached(cache, "wikipathways:mouse").0, "X"), ["1"]);
    let error = fetch(cache, &server, "wikipathways:Homo_erectus", &[]).error();
    assert!(
        error.contains("WikiPathways has Homo_sapiens, Mus_musculus"),
        "{error}"
    );
}

const OBO: &str = "format-version: 1.2\ndata-version: releases/2024-06-17\n\n\
    [Term]\nid: GO:0008150\nname: biological_process\nnamespace: biological_process\n\n\
    [Term]\nid: GO:1\nname: repair\nnamespace: biological_process\nalt_id: GO:91\nis_a: GO:0008150 ! bp\n\n\
    [Term]\nid: GO:2\nname: excision\nnamespace: biological_process\nis_a: GO:0008150 {x=\"y\"} ! bp\n\
    relationship: part_of GO:1 ! repair\nrelationship: regulates GO:3 ! other\n\n\
    [Term]\nid: GO:3\nname: other\nnamespace: biological_process\nis_a: GO:0008150\n\n\
    [Term]\nid: GO:4\nname: old\nnamespace: biological_process\nis_obsolete: true\nreplaced_by: GO:1\n\n\
    [Term]\nid: GO:5\nname: catalysis\nnamespace: molecular_function\nrelationship: part_of GO:2\n\n\
    [Typedef]\nid: part_of\nname: part of\nnamespace: external\n";

/// An annotation of GAF 2.2: symbol, qualifier, term, evidence.
fn annotation(symbol: &str, qualifier: &str, term: &str, evidence: &str) -> String {
    format!(
        "UniProtKB\tP1\t{symbol}\t{qualifier}\t{term}\tPMID:1\t{evidence}\t\tP\tname\tsyn\tprotein\ttaxon:9606\t20240101\tUniProt\t\t\n"
    )
}

#[test]
fn gene_ontology_with_negations_obsolete_terms_and_propagation() {
    let gaf = ["!gaf-version: 2.2\n".to_owned()]
        .into_iter()
        .chain([
            annotation("A", "involved_in", "GO:2", "IDA"),
            annotation("B", "NOT|involved_in", "GO:2", "IDA"),
            annotation("B", "involved_in", "GO:3", "IEA"),
            annotation("C", "involved_in", "GO:91", "IDA"),
            annotation("D", "involved_in", "GO:4", "IDA"),
            annotation("E", "enables", "GO:5", "IDA"),
            annotation("F", "involved_in", "GO:0008150", "ND"),
        ])
        .collect::<String>();
    let server = Server::files(vec![
        ("/ontology/go-basic.obo", OBO.as_bytes().to_vec()),
        ("/annotations/goa_human.gaf.gz", gzipped(gaf.as_bytes())),
        (
            "/annotations/mgi.gaf.gz",
            gzipped(annotation("Trp53", "", "GO:1", "IDA").as_bytes()),
        ),
    ]);
    let cache = folder();
    let cache = cache.path();
    fetch(cache, &server, "go:bp", &[]).ok();
    let (sets, relations, record) = cached(cache, "go:bp");
    assert_eq!(record.version, "2024-06-17");
    // part_of lifts A and E to repair; nothing lifts along `regulates`; B is not in excision.
    assert_eq!(genes(&sets, "excision"), ["A", "E"]);
    assert_eq!(genes(&sets, "repair"), ["A", "C", "E"]);
    assert_eq!(genes(&sets, "other"), ["B"]);
    assert_eq!(genes(&sets, "biological_process"), ["A", "B", "C", "E"]);
    assert_eq!(sets.len(), 4);
    let relations = relations.expect("a hierarchy");
    let mut pairs: Vec<(&str, &str, &str)> = relations.iter().collect();
    pairs.sort_unstable();
    assert_eq!(
        pairs,
        [
            ("GO:0008150", "GO:1", "isa"),
            ("GO:0008150", "GO:2", "isa"),
            ("GO:0008150", "GO:3", "isa"),
            ("GO:1", "GO:2", "part of"),
        ]
    );
    let remark = &record.remarks[0];
    assert!(
        remark.contains(
            "of 7 annotations 3 were left out: 1 with NOT, 1 without data (ND), 1 to terms"
        ),
        "{remark}"
    );
    fetch(cache, &server, "go:mf", &[]).ok();
    assert_eq!(genes(&cached(cache, "go:mf").0, "catalysis"), ["E"]);
    fetch(cache, &server, "go:bp", &["--species", "mouse"]).ok();
    assert_eq!(genes(&cached(cache, "go:bp.mouse").0, "repair"), ["Trp53"]);
}

#[test]
fn nothing_is_fetched_unless_asked() {
    let cache = folder();
    let error = gsae(cache.path(), &["genesets", "info", "msigdb:h"]).error();
    assert!(error.contains("`gsae genesets fetch msigdb:h`"), "{error}");
    let error = gsae(
        cache.path(),
        &[
            "fit",
            "-e",
            "examples/pbmc3k/expression.tsv.gz",
            "-g",
            "go:bp",
            "-o",
            "no-such",
        ],
    );
    assert!(error.error().contains("Fetch it first"));
    assert!(!Path::new("no-such").exists());
    for name in ["msigdb:../x", "msigdb:", "enrichr:a/b", "go:bp@"] {
        let error = gsae(cache.path(), &["genesets", "fetch", name]).error();
        assert!(error.contains("letters"), "{name}: {error}");
    }
}
