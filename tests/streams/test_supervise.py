"""When starting a worker again is no help any more."""

from pathlib import Path

import pytest

from infra.settings import Settings
from streams.child import Child
from streams.failures import LineFailed
from streams.supervise import MOST_CRASHES, MOST_FAILURES, Supervisor
from streams.worker import Heartbeat


def line_of(child: Child, folder: Path) -> Supervisor:
    """A line of this worker alone, on brokers of somebody else."""
    line = Supervisor(Settings(kafka="127.0.0.1:1"), folder)
    line.children = [child]
    (folder / f"{child.name}.log").write_text("its last word\n")
    return line


@pytest.mark.parametrize(
    ("failures", "stillborn"), [(MOST_CRASHES, 0), (MOST_FAILURES, MOST_FAILURES)]
)
def test_a_hopeless_worker_ends_the_line(failures: int, stillborn: int, tmp_path: Path) -> None:
    child = Child("score", ["score"])
    child.failures, child.stillborn = failures, stillborn
    with pytest.raises(LineFailed, match="score fails again and again: its last word"):
        line_of(child, tmp_path).poll()


def test_who_could_start_gets_all_its_crashes_also_while_it_starts_again(tmp_path: Path) -> None:
    child = Child("score", ["score"])
    child.failures, child.stillborn = MOST_CRASHES - 1, MOST_FAILURES - 1
    assert not child.could_start
    line_of(child, tmp_path).poll()
    assert child.restarts == 1


def test_what_platforms_send_never_ends_the_line(tmp_path: Path) -> None:
    child = Child("feeds", ["feeds"])
    child.failures = child.stillborn = MOST_CRASHES + MOST_FAILURES
    child.beat = Heartbeat(ready=False, readings=[], error="it cannot run")
    line = line_of(child, tmp_path)
    line.poll()
    assert line.ready


def test_feeds_run_where_there_are_some(tmp_path: Path) -> None:
    feed = {"name": "bluesky", "type": "jetstream"}
    push = {"port": 1, "tokens": [{"source": "a", "token": "a-token-long-enough"}]}
    for changed, expected in (({}, False), ({"feeds": [feed]}, True), ({"push": push}, True)):
        line = Supervisor(Settings(kafka="127.0.0.1:1", **changed), tmp_path)  # type: ignore[arg-type]
        assert ("feeds" in [child.name for child in line.children]) == expected
