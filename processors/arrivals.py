"""What a feed reads: posts, and rows that cannot become one, each with the time it arrives."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from processors.records import RawPost


class BadRow(Struct, frozen=True, kw_only=True):
    """A row that cannot become a post; the feed sends it on as a dead letter."""

    reason: str  # one word, counted: missing_field, bad_time, text_too_long, ...
    detail: str  # for a person
    payload: bytes  # as read; a row of more than half a MiB is cut there, and `detail` says so


class Arrival(Struct, frozen=True, kw_only=True):
    """One item a feed reads, in order of `at`.

    `at` is the feed's clock (the file's in a replay) and never runs backwards from one arrival to
    the next. `position` is the item's place in the feed, the same at every reading: the row's
    number in a file, so not always in order of `at`.
    """

    at: Annotated[datetime, Meta(tz=True)]
    position: int
    item: RawPost | BadRow
