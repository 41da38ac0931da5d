"""A batch is scored in portions: each is a sign of life, and sent while the next is scored."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from processors.records import CleanPost, Sentiment
from processors.score import CachedScorer, portion_of
from processors.score_constant import ConstantScorer
from streams.pulse import Pulse
from streams.score import PORTION, SEND_EVERY, Group, in_portions, portions
from tests.posts import clean_post

AT = datetime(2026, 3, 1, tzinfo=UTC)
POST = clean_post(
    feed="t/0",
    position=0,
    author="",
    followers=0,
    text="Acme",
    key_text="acme",
    published_at=AT,
    received_at=AT,
)


MESSAGE = 200


class Line:
    """Scores and sends in no time, but for `seconds` a portion, and notes what it did."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.pulse = Pulse("score", ["t"])
        self.beats: list[int] = []  # before each portion
        self.done: list[str] = []
        self.sent: list[tuple[Sequence[Group], Sequence[Sentiment]]] = []
        self.release = asyncio.Event()
        self.release.set()
        self._now = 0.0
        self._seconds = seconds

    async def score(self, posts: Sequence[CleanPost]) -> list[Sentiment]:
        self.beats.append(self.pulse.beats)
        self._now += self._seconds
        self.done.append(f"score {len(posts)}")
        await asyncio.sleep(0)
        return [Sentiment("neutral", 0.0, 1.0, 0.0, post.post_id) for post in posts]

    async def send(self, groups: Sequence[Group], sentiments: Sequence[Sentiment]) -> None:
        await self.release.wait()
        self.done.append("send")
        self.sent.append((groups, sentiments))

    async def handle(self, groups: Sequence[Group]) -> None:
        await in_portions(groups, self.score, self.send, self.pulse, clock=lambda: self._now)


def groups(messages: int) -> list[Group]:
    """Messages of MESSAGE posts, each of a partition of its own."""
    return [
        (
            partition,
            [
                msgspec.structs.replace(POST, post_id=f"x:{partition}:{row}")
                for row in range(MESSAGE)
            ],
        )
        for partition in range(messages)
    ]


def test_a_slow_model_is_seen_to_live_at_each_portion() -> None:
    line = Line()
    asyncio.run(line.handle(groups(20)))
    assert line.done[:-1] == [f"score {PORTION}"] * 10
    assert len({*line.beats, line.pulse.beats}) == 11  # one after each, none while one is in hand


def test_a_portion_that_hangs_or_fails_is_no_sign_of_life() -> None:
    class Fails(Line):
        async def score(self, posts: Sequence[CleanPost]) -> list[Sentiment]:
            if len(self.done) == 2:
                raise ValueError("no")
            return await super().score(posts)

    line = Fails()
    with pytest.raises(ValueError, match="no"):
        asyncio.run(line.handle(groups(18)))
    assert line.pulse.beats == 2


@pytest.mark.parametrize("seconds", [0.0, 0.3 * SEND_EVERY, SEND_EVERY, 5 * SEND_EVERY])
def test_whatever_the_speed_each_post_is_sent_once_in_order_with_its_own_sentiment(
    seconds: float,
) -> None:
    line = Line(seconds)
    given = groups(9)
    asyncio.run(line.handle(given))
    assert [group for some, _ in line.sent for group in some] == given
    for some, sentiments in line.sent:
        posts = [post.post_id for _, posts in some for post in posts]
        assert posts == [sentiment.model for sentiment in sentiments]


def test_the_next_portion_is_scored_while_the_last_is_sent() -> None:
    async def run() -> Line:
        line = Line(SEND_EVERY)
        line.release.clear()
        work = asyncio.create_task(line.handle(groups(6)))
        for _ in range(20):
            await asyncio.sleep(0)
        # Two are scored, one is on its way: no third one before it has arrived.
        assert line.done == [f"score {PORTION}"] * 2
        assert not work.done()
        line.release.set()
        await work
        return line

    assert asyncio.run(run()).done.count("send") == 3


def test_nothing_is_done_before_all_is_sent() -> None:
    async def run() -> None:
        line = Line()
        line.release.clear()
        work = asyncio.create_task(line.handle(groups(1)))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not work.done()
        line.release.set()
        await work
        assert line.done[-1] == "send"

    asyncio.run(run())


@pytest.mark.parametrize("seconds", [0.0, SEND_EVERY])
def test_what_cannot_be_sent_is_told(seconds: float) -> None:
    class Refuses(Line):
        async def send(self, groups: Sequence[Group], sentiments: Sequence[Sentiment]) -> None:
            raise ConnectionError("no broker")

    with pytest.raises(ConnectionError, match="no broker"):
        asyncio.run(Refuses(seconds).handle(groups(9)))


def test_a_scorer_may_say_how_many_posts_a_call_should_have() -> None:
    class Hungry(ConstantScorer):
        portion = 4_000

    assert portion_of(CachedScorer(ConstantScorer())) is None
    assert portion_of(CachedScorer(Hungry())) == 4_000
    groups = [(0, [clean_post()] * 200)] * 45
    assert [len(some) for some in portions(groups, size=4_000)] == [20, 20, 5]
