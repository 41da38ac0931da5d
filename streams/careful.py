"""Handling in which a post that kills its process is found, and set aside.

A crash may be an exception, a hang that the watchdog ends, or a death without a word. In the calm
case nothing is written. A process that is not the first of its kind is careful for a while: it
writes down what it is about to handle, so that its successor knows what was in hand when it died.

    whole batches, marked   until one of them kills, or raises
    message by message      where a batch holds a message that was in hand at a death
    post by post            where a message was in hand alone
    set aside               a post that was in hand alone at three deaths, or that raised alone,
                            twice, while the others could be handled

Somebody who kills the process now and then has no post set aside: what succeeds is unmarked. A
stage that fails at everything sets BROKEN_AFTER posts aside, however often it is started again: how
many more it has set aside than handled is among its marks, until it is calm. From then on posts are
tried again in place of being set aside, so that it goes on by itself once it is mended.

Marks are taken back where the process was ill (no memory, no files), where the line was stopped,
and where a stage gives up. They remain, and count as a death, where that cannot be written down,
where the process is killed without having been asked to stop first, or ended for its memory.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from infra.attempts import WHOLE, Attempts, Key
from infra.stage_events import StageEvent, record
from processors.records import DeadLetter
from streams.line import Handler, patiently
from streams.marks import Identity, Marks, identity, key_of
from streams.poison import dead_letter, parts_of
from streams.pulse import Pulse, in_words
from streams.stage import Place
from streams.wire import Message

Bury = Callable[[Message, str, str], Awaitable[None]]
"""Makes a dead letter of a message of one post, durably. First what the stage did at it; then what
it said, which may quote the post: that belongs where it can be erased, in the dead letter alone."""
log = structlog.get_logger()
CAREFUL_FOR = 20.0
"""Seconds, and CAREFUL_BATCHES batches at least, after the start or after the last trouble."""
CAREFUL_BATCHES = 10
DEATHS = 3
"""Deaths with a post alone in hand after which it is set aside."""
LAST_CHANCE = DEATHS + 1
"""The mark of a post that was tried once more, because the stage seemed to be broken."""
BURIED = DEATHS + 2
"""The mark of a post that was set aside."""
ALONE_PATIENCE = 0.25
"""Share of the usual time that a single post may take before it counts as hung."""


class Careful:
    """A handler around a handler. What it raises has to end the process."""

    def __init__(
        self,
        handle: Handler,
        attempts: Attempts,
        pulse: Pulse,
        bury: Bury,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._handle = handle
        self._marks = Marks(attempts, pulse)
        self._pulse = pulse
        self._bury = bury
        self._clock = clock
        self._begun = False
        self._until = 0.0
        self._batches = 0
        self._found: dict[Identity, dict[int, int]] = {}  # of earlier processes
        self._buried: set[Key] = set()  # marked for a while longer: they may come again

    async def __call__(self, batch: Sequence[Message]) -> None:
        if not self._begun:
            await self._begin()
        if not self._careful():
            if self._marks.left or self._buried or self._found:
                await self._forget()
            await self._handle(batch)
            return
        self._batches -= 1
        if not any(identity(message) in self._found for message in batch):
            error = await self._try(batch, {key_of(message): 0 for message in batch})
            if error is None:
                return
            self._trouble(error, batch)
        for message in batch:
            await self._message(message)

    async def release(self) -> None:
        """What is in hand is not to blame for the end of the process. Idempotent."""
        await self._marks.release()

    async def _begin(self) -> None:
        left = await self._marks.begin()
        self._begun = True
        if left is None:
            return
        self._be_careful()
        for (topic, partition, offset, first), tries in left.items():
            self._found.setdefault((topic, partition, offset), {})[first] = tries
        if self._found:
            log.warning("was in hand at a death", stage=self._pulse.stage, messages=len(left))

    def _careful(self) -> bool:
        return self._batches > 0 or self._clock() < self._until

    def _be_careful(self) -> None:
        self._until = self._clock() + CAREFUL_FOR
        self._batches = max(self._batches, CAREFUL_BATCHES)

    async def _message(self, message: Message) -> None:
        """Handle the message alone, post by post if it has to be."""
        marks = self._found.get(identity(message), {})
        parts = parts_of(message)
        deaths = marks.get(WHOLE, 0)
        whole = len(parts) > 1 and deaths < 2 and set(marks) <= {WHOLE}
        error: Exception | None = None
        if whole:
            error = await self._try([message], {key_of(message): deaths})
            if error is not None:
                self._trouble(error, [message])
        if not whole or error is not None:
            await self._posts(parts, marks)
        await self._settle(message, marks)

    async def _posts(self, parts: Sequence[Message], marks: Mapping[int, int]) -> None:
        failed, deadly = [], []
        for part in parts:
            deaths = marks.get(part.first, 0)
            if deaths >= BURIED or (deaths >= DEATHS and not self._marks.broken):
                await self._bury_deadly(part, deaths)
            elif deaths >= DEATHS:
                deadly.append(part)
            elif await self._alone(part, deaths):
                failed.append(part)
        for part in deadly:
            # It may be the stage that killed it, and that may have been mended since.
            deaths = marks[part.first]
            if deaths >= LAST_CHANCE and not self._marks.broken:
                await self._bury_deadly(part, deaths)
            elif await self._alone(part, deaths):
                failed.append(part)
        for part in failed:
            # Again, now that others were handled: what it raised may have been the moment's fault.
            error = await self._alone(part, marks.get(part.first, 0))
            if error is None:
                continue
            if self._marks.broken:
                await self.release()
                raise error
            said = " ".join(str(error).split())
            await self._set_aside(part, f"{self._pulse.stage}: {type(error).__name__}", said)

    async def _bury_deadly(self, part: Message, deaths: int) -> None:
        what = f"{self._pulse.stage} ended {DEATHS} times at it"
        await self._set_aside(part, what, again=deaths >= BURIED)

    async def _alone(self, part: Message, deaths: int) -> Exception | None:
        return await self._try([part], {key_of(part): deaths}, patience=ALONE_PATIENCE)

    async def _try(
        self, batch: Sequence[Message], deaths: Mapping[Key, int], *, patience: float = 1.0
    ) -> Exception | None:
        """Handle what is marked first; what it raised, None if it is done."""
        await self._marks.take(deaths, most=LAST_CHANCE)
        self._pulse.begin(batch, patience=patience)
        try:
            await self._patiently(self._handle, batch)
        except (MemoryError, OSError):
            await self.release()
            raise  # the process is what is ill
        except Exception as error:  # noqa: BLE001 - not swallowed: the post is set aside
            self._marks.handled(0)
            return error
        self._marks.handled(len(batch))
        return None

    async def _set_aside(
        self, part: Message, what: str, said: str = "", *, again: bool = False
    ) -> None:
        async def bury(_: Sequence[Message]) -> None:
            await self._bury(part, what, said)

        await self._patiently(bury, [part])
        log.error("poisoned", stage=self._pulse.stage, post=str(key_of(part)), error=what)
        # It may come again before it is acknowledged for good; then it is known at once.
        self._buried.add(key_of(part))
        await self._marks.set_aside(key_of(part), BURIED, again=again)
        self._found.setdefault(identity(part), {})[part.first] = BURIED
        self._be_careful()

    async def _settle(self, message: Message, marks: Mapping[int, int]) -> None:
        """The message is done: take its marks back, but for posts that were set aside."""
        who = identity(message)
        keys = [(*who, first) for first in {*marks, WHOLE}]
        self._marks.done({key for key in keys if key not in self._buried})
        await self._marks.write({})
        kept = {key[3]: BURIED for key in self._buried if key[:3] == who}
        self._found.pop(who, None)
        if kept:
            self._found[who] = kept

    async def _forget(self) -> None:
        """Calm again: nothing is marked any more."""
        # Not what only was in hand, which may be in another's: its deaths count where it comes.
        self._buried |= {
            (*who, first)
            for who, marks in self._found.items()
            for first, deaths in marks.items()
            if deaths >= BURIED
        }
        self._marks.done(self._buried)
        self._buried.clear()
        self._found.clear()
        await self._marks.start_anew()

    async def _patiently(self, work: Handler, batch: Sequence[Message]) -> None:
        await patiently(self._pulse.stage, work, batch, alive=self._pulse.alive)

    def _trouble(self, error: Exception, batch: Sequence[Message]) -> None:
        log.error(
            "failed: taken apart",
            stage=self._pulse.stage,
            messages=len(batch),
            error=f"{type(error).__name__}: {error}",
            exc_info=error,
        )
        self._be_careful()


def careful(
    place: Place,
    pulse: Pulse,
    handle: Handler,
    bury: Callable[[Message, DeadLetter], Awaitable[None]],
) -> Careful:
    """`handle` made careful for the stage of `pulse`; `bury` puts the dead letter of a post on its
    way, durably."""
    settings = place.settings
    generation = "" if settings.real_kafka else f"@{settings.group}"
    attempts = Attempts(place.store, stage=pulse.stage, consumers=settings.group)

    async def bury_part(part: Message, what: str, said: str) -> None:
        why = f"{what}: {said}" if said else what
        await bury(part, dead_letter(part, detail=why, generation=generation))
        detail = f"{in_words([part])}, post {part.first}: {what}"
        event = StageEvent(at=place.now(), stage=pulse.stage, kind="poisoned", detail=detail)
        await asyncio.to_thread(record, place.store, event)
        place.meter.left_out("poison")

    return Careful(handle, attempts, pulse, bury_part)
