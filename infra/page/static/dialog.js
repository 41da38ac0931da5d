// Dialogs, toasts, and the answer to "how is this counted".

import { add, announce, button, h } from "./dom.js";
import { said } from "./parts.js";
import { t } from "./words.js";

const STAY = 8000;

/** Ask. `body` are nodes; `act` does it and may throw, then the dialog stays and says why. */
export function ask({ title, text, body = [], confirm, act, wide = false }) {
  const wrong = h("p", { class: "wrong", role: "alert" });
  const go = confirm && h("button", { type: "submit", class: "button primary" }, confirm);
  const form = h(
    "form",
    { method: "dialog" },
    h("h2", { id: "dialog-title" }, title),
    text && h("p", {}, text),
    body,
    wrong,
    h(
      "div",
      { class: "buttons" },
      go,
      button(confirm ? t("cancel") : t("close"), () => dialog.close(), { class: "button quiet" }),
    ),
  );
  const dialog = h(
    "dialog",
    { "aria-labelledby": "dialog-title", class: wide ? "wide" : null },
    form,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (go) go.disabled = true;
    try {
      await act?.();
      dialog.close();
    } catch (error) {
      wrong.textContent = t("failed", { detail: said(error) });
    }
    if (go) go.disabled = false;
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** A field of a dialog. */
export function field(label, input) {
  return h("label", { class: "field" }, h("span", {}, label), input);
}

/** Say that something is done, with a way back. */
export function toast(text, undo = null) {
  const node = h("div", { class: "toast" }, h("span", {}, text));
  if (undo) {
    node.append(
      button(t("undo"), async () => {
        node.remove();
        try {
          await undo();
          toast(t("undone"));
        } catch (error) {
          toast(t("failed", { detail: said(error) }));
        }
      }),
    );
  }
  document.getElementById("toasts").append(node);
  announce(text);
  setTimeout(() => node.remove(), STAY);
}

/** Answer every `data-how` in the page: on hover, on focus, on touch. */
export function explainNumbers() {
  const tip = h("div", { id: "tip", class: "tip", role: "tooltip", hidden: true });
  document.body.append(tip);
  const hide = () => {
    tip.hidden = true;
    document.querySelector("[aria-describedby=tip]")?.removeAttribute("aria-describedby");
  };
  const show = (event) => {
    const node = event.target.closest?.("[data-how]");
    if (!node) return hide();
    tip.textContent = t(node.dataset.how);
    tip.hidden = false;
    node.setAttribute("aria-describedby", "tip");
    const box = node.getBoundingClientRect();
    const left = Math.min(box.left, innerWidth - tip.offsetWidth - 8);
    const below = box.bottom + 6 + tip.offsetHeight < innerHeight;
    tip.style.left = `${Math.max(8, left) + scrollX}px`;
    tip.style.top = `${(below ? box.bottom + 6 : box.top - tip.offsetHeight - 6) + scrollY}px`;
    return undefined;
  };
  document.addEventListener("pointerover", show);
  document.addEventListener("focusin", show);
  document.addEventListener("focusout", hide);
  document.addEventListener("click", show);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
}

/** The list of keys, and of how numbers are counted. */
export function showHelp() {
  const keys = [
    ["j", "keys.next"],
    ["k", "keys.previous"],
    ["Enter", "keys.open"],
    ["/", "keys.find"],
    ["g", "keys.overview"],
    ["?", "keys.help"],
  ];
  const numbers = [
    ["facts.volume", "how.volume"],
    ["facts.share", "how.share"],
    ["section.who", "how.organic"],
    ["terms", "how.terms"],
    ["backtest.severity", "how.severity"],
  ];
  ask({
    wide: true,
    title: t("keys.title"),
    body: [
      add(
        h("dl", { class: "keys" }),
        keys.map(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, t(what))]),
      ),
      h("h3", {}, t("numbers.title")),
      add(
        h("dl", { class: "glossary" }),
        numbers.map(([what, how]) => [h("dt", {}, t(what)), h("dd", {}, t(how))]),
      ),
    ],
  });
}
