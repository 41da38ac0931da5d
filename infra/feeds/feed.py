"""The seam of feeds: what a platform's module is given and what it gives.

A feed is an async generator. It reads from `Start.cursor` on and yields batches until it is closed;
it never reconnects by itself: it raises, and is called again with the cursor that is durable by
then. So a broken connection, a killed process and a new start are one case.

FeedError                anything that ends a reading on purpose
 ├─ FeedUnavailable      for now: away, slow, or asks for fewer requests (`wait` seconds)
 └─ FeedRefused          a person has to mend something: a token, an address, a setting
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import httpx
from msgspec import Meta, Struct

from processors.arrivals import BadRow
from processors.records import RawErasure, RawPost

Moment = Annotated[datetime, Meta(tz=True)]
Item = RawPost | RawErasure | BadRow


class FeedError(Exception):
    """A reading has ended; the message says why in one line."""

    def __init__(self, message: str, *, wait: float = 0.0) -> None:
        """`wait`: seconds that the platform asks for before the next attempt."""
        super().__init__(message)
        self.wait = wait


class FeedUnavailable(FeedError):
    """Not now: tried again after a pause that grows."""


class FeedRefused(FeedError):
    """Trying again changes nothing before a person has; it is tried seldom all the same."""


class Gap(Struct, frozen=True, kw_only=True):
    """Posts published from `since` to `until` were not read and won't be."""

    since: Moment
    until: Moment
    reason: str  # for a person


class Batch(Struct, frozen=True, kw_only=True):
    """What came, in its order. One without items says that nothing was there to come."""

    at: Moment  # the platform's clock: all before it has been given
    items: tuple[Item, ...] = ()
    cursor: str = ""  # where to go on once the items are durable; empty: unchanged
    gaps: tuple[Gap, ...] = ()
    skipped: int = 0  # posts in languages that were not asked for
    errors: tuple[str, ...] = ()  # of parts of the feed; the others go on


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a reading begins with."""

    cursor: str  # of the last durable batch; empty the first time
    at: datetime | None  # its `at`
    now: Callable[[], datetime]  # wall clock, UTC
    sleep: Callable[[float], Awaitable[None]]
    http: httpx.AsyncClient  # reaches permitted addresses only; closed by whoever made it
    failures: int = 0  # readings in a row that gave nothing before they failed


Reading = AsyncGenerator[Batch, None]
Feed = Callable[[Any, Start], Reading]
"""(settings of the feed, start) -> a reading. Raises FeedError out of the generator; anything else
that it raises is a bug, told with its traceback, and costs this feed a pause as well."""
