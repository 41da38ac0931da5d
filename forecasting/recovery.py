"""When the share of a surge is normal again: a CUSUM of the log odds, bucket by bucket."""

import math
from typing import Final

from msgspec.structs import replace

from forecasting.life import OpenIncident
from forecasting.opinion import BUCKET_RHO, LEAST_SHARE
from forecasting.records import Bucket, Verdict

# Odds of 50 to 1 that the share is nearer to normal than half-way to the surge's.
RETURNED: Final = math.log(50)
LEAST_RISE: Final = 0.04  # of a share, that the way back is at least thought to be


def has_returned(one: OpenIncident, verdict: Verdict) -> bool:
    """Whether an incident of mood is over."""
    return one.returned >= RETURNED and verdict.share <= verdict.share_upper


def returning(one: OpenIncident, bucket: Bucket, verdict: Verdict) -> OpenIncident:
    """Add what the bucket says for the share being normal again.

    Against it stands the share half-way from normal to the surge's. A bucket of many posts that
    resemble each other counts as fewer. No posts say nothing: a feed that is out ends no incident.
    """
    peak = max(one.peak_share, verdict.share)
    if not bucket.voices:
        return replace(one, peak_share=peak)
    normal = min(max(verdict.share_expected, LEAST_SHARE), 1 - LEAST_SHARE)
    high = min(normal + max(peak - normal, LEAST_RISE) / 2, 1 - LEAST_SHARE / 2)
    others = bucket.voices - bucket.negative_voices
    odds = bucket.negative_voices * math.log(normal / high)
    odds += others * math.log((1 - normal) / (1 - high))
    odds /= 1 + (bucket.voices - 1) * BUCKET_RHO
    return replace(one, peak_share=peak, returned=max(one.returned + odds, 0.0))
