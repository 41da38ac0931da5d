"""Queues in a row, as fluids: what a burst, a lost worker or a slow shard costs in time.

Kafka keeps what a stage can't yet do, so nothing is lost and the question is how late it comes.
With cumulative arrivals A and possible work C a queue's departures are
D(t) = C(t) + min over s <= t of (A(s) - C(s)) (Le Boudec and Thiran, Network Calculus, 2001, 1.3).
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Series = NDArray[np.float64]


class Outcome(Struct, frozen=True, kw_only=True):
    """What a disturbance did. Times in seconds, backlog in posts.

    `recovery` is from the disturbance's end until nothing comes late any more; None: not within the
    time that was simulated. `waiting` names the queue that was longest.
    """

    worst_lag: float
    recovery: float | None
    backlog: float
    waiting: str


def departures(arrivals: Series, capacity: Series) -> Series:
    """Posts that left a queue, by the end of each step.

    `arrivals` and `capacity` are posts that came and could be done in each step.

    >>> departures(np.array([10.0, 0, 0]), np.array([4.0, 4, 4]))
    array([ 4.,  8., 10.])
    """
    came, could = np.cumsum(arrivals), np.cumsum(capacity)
    spare = np.minimum.accumulate(np.minimum(came - could, 0.0))
    return np.asarray(could + spare, dtype=np.float64)


def lags(came: Series, left: Series, step: float) -> Series:
    """Seconds for which the oldest post that is still waiting has waited, at the end of each step.

    `came` and `left` are cumulative; posts leave in the order they came.

    >>> lags(np.array([10.0, 10, 10]), np.array([4.0, 8, 10]), 1.0)
    array([1., 2., 0.])
    """
    first_waiting = np.searchsorted(came, left + 1e-9 * came[-1], side="right")
    waited = np.arange(1, len(came) + 1) - first_waiting
    return np.asarray(step * np.maximum(waited, 0), dtype=np.float64)


def simulate(
    arrivals: Series,
    capacities: Sequence[tuple[str, Series]],
    *,
    step: float,
    ends: float,
) -> Outcome:
    """Posts through queues in a row; `ends` is when the disturbance is over, in seconds.

    A queue's work is in posts of its own; what it leaves arrives at the next in the same step.
    """
    came = np.cumsum(arrivals)
    flow, backlogs = arrivals, dict[str, float]()
    for name, capacity in capacities:
        left = departures(flow, capacity)
        backlogs[name] = float(np.max(np.cumsum(flow) - left))
        flow = np.diff(left, prepend=0.0)
    late = lags(came, np.cumsum(flow), step)
    longest = max(backlogs, key=lambda name: backlogs[name])
    behind = np.flatnonzero(late > step)
    return Outcome(
        worst_lag=float(late.max()),
        recovery=_recovery(behind, len(late), step=step, ends=ends),
        backlog=backlogs[longest],
        waiting=longest if backlogs[longest] > 0 else "",
    )


def _recovery(behind: NDArray[np.intp], steps: int, *, step: float, ends: float) -> float | None:
    if not len(behind):
        return 0.0
    last = int(behind[-1])
    return None if last == steps - 1 else max(0.0, (last + 1) * step - ends)


def scaled(steps: int, usual: float, *, factor: float, since: int, until: int) -> Series:
    """`usual` in each step, times `factor` in those from `since` to `until`.

    >>> scaled(4, 2.0, factor=0.5, since=1, until=3)
    array([2., 1., 1., 2.])
    """
    made = np.full(steps, usual, dtype=np.float64)
    made[since:until] *= factor
    return made
