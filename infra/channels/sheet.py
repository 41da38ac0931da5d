"""A letter as lines with links, ever shorter, for ways out that take so many bytes."""

from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from forecasting.phrases import one_line
from infra.channels import text
from infra.channels.actions import actions_of
from infra.channels.fit import cut, web_link
from infra.channels.quotes import quotes_of
from infra.deliver.records import Letter

QUOTES: Final = 5


class Line(Struct, frozen=True):
    """A line of plain text, and where it leads; empty: nowhere."""

    text: str
    url: str = ""


class Sheet(Struct, frozen=True, kw_only=True):
    """What is put into a platform's form. Nothing in it has a line break or a control character."""

    title: str
    lines: tuple[Line, ...]  # of a digest, one for each incident
    links: tuple[Line, ...] = ()  # posts to read
    actions: tuple[Line, ...] = ()  # the first opens the incident's page


def sheet(letter: Letter) -> Sheet:
    """All of it."""
    title = one_line(text.title(letter))
    lines = [one_line(line) for line in text.lines(letter)]
    if len(letter.entries) > 1:
        leads = [link for _, link in text.digest_lines(letter)]
        leads += [""] * (len(lines) - len(leads))  # how many there are beside these
        pairs = zip(lines, leads, strict=True)
        return Sheet(title=title, lines=tuple(_line(words, url) for words, url in pairs))
    quotes = quotes_of(letter, QUOTES)
    return Sheet(
        title=title,
        lines=tuple(Line(line) for line in lines if line),
        links=tuple(_line(quote.label, quote.url) for quote in quotes if quote.url),
        actions=tuple(_line(one.label, one.url) for one in actions_of(letter)),
    )


def fitting(letter: Letter, write: Callable[[Sheet], bytes], most: int) -> bytes:
    """What `write` makes of the letter, in at most `most` bytes; no incident of a digest is lost.

    Given up in this order: posts to read, links of a digest, all actions but the first, the ends of
    lines, then of a story its last lines. The shortest form is for platforms that take 2,000 bytes
    and more, 25 incidents of a digest in 3,500.
    """
    written = b""
    for shorter in _ever_shorter(sheet(letter), is_digest=len(letter.entries) > 1):
        written = write(shorter)
        if len(written) <= most:
            break
    return written


def _line(words: str, url: str) -> Line:
    return Line(one_line(words), web_link(url))


def _ever_shorter(whole: Sheet, *, is_digest: bool) -> Iterator[Sheet]:
    yield whole
    shorter = replace(whole, title=cut(whole.title, 200), links=whole.links[:3])
    yield shorter
    shorter = replace(shorter, links=())
    yield shorter
    if is_digest:
        shorter = replace(shorter, lines=tuple(Line(line.text) for line in shorter.lines))
    shorter = replace(shorter, actions=shorter.actions[:1])
    for length in (400, 200, 120, 80, 40, 20):
        lines = tuple(replace(line, text=cut(line.text, length)) for line in shorter.lines)
        shorter = replace(shorter, title=cut(shorter.title, max(length, 40)))
        yield replace(shorter, lines=lines)
        if not is_digest:
            yield replace(shorter, lines=lines[:6])
    if not is_digest:
        yield replace(shorter, lines=(), actions=())
