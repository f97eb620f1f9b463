//! Gene-set tools: formats written and read again, filters, near-duplicates, overlaps, set algebra.

use gsae::genesets::{
    GeneSetFormat, Kept, NamePattern, OnDuplicate, SetFilter, SetOperation, combine, dedupe,
    filter, merge_prefixed, overlap_table,
};
use gsae::nn::random_stream;
use gsae::{GeneSet, GeneSetCollection, Result, SizeFilter};
use rand::RngExt;
use std::collections::{BTreeSet, HashSet};
use std::path::Path;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Random sets of up to `most` of the genes 0 to 39.
fn random_sets(count: usize, most: usize, seed: u64) -> GeneSetCollection {
    let random = &mut random_stream(seed, "gene-set tools");
    let sets = (0..count).map(|number| {
        let size = random.random_range(1..=most);
        let genes: BTreeSet<usize> = (0..size).map(|_| random.random_range(0..40)).collect();
        GeneSet::new(
            format!("SET {number}"),
            "",
            genes.iter().map(|gene| format!("G{gene}")),
        )
    });
    GeneSetCollection::new(sets.collect()).expect("unique names")
}

fn genes(set: &GeneSet) -> HashSet<&str> {
    set.genes.iter().map(String::as_str).collect()
}

#[test]
fn every_format_gives_back_what_was_written() -> Result<()> {
    let mut sets = random_sets(9, 12, 1).sets().to_vec();
    sets[2].name = "odd: [name], \"x\" / y".to_owned();
    sets[3].description = "R-HSA-1".to_owned();
    sets[4].description = "https://example.org/x".to_owned();
    sets[5].weights = Some((0..sets[5].len()).map(|at| at as f32 / 4.0 - 1.0).collect());
    let sets = GeneSetCollection::new(sets)?;
    let folder = folder();
    for (name, format, descriptions) in [
        ("a.gmt", GeneSetFormat::Gmt, true),
        ("a.gmt.gz", GeneSetFormat::Gmt, true),
        ("a.gmx", GeneSetFormat::Gmx, true),
        ("a.json", GeneSetFormat::MsigdbJson, true),
        ("a.tsv", GeneSetFormat::EdgeList, false),
        ("a.tsv.gz", GeneSetFormat::EdgeList, false),
        ("grp", GeneSetFormat::Grp, false),
    ] {
        let path = folder.path().join(name);
        assert_eq!(GeneSetFormat::of_output(&path)?, format);
        sets.write(&path, format)?;
        let read = GeneSetCollection::from_path(&path)?;
        assert!(read.lints().is_empty(), "{name}: {:?}", read.lints());
        assert_eq!(read.len(), sets.len(), "{name}");
        for set in sets.sets() {
            let found = if format == GeneSetFormat::Grp {
                read.get(&set.name.replace(['/', ':', '"'], "_"))
                    .expect("a file")
            } else {
                read.get(&set.name).expect("a set")
            };
            assert_eq!(found.genes, set.genes, "{name}");
            if format == GeneSetFormat::EdgeList {
                // One set's weights give all sets a column.
                let ones = vec![1.0; set.len()];
                assert_eq!(
                    found.weights.as_ref(),
                    Some(set.weights.as_ref().unwrap_or(&ones))
                );
            } else {
                assert_eq!(found.weights, set.weights, "{name}");
            }
            if descriptions {
                let empty = format != GeneSetFormat::MsigdbJson && set.description.is_empty();
                let expected = if empty { "na" } else { &set.description };
                assert_eq!(found.description, expected, "{name}");
            }
        }
    }
    Ok(())
}

