"""A stage's counts, as Prometheus and as the terminal read them."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from infra.metrics import Meter, Reading

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_reading_and_prometheus_say_the_same() -> None:
    registry = CollectorRegistry()
    meter = Meter("score", registry)
    meter.posts(3, oldest=NOW - timedelta(seconds=4), now=NOW)
    meter.posts(2, oldest=None, now=NOW)
    meter.left_out("repeat", 2)
    meter.left_out("repeat")
    meter.left_out("dead")
    meter.waiting(9)
    with meter.busy():
        pass
    reading = meter.reading()
    assert (reading.stage, reading.posts, reading.lag_seconds, reading.waiting) == (
        "score",
        5,
        4.0,
        9,
    )
    assert reading.reasons == {"repeat": 3, "dead": 1}
    assert reading.busy_seconds > 0
    values = {
        "score_posts_total": 5.0,
        "score_lag_seconds": 4.0,
        "score_waiting": 9.0,
        "score_busy_seconds_total": reading.busy_seconds,
    }
    assert {name: registry.get_sample_value(name) for name in values} == pytest.approx(values)
    assert registry.get_sample_value("score_reasons_total", {"reason": "repeat"}) == 3
    assert b"score_posts_total 5.0" in generate_latest(registry)


def test_what_alerts_wait_for_is_there_before_it_happens() -> None:
    registry = CollectorRegistry()
    Meter("score", registry)
    for reason in ("dead", "poison"):
        assert registry.get_sample_value("score_reasons_total", {"reason": reason}) == 0
    for kind in ("model_changed", "model_refused", "drift"):
        assert registry.get_sample_value("score_events_total", {"kind": kind}) == 0


def test_nothing_done_yet() -> None:
    assert Meter("store", CollectorRegistry()).reading() == Reading(
        stage="store", posts=0, lag_seconds=0.0, busy_seconds=0.0, waiting=0, reasons={}
    )


def test_a_reading_stays_as_it_was() -> None:
    meter = Meter("refine", CollectorRegistry())
    before = meter.reading()
    meter.left_out("no_brand")
    assert before.reasons == {}


def test_a_receiver_fails_until_it_is_well() -> None:
    registry = CollectorRegistry()
    meter = Meter("deliver", registry)
    meter.failing("desk", 90.0)
    meter.failing("boss", 0.0)
    assert meter.reading().failing == {"desk": 90.0}
    meter.failing("desk", 0.0)
    assert meter.reading().failing == {}
    assert registry.get_sample_value("deliver_failing_seconds", {"receiver": "desk"}) == 0


def test_work_that_fails_was_work(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = Meter("refine", CollectorRegistry())
    with pytest.raises(ZeroDivisionError), meter.busy():
        raise ZeroDivisionError
    assert meter.reading().busy_seconds > 0


def test_a_clock_that_was_set_back_is_no_negative_lag() -> None:
    meter = Meter("refine", CollectorRegistry())
    meter.posts(1, oldest=NOW + timedelta(seconds=5), now=NOW)
    assert meter.reading().lag_seconds == 0.0


def test_stages_of_one_process_share_a_registry() -> None:
    registry = CollectorRegistry()
    meters = [Meter(name, registry) for name in ("store", "watch", "deliver")]
    meters[0].posts(1, oldest=None, now=NOW)
    assert [meter.reading().posts for meter in meters] == [1, 0, 0]
    with pytest.raises(ValueError, match="Duplicated"):
        Meter("store", registry)
