// Many points on few pixels: of each column of pixels the least and the greatest value, so that no
// peak is lost (as M4 of Jugel et al., PVLDB 7(10), 2014, whose other two points a column of one
// pixel does not show). Where points have pixels of their own all are drawn.

const STEPPED = 400; // points seen at once up to which a curve has steps
const kept = new WeakMap(); // values -> {size, ends} of the last zoom

/** Least and greatest of each `size` values, NaN of nulls alone. Begins at fixed points of the data:
 * found once a zoom, it stays while one moves. */
export function ends(values, size) {
  const known = kept.get(values);
  if (known?.size === size) return known.ends;
  const found = new Float64Array(2 * Math.ceil(values.length / size)).fill(NaN);
  for (let i = 0, at = 0; i < values.length; at += 2) {
    for (const end = Math.min(i + size, values.length); i < end; i++) {
      const value = values[i];
      if (value === null) continue;
      if (!(value >= found[at])) found[at] = value;
      if (!(value <= found[at + 1])) found[at + 1] = value;
    }
  }
  kept.set(values, { size, ends: found });
  return found;
}

/** The points in sight and one at each side, how many fit a column of pixels, how they are joined. */
function sight(u) {
  const { min, max } = u.series[0];
  const [first, last] = [u.valToIdx(min), u.valToIdx(max)];
  const share = (last - first) / u.bbox.width;
  return {
    size: Math.max(1, Math.floor(share)),
    from: Math.max(first - 1, 0),
    to: Math.min(last + 1, u.data[0].length - 1),
    hasSteps: last - first <= STEPPED,
    isThin: share > 1 && last - first > STEPPED,
  };
}

/** Calls `visit(place, least, greatest)` for each bucket in sight. */
function visited(values, { from, to, size }, visit) {
  const found = ends(values, size);
  for (let at = Math.floor(from / size); at <= Math.floor(to / size); at++) {
    visit(at * size, found[2 * at], found[2 * at + 1]);
  }
}

/** The greatest in sight of the series with these numbers; 0 if there is none. */
export function greatest(u, numbers) {
  const all = sight(u);
  let most = 0;
  for (const number of numbers) visited(u.data[number], all, (_, __, value) => value > most && (most = value));
  return most;
}

/** Between its gaps, a series' parts, each [x, y of the least, y of the greatest, ...] in pixels. */
function parts(u, number, all) {
  const xs = u.data[0];
  const { min, max } = u.scales.x;
  const y = u.scales[u.series[number].scale];
  const [wide, tall] = [u.bbox.width / (max - min), u.bbox.height / (y.max - y.min)];
  const [left, bottom] = [u.bbox.left - min * wide, u.bbox.top + u.bbox.height + y.min * tall];
  const isDashed = all.isThin && u.series[number].dash;
  const found = [];
  let part = null;
  visited(u.data[number], all, (place, least, most) => {
    if (least !== least || (isDashed && (place / all.size) % 5 > 1)) {
      part = null;
      return;
    }
    if (!part) found.push((part = []));
    const x = Math.round(left + xs[place] * wide);
    const [low, high] = [Math.round(bottom - least * tall), Math.round(bottom - most * tall)];
    const last = part.length - 3;
    if (all.isThin && part[last] === x) {
      part[last + 1] = Math.max(part[last + 1], low);
      part[last + 2] = Math.min(part[last + 2], high);
    } else {
      part.push(x, low, high);
      if (all.hasSteps && place + 1 < xs.length) part.push(Math.round(left + xs[place + 1] * wide), low, high);
    }
  });
  return found;
}

/** Along the greatest (side 2), or back along the least (side 1); thin, as stairs a pixel wide. */
function trace(path, part, isThin, side, by = 0) {
  const last = part.length - 3;
  const end = (at) => (at < last ? part[at + 3] : part[at] + 1);
  if (side === 2) {
    for (let at = 0; at <= last; at += 3) {
      path.lineTo(part[at], part[at + 2] - by);
      if (isThin) path.lineTo(end(at), part[at + 2] - by);
    }
  } else {
    for (let at = last; at >= 0; at -= 3) {
      if (isThin) path.lineTo(end(at), part[at + 1] + by);
      path.lineTo(part[at], part[at + 1] + by);
    }
  }
}

/** Columns reach each other, as the line between their points does. */
function joined(part) {
  for (let at = 3; at < part.length; at += 3) {
    part[at + 1] = Math.max(part[at + 1], part[at - 1]);
    part[at + 2] = Math.min(part[at + 2], part[at - 2]);
  }
  return part;
}

const drawn = (stroke, fill) => ({ stroke, fill, clip: null, band: null, gaps: [], flags: 1 });

/** A curve; needs `fill` beside `stroke`: a thin one is the pixels between its ends. */
export function line(u, number) {
  const all = sight(u);
  const path = new Path2D();
  const by = (u.series[number].width * devicePixelRatio) / 2;
  for (const part of parts(u, number, all)) {
    path.moveTo(part[0], part[2]);
    if (all.isThin) joined(part);
    trace(path, part, all.isThin, 2, all.isThin ? by : 0);
    if (all.isThin) trace(path, part, true, 1, by);
  }
  return all.isThin ? drawn(null, path) : drawn(path, null);
}

/** What is below a curve. */
export function area(u, number) {
  const all = sight(u);
  const path = new Path2D();
  const base = Math.round(u.valToPos(0, u.series[number].scale, true));
  for (const part of parts(u, number, all)) {
    path.moveTo(part[0], base);
    trace(path, part, all.isThin, 2);
    path.lineTo(part.at(-3) + (all.isThin ? 1 : 0), base);
  }
  return drawn(null, path);
}

/** What is between a series and the one before it, which has its gaps where this one has. */
export function band(u, number) {
  const all = sight(u);
  const path = new Path2D();
  const lower = parts(u, number - 1, all);
  parts(u, number, all).forEach((part, at) => {
    if (!lower[at]) return;
    path.moveTo(part[0], part[2]);
    trace(path, part, all.isThin, 2);
    trace(path, lower[at], all.isThin, 1);
  });
  return drawn(null, path);
}
