// One row a brand, sorted by need for attention. Numbers follow the line; the order waits for the
// reader.

import { get } from "./api.js";
import { announce, button, h, set } from "./dom.js";
import { exportMenu } from "./export.js";
import { between, certainty, count, percent, percents, span } from "./format.js";
import { paced } from "./live.js";
import { badge, isMood, select, waiting, when } from "./parts.js";
import { asked, brandLink, incidentLink, remember } from "./router.js";
import { sparkline } from "./spark.js";
import { failingNotice, staleNotice, wrongFeeds } from "./stale.js";
import { languageName, t, word } from "./words.js";

const PACE = 1000; // between two readings of the server, ms
const FIRST = 100; // rows drawn before one asks for more
const HOURS = ["6", "24", "168"];

export async function show(root, _about, { shared, titled }) {
  titled(t("overview"));
  const state = { hours: asked().hours ?? "24", language: asked().language ?? "", find: "", most: FIRST };
  const query = () => ({ hours: state.hours, language: state.language });
  const abort = new AbortController();
  const lists = h("div", { class: "lists" });
  const above = h("div", { class: "above" });
  const below = h("p", { class: "pipeline second" });
  const pull = h("div", { class: "pull" });
  let order = [];
  let urgent = new Set(); // who stands above: a row moves when the reader says so
  let page = null;

  const read = async () => {
    page = await get("/overview", query(), abort.signal);
    shared.told({ at: page.at, clock: page.clock, lag: page.pipeline.stored_after_seconds });
  };
  const follow = paced(async () => {
    try {
      await read();
    } catch {
      return; // the light says so; what is shown stays
    }
    draw();
  }, PACE);

  function sort() {
    order = page.brands.map((brand) => brand.name);
    urgent = new Set(page.brands.filter((brand) => brand.incident).map((brand) => brand.name));
  }

  /** Rows in the order the reader knows; who needs attention since is told above them. */
  function draw() {
    const found = new Map(page.brands.map((brand) => [brand.name, brand]));
    const known = order.filter((name) => found.has(name)).map((name) => found.get(name));
    const fresh = page.brands.filter((brand) => !order.includes(brand.name));
    const shown = [...known, ...fresh].filter((brand) =>
      brand.name.toLowerCase().includes(state.find.toLowerCase()),
    );
    drawPull(found);
    drawLists(shown);
    set(above, staleNotice(page), failingNotice(page.pipeline.failing, page.wall));
    set(below, pipeline(page));
  }

  function drawPull(found) {
    const late = [...found.values()].find((one) => one.incident && !urgent.has(one.name))?.name;
    const was = pull.textContent;
    set(pull, late && button(t("order_changed", { brand: late }), () => (sort(), draw()), { class: "button new" }));
    if (late && pull.textContent !== was) announce(pull.textContent);
  }

  function drawLists(shown) {
    const open = shown.filter((brand) => urgent.has(brand.name));
    const calm = shown.filter((brand) => !urgent.has(brand.name));
    const cut = calm.slice(0, state.most);
    const focused = document.activeElement?.closest?.("[data-row]")?.dataset.row;
    const more = calm.length - cut.length;
    if (!page.brands.length) {
      set(lists, h("div", { class: "notice" }, h("h2", {}, t("empty.title")), h("p", {}, t("empty.text"))));
      return;
    }
    set(
      lists,
      open.length
        ? section("needs_attention", open, page)
        : !state.find && h("p", { class: "all-calm" }, t("nothing_open")),
      cut.length > 0 && section("calm", cut, page),
      !shown.length && h("p", { class: "second" }, t("no_match")),
      more > 0 &&
        button(t("more_brands", { n: more }), () => ((state.most = Infinity), draw()), { class: "button quiet" }),
    );
    if (focused !== undefined) lists.querySelector(`[data-row="${CSS.escape(focused)}"] a`)?.focus({ preventScroll: true });
  }

  const taken = h("div", { class: "taken" });
  const drawTaken = () => set(taken, exportMenu(["overview"], query()));
  const renew = async () => {
    remember({ hours: state.hours === "24" ? "" : state.hours, language: state.language });
    drawTaken();
    await read();
    sort();
    draw();
  };
  const controls = h("div", { class: "controls" });
  set(root, h("h1", { class: "hidden", tabindex: "-1" }, t("overview")), controls, above, pull, waiting(6));
  await read();
  sort();
  set(
    controls,
    select(t("range"), HOURS.map((n) => [n, t(`range.${n}`)]), state.hours, (value) => {
      state.hours = value;
      renew();
    }),
    select(
      t("language"),
      [["", t("all_languages")], ...(page.languages ?? []).map((code) => [code, languageName(code)])],
      state.language,
      (value) => {
        state.language = value;
        renew();
      },
    ),
    h("input", {
      type: "search",
      "aria-label": t("find_brand"),
      placeholder: t("find_brand"),
      on: { input: (event) => ((state.find = event.target.value), draw()) },
    }),
    taken,
  );
  drawTaken();
  set(root, h("h1", { class: "hidden", tabindex: "-1" }, t("overview")), controls, above, pull, lists, below);
  draw();
  return { event: follow, close: () => (abort.abort(), follow.stop()) };
}

