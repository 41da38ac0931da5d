"""The life of a feed: handed over, then remembered; away and back; never anybody else's trouble."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from infra.feeds.feed import Batch, FeedRefused, FeedUnavailable, Gap, Start
from infra.feeds.settings import OtherFeed
from infra.feeds.state import FeedState, feed_states, stretches, write_state
from infra.intake import OutboxFull
from infra.metrics import Meter
from infra.settings import Settings
from infra.store import Store, StoreUnavailable
from processors.arrivals import BadRow
from processors.records import DeadLetter, RawErasure, RawPost
from streams.feed_items import dead_letter
from streams.feed_run import REFUSED_PAUSE, FeedRun
from streams.feeds import FeedsStage
from streams.stage import Place
from streams.takers import Line

Read = Callable[[Start], AsyncGenerator[Batch, None]]
STREAM = OtherFeed(name="own", type="own", source="forum")


def now() -> datetime:
    return datetime.now(UTC)


def post(number: int) -> RawPost:
    return RawPost(source="forum", native_id=str(number), text="Oh no", published_at=now())


def batch(*numbers: int, **changed: Any) -> Batch:
    """One that ends at the last of them."""
    fields: dict[str, Any] = {
        "at": now(),
        "items": tuple(map(post, numbers)),
        "cursor": str(numbers[-1]) if numbers else "",
    }
    return Batch(**{**fields, **changed})


class Hand:
    """Takes what it is given, unless it is told to refuse; knows the order of things."""

    def __init__(self, store: Store, refusals: Sequence[Exception] = ()) -> None:
        self._store = store
        self.refusals = list(refusals)
        self.givers: list[str] = []
        self.lines: list[Line] = []
        self.letters: list[DeadLetter] = []
        self.cursors: list[str] = []  # on disk when lines came

    def __call__(self, giver: str) -> "Hand":
        """For one giver."""
        self.givers.append(giver)
        return self

    def take(self, lines: Sequence[Line]) -> Sequence[Line]:
        """As of Taker."""
        if self.refusals:
            raise self.refusals.pop(0)
        state = feed_states(self._store).get("own")
        self.cursors.append(state.cursor if state else "")
        self.lines.extend(lines)
        return ()

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        """As of Taker."""
        self.letters.extend(letters)

    def close(self) -> None:
        """As of Taker."""


class World:
    """A feed's surroundings: pauses end at once, and after enough of them the test does."""

    def __init__(self, store: Store, hand: Hand, pauses: int = 1, **settings: Any) -> None:
        self.place = Place(Settings(**settings), store, Meter("feeds", CollectorRegistry()))
        self.hand = hand
        self.store = store
        self.slept: list[float] = []
        self.starts: list[Start] = []
        self._pauses = pauses
        self._over = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Ends at once, but for the last."""
        self.slept.append(seconds)
        if len(self.slept) >= self._pauses:
            self._over.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)

    def live(self, *readings: Read, settings: OtherFeed = STREAM) -> FeedRun:
        """A life in which these are the readings, one after the other."""
        left = list(readings)

        def read(_settings: Any, start: Start) -> AsyncGenerator[Batch, None]:
            self.starts.append(start)
            return left.pop(0)(start)

        run = FeedRun(
            self.place, settings, self.hand, lambda _: read, sleep=self.sleep, jitter=lambda: 1.0
        )

        async def whole() -> None:
            self._over.clear()
            task = asyncio.create_task(run.run())
            async with asyncio.timeout(30):
                await self._over.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await run.finish()

        asyncio.run(whole())
        return run


def giving(*batches: Batch, then: Exception | None = None) -> Read:
    async def read(_start: Start) -> AsyncGenerator[Batch, None]:
        for one in batches:
            yield one
        if then is not None:
            raise then

    return read


def test_the_cursor_is_saved_after_its_posts_are_durable(store: Store) -> None:
    polled = STREAM.model_copy(update={"poll_seconds": 1.0})  # saved after every batch
    world = World(store, Hand(store))
    world.live(giving(batch(1, 2), batch(3)), settings=polled)
    assert world.hand.cursors == ["", "2"]
    assert [line.position for line in world.hand.lines] == [0, 1, 2]
    state = feed_states(store)["own"]
    assert (state.cursor, state.posts, state.state) == ("3", 3, "stopped")


def test_what_was_not_taken_is_given_again_and_the_cursor_waits(store: Store) -> None:
    hand = Hand(store, [StoreUnavailable("away"), OutboxFull("full")])
    world = World(store, hand, pauses=3)
    world.live(giving(batch(1, 2)))
    assert [(line.position, line.post_id) for line in hand.lines] == [
        (0, "forum:1"),
        (1, "forum:2"),
    ]
    assert feed_states(store)["own"].posts == 2


def test_while_too_much_waits_the_feed_is_not_read_and_says_so(store: Store) -> None:
    world = World(store, Hand(store, [OutboxFull("full")] * 9))

    async def read(_start: Start) -> AsyncGenerator[Batch, None]:
        yield batch(1)
        raise AssertionError("read on")

    seen: list[str] = []

    async def sleep(_seconds: float) -> None:
        seen.append(feed_states(store)["own"].state)
        await World.sleep(world, 0.0)

    world.sleep = sleep  # type: ignore[method-assign]
    world.live(read)
    assert seen == ["waiting"]
    assert world.hand.lines == []
    assert feed_states(store)["own"].cursor == ""


def test_the_next_life_goes_on_where_this_one_was_durable(store: Store) -> None:
    hand = Hand(store)
    World(store, hand).live(giving(batch(1, 2)))
    world = World(store, hand)
    world.live(giving(batch(3)))
    assert world.starts[0].cursor == "2"
    assert world.starts[0].at is not None
    assert feed_states(store)["own"].posts == 3
    # What one life gave at a position is never mistaken for what another gives there.
    assert len(set(hand.givers)) == 2


def test_a_feed_that_fails_begins_again_after_a_pause_that_grows(store: Store) -> None:
    world = World(store, Hand(store), pauses=5)
    away = FeedUnavailable("away")
    world.live(
        giving(then=away),
        giving(then=ZeroDivisionError("a bug")),
        giving(then=FeedUnavailable("too many requests", wait=40)),
        giving(batch(1), then=away),
        giving(then=FeedRefused("a wrong token")),
    )
    assert world.slept == [1.0, 2.0, 42.0, 1.0, REFUSED_PAUSE]
    assert [start.failures for start in world.starts] == [0, 1, 2, 3, 1]
    state = feed_states(store)["own"]
    assert (state.errors, state.error, state.cursor) == (5, "a wrong token", "1")


def test_gaps_are_told_before_the_cursor_has_passed_them(store: Store) -> None:
    since = now() - timedelta(hours=3)
    gap = Gap(since=since, until=since + timedelta(hours=1), reason="the cursor was too old")
    World(store, Hand(store)).live(giving(batch(1, gaps=(gap,))))
    [told] = stretches(store, since=since, until=now())
    assert (told.feed, told.source, told.kind) == ("own", "forum", "gap")
    assert abs(told.since - since) < timedelta(milliseconds=1)


def away_since(store: Store, minutes: int, **changed: Any) -> datetime:
    """The feed was live until then, and nobody has heard of it since."""
    until = now() - timedelta(minutes=minutes)
    fields: dict[str, Any] = {"cursor": "7", "state": "live", "at": until, "tolerance": 60.0}
    state = FeedState(
        feed="own", source="forum", version=1, live_until=until, **{**fields, **changed}
    )
    write_state(store, state)
    return until


def test_a_feed_that_was_away_catches_up_until_it_is_there(store: Store) -> None:
    until = away_since(store, 30)
    old = batch(8, at=until + timedelta(minutes=5))
    World(store, Hand(store)).live(giving(old, batch(9), batch(10)))
    [told] = stretches(store, since=until, until=now())
    assert told.kind == "catch_up"
    assert told.since > until + timedelta(minutes=29)


def test_one_that_cannot_go_back_has_missed_what_came_meanwhile(store: Store) -> None:
    until = away_since(store, 30, cursor="")
    World(store, Hand(store)).live(giving(batch(cursor="")))
    found = {one.kind: one for one in stretches(store, since=until, until=now())}
    assert found.keys() == {"gap", "catch_up"}
    assert abs(found["gap"].since - until) < timedelta(milliseconds=2)


def test_a_short_break_of_one_that_can_is_nothing_to_tell(store: Store) -> None:
    world = World(store, Hand(store), pauses=2)
    world.live(giving(batch(1), then=FeedUnavailable("away")), giving(batch(2)))
    assert stretches(store, since=now() - timedelta(hours=1), until=now()) == []


def test_what_cannot_be_read_is_buried_once_whoever_reads_it_again(store: Store) -> None:
    bad = BadRow(reason="not_json", detail="no", payload=b"{")
    hand = Hand(store)
    mixed = batch(1, items=(post(1), bad, RawErasure(kind="delete", source="forum", native_id="0")))
    for _ in range(2):
        World(store, hand).live(giving(mixed))
    assert len(hand.letters) == 2
    assert {(one.feed, one.position, one.payload) for one in hand.letters} == {
        ("own", dead_letter("own", bad, now()).position, b"{")
    }
    state = feed_states(store)["own"]
    assert (state.posts, state.unreadable, state.erasures) == (2, 2, 2)


def test_a_platform_that_speaks_another_language_by_now_is_left_alone(store: Store) -> None:
    bad = tuple(BadRow(reason="not_json", detail="no", payload=b"%d" % n) for n in range(200))
    hand = Hand(store)
    World(store, hand).live(giving(batch(1), Batch(at=now(), items=bad, cursor="9")))
    assert hand.letters == []
    state = feed_states(store)["own"]
    assert (state.cursor, state.error) == (
        "1",
        "200 of 200 messages could not be read: has it changed?",
    )


def test_one_part_that_fails_costs_the_others_nothing() -> None:
    class Bad:
        """Fails at once."""

        async def run(self) -> None:
            raise OSError("port taken")

        async def finish(self) -> None:
            """Nothing to do."""

    class Good:
        """Works until it is stopped."""

        def __init__(self) -> None:
            self.turns = 0
            self.finished = 0

        async def run(self) -> None:
            while True:
                self.turns += 1
                await asyncio.sleep(0)

        async def finish(self) -> None:
            self.finished += 1

    async def whole(good: Good, sleep: Callable[[float], Awaitable[None]]) -> None:
        stage = FeedsStage([Bad(), good], sleep=sleep)
        await stage.start()
        async with asyncio.timeout(10):
            while good.turns < 20 or len(slept) < 3:
                await asyncio.sleep(0)
        await stage.stop()
        await stage.stop()

    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    good = Good()
    asyncio.run(whole(good, sleep))
    assert good.finished == 1


@pytest.mark.parametrize("size", [0, 10, 1 << 20])
def test_a_dead_letter_has_a_position_that_the_line_takes(size: int) -> None:
    letter = dead_letter("own", BadRow(reason="r", detail="", payload=b"x" * size), now())
    assert 0 <= letter.position <= 2**62
