"""What feeds know of themselves reaches the detector: a gap as a gap, a catch-up as one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from forecasting.counted_by import FlowCount
from forecasting.pipe import Pipes, advance_pipes
from forecasting.records import BUCKET
from forecasting.watch import starts
from infra.feeds.settings import OtherFeed
from infra.feeds.state import FeedState, Stretch, write_state, write_stretches
from infra.store import Store
from streams.pipe import PipeWatch
from streams.told_pipes import told_pipes

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def minutes(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def stretch(kind: Any, since: float, until: float) -> Stretch:
    return Stretch(
        feed="own",
        source="forum",
        kind=kind,
        since=minutes(since),
        until=minutes(until),
        reason="",
    )


def state(live_until: float, tolerance: float = 60.0) -> FeedState:
    return FeedState(
        feed="own", source="forum", version=1, live_until=minutes(live_until), tolerance=tolerance
    )


def marks(states: list[FeedState], found: list[Stretch], until: float = 30) -> dict[float, str]:
    told = told_pipes(states, found, since=NOON, until=minutes(until))
    return {(at - NOON) / timedelta(minutes=1): mark["forum"] for at, mark in told.items()}


def test_a_bucket_of_which_a_minute_or_more_is_missed_is_a_gap() -> None:
    assert marks([], [stretch("gap", 4.5, 10.9)]) == {5: "stalls"}
    assert marks([], [stretch("gap", 4, 11)]) == {0: "stalls", 5: "stalls", 10: "stalls"}
    assert marks([], [stretch("gap", -60, 2)]) == {0: "stalls"}
    assert marks([], [stretch("gap", 29, 90)]) == {25: "stalls"}


def test_a_catch_up_is_marked_from_its_first_second_and_a_gap_goes_before_it() -> None:
    found = [stretch("catch_up", 10, 10), stretch("catch_up", 16, 16.1)]
    assert marks([], found) == {10: "catches up", 15: "catches up"}
    assert marks([], [*found, stretch("gap", 14, 19)]) == {
        10: "stalls",
        15: "stalls",
    }


def test_what_a_feed_has_not_read_to_its_end_is_a_gap_until_it_has() -> None:
    assert marks([state(30)], []) == {}
    assert marks([state(29)], []) == {}  # within what it may lag
    assert marks([state(28)], []) == {25: "stalls"}
    assert marks([state(12)], []) == {10: "stalls", 15: "stalls", 20: "stalls", 25: "stalls"}
    assert marks([state(12, tolerance=7_200)], []) == {}  # looks seldom
    assert marks([FeedState(feed="own", source="forum")], []) == {}  # has yet to begin
    assert marks([state(-721)], []) == {}  # nobody waits for it any more


def steady(buckets: int) -> list[FlowCount]:
    span = starts(NOON - buckets * BUCKET, NOON)
    return [FlowCount("Acme", "forum", "m", at, 3) for at in span]


def test_a_told_gap_is_one_before_the_counts_could_show_it_and_teaches_nothing() -> None:
    since = NOON - 40 * BUCKET
    before, found = advance_pipes(Pipes(), steady(40), since=since, until=NOON, queries={})
    assert found == {}
    told = told_pipes([state(0)], [], since=NOON, until=minutes(10))
    after, found = advance_pipes(before, [], since=NOON, until=minutes(10), queries={}, told=told)
    assert found == {"Acme": {NOON: "gap", minutes(5): "gap"}}
    assert after.flows == before.flows
    caught = told_pipes([], [stretch("catch_up", 10, 12)], since=minutes(10), until=minutes(15))
    surge = [FlowCount("Acme", "forum", "m", minutes(10), 90)]
    last, found = advance_pipes(
        after, surge, since=minutes(10), until=minutes(15), queries={}, told=caught
    )
    assert found == {"Acme": {minutes(10): "catch_up"}}
    assert last.flows == before.flows


def test_watch_asks_feeds_of_the_settings_only(store: Store) -> None:
    write_state(store, state(0))
    write_stretches(store, [stretch("gap", 0, 20)], NOON)
    own = OtherFeed(name="own", type="own", source="forum")
    other = OtherFeed(name="other", type="own", source="forum")
    for feeds, expected in (([own], 6), ([other], 0), ([], 0)):
        told = PipeWatch(store, [], feeds)._told(NOON, minutes(30))
        assert len(told) == expected
