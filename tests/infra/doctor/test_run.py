"""All checks are made, whatever one of them does."""

import threading
from collections.abc import Iterator

from infra.doctor.finding import Check, NotLooked, Said, fail, ok, warn
from infra.doctor.run import run_checks


def test_one_that_hangs_raises_or_needs_another_holds_up_nobody() -> None:
    never = threading.Event()
    together = threading.Barrier(2)

    def hangs() -> Iterator[Said]:
        never.wait()
        yield ok("never")

    def breaks() -> Iterator[Said]:
        yield ok("before")
        raise ZeroDivisionError("a\nbug")

    def needs() -> Iterator[Said]:
        raise NotLooked("Kafka cannot be reached")
        yield

    def meets() -> Iterator[Said]:
        together.wait(30)  # both at once, or neither
        yield ok("met")
        yield warn("met, and", "look")

    found = run_checks(
        [
            Check(name="hangs", look=hangs, seconds=0.2),
            Check(name="breaks", look=breaks),
            Check(name="needs", look=needs),
            Check(name="meets", look=meets, seconds=40),
            Check(name="meets too", look=meets, seconds=40),
        ]
    )
    never.set()
    told = [(one.check, one.status, one.text) for one in found]
    assert told == [
        ("hangs", "fail", "no answer within 0 s"),
        ("breaks", "fail", "ZeroDivisionError: a bug"),
        ("needs", "warn", "not looked at: Kafka cannot be reached"),
        ("meets", "ok", "met"),
        ("meets", "warn", "met, and"),
        ("meets too", "ok", "met"),
        ("meets too", "warn", "met, and"),
    ]
    assert all(one.fix for one in found if one.status != "ok")


def test_a_finding_keeps_its_figures() -> None:
    (one,) = run_checks([Check(name="a", look=lambda: [fail("bad", "mend", topic="t")])])
    assert (one.fix, one.figures) == ("mend", {"topic": "t"})


def test_what_found_nothing_is_not_taken_for_one_that_hangs() -> None:
    assert run_checks([Check(name="quiet", look=list)]) == []
