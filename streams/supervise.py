"""The line on one machine: a broker and workers, started in order, kept alive, stopped in order.

What a process has not put on disk when it dies is sent again by the broker or by the feed, so any
of them may be killed at any moment. The broker keeps nothing: when it dies the whole line starts
again on a new one, with new consumer groups.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import structlog
import yaml

from infra.broker import BrokerError, EmbeddedBroker
from infra.config_watch import BY_STAGES, ConfigWatch
from infra.kafka import KafkaUnavailable, make_topics
from infra.kafka_security import OPEN
from infra.machine import memory_mb
from infra.metrics import Reading
from infra.private_file import write_private
from infra.settings import Settings, dump
from streams.child import Child
from streams.failures import LineFailed
from streams.memory_limits import memory_limit
from streams.on_the_way import nothing_on_the_way
from streams.topic_check import open_admin, wanted_of
from streams.topics import partition_counts

log = structlog.get_logger()
WORKERS: Mapping[str, Sequence[str]] = {
    "keep": ("store", "watch", "deliver"),  # owns the database, so it is first and last
    "refine": ("refine",),
    "score": ("score",),
    "feed": ("feed",),
    "feeds": ("feeds",),
}
STOP_ORDER = ("feeds", "feed", "refine", "score", "keep")
GIVERS = ("feed", "feeds")
"""Who only hands posts over: the rest of the line goes on without them."""
STARTS = 3
"""Attempts to start the line again before its error ends the run."""
MOST_FAILURES = 6
"""Failures of one worker in a row before it was ready after which starting it again is no help."""
MOST_CRASHES = 20
"""The same with nothing handled: to find the post that kills it takes a crash each step."""
WEIGH_EVERY = 2.0
"""Seconds between two looks at the broker's memory."""
CHANGE_PATIENCE = 60.0
"""Seconds that what is on its way gets to arrive before the broker is changed for an empty one."""
CHANGE_AGAIN = 600.0
"""Seconds until the next try, where others never stopped writing to it."""
STALLED_AFTER = 60.0
"""Seconds with posts waiting, none coming through and nobody at work, after those that a stage gets
to heal itself, after which the line starts again: groups of the embedded broker can get stuck."""


