// The content of the report, decoded from the element #data.
"use strict";
// Characters that turn the direction of writing would turn what follows a name as well.
const DATA = JSON.parse(document.getElementById("data").textContent.replace(/[\u202a-\u202e\u2066-\u2069]/g, ""));

function bytes(text) {
  const raw = atob(text);
  const out = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at++) out[at] = raw.charCodeAt(at);
  return out;
}
const integers = (text) => new Uint32Array(bytes(text).buffer);

// What is said of genes and sets means nothing to a latent unit.
const OF_SETS = ["size", "found", "coverage", "orientation", "orientation_confidence", "top_gene", "top_gene_share", "active", "added_genes"];
if (!DATA.nodes.gene_sets) DATA.nodes.columns = DATA.nodes.columns.filter(({ key }) => !OF_SETS.includes(key));
const SAMPLES = DATA.samples.names.length;
const COLUMNS = new Map(DATA.nodes.columns.map((column) => [column.key, column.values]));
const NAMES = COLUMNS.get("name") || [];
const known = (key, node) => (COLUMNS.has(key) ? COLUMNS.get(key)[node] : undefined);
const NODE_OF = new Map(NAMES.map((name, node) => [name, node]));

// Units name their sets and genes by place.
for (const unit of DATA.supersets.units) {
  for (const list of ["sets", "genes"]) unit[list] = unit[list].map(([at, value]) => [DATA.supersets.names[at], value]);
}

// What the nodes are called.
const NODE = DATA.nodes.gene_sets ? "pathway" : "latent unit";
const NODES = DATA.nodes.gene_sets ? "pathways" : "latent units";

const ACTIVITY = (() => {
  const { nodes, low, high, codes } = DATA.activity;
  const packed = bytes(codes);
  const place = new Map((nodes || NAMES.map((_, node) => node)).map((node, at) => [node, at]));
  return {
    has: (node) => place.has(node),
    nodes: [...place.keys()],
    // Activities of a node in the samples shown, NaN where missing; null if the report lacks it.
    of(node) {
      const at = place.get(node);
      if (at === undefined) return null;
      const out = new Float32Array(SAMPLES);
      const step = (high[at] - low[at]) / 254;
      for (let sample = 0; sample < SAMPLES; sample++) {
        const code = packed[at * SAMPLES + sample];
        out[sample] = code === 255 ? NaN : low[at] + code * step;
      }
      return out;
    },
  };
})();

const ANNOTATIONS = DATA.annotations.map((own) =>
  own.kind === "groups" ? { ...own, codes: bytes(own.codes) } : own);

const MEMBERS = DATA.members && (() => {
  const { genes } = DATA.members;
  const starts = integers(DATA.members.starts);
  const gene = genes.length > 65536 ? integers(DATA.members.gene) : new Uint16Array(bytes(DATA.members.gene).buffer);
  const loading = bytes(DATA.members.loading);
  return {
    genes,
    // The genes that any node has.
    used: new Set(gene).size,
    // The genes of a node with the share of its largest loading, the largest first.
    of(node) {
      const out = [];
      for (let at = starts[node]; at < starts[node + 1]; at++) {
        out.push({ gene: gene[at], name: genes[gene[at]], loading: loading[at] / 254 });
      }
      return out.sort((a, b) => b.loading - a.loading || (a.name < b.name ? -1 : 1));
    },
  };
})();

// Nodes whose activity goes with that of `node`, the most alike first.
function alike(node, count) {
  const unit = (values) => {
    let mean = 0, n = 0;
    for (const value of values) if (value === value) { mean += value; n++; }
    mean /= n || 1;
    let square = 0;
    for (let at = 0; at < values.length; at++) {
      values[at] = values[at] === values[at] ? values[at] - mean : 0;
      square += values[at] * values[at];
    }
    return square > 1e-12 ? Math.sqrt(square) : 0;
  };
  const own = ACTIVITY.of(node);
  const length = own ? unit(own) : 0;
  if (!length || SAMPLES < 3) return [];
  const found = [];
  for (const other of ACTIVITY.nodes) {
    if (other === node) continue;
    const values = ACTIVITY.of(other);
    const size = unit(values);
    if (!size) continue;
    let sum = 0;
    for (let at = 0; at < SAMPLES; at++) sum += own[at] * values[at];
    found.push({ node: other, r: sum / (size * length) });
  }
  return found.sort((a, b) => Math.abs(b.r) - Math.abs(a.r)).slice(0, count);
}
