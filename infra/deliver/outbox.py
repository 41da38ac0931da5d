"""What is decided and what becomes of it, put on disk: the one truth. `recall` reads it back.

Decisions are rows of `notices`, one insert each time something is decided. A notice (send) keeps
its id as the key of its row and nothing else has it: what is held or skipped is kept under the id
of the change with a word behind it, so that no later row can take the place of what is owed. A
notice is owed until an attempt in `deliveries` delivered it or gave it up.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from infra.deliver.records import Hold, Notice, Outcome, Skip
from infra.receivers import Receiver
from infra.sql import load
from infra.store import Row, Store

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


def incident_of(event_id: str) -> str:
    """The incident that a change is of.

    >>> incident_of("northwind.1.12")
    'northwind.1'
    """
    return event_id.rpartition(".")[0]


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
