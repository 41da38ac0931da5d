"""Closes incidents that are on disk and that no detector knows of.

A watcher that is killed after it has told of an opening judges that time again. If what a brand is
judged by has changed meanwhile (a verdict, its settings, a post that came late), it may not come to
the same, and nobody would ever resolve what was told.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from forecasting.incident import IncidentState
from forecasting.records import IncidentChange, IncidentEvent
from infra.series import Memory

REASON = "withdrawn"


def orphans(
    told: Iterable[IncidentEvent], kept: Mapping[str, Memory], judged: datetime
) -> list[IncidentChange]:
    """What resolves them: the open incidents of `told` before `judged` that no state in `kept` has.

    `told` is in the order in which it happened.
    """
    last: dict[str, IncidentChange] = {}
    worst: dict[str, int] = {}
    for event in told:
        change = event.change
        last[change.incident_id] = change
        worst[change.incident_id] = max(worst.get(change.incident_id, 0), change.severity)
    return [
        msgspec.structs.replace(
            change,
            change="resolved",
            number=change.number + 1,
            at=judged,
            reason=REASON,
            severity=worst[change.incident_id],
            growing=False,
            returns_at=None,
        )
        for change in last.values()
        if change.change != "resolved"
        and change.at <= judged
        and change.brand in kept
        and change.incident_id not in _open_ids(kept[change.brand])
    ]


def _open_ids(memory: Memory) -> set[str]:
    state = msgspec.json.decode(memory.state, type=IncidentState)
    return {
        one.incident_id
        for one in (state.incident, state.attention, state.silence)
        if one is not None
    }
