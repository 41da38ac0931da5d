"""Letters of notices: of changes as they are on disk now, so that what was erased is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import quote

import msgspec
import structlog

from forecasting.records import IncidentEvent
from infra.brands import Brand
from infra.deliver.records import Entry, Letter, Notice, Said
from infra.sql import load
from infra.store import Store

log = structlog.get_logger()
PAGE: Final = 200
"""Changes read at once."""


def bodies(store: Store, ids: Iterable[str]) -> Iterator[tuple[str, IncidentEvent | None]]:
    """Changes as they are now, by id; None for what is there and cannot be read.

    What is not there is left out. Raises StoreError.
    """
    asked = sorted(set(ids) - {""})
    for start in range(0, len(asked), PAGE):
        some = ",".join(asked[start : start + PAGE])
        for event_id, *_, body in store.query(load("incident_bodies"), {"ids": some}):
            yield event_id, _decoded(event_id, body)


def letters(
    store: Store, notices: Sequence[Notice], brands: Sequence[Brand], page_url: str
) -> list[Letter | None]:
    """A letter of each notice, in their order; None if none of its changes can be read.

    Raises StoreError.
    """
    said = [one for notice in notices for one in notice.said]
    ids = [one.event_id for one in said] + [one.told_id for one in said]
    events = {event_id: event for event_id, event in bodies(store, ids) if event is not None}
    by_name = {brand.name: brand for brand in brands}
    return [letter(notice, events, by_name, page_url) for notice in notices]


def letter(
    notice: Notice, events: Mapping[str, IncidentEvent], brands: Mapping[str, Brand], page_url: str
) -> Letter | None:
    """The letter of a notice, without entries whose change is not among `events`.

    It is framed in the language and time zone of the brand of its first entry.
    """
    entries = tuple(
        _entry(one, events[one.event_id], events.get(one.told_id), page_url)
        for one in notice.said
        if one.event_id in events
    )
    if not entries:
        return None
    brand = brands.get(entries[0].event.change.brand)
    return Letter(
        notice_id=notice.notice_id,
        entries=entries,
        language=brand.language if brand else "en",
        timezone=brand.timezone if brand else "UTC",
        decided_at=notice.decided_at,
    )


def _entry(said: Said, event: IncidentEvent, told: IncidentEvent | None, page_url: str) -> Entry:
    incident = quote(event.change.incident_id, safe="")
    return Entry(
        kind=said.kind,
        event=event,
        told=told.change if told else None,
        by=said.by,
        link=f"{page_url.rstrip('/')}/incidents/{incident}" if page_url else "",
    )


def _decoded(event_id: str, body: str | bytes) -> IncidentEvent | None:
    try:
        return msgspec.json.decode(body, type=IncidentEvent)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        log.warning("unreadable incident", stage="deliver", change=event_id, error=str(error))
        return None
