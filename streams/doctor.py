"""`groundswell doctor`: every check that fits these settings, at once.

What is looked at is what the settings name: servers, or the embedded line that runs on the data
folder, if one does.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Generic, TypeVar

from pydantic_settings import SettingsError

from infra.config_file import read_config
from infra.deliver.delivery_log import receiver_states
from infra.doctor import clickhouse, clocks, data, groups, kafka, model, receivers
from infra.doctor import settings as held
from infra.doctor.finding import Check, Finding, Said, fail, ok
from infra.doctor.run import run_checks
from infra.open_store import open_running, told_socket
from infra.settings import FileSettings, Settings
from infra.store import Store, StoreUnavailable
from infra.store_chdb import ChdbStore
from streams.lags import lag_readers
from streams.on_the_way import READS, group_of
from streams.topic_check import open_admin, wanted_of
from streams.topics import CLEAN
from streams.trial import as_text, try_receiver

T = TypeVar("T")
LINE_FILE = "line.yaml"
"""Beside the socket of a running line: the settings of its processes, its broker's address too."""
SLOW = 60.0
"""Seconds for what loads a model or asks many partitions."""


class Once(Generic[T]):
    """Opens something when it is first asked for, for all who ask; failing, it fails for all."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self.made: T | None = None
        self._error: Exception | None = None

    def __call__(self) -> T:
        """The one. Raises as `make` does."""
        with self._lock:
            if self._error is not None:
                raise self._error
            if self.made is None:
                try:
                    self.made = self._make()
                except Exception as error:
                    self._error = error
                    raise
            return self.made


class Tools:
    """What the checks share."""

    def __init__(self, settings: Settings) -> None:
        self.line = None if settings.kafka else running_line(settings)
        self.store = Once(lambda: open_for_look(settings))
        self.admin = Once(lambda: open_admin(self.line or settings))

    def close(self) -> None:
        """Let go of what was opened."""
        for one in (self.store.made, self.admin.made):
            if one is not None:
                one.close()


def examined(settings: Settings, *, send: bool = False) -> list[Finding]:
    """What all checks found. `send`: with a message to each receiver."""
    tools = Tools(settings)
    found = run_checks(checks_of(settings, tools, send=send))
    if not any("given_up" in one.figures for one in found):  # else one of them may be at work still
        tools.close()
    return found


def checks_of(settings: Settings, tools: Tools, *, send: bool = False) -> list[Check]:
    """The checks, in the order in which they are shown."""
    kafka_checks = _kafka if settings.kafka else _embedded
    return [
        *_settings(settings),
        *kafka_checks(settings, tools),
        *_database(settings, tools),
        *_receivers(settings, tools.store, send=send),
    ]


def running_line(settings: Settings) -> Settings | None:
    """The settings of the processes of the line that runs on the data folder, if one does."""
    socket = told_socket(settings.data)
    if socket is None:
        return None
    with suppress(SettingsError, ValueError):
        try:
            open_running(settings).close()
        except StoreUnavailable:
            return None  # it was killed
        return FileSettings(**read_config(socket.parent / LINE_FILE))
    return None


def open_for_look(settings: Settings) -> Store:
    """The database as it is: nothing in it is made or changed. Raises StoreError."""
    try:
        return open_running(settings)
    except StoreUnavailable:
        folder = settings.data / "database"
        if settings.clickhouse or settings.socket or not folder.is_dir():
            raise
        return ChdbStore(folder)


def _settings(settings: Settings) -> Iterator[Check]:
    config = os.environ.get("GROUNDSWELL_CONFIG", "")
    yield Check(
        name="settings",
        look=lambda: [*held.file(settings, config), *held.variables(os.environ)],
    )
    yield Check(name="authors", look=lambda: held.authors(settings))
    yield Check(name="page", look=lambda: held.page(settings))
    yield Check(
        name="machine",
        look=lambda: model.room(threads=settings.score_threads, embedded=not settings.kafka),
    )
    yield Check(
        name="model",
        look=lambda: model.model(
            settings.model,
            threads=settings.score_threads,
            data=settings.data,
            torch=settings.torch_options(),
        ),
        seconds=SLOW,
    )
    if not settings.clickhouse:
        yield Check(name="data", look=lambda: data.folder(settings.data))


def _kafka(settings: Settings, tools: Tools) -> Iterator[Check]:
    admin = tools.admin
    wanted = wanted_of(settings)
    yield Check(
        name="kafka",
        look=lambda: kafka.server(
            admin,
            settings.kafka,
            settings.kafka_security,
            replication=settings.replication,
        ),
        seconds=30.0,
    )
    yield Check(
        name="topics", look=lambda: kafka.topics(admin, wanted, of_posts=CLEAN), seconds=30.0
    )
    yield Check(name="groups", look=lambda: _groups(settings, admin), seconds=SLOW)
    names = [topic.name for topic in wanted]
    yield Check(
        name="clock of writers", look=lambda: clocks.of_writers(admin, names, _now), seconds=30.0
    )


def _embedded(_settings: Settings, tools: Tools) -> Iterator[Check]:
    line = tools.line
    if line is None:
        yield Check(
            name="line", look=lambda: [ok("no line runs here: `groundswell run` starts one")]
        )
        return
    yield Check(name="line", look=lambda: kafka.embedded(tools.admin), seconds=30.0)
    yield Check(name="groups", look=lambda: _groups(line, tools.admin), seconds=SLOW)


def _groups(settings: Settings, admin: kafka.Open) -> Iterator[Said]:
    topics = sorted({topic for read in READS.values() for topic in read})
    there = kafka.reached(admin).topics(topics)
    partitions = {name: state.partitions for name, state in there.items()}
    readers = lag_readers(settings, READS, partitions)
    names = {stage: group_of(stage, settings) for stage in READS}
    yield from groups.groups(admin, readers, names)


def _database(settings: Settings, tools: Tools) -> Iterator[Check]:
    store = tools.store
    if not settings.clickhouse and tools.line is None and not (settings.data / "database").is_dir():
        yield Check(name="database", look=lambda: [ok("the database is made at the first start")])
        return
    embedded = not settings.clickhouse
    yield Check(name="database", look=lambda: clickhouse.server(store), seconds=30.0)
    yield Check(
        name="schema",
        look=lambda: clickhouse.schema(store, line_migrates=embedded),
        seconds=30.0,
    )
    yield Check(name="storage", look=lambda: clickhouse.storage(store), seconds=30.0)
    if not embedded:
        yield Check(name="inserts", look=lambda: clickhouse.settings(store), seconds=30.0)
        yield Check(
            name="clock of the database",
            look=lambda: clocks.of_database(store, _now),
            seconds=30.0,
        )


def _receivers(settings: Settings, store: Once[Store], *, send: bool) -> Iterator[Check]:
    named = settings.receivers
    yield Check(name="receivers", look=lambda: receivers.addresses(named, settings.allow_hosts))
    if settings.clickhouse or (settings.data / "database").is_dir():
        yield Check(
            name="deliveries",
            look=lambda: receivers.record(named, lambda: receiver_states(store(), named)),
            seconds=30.0,
        )
    if send:
        yield Check(name="test messages", look=lambda: _sent(settings), seconds=SLOW)


def _sent(settings: Settings) -> Iterator[Said]:
    for receiver in settings.receivers:
        attempt = try_receiver(settings, receiver, now=_now())
        text = as_text(receiver, attempt)
        if attempt.outcome == "delivered":
            yield ok(text)
        else:
            yield fail(text, f"mend it, then `groundswell receivers test {receiver.name}`")


def _now() -> datetime:
    return datetime.now(UTC)
