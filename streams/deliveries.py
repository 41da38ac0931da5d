"""`groundswell deliveries` and `resend`: who was told what, what became of it, and why not."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from forecasting.phrases import line
from infra.audit import audit_row, write_audit
from infra.deliver.delivery_log import Decision, Try, Wanted, decisions, receiver_states
from infra.deliver.people import ask_resend
from infra.settings import Settings
from infra.store import Store
from streams.failures import UsageError
from streams.known import known_receiver
from streams.person import Person

DETAIL = 200  # characters that are shown


def resend(
    store: Store, settings: Settings, wanted: Wanted, person: Person, *, at: datetime
) -> str:
    """Ask for a notice to be sent once more; what is done, in a sentence.

    UsageError where that receiver was never told this, or takes nothing any more.
    """
    receiver = known_receiver(settings, wanted.receiver)
    told = [one for one in decisions(store, wanted, most=1) if one.decision == "send"]
    if not told:
        raise UsageError(
            f"{receiver.name} was not sent {wanted.notice_id}: "
            f"`groundswell deliveries --receiver {receiver.name}` lists what it was"
        )
    if receiver_states(store, [receiver])[receiver.name].disabled_since:
        raise UsageError(
            f"{receiver.name} said that it is gone for good: "
            f"`groundswell receivers enable {receiver.name}` first"
        )
    number = ask_resend(store, receiver.name, wanted.notice_id, person.by, at)
    detail = {"receiver": receiver.name, "notice": wanted.notice_id, "number": number}
    write_audit(store, audit_row("resend", at, person.by, detail))
    return (
        f"{wanted.notice_id} goes to {receiver.name} again, under the same id; "
        f"`groundswell deliveries --receiver {receiver.name}` shows what came of it"
    )


def as_json(found: Sequence[Decision] | Sequence[Try]) -> str:
    """Everything."""
    return msgspec.json.encode(found).decode()


def attempts_as_text(found: Sequence[Try]) -> str:
    """One line an attempt."""
    if not found:
        return "no attempts"
    return "\n".join(
        ["Times are UTC.", *(f"{_time(one.at)}  {one.receiver}  {_attempt(one)}" for one in found)]
    )


def decisions_as_text(found: Sequence[Decision]) -> str:
    """One line a decision, and under it one an attempt."""
    if not found:
        return "nothing was decided"
    return "\n".join(["Times are UTC.", *(text for one in found for text in decision_lines(one))])


def decision_lines(one: Decision) -> Iterator[str]:
    """What was decided of a receiver, why not if not, and each attempt."""
    yield f"{_time(one.decided_at)}  {one.receiver}  {_decided(one)}"
    for attempt in one.tries:
        yield f"    {_time(attempt.at)}  {_attempt(attempt)}"


def _decided(one: Decision) -> str:
    what = ", ".join(f"{told.kind} {told.event_id}".strip() for told in one.said)
    if one.decision == "send":
        return what if len(one.said) == 1 else f"{one.notice_id}: {what}"
    why = f"{one.reason}: {line(one.detail, DETAIL)}" if one.detail else one.reason
    if one.decision == "skip":
        return f"{what} never told ({why})"
    until = f" until {_time(one.until)}" if one.until else ""
    return f"{what} not yet told{until} ({why})"


def _attempt(one: Try) -> str:
    which = f"attempt {one.attempt}" + (f" of resend {one.request}" if one.request else "")
    status = f" {one.status}" if one.status else ""
    detail = f": {line(one.detail, DETAIL)}" if one.detail else ""
    again = f", again {_time(one.next_at)}" if one.next_at else ""
    outcome = {"delivered": "delivered", "retry": "failed", "gave_up": "given up"}[one.outcome]
    return f"{one.notice_id}  {which}  {outcome}{status} in {one.latency_ms:,} ms{again}{detail}"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
