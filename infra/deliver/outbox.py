"""What was decided and what became of it, on disk: the one truth that a new process begins with.

Decisions are rows of `notices`, one insert each time something is decided. A notice (send) keeps
its id as the key of its row and nothing else has it: what is held or skipped is kept under the id
of the change with a word behind it, so that no later row can take the place of what is owed. A
notice is owed until an attempt in `deliveries` delivered it or gave it up.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from msgspec import Struct

from infra.deliver.records import Hold, Notice, Outcome, Said, Skip
from infra.receivers import Receiver
from infra.sql import load
from infra.store import Param, Row, Store
from infra.times import to_ms

GRACE = timedelta(days=1)
"""A receiver added to a running installation is sent what fired this long before it came."""

RESEND = 1000
"""Attempts of the Nth time that a person asked for a notice are counted from N times this."""

EPOCH = datetime.fromtimestamp(0, UTC)
DECIDED = (
    "receiver",
    "notice_id",
    "group_key",
    "decision",
    "reason",
    "detail",
    "incident_ids",
    "event_ids",
    "kinds",
    "told_ids",
    "said_by",
    "decided_at",
    "due_at",
)
MADE = (
    "event_id",
    "receiver",
    "attempt",
    "at",
    "outcome",
    "status",
    "detail",
    "next_at",
    "latency_ms",
)


class Delivery(Struct, frozen=True, kw_only=True):
    """An attempt made."""

    event_id: str  # the id of its notice: before there were notices, of the change
    receiver: str
    attempt: int  # 1 is the first; RESEND * N + 1 the first of the Nth request of a person
    at: datetime
    outcome: Outcome
    status: int  # HTTP status, 0 without an answer
    detail: str
    next_at: datetime  # of a retry; otherwise `at`
    latency_ms: int = 0


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


def join(store: Store, receivers: Sequence[Receiver], now: datetime) -> dict[str, datetime]:
    """Note since when new receivers are told of events; since when each is. Raises StoreError.

    In a new installation that is the beginning; later it is `now` less GRACE, so that a receiver
    added after months does not ring for every incident of those months.
    """
    known = {row[0]: row[1] for row in store.query(load("receiver_names"))}
    since = now - GRACE if known else EPOCH
    new = {"", *(receiver.name for receiver in receivers)} - known.keys()
    if new:
        store.insert("receivers", ("name", "since"), [(name, since) for name in sorted(new)])
    return {receiver.name: known.get(receiver.name, since) for receiver in receivers}


def decide(store: Store, decided: Iterable[Notice | Hold | Skip]) -> None:
    """Remember decisions, all or none; twice is once. Raises StoreError."""
    rows = [_row(each) for each in decided]
    if rows:
        store.insert("notices", DECIDED, rows)


def record(store: Store, deliveries: Iterable[Delivery]) -> None:
    """Remember attempts, all or none; twice is once. Raises StoreError."""
    rows = [tuple(getattr(each, name) for name in MADE) for each in deliveries]
    if rows:
        store.insert("deliveries", MADE, rows)


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


def incident_of(event_id: str) -> str:
    """The incident that a change is of.

    >>> incident_of("northwind.1.12")
    'northwind.1'
    """
    return event_id.rpartition(".")[0]


def _names(receivers: Sequence[Receiver]) -> str:
    return ",".join(receiver.name for receiver in receivers)


def _row(decided: Notice | Hold | Skip) -> Row:
    match decided:
        case Notice():
            said = decided.said
            return (
                *(decided.receiver, decided.notice_id, decided.group, "send", "", ""),
                [incident_of(each.event_id) for each in said],
                [each.event_id for each in said],
                [each.kind for each in said],
                [each.told_id for each in said],
                [each.by for each in said],
                *(decided.decided_at, decided.due_at),
            )
        case Hold():
            key = f"{decided.event_id}.held.{decided.reason}"
            return _not_told(decided, key, "hold", decided.until or EPOCH)
        case Skip():
            return _not_told(decided, f"{decided.event_id}.skipped", "skip", decided.decided_at)


def _not_told(decided: Hold | Skip, key: str, decision: str, until: datetime) -> Row:
    return (
        *(decided.receiver, key, "", decision, decided.reason, decided.detail),
        *([decided.incident_id], [decided.event_id], [""], [""], [""]),
        *(decided.decided_at, until),
    )


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
