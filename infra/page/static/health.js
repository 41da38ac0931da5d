// Whether the line does well: for who runs it.

import { get } from "./api.js";
import { h, set } from "./dom.js";
import { exportMenu } from "./export.js";
import { count, percent, span, time } from "./format.js";
import { paced } from "./live.js";
import { notice, table, whenAgo } from "./parts.js";
import { failingNotice, wrongFeeds } from "./stale.js";
import { languageName, t, word } from "./words.js";

const PACE = 3000;
const MOST = 20; // queries before one asks for more
const length = (n) => (n === null || n === undefined ? "–" : span(n));
const number = (n) => (n === null || n === undefined ? "–" : count(n));

export async function show(root, _about, { shared, titled }) {
  titled(t("health"));
  const abort = new AbortController();
  const body = h("div", { class: "blocks" });
  const above = h("div");
  const taken = h("div", { class: "controls" }, h("div", { class: "taken" }, exportMenu(["health"], {})));
  set(root, h("h1", { tabindex: "-1" }, t("health.title")), taken, above, body);

  async function read() {
    const found = await get("/health", {}, abort.signal);
    shared.told({ at: found.at, clock: found.clock, lag: found.pace.stored_after_seconds });
    draw(found);
  }

  function draw(found) {
    const { at: now, wall } = found;
    const wrong = new Set(wrongFeeds(found.feeds, wall).map((feed) => feed.feed));
    const broken = new Set(wrongFeeds(found.platforms.filter((one) => one.configured), null).map((one) => one.name));
    const [hourly, rest] = [true, false].map((isHourly) =>
      found.forecast_accuracy.filter((one) => (one.step === "60m") === isHourly),
    );
    const failing = Object.entries(found.receivers).filter(([, one]) => one.failing_since || one.disabled_since);
    const isFine = !found.settings_problem && found.clock !== "stale" && !wrong.size && !broken.size && !failing.length;
    const troubles = [
      ...[...wrong].map((name) => `${name}: ${t("state.silent")}`),
      ...found.platforms.filter((one) => broken.has(one.name)).map((one) => `${one.name}: ${word("state", one.state)}`),
      ...failing.map(([name]) => `${name}: ${t("state.failed")}`),
    ];
    const state = (name, isWrong) => h("span", { class: isWrong ? "state failed" : "state" }, word("state", name));
    set(
      above,
      isFine
        ? h("p", { class: "all-calm" }, t("health.fine"))
        : (troubles.length > 0 || !found.settings_problem) && notice(t("health.wrong"), troubles.join(" · ")),
      failingNotice(found.failing, wall),
      found.settings_problem && notice(t("health.settings"), found.settings_problem),
    );
    const facts = [
      ["health.rate", count(found.pace.posts_per_second)],
      ["health.stored", length(found.pace.stored_after_seconds)],
      ["health.judged", length(found.lag_seconds)],
      ["health.waiting", number(found.waiting)],
    ];
    set(
      body,
      h("dl", { class: "facts block wide" }, facts.map(([name, value]) => h("div", { class: "fact" }, h("dt", {}, t(name)), h("dd", { class: "large" }, value)))),
      block("health.feeds", found.feeds, [
        [t("col.feed"), (one) => one.feed],
        [t("col.state"), (one) => state(wrong.has(one.feed) && one.state === "running" ? "silent" : one.state, wrong.has(one.feed))],
        [t("col.last"), (one) => whenAgo(one.clock, now)],
        [t("col.told"), (one) => whenAgo(one.updated_at, wall)],
        [t("col.sent"), (one) => number(one.sent), true],
        [t("col.durable"), (one) => number(one.durable), true],
      ]),
      found.platforms.length > 0 &&
        block("health.platforms", found.platforms, [
          [t("col.feed"), (one) => one.name],
          [t("col.state"), (one) => h("span", {}, state(one.state, broken.has(one.name)), one.error && h("small", {}, ` ${one.error}`))],
          [t("col.last"), (one) => one.last_post && whenAgo(one.last_post, wall)],
          [t("col.behind"), (one) => length(one.lag_seconds), true],
          [t("col.rate"), (one) => count(one.rate), true],
          [t("col.errors"), (one) => number(one.errors), true],
          [t("col.gaps"), (one) => gap(one.gaps, wall), true],
        ]),
      block("health.latency", found.latency, [
        [t("col.stage"), (one) => word("stage", one.stage)],
        [t("col.p50"), (one) => length(one.median), true],
        [t("col.p95"), (one) => length(one.p95), true],
        [t("col.p99"), (one) => length(one.p99), true],
      ]),
      found.readings.length > 0 &&
        block("health.stages", found.readings, [
          [t("col.stage"), (one) => word("stage", one.stage)],
          [t("col.count"), (one) => number(one.posts), true],
          [t("col.lag"), (one) => number(one.waiting), true],
          [t("col.behind"), (one) => length(one.lag_seconds), true],
          [t("col.busy"), (one) => length(one.busy_seconds), true],
        ]),
      accuracy(hourly, rest),
      block("health.receivers", Object.entries(found.receivers), [
        [t("col.receiver"), ([name]) => name],
        [t("col.state"), ([, one]) => receiver(one)],
        [t("col.success"), ([, one]) => one.last_success && whenAgo(one.last_success, wall)],
        [t("col.pending"), ([, one]) => number(one.pending), true],
        [t("col.held"), ([, one]) => number(one.held), true],
      ]),
      block("health.models", found.models, [
        [t("col.model"), (one) => one.model],
        [t("language"), (one) => languageName(one.language)],
        [t("col.count"), (one) => number(one.posts), true],
      ]),
      queries(found.queries, wall),
      block("health.dead", Object.entries(found.dead_letters), [
        [t("col.reason"), ([reason]) => reason],
        [t("col.count"), ([, n]) => number(n), true],
      ]),
      block("health.events", found.stage_events, [
        [t("at.time"), (one) => whenAgo(one.at, wall)],
        [t("col.stage"), (one) => word("stage", one.stage)],
        [t("col.state"), (one) => word("state", one.kind)],
        [t("col.reason"), (one) => one.detail],
      ]),
    );
  }

  await read();
  const follow = paced(() => read().catch(() => {}), PACE);
  return { event: follow, close: () => (abort.abort(), follow.stop()) };
}

