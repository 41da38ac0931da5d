from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from infra.deliver.failing import FailingReceivers
from infra.deliver.outbox import Delivery
from infra.deliver.recall import Failing

NOW = datetime(2026, 3, 1, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)


def made(outcome: Any, at: datetime, **changed: Any) -> Delivery:
    plain = Delivery(
        event_id="northwind.1.1",
        receiver="team",
        attempt=1,
        at=at,
        outcome=outcome,
        status=0,
        detail="refused",
        next_at=at,
    )
    return replace(plain, **changed)


class Gauge:
    def __init__(self) -> None:
        self.says: dict[str, float] = {}

    def __call__(self, receiver: str, seconds: float) -> None:
        self.says[receiver] = seconds


@pytest.fixture
def gauge() -> Gauge:
    return Gauge()


def warned(failing: FailingReceivers, now: datetime) -> list[Any]:
    with capture_logs() as logs:
        failing.warn(now)
    return [(log["event"], log["receiver"], log["attempts"]) for log in logs]


def test_an_hour_of_failing_is_told_and_then_once_an_hour(gauge: Gauge) -> None:
    failing = FailingReceivers(gauge)
    failing.begin(["team", "boss"], [])
    failing.attempted(made("retry", NOW))
    assert warned(failing, NOW + HOUR - timedelta(seconds=1)) == []
    assert gauge.says == {"team": 3599, "boss": 0}
    failing.attempted(made("gave_up", NOW + HOUR, status=500))
    assert warned(failing, NOW + HOUR) == [("receiver fails", "team", 2)]
    assert warned(failing, NOW + 2 * HOUR - timedelta(seconds=1)) == []
    assert warned(failing, NOW + 2 * HOUR) == [("receiver fails", "team", 2)]


def test_one_good_attempt_ends_it(gauge: Gauge) -> None:
    failing = FailingReceivers(gauge)
    failing.begin(["team"], [Failing("team", NOW - 3 * HOUR, 9, "refused")])
    assert warned(failing, NOW) == [("receiver fails", "team", 9)]
    failing.attempted(made("delivered", NOW))
    assert warned(failing, NOW + HOUR) == []
    assert gauge.says == {"team": 0}
    failing.attempted(made("retry", NOW + HOUR))
    assert warned(failing, NOW + 2 * HOUR) == [("receiver fails", "team", 1)]


def test_what_is_not_its_fault_is_not_held_against_it(gauge: Gauge) -> None:
    failing = FailingReceivers(gauge)
    failing.begin(["team"], [])
    failing.attempted(made("gave_up", NOW))  # what was stored could not be read
    assert warned(failing, NOW + HOUR) == []


def test_a_receiver_that_was_taken_out_is_no_problem_any_more(gauge: Gauge) -> None:
    failing = FailingReceivers(gauge)
    failing.begin(["team"], [Failing("team", NOW - 3 * HOUR, 9, "refused")])
    failing.warn(NOW)
    failing.begin([], [])
    assert gauge.says == {"team": 0}
    assert warned(failing, NOW + HOUR) == []
