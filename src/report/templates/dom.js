// Elements, numbers as text, and what is known of columns.
function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "style") Object.assign(made.style, value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}
function svg(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  made.append(...children.flat(9));
  return made;
}
const byId = (id) => document.getElementById(id);
const said = (text) => { byId("said").textContent = text; };

const missing = (value) => value === null || value === undefined || value === "" || value !== value;
const minus = (text) => text.replaceAll("-", "\u2212");
function number(value, digits = 2) {
  if (missing(value)) return "\u2013";
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value)) return minus(value.toLocaleString("en-US"));
  const size = Math.abs(value);
  if (size !== 0 && (size < 10 ** -digits || size >= 1e6)) return minus(value.toExponential(1));
  return minus(value.toFixed(size >= 1000 ? 0 : digits));
}
// A number of a column where some are not whole: all with the same digits.
const decimal = (value) => (missing(value) ? "\u2013" : Number.isInteger(value) ? minus(value.toFixed(2)) : number(value));
function chance(p) {
  if (missing(p)) return "\u2013";
  if (p < 1e-300) return "<1e\u2212300";
  return p < 0.001 ? minus(p.toExponential(1)) : p.toFixed(3);
}
const percent = (share) => (missing(share) ? "\u2013" : `${(100 * share).toFixed(0)} %`);
const yesNo = (value) => (missing(value) ? "\u2013" : String(value) === "true" ? "yes" : String(value) === "false" ? "no" : String(value));
const count = (n, one, many) => `${n.toLocaleString("en-US")} ${n === 1 ? one : many || one + "s"}`;
const short = (text, most = 70) => (text.length > most ? `${text.slice(0, most - 1)}\u2026` : text);

// How columns are called and shown: label, format, help.
const KNOWN = {
  name: ["Pathway"],
  description: ["Identifier"],
  size: ["Genes of the set", number, "genes of the set in its file"],
  found: ["Genes found", number, "genes of the set in the data"],
  coverage: ["Coverage", percent, "share of the set's genes that the data have"],
  orientation: ["Direction", null, "up: the hidden value rises with its genes; flipped: it was turned; none: trust no sign"],
  orientation_confidence: ["Agreement", number, "how far the genes agree on the direction, 0 to 1"],
  top_gene: ["Top gene", null, "gene with the largest loading"],
  top_gene_share: ["Its share", percent, "its share of all loadings; near 100 % the node is that one gene"],
  spread: ["Spread", number, "SD of the unscaled t over the samples; about 1 if genes vary independently"],
  active: ["In use", yesNo, "whether a group lasso left the set in use"],
  added_genes: ["Added genes", number, "genes outside of the set that a soft mask connected"],
  stability: ["Stability", number, "mean correlation with refits under other seeds"],
  hidden_stability: ["Hidden stability", number, "the same of the hidden value, without its sign"],
  coherence: ["Coherence", number, "variance of the score against that of independent genes"],
  map_p: ["Map p", chance, "p against maps with shuffled genes"],
  map_q: ["Map q", chance, "false discovery rate of the map p"],
  own_gene_correlation: ["Own genes", number, "correlation of the hidden value with the mean z of its genes"],
  drifted: ["Drifted", yesNo, "the hidden value no longer follows its own genes"],
  without_top_gene: ["Without top gene", number, "correlation with the activity without its top gene"],
  one_gene: ["One gene", yesNo, "the activity is that of one gene"],
  mean_z_correlation: ["r mean z", number, "correlation with the set's mean z"],
  ulm_correlation: ["r ULM", number, "correlation with the set's ULM score"],
  ssgsea_correlation: ["r ssGSEA", number, "correlation with the set's ssGSEA score"],
  passes: ["Passes", yesNo, "meets all criteria of evidence"],
  p: ["p", chance], adjusted_p: ["Adjusted p", chance, "Benjamini-Hochberg"],
  split_p: ["Split p", chance], split_adjusted_p: ["Split adjusted p", chance],
  auroc: ["AUROC", number, "chance that a sample of the group is higher"],
  hedges_g: ["Hedges' g", number, "difference in pooled SDs, corrected for few samples"],
  hazard_ratio: ["Hazard ratio", number, "of the Cox model, per SD of the activity"],
  n: ["Samples", number], r: ["r", number],
};
const label = (key) => (KNOWN[key] ? (key === "name" && !DATA.nodes.gene_sets ? "Latent unit" : KNOWN[key][0]) : (key.charAt(0).toUpperCase() + key.slice(1)).replaceAll("_", " "));
const format = (key) => (KNOWN[key] && KNOWN[key][1]) || (/(^|_)(p|q|fdr)$/.test(key) ? chance : number);
const help = (key) => (KNOWN[key] && KNOWN[key][2]) || null;

// The evidence for a node in a few words, each good, bad or neither.
function evidence(node) {
  const chips = [];
  const add = (text, kind, title, column) => chips.push({ text, kind, title, column });
  const is = (key) => String(known(key, node)) === "true";
  if (!DATA.nodes.gene_sets) return chips;
  if (!missing(known("passes", node))) {
    if (is("passes")) add("passes all checks", "good", "stable, better than shuffled maps, follows its genes, not one gene");
    else add("does not pass", "bad", "fails at least one check of evidence");
  }
  const coverage = known("coverage", node);
  if (!missing(coverage)) add(`${percent(coverage)} of genes`, coverage < 0.3 ? "bad" : "", "coverage: the share of the set's genes that the data have", "coverage");
  const agree = known("orientation_confidence", node);
  if (known("orientation", node) === "none") add("no direction", "bad", "the genes do not agree: trust no sign");
  else if (!missing(agree)) add(`agreement ${decimal(agree)}`, agree < 0.3 ? "bad" : "", "how far the genes agree on the direction", "orientation_confidence");
  const stable = known("stability", node);
  if (!missing(stable)) add(`stability ${decimal(stable)}`, stable < 0.9 ? "bad" : "good", "mean correlation with refits under other seeds", "stability");
  const q = known("map_q", node);
  if (!missing(q)) add(`map q ${chance(q)}`, q > 0.05 ? "bad" : "good", "false discovery rate against maps with shuffled genes", "map_q");
  if (is("drifted")) add("drifted", "bad", "no longer follows its own genes");
  const share = known("top_gene_share", node);
  if (is("one_gene") || share > 0.5) add(`one gene: ${short(String(known("top_gene", node)), 16)}`, "bad", "the node is mostly that one gene");
  else if (!missing(share)) add(`top gene ${short(String(known("top_gene", node)), 16)} ${percent(share)}`, "", "share of the largest loading");
  if (String(known("active", node)) === "false") add("not in use", "bad", "switched off by the group lasso");
  return chips;
}
const chips = (node) => el("ul", { class: "chips" }, evidence(node).map(({ text, kind, title }) =>
  el("li", { class: `chip ${kind}`, title }, text)));
// Where columns tell the rest: what speaks clearly for or against.
const verdict = (node, columns = []) => {
  let clear = evidence(node).filter(({ kind, column }) => kind && !columns.includes(column));
  // The verdict of all checks tells of what is good in them.
  if (!missing(known("passes", node))) clear = clear.filter(({ kind, text }) => kind === "bad" || text.startsWith("passes"));
  return clear.length ? el("ul", { class: "chips" }, clear.map(({ text, kind, title }) => el("li", { class: `chip ${kind}`, title }, text))) : "\u2013";
};
const opener = (node, text) => el("button", {
  type: "button", class: "open", "data-node": node, title: NAMES[node].length > 90 ? NAMES[node] : null,
}, text || short(NAMES[node], 110) || "(no name)");
