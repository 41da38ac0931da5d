// An incident as a story, from its sentence to what was told whom.

import { brandPath, get, incidentPath } from "./api.js";
import { h, set } from "./dom.js";
import { incidentActions } from "./incident_actions.js";
import { incidentChart } from "./incident_chart.js";
import { spreadChart } from "./incident_spread.js";
import { saidOf, sentenceOf } from "./incident_words.js";
import { seconds, time } from "./format.js";
import { paced } from "./live.js";
import { moved, movers } from "./moved.js";
import { badge, counted } from "./parts.js";
import { postItem } from "./posts.js";
import { brandLink } from "./router.js";
import { told } from "./incident_told.js";
import { who, why } from "./incident_why.js";
import { gap, t, word } from "./words.js";

const PACE = 1500;
const MOST = 20; // posts to read
const iso = (at) => new Date(at * 1000).toISOString();

export async function show(root, id, { shared, titled, me }) {
  const abort = new AbortController();
  const read = () => get(incidentPath(id), {}, abort.signal);
  let story = await read();
  let chart = null;
  let spread = null;
  const place = Object.fromEntries(
    ["head", "curve", "why", "who", "posts", "told", "timeline"].map((name) => [name, h("section", { class: name })]),
  );
  const actions = incidentActions({ id, me, story: () => story, picture: () => chart.picture(story), renew });
  set(root, Object.values(place));

  const newest = () => story.events.at(-1).event;

  function draw() {
    const { incident: one, at } = story;
    titled(`${one.brand}: ${word("kind", one.kind)}`);
    shared.told({ at });
    drawHead(one);
    place.head.className = `head ${one.resolved_at ? "over" : "open"}`;
    chart?.close();
    spread?.close();
    chart = incidentChart(place.curve, story);
    const authors = h("section", { class: "block wide" });
    set(place.why, h("h2", {}, t("section.why")), why(story), authors);
    spread = spreadChart(authors, story);
    set(place.who, h("h2", {}, t("section.who")), who(story));
    drawPosts();
    set(place.told, h("h2", {}, t("section.told")), told(story, me, renew));
    drawTimeline();
  }

  function drawHead(one) {
    const sentence = sentenceOf(story);
    set(
      place.head,
      h(
        "p",
        { class: "kicker" },
        badge(one),
        h(
          "span", // of one piece: a line does not begin with what stands between
          {},
          h("b", {}, word("kind", one.kind)),
          " · ",
          t(one.resolved_at ? "incident.worst" : "severity_of", { n: one.severity }),
          one.resolved_at && ` · ${t("resolved")}`,
        ),
      ),
      h("h1", { tabindex: "-1" }, h("a", { href: brandLink(one.brand) }, one.brand)),
      sentence && h("p", { class: "sentence" }, sentence),
      h("p", { class: "numbers" }, saidOf(story).map((line, at) => [at ? line : counted("how.observed", line), gap()])),
      newest().simulated && h("p", { class: "second" }, t("incident.simulated")),
      states(),
      actions.buttons(),
      h(
        "details",
        { class: "definition" },
        h("summary", {}, t("severity.what", { n: one.severity })),
        h("p", {}, t("how.severity")),
      ),
    );
  }

  function states() {
    const { acknowledgement, verdict, silences, at } = story;
    const open = silences.filter((one) => Date.parse(one.ends) > Date.parse(at));
    const lines = [
      verdict && t(verdict.word === "crisis" ? "incident.crisis" : "incident.not_crisis", { name: verdict.by || "–" }),
      acknowledgement && t("incident.acknowledged", { name: acknowledgement.by, time: time(acknowledgement.at, at) }),
      ...open.map((one) => t("incident.silenced", { time: time(one.ends, at), name: one.by })),
    ].filter(Boolean);
    return lines.length > 0 && h("ul", { class: "states" }, lines.map((line) => h("li", {}, line)));
  }

  /** The posts that stand for the many, then the first of each text that many repeat. */
  function drawPosts() {
    const { examples, clusters } = story.evidence;
    const posts = [...examples, ...(clusters ?? []).map((one) => one.first)];
    const once = [...new Map(posts.map((post) => [post.post_id, post])).values()].slice(0, MOST);
    const options = { brand: story.incident.brand, me, now: story.at, changed: renew, found: movers(story.evidence) };
    const list = h("ol", { class: "posts" }, once.map((post) => postItem(post, options)));
    set(place.posts, h("h2", {}, t("section.read")), moved(story.evidence), list);
    once.forEach(async (post, at) => {
      const whole = await wholeOf(post).catch(() => null);
      if (whole) list.children[at]?.replaceWith(postItem(whole, options));
    });
  }

  /** A post as it counts now: its label, who gave it, how many repeat it. */
  async function wholeOf(post) {
    const at = seconds(post.published_at);
    const [since, until] = [iso(at - 1), iso(at + 1)];
    const query = { post_id: post.post_id, since, until, limit: 1 };
    return post.post_id && (await get(brandPath(story.incident.brand, "posts"), query, abort.signal)).posts[0];
  }

  function drawTimeline() {
    set(
      place.timeline,
      h("h2", {}, t("section.timeline")),
      h(
        "ol",
        { class: "events" },
        story.timeline.map((one) =>
          h("li", {}, h("time", { datetime: one.at }, time(one.at, story.at)), h("span", {}, h("b", {}, word("event", one.what)), one.who && ` · ${one.who}`, one.detail && h("small", {}, one.detail))),
        ),
      ),
    );
  }

  async function renew() {
    const y = scrollY;
    story = await read();
    draw();
    scrollTo(0, y);
  }
  // What is read stays where it is while a dialog or a text is open.
  const follow = paced(() => renew().catch(() => {}), PACE);

  draw();
  actions.openFromAddress();
  return {
    event: (event) => {
      const isOurs = !event.brand || event.brand === story.incident.brand;
      if (isOurs && event.what !== "posts" && !root.contains(document.activeElement?.closest("details[open]"))) follow();
    },
    close: () => {
      abort.abort();
      follow.stop();
      actions.close();
      chart?.close();
      spread?.close();
    },
  };
}
