// Palettes that people with colour-vision deficiencies can tell apart.
// Okabe & Ito 2008, then what is farthest from all before; the same as of the figures.
const GROUPS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a500", "#7f7f7f",
  "#a50f2d", "#a5e178", "#7887ff", "#ffc3b4", "#960078", "#3ce1f0", "#b4874b", "#872d5a",
  "#004ba5", "#874b00", "#1e5a2d", "#a5b478", "#78a5ff", "#c35a5a", "#c3d24b", "#a587c3"];
const NO_GROUP = "#9aa3ad";
// Some of them are too dark to be seen on a dark page.
const LIGHTER = { "#a50f2d": "#e0405f", "#960078": "#d23cb4", "#872d5a": "#b45087", "#004ba5": "#3c82e6", "#1e5a2d": "#3f8f52" };
const isDark = () => style("color-scheme") === "dark";
function groupColor(code) {
  if (code === 255) return NO_GROUP;
  const color = GROUPS[code % GROUPS.length];
  return (isDark() && LIGHTER[color]) || color;
}
const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
function ramp(stops) {
  const points = stops.map(rgb);
  return (share) => {
    const at = Math.min(Math.max(share, 0), 1) * (points.length - 1);
    const low = Math.min(Math.floor(at), points.length - 2);
    return points[low].map((c, i) => Math.round(c + (points[low + 1][i] - c) * (at - low)));
  };
}
const cssColor = (c) => `rgb(${c[0]} ${c[1]} ${c[2]})`;
// Blue, the paper's tone, orange-red: from -1 to 1.
function diverging() {
  const scale = ramp(["#0b3c7d", "#2f7fc1", "#9cc7e6", style("--middle"), "#f5b895", "#d9602a", "#8c2a0a"]);
  return (value) => scale((value + 1) / 2);
}
// Viridis in nine stops.
const viridis = ramp(["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"]);

// A colouring of the samples: colour of each, legend, text of each.
function colouring(choice) {
  if (choice.startsWith("node:")) {
    const node = Number(choice.slice(5));
    const values = ACTIVITY.of(node) || new Float32Array(SAMPLES).fill(NaN);
    const scale = diverging();
    return {
      title: NAMES[node],
      color: (at) => (values[at] === values[at] ? cssColor(scale(values[at] / 2.5)) : NO_GROUP),
      text: (at) => `activity ${number(values[at])}`,
      legend: [el("li", {}, "\u22122.5 SD", rampBar((share) => scale(2 * share - 1)), "+2.5 SD")],
    };
  }
  const own = ANNOTATIONS[Number(choice.slice(11))];
  if (!own) return { title: "samples", color: () => style("--accent"), text: () => "", legend: [] };
  if (own.kind === "numbers") {
    const given = own.values.filter((value) => !missing(value));
    const low = given.reduce((a, b) => Math.min(a, b), Infinity);
    const high = given.reduce((a, b) => Math.max(a, b), -Infinity);
    return {
      title: own.name,
      color: (at) => (missing(own.values[at]) ? NO_GROUP : cssColor(viridis((own.values[at] - low) / (high - low || 1)))),
      text: (at) => `${own.name}: ${number(own.values[at])}`,
      legend: [el("li", {}, number(low), rampBar(viridis), number(high))],
    };
  }
  const tints = own.levels.map((_, code) => groupColor(code));
  const counts = new Array(own.levels.length).fill(0);
  let without = 0;
  own.codes.forEach((code) => (code === 255 ? without++ : counts[code]++));
  return {
    title: own.name,
    color: (at) => (own.codes[at] === 255 ? NO_GROUP : tints[own.codes[at]]),
    text: (at) => `${own.name}: ${own.codes[at] === 255 ? "not labelled" : own.levels[own.codes[at]]}`,
    legend: own.levels.map((level, code) => swatch(tints[code], `${short(level, 40)} (${counts[code].toLocaleString("en-US")})`))
      .concat(without ? [swatch(NO_GROUP, `not labelled (${without.toLocaleString("en-US")})`)] : [])
      .concat(own.levels.length > GROUPS.length ? [el("li", {}, `colours repeat after ${GROUPS.length}`)] : []),
  };
}
const swatch = (color, text) => el("li", {}, el("i", { style: { background: color } }), text);
function rampBar(scale) {
  const stops = [0, 0.17, 0.33, 0.5, 0.67, 0.83, 1].map((at) => cssColor(scale(at)));
  return el("span", { class: "ramp", style: { background: `linear-gradient(90deg, ${stops.join(",")})` } });
}
// Choices of a colour menu.
function colourOptions(extra) {
  const options = ANNOTATIONS.map((own, at) => el("option", { value: `annotation:${at}` }, own.name));
  const nodes = extra.filter((node) => ACTIVITY.has(node));
  return [
    options.length ? el("optgroup", { label: "Annotations" }, options) : null,
    nodes.length ? el("optgroup", { label: `Activity of a ${NODE}` }, nodes.map((node) =>
      el("option", { value: `node:${node}` }, short(NAMES[node], 60)))) : null,
  ].filter(Boolean);
}
