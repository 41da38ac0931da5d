"""`groundswell detect`: incidents in a file of counts, by the rules that judge a live brand."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Struct

from forecasting.limits import limits_of
from forecasting.records import IncidentKind, Policy, Sensitivity
from forecasting.rows import CountRow, RowIncident, detect
from forecasting.wording import counted
from infra.series_file import SeriesRow, read_series
from streams.failures import UsageError
from streams.forecast_file import check_file

HOUR: Final = 60  # minutes
OF_MOOD: Final[tuple[IncidentKind, ...]] = ("negative_surge", "mood_shift")
OF_VOLUME: Final[tuple[IncidentKind, ...]] = ("volume_surge",)


class Asked(Struct, frozen=True, kw_only=True):
    """What is to be found."""

    policy: Policy
    kinds: tuple[IncidentKind, ...]  # empty: by what the file counts
    timezone: str


class Found(Struct, frozen=True, kw_only=True):
    """What was found in a file."""

    name: str
    problems: tuple[str, ...]
    incidents: tuple[RowIncident, ...]
    rows: tuple[SeriesRow, ...]
    scores: tuple[float, ...]  # of `rows`
    total: int  # rows of the file, usable or not


def asked(*, sensitivity: str, kinds: Sequence[str], timezone: str) -> Asked:
    """Check the command's words. Raises UsageError."""
    if sensitivity not in get_args(Sensitivity):
        raise UsageError(f"--sensitivity {sensitivity}: calm, balanced or keen")
    known = get_args(IncidentKind)
    wrong = [kind for kind in kinds if kind not in (*known, "all")]
    if wrong:
        raise UsageError(f"--kind {wrong[0]}: {', '.join(known)} or all")
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(f"--timezone {timezone}: no IANA zone, such as Europe/Berlin") from error
    chosen = known if "all" in kinds else tuple(kind for kind in known if kind in kinds)
    policy = Policy(sensitivity=msgspec.convert(sensitivity, Sensitivity))
    return Asked(policy=policy, kinds=chosen, timezone=timezone)


def detect_file(path: Path, wanted: Asked) -> Found:
    """Judge one file. Raises ReplayError, OSError and UsageError, one line each."""
    check_file(path)
    file = read_series(path, wanted.timezone)
    rows = [CountRow(at=row.at, volume=row.volume, negative=row.negative) for row in file.rows]
    try:
        scored = detect(rows, file.step, name=path.name, policy=wanted.policy)
    except ValueError as error:
        raise UsageError(f"{path.name}: {'; '.join((str(error), *file.problems))}") from error
    of_mood = any(row.negative is not None for row in file.rows)
    kinds = wanted.kinds or (OF_MOOD if of_mood else OF_VOLUME)
    incidents = tuple(_in_file(one, file.rows) for one in scored.incidents if one.kind in kinds)
    return Found(
        name=path.name,
        problems=file.problems,
        incidents=incidents,
        rows=file.rows,
        scores=scored.scores,
        total=file.total,
    )


def as_json(found: Sequence[Found]) -> str:
    """All incidents as one list, each with its file; rows are data rows of the file from 0."""
    told: list[dict[str, Any]] = [
        {"file": one.name, **msgspec.to_builtins(incident)}
        for one in found
        for incident in one.incidents
    ]
    return msgspec.json.format(msgspec.json.encode(told), indent=1).decode()


def table(found: Sequence[Found], wanted: Asked) -> str:
    """The same for a person, and what rate of false ones stands behind it."""
    zone = ZoneInfo(wanted.timezone)
    lines = []
    for one in found:
        told = f"{counted(len(one.rows), 'row')}, {counted(len(one.incidents), 'incident')}"
        lines.append(f"{one.name}: {told}; times are {wanted.timezone}")
        for incident in one.incidents:
            opened = incident.opened_at.astimezone(zone)
            end = "still open"
            if incident.closed_at is not None:
                end = f"to {incident.closed_at.astimezone(zone):%m-%d %H:%M}"
            lines.append(
                f"  {opened:%Y-%m-%d %H:%M} {end:14}  {incident.kind.replace('_', ' '):14}  "
                f"severity {incident.severity:2}"
            )
            lines.append(
                f"    {incident.observed:,} in the last {_window(incident)} when it opened, "
                f"{incident.expected:,.0f} expected; {incident.peak:,} in the worst hour"
            )
    rate = limits_of(wanted.policy).false_a_week
    which = wanted.policy.sensitivity
    lines.append(f"False ones to be expected at {which}: about {rate:g} a week of a brand.")
    return "\n".join(lines)


def _window(incident: RowIncident) -> str:
    """What `observed` was counted in: of a silence its own window, of all others an hour."""
    if incident.kind == "silence" and incident.minutes != HOUR:
        return f"{incident.minutes // HOUR} h"
    return "hour"


def check_scores(path: Path | None) -> None:
    """Raise UsageError now and not after the work if no scores can be written there."""
    if path is not None and (path.is_dir() or not os.access(path.parent, os.W_OK)):
        raise UsageError(f"--scores {path}: cannot write there")


def write_scores(path: Path, found: Sequence[Found], timezone: str) -> None:
    """One line a data row of each file, in its order: file, timestamp, score; 0 if unusable."""
    zone = ZoneInfo(timezone)
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("file", "timestamp", "score"))
        for one in found:
            lines = [[one.name, "", "0"] for _ in range(one.total)]
            for row, score in zip(one.rows, one.scores, strict=True):
                at = row.at.astimezone(zone)
                lines[row.number - 1] = [one.name, f"{at:%Y-%m-%d %H:%M:%S}", f"{score:.6g}"]
            writer.writerows(lines)


def _in_file(one: RowIncident, rows: Sequence[SeriesRow]) -> RowIncident:
    """With the numbers of the file's data rows, from 0, in the place of usable ones."""
    return msgspec.structs.replace(
        one,
        open=rows[one.open].number - 1,
        close=None if one.close is None else rows[one.close].number - 1,
        since=rows[one.since].number - 1,
    )
