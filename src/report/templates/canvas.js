// Figures with many points: a scatter of samples or pathways, and the heatmap.
function fitCanvas(canvas, width, height) {
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
const REDRAW = new Set();
function redraw() { for (const draw of REDRAW) draw(); }

// points: {x, y}; color(at), text(at); open(at) on a click.
function scatter({ x, y, xLabel, yLabel, title, height = 420, radius, open, lines }) {
  const canvas = el("canvas", { role: "img", "aria-label": title });
  const tip = el("div", { class: "tip", hidden: true });
  const box = el("div", { class: "plot" }, canvas, tip);
  const given = [];
  for (let at = 0; at < x.length; at++) if (!missing(x[at]) && !missing(y[at])) given.push(at);
  const range = (values) => {
    let low = Infinity, high = -Infinity;
    for (const at of given) { low = Math.min(low, values[at]); high = Math.max(high, values[at]); }
    const pad = 0.04 * (high - low || 1);
    return [low - pad, high + pad];
  };
  const xr = range(x), yr = range(y);
  let look = { color: () => style("--accent"), text: () => "" };
  let scale = null;
  const draw = () => {
    if (!box.isConnected || !box.clientWidth) return;
    const width = Math.min(box.clientWidth, 900), tall = Math.min(height, width * 0.85);
    const context = fitCanvas(canvas, width, tall);
    const left = 46, bottom = 38, top = 8, right = 8;
    const sx = (value) => left + ((value - xr[0]) / (xr[1] - xr[0])) * (width - left - right);
    const sy = (value) => tall - bottom - ((value - yr[0]) / (yr[1] - yr[0])) * (tall - bottom - top);
    scale = { sx, sy };
    context.strokeStyle = style("--line");
    context.fillStyle = style("--soft");
    context.font = "12px system-ui, sans-serif";
    context.textAlign = "right";
    const ys = ticks(yr[0], yr[1]), xs = ticks(xr[0], xr[1], Math.max(3, Math.floor(width / 100)));
    context.beginPath();
    for (const value of ys) { context.moveTo(left, sy(value)); context.lineTo(width - right, sy(value)); context.fillText(tickText(value, ys), left - 5, sy(value) + 4); }
    context.textAlign = "center";
    for (const value of xs) { context.moveTo(sx(value), top); context.lineTo(sx(value), tall - bottom); context.fillText(tickText(value, xs), sx(value), tall - bottom + 15); }
    context.stroke();
    context.fillText(xLabel, (left + width) / 2, tall - 6);
    context.save();
    context.translate(11, (tall - bottom) / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(yLabel, 0, 0);
    context.restore();
    context.strokeStyle = style("--grey");
    context.setLineDash([4, 4]);
    for (const { axis, value } of lines || []) {
      context.beginPath();
      if (axis === "x") { context.moveTo(sx(value), top); context.lineTo(sx(value), tall - bottom); }
      else { context.moveTo(left, sy(value)); context.lineTo(width - right, sy(value)); }
      context.stroke();
    }
    context.setLineDash([]);
    const r = radius || (given.length > 5000 ? 1.6 : given.length > 800 ? 2.4 : 3.8);
    context.globalAlpha = given.length > 800 ? 0.75 : 0.9;
    // In an order that mixes groups, so that none hides another.
    const stride = given.length % 7919 ? 7919 : 7907;
    for (let step = 0; step < given.length; step++) {
      const at = given[(step * stride) % given.length];
      context.fillStyle = look.color(at);
      context.beginPath();
      context.arc(sx(x[at]), sy(y[at]), r, 0, 7);
      context.fill();
    }
    context.globalAlpha = 1;
  };
  const nearest = (event) => {
    if (!scale) return -1;
    const own = canvas.getBoundingClientRect();
    const px = event.clientX - own.left, py = event.clientY - own.top;
    let best = -1, closest = 144;
    for (const at of given) {
      const d = (scale.sx(x[at]) - px) ** 2 + (scale.sy(y[at]) - py) ** 2;
      if (d < closest) { closest = d; best = at; }
    }
    return best;
  };
  canvas.addEventListener("pointermove", (event) => {
    const at = nearest(event);
    tip.hidden = at < 0;
    canvas.style.cursor = open && at >= 0 ? "pointer" : "";
    if (at < 0) return;
    tip.textContent = look.text(at);
    const left = scale.sx(x[at]);
    tip.style.left = left > canvas.clientWidth * 0.6 ? "" : `${left + 12}px`;
    tip.style.right = left > canvas.clientWidth * 0.6 ? `${box.clientWidth - left + 12}px` : "";
    tip.style.top = `${scale.sy(y[at]) - 10}px`;
  });
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
  if (open) canvas.addEventListener("click", (event) => { const at = nearest(event); if (at >= 0) open(at); });
  REDRAW.add(draw);
  return { box, draw, paint(next) { look = next; draw(); } };
}

// Pathways as rows, samples as columns, annotations above.
function heatmap() {
  const rows = DATA.heatmap.nodes.filter((node) => ACTIVITY.has(node));
  if (!rows.length || DATA.heatmap.samples.length < 2) return null;
  const values = rows.map((node) => ACTIVITY.of(node));
  const canvas = el("canvas", { role: "img", "aria-label": `Activity of ${rows.length} ${NODES} in ${DATA.heatmap.samples.length} samples; the table above has them one by one` });
  const tip = el("div", { class: "tip", hidden: true });
  const box = el("div", { class: "plot" }, canvas, tip);
  const tracks = ANNOTATIONS.map((_, at) => at).slice(0, 6);
  const row = 15, track = 12, top = tracks.length * track + (tracks.length ? 5 : 0);
  const labels = el("ol", { style: { paddingTop: `${top}px` } }, rows.map((node) => el("li", { style: { height: `${row}px` } }, opener(node, NAMES[node]))));
  let sorted = DATA.heatmap.samples;
  const draw = () => {
    if (!box.isConnected || !box.clientWidth) return;
    const width = Math.floor(box.clientWidth), height = top + rows.length * row;
    const context = fitCanvas(canvas, width, height);
    const scale = diverging(), empty = rgb(NO_GROUP);
    const image = document.createElement("canvas");
    image.width = sorted.length;
    image.height = rows.length;
    const inner = image.getContext("2d");
    const pixels = inner.createImageData(sorted.length, rows.length);
    values.forEach((own, r) => sorted.forEach((sample, c) => {
      const value = own[sample];
      const [red, green, blue] = value === value ? scale(value / 2.5) : empty;
      pixels.data.set([red, green, blue, 255], 4 * (r * sorted.length + c));
    }));
    inner.putImageData(pixels, 0, 0);
    context.imageSmoothingEnabled = sorted.length > width;
    context.drawImage(image, 0, top, width, height - top);
    tracks.forEach((annotation, at) => {
      const look = colouring(`annotation:${annotation}`);
      sorted.forEach((sample, c) => {
        context.fillStyle = look.color(sample);
        context.fillRect((c * width) / sorted.length, at * track, width / sorted.length + 0.5, track - 2);
      });
    });
  };
  canvas.addEventListener("pointermove", (event) => {
    const own = canvas.getBoundingClientRect();
    const px = event.clientX - own.left, py = event.clientY - own.top;
    const sample = sorted[Math.min(sorted.length - 1, Math.max(0, Math.floor((px / own.width) * sorted.length)))];
    const r = Math.floor((py - top) / row);
    tip.hidden = r >= rows.length;
    const known = tracks.map((at) => colouring(`annotation:${at}`).text(sample)).join("\n");
    tip.textContent = `${DATA.samples.names[sample]}\n${known}${r >= 0 && r < rows.length ? `\n${NAMES[rows[r]]}: ${number(values[r][sample])}` : ""}`;
    tip.style.left = px > own.width / 2 ? "" : `${px + 14}px`;
    tip.style.right = px > own.width / 2 ? `${own.width - px + 14}px` : "";
    tip.style.top = `${py + 14}px`;
  });
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
  REDRAW.add(draw);
  return {
    box: el("div", { class: "map" }, labels, box),
    tracks,
    // By a group or a number, like samples beside each other within; or by likeness alone.
    sortBy(annotation) {
      const place = new Map(DATA.heatmap.samples.map((sample, at) => [sample, at]));
      const own = ANNOTATIONS[annotation];
      const key = (sample) => {
        if (!own) return 0;
        const value = own.kind === "groups" ? own.codes[sample] : own.values[sample];
        return missing(value) ? Infinity : value;
      };
      sorted = [...DATA.heatmap.samples].sort((a, b) => (key(a) === key(b) ? 0 : key(a) - key(b)) || place.get(a) - place.get(b));
      draw();
    },
  };
}
