// What the server says as it happens: one connection a page, told to whoever shows something.

import { API } from "./base.js";

const NEWS = "news";
const RETRY = 3000;

/** Listen. `heard(event)` for each, `linked(isLinked)` when the connection comes or goes. */
export function listen({ heard, linked }) {
  let source = null;
  let timer = 0;
  let isClosed = false;

  function open() {
    source = new EventSource(`${API}/events`);
    source.addEventListener("open", () => linked(true));
    source.addEventListener("error", () => {
      linked(false);
      if (source.readyState !== EventSource.CLOSED) return; // the browser tries again
      clearTimeout(timer);
      timer = setTimeout(() => isClosed || open(), RETRY);
    });
    source.addEventListener(NEWS, tell);
    source.addEventListener("hello", () => linked(true));
  }

  function tell(message) {
    let event;
    try {
      event = JSON.parse(message.data);
    } catch {
      return; // a ping
    }
    if (event && typeof event === "object") heard(event);
  }

  open();
  return () => {
    isClosed = true;
    clearTimeout(timer);
    source.close();
  };
}

/** Call `act` at once, then at most every `wait` ms, always after the last call. `twice`: and once
 * more, as what the server read just before it told the news may be what it answers with at first. */
export function paced(act, wait, { twice = false } = {}) {
  let timer = 0;
  let last = -Infinity;
  let isNew = false;
  const plan = () => {
    timer = setTimeout(due, Math.max(0, last + wait - performance.now()));
  };
  const due = () => {
    const again = isNew;
    isNew = false;
    timer = 0;
    last = performance.now();
    act();
    if (again) plan();
  };
  const ask = () => {
    isNew = twice;
    if (!timer) plan();
  };
  ask.stop = () => clearTimeout(timer);
  return ask;
}
