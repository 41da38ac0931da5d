"""What happened, told to every viewer: one poller a process, whatever the number of viewers."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, Literal, get_args

import structlog
from msgspec import Struct

from infra.deliver.people import people_mark
from infra.page.traffic import Traffic
from infra.sql import load
from infra.store import Store, StoreError

What = Literal["posts", "incident", "judged", "people", "feeds", "sent", "labels"]

PATIENCE: Final = 25
"""Looks at a database that is away before anything is said of it."""
EVERY: Final = 0.4
"""Seconds between two looks while somebody listens: a post is heard of within a second."""
OTHERS: Final = 3
"""Of so many looks one is for other things than posts: they take six times as long to look at."""
ALONE: Final = 1.0
"""The same while nobody does: how fast posts come in is still counted."""
MOST_VIEWERS: Final = 2_000
log = structlog.get_logger()


class News(Struct, frozen=True):
    """Something that viewers may want to read anew; an empty brand stands for all."""

    brand: str
    what: What


class Viewer:
    """One who listens. What was not told yet is kept once, however often it happened."""

    def __init__(self, sees: Callable[[str], bool]) -> None:
        """`sees` says which brands."""
        self._sees = sees
        self._waiting: dict[News, datetime] = {}
        self._ready = asyncio.Event()
        self.closed = False

    def tell(self, news: Iterable[News], at: datetime) -> None:
        """Keep for when the viewer is ready."""
        for one in news:
            if not one.brand or self._sees(one.brand):
                self._waiting[one] = at
        if self._waiting:
            self._ready.set()

    def close(self) -> None:
        """No more will come."""
        self.closed = True
        self._ready.set()

    async def next(self) -> dict[News, datetime]:
        """What happened since, as soon as something has; empty at the end."""
        await self._ready.wait()
        self._ready.clear()
        waiting, self._waiting = self._waiting, {}
        return {} if self.closed else waiting


class Hub:
    """All viewers. Used from the event loop only."""

    def __init__(self) -> None:
        self._viewers: set[Viewer] = set()
        self._is_closed = False
        self.begun = asyncio.Event()  # set once somebody looks: from then on nothing is missed
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def viewers(self) -> int:
        """How many listen."""
        return len(self._viewers)

    @property
    def is_full(self) -> bool:
        """Whether no more may come."""
        return self._is_closed or len(self._viewers) >= MOST_VIEWERS

    @contextmanager
    def viewing(self, sees: Callable[[str], bool]) -> Iterator[Viewer]:
        """One who hears what happens while the block runs, until the hub is closed."""
        self._loop = asyncio.get_running_loop()
        viewer = Viewer(sees)
        self._viewers.add(viewer)
        if self._is_closed:
            viewer.close()
        try:
            yield viewer
        finally:
            self._viewers.discard(viewer)

    def tell(self, news: Iterable[News], at: datetime) -> None:
        """Tell everybody."""
        some = list(news)
        for viewer in self._viewers:
            viewer.tell(some, at)

    def let_go_soon(self) -> None:
        """Who listens has to come again, and is asked anew who they are. From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._let_go)

    def _let_go(self) -> None:
        for viewer in self._viewers:
            viewer.close()

    def close_soon(self) -> None:
        """As `close`, from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.close)

    def close(self) -> None:
        """Let everybody go: a server cannot stop while somebody listens."""
        self._is_closed = True
        self._let_go()


class Poller:
    """Looks what is new in the database."""

    def __init__(self, store: Store, traffic: Traffic) -> None:
        self._store = store
        self._traffic = traffic
        self._block: int | None = None
        self._marks: dict[What, Any] = {}

    def look(self) -> list[News]:
        """What happened since the last look; nothing at the first. Raises StoreError."""
        return [*self.look_for_posts(), *self._others()]

    def look_for_posts(self) -> list[News]:
        """The same of posts alone."""
        newest = int(self._store.query(load("newest_block"))[0][0])
        last, self._block = self._block, newest
        if last is None or newest == last:
            return []
        if newest < last:  # another database has come in its place
            return [News("", "posts")]
        found = []
        for is_all, brand, _, posts, seconds, within in self._store.query(
            load("new_rows"), {"block": last}
        ):
            if not is_all:
                found.append(News(brand, "posts"))
            elif posts:
                self._traffic.add(posts, seconds, within=within)
        return found

    def _others(self) -> list[News]:
        incidents, judged, feeds, sent, labels = self._store.query(load("page_marks"))[0]
        marks: dict[What, Any] = {
            "incident": incidents,
            "judged": judged,
            "feeds": feeds,
            "sent": sent,
            "labels": labels,
            "people": people_mark(self._store),
        }
        before, self._marks = self._marks, marks
        changed = [what for what, mark in marks.items() if before and before[what] != mark]
        return [
            News(brand, what)
            for what in changed
            for brand in (self._brands(before[what]) if what == "incident" else [""])
        ]

    def _brands(self, mark: tuple[int, int]) -> list[str]:
        """Whose incidents changed since a mark of them: who sees others hears nothing of it."""
        _, since = mark
        return [row[0] for row in self._store.query(load("incident_news"), {"since": since})]


async def follow(
    poller: Poller, hub: Hub, now: Callable[[], datetime], forget: Callable[[], None]
) -> None:
    """Look again and again, and tell. A database that is away is waited for; then all is new.

    `forget` is called before anybody is told, so that nobody reads what was read before the news.

    That is worth a word only after some looks: the page of a line begins before its database.
    """
    away = turn = 0
    while True:
        is_short = hub.viewers > 0 and turn % OTHERS > 0
        turn += 1
        try:
            news = await asyncio.to_thread(poller.look_for_posts if is_short else poller.look)
        except StoreError as error:
            away, news = away + 1, []
            if away == PATIENCE:
                log.warning("waiting", stage="page", error=str(error))
        else:
            if away:
                news = [News("", what) for what in get_args(What)]
            away = 0
        hub.begun.set()
        if news:
            forget()
            hub.tell(news, now())
        await asyncio.sleep(EVERY if hub.viewers else ALONE)
