"""Which sources a brand's posts come from, and what that makes of a bucket when some of them stall.

Weighted posts by brand and source: later posts weigh more, twice as much each day, so that no old
one has to be touched.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from forecasting.counted_by import FlowCount
from forecasting.flow import Flow, Mark
from forecasting.records import Quality

WHOLE: Final = 0.8  # of a brand's posts: without them nothing of it is seen
PART: Final = 0.2  # below, what is missing changes little
LEAST: Final = 0.001  # of a brand's posts: sources below it are forgotten
DAY: Final = timedelta(days=1)  # half-life of what share of a brand's posts a source has
RESCALED: Final = 100  # days after which weights begin anew

Shares = dict[str, dict[str, float]]


def weight_of(at: datetime, zero: datetime) -> float:
    """What a post of a bucket weighs where those of `zero` weigh 1."""
    weight: float = 2.0 ** ((at - zero) / DAY)
    return weight


def add(shares: Shares, one: FlowCount, weight: float) -> None:
    """Count posts to their source."""
    of_brand = shares.setdefault(one.brand, {})
    of_brand[one.source] = of_brand.get(one.source, 0.0) + weight * one.posts


def quality_of(shares: Mapping[str, float], marks: Mapping[str, Mark]) -> Quality | None:
    """Of a bucket of a brand with these sources, of which some do not simply flow."""
    total = sum(shares.values()) or 1.0
    parts: dict[Mark, float] = defaultdict(float)
    for source, mark in marks.items():
        parts[mark] += shares.get(source, 0.0) / total
    if parts["stalls"] >= PART:
        return "gap" if parts["stalls"] >= WHOLE else "partial"
    if parts["catches up"] >= PART:
        return "catch_up"
    # Without any other source nothing is counted otherwise: it is only over for a while.
    others = 1 - parts["stalls"] - parts["gone"]
    return "changed" if parts["gone"] >= PART and others >= PART else None


def begin_anew(brands: Collection[str], flows: dict[str, Flow], shares: Shares) -> None:
    """Forget how much is usual of sources that these brands had a good part of: a query that finds
    less must not look like a source that sends less."""
    if not brands:
        return
    whole: dict[str, float] = defaultdict(float)
    theirs: dict[str, float] = defaultdict(float)
    for brand, of_brand in shares.items():
        for source, share in of_brand.items():
            whole[source] += share
            theirs[source] += share if brand in brands else 0.0
    for source, share in theirs.items():
        if share >= PART * whole[source]:
            flows.pop(source, None)
    for brand in brands:
        shares.pop(brand, None)


def without_small(shares: Mapping[str, float]) -> dict[str, float]:
    """A brand's sources but for those that have become few of its posts."""
    least = LEAST * sum(shares.values())
    return {source: share for source, share in shares.items() if share >= least}


def rescaled(shares: Shares, zero: datetime, at: datetime) -> tuple[Shares, datetime]:
    """The same with weights that begin at 1 again, before they grow too large for a float."""
    days = (at - zero) // DAY
    if days < RESCALED:
        return shares, zero
    scale = 2.0 ** -min(days, 1_000)  # exact: only the exponent changes
    kept = {
        brand: {source: share * scale for source, share in some.items()}
        for brand, some in shares.items()
    }
    return kept, zero + days * DAY
