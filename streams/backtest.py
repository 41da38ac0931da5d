"""`groundswell backtest`: a brand's stored past by the rules that judge its present."""

import csv
import os
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from forecasting.backtest import Backtest, PastIncident, backtest
from forecasting.phrases import NAME, line
from forecasting.records import Bucket, Policy, Sensitivity
from forecasting.verdicts import CrisisVerdict, Judged, judged, tuning
from forecasting.watch import floor_bucket
from forecasting.wording import counted
from infra.history import brand_buckets, brand_span, posts_of_span
from infra.quality import read_quality
from infra.settings import Settings
from infra.store import Store
from infra.verdicts import read_verdicts
from processors.match import BrandMatcher, WatchedBrand
from streams.failures import UsageError

WARM: Final = timedelta(days=7)
"""History before the span that the detector learns from, where there is any."""
BARS: Final = "▁▂▃▄▅▆▇█"
COLUMNS: Final = 72
HOUR: Final = timedelta(hours=1)
Told = Callable[[datetime], None]


class Asked(Struct, frozen=True, kw_only=True):
    """One way to look at the past."""

    brand: str
    sensitivity: Sensitivity
    words: tuple[str, ...] = ()  # count posts that name one of these instead; empty: as counted
    backfilled: bool = False  # what was fetched later counts as if it had come in time


class Past(Struct, frozen=True, kw_only=True):
    """A backtest with what verdicts say of it."""

    title: str
    test: Backtest
    judged: Judged


def span_of(
    store: Store, brand: str, *, days: int, until: datetime | None
) -> tuple[datetime, datetime]:
    """The last `days` of the brand before `until`, or before its last post. UsageError if none."""
    whole = brand_span(store, brand)
    if whole is None:
        raise UsageError(f"no posts about {brand!r} are stored: `groundswell stats` lists brands")
    first, last = whole
    end = floor_bucket(until or last) + timedelta(minutes=0 if until else 5)
    if end <= floor_bucket(first):
        raise UsageError(f"the first post about {brand!r} is of {first:%Y-%m-%d %H:%M} UTC")
    since = max(end - timedelta(days=days), floor_bucket(first))
    if since > last:
        raise UsageError(f"the last post about {brand!r} is of {last:%Y-%m-%d %H:%M} UTC")
    return since, end


def check_picture(path: Path) -> None:
    """Raise UsageError now and not after the work if no picture can be written there."""
    if path.suffix.lower() != ".svg":
        raise UsageError(f"--plot {path}: pictures are SVG, name it {path.stem}.svg")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise UsageError(f"--plot {path}: cannot write there")


def words_of(query: str) -> tuple[str, ...]:
    """The words of a list with commas between; one that has a comma stands in double quotes.

    >>> words_of('battery fire, "Acme, Inc.", smoke')
    ('battery fire', 'Acme, Inc.', 'smoke')

    Raises UsageError for a list of nothing, an open quote, and a word that no post can have.
    """
    try:
        [row] = csv.reader([query], skipinitialspace=True, strict=True)
        words = tuple(word.strip() for word in row if word.strip())
        if not words:
            raise UsageError("--query names no word: give some, with commas between")
        BrandMatcher([WatchedBrand(words[0], words[1:])])
    except csv.Error as error:
        raise UsageError(
            f"--query {query}: {error}; a word with a comma in it stands in double quotes, "
            "and a double quote of it is written twice"
        ) from None
    except ValueError as error:
        raise UsageError(f"--query {query}: {error}") from None
    return words


def look_back(
    store: Store, settings: Settings, asked: Asked, *, since: datetime, until: datetime, told: Told
) -> Past:
    """Judge the span. `told` hears how far reading has come where that takes long."""
    warm = since - WARM
    if asked.words:
        found = _recounted(store, asked, since=warm, until=until, told=told)
    else:
        found = brand_buckets(
            store, asked.brand, since=warm, until=until, backfilled=asked.backfilled
        )
    verdicts = read_verdicts(store, asked.brand)
    quality = read_quality(store, asked.brand, since=warm, until=until)
    test = backtest(
        asked.brand,
        found,
        warm=warm,
        since=since,
        until=until,
        quality=quality,
        policy=_policy(settings, asked, verdicts, until),
    )
    spans = [(one.since, one.closed_at or until) for one in test.incidents if one.alerts]
    inside = [v for v in verdicts if v.since < until and v.until >= since]
    title = f"{line(asked.brand, NAME)}, {asked.sensitivity}"
    if asked.words:
        title += f", posts that name {line(' or '.join(asked.words), NAME)}"
    return Past(title=title, test=test, judged=judged(spans, inside))


def as_json(pasts: Sequence[Past]) -> str:
    """Everything but the hours."""
    return msgspec.json.encode([_plain(past) for past in pasts]).decode()


