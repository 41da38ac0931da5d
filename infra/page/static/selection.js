// What a stretch of time was about: terms, hashtags, sources, languages, clusters.

import { h, set } from "./dom.js";
import { count, percent } from "./format.js";
import { counted, when } from "./parts.js";
import { author } from "./posts.js";
import { languageName, t } from "./words.js";

const MOST = 8;

/** A share as a bar beside its number: the value, and what it was before as a mark. */
export function bar(share, before, kind = "") {
  const width = (value) => `${Math.min(100, Math.max(0, 100 * value)).toFixed(1)}%`;
  const now = h("i", { class: "now" });
  now.style.width = width(share);
  const was = before === null || before === undefined ? null : h("i", { class: "was" });
  if (was) was.style.left = width(before);
  return h("span", { class: `meter ${kind}`, "aria-hidden": "true" }, now, was);
}

/** Terms or hashtags: text, bar, share now and before. */
export function terms(title, found, how = "how.terms") {
  if (!found?.length) return null;
  return h(
    "section",
    { class: "block" },
    h("h3", {}, how ? counted(how, title) : title),
    h(
      "ul",
      { class: "bars" },
      found.slice(0, MOST).map((term) =>
        h(
          "li",
          {},
          h("bdi", {}, term.text),
          bar(term.share, term.share_before),
          h("small", {}, t("share_before", { share: percent(term.share), before: percent(term.share_before) })),
        ),
      ),
    ),
  );
}

/** Parts of a whole: name, bar, count now and expected. */
export function parts(title, found, naming = (name) => name) {
  if (!found?.length) return null;
  const most = Math.max(1, ...found.map((part) => Math.max(part.count, part.expected ?? 0)));
  return h(
    "section",
    { class: "block" },
    h("h3", {}, title),
    h(
      "ul",
      { class: "bars" },
      found.slice(0, MOST).map((part) =>
        h(
          "li",
          { class: part.grew ? "grew" : "" },
          h("bdi", {}, naming(part.name)),
          bar(part.count / most, part.expected === null || part.expected === undefined ? null : part.expected / most),
          h(
            "small",
            {},
            part.expected === null || part.expected === undefined
              ? count(part.count)
              : t("part", { n: count(part.count), expected: count(Math.round(part.expected)) }),
          ),
        ),
      ),
    ),
  );
}

/** Texts that many repeat, with the first who said it. */
export function clusters(found, now) {
  if (!found?.length) return null;
  return h(
    "section",
    { class: "block wide" },
    h("h3", {}, t("clusters")),
    h(
      "ul",
      { class: "clusters" },
      found.slice(0, MOST).map((one) =>
        h(
          "li",
          {},
          h("p", { class: "text", dir: "auto" }, one.first?.post_id ? one.first.text : t("erased")),
          h(
            "p",
            { class: "by" },
            t("cluster", { voices: t("cluster.voices", { n: one.voices ?? one.authors }), n: count(one.count) }),
            one.first?.post_id && [" · ", author(one.first), " · ", when(one.first.published_at, now)],
          ),
        ),
      ),
    ),
  );
}

/** Everything of `/selection`. */
export function drawSelection(root, found, now) {
  const blocks = [
    terms(t("terms"), found.terms),
    terms(t("hashtags"), found.hashtags, null),
    parts(t("sources"), found.sources),
    parts(t("languages"), found.languages, languageName),
    clusters(found.clusters, now),
  ].filter(Boolean);
  set(root, blocks.length ? blocks : h("p", { class: "second" }, t("nothing_grew")));
}
