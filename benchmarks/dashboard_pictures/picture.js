// Lays out a dashboard's JSON on Grafana's grid and draws what its queries answered. Not Grafana:
// of its options only those are read that our panels set.

const CELL = 30;
const GAP = 8;
const COLUMNS = 24;
const PALETTE = ["#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9"];
const PLAIN = "#ccccdc";
let variables = {};

function draw(found) {
  variables = found.variables;
  const main = document.querySelector("main");
  main.append(head(found));
  const grid = add(main, "div", "grid");
  const width = main.clientWidth - 32;
  const cell = (width - GAP * (COLUMNS - 1)) / COLUMNS;
  let bottom = 0;
  for (const panel of found.dashboard.panels) {
    const { x, y, w, h } = panel.gridPos;
    const box = add(grid, "section", panel.type === "row" ? "heading" : "panel");
    const height = h * CELL + (h - 1) * GAP;
    Object.assign(box.style, {
      left: `${x * (cell + GAP)}px`, top: `${y * (CELL + GAP)}px`,
      width: `${w * cell + (w - 1) * GAP}px`, height: `${height}px`,
    });
    bottom = Math.max(bottom, y * (CELL + GAP) + height);
    if (panel.type === "row") box.textContent = words(panel.title);
    else drawPanel(box, panel, found);
  }
  grid.style.height = `${bottom}px`;
}

function head(found) {
  const header = document.createElement("header");
  add(header, "h1").textContent = found.dashboard.title;
  for (const one of found.dashboard.templating.list) {
    if (one.hide === 2) continue;
    const box = add(header, "span", "variable");
    add(box, "b").textContent = one.label;
    const value = one.multi ? "All" : found.variables[one.name];
    const option = (one.options ?? []).find((each) => each.value === value);
    box.append(option ? option.text : value);
  }
  const times = [found.from, found.to].map((at) => stamp(at)).join(" to ");
  add(header, "span", "variable").textContent = times;
  add(header, "span", "note").textContent = "simulated posts, drawn without Grafana";
  return header;
}

function drawPanel(box, panel, found) {
  add(box, "h2").textContent = words(panel.title);
  const body = add(box, "div", "body");
  const answer = found.answers[panel.id];
  if (!answer) return nothing(body, "from Prometheus: not drawn here");
  const columns = answer.columns.map((column) => ({ ...column, ...settings(panel, column.name) }));
  if (!columns[0].values.length) return nothing(body, columns[0].noValue ?? "No data");
  const drawn = { stat: tiles, table, bargauge: bars, barchart: groups, timeseries: lines };
  drawn[panel.type](body, panel, columns, found, box);
}

/** What holds for a column: the panel's defaults and what is set for it. */
function settings(panel, name) {
  const { defaults, overrides } = panel.fieldConfig;
  const found = { ...defaults, custom: { ...defaults.custom } };
  for (const one of overrides) {
    if (one.matcher.options !== name) continue;
    for (const { id, value } of one.properties) {
      if (id.startsWith("custom.")) found.custom[id.slice(7)] = value;
      else found[id] = value;
    }
  }
  return found;
}

function tiles(body, _panel, columns) {
  const row = add(body, "div", "tiles");
  for (const column of columns) {
    const tile = add(row, "div", "tile");
    add(tile, "span").textContent = column.name;
    const value = add(tile, "b");
    value.textContent = said(column, column.values[0]);
    value.style.color = colourOf(column, column.values[0]);
  }
}

function table(body, _panel, columns) {
  const grid = add(body, "table");
  const sizes = add(grid, "colgroup");
  const line = add(add(grid, "thead"), "tr");
  for (const column of columns) {
    const size = add(sizes, "col");
    if (column.custom.width) size.style.width = `${column.custom.width}px`;
    add(line, "th", isNumber(column) ? "number" : "").textContent = column.name;
  }
  const rows = add(grid, "tbody");
  columns[0].values.some((_, at) => {
    const row = add(rows, "tr");
    for (const column of columns) cellOf(row, column, column.values[at]);
    return grid.offsetHeight > body.clientHeight;
  });
}

function cellOf(row, column, value) {
  const cell = add(row, "td", isNumber(column) ? "number" : "");
  const kind = column.custom.cellOptions?.type;
  const text = said(column, value);
  if (kind === "gauge" && value !== null) {
    const gauge = add(cell, "div", "gauge");
    const bar = add(add(gauge, "div"), "i");
    bar.style.width = `${(100 * (value - (column.min ?? 0))) / ((column.max ?? 1) - (column.min ?? 0))}%`;
    bar.style.background = column.color.fixedColor;
    gauge.append(text);
    return;
  }
  if (column.links) add(cell, "a").textContent = text;
  else cell.textContent = text;
  if (column.custom.cellOptions?.wrapText) cell.className = "wrapped";
  if (kind === "color-background") {
    const colour = colourOf(column, value);
    if (colour !== PLAIN && colour !== "transparent") {
      cell.style.background = colour;
      cell.style.color = "#fff";
    }
  }
}

