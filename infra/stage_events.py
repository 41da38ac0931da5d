"""What stages did to heal themselves, kept for people."""

import os
from datetime import datetime
from typing import Literal

from msgspec import Struct

from infra.sql import load
from infra.store import Store

Kind = Literal["stalled", "memory", "poisoned", "crashed"]


class StageEvent(Struct, frozen=True, kw_only=True):
    """One thing that happened to a stage."""

    at: datetime
    stage: str
    kind: str
    detail: str


def record(store: Store, event: StageEvent) -> None:
    """Write the event down. Raises as `Store` does."""
    name = f"{event.stage}.{event.kind}.{event.at.isoformat()}.{os.getpid()}"
    columns = ("id", "at", "stage", "kind", "detail")
    store.insert("stage_events", columns, [(name, event.at, event.stage, event.kind, event.detail)])


def stage_events(store: Store, *, most: int = 1000) -> list[StageEvent]:
    """The newest events, newest first."""
    return [
        StageEvent(at=at, stage=stage, kind=kind, detail=detail)
        for at, stage, kind, detail in store.query(load("stage_events"), {"most": most})
    ]
