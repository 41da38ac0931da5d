// A brand: what is normal, what is not, and everything behind a stretch of time.

import { address, brandPath, get } from "./api.js";
import { brandChart } from "./brand_chart.js";
import { around, holds, readSteps, stepOf } from "./brand_steps.js";
import { button, h, set } from "./dom.js";
import { toast } from "./dialog.js";
import { exportMenu } from "./export.js";
import { between, certainty, count, percent, percents, seconds, span, time } from "./format.js";
import { paced } from "./live.js";
import { badge, counted, failed, said, segments, select, waiting, when } from "./parts.js";
import { postFeed } from "./posts.js";
import { asked, incidentLink, linkTo, remember } from "./router.js";
import { drawSelection } from "./selection.js";
import { endsOf } from "./series.js";
import { staleNotice } from "./stale.js";
import { t, word } from "./words.js";

const RANGES = ["1", "6", "24", "168", "720", "2160"];
const PACE = 1500;
const iso = (at) => new Date(at * 1000).toISOString();

export async function show(root, brand, { shared, titled, me }) {
  titled(brand);
  const state = { hours: RANGES.includes(asked().hours) ? asked().hours : "24", compare: asked().compare ?? "" };
  const abort = new AbortController();
  const place = Object.fromEntries(
    ["above", "facts", "controls", "chart", "selected", "selection", "posts"].map((name) => [name, h("div", { class: name })]),
  );
  let overview = null;
  let wide = null; // all of the range
  let found = null; // what is drawn of it
  let selected = [null, null];
  let turn = 0; // of the range
  let part = 0; // of the steps that are seen

  const row = () => overview?.brands.find((one) => one.name === brand);
  const now = () => overview?.at ?? found?.at ?? shared.at;
  const ends = () => seconds(now());
  const stretch = () =>
    selected[0] === null
      ? range()
      : [selected[0], Math.min(selected[1], ends())];

  set(
    root,
    h("div", { class: "title" }, h("h1", { tabindex: "-1" }, brand), place.controls),
    place.above,
    place.facts,
    place.chart,
    place.selected,
    h("div", { class: "columns" }, place.selection, h("section", {}, place.posts)),
  );
  set(place.chart, waiting(6));
  const chart = brandChart(place.chart, (since, until) => {
    selected = [since, until];
    followSelection();
  });
  const feed = postFeed(place.posts, brand, {
    me,
    now,
    sources: () => (place.selection.found?.sources ?? []).map((one) => one.name),
    languages: () => (place.selection.found?.languages ?? []).map((one) => one.name),
    changed: () => followSoon(),
  });

  async function readOverview() {
    overview = await get("/overview", {}, abort.signal);
    shared.told({ at: overview.at, clock: overview.clock, lag: overview.pipeline.stored_after_seconds });
    drawFacts();
    set(place.above, staleNotice(overview));
  }

  const range = () => [ends() - Number(state.hours) * 3600, ends()];

  async function readSeries() {
    const mine = ++turn;
    const next = await readSteps(brand, range(), stepOf(Number(state.hours) * 3600), state.compare, abort.signal);
    if (mine !== turn) return;
    wide = next;
    await drawSeries(true);
  }

  /** What is zoomed into is drawn at once, then in finer steps if it is worth them. */
  async function drawSeries(isNew = false) {
    const mine = ++part;
    const step = selected[0] === null ? Infinity : stepOf(selected[1] - selected[0]);
    if (step >= wide.step_seconds || selected[0] >= ends()) {
      if (found !== wide) put(wide);
    } else if (isNew || !holds(found, selected, ends())) {
      const next = await readSteps(brand, around(selected, range()), step, state.compare, abort.signal);
      if (mine === part) put(next);
    }
    drawSelected();
  }
  const put = (next) => {
    found = next;
    chart.draw(next, { within: endsOf(wide), shown: selected[0] === null ? null : selected });
  };

  async function readSelection() {
    const [since, until] = stretch();
    try {
      const told = await get(brandPath(brand, "selection"), { since: iso(since), until: iso(until) }, abort.signal);
      place.selection.found = told;
      drawSelection(place.selection, told, now());
      feed.drawBar();
    } catch (error) {
      if (error.name !== "AbortError") set(place.selection, failed(error, readSelection));
    }
  }

  /** The rest of the page shows what the chart shows. */
  const followSelection = paced(() => {
    drawSelected();
    if (wide) drawSeries().catch(fails);
    readSelection();
    const isAll = selected[0] === null;
    const [since, until] = stretch();
    feed.over(iso(since), isAll ? null : iso(until));
  }, 300);

  /** The line moved on: numbers follow, posts wait to be pulled, a selection stays as it is. */
  const followSoon = paced(async () => {
    try {
      await readOverview();
      await readSeries();
    } catch {
      return; // the light says so; what is shown stays
    }
    if (selected[0] === null) await feed.look();
  }, PACE);

  function drawFacts() {
    const one = row();
    if (!one) return set(place.facts);
    const { volume, volume_expected: band, share, share_expected: usual, incident } = one;
    const range = band && between(band.lower, band.upper);
    return set(
      place.facts,
      fact("facts.volume", "how.volume", count(volume), band ? t("expected_range", { n: count(Math.round(band.mean)), range }) : learning(one)),
      fact(
        "facts.share",
        share ? `how.share.${share.method}` : "how.share",
        share ? [percent(share.value), h("small", {}, ` ${certainty(share)}`)] : "–",
        [
          usual ? t("expected_share", { range: percents(usual.lower, usual.upper) }) : share && percents(share.lower, share.upper),
          share && me?.can_write && [" · ", h("a", { href: address(linkTo("label"), { brand }) }, t("label.narrow"))],
        ],
      ),
      h(
        "div",
        { class: "fact" },
        h("h2", {}, t("facts.incident")),
        incident
          ? h(
              "a",
              { class: "open-incident", href: incidentLink(incident.id) },
              badge(incident),
              h("span", {}, h("b", {}, word("kind", incident.kind)), " ", when(incident.since, now()), h("small", {}, incident.acknowledged_by ? t("acknowledged_by", { name: incident.acknowledged_by }) : t("severity_of", { n: incident.severity }))),
            )
          : h("p", { class: "second" }, one.state === "learning" ? learning(one) : t("facts.no_incident")),
      ),
    );
  }
  const learning = (one) =>
    one.state === "learning" ? t("learning", { length: span(one.learning_hours * 3600) }) : "";

  function drawSelected() {
    if (!found) return;
    const [since, until] = stretch();
    const all = chart.sums(selected[0], selected[1]);
    const words = t(selected[0] === null ? "shown" : "selected", { since: time(since, ends()), until: time(until, since) });
    const share = all.posts ? percent(all.negative / all.posts) : "–";
    set(
      place.selected,
      h("p", { class: "stretch" }, words),
      h(
        "p",
        {},
        counted("how.selected", t("read.posts", { n: count(all.posts) })),
        ` · ${t("negative.mark")} ${count(all.negative)} (${share}) · ${t("neutral.mark")} ${count(all.neutral)} · ${t("positive.mark")} ${count(all.positive)}`,
      ),
    );
  }

  function drawControls() {
    const names = (overview?.brands ?? []).map((one) => one.name).filter((name) => name !== brand);
    const compared = overview?.brands.find((one) => one.name === brand)?.competitors ?? [];
    const rivals = names.filter((name) => compared.includes(name));
    const others = [
      ...rivals.map((name) => [`brand:${name}`, t("compare.competitor", { name })]),
      ...names.filter((name) => !rivals.includes(name)).map((name) => [`brand:${name}`, name]),
    ];
    const [since, until] = stretch();
    const view = { since: iso(since), until: iso(until) };
    set(
      place.controls,
      segments(t("time_range"), RANGES.map((n) => [n, t(`range.${n}`)]), state.hours, (value) => {
        state.hours = value;
        selected = [null, null];
        renew();
        followSelection();
      }),
      select(
        t("compare"),
        [["", `${t("compare")}: ${t("compare.none")}`], ["week", t("compare.week")], ...others],
        state.compare,
        (value) => {
          state.compare = value;
          renew();
        },
      ),
      exportMenu(["posts", "counts", "incidents"], { brand, ...view }),
    );
  }

  const fails = (error) => error.name !== "AbortError" && toast(t("failed", { detail: said(error) }));

  async function renew() {
    remember({ hours: state.hours === "24" ? "" : state.hours, compare: state.compare });
    await readSeries().catch(fails);
  }

  await readOverview();
  drawControls();
  await readSeries();
  followSelection();
  return {
    event: (event) => {
      if (!event.brand || event.brand === brand) followSoon();
    },
    close: () => {
      abort.abort();
      followSoon.stop();
      followSelection.stop();
      feed.close();
      chart.close();
    },
  };
}

const fact = (name, how, value, second) =>
  h("div", { class: "fact" }, h("h2", {}, counted(how, t(name))), h("p", { class: "large" }, value), h("p", { class: "second" }, second));
