"""posts.raw -> posts.clean, posts.dropped, posts.dlq: one thread of pure work per batch."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from processors.decode import MAX_ITEMS, decode
from processors.records import CleanPost, DeadLetter, Drop
from processors.refine import Refiner
from streams import topics
from streams.line import consume, emit, make_app
from streams.score import oldest_received
from streams.stage import AgentStage, Place
from streams.wire import Message, encode

Outcome = CleanPost | Drop | DeadLetter
_TOPIC: dict[type, str] = {
    CleanPost: topics.CLEAN,
    Drop: topics.DROPPED,
    DeadLetter: topics.DLQ,
}


def refine_stage(place: Place, refiner: Refiner) -> AgentStage:
    """The refine stage of this process."""
    app = make_app("refine", place.settings)
    # Offsets begin again with each embedded broker; the group tells its generations apart.
    generation = "" if place.settings.real_kafka else f"@{place.settings.group}"

    def work(batch: Sequence[Message]) -> list[tuple[int, Outcome]]:
        return [
            (message.partition, outcome)
            for message in batch
            for outcome in outcomes(message, refiner, generation)
        ]

    async def handle(batch: Sequence[Message]) -> None:
        with place.meter.busy():
            done = await asyncio.to_thread(work, batch)
        await _emit_all(app, done)
        for _, outcome in done:
            if not isinstance(outcome, CleanPost):
                place.meter.left_out(outcome.reason)
        clean = [outcome for _, outcome in done if isinstance(outcome, CleanPost)]
        place.meter.posts(len(done), oldest=oldest_received(clean), now=place.now())

    consume(app, [topics.RAW], handle, messages=10, within=0.05)
    return AgentStage(app)


def outcomes(message: Message, refiner: Refiner, generation: str) -> list[Outcome]:
    """What becomes of each post in one message."""
    items = decode(
        message.value,
        arrived_at=message.arrived_at,
        feed=f"{message.topic}{generation}/{message.partition}",
        position=message.offset * MAX_ITEMS,
    )
    refiner.read_ahead(item for item in items if not isinstance(item, DeadLetter))
    return [
        item if isinstance(item, DeadLetter) else refiner.refine(item, message.arrived_at)
        for item in items
    ]


async def _emit_all(app: Any, done: Sequence[tuple[int, Outcome]]) -> None:
    groups: dict[tuple[str, int], list[Outcome]] = defaultdict(list)
    for partition, outcome in done:
        groups[_TOPIC[type(outcome)], partition].append(outcome)
    for (topic, partition), records in groups.items():
        await emit(app, topic, [(partition, value) for value in encode(records)])
