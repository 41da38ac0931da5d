"""A feed's window: what it may forget, and how far its clock may go."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.window import Window

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(position: int) -> datetime:
    return NOON + timedelta(seconds=position)


# Rows 0..n-1, the receipts in any order and in any portions, some before all is sent.
ROWS = st.integers(1, 25).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.permutations(range(n)),
        st.lists(st.integers(0, 5), min_size=n, max_size=n),
        st.sets(st.integers(0, n - 1)),
    )
)


@given(ROWS)
def test_any_order_of_receipts(
    rows: tuple[int, list[int], list[int], set[int]],
) -> None:
    count, order, portions, done_before = rows
    durable = next(i for i in range(count + 1) if i not in done_before)
    window = Window(done=set(done_before), durable=0)
    assert window.durable == durable
    receipts = set(done_before)
    pending = [position for position in range(count) if not window.is_done(position)]
    assert pending == [position for position in range(count) if position not in done_before]
    # One row is sent, then some receipts of rows already sent come, and so on.
    unseen = [position for position in order if position not in done_before]
    for step, position in enumerate(pending):
        window.sent(position, at(position))
        some = [row for row in unseen if row <= position][: portions[step]]
        unseen = [row for row in unseen if row not in some]
        receipts.update(some)
        before = window.durable
        window.settle(some)
        check(window, receipts, sent=position + 1, before=before)
    while unseen:
        some, unseen = unseen[:3], unseen[3:]
        receipts.update(some)
        before = window.durable
        window.settle(some)
        check(window, receipts, sent=count, before=before)
    assert window.in_flight == 0
    if pending:
        assert window.durable > pending[-1]
    assert window.clock(at(count)) == at(count)


def check(window: Window, receipts: set[int], *, sent: int, before: int) -> None:
    assert window.durable >= before
    assert all(position in receipts for position in range(window.durable))
    waiting = [position for position in range(sent) if position not in receipts]
    if waiting:
        assert window.durable <= waiting[0]
        assert window.clock(at(1000)) <= at(waiting[0])
        assert window.in_flight >= len(waiting)
    # A feed's own clock behind its rows is the limit too.
    assert window.clock(NOON - timedelta(seconds=1)) == NOON - timedelta(seconds=1)


@given(ROWS)
def test_a_feed_that_starts_again_is_as_if_it_had_never_stopped(
    rows: tuple[int, list[int], list[int], set[int]],
) -> None:
    count, order, portions, _ = rows
    unbroken = Window(done=set(), durable=0)
    for position in range(count):
        unbroken.sent(position, at(position))
    receipts = set(order[: sum(portions) % (count + 1)])
    unbroken.settle(receipts)

    # What the database knows: `durable` as last reported, perhaps late, and the receipts from there
    for reported in range(unbroken.durable + 1):
        resumed = Window(done={p for p in receipts if p >= reported}, durable=reported)
        again = [position for position in range(count) if not resumed.is_done(position)]
        assert again == [position for position in range(count) if position not in receipts]
        for position in again:
            resumed.sent(position, at(position))
        resumed.settle(receipts)
        assert resumed.clock(at(count)) == unbroken.clock(at(count))
        resumed.settle(order)
        assert resumed.in_flight == 0
        assert resumed.clock(at(count)) == at(count)


def test_receipts_of_long_ago_do_no_harm() -> None:
    window = Window(done=set(), durable=10)
    window.sent(10, at(10))
    window.settle([1, 2, 3])
    assert (window.durable, window.in_flight) == (10, 1)
    window.settle([10, 10])
    assert (window.durable, window.in_flight) == (11, 0)
