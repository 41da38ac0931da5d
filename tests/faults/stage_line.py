"""Stages as processes of their own, each started again when it ends: as on servers.

The servers are real ones, or the embedded broker and the process that owns the embedded database,
each behind a double that can refuse and hang.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from infra.broker import broker_binary, free_port
from infra.kafka_kinds import EMBEDDED
from infra.process import end, spawn
from infra.store import Store, StoreError
from infra.store_socket import SocketStore
from streams.wire import partition_of
from tests.faults.between import StoreBetween, TcpBetween
from tests.faults.deliver import Batch, Deliverer, once
from tests.faults.figures import Figures, differences, read_figures
from tests.faults.posts import BRANDS, MODEL, WORDS, Post, truth_of
from tests.faults.replay_line import PATIENCE, ROOT, explained
from tests.waiting import wait_until

FEED = "harness"
PARTITIONS = 4
PAUSE = 0.3
"""Seconds before a process that ended is started again."""
Plan = Callable[[Sequence[Post], random.Random], list[Batch]]


class Servers(Protocol):
    """A broker and a database."""

    kafka: str
    embedded: bool
    session: float  # seconds after which a member of a group that is silent is out
    settings: Mapping[str, str]
    stages: Mapping[str, Sequence[str]]
    """Processes to start, by name."""

    def different(self, name: str) -> Mapping[str, str]:
        """Settings of one process that are not those of the others."""
        ...

    def open(self) -> Store:
        """The database, for this process."""
        ...

    def close(self) -> None:
        """Away with all of it."""
        ...


class EmbeddedServers:
    """A broker in memory and a database behind a socket; `broker` and `store` stand in front."""

    embedded = True
    session = EMBEDDED.times.session
    stages: Mapping[str, Sequence[str]] = {
        "keep": ("store", "watch"),
        "refine": ("refine",),
        "score": ("score",),
    }

    def __init__(self, folder: Path) -> None:
        behind, port = free_port(), free_port()
        self._socket = folder / "own.sock"
        addresses = [f"tcp://127.0.0.1:{number}" for number in (behind, port)]
        command = [broker_binary(), "broker", "--listener-url", addresses[0]]
        command += ["--advertised-listener-url", addresses[1]]
        self._broker = spawn(
            [*command, "--storage-engine", "memory://tansu/"], log=folder / "broker.log"
        )
        self.broker_pid = self._broker.pid
        self.kafka = f"127.0.0.1:{port}"
        self.broker = TcpBetween(port, behind)
        self.store = StoreBetween(folder / "db.sock", self._socket)
        self.settings = {
            "GROUNDSWELL_KAFKA": self.kafka,
            "GROUNDSWELL_REAL_KAFKA": "false",
            "GROUNDSWELL_SOCKET": str(folder / "db.sock"),
            "GROUNDSWELL_DATA": str(folder / "data"),
        }

    def different(self, name: str) -> Mapping[str, str]:
        return {"GROUNDSWELL_SOCKET": str(self._socket)} if name == "keep" else {}

    def open(self) -> Store:
        return SocketStore(self._socket, timeout=5)

    def close(self) -> None:
        self.broker.close()
        self.store.close()
        end(self._broker, patience=2)


@dataclass(slots=True)
class _Worker:
    stages: Sequence[str]
    settings: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    ended: float | None = None
    starts: int = field(default=0)


class StageLine:
    """The stages on `servers`, fed with `posts` as `plan` says over about `seconds`."""

    def __init__(
        self,
        folder: Path,
        servers: Servers,
        posts: Sequence[Post],
        *,
        seed: int,
        seconds: float,
        plan: Plan = once,
        settings: Mapping[str, str] | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._patience = patience
        self.servers = servers
        self.told: list[str] = []
        """What was done, in order."""
        last = posts[-1]
        self.posts = [*posts, *_last_of_all(last)]
        self._batches = plan(posts, random.Random(f"plan {seed}"))
        self._end = [[post] for post in self.posts[len(posts) :]]
        self._folder = folder
        self._seconds = seconds
        self._workers: dict[str, _Worker] = {}
        self._settings = {
            **_environment(),
            **servers.settings,
            "GROUNDSWELL_PARTITIONS": str(PARTITIONS),
            "GROUNDSWELL_BRANDS": json.dumps([{"name": brand} for brand in BRANDS]),
            "GROUNDSWELL_MODEL": MODEL,
            "GROUNDSWELL_CLOCK": "wall",
            "PYTHONPATH": str(ROOT),
            **(settings or {}),
        }
        self._store: Store | None = None
        self._feeds: list[Deliverer] = []
        self._ended_at: float | None = None

    def start(self) -> None:
        """Topics and tables, then every process, then posts."""
        wait_until(lambda: self._run("topics") == 0, seconds=30, what="topics")
        if not self.servers.embedded:
            assert self._run("migrate") == 0
        for name, stages in self.servers.stages.items():
            self.join(name, stages)
            if self.servers.embedded and name == "keep":  # others need tables at once
                wait_until(self._answers, seconds=60, what="the database")
        self._feed(self._batches, self._seconds)

    def join(
        self, name: str, stages: Sequence[str], settings: Mapping[str, str] | None = None
    ) -> None:
        """One process more, from now on kept running."""
        different = {**self.servers.different(name), **(settings or {})}
        self._workers[name] = _Worker(stages, {**self._settings, **different})
        self._start(name)

    def leave(self, name: str) -> None:
        """SIGKILL it, for good: on the embedded broker a polite farewell can block its group."""
        worker = self._workers.pop(name)
        if worker.process is not None:
            worker.process.kill()
            worker.process.wait()

    def kill(self, name: str) -> None:
        """SIGKILL."""
        self.signal(name, signal.SIGKILL)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a process a signal."""
        process = self._workers[name].process
        if process is not None and process.poll() is None:
            os.kill(process.pid, number)

    def ended(self) -> bool:
        """Whether all posts have come to their end; also starts again what died."""
        self._tend()
        if not self._feeds[-1].done.is_set():
            return False
        if len(self._feeds) == 1:
            # They go the longest way, so what is before them in their partitions is through.
            self._feed(self._end, 0)
            return False
        return self.stored() >= len(self.posts)

    def stored(self) -> int:
        """Rows of the feed that have an outcome on disk; 0 while nobody can say."""
        self._tend()
        self._store = self._store or self.servers.open()
        try:
            return int(self._store.query("SELECT count() FROM receipts FINAL")[0][0])
        except StoreError:
            return 0

    def check(self, *, but: frozenset[str] = frozenset()) -> None:
        """Let it finish, then compare all that was counted with the truth.

        Several refiners do not know of each other's texts: each may take one for the first.
        """
        with explained(self.state):
            wait_until(self.ended, seconds=self._patience, what="the end of the run")
            wrong = differences(self._figures(), truth_of(self.posts), but=but)
            assert not wrong, wrong

    def starts_of(self, name: str) -> int:
        """How often a process was started."""
        return self._workers[name].starts

    def log_of(self, name: str) -> str:
        """What a process has said."""
        return (self._folder / f"{name}.log").read_text(errors="replace")

    def state(self) -> str:
        """For whoever reads a failure."""
        logs = [f"--- {name}\n{self.log_of(name)[-1500:]}" for name in self._workers]
        return "\n".join(
            [
                f"done to it: {', '.join(self.told) or 'nothing'}",
                f"{self.stored()} of {len(self.posts)} on disk",
                *logs,
            ]
        )

    def stop(self) -> None:
        """End everything."""
        for feed in self._feeds:
            feed.stop()
        for name in list(self._workers):
            self.leave(name)
        if self._store is not None:
            self._store.close()

    def _figures(self) -> Figures:
        assert self._store is not None
        return read_figures(self._store)

    def _feed(self, batches: Sequence[Batch], seconds: float) -> None:
        feed = Deliverer(
            self.servers.kafka,
            feed=FEED,
            partitions=int(self._settings["GROUNDSWELL_PARTITIONS"]),
            embedded=self.servers.embedded,
            seconds=seconds,
        )
        feed.start(batches)
        self._feeds.append(feed)

    def _answers(self) -> bool:
        store = self.servers.open()
        try:
            return bool(store.query("SELECT 1"))
        except StoreError:
            return False
        finally:
            store.close()

    def _tend(self) -> None:
        for name, worker in self._workers.items():
            if worker.process is None or worker.process.poll() is None:
                continue
            worker.ended = worker.ended or time.monotonic()
            if time.monotonic() - worker.ended > PAUSE:
                self._start(name)

    def _start(self, name: str) -> None:
        worker = self._workers[name]
        worker.process = spawn(
            [sys.executable, "-m", "streams.cli", "worker", *worker.stages],
            log=self._folder / f"{name}.log",
            environment=worker.settings,
        )
        worker.ended = None
        worker.starts += 1

    def _run(self, command: str) -> int:
        with (self._folder / "commands.log").open("ab") as log:
            words = [sys.executable, "-m", "streams.cli", command]
            return subprocess.run(
                words, env=self._settings, stdout=log, stderr=log, check=False, timeout=60
            ).returncode


def _environment() -> dict[str, Any]:
    return {name: value for name, value in os.environ.items() if "GROUNDSWELL" not in name}


def _last_of_all(post: Post) -> list[Post]:
    """A post for each partition, after `post`."""
    found: dict[int, Post] = {}
    number = 0
    while len(found) < PARTITIONS:
        number += 1
        name = f"last-{number}"
        text = f"the end of {BRANDS[0]}: {' '.join(WORDS[8 * number : 8 * number + 8])}"
        mark = replace(
            post,
            id=name,
            text=text,
            brands=BRANDS[:1],
            position=post.position + number,
            claimed=post.observed,
            outcome="stored",
            reason="",
            kind="post",
            edited=None,
        )
        found.setdefault(partition_of(f"test:{name}", PARTITIONS), mark)
    return list(found.values())
