// A pathway's own page: a dialog with all that is known of it.
const PANEL = byId("panel");
let CHOSEN = "";

function membersTable(node) {
  const members = MEMBERS.of(node);
  const means = DATA.gene_means.map((own) => {
    const annotation = ANNOTATIONS[own.annotation];
    const codes = own.bytes || (own.bytes = bytes(own.codes));
    const step = (own.high - own.low) / 254, groups = annotation.levels.length;
    return { annotation, of: (gene) => Array.from(codes.slice(gene * groups, (gene + 1) * groups), (code) => (code === 255 ? NaN : own.low + code * step)) };
  });
  const scale = diverging();
  const columns = [
    column("gene", members.map((own) => own.name), { head: true, label: "Gene" }),
    column("loading", members.map((own) => own.loading), { label: "Loading", help: "share of the largest loading", show: (row) => [el("span", { class: "hidden" }, percent(members[row].loading)), el("span", { "aria-hidden": true, style: { display: "inline-block", width: "7rem" } }, el("span", { style: { display: "block", height: ".7rem", borderRadius: "2px", background: "var(--accent)", width: `${100 * members[row].loading}%` } })), ] }),
    ...means.map(({ annotation, of }, at) => ({
      key: `means${at}`, label: `Mean by ${short(annotation.name, 24)} (SD)`, help: annotation.levels.join(", "), numeric: true,
      values: members.map((own) => { const v = of(own.gene).filter((x) => x === x); return v.length ? Math.max(...v) - Math.min(...v) : NaN; }),
      show: (row) => {
        const values = of(members[row].gene);
        const text = annotation.levels.map((level, code) => `${level}: ${number(values[code])}`).join(", ");
        return el("span", { class: "cells", role: "img", "aria-label": text, title: text }, values.map((value) => el("i", { style: { background: value === value ? cssColor(scale(value / 1.5)) : NO_GROUP } })));
      },
    })),
  ];
  const key = means.map(({ annotation }) => el("ul", { class: "legend" },
    el("li", {}, `Squares, left to right: ${annotation.levels.map((level) => short(level, 40)).join(", ")}; mean expression, \u22121.5 SD`, rampBar((share) => scale(2 * share - 1)), "+1.5 SD of the gene")));
  return [key, dataTable({ id: "members", caption: "Genes of the pathway", columns, total: members.length, searchIn: (row) => members[row].name, sort: { key: "loading", ascending: false }, page: 20 })];
}

function findingOf(found, node, title, keys) {
  if (!found) return null;
  const rows = found.sets.map((own, row) => (own === node ? row : -1)).filter((row) => row >= 0);
  const used = found.columns.filter(({ key }) => key !== "name");
  const wanted = used.filter(({ key }) => keys.includes(key));
  const shown = (wanted.length ? wanted : used.slice(0, 8)).map(({ key, values }) => {
    const own = column(key, values);
    return own.numeric ? own : { ...own, show: (row) => (missing(values[row]) ? "\u2013" : short(String(values[row]), 60)) };
  });
  return el("section", {}, el("h3", {}, title), rows.length
    ? el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title }, el("table", {},
      el("thead", {}, el("tr", {}, shown.map((own) => el("th", { scope: "col", class: own.numeric ? "n" : null, title: own.help }, own.label)))),
      el("tbody", {}, rows.slice(0, 30).map((row) => el("tr", {}, shown.map((own) => el("td", { class: own.numeric ? "n" : null }, own.show(row))))))))
    : el("p", {}, `${found.file} does not have it.`));
}

// What gsae interpret says of a latent unit.
function unitOf(name) {
  const unit = DATA.supersets.units.find((own) => own.name === name);
  if (!unit) return el("p", { class: "note" }, "gsae interpret tells which genes and gene sets it stands for; its folder goes into this report by gsae report --interpret.");
  return [["Genes with their loadings", unit.genes], ["Gene sets with their loadings", unit.sets]].filter(([, list]) => list.length).map(([title, list]) => [el("h3", {}, title), barList(list, true)]);
}

