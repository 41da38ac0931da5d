"""What all ways out say, before each puts it into its platform's form. Plain text throughout.

A stranger's words are in it (of posts, terms, names): each way escapes for its own platform.
"""

from datetime import timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from forecasting.evidence import Example
from forecasting.phrases import WORDINGS, author, line
from forecasting.tell import QUOTE
from forecasting.tell_notice import (
    SEEN,
    acknowledged,
    changed,
    digest,
    opening,
    repeated,
    unacknowledged,
)
from forecasting.wording_notice import NoticeWording
from infra.deliver.records import Entry, Letter

LINE = 200
"""Characters of one line of a digest."""

ARROW = "→ "
"""Begins the line of an example in an incident's own message."""

LONGEST_URL = 1_000
"""Characters of a link to a post."""

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
    return mark + (_headline(entry, letter) if len(letter.entries) == 1 else _several(letter))


def lines(letter: Letter) -> list[str]:
    """What stands under the title, without the examples: a story's lines, or one an incident."""
    if len(letter.entries) > 1:
        more = [_words(letter).more.format(n=letter.more)] if letter.more else []
        return [one for one, _ in digest_lines(letter)] + more
    (entry,) = letter.entries
    story = entry.event.message.split("\n")
    if story[0] == entry.event.headline:
        story = story[1:]
    return news(letter) + [one for one in story if one and not one.startswith(ARROW)]


def digest_lines(letter: Letter) -> list[tuple[str, str]]:
    """Of each incident one line, with the link to its page (or an empty one)."""
    return [(cut(_headline(entry, letter), LINE), entry.link) for entry in letter.entries]


def news(letter: Letter) -> list[str]:
    """Of one incident: why this message comes, and what has changed since the last one."""
    (entry,) = letter.entries
    change, language = entry.event.change, letter.language
    lasted = (letter.decided_at or change.at) - change.opened_at
    lasted = max(lasted, timedelta(0))
    match entry.kind:
        case "test":
            why = _words(letter).test
        case "escalated":
            why = unacknowledged(lasted, language)
        case "acknowledged":
            why = acknowledged(entry.by, language)
        case "repeated":
            why = repeated(lasted, language)
        case _:
            why = ""
    return [one for one in (why, change_sentence(entry, letter)) if one]


def change_sentence(entry: Entry, letter: Letter) -> str:
    """What has changed since this receiver was last told; empty where that says nothing."""
    told, change = entry.told, entry.event.change
    if told is None or entry.kind in ("opened", "resolved", "acknowledged", "test"):
        return ""
    return changed(change, told, letter.language, ZoneInfo(letter.timezone))


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


def web_link(url: str) -> str:
    """The url of a post as it may be shown as a link; empty if it may not (javascript:, spaces)."""
    usable = url.startswith(("https://", "http://")) and len(url) <= LONGEST_URL
    if not usable or any(c in ' <>"`' or not c.isprintable() for c in url):
        return ""
    # What ends a link in some platform's markup.
    return "".join(f"%{ord(c):02X}" if c in "()[]{}'|\\^*" else c for c in url)


def cut(text: str, most: int) -> str:
    """At most `most` characters, the last an ellipsis where it was longer."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _headline(entry: Entry, letter: Letter) -> str:
    event = entry.event
    if entry.kind == "opened" and event.change.change == "updated":
        return opening(event, letter.language)
    if entry.kind == "acknowledged":
        return f"{SEEN} {event.headline.removeprefix('🔴').strip()}"
    return event.headline


def _several(letter: Letter) -> str:
    opened = [entry.event.change for entry in letter.entries if is_open(entry)]
    opened.sort(key=lambda change: -change.severity)
    over = len(letter.entries) - len(opened)
    return digest(opened, over, letter.more, letter.language)


def _words(letter: Letter) -> NoticeWording:
    return WORDINGS[letter.language].notice
