"""posts.scored, posts.dropped, posts.erased, posts.dlq -> ClickHouse: insert, then acknowledge."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from infra.posts import write_batch
from infra.settings import Settings
from processors.records import DeadLetter, Drop, Erasure, ScoredPost
from processors.store import Item
from streams import topics
from streams.careful import careful
from streams.follow import following
from streams.line import consume, make_app
from streams.pulse import Pulse
from streams.query_record import QueryRecord
from streams.score import oldest_received
from streams.stage import AgentStage, Place
from streams.wire import Message, decoder

MESSAGES = 200
"""Most messages in a batch: a stage sends at most 200 posts in one, in a busy line about 50."""
WITHIN = 0.2
LARGE = 500
"""Posts in a batch from which on the next is waited for."""
REST = 0.3
"""Seconds from a large batch to the next: a write costs as much CPU as a thousand posts in it."""


def store_stage(place: Place) -> AgentStage:
    """The store stage of this process."""
    app = make_app("store", place.settings)
    decode: dict[str, Callable[[bytes], Sequence[Item]]] = {
        topics.SCORED: decoder(ScoredPost).decode,
        topics.DROPPED: decoder(Drop).decode,
        topics.ERASED: decoder(Erasure).decode,
        topics.DLQ: decoder(DeadLetter).decode,
    }

    kept_days = {brand.name: brand.retention_days for brand in place.settings.brands}
    write = partial(write_batch, kept_days=kept_days)

    queries = QueryRecord(place)

    def take(settings: Settings) -> None:
        kept_days.update({brand.name: brand.retention_days for brand in settings.brands})
        queries.take(settings)

    queries.take(place.settings)

    last = 0

    async def handle(batch: Sequence[Message]) -> None:
        nonlocal last
        items = [item for message in batch for item in decode[message.topic](message.value)]
        began = place.now()
        with place.meter.busy():
            written = await asyncio.to_thread(write, place.store, items, place.now())
        place.meter.left_out("repeat", written.repeats)
        place.meter.left_out("dead", written.dead)
        posts = [item.post for item in items if isinstance(item, ScoredPost)]
        now = place.now()
        place.meter.posts(len(items), oldest=oldest_received(posts), now=now)
        place.meter.arrived(
            [(now - post.published_at).total_seconds() for post in posts if not post.is_backfill],
            objective=place.settings.objective_seconds,
        )
        place.traces.batch("store", (post.post_id for post in posts), began, now)
        last = len(items)

    async def bury(_: Message, dead: DeadLetter) -> None:
        await asyncio.to_thread(write_batch, place.store, [dead], place.now())

    async def rest() -> None:
        if last >= LARGE:
            await asyncio.sleep(REST)

    pulse = Pulse("store", list(decode))
    guarded = careful(place, pulse, handle, bury)
    consume(app, pulse.topics, guarded, messages=MESSAGES, within=WITHIN, pulse=pulse, rest=rest)
    beside = following(place.settings, "store", take, look=queries.write)
    return AgentStage(app, pulse, guarded.release, beside=beside)
