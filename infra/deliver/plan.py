"""Decides who is told what, and when: pure, in memory, with its clock as a parameter.

What happened goes in (changes of incidents, earlier decisions, what people say, the routes), and
decisions come out: send, not yet, or never, each with its reason. The state of a receiver and an
incident is its Account; the reasons to wait are in holds.py and groups.py, in the order in which
they are asked.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import datetime

from msgspec import Struct

from forecasting.records import IncidentEvent
from infra.channels.channel import Limits
from infra.deliver.accounts import Key
from infra.deliver.agenda import Agenda
from infra.deliver.book import Book
from infra.deliver.holds import Clocks, of_message, of_receiver, of_silence
from infra.deliver.records import Acknowledgement, Hold, Notice, Silence, Skip
from infra.deliver.routes import Route
from infra.deliver.turn import PACE, Turn
from infra.receivers import Receiver


class Decision(Struct, frozen=True, kw_only=True):
    """What was decided. `holds` are those that are new or have changed."""

    notices: tuple[Notice, ...] = ()
    holds: tuple[Hold, ...] = ()
    skips: tuple[Skip, ...] = ()
    next_at: datetime | None = None  # when there may be more to decide, if nothing happens before


class Planner:
    """Who is told what. One for each store.

    It goes on from a decision as from a fact: one that could not be written down has to be written
    before the next is asked for, or the planner be made anew.
    """

    def __init__(
        self,
        *,
        route: Route | None,
        receivers: Sequence[Receiver],
        limits: Callable[[Receiver], Limits],
        joined: Mapping[str, datetime],
    ) -> None:
        """`joined` says since when a receiver is owed what fires; who is not in it, ever since."""
        self._book = Book(route=route, receivers=receivers, limits=limits, joined=joined)
        self._agenda = Agenda()
        self._clocks = Clocks()

    def learn(self, events: Iterable[tuple[IncidentEvent, datetime]]) -> None:
        """Changes, with when each fired. In any order; what is known already changes nothing."""
        for event, fired_at in events:
            if self._book.learn(event, fired_at):
                self._agenda.incidents.add(event.change.incident_id)

    def knows(self, event_id: str) -> bool:
        """Whether there is nothing to learn from a change: it was learned, or it is of an incident
        that is forgotten."""
        return self._book.knows(event_id)

    @property
    def incidents(self) -> int:
        """How many are in memory; those that are forgotten are not."""
        return len(self._book.cases)

    def remember(
        self, notices: Iterable[Notice], skips: Iterable[Skip], holds: Iterable[Hold] = ()
    ) -> None:
        """What an earlier process decided, before the first decision. Twice is once.

        `holds` are those in force when it ended: what waited is told by its newest change.
        """
        self._book.enter(notices)
        self._book.skip(skips)
        self._book.held(holds)

    def people(
        self,
        *,
        acknowledgements: Iterable[Acknowledgement],
        silences: Iterable[Silence],
        dismissed: Set[str],
        disabled: Set[str],
    ) -> None:
        """What people said, whole: acknowledged, silenced, no crisis (incidents), and which
        receivers are gone."""
        book = self._book
        acknowledged = {one.incident_id: one for one in acknowledgements}
        changed = dismissed ^ book.dismissed
        changed |= acknowledged.keys() ^ book.acknowledged.keys()
        self._agenda.incidents.update(changed)
        active = {one.silence_id: one for one in silences}
        gone = [name for name, one in book.silences.items() if active.get(name) != one]
        self._agenda.ended(of_silence(name) for name in gone)
        self._agenda.ended(of_receiver(name) for name in book.disabled - disabled)
        if active != book.silences:
            self._agenda.now |= self._agenda.muting()  # what is silenced mutes no more
        book.acknowledged, book.silences = acknowledged, active
        book.dismissed, book.disabled = frozenset(dismissed), frozenset(disabled)

    def stuck(self, news: Mapping[Key, bool]) -> None:
        """Receivers and incidents of which a message was not taken and is tried again, or is so no
        longer."""
        self._book.stuck |= {key for key, is_so in news.items() if is_so}
        freed = {key for key, is_so in news.items() if not is_so}
        self._book.stuck -= freed
        self._agenda.ended(of_message(*key) for key in freed)

    def configure(
        self,
        *,
        route: Route | None,
        receivers: Sequence[Receiver],
        joined: Mapping[str, datetime] | None = None,
    ) -> None:
        """Other settings, while it runs. What is open or waits is looked at again.

        A new receiver that is not in `joined` is owed everything that is known.
        """
        book = self._book
        book.configure(
            route=route, receivers=receivers, joined=book.joined if joined is None else joined
        )
        self._agenda.incidents.update(book.cases)

    def forget(self, now: datetime) -> None:
        """Let go of incidents that are over, and of which everybody heard whatever they are to hear
        of them, long enough ago: only that they were there is kept.

        Bounds memory; costs a look at all that is known. After `decide`.
        """
        self._book.forget(now, keep=self._agenda.incidents)

    def decide(self, now: datetime) -> Decision:
        """What is to be told at `now` (UTC), what waits, and what is never told.

        The cost is that of what has happened or become due since, not of what waits.
        """
        decided = Turn(self._book, self._agenda, self._clocks, now).take()
        return Decision(
            notices=tuple(decided.notices),
            holds=tuple(decided.holds.values()),
            skips=tuple(decided.skips),
            next_at=self._next_at(),
        )

    def holds(self, incident_id: str) -> tuple[Hold, ...]:
        """What waits of an incident, by receiver."""
        accounts = self._book.accounts.get(incident_id, {})
        return tuple(one.hold for _, one in sorted(accounts.items()) if one.hold)

    def _next_at(self) -> datetime | None:
        while (entry := self._agenda.next()) is not None:
            at, (receiver, incident_id) = entry
            account = self._book.accounts.get(incident_id, {}).get(receiver)
            if incident_id == PACE or (account and account.wake == at):
                return at
            self._agenda.drop()
        return None
