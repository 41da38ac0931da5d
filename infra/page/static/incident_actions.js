// What one can do about an incident. A link opens the question; only an answer changes something.

import { incidentPath, send } from "./api.js";
import { button, h } from "./dom.js";
import { ask, field, toast } from "./dialog.js";
import { files } from "./export.js";
import { seconds } from "./format.js";
import { saidOf } from "./incident_words.js";
import { said, select } from "./parts.js";
import { gap, t, word } from "./words.js";

const HOURS = [1, 2, 8, 24, 72];
const ADDRESSES = { "#acknowledge": "acknowledge", "#not-a-crisis": "notACrisis", "#silence": "silence" };

export function incidentActions({ id, me, story, picture, renew }) {
  const note = (label) => h("textarea", { rows: "2", maxlength: "500", "aria-label": label });
  const post = (what, body) => send("POST", incidentPath(id, what), body);

  async function done(text, undo = null) {
    await renew();
    toast(text, undo);
  }

  function acknowledge() {
    const text = note(t("acknowledge.note"));
    ask({
      title: t("acknowledge"),
      text: t("acknowledge.text"),
      body: [field(t("acknowledge.note"), text)],
      confirm: t("acknowledge"),
      act: async () => {
        await post("acknowledge", { note: text.value });
        await done(t("acknowledged"));
      },
    });
  }

  function notACrisis() {
    const text = note(t("not_a_crisis.note"));
    ask({
      title: t("not_a_crisis"),
      text: t("not_a_crisis.text"),
      body: [field(t("not_a_crisis.note"), text)],
      confirm: t("not_a_crisis"),
      act: async () => {
        await post("verdict", { word: "not-a-crisis", note: text.value });
        await done(t("not_a_crisis.done"), takeBack);
      },
    });
  }

  async function takeBack() {
    await post("verdict", { word: "withdrawn", note: "" });
    await renew();
  }

  function silence() {
    let hours = 2;
    const reason = h("input", { required: true, maxlength: "200" });
    const length = select(
      t("silence.for"),
      HOURS.map((n) => [String(n), t("hours", { n })]),
      "2",
      (value) => (hours = Number(value)),
    );
    ask({
      title: t("silence"),
      text: t("silence.text"),
      body: [field(t("silence.for"), length), field(t("silence.reason"), reason)],
      confirm: t("silence"),
      act: async () => {
        await post("silence", { hours, reason: reason.value });
        await done(t("silence.done", { length: t("hours", { n: hours }) }));
      },
    });
  }

  /** From an hour before it began, so that one sees what was usual. */
  const ends = () => {
    const { incident: one, at } = story();
    const iso = (moment) => new Date(moment * 1000).toISOString();
    return { since: iso(seconds(one.since) - 3600), until: iso(seconds(one.resolved_at ?? at)) };
  };
  const here = () => location.origin + location.pathname;

  function share() {
    const address = h("input", { readonly: true, value: here(), "aria-label": t("copy_link") });
    const copy = async (text, told) => {
      try {
        await navigator.clipboard.writeText(text);
        toast(t(told));
      } catch {
        address.select();
        toast(t("not_copied"));
      }
    };
    const dialog = ask({
      title: t("share"),
      text: t("share.text"),
      body: [
        address,
        h(
          "div",
          { class: "buttons" },
          button(t("copy_link"), () => copy(here(), "copied")),
          button(t("share.message"), () => copy(`${headline()}\n${saidOf(story()).join(gap())}\n${here()}`, "message_copied")),
          button(t("share.png"), save),
          button(t("share.print"), () => (dialog.close(), print())),
        ),
        h("p", { class: "files" }, files(["posts", "counts"], { brand: story().incident.brand, ...ends() })),
      ],
    });
  }

  const headline = () => {
    const { brand, kind, severity } = story().incident;
    return `${brand} · ${word("kind", kind)} · ${t("severity_of", { n: severity })}`;
  };

  async function save() {
    try {
      const url = URL.createObjectURL(await picture());
      h("a", { href: url, download: `${id}.png` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 1000);
      toast(t("png_saved"));
    } catch (error) {
      toast(t("failed", { detail: said(error) }));
    }
  }

  const open = { acknowledge, notACrisis, silence };

  /** A message's button leads to `#acknowledge`: ask at once. */
  function openFromAddress() {
    const wanted = open[ADDRESSES[location.hash]];
    if (!wanted || !me?.can_write) return;
    history.replaceState(null, "", location.pathname + location.search);
    wanted();
  }
  addEventListener("hashchange", openFromAddress);

  function buttons() {
    const { incident, acknowledgement, verdict } = story();
    const isOpen = !incident.resolved_at;
    const isFalse = verdict?.word === "not-a-crisis";
    const back = async () => {
      await takeBack();
      toast(t("withdrawn"));
    };
    return h(
      "div",
      { class: "buttons actions" },
      me?.can_write && isOpen && !acknowledgement && !isFalse && button(t("acknowledge"), acknowledge, { class: "button primary" }),
      me?.can_write && (isFalse ? button(t("withdraw"), back) : button(t("not_a_crisis"), notACrisis)),
      me?.can_write && isOpen && !isFalse && button(t("silence"), silence),
      button(t("share"), share),
    );
  }

  return { buttons, openFromAddress, close: () => removeEventListener("hashchange", openFromAddress) };
}
