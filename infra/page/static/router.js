// Addresses and views. A view is `show(root, params) -> {event, close, key}`, all three optional.

import { API, BASE } from "./base.js";

const ROUTES = [
  [/^\/$/, "overview"],
  [/^\/brands?\/([^/]+)$/, "brand"],
  [/^\/incidents?\/([^/]+)$/, "incident"],
  [/^\/backtest$/, "backtest"],
  [/^\/health$/, "health"],
  [/^\/label$/, "labelling"],
];

/** The name of the view at an address, and what it is about. */
export function matched(address) {
  const path = address.startsWith(`${BASE}/`) ? address.slice(BASE.length) : "";
  for (const [form, name] of ROUTES) {
    const found = form.exec(path);
    if (!found) continue;
    try {
      return { name, about: found[1] === undefined ? "" : decodeURIComponent(found[1]) };
    } catch {
      break; // not an address of ours
    }
  }
  return { name: "missing", about: "" };
}

/** A view; the overview has no name. */
export const linkTo = (name = "") => `${BASE}/${name}`;
export const brandLink = (name) => `${BASE}/brands/${encodeURIComponent(name)}`;
export const incidentLink = (id) => `${BASE}/incidents/${encodeURIComponent(id)}`;

/** The query of this address. */
export const asked = () => Object.fromEntries(new URLSearchParams(location.search));

/** Keep a view's state in the address, so that a link shows the same; no new entry of history. */
export function remember(state) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(state)) {
    if (value === "" || value === null || value === undefined) query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  history.replaceState(null, "", location.pathname + (text && `?${text}`) + location.hash);
}

let change = () => {};

/** Go to an address of ours. */
export function go(href) {
  history.pushState(null, "", href);
  change();
}

/** Follow links of ours, and back and forth; `act` is called at each change. */
export function route(act) {
  change = act;
  addEventListener("popstate", () => act());
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button || link.target || link.download) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || !url.pathname.startsWith(`${BASE}/`) || url.pathname.startsWith(`${API}/`)) return;
    if (url.pathname === location.pathname && url.search === location.search) return;
    event.preventDefault();
    go(url.pathname + url.search + url.hash);
  });
}
