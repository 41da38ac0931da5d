// What the server says as it happens: one connection a browser, told to whoever shows something.

import { API, BASE } from "./base.js";

const NEWS = "news";
const RETRY = 3000;
const NAME = `groundswell.events${BASE}`; // other pages of the host have connections of their own

/** Listen. `heard(event)` for each, `linked(isLinked)` when the connection comes or goes.
 *
 * A browser opens six connections to a server, and each of these is one for good: of several tabs
 * one has it and tells the others. Where that cannot be agreed on each has its own. */
export function listen({ heard, linked }) {
  const channel = globalThis.BroadcastChannel && new BroadcastChannel(NAME);
  let isLinked = null;
  let isMine = false;
  const tell = (told) => {
    if ("isLinked" in told) linked((isLinked = told.isLinked));
    else heard(told.event);
  };
  const tellAll = (told) => {
    tell(told);
    channel?.postMessage(told);
  };
  const have = () => {
    isMine = true;
    connect(tellAll);
    return new Promise(() => {}); // as long as this tab is there
  };
  channel?.addEventListener("message", ({ data }) => {
    if (!data.isAsked) tell(data);
    else if (isMine && isLinked !== null) channel.postMessage({ isLinked });
  });
  if (!channel || !navigator.locks) {
    connect(tell);
    return;
  }
  navigator.locks.request(NAME, have);
  channel.postMessage({ isAsked: true });
}

function connect(tell) {
  let timer = 0;
  const source = new EventSource(`${API}/events`);
  source.addEventListener("open", () => tell({ isLinked: true }));
  source.addEventListener("error", () => {
    tell({ isLinked: false });
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again
    clearTimeout(timer);
    timer = setTimeout(() => connect(tell), RETRY);
  });
  source.addEventListener("hello", () => tell({ isLinked: true }));
  source.addEventListener(NEWS, (message) => {
    let event;
    try {
      event = JSON.parse(message.data);
    } catch {
      return; // a ping
    }
    if (event && typeof event === "object") tell({ event });
  });
}

/** Call `act` at once, then at most every `wait` ms and never before the last call has ended; always
 * after the last time it was asked. */
export function paced(act, wait) {
  let timer = 0;
  let last = -Infinity;
  let isBusy = false; // else what is asked of a slow server would pile up
  let isStopped = false;
  let isAsked = false;
  const plan = () => {
    if (timer || isBusy || isStopped || !isAsked) return;
    timer = setTimeout(due, Math.max(0, last + wait - performance.now()));
  };
  const due = async () => {
    timer = 0;
    isAsked = false;
    last = performance.now();
    isBusy = true;
    try {
      await act();
    } finally {
      isBusy = false;
      plan();
    }
  };
  const ask = () => {
    isAsked = true;
    plan();
  };
  ask.stop = () => {
    isStopped = true;
    clearTimeout(timer);
  };
  return ask;
}