def as_text(past: Past) -> str:
    """A drawing of the span in characters, and one line an incident."""
    test = past.test
    lines = [
        f"{past.title}: {test.since:%Y-%m-%d %H:%M} to {test.until:%Y-%m-%d %H:%M} UTC, "
        f"{counted(test.posts, 'post')}",
        *_drawing(test),
        *(_line(one) for one in test.incidents),
    ]
    alerts = sum(one.alerts for one in test.incidents)
    others = len(test.incidents) - alerts
    lines.append(
        f"{counted(alerts, 'incident')} would have alerted{_rate(alerts, test)}"
        + (f"; {others} more would only have been recorded" if others else "")
        + "."
    )
    if test.left_out:
        lines.append(
            f"{test.left_out:,} posts that were fetched later are left out, as they alert nobody: "
            "--backfilled counts them."
        )
    tuned = ", as verdicts have tuned it" if test.policy.factor != 1 else ""
    lines.append(f"False ones to be expected: about {test.false_a_week:g} a week{tuned}.")
    lines.append(_verdicts(past.judged))
    return "\n".join(lines)


def _rate(alerts: int, test: Backtest) -> str:
    """How many that is a week, where there was a week to tell it by."""
    weeks = (test.until - test.since) / timedelta(days=7)
    return f", {alerts / weeks:.1f} a week" if weeks >= 1 else ""


def _policy(
    settings: Settings, asked: Asked, verdicts: Sequence[CrisisVerdict], now: datetime
) -> Policy:
    watched = next((b for b in settings.brands if b.name == asked.brand), None)
    policy = Policy(sensitivity=asked.sensitivity, factor=tuning(verdicts, now=now).factor)
    return msgspec.structs.replace(policy, alert_on=watched.alert_on) if watched else policy


def _recounted(
    store: Store, asked: Asked, *, since: datetime, until: datetime, told: Told
) -> dict[datetime, Bucket]:
    """Buckets of the stored posts, whatever they were found by, that name one of the words."""
    matcher = BrandMatcher([WatchedBrand(asked.words[0], asked.words[1:])])
    counts: Counter[tuple[datetime, str]] = Counter()
    reached = since
    for said in posts_of_span(store, since=since, until=until, backfilled=asked.backfilled):
        if said.bucket > reached:
            reached = said.bucket
            told(reached)
        if not matcher.match(said.text):
            continue
        counts[said.bucket, "volume"] += 1
        counts[said.bucket, "negative"] += said.is_negative
        counts[said.bucket, "voices"] += said.is_voice
        counts[said.bucket, "negative_voices"] += said.is_negative and said.is_voice
    return {
        start: Bucket(
            start=start,
            volume=counts[start, "volume"],
            negative=counts[start, "negative"],
            voices=counts[start, "voices"],
            negative_voices=counts[start, "negative_voices"],
        )
        for start in {start for start, _ in counts}
    }


def _drawing(test: Backtest) -> list[str]:
    """Most negative posts in an hour, and below it where incidents would have been open."""
    if not test.hours:
        return []
    whole = test.until - test.since
    tops, marks = [0] * COLUMNS, [" "] * COLUMNS
    for point in test.hours:
        # An hour fills what it lasted: of a short span several columns, else there were holes.
        first = _column(point.at - HOUR - test.since, whole)
        for column in range(first, max(_column(point.at - test.since, whole), first + 1)):
            tops[column] = max(tops[column], point.negative)
    for one in test.incidents:
        last = _column((one.closed_at or test.until) - test.since, whole)
        for column in range(_column(one.opened_at - test.since, whole), last + 1):
            marks[column] = "█" if one.alerts else marks[column].replace(" ", "░")
    most = max(*tops, 1)
    bars = "".join(BARS[round(top / most * (len(BARS) - 1))] for top in tops)
    told = f"  negative posts an hour, at most {most:,}"
    if test.incidents:
        told += "; █ would have alerted, ░ only recorded"
    return [told, f"  {bars}", f"  {''.join(marks)}".rstrip()]


def _column(after: timedelta, whole: timedelta) -> int:
    return min(max(int(after / whole * COLUMNS), 0), COLUMNS - 1)


def _line(one: PastIncident) -> str:
    until = f"{one.closed_at:%Y-%m-%d %H:%M}" if one.closed_at else "still open"
    only = "" if one.alerts else "  (recorded only)"
    return (
        f"  {one.opened_at:%Y-%m-%d %H:%M}  to  {until:<16}  severity {one.severity:>2}  "
        f"{one.kind.replace('_', ' ')}{only}"
    )


def _verdicts(found: Judged) -> str:
    if found.precision is None and found.recall is None:
        return "No verdicts yet: `groundswell verdict INCIDENT crisis` or `not-a-crisis` adds one."
    told = found.right + found.false
    parts = []
    if found.precision is not None:
        parts.append(f"precision {100 * found.precision:.0f} % ({found.right} of {told} judged)")
    if found.recall is not None:
        missed = f"{found.missed} {'crisis' if found.missed == 1 else 'crises'} missed"
        parts.append(f"recall {100 * found.recall:.0f} % ({missed})")
    return f"By verdicts: {', '.join(parts)}; {found.unjudged} not judged."


def _plain(past: Past) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(past)
    del told["test"]["hours"]
    return told
