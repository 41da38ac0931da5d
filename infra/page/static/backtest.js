// Move the sensitivity and see what the last months would have told.

import { get } from "./api.js";
import { axes, chart, ink, legend, path } from "./charts.js";
import { announce, h, set } from "./dom.js";
import { exportMenu, files } from "./export.js";
import { count, exact, seconds, span, time } from "./format.js";
import { badge, failed, select, table, waiting } from "./parts.js";
import { asked, remember } from "./router.js";
import { t, word } from "./words.js";

const LEVELS = ["calm", "balanced", "keen"];
const DAYS = 90;
const FEW_HOURS = 24 * 14;
const iso = (at) => new Date(at * 1000).toISOString();
const NO_POINTS = { show: false };

export async function show(root, _about, { titled }) {
  titled(t("backtest"));
  const abort = new AbortController();
  const overview = await get("/overview", {}, abort.signal);
  const names = overview.brands.map((one) => one.name);
  const state = { brand: names.includes(asked().brand) ? asked().brand : names[0], level: levelOf(asked().sensitivity) };
  const place = { controls: h("div", { class: "controls slider" }), result: h("div", { class: "result" }) };
  const until = iso(seconds(overview.at)); // of all levels and files: they are of one span
  const pastOf = (sensitivity) => ({ brand: state.brand, days: DAYS, sensitivity, until });
  let found = {};
  let inUse = LEVELS[1]; // what others are compared with
  let isKnown = false;
  let drawn = null;

  set(root, h("h1", { tabindex: "-1" }, t("backtest.title")), h("p", { class: "second" }, t("backtest.text", { days: DAYS })), place.controls, place.result);
  if (!names.length) {
    set(place.result, h("p", { class: "second" }, t("empty.text")));
    return {};
  }

  /** All levels at once, the one in use first: the slider then answers at once. */
  async function load() {
    const mine = {};
    found = mine;
    set(place.result, h("p", { class: "second" }, t("backtest.working", { days: DAYS })), waiting(5));
    try {
      for (const level of [LEVELS[state.level], ...LEVELS.filter((_, at) => at !== state.level)]) {
        const told = await get("/backtest", pastOf(level), abort.signal);
        mine[level] = told.test;
        if (told.in_use) inUse = told.in_use;
        isKnown = Boolean(told.in_use);
        if (found !== mine) return;
        draw();
      }
    } catch (error) {
      if (error.name !== "AbortError" && found === mine) set(place.result, failed(error, load));
    }
  }

  function draw() {
    const level = LEVELS[state.level];
    const one = found[level];
    drawn?.close();
    drawn = null;
    if (!one) return;
    const base = found[inUse];
    const known = new Set((base?.incidents ?? []).map(name));
    const mine = new Set(one.incidents.map(name));
    const more = one.incidents.filter((incident) => !known.has(name(incident))).length;
    const fewer = [...known].filter((key) => !mine.has(key)).length;
    const total = t("backtest.count", { n: one.incidents.length, length: lengthOf(one) });
    const rate = t("backtest.rate", { n: count(Math.round(one.false_a_week * 100) / 100) });
    const against = level === inUse ? isKnown && t("backtest.in_use") : base && t("backtest.against", { more, fewer, name: t(`sensitivity.${inUse}`) });
    const pane = h("div", { class: "pane", role: "img", "aria-label": `${t("backtest.chart")}: ${total}` });
    const lane = h("div", { class: "lane" });
    set(
      place.result,
      h("p", { class: "large" }, total),
      h("p", { class: "second" }, [rate, against].filter(Boolean).join(" · ")),
      h("h2", {}, t(one.hours.length < FEW_HOURS ? "backtest.chart.hours" : "backtest.chart")),
      legend([["negative", t("negative.mark")], ["band", t("chart.band")]]),
      lane,
      pane,
      one.incidents.length ? list(one, known, level) : h("p", { class: "second" }, t("backtest.none")),
    );
    announce(`${t(`sensitivity.${level}`)}: ${total}`);
    drawn = drawChart(pane, lane, one);
  }

  function list(one, known, level) {
    return table(
      t("backtest.title"),
      [
        [t("backtest.severity"), (row) => badge({ ...row, resolved_at: row.closed_at })],
        [t("backtest.kind"), (row) => [word("kind", row.kind), level !== inUse && found[inUse] && !known.has(name(row)) && h("small", {}, ` ${t("backtest.only", { name: t(`sensitivity.${level}`) })}`)]],
        [t("backtest.opened"), (row) => h("time", { datetime: row.opened_at, title: exact(row.opened_at) }, time(row.opened_at, one.until ?? overview.at))],
        [t("backtest.lasted"), (row) => (row.closed_at ? span(seconds(row.closed_at) - seconds(row.since)) : t("open")), true],
        [t("backtest.peak"), (row) => count(row.peak), true],
      ],
      [...one.incidents].sort((a, b) => seconds(b.opened_at) - seconds(a.opened_at)),
    );
  }

  const taken = h("div", { class: "taken" });
  const drawTaken = () => {
    const ends = { since: iso(seconds(until) - DAYS * 86400), until };
    const past = files(["backtest"], pastOf(LEVELS[state.level]));
    set(taken, exportMenu(["counts", "incidents"], { brand: state.brand, ...ends }, past));
  };

  function drawControls() {
    const output = h("output", {}, t(`sensitivity.${LEVELS[state.level]}`));
    const slide = (event) => {
      state.level = Number(event.target.value);
      output.textContent = t(`sensitivity.${LEVELS[state.level]}`);
      event.target.setAttribute("aria-valuetext", output.textContent);
      remember({ sensitivity: LEVELS[state.level] });
      draw();
      drawTaken();
    };
    set(
      place.controls,
      select(t("backtest.brand"), names.map((one) => [one, one]), state.brand, (value) => {
        state.brand = value;
        remember({ brand: value });
        drawTaken();
        load();
      }),
      h(
        "label",
        { class: "level" },
        h("span", {}, t("backtest.sensitivity")),
        h("input", { type: "range", min: 0, max: LEVELS.length - 1, step: 1, value: state.level, "aria-valuetext": t(`sensitivity.${LEVELS[state.level]}`), on: { input: slide } }),
        output,
      ),
      taken,
    );
    drawTaken();
  }

  drawControls();
  load();
  return { close: () => (abort.abort(), drawn?.close()) };
}

