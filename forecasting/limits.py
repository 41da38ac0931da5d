"""From how many standard deviations on an incident opens: what a brand's sensitivity means.

A sensitivity is a number of false incidents to bear a brand and week. The limits below are what
brands without any event need for it, of simulated and of real volumes and of simulated moods:
`python -m benchmarks.calibrate` (make calibrate-detector) judges them and prints this table.
"""

import math
from typing import Final

from forecasting.chance import deviations
from forecasting.records import Limits, Policy, Sensitivity

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


def least_posts(share: float, sensitivity: Sensitivity, *, allowance: float, rho: float) -> int:
    """Fewest posts in a window that can open an incident, if every one of them is negative.

    It follows from the test: so many negatives have to be too many for chance where a share of
    `share` is usual and `rho` is how well that is known and how much it swings.

    >>> [least_posts(p, "balanced", allowance=0.5, rho=0.02) for p in (0.05, 0.2, 0.4)]
    [4, 6, 11]
    """
    needed = LIMITS[sensitivity].share + allowance
    voices = 1
    while deviations(voices, voices, share, rho) < needed:
        voices += 1
        if voices > 10_000:
            break
    return voices
