"""Everything the plan knows: incidents, what each receiver was told, and what people said.

Decisions are entered by the same code whether they are made now or were made by an earlier process:
a plan that is told of them goes on exactly as the one that made them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Final

from forecasting.records import IncidentEvent
from infra.channels.channel import Limits
from infra.deliver.accounts import Account, Key, Terms
from infra.deliver.cases import Case, case
from infra.deliver.groups import Groups
from infra.deliver.pace import Pace
from infra.deliver.records import Acknowledgement, Hold, Notice, Said, Silence, Skip
from infra.deliver.routes import Route
from infra.deliver.tree import Options, Routed, routed
from infra.receivers import Receiver

KEPT: Final = timedelta(days=1)
"""How long incidents stay in memory after they ended: longer than it takes until a change that
fired is found, by clocks that differ."""


class Book:
    """State; it decides nothing."""

    def __init__(
        self,
        *,
        route: Route | None,
        receivers: Sequence[Receiver],
        limits: Callable[[Receiver], Limits],
        joined: Mapping[str, datetime],
    ) -> None:
        self._limits_of = limits
        self.cases: dict[str, Case] = {}
        self.accounts: dict[str, dict[str, Account]] = {}  # by incident, by receiver
        self.links: dict[str, set[str]] = {}  # both ways
        self.groups = Groups()
        self.paces: dict[str, Pace] = {}  # by receiver
        self.acknowledged: dict[str, Acknowledgement] = {}  # by incident
        self.silences: dict[str, Silence] = {}
        self.dismissed: Set[str] = frozenset()
        self.disabled: Set[str] = frozenset()
        self.stuck: set[Key] = set()  # a message was not taken, and is tried again
        self._past: set[str] = set()  # incidents that are forgotten
        self._routed: dict[str, Routed] = {}
        self.configure(route=route, receivers=receivers, joined=joined)

    def configure(
        self,
        *,
        route: Route | None,
        receivers: Sequence[Receiver],
        joined: Mapping[str, datetime],
    ) -> None:
        """Other routes, receivers and times since when these are owed anything."""
        self.route, self.joined = route, joined
        self.names = tuple(receiver.name for receiver in receivers)
        self.limits = {receiver.name: self._limits_of(receiver) for receiver in receivers}
        self._routed.clear()
        nodes = route.walk() if route else ()
        intervals = [node.group_interval for _, node in nodes if node.group_interval]
        self._longest = max(intervals, default=timedelta(0))

    def learn(self, event: IncidentEvent, fired_at: datetime) -> bool:
        """A change; whether it is news."""
        name = event.change.incident_id
        if name in self._past:
            return False
        known = self.cases.get(name)
        if known is None:
            known = self.cases[name] = case(event)
            known.first_told = min(self._openings(name), default=None)
        if not known.learn(event, fired_at):
            return False
        for other in known.links:
            self.links.setdefault(name, set()).add(other)
            self.links.setdefault(other, set()).add(name)
        self._routed.pop(name, None)
        return True

    def knows(self, event_id: str) -> bool:
        """Whether a change was learned, or is of an incident that is forgotten."""
        name, _, number = event_id.rpartition(".")
        known = self.cases.get(name)
        if name in self._past:
            return True
        return known is not None and number.isdecimal() and int(number) in known.steps

    def _openings(self, name: str) -> Iterator[datetime]:
        return (
            account.first_told
            for account in self.accounts.get(name, {}).values()
            if account.first_told
        )

    def account(self, receiver: str, incident_id: str) -> Account:
        """Of a receiver and an incident, made where it is new."""
        of_incident = self.accounts.setdefault(incident_id, {})
        found = of_incident.get(receiver)
        if found is None:
            found = of_incident[receiver] = Account(receiver=receiver, incident_id=incident_id)
        return found

    def pace(self, receiver: str) -> Pace:
        """Of a receiver, made where it is new."""
        return self.paces.setdefault(receiver, Pace())

    def routed(self, known: Case) -> Routed:
        """Where an incident goes as it is now."""
        found = self._routed.get(known.incident_id)
        if found is None:
            found = routed(self.route, self.names, known.seen)
            self._routed[known.incident_id] = found
        return found

    def terms(self, account: Account, options: Options) -> Terms:
        """What else decides what the receiver is told."""
        return Terms(
            options=options,
            limits=self.limits[account.receiver],
            joined=self.joined.get(account.receiver),
            dismissed=account.incident_id in self.dismissed,
            whole=self.route is None,
        )

    def enter(self, notices: Iterable[Notice]) -> None:
        """What was decided to be told. Twice is once."""
        for notice in notices:
            new = [said for said in notice.said if self._is_new(notice, said)]
            if not new:
                continue
            self.pace(notice.receiver).sent(notice.decided_at)
            if any(said.kind != "test" for said in new):
                for key in notice.group.split("\n"):
                    self.groups.told(notice.receiver, key, notice.decided_at)
            for said in new:
                if said.kind != "test":
                    self._said(notice, said)

    def _is_new(self, notice: Notice, said: Said) -> bool:
        account = self.account(notice.receiver, _incident(said))
        return notice.notice_id not in account.entered

    def _said(self, notice: Notice, said: Said) -> None:
        incident_id, number = _incident(said), said.event_id.rpartition(".")[2]
        account = self.account(notice.receiver, incident_id)
        account.entered.add(notice.notice_id)
        at = notice.decided_at
        account.told_at = max(at, account.told_at or at)
        if said.kind == "acknowledged":
            account.acknowledged = True
            return
        if said.kind == "opened":
            account.first_told = at
            known = self.cases.get(incident_id)
            if known:
                known.first_told = min(at, known.first_told or at)
        account.opened = True
        account.told = max(account.told, int(number))
        account.settled.add(int(number))
        account.repeated += said.kind == "repeated"
        account.escalated += said.kind == "escalated"

    def skip(self, skips: Iterable[Skip]) -> None:
        """What was decided never to be told. Twice is once."""
        for skip in skips:
            account = self.account(skip.receiver, skip.incident_id)
            if skip.reason == "not_routed" or skip.event_id in account.entered:
                continue
            match skip.event_id.removeprefix(f"{skip.incident_id}.").split("."):
                case ["acknowledged"]:
                    account.acknowledged = account.acknowledged or skip.reason == "not_taken"
                case [number]:
                    account.settled.add(int(number))
                case [_, "escalated", _] if skip.reason == "not_taken":
                    account.entered.add(skip.event_id)
                    account.escalated += 1
                case [_, "repeated", _] if skip.reason == "not_taken":
                    account.entered.add(skip.event_id)
                    account.repeated += 1
                case _:
                    pass  # a reminder that is not wanted any more

    def held(self, holds: Iterable[Hold]) -> None:
        """What was decided to wait."""
        for hold in holds:
            account = self.account(hold.receiver, hold.incident_id)
            if account.hold is None or account.hold.decided_at <= hold.decided_at:
                account.hold = hold
            number = hold.event_id.removeprefix(f"{hold.incident_id}.")
            if number.isdecimal():
                account.held = max(account.held, int(number))

    def forget(self, now: datetime, *, keep: Set[str]) -> None:
        """What ended KEPT ago and waits for nothing, but for those to keep."""
        before = now - max(KEPT, self._longest)
        for name in [name for name, known in self.cases.items() if self._is_past(known, before)]:
            if name not in keep:
                self._past.add(name)
                self._drop(name)
        self.groups.forget(before)

    def _is_past(self, known: Case, before: datetime) -> bool:
        if known.end is None or known.steps[known.end].fired_at >= before:
            return False
        accounts = self.accounts.get(known.incident_id, {}).values()
        return not any(one.hold or (one.opened and one.pending(known)) for one in accounts)

    def _drop(self, name: str) -> None:
        del self.cases[name]
        self._routed.pop(name, None)
        self.accounts.pop(name, None)
        for other in self.links.pop(name, ()):
            self.links[other].discard(name)
            if not self.links[other]:
                del self.links[other]


def _incident(said: Said) -> str:
    return said.event_id.rpartition(".")[0]
