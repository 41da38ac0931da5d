// Posts to read: a label with its certainty, what was matched, and a control to correct it.

import { address, brandPath, get, send } from "./api.js";
import { button, h, linkOut, set } from "./dom.js";
import { toast } from "./dialog.js";
import { count, percent, short } from "./format.js";
import { failed, said, segments, select, waiting, when } from "./parts.js";
import { languageName, t } from "./words.js";

const LABELS = ["negative", "neutral", "positive"];
const PAGE = 30;

/** Text with some stretches marked; `spans` are [start, end] in UTF-16 units, as strings have them,
 * and of words that moved something [start, end, how much]. */
export function marked(text, spans) {
  const found = [];
  let at = 0;
  for (const [from, to, how] of [...(spans ?? [])].sort((one, other) => one[0] - other[0])) {
    if (from < at || to > text.length) continue;
    found.push(text.slice(at, from), h("mark", how ? { class: "mover", title: how } : {}, text.slice(from, to)));
    at = to;
  }
  return [...found, text.slice(at)];
}

/** Name and reach. */
export function author({ author: name, followers, url }) {
  const who = name ? (name.startsWith("@") ? name : `@${name}`) : t("author.unknown");
  return [
    linkOut(url, h("bdi", {}, who)),
    followers ? h("small", {}, ` ${t("followers", { n: short(followers) })}`) : null,
  ];
}

function verdict(post) {
  if (!post.label) return h("span", { class: "label" }, t("negative_share", { share: percent(post.p_negative) }));
  const shares = { negative: post.p_negative, neutral: post.p_neutral, positive: post.p_positive };
  const each = Object.fromEntries(LABELS.map((label) => [label, percent(shares[label])]));
  const isUnsure = post.abstained && !post.corrected_by;
  const by = post.corrected_by
    ? t("corrected_by", { name: post.corrected_by })
    : isUnsure
      ? t("abstained")
      : percent(shares[post.label]);
  const title = isUnsure ? t("abstained.hover") : t("certainty.hover", each);
  return h("span", { class: `label ${post.label}`, title }, h("b", {}, t(`${post.label}.mark`)), " ", by);
}

/** One post. It can be corrected by `me` who may write, for a `brand`; `found` marks its text. */
export function postItem(post, { brand, me, now, changed, found = () => [] }) {
  if (!post.post_id) return h("li", { class: "post erased second" }, t("erased"));
  const node = h("li", { class: "post", "data-row": post.post_id, tabindex: "-1" });
  const path = `/posts/${encodeURIComponent(post.post_id)}/label`;

  async function mark(label) {
    const cluster = (post.cluster_count ?? 1) > 1;
    const before = { label: post.label, corrected_by: post.corrected_by };
    try {
      const answer = await send("POST", path, { brand, label, cluster, note: "" });
      Object.assign(post, { label, corrected_by: me.name });
      draw();
      const n = answer?.posts ?? (cluster ? post.cluster_count : 1);
      toast(t("corrected", { label: t(label), n }), async () => {
        await send("DELETE", address(path, { brand, cluster }));
        Object.assign(post, before);
        draw();
        changed?.();
      });
      changed?.();
    } catch (error) {
      toast(t("failed", { detail: said(error) }));
    }
  }

  function draw() {
    const choices = LABELS.filter((label) => label !== post.label).map((label) =>
      button(t(`${label}.mark`), () => mark(label), { class: `button small`, "aria-label": t("correct.as", { label: t(label) }) }),
    );
    set(
      node,
      h(
        "p",
        { class: "by" },
        author(post),
        " · ",
        when(post.published_at, now),
        post.source && ` · ${post.source}`,
        post.language && ` · ${languageName(post.language)}`,
      ),
      h("p", { class: "text", dir: "auto", lang: post.language && post.language !== "und" ? post.language : null }, marked(post.text, [...found(post.text), ...(post.highlights ?? [])])),
      h(
        "div",
        { class: "under" },
        verdict(post),
        (post.cluster_count ?? 1) > 1 && h("span", { class: "second" }, t("repeats", { n: count(post.cluster_count) })),
        me?.can_write && brand && h("details", { class: "correct" }, h("summary", {}, t("correct")), h("span", { class: "choices" }, choices)),
      ),
    );
  }
  draw();
  return node;
}

/** The feed of a brand: filters, a page at a time, and what is new only when it is asked for. */
export function postFeed(root, brand, { me, now, sources, languages, changed }) {
  const filter = { label: "", language: "", source: "", text: "" };
  const list = h("ol", { class: "posts" });
  const foot = h("div", { class: "buttons" });
  const pull = h("div", { class: "pull" });
  const bar = h("div", { class: "controls" });
  let stretch = {};
  let next = null;
  let abort = new AbortController();
  let fresh = 0;
  let newest = null;
  let typing = 0;

  const item = (post) => postItem(post, { brand, me, now: now(), changed });
  const read = (before, query = {}) =>
    get(brandPath(brand, "posts"), { ...stretch, ...filter, before, limit: PAGE, ...query }, abort.signal);

  async function load() {
    abort.abort();
    abort = new AbortController();
    fresh = 0;
    set(pull);
    if (!list.children.length) set(foot, waiting(3));
    try {
      const found = await read(null);
      next = found.next;
      newest = found.posts[0]?.published_at ?? newest;
      set(list, found.posts.map(item));
      drawFoot(found.posts.length === 0);
    } catch (error) {
      if (error.name !== "AbortError") set(foot, failed(error, load));
    }
  }

  async function more() {
    try {
      const found = await read(next);
      next = found.next;
      list.append(...found.posts.map(item));
      drawFoot(false);
    } catch (error) {
      if (error.name !== "AbortError") toast(t("failed", { detail: said(error) }));
    }
  }

  function drawFoot(isEmpty) {
    set(foot, isEmpty && h("p", { class: "second" }, t("posts.none")), next && button(t("posts.more"), more));
  }

  /** Posts came: say how many, and leave the reader where they are. */
  async function look() {
    if (stretch.until || newest === null) return;
    const found = await read(null, { since: newest, limit: 100 }).catch(() => null);
    if (!found) return;
    const known = new Set([...list.querySelectorAll("[data-row]")].map((node) => node.dataset.row));
    fresh = found.posts.filter((post) => !known.has(post.post_id)).length;
    set(pull, fresh > 0 && button(t("show_new", { n: count(fresh) }), load, { class: "button new" }));
  }

  const choose = (name) => (value) => {
    filter[name] = value;
    load();
  };
  function drawBar() {
    set(
      bar,
      segments(
        t("filter.label"),
        [["", t("all")], ...LABELS.map((label) => [label, t(`${label}.mark`)])],
        filter.label,
        choose("label"),
      ),
      select(t("filter.source"), [["", t("all_sources")], ...sources().map((name) => [name, name])], filter.source, choose("source")),
      select(t("language"), [["", t("all_languages")], ...languages().map((code) => [code, languageName(code)])], filter.language, choose("language")),
      h("input", {
        type: "search",
        "aria-label": t("posts.find"),
        placeholder: t("posts.find"),
        value: filter.text,
        on: {
          input: (event) => {
            filter.text = event.target.value;
            clearTimeout(typing);
            typing = setTimeout(load, 250);
          },
        },
      }),
    );
  }
  set(root, h("h2", {}, t("posts")), bar, pull, list, foot);
  drawBar();
  return {
    over: (since, until) => {
      stretch = { since, until };
      return load();
    },
    look,
    drawBar,
    close: () => (abort.abort(), clearTimeout(typing)),
  };
}
