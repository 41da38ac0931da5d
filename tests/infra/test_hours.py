"""Counted hours: what is shown is what counts, whatever happened to posts and whoever counted."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.brands import Brand
from infra.erasures import erase
from infra.hours import BUCKET, HOUR, HourCounter, shown
from infra.posts import write_batch
from infra.purge import purge
from infra.retention import apply_retention
from infra.scorings import Begun, Waiting, switch, waiting_posts, write_scores
from infra.store import Param, Row, Store, StoreError
from infra.store_chdb import ChdbStore
from processors.records import CleanPost, Erasure, ScoredPost, Sentiment
from tests.conftest import emptied
from tests.hour_looks import counted_looks, shown_looks
from tests.posts import clean_post
from tests.waiting import wait_until

BRANDS = ("Acme", "It's, \\Bolt")
# Two of the hours are in one month, the third is in another.
HOURS = [datetime(2026, 4, 1, tzinfo=UTC) + number * HOUR for number in (-2, -1, 0)]
SINCE, UNTIL = HOURS[0], HOURS[-1] + HOUR
NOW = datetime(2026, 4, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LABELS = ("negative", "neutral", "positive")
Act = Callable[[Store], object]
Shown = dict[str, dict[datetime, tuple[int, int]]]
MakePost = Callable[..., CleanPost]
FEW = settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Killed(Exception):
    """The process is gone."""


class Watched:
    """A store that does something before one of its calls, counted from 0."""

    def __init__(self, store: Store, at: int, do: Callable[[], object]) -> None:
        self._store = store
        self._left = at
        self._do = do

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self._look()
        self._store.insert(table, columns, rows)

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        self._look()
        return self._store.query(sql, params)

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        self._look()
        self._store.command(sql, params)

    def close(self) -> None:
        raise AssertionError("not ours to close")

    def _look(self) -> None:
        self._left -= 1
        if self._left == -1:
            self._do()


def killed() -> None:
    raise Killed


def truth(store: Store, step: str, since: datetime = SINCE, until: datetime = UNTIL) -> Shown:
    found: Shown = {}
    for brand, start, volume, negative in store.query(
        f"SELECT toString(brand), {step}(published_at) AS at, count(), "
        "countIf(sentiment = 'negative') FROM counted_posts "
        f"WHERE published_at >= toDateTime64('{since:%F %T}', 3, 'UTC') "
        f"AND published_at < toDateTime64('{until:%F %T}', 3, 'UTC') GROUP BY 1, 2"
    ):
        found.setdefault(brand, {})[start] = volume, negative
    return found


def check(store: Store, step: timedelta = BUCKET) -> None:
    """What is shown of a span that ends in the middle of hours is what counts."""
    names = {HOUR: "toStartOfHour", BUCKET: "toStartOfFiveMinutes"}
    inner = {"since": SINCE + timedelta(minutes=17), "until": UNTIL - timedelta(minutes=17)}
    before = truth(store, names[step], **inner)
    found = shown(store, **inner, step=step)
    # Rows past their time go when the database likes: then what counts may have changed meanwhile.
    if found != before:
        assert found == truth(store, names[step], **inner)

    for since, until, turn in (SINCE, UNTIL, SINCE), (*inner.values(), SINCE + 80 * MINUTE):
        check_looks(store, since=since, until=until, turn=turn)


def check_looks(store: Store, **span: datetime) -> None:
    """What dashboards are shown is what counts."""
    told = counted_looks(store, **span)
    asked = shown_looks(store, **span, step=3600)
    if asked != told:
        assert asked == counted_looks(store, **span)


def whole(counter: HourCounter) -> None:
    while counter.step():
        pass


def counted(store: Store) -> Store:
    """Six posts in three hours of two brands, all counted."""
    write_batch(store, [post(n, n % 3, BRANDS, "negative", 0) for n in range(6)], NOW)
    whole(HourCounter(store))
    return store


def forge(store: Store) -> None:
    """Make counted hours tell from posts: each hour of a brand has 1,000 posts more."""
    store.command(
        "INSERT INTO hour_counts SELECT * REPLACE "
        "(arrayMap(n -> n + 1000, volumes) AS volumes, "
        "arrayMap(n -> n + 1000, posts_of) AS posts_of) FROM hour_counts FINAL"
    )


def forged(store: Store, step: timedelta = HOUR) -> set[tuple[str, datetime]]:
    """Brands and hours that are read from counted hours, once those are forged."""
    found = shown(store, since=SINCE, until=UNTIL, step=step)
    return {
        (brand, start)
        for brand, starts in found.items()
        for start, (volume, _) in starts.items()
        if volume >= 1000
    }


def post(number: int, hour: int, brands: Sequence[str], label: str, edited: int) -> ScoredPost:
    at = HOURS[hour] + timedelta(minutes=19 * number % 60)
    return ScoredPost(
        post=clean_post(
            post_id=f"x:{number}",
            position=100 * edited + number,
            author=f"ann{number % 2}",
            text=f"{number} {edited} {label}",
            key_text=f"{number} {edited} {label}",
            brands=tuple(brands),
            published_at=at,
            received_at=at,
            cluster_id=number,
            edited_at=NOW + timedelta(minutes=edited) if edited else None,
        ),
        sentiment=Sentiment(label, 0.8, 0.1, 0.1, "m1"),  # type: ignore[arg-type]
        scored_at=NOW,
    )


def written(batch: Sequence[ScoredPost]) -> Act:
    return lambda store: write_batch(store, batch, NOW)


def erased(scope: Any, name: str) -> Act:
    each = Erasure(feed="hand", position=0, scope=scope, id=name, at=NOW)
    return lambda store: erase(store, [each], NOW, "ann")


def rescored(brand: str, number: int, label: str, some: int) -> Act:
    def score(store: Store) -> None:
        waiting = Waiting(brand=brand, number=number, before=number - 1, current={})
        found = waiting_posts(store, waiting, since=SINCE, until=UNTIL, after=None, limit=some)
        says = Sentiment(label, 0.8, 0.1, 0.1, "m2")  # type: ignore[arg-type]
        write_scores(store, waiting, found, [says] * len(found))

    return score


def switched(brand: str, number: int) -> Act:
    return lambda store: switch(store, Begun(brand=brand, number=number, model="m2"), NOW)


def kept(brand: str, days: int) -> Act:
    return lambda store: apply_retention(store, [Brand(name=brand, retention_days=days)])


def past_its_time(number: int, ago: int, version: int) -> Act:
    """Rows of a post again, stored so many hours before what is kept is past its time."""

    def write(store: Store) -> None:
        store.command(
            "INSERT INTO posts SELECT * REPLACE "
            f"(now() - toIntervalDay(kept_days) - {ago} * 3600 AS kept_since, "
            f"version + {version} AS version) "
            f"FROM posts WHERE post_id = 'x:{number}' AND is_deleted = 0 LIMIT 1 BY brand"
        )

    return write


def merged(table: str) -> Act:
    return lambda store: store.command(f"OPTIMIZE TABLE {table} FINAL")


EVERY = {(brand, hour) for brand in BRANDS for hour in HOURS}


def test_before_anybody_has_counted_all_is_read_from_posts(store: Store) -> None:
    check(store)
    write_batch(store, [post(n, n % 3, BRANDS, "negative", 0) for n in range(6)], NOW)
    check(store)
    assert sum(map(len, shown(store, since=SINCE, until=UNTIL).values())) == 6


def test_what_was_counted_is_not_read_from_posts_again(store: Store) -> None:
    check(counted(store))
    forge(store)
    assert forged(store) == EVERY
    assert len(forged(store, BUCKET)) == 12 * len(EVERY)


def test_of_an_hour_that_is_not_asked_for_whole_posts_are_read(store: Store) -> None:
    forge(counted(store))
    inner = {"since": SINCE + timedelta(minutes=1), "until": UNTIL - timedelta(minutes=1)}
    found = shown(store, **inner)
    assert {start for starts in found.values() for start in starts if starts[start][0] >= 1000} == {
        HOURS[1]
    }
    within = {"since": SINCE + timedelta(minutes=1), "until": SINCE + timedelta(minutes=50)}
    assert shown(store, **within) == truth(store, "toStartOfHour", **within)


def looks_forged(store: Store, *, step: int = 3600, **span: datetime) -> set[tuple[str, datetime]]:
    """Brands and hours of which dashboards are told by counted hours, once those are forged."""
    at = {"since": SINCE, "until": UNTIL, "turn": SINCE} | span
    looks = shown_looks(store, **at, step=step)
    return {(brand, hour) for brand, hour, _, *others in looks if others[3] >= 1000}


def test_dashboards_read_hours_that_they_ask_for_whole(store: Store) -> None:
    forge(counted(store))
    assert looks_forged(store) == EVERY
    assert looks_forged(store, step=7200) == EVERY
    for step in 300, 5400:
        span = {"since": SINCE, "until": UNTIL, "turn": SINCE}
        assert shown_looks(store, **span, step=step) == counted_looks(store, **span)
    assert {hour for _, hour in looks_forged(store, since=SINCE + MINUTE)} == set(HOURS[1:])
    assert {hour for _, hour in looks_forged(store, until=UNTIL - MINUTE)} == set(HOURS[:2])
    turned = looks_forged(store, turn=SINCE + 61 * MINUTE)
    assert {hour for _, hour in turned} == {HOURS[0], HOURS[2]}
    within = looks_forged(store, since=SINCE + MINUTE, until=SINCE + 2 * MINUTE)
    assert within == set()


def test_dashboards_read_posts_where_many_hours_do_not_hold(store: Store) -> None:
    forge(counted(store))
    store.command(
        "INSERT INTO hour_counts (brand, hour, block) "
        "SELECT 'another', toDateTime('2026-01-01', 'UTC') + 3600 * number, 1 FROM numbers(5001)"
    )
    assert looks_forged(store) == set()
    assert forged(store) == EVERY
    wide = {"since": datetime(2026, 1, 1, tzinfo=UTC), "until": UNTIL}
    assert shown(store, **wide) == truth(store, "toStartOfHour", **wide)
    whole(HourCounter(store, clock=lambda: 0.0))
    assert forged(store) == looks_forged(store) == EVERY


def test_a_step_is_full_after_some_hours_of_brands(store: Store) -> None:
    write_batch(store, [post(n, n % 3, BRANDS, "neutral", 0) for n in range(6)], NOW)
    counter = HourCounter(store, places=len(BRANDS))
    assert [counter.step() for _ in HOURS] == [True, True, False]
    forge(store)
    assert forged(store) == EVERY


def test_dashboards_believe_no_hour_where_parts_of_a_query_may_see_different_rows(
    store: Store, embedded: ChdbStore
) -> None:
    forge(counted(store))
    embedded.query("SET enable_shared_storage_snapshot_in_query = 0")
    try:
        assert looks_forged(store) == set()
    finally:
        embedded.query("SET enable_shared_storage_snapshot_in_query = 1")


@pytest.mark.parametrize(
    ("change", "gone"),
    [
        (lambda store: write_batch(store, [post(9, 1, BRANDS, "neutral", 0)], NOW), HOURS[1:2]),
        (lambda store: write_batch(store, [post(1, 1, BRANDS, "neutral", 1)], NOW), HOURS[1:2]),
        (lambda store: write_batch(store, [post(1, 1, BRANDS, "negative", 0)], NOW), HOURS[1:2]),
        (erased("post", "x:1"), HOURS[1:2]),
        (erased("author", "x:ann1"), HOURS),  # posts 1, 3 and 5
        (past_its_time(1, -3, 1), HOURS[1:2]),
    ],
    ids=["new", "edited", "again", "erased", "author", "aged"],
)
def test_an_hour_that_was_written_to_is_read_from_posts_until_it_is_counted(
    store: Store, change: Act, gone: list[datetime]
) -> None:
    forge(counted(store))
    change(store)
    assert forged(store) == looks_forged(store) == {p for p in EVERY if p[1] not in gone}
    store.command("OPTIMIZE TABLE posts FINAL")  # numbers of inserts outlive files
    assert forged(store) == {place for place in EVERY if place[1] not in gone}
    whole(HourCounter(store))
    assert forged(store) == {place for place in EVERY if place[1] not in gone}
    store.command("TRUNCATE TABLE hour_counts SYNC")
    store.command("TRUNCATE TABLE hour_marks SYNC")
    whole(HourCounter(store))
    check(store)
    forge(store)
    assert forged(store) == {
        place
        for place in EVERY
        if place[0] in truth(store, "toStartOfHour")
        and place[1] in truth(store, "toStartOfHour")[place[0]]
    }


def test_a_brand_that_is_switched_is_read_from_posts_at_once(store: Store) -> None:
    counted(store)
    rescored(BRANDS[1], 1, "positive", 9)(store)
    whole(HourCounter(store))
    check(store)
    forge(store)
    switched(BRANDS[1], 1)(store)
    assert (
        forged(store) == looks_forged(store) == {place for place in EVERY if place[0] == BRANDS[0]}
    )
    store.command(
        "ALTER TABLE hour_counts UPDATE volumes = arrayMap(n -> 0, volumes) WHERE 1 "
        "SETTINGS mutations_sync = 2"
    )
    whole(HourCounter(store))
    assert shown(store, since=SINCE, until=UNTIL)[BRANDS[1]] == dict.fromkeys(HOURS, (2, 0))


def test_files_that_were_rewritten_are_counted_anew(store: Store) -> None:
    forge(counted(store))
    kept(BRANDS[0], 30)(store)
    assert forged(store) == looks_forged(store) == set()
    whole(HourCounter(store))
    check(store)
    forge(store)
    assert forged(store) == looks_forged(store) == EVERY


def test_while_files_are_rewritten_no_count_is_believed_and_none_is_made(
    store: Store, embedded: ChdbStore
) -> None:
    forge(counted(store))
    embedded.command("SYSTEM STOP MERGES posts")  # and changes
    try:
        embedded.command(
            "ALTER TABLE posts UPDATE kept_days = 30 WHERE 1 SETTINGS mutations_sync = 0"
        )
        assert forged(store) == looks_forged(store) == set()
        whole(HourCounter(store))
        check(store)
    finally:
        embedded.command("SYSTEM START MERGES posts")
    kept(BRANDS[0], 31)(store)  # waits for both
    check(store)


@pytest.mark.parametrize("version", [0, 1])
def test_no_count_holds_that_time_alone_makes_wrong(store: Store, version: int) -> None:
    counted(store)
    past_its_time(1, -1, version)(store)  # in an hour it is past its time
    erased("post", "x:3")(store)  # in the first hour
    store.command(
        "INSERT INTO posts SELECT * REPLACE "
        "(now() - toIntervalDay(kept_days) + 3600 AS kept_since) FROM posts WHERE is_deleted"
    )
    whole(HourCounter(store))
    check(store)
    forge(store)
    assert (
        forged(store) == looks_forged(store) == {place for place in EVERY if place[1] == HOURS[2]}
    )
    store.command(
        "ALTER TABLE hour_counts UPDATE expires_at = now() - 1 WHERE 1 SETTINGS mutations_sync = 2"
    )
    assert forged(store) == looks_forged(store) == set()


def test_a_mark_that_is_old_is_not_believed(store: Store) -> None:
    forge(counted(store))
    store.command(
        "ALTER TABLE hour_marks UPDATE at = now() - INTERVAL 13 HOUR WHERE 1 "
        "SETTINGS mutations_sync = 2"
    )
    assert forged(store) == looks_forged(store) == set()


def test_files_without_rows_stay_so_that_no_insert_gets_a_number_twice(store: Store) -> None:
    newest = "SELECT max(max_block_number) FROM system.parts WHERE table = 'posts' AND active"
    counted(store)
    past_its_time(1, 1, 1)(store)
    before = store.query(newest)
    store.command("OPTIMIZE TABLE posts FINAL")
    store.command("ALTER TABLE posts DROP PARTITION ID '190001'")  # sweeps, as a purge does
    assert store.query(newest) == before
    check(store)


def test_killed_before_any_statement_all_is_right_and_the_next_goes_on(store: Store) -> None:
    counted(store)
    for at in range(15):  # more than a round of two hours has
        batch = [post(10 + at, 1, BRANDS, "neutral", 0), post(30 + at, 2, BRANDS[:1], "neutral", 0)]
        write_batch(store, batch, NOW)
        with suppress(Killed):
            whole(HourCounter(Watched(store, at, killed), at_once=1))
        check(store)
    whole(HourCounter(store))
    check(store)
    forge(store)
    assert forged(store) == EVERY


CHANGES: dict[str, Callable[[int], Act]] = {
    "new": lambda at: written([post(20 + at, 1, BRANDS, "neutral", 0)]),
    "edited": lambda at: written([post(1 + at % 2, 1 + at % 2, BRANDS[: at % 2], "neutral", at)]),
    "erased": lambda at: erased("post", f"x:{40 + at}"),
    "switched": lambda at: switched(BRANDS[0], 1 + at),
    "kept": lambda at: kept(BRANDS[0], 20 + at),
    "aged": lambda at: past_its_time(40 + at, 1, 1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_happens_between_two_statements_of_a_count_is_not_missed(
    store: Store, change: str
) -> None:
    write_batch(store, [post(40 + n, n % 3, BRANDS, "negative", 0) for n in range(9)], NOW)
    whole(HourCounter(store))
    for at in range(10):  # more than a round of an hour has
        if change == "switched":
            rescored(BRANDS[0], 1 + at, LABELS[at % 2], 9)(store)
            whole(HourCounter(store))
        else:
            write_batch(store, [post(60 + at, 1, BRANDS, "neutral", 0)], NOW)
        act = CHANGES[change](at)
        whole(HourCounter(Watched(store, at, lambda act=act: act(store)), at_once=1))  # type: ignore[misc]
        check(store)
    whole(HourCounter(store))
    check(store, HOUR)


def test_a_month_that_was_written_to_since_it_was_counted_is_read_in_time(store: Store) -> None:
    counted(store)
    store.command(  # names so long that all places together are more than a megabyte
        "INSERT INTO posts (brand, published_at, post_id, version, sentiment) SELECT "
        "concat(repeat('x', 60), toString(number % 40)), toDateTime64('2026-03-02', 3, 'UTC') "
        "+ 3600 * (intDiv(number, 40) % 720), concat('y:', toString(number)), 1, 'negative' "
        "FROM numbers(40 * 720 * 20)"
    )
    month = {"since": datetime(2026, 3, 2, tzinfo=UTC), "until": UNTIL}
    assert shown(store, **month) == truth(store, "toStartOfHour", **month)


@pytest.mark.parametrize("at", range(2))
def test_nothing_is_counted_by_eras_that_were_read_while_files_were_rewritten(
    store: Store, at: int
) -> None:
    write_batch(store, [post(n, n % 3, BRANDS, "negative", 0) for n in range(6)], NOW)

    def rewrite() -> None:  # begun, and done once merges are let go
        store.command(
            "ALTER TABLE groundswell.posts UPDATE kept_days = 9 WHERE 1 SETTINGS mutations_sync = 0"
        )

    whole(HourCounter(Watched(store, at, rewrite)))
    assert store.query("SELECT count() FROM hour_counts") == [(0,)]
    store.command("OPTIMIZE TABLE posts FINAL")
    pending = "SELECT 1 FROM system.mutations WHERE table = 'posts' AND NOT is_done"
    wait_until(lambda: not store.query(pending))
    whole(HourCounter(store))
    check(store)


@pytest.mark.parametrize("is_settled", [True, False])
@pytest.mark.parametrize("change", CHANGES)
def test_what_happens_between_two_statements_of_a_reader_is_shown_whole_or_not_at_all(
    store: Store, change: str, is_settled: bool
) -> None:
    write_batch(store, [post(40 + n, n % 3, BRANDS, "negative", 0) for n in range(9)], NOW)
    for at in range(7):  # more than a reader has
        if change == "switched":
            rescored(BRANDS[0], 1 + at, LABELS[at % 2], 99)(store)
        if change == "kept":
            for number in range(100 + 3 * at, 103 + 3 * at):
                written([post(number, number % 3, BRANDS, "negative", 0)])(store)
                past_its_time(number, -48, 1)(store)
        whole(HourCounter(store))
        if not is_settled:  # of this hour posts are read, of the others not
            written([post(60 + at, 1, BRANDS, "negative", 0)])(store)
        before = truth(store, "toStartOfHour")
        act = kept(BRANDS[0], 390 - at) if change == "kept" else CHANGES[change](at)
        raced = Watched(store, at, lambda act=act: act(store))  # type: ignore[misc]
        found = shown(raced, since=SINCE, until=UNTIL)
        assert found in (before, truth(store, "toStartOfHour"))


@pytest.mark.parametrize("at", range(4))
def test_a_reader_is_not_misled_by_a_count_that_ends_while_it_reads(store: Store, at: int) -> None:
    written([post(n, n % 2, BRANDS, "negative", 0) for n in range(4)])(store)
    late = HourCounter(store, at_once=1)
    assert late.step()  # the first of two hours
    whole(HourCounter(store))

    def more() -> None:
        written([post(10, 0, BRANDS, "negative", 0), post(11, 1, BRANDS, "negative", 0)])(store)
        late.step()  # the other, which knows of one of these by now

    before = truth(store, "toStartOfHour")
    found = shown(Watched(store, at, more), since=SINCE, until=UNTIL)
    assert found in (before, truth(store, "toStartOfHour"))


def test_a_sleeper_that_counted_long_ago_makes_nothing_wrong(store: Store) -> None:
    counted(store)
    numbers = iter(range(10, 100))

    def one_more() -> None:
        write_batch(store, [post(next(numbers), 1, BRANDS, "negative", 0)], NOW)

    def others() -> None:
        for _ in range(2):
            one_more()
            whole(HourCounter(store))

    for at in range(9):
        one_more()
        whole(HourCounter(Watched(store, at, others), at_once=1))
        check(store)
        whole(HourCounter(store))
        check(store)


def test_readers_writers_and_counters_at_once(store: Store) -> None:
    begun = ended = 0
    stop = threading.Event()
    wrong: list[object] = []

    def write() -> None:
        nonlocal begun, ended
        for number in range(8):
            begun += 2
            both = [post(2 * number + n, number % 3, BRANDS[:1], "neutral", 0) for n in (0, 1)]
            write_batch(store, both, NOW)
            ended += 2
        stop.set()

    def keep(work: Callable[[], object]) -> None:
        try:
            while not stop.is_set():
                work()
        except StoreError as error:  # told by the test
            wrong.append(error)

    def read() -> None:
        least = ended
        hours = shown(store, since=SINCE, until=UNTIL).get(BRANDS[0], {})
        volume = sum(volume for volume, _ in hours.values())
        if not least <= volume <= begun:
            wrong.append((least, volume, begun))

    works = [HourCounter(store, at_once=1).step, HourCounter(store).step, read]
    threads = [threading.Thread(target=keep, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        write()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    check(store)


numbers = st.integers(0, 7)
labels = st.sampled_from(LABELS)
brands = st.sampled_from(BRANDS)
posts = st.builds(
    post,
    numbers,
    st.integers(0, 2),
    st.lists(brands, min_size=1, max_size=2, unique=True),
    labels,
    st.integers(0, 2),
)
changes: st.SearchStrategy[Act] = st.one_of(
    st.builds(written, st.lists(posts, min_size=1, max_size=5)),
    st.builds(written, st.lists(posts, min_size=1, max_size=5)),
    st.builds(erased, st.just("post"), numbers.map("x:{}".format)),
    st.builds(erased, st.just("author"), st.sampled_from(["x:ann0", "x:ann1"])),
    st.builds(rescored, brands, st.integers(1, 2), labels, st.integers(1, 9)),
    st.builds(switched, brands, st.integers(1, 2)),
    st.builds(kept, brands, st.integers(1, 400)),
    st.builds(past_its_time, numbers, st.sampled_from([-3, -1, 1]), st.integers(0, 1)),
    st.builds(merged, st.sampled_from(["posts", "hour_counts", "hour_marks"])),
    st.just(purge),
)
count = st.tuples(st.just("count"), st.integers(0, 1))
killed_count = st.tuples(st.just("kill"), st.integers(0, 12))
raced_count = st.tuples(st.just("race"), st.integers(0, 12), changes)
raced_read = st.tuples(st.just("read"), st.integers(0, 4), changes)
stale_count = st.tuples(st.just("sleep"), st.integers(0, 8), st.lists(changes, max_size=2))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("change"), changes),
        st.tuples(st.just("change"), changes),
        count,
        killed_count,
        raced_count,
        raced_read,
        stale_count,
    ),
    min_size=3,
    max_size=7,
)


@FEW
@given(steps=steps)
def test_what_is_shown_is_what_counts_after_every_step(
    embedded: ChdbStore, steps: list[tuple[Any, ...]]
) -> None:
    store = emptied(embedded)
    write_batch(store, [post(n, n % 3, BRANDS, "negative", 0) for n in range(6)], NOW)
    counters = [HourCounter(store, at_once=1), HourCounter(store, at_once=2)]
    whole(HourCounter(store))
    for kind, *given_ in steps:
        match kind:
            case "change":
                given_[0](store)
            case "count":
                counters[given_[0]].step()
            case "kill":  # the next one begins anew
                with suppress(Killed):
                    whole(HourCounter(Watched(store, given_[0], killed), at_once=1))
            case "race":
                at, change = given_
                whole(HourCounter(Watched(store, at, lambda c=change: c(store)), at_once=1))  # type: ignore[misc]
            case "read":
                at, change = given_
                raced = Watched(store, at, lambda c=change: c(store))  # type: ignore[misc]
                before = truth(store, "toStartOfHour")
                found = shown(raced, since=SINCE, until=UNTIL)
                assert found in (before, truth(store, "toStartOfHour"))
            case "sleep":  # another counts whole rounds between two statements of this one
                at, some = given_

                def others(some: list[Act] = some) -> None:
                    for change in some:
                        change(store)
                        whole(HourCounter(store, at_once=1))

                whole(HourCounter(Watched(store, at, others), at_once=1))
        check(store)
    whole(HourCounter(store))
    check(store)
