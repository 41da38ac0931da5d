// Keys: rows by j and k, and what every view answers to.

import { go, linkTo } from "./router.js";
import { showHelp } from "./dialog.js";

const isWriting = (node) =>
  node?.closest?.("input, textarea, select, [contenteditable]") !== null && node !== document.body;

/** Whether a key is for something else: a text, a dialog, the browser. */
export const isBusy = (event) =>
  event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target) || document.querySelector("dialog[open]") !== null;

/** Move the focus by `step` among the rows of the view. */
function move(step) {
  const rows = [...document.querySelectorAll("main [data-row]")].filter((row) => row.offsetParent);
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)];
  const target = next.matches("a, [tabindex]") ? next : next.querySelector("a, button");
  target?.focus();
  next.scrollIntoView({ block: "nearest" });
}

export function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    if (isBusy(event)) return;
    const act = {
      j: () => move(1),
      k: () => move(-1),
      "?": showHelp,
      g: () => go(linkTo()),
      "/": () => document.querySelector("main input[type=search]")?.focus(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
