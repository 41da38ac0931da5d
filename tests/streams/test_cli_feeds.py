"""`groundswell feeds`, and the settings of a live run."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from infra.feeds.report import feed_report
from infra.feeds.state import FeedState, Stretch, write_state, write_stretches
from infra.settings import Settings
from infra.store import Store
from streams.cli import app
from streams.failures import UsageError
from streams.feed_report import lines_of
from streams.live import live_settings

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FEEDS: list[dict[str, Any]] = [
    {"name": "bluesky", "type": "jetstream"},
    {"name": "other", "type": "nope", "source": "nope"},
]


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def test_the_feeds_of_the_settings_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDSWELL_FEEDS", json.dumps(FEEDS))
    shown = CliRunner().invoke(app, ["feeds", "list"])
    assert shown.exit_code == 0
    first, second = shown.output.splitlines()
    assert first == "bluesky  jetstream  as bluesky  ready"
    assert "no feed of type 'nope' is installed" in second
    told = CliRunner().invoke(app, ["feeds", "list", "--json"])
    assert [json.loads(line)["name"] for line in told.output.splitlines()] == ["bluesky", "other"]


def test_how_each_feed_fares(store: Store) -> None:
    live = FeedState(
        feed="bluesky",
        source="bluesky",
        version=1,
        state="live",
        live_until=ago(seconds=3),
        tolerance=60,
        last_post=ago(seconds=4),
        posts=1_234,
        rate=42.5,
        errors=1,
        error="host: no connection",
        error_at=ago(hours=2),
        updated_at=NOW,
    )
    write_state(store, live)
    gone = {"feed": "gone", "state": "live", "live_until": ago(hours=5), "updated_at": ago(hours=5)}
    write_state(store, FeedState(source="forum", version=1, **gone))
    gap = Stretch(
        feed="bluesky",
        source="bluesky",
        kind="gap",
        since=ago(hours=3),
        until=ago(hours=2),
        reason="the cursor was too old",
    )
    write_stretches(store, [gap], NOW)
    settings = Settings(feeds=FEEDS)  # type: ignore[arg-type]
    report = feed_report(store, settings.feeds, NOW, over=timedelta(hours=24))
    assert [(one.name, one.state, one.configured) for one in report] == [
        ("bluesky", "live", True),
        ("other", "never", True),
        ("gone", "stale", False),
    ]
    assert report[0].lag_seconds == 3
    lines = list(lines_of(report, NOW))
    assert lines[0] == (
        "bluesky (bluesky)  live  last post 4 s ago, 3 s behind  42.50/s  "
        "1,234 posts, 0 unreadable, 1 errors"
    )
    assert lines[1] == "  last error 2 h ago: host: no connection"
    assert lines[2].startswith("  gap 2026-11-24 09:00:00 - 2026-11-24 10:00:00 UTC: the cursor")
    assert lines[3].startswith("other (nope)  never  last post never")


def test_live_by_brand_reads_bluesky_once() -> None:
    settings = live_settings(Settings(), brands=["Acme=acme inc,@acme"], bluesky=True)
    assert [(brand.name, brand.aliases) for brand in settings.brands] == [
        ("Acme", ("acme inc", "@acme"))
    ]
    assert [feed.name for feed in settings.feeds] == ["bluesky"]
    assert live_settings(settings, brands=[], bluesky=True) == settings
    with pytest.raises(UsageError):
        live_settings(Settings(), brands=["=x"], bluesky=False)
