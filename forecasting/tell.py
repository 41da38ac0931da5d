"""The words: what a person reads when an incident opens, grows or ends.

In this order: who, what, how bad against normal, since when and where it is going, why, who says
it, how sure we are, what to read. Every number stands beside what was expected. A simulated event
says so before anything else. Words of posts are quoted as they are, in one line; of a post that was
erased since, that it was.
"""

import re
from datetime import UTC, tzinfo
from typing import Final

from msgspec.structs import replace

from forecasting.evidence import Cluster, Evidence, Example, Term
from forecasting.phrases import (
    NAME,
    WORDINGS,
    Language,
    author,
    expected,
    line,
    named,
    percent,
    reason,
    time_of,
)
from forecasting.records import IncidentEvent
from forecasting.sentence import sentence
from forecasting.wording import Wording, some

QUOTE: Final = 120  # characters of an example
HOUR: Final = 60  # minutes: what is told is of the last hour
EXAMPLES: Final = 3  # in a message; the page shows more
MARKS: Final = {"opened": "🔴", "updated": "🔴", "resolved": "🟢"}
WIRE: Final = 0.1  # of the posts: syndication that is worth a sentence
SPOKEN: Final = 0.05  # of the posts: a language that is worth naming
UNDETERMINED: Final = "und"  # ISO 639's word for a language that nobody can name: no reader's
LOUD: Final = 1_000  # followers
_LINK = re.compile(r"https?://[^\s<>\"]+")


def told(event: IncidentEvent, language: Language, zone: tzinfo = UTC) -> IncidentEvent:
    """The event in words: with its headline, message and sentence."""
    return replace(
        event,
        headline=headline(event, language, zone),
        message=message(event, language, zone),
        sentence=sentence(event, language, zone),
    )


def headline(event: IncidentEvent, language: Language, zone: tzinfo = UTC) -> str:  # noqa: ARG001
    """One line: mark, brand, what, how bad. Holds no time, so `zone` changes nothing in it."""
    words, change = WORDINGS[language], event.change
    what = words.kinds[change.kind].what[change.change]
    mark = words.simulated_mark if event.simulated else ""
    brand = line(change.brand, NAME)
    level = words.worst if change.change == "resolved" else words.severity
    return f"{MARKS[change.change]} {mark}{brand} · {what} · {level.format(change.severity)}"


def message(event: IncidentEvent, language: Language, zone: tzinfo = UTC) -> str:
    """The whole message, lines of plain text. Times are in `zone`, which is named once."""
    words = WORDINGS[language]
    lines = [headline(event, language, zone), words.simulated if event.simulated else ""]
    if event.change.change == "resolved":
        lines.append(_ended(event, words, zone))
    else:
        lines.append(_now(event, words, zone))
        if event.change.kind == "silence":
            lines.append(_feeds(event, words, zone))
        else:
            found = event.evidence
            why = _why(event, words, zone)
            lines += [words.join(why, _who(found, words)), _where(found, words)]
            lines += [_example(e, words) for e in found.examples[:EXAMPLES]]
        lines.append(_linked(event.evidence, words))
    return "\n".join(line for line in lines if line)


def _now(event: IncidentEvent, words: Wording, zone: tzinfo) -> str:
    """How bad against normal, since when, and where it is going."""
    c = event.change
    kind = words.kinds[c.kind]
    silent = c.kind == "silence"
    return words.join(
        kind.observed.format(**expected(c, words)),
        words.window.format(**expected(c, words)) if c.minutes > HOUR and not silent else "",
        ""
        if silent
        else words.share.format(share=percent(c.share), before=percent(c.share_expected)),
        _true_share(event.evidence, words),
        words.since.format(since=time_of(c.since, c.at, zone), zone=zone) + kind.going[c.growing],
        words.returns.format(time=time_of(c.returns_at, c.at, zone)) if c.returns_at else "",
    )


def _true_share(found: Evidence, words: Wording) -> str:
    """How far the model may be off."""
    if found.share is None:
        return ""
    return words.true_share[found.share.method].format(
        share=percent(found.share.share),
        lower=round(100 * found.share.lower),
        upper=percent(found.share.upper),
        labels=found.share.labels,
    )


