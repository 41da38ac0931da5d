"""A worker as its supervisor sees it, with real processes that are quick to start."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from infra.metrics import Reading
from infra.settings import Settings, dump
from streams import child as module
from streams.child import LONGEST_PAUSE, SILENT_AFTER, STEADY_AFTER, Child
from streams.worker import Heartbeat

Eventually = Callable[..., Any]
READING = Reading(
    stage="score", posts=7, lag_seconds=0.5, busy_seconds=1.5, waiting=0, reasons={"repeat": 2}
)


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Worker:
    """A child whose program is a few lines of Python; its status pipe is `fd` there."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
        self.clock = clock
        self.child = Child("score", ["score"])
        self.log = folder / "score.log"
        self._script = folder / "script.py"
        self._config = folder / "line.yaml"
        self._config.write_text(yaml.safe_dump(dump(Settings())))
        launcher = folder / "python"
        # `python -m streams.cli worker score --status-fd 5` becomes the script with its fd.
        launcher.write_text(f'#!/bin/sh\nexec {sys.executable} -S {self._script} "$6"\n')
        launcher.chmod(0o700)
        monkeypatch.setattr(module, "sys", _Namespace(executable=str(launcher)))
        monkeypatch.setattr(module, "time", clock)

    def start(self, body: str) -> None:
        """Start it; `body` may use fd, os, sys, say (a line to the supervisor)."""
        says = "say = lambda line: os.write(fd, line + b'\\n')\n"
        self._script.write_text(f"import os, signal, sys\nfd = int(sys.argv[1])\n{says}{body}\n")
        self.child.start(config=self._config, log=self.log)


class _Namespace:
    def __init__(self, **names: str) -> None:
        vars(self).update(names)


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    made = Worker(tmp_path, monkeypatch, Clock())
    yield made
    made.child.stop(patience=0.1)


def beat(**changed: Any) -> bytes:
    return msgspec.json.encode(Heartbeat(**{"ready": True, "readings": [READING], **changed}))


def heard(child: Child) -> Heartbeat | None:
    child.listen()
    return child.beat


def test_the_newest_heartbeat_counts(worker: Worker, eventually: Eventually) -> None:
    first, second = beat(ready=False, readings=[]), beat()
    # In three pieces, cut within a line.
    worker.start(
        f"os.write(fd, {first + bytes([10]) + second[:20]!r})\n"
        f"os.write(fd, {second[20:]!r})\nos.write(fd, b'\\n')\nsignal.pause()"
    )
    assert worker.child.beat is None
    eventually(lambda: (b := heard(worker.child)) and b.ready)
    assert worker.child.beat == Heartbeat(ready=True, readings=[READING])
    assert worker.child.alive
    assert worker.child.pid


def test_a_worker_that_says_it_is_done_is_not_started_again(
    worker: Worker, eventually: Eventually
) -> None:
    worker.start(f"say({beat(finished=True)!r})")
    eventually(lambda: not worker.child.alive)
    assert not worker.child.should_start()
    assert worker.child.finished
    worker.clock.now += 1000
    assert not worker.child.should_start()
    assert worker.child.restarts == 0


def test_a_worker_that_someone_stopped_is_not_done(worker: Worker, eventually: Eventually) -> None:
    # A worker ends with status 0 on SIGTERM, whoever sent it.
    worker.start(f"say({beat()!r})")
    eventually(lambda: not worker.child.alive)
    assert not worker.child.finished
    assert restarted_after(worker) == pytest.approx(0.2)


def restarted_after(worker: Worker) -> float:
    """Seconds until it is started again."""
    began = worker.clock.now
    assert not worker.child.should_start()
    while not worker.child.should_start():
        worker.clock.now += 0.05
        assert worker.clock.now < began + 2 * LONGEST_PAUSE
    return round(worker.clock.now - began, 1)


def test_pauses_grow_and_start_small_again_after_a_steady_time(
    worker: Worker, eventually: Eventually
) -> None:
    pauses = []
    for _ in range(8):
        worker.start("sys.exit(70)")
        eventually(lambda: not worker.child.alive)
        pauses.append(restarted_after(worker))
    expected = [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, LONGEST_PAUSE, LONGEST_PAUSE]
    assert pauses == pytest.approx(expected, abs=0.11)
    assert worker.child.restarts == 8
    assert worker.child.failures == worker.child.stillborn == 8

    worker.start("sys.exit(70)")
    worker.clock.now += STEADY_AFTER + 1
    eventually(lambda: not worker.child.alive)
    assert restarted_after(worker) == pytest.approx(0.2)
    assert worker.child.failures == 9  # time is no progress: it may have hung all the while


def test_a_death_by_a_signal_is_a_failure_until_posts_are_handled(
    worker: Worker, eventually: Eventually
) -> None:
    ready, got_on = beat(readings=[]), beat()
    for said, failures in ((ready, 1), (ready, 2), (ready, 3), (got_on, 0), (ready, 1)):
        worker.start(f"say({said!r})\nos.kill(os.getpid(), signal.SIGSEGV)")
        eventually(lambda: heard(worker.child))
        eventually(lambda: not worker.child.alive)
        restarted_after(worker)
        assert worker.child.failures == failures
    assert worker.child.stillborn == 0
    assert worker.child.restarts == 5


