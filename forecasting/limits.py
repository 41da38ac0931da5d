"""From how many standard deviations on an incident opens: what a brand's sensitivity means.

A sensitivity is a number of false incidents to bear a brand and week. The limits below are what
brands without any event need for it, of simulated and of real volumes and of simulated moods:
`python -m benchmarks.calibrate` (make calibrate-detector) judges them and prints this table.
"""

import math
from typing import Final

from forecasting.chance import added_up, deviations
from forecasting.records import Limits, Policy, Sensitivity
from forecasting.signals import ALLOWANCES

MOST_POSTS: Final = 10_000
LIMITS: Final[dict[Sensitivity, Limits]] = {
    "calm": Limits(false_a_week=0.05, share=3.55, burst=1.8, fall=4.05),
    "balanced": Limits(false_a_week=0.2, share=3.15, burst=1.5, fall=3.55),
    "keen": Limits(false_a_week=1.0, share=2.7, burst=1.2, fall=2.75),
}


def limits_of(policy: Policy) -> Limits:
    """The limits a brand is judged by: its sensitivity's, for `factor` times as many false ones.

    Between two sensitivities, and beyond the outer ones, a limit is a straight line over the
    logarithm of the rate, as tails of a normal nearly are.

    >>> limits_of(Policy(sensitivity="calm", factor=4.0)) == limits_of(Policy())
    True
    """
    if policy.limits is not None:
        return policy.limits
    if policy.factor == 1.0:
        return LIMITS[policy.sensitivity]
    rate = LIMITS[policy.sensitivity].false_a_week * policy.factor
    calm, balanced, keen = (LIMITS[name] for name in ("calm", "balanced", "keen"))
    low, high = (calm, balanced) if rate <= balanced.false_a_week else (balanced, keen)
    part = math.log(rate / low.false_a_week) / math.log(high.false_a_week / low.false_a_week)
    return Limits(
        false_a_week=rate,
        share=low.share + part * (high.share - low.share),
        burst=low.burst + part * (high.burst - low.burst),
        fall=low.fall + part * (high.fall - low.fall),
    )


def least_posts(share: float, sensitivity: Sensitivity, *, rho: float) -> int:
    """Fewest posts of half an hour that can open an incident, if every one of them is negative.

    It follows from the test: so many negatives, which all windows hold when nobody else speaks,
    have to be too many for chance where a share of `share` is usual and `rho` is how well that is
    known and how much it swings.

    >>> [least_posts(p, "balanced", rho=0.02) for p in (0.05, 0.2, 0.4)]
    [3, 4, 7]
    """
    voices = 1
    while voices < MOST_POSTS:
        off = deviations(voices, voices, share, rho)
        if added_up([off - allowance for allowance in ALLOWANCES]) >= LIMITS[sensitivity].share:
            break
        voices += 1
    return voices
