"""What comes of an attempt: delivered, another one at a time, or the end of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

import structlog

from infra.deliver.lane import Job
from infra.deliver.outbox import Delivery, decide, incident_of, record
from infra.deliver.people import endpoint_of, set_endpoint
from infra.deliver.records import Attempt, Hold, Notice
from infra.deliver.schedule import next_attempt
from infra.receivers import Receiver
from infra.store import Store

log = structlog.get_logger()


class Made(NamedTuple):
    """An attempt that has ended, to be recorded."""

    job: Job
    delivery: Delivery
    receiver: Receiver  # as it was then: its name may stand for another address now
    is_gone: bool = False  # the receiver said that it is gone for good


def made_of(
    receiver: Receiver, job: Job, attempt: Attempt, *, at: datetime, random: Random
) -> Made:
    """What is recorded of an attempt that ended at `at`; told in the log as well.

    A receiver that is gone for good has not had its notice: it is due once a person says that the
    receiver is there again.
    """
    outcome, detail, next_at = attempt.outcome, attempt.detail, at
    if attempt.gone:
        outcome = "retry"
    elif outcome == "retry":
        least = timedelta(seconds=attempt.wait_seconds)
        then = next_attempt(job.attempts + 1, at, random=random, at_least=least)
        if then is None:
            outcome, detail = "gave_up", f"{detail}; attempt {job.attempts + 1} was the last"
        next_at = then or at
    delivery = Delivery(
        event_id=job.notice.notice_id,
        receiver=receiver.name,
        attempt=job.number,
        at=at,
        outcome=outcome,
        status=attempt.status,
        detail=detail,
        next_at=next_at,
        latency_ms=attempt.latency_ms,
    )
    _tell(delivery)
    return Made(job, delivery, receiver, attempt.gone)


def keep(store: Store, made: Sequence[Made]) -> None:
    """Record attempts. Raises StoreError."""
    record(store, [each.delivery for each in made])


def disable(
    store: Store, receiver: Receiver, waiting: Sequence[Notice], *, at: datetime, detail: str
) -> None:
    """Remember that a receiver is gone for good, and why what waits for it is not sent.

    Before the attempt that said so is recorded: killed in between, it says so once more. Raises
    StoreError.
    """
    set_endpoint(store, receiver.name, endpoint_of(receiver), False, detail, at)
    holds = [
        Hold(
            receiver=receiver.name,
            incident_id=incident_of(one.event_id),
            event_id=one.event_id,
            reason="disabled",
            detail=detail,
            decided_at=at,
            until=None,
        )
        for notice in waiting
        for one in notice.said
    ]
    decide(store, holds)


def _tell(delivery: Delivery) -> None:
    tell = {"delivered": log.info, "retry": log.warning, "gave_up": log.error}[delivery.outcome]
    tell(
        delivery.outcome,
        stage="deliver",
        event_id=delivery.event_id,
        receiver=delivery.receiver,
        attempt=delivery.attempt,
        status=delivery.status,
        detail=delivery.detail,
        latency_ms=delivery.latency_ms,
        next_at=delivery.next_at.isoformat() if delivery.outcome == "retry" else None,
    )
