"""Stored incidents after posts were erased: the same events, without the words of those posts.

What is erased is read from the database and not from who erased it, so a redaction that was cut
short, or an incident that was told from posts read just before, is made good by the next one.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import structlog
from msgspec import Struct

from forecasting.records import IncidentEvent
from forecasting.redact import redacted
from infra.brands import Brand
from infra.incidents import COLUMNS
from infra.sql import load
from infra.store import Row, Store

log = structlog.get_logger()

PAGE = 100
"""Events read together: each may quote four posts of 64 KiB."""


class Shown(Struct, frozen=True):
    """A post that a stored change of an incident shows."""

    event_id: str
    incident_id: str
    post_id: str
    author_id: str  # `source:author`, as stored
    published_at: datetime
    is_erased: bool  # but its words are still there


class Redaction(Struct, frozen=True):
    """What was rewritten."""

    events: int
    incidents: int


def shown_posts(store: Store) -> list[Shown]:
    """Every post that incidents show, without those already redacted. Raises StoreError."""
    return [
        Shown(event_id, incident_id, post_id, author_id, at, bool(erased))
        for event_id, incident_id, post_id, author_id, at, erased in store.query(
            load("incident_examples")
        )
    ]


def redact(store: Store, brands: Sequence[Brand], *, posts: Collection[str] = ()) -> Redaction:
    """Take what is erased, and `posts` besides, out of every stored incident. Raises StoreError.

    Messages are told anew in the language and zone of their brand. An event that was not yet
    delivered is sent as it is then; counts, ids and times of events stay. Doing it again changes
    nothing. A change that cannot be read is logged and left as it is.
    """
    gone: dict[str, set[str]] = {}
    for shown in shown_posts(store):
        if shown.is_erased or shown.post_id in posts:
            gone.setdefault(shown.event_id, set()).add(shown.post_id)
    events, touched = 0, set[str]()
    for rows in _pages(store, sorted(gone)):
        bare = [new for row in rows if (new := _bare(row, gone, brands))]
        store.insert("incident_events", COLUMNS, bare)
        events += len(bare)
        touched.update(row[1] for row in bare)
    return Redaction(events, len(touched))


def marks(store: Store) -> Row:
    """Equal as long as there can be nothing new to redact. Cheap. Raises StoreError."""
    return store.query(load("redaction_marks"))[0]


def _pages(store: Store, ids: Sequence[str]) -> Iterator[list[Row]]:
    for start in range(0, len(ids), PAGE):
        asked = ",".join(ids[start : start + PAGE])
        yield store.query(load("incident_bodies"), {"ids": asked})


def _bare(row: Row, gone: dict[str, set[str]], brands: Sequence[Brand]) -> Row | None:
    event_id, body = row[0], row[-1]
    try:
        event = msgspec.json.decode(body, type=IncidentEvent)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # Nothing but this event is harmed; the owner of the database must not die of it.
        log.warning("unreadable incident", stage="store", change=event_id, error=str(error))
        return None
    brand = next((one for one in brands if one.name == event.change.brand), None)
    bare = redacted(
        event,
        gone[event_id],
        language=brand.language if brand else "en",
        zone=ZoneInfo(brand.timezone) if brand else UTC,
    )
    return (*row[:-1], msgspec.json.encode(bare).decode())