def _ended(event: IncidentEvent, words: Wording, zone: tzinfo) -> str:
    """How long, how many, the peak, and what is normal now."""
    c = event.change
    kind = words.kinds[c.kind]
    return words.join(
        words.lasted.format(
            length=words.length(c.at - c.since),
            since=time_of(c.since, c.at, zone),
            at=time_of(c.at, c.since, zone),
            zone=zone,
        ),
        kind.total.format(total=c.total_negative, peak=c.peak_observed),
        kind.calm.format(**expected(c, words)) if c.expected_lower < c.expected_upper else "",
        kind.expired if c.reason == "expired" else "",
    )


def _why(event: IncidentEvent, words: Wording, zone: tzinfo) -> str:
    """What the posts are about and where that began, or that they are about no one thing."""
    found = event.evidence
    match reason(found):
        case Term(text=text, share=share, share_before=before):
            why = words.term.format(
                term=line(text, NAME), share=percent(share), before=percent(before)
            )
            first = found.first
        case Cluster(count=count, first=first):
            why = words.text.format(share=percent(count / found.posts))
        case None:
            return words.nothing if found.posts else ""
    if first:
        time = time_of(first.published_at, event.change.at, zone)
        why += words.first.format(time=time, author=author(first, words))
    return words.join(why + words.stop, _also(found, words))


def _also(found: Evidence, words: Wording) -> str:
    more = [
        words.quote.format(text=line(t.text, NAME)) + f" {percent(t.share)}"
        for t in found.terms[1:3]
    ]
    return words.also.format(terms=words.comma.join(more)) if more else ""


def _who(found: Evidence, words: Wording) -> str:
    if not found.authors:
        return ""
    repeated = percent(found.reposts / found.posts) if found.posts else str(found.reposts)
    who = words.authors.format(
        **some(found.authors),
        reposts=repeated if found.posts else words.pieces.format(n=repeated),
        organic=percent(found.organic_share),
    )
    return words.join(who, _made(found, words), _loudest(found, words))


def _made(found: Evidence, words: Wording) -> str:
    """What was not said by people of themselves, where that is known."""
    came = found.origin
    if not came or not came.posts:
        return ""
    wire = came.syndicated / came.posts
    suspected = ""
    if came.suspected_accounts:
        grounds = words.comma.join(
            words.grounds[s.ground].format(most=s.most, seconds=s.seconds) for s in came.suspicions
        )
        suspected = words.suspected.format(
            **some(came.suspected_accounts), posts=came.automated, grounds=grounds
        )
    return words.join(
        words.syndicated.format(share=percent(wire)) if wire >= WIRE else "", suspected
    )


def _loudest(found: Evidence, words: Wording) -> str:
    """The widest voice, unless it was first to say it or reaches few."""
    loud = [v for v in found.loudest if v.followers >= LOUD][:1]
    if not loud or (found.first and loud[0].author == found.first.author):
        return ""
    return words.loudest.format(authors=author(loud[0], words))


def _where(found: Evidence, words: Wording) -> str:
    only = [line(name, NAME) for name in (found.only_source, found.only_language) if name]
    whole = sum(part.count for part in found.languages)
    named_ones = [part for part in found.languages if part.name != UNDETERMINED]
    spoken = [part for part in named_ones if part.count >= SPOKEN * whole]
    several = len(spoken) > 1
    return words.join(
        words.sources.format(parts=named(found.sources, words)) if found.sources else "",
        words.languages.format(parts=named(spoken, words)) if several else "",
        words.only.format(parts=words.comma.join(only)) if only else "",
    )


def _feeds(event: IncidentEvent, words: Wording, zone: tzinfo) -> str:
    """Whether it is the brand or the pipe, as far as that is known."""
    found = event.evidence
    feeds = [
        words.feed.format(
            name=line(feed.name, NAME),
            state=words.states.get(feed.state, feed.state),
            time=time_of(feed.clock, event.change.at, zone),
        )
        for feed in found.feeds
    ]
    return words.join(
        "" if found.elsewhere is None else words.elsewhere.format(n=found.elsewhere),
        words.feeds.format(feeds=words.comma.join(feeds)) if feeds else "",
    )


def _linked(found: Evidence, words: Wording) -> str:
    return words.join(
        *(
            words.linked.format(
                brand=line(link.brand, NAME), by=words.shared[link.by].format(**some(link.shared))
            )
            for link in found.linked
        )
    )


def _example(post: Example, words: Wording) -> str:
    if post.is_erased:
        return f"→ ({words.erased})"
    link = post.url if _LINK.fullmatch(post.url) else ""
    said = words.quote.format(text=line(post.text, QUOTE))
    return " ".join(part for part in ("→", author(post, words), said, link) if part)
