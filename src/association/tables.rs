//! What was found as tab-separated tables.

use super::classify::Classification;
use super::cluster::Clustering;
use super::compare::{Comparison, Findings};
use super::contrast::EachGroup;
use super::node_columns::NodeColumns;
use super::omnibus::{NodeGroups, NodeTrend};
use super::survival::{SplitKind, Survival};
use super::survival_groups::GroupSurvival;
use crate::io::one_field;
use crate::stats::survival::KaplanMeier;
use std::fmt::Write;

/// What is put beside the findings of a node.
#[derive(Clone, Copy, Default)]
pub struct Extra<'a> {
    /// What is known of the nodes, joined by name.
    pub columns: Option<&'a NodeColumns>,
    /// The genes that lead a node's difference in the contrast with this number.
    pub genes: Option<&'a dyn Fn(usize, usize) -> String>,
}

impl Extra<'_> {
    fn header(&self) -> String {
        let mut text = String::new();
        if self.genes.is_some() {
            text.push_str("\tleading_genes");
        }
        for header in self.columns.iter().flat_map(|columns| columns.headers()) {
            text.push('\t');
            text.push_str(header);
        }
        text
    }

    fn fields(&self, name: &str, node: usize, contrast: usize) -> String {
        let mut text = String::new();
        if let Some(genes) = self.genes {
            text.push('\t');
            text.push_str(&one_field(&genes(contrast, node)));
        }
        if let Some(columns) = self.columns {
            match columns.of(&one_field(name)) {
                Some(fields) => fields.iter().for_each(|field| {
                    text.push('\t');
                    text.push_str(field);
                }),
                None => text.push_str(&"\tNA".repeat(columns.headers().len())),
            }
        }
        text
    }
}

/// A number with the digits that matter, or NA.
fn number(value: f64) -> String {
    match value {
        value if value.is_nan() => "NA".to_owned(),
        value if value.is_infinite() => if value > 0.0 { "inf" } else { "-inf" }.to_owned(),
        value if value != 0.0 && (value.abs() < 1e-3 || value.abs() >= 1e6) => {
            format!("{value:.4e}")
        }
        value => format!("{value:.4}"),
    }
}

fn p(value: f64) -> String {
    if value.is_nan() {
        "NA".to_owned()
    } else {
        format!("{value:.6e}")
    }
}

impl Comparison {
    /// The table of the comparison: a row a node, by ascending p. `names`: the columns of the
    /// scores; `by`: the column of the annotations.
    pub fn to_tsv(&self, names: &[String], by: &str, extra: Extra) -> String {
        match &self.findings {
            Findings::Two(found) => each_tsv(std::slice::from_ref(found), names, extra),
            Findings::Groups { nodes, .. } => self.groups_tsv(nodes, names, extra),
            Findings::Trend { nodes, .. } => trend_tsv(nodes, names, by, extra),
        }
    }

    /// The table of each of several groups against the rest; `None` for other comparisons.
    pub fn each_tsv(&self, names: &[String], extra: Extra) -> Option<String> {
        match &self.findings {
            Findings::Groups { each, .. } => Some(each_tsv(each, names, extra)),
            _ => None,
        }
    }

    fn groups_tsv(&self, nodes: &[NodeGroups], names: &[String], extra: Extra) -> String {
        let extra = Extra {
            genes: None,
            ..extra
        };
        let mut text =
            String::from("name\tn\thighest\tlowest\tstatistic\tp\tadjusted_p\texplained");
        for (group, _) in &self.sizes {
            let _ = write!(text, "\tmean_{}", one_field(group));
        }
        text.push_str(&extra.header());
        text.push('\n');
        for found in nodes {
            let name = &names[found.node];
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
                one_field(name),
                found.size,
                one_field(&found.extremes.0),
                one_field(&found.extremes.1),
                number(found.statistic),
                p(found.p),
                p(found.adjusted_p),
                number(found.explained),
            );
            for mean in &found.means {
                let _ = write!(text, "\t{}", number(*mean));
            }
            let _ = writeln!(text, "{}", extra.fields(name, found.node, 0));
        }
        text
    }
}

