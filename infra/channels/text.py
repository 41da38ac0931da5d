"""What all ways out say, before each puts it into its platform's form. Plain text throughout.

A stranger's words are in it (of posts, terms, names): each way escapes for its own platform.
"""

from datetime import timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from forecasting.evidence import Example
from forecasting.phrases import WORDINGS, author, line
from forecasting.records import IncidentEvent
from forecasting.tell import MARKS, QUOTE
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
from infra.channels.fit import cut as cut
from infra.channels.fit import fits as fits
from infra.channels.fit import web_link as web_link
from infra.deliver.records import Entry, Letter

LINE = 200
"""Characters of one line of a digest."""

ARROW = "→ "
"""Begins the line of an example in an incident's own message."""

Tone = Literal["open", "seen", "over", "test"]
COLOURS: dict[Tone, str] = {
    "open": "#c2410c",
    "seen": "#a8a29e",
    "over": "#0f766e",
    "test": "#a8a29e",
}
"""As the page has them."""


class Quote(Struct, frozen=True, kw_only=True):
    """A post to read."""

    label: str  # example 1
    author: str  # with the reach
    text: str  # one line
    url: str  # http(s), or empty


class Action(Struct, frozen=True, kw_only=True):
    """A button: leads to the incident's page, where the thing is done."""

    name: Literal["open", "acknowledge", "not_a_crisis", "silence"]
    label: str
    url: str


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


def quotes(letter: Letter, most: int = 5) -> list[Quote]:
    """Posts to read of a story, without erased ones; a digest has none."""
    if len(letter.entries) > 1:
        return []
    words = WORDINGS[letter.language]
    return [
        Quote(
            label=words.notice.example.format(n=n),
            author=author(one, words),
            text=line(one.text, QUOTE),
            url=web_link(one.url),
        )
        for n, one in enumerate(examples(letter.entries[0])[:most], 1)
    ]


def spoken(quote: Quote, letter: Letter) -> str:
    """Who said what, in one line."""
    return f"{quote.author}{WORDINGS[letter.language].colon}{quote.text}"


def plain(letter: Letter) -> str:
    """All of it as text: title, lines, examples with their links, the incident's page."""
    words = WORDINGS[letter.language]
    said = [
        " ".join(part for part in ("→", q.author, words.quote.format(text=q.text), q.url) if part)
        for q in quotes(letter, most=3)
    ]
    link = [letter.entries[0].link] if len(letter.entries) == 1 and letter.entries[0].link else []
    return "\n".join([title(letter), *lines(letter), *said, *link])


def actions(letter: Letter) -> list[Action]:
    """What to do about a story, the most needed first; nothing where no page is set.

    Each leads to the incident's page: a link alone changes nothing, as chats open links themselves.
    """
    if len(letter.entries) > 1 or not letter.entries[0].link:
        return []
    words, (entry,) = _words(letter), letter.entries
    opened = Action(name="open", label=words.open_incident, url=entry.link)
    if entry.kind in ("resolved", "test"):
        return [opened]
    acknowledge = Action(
        name="acknowledge", label=words.acknowledge, url=f"{entry.link}#acknowledge"
    )
    return [
        opened,
        *([] if entry.kind == "acknowledged" else [acknowledge]),
        Action(name="not_a_crisis", label=words.not_a_crisis, url=f"{entry.link}#not-a-crisis"),
        Action(name="silence", label=words.silence, url=f"{entry.link}#silence"),
    ]


def open_label(letter: Letter) -> str:
    """Of a button or link to an incident's page."""
    return _words(letter).open_incident


def examples(entry: Entry) -> tuple[Example, ...]:
    """Posts to read, without erased ones."""
    return tuple(one for one in entry.event.evidence.examples if not one.is_erased)


def severity(letter: Letter) -> int:
    """1 to 10: the worst that is open; 0 if everything in it is over."""
    return max((e.event.change.severity for e in letter.entries if is_open(e)), default=0)


def is_open(entry: Entry) -> bool:
    """Whether it goes on."""
    return entry.kind != "resolved"


def tone(letter: Letter) -> Tone:
    """What the colour should say."""
    if any(entry.kind == "test" for entry in letter.entries):
        return "test"
    if all(not is_open(entry) for entry in letter.entries):
        return "over"
    if all(entry.kind in ("resolved", "acknowledged") for entry in letter.entries):
        return "seen"
    return "open"


def _story(letter: Letter) -> list[str]:
    """What the incident says of itself under its headline."""
    event = _in_words(letter.entries[0], letter)
    said = event.message.split("\n")
    shown = (_shown(one) for one in (said[1:] if said[0] == event.headline else said))
    return [one for one in shown if one]


def _headline(entry: Entry, letter: Letter) -> str:
    event = _in_words(entry, letter)
    said = event.headline
    if entry.kind == "opened" and event.change.change == "updated":
        said = opening(event, letter.language)
    if entry.kind == "acknowledged":
        said = f"{SEEN} {said.removeprefix(MARKS['opened'])}"
    return _shown(said)


def _in_words(entry: Entry, letter: Letter) -> IncidentEvent:
    """The event with its words; those of the first versions were stored without."""
    event = entry.event
    if _shown(event.headline):
        return event
    return in_words(event, letter.language, ZoneInfo(letter.timezone))


def _shown(said: str) -> str:
    """One line of what can be seen."""
    return " ".join("".join(c if c.isprintable() else " " for c in said).split())


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
