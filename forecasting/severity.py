"""How bad an incident is: a number from 1 to 10, and the counts that it is of."""

import math

from msgspec import Struct

from forecasting.records import IncidentKind, Moment, Verdict


class Now(Struct, frozen=True, kw_only=True):
    """What an incident is about, at the end of a bucket."""

    at: Moment
    observed: int
    expected: float
    lower: float
    upper: float
    level: int  # severity
    minutes: int = 0  # the window of these numbers; 0: the last hour


def severity(observed: int, expected: float) -> int:
    """How bad, 1 to 10: how many times the expected, and how many posts more than expected.

    1 + 1.25 a doubling over the expected + 2 a tenfold of ten posts in excess, rounded. A surge
    of twice the normal with 10 posts too many is a 2; 214 where 31 are expected is a 7; ten times
    the normal with a thousand too many is a 9. What the share says of certainty is the score's
    business and not part of it.

    >>> severity(20, 10), severity(214, 31), severity(1100, 110)
    (2, 7, 9)
    """
    times = max((observed + 1) / (expected + 1), 1.0)
    excess = max(observed - expected, 1.0)
    points = 1 + 1.25 * math.log2(times) + 2 * max(math.log10(excess / 10), 0.0)
    return min(max(round(points), 1), 10)


def now(kind: IncidentKind, at: Moment, verdict: Verdict) -> Now:
    """Of the last hour; of a silence, of the window that says most of it.

    A silence is as bad as a surge from what is left to what was expected.
    """
    signal = next((one for one in verdict.signals if one.kind == kind), None)
    if kind in ("negative_surge", "mood_shift") or signal is None:
        observed, volume = verdict.hour_negative, verdict.hour_volume
        if kind in ("volume_surge", "silence"):
            return Now(at=at, observed=volume, expected=volume, lower=volume, upper=volume, level=1)
        expected = verdict.share_expected * volume
        return Now(
            at=at,
            observed=observed,
            expected=expected,
            lower=verdict.share_lower * volume,
            upper=verdict.share_upper * volume,
            level=severity(observed, expected),
        )
    level = severity(signal.observed, signal.expected)
    if kind == "silence":
        level = severity(round(signal.expected), signal.observed)
    return Now(
        at=at,
        observed=signal.observed,
        expected=signal.expected,
        lower=signal.lower,
        upper=signal.upper,
        level=level,
        minutes=signal.minutes,
    )