#[test]
fn edge_lists_as_they_come() -> Result<()> {
    let parse =
        |text: &str| GeneSetCollection::parse(text, Path::new("net.tsv"), &Default::default());
    let net = parse("source\ttarget\tweight\nJUN\tFOS\t-1\nTP53\tBAX\t0.5\nJUN\tMYC\t2\n")?;
    assert_eq!(net.len(), 2);
    let jun = net.get("JUN").expect("a set");
    assert_eq!(jun.genes, ["FOS", "MYC"]);
    assert_eq!(jun.weights.as_deref(), Some([-1.0, 2.0].as_slice()));
    // msigdbr's columns in another order, as CSV with quotes; a repeated pair.
    let long =
        parse("gene_symbol,other,gs_name\nTP53,x,\"A, B\"\nMYC,y,\"A, B\"\nMYC,z,\"A, B\"\n")?;
    assert_eq!(long.get("A, B").expect("a set").genes, ["TP53", "MYC"]);
    assert_eq!(long.get("A, B").expect("a set").weights, None);
    assert_eq!(long.lints().len(), 1);
    let error = parse("source\ttarget\tweight\nJUN\tFOS\tmuch\n").expect_err("a word");
    assert!(
        error.to_string().contains("line 2: the weight \"much\""),
        "{error}"
    );
    let error = parse("set\tgene\nA\tX\nB\n").expect_err("a missing gene");
    assert!(
        error
            .to_string()
            .contains("line 3: a set or a gene is missing"),
        "{error}"
    );
    // A stray field is told of, not dropped, and makes no set of a line.
    for (text, told) in [
        ("set\tgene\nA\tTP53\nA\tMYC\t\textra\n", "line 3: \"extra\""),
        (
            "source\ttarget\tmor\tdoc\nT1\tA\t1\tx\nT1\tB\t1\ty\nT2\tC\t-1\tz\textra\n",
            "line 4: \"extra\"",
        ),
    ] {
        let error = parse(text).expect_err("a field too many").to_string();
        assert!(error.contains(told), "{error}");
    }
    let longer = parse("set\tgene\tnote\nA\tTP53\tx\t\n")?;
    assert_eq!(longer.get("A").expect("a set").genes, ["TP53"]);
    // A GMT stays one.
    assert_eq!(parse("SET\tgene\tA\tB\n")?.sets()[0].genes, ["A", "B"]);
    let titled = parse("term\tdescription\tgene\nA\tna\tTP53\nB\tna\tMX1\tMX2\n")?;
    assert_eq!(titled.get("B").expect("a set").genes, ["MX1", "MX2"]);
    let commented = parse("# a net\n\nsource\ttarget\tweight\nJUN\tFOS\t-1\nJUN\tMYC\t2\n")?;
    assert_eq!(commented.get("JUN").expect("a set").genes, ["FOS", "MYC"]);
    Ok(())
}

#[test]
fn filters_by_size_name_and_universe() -> Result<()> {
    let sets = GeneSetCollection::new(vec![
        GeneSet::new("HALLMARK_A", "", ["A", "B", "C"]),
        GeneSet::new("HALLMARK_B [x]", "", ["A", "X"]),
        GeneSet::new("OTHER", "", ["A", "B"]),
    ])?;
    let names = |chosen: &SetFilter| -> Result<Vec<String>> {
        let left = filter(&sets, chosen)?;
        Ok(left.sets().iter().map(|set| set.name.clone()).collect())
    };
    let mut chosen = SetFilter {
        keep: vec!["HALLMARK_*".parse()?],
        ..SetFilter::default()
    };
    assert_eq!(names(&chosen)?, ["HALLMARK_A", "HALLMARK_B [x]"]);
    chosen.drop = vec!["HALLMARK_B [x]".parse()?];
    assert_eq!(names(&chosen)?, ["HALLMARK_A"]);
    let universe = SetFilter {
        sizes: SizeFilter::new(2, 2),
        universe: Some(["A", "B"].map(str::to_owned).into()),
        ..SetFilter::default()
    };
    assert_eq!(names(&universe)?, ["HALLMARK_A", "OTHER"]);
    assert_eq!(filter(&sets, &universe)?.sets()[0].genes, ["A", "B"]);
    let keeping = SetFilter {
        keep_genes: true,
        ..universe
    };
    assert_eq!(filter(&sets, &keeping)?.sets()[0].genes, ["A", "B", "C"]);
    Ok(())
}

#[test]
fn no_near_duplicates_are_left_and_every_loss_has_a_reason() -> Result<()> {
    for seed in 0..20 {
        let sets = random_sets(60, 10, seed);
        for kept in [Kept::Largest, Kept::Smallest, Kept::First] {
            let (left, gone) = dedupe(&sets, 0.3, kept, OnDuplicate::Drop)?;
            assert_eq!(left.len() + gone.len(), sets.len());
            let jaccard = |a: &GeneSet, b: &GeneSet| {
                let shared = genes(a).intersection(&genes(b)).count() as f64;
                shared / genes(a).union(&genes(b)).count() as f64
            };
            for (at, a) in left.sets().iter().enumerate() {
                for b in &left.sets()[at + 1..] {
                    assert!(jaccard(a, b) < 0.3);
                }
            }
            for pair in &gone {
                let [a, b] = [&pair.removed, &pair.kept].map(|name| sets.get(name).expect("a set"));
                assert!(left.get(&pair.kept).is_some() && left.get(&pair.removed).is_none());
                assert!((jaccard(a, b) - pair.jaccard).abs() < 1e-12 && pair.jaccard >= 0.3);
                match kept {
                    Kept::Largest => assert!(b.len() >= a.len()),
                    Kept::Smallest => assert!(b.len() <= a.len()),
                    Kept::First => {}
                }
            }
            let (merged, _) = dedupe(&sets, 0.3, kept, OnDuplicate::Merge)?;
            assert_eq!(merged.genes(), sets.genes());
        }
    }
    assert!(dedupe(&random_sets(2, 2, 0), 0.0, Kept::First, OnDuplicate::Drop).is_err());
    Ok(())
}

