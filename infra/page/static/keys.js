// Keys: rows by j and k, and what every view answers to.

import { go } from "./router.js";
import { showHelp } from "./dialog.js";

const isWriting = (node) =>
  node?.closest?.("input, textarea, select, [contenteditable]") !== null && node !== document.body;

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
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isWriting(event.target) || document.querySelector("dialog[open]")) return;
    const act = {
      j: () => move(1),
      k: () => move(-1),
      "?": showHelp,
      g: () => go("/"),
      "/": () => document.querySelector("main input[type=search]")?.focus(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
