"""Posts that kill their process are found over several lives; others are never set aside."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import combinations

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from infra.attempts import ASIDE, WHOLE, Key
from infra.metrics import Meter
from infra.settings import Settings
from infra.stage_events import stage_events
from infra.store import Store, StoreUnavailable
from processors.decode import MAX_ITEMS
from processors.records import DeadLetter
from processors.torch_loop import TooLargeError, UnreadableError
from streams.careful import (
    BURIED,
    CAREFUL_BATCHES,
    CAREFUL_FOR,
    DEATHS,
    Careful,
    careful,
)
from streams.line import Handler
from streams.marks import BROKEN_AFTER
from streams.pulse import Pulse
from streams.stage import HaltingStage, Place
from streams.wire import Message


class Death(BaseException):
    """A kill: nothing in the process can catch it."""


class Marks:
    """Attempts that outlive their processes."""

    def __init__(self) -> None:
        self.rows: dict[Key, int] = {}
        self.begun = False
        self.writes = 0
        self.away = 0  # writings that are refused from now on

    def begin(self) -> dict[Key, int] | None:
        before, self.begun = self.begun, True
        return {key: tries for key, tries in self.rows.items() if tries} if before else None

    def write(self, tries: Mapping[Key, int]) -> None:
        if self.away:
            self.away -= 1
            raise StoreUnavailable("away")
        self.writes += bool(tries)
        self.rows.update(tries)


def message(offset: int, *posts: str) -> Message:
    return Message(
        topic="t",
        partition=0,
        offset=offset,
        arrived_at=datetime(2026, 3, 1, tzinfo=UTC),
        value=msgspec.json.encode(posts),
    )


def posts_of(batch: Sequence[Message]) -> list[str]:
    return [post for each in batch for post in msgspec.json.decode(each.value, type=list[str])]


class Lives:
    """One stage's processes, one after the other, over the same messages."""

    def __init__(self, react: Callable[[list[str]], None]) -> None:
        self.react = react
        self.marks = Marks()
        self.now = 0.0
        self.count = 0
        self.handled: list[list[str]] = []
        self.buried: list[tuple[str, int, str]] = []
        self.pulse = Pulse("score", ["t"])

    def process(self) -> Careful:
        """The next process."""
        self.count += 1
        # The double has the two methods that are used, and no database behind them.
        return Careful(
            self.handle,
            self.marks,  # type: ignore[arg-type]
            self.pulse,
            self.bury,
            clock=lambda: self.now,
        )

    async def handle(self, batch: Sequence[Message]) -> None:
        posts = posts_of(batch)
        self.react(posts)
        self.handled.append(posts)

    async def bury(self, part: Message, what: str, said: str) -> None:
        [post] = posts_of([part])
        self.buried.append((post, part.first, f"{what}: {said}" if said else what))

    def live(self, *batches: Sequence[Message]) -> bool:
        """One process; whether it did all batches."""
        process = self.process()
        try:
            for batch in batches:
                asyncio.run(process(batch))
        except (Death, ValueError, ZeroDivisionError, OSError, MemoryError):
            return False
        return True

    def run(self, *batches: Sequence[Message], most: int = 20) -> None:
        """Processes until one has done all batches."""
        while True:
            process = self.process()
            assert self.count <= most, (self.buried, self.marks.rows)
            try:
                for batch in batches:
                    asyncio.run(process(batch))
            except (Death, ValueError, ZeroDivisionError):
                continue
            return

    @property
    def done(self) -> set[str]:
        return {post for posts in self.handled for post in posts}


def at(guilty: set[str], error: BaseException) -> Callable[[list[str]], None]:
    def react(posts: list[str]) -> None:
        if guilty & set(posts):
            raise error

    return react


FIRST = [message(0, "a", "b"), message(1, "c")]
SECOND = [message(2, "d", "bad", "e"), message(3, "f")]


def test_the_first_process_writes_nothing_down() -> None:
    lives = Lives(lambda _: None)
    lives.run(FIRST, SECOND)
    assert lives.marks.writes == 0
    assert lives.handled == [["a", "b", "c"], ["d", "bad", "e", "f"]]


