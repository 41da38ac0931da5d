// The two panes of a brand's chart as uPlot draws them: posts by sentiment, and the negative share.

import { axes, chart, gaps, ink, present } from "./charts.js";
import { count, percent } from "./format.js";
import * as thin from "./thin.js";
import { t } from "./words.js";

const clear = () => "transparent";
const NO_POINTS = { show: false };
const dashed = [5, 4];
const cursor = {
  sync: { key: "brand" },
  drag: { x: true, y: false, setScale: false },
  points: NO_POINTS,
  bind: { dblclick: () => null },
};

/** Both, of columns as `series.js` makes them; `plugins` are those of whoever moves them. */
export function panes(above, under, data, plugins) {
  const x = data.x;
  const shared = [...plugins, gaps(() => data.gaps)];
  const wide = { x: { time: true, range: (u, min, max) => [min, max] } };
  const plain = { auto: false, points: NO_POINTS, width: 0, stroke: clear };
  const area = (name) => ({ ...plain, paths: thin.area, fill: () => ink(name) });
  const edge = { ...plain, paths: () => null };
  const band = (name) => ({ ...plain, paths: thin.band, fill: () => ink(name) });
  const some = (values) => values.some((value) => value !== null); // else there is nothing to draw
  const line = (name, more = {}) => ({ ...plain, paths: thin.line, width: 1.5, stroke: () => ink(name), fill: () => ink(name), ...more });
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
  return [top, bottom];
}
