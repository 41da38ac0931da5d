from collections import defaultdict
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from infra.deliver.lane import IN_FLIGHT, Job, Lane
from infra.deliver.records import Notice, Said

NOW = datetime(2026, 3, 1, 23, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def job(notice_id: str, *incidents: str, after: int = 0, request: int = 0) -> Job:
    """A notice of these incidents, due so many seconds after NOW."""
    notice = Notice(
        notice_id=notice_id,
        receiver="team",
        group="",
        said=tuple(Said(kind="opened", event_id=f"{name}.1") for name in incidents or (notice_id,)),
        decided_at=NOW,
        due_at=NOW,
    )
    return Job(notice, 0, NOW + after * SECOND, request)


def taken(lane: Lane, now: datetime = NOW) -> list[str]:
    found = []
    while each := lane.take(now):
        found.append(each.notice.notice_id)
    return found


def test_what_is_due_first_goes_first_and_what_is_not_due_waits() -> None:
    lane = Lane()
    for each in (job("late", after=5), job("b", after=-1), job("a", after=-2)):
        lane.add(each)
    assert lane.next_at(NOW) == NOW
    assert taken(lane) == ["a", "b"]
    assert lane.next_at(NOW) == NOW + 5 * SECOND
    assert taken(lane, NOW + 5 * SECOND) == ["late"]


def test_a_notice_waits_for_those_before_it_that_share_an_incident() -> None:
    lane = Lane()
    for each in (job("1", "a"), job("2", "b"), job("digest", "a", "b"), job("3", "c")):
        lane.add(each)
    assert taken(lane) == ["1", "2", "3"]
    lane.end(("1", 0))
    assert taken(lane) == []
    lane.again(("2", 0), NOW + SECOND, attempts=1)
    assert taken(lane) == []
    assert lane.next_at(NOW) == NOW + SECOND
    (again,) = [lane.take(NOW + SECOND)]
    assert again is not None
    assert (again.attempts, again.number) == (1, 2)
    lane.end(("2", 0))
    assert taken(lane, NOW + SECOND) == ["digest"]
    assert len(lane) == 2


def test_what_is_there_already_is_not_there_twice() -> None:
    lane = Lane()
    lane.add(job("1"))
    lane.add(job("1"))
    assert (taken(lane), len(lane)) == (["1"], 1)
    lane.add(job("1"))
    assert taken(lane) == []


def test_so_many_at_a_time() -> None:
    lane = Lane()
    for number in range(IN_FLIGHT + 2):
        lane.add(job(str(number)))
    assert len(taken(lane)) == IN_FLIGHT
    assert lane.next_at(NOW) is None  # an attempt has to end first
    lane.end(("0", 0))
    assert taken(lane) == [str(IN_FLIGHT)]


def test_not_more_than_the_platform_takes_a_minute() -> None:
    lane = Lane(per_minute=2)
    for number in range(3):
        lane.add(job(str(number)))
    assert taken(lane) == ["0", "1"]
    minute = NOW + timedelta(minutes=1)
    assert lane.next_at(NOW) == minute
    assert taken(lane, minute - SECOND) == []
    assert taken(lane, minute) == ["2"]


def test_a_pause_holds_everything_and_nothing_is_lost_by_it() -> None:
    lane = Lane()
    lane.add(job("1"))
    lane.is_paused = True
    assert taken(lane) == []
    assert lane.next_at(NOW) is None
    lane.is_paused = False
    assert taken(lane) == ["1"]


def test_what_a_person_asks_for_waits_for_nothing() -> None:
    lane = Lane()
    lane.add(job("1", "a"))
    lane.add(job("2", "a"))
    lane.add(job("2", "a", request=1))
    assert taken(lane) == ["1", "2"]
    lane.end(("2", 1))
    assert len(lane) == 2


def test_one_in_the_middle_can_end() -> None:
    lane = Lane()
    for name in ("1", "2", "3"):
        lane.add(job(name, "a"))
    lane.end(("2", 0))
    assert taken(lane) == ["1"]
    lane.end(("1", 0))
    assert taken(lane) == ["3"]


def test_what_is_in_flight_from_before_is_not_begun_again() -> None:
    lane = Lane()
    lane.add(job("1", "a"))
    lane.add(job("2", "a"))
    lane.hold(("1", 0))
    assert taken(lane) == []
    lane.end(("1", 0))
    assert taken(lane) == ["2"]


incidents = st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True)


@given(
    notices=st.lists(st.tuples(incidents, st.integers(0, 20)), max_size=12),
    ends=st.lists(st.sampled_from(["end", "again", "back"]), max_size=40),
    per_minute=st.sampled_from([None, 1, 3]),
)
def test_whatever_ends_how_each_incident_is_told_in_order_and_everything_is(
    notices: list[tuple[list[str], int]], ends: list[str], per_minute: int | None
) -> None:
    lane, now = Lane(per_minute), NOW
    order: dict[str, list[int]] = defaultdict(list)
    in_flight: list[Job] = []
    begun: list[datetime] = []
    for number, (names, after) in enumerate(notices):
        lane.add(job(str(number), *names, after=after))
    while len(lane):
        while each := lane.take(now):
            in_flight.append(each)
            begun.append(now)
        assert len(in_flight) <= IN_FLIGHT
        busy = [name for each in in_flight for name in each.incidents]
        assert len(busy) == len(set(busy))
        if not in_flight:
            next_at = lane.next_at(now)
            assert next_at is not None
            assert next_at > now
            now = next_at
            continue
        each = in_flight.pop(0)
        match ends.pop() if ends else "end":
            case "end":
                lane.end(each.key)
                for name in each.incidents:
                    order[name].append(int(each.notice.notice_id))
            case "again":
                lane.again(each.key, now + 5 * SECOND, attempts=each.attempts + 1)
            case "back":
                lane.again(each.key, each.due_at, attempts=each.attempts)
    assert all(told == sorted(told) for told in order.values())
    assert sum(map(len, order.values())) == sum(len(names) for names, _ in notices)
    if per_minute:
        for first, later in zip(begun, begun[per_minute:], strict=False):
            assert later - first >= timedelta(minutes=1)


def test_incidents_whose_message_was_not_taken_are_told_apart_once() -> None:
    lane = Lane()
    lane.add(job("1", "a"))
    lane.add(job("digest", "a", "b"))
    lane.add(job("by hand", "c", request=1)._replace(attempts=1))
    assert lane.stuck() == {}
    taken(lane)
    lane.again(("1", 0), NOW + SECOND, attempts=1)
    assert (lane.stuck(), lane.stuck()) == ({"a": True}, {})
    lane.end(("1", 0))
    taken(lane)
    lane.again(("digest", 0), NOW + SECOND, attempts=1)
    assert lane.stuck() == {"a": True, "b": True}
    lane.end(("digest", 0))
    assert lane.stuck() == {"a": False, "b": False}


def test_another_process_finds_what_was_not_taken() -> None:
    lane = Lane()
    lane.add(job("1", "a")._replace(attempts=3))
    assert lane.stuck() == {"a": True}
