"""What is said of an incident beside its own changes: seen by a person, escalated, repeated."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from infra.deliver.accounts import Account, Want
from infra.deliver.cases import Case


def acknowledgement(account: Account, case: Case) -> Want | None:
    """That a person has seen it, once. The incident is acknowledged."""
    if account.acknowledged or not account.opened or not case.is_open:
        return None
    return Want(kind="acknowledged", number=account.told, name=f"{case.incident_id}.acknowledged")


def escalation(
    account: Account, case: Case, afters: Sequence[timedelta]
) -> tuple[datetime, Want] | None:
    """The next time that its route tells this receiver because nobody reacted, and what."""
    if not case.is_open or case.first_told is None or account.escalated >= len(afters):
        return None
    name = f"{case.incident_id}.{case.newest}.escalated.{account.escalated + 1}"
    at = case.first_told + afters[account.escalated]
    return at, Want(kind="escalated", number=case.newest, name=name)


def repetition(account: Account, case: Case, every: timedelta) -> tuple[datetime, Want] | None:
    """When this receiver is reminded of an open incident, and what it is told."""
    if not every or not case.is_open or not account.opened or account.told_at is None:
        return None
    name = f"{case.incident_id}.{account.told}.repeated.{account.repeated + 1}"
    return account.told_at + every, Want(kind="repeated", number=account.told, name=name)
