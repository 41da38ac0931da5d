"""What all parts of the page read from, and what time it is there."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from msgspec import Struct

from infra.metrics import Reading
from infra.page.actions import Actions
from infra.page.refused import Refused
from infra.series import line_clock
from infra.settings import Settings
from infra.sql import load
from infra.stats import FeedFigures
from infra.store import Store
from processors.query import Node, QueryError
from processors.watched import WatchedBrand, expression

ClockState = Literal["live", "stale", "finished"]

REAL: Final = timedelta(minutes=10)
"""A feed whose clock is no further than this from the real time tells real time."""
QUIET: Final = timedelta(minutes=2)
"""How long a running feed may say nothing: after that nobody knows what is missing."""

FIRST_YEAR: Final = 1971
LAST_YEAR: Final = 2200


class Place(Struct, frozen=True, kw_only=True):
    """The database, the settings and what can be done beside reading."""

    store: Store
    settings: Settings
    actions: Actions
    now: Callable[[], datetime]
    readings: Callable[[], Iterable[Reading]] = tuple
    problem: Callable[[], str] = str  # why the file of settings is refused; empty: it is not

    def language_of(self, brand: str) -> Literal["en", "zh"]:
        """The language of a brand's messages."""
        found = next((one for one in self.settings.brands if one.name == brand), None)
        return found.language if found else "en"

    def words_of(self, brand: str) -> tuple[str, ...]:
        """The words that name a brand, its name first."""
        found = next((one for one in self.settings.brands if one.name == brand), None)
        return (brand, *(found.aliases if found else ()))

    def competitors_of(self, brand: str) -> tuple[str, ...]:
        """Other brands that it is compared with first."""
        found = next((one for one in self.settings.brands if one.name == brand), None)
        return found.competitors if found else ()

    def query_of(self, brand: str) -> Node | None:
        """What finds a brand; by its name, where it is watched no more. None: nothing can."""
        found = next((one for one in self.settings.brands if one.name == brand), None)
        try:
            return expression(found.watched if found else WatchedBrand(brand))
        except QueryError:
            return None


class Clock(Struct, frozen=True):
    """Now, where the posts come from; and whether that moves."""

    at: datetime
    state: ClockState
    feeds: tuple[FeedFigures, ...]


def clock_of(place: Place) -> Clock:
    """Now on the line's own clock: real time, unless feeds play another one. Raises StoreError."""
    now = place.now()
    names = FeedFigures.__struct_fields__
    feeds = tuple(
        FeedFigures(**dict(zip(names, row, strict=True)))
        for row in place.store.query(load("stats_feeds"))
    )
    running = [one for one in feeds if one.state != "finished"]
    told = line_clock(place.store) if feeds and place.settings.clock == "line" else None
    if told is None or abs(now - told.at) < REAL:
        return Clock(now, "stale" if _silent(running, now) else "live", feeds)
    if not running:
        return Clock(told.at, "finished", feeds)
    return Clock(told.at, "stale" if _silent(running, now) else "live", feeds)


def span_of(
    since: datetime | None, until: datetime | None, *, at: datetime, length: timedelta
) -> tuple[datetime, datetime]:
    """What is asked for, by default the last `length`; times without a zone are UTC.

    Refused for years that no post is of.
    """
    for one in (since, until):
        if one and not FIRST_YEAR <= one.year <= LAST_YEAR:
            raise Refused(422, f"years are {FIRST_YEAR} to {LAST_YEAR}")
    end = _aware(until) if until else at
    return (_aware(since) if since else end - length), end


def _silent(running: list[FeedFigures], now: datetime) -> bool:
    return any(now - one.updated_at > QUIET for one in running)


def _aware(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def words(value: str | bytes) -> str:
    """Text of any bytes as Unicode that JSON can hold."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value.encode("utf-8", "replace").decode()
