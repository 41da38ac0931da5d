"""How a story spread, and which query found it, as the page tells them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from forecasting.records import IncidentEvent
from infra.incidents import write_events
from infra.query_versions import record_versions
from infra.store import Store
from processors.watched import WatchedBrand, version


def test_authors_and_repeats_add_up_from_the_first_post(
    serve: Callable[..., Any],
    store: Store,
    write: Callable[..., None],
    make_event: Callable[..., IncidentEvent],
) -> None:
    event = make_event("inc_1")
    since = event.change.at - timedelta(minutes=30)
    change = replace(event.change, brand="Acme", since=since, opened_at=since)
    evidence = replace(event.evidence, first=None)
    write_events(store, [replace(event, change=change, evidence=evidence)], event.change.at)
    at = event.change.at - timedelta(minutes=1)
    write(0.9, 0.9, 0.1, at=at, author="ann")  # the last is not negative
    write(0.9, at=at - timedelta(minutes=10), first=5, author="bob")
    write(0.9, 0.9, at=at, first=7, author="cy", is_repost=True)
    write(0.9, at=since - timedelta(minutes=20), first=20, author="early")
    page = serve(now=lambda: event.change.at + timedelta(minutes=1))
    found = page.entered().get("/api/v1/incidents/inc_1").json()["spread"]
    assert datetime.fromisoformat(found["since"]) == since
    assert (found["authors"][0], found["authors"][-1]) == (0, 3)
    assert (found["posts"][-1], found["repeats"][-1]) == (5, 2)
    assert found["authors"] == sorted(found["authors"])
    assert len(found["start"]) == len(found["authors"]) == len(found["repeats"])


def test_health_tells_what_finds_a_brand_and_what_was_changed(
    serve: Callable[..., Any], store: Store, write: Callable[..., None]
) -> None:
    was, now = WatchedBrand("Acme", ("acme air",)), WatchedBrand("Acme", ("acme co",), "acme")
    at = datetime.fromisoformat("2026-03-01T20:00:00Z")
    record_versions(store, [was], at=at, by="environment")
    record_versions(store, [now], at=at + timedelta(hours=1), by="groundswell.yaml")
    write(0.9, 0.1, queries=(version(now),))
    write(0.9, first=5, queries=(version(was),))
    (told,) = serve().entered().get("/api/v1/health").json()["queries"]
    assert told == {
        "brand": "Acme",
        "version": version(now),
        "since": "2026-03-01T21:00:00Z",
        "by": "groundswell.yaml",
        "changes": [
            {"what": "aliases", "added": ["acme co"], "removed": ["acme air"]},
            {"what": "query", "added": ["acme"], "removed": []},
        ],
        "posts": 2,
    }
