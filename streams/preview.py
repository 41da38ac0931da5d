"""`groundswell brands preview`: what another query would have found among what is stored."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec import Struct

from forecasting.phrases import NAME, line
from forecasting.wording import counted
from infra.author_key import present_key
from infra.brands import Brand
from infra.history import Stored, newest_post, stored_posts
from infra.settings import Settings
from infra.store import Store
from processors.match import BrandMatcher
from processors.normalise import fold
from processors.pseudonym import pseudonym
from processors.query import Field, QueryError, walk
from processors.query_parse import field_value
from processors.query_truth import Facts
from processors.watched import check, version
from streams.failures import UsageError

EXAMPLES: Final = 3
AT_ONCE: Final = 500
LONGEST: Final = 160
"""Letters of an example that are shown."""
LIMIT: Final = (
    "Only posts that some brand's query found are stored with their words. What was about no brand "
    "was dropped: how many of those a wider query would have found is not known."
)


class Side(Struct, frozen=True, kw_only=True):
    """Posts that one query finds."""

    posts: int = 0
    negative: int = 0
    languages: dict[str, int] = {}
    sources: dict[str, int] = {}


class Preview(Struct, frozen=True, kw_only=True):
    """What two queries of a brand find among the stored posts of a span."""

    brand: str
    since: datetime
    until: datetime
    stored: int  # posts of all brands
    version: str
    present_version: str  # empty: the brand is not watched yet
    found: Side
    present: Side
    gained: Side
    lost: Side
    given: int  # posts that count for the brand because their feed says so, whatever is asked
    examples: dict[str, list[str]]  # of found, gained and lost
    notes: list[str]


class _Gathering:
    """One side, growing."""

    def __init__(self) -> None:
        self.posts = self.negative = 0
        self.languages: Counter[str] = Counter()
        self.sources: Counter[str] = Counter()
        self.examples: list[str] = []

    def add(self, post: Stored) -> None:
        self.posts += 1
        self.negative += post.is_negative
        self.languages[post.lang] += 1
        self.sources[post.source] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(line(post.text, LONGEST))

    def side(self) -> Side:
        return Side(
            posts=self.posts,
            negative=self.negative,
            languages=dict(self.languages.most_common(5)),
            sources=dict(self.sources.most_common(5)),
        )


def asked_brand(settings: Settings, name: str, query: str | None) -> tuple[Brand, Brand | None]:
    """The brand as it would be, and as it is, if it is watched. Raises UsageError."""
    present = next((brand for brand in settings.brands if brand.name == name), None)
    if present is None and query is None:
        raise UsageError(f"no brand {name!r} in the settings: say --query, or `brands list`")
    asked = present or Brand(name=name)
    if query is not None:
        asked = asked.model_copy(update={"query": query})
    try:
        check(asked.watched)
    except QueryError as error:
        raise UsageError(f"--query: {error}") from None
    return asked, present


def preview(store: Store, settings: Settings, name: str, query: str | None, hours: int) -> Preview:
    """Both queries over the last `hours` up to the newest stored post. Raises UsageError."""
    asked, present = asked_brand(settings, name, query)
    newest = newest_post(store)
    if newest is None:
        raise UsageError("nothing is stored yet: there is nothing to try a query on")
    until = newest + timedelta(milliseconds=1)
    since = until - timedelta(hours=hours)
    authors = _Authors(settings, [asked, *([present] if present else [])])
    sides = {side: _Gathering() for side in ("found", "present", "gained", "lost")}
    stored = given = 0
    matchers = [
        BrandMatcher([brand.watched]) if brand else BrandMatcher([]) for brand in (asked, present)
    ]
    for some in _pages(stored_posts(store, since=since, until=until)):
        stored += len(some)
        folded = [fold(_words(post.text)) for post in some]
        after, before = (matcher.match_folded(folded) for matcher in matchers)
        for post, now, then in zip(some, after, before, strict=True):
            facts = authors.facts(post)
            is_found, was_found = bool(now.settled(facts)), bool(then.settled(facts))
            given += name in post.given
            for side, is_in in (
                ("found", is_found),
                ("present", was_found),
                ("gained", is_found and not was_found),
                ("lost", was_found and not is_found),
            ):
                if is_in:
                    sides[side].add(post)
    return Preview(
        brand=name,
        since=since,
        until=until,
        stored=stored,
        version=version(asked.watched),
        present_version=version(present.watched) if present else "",
        found=sides["found"].side(),
        present=sides["present"].side(),
        gained=sides["gained"].side(),
        lost=sides["lost"].side(),
        given=given,
        examples={side: sides[side].examples for side in ("found", "gained", "lost")},
        notes=[LIMIT, *authors.notes],
    )


class _Authors:
    """Names that queries ask for, met again under what they are stored as."""

    def __init__(self, settings: Settings, brands: Sequence[Brand]) -> None:
        parts = (part for brand in brands for part in walk(check(brand.watched)))
        self._names = {p.value for p in parts if isinstance(p, Field) and p.name == "author"}
        self._is_plain = settings.authors == "plain"
        self._key = b"" if self._is_plain else present_key(settings)
        self._known: dict[str, dict[str, str]] = {}
        self.notes: list[str] = []
        if self._names and not self._is_plain and not self._key:
            self.notes.append(
                "Authors are stored under a keyed hash whose key is not here: author: is true of "
                "no post in this preview."
            )

    def facts(self, post: Stored) -> Facts:
        author = post.author
        if self._is_plain:
            author = field_value("author", author)
        elif self._names and self._key:
            author = self._of(post.source).get(author, author)
        return Facts(post.lang, field_value("source", post.source), author)

    def _of(self, source: str) -> dict[str, str]:
        if source not in self._known:
            self._known[source] = {pseudonym(source, n, self._key): n for n in self._names}
        return self._known[source]


def as_json(found: Preview) -> str:
    """One object."""
    return msgspec.json.encode(found).decode()


def as_text(found: Preview) -> str:
    """What it finds, what is gained and lost, examples, and what is not known."""
    lines = [
        f"{line(found.brand, NAME)}, {found.since:%Y-%m-%d %H:%M} to "
        f"{found.until:%Y-%m-%d %H:%M} UTC, {counted(found.stored, 'stored post')} of all brands",
        f"  this query ({found.version}): {_side(found.found)}",
    ]
    if found.version == found.present_version:
        lines.append("  It is the query that is in the settings.")
    elif found.present_version:
        lines += [
            f"  the present one ({found.present_version}): {_side(found.present)}",
            f"  gained: {_side(found.gained)}",
            f"  lost:   {_side(found.lost)}",
        ]
    else:
        lines.append("  The brand is not in the settings yet.")
    if found.given:
        lines.append(
            f"  {counted(found.given, 'post')} of it count whatever is asked: their feed names it."
        )
    is_other = bool(found.present_version) and found.version != found.present_version
    for side in ("gained", "lost") if is_other else ("found",):
        if found.examples[side]:
            lines.append(f"{side}, for example:")
            lines += [f"  - {text}" for text in found.examples[side]]
    return "\n".join([*lines, *found.notes])


def _side(side: Side) -> str:
    if not side.posts:
        return "no post"
    share = f"{100 * side.negative / side.posts:.0f} % negative"
    return f"{counted(side.posts, 'post')}, {share}; {_most(side.languages)}; {_most(side.sources)}"


def _most(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _pages(posts: Iterator[Stored]) -> Iterator[list[Stored]]:
    page: list[Stored] = []
    for post in posts:
        page.append(post)
        if len(page) == AT_ONCE:
            yield page
            page = []
    if page:
        yield page


def _words(text: Any) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
