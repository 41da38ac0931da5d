"""Watches scores for drift: reads their buckets, keeps what has changed, tells it."""

from datetime import datetime

import structlog

from infra.drift_buckets import observed
from infra.metrics import Meter
from infra.model_events import model_event, write_model_events
from infra.store import Store
from processors.drift import Drift, DriftWatch, anchor, begin_of_span, next_span

log = structlog.get_logger()


class DriftStage:
    """Goes over the same buckets as the watch stage.

    Nothing is kept but the events: where it does not go on from where it was, it reads the one to
    two weeks before, so a process that starts again finds the same.
    """

    def __init__(self, store: Store, meter: Meter) -> None:
        self._store = store
        self._meter = meter
        self._watch = DriftWatch()
        self._at: datetime | None = None

    def judge(self, since: datetime, until: datetime) -> None:
        """Judge the buckets from `since` to before `until`. Raises StoreError; then do it again."""
        while since < until:
            end = min(until, next_span(since))
            at, self._at = self._at, None
            if at != since or since == begin_of_span(since):
                self._watch = DriftWatch()
                self._watch.feed(observed(self._store, since=anchor(since), until=since))
            self._tell(self._watch.feed(observed(self._store, since=since, until=end)))
            self._at = since = end

    def _tell(self, found: list[Drift]) -> None:
        events = [
            model_event(
                "drift",
                one.model,
                one.at,
                {"signal": one.signal, "before": one.before, "after": one.after},
            )
            for one in found
        ]
        fresh = {event.id for event in write_model_events(self._store, events)}
        for one, event in zip(found, events, strict=True):
            if event.id in fresh:
                self._meter.event("drift")
                log.warning(
                    "drift",
                    stage="watch",
                    signal=one.signal,
                    at=one.at.isoformat(),
                    before=one.before,
                    after=one.after,
                    model=one.model,
                )
