"""What all ways out say, before each puts it into its platform's form. Plain text throughout.

A stranger's words are in it (of posts, terms, names): each way escapes for its own platform.
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

from forecasting.phrases import WORDINGS, one_line
from forecasting.records import IncidentEvent
from forecasting.tell import MARKS
from forecasting.tell import told as in_words
from forecasting.tell_notice import (
    SEEN,
    acknowledged,
    changed,
    digest,
    figures,
    opening,
    repeated,
    unacknowledged,
)
from forecasting.wording_notice import NoticeWording
from infra.channels.fit import cut
from infra.channels.quotes import quotes_of
from infra.channels.tone import is_open
from infra.deliver.records import Entry, Letter

LINE = 200
"""Characters of one line of a digest."""

ARROW = "→ "
"""Begins the line of an example in an incident's own message."""


def title(letter: Letter) -> str:
    """One line: of one incident its headline, of several how many and the worst."""
    entry = letter.entries[0]
    mark = _words(letter).test_mark if entry.kind == "test" else ""
    if len(letter.entries) > 1:
        return mark + _several(letter)
    return mark + _headline(entry, letter)


def lines(letter: Letter) -> list[str]:
    """What stands under the title, without the examples: a story's lines, or one an incident."""
    if len(letter.entries) > 1:
        rest = more(letter)
        return [one for one, _ in digest_lines(letter)] + ([rest] if rest else [])
    return news(letter) + [one for one in _story(letter) if not one.startswith(ARROW)]


def more(letter: Letter) -> str:
    """That other incidents are told elsewhere; empty if none are."""
    return _words(letter).more.format(n=letter.more) if letter.more else ""


def message(letter: Letter) -> str:
    """All of one incident as text: title, lines, and the examples as the incident tells them."""
    return "\n".join([title(letter), *news(letter), *_story(letter)])


def digest_lines(letter: Letter) -> list[tuple[str, str]]:
    """Of each incident one line, with the link to its page (or an empty one)."""
    return [(cut(_brief(entry, letter), LINE), entry.link) for entry in letter.entries]


def news(letter: Letter) -> list[str]:
    """Of one incident: why this message comes, and what has changed since the last one."""
    (entry,) = letter.entries
    told = entry.kind in ("updated", "escalated", "repeated")
    return [one for one in (_why(entry, letter), difference(letter) if told else "") if one]


def difference(letter: Letter) -> str:
    """Of one incident: what has changed since this receiver was last told, if ever."""
    (entry,) = letter.entries
    if entry.told is None:
        return ""
    zone = ZoneInfo(letter.timezone)
    return changed(entry.event.change, entry.told, letter.language, zone)


def plain(letter: Letter) -> str:
    """All of it as text: title, lines, examples with their links, the incident's page."""
    words = WORDINGS[letter.language]
    said = [
        " ".join(part for part in ("→", q.author, words.quote.format(text=q.text), q.url) if part)
        for q in quotes_of(letter, most=3)
    ]
    link = [letter.entries[0].link] if len(letter.entries) == 1 and letter.entries[0].link else []
    return "\n".join([title(letter), *lines(letter), *said, *link])


def _story(letter: Letter) -> list[str]:
    """What the incident says of itself under its headline."""
    event = _in_words(letter.entries[0], letter)
    said = event.message.split("\n")
    shown = (one_line(one) for one in (said[1:] if said[0] == event.headline else said))
    return [one for one in shown if one]


def _headline(entry: Entry, letter: Letter) -> str:
    event = _in_words(entry, letter)
    said = event.headline
    if entry.kind == "opened" and event.change.change == "updated":
        said = opening(event, letter.language)
    if entry.kind == "acknowledged":
        said = f"{SEEN} {said.removeprefix(MARKS['opened'])}"
    return one_line(said)


def _in_words(entry: Entry, letter: Letter) -> IncidentEvent:
    """The event with its words; those of the first versions were stored without."""
    event = entry.event
    if one_line(event.headline):
        return event
    return in_words(event, letter.language, ZoneInfo(letter.timezone))


def _why(entry: Entry, letter: Letter) -> str:
    """Why it is told, where that is not the incident's own doing."""
    change, language = entry.event.change, letter.language
    lasted = max((letter.decided_at or change.at) - change.opened_at, timedelta(0))
    match entry.kind:
        case "test":
            return _words(letter).test
        case "escalated":
            return unacknowledged(lasted, language)
        case "acknowledged":
            return acknowledged(entry.by, language)
        case "repeated":
            return repeated(lasted, language)
        case _:
            return ""


def _brief(entry: Entry, letter: Letter) -> str:
    told = figures(entry.event.change, letter.language)
    parts = (_headline(entry, letter), _why(entry, letter), told)
    return " · ".join(part for part in parts if part)


def _several(letter: Letter) -> str:
    opened = [entry.event.change for entry in letter.entries if is_open(entry)]
    return digest(opened, len(letter.entries) - len(opened), letter.language)


def _words(letter: Letter) -> NoticeWording:
    return WORDINGS[letter.language].notice
