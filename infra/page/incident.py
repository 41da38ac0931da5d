"""The story of an incident, from its sentence to what was told whom."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from forecasting.evidence import Evidence
from forecasting.records import IncidentEvent
from forecasting.verdicts import CrisisVerdict
from infra.deliver import people
from infra.deliver.delivery_log import Decision, Wanted, decisions
from infra.deliver.match import matches, view
from infra.deliver.records import Acknowledgement, Silence
from infra.page.brand_series import (
    Counts,
    Expected,
    Gap,
    Span,
    read_counts,
    read_expected,
    read_gaps,
    step_of,
)
from infra.page.incident_list import Asked, Head, heads
from infra.page.place import Place, clock_of, words
from infra.page.refused import unknown
from infra.page.spread import Spread, spread_of
from infra.page.who import Who
from infra.reports import Report, reports_of
from infra.sql import load
from infra.store import Store
from infra.verdicts import read_verdicts

BEFORE: Final = timedelta(hours=1)
"""How long before an incident its curve begins."""
AFTER: Final = timedelta(hours=3)
"""How long after its end the curve goes on, where time has."""
AHEAD: Final = timedelta(hours=6)
LONGEST: Final = timedelta(days=14)
MOST_DECISIONS: Final = 200
PLAYED: Final = timedelta(hours=1)
"""How far the incident's clock is from the real one where posts are played."""
SEVERITY: Final = {
    "en": "1 to 10: one, and 1.25 for each doubling over what is expected, and 2 for each tenfold "
    "of ten posts more than expected. Twice the normal with ten posts too many is a 2; 214 where "
    "31 are expected is a 7; ten times the normal with a thousand too many is a 9.",
    "zh": "1 到 10:基础 1 分,每比预期翻一倍加 1.25 分,超出预期的条数每从 10 条起增至十倍加 2 分。"
    "正常的两倍、多出 10 条为 2;预期 31 条、实际 214 条为 7;正常的十倍、多出一千条为 9。",
}


class Change(Struct, frozen=True, kw_only=True):
    """A change as it was stored, and when it was decided."""

    event_id: str
    fired_at: datetime
    event: IncidentEvent


class Curve(Struct, frozen=True, kw_only=True):
    """Observed against expected, around the incident."""

    step_seconds: int
    counts: Counts
    expected: Expected | None
    gaps: list[Gap]


class Moment(Struct, frozen=True, kw_only=True):
    """A line of the time line."""

    at: datetime
    what: str
    who: str = ""
    detail: str = ""


class Story(Struct, frozen=True, kw_only=True):
    """All that is known of an incident."""

    at: datetime
    incident: Head
    events: list[Change]
    evidence: Evidence
    curve: Curve
    spread: Spread
    deliveries: list[Decision]
    acknowledgement: Acknowledgement | None
    silences: list[Silence]
    verdict: CrisisVerdict | None
    linked: list[Head]
    severity_definition: str
    timeline: list[Moment]


def head_of(store: Store, incident_id: str, who: Who) -> Head:
    """The incident. Refused where there is none that may be seen. Raises StoreError."""
    found = heads(store, Asked(incident_id=incident_id)) if incident_id else []
    if not found or not who.sees(found[0].brand):
        raise unknown(f"incident {incident_id}")
    return found[0]


