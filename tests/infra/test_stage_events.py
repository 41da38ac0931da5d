"""What stages did to heal themselves."""

from datetime import UTC, datetime, timedelta

from infra.stage_events import StageEvent, record, stage_events
from infra.store import Store


def test_events_are_there_once_newest_first(store: Store) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    old = StageEvent(at=at, stage="score", kind="stalled", detail="it's")
    new = StageEvent(at=at + timedelta(seconds=1), stage="refine", kind="memory", detail="")
    for event in (old, new, old):
        record(store, event)
    assert stage_events(store) == [new, old]
    assert stage_events(store, most=1) == [new]
