"""The words of a message that are not the incident's own: why it comes, and what has changed."""

from collections.abc import Sequence
from datetime import timedelta, tzinfo

from msgspec.structs import replace

from forecasting.phrases import NAME, WORDINGS, Language, expected, line, percent, time_of
from forecasting.records import IncidentChange, IncidentEvent
from forecasting.tell import headline
from forecasting.wording import some

SEEN = "🟡"
"""Marks what a person has taken on."""


def opening(event: IncidentEvent, language: Language) -> str:
    """The headline of an incident for who has not heard of it, however far it has come."""
    return headline(replace(event, change=replace(event.change, change="opened")), language)


def changed(change: IncidentChange, told: IncidentChange, language: Language, zone: tzinfo) -> str:
    """What is different from the change that was told last, in one sentence."""
    words = WORDINGS[language]
    notice = words.notice
    pairs = (
        (notice.severity, told.severity, change.severity),
        (notice.observed[change.kind], told.observed, change.observed),
        (notice.share, percent(told.share), percent(change.share)),
    )
    silent = change.kind == "silence"  # no mood can be read from it
    changes = [
        form.format(before=before, now=now)
        for form, before, now in pairs[: 2 if silent else 3]
        if before != now
    ]
    time = time_of(told.at, change.at, zone)
    if not changes:
        return notice.unchanged.format(time=time)
    return notice.changed.format(time=time, changes=words.listed.join(changes))


def unacknowledged(length: timedelta, language: Language) -> str:
    """Why it is told to more people."""
    return _after(WORDINGS[language].notice.unacknowledged, length, language)


def repeated(length: timedelta, language: Language) -> str:
    """Why it is told again."""
    return _after(WORDINGS[language].notice.repeated, length, language)


def acknowledged(by: str, language: Language) -> str:
    """Who has taken it on."""
    notice = WORDINGS[language].notice
    name = line(by, NAME)
    return notice.acknowledged.format(by=name) if name else notice.seen


def figures(change: IncidentChange, language: Language) -> str:
    """What was observed against what was expected, in one sentence; of what is over, its total."""
    words = WORDINGS[language]
    kind = words.kinds[change.kind]
    if change.change == "resolved":
        return kind.total.format(total=change.total_negative, peak=change.peak_observed)
    return kind.observed.format(**expected(change, words))


def digest(opened: Sequence[IncidentChange], over: int, language: Language) -> str:
    """The title of several incidents: how many are open, how many are over, which is the worst."""
    words = WORDINGS[language]
    notice = words.notice
    parts = [
        notice.open.format(**some(len(opened))) if opened else "",
        notice.over.format(**some(over)) if over and opened else "",
        notice.all_over.format(**some(over)) if not opened else "",
    ]
    if opened:
        worst = max(opened, key=lambda change: change.severity)
        parts.append(notice.worst.format(brand=line(worst.brand, NAME), severity=worst.severity))
    return words.listed.join(part for part in parts if part)


def _after(form: str, length: timedelta, language: Language) -> str:
    return form.format(length=WORDINGS[language].length(length))
