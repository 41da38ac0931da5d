// Label posts that were drawn by their score: a key each, every answer kept at once, and what the
// labels buy. What is labelled counts, so whoever leaves goes on where they were.

import { brandPath, get, send } from "./api.js";
import { announce, button, h, linkOut, set } from "./dom.js";
import { toast } from "./dialog.js";
import { count, percent, percents } from "./format.js";
import { isBusy } from "./keys.js";
import { failed, notice, said, waiting, when } from "./parts.js";
import { marked } from "./posts.js";
import { asked, brandLink } from "./router.js";
import { t } from "./words.js";

const LABELS = ["negative", "neutral", "positive"];
const [WANTED, MORE, DAYS] = [100, 50, 7];
const EVERY = 10; // labels after which one sees what they bought
const AGAIN = 1500;

export async function show(root, _about, { me, titled }) {
  const brand = asked().brand ?? "";
  titled(t("label.title", { brand }));
  const place = Object.fromEntries(["card", "wrong", "bought"].map((name) => [name, h("div", { class: name })]));
  const back = h("a", { class: "button", href: brandLink(brand) }, brand);
  set(root, h("h1", { tabindex: "-1" }, t("label.title", { brand })));
  if (!me.can_write || !brand) {
    root.append(notice(t(brand ? "error.forbidden" : "error.missing"), "", brand && back));
    return {};
  }
  root.append(h("p", { class: "second" }, t("label.text", { days: DAYS })), place.wrong, place.card, place.bought);

  let drawn = null; // as the server drew it
  let wanted = WANTED;
  let queue = [];
  let done = []; // {post, label, instead}: without a label it was passed over, for another
  const unsaved = [];
  let isSaving = false;
  let seen = 0; // labels there were when it was last read what they buy
  const labelled = () => drawn.labelled + done.filter((one) => one.label).length;

  async function begin() {
    set(place.card, waiting(4));
    drawn = await send("POST", "/labels/draw", { brand, days: DAYS, wanted });
    queue = [...drawn.posts];
    done = [];
    draw();
    readBought();
  }
  const restart = () => begin().catch((error) => set(place.card, failed(error, restart)));

  /** Keep what was answered, in its order; what the server does not take waits. */
  async function save() {
    if (isSaving) return;
    isSaving = true;
    try {
      while (unsaved.length) {
        await send("POST", "/labels", unsaved[0]);
        unsaved.shift();
      }
      set(place.wrong);
      if (Math.abs(labelled() - seen) >= EVERY || !queue.length) readBought();
    } catch (error) {
      if (error.status === 422) {
        unsaved.length = 0; // of a draw that nobody knows any more
        toast(t("label.anew"));
        restart();
      } else {
        set(place.wrong, h("p", { class: "wrong", role: "alert" }, t("label.unsaved", { n: unsaved.length, detail: said(error) })));
        setTimeout(save, AGAIN);
      }
    }
    isSaving = false;
  }
  function keep(post, label) {
    unsaved.push({ draw: post.draw, label });
    save();
  }

  function answer(label) {
    if (!queue.length) return;
    const post = queue.shift();
    done.push({ post, label, instead: null });
    draw();
    keep(post, label);
  }
  function skip() {
    if (!queue.length) return;
    const post = queue.shift();
    const at = drawn.spare.findIndex((one) => one.stratum === post.stratum);
    const [instead] = at < 0 ? [null] : drawn.spare.splice(at, 1);
    if (instead) queue.push(instead);
    done.push({ post, label: "", instead });
    draw();
  }
  function undo() {
    const last = done.pop();
    if (!last) return;
    if (last.instead) {
      queue.splice(queue.indexOf(last.instead), 1);
      drawn.spare.push(last.instead);
    }
    queue.unshift(last.post);
    draw();
    if (last.label) keep(last.post, "");
  }

  function draw() {
    const [post] = queue;
    const [n, of] = [labelled(), labelled() + queue.length];
    const focused = place.card.contains(document.activeElement) && document.activeElement.getAttribute("aria-keyshortcuts");
    const told = t("label.progress", { n: count(n), of: count(of) });
    const tool = (key, name, act, props) => button([h("kbd", { "aria-hidden": "true" }, key), " ", t(name)], act, { "aria-keyshortcuts": key, ...props });
    set(
      place.card,
      h("div", { class: "progress" }, h("progress", { max: of || 1, value: n, "aria-label": told }), h("span", { class: "second" }, told)),
      post ? [
        h("blockquote", { class: "text", dir: "auto" }, marked(post.text, post.highlights)),
        h("p", { class: "by" }, when(post.published_at, drawn.until), post.url && [" · ", linkOut(post.url, t("label.original"))]),
        h("div", { class: "choices" }, LABELS.map((label, at) => tool(String(at + 1), `${label}.mark`, () => answer(label), { class: `button ${label}` }))),
      ] : [
        h("p", { class: "large" }, n ? t("label.done", { n }) : t("label.none", { days: DAYS })),
        h("div", { class: "buttons" }, back, n > 0 && button(t("label.more", { n: MORE }), () => ((wanted = n + MORE), restart()))),
      ],
      h("div", { class: "buttons" }, post && tool("s", "label.skip", skip, { class: "button quiet" }), done.length > 0 && tool("z", "undo", undo, { class: "button quiet" })),
    );
    if (focused) place.card.querySelector(`[aria-keyshortcuts="${focused}"]`)?.focus();
    announce(post ? post.text : t("label.done", { n }));
  }

  async function readBought() {
    seen = labelled();
    const { since, until } = drawn;
    const found = await get(brandPath(brand, "labels"), { since, until }).catch(() => null); // what was shown stays
    if (!found?.without) return;
    set(
      place.bought,
      h("h2", {}, t("label.bought")),
      row(t("label.without"), found.without),
      found.labels > 0 && row(t("label.with", { n: found.labels }), found.with_labels),
      found.labels > 0 && h("p", { class: "second" }, t(found.is_enough ? "label.enough" : "label.few")),
    );
  }

  const keys = { ...Object.fromEntries(LABELS.map((label, at) => [at + 1, () => answer(label)])), s: skip, z: undo };
  const press = (event) => {
    if (event.repeat || isBusy(event) || !drawn) return;
    keys[event.key]?.();
  };
  const warn = (event) => unsaved.length && event.preventDefault();
  document.addEventListener("keydown", press);
  addEventListener("beforeunload", warn);
  await restart();
  return {
    close: () => {
      document.removeEventListener("keydown", press);
      removeEventListener("beforeunload", warn);
    },
  };
}

/** An interval on the scale of all shares, and in words. */
function row(name, { value, lower, upper }) {
  const [now, was] = [h("i", { class: "now" }), h("i", { class: "was" })];
  now.style.left = `${100 * lower}%`;
  now.style.width = `${100 * (upper - lower)}%`;
  was.style.left = `${100 * value}%`;
  return h(
    "div",
    { class: "known" },
    h("span", {}, name),
    h("span", { class: "meter", "aria-hidden": "true" }, now, was),
    h("b", {}, t("label.width", { share: percent(value), range: percents(lower, upper), n: count(Math.round(100 * (upper - lower))) })),
  );
}
