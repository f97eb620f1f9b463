//! What both sides compute on.

use gsae::genesets::ReadOptions;
use gsae::nn::random_stream;
use gsae::stats::scores::Members;
use gsae::{GeneSetCollection, MembershipGraph, SizeFilter};
use rand_distr::{Distribution, StandardNormal};
use std::error::Error;
use std::fmt::Write;
use std::path::Path;

pub const GENES: usize = 16_000;
pub const SAMPLES: usize = 200;

/// A ranking, expression and the sets that ship.
pub struct Data {
    genes: Vec<String>,
    names: Vec<String>,
    /// Positions in the genes.
    pub sets: Vec<Members>,
    /// One statistic a gene.
    pub ranking: Vec<f64>,
    /// `[samples, genes]`, row by row: log values between genes of different levels.
    pub expression: Vec<f32>,
}

impl Data {
    /// The genes of Reactome and as many others as it takes; normal statistics and values.
    pub fn new() -> Result<Self, Box<dyn Error>> {
        let collection = GeneSetCollection::open("reactome", &ReadOptions::default())?;
        let mut genes: Vec<String> = collection.genes().into_iter().map(str::to_owned).collect();
        genes.extend((genes.len()..GENES).map(|at| format!("OTHER{at}")));
        let sizes = SizeFilter::new(15, 500);
        let selected = MembershipGraph::new(&collection).memberships(&genes, sizes);
        let mut random = random_stream(7, "ranking");
        let ranking = (0..GENES).map(|_| StandardNormal.sample(&mut random));
        let ranking: Vec<f64> = ranking.collect();
        let mut random = random_stream(7, "expression");
        let levels: Vec<f64> = (0..GENES)
            .map(|_| {
                let level: f64 = StandardNormal.sample(&mut random);
                7.0 + 2.0 * level
            })
            .collect();
        let expression = (0..SAMPLES * GENES).map(|at| {
            let noise: f64 = StandardNormal.sample(&mut random);
            (levels[at % GENES] + noise) as f32
        });
        Ok(Self {
            expression: expression.collect(),
            names: selected.iter().map(|set| set.name.clone()).collect(),
            sets: selected
                .into_iter()
                .map(|set| Members::new(set.genes))
                .collect(),
            ranking,
            genes,
        })
    }

    /// Writes what `benches/peers/enrichment_scores.py` reads.
    pub fn write(&self, folder: &Path) -> Result<(), Box<dyn Error>> {
        let mut gmt = String::new();
        for (name, set) in self.names.iter().zip(&self.sets) {
            write!(gmt, "{name}\tna")?;
            for &gene in set.genes() {
                write!(gmt, "\t{}", self.genes[gene as usize])?;
            }
            gmt.push('\n');
        }
        let mut ranking = String::new();
        for (gene, statistic) in self.genes.iter().zip(&self.ranking) {
            writeln!(ranking, "{gene}\t{statistic}")?;
        }
        let bytes: Vec<u8> = self
            .expression
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        std::fs::write(folder.join("sets.gmt"), gmt)?;
        std::fs::write(folder.join("ranking.rnk"), ranking)?;
        std::fs::write(folder.join("genes.txt"), self.genes.join("\n"))?;
        std::fs::write(folder.join("expression.f32"), bytes)?;
        Ok(())
    }
}
