// The frame: who is here, which view, what is live.

import { ApiError, get, send } from "./api.js";
import { button, h, set } from "./dom.js";
import { explainNumbers, showHelp } from "./dialog.js";
import { ZONE, span, time } from "./format.js";
import { listenToKeys } from "./keys.js";
import { listen } from "./live.js";
import { showLogin } from "./login.js";
import { failed, notice } from "./parts.js";
import { linkTo, matched, route } from "./router.js";
import { language, speak, t } from "./words.js";

const VIEWS = {
  overview: () => import("./overview.js"),
  brand: () => import("./brand.js"),
  incident: () => import("./incident.js"),
  backtest: () => import("./backtest.js"),
  health: () => import("./health.js"),
  labelling: () => import("./label.js"),
};
const AGAIN = 3000;

const main = document.getElementById("main");
const light = h("span", { class: "light", role: "status" });
/** What views share: who is here, and the line's clock as it was last told. */
const shared = { me: null, at: null, clock: "live", lag: null, isLinked: true, told, draw };
let view = null;
let turn = 0;

/** A view learned what time it is on the line's clock, and how the line does. */
function told({ at, clock, lag }) {
  shared.at = at ?? shared.at;
  shared.clock = clock ?? shared.clock;
  if (lag !== undefined) shared.lag = lag;
  drawLight();
}

function drawLight() {
  const state = shared.isLinked ? shared.clock : "lost";
  const lag = shared.lag === null ? "" : span(shared.lag);
  light.className = `light ${state}`;
  const text = state === "live" ? (lag ? t("live", { lag }) : t("live_plain")) : t(state);
  const hover = {
    live: lag && t("live.hover", { lag }),
    finished: t("finished.hover"),
    lost: shared.at && t("lost.hover", { time: time(shared.at, shared.at) }),
  };
  light.title = hover[state] || text;
  set(light, h("i", { "aria-hidden": "true" }), text);
}

function turnTheme() {
  const root = document.documentElement;
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  try {
    localStorage.setItem("groundswell.theme", root.dataset.theme);
  } catch {
    // Only for this visit.
  }
  dispatchEvent(new Event("themechange"));
}

function drawFrame(name) {
  const link = (href, view) =>
    h("a", { href, "aria-current": name === view ? "page" : null }, t(view));
  const links = [link(linkTo(), "overview"), link(linkTo("backtest"), "backtest"), link(linkTo("health"), "health")];
  const other = language() === "zh" ? "en" : "zh";
  document.getElementById("skip").textContent = t("skip");
  set(
    document.getElementById("bar"),
    h("a", { class: "home", href: linkTo(), "aria-label": `Groundswell: ${t("overview")}` }, "Groundswell"),
    h("nav", { "aria-label": t("nav") }, shared.me && links),
    shared.me && light,
    h(
      "div",
      { class: "tools" },
      button(t("other_language"), () => (speak(other), show()), {
        class: "tool",
        lang: other === "zh" ? "zh-CN" : "en",
      }),
      button("◐", turnTheme, { class: "tool", "aria-label": t("theme"), title: t("theme") }),
      button("?", showHelp, { class: "tool help", "aria-label": t("help"), title: t("help") }),
    ),
  );
  const leave = async () => {
    await send("POST", "/logout");
    location.assign(linkTo());
  };
  set(
    document.getElementById("foot"),
    h("span", {}, t("zone", { zone: ZONE })),
    shared.me?.name && h("span", {}, `${shared.me.name} · ${shared.me.role}`),
    shared.me && button(t("log_out"), leave, { class: "button quiet" }),
  );
  drawLight();
}

/** A new title, and the reader at its beginning. */
function titled(text) {
  document.title = text ? `${text} · Groundswell` : "Groundswell";
}

async function show() {
  const mine = ++turn;
  const { name, about } = matched(location.pathname);
  view?.close?.();
  view = null;
  drawFrame(name);
  if (!shared.me) return showLogin(main, enter);
  if (name === "missing") {
    titled("");
    set(main, notice(t("error.missing"), "", h("a", { class: "button", href: linkTo() }, t("overview"))));
    return undefined;
  }
  try {
    const module = await VIEWS[name]();
    if (mine !== turn) return undefined;
    set(main);
    main.className = name;
    const made = await module.show(main, about, { ...shared, shared, titled });
    if (mine === turn) view = made;
    else made?.close?.(); // the reader has gone on
  } catch (error) {
    if (mine !== turn || error.name === "AbortError") return undefined;
    if (error instanceof ApiError && error.status === 401) {
      shared.me = null;
      return show();
    }
    set(main, failed(error, show));
    // What passes by itself: a database that starts, a server that is started anew.
    if (error.status === 0 || error.status === 503) setTimeout(() => mine === turn && show(), AGAIN);
  }
  return undefined;
}

/** The connection is gone: perhaps who is here may be no more. */
async function checkWho() {
  try {
    shared.me = await get("/me");
  } catch (error) {
    if (error.status !== 401 || !shared.me) return;
    shared.me = null;
    show();
  }
}

function draw() {
  drawFrame(matched(location.pathname).name);
}

async function enter() {
  try {
    shared.me = await get("/me");
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) {
      set(main, failed(error, enter));
      return;
    }
  }
  if (shared.me && !enter.isListening) {
    enter.isListening = true;
    listen({
      heard: (event) => view?.event?.(event),
      linked: (isLinked) => {
        shared.isLinked = isLinked;
        drawLight();
        if (!isLinked) checkWho();
        // What came before one listened, or while one could not, nobody tells.
        if (isLinked) view?.event?.({ what: "linked" });
      },
    });
  }
  await show();
}

speak(language());
explainNumbers();
listenToKeys();
route(async () => {
  const mine = turn + 1;
  await show();
  if (mine !== turn) return; // the reader has gone on: what is focused there is theirs
  scrollTo(0, 0);
  (main.querySelector("h1") ?? main).focus({ preventScroll: true });
});
VIEWS[matched(location.pathname).name]?.().catch(() => {}); // while the server says who is here
enter();
