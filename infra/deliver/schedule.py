"""When to try again: the schedule of the Standard Webhooks specification, with jitter.

Source: standardwebhooks.com, "Deliverability and reliability".
"""

from datetime import datetime, timedelta
from random import Random

DELAYS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Before each attempt, counted from the end of the one before: ten attempts over 76 hours."""

JITTER = 0.1
"""A wait grows by up to this share, so that what failed together does not return together."""


def next_attempt(
    attempts: int,
    failed_at: datetime,
    *,
    random: Random,
    at_least: timedelta = timedelta(0),
) -> datetime | None:
    """When to try again after `attempts` (1 or more) attempts, the last failed at `failed_at`.

    None: give up. The wait is never below `at_least`, what the receiver asked for.

        >>> from datetime import UTC
        >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
        >>> 5 <= (next_attempt(1, noon, random=Random(1)) - noon).total_seconds() <= 5.5
        True
        >>> next_attempt(10, noon, random=Random(1)) is None
        True
    """
    if attempts < 1:
        raise ValueError("attempts counts those made: 1 or more")
    if attempts >= len(DELAYS):
        return None
    wait = max(DELAYS[attempts], at_least)
    return failed_at + wait * random.uniform(1.0, 1.0 + JITTER)
