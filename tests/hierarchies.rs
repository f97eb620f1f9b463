//! The masks of Reactome and of the Gene Ontology, level by level, against counts made from the
//! files themselves: nodes, connections between nodes, connections to genes.

use flate2::read::GzDecoder;
use gsae::genesets::Relations;
use gsae::genesets::{Annotations as GoAnnotations, Aspect, Ontology, OntologySets, bundled};
use gsae::mask::SetMap;
use gsae::nn::random_stream;
use gsae::pipeline::{Annotations, fit_annotated};
use gsae::training::Silent;
use gsae::{ExpressionMatrix, FitOptions, GeneSetCollection, Result, SizeFilter};
use rand::RngExt;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::Read;
use std::path::Path;

/// Sets by id and parent-child pairs.
#[derive(Default)]
struct Hierarchy {
    genes: BTreeMap<String, BTreeSet<String>>,
    pairs: BTreeSet<(String, String)>,
}

/// What a level has: nodes, connections to lower nodes, connections to genes.
type Counts = (usize, usize, usize);

impl Hierarchy {
    fn shipped(name: &str) -> Self {
        let text = |file: String| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("genesets")
                .join(file);
            let file = std::fs::File::open(path).expect("a shipped file");
            let mut text = String::new();
            GzDecoder::new(file)
                .read_to_string(&mut text)
                .expect("gzip");
            text
        };
        let mut found = Self::default();
        for line in text(format!("{name}.gmt.gz")).lines() {
            let mut fields = line.split('\t').skip(1).map(str::to_owned);
            let id = fields.next().expect("an id");
            found.genes.insert(id, fields.collect());
        }
        for line in text(format!("{name}_relations.tsv.gz")).lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            found
                .pairs
                .insert((fields[0].to_owned(), fields[1].to_owned()));
        }
        found
    }

    /// The sets of at least `min` genes, of them those less than `levels` steps from a top one
    /// (0: all), by the longest way down: counts from the bottom.
    fn count(&self, min: usize, levels: usize) -> Vec<Counts> {
        let mut used: BTreeSet<&str> = self
            .genes
            .iter()
            .filter(|(_, genes)| genes.len() >= min)
            .map(|(id, _)| id.as_str())
            .collect();
        if levels > 0 {
            let children = self.children(&used);
            let below: HashSet<&str> = children.values().flatten().copied().collect();
            let mut layer: BTreeSet<&str> = &used - &below.into_iter().collect();
            let mut kept = layer.clone();
            for _ in 1..levels {
                layer = layer
                    .iter()
                    .flat_map(|id| children[id].iter().copied())
                    .filter(|id| !kept.contains(id))
                    .collect();
                kept.extend(&layer);
            }
            used = kept;
        }
        let children = self.children(&used);
        // Heights by repetition until nothing changes.
        let mut height: HashMap<&str, usize> = used.iter().map(|id| (*id, 0)).collect();
        loop {
            let mut changed = false;
            for (parent, children) in &children {
                let least = children.iter().map(|child| height[child] + 1).max();
                if least.unwrap_or(0) > height[parent] {
                    height.insert(parent, least.unwrap_or(0));
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        let mut counts = vec![(0, 0, 0); height.values().max().map_or(0, |top| top + 1)];
        for (id, children) in &children {
            let level = &mut counts[height[id]];
            let through: HashSet<&String> = children
                .iter()
                .flat_map(|child| &self.genes[*child])
                .collect();
            level.0 += 1;
            level.1 += children.len();
            level.2 += self.genes[*id]
                .iter()
                .filter(|gene| !through.contains(gene))
                .count();
        }
        counts
    }

    /// The next used sets below every used set, through those that are not.
    fn children<'a>(&'a self, used: &BTreeSet<&'a str>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
        let mut direct: HashMap<&str, Vec<&str>> = HashMap::new();
        for (parent, child) in &self.pairs {
            if self.genes.contains_key(parent) && self.genes.contains_key(child) {
                direct.entry(parent).or_default().push(child);
            }
        }
        let mut all = BTreeMap::new();
        for &id in used {
            let mut below = BTreeSet::new();
            let mut seen = HashSet::from([id]);
            let mut open = vec![id];
            while let Some(next) = open.pop() {
                for &child in direct.get(next).into_iter().flatten() {
                    if seen.insert(child) {
                        if used.contains(child) {
                            below.insert(child);
                        } else {
                            open.push(child);
                        }
                    }
                }
            }
            all.insert(id, below);
        }
        all
    }
}

fn counts(map: &SetMap) -> Vec<Counts> {
    let direct: Vec<usize> = map.direct().rows().map(<[u32]>::len).collect();
    map.levels()
        .iter()
        .map(|level| {
            let to_genes = direct[level.nodes.clone()].iter().sum();
            (
                level.nodes.len(),
                level.children.rows().map(<[u32]>::len).sum(),
                to_genes,
            )
        })
        .collect()
}

/// The map that a model over all genes of the sets gets.
fn map(
    sets: &GeneSetCollection,
    relations: &Relations,
    min: usize,
    levels: usize,
) -> Result<Vec<Counts>> {
    let random = &mut random_stream(1, "hierarchies");
    let genes: Vec<String> = sets.genes().into_iter().map(str::to_owned).collect();
    let samples = 8;
    let values = (0..samples * genes.len()).map(|_| 1.0 + random.random::<f32>());
    let names = (0..samples)
        .map(|number| format!("sample {number}"))
        .collect();
    let expression = ExpressionMatrix::new(names, genes, values.collect())?;
    let mut options = FitOptions::default().with_seed(1);
    options.sizes = SizeFilter::new(min, usize::MAX);
    options.hierarchy.levels = Some(levels);
    options.training.epochs = 1;
    let annotations = Annotations {
        relations: Some(relations),
        samples: None,
    };
    let (trained, _) = fit_annotated(&expression, sets, annotations, options, &mut Silent)?;
    assert_eq!(trained.genes().len(), expression.n_genes());
    Ok(counts(trained.map().expect("a map")))
}

fn check_shipped(name: &str, min: usize, levels: &[usize]) -> Result<()> {
    let expected = Hierarchy::shipped(name);
    let info = bundled::find(name).expect("a bundled collection");
    let (sets, relations) = (info.load()?, info.relations()?.expect("a hierarchy"));
    for &levels in levels {
        let counted = expected.count(min, levels);
        println!("{name}, {levels} levels: {counted:?}");
        assert!(counted.len() > 2);
        assert_eq!(
            map(&sets, &relations, min, levels)?,
            counted,
            "{name}, {levels} levels"
        );
    }
    Ok(())
}

#[test]
fn shipped_reactome() -> Result<()> {
    check_shipped("reactome", 15, &[0, 3])
}

#[test]
fn shipped_gene_ontology() -> Result<()> {
    check_shipped("go_bp", 15, &[0, 4])
}

/// A made-up ontology and its annotations, as files and as what should come of them.
fn made_up(terms: usize, genes: usize) -> (String, String, Hierarchy) {
    let random = &mut random_stream(3, "made-up ontology");
    let id = |term: usize| format!("GO:{:07}", term + 1);
    let mut obo = "format-version: 1.2\ndata-version: go/2025-01-01/go-basic.obo\n".to_owned();
    // What lies above every term: `regulates` leads nowhere.
    let mut above: Vec<BTreeSet<usize>> = Vec::new();
    let mut found = Hierarchy::default();
    for term in 0..terms {
        obo.push_str(&format!(
            "\n[Term]\nid: {}\nname: term {term}\nnamespace: biological_process\n",
            id(term)
        ));
        let mut own = BTreeSet::from([term]);
        for kind in [
            "is_a: ",
            "relationship: part_of ",
            "relationship: regulates ",
        ] {
            if term > 0 && (kind == "is_a: " || random.random_range(0..3) == 0) {
                let parent = random.random_range(0..term);
                obo.push_str(&format!("{kind}{} ! term {parent}\n", id(parent)));
                if !kind.contains("regulates") {
                    own.extend(&above[parent]);
                    found.pairs.insert((id(parent), id(term)));
                }
            }
        }
        above.push(own);
    }
    let mut gaf = "!gaf-version: 2.2\n".to_owned();
    for gene in 0..genes {
        for _ in 0..3 {
            let term = random.random_range(0..terms);
            let not = random.random_range(0..10) == 0;
            let qualifier = if not {
                "NOT|involved_in"
            } else {
                "involved_in"
            };
            gaf.push_str(&format!(
                "X\tP{gene}\tG{gene}\t{qualifier}\t{}\tR\tIDA\t\tP\t\t\tprotein\ttaxon:9606\t20250101\tX\t\t\n",
                id(term)
            ));
            if !not {
                for &term in &above[term] {
                    let set = found.genes.entry(id(term)).or_default();
                    set.insert(format!("G{gene}"));
                }
            }
        }
    }
    (obo, gaf, found)
}

#[test]
fn gene_ontology_from_its_files() -> Result<()> {
    let (obo, gaf, expected) = made_up(300, 2000);
    let path = Path::new("made-up");
    let ontology = Ontology::parse(&obo, path)?;
    let annotations = GoAnnotations::read(gaf.as_bytes(), path, &ontology)?;
    let made = OntologySets::new(&ontology, &annotations, Aspect::Process)?;
    assert_eq!(made.sets.len(), expected.genes.len());
    for set in made.sets.sets() {
        let genes: BTreeSet<String> = set.genes.iter().cloned().collect();
        assert_eq!(genes, expected.genes[&set.description], "{}", set.name);
    }
    for levels in [0, 2, 5] {
        let counted = expected.count(10, levels);
        println!("{levels} levels: {counted:?}");
        assert!(counted.len() > 1);
        assert_eq!(map(&made.sets, &made.relations, 10, levels)?, counted);
    }
    Ok(())
}

#[test]
fn bad_ontologies_and_annotations_are_refused_with_their_line() -> Result<()> {
    let path = Path::new("go.obo");
    let term = "[Term]\nid: GO:1\nname: a\nnamespace: biological_process\n";
    for (text, expected) in [
        ("".to_owned(), "there is no term"),
        (
            format!("{term}is_a: GO:2 ! b\n"),
            "line 1: the term GO:1 is below GO:2",
        ),
        (
            format!("{term}\n{term}"),
            "line 6: the term GO:1 stands there twice",
        ),
        (
            term.replace("biological_process", "other"),
            "namespace \"other\"",
        ),
        ("[Term]\nname: a\n".to_owned(), "line 1: a term has no id"),
    ] {
        let error = Ontology::parse(&text, path)
            .expect_err(expected)
            .to_string();
        assert!(error.contains(expected), "{error}");
    }
    let ontology = Ontology::parse(term, path)?;
    for (text, expected) in [
        ("!gaf\nX\tP\tG\n", "line 2"),
        (
            "X\tP\tG\t\tGO:7\tR\tIDA\t\tP\t\t\tprotein\tt\td\tX\n",
            "none of 1 annotations",
        ),
    ] {
        let error = GoAnnotations::read(text.as_bytes(), path, &ontology);
        let error = error.expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
    }
    Ok(())
}
