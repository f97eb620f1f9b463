//! The membership graph for other programs: GraphML (Cytoscape, yEd, igraph) and DOT (Graphviz).

use super::{GraphNode, MembershipGraph, Relation};
use crate::error::{Error, Result};
use crate::io::write_atomically;
use crate::wording::did_you_mean;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::str::FromStr;

/// A graph file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphFormat {
    /// GraphML, an XML format.
    GraphMl,
    /// DOT, Graphviz' language.
    Dot,
}

impl FromStr for GraphFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "graphml" => Ok(Self::GraphMl),
            "dot" => Ok(Self::Dot),
            _ => Err(Error::config(
                "--format",
                format!("is graphml or dot, not {text:?}"),
            )),
        }
    }
}

impl MembershipGraph {
    /// Writes the graph, or only the part around the sets called `around`: those sets, their
    /// genes, parents and children.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written; [`Error::Config`] for an unknown set.
    pub fn write(
        &self,
        path: impl AsRef<Path>,
        format: GraphFormat,
        around: Option<&[String]>,
    ) -> Result<()> {
        let path = path.as_ref();
        let nodes = self.part(around)?;
        write_atomically(path, |file| {
            match format {
                GraphFormat::GraphMl => self.write_graphml(&nodes, file),
                GraphFormat::Dot => self.write_dot(&nodes, file),
            }
            .map_err(Error::io("write", path))
        })
    }

    fn part(&self, around: Option<&[String]>) -> Result<BTreeSet<NodeIndex>> {
        let Some(names) = around else {
            return Ok(self.graph.node_indices().collect());
        };
        let mut part = BTreeSet::new();
        for name in names {
            let set = self.set(name).ok_or_else(|| {
                let names = self.sets.iter().map(|set| self.graph[*set].name());
                let hint = did_you_mean(name, names);
                let message = format!("names {name:?}, which the collection lacks{hint}");
                Error::config("--set", message)
            })?;
            part.insert(set);
            part.extend(self.graph.neighbors_undirected(set));
        }
        Ok(part)
    }

    fn write_graphml(
        &self,
        nodes: &BTreeSet<NodeIndex>,
        file: &mut dyn Write,
    ) -> std::io::Result<()> {
        writeln!(file, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
        writeln!(
            file,
            r#"<graphml xmlns="http://graphml.graphdrawing.org/xmlns">"#
        )?;
        for (key, of, kind) in [
            ("kind", "node", "string"),
            ("name", "node", "string"),
            ("description", "node", "string"),
            ("size", "node", "int"),
            ("relation", "edge", "string"),
            ("weight", "edge", "double"),
        ] {
            writeln!(
                file,
                r#"  <key id="{of}_{key}" for="{of}" attr.name="{key}" attr.type="{kind}"/>"#
            )?;
        }
        writeln!(file, r#"  <graph edgedefault="directed">"#)?;
        for &node in nodes {
            write!(file, r#"    <node id="n{}">"#, node.index())?;
            let (kind, size) = match &self.graph[node] {
                GraphNode::Gene(_) => ("gene", None),
                GraphNode::Set {
                    description, size, ..
                } => ("set", Some((description, size))),
            };
            write!(file, r#"<data key="node_kind">{kind}</data>"#)?;
            let name = xml(self.graph[node].name());
            write!(file, r#"<data key="node_name">{name}</data>"#)?;
            if let Some((description, size)) = size {
                let description = xml(description);
                write!(file, r#"<data key="node_description">{description}</data>"#)?;
                write!(file, r#"<data key="node_size">{size}</data>"#)?;
            }
            writeln!(file, "</node>")?;
        }
        for (source, target, relation) in self.edges_within(nodes) {
            let (kind, weight) = match relation {
                Relation::Member(weight) => ("member".to_owned(), *weight),
                Relation::Parent(kind) => (xml(kind), 1.0),
            };
            writeln!(
                file,
                r#"    <edge source="n{}" target="n{}"><data key="edge_relation">{kind}</data><data key="edge_weight">{weight}</data></edge>"#,
                source.index(),
                target.index(),
            )?;
        }
        writeln!(file, "  </graph>\n</graphml>")
    }

    fn write_dot(&self, nodes: &BTreeSet<NodeIndex>, file: &mut dyn Write) -> std::io::Result<()> {
        writeln!(file, "digraph membership {{\n  rankdir=LR;")?;
        for &node in nodes {
            let shape = match &self.graph[node] {
                GraphNode::Gene(_) => "ellipse",
                GraphNode::Set { .. } => "box",
            };
            let name = self.graph[node]
                .name()
                .replace('\\', "\\\\")
                .replace('"', "\\\"");
            let index = node.index();
            writeln!(file, r#"  n{index} [label="{name}", shape={shape}];"#)?;
        }
        for (source, target, relation) in self.edges_within(nodes) {
            let style = match relation {
                Relation::Member(_) => "",
                Relation::Parent(_) => " [style=bold]",
            };
            writeln!(file, "  n{} -> n{}{style};", source.index(), target.index())?;
        }
        writeln!(file, "}}")
    }

    fn edges_within<'a>(
        &'a self,
        nodes: &'a BTreeSet<NodeIndex>,
    ) -> impl Iterator<Item = (NodeIndex, NodeIndex, &'a Relation)> {
        self.graph
            .edge_references()
            .map(|edge| (edge.source(), edge.target(), edge.weight()))
            .filter(|(source, target, _)| nodes.contains(source) && nodes.contains(target))
    }
}

/// Text as XML content; control characters that XML cannot hold become blanks.
fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c if c.is_control() && !matches!(c, '\t' | '\n' | '\r') => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