def test_a_post_that_raises_costs_one_restart() -> None:
    lives = Lives(at({"bad"}, ValueError("no\nway")))
    lives.run(FIRST, SECOND)
    assert lives.count == 2
    assert lives.buried == [("bad", 1, "score: ValueError: no way")]
    assert lives.done == {"a", "b", "c", "d", "e", "f"}


@pytest.mark.parametrize("guilty", [{"a"}, {"bad"}, {"f"}, {"a", "bad"}, {"d", "bad", "e"}])
def test_a_post_that_kills_is_found_and_the_others_are_handled(guilty: set[str]) -> None:
    lives = Lives(at(guilty, Death()))
    lives.run(FIRST, SECOND)
    assert {post for post, *_ in lives.buried} == guilty
    assert lives.done == {"a", "b", "c", "d", "bad", "e", "f"} - guilty
    assert lives.count <= 2 + 5 * len(guilty)
    assert all("ended 3 times" in why for *_, why in lives.buried)


def test_what_is_set_aside_is_known_at_once_if_it_comes_again() -> None:
    lives = Lives(at({"bad"}, Death()))
    lives.run(SECOND)
    before = lives.count
    lives.run(SECOND)  # nothing was acknowledged for good
    assert lives.count == before + 1
    assert [post for post, *_ in lives.buried] == ["bad", "bad"]


def test_somebody_who_kills_now_and_then_has_no_post_set_aside() -> None:
    for kills in combinations(range(12), 3):
        number = -1

        def react(_: list[str], kills: tuple[int, ...] = kills) -> None:
            nonlocal number
            number += 1
            if number in kills:
                raise Death

        lives = Lives(react)
        lives.run(FIRST, SECOND)
        assert lives.buried == []
        assert lives.done == {"a", "b", "c", "d", "bad", "e", "f"}


def test_a_stage_that_fails_at_everything_is_broken_and_sets_few_aside() -> None:
    lives = Lives(at({f"p{number}" for number in range(50)}, ValueError("broken")))
    batch = [message(0, *(f"p{number}" for number in range(50)))]
    lives.marks.begun = True
    with pytest.raises(ValueError, match="broken"):
        asyncio.run(lives.process()(batch))
    assert len(lives.buried) == BROKEN_AFTER


MANY = [f"p{number}" for number in range(50)]


@pytest.mark.parametrize("error", [ValueError("broken"), Death()])
@pytest.mark.parametrize("each", [1, 10, 50])
def test_a_broken_stage_sets_few_aside_in_any_number_of_processes(
    each: int, error: BaseException
) -> None:
    broken = True

    def react(_: list[str]) -> None:
        if broken:
            raise error

    lives = Lives(react)
    topic = [message(first, *MANY[first : first + each]) for first in range(0, 50, each)]
    assert not any(lives.live(topic) for _ in range(40))
    assert len({post for post, *_ in lives.buried}) == BROKEN_AFTER

    broken = False  # mended: it goes on, and nothing else is lost
    assert lives.live(topic)
    assert lives.done == set(MANY) - {post for post, *_ in lives.buried}
    assert len({post for post, *_ in lives.buried}) == BROKEN_AFTER


def test_one_post_a_batch_is_no_way_around_that() -> None:
    lives = Lives(at(set(MANY), ValueError("broken")))
    done = 0
    for _ in range(40):
        process = lives.process()
        try:
            while done < len(MANY):  # what is done is acknowledged
                asyncio.run(process([message(done, MANY[done])]))
                done += 1
        except ValueError:
            continue
    assert done == len(lives.buried) == BROKEN_AFTER


@pytest.mark.parametrize("error", [ValueError("no"), Death()])
def test_poisons_in_a_long_stream_are_all_set_aside(error: BaseException) -> None:
    poisons = {f"p{number}" for number in range(2, 50, 6)}
    lives = Lives(at(poisons, error))
    lives.run(*([message(number, post)] for number, post in enumerate(MANY)), most=100)
    assert len(poisons) > 2 * BROKEN_AFTER
    assert {post for post, *_ in lives.buried} == poisons
    assert lives.done == set(MANY) - poisons