function lengthOf({ since, until }) {
  const days = (seconds(until) - seconds(since)) / 86400;
  return days < 2 ? span(days * 86400) : t("backtest.days", { n: Math.round(days) });
}

/** A level that an address names; else the one in the middle. */
const levelOf = (name) => (LEVELS.includes(name) ? LEVELS.indexOf(name) : 1);

/** The same incident at two sensitivities: of one kind, begun within a day. */
const name = (one) => `${one.kind} ${Math.floor(seconds(one.since) / 86400)}`;

/** Of each day the hour with most negative posts: what an incident would stand out from. */
function worstHours(hours) {
  if (hours.length < FEW_HOURS) return hours;
  const days = new Map();
  for (const hour of hours) {
    const day = new Date(hour.at).toDateString();
    const worst = days.get(day);
    if (!worst || hour.negative > worst.negative) days.set(day, hour);
  }
  return [...days.values()];
}

function drawChart(pane, lane, { hours: all, incidents }) {
  const hours = worstHours(all);
  const x = hours.map((hour) => seconds(hour.at) - 3600);
  const edge = { paths: path, points: NO_POINTS, width: 0, stroke: () => "transparent" };
  const place = (u) => {
    set(
      lane,
      incidents.map((one) => {
        const node = h("span", { class: "mark", title: `${word("kind", one.kind)} · ${exact(one.opened_at)}` }, badge({ ...one, resolved_at: one.closed_at }));
        node.style.left = `${u.over.offsetLeft + u.valToPos(seconds(one.opened_at), "x")}px`;
        return node;
      }),
    );
  };
  const made = chart(
    pane,
    {
      height: 200,
      cursor: { drag: { x: false, y: false }, points: NO_POINTS },
      plugins: [{ hooks: { ready: place, setSize: place, draw: place } }],
      scales: { x: { time: true }, y: { range: (_, __, max) => [0, Math.max(max, 1) * 1.1] } },
      axes: axes({ hasTime: true, values: count, size: 44 }),
      series: [{}, edge, edge, { paths: path, points: NO_POINTS, width: 1.5, stroke: () => ink("negative") }],
      bands: [{ series: [2, 1], fill: () => ink("band") }],
    },
    [x, hours.map((hour) => hour.lower), hours.map((hour) => hour.upper), hours.map((hour) => hour.negative)],
  );
  return made;
}
