"""What the plan remembers of an incident: of each change what decides who is told of it."""

from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from forecasting.records import IncidentEvent
from infra.deliver.match import View, view

Rank = tuple[int, datetime, str]


class Step(Struct, frozen=True, gc=False):
    """A change."""

    resolves: bool
    alerts: bool
    fired_at: datetime


class Case(Struct, kw_only=True, eq=False, gc=False):
    """An incident. Changes may come in any order, and again."""

    incident_id: str
    opened_at: datetime
    seen: View  # the newest, at the worst severity so far: a route that took it keeps it
    newest: int = 0
    steps: dict[int, Step] = field(default_factory=dict)  # by number
    end: int | None = None  # the change that resolves it
    links: set[str] = field(default_factory=set)  # incidents of the same story
    first_told: datetime | None = None  # anyone, but for an escalation

    @property
    def is_open(self) -> bool:
        """No change resolved it."""
        return self.end is None

    @property
    def rank(self) -> Rank:
        """The lower, the larger: severity, then age. No two incidents are equal."""
        return -self.seen.severity, self.opened_at, self.incident_id

    def learn(self, event: IncidentEvent, fired_at: datetime) -> bool:
        """Take in a change; whether it is news."""
        change = event.change
        if change.number in self.steps:
            return False
        self.steps[change.number] = Step(change.change == "resolved", change.alerts, fired_at)
        worst = max(self.seen.severity, change.severity)
        if change.number > self.newest:
            self.newest, self.seen = change.number, view(event)
        self.seen = replace(self.seen, severity=worst)
        self.links |= {link.incident_id for link in event.evidence.linked}
        if change.change == "resolved":
            self.end = min(self.end or change.number, change.number)
        return True


def case(event: IncidentEvent) -> Case:
    """An incident of which nothing is known yet."""
    change = event.change
    return Case(incident_id=change.incident_id, opened_at=change.opened_at, seen=view(event))