fn each_tsv(each: &[EachGroup], names: &[String], extra: Extra) -> String {
    let mut text = String::from(
        "name\tgroup\treference\tdirection\tn_group\tn_reference\tmean_group\tmean_reference\t\
         difference\tstatistic\tdf\tp\tadjusted_p\thedges_g\trank_biserial\tauroc\tauroc_lower\t\
         auroc_upper",
    );
    text.push_str(&extra.header());
    text.push('\n');
    for (contrast, own) in each.iter().enumerate() {
        for found in &own.nodes {
            let name = &names[found.node];
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}{}",
                one_field(name),
                one_field(&own.group),
                one_field(&own.reference),
                one_field(&found.direction(&own.group)),
                found.sizes.0,
                found.sizes.1,
                number(found.means.0),
                number(found.means.1),
                number(found.difference),
                number(found.statistic),
                number(found.df),
                p(found.p),
                p(found.adjusted_p),
                number(found.hedges_g),
                number(found.rank_biserial),
                number(found.auroc),
                number(found.auroc_interval.0),
                number(found.auroc_interval.1),
                extra.fields(name, found.node, contrast),
            );
        }
    }
    text
}

fn trend_tsv(nodes: &[NodeTrend], names: &[String], by: &str, extra: Extra) -> String {
    let mut text = String::from("name\tdirection\tn\tr\tslope_per_sd\tp\tadjusted_p");
    text.push_str(&extra.header());
    text.push('\n');
    for found in nodes {
        let name = &names[found.node];
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}{}",
            one_field(name),
            one_field(&found.direction(by)),
            found.size,
            number(found.r),
            number(found.slope),
            p(found.p),
            p(found.adjusted_p),
            extra.fields(name, found.node, 0),
        );
    }
    text
}

impl Survival {
    /// The table: a row a node, by ascending p of the Cox model.
    pub fn to_tsv(&self, names: &[String], split: SplitKind, extra: Extra) -> String {
        let extra = Extra {
            genes: None,
            ..extra
        };
        let statistic = match split {
            SplitKind::Median => "log_rank_chi_squared",
            SplitKind::Optimal => "maximal_z",
        };
        let mut text = format!(
            "name\tdirection\tn\thazard_ratio\thazard_ratio_lower\thazard_ratio_upper\tz\tp\t\
             adjusted_p\tthreshold\tn_above\t{statistic}\tsplit_p\tsplit_adjusted_p{}\n",
            extra.header()
        );
        for found in &self.nodes {
            let name = &names[found.node];
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}{}",
                one_field(name),
                found.direction(),
                found.subjects,
                number(found.hazard_ratio),
                number(found.interval.0),
                number(found.interval.1),
                number(found.z),
                p(found.p),
                p(found.adjusted_p),
                number(found.threshold),
                found.above,
                number(found.split_statistic),
                p(found.split_p),
                p(found.split_adjusted_p),
                extra.fields(name, found.node, 0),
            );
        }
        text
    }
}

impl GroupSurvival {
    /// The table: a row a level; the log-rank test of all levels stands in every row.
    pub fn to_tsv(&self) -> String {
        let mut text = String::from(
            "group\tn\tevents\texpected\tmedian\tlog_rank_chi_squared\tlog_rank_df\tlog_rank_p\n",
        );
        for group in &self.groups {
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
                one_field(&group.name),
                group.subjects,
                group.events,
                number(group.expected),
                number(group.curve.median().unwrap_or(f64::NAN)),
                number(self.chi_squared),
                self.df,
                p(self.p),
            );
        }
        text
    }

    /// The curves, in the form of [`curves_tsv`]; `by` names the label.
    pub fn curves_tsv(&self, by: &str) -> String {
        let mut text = String::from(CURVES);
        for group in &self.groups {
            curve(&mut text, by, &group.name, &group.curve);
        }
        text
    }
}

const CURVES: &str = "name\tgroup\ttime\tat_risk\tevents\tcensored\tsurvival\tlower\tupper\n";

