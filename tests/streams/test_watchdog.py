"""When a process has to end: looked at on a clock that moves when told."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.broker import EmbeddedBroker
from streams.exits import OUT_OF_MEMORY, STALLED
from streams.pulse import Place, Pulse
from streams.watchdog import Limits, Trouble, Watchdog
from streams.wire import Message

PLACE: Place = ("posts.clean", 0)


def message(offset: int) -> Message:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return Message(topic=PLACE[0], partition=PLACE[1], offset=offset, arrived_at=at, value=b"[]")


class Scene:
    """One stage, one partition, a broker that says what it is told to."""

    def __init__(self, **limits: object) -> None:
        self.now = 0.0
        self.end: int | None = 0  # None: the broker is away
        self.readable = True
        self.memory = 100
        self.parts: dict[Place, int] = {PLACE: 0}
        self.pulse = Pulse("score", [PLACE[0]])
        self.limits = Limits(**{"stall_seconds": 100, **limits})  # type: ignore[arg-type]
        self.dog = Watchdog(
            [self], self.limits, self, memory=lambda: self.memory, clock=lambda: self.now
        )

    def assigned(self) -> Mapping[Place, int]:
        return self.parts

    def ends(self, places: Sequence[Place]) -> Mapping[Place, int]:
        return {} if self.end is None else dict.fromkeys(places, self.end)

    def places(self, topics: Sequence[str]) -> Sequence[Place]:
        return [] if self.end is None else [(topic, 0) for topic in topics]

    def has_input(self, place: Place, position: int) -> bool:
        return self.readable and self.end is not None

    def pass_time(self, seconds: float) -> Trouble | None:
        """Look every few seconds; the first trouble."""
        until = self.now + seconds
        while self.now < until:
            self.now += 5
            if trouble := self.dog.look():
                return trouble
        return None


def test_nothing_waits_and_nothing_happens() -> None:
    scene = Scene()
    assert scene.pass_time(1000) is None


def test_input_that_nobody_takes_is_a_stall() -> None:
    scene = Scene()
    assert scene.pass_time(1000) is None
    scene.end = 7
    assert scene.pass_time(95) is None  # it had nothing to do before
    trouble = scene.pass_time(20)
    assert trouble
    assert (trouble.stage, trouble.kind) == ("score", "stalled")
    assert trouble.detail == "nothing acknowledged for 100 s: posts.clean/0 done up to 0, 7 sent"


def test_who_acknowledges_now_and_then_is_not_still() -> None:
    scene = Scene()
    scene.end = 1000
    for offset in range(20):
        assert scene.pass_time(90) is None
        scene.pulse.begin([message(offset)])
        scene.pulse.acknowledged([message(offset)])
    assert scene.pass_time(200)


def test_a_batch_that_hangs_needs_no_broker_to_be_seen() -> None:
    scene = Scene()
    scene.end = None
    scene.pulse.begin([message(3), message(4)])
    trouble = scene.pass_time(120)
    assert trouble
    assert trouble.detail.endswith("posts.clean/0 3 to 4 in hand")


def test_waiting_for_a_sink_is_a_sign_of_life() -> None:
    scene = Scene()
    scene.pulse.begin([message(3)])
    for _ in range(50):
        assert scene.pass_time(5) is None
        scene.pulse.alive()


def test_a_single_post_gets_less_time() -> None:
    scene = Scene()
    scene.pulse.begin([message(3)], patience=0.25)
    assert scene.pass_time(25) is None
    assert scene.pass_time(10)


def test_no_share_of_the_time_is_very_short() -> None:
    scene = Scene(stall_seconds=20)
    scene.pulse.begin([message(3)], patience=0.25)
    assert scene.pass_time(10) is None
    assert scene.pass_time(10)


def test_what_was_done_before_this_process_is_done() -> None:
    scene = Scene()
    scene.parts = {PLACE: 7}
    scene.end = 7
    assert scene.pass_time(1000) is None
    scene.end = 8
    assert scene.pass_time(200)


def test_a_broker_that_is_away_is_no_stall_and_the_time_begins_anew() -> None:
    scene = Scene()
    scene.end = 7
    assert scene.pass_time(90) is None
    scene.end = None
    assert scene.pass_time(500) is None
    scene.end = 7
    assert scene.pass_time(95) is None
    assert scene.pass_time(20)


def test_offsets_with_nothing_to_read_are_no_input() -> None:
    scene = Scene()
    scene.end, scene.readable = 7, False
    assert scene.pass_time(1000) is None


def test_no_partition_is_a_stall_only_where_nobody_else_may_have_them() -> None:
    alone, shared = Scene(), Scene(shared=True)
    for scene in (alone, shared):
        scene.parts, scene.end = {}, 7
    assert shared.pass_time(1000) is None
    trouble = alone.pass_time(120)
    assert trouble
    assert "no partition assigned, and posts.clean/0 has 7 sent" in trouble.detail


def test_joining_takes_its_time() -> None:
    scene = Scene(stall_seconds=2)
    scene.parts, scene.end = {}, 7
    assert scene.pass_time(30) is None
    assert scene.pass_time(20)


def test_a_process_that_was_stopped_begins_anew() -> None:
    scene = Scene()
    scene.end = 7
    assert scene.pass_time(90) is None
    scene.now += 300  # SIGSTOP, SIGCONT
    assert scene.dog.look() is None
    assert scene.pass_time(90) is None
    assert scene.pass_time(20)


def test_memory_over_the_limit() -> None:
    scene = Scene(memory_mb=200)
    assert scene.pass_time(50) is None
    scene.memory = 201
    trouble = scene.pass_time(5)
    assert trouble == Trouble("score", "memory", "201 MB of memory, and 200 are allowed")


# A process that is ended by its watchdog: of two stages, or none but the process itself.
ENDED = """
import asyncio, sys, threading, time
from pathlib import Path
from infra.kafka import Producer, Tail, make_topics
from infra.machine import memory_mb
from infra.settings import Settings
from streams.line import consume, make_app
from streams.pulse import Pulse
from streams.stage import AgentStage
from streams.watchdog import Guard, Limits, Watchdog

