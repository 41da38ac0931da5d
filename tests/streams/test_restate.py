"""What was told of buckets is told again when it changes, and opens nothing by that."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from infra.incidents import incidents
from infra.metrics import Meter
from infra.posts import write_batch
from infra.progress import Progress, report
from infra.reports import NOTE, Report, reports_of, write_reports
from infra.scorings import Begun, switch
from infra.series import memories
from infra.settings import Settings
from infra.store import Store
from processors.records import CleanPost, Label, ScoredPost, Sentiment
from processors.version import ERASED, version_of
from streams.restate import Restater
from streams.snapshot import take
from streams.stage import Place
from streams.watch import WatchStage

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BUCKET = 5 * MINUTE
HOUR = timedelta(hours=1)
Stored = Callable[..., None]


class Clock:
    """A wall clock and a monotonic one that move when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def stored(store: Store, clean_post: Callable[..., CleanPost]) -> Stored:
    """Stores posts `first` and on, `count` of them, `apart` each, now or `late` after now."""

    def write(
        first: int,
        count: int,
        at: datetime,
        label: Label = "neutral",
        *,
        apart: timedelta = timedelta(0),
        late: timedelta = timedelta(0),
        backfill: bool = False,
        brand: str = "Acme",
    ) -> None:
        chances = [0.9 if name == label else 0.05 for name in ("negative", "neutral", "positive")]
        feed = "later" if backfill else "f"
        batch = [
            ScoredPost(
                post=clean_post(
                    post_id=f"x:{n}",
                    feed=feed,
                    position=n,
                    cluster_id=n,
                    text=f"Text {n}",
                    key_text=f"text {n}",
                    brands=(brand,),
                    published_at=at + (n - first) * apart,
                    is_backfill=backfill,
                ),
                sentiment=Sentiment(label, *chances, "m1"),
                scored_at=at,
            )
            for n in range(first, first + count)
        ]
        write_batch(store, batch, datetime.now(UTC) + late)
        if backfill:
            store.command(
                "ALTER TABLE posts UPDATE is_backfill = 1 WHERE feed = 'later' "
                "SETTINGS mutations_sync = 2"
            )

    return write


def judge(store: Store, until: datetime) -> None:
    """What the watch stage does when the line's clock comes to `until`."""
    progress = Progress(feed="f", clock=until, sent=1, durable=1, state="running")
    report(store, progress, until)
    watcher = WatchStage(
        Place(Settings(), store, Meter("watch", CollectorRegistry())), lambda _: None
    )
    while watcher.judge_pass():
        pass


def look(store: Store, until: datetime, *, later: float = 1.0) -> int:
    """A look of a process that has just started, `later` seconds from now."""
    clock = Clock()
    clock.seconds = later
    return Restater(store, clock.now, clock=clock.monotonic).look(until)


def told(store: Store, brand: str = "Acme") -> list[tuple[int, int, int, int, str]]:
    """Minutes since NOON, number, volume, negative and reason of every report."""
    rows = store.query(
        "SELECT bucket, number, volume, negative, reason FROM bucket_reports FINAL "
        "WHERE brand = {brand:String} ORDER BY bucket, number",
        {"brand": brand},
    )
    return [(int((row[0] - NOON) / MINUTE), *row[1:]) for row in rows]


def changed_rows(store: Store, condition: str, **changed: Any) -> None:
    """Write rows again with other fields, as another stage would."""
    columns = [
        name
        for (name,) in store.query(
            "SELECT name FROM system.columns WHERE database = currentDatabase() "
            "AND table = 'posts' ORDER BY position"
        )
    ]
    found = store.query(f"SELECT * FROM posts FINAL WHERE {condition}")
    rows = [{**dict(zip(columns, row, strict=True)), **changed} for row in found]
    assert rows
    store.insert("posts", columns, [[row[name] for name in columns] for row in rows])


