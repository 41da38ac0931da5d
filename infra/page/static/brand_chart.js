// Two panes on one time axis: posts by sentiment over what is expected, and the negative share.

import { panes } from "./brand_panes.js";
import { readingOf, summaryOf, valuesTable } from "./brand_reading.js";
import { legend, moving } from "./charts.js";
import { button, h, set } from "./dom.js";
import { span, time } from "./format.js";
import { badge } from "./parts.js";
import { incidentLink } from "./router.js";
import { columns, endsOf, sums } from "./series.js";
import { t, word } from "./words.js";

const LEAST = 4 * 300; // seconds seen at least

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
    if (max - min < LEAST) [min, max] = [(min + max - LEAST) / 2, (min + max + LEAST) / 2];
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
  function read(at) {
    reading.textContent = readingOf(data, found, at) ?? t("chart.hint");
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

  /** Draw `next`; of a part of `within`, in finer steps, `shown` is what is seen. */
  function draw(next, { within = null, shown = null } = {}) {
    for (const one of charts) one.close();
    charts = [];
    found = next;
    data = columns(next);
    const ends = endsOf(next);
    whole = within ?? ends;
    charts = panes(above, under, data, [plugin, moving(() => tell(...range()))]);
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
    above.setAttribute("aria-label", summaryOf(data, ends));
    read(null);
    zoom(...(shown ?? whole), false);
    requestAnimationFrame(marks);
  }

  function drawValues() {
    set(values, h("summary", {}, t("chart.table")), valuesTable(data, range(), middle.textContent));
  }

  const label = (one) =>
    t("chart.incident", {
      kind: word("kind", one.kind),
      n: one.severity,
      time: time(one.opened_at, data.now ?? one.opened_at),
      state: t(one.resolved_at ? "resolved" : "open"),
    });
  const fit = new ResizeObserver(() => marks());
  fit.observe(lane);
  return {
    draw,
    zoom,
    sums: (since, until) => sums(data, since ?? whole[0], until ?? whole[1]),
    close: () => {
      fit.disconnect();
      for (const one of charts) one.close();
    },
  };
}
