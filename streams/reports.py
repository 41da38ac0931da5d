"""`groundswell reports`: how the numbers of a brand changed after they were told."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby

import msgspec

from infra.reports import Report
from infra.series import EPOCH
from streams.failures import UsageError


def moment_of(text: str, option: str = "--since") -> datetime:
    """An ISO 8601 date or time, UTC unless it says otherwise; the beginning of time for nothing.

    Raises UsageError.
    """
    if not text:
        return EPOCH
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{option} {text}: give a date or time, such as 2026-03-01 or 2026-03-01T12:00"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def as_json(reports: Sequence[Report]) -> str:
    """Every step, one object each, in the order of buckets."""
    return msgspec.json.encode(reports).decode()


def as_text(reports: Sequence[Report]) -> str:
    """One line a bucket: posts and negative ones as first told, as told last, why and when."""
    lines = [_line(list(some)) for _, some in groupby(reports, lambda report: report.bucket)]
    if not lines:
        return "nothing was told anew"
    head = f"{'bucket (UTC)':<16}  {'first told':>17}  {'now':>17}  why and when (UTC)"
    return "\n".join([head, *lines])


def _line(reports: Sequence[Report]) -> str:
    first, last = reports[0], reports[-1]
    # A bucket that was empty when it was judged was not told of: nothing is what was said.
    before = _numbers(first.volume, first.negative) if first.number == 0 else _numbers(0, 0)
    steps = [each for each in reports if each.number > 0]
    reasons = list(dict.fromkeys(step.reason for step in steps))
    return (
        f"{first.bucket:%Y-%m-%d %H:%M}  {before:>17}  {_numbers(last.volume, last.negative):>17}  "
        f"{', '.join(reasons)}; {last.at:%Y-%m-%d %H:%M}"
    )


def _numbers(volume: int, negative: int) -> str:
    return f"{volume:,} ({negative:,} neg)"