function bars(body, _panel, columns) {
  const [names, numbers] = columns;
  const box = add(body, "div", "bars");
  const most = numbers.max ?? Math.max(...numbers.values);
  names.values.forEach((name, at) => {
    add(box, "span").textContent = name;
    const bar = add(add(box, "div", "track"), "i");
    bar.style.width = `${(100 * numbers.values[at]) / most}%`;
    bar.style.background = numbers.color.fixedColor;
    add(box, "span").textContent = said(numbers, numbers.values[at]);
  });
}

/** Bars beside each other, a group for each name. */
function groups(body, panel, columns, _found, box) {
  const names = columns.find((column) => column.name === panel.options.xField);
  const series = columns.filter((column) => column !== names);
  const places = names.values.map((_, at) => at);
  const width = 0.7 / series.length;
  const legend = legendOf(box, series.map((one) => [one.name, one.color.fixedColor]));
  const data = [places];
  const shown = series.map((one, number) => {
    data.push(one.values);
    return {
      fill: one.color.fixedColor, width: 0, points: { show: false },
      paths: (u, at, from, to) => {
        const fill = new Path2D();
        for (let i = from; i <= to; i++) {
          if (u.data[at][i] === null) continue;
          const left = u.valToPos(i - 0.35 + width * number, "x", true);
          const right = u.valToPos(i - 0.35 + width * (number + 0.9), "x", true);
          const top = u.valToPos(u.data[at][i], "y", true);
          fill.rect(left, top, right - left, u.valToPos(0, "y", true) - top);
        }
        return { fill };
      },
    };
  });
  plot(body, legend, {
    scales: { x: { time: false, range: [-0.5, places.length - 0.5] }, y: { range: bounds(series[0]) } },
    axes: [
      { ...axis(), splits: places, values: () => names.values },
      { ...axis(), size: 52, values: (_, marks) => marks.map((mark) => said(series[0], mark)) },
    ],
    series: [{}, ...shown],
  }, data);
}

function lines(body, panel, columns, found, box) {
  const { times, series } = wide(columns, panel);
  const isStacked = series[0].custom.stacking.mode === "normal";
  const data = [times];
  const sums = times.map(() => 0);
  const shown = [];
  const order = isStacked ? [...series].reverse() : series;
  for (const one of isStacked ? series : []) {
    one.stacked = one.values.map((value, at) => (sums[at] += value ?? 0));
  }
  order.forEach((one) => {
    data.push(isStacked ? one.stacked : one.values);
    const { custom } = one;
    shown.push({
      label: one.name,
      stroke: custom.lineWidth ? one.colour : undefined,
      width: custom.lineWidth,
      dash: custom.lineStyle?.dash,
      fill: isStacked ? one.colour + "d0" : undefined,
      points: { show: custom.showPoints === "always" || (custom.showPoints === "auto" && times.length < 60), size: 7, fill: one.colour },
      paths: custom.drawStyle === "bars" ? uPlot.paths.bars({ size: [0.92, 100] }) : uPlot.paths.linear(),
    });
  });
  const at = (name) => 1 + order.findIndex((one) => one.name === name);
  const bands = order.filter((one) => one.custom.fillBelowTo).map((one) => ({
    series: [at(one.name), at(one.custom.fillBelowTo)],
    fill: one.colour + Math.round(2.55 * one.custom.fillOpacity).toString(16).padStart(2, "0"),
  }));
  const named = series.filter((one) => !one.custom.hideFrom?.legend);
  const legend = legendOf(box, named.map((one) => [one.name, one.colour]));
  plot(body, legend, {
    bands,
    scales: { x: { min: found.from, max: found.to }, y: { range: bounds(series[0]) } },
    axes: [
      { ...axis(), grid: { stroke: "#25272d", width: 1 } },
      { ...axis(), size: 58, values: (_, marks) => marks.map((mark) => said(series[0], mark)) },
    ],
    series: [{}, ...shown],
    hooks: { draw: found.marks ? [(u) => marks(u, found.marks)] : [] },
  }, data);
}

/** Rows with a word for the series become a column each, as the plugin makes of them. */
function wide(columns, panel) {
  const [time, ...rest] = columns;
  const label = rest.find((column) => !isNumber(column));
  if (!label) {
    rest.forEach((one, at) => { one.colour = one.color.fixedColor ?? PALETTE[at % PALETTE.length]; });
    return { times: time.values, series: rest };
  }
  const value = rest.find(isNumber);
  const times = [...new Set(time.values)].sort((a, b) => a - b);
  const place = new Map(times.map((at, number) => [at, number]));
  const found = new Map();
  time.values.forEach((at, number) => {
    const name = label.values[number];
    if (!found.has(name)) found.set(name, times.map(() => null));
    found.get(name)[place.get(at)] = value.values[number];
  });
  const series = [...found].sort(([a], [b]) => a.localeCompare(b)).map(([name, values], at) => {
    const own = settings(panel, name);
    return { ...value, ...own, name, values, colour: own.color.fixedColor ?? PALETTE[at % PALETTE.length] };
  });
  return { times, series };
}

