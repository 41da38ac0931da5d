"""`groundswell replay` as one process group, kept running as a service manager would."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from infra.store import StoreError
from infra.store_socket import SocketStore
from tests.conftest import Command
from tests.faults.figures import Figures, differences
from tests.faults.posts import BRANDS, MODEL, Post, as_row, truth_of
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
WORKERS = ("keep", "refine", "score", "feed")
PATIENCE = 150.0
"""Seconds in which a line that is left alone must come to its end."""


class ReplayLine:
    """A replay of `posts` at a pace that lasts about `seconds`, and what is done to it."""

    def __init__(
        self,
        folder: Path,
        posts: Sequence[Post],
        *,
        seconds: float,
        data: Path | None = None,
        within: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self.posts = posts
        self.told: list[str] = []
        """What was done, in order."""
        self.data = data or folder / "data"
        self._folder = folder
        self._within = within
        self._patience = patience
        self._settings = {
            "GROUNDSWELL_MODEL": MODEL,
            "PYTHONPATH": str(ROOT),
            **(settings or {}),
        }
        self._starts = 0
        self._killed = False
        self._command: Command | None = None
        self._file = folder / "posts.jsonl"
        self._file.write_bytes(b"\n".join(map(as_row, posts)) + b"\n")
        span = posts[-1].observed - posts[0].observed
        self._speed = span.total_seconds() / seconds

    @property
    def command(self) -> Command:
        """The command that runs now."""
        assert self._command is not None, "start the line first"
        return self._command

    def start(self) -> None:
        """Start it, again with the same words."""
        place = self._folder / str(self._starts)
        place.mkdir()
        self._starts += 1
        self._killed = False
        brands = [word for brand in BRANDS for word in ("--brand", brand)]
        words = ["replay", str(self._file), "--speed", f"{self._speed:.1f}", *brands]
        words += ["--data", str(self.data), "--summary", str(self._summary)]
        self._command = Command(place, words, self._settings, within=self._within)

    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return not self._killed and self.command.process.poll() is not None

    def process(self, name: str) -> int:
        """Process id of a part, as soon as it has one."""
        if name == "supervisor":
            return self.command.process.pid
        return int(
            wait_until(
                lambda: self.ended() or self.command.children().get(name),
                seconds=60,
                what=f"{name} to run",
            )
        )

    def stored(self) -> int:
        """Rows of the feed that have an outcome on disk; 0 while nobody can say."""
        for path in self.command.temporary.glob("groundswell-*/db.sock"):
            store = SocketStore(path, timeout=2)
            try:
                return int(store.query("SELECT count() FROM receipts FINAL")[0][0])
            except StoreError:
                return 0
            finally:
                store.close()
        return 0

    def kill(self, name: str) -> None:
        """SIGKILL a part, or the supervisor and with it everybody."""
        if name != "supervisor":
            self.signal(name, signal.SIGKILL)
            return
        everybody = self.command.children().values()
        self._killed = True
        self.command.process.kill()
        self.command.process.wait()
        wait_until(lambda: not any(map(is_alive, everybody)), what="the end of all processes")
        self.start()

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a part a signal; nothing if the run is over."""

        def sent() -> bool:
            pid = self.process(name)
            if self.ended():
                return True
            with suppress(ProcessLookupError):  # it died just now: the next one gets it
                os.kill(pid, number)
                return True
            return False

        wait_until(sent, seconds=60, what=f"{name} to be there")

    def finish(self) -> Figures:
        """Wait for the end; what is in the database then. Fails if it does not end well."""
        with explained(self.state):
            wait_until(self.ended, seconds=self._patience, what="the end of the run")
        assert self.command.process.returncode == 0, self.state()
        return figures_of(self.data / "database", within=self._within)

    def check(self, *, but: frozenset[str] = frozenset()) -> None:
        """Let it finish, then compare all that was counted with the truth."""
        truth = truth_of(self.posts)
        wrong = differences(self.finish(), truth, but=but)
        assert not wrong, wrong
        summary = json.loads(self._summary.read_bytes())
        assert summary["posts_read"] == len(self.posts)
        assert summary["posts_stored"] == truth.posts
        assert summary["repeats_dropped"] == truth.receipts.get("repeat repeat", 0)
        assert summary["dead_letters"] == sum(truth.dead_letters.values())
        assert summary["dead"] == truth.dead_letters
        assert {b: c["posts"] for b, c in summary["brands"].items()} == _by_brand(truth)

    def state(self) -> str:
        """For whoever reads a failure: what was done, what it said, how far it is."""
        logs = [
            f"--- {path.name}\n{path.read_text(errors='replace')[-1500:]}"
            for path in self.command.temporary.glob("groundswell-*/*.log")
        ]
        return "\n".join(
            [
                f"done to it: {', '.join(self.told) or 'nothing'}",
                f"{self.stored()} of {len(self.posts)} on disk; runs: {self.command.children()}",
                *logs,
                "--- stderr",
                self.command.err[-3000:],
            ]
        )

    def stop(self) -> None:
        """End it, whatever it does; also what is stopped by a signal."""
        if self._command is not None:
            self._killed = True
            self._command.stop()

    @property
    def _summary(self) -> Path:
        return self._folder / "summary.json"


@contextmanager
def explained(state: Callable[[], str]) -> Iterator[None]:
    """A failure in the block says how things stood then."""
    try:
        yield
    except AssertionError as failure:
        failure.add_note(state())
        raise


def figures_of(database: Path, *, within: Sequence[str] = ()) -> Figures:
    """What is in a database folder that nobody has open: chDB opens one folder a process."""
    command = [*within, sys.executable, "-m", "tests.faults.figures", str(database)]
    # The folder it is started in may be another one inside.
    settings = {**os.environ, "PYTHONPATH": str(ROOT)}
    read = subprocess.run(command, capture_output=True, env=settings, check=False)
    assert read.returncode == 0, read.stderr.decode()
    return msgspec.json.decode(read.stdout, type=Figures)


def is_alive(pid: int) -> bool:
    """Whether the process runs or is stopped; a zombie is dead."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def _by_brand(truth: Figures) -> dict[str, Any]:
    brands: dict[str, int] = {}
    for key, count in truth.clusters.items():
        brand = key.partition(":")[0]
        brands[brand] = brands.get(brand, 0) + count
    return brands
