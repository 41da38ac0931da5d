"""Why not now: the reasons to wait, asked in order. The first that applies is told."""

from collections.abc import Callable, Mapping, Sequence, Set
from datetime import datetime

from msgspec import Struct

from infra.deliver.accounts import Account, Cause, Want
from infra.deliver.cases import Case
from infra.deliver.match import matches
from infra.deliver.records import HoldReason, Kind, Silence
from infra.deliver.tree import Options
from infra.deliver.windows import Span, Window, span


class Held(Struct, frozen=True, kw_only=True):
    """A reason to wait."""

    reason: HoldReason
    detail: str
    until: datetime | None  # None: until what it waits on ends
    waits_on: Cause | None = None


class Scene(Struct, frozen=True, kw_only=True):
    """What the reasons look at."""

    now: datetime
    account: Account
    case: Case
    options: Options
    want: Want
    silences: Sequence[Silence]
    disabled: Set[str]
    larger: Case | None  # an incident of the same story that is told instead
    stuck: bool  # the receiver did not take the message before, which is tried again
    hours: "Clocks"


class Clocks:
    """Spans of windows, kept while they last.

    >>> from datetime import UTC
    >>> nights = (Window(days=frozenset(range(7)), begin=1320, end=420, timezone="UTC"),)
    >>> Clocks().at(nights, datetime(2026, 3, 1, 23, tzinfo=UTC)).is_open
    True
    """

    def __init__(self) -> None:
        self._spans: dict[tuple[Window, ...], Span] = {}

    def at(self, windows: tuple[Window, ...], now: datetime) -> Span:
        """Whether any is open, and how long that lasts."""
        known = self._spans.get(windows)
        if known is None or not known.holds(now):
            known = self._spans[windows] = span(windows, now)
        return known


def held(scene: Scene) -> Held | None:
    """The first reason to wait."""
    for reason in REASONS[scene.want.kind]:
        found = reason(scene)
        if found:
            return found
    return None


def _disabled(scene: Scene) -> Held | None:
    name = scene.account.receiver
    if name not in scene.disabled:
        return None
    return Held(
        reason="disabled",
        detail=f"{name} said that it is gone",
        until=None,
        waits_on=of_receiver(name),
    )


def _silenced(scene: Scene) -> Held | None:
    active = [
        one
        for one in scene.silences
        if one.starts <= scene.now < one.ends and matches(one.match, scene.case.seen)
    ]
    if not active:
        return None
    one = max(active, key=lambda silence: (silence.ends, silence.silence_id))
    return Held(
        reason="silenced",
        detail=f"{one.silence_id}: {one.reason} ({one.by})",
        until=one.ends,
        waits_on=of_silence(one.silence_id),
    )


def _inhibited(scene: Scene) -> Held | None:
    if scene.larger is None:
        return None
    name = scene.larger.incident_id
    return Held(
        reason="inhibited",
        detail=f"the same story as {name}, which is larger",
        until=None,
        waits_on=of_incident(scene.account.receiver, name),
    )


def _quiet(scene: Scene) -> Held | None:
    rings = scene.want.kind != "resolved" and (
        scene.case.seen.severity >= scene.options.quiet_unless
    )
    if rings or not scene.options.quiet:
        return None
    hours = scene.hours.at(scene.options.quiet, scene.now)
    if not hours.is_open:
        return None
    return Held(reason="quiet_hours", detail=_until(hours.end), until=hours.end)


def _outside(scene: Scene) -> Held | None:
    if not scene.options.working:
        return None
    hours = scene.hours.at(scene.options.working, scene.now)
    if hours.is_open:
        return None
    return Held(reason="outside_hours", detail=_until(hours.end), until=hours.end)


def _undelivered(scene: Scene) -> Held | None:
    """Else all that happens while a receiver is away would fall upon it when it is back."""
    if not scene.stuck or scene.want.each:
        return None
    return Held(
        reason="undelivered",
        detail="the message before it was not taken yet",
        until=None,
        waits_on=of_message(*scene.account.key),
    )


def _until(end: datetime | None) -> str:
    return f"until {end.isoformat(timespec='minutes')}" if end else "always, by its route"


def of_silence(silence_id: str) -> Cause:
    """What waits for the end of a silence."""
    return "silence", silence_id


def of_incident(receiver: str, incident_id: str) -> Cause:
    """What waits for a larger incident that the receiver is told of."""
    return "incident", receiver, incident_id


def of_message(receiver: str, incident_id: str) -> Cause:
    """What waits for the message before it to be taken or given up."""
    return "message", receiver, incident_id


def of_receiver(receiver: str) -> Cause:
    """What waits for a receiver to be there again."""
    return "receiver", receiver


Reason = Callable[[Scene], Held | None]
_ALARM: tuple[Reason, ...] = (_disabled, _silenced, _inhibited, _quiet, _outside)
REASONS: Mapping[Kind, tuple[Reason, ...]] = {
    "opened": _ALARM,
    "updated": (*_ALARM, _undelivered),
    "escalated": _ALARM,
    "repeated": (*_ALARM, _undelivered),
    # Whoever was told of an incident is told that it is over, whatever mutes it now.
    "resolved": (_disabled, _quiet, _outside),
    "acknowledged": (_disabled,),
    "test": (_disabled,),
}