def test_who_ends_when_asked_has_not_failed(worker: Worker, eventually: Eventually) -> None:
    for status, failures in ((75, 1), (0, 1), (75, 2)):
        worker.start(f"sys.exit({status})")
        eventually(lambda: not worker.child.alive)
        restarted_after(worker)
        assert worker.child.failures == failures


def test_a_silent_worker_is_killed(worker: Worker, eventually: Eventually) -> None:
    worker.start(f"say({beat()!r})\nsignal.pause()")
    eventually(lambda: heard(worker.child))
    worker.clock.now += SILENT_AFTER - 1
    worker.child.listen()
    assert worker.child.alive
    worker.clock.now += 2
    worker.child.listen()
    eventually(lambda: not worker.child.alive)
    assert not worker.child.finished


def test_a_worker_that_speaks_is_left_alone(worker: Worker, eventually: Eventually) -> None:
    worker.start(
        f"signal.signal(signal.SIGUSR1, lambda *_: say({beat(ready=False)!r}))\n"
        f"say({beat()!r})\nwhile True: signal.pause()"
    )
    eventually(lambda: heard(worker.child))
    worker.clock.now += SILENT_AFTER - 1
    pid = worker.child.pid
    assert pid
    os.kill(pid, signal.SIGUSR1)
    eventually(lambda: (b := heard(worker.child)) and not b.ready)
    worker.clock.now += SILENT_AFTER - 1
    worker.child.listen()
    assert worker.child.alive


def test_stopping_asks_first(worker: Worker, eventually: Eventually) -> None:
    worker.start(
        "def bye(*_):\n    print('drained', flush=True)\n    sys.exit(0)\n"
        f"signal.signal(signal.SIGTERM, bye)\nsay({beat()!r})\nsignal.pause()"
    )
    eventually(lambda: heard(worker.child))
    worker.child.stop(patience=10)
    worker.child.stop(patience=10)
    assert not worker.child.alive
    assert worker.child.pid is None
    assert worker.log.read_text() == "drained\n"


def test_stopping_does_not_wait_for_ever(worker: Worker, eventually: Eventually) -> None:
    worker.start(
        f"signal.signal(signal.SIGTERM, signal.SIG_IGN)\nsay({beat()!r})\n"
        "while True: signal.pause()"
    )
    eventually(lambda: heard(worker.child))
    worker.child.stop(patience=0.1)
    assert not worker.child.alive


def test_settings_of_the_environment_do_not_come_twice(
    worker: Worker, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDSWELL_GROUP", "of the supervisor")
    worker.start("print(sorted(n for n in os.environ if 'GROUNDSWELL' in n))")
    eventually(lambda: not worker.child.alive)
    assert worker.log.read_text() == "['GROUNDSWELL_CONFIG']\n"


def test_why_it_ended_is_counted(worker: Worker, eventually: Eventually) -> None:
    for body in (
        "sys.exit(75)",
        "sys.exit(75)",
        "sys.exit(71)",
        "sys.exit(3)",
        "os.kill(os.getpid(), 9)",
    ):
        worker.start(body)
        eventually(lambda: not worker.child.alive)
        restarted_after(worker)
    assert worker.child.ends == {"stalled": 2, "memory": 1, "status 3": 1, "killed by signal 9": 1}
    assert worker.child.reason == "killed by signal 9"


def test_who_got_on_before_it_ended_is_no_hopeless_case(
    worker: Worker, eventually: Eventually
) -> None:
    for _ in range(4):
        worker.start(f"say({beat()!r})\nsys.exit(70)")
        eventually(lambda: heard(worker.child))
        eventually(lambda: not worker.child.alive)
        assert restarted_after(worker) == pytest.approx(0.2)
    assert worker.child.failures == 0
    assert worker.child.could_start


def test_what_is_its_own_is_told_in_the_environment(worker: Worker, eventually: Eventually) -> None:
    worker.child = Child("score", ["score"], memory_mb=2000, metrics_port=9402)
    worker.start(
        "print(os.environ['GROUNDSWELL_MEMORY_LIMIT_MB'], os.environ['GROUNDSWELL_METRICS_PORT'])"
    )
    eventually(lambda: not worker.child.alive)
    assert worker.log.read_text() == "2000 9402\n"


def test_a_worker_has_its_settings_from_its_file_and_the_rest_from_the_environment(
    worker: Worker, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDSWELL_PAGE_URL", "https://example.com")
    monkeypatch.setenv("GROUNDSWELL_SLACK_TOKEN", "hunter2")  # a secret that the settings may name
    worker.start("print(sorted(name for name in os.environ if 'GROUNDSWELL' in name))")
    eventually(lambda: "CONFIG" in worker.log.read_text())
    assert worker.log.read_text() == "['GROUNDSWELL_CONFIG', 'GROUNDSWELL_SLACK_TOKEN']\n"