def test_many_that_kill_in_one_message_are_set_aside_once_others_were_handled() -> None:
    guilty = {f"p{number}" for number in range(BROKEN_AFTER + 3)}
    lives = Lives(at(guilty, Death()))
    lives.run([message(0, *MANY)], most=50)
    assert {post for post, *_ in lives.buried} == guilty
    assert lives.done == set(MANY) - guilty


def test_once_calm_a_stage_starts_anew() -> None:
    guilty = {"a", "b", "c"}
    lives = Lives(at(guilty, ValueError("no")))
    lives.run([message(0, *sorted(guilty))])
    assert lives.marks.rows[ASIDE] == len(guilty)
    process = lives.process()
    for number in range(CAREFUL_BATCHES + 1):
        asyncio.run(process([message(10 + number, "x")]))
        lives.now += CAREFUL_FOR
    assert set(lives.marks.rows.values()) == {0}


@pytest.mark.parametrize("error", [OSError(24, "too many open files"), MemoryError()])
def test_illness_of_the_process_in_any_number_of_them_buries_nothing(error: Exception) -> None:
    ill = True

    def react(_: list[str]) -> None:
        if ill:
            raise error

    lives = Lives(react)
    assert not any(lives.live(SECOND) for _ in range(12))
    assert not any(lives.marks.rows.values())
    ill = False
    assert lives.live(SECOND)
    assert lives.buried == []
    assert lives.done == {"d", "bad", "e", "f"}


def test_illness_takes_no_earlier_death_back() -> None:
    lives = Lives(at({"bad"}, Death()))
    while lives.marks.rows.get(("t", 0, 2, 1), 0) < DEATHS - 1:
        assert not lives.live(SECOND)
    lives.react = at({"bad"}, OSError(24, "too many open files"))
    assert not lives.live(SECOND)
    assert lives.marks.rows["t", 0, 2, 1] == DEATHS - 1


def test_what_is_ill_may_keep_the_marks_too() -> None:
    lives = Lives(lambda _: None)
    lives.marks.begun = True

    def react(_: list[str]) -> None:
        lives.marks.away = 1
        raise OSError(24, "too many open files")

    lives.react = react
    with pytest.raises(OSError, match="too many open files"):
        asyncio.run(lives.process()(SECOND))
    assert not lives.marks.away


def test_a_stage_that_halts_or_is_stopped_blames_no_post() -> None:
    async def life(lives: Lives, *, halts: bool) -> None:
        entered = asyncio.Event()

        async def handle(_: Sequence[Message]) -> None:
            entered.set()
            if halts:
                await stage.halt(ValueError("too many"))
            await asyncio.Event().wait()

        lives.handle = handle  # type: ignore[method-assign]
        process = lives.process()
        work = asyncio.create_task(process(SECOND))
        stage = HaltingStage(_App(work), lives.pulse, process.release)
        await entered.wait()
        if halts:
            await stage.finished.wait()
            assert not any(lives.marks.rows.values())
        else:
            assert set(lives.marks.rows.values()) == {1}
        await stage.stop()
        await stage.stop()

    for halts in (True, False):
        lives = Lives(lambda _: None)
        lives.marks.begun = True
        for _ in range(6):
            asyncio.run(life(lives, halts=halts))
            assert not any(lives.marks.rows.values())


class _App:
    """As much of an app as is stopped."""

    def __init__(self, work: "asyncio.Task[None]") -> None:
        self._work = work

    async def stop(self) -> None:
        self._work.cancel()
        await asyncio.wait([self._work])


@pytest.mark.parametrize(
    "error", [MemoryError(), TooLargeError("a GPU that others fill"), OSError("no more files")]
)
def test_what_is_wrong_with_the_process_is_no_fault_of_a_post(error: Exception) -> None:
    lives = Lives(at({"bad"}, error))
    lives.marks.begun = True
    with pytest.raises(type(error)):
        asyncio.run(lives.process()(SECOND))
    assert lives.buried == []


