"""posts.clean -> posts.scored: sentiment in batches, off the event loop.

What is scored is sent on while the next portion is scored, every two seconds as long as there
is more to do: whoever comes next pays for each message and each write, not for each post.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from processors.records import CleanPost, DeadLetter, ScoredPost, Sentiment
from processors.score import Scorer, portion_of
from streams import topics
from streams.beside import Beside
from streams.careful import careful
from streams.line import consume, emit, make_app
from streams.pulse import Pulse
from streams.stage import AgentStage, Place
from streams.wire import Message, decoder, encode

Group = tuple[int, list[CleanPost]]
"""Posts of one message with the partition they came from."""
Score = Callable[[Sequence[CleanPost]], Awaitable[Sequence[Sentiment]]]
Send = Callable[[Sequence[Group], Sequence[Sentiment]], Coroutine[Any, Any, None]]
PORTION = 400
"""Posts for one call of a model that does not say otherwise: enough to sort by length; seconds of
work for a slow one."""
SEND_EVERY = 2.0
"""Seconds of scoring after which what is scored is sent, though there is more in hand."""


def score_stage(place: Place, scorer: Scorer) -> AgentStage:
    """The score stage of this process."""
    app = make_app("score", place.settings)
    decode = decoder(CleanPost).decode
    pulse = Pulse("score", [topics.CLEAN])
    size = portion_of(scorer) or PORTION

    async def handle(batch: Sequence[Message]) -> None:
        groups = [(message.partition, decode(message.value)) for message in batch]
        await in_portions(groups, score, send, pulse, size=size)

    async def score(posts: Sequence[CleanPost]) -> Sequence[Sentiment]:
        began = place.now()
        with place.meter.busy():
            found = await asyncio.to_thread(_score, scorer, posts)
        place.traces.batch("score", (post.post_id for post in posts), began, place.now())
        return found

    async def send(groups: Sequence[Group], sentiments: Sequence[Sentiment]) -> None:
        await emit(app, topics.SCORED, messages_of(groups, sentiments, place.now()))
        posts = [post for _, posts in groups for post in posts]
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
    groups: Iterable[Group],
    score: Score,
    send: Send,
    pulse: Pulse,
    *,
    size: int = PORTION,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Score the groups portion by portion and send them on in order; returns when all are sent.

    Each portion scored is a sign of life: a slow model may take longer over a batch than a hang is
    given, hardly so over a portion. Raises what `score` or `send` raises; then nothing may be
    acknowledged.
    """
    async with Beside() as beside:
        ready: list[Group] = []
        said: list[Sentiment] = []
        since = clock()
        for some in portions(groups, size=size):
            said.extend(await score([post for _, posts in some for post in posts]))
            ready.extend(some)
            pulse.alive()
            if clock() - since >= SEND_EVERY:
                await beside.do(send(ready, said))
                ready, said, since = [], [], clock()
        if ready:
            await beside.do(send(ready, said))


def portions(groups: Iterable[Group], *, size: int = PORTION) -> Iterator[list[Group]]:
    """Gather groups until there are `size` posts: one call of the model each."""
    gathered: list[Group] = []
    for group in groups:
        gathered.append(group)
        if sum(len(posts) for _, posts in gathered) >= size:
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
