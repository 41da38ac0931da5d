"""The words: what a person reads when an incident opens, grows or ends.

In this order: who, what, how bad against normal, since when and where it is going, why, who says
it, how sure we are, what to read. Every number stands beside what was expected. A simulated event
says so before anything else. Words of posts are quoted as they are, in one line; of a post that was
erased since, that it was.
"""

import html
import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final, Literal

from forecasting.records import Example, IncidentEvent, Part
from forecasting.wording import CHINESE, ENGLISH, Wording

Language = Literal["en", "zh"]

QUOTE: Final = 120  # characters of an example
NAME: Final = 80  # characters of a brand, an author or a source
NAMED_PARTS: Final = 3
SHORT: Final = 5  # characters of a pseudonym: enough to see who speaks twice
MARKS: Final = {"opened": "🔴", "updated": "🔴", "resolved": "🟢"}
_PSEUDONYM = re.compile(r"~[0-9a-f]{16}")  # as processors.pseudonym makes them
_LINK = re.compile(r"https?://[^\s<>\"]+")
_WORDINGS: Final[dict[Language, Wording]] = {"en": ENGLISH, "zh": CHINESE}


def headline(event: IncidentEvent, language: Language, zone: tzinfo = UTC) -> str:  # noqa: ARG001
    """One line: mark, brand, what, how bad. Holds no time, so `zone` changes nothing in it."""
    words, change = _WORDINGS[language], event.change
    what = words.what[change.change]
    mark = words.simulated_mark if event.simulated else ""
    brand = _line(change.brand, NAME)
    level = words.worst if change.change == "resolved" else words.severity
    return f"{MARKS[change.change]} {mark}{brand} · {what} · {level.format(change.severity)}"


def message(event: IncidentEvent, language: Language, zone: tzinfo = UTC) -> str:
    """The whole message, lines of plain text. Times are in `zone`, which is named once."""
    lines = [headline(event, language, zone)]
    if event.simulated:
        lines.append(_WORDINGS[language].simulated)
    if event.change.change == "resolved":
        lines.append(_ended(event, language, zone))
    else:
        lines.append(_now(event, language, zone))
        lines += _why_and_who(event, language, zone)
        lines += [_example(e, language) for e in event.evidence.examples]
    return "\n".join(lines)


def _now(event: IncidentEvent, language: Language, zone: tzinfo) -> str:
    """How bad against normal, since when, and where it is going."""
    words, c = _WORDINGS[language], event.change
    return words.join(
        words.observed.format(n=c.observed, **_expected(event)),
        words.share.format(share=_percent(c.share), before=_percent(c.share_expected)),
        words.since.format(since=_time(c.since, c.at, zone), zone=zone)
        + (words.growing if c.growing else words.not_growing),
    )


def _ended(event: IncidentEvent, language: Language, zone: tzinfo) -> str:
    """How long, how many, the peak, and what is normal now."""
    words, c = _WORDINGS[language], event.change
    return words.join(
        words.lasted.format(
            length=words.length(c.at - c.since),
            since=_time(c.since, c.at, zone),
            at=_time(c.at, c.at, zone),
            zone=zone,
        ),
        words.total.format(total=c.total_negative, peak=c.peak_observed),
        words.calm.format(n=c.observed, **_expected(event)),
        words.expired if c.reason == "expired" else "",
    )


def _why_and_who(event: IncidentEvent, language: Language, zone: tzinfo) -> list[str]:
    words, e = _WORDINGS[language], event.evidence
    why = ""
    if e.terms:
        top = e.terms[0]
        why = words.term.format(
            term=_line(top.text, NAME), share=_percent(top.share), before=_percent(top.share_before)
        )
        if e.first:
            why += words.first.format(
                time=_time(e.first.published_at, event.change.at, zone),
                author=words.erased if e.first.is_erased else _author(e.first, language),
            )
        why = words.join(why + words.stop, _others(event, language))
    who = ""
    if e.authors:
        who = words.authors.format(
            n=e.authors, reposts=e.reposts, organic=_percent(e.organic_share)
        )
    parts = words.join(
        words.sources.format(parts=_parts(e.sources)) if e.sources else "",
        words.languages.format(parts=_parts(e.languages)) if e.languages else "",
    )
    return [line for line in (words.join(why, who), parts) if line]


def _others(event: IncidentEvent, language: Language) -> str:
    words = _WORDINGS[language]
    more = [
        words.quote.format(text=_line(t.text, NAME)) + f" {_percent(t.share)}"
        for t in event.evidence.terms[1:3]
    ]
    return words.also.format(terms=words.comma.join(more)) if more else ""


def _example(post: Example, language: Language) -> str:
    words = _WORDINGS[language]
    if post.is_erased:
        return f"→ ({words.erased})"
    author = _author(post, language)
    link = post.url if _LINK.fullmatch(post.url) else ""
    said = words.quote.format(text=_line(post.text, QUOTE))
    return " ".join(part for part in ("→", author, said, link) if part)


def _author(post: Example, language: Language) -> str:
    words = _WORDINGS[language]
    if not post.author.strip(" @"):
        name = words.unnamed
    elif _PSEUDONYM.fullmatch(post.author):
        name = words.pseudonym.format(short=f"{post.author[:SHORT]}…")
    else:
        name = "@" + _line(post.author, NAME).lstrip("@")
    return words.reach.format(name=name, n=words.count(post.followers)) if post.followers else name


def _expected(event: IncidentEvent) -> dict[str, int]:
    c = event.change
    return {
        "expected": round(c.expected),
        "lower": round(c.expected_lower),
        "upper": round(c.expected_upper),
    }


def _parts(parts: Sequence[Part]) -> str:
    return ", ".join(f"{_line(p.name, NAME)} {p.count}" for p in parts[:NAMED_PARTS])


def _percent(share: float) -> str:
    return f"{round(100 * share)} %"


def _time(moment: datetime, at: datetime, zone: tzinfo) -> str:
    """Hours and minutes, with the date when that is another day than `at`."""
    local = moment.astimezone(zone)
    same_day = local.date() == at.astimezone(zone).date()
    return local.strftime("%H:%M" if same_day else "%m-%d %H:%M")


def _line(text: str, most: int) -> str:
    """A stranger's words as one line of bounded length."""
    plain = html.unescape(text)
    line = " ".join("".join(c if c.isprintable() else " " for c in plain).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
