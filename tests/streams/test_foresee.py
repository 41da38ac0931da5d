"""Forecasts of brands over a real database: made hourly, scored, kept over a restart and a kill."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from forecasting.accuracy import Standing
from forecasting.calendar import Calendar
from forecasting.foretell import Trust
from infra.forecasts import Kept, accuracy, keep
from infra.posts import write_batch
from infra.quality import write_quality
from infra.series import Memory
from infra.store import Param, Row, Store
from processors.records import ScoredPost, Sentiment
from streams.foresee import Foreseer
from tests.posts import clean_post

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
TABLES = ("forecasts", "forecast_memory", "forecast_scores")


@pytest.fixture(autouse=True)
def emptied(store: Store) -> Iterator[None]:
    yield
    for table in TABLES:
        store.command(f"TRUNCATE TABLE {table}")


def posts(hours: range, an_hour: int, brand: str = "Acme") -> Iterator[ScoredPost]:
    """More by day than by night, a quarter negative."""
    for hour in hours:
        chance = random.Random(hour)
        usual = an_hour if hour % 24 >= 8 else an_hour // 4
        for i in range(usual + chance.randrange(3)):
            at = START + hour * HOUR + timedelta(minutes=60 * chance.random())
            name = f"test:{brand}{hour}.{i}"
            post = clean_post(
                post_id=name,
                feed="test",
                position=hour * 1000 + i,
                source="test",
                author="a",
                followers=0,
                text=name,
                key_text=name,
                brands=(brand,),
                published_at=at,
                received_at=at,
                cluster_id=i,
            )
            label = "negative" if i % 4 == 0 else "neutral"
            yield ScoredPost(
                post=post, sentiment=Sentiment(label, 0.1, 0.8, 0.1, "m"), scored_at=at
            )


def write(store: Store, hours: range, an_hour: int = 20, brand: str = "Acme") -> None:
    write_batch(store, list(posts(hours, an_hour, brand)), START)


def foreseer(store: Store, **calendars: Calendar) -> Foreseer:
    return Foreseer(store, calendars, pause=0.0)


def at(hour: int) -> dict[str, Memory]:
    return {"": Memory("", START + hour * HOUR, "", "")}


def refresh(one: Foreseer, hour: int) -> None:
    """Until a refresh has nothing left: a slice may end before the last brand."""
    for _ in range(5):
        one.refresh(at(hour))


def rows(store: Store, table: str) -> list[Row]:
    return store.query(f"SELECT * FROM {table} FINAL ORDER BY ALL")


def test_every_series_is_told_at_both_steps(store: Store) -> None:
    write(store, range(30))
    refresh(foreseer(store), 30)
    found = store.query(
        "SELECT series, step, count(), min(bucket), any(model), min(length(quantiles)), "
        "min(lower), max(upper) FROM forecasts FINAL GROUP BY series, step ORDER BY series, step"
    )
    assert [row[:3] for row in found] == [
        (series, step, count)
        for series in ("negative", "negative_share", "volume")
        for step, count in (("5m", 288), ("60m", 336))
    ]
    for series, _, _, first, model, levels, lower, upper in found:
        assert first == START + 30 * HOUR
        assert model == ("share" if series == "negative_share" else "profile")
        assert levels == 9
        assert lower >= 0
        assert upper <= 1 or series != "negative_share"


def test_each_forecast_is_scored_when_the_truth_is_there(store: Store) -> None:
    write(store, range(32))
    one = foreseer(store)
    refresh(one, 30)
    assert accuracy(store, since=START) == []
    refresh(one, 31)
    refresh(one, 32)
    found = {(each.series, each.step, each.band): each for each in accuracy(store, since=START)}
    assert {band for _, _, band in found} == {1, 6}
    assert found["volume", "60m", 1].count == 2
    assert found["volume", "60m", 6].count == 1
    assert found["volume", "5m", 1].count == 24
    assert 0 < found["volume", "60m", 1].mase < 5
    assert 0 <= found["negative_share", "5m", 1].inside80 <= 1
    assert accuracy(store, since=START, brand="Other") == []


def test_told_again_is_told_once(store: Store) -> None:
    write(store, range(32))
    for hour in (30, 31, 32):
        refresh(foreseer(store), hour)  # each one new: what it knows it has from the database
    before = {table: rows(store, table) for table in TABLES}
    again = foreseer(store)
    refresh(again, 32)
    assert {table: rows(store, table) for table in TABLES} == before


class Counting:
    """A store that counts what is asked, and dies before the given insert."""

    def __init__(self, store: Store, inserts: int = 1_000_000) -> None:
        self._store = store
        self._left = inserts
        self.asked: list[Mapping[str, Param]] = []
        self.command, self.close = store.command, store.close

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        self.asked.append(params or {})
        return self._store.query(sql, params)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if self._left == 0:
            raise Died
        self._left -= 1
        self._store.insert(table, columns, rows)


class Died(Exception):
    """Stands for a SIGKILL."""


def test_killed_before_any_write_the_next_comes_to_the_same(store: Store) -> None:
    write(store, range(33))
    for hour in (30, 31):
        refresh(foreseer(store), hour)
    begun = {table: rows(store, table) for table in TABLES}
    refresh(foreseer(store), 32)
    whole = {table: rows(store, table) for table in TABLES}
    for inserts in range(3):
        for table in TABLES:
            store.command(f"TRUNCATE TABLE {table}")
            names = [row[0] for row in store.query(
                f"SELECT name FROM system.columns WHERE table = '{table}' "
                "AND database = currentDatabase() "
                "AND default_kind != 'MATERIALIZED' ORDER BY position"
            )]  # fmt: skip
            store.insert(table, names, begun[table])
        with pytest.raises(Died):
            refresh(foreseer(Counting(store, inserts)), 32)
        refresh(foreseer(store), 32)
        assert {table: rows(store, table) for table in TABLES} == whole


def test_a_restart_learns_nothing_anew(store: Store) -> None:
    write(store, range(60))
    refresh(foreseer(store), 58)
    counting = Counting(store)
    refresh(foreseer(counting), 59)
    # Learning reads the counts of its brand alone.
    assert not [asked for asked in counting.asked if asked.get("brand") and "until" in asked
                and asked["until"] - asked["since"] > 25 * 3_600_000]  # fmt: skip
    (memory,) = store.query("SELECT at FROM forecast_memory FINAL WHERE kind = 'fit'")
    assert memory == (START + 58 * HOUR,)
    assert store.query("SELECT max(made_at) FROM forecasts") == [(START + 59 * HOUR,)]


def test_a_brand_begins_with_its_first_whole_hour(store: Store) -> None:
    write(store, range(30))
    write(store, range(29, 30), brand="New")
    refresh(foreseer(store), 30)
    found = store.query(
        "SELECT model, quantiles[9] - quantiles[1] > mean FROM forecasts FINAL WHERE brand = 'New' "
        "AND series = 'volume' AND step = '60m' AND bucket = made_at"
    )
    assert found == [("cold", 1)]


def test_the_naive_is_told_where_the_model_was_worse_and_the_row_says_so(store: Store) -> None:
    write(store, range(60))
    refresh(foreseer(store), 58)
    bad = {"volume": Trust(standing=Standing(own=50.0, naive=10.0, hours=60.0, replaced=True))}
    body = msgspec.json.encode(bad).decode()
    keep(store, [Kept("Acme", "trust", START + 58 * HOUR, body)])
    refresh(foreseer(store), 59)
    found = store.query(
        "SELECT DISTINCT series, model, quantiles[5] = naive FROM forecasts FINAL "
        "WHERE made_at = (SELECT max(made_at) FROM forecasts) ORDER BY series"
    )
    assert ("volume", "seasonal_naive (profile was worse)", 1) in found
    assert {model for series, model, _ in found if series == "negative"} == {"profile"}


def test_slices_end_and_go_on(store: Store) -> None:
    for brand in ("A", "B", "C"):
        write(store, range(3), brand=brand)
    ticks = iter(range(1000))
    one = Foreseer(store, {}, pause=0.0, timer=lambda: float(next(ticks)))
    seen = []
    for _ in range(3):
        one.refresh(at(3))
        seen.append(store.query("SELECT uniqExact(brand) FROM forecasts")[0][0])
    assert seen == [1, 2, 3]


def test_the_days_of_a_brand_are_those_of_its_time_zone(store: Store) -> None:
    write(store, range(48))
    for zone in ("UTC", "Asia/Kathmandu"):
        store.command("TRUNCATE TABLE forecasts")
        store.command("TRUNCATE TABLE forecast_memory")
        refresh(foreseer(store, Acme=Calendar(timezone=zone)), 48)
        night, day = (
            store.query(
                "SELECT mean FROM forecasts FINAL WHERE series = 'volume' AND step = '60m' AND "
                f"bucket = toDateTime('2026-03-04 {hour}:00:00', 'UTC')"
            )[0][0]
            for hour in ("03", "15")
        )
        assert night < day / 2


def test_without_a_watcher_or_posts_nothing_is_told(store: Store) -> None:
    one = foreseer(store)
    one.refresh({})
    one.refresh(at(5))
    assert rows(store, "forecasts") == []


def test_one_that_stood_by_goes_on_from_what_another_remembered(store: Store) -> None:
    write(store, range(70))
    first, second = foreseer(store), foreseer(store)
    refresh(first, 26)
    for hour in range(27, 60):
        refresh(second, hour)
    first.forget()
    refresh(first, 60)
    told = {table: rows(store, table) for table in TABLES}
    refresh(second, 60)
    assert {table: rows(store, table) for table in TABLES} == told


SWITCH = 200


def requeried(store: Store, *, is_marked: bool) -> Foreseer:
    """Eight days of one query, then twelve hours of one that finds ten times as much."""
    write(store, range(SWITCH))
    one = foreseer(store)
    refresh(one, SWITCH - 1)
    refresh(one, SWITCH)
    write(store, range(SWITCH, SWITCH + 12), 200)
    if is_marked:
        bucket = START + SWITCH * HOUR + timedelta(minutes=20)
        write_quality(store, {"Acme": {bucket: "changed"}}, bucket)
    return one


def expected(store: Store, hour: int) -> float:
    """Posts in an hour, as it was told last before that began."""
    [(mean,)] = store.query(
        "SELECT argMax(mean, made_at) FROM forecasts FINAL WHERE series = 'volume' "
        f"AND step = '60m' AND toUnixTimestamp(bucket) = {(START + hour * HOUR).timestamp():.0f}"
    )
    return float(mean)


def test_a_changed_query_is_a_new_brand_from_the_next_hour_on(store: Store) -> None:
    one = requeried(store, is_marked=True)
    for hour in range(SWITCH + 1, SWITCH + 13):
        refresh(one, hour)
    # By day 200 an hour, by night 50: the old query found 20 and 5.
    assert 50 <= expected(store, SWITCH + 12) <= 400
    # Nothing that was told of the old query's posts is held to the new one's.
    counts = {
        each.band: each.count
        for each in accuracy(store, since=START + SWITCH * HOUR)
        if (each.series, each.step) == ("volume", "60m")
    }
    assert counts == {1: 11, 6: 10, 24: 5}
    # Nor is it after a restart.
    again = foreseer(store)
    refresh(again, SWITCH + 13)
    assert 50 <= expected(store, SWITCH + 13) <= 400


def test_without_the_mark_the_old_querys_past_would_weigh_on_it(store: Store) -> None:
    one = requeried(store, is_marked=False)
    for hour in range(SWITCH + 1, SWITCH + 13):
        refresh(one, hour)
    bands = {each.band for each in accuracy(store, since=START + SWITCH * HOUR)}
    assert 336 in bands or 72 in bands or 24 in bands
    assert expected(store, SWITCH + 36) < 100


def test_a_brand_whose_query_has_just_changed_is_told_with_wide_intervals(store: Store) -> None:
    one = requeried(store, is_marked=True)
    refresh(one, SWITCH + 1)
    [(lower, upper, model)] = store.query(
        "SELECT lower, upper, model FROM forecasts FINAL WHERE series = 'volume' "
        f"AND step = '60m' AND made_at = bucket AND toUnixTimestamp(bucket) = "
        f"{(START + (SWITCH + 1) * HOUR).timestamp():.0f}"
    )
    assert model == "cold"
    assert 0 <= lower <= upper
