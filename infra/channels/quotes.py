"""Posts to read. A stranger's words: each way out escapes them for its own platform."""

from msgspec import Struct

from forecasting.evidence import Example
from forecasting.phrases import WORDINGS, author, line
from forecasting.tell import QUOTE
from infra.channels.fit import web_link
from infra.deliver.records import Entry, Letter


class Quote(Struct, frozen=True, kw_only=True):
    """A post to read."""

    label: str  # example 1
    author: str  # with the reach
    text: str  # one line
    url: str  # http(s), or empty


def quotes_of(letter: Letter, most: int = 5) -> list[Quote]:
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


def examples(entry: Entry) -> tuple[Example, ...]:
    """Posts to read, without erased ones."""
    return tuple(one for one in entry.event.evidence.examples if not one.is_erased)
