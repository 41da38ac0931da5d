"""Where a surge comes from: its sources and languages against those of the time before.

A count is compared with the one of as long a time before (Poisson counts of unequal times on the
square-root scale, Huffman 1984). The day has a cycle and posts answer one another, so a part must
stand out far beyond a coin's chance and double before it is said to have grown; and only one part
is said to be where a surge comes from if the others are as they were.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from forecasting.evidence import Part

PARTS: Final = 5
GREW: Final = 4.0  # standard deviations
GREW_TIMES: Final = 2.0
AS_BEFORE: Final = 2.0  # standard deviations within which the others are as they were
KNOWN: Final = 20  # posts of the others before, from which it is known how they were
NEARLY_ALL: Final = 0.9  # of the growth


class Hours(Struct, frozen=True):
    """How long a time the posts of now and those of before are from, in hours."""

    now: float
    before: float

    @property
    def ratio(self) -> float:
        """How many times as long now is."""
        return self.now / self.before


def parts(now: Sequence[str], before: Sequence[str], hours: Hours) -> tuple[Part, ...]:
    """The largest parts, at most five, each with what was to be expected of it.

    `now` and `before` are the part that each post belongs to. Without posts before
    nothing is expected and nothing has grown.

    >>> parts(["x"] * 90 + ["y"], ["x", "y"] * 24, Hours(1, 24))[0]
    Part(name='x', count=90, expected=1.0, grew=True)
    """
    count, past = Counter(now), Counter(before)
    ratio = hours.ratio
    ordered = sorted(count.items(), key=lambda part: (-part[1], part[0]))
    return tuple(
        Part(
            name=name,
            count=n,
            expected=past[name] * ratio if before else None,
            grew=bool(before) and has_grown(n, past[name], ratio),
        )
        for name, n in ordered[:PARTS]
    )


def only_one(now: Sequence[str], before: Sequence[str], hours: Hours) -> str:
    """The one part that the growth comes from; empty if there is none, or nothing to tell it by."""
    count, past = Counter(now), Counter(before)
    ratio = hours.ratio
    if not count:
        return ""
    name = max(count, key=lambda part: (count[part] - past[part] * ratio, part))
    others, others_before = len(now) - count[name], len(before) - past[name]
    if others_before < KNOWN or not has_grown(count[name], past[name], ratio):
        return ""
    excess = count[name] - past[name] * ratio
    more = max(others - others_before * ratio, 0.0)
    as_before = deviation(others, others_before, ratio) < AS_BEFORE
    return name if as_before and excess >= NEARLY_ALL * (excess + more) else ""


def has_grown(now: int, before: int, ratio: float) -> bool:
    """Whether a part has grown beyond chance and cycle. `ratio`: length of now to before."""
    return deviation(now, before, ratio) >= GREW and now >= GREW_TIMES * before * ratio


def deviation(now: int, before: int, ratio: float) -> float:
    """Standard deviations by which a count of now exceeds one of before, in unequal times.

    >>> round(deviation(40, 240, 1 / 24), 1)
    6.2
    """
    rise = math.sqrt(now + 3 / 8) - math.sqrt(ratio * (before + 3 / 8))
    return 2 * rise / math.sqrt(1 + ratio)
