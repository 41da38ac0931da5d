// What was told whom and when, how it went, and again.

import { send } from "./api.js";
import { button, h } from "./dom.js";
import { toast } from "./dialog.js";
import { time } from "./format.js";
import { said, when } from "./parts.js";
import { t, word } from "./words.js";

/** Decisions of delivery, newest last. */
export function told({ deliveries, at, events }, me, renew) {
  const message = events.at(-1).event.message;
  const list = [...deliveries].sort((one, other) => Date.parse(one.decided_at) - Date.parse(other.decided_at));
  return [
    list.length
      ? h("ul", { class: "deliveries" }, list.map((one) => delivery(one, at, me, renew)))
      : h("p", { class: "second" }, t("told.none")),
    message && h("details", {}, h("summary", {}, t("share.message.shown")), h("pre", { class: "message", tabindex: "0" }, message)),
  ];
}

function outcome(one) {
  if (one.decision !== "send") return one.decision;
  return one.tries[0]?.outcome ?? "pending";
}

function delivery(one, now, me, renew) {
  const state = outcome(one);
  const [last] = one.tries ?? [];
  const kind = one.said?.[0]?.kind;
  const details = [
    one.decision !== "send" && word("reason", one.reason),
    one.detail,
    last && last.status > 0 && t("told.answer", { status: last.status, ms: last.latency_ms }),
    last && state !== "delivered" && last.detail,
    last?.next_at && t("told.next", { time: time(last.next_at, now) }),
  ].filter(Boolean);
  const again = async () => {
    try {
      await send("POST", "/deliveries/resend", { receiver: one.receiver, notice_id: one.notice_id });
      toast(t("resent"));
      await renew();
    } catch (error) {
      toast(t("failed", { detail: said(error) }));
    }
  };
  return h(
    "li",
    { class: `delivery ${state}` },
    h("b", {}, one.receiver),
    h("span", {}, kind && `${word("update", kind)} · `, when(last?.at ?? one.decided_at, now)),
    h("span", { class: "state" }, h("i", { "aria-hidden": "true" }, { delivered: "✓", gave_up: "✕", retry: "↻" }[state] ?? "–"), " ", t(`told.${state}`)),
    h("small", {}, details.join(" · ")),
    me?.can_resend && one.decision === "send" && state !== "pending" && button(t("resend"), again, { class: "button small" }),
  );
}
