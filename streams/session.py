"""One run of the embedded line in the foreground: started, shown, ended cleanly."""

import shutil
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TypeVar

from rich.console import Console
from rich.live import Live

from infra.deliver.recall import outstanding
from infra.lock import locked
from infra.machine import free_disk_mb
from infra.open_store import open_store, socket_told, told_socket
from infra.series import earliest_post
from infra.settings import Settings
from infra.store import Store, StoreUnavailable
from streams.failures import Interrupted
from streams.snapshot import Snapshot, take
from streams.supervise import Supervisor
from streams.view import Screen

T = TypeVar("T")

LOOK_EVERY = 0.5
PLAIN_EVERY = 5.0
RATE_OVER = 5.0
PREFIX = "groundswell-"
SOCKET = "db.sock"
LONGEST_FOLDER = 77
"""Characters: the path of a unix socket may have 107 (unix(7))."""
LITTLE_MB = 100
DRAIN = 1.5
DELIVERY_PATIENCE = 10.0
"""Seconds a finished run waits for receivers. What they did not take stays in the outbox, as does
what is held for longer, as in quiet hours."""


class Session:
    """The line, running."""

    def __init__(self, supervisor: Supervisor, store: Store, feed: str) -> None:
        self.supervisor = supervisor
        self.store = store
        self.feed = feed
        self._stored: deque[tuple[float, int]] = deque()
        self._settled_at: float | None = None

    def look(self) -> Snapshot | None:
        """The line's state now, None while it cannot be read."""
        if not self.supervisor.ready:  # before that there may be no tables
            return None
        try:
            snapshot = take(self.store, self.feed, self.supervisor.readings())
        except StoreUnavailable:
            return None
        if snapshot.progress:
            self._stored.append((time.monotonic(), snapshot.progress.durable))
        while self._stored and time.monotonic() - self._stored[0][0] > RATE_OVER:
            self._stored.popleft()
        return snapshot

    def settled(self, snapshot: Snapshot | None) -> bool:
        """Whether everything the feed gave is on disk, judged, and told to all receivers."""
        if snapshot is None or snapshot.progress is None or not self.supervisor.finished:
            return False
        if snapshot.judged_until is None:
            return snapshot.progress.state == "finished" and earliest_post(self.store) is None
        if snapshot.judged_until <= snapshot.progress.clock:
            return False
        self._settled_at = self._settled_at or time.monotonic()
        if time.monotonic() - self._settled_at > DELIVERY_PATIENCE:
            return True
        soon = datetime.now(UTC) + timedelta(seconds=DELIVERY_PATIENCE)
        return not outstanding(self.store, self.supervisor.settings.receivers, soon)

    def ask(self, work: Callable[[Store], T]) -> T:
        """The answer of `work` as soon as the database is there. Raises LineFailed."""
        while True:
            try:
                return work(self.store)
            except StoreUnavailable:
                self.supervisor.poll()
                time.sleep(0.05)

    @property
    def rate(self) -> float:
        """Posts that became durable, a second, over the last seconds."""
        if len(self._stored) < 2:
            return 0.0
        (began, before), (now, after) = self._stored[0], self._stored[-1]
        return max(after - before, 0) / max(now - began, 0.001)

    def follow(
        self, screen: Screen, console: Console, until: Callable[[Snapshot | None], bool]
    ) -> None:
        """Keep the line alive and the screen fresh until `until` says so.

        On a terminal the screen is live; elsewhere a plain line appears every few seconds.
        Raises LineFailed.
        """
        live = Live(screen, console=console, refresh_per_second=4, transient=True)
        looked = told = 0.0
        with live if console.is_terminal else ExitStack():
            while True:
                self.supervisor.poll()
                now = time.monotonic()
                if now - looked >= LOOK_EVERY:
                    looked = now
                    snapshot = self.look()
                    screen.update(
                        snapshot,
                        rate=self.rate,
                        restarts=self.supervisor.restarts,
                        trouble=room_line(self.supervisor.settings),
                    )
                    if not console.is_terminal and now - told >= PLAIN_EVERY:
                        told = now
                        console.print(screen.plain(), soft_wrap=True)
                    # The database may go away in between: its process is then started again.
                    with suppress(StoreUnavailable):
                        if until(snapshot):
                            return
                time.sleep(0.05)


def room_line(settings: Settings, free_mb: Callable[[Path], int] = free_disk_mb) -> str:
    """What to say of a disk that is about to be full; empty while there is room.

    Stages wait for room without end, and what they wait for stands in their logs alone.
    """
    if settings.clickhouse:
        return ""
    try:
        free = free_mb(settings.data)
    except OSError:  # whoever writes there says what is wrong
        return ""
    if free >= LITTLE_MB:
        return ""
    return f"{free:,} MB free on the disk of {settings.data}: free some, the line waits for room"


@contextmanager
def running(settings: Settings, *, feed: str, drain: float = DRAIN) -> Iterator[Session]:
    """Run the line; whatever ends the block, no process and no temporary file stays.

    What is on its way then gets `drain` seconds to arrive: what a feed has sent and not seen on
    disk it sends again.

    The database stays in `settings.data`. Raises FolderInUse, BrokerError, LineFailed, OSError.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix=PREFIX, dir=_short_folder())))
        stack.enter_context(locked(settings.data))
        clear_after_kill(settings.data)
        settings = settings.model_copy(update={"socket": folder / SOCKET})
        stack.enter_context(socket_told(settings.data, folder / SOCKET))
        supervisor = Supervisor(settings, folder)
        store = open_store(settings)
        stack.callback(store.close)
        stack.callback(supervisor.stop, drain=drain)
        supervisor.start()
        yield Session(supervisor, store, feed)


@contextmanager
def interruptible() -> Iterator[None]:
    """The first Ctrl-C, SIGTERM or SIGHUP raises Interrupted; more of them wait for the end.

    Goes around everything that has to be put away.
    """

    def interrupt(_number: int, _frame: object) -> None:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        raise Interrupted

    stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, interrupt) for number in stops}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def clear_after_kill(data: Path) -> None:
    """Remove the temporary folder of a line that was killed here: secrets are in its settings.

    Only for who has the lock: the line that is spoken of is dead.
    """
    socket = told_socket(data)
    if socket is None or socket.name != SOCKET or not socket.parent.name.startswith(PREFIX):
        return
    if socket.parent.parent == Path(_short_folder() or gettempdir()):
        shutil.rmtree(socket.parent, ignore_errors=True)


def _short_folder() -> str | None:
    """Where temporary folders go: the usual place, unless a socket's path gets too long there."""
    return "/tmp" if len(gettempdir()) > LONGEST_FOLDER else None