/// Chances of drawing, counted out.
fn hypergeometric(universe: usize, first: usize, second: usize, shared: usize) -> f64 {
    let choose = |n: usize, k: usize| -> f64 {
        if k > n {
            return 0.0;
        }
        (0..k).map(|at| (n - at) as f64 / (at + 1) as f64).product()
    };
    let ways = |both: usize| choose(first, both) * choose(universe - first, second - both);
    let most = first.min(second);
    (shared..=most)
        .filter(|both| second - both <= universe - first)
        .map(ways)
        .sum::<f64>()
        / choose(universe, second)
}

#[test]
fn overlaps_are_what_counting_says() -> Result<()> {
    let (one, two) = (random_sets(25, 14, 5), random_sets(20, 14, 6));
    let universe: HashSet<String> = (0..36).map(|gene| format!("G{gene}")).collect();
    for (other, universe) in [
        (None, None),
        (Some(&two), None),
        (Some(&two), Some(&universe)),
    ] {
        let all: HashSet<String> = match universe {
            Some(universe) => universe.clone(),
            None => {
                let both = one
                    .sets()
                    .iter()
                    .chain(other.iter().flat_map(|sets| sets.sets()));
                both.flat_map(|set| set.genes.clone()).collect()
            }
        };
        let within = |set: &GeneSet| -> HashSet<String> {
            set.genes
                .iter()
                .filter(|gene| all.contains(*gene))
                .cloned()
                .collect()
        };
        let targets = other.unwrap_or(&one);
        let mut expected = Vec::new();
        let mut p = Vec::new();
        for (at, a) in one.sets().iter().enumerate() {
            let start = if other.is_some() { 0 } else { at + 1 };
            for b in &targets.sets()[start..] {
                let (x, y) = (within(a), within(b));
                let shared = x.intersection(&y).count();
                if x.is_empty() || y.is_empty() {
                    continue;
                }
                let chance = hypergeometric(all.len(), x.len(), y.len(), shared);
                p.push(if shared == 0 { 1.0 } else { chance });
                expected.push((a, b, x.len(), y.len(), shared));
            }
        }
        let adjusted = gsae::stats::hypothesis::benjamini_hochberg(&p)?;
        let rows = overlap_table(&one, other, universe)?;
        let with_shared: Vec<usize> = (0..p.len()).filter(|at| expected[*at].4 > 0).collect();
        assert_eq!(rows.len(), with_shared.len());
        for (row, at) in rows.iter().zip(with_shared) {
            let (a, b, x, y, shared) = expected[at];
            assert_eq!((&row.first, &row.second), (&a.name, &b.name));
            assert_eq!((row.sizes, row.shared), ((x, y), shared));
            assert!((row.jaccard - shared as f64 / (x + y - shared) as f64).abs() < 1e-12);
            assert!((row.overlap_coefficient - shared as f64 / x.min(y) as f64).abs() < 1e-12);
            assert!((row.p - p[at]).abs() < 1e-9, "{row:?} {}", p[at]);
            assert!(
                (row.adjusted_p - adjusted[at]).abs() < 1e-9,
                "{row:?} {}",
                adjusted[at]
            );
        }
    }
    Ok(())
}

#[test]
fn set_algebra_over_names() -> Result<()> {
    let sets = GeneSetCollection::new(vec![
        GeneSet::new("IFN_ALPHA", "", ["ISG15", "MX1", "OAS1"]),
        GeneSet::new("IFN_GAMMA", "", ["MX1", "STAT1", "ISG15"]),
        GeneSet::new("CYCLE", "", ["MX1", "CDK1"]),
    ])?;
    let make = |operation, names: &[&str]| {
        let patterns: Result<Vec<NamePattern>> = names.iter().map(|name| name.parse()).collect();
        combine(&sets, operation, &patterns?, "new")
    };
    let union = make(SetOperation::Union, &["IFN_*"])?;
    assert_eq!(union.genes, ["ISG15", "MX1", "OAS1", "STAT1"]);
    assert_eq!(
        (union.name.as_str(), union.description.as_str()),
        ("new", "union of IFN_*")
    );
    let intersection = make(SetOperation::Intersect, &["IFN_*"])?;
    assert_eq!(intersection.genes, ["ISG15", "MX1"]);
    let difference = make(SetOperation::Difference, &["IFN_*", "CYCLE"])?;
    assert_eq!(difference.genes, ["ISG15", "OAS1", "STAT1"]);
    for (operation, names, expected) in [
        (SetOperation::Union, vec!["NO*"], "names none"),
        (SetOperation::Difference, vec!["CYCLE"], "second pattern"),
        (SetOperation::Difference, vec!["CYCLE", "*"], "has no gene"),
    ] {
        let error = make(operation, &names).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
    }
    Ok(())
}