const bounds = (one) => (_, low, high) => [
  one.min ?? low, one.max ?? (high === null ? 1 : Math.max(high * 1.08, 1e-9)),
];

function marks(u, found) {
  const of = (name) => found.columns.find((column) => column.name === name).values;
  of("time").forEach((begin, at) => {
    const { top, height, left, width } = u.bbox;
    const from = Math.max(left, u.valToPos(begin, "x", true));
    const to = Math.min(left + width, u.valToPos(of("timeEnd")[at], "x", true));
    u.ctx.fillStyle = "rgba(224, 89, 42, 0.10)";
    u.ctx.fillRect(from, top, to - from, height);
    u.ctx.strokeStyle = "rgba(224, 89, 42, 0.9)";
    u.ctx.setLineDash([4, 4]);
    u.ctx.beginPath();
    u.ctx.moveTo(from, top);
    u.ctx.lineTo(from, top + height);
    u.ctx.stroke();
    u.ctx.setLineDash([]);
  });
}

const axis = () => ({ stroke: PLAIN, font: "12px Inter, DejaVu Sans, sans-serif", grid: { stroke: "#25272d", width: 1 }, ticks: { show: false } });

function plot(body, legend, options, data) {
  const height = body.clientHeight - 4;
  new uPlot({
    width: body.clientWidth - 12, height, legend: { show: false }, cursor: { show: false },
    padding: [8, 8, 0, 0], ...options,
  }, data, body);
}

function legendOf(box, names) {
  const legend = add(box, "div", "legend");
  for (const [name, colour] of names) {
    const one = add(legend, "span");
    add(one, "i").style.background = colour;
    one.append(name);
  }
  return legend;
}

function nothing(body, text) { add(body, "div", "none").textContent = text; }

function colourOf(column, value) {
  const mapped = column.mappings?.[0]?.options[value];
  if (mapped) return named(mapped.color);
  if (column.color?.mode !== "thresholds" || !column.thresholds) return PLAIN;
  let colour = column.thresholds.steps[0].color;
  if (value !== null) for (const step of column.thresholds.steps) if (step.value === null || value >= step.value) colour = step.color;
  return named(colour);
}
const named = (colour) => (colour === "text" ? PLAIN : colour);
const isNumber = (column) => /Int|Float/.test(column.type);

/** A value with its unit, as Grafana writes it. */
function said(column, value) {
  if (value === null || value === undefined) return column.name && isNumber(column) ? "–" : "";
  const digits = column.decimals;
  const plain = (x, least) => x.toLocaleString("en", {
    minimumFractionDigits: digits ?? 0, maximumFractionDigits: digits ?? least,
  }).replace(/^-0$/, "0");
  if (typeof value === "string") {
    const rule = column.mappings?.find((one) => one.type === "regex" && new RegExp(one.options.pattern).test(value));
    return rule ? rule.options.result.text : value;
  }
  switch (column.unit) {
    case "percentunit": return `${plain(100 * value, Math.abs(value) < 0.1 ? 1 : 0)}%`;
    case "short": return scaled(value, 1000, ["", " K", " Mil", " Bil"], plain);
    case "bytes": return scaled(value, 1024, [" B", " KiB", " MiB", " GiB"], plain);
    case "pps": return `${plain(value, 3)} p/s`;
    case "ms": return value >= 1000 ? `${plain(value / 1000, 2)} s` : `${plain(value, 0)} ms`;
    case "s": return lasting(value, plain);
    case "time:MM-DD HH:mm": return stamp(value).slice(5, 16);
    default: return column.unit.startsWith("suffix:") ? `${plain(value, 1)}${column.unit.slice(7)}` : plain(value, 2);
  }
}

function scaled(value, by, names, plain) {
  let at = 0;
  let rest = value;
  while (Math.abs(rest) >= by && at < names.length - 1) { rest /= by; at++; }
  return plain(rest, at ? 1 : 2) + names[at];
}

function lasting(value, plain) {
  if (value < 1 && value > 0) return `${plain(1000 * value, 0)} ms`;
  for (const [size, name] of [[86400, "days"], [3600, "hours"], [60, "mins"]]) {
    if (value >= size) return `${plain(value / size, 1)} ${name}`;
  }
  return `${plain(value, 2)} s`;
}

const stamp = (at) => new Date(1000 * at).toISOString().replace("T", " ").slice(0, 19);
const words = (text) => text.replace(/\$\{(\w+)\}/g, (_, name) => variables[name]);

function add(where, tag, kind) {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  where.append(made);
  return made;
}
