// What all charts share: colours of the theme, the time axis, gaps, the line between what was and
// what is foretold. Drawn by uPlot, which stands in the window.

import { h } from "./dom.js";
import { ticks } from "./format.js";

const STEPPED = 400; // points seen at once up to which a curve has steps
const NARROW = 600;

/** A colour of the theme, as it is now. */
export const colour = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const cache = new Map();
addEventListener("themechange", () => cache.clear());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  cache.clear();
  dispatchEvent(new Event("themechange"));
});

/** The same, read once a theme: a chart asks for it at every frame. */
export function ink(name) {
  if (!cache.has(name)) cache.set(name, colour(name));
  return cache.get(name);
}

/** Steps where few points are seen, else straight lines. */
export function path(...given) {
  const [u, , from, to] = given;
  const paths = globalThis.uPlot.paths;
  path.stepped ??= paths.stepped({ align: 1 });
  path.linear ??= paths.linear();
  return (to - from <= STEPPED ? path.stepped : path.linear)(...given, u);
}

/** How much larger letters are than on a desk: on a wall they grow. */
const scale = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 15;
const font = (size) => `${Math.round(size * scale())}px system-ui, sans-serif`;

/** Axes: time below (or nothing, where another chart below has it), values at the left. */
export function axes({ hasTime, values, size = 54 }) {
  const plain = {
    stroke: () => ink("second"),
    font: font(12),
    grid: { stroke: () => ink("line"), width: 1 },
    ticks: { show: false },
  };
  return [
    {
      ...plain,
      size: hasTime ? 40 * scale() : 6,
      space: 72 * scale(),
      grid: { show: false },
      values: (_, marks, __, ___, step) => (hasTime ? ticks(marks, step) : marks.map(() => "")),
    },
    { ...plain, size: size * scale(), space: 32 * scale(), values: (_, marks) => marks.map((mark) => values(mark)) },
  ];
}

let stripes = new Map();

/** Hatching, in the ink of the theme. */
function striped(context) {
  const name = ink("hatch");
  if (!stripes.has(name)) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.strokeStyle = name;
    pen.lineWidth = 1.5;
    for (const x of [-8, 0, 8]) {
      pen.moveTo(x, 8);
      pen.lineTo(x + 8, 0);
    }
    pen.stroke();
    stripes.set(name, tile);
  }
  return context.createPattern(stripes.get(name), "repeat");
}

/** Spans `[since, until]` in epoch seconds that were not seen: hatched, behind everything. */
export const gaps = (spans) => ({
  hooks: {
    drawClear: (u) => {
      const { left, top, width, height } = u.bbox;
      u.ctx.save();
      u.ctx.fillStyle = striped(u.ctx);
      for (const [since, until] of spans()) {
        const from = Math.max(u.valToPos(since, "x", true), left);
        const to = Math.min(u.valToPos(until, "x", true), left + width);
        if (to > from) u.ctx.fillRect(from, top, to - from, height);
      }
      u.ctx.restore();
    },
  },
});

/** A line at `now()`, and the word for what is right of it. */
export const present = (now, label) => ({
  hooks: {
    draw: (u) => {
      const at = now();
      if (at === null || at <= u.scales.x.min || at >= u.scales.x.max) return;
      const x = Math.round(u.valToPos(at, "x", true));
      const { top, height, left, width } = u.bbox;
      const dot = devicePixelRatio;
      u.ctx.save();
      u.ctx.strokeStyle = ink("second");
      u.ctx.lineWidth = dot;
      u.ctx.setLineDash([]);
      u.ctx.textAlign = "left";
      u.ctx.textBaseline = "alphabetic";
      u.ctx.beginPath();
      u.ctx.moveTo(x, top);
      u.ctx.lineTo(x, top + height);
      u.ctx.stroke();
      const text = label();
      u.ctx.font = font(12 * dot);
      if (text && u.ctx.measureText(text).width + 8 * dot < left + width - x) {
        u.ctx.fillStyle = ink("second");
        u.ctx.fillText(text, x + 5 * dot, top + 12 * dot * scale());
      }
      u.ctx.restore();
    },
  },
});

/** Move by dragging with shift held. */
export const moving = (panned) => ({
  hooks: {
    ready: (u) => {
      u.over.addEventListener(
        "mousedown",
        (event) => {
          if (!event.shiftKey || event.button) return;
          event.preventDefault();
          event.stopImmediatePropagation();
          const { min, max } = u.scales.x;
          const unit = (max - min) / u.over.clientWidth;
          const move = (next) => {
            const by = (event.clientX - next.clientX) * unit;
            u.setScale("x", { min: min + by, max: max + by });
          };
          const up = () => {
            removeEventListener("mousemove", move);
            panned();
          };
          addEventListener("mousemove", move);
          addEventListener("mouseup", up, { once: true });
        },
        true,
      );
    },
  },
});

/** A chart as wide as its place, redrawn with the theme; `close` forgets it. */
export function chart(place, options, data) {
  const height = () => options.height * scale() * (place.clientWidth < NARROW ? 0.85 : 1);
  const size = () => ({ width: Math.max(place.clientWidth, 200), height: Math.round(height()) });
  const u = new globalThis.uPlot(
    { legend: { show: false }, padding: [8, 12, 0, 0], ...options, ...size() },
    data,
    place,
  );
  const fit = new ResizeObserver(() => {
    const next = size();
    if (next.width !== u.width) u.setSize(next);
  });
  fit.observe(place);
  const again = () => u.redraw(false, true);
  addEventListener("themechange", again);
  return {
    u,
    close: () => {
      fit.disconnect();
      removeEventListener("themechange", again);
      u.destroy();
    },
  };
}

/** What a curve is called, with a sample of how it is drawn. */
export const legend = (items) =>
  h("ul", { class: "legend" }, items.map(([kind, text]) => h("li", {}, h("i", { class: `key ${kind}`, "aria-hidden": "true" }), text)));

/** Charts one below the other as a picture with a title, for a chat message. */
export function picture(charts, title, lines) {
  const dot = devicePixelRatio;
  const width = Math.max(...charts.map((u) => u.ctx.canvas.width));
  const head = (28 + 20 * lines.length + 16) * dot;
  const canvas = document.createElement("canvas");
  canvas.width = width + 32 * dot;
  canvas.height = head + charts.reduce((sum, u) => sum + u.ctx.canvas.height, 0) + 16 * dot;
  const pen = canvas.getContext("2d");
  pen.fillStyle = colour("card");
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = colour("ink");
  pen.font = `600 ${18 * dot}px system-ui, sans-serif`;
  pen.fillText(title, 16 * dot, 30 * dot, width);
  pen.font = font(13 * dot);
  pen.fillStyle = colour("second");
  lines.forEach((line, at) => pen.fillText(line, 16 * dot, (52 + 20 * at) * dot, width));
  let top = head;
  for (const u of charts) {
    pen.drawImage(u.ctx.canvas, 16 * dot, top);
    top += u.ctx.canvas.height;
  }
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
