"""What happened to models, on disk: drift seen, candidates refused, models live and rolled back."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, Literal

import msgspec
from msgspec import Struct

from infra.sql import load
from infra.store import Store
from infra.times import to_ms

Kind = Literal["drift", "activated", "refused", "rolled_back"]
COLUMNS = ("id", "at", "kind", "model", "detail")


class ModelEvent(Struct, frozen=True, kw_only=True):
    """`detail` is JSON. Events with one id are one event."""

    id: str
    at: datetime
    kind: Kind
    model: str
    detail: str


def model_event(kind: Kind, model: str, at: datetime, detail: dict[str, Any]) -> ModelEvent:
    """Return an event whose id is a function of kind, model, time and what `signal` it is of."""
    told = f"{kind}\0{model}\0{to_ms(at)}\0{detail.get('signal', '')}"
    return ModelEvent(
        id=blake2b(told.encode(), digest_size=12).hexdigest(),
        at=at,
        kind=kind,
        model=model,
        detail=msgspec.json.encode(detail, order="sorted").decode(),
    )


def write_model_events(store: Store, events: Sequence[ModelEvent]) -> list[ModelEvent]:
    """Keep events and return those that were not there: what is worth telling. Raises StoreError.

    One that is there stays as it was first written.
    """
    if not events:
        return []
    asked = ",".join(event.id for event in events)
    known = {row[0] for row in store.query(load("model_event_ids"), {"ids": asked})}
    fresh = [event for event in events if event.id not in known]
    rows = [tuple(getattr(event, column) for column in COLUMNS) for event in fresh]
    store.insert("model_events", COLUMNS, rows)
    return fresh


def read_model_events(store: Store, *, limit: int = 1_000) -> list[ModelEvent]:
    """Return the newest events, the newest first. Raises StoreError."""
    return [
        ModelEvent(**dict(zip(COLUMNS, row, strict=True)))
        for row in store.query(load("model_events"), {"limit": limit})
    ]
