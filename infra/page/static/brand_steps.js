// A brand's series in the steps that what is seen is worth: finer ones where one has zoomed in.

import { brandPath, get } from "./api.js";
import { seconds } from "./format.js";
import { t } from "./words.js";

const HOUR = 3600;
const NAMES = { 300: "5m", 3600: "1h", 86400: "1d" };
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const iso = (at) => new Date(at * 1000).toISOString();

/** Seconds of the steps of a stretch, as the server chooses them where none are asked for. */
export const stepOf = (length) => (length <= 36 * HOUR ? 300 : length <= 21 * 24 * HOUR ? HOUR : 24 * HOUR);

/** Read [since, until] by `step`, with what it is compared with. */
export async function readSteps(brand, [since, until], step, compare, signal) {
  const read = (more) => get(brandPath(brand, "series"), { since: iso(since), until: iso(until), zone, ...more }, signal);
  // In steps of minutes a share means little: it is drawn, and expected, by the hour.
  const [found, byHour] = await Promise.all([read({ step: NAMES[step], compare }), step < HOUR ? read({ step: "1h" }) : null]);
  found.hourly = byHour?.expected ?? null;
  if (found.compare?.label === "week") found.compare.label = t("compare.week");
  return found;
}

/** Whether `found` holds what is seen from `since` to `until`, in its steps, up to `now`. */
export const holds = (found, [since, until], now) =>
  found.step_seconds === stepOf(until - since) && seconds(found.since) <= since && Math.min(until, now) <= seconds(found.until);

/** What to read of it: as much again on both sides, to move in, and no more than all there is. */
export const around = ([since, until], [first, now]) => {
  const more = (until - since) / 2;
  return [Math.max(since - more, first), Math.min(until + more, now)];
};