/** What finds each brand, since when, and what was changed then. */
function queries(found, wall) {
  const part = ({ what, added, removed }) => `${word("query", what)}: ${[...added.map((one) => `+ ${one}`), ...removed.map((one) => `− ${one}`)].join(", ")}`;
  const columns = [
    [t("col.brand"), (one) => one.brand],
    [t("col.version"), (one) => h("code", {}, one.version)],
    [t("col.since"), (one) => whenAgo(one.since, wall)],
    [t("col.changed"), (one) => (one.changes.length ? h("span", { class: "wrap" }, h("bdi", {}, one.changes.map(part).join("; "))) : t("query.first"))],
    [t("col.by"), (one) => one.by],
    [t("col.found"), (one) => number(one.posts), true],
  ];
  const node = block("health.queries", found.slice(0, MOST), columns);
  const rest = found.slice(MOST);
  if (rest.length) node.append(h("details", {}, h("summary", {}, t("more_brands", { n: rest.length })), table(t("health.queries"), columns, rest)));
  return node;
}

/** Forecasts of hours; those of five minutes on request. */
function accuracy(hourly, rest) {
  const scaled = (n) => (n ? count(n, 2) : "–");
  const columns = [
    [t("col.brand"), (one) => one.brand],
    [t("col.series"), (one) => word("series", one.series)],
    [t("col.ahead"), (one) => t("hours", { n: one.band })],
    [t("col.mase"), (one) => scaled(one.mase), true],
    [t("col.naive"), (one) => scaled(one.naive_mase), true],
    [t("col.inside95"), (one) => percent(one.inside95), true],
    [t("col.model"), (one) => one.model],
  ];
  const node = block("health.accuracy", hourly, columns, t("health.accuracy.text"));
  const minutes = t("health.accuracy.minutes");
  if (rest.length) node.append(h("details", {}, h("summary", {}, minutes), table(minutes, columns, rest)));
  return node;
}

/** How many stretches of the last day a feed missed, each on hover. */
const gap = (gaps, wall) =>
  h("span", { title: gaps.map((one) => `${time(one.since, wall)} – ${time(one.until, wall)}: ${one.reason}`).join("\n") }, count(gaps.length));

function receiver({ disabled_since: off, disabled_reason: why, failing_since: failing, last_failure: said }) {
  const name = off ? "stopped" : failing ? "failed" : "live";
  return h("span", { class: `state ${name}` }, word("state", name), (off || failing) && h("small", {}, ` ${off ? why : said}`));
}

function block(title, rows, columns, text = "") {
  return h(
    "section",
    { class: "block wide" },
    h("h2", {}, t(title)),
    text && h("p", { class: "second" }, text),
    rows?.length ? table(t(title), columns, rows) : h("p", { class: "second" }, t("health.none")),
  );
}
