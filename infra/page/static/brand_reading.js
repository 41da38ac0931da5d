// A brand's chart in words and numbers: what is under the pointer, all of it, and as a table.

import { between, count, percent, percents, time } from "./format.js";
import { table } from "./parts.js";
import { sums } from "./series.js";
import { t, word } from "./words.js";

const MOST = 400; // rows of a table: the newest

/** What is at a place of the columns, null where nothing is. */
export function readingOf(data, found, at) {
  if (at === null || at === undefined || data.x[at] === undefined) return null;
  const n = (name) => data[name][at];
  const [since, until] = [data.x[at], data.x[at] + found.step_seconds];
  const reasons = data.qualities.filter(([from, to]) => from < until && to > since);
  const parts = [
    `${time(since, data.now)} – ${time(until, since)}`,
    n("volume") !== null &&
      `${t("read.posts", { n: count(n("volume")) })}: ${t("negative.mark")} ${count(n("negative"))}, ${t("neutral.mark")} ${count(n("neutral"))}, ${t("positive.mark")} ${count(n("positive"))}`,
    n("mean") !== null &&
      t("read.expected", { n: count(n("mean")), range: between(n("lower"), n("upper")) }),
    n("share") !== null &&
      t("read.share", { share: percent(n("share")), range: percents(n("shareLower"), n("shareUpper")) }),
    ...new Set(reasons.map(([, , reason]) => word("quality", reason))),
    n("other") !== null && t("read.compare", { label: found.compare.label, n: count(n("other")) }),
  ];
  return parts.filter(Boolean).join(" · ");
}

/** What is drawn from `since` to `until`, for who does not see it. */
export function summaryOf(data, [since, until]) {
  const all = sums(data, since, until);
  return t("chart.summary", {
    posts: count(all.posts),
    negative: count(all.negative),
    neutral: count(all.neutral),
    positive: count(all.positive),
    since: time(since, until),
    until: time(until, until),
  });
}

/** The same as a table, for who wants the number; `share` is what the share is called. */
export function valuesTable(data, [since, until], share) {
  const shown = data.x.map((_, at) => at).filter((at) => data.x[at] >= since && data.x[at] < until && data.volume[at] !== null);
  const number = (name) => (at) => count(data[name][at]);
  return table(
    t("chart.table"),
    [
      [t("at.time"), (at) => time(data.x[at], data.now)],
      ...["negative", "neutral", "positive"].map((name) => [t(name), number(name), true]),
      [t("chart.band"), (at) => (data.mean[at] === null ? "–" : between(data.lower[at], data.upper[at])), true],
      [share, (at) => percent(data.share[at]), true],
    ],
    shown.slice(-MOST).reverse(),
  );
}