def later(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def test_what_is_judged_is_told_once(store: Store, stored: Stored) -> None:
    stored(0, 3, NOON)
    stored(3, 2, NOON + 11 * MINUTE, "negative")
    judge(store, NOON + 20 * MINUTE)
    first = [(0, 0, 3, 0, "judged"), (10, 0, 2, 2, "judged")]
    assert told(store) == first
    assert look(store, NOON + 20 * MINUTE) == 0
    # A watcher that died before it remembered judges again, with a post more.
    store.command("TRUNCATE TABLE watch_state SYNC")
    stored(5, 1, NOON, "negative")
    judge(store, NOON + 20 * MINUTE)
    assert told(store) == first
    assert look(store, NOON + 20 * MINUTE) == 1
    assert told(store)[1] == (0, 1, 4, 1, "late")


def test_reports_are_on_disk_before_the_judgement_counts(store: Store, stored: Stored) -> None:
    stored(0, 3, NOON)

    class Died(Exception):
        """Stands for a SIGKILL."""

    class Dies:
        query, command, close = store.query, store.command, store.close

        def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
            if table == "watch_state":
                raise Died
            store.insert(table, columns, rows)

    with pytest.raises(Died):
        judge(Dies(), NOON + 20 * MINUTE)
    assert told(store) == [(0, 0, 3, 0, "judged")]


def test_late_posts_are_told_in_their_bucket_and_open_nothing(store: Store, stored: Stored) -> None:
    stored(0, 600, NOON, apart=2 * MINUTE)  # 20 hours: enough to judge
    end = NOON + 20 * HOUR
    judge(store, end)
    stored(1000, 500, end - 10 * MINUTE, "negative", late=timedelta(seconds=1))
    judge(store, end + HOUR)
    assert incidents(store) == []
    assert look(store, end + HOUR, later=2) == 1
    assert [row for row in told(store) if row[1]] == [(1190, 1, 503, 500, "late")]
    assert look(store, end + HOUR, later=3) == 0


def test_posts_fetched_later_open_nothing_and_are_in_every_number_shown(
    store: Store, stored: Stored
) -> None:
    stored(0, 600, NOON, apart=2 * MINUTE)
    end = NOON + 20 * HOUR
    judge(store, end)
    # Into the bucket that is judged next, and into one that was.
    stored(1000, 500, end + MINUTE, "negative", backfill=True)
    stored(2000, 500, end - 10 * MINUTE, "negative", late=timedelta(seconds=1), backfill=True)
    judge(store, end + HOUR)
    assert incidents(store) == []
    assert (1200, 0, 500, 500, "judged") in told(store)
    assert look(store, end + HOUR, later=2) == 1
    assert [row for row in told(store) if row[1]] == [(1190, 1, 503, 500, "backfill")]
    [shown] = take(store, "f", {}).brands
    assert sum(shown.recent) == 1000
    assert shown.verdict is not None
    assert shown.verdict.hour_negative == 0


def test_the_same_posts_as_they_come_do_open_an_incident(store: Store, stored: Stored) -> None:
    stored(0, 600, NOON, apart=2 * MINUTE)
    end = NOON + 20 * HOUR
    judge(store, end)
    stored(1000, 500, end + MINUTE, "negative")
    judge(store, end + HOUR)
    assert len(incidents(store)) == 1


def test_empty_buckets_inside_an_incident_are_told_too(store: Store, stored: Stored) -> None:
    stored(0, 600, NOON, apart=2 * MINUTE)
    end = NOON + 20 * HOUR
    stored(1000, 500, end + MINUTE, "negative")
    judge(store, end + 30 * MINUTE)
    [incident] = incidents(store)
    assert incident.resolved_at is None
    assert [row for row in told(store) if row[0] >= 1200] == [
        (1200, 0, 500, 500, "judged"),
        *((1200 + minute, 0, 0, 0, "judged") for minute in range(5, 30, 5)),
    ]


def test_a_feed_that_lags_is_told_late(store: Store, stored: Stored) -> None:
    stored(0, 3, NOON)
    judge(store, NOON + HOUR)
    # Also into a bucket that was empty when it was judged, and of a brand nobody had heard of.
    stored(10, 2, NOON + 20 * MINUTE, "negative", late=timedelta(seconds=1))
    stored(20, 1, NOON + 30 * MINUTE, brand="Delta", late=timedelta(seconds=1))
    stored(30, 1, NOON + HOUR, late=timedelta(seconds=1))  # not judged yet
    assert look(store, NOON + HOUR, later=2) == 2
    assert told(store) == [(0, 0, 3, 0, "judged"), (20, 1, 2, 2, "late")]
    assert told(store, "Delta") == [(30, 1, 1, 0, "late")]


def test_a_post_from_before_anything_was_told_is_no_news(store: Store, stored: Stored) -> None:
    stored(0, 3, NOON)
    judge(store, NOON + HOUR)
    stored(10, 2, NOON - 700 * HOUR, late=timedelta(seconds=1))
    assert look(store, NOON + HOUR, later=2) == 0


def test_edited_erased_and_scored_again(store: Store, stored: Stored) -> None:
    for bucket in range(4):
        stored(10 * bucket, 3, NOON + bucket * BUCKET, "negative")
    judge(store, NOON + HOUR)
    until = NOON + HOUR
    version = version_of(edited_at=NOON, text="better")
    changed_rows(
        store, "post_id = 'x:0'", version=version, sentiment="positive", stored_at=later(1)
    )
    assert look(store, until, later=2) == 1
    erased = {"version": ERASED, "is_deleted": 1, "text": ""}
    changed_rows(store, "post_id IN ('x:1', 'x:10', 'x:11', 'x:12')", stored_at=later(3), **erased)
    stored(100, 1, NOON, late=timedelta(seconds=3))
    assert look(store, until, later=4) == 2
    changed_rows(store, "post_id > 'x:2'", next_scoring=1, next_sentiment="neutral", version=2)
    assert look(store, until, later=5) == 0
    switch(store, Begun(brand="Acme", number=1, model="m2"), later(6))
    assert look(store, until, later=7) == 2
    assert look(store, until, later=8) == 0
    assert told(store) == [
        (0, 0, 3, 3, "judged"),
        (0, 1, 3, 2, "edited"),
        (0, 2, 3, 1, "erased"),  # though a late post came too
        (5, 0, 3, 3, "judged"),
        (5, 1, 0, 0, "erased"),
        (10, 0, 3, 3, "judged"),
        (10, 1, 3, 0, "rescored"),
        (15, 0, 3, 3, "judged"),
        (15, 1, 3, 0, "rescored"),
    ]


def test_the_reason_is_what_happened_since_it_was_told(store: Store, stored: Stored) -> None:
    stored(0, 3, NOON, "negative")
    judge(store, NOON + HOUR)
    changed_rows(
        store, "post_id = 'x:0'", version=ERASED, is_deleted=1, text="", stored_at=later(1)
    )
    assert look(store, NOON + HOUR, later=2) == 1
    stored(10, 1, NOON, late=timedelta(seconds=3))
    assert look(store, NOON + HOUR, later=4) == 1
    assert [row[1:] for row in told(store)] == [
        (0, 3, 3, "judged"),
        (1, 2, 2, "erased"),
        (2, 3, 2, "late"),
    ]


def test_posts_past_their_time_are_no_news_to_a_scoring(store: Store, stored: Stored) -> None:
    stored(0, 3, NOON, "negative")
    judge(store, NOON + HOUR)
    store.command("TRUNCATE TABLE posts SYNC")
    switch(store, Begun(brand="Acme", number=1, model="m2"), later(1))
    assert look(store, NOON + HOUR, later=2) == 0


def test_killed_before_it_noted_how_far_it_had_come(store: Store, stored: Stored) -> None:
    stored(0, 3, NOON)
    judge(store, NOON + HOUR)
    stored(10, 2, NOON, late=timedelta(seconds=1))

    class Died(Exception):
        """Stands for a SIGKILL."""

    class Dies:
        query, command, close = store.query, store.command, store.close

        def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
            if table == "watch_state":
                raise Died
            store.insert(table, columns, rows)

    with pytest.raises(Died):
        look(Dies(), NOON + HOUR, later=2)
    assert look(store, NOON + HOUR, later=3) == 0
    assert [row[1] for row in told(store)] == [0, 1]


def test_a_watcher_that_was_away_finds_what_came_meanwhile(store: Store, stored: Stored) -> None:
    stored(0, 3, NOON)
    judge(store, NOON + HOUR)
    assert look(store, NOON + HOUR) == 0
    stored(10, 2, NOON, late=timedelta(days=3))
    assert look(store, NOON + HOUR, later=7 * 86_400) == 1


def test_a_clock_an_hour_behind_is_found_by_a_deep_look(store: Store, stored: Stored) -> None:
    stored(0, 3, NOON)
    judge(store, NOON + HOUR)
    clock = Clock()
    restater = Restater(store, clock.now, clock=clock.monotonic)
    assert restater.look(NOON + HOUR) == 0
    stored(10, 2, NOON, late=-HOUR)
    clock.seconds = 10
    assert restater.look(NOON + HOUR) == 0
    clock.seconds = 700
    assert restater.look(NOON + HOUR) == 1


def test_looks_are_apart(store: Store, stored: Stored) -> None:
    stored(0, 3, NOON)
    judge(store, NOON + HOUR)
    clock = Clock()
    restater = Restater(store, clock.now, clock=clock.monotonic)
    restater.refresh(NOON + HOUR)
    stored(10, 2, NOON, late=timedelta(seconds=1))
    clock.seconds = 4
    assert restater.refresh(NOON + HOUR) == 0
    clock.seconds = 6
    assert restater.refresh(NOON + HOUR) == 1


def test_its_note_is_no_brand(store: Store, stored: Stored) -> None:
    stored(0, 3, NOON)
    judge(store, NOON + HOUR)
    look(store, NOON + HOUR)
    assert store.query("SELECT count() FROM watch_state WHERE brand = {n:String}", {"n": NOTE}) == [
        (1,)
    ]
    assert memories(store).keys() == {"", "Acme"}
    assert [brand.name for brand in take(store, "f", {}).brands] == ["Acme"]


def test_many_hours_are_told_in_parts(store: Store, stored: Stored) -> None:
    stored(0, 1200, NOON, apart=HOUR)
    until = NOON + 1200 * HOUR
    judge(store, until)
    stored(5000, 1200, NOON, apart=HOUR, late=timedelta(seconds=1))
    assert look(store, until, later=2) == 1200
    assert look(store, until, later=3) == 0


def test_reports_of_a_brand_are_those_of_changed_buckets(store: Store) -> None:
    def made(minute: int, number: int, brand: str = "Acme") -> Report:
        return Report(
            brand=brand,
            bucket=NOON + minute * MINUTE,
            number=number,
            volume=number,
            negative=0,
            at=NOON,
            reason="late" if number else "judged",
        )

    kept = [made(0, 0), made(0, 1), made(10, 1), made(10, 2)]
    write_reports(store, [*kept, made(5, 0), made(0, 0, "Delta"), made(0, 1, "Delta")])
    assert reports_of(store, "Acme") == kept
    assert reports_of(store, "Acme", since=NOON + BUCKET) == kept[2:]
