"""What is told to whom, decided with what is on disk and written there before anything goes out.

All calls block, and are made one at a time.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from infra.answer import Answer
from infra.brands import Brand
from infra.channels.channel import Limits
from infra.deliver import people
from infra.deliver.accounts import Key
from infra.deliver.lane import Job
from infra.deliver.letters import PAGE, bodies
from infra.deliver.outbox import EPOCH, decide, incident_of, join
from infra.deliver.plan import Planner
from infra.deliver.recall import asked_again, holds, sent, skips
from infra.deliver.records import Hold, Notice, Skip
from infra.deliver.routes import Route
from infra.receivers import Receiver
from infra.sql import load
from infra.store import Store
from infra.times import to_ms
from infra.verdicts import read_verdicts

SWEEP: Final = timedelta(seconds=15)
"""How long at most without looking for changes that nobody announced."""
LISTEN: Final = timedelta(seconds=2)
"""How long at most without looking for what people say."""
OVERLAP: Final = timedelta(minutes=10)
"""Changes of so long ago are looked for again: they are written after the moment they bear."""
LOOK_AT_ALL: Final = timedelta(minutes=10)
"""How long at most without looking for changes of any age, as of a watcher that was frozen."""
FORGET: Final = timedelta(hours=1)
"""How long at most what is over for good stays in memory after it may go."""


class Setup(NamedTuple):
    """Who is told, and how it is put."""

    receivers: Sequence[Receiver]
    route: Route | None = None
    brands: Sequence[Brand] = ()
    page_url: str = ""


class Heard(NamedTuple):
    """What is new to whoever sends."""

    jobs: list[tuple[str, Job]]  # by receiver, in order
    disabled: frozenset[str] | None = None  # receivers; None: as before


class Decider:
    """Begins with what an earlier process decided, and goes on from there."""

    def __init__(
        self, store: Store, setup: Setup, limits: Callable[[Receiver], Limits], now: datetime
    ) -> None:
        """Reads all there is. Raises StoreError."""
        self._store = store
        self._setup = setup
        self._changes = 0  # on disk, when last looked
        self._newest = EPOCH
        self._held: dict[tuple[str, str], tuple[str, datetime | None]] = {}
        self._unread: set[str] = set()  # changes that cannot be read
        self._unreadable: list[str] = []  # those of them of which nobody was told yet
        self._unwritten: list[Notice | Hold | Skip] = []
        self._people = Answer(store, people.MARKED, lambda: people.people_mark(store))
        self._mark: tuple[int, ...] | None = None
        self._looked = self._looked_at_all = self._listened = self._forgot = EPOCH
        self._next_at: datetime | None = None
        self._jobs: list[tuple[str, Job]] = []  # what nobody was told of yet
        self._disabled: frozenset[str] | None = None
        self._planner = Planner(
            route=setup.route,
            receivers=setup.receivers,
            limits=limits,
            joined=join(store, setup.receivers, now),
        )
        self.owed = self._remember()  # by receiver, in the order they were decided
        self._learn_all()
        self._looked = self._looked_at_all = now

    def turn(
        self,
        now: datetime,
        *,
        announced: bool,
        stuck: Mapping[Key, bool],
        may: Callable[[], bool],
    ) -> Heard:
        """Learn what happened and what people say, decide, and write it down; what is to be sent.

        `announced`: somebody said that there is something new. `stuck`: receivers and incidents of
        which a message was not taken, or is no longer; what is new. Nothing is written, nor sent,
        unless `may` says so just before. Raises StoreError: nothing is lost by it, ask again.
        """
        self._planner.stuck(stuck)
        if announced or now - self._looked >= SWEEP or now < self._looked:
            self._look(now, announced=announced)
        self._listen(now)
        self._decide(now, may)
        self._forget(now)
        heard = Heard(self._jobs, self._disabled)
        self._jobs, self._disabled = [], None
        return heard

    @property
    def incidents(self) -> int:
        """How many are in memory: those that are open or ended not long ago."""
        return self._planner.incidents

    def wait(self, now: datetime) -> float:
        """Seconds until there may be something to do."""
        until = [self._looked + SWEEP, self._listened + LISTEN]
        if self._next_at is not None:
            until.append(self._next_at)
        return max(0.0, (min(until) - now).total_seconds())

    def _remember(self) -> list[tuple[str, Job]]:
        """What is owed by what was decided before."""
        names = [receiver.name for receiver in self._setup.receivers]
        found, held = sent(self._store, names), holds(self._store, names)
        self._planner.remember([each.notice for each in found], skips(self._store, names), held)
        for hold in held:
            self._note(hold)
        return [
            (each.notice.receiver, Job(each.notice, each.attempts, each.due_at))
            for each in found
            if not each.ended
        ]

    def _look(self, now: datetime, *, announced: bool) -> None:
        found = self._learn(min(self._newest, now) - OVERLAP)
        since = now - self._looked_at_all
        # What was announced and is not found is of a watcher whose clock is behind.
        if since >= LOOK_AT_ALL or (announced and not found and since >= SWEEP):
            # To count them is cheap, however many there have ever been; to read them is not.
            if self._store.query(load("fired_count"))[0][0] != self._changes:
                self._learn_all()
            self._looked_at_all = now
        self._looked = now

    def _learn_all(self) -> None:
        rows = self._fired(EPOCH)
        self._take_in(rows)
        self._changes = len(rows)

    def _learn(self, since: datetime) -> int:
        """Learn changes that fired since then; how many were new."""
        new = self._take_in(self._fired(since))
        self._changes += new
        return new

    def _fired(self, since: datetime) -> dict[str, datetime]:
        return dict(self._store.query(load("fired_events"), {"since": max(0, to_ms(since))}))

    def _take_in(self, changes: Mapping[str, datetime]) -> int:
        """Learn those that are new, by when they fired; how many were."""
        fired = {one: at for one, at in changes.items() if not self._knows(one)}
        ids = sorted(fired, key=lambda event_id: (fired[event_id], event_id))
        for start in range(0, len(ids), PAGE):
            some = ids[start : start + PAGE]
            found = dict(bodies(self._store, some))
            self._planner.learn(
                [(event, fired[event_id]) for event_id, event in found.items() if event is not None]
            )
            unread = [event_id for event_id, event in found.items() if event is None]
            self._unread.update(unread)
            self._unreadable += unread
        self._newest = max([self._newest, *fired.values()])
        return len(ids)

    def _knows(self, event_id: str) -> bool:
        return self._planner.knows(event_id) or event_id in self._unread

    def _listen(self, now: datetime) -> None:
        """Hear what people said, if it is time to listen and they said anything new."""
        if timedelta(0) <= now - self._listened < LISTEN:
            return
        mark = self._people.now()
        if mark != self._mark:
            self._hear(now)
        self._mark, self._listened = mark, now

    def _hear(self, now: datetime) -> None:
        where = people.endpoints(self._store)
        disabled = frozenset(
            receiver.name
            for receiver in self._setup.receivers
            if not where.get((receiver.name, people.endpoint_of(receiver)), True)
        )
        verdicts = read_verdicts(self._store)
        asked = asked_again(self._store, self._setup.receivers)
        self._planner.people(
            acknowledgements=people.acknowledgements(self._store),
            silences=people.silences(self._store, ending_after=now),
            dismissed={one.incident_id for one in verdicts if one.word == "not-a-crisis"} - {""},
            disabled=disabled,
        )
        self._disabled = disabled
        self._jobs += [
            (each.notice.receiver, Job(each.notice, each.attempts, each.due_at, each.number))
            for each in asked
        ]

    def _decide(self, now: datetime, may: Callable[[], bool]) -> None:
        """Decide and write it down, after what could not be written the last time."""
        self._write(may)
        if self._unwritten:
            return
        decision = self._planner.decide(now)
        self._next_at = decision.next_at
        self._unwritten += [*decision.notices, *decision.skips, *self._skipped_unread(now)]
        self._unwritten += [hold for hold in decision.holds if self._is_new(hold)]
        self._write(may)

    def _forget(self, now: datetime) -> None:
        """Let go of what is over. Not before all that was decided of it is on disk, where a
        process that begins anew finds it."""
        if not self._unwritten and not timedelta(0) <= now - self._forgot < FORGET:
            self._planner.forget(now)
            self._forgot = now

    def _write(self, may: Callable[[], bool]) -> None:
        if not self._unwritten or not may():
            return
        decide(self._store, self._unwritten)
        written, self._unwritten = self._unwritten, []
        for each in written:
            self._note(each)
        notices = [each for each in written if isinstance(each, Notice)]
        self._jobs += [(each.receiver, Job(each, 0, each.due_at)) for each in notices]

    def _skipped_unread(self, now: datetime) -> list[Skip]:
        unreadable, self._unreadable = self._unreadable, []
        return [
            Skip(
                receiver=receiver.name,
                incident_id=incident_of(event_id),
                event_id=event_id,
                reason="unreadable",
                detail="what is stored cannot be read",
                decided_at=now,
            )
            for event_id in unreadable
            for receiver in self._setup.receivers
        ]

    def _is_new(self, hold: Hold) -> bool:
        known = self._held.get((hold.receiver, hold.event_id))
        return known != (hold.reason, hold.until)

    def _note(self, decided: Notice | Hold | Skip) -> None:
        match decided:
            case Hold():
                key = (decided.receiver, decided.event_id)
                self._held[key] = (decided.reason, decided.until)
            case Skip():
                self._held.pop((decided.receiver, decided.event_id), None)
            case Notice():
                for one in decided.said:
                    self._held.pop((decided.receiver, one.event_id), None)
