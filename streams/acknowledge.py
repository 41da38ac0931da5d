"""`groundswell ack`: somebody has seen an incident, or takes that back."""

from datetime import datetime

from forecasting.phrases import NAME, line
from infra.audit import audit_row, write_audit
from infra.deliver import people
from infra.deliver.records import Acknowledgement
from infra.store import Store
from streams.failures import UsageError
from streams.known import known_incident
from streams.person import Person


def acknowledge(store: Store, incident_id: str, person: Person, *, at: datetime) -> str:
    """Keep that somebody has seen it; what that changes, in a sentence.

    UsageError for an incident that is over, or that nobody knows.
    """
    known = known_incident(store, incident_id)
    if known.resolved_at is not None:
        raise UsageError(
            f"{incident_id} is over since {known.resolved_at:%Y-%m-%d %H:%M} UTC: "
            "nobody is told of it any more"
        )
    before = _seen(store, incident_id)
    said = Acknowledgement(incident_id=incident_id, at=at, by=person.by, note=person.note)
    people.acknowledge(store, said)
    _audit(store, "acknowledge", said)
    also = f" {_who(before)} had seen it before." if before and before.by != person.by else ""
    return f"{incident_id}: seen by {_who(said)}. No repeats, no escalation.{also}"


def withdraw(store: Store, incident_id: str, person: Person, *, at: datetime) -> str:
    """Take it back. UsageError where there is nothing to take back."""
    known_incident(store, incident_id)
    if _seen(store, incident_id) is None:
        raise UsageError(f"nobody has acknowledged {incident_id}: there is nothing to take back")
    said = Acknowledgement(incident_id=incident_id, at=at, by=person.by, note=person.note)
    people.withdraw(store, said)
    _audit(store, "acknowledge withdrawn", said)
    return f"{incident_id}: seen by nobody. Repeats and escalation go on while it is open."


def _seen(store: Store, incident_id: str) -> Acknowledgement | None:
    seen = (one for one in people.acknowledgements(store) if one.incident_id == incident_id)
    return next(seen, None)


def _who(said: Acknowledgement) -> str:
    return line(said.by, NAME) or "somebody"


def _audit(store: Store, action: str, said: Acknowledgement) -> None:
    detail = {"incident": said.incident_id, "note": said.note}
    write_audit(store, audit_row(action, said.at, said.by, detail))
