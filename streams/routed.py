"""`groundswell routes explain`: the way of one incident through the tree, and what came of it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import msgspec
from msgspec import Struct

from forecasting.phrases import NAME, line
from forecasting.records import IncidentEvent
from infra.deliver.delivery_log import Decision, Wanted, decisions
from infra.deliver.durations import render
from infra.deliver.explain import Explanation, Told, explain, timing
from infra.deliver.letters import bodies
from infra.deliver.records import Hold
from infra.deliver.tree import Node
from infra.settings import Settings
from infra.sql import load
from infra.store import Store
from streams.deliveries import decision_lines
from streams.failures import UsageError
from streams.known import known_incident

MOST = 1_000  # decisions


class Explained(Struct, frozen=True, kw_only=True):
    """An incident, its way by the settings as they are now, and what was decided so far."""

    incident_id: str
    brand: str
    kind: str
    severity: int  # at its worst
    is_over: bool
    way: Explanation
    decided: tuple[Decision, ...]  # the newest first


def explained(store: Store, settings: Settings, incident_id: str) -> Explained:
    """Everything about who is told of it. UsageError for an incident that nobody knows."""
    known = known_incident(store, incident_id)
    event = _newest(store, incident_id)
    found = decisions(store, Wanted(incident_id=incident_id), most=MOST)
    way = explain(
        event,
        route=settings.route,
        receivers=[receiver.name for receiver in settings.receivers],
        holds=_present(found),
        worst=known.severity,
    )
    return Explained(
        incident_id=incident_id,
        brand=event.change.brand,
        kind=event.change.kind,
        severity=known.severity,
        is_over=known.resolved_at is not None,
        way=way,
        decided=tuple(found),
    )


def as_json(found: Explained) -> str:
    """Everything."""
    return msgspec.json.encode(found).decode()


def as_text(found: Explained) -> str:
    """The nodes that were tried, who is told, and what was decided."""
    over = ", over" if found.is_over else ""
    lines = [
        f"{found.incident_id}  {line(found.brand, NAME)}, {found.kind}, "
        f"severity {found.severity} at its worst{over}. Times are UTC.",
        *_way(found.way),
        "decided so far:" if found.decided else "nothing was decided so far",
        *(f"  {text}" for one in found.decided for text in decision_lines(one)),
    ]
    return "\n".join(lines)


def _way(way: Explanation) -> Iterator[str]:
    if not way.alerts:
        yield "nobody is told: alert_on of its brand leaves its kind out"
        return
    yield "tried:" if way.nodes else "no route: every receiver gets every change at once"
    yield from (f"  {_node(node)}" for node in way.nodes)
    yield "told:" if way.told else "told: nobody"
    for one in way.told:
        yield from (f"  {text}" for text in _told(one))


def _node(node: Node) -> str:
    if node.why_not:
        return f"{node.path}  no: {line(node.why_not, 200)}"
    return f"{node.path}  matches{' and takes it' if node.takes else ''}"


def _told(one: Told) -> Iterator[str]:
    by = f" by {one.path}" if one.path else ""
    late = f", if nobody acknowledged it for {_lengths(one.after)}" if one.after else ""
    yield f"{one.receiver}{by}: {timing(one.options)}{late}"
    if one.hold:
        until = f" until {one.hold.until:%Y-%m-%d %H:%M:%S}" if one.hold.until else ""
        yield f"  held now{until}: {one.hold.reason}, {line(one.hold.detail, 200)}"


def _lengths(after: Sequence[timedelta]) -> str:
    return " and ".join(map(render, after))


def _newest(store: Store, incident_id: str) -> IncidentEvent:
    ids = [row[0] for row in store.query(load("incident_event_ids"), {"incident_id": incident_id})]
    read = [event for _, event in bodies(store, ids) if event is not None]
    if not read:
        raise UsageError(f"{incident_id}: what is stored of it cannot be read")
    return max(read, key=lambda event: event.change.number)


def _present(found: Sequence[Decision]) -> list[Hold]:
    """What is held now: of each receiver the newest hold of a change that is not decided since."""
    ended = {
        (one.receiver, told.event_id)
        for one in found
        if one.decision != "hold"
        for told in one.said
    }
    holds: dict[str, Hold] = {}
    for one in found:  # the newest first
        told = one.said[0]
        if one.decision == "hold" and (one.receiver, told.event_id) not in ended:
            hold = Hold(
                receiver=one.receiver,
                incident_id=told.incident_id,
                event_id=told.event_id,
                reason=one.reason,  # type: ignore[arg-type]  # written from a Hold
                detail=one.detail,
                decided_at=one.decided_at,
                until=one.until,
            )
            holds.setdefault(one.receiver, hold)
    return list(holds.values())