function section(name, brands, page) {
  return h(
    "section",
    { class: name },
    h(
      "div",
      { class: "row heads" },
      h("h2", {}, t(name)),
      ["incident", "volume", "curve", "share", "change"].map((column) =>
        h("span", { class: column, "aria-hidden": "true" }, t(`col.${column}`, { n: page.hours ?? 24 })),
      ),
    ),
    h("ul", { class: "rows" }, brands.map((brand) => h("li", { class: `row ${brand.state}`, "data-row": brand.name }, cells(brand, page.at)))),
  );
}

function cells(brand, now) {
  return [
    h("span", { class: "brand" }, h("a", { href: brandLink(brand.name), class: "whole" }, brand.name)),
    h("span", { class: "incident" }, incident(brand, now)),
    h("span", { class: "volume" }, volume(brand)),
    h("span", { class: "curve" }, sparkline(brand.spark)),
    h("span", { class: "share" }, share(brand)),
    h("span", { class: "change" }, change(brand.share_change)),
  ];
}

function incident(brand, now) {
  const open = brand.incident;
  if (open) {
    return h(
      "a",
      { href: incidentLink(open.id), class: "open-incident" },
      badge(open),
      h(
        "span",
        {},
        h("b", {}, word("kind", open.kind)),
        " ",
        when(open.since, now),
        h("small", {}, open.acknowledged_by ? t("acknowledged_by", { name: open.acknowledged_by }) : against(open)),
      ),
    );
  }
  if (brand.state === "learning") {
    const length = span(brand.learning_hours * 3600);
    return h("span", { class: "second", title: t("learning.hover") }, t("learning", { length }));
  }
  return brand.state === "gap" && h("span", { class: "second" }, t("gap"));
}

const against = (open) =>
  t(isMood(open.kind) ? "against" : "against.all", {
    n: count(open.observed),
    expected: count(Math.round(open.expected)),
    range: between(open.expected_lower, open.expected_upper),
  });

function volume({ volume: n, volume_expected: band }) {
  const range = band && between(band.lower, band.upper);
  return [
    h("b", { title: t("how.volume") }, t("per_hour", { n: count(n) })),
    h("small", {}, band ? t("expected_range", { n: count(Math.round(band.mean)), range }) : "–"),
  ];
}

function share({ share: found, share_expected: usual }) {
  if (!found) return h("span", { class: "second" }, "–");
  return [
    h("b", { title: t(`how.share.${found.method}`) }, t("negative_share", { share: percent(found.value) })),
    h("span", { class: "second", title: percents(found.lower, found.upper) }, ` ${certainty(found)}`),
    usual && h("small", {}, t("expected_share", { range: percents(usual.lower, usual.upper) })),
  ];
}

function change(points) {
  if (points === null || points === undefined) return null;
  const n = Math.round(100 * points);
  const [mark, words] = n > 0 ? ["↑", "points_up"] : n < 0 ? ["↓", "points_down"] : ["→", "points_same"];
  const said = t(words, { n: Math.abs(n) });
  return h(
    "span",
    { class: n >= 10 ? "worse" : "", title: said },
    h("span", { "aria-hidden": "true" }, `${mark}${n ? Math.abs(n) : ""}`),
    h("span", { class: "hidden" }, said),
  );
}

function pipeline({ pipeline: { posts_per_second: rate, stored_after_seconds: lag, feeds }, wall }) {
  const wrong = wrongFeeds(feeds, wall);
  const said = wrong.length ? t("feeds_some", { n: wrong.length }) : t("feeds_all_live");
  if (lag === null) return t("pipeline.still", { n: count(rate), feeds: said });
  return t("pipeline", { n: count(rate), lag: span(lag), feeds: said });
}
