// Small figures as SVG: lines, groups, running sums, survival.
function ticks(low, high, wanted = 5) {
  if (!(high > low)) return [low];
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((m) => m * power >= rough) * power;
  const out = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-9; at += step) out.push(Math.abs(at) < step * 1e-9 ? 0 : at);
  return out;
}
const tickText = (value, all) => {
  const step = all.length > 1 ? Math.abs(all[1] - all[0]) : 1;
  return minus(value.toFixed(Math.min(6, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)))));
};

// The width of a chart: as much as there is, up to what is good to read.
const wide = () => Math.min(620, Math.max(320, innerWidth - 48));

// Axes with a grid; gives the drawing and the two scales.
function frame({ width = Math.min(560, wide()), height = 260, x, y, xLabel, yLabel, title, left = 52, bottom = 42, xTicks }) {
  const right = 12, top = 10;
  const sx = (value) => left + ((value - x[0]) / (x[1] - x[0] || 1)) * (width - left - right);
  const sy = (value) => height - bottom - ((value - y[0]) / (y[1] - y[0] || 1)) * (height - bottom - top);
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, role: "img", "aria-label": title });
  const ys = ticks(y[0], y[1]);
  for (const value of ys) {
    root.append(svg("path", { class: "grid", d: `M${left} ${sy(value)}H${width - right}` }),
      svg("text", { x: left - 6, y: sy(value) + 4, "text-anchor": "end" }, tickText(value, ys)));
  }
  const xs = xTicks || ticks(x[0], x[1], Math.max(2, Math.floor(width / 90)));
  for (const value of xTicks === false ? [] : xs) {
    root.append(svg("text", { x: sx(value), y: height - bottom + 16, "text-anchor": "middle" }, tickText(value, xs)));
  }
  root.append(svg("path", { class: "axis", d: `M${left} ${top}V${height - bottom}H${width - right}` }));
  if (xLabel) root.append(svg("text", { x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle" }, xLabel));
  if (yLabel) root.append(svg("text", { transform: `translate(13 ${(height - bottom + top) / 2}) rotate(-90)`, "text-anchor": "middle" }, yLabel));
  return { root, sx, sy, left, right, top, bottom, width, height };
}
const PEN = document.createElement("canvas").getContext("2d");
const textWidth = (text) => { PEN.font = `12px ${style("--sans")}`; return PEN.measureText(text).width; };
const line = (points, color, more) => svg("path", {
  d: points.map(([x, y], at) => `${at ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join(""),
  fill: "none", stroke: color, "stroke-width": 2, ...more,
});

function trainingChart() {
  const { epochs, train, validation, best } = DATA.history;
  const all = train.concat(validation).filter((value) => !missing(value));
  if (epochs.length < 2 || !all.length) return null;
  const low = Math.min(...all), high = Math.max(...all);
  const chart = frame({
    x: [epochs[0], Math.max(epochs[epochs.length - 1], epochs[0] + 1)], y: [low - 0.05 * (high - low), high],
    xLabel: "epoch", yLabel: "loss", title: `Loss by epoch; the best epoch is ${best}`,
  });
  const draw = (values, color, more) => {
    const points = epochs.map((epoch, at) => [epoch, values[at]]).filter(([, value]) => !missing(value));
    if (points.length) chart.root.append(line(points.map(([x, y]) => [chart.sx(x), chart.sy(y)]), color, more));
  };
  chart.root.append(svg("path", { d: `M${chart.sx(best)} ${chart.top}V${chart.height - chart.bottom}`, stroke: style("--grey"), "stroke-dasharray": "3 4" }));
  draw(train, GROUPS[0]);
  draw(validation, GROUPS[5], { "stroke-dasharray": "7 3" });
  const legend = el("ul", { class: "legend" }, swatch(GROUPS[0], "training"),
    validation.some((value) => !missing(value)) ? swatch(GROUPS[5], "held-out samples (dashed)") : null,
    el("li", {}, `vertical line: the epoch whose weights the model keeps (${best})`));
  return el("div", { class: "plot" }, chart.root, legend);
}

const quantile = (sorted, share) => {
  const at = share * (sorted.length - 1), low = Math.floor(at);
  return sorted[low] + (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]) * (at - low);
};

// Activity by group: density, quartiles and, for few samples, every one of them.
function groupChart(values, annotation) {
  const groups = annotation.levels.map((level, code) => {
    const own = [];
    annotation.codes.forEach((c, at) => { if (c === code && values[at] === values[at]) own.push(values[at]); });
    return { level, code, own: own.sort((a, b) => a - b) };
  }).filter(({ own }) => own.length);
  if (!groups.length) return null;
  const low = Math.min(...groups.map(({ own }) => own[0])), high = Math.max(...groups.map(({ own }) => own[own.length - 1]));
  const pad = 0.06 * (high - low || 1);
  const row = groups.length > 14 ? 22 : 34, width = wide(), letters = width < 500 ? 14 : 24;
  const names = groups.map(({ level, own }) => `${short(level, letters)} (${own.length.toLocaleString("en-US")})`);
  const left = Math.max(60, 16 + Math.max(...names.map(textWidth)));
  const chart = frame({ width, height: groups.length * row + 54, left, x: [low - pad, high + pad], y: [0, 1], xLabel: `${MEMBERS ? "activity" : "value"} (SD of the training samples)`, title: `Activity by ${annotation.name}` });
  chart.root.querySelectorAll(".grid, text[text-anchor=end]").forEach((old) => old.remove());
  chart.root.append(svg("path", { class: "grid", d: `M${chart.sx(0)} 10V${chart.height - chart.bottom}` }));
  groups.forEach(({ level, code, own }, at) => {
    const middle = 10 + row * (at + 0.5), half = row * 0.42, color = groupColor(code);
    const name = svg("text", { x: left - 8, y: middle + 4, "text-anchor": "end" }, names[at]);
    name.append(svg("title", {}, level));
    chart.root.append(name);
    if (own.length > 7 && own[own.length - 1] > own[0]) {
      const sd = Math.sqrt(own.reduce((s, v) => s + (v - quantile(own, 0.5)) ** 2, 0) / own.length);
      const width = 1.06 * (sd || 1) * own.length ** -0.2;
      const every = Math.ceil(own.length / 400);
      const some = own.filter((_, at) => at % every === 0);
      const from = Math.max(own[0] - width, low - pad), to = Math.min(own[own.length - 1] + width, high + pad);
      const grid = Array.from({ length: 61 }, (_, i) => from + (i / 60) * (to - from));
      const density = grid.map((x) => some.reduce((sum, v) => sum + Math.exp(-0.5 * ((x - v) / width) ** 2), 0));
      const most = Math.max(...density);
      const edge = (side) => grid.map((x, i) => `${chart.sx(x).toFixed(1)} ${(middle + (side * half * density[i]) / most).toFixed(1)}`);
      chart.root.append(svg("path", { d: `M${edge(-1).join("L")}L${edge(1).reverse().join("L")}Z`, fill: color, "fill-opacity": 0.35, stroke: color }));
    }
    if (own.length <= 60) own.forEach((value, i) => chart.root.append(svg("circle", { cx: chart.sx(value), cy: middle + (((i * 7) % 5) - 2) * half * 0.22, r: 2.4, fill: color, "fill-opacity": 0.8 })));
    const [q1, q2, q3] = [0.25, 0.5, 0.75].map((share) => chart.sx(quantile(own, share)));
    chart.root.append(svg("path", { d: `M${q1} ${middle}H${q3}`, stroke: style("--ink"), "stroke-width": 3 }), svg("circle", { cx: q2, cy: middle, r: 4, fill: style("--paper"), stroke: style("--ink"), "stroke-width": 2 }));
  });
  return chart.root;
}

function numberChart(values, annotation) {
  const pairs = annotation.values.map((x, at) => [x, values[at], at]).filter(([x, y]) => !missing(x) && y === y);
  if (pairs.length < 2) return null;
  const xs = pairs.map(([x]) => x), ys = pairs.map(([, y]) => y);
  const range = (v) => [v.reduce((a, b) => Math.min(a, b)), v.reduce((a, b) => Math.max(a, b))];
  const chart = frame({ width: wide(), x: range(xs), y: range(ys), xLabel: annotation.name, yLabel: MEMBERS ? "activity (SD)" : "value (SD)", title: `Activity along ${annotation.name}` });
  const every = Math.ceil(pairs.length / 3000);
  pairs.filter((_, at) => at % every === 0).forEach(([x, y]) => chart.root.append(svg("circle", { cx: chart.sx(x).toFixed(1), cy: chart.sy(y).toFixed(1), r: 2.5, fill: style("--accent"), "fill-opacity": 0.5 })));
  return chart.root;
}

// The running sum of GSEA (Subramanian et al. 2005) of a node's genes in the ranking.
function runningSum(node) {
  if (!DATA.ranking || !MEMBERS) return null;
  const { genes, statistics, title } = DATA.ranking;
  const own = new Set(MEMBERS.of(node).map((member) => member.gene));
  const hits = genes.map((gene, rank) => (own.has(gene) ? rank : -1)).filter((rank) => rank >= 0);
  if (!hits.length || hits.length === genes.length) return null;
  const total = hits.reduce((sum, rank) => sum + Math.abs(statistics[rank]), 0);
  const miss = 1 / (genes.length - hits.length);
  let weight = 0, best = 0, peak = 0;
  const points = [[0, 0]];
  hits.forEach((rank, at) => {
    const before = weight - (rank - at) * miss;
    weight += total > 0 ? Math.abs(statistics[rank]) / total : 1 / hits.length;
    const after = weight - (rank - at) * miss;
    points.push([rank, before], [rank, after]);
    for (const value of [before, after]) if (Math.abs(value) > Math.abs(best)) { best = value; peak = rank; }
  });
  points.push([genes.length, 0]);
  const ys = points.map(([, y]) => y);
  const chart = frame({ width: wide(), height: 270, bottom: 62, x: [0, genes.length], y: [Math.min(0, ...ys), Math.max(0, ...ys)], yLabel: "running sum", xLabel: "rank of the gene", title: `Running sum; enrichment score ${number(best)}` });
  const base = chart.height - chart.bottom;
  chart.root.querySelectorAll("text[text-anchor=middle]").forEach((text) => { if (Number(text.getAttribute("y")) === base + 16) text.setAttribute("y", base + 36); });
  chart.root.append(svg("path", { d: hits.map((rank) => `M${chart.sx(rank).toFixed(1)} ${base + 3}v15`).join(""), stroke: style("--ink"), "stroke-opacity": 0.55 }),
    svg("path", { class: "grid", d: `M${chart.left} ${chart.sy(0)}H${chart.width - chart.right}` }),
    line(points.map(([x, y]) => [chart.sx(x), chart.sy(y)]), GROUPS[2]));
  return el("figure", {}, chart.root, el("figcaption", {},
    `${title}. ${count(hits.length, "gene")} of the ${NODE} among ${count(genes.length, "gene")}; enrichment score ${number(best)}, reached at rank ${(peak + 1).toLocaleString("en-US")}.`));
}

// Kaplan-Meier curves with confidence bands, censored times and numbers at risk.
function survivalChart(name) {
  const field = (key) => (DATA.curves.find((column) => column.key === key) || { values: [] }).values;
  const [names, groups, time, risk, survival, lower, upper, censored] = ["name", "group", "time", "at_risk", "survival", "lower", "upper", "censored"].map(field);
  const sides = new Map();
  names.forEach((own, row) => {
    if (own !== name) return;
    if (!sides.has(groups[row])) sides.set(groups[row], []);
    sides.get(groups[row]).push(row);
  });
  if (!sides.size) return null;
  const last = Math.max(...[...sides.values()].flat().map((row) => time[row]));
  const chart = frame({ width: wide(), height: 280 + 18 * sides.size, bottom: 62 + 18 * sides.size, left: 70, x: [0, last || 1], y: [0, 1], yLabel: "survival", title: `Survival above and below the split of ${name}` });
  const base = chart.height - chart.bottom;
  const at = ticks(0, last, 5);
  chart.root.append(svg("text", { x: chart.left, y: base + 32 }, "time; at risk:"));
  [...sides].forEach(([group, rows], side) => {
    const color = GROUPS[side ? 0 : 5];
    const step = (values) => rows.flatMap((row, i) => {
      const y = values[row];
      return missing(y) ? [] : [...(i ? [[time[row], missing(values[rows[i - 1]]) ? y : values[rows[i - 1]]]] : []), [time[row], y]];
    });
    const place = ([x, y]) => [chart.sx(x), chart.sy(y)];
    const band = step(lower).map(place).concat(step(upper).map(place).reverse());
    if (band.length) chart.root.append(svg("path", { d: `M${band.map((p) => p.map((v) => v.toFixed(1)).join(" ")).join("L")}Z`, fill: color, "fill-opacity": 0.14 }));
    chart.root.append(line(step(survival).map(place), color, side ? { "stroke-dasharray": "7 3" } : {}));
    for (const row of rows) if (censored[row] > 0) chart.root.append(svg("path", { d: `M${chart.sx(time[row])} ${chart.sy(survival[row]) - 4}v8`, stroke: color }));
    const y = base + 50 + 18 * side;
    chart.root.append(svg("text", { x: chart.left - 22, y, "text-anchor": "end" }, short(group, 8)));
    for (const t of at) {
      const next = rows.find((row) => time[row] >= t);
      chart.root.append(svg("text", { x: chart.sx(t), y, "text-anchor": "middle" }, String(next === undefined ? 0 : risk[next])));
    }
  });
  const legend = el("ul", { class: "legend" }, [...sides.keys()].map((group, side) => swatch(GROUPS[side ? 0 : 5], `${group} activity${side ? " (dashed)" : ""}`)));
  return el("figure", {}, chart.root, legend, el("figcaption", {}, "Kaplan-Meier estimate with 95 % bands; ticks are censored samples."));
}

// Names with bars, both signs.
function barList(entries, open, full) {
  const most = full || Math.max(1e-9, ...entries.map(([, value]) => Math.abs(value)));
  return el("ul", { class: "bars" }, entries.map(([name, value, extra]) => el("li", {},
    el("span", {}, open && NODE_OF.has(name) ? opener(NODE_OF.get(name)) : short(name, 90), extra || null),
    el("span", {}, el("span", { class: value < 0 ? "fill minus" : "fill", style: { width: `${(100 * Math.abs(value)) / most}%` } })),
    el("span", { class: "n" }, number(value)))));
}
