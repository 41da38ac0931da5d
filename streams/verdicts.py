"""`groundswell verdict`, `crisis` and `verdicts`: what people say of incidents, and its effect."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from forecasting.limits import LIMITS
from forecasting.phrases import NAME, line
from forecasting.records import Sensitivity
from forecasting.verdicts import (
    REMEMBERED,
    CrisisVerdict,
    Tuning,
    Word,
    by_brand,
    tuning,
)
from infra.audit import audit_row, write_audit
from infra.settings import Settings
from infra.store import Store
from infra.verdicts import read_verdicts, write_verdict
from streams.failures import UsageError
from streams.known import check_brand, known_incident
from streams.person import Person

SAID: Final = {"crisis": "a crisis", "not-a-crisis": "not a crisis", "withdrawn": "withdrawn"}


class BrandVerdicts(Struct, frozen=True, kw_only=True):
    """What was said of a brand's incidents, and what that makes of its detector."""

    brand: str
    sensitivity: Sensitivity
    tuning: Tuning
    false_a_week: float  # that it is taken to bear now
    verdicts: tuple[CrisisVerdict, ...]


def about_incident(
    store: Store, incident_id: str, word: Word, person: Person, *, at: datetime
) -> CrisisVerdict:
    """A verdict on a stored incident. UsageError if there is none of that id."""
    known = known_incident(store, incident_id)
    return CrisisVerdict(
        brand=known.brand,
        incident_id=incident_id,
        since=known.opened_at,
        until=known.resolved_at or max(at, known.opened_at),
        word=word,
        at=at,
        by=person.by,
        note=person.note,
    )


def about_time(
    brand: str, span: tuple[datetime, datetime], word: Word, person: Person, *, at: datetime
) -> CrisisVerdict:
    """A verdict on a time without an incident. UsageError if it does not end after it begins."""
    if span[1] <= span[0]:
        raise UsageError("--until has to be after --since")
    if span[0] > at:
        raise UsageError("--since has to be in the past")
    if span[1] > at and word != "withdrawn":
        raise UsageError("--until has to be in the past: of a crisis that goes on, give now")
    return CrisisVerdict(
        brand=brand,
        since=span[0],
        until=span[1],
        word=word,
        at=at,
        by=person.by,
        note=person.note,
    )


def keep(store: Store, settings: Settings, said: CrisisVerdict) -> str:
    """Keep a verdict, with a row in the audit, and say what it changes.

    UsageError for a brand that nobody knows, and for taking back what was never said.
    """
    _check(store, settings, said)
    write_verdict(store, said)
    about = said.incident_id or f"{said.since.isoformat()} {said.until.isoformat()}"
    detail = {"brand": said.brand, "about": about, "verdict": said.word, "note": said.note}
    write_audit(store, audit_row("verdict", said.at, said.by, detail))
    found = listed(store, settings, said.brand, now=said.at)[0]
    return f"{said.incident_id or 'that time'}: {SAID[said.word]}. {effect(found)}"


def _check(store: Store, settings: Settings, said: CrisisVerdict) -> None:
    if not said.incident_id:
        check_brand(store, settings, said.brand)
    if said.word != "withdrawn":
        return
    about = (said.incident_id, *(() if said.incident_id else (said.since, said.until)))
    for before in read_verdicts(store, said.brand):
        same = (before.incident_id, *(() if before.incident_id else (before.since, before.until)))
        if same == about and before.word != "withdrawn":
            return
    raise UsageError("nothing to take back: `groundswell verdicts` lists what was said")


def listed(store: Store, settings: Settings, brand: str, *, now: datetime) -> list[BrandVerdicts]:
    """By brand, of one or of all that anything was said of."""
    said = by_brand(read_verdicts(store, brand))
    found = []
    for name in sorted({*said, *([brand] if brand else ())}):
        some = said.get(name, [])
        watched = next((b for b in settings.brands if b.name == name), None)
        sensitivity: Sensitivity = watched.sensitivity if watched else "balanced"
        tuned = tuning(some, now=now)
        found.append(
            BrandVerdicts(
                brand=name,
                sensitivity=sensitivity,
                tuning=tuned,
                false_a_week=LIMITS[sensitivity].false_a_week * tuned.factor,
                verdicts=tuple(some),
            )
        )
    return found


def effect(found: BrandVerdicts) -> str:
    """One sentence: how many false incidents a week the brand is taken to bear, and why."""
    usual = LIMITS[found.sensitivity].false_a_week
    name = line(found.brand, NAME)
    if found.tuning.factor == 1:
        return (
            f"{name} is judged as {found.sensitivity} says: for {usual:g} false incidents a week."
        )
    t = found.tuning
    return (
        f"{name} is judged for {found.false_a_week:g} false incidents a week instead of "
        f"{usual:g} ({found.sensitivity}). Said in the last {REMEMBERED.days} days: "
        f"{t.false} not a crisis, {t.confirmed} a crisis, {t.missed} missed."
    )


def as_json(found: Sequence[BrandVerdicts]) -> str:
    """Everything."""
    return msgspec.json.encode(found).decode()


def as_text(found: Sequence[BrandVerdicts]) -> str:
    """One line a verdict, and the effect on each brand."""
    if not any(brand.verdicts for brand in found):
        return "\n".join(["no verdicts", *map(effect, found)])
    lines = ["Times are UTC."]
    for brand in found:
        lines += [_line(said) for said in brand.verdicts]
        lines.append(effect(brand))
    return "\n".join(lines)


def _line(said: CrisisVerdict) -> str:
    what = said.incident_id or "(no incident)"
    note = f": {_plain(said.note)}" if said.note else ""
    return (
        f"{said.since:%Y-%m-%d %H:%M} to {said.until:%Y-%m-%d %H:%M}  {what}  "
        f"{SAID[said.word]}, says {_plain(said.by) or 'somebody'} {said.at:%Y-%m-%d %H:%M}{note}"
    )


def _plain(words: str) -> str:
    return "".join(c if c.isprintable() else " " for c in words)
