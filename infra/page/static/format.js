// Numbers and times as people read them, in their language and zone. Times of a line that replays
// the past are told against the line's own clock.

import { language, t } from "./words.js";

const MINUTE = 60;
const DAY = 86400;
const kept = new Map();

function formatter(kind, options) {
  const name = `${kind} ${language()} ${JSON.stringify(options)}`;
  if (!kept.has(name)) kept.set(name, new Intl[kind](language() === "zh" ? "zh-CN" : "en-GB", options));
  return kept.get(name);
}

export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Epoch seconds of an ISO time, or of what is one already. */
export const seconds = (at) => (typeof at === "number" ? at : Date.parse(at) / 1000);

/** 1,204; to one digit below ten where it is not whole, or to `exactly` so many. */
export function count(n, exactly) {
  if (n === null || n === undefined) return "–";
  if (exactly) return formatter("NumberFormat", { minimumFractionDigits: exactly, maximumFractionDigits: exactly }).format(n);
  const digits = Math.abs(n) < 10 && !Number.isInteger(n) ? 1 : 0;
  return formatter("NumberFormat", { maximumFractionDigits: digits }).format(n);
}

/** 84 k, 8.4 万. */
export const short = (n) =>
  formatter("NumberFormat", { notation: "compact", maximumFractionDigits: 1 }).format(n);

/** 61 % of a share 0..1. */
export const percent = (share) =>
  share === null || share === undefined ? "–" : `${Math.round(100 * share)}\u00a0%`;

const TO = "–\u2060"; // no line ends within a range

/** 18–52. */
export const between = (lower, upper) => `${count(Math.round(lower))}${TO}${count(Math.round(upper))}`;

export const percents = (lower, upper) =>
  `${Math.round(100 * lower)}${TO}${Math.round(100 * upper)}\u00a0%`;

/** ±6 where the interval is about even on both sides of the value, else 2–33 %. */
export function certainty({ value, lower, upper }) {
  const [below, above] = [value - lower, upper - value];
  const isEven = Math.abs(above - below) < 0.025 && lower > 0;
  return isEven ? `±${Math.round(50 * (upper - lower))}` : `(${percents(lower, upper)})`;
}

const clock = (at) =>
  formatter("DateTimeFormat", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(
    new Date(at * 1000),
  );
const day = (at) =>
  formatter("DateTimeFormat", { day: "numeric", month: "short" }).format(new Date(at * 1000));
const isSameDay = (one, other) =>
  new Date(one * 1000).toDateString() === new Date(other * 1000).toDateString();

/** 22:55, with the day where it is not `now`'s. */
export function time(at, now) {
  const then = seconds(at);
  return isSameDay(then, seconds(now)) ? clock(then) : `${day(then)} ${clock(then)}`;
}

/** Everything about a moment, for a hover. */
export const exact = (at) =>
  formatter("DateTimeFormat", { dateStyle: "full", timeStyle: "long" }).format(
    new Date(seconds(at) * 1000),
  );

/** 12 min ago. */
export function ago(at, now) {
  const gone = Math.max(seconds(now) - seconds(at), 0);
  if (gone < 5) return t("now");
  return t("ago", { length: span(gone) });
}

/** 14 min, 3 h, 2 d. */
export function span(length) {
  if (length < MINUTE) return t("seconds", { n: count(length < 9.95 ? Math.round(length * 10) / 10 : Math.round(length)) });
  if (length < 90 * MINUTE) return t("minutes", { n: Math.round(length / MINUTE) });
  if (length < 2 * DAY) {
    const hours = length / 3600;
    return t("hours", { n: count(hours < 10 ? Math.round(hours * 10) / 10 : Math.round(hours)) });
  }
  return t("days", { n: Math.round(length / DAY) });
}

/** What stands below a time axis whose marks are `step` seconds apart. */
export function ticks(marks, step) {
  return marks.map((at, number) => {
    if (step >= DAY) return day(at);
    const before = marks[number - 1];
    const isNewDay = before !== undefined && !isSameDay(before, at);
    return isNewDay || (number === 0 && marks.length > 1) ? `${clock(at)}\n${day(at)}` : clock(at);
  });
}
