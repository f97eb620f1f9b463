//! From a run and the tables beside it to what figures are drawn from.

use super::figures::{
    EvidencePoint, GroupValues, HeatmapData, LossCurve, MembershipNode, PointColors, RunningSum,
    SurvivalGroup, Track, VolcanoEntry,
};
use super::order::{PATIENCE, clustered, distinct};
use super::{Annotation, GeneRanking, Labels, Run, SupersetTables, Table, supersets};
use crate::error::{Error, Result};
use crate::stats::survival::log_rank;
use crate::wording::did_you_mean;
use std::collections::{HashMap, HashSet};

/// The most columns of a heatmap that stands alone.
const HEATMAP_SAMPLES: usize = 500;

/// The position of a name: the name itself, or the only one that holds the text, whatever its
/// case.
///
/// # Errors
/// [`Error::Config`] naming `option` if there is no such name, or several.
pub fn find_name(names: &[String], text: &str, option: &'static str) -> Result<usize> {
    if let Some(at) = names.iter().position(|name| name == text) {
        return Ok(at);
    }
    let lower = text.to_lowercase();
    let holds = names.iter().enumerate();
    let holds: Vec<(usize, &String)> = holds
        .filter(|(_, name)| name.to_lowercase().contains(&lower))
        .collect();
    match holds.as_slice() {
        [(at, _)] => Ok(*at),
        [] => Err(Error::config(
            option,
            format!(
                "is {text:?}, which no name here is or holds{}",
                did_you_mean(text, names.iter().map(String::as_str))
            ),
        )),
        several => {
            let named = several.iter().take(5).map(|(_, name)| format!("{name:?}"));
            let named = named.collect::<Vec<_>>().join(", ");
            let message = format!("{text:?} fits {} names, such as {named}", several.len());
            Err(Error::config(option, message))
        }
    }
}

impl Run {
    /// The activity of a node, sample by sample.
    pub fn activity_of(&self, node: usize) -> Vec<f64> {
        let width = self.activity.columns().len();
        let values = self.activity.values().iter().skip(node).step_by(width);
        values.map(|value| f64::from(*value)).collect()
    }

    /// The course of training.
    pub fn loss_curve(&self) -> LossCurve {
        let epochs = &self.history.epochs;
        let at = |epoch: usize| epoch as f64;
        LossCurve {
            training: epochs
                .iter()
                .map(|record| (at(record.epoch), record.train_loss))
                .collect(),
            validation: epochs
                .iter()
                .filter_map(|record| Some((at(record.epoch), record.validation_loss?)))
                .collect(),
            best: at(self.history.best_epoch),
        }
    }

    /// The nodes that a heatmap of so many rows is chosen from: the most variable ones, the first
    /// first.
    pub fn most_variable(&self, rows: usize) -> Vec<usize> {
        let mut nodes = self.by_spread();
        nodes.truncate(PATIENCE * rows);
        nodes
    }

    /// All nodes by descending spread.
    fn by_spread(&self) -> Vec<usize> {
        let spread = self.nodes.numbers("spread").unwrap_or_default();
        let mut order: Vec<usize> = (0..self.activity.columns().len()).collect();
        let key = |at: usize| spread.get(at).copied().filter(|value| !value.is_nan());
        order.sort_by(|&a, &b| {
            let (a, b) = (key(a).unwrap_or(-1.0), key(b).unwrap_or(-1.0));
            b.total_cmp(&a)
        });
        order
    }

    /// The most variable nodes, of near copies one, in the samples ordered by `by` and within by
    /// average linkage; of more than 500 samples, 500 evenly from that order.
    pub fn heatmap_data(&self, rows: usize, by: Option<&Annotation>) -> HeatmapData {
        let candidates = self.by_spread().into_iter();
        let (chosen, values) = distinct(candidates, |node| self.activity_of(node), rows);
        let samples = self.activity.samples().len();
        let column = |sample: usize| values.iter().map(|row| row[sample]).collect::<Vec<f64>>();
        let mut group: Vec<Vec<usize>> = vec![(0..samples).collect()];
        if let Some(Annotation {
            labels: Labels::Groups { levels, codes },
            ..
        }) = by
        {
            let of = |code: Option<u8>| (0..samples).filter(|&at| codes[at] == code).collect();
            let levels = (0..levels.len()).map(|level| u8::try_from(level).ok());
            group = levels.chain([None]).map(of).collect();
        }
        let mut columns = Vec::with_capacity(samples);
        for own in group {
            let every = own.len().div_ceil(HEATMAP_SAMPLES).max(1);
            let some: Vec<usize> = own.into_iter().step_by(every).collect();
            let vectors: Vec<Vec<f64>> = some.iter().map(|&sample| column(sample)).collect();
            columns.extend(clustered(&vectors).into_iter().map(|at| some[at]));
        }
        let every = columns.len().div_ceil(HEATMAP_SAMPLES).max(1);
        let columns: Vec<usize> = columns.into_iter().step_by(every).collect();
        let track = by.and_then(|known| match &known.labels {
            Labels::Groups { levels, codes } => Some(Track {
                name: known.name.clone(),
                levels: levels.clone(),
                codes: columns.iter().map(|&at| codes[at]).collect(),
            }),
            Labels::Numbers(_) => None,
        });
        HeatmapData {
            rows: chosen
                .iter()
                .map(|&node| self.activity.columns()[node].clone())
                .collect(),
            values: values
                .iter()
                .map(|row| columns.iter().map(|&at| row[at]).collect())
                .collect(),
            tracks: track.into_iter().collect(),
        }
    }