#[test]
fn collections_of_one_label_collide() -> Result<()> {
    let set = || GeneSetCollection::new(vec![GeneSet::new("A", "", ["X"])]);
    let error = merge_prefixed(&[("x".to_owned(), set()?), ("x".to_owned(), set()?)]);
    assert!(error.expect_err("one label").to_string().contains("x:A"));
    Ok(())
}

#[test]
fn tools_on_the_command_line() {
    let folder = folder();
    let run = |arguments: &[&str]| {
        let output = assert_cmd::cargo::cargo_bin_cmd!("gsae")
            .current_dir(folder.path())
            .env("GSAE_CACHE_DIR", folder.path().join("cache"))
            .args(arguments)
            .output()
            .expect("gsae starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        assert!(output.status.success(), "{}", text(output.stderr));
        text(output.stdout)
    };
    let read =
        |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a written file");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("a file");
    };
    write("one.gmt", "A\tna\tX\tY\tZ\nB\tna\tX\tY\tZ\tW\nC\tna\tQ\n");
    write("two.gmt", "A\tna\tX\n");
    write("genes.txt", "X\nY\nQ\n");
    write("matrix.tsv", "gene\ts1\ts2\nX\t1\t2\nY\t3\t4\n");
    run(&[
        "genesets",
        "filter",
        "one.gmt",
        "--names",
        "[AB]",
        "--universe",
        "genes.txt",
        "-o",
        "f.gmt",
    ]);
    assert_eq!(read("f.gmt"), "A\tna\tX\tY\nB\tna\tX\tY\n");
    run(&[
        "genesets",
        "filter",
        "one.gmt",
        "--universe",
        "matrix.tsv",
        "--min-size",
        "2",
        "-o",
        "m.gmt",
    ]);
    assert_eq!(read("m.gmt"), "A\tna\tX\tY\nB\tna\tX\tY\n");
    run(&[
        "genesets",
        "merge",
        "one.gmt",
        "two.gmt",
        "-o",
        "merged.gmt",
    ]);
    assert!(read("merged.gmt").starts_with("one:A\tna\tX\tY\tZ\nB\t"));
    assert!(read("merged.gmt").ends_with("two:A\tna\tX\n"));
    run(&[
        "genesets",
        "merge",
        "one.gmt",
        "two.gmt",
        "--on-collision",
        "last",
        "-o",
        "last.gmt",
    ]);
    assert!(read("last.gmt").starts_with("A\tna\tX\nB"));
    let report = run(&[
        "genesets",
        "dedupe",
        "one.gmt",
        "--jaccard",
        "0.7",
        "-o",
        "d.gmt",
    ]);
    assert_eq!(report, "removed\tkept\tshared\tjaccard\nA\tB\t3\t0.7500\n");
    assert_eq!(read("d.gmt"), "B\tna\tX\tY\tZ\tW\nC\tna\tQ\n");
    run(&[
        "genesets", "overlap", "one.gmt", "--with", "two.gmt", "-o", "o.tsv",
    ]);
    let table = read("o.tsv");
    assert!(
        table.starts_with("first\tsecond\tsize_first\t")
            && table.contains("\nA\tA\t3\t1\t1\t0.333333\t1.000000\t6.0"),
        "{table}"
    );
    run(&[
        "genesets", "combine", "union", "one.gmt", "?", "--name", "all", "-o", "u.json",
    ]);
    assert!(
        read("u.json").contains("\"X\",\"Y\",\"Z\",\"W\",\"Q\""),
        "{}",
        read("u.json")
    );
    run(&["genesets", "convert", "one.gmt", "-o", "edges.tsv"]);
    assert!(read("edges.tsv").starts_with("set\tgene\nA\tX\n"));
    run(&["genesets", "convert", "edges.tsv", "-o", "folder"]);
    assert_eq!(read("folder/C.grp"), "Q\n");
}
