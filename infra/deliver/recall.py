"""What was decided and what became of it, read back: what a new process begins with."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from infra.deliver.outbox import EPOCH
from infra.deliver.records import Hold, Notice, Said, Skip
from infra.receivers import Receiver
from infra.sql import load
from infra.store import Param, Row, Store
from infra.times import to_ms


class Sent(NamedTuple):
    """A notice, and what became of it so far on its own schedule."""

    notice: Notice
    attempts: int
    due_at: datetime  # of the next attempt
    ended: bool


class Asked(NamedTuple):
    """A notice that a person wants sent again, and what became of that so far."""

    notice: Notice
    number: int  # of the request: 1 is the first
    attempts: int
    due_at: datetime


class Failing(NamedTuple):
    """A receiver that has taken nothing since a time."""

    receiver: str
    since: datetime
    attempts: int
    detail: str  # of the last


def sent(store: Store, receivers: Iterable[str], notice_id: str = "") -> list[Sent]:
    """The notices of receivers in the order they were decided, or the one. Raises StoreError.

    What was sent before decisions were kept counts as decided when it was first attempted.
    """
    asked = {"receivers": ",".join(receivers), "notice_id": notice_id}
    rows = [
        *store.query(load("attempted_events"), asked),
        *store.query(load("sent_notices"), asked),
    ]
    return sorted(map(_sent, rows), key=_order)


def skips(store: Store, receivers: Iterable[str]) -> list[Skip]:
    """What receivers are never told of. Raises StoreError."""
    return [
        Skip(
            receiver=receiver,
            incident_id=incident_id,
            event_id=event_id,
            reason=reason,
            detail=detail,
            decided_at=decided_at,
        )
        for receiver, incident_id, event_id, reason, detail, decided_at in store.query(
            load("skipped_events"), {"receivers": ",".join(receivers)}
        )
    ]


def holds(store: Store, receivers: Iterable[str]) -> list[Hold]:
    """What receivers are not told of yet, one of each change. Raises StoreError."""
    return [
        Hold(
            receiver=receiver,
            incident_id=incident_id,
            event_id=event_id,
            reason=reason,
            detail=detail,
            decided_at=decided_at,
            until=None if until == EPOCH else until,
        )
        for receiver, event_id, incident_id, reason, detail, decided_at, until in store.query(
            load("held_events"), {"receivers": ",".join(receivers)}
        )
    ]


def asked_again(store: Store, receivers: Sequence[Receiver]) -> list[Asked]:
    """What people want sent again and was not, the most overdue first. Raises StoreError."""
    found = []
    rows = store.query(load("pending_resends"), {"receivers": _names(receivers)})
    for receiver, notice_id, number, attempts, due_at in rows:
        found += [
            Asked(each.notice, number, attempts, due_at)
            for each in sent(store, [receiver], notice_id)[:1]
        ]
    return found


def failing(store: Store, receivers: Sequence[Receiver]) -> list[Failing]:
    """Receivers that took nothing since they last failed. Raises StoreError."""
    rows = store.query(load("failing_receivers"), {"receivers": _names(receivers)})
    return [Failing(*row) for row in rows]


def outstanding(store: Store, receivers: Sequence[Receiver], until: datetime) -> int:
    """How much is in flight or to be sent by `until`; what is held for longer is not counted.

    Raises StoreError.
    """
    if not receivers:
        return 0
    asked: dict[str, Param] = {"receivers": _names(receivers), "until": to_ms(until)}
    counts: Row = store.query(load("outstanding"), asked)[0]
    return sum(counts)


def _names(receivers: Sequence[Receiver]) -> str:
    return ",".join(receiver.name for receiver in receivers)


def _sent(row: Row) -> Sent:
    receiver, notice_id, group, event_ids, kinds, told_ids, said_by, *times_and_past = row
    decided_at, due_at, attempts, next_due, ended = times_and_past
    said = zip(event_ids, kinds, told_ids, said_by, strict=True)
    notice = Notice(
        notice_id=notice_id,
        receiver=receiver,
        group=group,
        said=tuple(
            Said(event_id=event_id, kind=kind, told_id=told_id, by=by)
            for event_id, kind, told_id, by in said
        ),
        decided_at=decided_at,
        due_at=due_at,
    )
    return Sent(notice, attempts, next_due, bool(ended))


def _order(each: Sent) -> tuple[datetime, int, str]:
    """As decided; of what was decided at once, an earlier change first."""
    numbers = [one.event_id.rpartition(".")[2] for one in each.notice.said]
    number = min((int(one) for one in numbers if one.isdecimal()), default=0)
    return each.notice.decided_at, number, each.notice.notice_id