    /// The activity of a node by the groups of an annotation.
    ///
    /// # Errors
    /// [`Error::Config`] if the annotation holds numbers.
    pub fn group_values(&self, node: usize, by: &Annotation) -> Result<Vec<GroupValues>> {
        let Labels::Groups { levels, codes } = &by.labels else {
            return Err(Error::config(
                "--by",
                format!("names {}, which holds numbers, not groups", by.name),
            ));
        };
        let activity = self.activity_of(node);
        let of = |level: usize| {
            let own = activity.iter().zip(codes);
            let own = own.filter(|(_, code)| code.map(usize::from) == Some(level));
            own.map(|(value, _)| *value).collect()
        };
        Ok(levels
            .iter()
            .enumerate()
            .map(|(level, name)| GroupValues {
                name: name.clone(),
                values: of(level),
            })
            .collect())
    }

    /// The gene sets (or, with `genes`, the genes) at both ends of a latent unit.
    ///
    /// # Errors
    /// [`Error::Config`] if there is no such unit, or nothing is known of it.
    pub fn unit_loadings(
        &self,
        unit: &str,
        tables: Option<&SupersetTables>,
        genes: bool,
    ) -> Result<(String, Vec<(String, f64)>)> {
        let known = match tables {
            Some(tables) => supersets::interpreted(tables),
            None => supersets::correlated(self),
        };
        let names: Vec<String> = known.units.iter().map(|own| own.name.clone()).collect();
        let own = &known.units[find_name(&names, unit, "--unit")?];
        let entries = if genes { &own.genes } else { &own.sets };
        if entries.is_empty() {
            let message = format!("names {}, of which no loading is known here", own.name);
            return Err(Error::config("--unit", message));
        }
        Ok((own.name.clone(), entries.clone()))
    }

    /// The running sum of a node's genes along a ranking.
    ///
    /// # Errors
    /// [`Error::Data`] if the ranking has none of its genes, or only those.
    pub fn running_sum(&self, node: usize, ranking: &GeneRanking) -> Result<RunningSum> {
        let members = self.members.get(node).map_or(&[][..], Vec::as_slice);
        let own: HashSet<&str> = members
            .iter()
            .map(|member| self.genes[member.gene as usize].as_str())
            .collect();
        let mut ranked: Vec<(f64, bool)> = ranking
            .statistics
            .iter()
            .zip(&ranking.genes)
            .map(|(statistic, gene)| (*statistic, own.contains(gene.as_str())))
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        let statistics: Vec<f64> = ranked.iter().map(|(statistic, _)| *statistic).collect();
        let in_set: Vec<bool> = ranked.iter().map(|(_, own)| *own).collect();
        RunningSum::new(&statistics, &in_set).ok_or_else(|| {
            Error::data(
                format!(
                    "{} of the ranking's {} genes are those of {:?}",
                    in_set.iter().filter(|own| **own).count(),
                    in_set.len(),
                    self.activity.columns()[node],
                ),
                "Give a ranking with the same gene names as the model's.",
            )
        })
    }

    /// A node with the genes of largest loading, and the nodes that share most of them.
    pub fn membership_around(
        &self,
        node: usize,
        genes: usize,
        others: usize,
    ) -> Vec<MembershipNode> {
        let Some(members) = self.members.get(node) else {
            return Vec::new();
        };
        let mut own = members.clone();
        own.sort_by(|a, b| b.loading.total_cmp(&a.loading).then(a.gene.cmp(&b.gene)));
        own.truncate(genes);
        let drawn: HashSet<u32> = own.iter().map(|member| member.gene).collect();
        let node_of = |at: usize| MembershipNode {
            name: self.activity.columns()[at].clone(),
            genes: self.members[at]
                .iter()
                .filter(|member| drawn.contains(&member.gene))
                .map(|member| self.genes[member.gene as usize].clone())
                .collect(),
        };
        // By Jaccard overlap of all genes, so that large sets do not crowd out close ones.
        let all: HashSet<u32> = members.iter().map(|member| member.gene).collect();
        let mut near: Vec<(f64, usize)> = (0..self.members.len())
            .filter(|&at| at != node)
            .map(|at| {
                let shared = self.members[at]
                    .iter()
                    .filter(|own| all.contains(&own.gene));
                let shared = shared.count();
                let union = all.len() + self.members[at].len() - shared;
                (shared as f64 / union.max(1) as f64, at)
            })
            .filter(|(jaccard, _)| *jaccard > 0.0)
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let near = near.into_iter().take(others).map(|(_, at)| node_of(at));
        std::iter::once(node_of(node)).chain(near).collect()
    }

