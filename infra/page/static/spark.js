// A day in a line: what was observed, over the band it was expected in.

import { svg } from "./dom.js";
import { count, span } from "./format.js";
import { t } from "./words.js";

const WIDTH = 240;
const HEIGHT = 36;
const PAD = 3;

/** The parts of a curve between its gaps, as lists of [x, y]. */
export function pieces(values, place) {
  const found = [];
  let piece = [];
  values.forEach((value, at) => {
    if (value === null || value === undefined) {
      if (piece.length) found.push(piece);
      piece = [];
    } else {
      piece.push(place(at, value));
    }
  });
  if (piece.length) found.push(piece);
  return found;
}

const line = (points) =>
  points.map(([x, y], at) => `${at ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

/** SVG of `{start, step_seconds, negative, lower, upper}`. */
export function sparkline({ step_seconds: step, negative, lower, upper }) {
  const seen = negative.filter((value) => value !== null);
  const most = Math.max(1, ...seen, ...(upper ?? []).filter((value) => value !== null));
  const last = Math.max(negative.length - 1, 1);
  const place = (at, value) => [
    PAD + (at / last) * (WIDTH - 2 * PAD),
    HEIGHT - PAD - (value / most) * (HEIGHT - 2 * PAD),
  ];
  const band =
    lower && upper
      ? pieces(upper, place).map((top) => {
          const from = upper.findIndex((value) => value !== null);
          const bottom = top.map((_, at) => place(from + at, lower[from + at] ?? 0)).reverse();
          return svg("path", { class: "band", d: `${line(top)}${line(bottom).replace("M", "L")}Z` });
        })
      : [];
  const runs = pieces(negative, place);
  const end = runs.at(-1)?.at(-1);
  const isOver = upper && seen.length && seen.at(-1) > (upper.at(-1) ?? Infinity);
  const label = t("curve.label", {
    length: span(step * negative.length),
    most: count(Math.max(0, ...seen)),
    last: count(seen.at(-1) ?? 0),
  });
  return svg(
    "svg",
    {
      class: `spark${isOver ? " over" : ""}`,
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": label,
    },
    band,
    runs.map((run) => svg("path", { class: "curve", d: line(run) })),
    end && svg("path", { class: "end", d: `M${end[0]} ${end[1]}h0` }),
  );
}
