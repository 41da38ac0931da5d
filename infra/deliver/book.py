"""Everything the plan knows: incidents, what each receiver was told, and what people said.

Decisions are entered by the same code whether they are made now or were made by an earlier process:
a plan that is told of them goes on exactly as the one that made them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime

from forecasting.records import IncidentEvent
from infra.channels.channel import Limits
from infra.deliver.accounts import Account, Terms
from infra.deliver.cases import Case, case
from infra.deliver.groups import Groups
from infra.deliver.pace import Pace
from infra.deliver.records import Acknowledgement, Hold, Notice, Said, Silence, Skip
from infra.deliver.routes import Route
from infra.deliver.tree import Options, Routed, routed
from infra.receivers import Receiver


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
        self._entered: set[tuple[str, str]] = set()
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

    def learn(self, event: IncidentEvent, fired_at: datetime) -> bool:
        """A change; whether it is news."""
        name = event.change.incident_id
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
        )

    def enter(self, notices: Iterable[Notice]) -> None:
        """What was decided to be told. Twice is once."""
        for notice in notices:
            if (notice.receiver, notice.notice_id) in self._entered:
                continue
            self._entered.add((notice.receiver, notice.notice_id))
            self.pace(notice.receiver).sent(notice.decided_at)
            if all(said.kind == "test" for said in notice.said):
                continue
            for key in notice.group.split("\n"):
                self.groups.told(notice.receiver, key, notice.decided_at)
            for said in notice.said:
                self._said(notice, said)

    def _said(self, notice: Notice, said: Said) -> None:
        incident_id, _, number = said.event_id.rpartition(".")
        account = self.account(notice.receiver, incident_id)
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
            name = (skip.receiver, skip.event_id)
            if skip.reason == "not_routed" or name in self._entered:
                continue
            account = self.account(skip.receiver, skip.incident_id)
            match skip.event_id.removeprefix(f"{skip.incident_id}.").split("."):
                case [number]:
                    if number == "acknowledged":
                        account.acknowledged = True
                    else:
                        account.settled.add(int(number))
                case [_, "escalated", _] if skip.reason == "not_taken":
                    self._entered.add(name)
                    account.escalated += 1
                case [_, "repeated", _] if skip.reason == "not_taken":
                    self._entered.add(name)
                    account.repeated += 1
                case _:
                    pass  # a reminder that is not wanted any more

    def held(self, holds: Iterable[Hold]) -> None:
        """What was decided to wait."""
        for hold in holds:
            account = self.account(hold.receiver, hold.incident_id)
            account.hold = hold
            number = hold.event_id.removeprefix(f"{hold.incident_id}.")
            if number.isdecimal():
                account.held = max(account.held, int(number))