def test_a_text_that_a_gpu_cannot_read_is_set_aside_alone() -> None:
    lives = Lives(at({"bad"}, UnreadableError("though others of its length do")))
    lives.marks.begun = True
    asyncio.run(lives.process()(SECOND))
    why = "score: UnreadableError: though others of its length do"
    assert lives.buried == [("bad", 1, why)]


def test_a_failure_of_the_moment_buries_nothing() -> None:
    failures = 3

    def react(_: list[str]) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise ZeroDivisionError

    lives = Lives(react)
    lives.marks.begun = True
    lives.run(SECOND)
    assert (lives.count, lives.buried) == (1, [])
    assert lives.done == {"d", "bad", "e", "f"}


def test_marks_wait_for_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_sleep(_: float) -> None:
        return None

    lives = Lives(lambda _: None)
    lives.marks.begun = True
    lives.marks.away = 5
    beats = lives.pulse.beats
    monkeypatch.setattr("streams.line.asyncio.sleep", no_sleep)
    lives.run(FIRST)
    assert lives.handled == [["a", "b", "c"]]
    assert lives.pulse.beats > beats + 5  # waiting is a sign of life


def test_it_becomes_calm_and_takes_all_marks_back() -> None:
    lives = Lives(at({"bad"}, ValueError("no")))
    lives.marks.begun = True
    process = lives.process()
    asyncio.run(process(SECOND))
    assert lives.marks.rows[("t", 0, 2, 1)] == BURIED
    for number in range(CAREFUL_BATCHES):
        asyncio.run(process([message(10 + number, "x")]))
    writes = lives.marks.writes
    lives.now += CAREFUL_FOR + 1
    asyncio.run(process([message(50, "y")]))
    assert set(lives.marks.rows.values()) == {0}
    asyncio.run(process([message(51, "z")]))
    assert lives.marks.writes == writes + 1


def test_what_is_no_array_is_handled_as_it_is() -> None:
    seen: list[bytes] = []
    lives = Lives(lambda _: None)

    async def handle(batch: Sequence[Message]) -> None:
        seen.extend(each.value for each in batch)
        raise ValueError

    lives.handle: Handler = handle  # type: ignore[method-assign, misc]
    buried: list[bytes] = []

    async def bury(part: Message, *_: str) -> None:
        buried.append(part.value)

    lives.bury = bury  # type: ignore[method-assign]
    lives.marks.begun = True
    odd = msgspec.structs.replace(message(0), value=b"\xffno json")
    asyncio.run(lives.process()([odd]))
    assert buried == [b"\xffno json"]
    assert set(seen) == {b"\xffno json"}
    assert lives.marks.rows[("t", 0, 0, WHOLE)] == 0


def test_a_stage_tells_of_what_it_set_aside(store: Store) -> None:
    registry = CollectorRegistry()
    place = Place(Settings(group="g1", real_kafka=False), store, Meter("score", registry))
    letters: list[DeadLetter] = []

    async def bury(_: Message, letter: DeadLetter) -> None:
        letters.append(letter)

    async def handle(batch: Sequence[Message]) -> None:
        if "bad" in posts_of(batch):
            raise ValueError("cannot read 'my words'")

    async def life() -> None:
        await careful(place, Pulse("score", ["t"]), handle, bury)(SECOND)

    with pytest.raises(ValueError, match="my words"):
        asyncio.run(life())
    asyncio.run(life())
    [letter] = letters
    assert (letter.feed, letter.position, letter.topic) == ("t@g1/0", 2 * MAX_ITEMS + 1, "t")
    assert (letter.reason, letter.payload) == ("poison", b'"bad"')
    [event] = stage_events(store)
    assert (event.stage, event.kind) == ("score", "poisoned")
    # What was said may quote the post: it is where it can be erased, and only there.
    assert letter.detail == "score: ValueError: cannot read 'my words'"
    assert event.detail == "t/0 2, post 1: score: ValueError"
    assert registry.get_sample_value("score_reasons_total", {"reason": "poison"}) == 1