/// Kaplan-Meier curves of nodes, each of the subjects above and not above its threshold.
pub fn curves_tsv(curves: &[(String, [KaplanMeier; 2])]) -> String {
    let mut text = String::from(CURVES);
    for (name, sides) in curves {
        for (group, side) in ["high", "low"].iter().zip(sides) {
            curve(&mut text, name, group, side);
        }
    }
    text
}

fn curve(text: &mut String, name: &str, group: &str, curve: &KaplanMeier) {
    for point in curve.points() {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            one_field(name),
            one_field(group),
            point.time,
            point.at_risk,
            point.events,
            point.censored,
            number(point.survival),
            number(point.lower),
            number(point.upper),
        );
    }
}

impl Classification {
    /// Accuracy, macro F1 and macro AUROC beside those of always saying the most frequent class.
    pub fn summary_tsv(&self) -> String {
        format!(
            "measure\tvalue\tmajority_class\n\
             accuracy\t{:.4}\t{:.4}\nmacro_f1\t{:.4}\t{:.4}\nmacro_auroc\t{}\t0.5000\n",
            self.confusion.accuracy(),
            self.baseline.accuracy(),
            self.confusion.macro_f1(),
            self.baseline.macro_f1(),
            number(self.macro_auroc()),
        )
    }

    /// A row a class.
    pub fn classes_tsv(&self) -> String {
        let mut text = String::from("class\tn\tprecision\trecall\tf1\tauroc\n");
        for (class, name) in self.classes.iter().enumerate() {
            let own = self.confusion.class(class);
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{}\t{}\t{:.4}\t{:.4}\t{:.4}\t{}",
                one_field(name),
                own.support,
                own.precision,
                own.recall,
                own.f1,
                number(self.aurocs[class]),
            );
        }
        text
    }

    /// A row a true class, a column an answered one.
    pub fn confusion_tsv(&self) -> String {
        let mut text = String::from("true\\answered");
        for name in &self.classes {
            let _ = write!(text, "\t{}", one_field(name));
        }
        text.push('\n');
        for (truth, name) in self.classes.iter().enumerate() {
            text.push_str(&one_field(name));
            for answer in 0..self.classes.len() {
                let _ = write!(text, "\t{}", self.confusion.count(truth, answer));
            }
            text.push('\n');
        }
        text
    }

    /// A row a sample, with its probabilities while it was held out. `samples`: the rows of the
    /// scores.
    pub fn predictions_tsv(&self, samples: &[String]) -> String {
        let mut text = String::from("sample\tfold\tclass\tanswer");
        for name in &self.classes {
            let _ = write!(text, "\tp_{}", one_field(name));
        }
        text.push('\n');
        for (at, row) in self.rows.iter().enumerate() {
            let _ = write!(
                text,
                "{}\t{}\t{}\t{}",
                one_field(&samples[*row]),
                self.fold_of[at] + 1,
                one_field(&self.classes[self.truth[at]]),
                one_field(&self.classes[self.answers[at]]),
            );
            for probability in &self.probabilities[at] {
                let _ = write!(text, "\t{probability:.6}");
            }
            text.push('\n');
        }
        text
    }
}

impl Clustering {
    /// A row a sample; clusters are numbered from 1.
    pub fn to_tsv(&self, samples: &[String]) -> String {
        let mut text = String::from("sample\tcluster\tsilhouette\n");
        for (at, sample) in samples.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{}\t{}\t{}",
                one_field(sample),
                self.clusters[at] + 1,
                number(self.silhouettes[at]),
            );
        }
        text
    }

    /// A row a cluster and top node.
    pub fn top_tsv(&self, names: &[String], extra: Extra) -> String {
        let extra = Extra {
            genes: None,
            ..extra
        };
        let mut text = format!("cluster\tname\tdifference\tauroc{}\n", extra.header());
        for (cluster, top) in self.top.iter().enumerate() {
            for node in top {
                let name = &names[node.node];
                let _ = writeln!(
                    text,
                    "{}\t{}\t{}\t{}{}",
                    cluster + 1,
                    one_field(name),
                    number(node.difference),
                    number(node.auroc),
                    extra.fields(name, node.node, 0),
                );
            }
        }
        text
    }
}
