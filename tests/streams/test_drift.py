"""Drift found in what is stored: told once, and the same after a restart."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from infra.metrics import Meter
from infra.model_events import read_model_events
from infra.store import Store
from processors.store import POST_COLUMNS
from streams.drift import DriftStage

SUNDAY = datetime(2026, 3, 8, tzinfo=UTC)
NEW = SUNDAY + timedelta(days=1)  # where a span ends and the next begins
END = SUNDAY + timedelta(days=2)
BUCKET = timedelta(minutes=5)


@pytest.fixture
def told(store: Store) -> Store:
    """Two days of posts, 12 a bucket; from the second on most are in German."""
    rng = np.random.default_rng(3)
    fixed = dict.fromkeys(POST_COLUMNS, "x") | {
        "brand": "Acme",
        "version": 1,
        "first_said_by": 0,
        "model": "m1",
    }
    fixed |= dict.fromkeys(
        ("position", "followers", "cluster_id", "is_duplicate", "is_repost", "is_spam"), 0
    )
    fixed |= {"is_deleted": 0, "is_backfill": 0, "kept_days": 400}
    rows = []
    for number in range(2 * 288 * 12):
        at = SUNDAY + number // 12 * BUCKET
        german = rng.random() < (0.1 if at < NEW else 0.7)
        sure = float(rng.beta(6, 3))
        fields = fixed | dict.fromkeys(("received_at", "scored_at", "stored_at"), at)
        fields |= {"published_at": at, "post_id": f"x:{number}", "lang": "de" if german else "en"}
        fields |= {"p_negative": 0.0, "p_neutral": 1 - sure, "p_positive": sure}
        fields |= {"abstained": 0, "oov": float(rng.beta(2, 20))}
        rows.append(tuple(fields[column] for column in POST_COLUMNS))
    store.insert("posts", POST_COLUMNS, rows)
    return store


def events(store: Store) -> list[tuple[datetime, str]]:
    found = [
        (event.at, event.detail.split('"signal":"')[1][:-2]) for event in read_model_events(store)
    ]
    return sorted(found)


def stage(store: Store, registry: CollectorRegistry | None = None) -> DriftStage:
    return DriftStage(store, Meter("watch", registry or CollectorRegistry()))


def test_a_shift_is_told_once_and_the_same_after_a_restart(told: Store) -> None:
    registry = CollectorRegistry()
    stage(told, registry).judge(SUNDAY, END)
    found = events(told)
    assert {signal for _, signal in found} == {"language:de", "language:not en"}
    assert all(NEW <= at < NEW + timedelta(hours=12) for at, _ in found)
    assert registry.get_sample_value("watch_events_total", {"kind": "drift"}) == len(found)

    again = CollectorRegistry()
    stage(told, again).judge(SUNDAY, END)  # as if it had died before remembering
    assert events(told) == found
    assert registry.get_sample_value("watch_events_total", {"kind": "drift"}) == len(found)
    assert again.get_sample_value("watch_events_total", {"kind": "drift"}) == 0

    for cuts in ([NEW], [NEW + 2 * BUCKET], [SUNDAY + 7 * BUCKET, NEW + timedelta(hours=1)]):
        told.command("TRUNCATE TABLE model_events SYNC")
        edges = [SUNDAY, *cuts, END]
        for since, until in pairwise(edges):
            stage(told).judge(since, until)  # each time a new process
        assert events(told) == found

    told.command("TRUNCATE TABLE model_events SYNC")
    whole = stage(told)
    at = SUNDAY
    while at < END:
        whole.judge(at, at + timedelta(hours=4))
        at += timedelta(hours=4)
    assert events(told) == found
