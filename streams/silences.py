"""`groundswell silences`: some incidents are kept quiet for a time, because a person said so."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import get_args

import msgspec
from msgspec.structs import replace

from forecasting.phrases import NAME, line
from forecasting.records import IncidentKind
from infra.audit import audit_row, write_audit
from infra.deliver import people
from infra.deliver.durations import parse
from infra.deliver.records import Match, Silence
from infra.settings import Settings
from infra.store import Store
from streams.failures import UsageError
from streams.known import check_brand, known_incident
from streams.matched import in_words
from streams.person import Person

REASON = 200  # characters that are shown


def length_of(text: str) -> timedelta:
    """How long --for says. UsageError if it says nothing, or nothing sensible."""
    try:
        length = parse(text)
    except ValueError as error:
        raise UsageError(f"--for {text}: {error}") from error
    if not length:
        raise UsageError(f"--for {text}: some time, such as 2h")
    return length


def match_of(*, everything: bool, severity: int, **named: Sequence[str] | None) -> Match:
    """What is silenced, by the names of Match's fields. UsageError if nothing or nonsense is said.

    All there is has to be said with `everything`: it is never meant by leaving something out.
    """
    given = {name: tuple(values) for name, values in named.items() if values}
    if everything and (given or severity > 1):
        raise UsageError("--all means every incident: leave the rest out, or leave out --all")
    if not (everything or given or severity > 1):
        raise UsageError(
            "say which incidents: --brand, --kind, --severity, --source, --language, --incident, "
            "or --all"
        )
    try:
        return msgspec.convert({**given, "severity": severity}, Match)
    except msgspec.ValidationError as error:
        kinds = ", ".join(get_args(IncidentKind))
        raise UsageError(f"--kind {' '.join(given.get('kinds', ()))}: there are {kinds}") from error


def add(
    store: Store, settings: Settings, match: Match, person: Person, span: tuple[datetime, timedelta]
) -> Silence:
    """Keep a silence that begins and lasts as `span` says; its reason is the person's note.

    UsageError for a brand or an incident that nobody knows, and without a reason.
    """
    if not person.note.strip():
        raise UsageError("--reason: say why, for whoever wonders why nothing came")
    for brand in match.brands:
        check_brand(store, settings, brand)
    for incident_id in match.incidents:
        known_incident(store, incident_id)
    now, length = span
    silence = Silence(
        silence_id=_name(match, person, now),
        match=match,
        starts=now,
        ends=now + length,
        reason=person.note,
        by=person.by,
    )
    people.write_silence(store, silence, now)
    _audit(store, "silence", silence, person.by, now)
    return silence


def end(store: Store, silence_id: str, person: Person, *, at: datetime) -> Silence:
    """End a silence before its time. UsageError if there is none of that id that lasts."""
    found = next((one for one in people.silences(store) if one.silence_id == silence_id), None)
    if found is None:
        raise UsageError(f"no silence {silence_id}: `groundswell silences list` shows which last")
    if found.ends <= at:
        raise UsageError(f"{silence_id} has ended already, {found.ends:%Y-%m-%d %H:%M} UTC")
    ended = replace(found, ends=max(found.starts, at))
    people.write_silence(store, ended, at)
    _audit(store, "silence ended", ended, person.by, at)
    return ended


def listed(store: Store, *, now: datetime, ended: bool) -> list[Silence]:
    """Silences that last, and with `ended` those that do not; the one that ends last first."""
    return people.silences(store) if ended else people.silences(store, ending_after=now)


def as_json(found: Sequence[Silence]) -> str:
    """Everything."""
    return msgspec.json.encode(found).decode()


def as_text(found: Sequence[Silence], *, now: datetime) -> str:
    """One line each."""
    if not found:
        return "no silences"
    return "\n".join(["Times are UTC.", *(sentence(one, now=now) for one in found)])


def sentence(one: Silence, *, now: datetime) -> str:
    """Its id, until when, what it means, why, and who says so."""
    until = "ended" if one.ends <= now else "until"
    return (
        f"{one.silence_id}  {until} {one.ends:%Y-%m-%d %H:%M}  {in_words(one.match)}: "
        f"{line(one.reason, REASON)}, says {line(one.by, NAME) or 'somebody'}"
    )


def _name(match: Match, person: Person, now: datetime) -> str:
    """A function of what was said when and by whom: said again, it is the same silence."""
    key = msgspec.json.encode((match, person.by, person.note, now.isoformat()))
    return f"sil_{blake2b(key, digest_size=6).hexdigest()}"


def _audit(store: Store, action: str, silence: Silence, by: str, at: datetime) -> None:
    detail = {
        "silence": silence.silence_id,
        "match": in_words(silence.match),
        "ends": silence.ends.isoformat(),
        "reason": silence.reason,
    }
    write_audit(store, audit_row(action, at, by, detail))
