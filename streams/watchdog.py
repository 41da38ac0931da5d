"""Ends a process whose stage stands still, or that has grown too large.

Consumers of Faust are known to stop reading without a word, handlers hang, libraries leak. None of
that loses anything: what is not acknowledged comes again to the process started next. So the cure
is always the same, and this decides when: input is waiting and a stage has shown no sign of life
for a set time, or the process is over its memory limit.

It runs in a thread of its own, on a connection of its own: nothing the stages do can hold it up.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NoReturn, Protocol, runtime_checkable

import structlog
from msgspec import Struct

from infra.kafka import Tail as BrokerTail
from infra.machine import memory_mb
from infra.settings import Settings
from infra.stage_events import StageEvent, record
from infra.store import Store
from streams.exits import OUT_OF_MEMORY, STALLED
from streams.line import crash
from streams.pulse import Place, Pulse

log = structlog.get_logger()
LAST_BATCH = 5.0
"""Seconds that the work in hand gets to end when the process has grown too large."""
AT_LEAST = 10.0
"""Seconds that no share of the set time goes below: a busy machine is no stall."""
JOINING = 30.0
"""Seconds without a partition, at least, that are no stall yet: after a death the embedded broker
first has to notice, and then everybody joins anew."""
LAST_WORDS = 3.0
"""Seconds for telling the database: it may be what hangs."""


@runtime_checkable
class Watched(Protocol):
    """A stage that reads from the broker."""

    @property
    def pulse(self) -> Pulse:
        """Its signs of life."""
        ...

    def assigned(self) -> Mapping[Place, int]:
        """Partitions it reads now, with the offset that it began at."""
        ...


class Tail(Protocol):
    """What waits in topics: a client of the broker that reads no group's messages."""

    def ends(self, places: Sequence[Place]) -> Mapping[Place, int]:
        """Offsets behind the last message, or before it, never past it; none while it is away."""
        ...

    def places(self, topics: Sequence[str]) -> Sequence[Place]:
        """The partitions of the topics; none while the broker is away."""
        ...

    def has_input(self, place: Place, position: int) -> bool:
        """Whether a message lies at `position` or behind it; no while the broker is away."""
        ...


class Trouble(Struct, frozen=True):
    """Why the process has to end."""

    stage: str
    kind: str  # stalled or memory
    detail: str


class Limits(Struct, frozen=True, kw_only=True):
    """What is too much."""

    stall_seconds: float
    joining_seconds: float = JOINING
    memory_mb: int = 0  # 0: no limit
    shared: bool = False  # whether others may read all partitions, and this one rightly none

    @property
    def every(self) -> float:
        """Seconds between two looks."""
        return min(max(self.stall_seconds / 10, 0.1), 5.0)


class _Stillness(Struct):
    beats: int = -1
    since: float | None = None  # when input was first seen waiting after the last sign of life


