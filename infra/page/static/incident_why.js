// Why, and who: terms and clusters against the baseline, how it spread, organic against amplified.

import { h } from "./dom.js";
import { count, percent } from "./format.js";
import { counted, when } from "./parts.js";
import { author } from "./posts.js";
import { incidentLink } from "./router.js";
import { bar, clusters, parts, terms } from "./selection.js";
import { languageName, t, word } from "./words.js";

const GROUPS = ["organic", "reposts", "copies", "syndicated", "automated", "spam"];

/** Terms, clusters, first post, the biggest voices, the same story elsewhere. */
export function why({ evidence, linked, at }) {
  const blocks = [
    terms(t("terms"), evidence.terms),
    terms(t("hashtags"), evidence.hashtags, null),
    spread(evidence, at),
    sameStory(evidence, linked),
    clusters(evidence.clusters, at),
  ].filter(Boolean);
  return h("div", { class: "blocks" }, blocks.length ? blocks : h("p", { class: "second" }, t("nothing_grew")));
}

function spread({ first, loudest }, now) {
  if (!first && !loudest?.length) return null;
  const line = (one) => [author(one), " · ", when(one.published_at, now)];
  return h(
    "section",
    { class: "block" },
    h("h3", {}, t("spread")),
    h(
      "dl",
      { class: "pairs" },
      first && [
        h("dt", {}, t("spread.first")),
        h("dd", {}, first.post_id ? [line(first), h("p", { class: "text", dir: "auto" }, first.text)] : t("erased")),
      ],
      loudest?.length > 0 && [
        h("dt", {}, t("spread.loudest")),
        loudest.map((one) => h("dd", {}, one.post_id ? line(one) : t("erased"))),
      ],
    ),
  );
}

function sameStory({ linked: links }, found) {
  if (!links?.length) return null;
  const kinds = new Map((found ?? []).map((one) => [one.id, one]));
  return h(
    "section",
    { class: "block" },
    h("h3", {}, t("spread.linked")),
    h(
      "ul",
      { class: "plain" },
      links.map((one) => {
        const kind = kinds.get(one.incident_id)?.kind;
        const how = t(`linked.${one.by}`, { n: one.shared });
        return h("li", {}, h("a", { href: incidentLink(one.incident_id) }, one.brand), kind && ` · ${word("kind", kind)}`, ` · ${how}`);
      }),
    ),
  );
}

/** Organic share, suspected automation with its grounds, sources, languages. */
export function who({ evidence }) {
  return h(
    "div",
    { class: "blocks" },
    evidence.origin?.posts > 0 && origin(evidence),
    parts(t("sources"), evidence.sources),
    parts(t("languages"), evidence.languages, languageName),
  );
}

function origin({ origin: found, organic_share: organic }) {
  const shown = GROUPS.filter((name) => found[name] > 0 || name === "organic");
  return h(
    "section",
    { class: "block" },
    h("h3", {}, t("origin"), " ", counted("how.organic", t("organic", { share: percent(organic) }))),
    h(
      "ul",
      { class: "bars" },
      shown.map((name) =>
        h("li", {}, h("span", {}, t(`origin.${name}`)), bar(found[name] / found.posts, null), h("small", {}, `${count(found[name])} · ${percent(found[name] / found.posts)}`)),
      ),
    ),
    found.suspected_accounts
      ? [
          h("p", {}, t("suspected", { n: found.suspected_accounts })),
          h("ul", { class: "plain" }, found.suspicions.map((one) => h("li", {}, t(`ground.${one.ground}`, { n: one.accounts, most: one.most, seconds: one.seconds })))),
        ]
      : h("p", { class: "second" }, t("suspected.none")),
  );
}
