"""posts.raw -> clean, dropped, erased, dlq: one thread of pure work per batch."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Any

from infra.settings import Settings
from processors.decode import decode
from processors.match import BrandMatcher
from processors.records import CleanPost, DeadLetter, Drop, Erasure, RawErasure, RawPost
from processors.refine import Refiner
from processors.unreadable import Unreadable
from streams import topics
from streams.careful import careful
from streams.failures import LineFailed
from streams.follow import following
from streams.line import consume, emit, make_app
from streams.poison import origin
from streams.pulse import Pulse
from streams.score import oldest_received
from streams.stage import HaltingStage, Place
from streams.wire import Message, encode

Outcome = CleanPost | Drop | Erasure | DeadLetter
_TOPIC: dict[type, str] = {
    CleanPost: topics.CLEAN,
    Drop: topics.DROPPED,
    Erasure: topics.ERASED,
    DeadLetter: topics.DLQ,
}


class CurrentRefiner:
    """A refiner that goes by the newest brands, from one batch to the next: no batch is half by one
    query and half by another."""

    def __init__(self, refiner: Refiner) -> None:
        self._refiner = refiner
        self._waiting: deque[BrandMatcher] = deque(maxlen=1)

    def take(self, settings: Settings) -> None:
        """Go by these brands from the next batch on. From any thread."""
        self._waiting.append(BrandMatcher([brand.watched for brand in settings.brands]))

    def refiner(self) -> Refiner:
        """The refiner for one batch."""
        if self._waiting:
            self._refiner.watch(self._waiting.pop())
        return self._refiner


def refine_stage(place: Place, refiner: Refiner) -> HaltingStage:
    """The refine stage of this process."""
    app = make_app("refine", place.settings)
    pulse = Pulse("refine", [topics.RAW])
    unreadable = Unreadable(place.settings.dead_share)
    # Offsets begin again with each embedded broker; the group tells its generations apart.
    generation = "" if place.settings.real_kafka else f"@{place.settings.group}"

    current = CurrentRefiner(refiner)

    def work(batch: Sequence[Message]) -> list[tuple[int, Outcome]]:
        found = outcomes_of(batch, current.refiner(), generation)
        return [
            (message.partition, outcome)
            for message, some in zip(batch, found, strict=True)
            for outcome in some
        ]

    async def handle(batch: Sequence[Message]) -> None:
        began = place.now()
        with place.meter.busy():
            done = await asyncio.to_thread(work, batch)
        if too_many := unreadable.add([_reason(outcome) for _, outcome in done]):
            await stage.halt(LineFailed(too_many))
        await _emit_all(app, done)
        for _, outcome in done:
            if isinstance(outcome, Drop | DeadLetter):
                place.meter.left_out(outcome.reason)
        clean = [outcome for _, outcome in done if isinstance(outcome, CleanPost)]
        now = place.now()
        place.meter.posts(len(done), oldest=oldest_received(clean), now=now)
        place.traces.batch("refine", (post.post_id for post in clean), began, now)

    async def bury(part: Message, dead: DeadLetter) -> None:
        await emit(app, topics.DLQ, [(part.partition, value) for value in encode([dead])])

    guarded = careful(place, pulse, handle, bury)
    consume(app, pulse.topics, guarded, messages=10, within=0.05, pulse=pulse)
    beside = following(place.settings, "refine", current.take)
    stage = HaltingStage(app, pulse, guarded.release, beside=beside)
    return stage


def outcomes(message: Message, refiner: Refiner, generation: str) -> list[Outcome]:
    """What becomes of each item in one message."""
    return outcomes_of([message], refiner, generation)[0]


def outcomes_of(batch: Sequence[Message], refiner: Refiner, generation: str) -> list[list[Outcome]]:
    """What becomes of each item in each message; of all posts at once, which costs less."""
    found = [_items(message, generation) for message in batch]
    posts = [
        (item, message.arrived_at)
        for message, items in zip(batch, found, strict=True)
        for item in items
        if isinstance(item, RawPost)
    ]
    refined = iter(refiner.refine_all([post for post, _ in posts], [at for _, at in posts]))
    return [
        [
            next(refined) if isinstance(item, RawPost) else _outcome(item, refiner, message)
            for item in items
        ]
        for message, items in zip(batch, found, strict=True)
    ]


def _items(message: Message, generation: str) -> list[RawPost | RawErasure | DeadLetter]:
    feed, position = origin(message, generation)
    return decode(message.value, arrived_at=message.arrived_at, feed=feed, position=position)


def _outcome(item: RawErasure | DeadLetter, refiner: Refiner, message: Message) -> Outcome:
    return refiner.erasure(item, message.arrived_at) if isinstance(item, RawErasure) else item


def _reason(outcome: Outcome) -> str:
    """Why a post could not be read, empty if it could."""
    return outcome.reason if isinstance(outcome, DeadLetter) else ""


async def _emit_all(app: Any, done: Sequence[tuple[int, Outcome]]) -> None:
    groups: dict[tuple[str, int], list[Outcome]] = defaultdict(list)
    for partition, outcome in done:
        groups[_TOPIC[type(outcome)], partition].append(outcome)
    for (topic, partition), records in groups.items():
        await emit(app, topic, [(partition, value) for value in encode(records)])
