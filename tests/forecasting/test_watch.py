"""Judging a span of buckets: wherever it is cut, the same comes of it."""

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.incident import IncidentState
from forecasting.records import BUCKET, Bucket, IncidentChange
from forecasting.watch import advance, empty_bucket, floor_bucket, starts

START = datetime(2026, 3, 1, tzinfo=UTC)
COUNT = 2 * 288


def bucket(number: int, volume: int, negative: int) -> Bucket:
    return Bucket(
        start=START + number * BUCKET,
        volume=volume,
        negative=negative,
        voices=volume,
        negative_voices=negative,
    )


def series() -> dict[datetime, Bucket]:
    """A quiet day and a half, some buckets without posts, then a crisis of two hours and calm."""
    found = {}
    for number in range(COUNT):
        if number % 17 == 5:
            continue
        crisis = 400 <= number < 424
        volume = 30 if crisis else 8 + number % 5
        one = bucket(number, volume, 24 if crisis else 1 + number % 3)
        found[one.start] = one
    return found


FOUND = series()
END = START + COUNT * BUCKET
WHOLE = advance(IncidentState(), "Acme", FOUND, since=START, until=END)


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(0, COUNT), max_size=8))
def test_cutting_the_span_anywhere_changes_nothing(cuts: set[int]) -> None:
    state = IncidentState()
    changes: list[IncidentChange] = []
    since, verdict = START, None
    for cut in sorted(cuts | {COUNT}):
        until = START + cut * BUCKET
        part = {start: one for start, one in FOUND.items() if since <= start < until}
        moved = advance(state, "Acme", part, since=since, until=until)
        # As it is kept between two passes.
        state = msgspec.json.decode(msgspec.json.encode(moved.state), type=IncidentState)
        changes.extend(moved.changes)
        verdict = moved.verdict or verdict
        since = until
    assert changes == list(WHOLE.changes)
    assert state == WHOLE.state
    assert verdict == WHOLE.verdict


def test_the_crisis_is_one_incident_from_opening_to_end() -> None:
    assert WHOLE.changes[0].change == "opened"
    assert WHOLE.changes[-1].change == "resolved"
    assert len({change.incident_id for change in WHOLE.changes}) == 1
    assert [change.number for change in WHOLE.changes] == [
        number + 1 for number in range(len(WHOLE.changes))
    ]
    assert START + 400 * BUCKET < WHOLE.changes[0].at <= START + 412 * BUCKET


def test_buckets_without_posts_are_judged_too() -> None:
    given_none = advance(IncidentState(), "Acme", {}, since=START, until=START + 3 * BUCKET)
    empty = {start: empty_bucket(start) for start in starts(START, START + 3 * BUCKET)}
    given_empty = advance(IncidentState(), "Acme", empty, since=START, until=START + 3 * BUCKET)
    assert given_none == given_empty
    assert given_none.verdict is not None


def test_nothing_to_judge() -> None:
    nothing = advance(WHOLE.state, "Acme", FOUND, since=END, until=END)
    assert nothing.state is WHOLE.state
    assert nothing.verdict is None
    assert nothing.changes == ()


@given(
    st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds + 0.5, UTC)),
    st.sampled_from([BUCKET, timedelta(hours=1)]),
)
def test_a_moment_is_in_the_bucket_that_holds_it(moment: datetime, step: timedelta) -> None:
    start = floor_bucket(moment, step)
    assert start <= moment < start + step
    assert floor_bucket(start, step) == start
    assert start.minute % (step // timedelta(minutes=1)) == 0
    assert (start.second, start.microsecond) == (0, 0)


def test_days_without_a_post_that_are_left_out_change_nothing() -> None:
    """Where qualities are known, as in the watch stage: no silence when posts return."""
    found = {b.start: b for b in (bucket(n, 6, n % 2) for n in range(5 * 288))}
    back = 9 * 288
    found |= {b.start: b for b in (bucket(n, 6, n % 2) for n in range(back, back + 6))}
    end, judged = START + (back + 6) * BUCKET, START + (6 * 288 + 100) * BUCKET
    whole = advance(IncidentState(), "Acme", found, since=START, until=end, quality={})
    before = advance(IncidentState(), "Acme", found, since=START, until=judged, quality={})
    since = START + back * BUCKET
    after = advance(before.state, "Acme", found, since=since, until=end, quality={})
    assert before.changes + after.changes == whole.changes
    assert after.state == whole.state
