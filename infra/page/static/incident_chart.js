// The curve from an hour before: observed over expected, and the way back to normal.

import { axes, chart, gaps, ink, legend, path, picture, present } from "./charts.js";
import { h, set } from "./dom.js";
import { between, count, span, time } from "./format.js";
import { saidOf } from "./incident_words.js";
import { isMood } from "./parts.js";
import { columns } from "./series.js";
import { gap, t, word } from "./words.js";

const NO_POINTS = { show: false };
const clear = () => "transparent";

/** Draw a story's curve into `place`. */
export function incidentChart(place, story) {
  const { incident, curve } = story;
  const isOfMood = isMood(incident.kind);
  const expected = curve.expected && { ...curve.expected, volume: isOfMood ? curve.expected.negative : curve.expected.volume };
  const data = columns({ ...curve.counts, step_seconds: curve.step_seconds, expected, gaps: curve.gaps, compare: null });
  const observed = isOfMood ? data.negative : data.volume;
  const name = isOfMood ? "negative" : "ink";
  const reading = h("p", { class: "reading second", "aria-hidden": "true" }, "\u00a0");
  const pane = h("div", { class: "pane", role: "img", "aria-label": saidOf(story).join(gap()) });
  const growing = story.events.at(-1).event.change.growing && !incident.resolved_at;
  set(
    place,
    h("h2", {}, t("section.curve"), !incident.resolved_at && h("small", {}, ` ${growing ? "↗" : "→"} ${t(growing ? "growth.up" : "growth.down")}`)),
    legend([
      [name, t("chart.posts", { step: span(curve.step_seconds) })],
      ["band", t("chart.band")],
      ["ahead", t("chart.forecast")],
      ...(data.gaps.length ? [["gap", t("chart.gap")]] : []),
    ]),
    reading,
    pane,
  );
  function read(u) {
    const at = u.cursor.idx;
    if (at === null || at === undefined) return;
    const parts = [
      time(data.x[at], story.at),
      observed[at] !== null && t("read.posts", { n: count(observed[at]) }),
      data.mean[at] !== null && t("read.expected", { n: count(data.mean[at]), range: between(data.lower[at], data.upper[at]) }),
    ];
    reading.textContent = parts.filter(Boolean).join(" · ");
  }
  const line = (key, more) => ({ paths: path, points: NO_POINTS, width: 2, stroke: () => ink(key), ...more });
  const edge = { paths: path, points: NO_POINTS, width: 0, stroke: clear };
  const one = chart(
    pane,
    {
      height: 240,
      cursor: { drag: { x: false, y: false }, points: NO_POINTS },
      plugins: [
        { hooks: { setCursor: read } },
        gaps(() => data.gaps),
        present(() => data.now, () => t("chart.forecast")),
        opened(incident),
      ],
      scales: { x: { time: true }, y: { range: (_, __, max) => [0, Math.max(max, 1) * 1.1] } },
      axes: axes({ hasTime: true, values: count, size: 44 }),
      series: [
        {},
        edge,
        edge,
        line("second", { width: 1.5, dash: [5, 4] }),
        line(name, { fill: () => ink(isOfMood ? "negative-band" : "band") }),
      ],
      bands: [{ series: [2, 1], fill: () => ink("band") }],
    },
    [data.x, data.lower, data.upper, data.mean, observed],
  );
  return {
    close: one.close,
    picture: () => {
      const kind = word("kind", incident.kind);
      const title = `${incident.brand} · ${kind} · ${t("severity_of", { n: incident.severity })}`;
      return picture([one.u], title, saidOf(story).slice(0, 3));
    },
  };
}

/** Where it began and where it was told. */
const opened = (incident) => ({
  hooks: {
    draw: (u) => {
      const x = Math.round(u.valToPos(Date.parse(incident.opened_at) / 1000, "x", true));
      const { top, left, width, height } = u.bbox;
      if (x < left || x > left + width) return;
      const dot = devicePixelRatio;
      u.ctx.save();
      u.ctx.fillStyle = ink("ink");
      u.ctx.beginPath();
      u.ctx.moveTo(x - 5 * dot, top + height);
      u.ctx.lineTo(x + 5 * dot, top + height);
      u.ctx.lineTo(x, top + height - 8 * dot);
      u.ctx.fill();
      u.ctx.restore();
    },
  },
});
