"""What was decided and what became of it, for people: read only, the newest first, in pages."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from infra.deliver.outbox import EPOCH, RESEND
from infra.deliver.people import endpoint_of
from infra.deliver.records import Outcome
from infra.receivers import Receiver
from infra.sql import load
from infra.store import Param, Row, Store
from infra.times import to_ms

MOST: Final = 1_000
"""Rows of a page at most."""
TRIES: Final = 20
"""Attempts shown with a decision, the newest."""


class Wanted(NamedTuple):
    """What is looked for; empty: all."""

    incident_id: str = ""
    receiver: str = ""
    notice_id: str = ""


class Place(NamedTuple):
    """Where a page ended: the next one goes on behind it. The first page is before everything."""

    at: datetime = datetime(2262, 1, 1, tzinfo=UTC)  # the last that the database's type holds
    receiver: str = ""
    notice_id: str = ""
    attempt: int = 0


EVERYTHING: Final = Wanted()
TOP: Final = Place()


class Told(Struct, frozen=True, kw_only=True):
    """One incident of a decision."""

    incident_id: str
    event_id: str  # the change that is told, or is not
    kind: str  # what is said of it; empty where nothing is
    told_id: str  # the change that the receiver was told before
    by: str  # who acknowledged it


class Try(Struct, frozen=True, kw_only=True):
    """An attempt. `detail` is what was answered or went wrong; it holds no secret."""

    notice_id: str
    receiver: str
    attempt: int  # 1 is the first of its schedule, or of what a person asked for
    request: int  # 0: of its own schedule; else the how manieth time that a person asked for it
    at: datetime
    outcome: Outcome
    status: int  # HTTP status, 0 without an answer
    latency_ms: int
    detail: str
    next_at: datetime | None  # of the next attempt, if that is a matter of time

    @property
    def place(self) -> Place:
        """Where a page that ends with it ends."""
        return Place(self.at, self.receiver, self.notice_id, self.request * RESEND + self.attempt)


class Decision(Struct, frozen=True, kw_only=True):
    """That a receiver is told something (send), not yet (hold) or never (skip), and why not."""

    receiver: str
    notice_id: str  # of what is sent; of the rest it only names the row
    decision: Literal["send", "hold", "skip"]
    reason: str  # of a hold or skip: records.HoldReason, records.SkipReason
    detail: str
    said: tuple[Told, ...]
    decided_at: datetime
    until: datetime | None  # of a hold: when it is looked at again; None: as long as it lasts
    tries: tuple[Try, ...] = ()  # of what is sent, the newest first

    @property
    def place(self) -> Place:
        """Where a page that ends with it ends."""
        return Place(self.decided_at, self.receiver, self.notice_id)


class ReceiverState(Struct, frozen=True, kw_only=True):
    """How it goes with a receiver."""

    last_success: datetime | None = None
    failing_since: datetime | None = None  # first failed attempt since then; None: it takes things
    failures: int = 0  # since then
    last_failure: str = ""  # what it said or what went wrong
    pending: int = 0  # decided, and neither delivered nor given up
    pending_since: datetime | None = None  # the oldest of them
    held: int = 0  # changes that it is not told of yet
    disabled_since: datetime | None = None  # gone for good until somebody enables it
    disabled_reason: str = ""


def decisions(
    store: Store, wanted: Wanted = EVERYTHING, *, most: int = 50, before: Place = TOP
) -> list[Decision]:
    """Decisions with their attempts, the newest first. Raises StoreError."""
    rows = store.query(load("log_decisions"), _asked(wanted, most, before))
    found = [_decision(row) for row in rows]
    tries = _tries(store, wanted, found)
    return [
        replace(one, tries=tuple(tries[one.receiver, one.notice_id]))
        if one.decision == "send"
        else one
        for one in found
    ]


def attempts(
    store: Store, wanted: Wanted = EVERYTHING, *, most: int = 50, before: Place = TOP
) -> list[Try]:
    """Attempts, the newest first. Raises StoreError."""
    return [_try(row) for row in store.query(load("log_attempts"), _asked(wanted, most, before))]


def receiver_states(store: Store, receivers: Sequence[Receiver]) -> dict[str, ReceiverState]:
    """How it goes with each of these, by name. Raises StoreError."""
    known = {row[0]: row[1:] for row in store.query(load("log_receivers"))}
    gone = {
        (name, endpoint): (at, reason)
        for name, endpoint, enabled, reason, at in store.query(load("endpoints"))
        if not enabled
    }
    return {
        receiver.name: _state(
            known.get(receiver.name), gone.get((receiver.name, endpoint_of(receiver)))
        )
        for receiver in receivers
    }


def _asked(wanted: Wanted, most: int, before: Place) -> dict[str, Param]:
    return {
        **wanted._asdict(),
        "before": to_ms(before.at),
        "before_receiver": before.receiver,
        "before_notice": before.notice_id,
        "before_attempt": before.attempt,
        "most": max(1, min(most, MOST)),
    }


def _tries(
    store: Store, wanted: Wanted, found: Sequence[Decision]
) -> dict[tuple[str, str], list[Try]]:
    """Attempts by receiver and notice."""
    tries: dict[tuple[str, str], list[Try]] = defaultdict(list)
    sent = sorted({one.notice_id for one in found if one.decision == "send"})
    if sent:
        asked: dict[str, Param] = {
            "notices": ",".join(sent),
            "receiver": wanted.receiver,
            "most": TRIES,
        }
        for row in store.query(load("log_tries"), asked):
            one = _try(row)
            tries[one.receiver, one.notice_id].append(one)
    return tries


def _decision(row: Row) -> Decision:
    receiver, notice_id, decision, reason, detail, *said, decided_at, due_at = row
    return Decision(
        receiver=receiver,
        notice_id=notice_id,
        decision=decision,
        reason=reason,
        detail=detail,
        said=tuple(
            Told(incident_id=incident_id, event_id=event_id, kind=kind, told_id=told_id, by=by)
            for incident_id, event_id, kind, told_id, by in zip(*said, strict=True)
        ),
        decided_at=decided_at,
        until=due_at if decision == "hold" and due_at > EPOCH else None,
    )


def _try(row: Row) -> Try:
    notice_id, receiver, attempt, at, outcome, status, latency_ms, detail, next_at = row
    request, number = divmod(attempt, RESEND)
    return Try(
        notice_id=notice_id,
        receiver=receiver,
        attempt=number,
        request=request,
        at=at,
        outcome=outcome,
        status=status,
        latency_ms=latency_ms,
        detail=detail,
        # A receiver that is gone for good is tried again once a person says so.
        next_at=next_at if outcome == "retry" and next_at > at else None,
    )


def _state(row: Row | None, gone: tuple[datetime, str] | None) -> ReceiverState:
    success, failing, failures, said, pending, since, held = row or (
        EPOCH,
        EPOCH,
        0,
        "",
        0,
        EPOCH,
        0,
    )
    return ReceiverState(
        last_success=_moment(success),
        failing_since=_moment(failing),
        failures=failures,
        last_failure=said,
        pending=pending,
        pending_since=_moment(since),
        held=held,
        disabled_since=gone[0] if gone else None,
        disabled_reason=gone[1] if gone else "",
    )


def _moment(at: datetime) -> datetime | None:
    return at if at > EPOCH else None
