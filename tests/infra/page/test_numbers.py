"""The page tells the numbers that the commands tell."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from forecasting.records import Forecast, IncidentEvent
from forecasting.share import estimate_share
from infra.brands import Brand
from infra.corrections import Correction, write_corrections
from infra.deliver.delivery_log import ReceiverState
from infra.feeds.state import FeedState, Stretch, write_state, write_stretches
from infra.forecasts import forecast_rows, write_forecasts
from infra.hours import shown
from infra.incidents import write_events
from infra.page.brand_series import Span, share_of, starts_of
from infra.page.outside import failing
from infra.quality import write_quality
from infra.share import read_share
from infra.share_labels import Span as ShareSpan
from infra.store import Store

NOW = datetime(2026, 3, 1, 23, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
Write = Callable[..., None]
Serve = Callable[..., Any]
MIXED = (0.9, 0.2, 0.8, 0.1, 0.05, 0.7)


def test_the_overview_counts_as_the_database_does(serve: Serve, store: Store, write: Write) -> None:
    write(*MIXED)
    write(0.9, at=NOW - 2 * HOUR, first=20)
    write(0.1, brand="Northwind", first=30)
    rows = {one["name"]: one for one in serve().entered().get("/api/v1/overview").json()["brands"]}
    [counts] = [shown(store, since=NOW - HOUR, until=NOW)["Acme"].values()]
    assert (rows["Acme"]["volume"], rows["Acme"]["negative"]) == tuple(
        map(sum, zip(*counts, strict=True))
    )
    assert sum(rows["Acme"]["spark"]["negative"]) == 4
    assert rows["Northwind"]["volume"] == 1
    read = read_share(store, ShareSpan(brand="Acme", since=NOW - HOUR, until=NOW))
    estimate = estimate_share(read.window, read.labels)
    assert estimate is not None
    told = rows["Acme"]["share"]
    assert told["value"] == pytest.approx(estimate.share)
    assert (told["lower"], told["upper"]) == pytest.approx((estimate.lower, estimate.upper))
    assert told["posts"] == len(MIXED)


def test_corrections_count_in_the_share_until_they_are_taken_back(
    serve: Serve, store: Store, write: Write
) -> None:
    write(0.9, 0.9, 0.9, 0.9)
    write_corrections(
        store,
        [Correction(post_id=f"x:Acme/{n}", label="positive", at=NOW, by="ann") for n in range(4)],
    )
    client = serve().entered()
    row = client.get("/api/v1/overview").json()["brands"][0]
    assert (row["name"], row["share"]["value"]) == ("Acme", 0)
    posts = client.get("/api/v1/brands/Acme/posts").json()["posts"]
    assert {(one["label"], one["model_label"], one["corrected_by"]) for one in posts} == {
        ("positive", "negative", "ann")
    }
    assert client.delete("/api/v1/posts/x:Acme%2F0/label?brand=Acme").status_code == 200
    posts = client.get("/api/v1/brands/Acme/posts?label=negative").json()["posts"]
    assert [(one["post_id"], one["corrected_by"]) for one in posts] == [("x:Acme/0", "")]
    assert client.delete("/api/v1/posts/x:Acme%2F0/label?brand=Acme").status_code == 404
    read = read_share(store, ShareSpan(brand="Acme", since=NOW - HOUR, until=NOW))
    assert read.window.known == 3


def test_the_one_that_needs_most_comes_first(
    serve: Serve, store: Store, write: Write, make_event: Callable[..., IncidentEvent]
) -> None:
    write(*MIXED)
    write(0.1, brand="Northwind", first=10)
    event = make_event("inc_1")
    write_events(store, [event], event.change.at)
    first, second = serve().entered().get("/api/v1/overview").json()["brands"]
    assert (first["name"], first["state"], first["incident"]["id"]) == (
        "Northwind",
        "open",
        "inc_1",
    )
    assert first["incident"]["observed"] == 214
    assert (second["name"], second["state"]) == ("Acme", "learning")


def test_one_language_alone(serve: Serve, write: Write) -> None:
    write(0.9, 0.2)
    write(0.9, first=10, lang="de")
    client = serve().entered()
    whole = client.get("/api/v1/overview").json()
    assert set(whole["languages"]) == {"en", "de"}
    german = client.get("/api/v1/overview?language=de").json()
    volumes = {one["name"]: one["volume"] for one in german["brands"]}
    assert volumes == {"Acme": 1, "Northwind": 0}


def test_a_series_holds_every_post_once(serve: Serve, write: Write) -> None:
    write(*MIXED)
    write(0.9, at=NOW - 20 * HOUR, first=20)
    client = serve().entered()
    for step in ("5m", "1h", "1d"):
        asked = {"since": (NOW - DAY).isoformat(), "until": NOW.isoformat(), "step": step}
        found = client.get("/api/v1/brands/Acme/series", params=asked).json()
        assert [sum(found[name]) for name in ("negative", "neutral", "positive")] == [4, 3, 0]
        arrays = [found[name] for name in ("start", "negative", "neutral", "share", "share_lower")]
        assert len({len(one) for one in arrays}) == 1
        for negative, neutral, share in zip(*arrays[1:4], strict=True):
            assert share == (negative / (negative + neutral) if negative + neutral else None)


def test_a_series_shows_what_was_foretold_what_is_missing_and_last_week(
    serve: Serve, store: Store, write: Write
) -> None:
    write(0.9, at=NOW - 7 * DAY - HOUR)
    start = NOW.replace(minute=0) - HOUR
    made = Forecast(
        starts=tuple(start + i * HOUR for i in range(4)),
        mean=(5.0, 6.0, 7.0, 8.0),
        lower=(1.0,) * 4,
        upper=(9.0,) * 4,
        model="m",
    )
    write_forecasts(store, forecast_rows("Acme", series="volume", step=HOUR, made=made, at=start))
    late = Forecast(starts=made.starts[:1], mean=(99.0,), lower=(99.0,), upper=(99.0,), model="m")
    write_forecasts(
        store, forecast_rows("Acme", series="volume", step=HOUR, made=late, at=start + HOUR)
    )
    gap = NOW.replace(minute=0)
    write_quality(store, {"Acme": {gap: "gap", gap + timedelta(minutes=5): "gap"}}, NOW)
    asked = {"step": "1h", "since": (NOW - DAY).isoformat(), "compare": "week"}
    found = serve().entered().get("/api/v1/brands/Acme/series", params=asked).json()
    expected = found["expected"]
    told = dict(zip(expected["start"], expected["volume"]["mean"], strict=True))
    # Not what was said once the hour was over; and what is said of the hours to come.
    assert told[round(start.timestamp())] == 5.0
    assert told[round((start + 3 * HOUR).timestamp())] == 8.0
    assert found["gaps"] == [
        {
            "since": gap.isoformat().replace("+00:00", "Z"),
            "until": (gap + timedelta(minutes=10)).isoformat().replace("+00:00", "Z"),
            "reason": "gap",
        }
    ]
    assert sum(found["compare"]["counts"]["negative"]) == 1
    assert found["compare"]["counts"]["start"] == found["start"]


def test_another_brand_is_compared_in_the_same_steps_competitors_first(
    serve: Serve, write: Write
) -> None:
    write(0.9, 0.1)
    write(0.9, 0.8, 0.1, brand="Northwind", first=10)
    client = serve().entered()
    rows = {one["name"]: one for one in client.get("/api/v1/overview").json()["brands"]}
    assert rows["Acme"]["competitors"] == ["Northwind"]
    assert rows["Northwind"]["competitors"] == []
    asked = {"step": "1h", "since": (NOW - DAY).isoformat(), "compare": "brand:Northwind"}
    found = client.get("/api/v1/brands/Acme/series", params=asked).json()
    assert (sum(found["negative"]), sum(found["compare"]["counts"]["negative"])) == (1, 2)
    assert found["compare"]["counts"]["start"] == found["start"]
    assert found["compare"]["label"] == "Northwind"


def test_days_begin_at_midnight_where_one_is() -> None:
    span = Span(
        brand="a",
        since=datetime(2026, 3, 27, 12, tzinfo=UTC),
        until=datetime(2026, 3, 31, tzinfo=UTC),
        step="1d",
        zone="Europe/Berlin",
    )
    starts = [datetime.fromtimestamp(one, UTC) for one in starts_of(span)]
    assert [(one.day, one.hour) for one in starts] == [
        (26, 23),
        (27, 23),
        (28, 23),
        (29, 22),  # summer time
        (30, 22),
    ]


def test_a_share_lies_in_its_interval() -> None:
    for posts in (1, 5, 1000):
        for negative in (0, posts // 2, posts):
            lower, share, upper = share_of(negative, posts)
            assert lower is not None
            assert 0 <= lower <= share <= upper <= 1
    assert share_of(0, 0) == (None, None, None)


WRONG = (
    {"since": "2026-03-02", "until": "2026-03-01"},
    {"since": "2020-03-02", "step": "5m"},
    {"step": "7m"},
    {"zone": "../etc"},
    {"zone": "Mars/Base"},
    {"compare": "month"},
    {"since": "yesterday"},
    {"since": "0001-01-01T00:00:00+05:00"},
    {"until": "9999-12-31T23:59:59-05:00"},
)


def test_a_series_that_cannot_be_is_told_so(serve: Serve) -> None:
    client = serve().entered()
    for wrong in WRONG:
        answer = client.get("/api/v1/brands/Acme/series", params=wrong)
        assert answer.status_code == 422, wrong
        assert answer.json()["detail"]


def test_posts_are_paged_each_once(serve: Serve, write: Write) -> None:
    write(*[0.9] * 7)
    write(*[0.2] * 6, first=50, at=NOW - timedelta(minutes=1))  # at the same moments
    client, found, before = serve().entered(), [], ""
    while True:
        page = client.get("/api/v1/brands/Acme/posts", params={"limit": 4, "before": before}).json()
        found += page["posts"]
        before = page["next"]
        if not before:
            break
    ids = [one["post_id"] for one in found]
    assert len(ids) == len(set(ids)) == 13
    times = [one["published_at"] for one in found]
    assert times == sorted(times, reverse=True)
    assert client.get("/api/v1/brands/Acme/posts?before=x").status_code == 422


def test_posts_are_chosen(serve: Serve, write: Write) -> None:
    write(0.9, 0.2, text="The ACME Motors garage", cluster_id=7)
    write(0.9, first=10, lang="de", source="rss", author="bob", text="Über Acme")
    client = serve().entered()

    def ids(**chosen: str) -> list[str]:
        found = client.get("/api/v1/brands/Acme/posts", params=chosen).json()["posts"]
        return [one["post_id"] for one in found]

    assert ids(label="neutral") == ["x:Acme/1"]
    assert ids(language="de") == ids(source="rss") == ids(author="bob") == ["x:Acme/10"]
    assert ids(text="über") == ["x:Acme/10"]
    assert ids(text="100%_") == []
    assert ids(cluster_id="7") == ["x:Acme/0", "x:Acme/1"]
    assert ids(post_id="x:Acme/10") == ["x:Acme/10"]
    one = client.get("/api/v1/brands/Acme/posts?post_id=x:Acme/0").json()["posts"][0]
    assert one["cluster_count"] == 2
    assert one["highlights"] == [[4, 15]]


def test_a_selection_says_what_it_is_about(serve: Serve, write: Write) -> None:
    write(*[0.9] * 12, text="The battery fire again", cluster_id=7)
    found = (
        serve()
        .entered()
        .get(
            "/api/v1/brands/Acme/selection",
            params={"since": (NOW - HOUR).isoformat(), "label": "negative"},
        )
        .json()
    )
    assert found["read"] == 12
    assert "battery fire" in {one["text"] for one in found["terms"]}
    assert found["clusters"][0]["count"] == 12
    assert found["share"]["posts"] == 12


def test_the_story_of_an_incident(
    serve: Serve, store: Store, write: Write, make_event: Callable[..., IncidentEvent]
) -> None:
    write(*[0.9] * 5, brand="Northwind")
    events = [make_event("inc_1"), make_event("inc_1", 2)]
    for event in events:
        write_events(store, [event], event.change.at)
    story = serve().entered().get("/api/v1/incidents/inc_1").json()
    assert [one["event_id"] for one in story["events"]] == ["inc_1.1", "inc_1.2"]
    assert story["events"][0]["event"]["message"].startswith("214 negative posts")
    assert story["evidence"]["authors"] == 143
    assert sum(story["curve"]["counts"]["negative"]) == 5
    assert [one["what"] for one in story["timeline"]] == ["opened", "updated"]
    assert story["incident"]["severity"] == 7
    assert "doubling" in story["severity_definition"]
    assert serve().entered().get("/api/v1/incidents/inc_9").status_code == 404


def test_health_tells_of_delays_and_models(serve: Serve, write: Write) -> None:
    write(*MIXED)
    found = serve().entered().get("/api/v1/health").json()
    assert found["posts_last_hour"] == len(MIXED)
    assert [one["stage"] for one in found["latency"]] == ["feed", "score", "store", "all"]
    assert found["models"] == [{"model": "m", "language": "en", "posts": len(MIXED)}]


def test_feeds_say_how_they_fare(serve: Serve, store: Store) -> None:
    common = {"source": "forum", "version": 1, "errors": 2, "error": "host: refused"}
    seen = {"last_post": NOW - HOUR, "live_until": NOW - HOUR, "updated_at": NOW, "rate": 1.5}
    write_state(store, FeedState(feed="forum", state="retrying", **common, **seen))
    write_state(store, FeedState(feed="gone", state="stopped", **common, **seen))
    gap = Stretch(
        feed="forum",
        source="forum",
        kind="gap",
        since=NOW - 2 * HOUR,
        until=NOW - HOUR,
        reason="was not connected",
    )
    write_stretches(store, [gap], NOW)
    feeds = ({"name": "forum", "type": "jetstream", "source": "forum"},)
    client = serve(feeds=feeds).entered()
    [known, gone] = client.get("/api/v1/health").json()["platforms"]
    assert (known["state"], known["lag_seconds"], known["rate"]) == ("retrying", 3600, 1.5)
    assert (known["errors"], known["error"]) == (2, "host: refused")
    assert [one["reason"] for one in known["gaps"]] == ["was not connected"]
    assert (gone["name"], gone["configured"]) == ("gone", False)
    pipeline = client.get("/api/v1/overview").json()["pipeline"]
    assert [(one["name"], one["state"]) for one in pipeline["feeds"]] == [("forum", "retrying")]


def test_a_receiver_that_takes_nothing_for_an_hour_is_a_problem() -> None:
    receivers = {
        "fine": ReceiverState(last_success=NOW),
        "late": ReceiverState(failing_since=NOW - HOUR, last_failure="503"),
        "hiccup": ReceiverState(failing_since=NOW - HOUR + timedelta(seconds=1)),
        "off": ReceiverState(disabled_since=NOW - DAY, disabled_reason="410"),
    }
    assert [(one.name, one.is_off, one.reason) for one in failing(receivers, NOW)] == [
        ("off", True, "410"),
        ("late", False, "503"),
    ]


def test_a_post_is_marked_by_the_query_that_found_it(serve: Serve, write: Write) -> None:
    write(0.9, text="Acme again: the battery is on fire")
    brand = Brand(name="Acme", query='"battery fire"~3 -pie')
    client = serve(brands=(brand,)).entered()
    [post] = client.get("/api/v1/brands/Acme/posts").json()["posts"]
    marked = [post["text"][start:end] for start, end in post["highlights"]]
    assert marked == ["battery", "fire"]


def test_nothing_is_stored_yet(serve: Serve) -> None:
    client = serve().entered()
    rows = client.get("/api/v1/overview").json()["brands"]
    assert [(one["name"], one["state"], one["share"]) for one in rows] == [
        ("Acme", "learning", None),
        ("Northwind", "learning", None),
    ]
    for path in ("series", "posts", "selection"):
        assert client.get(f"/api/v1/brands/Acme/{path}").status_code == 200
    assert client.get("/api/v1/health").status_code == 200
