// Two panes on one time axis: posts by sentiment over what is expected, and the negative share.

import { axes, chart, gaps, ink, legend, moving, present } from "./charts.js";
import { button, h, set } from "./dom.js";
import { between, count, percent, percents, span, time } from "./format.js";
import { badge, table } from "./parts.js";
import { incidentLink } from "./router.js";
import { columns, sums } from "./series.js";
import * as thin from "./thin.js";
import { t, word } from "./words.js";

const clear = () => "transparent";
const NO_POINTS = { show: false };
const dashed = [5, 4];
const MOST_VALUES = 400; // rows of a table: the newest

/** Draw into `place`. `selected(since, until)` after a brush, `null` for the whole range. */
export function brandChart(place, selected) {
  const reading = h("p", { class: "reading second", "aria-hidden": "true" });
  const above = h("div", { class: "pane" });
  const lane = h("div", { class: "lane" });
  const under = h("div", { class: "pane" });
  const keys = h("div");
  const tools = h("div", { class: "chart-tools", role: "group", "aria-label": t("chart.move") });
  const middle = h("h2", { class: "pane-title" });
  const values = h("details", { class: "values" });
  values.addEventListener("toggle", () => values.open && drawValues());
  set(place, h("div", { class: "chart-head" }, keys, tools), reading, above, lane, middle, under, values);
  let found = null;
  let data = null;
  let charts = [];
  let isSyncing = false;
  let whole = [0, 1];

  const range = () => [charts[0].u.scales.x.min, charts[0].u.scales.x.max];

  /** Both panes show [min, max]; who asked is told. */
  function zoom(min, max, isTold = true) {
    const least = found.step_seconds * 4;
    if (max - min < least) [min, max] = [(min + max - least) / 2, (min + max + least) / 2];
    const length = Math.min(max - min, whole[1] - whole[0]);
    min = Math.min(Math.max(min, whole[0]), whole[1] - length);
    for (const { u } of charts) u.setScale("x", { min, max: min + length });
    if (isTold) tell(min, min + length);
  }
  function tell(min, max) {
    const isWhole = max - min >= (whole[1] - whole[0]) * 0.995;
    if (isWhole) selected(null, null);
    else selected(min, max);
  }
  const shift = (part) => {
    const [min, max] = range();
    const by = (max - min) * part;
    zoom(min + by, max + by);
  };
  const scale = (by) => {
    const [min, max] = range();
    const middle = (min + max) / 2;
    zoom(middle - ((max - min) * by) / 2, middle + ((max - min) * by) / 2);
  };
  const tool = (mark, name, act) =>
    button(mark, act, { class: "tool", "aria-label": t(name), title: t(name) });
  set(
    tools,
    tool("◀", "chart.left", () => shift(-0.5)),
    tool("▶", "chart.right", () => shift(0.5)),
    tool("+", "chart.in", () => scale(0.5)),
    tool("−", "chart.out", () => scale(2)),
    tool("⤢", "chart.whole", () => zoom(...whole)),
  );

  const both = (u) => {
    if (isSyncing) return;
    isSyncing = true;
    const { min, max } = u.scales.x;
    for (const other of charts) if (other.u !== u) other.u.setScale("x", { min, max });
    isSyncing = false;
    marks();
  };
  const brush = (u) => {
    const { left, width } = u.select;
    if (width < 4) return;
    const [min, max] = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
    u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    zoom(min, max);
  };
  const plugin = {
    hooks: {
      setScale: (u, key) => key === "x" && both(u),
      setSelect: brush,
      setCursor: (u) => read(u.cursor.idx),
      ready: (u) => u.over.addEventListener("dblclick", () => zoom(...whole)),
    },
  };
  const cursor = {
    sync: { key: "brand" },
    drag: { x: true, y: false, setScale: false },
    points: NO_POINTS,
    bind: { dblclick: () => null },
  };

  function read(at) {
    if (at === null || at === undefined || data.x[at] === undefined) {
      reading.textContent = t("chart.hint");
      return;
    }
    const n = (name) => data[name][at];
    const parts = [
      `${time(data.x[at], data.now)} – ${time(data.x[at] + found.step_seconds, data.x[at])}`,
      n("volume") !== null &&
        `${t("read.posts", { n: count(n("volume")) })}: ${t("negative.mark")} ${count(n("negative"))}, ${t("neutral.mark")} ${count(n("neutral"))}, ${t("positive.mark")} ${count(n("positive"))}`,
      n("mean") !== null &&
        t("read.expected", { n: count(n("mean")), range: between(n("lower"), n("upper")) }),
      n("share") !== null &&
        t("read.share", { share: percent(n("share")), range: percents(n("shareLower"), n("shareUpper")) }),
      ...new Set(data.qualities.filter(([since, until]) => since < data.x[at] + found.step_seconds && until > data.x[at]).map(([, , reason]) => word("quality", reason))),
      n("other") !== null && t("read.compare", { label: found.compare.label, n: count(n("other")) }),
    ];
    reading.textContent = parts.filter(Boolean).join(" · ");
  }

  /** Incidents stand in the lane between the panes, at their time. */
  function marks() {
    const u = charts[0]?.u;
    if (!u || !u.over) return;
    const from = u.bbox.left / devicePixelRatio; // as drawn: to ask the document would lay it out
    const width = u.bbox.width / devicePixelRatio;
    for (const node of lane.children) {
      const at = u.valToPos(Number(node.dataset.at), "x");
      node.hidden = at < -8 || at > width + 8;
      node.style.left = `${from + at}px`;
    }
  }

  function draw(next) {
    for (const one of charts) one.close();
    found = next;
    data = columns(next);
    const x = data.x;
    whole = x.length ? [x[0], x.at(-1) + next.step_seconds] : [0, 1];
    const shared = [plugin, gaps(() => data.gaps), moving(() => tell(...range()))];
    const wide = { x: { time: true, range: (u, min, max) => [min, max] } };
    const plain = { auto: false, points: NO_POINTS, width: 0, stroke: clear };
    const area = (name) => ({ ...plain, paths: thin.area, fill: () => ink(name) });
    const edge = { ...plain, paths: () => null };
    const band = (name) => ({ ...plain, paths: thin.band, fill: () => ink(name) });
    const some = (values) => values.some((value) => value !== null); // else there is nothing to draw
    const line = (name, more = {}) => ({ ...plain, paths: thin.line, width: 1.5, stroke: () => ink(name), fill: () => ink(name), ...more });
    charts = [];
    const top = chart(
      above,
      {
        height: 240,
        cursor,
        plugins: [...shared, present(() => data.now, () => t("chart.forecast"))],
        scales: { ...wide, y: { range: (u) => [0, Math.max(thin.greatest(u, [1, 5, 6, 7]), 1) * 1.08] } },
        axes: axes({ hasTime: false, values: count }),
        series: [
          {},
          area("positive"),
          area("neutral"),
          area("negative"),
          edge,
          band("band"),
          line("ink", { dash: dashed, show: some(data.ahead) }),
          line("accent", { dash: [2, 3], show: some(data.other) }),
        ],
      },
      [x, data.volume, data.some, data.negative, data.lower, data.upper, data.ahead, data.other],
    );
    const bottom = chart(
      under,
      {
        height: 150,
        cursor,
        plugins: [...shared, present(() => data.now, () => "")],
        scales: { ...wide, y: { range: [0, 1] } },
        axes: axes({ hasTime: true, values: percent }),
        series: [
          {},
          edge,
          band("band"),
          edge,
          band("negative-band"),
          line("negative", { width: 2 }),
          line("ink", { dash: dashed, show: some(data.shareAhead) }),
          line("accent", { dash: [2, 3], show: some(data.otherShare) }),
        ],
      },
      [
        ...[x, data.shareBandLower, data.shareBandUpper, data.shareLower, data.shareUpper],
        ...[data.share, data.shareAhead, data.otherShare],
      ],
    );
    charts = [top, bottom];
    set(
      lane,
      next.incidents.map((one) =>
        h("a", { class: "mark", href: incidentLink(one.id), "data-at": Date.parse(one.opened_at) / 1000, title: label(one) }, badge(one), h("span", { class: "hidden" }, label(one))),
      ),
    );
    set(
      keys,
      h("h2", {}, t("chart.posts", { step: span(next.step_seconds) })),
      legend([
        ...["negative", "neutral", "positive"].map((name) => [name, t(`${name}.mark`)]),
        ["band", t("chart.band")],
        ["ahead", t("chart.forecast")],
        ...(data.gaps.length ? [["gap", t("chart.gap")]] : []),
        ...(next.compare ? [["other", t("compare.with", { label: next.compare.label })]] : []),
      ]),
    );
    middle.textContent = t(next.step_seconds < 3600 ? "chart.share" : "facts.share");
    values.open = false;
    set(values, h("summary", {}, t("chart.table")));
    above.setAttribute("role", "img");
    under.setAttribute("role", "img");
    under.setAttribute("aria-label", middle.textContent);
    above.setAttribute("aria-label", summary());
    read(null);
    zoom(...whole, false);
    requestAnimationFrame(marks);
  }

  /** What is drawn, as a table: for who does not see it, and for who wants the number. */
  function drawValues() {
    const [min, max] = range();
    const shown = data.x.map((_, at) => at).filter((at) => data.x[at] >= min && data.x[at] < max && data.volume[at] !== null);
    const number = (name) => (at) => count(data[name][at]);
    set(
      values,
      h("summary", {}, t("chart.table")),
      table(
        t("chart.table"),
        [
          [t("at.time"), (at) => time(data.x[at], data.now)],
          ...["negative", "neutral", "positive"].map((name) => [t(name), number(name), true]),
          [t("chart.band"), (at) => (data.mean[at] === null ? "–" : between(data.lower[at], data.upper[at])), true],
          [middle.textContent, (at) => percent(data.share[at]), true],
        ],
        shown.slice(-MOST_VALUES).reverse(),
      ),
    );
  }

  const label = (one) =>
    t("chart.incident", {
      kind: word("kind", one.kind),
      n: one.severity,
      time: time(one.opened_at, data.now ?? one.opened_at),
      state: t(one.resolved_at ? "resolved" : "open"),
    });
  const summary = () => {
    const all = sums(data, ...whole);
    return t("chart.summary", {
      posts: count(all.posts),
      negative: count(all.negative),
      neutral: count(all.neutral),
      positive: count(all.positive),
      since: time(whole[0], whole[1]),
      until: time(whole[1], whole[1]),
    });
  };
  const fit = new ResizeObserver(() => marks());
  fit.observe(lane);
  return {
    draw,
    zoom,
    sums: (since, until) => sums(data, since ?? whole[0], until ?? whole[1]),
    whole: () => whole,
    data: () => data,
    close: () => {
      fit.disconnect();
      for (const one of charts) one.close();
    },
  };
}
