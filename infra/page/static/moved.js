// The words that moved an incident, found in posts as people write them.

import { h } from "./dom.js";
import { percent } from "./format.js";
import { t } from "./words.js";

const MOST = 8;
const UNSPACED = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}/u;
const plain = (text) => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");

/** Terms and hashtags as what finds them. A term of several words may have any signs between. */
function forms({ terms, hashtags }) {
  return [...terms, ...(hashtags ?? [])].slice(0, MOST).map((term) => {
    const words = term.text.split(" ").map(plain).join("[^\\p{L}\\p{N}]+");
    const form = UNSPACED.test(term.text) ? words : `(?<![\\p{L}\\p{N}])${words}(?![\\p{L}\\p{N}])`;
    return { form: new RegExp(form, "giu"), how: how(term) };
  });
}

const how = ({ text, share, share_before: before }) =>
  `${text}: ${t("share_before", { share: percent(share), before: percent(before) })}`;

/** What marks them in a text: [start, end, how much] of each, the longer first where they meet. */
export function movers(evidence) {
  const found = forms(evidence);
  return (text) =>
    found
      .flatMap(({ form, how }) => [...text.matchAll(form)].map((hit) => [hit.index, hit.index + hit[0].length, how]))
      .sort((one, other) => one[0] - other[0] || other[1] - one[1]);
}

/** The words with how much they moved, one line. */
export function moved({ terms }) {
  if (!terms.length) return null;
  return h(
    "p",
    { class: "moved" },
    t("moved"),
    terms.slice(0, MOST).map((term) => [" ", h("span", {}, h("mark", { class: "mover" }, h("bdi", {}, term.text)), h("small", {}, ` ${t("share_before", { share: percent(term.share), before: percent(term.share_before) })}`))]),
  );
}