    /// The evidence for all nodes for which it was gathered.
    pub fn evidence_points(&self) -> Vec<EvidencePoint> {
        let numbers = |name: &str| self.nodes.numbers(name).unwrap_or_default();
        let (stability, map_p) = (numbers("stability"), numbers("map_p"));
        let passes = self.nodes.column("passes").unwrap_or_default();
        let names = self.activity.columns().iter();
        let points = names.zip(stability).zip(map_p).enumerate();
        points
            .map(|(at, ((name, stability), map_p))| EvidencePoint {
                name: name.clone(),
                stability,
                map_p,
                passes: passes.get(at) == Some(&"true"),
            })
            .collect()
    }

    /// The follow-up of the samples whose activity is above the median, and of the others, with
    /// the log-rank p-value. `time` and `event` are columns of `labels` (events 1, true, yes or
    /// dead); samples without are left out.
    ///
    /// # Errors
    /// [`Error::Config`] for a column that is not there; [`Error::Data`] for times below 0 or a
    /// side without samples.
    pub fn survival_groups(
        &self,
        node: usize,
        labels: &crate::expression::SampleTable,
        time: &str,
        event: &str,
    ) -> Result<(Vec<SurvivalGroup>, f64)> {
        let column = |name: &str, option: &'static str| {
            labels.column(name).ok_or_else(|| {
                let columns = labels.columns().iter().map(String::as_str);
                let hint = did_you_mean(name, columns);
                let message = format!("names {name:?}, and the labels have no such column{hint}");
                Error::config(option, message)
            })
        };
        let times = column(time, "--time")?;
        let events = column(event, "--event")?;
        let rows: HashMap<&String, usize> = labels.samples().iter().zip(0..).collect();
        let activity = self.activity_of(node);
        let samples = self.activity.samples().iter().zip(&activity);
        let known: Vec<(f64, f64, bool)> = samples
            .filter_map(|(sample, activity)| {
                let row = *rows.get(sample)?;
                let time: f64 = times[row].parse().ok()?;
                Some((*activity, time, happened(events[row])?))
            })
            .filter(|(activity, time, _)| activity.is_finite() && time.is_finite())
            .collect();
        let mut sorted: Vec<f64> = known.iter().map(|own| own.0).collect();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = match sorted.len() % 2 {
            _ if sorted.is_empty() => f64::NAN,
            0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
            _ => sorted[middle],
        };
        let side = |name: &str, high: bool| {
            let own = known.iter().filter(|own| (own.0 > median) == high);
            SurvivalGroup {
                name: name.to_owned(),
                times: own.clone().map(|own| own.1).collect(),
                events: own.map(|own| own.2).collect(),
            }
        };
        let groups = vec![side("high", true), side("low", false)];
        let all: Vec<f64> = known.iter().map(|own| own.1).collect();
        let seen: Vec<bool> = known.iter().map(|own| own.2).collect();
        let number: Vec<usize> = known
            .iter()
            .map(|own| usize::from(own.0 <= median))
            .collect();
        let test = log_rank(&all, &seen, &number)?;
        Ok((groups, test.p))
    }
}

fn happened(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "1" | "true" | "yes" | "dead" | "deceased" | "event" => Some(true),
        "0" | "false" | "no" | "alive" | "living" | "censored" => Some(false),
        _ => None,
    }
}

/// The rows of a comparison: the effect is the difference of the means, else Hedges' g, else r.
///
/// # Errors
/// [`Error::Data`] if the table has no effect or no p-value.
pub fn volcano_entries(table: &Table) -> Result<(Vec<VolcanoEntry>, &'static str)> {
    let effects = [
        ("difference", "Difference of the mean activities (SD)"),
        ("hedges_g", "Hedges' g"),
        ("r", "Correlation"),
    ];
    let effect = effects
        .into_iter()
        .find_map(|(name, title)| Some((table.numbers(name)?, title)));
    let (Some((effect, title)), Some(p)) = (effect, table.numbers("p")) else {
        return Err(Error::data(
            "the table has no column difference, hedges_g or r, or no column p",
            "Give the table that `gsae compare` wrote for two groups or a number; of several \
             groups the one of --each.",
        ));
    };
    let adjusted = table.numbers("adjusted_p").unwrap_or_else(|| p.clone());
    let names = table.column("name").unwrap_or_default();
    let rows = names.iter().zip(effect).zip(p).zip(adjusted);
    let entries = rows.map(|(((name, effect), p), adjusted_p)| VolcanoEntry {
        name: (*name).to_owned(),
        effect,
        p,
        adjusted_p,
    });
    Ok((entries.collect(), title))
}

/// The colours of an annotation.
pub fn point_colors(annotation: &Annotation) -> PointColors {
    match &annotation.labels {
        Labels::Groups { levels, codes } => PointColors::Groups {
            levels: levels.clone(),
            codes: codes.clone(),
        },
        Labels::Numbers(values) => PointColors::Numbers(values.clone()),
    }
}
