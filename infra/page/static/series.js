// A brand's series as the columns a chart draws: one time axis for what was, what is foretold and
// what it is compared with.

const HOUR = 3600;
const COUNTED = new Set(["changed", "relabelled"]); // every post is there, only judged by others
const Z90 = 1.6448536269514722;

const pick = (values, at) => (at === undefined ? null : (values?.[at] ?? null));
const places = (starts) => new Map((starts ?? []).map((start, at) => [start, at]));

/** Columns of `/series`, `null` where there is nothing. */
export function columns(found) {
  const { expected } = found;
  const compare = found.compare?.counts;
  const x = merged(found.start, expected?.start, compare?.start);
  const [seen, told, other] = [places(found.start), places(expected?.start), places(compare?.start)];
  const of = (index, values) => x.map((at) => pick(values, index.get(at)));
  const spans = found.gaps.map((gap) => [Date.parse(gap.since) / 1000, Date.parse(gap.until) / 1000, gap.reason]);
  const gaps = spans.filter(([, , reason]) => !COUNTED.has(reason));
  const blind = x.map((at) => gaps.some(([since, until]) => at >= since && at < until));
  const clear = (values) => values.map((value, at) => (blind[at] ? null : value));
  const negative = clear(of(seen, found.negative));
  const neutral = clear(of(seen, found.neutral));
  const positive = clear(of(seen, found.positive));
  const volume = negative.map((n, at) => (n === null ? null : n + neutral[at] + positive[at]));
  const end = found.start.length ? found.start.at(-1) : -Infinity;
  const ahead = (values) => values.map((value, at) => (x[at] >= end ? value : null));
  const mean = of(told, expected?.volume?.mean);
  const hourly = places(found.hourly?.start);
  const usual = (name) =>
    found.hourly
      ? x.map((at) => pick(found.hourly.share?.[name], hourly.get(Math.floor(at / HOUR) * HOUR)))
      : of(told, expected?.share?.[name]);
  return {
    x,
    gaps,
    qualities: spans,
    negative,
    neutral,
    positive,
    volume,
    some: negative.map((n, at) => (n === null ? null : n + neutral[at])),
    lower: of(told, expected?.volume?.lower),
    mean,
    upper: of(told, expected?.volume?.upper),
    ahead: ahead(mean),
    ...shares(negative, volume, found.step_seconds, (name) => clear(of(seen, found[name]))),
    shareBandLower: usual("lower"),
    shareBandUpper: usual("upper"),
    shareAhead: ahead(usual("mean")),
    other: compare ? of(other, total(compare)) : x.map(() => null),
    otherShare: compare ? otherShare(compare, found.step_seconds, (values) => of(other, values)) : x.map(() => null),
    now: end === -Infinity ? null : end + found.step_seconds,
  };
}

/** The share of each step; of steps shorter than an hour, of the hour that ends with it. */
function shares(negative, volume, step, given) {
  const steps = Math.round(HOUR / step);
  if (steps <= 1) {
    return { share: given("share"), shareLower: given("share_lower"), shareUpper: given("share_upper") };
  }
  const found = { share: [], shareLower: [], shareUpper: [] };
  let [n, all] = [0, 0];
  volume.forEach((value, at) => {
    n += negative[at] ?? 0;
    all += value ?? 0;
    n -= negative[at - steps] ?? 0;
    all -= volume[at - steps] ?? 0;
    const [lower, share, upper] = value === null || !all ? [null, null, null] : interval(n, all);
    found.share.push(share);
    found.shareLower.push(lower);
    found.shareUpper.push(upper);
  });
  return found;
}

function otherShare(compare, step, of) {
  const [negative, volume] = [of(compare.negative), of(total(compare))];
  return shares(negative, volume, step, (name) => of(compare[name])).share;
}

/** Wilson's interval of a share, which holds it nine times in ten. */
export function interval(n, all) {
  const share = n / all;
  const middle = share + Z90 ** 2 / (2 * all);
  const spread = Z90 * Math.sqrt((share * (1 - share)) / all + Z90 ** 2 / (4 * all ** 2));
  const scale = 1 + Z90 ** 2 / all;
  return [Math.max(0, (middle - spread) / scale), share, Math.min(1, (middle + spread) / scale)];
}

const total = ({ negative, neutral, positive }) =>
  negative.map((n, at) => (n === null ? null : n + neutral[at] + positive[at]));

/** All starts, sorted, each once. */
function merged(...lists) {
  const known = lists.filter((list) => list?.length);
  if (known.length === 1) return [...known[0]];
  return [...new Set(known.flat())].sort((one, other) => one - other);
}

/** Where the columns begin and end. */
export function endsOf(found) {
  const x = merged(found.start, found.expected?.start, found.compare?.counts.start);
  return x.length ? [x[0], x.at(-1) + found.step_seconds] : [0, 1];
}

/** Sums over the points in [since, until). */
export function sums({ x, negative, neutral, positive }, since, until) {
  const found = { negative: 0, neutral: 0, positive: 0 };
  x.forEach((at, n) => {
    if (at < since || at >= until || negative[n] === null) return;
    found.negative += negative[n];
    found.neutral += neutral[n];
    found.positive += positive[n];
  });
  return { ...found, posts: found.negative + found.neutral + found.positive };
}
