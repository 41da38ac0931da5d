// Who are you. The only view of who is not let in.

import { send } from "./api.js";
import { h, set } from "./dom.js";
import { field } from "./dialog.js";
import { said } from "./parts.js";
import { t } from "./words.js";

export function showLogin(root, entered) {
  const name = h("input", { name: "name", autocomplete: "username", spellcheck: "false" });
  const secret = h("input", {
    name: "secret",
    type: "password",
    autocomplete: "current-password",
    required: true,
  });
  const wrong = h("p", { class: "wrong", role: "alert" });
  const form = h(
    "form",
    { class: "login" },
    h("h1", { tabindex: "-1" }, t("login.title")),
    h("p", { class: "second" }, t("login.text")),
    field(t("login.secret"), secret),
    field(t("login.name"), name),
    wrong,
    h("button", { class: "button primary", type: "submit" }, t("login.go")),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = name.value
      ? { name: name.value, password: secret.value }
      : { token: secret.value };
    try {
      await send("POST", "/login", body);
      entered();
    } catch (error) {
      if (error.status === 401) wrong.textContent = t("login.wrong");
      else if (error.status === 429) wrong.textContent = t("login.often", { detail: error.detail });
      else wrong.textContent = said(error);
    }
  });
  set(root, form);
  secret.focus();
}
