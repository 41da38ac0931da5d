"""A worker process as its supervisor sees it."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from infra.config_file import PREFIX
from infra.process import end, spawn
from infra.settings import is_setting
from streams.exits import reason_of
from streams.worker import Heartbeat

SILENT_AFTER = 60.0
"""Seconds without a heartbeat after which a worker is taken for hung."""
STEADY_AFTER = 20.0
"""Seconds of running after which it is started again at once, if it did not get on before."""
LONGEST_PAUSE = 10.0


class Child:
    """One worker: started, listened to, started again after a growing pause when it died."""

    def __init__(
        self, name: str, stages: Sequence[str], *, memory_mb: int = 0, metrics_port: int = 0
    ) -> None:
        """What it gets in place of what the settings say, 0 for that: `memory_mb`, its limit, and
        `metrics_port`."""
        self.name = name
        self.stages = tuple(stages)
        self.ends: Counter[str] = Counter()  # why it had to be started again
        self.reason = ""  # the last of them
        self.beat: Heartbeat | None = None
        self.restarts = 0
        self.failures = 0  # ends that nobody asked for, one after the other, with nothing handled
        self.stillborn = 0  # those before it was ready
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe = -1
        self._buffer = b""
        self._started = self._heard = self._due = 0.0
        self._pause = 0.0
        self._own = {"MEMORY_LIMIT_MB": memory_mb, "METRICS_PORT": metrics_port}
        self._silent = False

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self.alive and self._process else None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def could_start(self) -> bool:
        """Whether it was heard to be ready since it was started last."""
        return self.beat is not None and (self.beat.ready or self._got_on())

    @property
    def finished(self) -> bool:
        """Whether it ended because its work was done, and not because someone stopped it."""
        return not self.alive and self.beat is not None and self.beat.finished

    def start(self, *, config: Path, log: Path) -> None:
        """Start the process; its settings are in the file `config`."""
        self._close_pipe()
        self._pipe, theirs = os.pipe()
        os.set_blocking(self._pipe, False)
        os.set_blocking(theirs, False)
        command = [sys.executable, "-m", "streams.cli", "worker", *self.stages]
        self._process = spawn(
            [*command, "--status-fd", str(theirs)],
            log=log,
            environment=_environment(config, self._own),
            pass_fds=[theirs],
        )
        os.close(theirs)
        self.beat, self._buffer, self._silent = None, b"", False
        self._started = self._heard = time.monotonic()

    def listen(self) -> None:
        """Take in what it has said; kill it if it has been silent too long."""
        while self._pipe >= 0:
            try:
                said = os.read(self._pipe, 65536)
            except BlockingIOError:
                break
            if not said:
                self._close_pipe()
                break
            self._heard = time.monotonic()
            *lines, self._buffer = (self._buffer + said).split(b"\n")
            for line in lines[-1:]:
                self.beat = msgspec.json.decode(line, type=Heartbeat)
        if self.alive and self._process and time.monotonic() - self._heard > SILENT_AFTER:
            self._silent = True
            self._process.kill()

    def should_start(self) -> bool:
        """Whether it died and its pause is over."""
        if self.alive:
            return False
        self.listen()  # its last words may say that it is done
        if self.finished:
            return False
        now = time.monotonic()
        if not self._due:
            steady = now - self._started > STEADY_AFTER
            fresh = steady or self._got_on() or not self._pause
            self._pause = 0.2 if fresh else min(2 * self._pause, LONGEST_PAUSE)
            self._due = now + self._pause
            self._count_end()
            return False
        if now < self._due:
            return False
        self._due = 0.0
        return True

    def stop(self, *, patience: float) -> None:
        """Ask it to end, and see that it does."""
        if self._process is not None:
            end(self._process, patience=patience)
        self._close_pipe()

    def _count_end(self) -> None:
        self.restarts += 1
        status = self._process.returncode if self._process is not None else 0
        self.reason = "silent" if self._silent else reason_of(status)
        self.ends[self.reason] += 1
        # Time alone is no progress: a hang lasts until somebody ends it. Nor is every signal
        # somebody's: a fault of memory in a library ends in one too.
        if self._got_on():
            self.failures = 0
        elif status != 0:
            self.failures += 1
        if self.could_start:
            self.stillborn = 0
        elif status != 0:
            self.stillborn += 1

    def _got_on(self) -> bool:
        """Whether it handled posts before it ended: starting it again does help."""
        return self.beat is not None and any(reading.posts for reading in self.beat.readings)

    def _close_pipe(self) -> None:
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1


def _environment(config: Path, own: Mapping[str, int]) -> dict[str, str]:
    """Ours, with all settings from the file: what the environment set is in there already.

    Its own win over them.

    Other variables stay, whatever they are called: settings may name them as secrets.
    """
    kept = {name: value for name, value in os.environ.items() if not is_setting(name)}
    more = {f"{PREFIX}{name}": str(value) for name, value in own.items() if value}
    return {**kept, **more, "GROUNDSWELL_CONFIG": str(config), "PYTHONUNBUFFERED": "1"}