function openNode(node) {
  if (!(node >= 0 && node < NAMES.length)) return;
  const values = ACTIVITY.of(node);
  const link = DATA.nodes.links[node];
  const close = el("button", { type: "button", id: "panel-close", onclick: () => PANEL.close() }, "Close");
  const facts = DATA.nodes.columns.filter(({ key, values: own }) => key !== "name" && !missing(own[node]));
  const chart = el("div");
  const select = el("select", { id: "panel-annotation" }, ANNOTATIONS.map((own, at) => el("option", { value: at }, own.name)));
  const draw = () => {
    const own = ANNOTATIONS[Number(select.value || 0)];
    const made = own && values ? (own.kind === "groups" ? groupChart(values, own) : numberChart(values, own)) : null;
    chart.replaceChildren(made || el("p", { class: "note" }, "No sample shown has both a label and an activity."));
  };
  select.addEventListener("change", draw);
  if (ANNOTATIONS.length) { select.value = String(CHOSEN === "" ? 0 : CHOSEN); if (select.value === "") select.value = "0"; }
  const near = alike(node, 8).filter(({ r }) => Math.abs(r) >= 0.2);
  const running = runningSum(node);
  const own = MEMBERS ? new Set(MEMBERS.of(node).map((m) => m.gene)) : new Set();
  const shared = (other) => {
    if (!MEMBERS) return "";
    const theirs = MEMBERS.of(other);
    const both = theirs.filter((m) => own.has(m.gene)).length;
    return ` ${both} of ${theirs.length} genes shared`;
  };
  const without = !values ? "Its activity in every sample is not in this report; activity.tsv has it." : "Labels of the samples (--samples) show its activity by group here.";
  PANEL.replaceChildren(el("div", {},
    el("div", { class: "head" }, el("h2", { id: "panel-title", tabindex: -1 }, NAMES[node]), close),
    el("p", {}, known("description", node) && !missing(known("description", node)) ? `${short(String(known("description", node)), 300)} ` : null,
      link ? el("a", { href: link, rel: "noreferrer noopener", target: "_blank" }, "open at its source (web)") : null),
    chips(node),
    el("h3", {}, MEMBERS ? "Activity of the samples" : "Values of the samples"),
    values && ANNOTATIONS.length ? [el("div", { class: "controls" }, el("label", {}, "By", select)), chart]
      : el("p", { class: "note" }, without),
    findingOf(DATA.compare, node, "Comparison", ["group", "reference", "direction", "highest", "lowest", "difference", "statistic", "p", "adjusted_p", "hedges_g", "auroc", "explained", "r"]),
    running ? el("section", {}, el("h3", {}, "Running sum of its genes"), running) : null,
    findingOf(DATA.survival, node, "Survival", ["direction", "n", "hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper", "p", "adjusted_p", "split_p", "split_adjusted_p"]),
    survivalChart(NAMES[node]),
    MEMBERS ? [el("h3", {}, "Genes with their loadings"), membersTable(node)] : unitOf(NAMES[node]),
    near.length ? [el("h3", {}, "Moves with or against"), el("p", { class: "note" }, `Pearson correlation of the ${MEMBERS ? "activities" : "values"} over the samples shown, where it is at least 0.2 in size.`),
      barList(near.map(({ node: other, r }) => [NAMES[other], r, el("span", { class: "note" }, shared(other))]), true, 1)] : null,
    el("h3", {}, `Everything known of the ${NODE}`),
    el("dl", { class: "facts" }, facts.map(({ key, values: field }) => el("div", {}, el("dt", { title: help(key) }, label(key)),
      el("dd", {}, column(key, field).show(node))))),
  ));
  draw();
  if (!PANEL.open) PANEL.showModal();
  PANEL.scrollTop = 0;
  byId("panel-title").focus();
  if (location.hash !== `#node-${node}`) history.replaceState(null, "", `#node-${node}`);
}
PANEL.addEventListener("close", () => history.replaceState(null, "", location.pathname + location.search));
PANEL.addEventListener("click", (event) => { if (event.target === PANEL) PANEL.close(); });
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-node]");
  if (button) openNode(Number(button.getAttribute("data-node")));
});
