// Whether the line does well: for who runs it.

import { get } from "./api.js";
import { h, set } from "./dom.js";
import { count, percent, seconds, span } from "./format.js";
import { paced } from "./live.js";
import { notice, table, whenAgo } from "./parts.js";
import { t, word } from "./words.js";

const PACE = 3000;
const length = (n) => (n === null || n === undefined ? "–" : span(n));
const number = (n) => (n === null || n === undefined ? "–" : count(n));

export async function show(root, _about, { shared, titled }) {
  titled(t("health"));
  const abort = new AbortController();
  const body = h("div", { class: "blocks" });
  const above = h("div");
  set(root, h("h1", { tabindex: "-1" }, t("health.title")), above, body);

  async function read() {
    const found = await get("/api/v1/health", {}, abort.signal);
    shared.told({ at: found.at, clock: found.clock, lag: found.latency?.p50 });
    draw(found);
  }

  function draw(found) {
    const now = found.at;
    const state = (one) => h("span", { class: `state ${one.state}` }, word("state", one.state));
    set(above, found.problems?.length ? notice(found.problems[0], found.problems.slice(1).join(" ")) : h("p", { class: "second" }, t("health.fine")));
    set(
      body,
      block("health.stages", found.stages, [
        [t("col.stage"), (one) => one.name],
        [t("col.state"), state],
        [t("col.rate"), (one) => number(one.posts_per_second), true],
        [t("col.lag"), (one) => number(one.waiting), true],
        [t("col.p50"), (one) => length(one.p50), true],
        [t("col.p99"), (one) => length(one.p99), true],
      ]),
      block("health.feeds", found.feeds, [
        [t("col.feed"), (one) => one.name],
        [t("col.state"), state],
        [t("col.last"), (one) => one.last_at && whenAgo(one.last_at, now)],
        [t("col.behind"), (one) => one.last_at && length(Math.max(0, seconds(now) - seconds(one.last_at))), true],
        [t("col.gaps"), (one) => number(one.gaps), true],
        [t("col.errors"), (one) => number(one.errors), true],
      ]),
      block("health.accuracy", found.accuracy, [
        [t("col.brand"), (one) => one.brand],
        [t("col.series"), (one) => word("series", one.series)],
        [t("col.ahead"), (one) => t("hours", { n: one.band })],
        [t("col.mase"), (one) => count(one.mase, 2), true],
        [t("col.naive"), (one) => count(one.naive_mase, 2), true],
        [t("col.inside95"), (one) => percent(one.inside95), true],
        [t("col.model"), (one) => one.model],
      ], t("health.accuracy.text")),
      block("health.models", found.models, [
        [t("col.model"), (one) => one.name],
        [t("col.version"), (one) => one.version],
        [t("col.count"), (one) => number(one.posts), true],
      ]),
      block("health.dead", found.dead_letters, [
        [t("col.reason"), (one) => one.reason],
        [t("col.count"), (one) => number(one.count), true],
      ]),
    );
  }

  await read();
  const follow = paced(() => read().catch(() => {}), PACE);
  return { event: follow, close: () => (abort.abort(), follow.stop()) };
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