address, plan, name, told = sys.argv[1:]
make_topics(address, {name: 2}, replication=1)
producer = Producer(address, embedded=True)
producer.send(name, [(number % 2, b"[%d]" % number) for number in range(20)])

async def main():
    app = make_app("hang", Settings(kafka=address, real_kafka=False, group=name))
    pulse = Pulse("hang", [name])
    leak = []

    async def handle(batch):
        if plan == "awaits" and batch[-1].offset > 5:
            await asyncio.Event().wait()
        if plan == "blocks" and batch[-1].offset > 5:
            time.sleep(600)
        if plan == "leaks" and batch[-1].offset > 5:
            leak.append(b"x" * 300_000_000)
            await asyncio.sleep(2)
            Path(told + ".batch").write_text("finished")

    consume(app, [name], handle, messages=3, within=0.05, pulse=pulse)
    stage = AgentStage(app, pulse)
    limits = Limits(stall_seconds=2, memory_mb=memory_mb() + 200)

    def tell(trouble):
        Path(told).write_text(trouble.detail)
        threading.Event().wait()  # a database that hangs

    watchdog = Watchdog([stage], limits, Tail(address), memory=memory_mb)
    guard = Guard(watchdog, limits, [pulse], tell)
    guard.start()
    await stage.start()
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("plan", "status", "words"),
    [
        ("awaits", STALLED, "in hand"),
        ("blocks", STALLED, "in hand"),
        ("leaks", OUT_OF_MEMORY, "are allowed"),
    ],
)
def test_the_process_ends_whatever_hangs(
    plan: str, status: int, words: str, broker: EmbeddedBroker, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    arguments = [broker.address, plan, f"hang-{plan}", str(told)]
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ENDED, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == status, ended.stderr
    assert words in told.read_text()
    assert (tmp_path / "told.batch").exists() == (plan == "leaks")
