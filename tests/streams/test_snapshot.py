"""The line at one moment, read from the database."""

from datetime import timedelta
from typing import Any

import msgspec

from forecasting.detector_state import DetectorState
from forecasting.incident import IncidentState, OpenIncident
from forecasting.records import BUCKET
from infra.incidents import write_events
from infra.posts import write_batch
from infra.progress import report
from infra.series import Memory, remember
from infra.store import Store
from processors.records import ScoredPost, Sentiment
from streams.snapshot import take
from tests.posts import clean_post


def memory(show: Any, brand: str, state: IncidentState, verdict: Any = None) -> Memory:
    return Memory(
        brand=brand,
        bucket=show.clock,
        state=msgspec.json.encode(state).decode() if brand else "",
        verdict=msgspec.json.encode(verdict).decode() if brand else "",
    )


def negative(number: int, at: Any) -> ScoredPost:
    post = clean_post(
        post_id=f"x:{number}",
        position=number,
        author="a",
        followers=0,
        text="t",
        key_text="t",
        brands=("Northwind",),
        published_at=at,
        received_at=at,
    )
    return ScoredPost(post=post, sentiment=Sentiment("negative", 1, 0, 0, "m"), scored_at=at)


def test_an_empty_database(store: Store) -> None:
    found = take(store, "f", {})
    assert (found.progress, found.judged_until) == (None, None)
    assert found.brands == found.incidents == ()


def test_before_the_watcher_has_judged_anything(store: Store, show: Any) -> None:
    report(store, show.snapshot().progress, show.clock)
    found = take(store, "f", show.snapshot().readings)
    assert found.progress == show.snapshot().progress
    assert found.judged_until is None
    assert found.brands == ()
    assert found.readings == show.snapshot().readings


def test_brands_with_their_curve_verdict_and_incident(store: Store, show: Any) -> None:
    event = show.incident_event()
    write_events(store, [event], show.clock)
    since = event.change.since
    opened = OpenIncident(
        incident_id="northwind.1",
        opened_at=event.change.opened_at,
        since=since,
        number=1,
        said_at=event.change.at,
        said_severity=6,
        said_observed=214,
        worst=6,
        total_negative=231,
        peak_observed=214,
    )
    surging = IncidentState(detector=DetectorState(), incident=opened, opened=1)
    remember(
        store,
        [
            memory(show, "", IncidentState()),
            memory(show, "Northwind", surging, show.verdict(score=9.0)),
            memory(show, "Contoso", IncidentState()),
        ],
    )
    # Two in the last bucket judged, one an hour before, one in the bucket that is not judged yet.
    last = show.clock - BUCKET
    times = [last, last + timedelta(minutes=2), last - 12 * BUCKET, show.clock]
    write_batch(store, [negative(n, at) for n, at in enumerate(times)], show.clock)

    found = take(store, "f", {})
    assert found.judged_until == show.clock
    contoso, northwind = found.brands
    assert (contoso.name, contoso.verdict, contoso.incident) == ("Contoso", None, None)
    assert contoso.recent == ()
    assert northwind.verdict == show.verdict(score=9.0)
    assert northwind.incident
    assert northwind.incident.incident_id == "northwind.1"
    assert northwind.since == since
    assert northwind.recent == (0, 1, *[0] * 11, 2)
    assert [incident.incident_id for incident in found.incidents] == ["northwind.1"]


def test_a_resolved_incident_is_history(store: Store, show: Any) -> None:
    ended = show.incident_event(2, "resolved")
    write_events(store, [show.incident_event(), ended], show.clock)
    remember(store, [memory(show, "", IncidentState()), memory(show, "Northwind", IncidentState())])
    found = take(store, "f", {})
    assert found.brands[0].incident is None
    assert len(found.incidents) == 1
    assert found.incidents[0].resolved_at


def test_how_long_nothing_has_come(store: Store, show: Any) -> None:
    remember(store, [memory(show, "", IncidentState()), memory(show, "Northwind", IncidentState())])
    write_batch(store, [negative(1, show.clock - 4 * BUCKET)], show.clock)
    assert take(store, "f", {}).quiet == 3 * BUCKET
    write_batch(store, [negative(2, show.clock - BUCKET)], show.clock)
    assert take(store, "f", {}).quiet == 0 * BUCKET
