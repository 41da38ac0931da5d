// What is shown where the line stands still: since when, why, and what it means for the numbers.

import { seconds, span, time } from "./format.js";
import { notice } from "./parts.js";
import { t, word } from "./words.js";

const QUIET = 120; // seconds after which a feed that runs should have said something
const FINE = new Set(["live", "running", "finished", "starting", "catching_up"]);

/** Feeds that do not do what they should. `wall` is the real time. */
export const wrongFeeds = (feeds, wall) =>
  feeds.filter((feed) => {
    if (feed.state === "finished") return false;
    const told = feed.updated_at;
    return !FINE.has(feed.state) || (told && seconds(wall) - seconds(told) > QUIET);
  });

/** Of an overview; null while all is well. */
export function staleNotice({ at, wall, clock, pipeline }) {
  if (clock !== "stale") return null;
  const told = pipeline.feeds.map((feed) => seconds(feed.updated_at ?? feed.last_at ?? 0));
  const length = span(Math.max(0, seconds(wall) - Math.max(...told, 0)));
  const lines = wrongFeeds(pipeline.feeds, wall).map((feed) =>
    t(feed.last_at ? "stale.feed" : "stale.feed.never", {
      feed: feed.name,
      time: feed.last_at && time(feed.last_at, at),
      state: word("state", FINE.has(feed.state) ? "silent" : feed.state),
    }),
  );
  const text = lines.join(" ") || t("stale.feeds", { time: time(at, wall) });
  const node = notice(told.length ? t("stale.title", { length }) : t("stale"), text);
  node.classList.add("stale");
  return node;
}

/** Receivers that have taken nothing for an hour or more: nobody is told there. */
export const failingNotice = (failing, wall) =>
  failing?.length > 0 &&
  notice(
    t("failing.title"),
    failing
      .map((one) => t(one.is_off ? "failing.off" : "failing.since", { name: one.name, time: time(one.since, wall), said: one.reason }))
      .join(" "),
  );