def read_story(place: Place, incident_id: str, who: Who) -> Story:
    """Read it all. Refused for what may not be seen. Raises StoreError."""
    store = place.store
    head = head_of(store, incident_id, who)
    at = clock_of(place).at
    changes = list(_changes(store, incident_id))
    newest = changes[-1].event
    told = decisions(store, Wanted(incident_id=incident_id), most=MOST_DECISIONS)
    seen = (one for one in people.acknowledgements(store) if one.incident_id == incident_id)
    # Ended ones tell why nothing came: those that lasted at any time since it opened.
    quiet = [
        one
        for one in people.silences(store, ending_after=head.opened_at)
        if matches(one.match, view(newest))
        and (not head.resolved_at or one.starts < head.resolved_at)
    ]
    verdict = next(
        (
            one
            for one in read_verdicts(store, head.brand)
            if one.incident_id == incident_id and one.word != "withdrawn"
        ),
        None,
    )
    span = _span(head, at)
    return Story(
        at=at,
        incident=head,
        events=changes,
        evidence=newest.evidence,
        curve=Curve(
            step_seconds=300 if span.step == "5m" else 3600,
            counts=read_counts(store, span),
            expected=read_expected(
                store, span, ahead=AHEAD if head.resolved_at is None else BEFORE
            ),
            gaps=read_gaps(store, span),
        ),
        spread=spread_of(store, head, newest.evidence.first, curve=span, at=at),
        deliveries=told,
        acknowledgement=next(seen, None),
        silences=quiet,
        verdict=verdict,
        linked=_linked(store, newest.evidence, who),
        severity_definition=SEVERITY[place.language_of(head.brand)],
        timeline=sorted(
            [
                *_told_of(changes),
                *(
                    replace(one, at=_on_line(changes, one.at))
                    for one in (
                        *_done(store, incident_id),
                        *_sent(told),
                        *_restated(store, head, at),
                    )
                ),
            ],
            key=lambda one: one.at,
        ),
    )


def _span(head: Head, at: datetime) -> Span:
    since = head.since - BEFORE
    until = min(at, (head.resolved_at or at) + AFTER)
    until = max(until, since + BEFORE)
    since = max(since, until - LONGEST)
    step = step_of(since, until)
    return Span(brand=head.brand, since=since, until=until, step="1h" if step == "1d" else step)


def _changes(store: Store, incident_id: str) -> Iterator[Change]:
    for fired_at, body in store.query(load("incident_changes"), {"incident_id": incident_id}):
        event = msgspec.json.decode(body, type=IncidentEvent)
        yield Change(event_id=event.change.event_id, fired_at=fired_at, event=event)


def _linked(store: Store, evidence: Evidence, who: Who) -> list[Head]:
    found = []
    for link in evidence.linked:
        if who.sees(link.brand):
            found += heads(store, Asked(incident_id=link.incident_id))
    return found


def _told_of(changes: Iterable[Change]) -> Iterator[Moment]:
    for one in changes:
        change = one.event.change
        yield Moment(at=change.at, what=change.change, detail=one.event.headline)


def _on_line(changes: Sequence[Change], wall: datetime) -> datetime:
    """A real time on the clock of the incident: where posts are played, that is another one."""
    last = changes[0]
    for one in changes:
        if one.fired_at <= wall:
            last = one
    began = last.event.change.at
    if abs(last.fired_at - began) < PLAYED:
        return wall
    return began + max(wall - last.fired_at, timedelta(0))


def _done(store: Store, incident_id: str) -> Iterator[Moment]:
    for at, action, by, detail in store.query(load("incident_audit"), {"incident_id": incident_id}):
        told: dict[str, Any] = msgspec.json.decode(detail, type=dict[str, Any])
        said = (told.get(name) for name in ("verdict", "label", "receiver", "reason", "note"))
        yield Moment(
            at=at,
            what=action,
            who=words(by),
            detail=": ".join(str(one) for one in said if one),
        )


def _sent(told: Sequence[Decision]) -> Iterator[Moment]:
    for one in told:
        for attempt in one.tries:
            if attempt.outcome != "retry":
                yield Moment(
                    at=attempt.at, what=attempt.outcome, who=one.receiver, detail=attempt.notice_id
                )


def _restated(store: Store, head: Head, at: datetime) -> Iterator[Moment]:
    """When its numbers were told again: one line a time and reason."""
    until = head.resolved_at or at
    found: dict[tuple[datetime, str], list[Report]] = {}
    for one in reports_of(store, head.brand, since=head.since):
        if one.number and one.bucket < until:
            found.setdefault((one.at, one.reason), []).append(one)
    for (moment, reason), some in found.items():
        yield Moment(at=moment, what="restated", detail=f"{reason}: {len(some)} × 5 min")
