"""What a replay is told to do, and what it keeps from the installation it runs in."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.settings import Settings
from processors.simulate_plan import demo_plan
from streams.demo import demo_settings, last_wednesday
from streams.failures import UsageError
from streams.replay import ReplayOptions, feed_name, replay_settings, where_letters_are
from streams.sources import FileFeed, arrivals_of, file_of

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"


def options(**changed: object) -> ReplayOptions:
    given: dict[str, object] = {
        "file": Path("posts.csv"),
        "mapping": (),
        "speed": "max",
        "brands": (),
        "summary": None,
        "data": None,
    }
    return ReplayOptions(**given | changed)  # type: ignore[arg-type]


def feed(path: Path) -> FileFeed:
    return FileFeed(name=feed_name(path, {}), path=str(path), mapping={})


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a running installation."""
    for name, value in {
        "KAFKA": "kafka.example.com:9092",
        "CLICKHOUSE": "clickhouse://user:password@clickhouse.example.com:9000/groundswell",
        "CLOCK": "wall",
        "PARTITIONS": "24",
        "FEEDS": '[{"name": "bluesky", "type": "jetstream"}]',
        "PUSH": f'{{"port": 8088, "tokens": [{{"source": "forum", "token": "{SECRET}"}}]}}',
        "RECEIVERS": f'[{{"name": "pr", "url": "https://example.com/h", "secret": "{SECRET}"}}]',
    }.items():
        monkeypatch.setenv(f"GROUNDSWELL_{name}", value)


@pytest.mark.usefixtures("production")
def test_the_demo_reaches_no_real_server(tmp_path: Path) -> None:
    plan = demo_plan(last_wednesday(NEW_YEAR))
    made = demo_settings(
        plan, tmp_path, speed=120, seed=7, url="http://127.0.0.1:9/", secret=SECRET
    )
    assert not made.kafka
    assert not made.clickhouse
    assert made.clock == "line"
    assert [receiver.name for receiver in made.receivers] == ["demo"]
    assert made.simulated
    assert (made.feeds, made.push) == ((), None)


@pytest.mark.usefixtures("production")
def test_what_happened_long_ago_rings_nobody_unless_asked_to(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("text,time\nhello,2025-01-01T00:00:00Z\n")
    quiet = replay_settings(options(), feed(path), tmp_path)
    assert quiet.receivers == ()
    assert quiet.clock == "line"
    assert (quiet.feeds, quiet.push) == ((), None)
    asked = replay_settings(options(deliver=True), feed(path), tmp_path)
    assert asked.receivers == Settings().receivers


def test_brands_of_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.touch()
    made = replay_settings(options(brands=("Acme=acme air, acmeair",)), feed(path), tmp_path)
    assert [(brand.name, brand.aliases) for brand in made.brands] == [
        ("Acme", ("acme air", "acmeair"))
    ]
    with pytest.raises(UsageError, match="NAME"):
        replay_settings(options(brands=("=x",)), feed(path), tmp_path)


def test_another_content_or_another_reading_is_another_feed(tmp_path: Path) -> None:
    one, two = tmp_path / "1" / "posts.csv", tmp_path / "2" / "posts.csv"
    for path, text in ((one, "first"), (two, "second")):
        path.parent.mkdir()
        path.write_text(text)
    names = {feed_name(one, {}), feed_name(two, {}), feed_name(one, {"text": "body"})}
    assert len(names) == 3
    assert all(name.startswith("file:posts.csv@") for name in names)
    assert feed_name(one, {"a": "1", "b": "2"}) == feed_name(one, {"b": "2", "a": "1"})


def test_the_name_of_a_file_writes_nothing_on_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "po\x1b[2J\nsts.csv"
    path.write_text("id")
    assert feed_name(path, {}).startswith("file:po_[2J_sts.csv@")


def test_rows_keep_their_places_whenever_the_file_is_read(tmp_path: Path) -> None:
    # One row claims a time after the file was last changed: it must not move with the wall clock.
    path = tmp_path / "posts.csv"
    path.write_text(
        "text,time\na,2025-01-01T00:00:00Z\nlater,2026-01-01T00:00:30Z\nb,2025-01-01T00:01:00Z\n"
    )
    os.utime(path, (NEW_YEAR.timestamp(), NEW_YEAR.timestamp()))
    assert file_of(feed(path)).now == NEW_YEAR
    texts = [getattr(arrival.item, "text", "") for arrival in arrivals_of(feed(path))]
    assert texts == ["a", "later", "b"]
    assert [arrival.position for arrival in arrivals_of(feed(path))] == [0, 1, 2]


def test_how_to_see_dead_letters_can_be_pasted() -> None:
    assert "`GROUNDSWELL_DATA='my $(data)' groundswell dlq list`" in where_letters_are(
        Path("my $(data)")
    )
    assert where_letters_are(None).startswith("with --data FOLDER, ")
