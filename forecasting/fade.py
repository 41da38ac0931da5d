"""When a surge would be over if it fades as it does now: exponential decay of its excess."""

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

BLOCK: Final = 6  # buckets: half an hour
LEAST_BLOCKS: Final = 3  # from the peak on: two points lie on any line
FARTHEST: Final = timedelta(hours=48)


def fades_in(negative: Sequence[int], expected: float) -> timedelta | None:
    """Time until the excess is within chance, or None while it does not fall.

    `negative` are the posts of the newest buckets, oldest first, `expected` how many of them are
    usual in a bucket. A line is fitted by least squares to the log of each half hour's excess from
    the highest on. Over is when the excess is less than one standard deviation of a Poisson count.

    >>> fades_in([4] * 6 + [40] * 6 + [20] * 6 + [10] * 6, expected=2.0)
    datetime.timedelta(seconds=6000)
    """
    blocks = [sum(negative[i - BLOCK : i]) for i in range(len(negative), BLOCK - 1, -BLOCK)][::-1]
    usual = BLOCK * expected
    over = max(math.sqrt(usual), 1.0)
    excess = [block - usual for block in blocks]
    if not excess or excess[-1] <= over:
        return None
    excess = excess[excess.index(max(excess)) :]
    n = len(excess)
    if n < LEAST_BLOCKS:
        return None
    logs = [math.log(max(one, over)) for one in excess]
    middle, level = (n - 1) / 2, sum(logs) / n
    slope = sum((i - middle) * (one - level) for i, one in enumerate(logs)) / (n * (n * n - 1) / 12)
    if slope >= 0:
        return None
    now = level + slope * (n - 1 - middle)
    left = max(math.log(over) - now, slope * FARTHEST / timedelta(minutes=30)) / slope
    return timedelta(minutes=5) * round(max(left, 0.0) * BLOCK) or None
