"""Incidents and scores of a series given row by row, by the fold that the watch stage runs.

Rows may be of any length. Those longer than a bucket are spread evenly over the buckets they cover,
shorter ones are added up and judged with the row that ends the bucket. Time without rows was not
observed, which is not the same as no posts.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from forecasting import bare
from forecasting.incident import IncidentState, judge
from forecasting.records import (
    BUCKET,
    Bucket,
    IncidentChange,
    IncidentKind,
    Moment,
    Policy,
    Quality,
)
from forecasting.watch import floor_bucket

LONGEST_ROW: Final = timedelta(days=1)
"""Longer ones say nothing of surges."""
LONGEST_GAP: Final = 3 * 288
"""Buckets without a row that are gone through one by one; more change nothing."""

ABSURD: Final = 1e12
"""Posts of a row beyond which more are the same, so that squares stay finite."""


class CountRow(Struct, frozen=True, kw_only=True):
    """Counts of the time from `at` on, as long as a row is."""

    at: Moment
    volume: float
    negative: float | None  # None: nobody has counted them


class RowIncident(Struct, frozen=True, kw_only=True):
    """An incident by the indices of rows."""

    kind: IncidentKind
    open: int  # the row with which it opened
    close: int | None  # the row with which it closed; None: open at the end
    severity: int  # the worst, 1 to 10
    since: int  # the row in which it began
    score: float  # at the opening
    minutes: int  # the window that opened it
    observed: int  # at the opening, in the last hour
    expected: float
    peak: int
    opened_at: Moment
    closed_at: Moment | None
    reason: str  # of the closing: calm or expired; empty while it is open
    alerts: bool
    incident_id: str


class Scored(Struct, frozen=True, kw_only=True):
    """What comes of a series: incidents by their opening, and the score of each row."""

    incidents: tuple[RowIncident, ...]
    scores: tuple[float, ...]


class _Part(Struct, frozen=True, kw_only=True):
    """A bucket of the series."""

    bucket: Bucket
    value: float  # its volume as it was given
    row: int  # the last row in it or before it
    observed: bool


def detect(rows: Sequence[CountRow], step: timedelta, *, name: str, policy: Policy) -> Scored:
    """Judge rows in order of time; `step` is how long a row is.

    The score of rows with negatives is that of mood, in standard deviations beyond what is
    expected; that of a bare series the burst, told once (`forecasting.bare`). A row's score uses
    the rows up to it alone. Raises ValueError for rows longer than a day or out of order.
    """
    if not timedelta(0) < step <= LONGEST_ROW:
        raise ValueError(f"rows of {step}: they have to be a day or shorter")
    of_mood = any(row.negative is not None for row in rows)
    state, burst, score = IncidentState(), bare.Burst(), 0.0
    scores = [0.0] * len(rows)
    found: dict[str, RowIncident] = {}
    judged = -1  # row scored last
    for part in _parts(rows, step):
        quality: Quality | None = None if part.observed else "gap"
        state, verdict, changes = judge(state, name, part.bucket, quality=quality, policy=policy)
        if of_mood:
            score = verdict.score
        elif quality is None:
            burst, score = bare.pulse(*bare.score(burst, part.value))
        if part.observed:
            # Rows that ended no bucket have the score of the bucket before; a pulse is told once.
            for row in range(judged + 1, part.row):
                scores[row] = scores[judged] if of_mood and judged >= 0 else 0.0
            scores[part.row] = max(scores[part.row], score) if judged == part.row else score
            judged = part.row
        for change in changes:
            _note(found, change, part.row, rows)
    return Scored(incidents=tuple(found.values()), scores=tuple(scores))


def _parts(rows: Sequence[CountRow], step: timedelta) -> Iterator[_Part]:
    """Every bucket from the first row to the last, those without rows too."""
    many = max(round(step / BUCKET), 1)
    next_start: datetime | None = None
    row = 0
    while row < len(rows):
        start = floor_bucket(rows[row].at)
        if next_start is not None and start < next_start:
            start = next_start  # the row before reached into it
        yield from _gap(next_start, start, row - 1)
        last = row
        volume, negative = rows[row].volume, rows[row].negative or 0.0
        while many == 1 and last + 1 < len(rows) and floor_bucket(rows[last + 1].at) == start:
            last += 1
            volume += rows[last].volume
            negative += rows[last].negative or 0.0
        for bucket in _spread(start, volume, negative, many):
            value = min(volume, ABSURD) / many
            yield _Part(bucket=bucket, value=value, row=last, observed=True)
        next_start = start + many * BUCKET
        row = last + 1


def _gap(begin: datetime | None, end: datetime, row: int) -> Iterator[_Part]:
    if begin is None:
        return
    begin = max(begin, end - LONGEST_GAP * BUCKET)
    while begin < end:
        empty = Bucket(start=begin, volume=0, negative=0, voices=0, negative_voices=0)
        yield _Part(bucket=empty, value=0.0, row=row, observed=False)
        begin += BUCKET


def _spread(start: datetime, volume: float, negative: float, many: int) -> Iterator[Bucket]:
    """Whole posts, as evenly as can be."""
    total, bad = (round(min(count, ABSURD)) for count in (volume, negative))
    for i in range(many):
        v = total * (i + 1) // many - total * i // many
        n = min(bad * (i + 1) // many - bad * i // many, v)
        yield Bucket(start=start + i * BUCKET, volume=v, negative=n, voices=v, negative_voices=n)


def _note(
    found: dict[str, RowIncident], change: IncidentChange, row: int, rows: Sequence[CountRow]
) -> None:
    was = found.get(change.incident_id)
    if was is None:
        began = bisect_right(rows, change.since, key=lambda one: one.at) - 1
        was = RowIncident(
            kind=change.kind,
            open=row,
            close=None,
            severity=change.severity,
            since=min(max(began, 0), row),
            score=change.score,
            minutes=change.minutes,
            observed=change.observed,
            expected=change.expected,
            peak=change.peak_observed,
            opened_at=change.opened_at,
            closed_at=None,
            reason="",
            alerts=change.alerts,
            incident_id=change.incident_id,
        )
    was = replace(
        was, severity=max(was.severity, change.severity), peak=max(was.peak, change.peak_observed)
    )
    if change.change == "resolved":
        was = replace(was, close=row, closed_at=change.at, reason=change.reason)
    found[change.incident_id] = was
