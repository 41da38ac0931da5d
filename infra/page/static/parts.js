// Small things that every view is made of.

import { ApiError } from "./api.js";
import { button, h, svg } from "./dom.js";
import { ago, exact, seconds, time } from "./format.js";
import { t } from "./words.js";

/** A time of day, exact on hover. */
export const when = (at, now) =>
  h("time", { datetime: iso(at), title: exact(at) }, time(at, now));

/** How long ago, exact on hover. */
export const whenAgo = (at, now) =>
  h("time", { datetime: iso(at), title: exact(at) }, ago(at, now));

const iso = (at) => new Date(seconds(at) * 1000).toISOString();

/** A number with the way it is counted, on hover, focus and touch. */
export function counted(key, ...children) {
  return h("button", { type: "button", class: "counted", "data-how": key }, ...children);
}

/** Whether an incident is about how people feel, not about how much they say. */
export const isMood = (kind) => kind === "negative_surge" || kind === "mood_shift";

/** Severity in a mark: solid while it goes on, hollow when it is over; ink where it is no mood. */
export function badge({ severity, kind, resolved_at: over }) {
  const name = `badge${over ? " hollow" : ""}${isMood(kind) ? "" : " plain"}`;
  return h(
    "span",
    { class: name },
    h("span", { "aria-hidden": "true" }, severity),
    h("span", { class: "hidden" }, t("severity_of", { n: severity })),
  );
}

/** What a failure says to a person. */
export function said(error) {
  if (!(error instanceof ApiError)) return t("error.server", { detail: error.message });
  if (error.status === 0) return t("error.offline");
  if (error.status === 403) return error.detail || t("error.forbidden");
  if (error.status === 404) return t("error.missing");
  return error.detail || t("error.server", { detail: error.status });
}

/** A state in place of content. */
export function notice(title, text, ...more) {
  return h("div", { class: "notice" }, h("h2", {}, title), text && h("p", {}, text), ...more);
}

export const failed = (error, again) =>
  h("div", { role: "alert" }, notice(t("error.title"), said(error), button(t("retry"), again)));

/** Grey lines where something will be. */
export function waiting(lines = 4) {
  const bars = Array.from({ length: lines }, () => h("div", { class: "bone" }));
  return h("div", { class: "bones", role: "status" }, h("span", { class: "hidden" }, t("loading")), bars);
}

/** A choice of one of several. */
export function select(label, options, value, act, props = {}) {
  const node = h(
    "select",
    { "aria-label": label, ...props, on: { change: () => act(node.value) } },
    options.map(([name, text]) => h("option", { value: name, selected: name === value }, text)),
  );
  return node;
}

/** One of few, side by side: radio buttons that look like one. */
export function segments(label, options, value, act) {
  const name = `segments-${(segments.made = (segments.made ?? 0) + 1)}`;
  return h(
    "fieldset",
    { class: "segments" },
    h("legend", { class: "hidden" }, label),
    options.map(([key, text]) =>
      h(
        "label",
        {},
        h("input", {
          type: "radio",
          name,
          value: key,
          checked: key === value,
          on: { change: () => act(key) },
        }),
        h("span", {}, text),
      ),
    ),
  );
}

/** A table. `columns` are [head, cell of a row, is a number]. */
export function table(caption, columns, rows) {
  const side = (isNumber) => (isNumber ? { class: "number" } : {});
  const body = rows.map((row) =>
    h("tr", {}, columns.map(([, cell, isNumber]) => h("td", side(isNumber), cell(row)))),
  );
  const heads = columns.map(([head, , isNumber]) => h("th", { scope: "col", ...side(isNumber) }, head));
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h("table", {}, h("caption", { class: "hidden" }, caption), h("thead", {}, h("tr", {}, heads)), h("tbody", {}, body)),
  );
}

/** Where a column of the chart holds nothing: drawn for small curves as for large ones. */
export const hatch = (id) =>
  svg(
    "pattern",
    { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    svg("path", { d: "M0 0V6", class: "hatch" }),
  );
