"""The embedded broker: starts, answers, and never outlives us."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra import broker as module
from infra.broker import HOST, BrokerError, EmbeddedBroker, free_port
from infra.kafka import make_topics

Eventually = Callable[..., Any]


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def test_it_starts_answers_and_stops(tmp_path: Path) -> None:
    broker = EmbeddedBroker(log=tmp_path / "broker.log")
    assert not broker.alive
    assert broker.pid is None
    broker.start()
    pid = broker.pid
    assert pid
    assert make_topics(broker.address, {"one": 1}, replication=1) == ["one"]
    broker.stop()
    broker.stop()
    assert not broker.alive
    assert broker.pid is None
    assert not is_alive(pid)

    # Again at the same address, with nothing in it.
    address = broker.address
    broker.start()
    assert broker.address == address
    assert make_topics(broker.address, {"one": 1}, replication=1) == ["one"]
    broker.stop()


def test_a_port_in_use_is_said_clearly(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        broker = EmbeddedBroker(log=tmp_path / "broker.log", port=port)
        with pytest.raises(BrokerError, match=f"port {port} is in use") as caught:
            broker.start()
        assert "\n" not in str(caught.value)
        assert not broker.alive


def test_a_broker_that_ends_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "broker_binary", lambda: "/bin/false")
    broker = EmbeddedBroker(log=tmp_path / "broker.log")
    with pytest.raises(BrokerError, match=r"ended at once; its output is in .*broker\.log"):
        broker.start()


def test_a_broker_that_never_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\nexec sleep 1000\n")
    silent.chmod(0o700)
    monkeypatch.setattr(module, "broker_binary", lambda: str(silent))
    broker = EmbeddedBroker(log=tmp_path / "broker.log")
    with pytest.raises(BrokerError, match="did not answer within"):
        broker.start(patience=0.3)
    assert not broker.alive


def test_free_ports_are_free() -> None:
    with socket.socket() as probe:
        probe.bind((HOST, free_port()))


def test_it_dies_with_a_parent_that_is_killed(tmp_path: Path, eventually: Eventually) -> None:
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from infra.broker import EmbeddedBroker\n"
        f"broker = EmbeddedBroker(log=Path({str(tmp_path / 'broker.log')!r}))\n"
        "broker.start()\n"
        "print(broker.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        os.kill(parent.pid, signal.SIGKILL)
        eventually(lambda: not is_alive(pid), what="the broker's end")
