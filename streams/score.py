"""posts.clean -> posts.scored: sentiment in batches, off the event loop."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from processors.records import CleanPost, DeadLetter, ScoredPost, Sentiment
from processors.score import Scorer
from streams import topics
from streams.careful import careful
from streams.line import consume, emit, make_app
from streams.pulse import Pulse
from streams.stage import AgentStage, Place
from streams.wire import Message, decoder, encode

Group = tuple[int, list[CleanPost]]
"""Posts of one message with the partition they came from."""
PORTION = 400
"""Posts for one call of the model: enough to sort by length, about a second of work."""


def score_stage(place: Place, scorer: Scorer) -> AgentStage:
    """The score stage of this process."""
    app = make_app("score", place.settings)
    decode = decoder(CleanPost).decode
    pulse = Pulse("score", [topics.CLEAN])

    async def handle(batch: Sequence[Message]) -> None:
        groups = [(message.partition, decode(message.value)) for message in batch]
        await in_portions(groups, portion, pulse)

    async def portion(some: list[Group]) -> None:
        posts = [post for _, posts in some for post in posts]
        with place.meter.busy():
            sentiments = await asyncio.to_thread(_score, scorer, posts)
        await emit(app, topics.SCORED, messages_of(some, sentiments, place.now()))
        place.meter.posts(len(posts), oldest=oldest_received(posts), now=place.now())

    async def bury(part: Message, dead: DeadLetter) -> None:
        await emit(app, topics.DLQ, [(part.partition, value) for value in encode([dead])])

    guarded = careful(place, pulse, handle, bury)
    consume(app, pulse.topics, guarded, messages=20, within=0.05, pulse=pulse)
    return AgentStage(app, pulse, guarded.release)


def _score(scorer: Scorer, posts: Sequence[CleanPost]) -> list[Sentiment]:
    texts = [post.text for post in posts]
    return scorer.score(texts, languages=[post.lang for post in posts])


async def in_portions(
    groups: Iterable[Group], handle: Callable[[list[Group]], Awaitable[None]], pulse: Pulse
) -> None:
    """Handle the groups portion by portion, each with a sign of life when it is done.

    A slow model may take longer over a batch than a hang is given, hardly so over a portion.
    """
    for some in portions(groups):
        await handle(some)
        pulse.alive()


def portions(groups: Iterable[Group]) -> Iterator[list[Group]]:
    """Gather groups until there are PORTION posts: one call of the model each.

    Small messages are scored together, large ones a few at a time, so that the next stage has
    work while this one goes on.
    """
    gathered: list[Group] = []
    for group in groups:
        gathered.append(group)
        if sum(len(posts) for _, posts in gathered) >= PORTION:
            yield gathered
            gathered = []
    if gathered:
        yield gathered


def messages_of(
    groups: Sequence[Group], sentiments: Sequence[Sentiment], scored_at: datetime
) -> list[tuple[int, bytes]]:
    """Messages of scored posts, each for the partition its posts came from."""
    answers = iter(sentiments)
    return [
        (partition, value)
        for partition, posts in groups
        for value in encode(
            [ScoredPost(post=post, sentiment=next(answers), scored_at=scored_at) for post in posts]
        )
    ]


def oldest_received(posts: Sequence[Any]) -> datetime | None:
    """When the oldest of these posts reached its feed."""
    return min((post.received_at for post in posts), default=None)
