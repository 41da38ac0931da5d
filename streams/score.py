"""posts.clean -> posts.scored: sentiment in batches, off the event loop."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from processors.records import CleanPost, ScoredPost
from processors.score import Scorer
from streams import topics
from streams.line import consume, emit, make_app
from streams.stage import AgentStage, Place
from streams.wire import Message, decoder, encode


def score_stage(place: Place, scorer: Scorer) -> AgentStage:
    """The score stage of this process."""
    app = make_app("score", place.settings)
    decode = decoder(CleanPost).decode

    async def handle(batch: Sequence[Message]) -> None:
        by_partition = [(message.partition, decode(message.value)) for message in batch]
        posts = [post for _, some in by_partition for post in some]
        with place.meter.busy():
            sentiments = await asyncio.to_thread(scorer.score, [post.text for post in posts])
        scored_at = place.now()
        scored = iter(
            ScoredPost(post=post, sentiment=sentiment, scored_at=scored_at)
            for post, sentiment in zip(posts, sentiments, strict=True)
        )
        await emit(
            app,
            topics.SCORED,
            [
                (partition, value)
                for partition, some in by_partition
                for value in encode([next(scored) for _ in some])
            ],
        )
        place.meter.posts(len(posts), oldest=oldest_received(posts), now=place.now())

    # About a second of work a batch: enough to sort by length, little to redo after a crash.
    consume(app, [topics.CLEAN], handle, messages=2, within=0.05)
    return AgentStage(app)


def oldest_received(posts: Sequence[Any]) -> datetime | None:
    """When the oldest of these posts reached its feed."""
    return min((post.received_at for post in posts), default=None)
