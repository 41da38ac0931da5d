"""A letter as lines with links, ever shorter, for ways out that take so many bytes."""

from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import quote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from infra.channels import text
from infra.deliver.records import Letter

EXAMPLES: Final = 5
LONGEST_URL: Final = 500
OPEN: Final = {"en": "Open incident", "zh": "打开事件"}
POST: Final = {"en": "Post", "zh": "原帖"}
KEPT: Final = "‌‍"  # joiners: without them Persian words and families of emoji fall apart


class Line(Struct, frozen=True):
    """A line of plain text, and where it leads; empty: nowhere."""

    text: str
    url: str = ""


class Sheet(Struct, frozen=True, kw_only=True):
    """What is put into a platform's form. Nothing in it has a line break or a control character."""

    title: str
    lines: tuple[Line, ...]  # of a digest, one for each incident
    links: tuple[Line, ...]  # posts to read
    opens: Line | None  # the page of the incident


def sheet(letter: Letter) -> Sheet:
    """All of it."""
    (*entries,) = letter.entries
    lines = [one_line(line) for line in text.lines(letter)]
    if len(entries) > 1:
        leads = [web_url(entry.link) for entry in entries]
        leads += [""] * (len(lines) - len(leads))  # lines beside those of incidents
        pairs = zip(lines, leads, strict=False)
        made = tuple(Line(words, url) for words, url in pairs)
        return Sheet(title=one_line(text.title(letter)), lines=made, links=(), opens=None)
    (entry,) = entries
    urls = [url for one in text.examples(entry) if (url := web_url(one.url))][:EXAMPLES]
    page = web_url(entry.link)
    return Sheet(
        title=one_line(text.title(letter)),
        lines=tuple(Line(line) for line in lines if line),
        links=tuple(Line(f"{POST[letter.language]} {n}", url) for n, url in enumerate(urls, 1)),
        opens=Line(OPEN[letter.language], page) if page else None,
    )


def fitting(letter: Letter, write: Callable[[Sheet], bytes], most: int) -> bytes:
    """What `write` makes of the letter, in at most `most` bytes; no incident of a digest is lost.

    Given up in this order: posts to read, links of a digest, the ends of lines, then of a story its
    last lines. The shortest form is for platforms that take 2,000 bytes and more.
    """
    written = b""
    for shorter in _ever_shorter(sheet(letter), is_digest=len(letter.entries) > 1):
        written = write(shorter)
        if len(written) <= most:
            break
    return written


def one_line(words: str) -> str:
    """Without line breaks, control characters and marks that turn the direction of writing."""
    return " ".join("".join(c if c.isprintable() or c in KEPT else " " for c in words).split())


def cut(words: str, length: int) -> str:
    """At most so many characters; what is cut says so."""
    return words if len(words) <= length else words[: length - 1] + "…"


def web_url(url: str) -> str:
    """`url` without a character that means anything in markup; empty if it is no web address."""
    try:
        usable = urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname)
    except ValueError:
        usable = False
    made = quote(url, safe=":/?#@!$&+,;=%-._~") if usable else ""
    return made if len(made) <= LONGEST_URL else ""


def _ever_shorter(whole: Sheet, *, is_digest: bool) -> Iterator[Sheet]:
    yield whole
    yield replace(whole, title=cut(whole.title, 200), links=whole.links[:3])
    bare = replace(whole, title=cut(whole.title, 200), links=())
    yield bare
    if is_digest:
        bare = replace(bare, lines=tuple(replace(line, url="") for line in bare.lines))
    for length in (400, 200, 120, 80, 40, 20):
        title = cut(bare.title, max(length, 40))
        lines = tuple(replace(line, text=cut(line.text, length)) for line in bare.lines)
        yield replace(bare, title=title, lines=lines)
        if not is_digest:
            yield replace(bare, title=title, lines=lines[:6])
    if not is_digest:
        yield replace(bare, title=cut(bare.title, 40), lines=(), opens=None)
