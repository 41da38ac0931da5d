// How a story spread from its first post: accounts that spoke of it by when, and what was passed on.

import { axes, chart, ink, legend, path } from "./charts.js";
import { h, set } from "./dom.js";
import { count, span, time } from "./format.js";
import { t } from "./words.js";

const NO_POINTS = { show: false };

/** Draw into `place`; null where there is nothing to draw. */
export function spreadChart(place, { spread: found, at: now }) {
  const authors = found?.authors.at(-1) ?? 0;
  set(place);
  if (!authors || found.start.length < 2) return null;
  const half = found.start[found.authors.findIndex((n) => n >= authors / 2)] + found.step_seconds;
  const end = found.start.at(-1) + found.step_seconds;
  const said = t("spread.said", {
    n: count(authors),
    length: span(end - Date.parse(found.since) / 1000),
    time: time(half, now),
    posts: count(found.posts.at(-1)),
    repeats: count(found.repeats.at(-1)),
  });
  const pane = h("div", { class: "pane", role: "img", "aria-label": said });
  const reading = h("p", { class: "reading second" }, said);
  set(place, h("h3", {}, t("spread.authors")), reading, legend([["ink", t("spread.key.authors")], ["ahead", t("spread.key.repeats")]]), pane);
  const line = (more) => ({ paths: path, points: NO_POINTS, width: 2, stroke: () => ink("ink"), ...more });
  const read = (u) => {
    const n = u.cursor.idx;
    reading.textContent = n === null || n === undefined ? said : t("spread.at", { time: time(x[n], now), n: count(found.authors[n]), repeats: count(found.repeats[n]) });
  };
  const x = found.start.map((start) => start + found.step_seconds); // what was by the end of each
  return chart(
    pane,
    {
      height: 150,
      padding: [8, 24, 0, 0],
      cursor: { drag: { x: false, y: false }, points: NO_POINTS },
      plugins: [{ hooks: { setCursor: read } }],
      scales: { x: { time: true, range: (_, min, max) => [min, max + found.step_seconds] }, y: { range: (_, __, max) => [0, Math.max(max, 1) * 1.1] } },
      axes: axes({ hasTime: true, values: count, size: 44 }),
      series: [{}, line({}), line({ width: 1.5, dash: [5, 4] })],
    },
    [x, found.authors, found.repeats],
  );
}
