// An incident in sentences, in the language of the reader: the same words as the message.

import { between, count, percent, seconds, span, time } from "./format.js";
import { isMood } from "./parts.js";
import { isInLanguage, t } from "./words.js";


/** The line's own sentence, where it is in the reader's language. */
export function sentenceOf({ incident }) {
  return incident.sentence && isInLanguage(incident.sentence) ? incident.sentence : "";
}

/** Who, what, how bad against normal, since when, why, who says it, how sure: sentences. */
export function saidOf(story) {
  const { change, evidence } = story.events.at(-1).event;
  const now = story.at;
  return (change.change === "resolved" ? over(change, now) : goesOn(change, now))
    .concat(evidenceWords(evidence, story.incident))
    .filter(Boolean);
}

function goesOn(change, now) {
  const range = between(change.expected_lower, change.expected_upper);
  const given = { n: count(change.observed), expected: count(Math.round(change.expected)), range };
  const numbers =
    change.kind === "silence"
      ? t("incident.numbers.window", { ...given, length: span(change.minutes * 60) })
      : t(isMood(change.kind) ? "incident.numbers" : "incident.numbers.all", given);
  return [
    numbers,
    isMood(change.kind) && t("incident.share", { share: percent(change.share), before: percent(change.share_expected) }),
    t(change.growing ? "incident.growing" : "incident.steady", { since: time(change.since, now) }),
    change.returns_at && t("incident.returns", { time: time(change.returns_at, now) }),
  ];
}

function over(change, now) {
  const length = span(seconds(change.at) - seconds(change.since));
  return [
    t("incident.over", {
      length,
      since: time(change.since, now),
      until: time(change.at, now),
      peak: count(change.peak_observed),
      total: count(change.total_negative),
    }),
  ];
}

function evidenceWords(evidence, incident) {
  const [term] = evidence.terms;
  if (!evidence.posts || sentenceOf({ incident })) return []; // the sentence says it
  return [
    term && t("incident.term", { term: term.text, share: percent(term.share), before: percent(term.share_before) }),
    t("incident.authors", {
      n: count(evidence.authors),
      reposts: percent(evidence.reposts / evidence.posts),
      organic: percent(evidence.organic_share),
    }),
  ];
}