class Supervisor:
    """Runs the embedded line from `settings`, with logs and configuration in `folder`."""

    def __init__(
        self, settings: Settings, folder: Path, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` counts the seconds between two looks at the user's file of settings."""
        self.settings = settings
        self._folder = folder
        self._broker = None if settings.kafka else EmbeddedBroker(log=folder / "broker.log")
        self.children = [
            Child(
                name,
                stages,
                memory_mb=memory_limit(name, settings),
                metrics_port=metrics_port(name, settings),
            )
            for name, stages in WORKERS.items()
            if _is_wanted(name, settings)
        ]
        # Nothing of an earlier run may be taken for this one's: its broker counted from 0 as well.
        self._run = uuid4().hex[:8]
        self.generation = 0
        self._config = settings  # with the broker of this generation
        self._moved = (0.0, -1)
        self._weighed = 0.0
        self._watch = ConfigWatch(settings, stage="line", clock=clock)

    @property
    def address(self) -> str:
        """Where the broker listens."""
        return self._broker.address if self._broker else self.settings.kafka

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by name, the broker's too."""
        pids = {child.name: child.pid for child in self.children}
        if self._broker:
            pids["broker"] = self._broker.pid
        return {name: pid for name, pid in pids.items() if pid is not None}

    @property
    def finished(self) -> bool:
        """Whether the feed has ended and everything it gave has an outcome on disk."""
        return all(child.finished for child in self.children if child.name == "feed")

    @property
    def ready(self) -> bool:
        """Whether every stage takes part; feeds may come later."""
        return all(
            child.finished or (child.beat and child.beat.ready)
            for child in self.children
            if child.name != "feeds"
        )

    @property
    def restarts(self) -> int:
        """How often something had to be started again."""
        return sum(child.restarts for child in self.children) + max(0, self.generation - 1)

    def readings(self) -> dict[str, Reading]:
        """What each stage's process has done since it started."""
        beats = [child.beat for child in self.children if child.beat]
        return {reading.stage: reading for beat in beats for reading in beat.readings}

    def start(self) -> None:
        """Start the broker unless real ones are named, then the workers.

        Raises BrokerError, KafkaUnavailable.
        """
        config = self.settings
        self.generation += 1
        if self._broker:
            self._broker.start()
            group = f"{config.group}-{self._run}-{self.generation}"
            mine = {"kafka": self._broker.address, "real_kafka": False, "group": group}
            update = {**mine, "replication": 1, "kafka_security": OPEN}
            config = config.model_copy(update=update)
        self._config = config
        self._write_config()
        if self._broker:
            make_topics(config.kafka, partition_counts(config.partitions), replication=1)
        else:
            with closing(open_admin(config)) as admin:
                admin.create(wanted_of(config))
        for child in self.children:
            if not child.finished:
                self._start(child)
        self._moved = (time.monotonic(), -1)

    def poll(self) -> None:
        """Listen to everybody and start again what died. Raises LineFailed."""
        self._follow()
        for child in self.children:
            child.listen()
            if child.beat and child.beat.error and child.name != "feeds":
                raise LineFailed(child.beat.error)
        broker_died = self._broker is not None and not self._broker.alive
        if broker_died or self._stalled():
            log.warning("starting the line again", broker_died=broker_died)
            self._start_again()
            return
        if self._broker_is_full():
            self._change_broker()
            return
        for child in self.children:
            hopeless = child.failures >= MOST_CRASHES or child.stillborn >= MOST_FAILURES
            if hopeless and child.name != "feeds":  # what platforms send never ends the line
                raise LineFailed(f"{child.name} fails again and again: {self._last_word(child)}")
            if child.should_start():
                log.warning(
                    "starting again",
                    worker=child.name,
                    restarts=child.restarts,
                    reason=child.reason,
                )
                self._start(child)

    def stop(self, *, patience: float = 8.0, drain: float = 0.0) -> None:
        """Stop the workers in order, then the broker. Idempotent.

        Once nothing is fed any more, what is on its way gets up to `drain` seconds to arrive.
        """
        children = {child.name: child for child in self.children}
        for name in STOP_ORDER:
            if name in children:
                children[name].stop(patience=patience)
            if name == "feed" and drain and self._take_part() and not self._drained(drain):
                log.warning("stopped before all was written")
        if self._broker:
            self._broker.stop()

    def _start_again(self) -> None:
        """Stop what still runs and start all, a few times: a broker may die while it starts."""
        for attempt in range(1, STARTS + 1):
            self.stop(patience=0.5)
            try:
                self.start()
            except (BrokerError, KafkaUnavailable) as error:
                if attempt == STARTS:
                    raise
                log.warning("did not start", error=str(error))
            else:
                return

    def _broker_is_full(self) -> bool:
        now = time.monotonic()
        if self._broker is None or now - self._weighed < WEIGH_EVERY:
            return False
        self._weighed = now
        return memory_mb(self._broker.pid) > self.settings.broker_memory_mb

    def _change_broker(self) -> None:
        """Go on with an empty one, once all that this one has been given is written."""
        log.info("the broker is full: going on with an empty one")
        for child in self.children:
            if child.name == "feed":
                child.stop(patience=8.0)
        if self._drained(CHANGE_PATIENCE):
            self._start_again()
            return
        log.warning("the broker stays: others write to it without a pause", worker="broker")
        self._weighed = time.monotonic() + CHANGE_AGAIN

    def _drained(self, patience: float) -> bool:
        """Wait until nothing is on its way; whether that came true."""
        if self._broker is None:
            return True  # a broker of its own keeps it for the next run
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and self._take_part():
            for child in self.children:
                child.listen()
            try:
                if nothing_on_the_way(self._config):
                    return True
            except KafkaUnavailable:
                return False
            time.sleep(0.05)
        return False

    def _take_part(self) -> bool:
        return all(child.alive for child in self.children if child.name not in GIVERS)

    def _last_word(self, child: Child) -> str:
        lines = (self._folder / f"{child.name}.log").read_text(errors="replace").splitlines()
        last = next((line for line in reversed(lines) if line.strip()), "it said nothing")
        try:
            said = msgspec.json.decode(last, type=dict[str, Any])
        except msgspec.DecodeError:
            return last
        return str(said.get("error") or said.get("event") or last)

    def _follow(self) -> None:
        """Let who is started again have what deliver has taken over from the user's file."""
        news = self._watch.changed()
        if news is None:
            return
        self.settings = news
        followed = {name: getattr(news, name) for name in BY_STAGES}
        self._config = self._config.model_copy(update=followed)
        self._write_config()

    def _write_config(self) -> None:
        text = yaml.safe_dump(dump(self._config), allow_unicode=True)
        write_private(self._folder / "line.yaml", text)

    def _start(self, child: Child) -> None:
        child.start(config=self._folder / "line.yaml", log=self._folder / f"{child.name}.log")

    def _stalled(self) -> bool:
        readings = self.readings()
        if "feed" not in readings or "store" not in readings:
            self._moved = (time.monotonic(), -1)
            return False
        waiting = readings["feed"].waiting
        # Who has messages in hand is ended by its own watchdog, and what it had in hand is known by
        # its group: a new broker would have to find a post that hangs its stage all over again.
        busy = any(child.beat and child.beat.busy for child in self.children)
        if not waiting or busy or readings["store"].posts != self._moved[1]:
            self._moved = (time.monotonic(), readings["store"].posts)
        patience = self.settings.stall_seconds + STALLED_AFTER
        return time.monotonic() - self._moved[0] > patience


def metrics_port(name: str, settings: Settings) -> int:
    """The port of a worker's metrics: the one in the settings, and the next ones; 0 for none."""
    return settings.metrics_port and settings.metrics_port + list(WORKERS).index(name)


def _is_wanted(name: str, settings: Settings) -> bool:
    if name == "feeds":
        return bool(settings.feeds or settings.push)
    return name != "feed" or bool(settings.feed)
