// Tables that sort, filter, search by name, and show a page at a time.
// columns: {key, label, help, values, show(row), numeric, head}; total rows.
const COLLATOR = new Intl.Collator("en", { numeric: true });
// Every row's place in the ascending order of a column, the same for equal values; -1 if missing.
function ranks(column) {
  if (column.ranks) return column.ranks;
  const { values } = column, out = new Int32Array(values.length).fill(-1);
  const kept = [...values.keys()].filter((row) => !missing(values[row]));
  const way = kept.every((row) => typeof values[row] === "number") ? (a, b) => a - b : (a, b) => COLLATOR.compare(String(a), String(b));
  kept.sort((i, j) => way(values[i], values[j]));
  kept.forEach((row, at) => { out[row] = at && way(values[kept[at - 1]], values[row]) === 0 ? out[kept[at - 1]] : at; });
  return (column.ranks = out);
}
function dataTable({ id, caption, columns, total, searchIn, filters = [], sort, page = 25, choose }) {
  const state = { sort, text: "", filter: {}, page: 0, shown: columns.filter((c) => !c.extra) };
  const all = Array.from({ length: total }, (_, row) => row);
  const lower = searchIn ? all.map((row) => searchIn(row).toLowerCase()) : null;
  // All rows in the order asked for last: a search keeps the order, and only looks.
  let ordered = all, orderedBy = "";
  const inOrder = () => {
    const { key, ascending } = state.sort, column = columns.find((c) => c.key === key);
    if (orderedBy === `${key} ${ascending}`) return ordered;
    const places = column ? ranks(column) : null, sign = ascending ? 1 : -1;
    // What is missing comes last either way.
    ordered = !places ? all : [...all].sort((i, j) => {
      const a = places[i], b = places[j];
      return a < 0 || b < 0 ? Number(a < 0) - Number(b < 0) || i - j : sign * (a - b) || i - j;
    });
    orderedBy = `${key} ${ascending}`;
    return ordered;
  };
  const body = el("tbody"), head = el("tr");
  const status = el("span", { role: "status" });
  const place = el("div");
  const order = () => {
    const words = state.text.toLowerCase().split(/\s+/).filter(Boolean);
    return inOrder().filter((row) => words.every((word) => lower[row].includes(word))
      && filters.every((filter) => !state.filter[filter.key] || filter.keep(row, state.filter[filter.key])));
  };
  const draw = (say) => {
    const rows = order(), pages = Math.max(1, Math.ceil(rows.length / page));
    state.page = Math.min(state.page, pages - 1);
    const first = state.page * page;
    head.replaceChildren(...state.shown.map((column) => el("th", {
      scope: "col", class: column.numeric ? "n" : null,
      "aria-sort": column.key === state.sort.key ? (state.sort.ascending ? "ascending" : "descending") : "none",
    }, el("button", {
      type: "button", title: column.help, "data-sort": column.key,
      onclick: () => {
        const same = state.sort.key === column.key;
        state.sort = { key: column.key, ascending: same ? !state.sort.ascending : !column.numeric || column.ascending === true };
        state.page = 0;
        draw(true);
        head.querySelector(`[data-sort="${CSS.escape(column.key)}"]`).focus();
      },
    }, column.label))));
    body.replaceChildren(...rows.slice(first, first + page).map((row) => el("tr", {}, state.shown.map((column) => {
      const shown = column.show(row);
      if (column.head) return el("th", { scope: "row" }, shown);
      return el("td", { class: column.numeric ? "n" : column.long ? "long" : typeof column.values[row] === "string" && column.values[row].length < 21 ? "word" : null }, shown);
    }))));
    if (!rows.length) body.append(el("tr", {}, el("td", { colspan: state.shown.length }, "Nothing matches.")));
    const text = rows.length ? `${(first + 1).toLocaleString("en-US")} to ${Math.min(first + page, rows.length).toLocaleString("en-US")} of ${rows.length.toLocaleString("en-US")}` : "0 rows";
    status.textContent = rows.length < total ? `${text} (${total.toLocaleString("en-US")} in all)` : text;
    [back.disabled, forth.disabled] = [state.page === 0, state.page >= pages - 1];
    if (say) said(`${caption}: ${status.textContent}`);
  };
  const turn = (by) => { state.page += by; draw(true); };
  const back = el("button", { type: "button", onclick: () => turn(-1) }, "Previous");
  const forth = el("button", { type: "button", onclick: () => turn(1) }, "Next");
  const extras = columns.filter((c) => c.extra);
  const controls = el("div", { class: "controls" },
    searchIn ? el("label", {}, "Search by name", el("input", { type: "search", id: `${id}-search`, oninput: (event) => { state.text = event.target.value; state.page = 0; draw(true); } })) : null,
    filters.map((filter) => el("label", {}, filter.label, el("select", {
      onchange: (event) => { state.filter[filter.key] = event.target.value; state.page = 0; draw(true); },
    }, el("option", { value: "" }, "all"), filter.options.map(([value, text]) => el("option", { value }, text))))),
    extras.length ? el("label", { class: "check" }, el("input", {
      type: "checkbox", onchange: (event) => { state.shown = columns.filter((c) => event.target.checked || !c.extra); draw(true); },
    }), "All columns") : null, choose || null);
  place.append(controls, el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    el("table", { id }, el("caption", { class: "hidden" }, caption), el("thead", {}, head), body)),
  el("div", { class: "pager" }, total > page ? [back, forth] : null, status));
  draw(false);
  return place;
}
function column(key, values, more) {
  const numeric = values.some((value) => typeof value === "number");
  const whole = values.every((value) => missing(value) || Number.isInteger(value));
  const shown = format(key) === number && !whole ? decimal : format(key);
  return {
    key, values, numeric, label: label(key), help: help(key),
    show: (row) => (numeric || shown === yesNo ? shown(values[row]) : missing(values[row]) ? "\u2013" : short(String(values[row]), 160)),
    ascending: /(^|_)(p|q|fdr)$/.test(key), ...more,
  };
}
// A table of findings on nodes (compare, survival).
function findingsTable(id, caption, found, wanted) {
  const rows = found.sets.length;
  const of = (key) => (found.columns.find((own) => own.key === key) || {}).values;
  const [lower, upper] = [of("hazard_ratio_lower"), of("hazard_ratio_upper")];
  const columns = found.columns.map(({ key, values }) => key === "name"
    ? column(key, values, { head: true, show: (row) => (found.sets[row] === null ? short(String(values[row]), 110) : opener(found.sets[row])) })
    : key === "hazard_ratio" && lower && upper
      ? column(key, values, { label: "Hazard ratio (95 % CI)", show: (row) => (missing(values[row]) ? "\u2013" : `${number(values[row])} (${number(lower[row])}\u2013${number(upper[row])})`) })
      : column(key, values, { extra: !wanted.includes(key), long: /genes|edge/.test(key) }));
  // Those wanted come first, in their order; a column that is the same throughout tells nothing.
  const same = (key) => rows > 1 && ["group", "n"].includes(key) && new Set(found.columns.find((own) => own.key === key).values).size < 2;
  for (const own of columns) if (!own.head && !own.extra && same(own.key)) own.extra = true;
  const place = ({ head, key, extra }) => (head ? -1 : extra ? wanted.length : wanted.indexOf(key));
  columns.sort((a, b) => place(a) - place(b));
  const evidenceOf = { key: "evidence", label: "Evidence", values: found.sets.map((node) => (node === null ? null : known("stability", node) ?? known("coverage", node))), numeric: false, show: (row) => (found.sets[row] === null ? "\u2013" : verdict(found.sets[row])) };
  columns.splice(columns.filter((own) => !own.extra).length, 0, evidenceOf);
  const adjusted = found.columns.find(({ key }) => key === "adjusted_p");
  const groups = found.columns.find(({ key }) => key === "group");
  const levels = groups ? [...new Set(groups.values)] : [];
  return dataTable({
    id, caption, columns, total: rows, searchIn: (row) => String(found.columns[0].values[row]), sort: { key: "", ascending: true },
    filters: [
      adjusted ? { key: "significant", label: "Adjusted p", options: [["0.05", "at most 0.05"], ["0.01", "at most 0.01"]], keep: (row, limit) => !missing(adjusted.values[row]) && adjusted.values[row] <= Number(limit) } : null,
      levels.length > 1 ? { key: "group", label: "Group", options: levels.map((level) => [level, short(level, 40)]), keep: (row, level) => groups.values[row] === level } : null,
    ].filter(Boolean),
  });
}