class Watchdog:
    """Looks at `stages`, and at the memory of the process."""

    def __init__(
        self,
        stages: Sequence[Watched],
        limits: Limits,
        tail: Tail,
        *,
        memory: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stages = stages
        self._limits = limits
        self._tail = tail
        self._memory = memory
        self._clock = clock
        self._looked = clock()
        self._still = {stage.pulse.stage: _Stillness() for stage in stages}

    def look(self) -> Trouble | None:
        """Look once: why the process has to end, if it has."""
        now, before = self._clock(), self._looked
        self._looked = now
        if now - before > 2 * self._limits.every + 5:
            # The whole process was stopped, or the machine slept: nobody could have done anything.
            self._still = {name: _Stillness() for name in self._still}
        limit = self._limits.memory_mb
        if limit and (memory := self._memory()) > limit:
            names = ", ".join(self._still) or "worker"
            return Trouble(names, "memory", f"{memory} MB of memory, and {limit} are allowed")
        return next(filter(None, (self._stalled(stage, now) for stage in self._stages)), None)

    def _stalled(self, stage: Watched, now: float) -> Trouble | None:
        pulse, still = stage.pulse, self._still[stage.pulse.stage]
        if pulse.beats != still.beats:
            self._still[pulse.stage] = _Stillness(beats=pulse.beats)
            return None
        in_hand = pulse.in_hand
        waiting = f"{in_hand} in hand" if in_hand else self._waiting(stage)
        if not waiting:
            still.since = None
            return None
        if still.since is None:
            still.since = now
        quiet = now - still.since
        whole = self._limits.stall_seconds
        allowed = max(whole * pulse.patience, min(whole, AT_LEAST))
        if not in_hand and not stage.assigned():
            allowed = max(allowed, self._limits.joining_seconds)
        if quiet < allowed:
            return None
        if not in_hand and not (waiting := self._waiting(stage, surely=True)):
            still.since = None
            return None
        return Trouble(pulse.stage, "stalled", f"nothing acknowledged for {quiet:.0f} s: {waiting}")

    def _waiting(self, stage: Watched, *, surely: bool = False) -> str:
        """Which input waits, in words; empty if none is known to. `surely`: it was read."""
        assigned = stage.assigned()
        if not assigned:
            return "" if self._limits.shared else self._unassigned(stage.pulse.topics, surely)
        done = stage.pulse.positions
        for place, end in self._tail.ends(tuple(assigned)).items():
            position = max(assigned[place], done.get(place, 0))
            if position < end and (not surely or self._tail.has_input(place, position)):
                topic, partition = place
                return f"{topic}/{partition} done up to {position}, {end} sent"
        return ""

    def _unassigned(self, topics: Sequence[str], surely: bool) -> str:
        ends = self._tail.ends(self._tail.places(topics))
        for place, end in ends.items():
            if end and (not surely or self._tail.has_input(place, 0)):
                return f"no partition assigned, and {place[0]}/{place[1]} has {end} sent"
        return ""


class Guard:
    """The thread in which a watchdog looks, until it is stopped or ends the process."""

    def __init__(
        self,
        watchdog: Watchdog,
        limits: Limits,
        pulses: Sequence[Pulse],
        tell: Callable[[Trouble], None],
    ) -> None:
        """`tell`: writes it down for people; may fail and may hang."""
        self._watchdog = watchdog
        self._every = limits.every
        self._pulses = pulses
        self._tell = tell
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more: the process ends by itself. Idempotent."""
        self._stopping.set()

    def _run(self) -> None:
        try:
            while not self._stopping.wait(self._every):
                trouble = self._watchdog.look()
                if trouble is not None and not self._stopping.is_set():
                    self._end(trouble)
        except Exception as error:  # noqa: BLE001 - not swallowed: nobody would watch any more
            crash("watchdog", error)

    def _end(self, trouble: Trouble) -> NoReturn:
        if trouble.kind == "memory":
            self._finish_batches()
        log.critical(trouble.kind, stage=trouble.stage, error=trouble.detail)
        telling = threading.Thread(target=self._try_to_tell, args=(trouble,), daemon=True)
        telling.start()
        telling.join(LAST_WORDS)
        os._exit(STALLED if trouble.kind == "stalled" else OUT_OF_MEMORY)

    def _finish_batches(self) -> None:
        """Give what is in hand a few seconds, and let nothing more be taken."""
        for pulse in self._pulses:
            pulse.hold()
        deadline = time.monotonic() + LAST_BATCH
        while any(pulse.in_hand for pulse in self._pulses) and time.monotonic() < deadline:
            self._stopping.wait(0.05)

    def _try_to_tell(self, trouble: Trouble) -> None:
        try:
            self._tell(trouble)
        except Exception as error:  # noqa: BLE001 - the process ends with or without a record
            log.error("not recorded", stage=trouble.stage, error=str(error))


def guarded(stages: Sequence[object], settings: Settings, store: Store) -> Guard:
    """The watchdog over those of the stages that read from the broker, and over the process."""
    watched = [stage for stage in stages if isinstance(stage, Watched)]
    limits = Limits(
        stall_seconds=settings.stall_seconds,
        memory_mb=settings.memory_limit_mb,
        shared=settings.real_kafka,
    )

    def tell(trouble: Trouble) -> None:
        at = datetime.now(UTC)
        kind, detail = trouble.kind, trouble.detail
        record(store, StageEvent(at=at, stage=trouble.stage, kind=kind, detail=detail))

    tail = BrokerTail(settings.kafka, settings.kafka_security)
    watchdog = Watchdog(watched, limits, tail, memory=memory_mb)
    return Guard(watchdog, limits, [stage.pulse for stage in watched], tell)
