"""What tests of the plan need: incidents in few words, and a planner with what it has decided."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from pydantic import SecretStr

from forecasting.evidence import Link, Part
from forecasting.records import IncidentEvent
from infra.channels.channel import ALL, Limits
from infra.deliver.plan import Decision, Planner
from infra.deliver.records import Acknowledgement, Notice, Silence, Skip
from infra.deliver.routes import Route
from infra.receivers import Receiver, WebhookReceiver
from tests.infra.conftest import SECRET, incident_event

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
ONE = Limits(entries=1)
MANY = Limits(entries=5)
BOT = Limits(entries=3, per_minute=2)
PAGER = Limits(entries=1, takes=ALL | {"acknowledged"})
MARKS = Limits(entries=1, takes=frozenset(("opened", "resolved")))


def change(
    incident: str,
    number: int = 1,
    severity: int = 5,
    *,
    end: bool = False,
    brand: str = "Northwind",
    kind: str = "negative_surge",
    alerts: bool = True,
    linked: Sequence[str] = (),
    languages: Mapping[str, int] | None = None,
    sources: Mapping[str, int] | None = None,
    opened_at: datetime = NOON - timedelta(minutes=10),
) -> IncidentEvent:
    """A change of an incident: 1 opens it, later ones update it, or resolve it at its `end`."""
    event = incident_event(incident, number, "resolved" if end else "")
    evidence = msgspec.structs.replace(
        event.evidence,
        linked=tuple(
            Link(incident_id=name, brand="Contoso", by="texts", shared=1) for name in linked
        ),
        languages=_parts(languages or {}),
        sources=_parts(sources or {}),
    )
    told: dict[str, Any] = {
        "severity": severity,
        "brand": brand,
        "kind": kind,
        "alerts": alerts,
        "opened_at": opened_at,
    }
    return msgspec.structs.replace(
        event, change=msgspec.structs.replace(event.change, **told), evidence=evidence
    )


def _parts(counts: Mapping[str, int]) -> tuple[Part, ...]:
    return tuple(Part(name=name, count=count) for name, count in counts.items())


def receiver(name: str) -> WebhookReceiver:
    """A receiver of that name."""
    return WebhookReceiver(name=name, url="https://example.com/hook", secret=SecretStr(SECRET))


def limits_of(limits: Mapping[str, Limits]) -> Any:
    """What channels say; ONE of those that are not named."""
    return lambda one: limits.get(one.name, ONE)


def tree(**root: Any) -> Route:
    """A routing tree as the file holds it."""
    return Route.model_validate(root)


class Desk:
    """A planner, and what it has decided since it began."""

    def __init__(
        self,
        route: Route | None = None,
        receivers: Sequence[str] = ("team",),
        joined: Mapping[str, datetime] | None = None,
        **limits: Limits,
    ) -> None:
        self.receivers: list[Receiver] = [receiver(name) for name in receivers]
        self.planner = Planner(
            route=route,
            receivers=self.receivers,
            limits=limits_of(limits),
            joined=joined or {},
        )
        self.notices: list[Notice] = []
        self.skips: list[Skip] = []
        self.said: dict[str, Any] = {
            "acknowledgements": (),
            "silences": (),
            "dismissed": frozenset(),
            "disabled": frozenset(),
        }
        self.decision = Decision()

    def people(self, **said: Any) -> None:
        """What people say now, beside what they said."""
        self.said |= said
        self.planner.people(**self.said)

    def at(self, now: datetime, *events: IncidentEvent) -> list[str]:
        """Learn what fires now, and decide: `receiver: kind id` of each message, digests as
        `receiver: kind id + kind id`."""
        self.planner.learn((event, now) for event in events)
        self.decision = self.planner.decide(now)
        self.notices += self.decision.notices
        self.skips += self.decision.skips
        return [
            f"{one.receiver}: "
            + (
                f"{one.said[0].kind} {one.notice_id}"
                if len(one.said) == 1
                else " + ".join(f"{said.kind} {said.event_id}" for said in one.said)
            )
            for one in self.decision.notices
        ]

    @property
    def held(self) -> list[str]:
        """`id reason` of what was held anew."""
        return [f"{one.event_id} {one.reason}" for one in self.decision.holds]

    @property
    def skipped(self) -> list[str]:
        """`id reason` of what was skipped."""
        return [f"{one.event_id} {one.reason}" for one in self.decision.skips]


def silence(match: Any, ends: datetime, starts: datetime = NOON, name: str = "s1") -> Silence:
    """A silence."""
    return Silence(silence_id=name, match=match, starts=starts, ends=ends, reason="known", by="ann")


def acknowledged(incident: str, at: datetime = NOON) -> Acknowledgement:
    """Seen by ann."""
    return Acknowledgement(incident_id=incident, at=at, by="ann")
