// The sections, in the order of the story.
const MAIN = byId("main");
const M = DATA.manifest || {};
const sizes = M.sizes || {};
const GENES = sizes.genes || (MEMBERS ? MEMBERS.genes.length : 0);
const kindOfModel = (() => {
  const model = (M.options && M.options.model) || {};
  const network = model.network || {};
  if (model.pca) return "principal component analysis";
  const parts = [];
  if (network.variational) parts.push("variational");
  if (network.noise) parts.push("denoising");
  if (network.contractive) parts.push("contractive");
  if (network.latent_penalty) parts.push("sparse");
  return `${parts.join(" ")} ${DATA.nodes.gene_sets ? "gene superset autoencoder" : "autoencoder"}`.trim();
})();
const baseName = (path) => String(path).split(/[\\/]/).pop();
const facts = (list) => el("dl", { class: "facts" }, list.filter(Boolean).map(([term, value, small]) =>
  el("div", {}, el("dt", {}, term), el("dd", {}, value, small ? el("small", {}, small) : null))));
const AFTER = [];
// Short names of sections, for the bar.
const SHORT = { inputs: "Data", model: "Model", run: "Run" };
function section(id, title, ...children) {
  const inner = children.flat(9).filter(Boolean);
  if (!inner.length) return;
  MAIN.append(el("section", { id, "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title` }, title), inner));
  byId("nav").append(el("li", {}, el("a", { href: `#${id}` }, SHORT[id] || title)));
}
const spreads = COLUMNS.get("spread") || [];
const bySpread = NAMES.map((_, node) => node).sort((a, b) =>
  Number(known("orientation", a) === "none") - Number(known("orientation", b) === "none") || (spreads[b] || 0) - (spreads[a] || 0) || a - b);

// What stands out: a comparison, else groups, else the most variable.
function findings() {
  const found = DATA.compare;
  const item = (node, size) => el("li", {}, el("span", { class: "what" }, opener(node)), el("span", { class: "size" }, size), chips(node));
  if (found) {
    const of = (key) => (found.columns.find((own) => own.key === key) || {}).values;
    const p = of("adjusted_p") || of("p"), direction = of("direction") || of("highest"), auroc = of("auroc"), g = of("hedges_g");
    const rows = found.sets.map((node, row) => row).filter((row) => found.sets[row] !== null);
    const significant = p ? rows.filter((row) => !missing(p[row]) && p[row] <= 0.05).length : 0;
    const one = (key) => (of(key) && new Set(of(key)).size === 1 && !missing(of(key)[0]) ? String(of(key)[0]) : null);
    const [group, reference] = [one("group"), one("reference")];
    const title = group && reference ? `${short(group, 40)} against ${short(reference, 40)}` : "What differs";
    // Where the title names the groups, the direction need not.
    const way = (row) => { const text = String(direction[row]), [first] = text.split(" in "); return group && text === `${first} in ${group}` ? first : short(text, 30); };
    const many = count(found.rows, DATA.compare.sets.length === found.rows && group ? NODE : "row", group ? NODES : "rows");
    return el("div", { class: "card" }, el("h2", {}, title),
      el("p", { class: "note" }, p ? `${significant.toLocaleString("en-US")} of ${many} have an adjusted p of at most 0.05 (${found.file}).${significant ? " The five smallest p:" : " None is significant; those of smallest p:"}` : `From ${found.file}.`),
      el("ol", { class: "finds" }, rows.slice(0, 5).map((row) => item(found.sets[row],
        [direction ? `${way(row)}, ` : "", auroc && !missing(auroc[row]) ? `AUROC ${number(auroc[row])}, ` : g && !missing(g[row]) ? `g ${number(g[row])}, ` : "", p ? `${of("adjusted_p") ? "adjusted p" : "p"} ${chance(p[row])}` : ""].join("")))));
  }
  const groups = DATA.contrasts[0];
  if (groups && groups.groups.some((group) => group.top.length)) {
    const name = ANNOTATIONS[groups.annotation].name;
    if (groups.groups.length === 1) {
      const [group] = groups.groups;
      return el("div", { class: "card" }, el("h2", {}, `${name}: ${group.name} against ${group.against}`),
        el("p", { class: "note" }, `The ${NODES} that tell the groups apart best. These are sizes of effects; gsae compare tests them.`),
        el("ol", { class: "finds" }, group.top.slice(0, 5).map((own) => item(own.set, `${own.difference > 0 ? "up" : "down"} ${number(Math.abs(own.difference))} SD, AUROC ${number(own.auroc)}`))));
    }
    return el("div", { class: "card" }, el("h2", {}, `Highest in each ${name}`),
      el("p", { class: "note" }, `The ${NODE} that tells each group from the rest best. These are sizes of effects; gsae compare tests them.`),
      el("ul", { class: "finds" }, groups.groups.slice(0, 8).filter((group) => group.top.length).map((group) => el("li", {},
        el("span", {}, el("b", {}, `${short(group.name, 40)} `), opener(group.top[0].set)),
        el("span", { class: "size" }, `AUROC ${number(group.top[0].auroc)} `, passing(group.top[0].set))))));
  }
  return el("div", { class: "card" }, el("h2", {}, "Most variable"),
    el("p", { class: "note" }, `The ${NODES} of largest spread.${ANNOTATIONS.length ? " No label divides the samples into groups of at least two." : " Labels of the samples (gsae report --samples) show what differs between groups."}`),
    el("ol", { class: "finds" }, bySpread.slice(0, 5).map((node) => item(node, spreads.length ? `spread ${number(spreads[node])}` : ""))));
}

// The verdict of all checks alone, where there is one.
const passing = (node) => evidence(node).filter(({ text }) => text.startsWith("pass") || text.startsWith("does not pass"))
  .map(({ text, kind, title }) => el("span", { class: `chip ${kind}`, title }, text));
function colourMenu(id, plot, extra) {
  const legend = el("ul", { class: "legend", id: `${id}-legend` });
  const options = colourOptions(extra);
  const paint = (choice) => {
    const look = colouring(choice);
    legend.replaceChildren(...look.legend);
    plot.paint({ color: look.color, text: (at) => `${DATA.samples.names[at]}\n${look.text(at)}` });
  };
  const select = el("select", { id, onchange: () => { paint(select.value); said(`Coloured by ${select.selectedOptions[0].textContent}`); } }, options);
  const again = () => paint(options.length ? select.value : "");
  AFTER.push(again);
  return { select: options.length ? el("label", {}, "Colour by", select) : null, legend, again };
}

// The evidence in a sentence.
function passed() {
  const { nodes, passing } = M.evidence || {};
  return nodes && !missing(passing) ? ` ${passing.toLocaleString("en-US")} of ${count(nodes, NODE, NODES)} pass all checks of evidence.` : "";
}
// What must not be overlooked stands further down: here is the way.
function warned() {
  const many = (M.warnings || []).length + DATA.notices.length;
  return many ? el("p", { class: "notice" }, `${count(many, "remark")} on the data and the run: `, el("a", { href: "#inputs" }, "read before the results"), ".") : null;
}

function overview() {
  const samples = DATA.samples.total;
  MAIN.append(el("section", { id: "overview", "aria-label": "Overview", style: { paddingTop: 0 } },
    el("h1", {}, `${DATA.nodes.gene_sets ? "Pathway activity" : "Latent units"} of ${count(samples, "sample")}`),
    el("p", { class: "lead" }, `${count(NAMES.length, NODE, NODES)}${GENES ? ` over ${count(GENES, "gene")}` : ""}, by a ${kindOfModel}. Inputs: ${(M.inputs || []).map((own) => baseName(own.path)).slice(0, 5).join(", ") || "not recorded"}.${passed()}`),
    warned(),
    (() => {
      const plot = embedding("first-embedding", 330);
      return el("div", { class: "two" }, findings(), plot ? el("div", {}, plot) : facts(modelFacts()));
    })()));
}
const EXTRA = [...new Set([...(DATA.compare ? DATA.compare.sets.filter((node) => node !== null).slice(0, 12) : []),
  ...DATA.contrasts.slice(0, 2).flatMap((own) => own.groups.flatMap((group) => group.top.slice(0, 4).map((top) => top.set))), ...bySpread.slice(0, 15)])].slice(0, 45);
function embedding(id, height) {
  if (!DATA.embedding) return null;
  const { x, y, axes } = DATA.embedding;
  const plot = scatter({ x, y, xLabel: axes[0], yLabel: axes[1], height, title: `${SAMPLES} samples by ${axes[0]} and ${axes[1]}` });
  const menu = colourMenu(id, plot, EXTRA);
  return el("figure", {}, el("div", { class: "controls" }, menu.select), plot.box, menu.legend);
}

function modelFacts() {
  const { history } = DATA;
  const gathered = M.evidence || {};
  const seconds = Object.values(M.timings || {}).reduce((sum, own) => sum + (typeof own === "number" ? own : 0), 0);
  return [
    ["Model", kindOfModel], sizes.latent ? [DATA.nodes.gene_sets ? "Supersets" : "Latent units", number(sizes.latent)] : null,
    sizes.parameters ? ["Parameters", number(sizes.parameters), sizes.memberships ? `${number(sizes.memberships)} memberships` : ""] : null,
    history.epochs.length > 1 ? ["Epochs", number(history.epochs.length), `the best is ${history.best}`] : null,
    M.best_loss ? ["Best loss", number(M.best_loss, 4), history.n_validation ? `on ${count(history.n_validation, "held-out sample")}` : "on the training samples"] : null,
    M.seed !== undefined ? ["Seed", String(M.seed)] : null, seconds ? ["Time", `${number(seconds, 1)} s`, M.threads ? count(M.threads, "thread") : ""] : null,
    gathered.nodes && !missing(gathered.passing) ? ["Pass all checks", `${number(gathered.passing)} of ${number(gathered.nodes)}`, gathered.reduced ? "from smaller refits" : "from refits"] : null,
    gathered.nodes && missing(gathered.passing) ? ["Pass what was tested", `${number(gathered.meeting_tested)} of ${number(gathered.nodes)}`, "not all checks were made"] : null,
    !gathered.nodes && DATA.nodes.gene_sets ? ["Evidence", "not gathered", "gsae evidence does it"] : null,
    gathered.worth ? ["Worth of the gene sets", number(gathered.worth.worth, 4), `loss ${number(gathered.worth.held_out, 3)}, shuffled ${number(gathered.worth.shuffled, 3)}`] : null,
    M.peak_memory ? ["Peak memory", `${number(M.peak_memory / 1048576, 0)} MB`] : null,
  ].filter(Boolean);
}

const KINDS = { symbol: "symbols", ensembl: "Ensembl ids", "ensembl-versioned": "Ensembl ids with versions", entrez: "Entrez ids" };
const SPECIES = { human: "human", rodent: "mouse or rat", unclear: "species unclear" };
const share = (some, all) => (all ? percent(some / all) : "");

// How the data's genes met those of the gene sets, as run.json has it.
function matching(own) {
  const { given, data, sets } = own;
  const genes = (list) => list.map(([gene, n]) => `${gene} (${n})`).join(", ");
  return [
    own.matrix ? el("h3", {}, `Matrix ${own.matrix}`) : null,
    facts([
      ["Identifiers of the data", KINDS[given.types.main] || String(given.types.main), `${SPECIES[given.types.species] || ""}, ${count(given.genes, "gene")}`],
      ["Renamed", count(own.renamed, "gene"), own.renamed ? `${own.mapping}, as ${own.renamed_examples[0].join(" to ")}` : "all names as they came"],
      ["The data's genes in any set", `${number(data.matched)} of ${number(data.genes)}`, `${share(data.matched, data.genes)}; ${number(given.matched)} before any was renamed`],
      ["The sets' genes in the data", `${number(sets.matched)} of ${number(sets.genes)}`, share(sets.matched, sets.genes)],
    ]),
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Collections" }, el("table", {},
      el("thead", {}, el("tr", {}, ["Collection", "Sets", "Genes", "Found", "Coverage"].map((text, at) => el("th", { scope: "col", class: at ? "n" : null }, text)))),
      el("tbody", {}, own.collections.map((part) => el("tr", {}, el("th", { scope: "row" }, baseName(part.name) || "sets made in memory"),
        [number(part.sets), number(part.genes), number(part.found), share(part.found, part.genes)].map((text) => el("td", { class: "n" }, text))))))),
    own.lacking.length + own.unused.length ? el("details", {}, el("summary", {}, "Genes that did not match"),
      own.lacking.length ? el("p", {}, `Of the sets, missing in the data, those of most sets first (number of sets): ${genes(own.lacking)}.`) : null,
      own.unused.length ? el("p", {}, `Of the data, in no set, the first of them: ${own.unused.join(", ")}.`) : null) : null,
  ];
}

function dataSection() {
  const coverage = (COLUMNS.get("coverage") || []).filter((value) => !missing(value)).sort((a, b) => a - b);
  const own = [];
  if (DATA.nodes.gene_sets) {
    const total = (key) => (COLUMNS.get(key) || []).reduce((sum, value) => sum + (value || 0), 0);
    own.push(["Genes in sets in use", `${number(MEMBERS.used)} of ${number(MEMBERS.genes.length)}`, percent(MEMBERS.used / MEMBERS.genes.length)],
      COLUMNS.has("size") && ["Memberships found", percent(total("found") / total("size")), `${number(total("found"))} of ${number(total("size"))}`]);
    if (coverage.length) own.push(["Median coverage", percent(quantile(coverage, 0.5)), `lowest ${percent(coverage[0])}`]);
  }
  const normalization = M.normalization || (M.options && M.options.preprocess && M.options.preprocess.normalization);
  const warnings = M.warnings || [];
  section("inputs", "Data and identifiers",
    facts([["Samples", number(DATA.samples.total)], GENES ? ["Genes", number(GENES)] : null, [DATA.nodes.gene_sets ? "Gene sets" : "Latent units", number(NAMES.length)], ...own,
      normalization ? ["Normalization", typeof normalization === "string" ? normalization : JSON.stringify(normalization)] : null]),
    (M.identifiers || []).map(matching),
    DATA.notices.map((text) => el("p", { class: "notice" }, text)),
    warnings.length ? [el("h3", {}, count(warnings.length, "warning")), warnings.slice(0, 30).map((text) => el("p", { class: "notice" }, String(text))), warnings.length > 30 ? el("p", {}, `and ${warnings.length - 30} more in run.json`) : null]
      : DATA.manifest ? el("p", { class: "note" }, "No warnings were raised when the data were read.") : null,
    DATA.remarks.length ? el("details", {}, el("summary", {}, "What this report shows, and how exactly"), el("ul", {}, DATA.remarks.map((text) => el("li", {}, text)))) : null);
}

function nodeSection() {
  const base = ["name", "spread", "coverage", "orientation_confidence", "stability", "map_q"];
  const place = (key) => (base.includes(key) ? base.indexOf(key) : base.length);
  const columns = [...DATA.nodes.columns].sort((a, b) => place(a.key) - place(b.key)).map(({ key, values }) => key === "name"
    ? column(key, values, { head: true, show: (row) => opener(row) })
    : column(key, values, { extra: !base.includes(key) || values.every(missing) }));
  if (DATA.nodes.gene_sets) columns.splice(base.length, 0, { key: "evidence", label: "Evidence", values: NAMES.map((_, node) => known("stability", node) ?? known("orientation_confidence", node)), numeric: false, show: (row) => verdict(row, base) });
  const flag = (key, text, test) => (COLUMNS.has(key) ? [[key, text, test]] : []);
  const tests = [...flag("passes", "passes all checks", (row) => String(known("passes", row)) === "true"),
    ...flag("coverage", "at least half of its genes found", (row) => known("coverage", row) >= 0.5),
    ...flag("orientation", "has a direction", (row) => known("orientation", row) !== "none"),
    ...flag("top_gene_share", "is not one gene", (row) => !(known("top_gene_share", row) > 0.5))];
  section("pathways", DATA.nodes.gene_sets ? "Pathways" : "Latent units",
    el("p", {}, DATA.nodes.gene_sets ? "All pathways, by descending spread: how far a pathway's genes move together over the samples. A name opens its page with its genes, its activity by group and the evidence for it." : "Sorted by spread, the SD of the unit over the training samples."),
    dataTable({
      id: "nodes", caption: DATA.nodes.gene_sets ? "Pathways with their evidence" : "Latent units", columns, total: NAMES.length,
      searchIn: (row) => `${NAMES[row]} ${known("description", row) || ""}`, sort: { key: "spread", ascending: false },
      filters: DATA.nodes.gene_sets ? [{ key: "only", label: "Only those that", options: tests.map(([key, text]) => [key, text]), keep: (row, key) => tests.find((own) => own[0] === key)[2](row) }] : [],
    }), evidenceScatter());
}

function evidenceScatter() {
  if (!COLUMNS.has("stability") || !COLUMNS.has("map_p") || COLUMNS.get("stability").every(missing) || COLUMNS.get("map_p").every(missing)) return null;
  const x = COLUMNS.get("stability"), y = COLUMNS.get("map_p").map((p) => (missing(p) ? null : -Math.log10(p)));
  const plot = scatter({ x, y, xLabel: "stability over seeds", yLabel: "\u2212log10 map p", height: 340, title: "Stability against the p-value of shuffled maps", open: openNode, lines: [{ axis: "x", value: 0.9 }] });
  AFTER.push(() => plot.paint({ color: (node) => (String(known("passes", node)) === "true" ? GROUPS[2] : GROUPS[5]), text: (node) => NAMES[node] }));
  return el("figure", {}, el("h3", {}, "Evidence at a glance"), plot.box, el("ul", { class: "legend" }, swatch(GROUPS[2], "passes all checks"), swatch(GROUPS[5], "does not")),
    el("figcaption", {}, "Each point is a pathway. Further right, refits with other seeds give the same activity (dashed: 0.9); further up, models of shuffled gene sets rarely do as well. A click opens the pathway; the table has the same numbers."));
}

function heatmapSection() {
  const map = heatmap();
  if (!map) return;
  const select = el("select", { id: "heatmap-order", onchange: () => map.sortBy(select.value === "" ? undefined : Number(select.value)) },
    ANNOTATIONS.map((own, at) => el("option", { value: at }, own.name)), el("option", { value: "" }, "likeness only"));
  const legend = el("ul", { class: "legend" });
  AFTER.push(() => {
    map.sortBy(select.value === "" ? undefined : Number(select.value));
    const scale = diverging();
    legend.replaceChildren(el("li", {}, "activity: \u22122.5 SD", rampBar((share) => scale(2 * share - 1)), "+2.5 SD"),
      ...map.tracks.flatMap((at) => [el("li", {}, `band ${at + 1}, ${ANNOTATIONS[at].name}:`), ...colouring(`annotation:${at}`).legend.slice(0, 12)]));
  });
  section("heatmap", "Heatmap", el("p", {}, `The ${NODES} that tell the samples apart, one of each group of near copies (r above 0.9), ordered by average linkage on their correlation${DATA.heatmap.samples.length < DATA.samples.total ? `, in ${DATA.heatmap.samples.length.toLocaleString("en-US")} of ${DATA.samples.total.toLocaleString("en-US")} samples drawn at random` : ""}. A name opens its page.`),
    el("div", { class: "controls" }, ANNOTATIONS.length ? el("label", {}, "Order the samples by", select) : null), map.box, legend);
}

function groupSection() {
  const [first] = DATA.contrasts;
  if (!first) return;
  const place = el("div");
  const select = el("select", { id: "contrast" }, DATA.contrasts.map((own, at) => el("option", { value: at }, ANNOTATIONS[own.annotation].name)));
  const draw = () => {
    const { groups } = DATA.contrasts[Number(select.value)];
    const bars = (list) => barList(list.map((own) => [NAMES[own.set], own.difference, el("span", { class: "note" }, ` (${number(own.auroc)})`)]), true, Math.max(...groups.flatMap((group) => group.top.map((own) => Math.abs(own.difference)))));
    const most = groups.length > 2 ? 5 : 12;
    place.replaceChildren(el("div", { class: groups.length > 1 ? "even" : "" }, groups.map((group) => el("div", { class: "card" },
      el("h3", {}, `${short(group.name, 60)} against ${short(group.against, 60)} `),
      el("p", { class: "note" }, `${group.samples.toLocaleString("en-US")} against ${count(group.others, "sample")}. Difference of the mean activities in SD; AUROC in brackets.`),
      bars(group.top.slice(0, most)),
      group.top.length > most ? el("details", {}, el("summary", {}, `${group.top.length - most} more`), bars(group.top.slice(most))) : null))));
  };
  select.addEventListener("change", draw);
  section("groups", "Groups", el("p", {}, `The ${NODES} that tell groups of samples apart, ranked by AUROC over all samples. These are sizes of effects, not tests: gsae compare tests them, and takes samples of one donor together, which are not independent.`),
    el("div", { class: "controls" }, el("label", {}, "Groups of", select)), place);
  draw();
}

function supersetSection() {
  const { units, interpreted, columns } = DATA.supersets;
  if (!units.length) return;
  const detail = (unit) => {
    const own = units[unit];
    const ends = (list, most) => { const up = list.filter(([, value]) => value >= 0), down = list.filter(([, value]) => value < 0); return [up.slice(0, most), down.slice(-most), up.slice(most).concat(down.slice(0, Math.max(0, down.length - most)))]; };
    const side = (list, title) => {
      if (!list.length) return null;
      const [up, down, rest] = ends(list, 8), full = Math.max(...list.map(([, value]) => Math.abs(value)));
      return el("div", {}, el("h3", {}, title), barList(up.concat(down), true, full), rest.length ? el("details", {}, el("summary", {}, `${rest.length} more`), barList(rest, true, full)) : null);
    };
    return el("div", { class: "card" }, el("h3", {}, own.name), el("div", { class: own.sets.length && own.genes.length ? "even" : "" }, side(own.sets, "Gene sets: correlation of their activity"), side(own.genes, "Genes: loading"), !own.sets.length && !own.genes.length ? el("p", {}, "Nothing goes with it.") : null));
  };
  const place = el("div", { "aria-live": "polite" }, detail(0));
  const lead = (unit, sign) => units[unit].sets.filter(([, r]) => sign * r > 0).sort((a, b) => sign * (b[1] - a[1])).slice(0, 2).map(([name]) => short(name, 50)).join("; ");
  const table = [
    { key: "name", label: DATA.nodes.gene_sets ? "Superset" : "Latent unit", head: true, values: units.map((own) => own.name), show: (row) => el("button", { type: "button", class: "open", onclick: () => place.replaceChildren(detail(row)) }, units[row].name) },
    { key: "explains", label: interpreted ? "r\u00b2 of the expression" : "Mean r\u00b2", help: interpreted ? null : "mean r\u00b2 with the activity of the pathways", numeric: true, values: units.map((own) => own.explains), show: (row) => number(units[row].explains, 3) },
    { key: "up", label: "Rises with", long: true, values: units.map((_, row) => lead(row, 1)), show: (row) => lead(row, 1) || "\u2013" },
    { key: "down", label: "Falls with", long: true, values: units.map((_, row) => lead(row, -1)), show: (row) => lead(row, -1) || "\u2013" },
    ...columns.map(({ key, values }) => column(key, values, { extra: true, long: true })),
  ];
  section("supersets", DATA.nodes.gene_sets ? "Supersets" : "Units", el("p", {}, interpreted ? "The latent units as gsae interpret found them, those that explain most of the expression first. A name shows its gene sets and genes below the table." : "The latent units with the gene sets whose activity goes with them; their sign is arbitrary. A name shows more below the table; gsae interpret tests them (--interpret)."),
    dataTable({ id: "units", caption: "Latent units", columns: table, total: units.length, searchIn: (row) => `${units[row].name} ${units[row].sets.map(([name]) => name).join(" ")}`, sort: { key: "explains", ascending: false }, page: 8 }), place);
}

function compareSection() {
  const found = DATA.compare;
  if (!found) return;
  const of = (key) => (found.columns.find((own) => own.key === key) || {}).values;
  const effect = of("difference") || of("hedges_g") || of("r"), p = of("p");
  let volcano = null;
  if (effect && p) {
    const floor = Math.min(1, ...p.filter((value) => value > 0));
    const y = p.map((value) => (missing(value) ? null : -Math.log10(Math.max(value, floor))));
    const adjusted = of("adjusted_p") || p;
    const plot = scatter({ x: effect, y, xLabel: of("difference") ? "difference of the mean activities (SD)" : "effect", yLabel: "\u2212log10 p", height: 380, title: "Volcano: effect against p", open: (row) => found.sets[row] !== null && openNode(found.sets[row]), lines: [{ axis: "x", value: 0 }] });
    AFTER.push(() => plot.paint({ color: (row) => (adjusted[row] <= 0.05 ? (effect[row] > 0 ? GROUPS[5] : GROUPS[0]) : NO_GROUP), text: (row) => `${found.columns[0].values[row]}\np ${chance(p[row])}` }));
    volcano = el("figure", {}, plot.box, el("ul", { class: "legend" }, swatch(GROUPS[5], "higher, adjusted p at most 0.05"), swatch(GROUPS[0], "lower"), swatch(NO_GROUP, "not significant")),
      p.some((value) => value === 0) ? el("figcaption", {}, "A p too small to be held as a number stands at the smallest other.") : null);
  }
  // Of two groups the sign of the difference is the direction.
  const groups = new Set(of("group") || []), [group] = groups;
  const signed = groups.size === 1 && !missing(group) && of("difference");
  section("comparison", "Comparison", el("p", {}, `The table ${found.file} of gsae compare, by ascending p. Evidence tells whether a ${NODE} can be trusted, whatever its p.${signed ? ` A positive difference: higher in ${short(String(group), 60)}.` : ""}`), volcano,
    findingsTable("compare", `Comparison (${found.file})`, found, [...(signed ? [] : ["group", "direction", "highest"]), "difference", "r", "auroc", "p", "adjusted_p"]));
}
function survivalSection() {
  const found = DATA.survival;
  const curves = [...new Set((DATA.curves.find((own) => own.key === "name") || { values: [] }).values)].slice(0, 4);
  section("survival", "Survival", found ? [el("p", {}, `The table ${found.file} of gsae survival, by ascending p of the Cox model. A hazard ratio above 1: higher activity, higher hazard.`),
    findingsTable("survivals", `Survival (${found.file})`, found, ["n", "hazard_ratio", "p", "adjusted_p"])] : null,
  curves.map((name) => el("div", {}, el("h3", {}, name), survivalChart(name), NODE_OF.has(name) ? el("p", { class: "note more" }, opener(NODE_OF.get(name), "Open the pathway")) : null)));
}

function runSection() {
  const inputs = [...(M.inputs || []), M.labels].filter(Boolean);
  const command = (M.command || []).map((word, at) => (at === 0 ? baseName(word) : /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
  section("run", "Run and citation", command ? [el("h3", {}, "Command"), el("pre", { tabindex: 0 }, command)] : null,
    inputs.length ? [el("h3", {}, "Inputs"), el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Inputs" }, el("table", {}, el("thead", {}, el("tr", {}, ["File", "SHA-256"].map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, inputs.map((own) => el("tr", {}, el("th", { scope: "row" }, String(own.path)), el("td", { class: "long" }, String(own.sha256 || ""))))))) ] : null,
    el("h3", {}, "How to cite"),
    el("p", {}, "Chen H-IH, Chiu Y-C, Zhang T, Zhang S, Huang Y, Chen Y. GSAE: an autoencoder with embedded gene-set nodes for genomics functional characterization. BMC Systems Biology 2018;12(Suppl 8):142. ",
      el("a", { href: "https://doi.org/10.1186/s12918-018-0642-2", rel: "noreferrer noopener", target: "_blank" }, "doi:10.1186/s12918-018-0642-2")),
    el("p", {}, `Name this program too: gsae ${M.version || DATA.version}${M.seed === undefined ? "" : `, seed ${M.seed}`}, and the source and date of the gene sets.`),
    DATA.manifest ? el("details", {}, el("summary", {}, "The whole manifest (run.json)"), el("pre", { tabindex: 0 }, JSON.stringify(M, null, 1))) : null);
  MAIN.append(el("footer", {}, `Written by gsae ${DATA.version}. This file holds everything it shows and asks nothing of any network; only links to sources lead out.`));
}

function theme() {
  const button = byId("theme"), media = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (document.documentElement.dataset.theme || (media.matches ? "dark" : "light")) === "dark";
  const show = () => { button.textContent = dark() ? "Light" : "Dark"; button.setAttribute("aria-label", dark() ? "Light theme" : "Dark theme"); redraw(); };
  button.addEventListener("click", () => { document.documentElement.dataset.theme = dark() ? "light" : "dark"; for (const again of AFTER) again(); show(); });
  media.addEventListener("change", () => { for (const again of AFTER) again(); show(); });
  show();
}

overview();
compareSection();
survivalSection();
nodeSection();
heatmapSection();
(() => { const plot = embedding("embedding-colour", 520); if (plot) section("samples", "Samples", el("p", {}, DATA.embedding.axes[0].startsWith("PC") ? "The samples by the first two principal components of the latent coordinates." : "The samples by the model's two latent coordinates."), plot); })();
groupSection();
supersetSection();
dataSection();
section("model", "Model and training", (() => {
  const curve = trainingChart();
  return curve ? el("div", { class: "two" }, el("figure", {}, curve), facts(modelFacts())) : [el("p", { class: "note" }, "Trained in one step: there is no curve of losses."), facts(modelFacts())];
})());
runSection();
document.title = `${MAIN.querySelector("h1").textContent} \u2013 gsae report`;

byId("find-names").append(...NAMES.slice(0, 2000).map((name) => el("option", { value: name })));
const find = (exact) => {
  const text = byId("find-name").value.trim();
  if (!text) return;
  const node = NODE_OF.get(text) ?? (exact ? undefined : NODE_OF.get(NAMES.find((name) => name.toLowerCase().includes(text.toLowerCase()))));
  if (node !== undefined) { openNode(node); byId("find-name").value = ""; } else if (!exact) said(`No ${NODE} is called ${text}`);
};
byId("find").addEventListener("submit", (event) => { event.preventDefault(); find(false); });
byId("find-name").addEventListener("change", () => find(true));
theme();
for (const again of AFTER) again();
let waiting;
addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(redraw, 120); });
// Paper is light.
let screenTheme;
const repaint = () => { for (const again of AFTER) again(); redraw(); };
addEventListener("beforeprint", () => { screenTheme = document.documentElement.dataset.theme; document.documentElement.dataset.theme = "light"; repaint(); });
addEventListener("afterprint", () => {
  if (screenTheme) document.documentElement.dataset.theme = screenTheme; else delete document.documentElement.dataset.theme;
  repaint();
});
const asked = /^#node-(\d+)$/.exec(location.hash);
if (asked) openNode(Number(asked[1]));
