"""Simulated posts as the stages meet them: raw bytes, brands, a refiner, rows to store."""

from datetime import UTC, datetime

import msgspec

from benchmarks.constant import ANSWER
from benchmarks.line import FEED, SEED, plan_of
from processors.duplicates import DuplicateClusters
from processors.language import LanguageDetector
from processors.match import BrandMatcher, WatchedBrand
from processors.records import CleanPost, RawPost, ScoredPost
from processors.refine import Refiner
from processors.simulate import simulate
from processors.simulate_plan import SIMULATED_BRANDS
from processors.store import Item

ARRAY = 100
ARRIVED = datetime(2026, 1, 6, tzinfo=UTC)
_ENCODE = msgspec.json.encode


def raw_posts(posts: int, *, reposts: float = 0.0) -> list[RawPost]:
    """As a feed gives them, with their receipts."""
    items = (one.item for one in simulate(plan_of(posts, reposts=reposts), seed=SEED, feed=FEED))
    return [
        msgspec.structs.replace(item, feed=FEED, position=position, received_at=ARRIVED)
        for position, item in enumerate(items)
        if isinstance(item, RawPost)
    ]


def messages(posts: list[RawPost]) -> list[bytes]:
    """Arrays of ARRAY."""
    return [_ENCODE(posts[start : start + ARRAY]) for start in range(0, len(posts), ARRAY)]


def refiner(*, brands: int = 0, limit: int = 50_000) -> Refiner:
    """One that knows the simulated brands, made-up ones until there are `brands`, and no post."""
    watched = [WatchedBrand(brand.name, brand.aliases) for brand in SIMULATED_BRANDS]
    more = max(0, brands - len(watched))
    watched += [WatchedBrand(f"Quvo{number}", (f"quvo {number} inc",)) for number in range(more)]
    return Refiner(
        LanguageDetector(), BrandMatcher(watched), DuplicateClusters(limit=limit), limit=limit
    )


def items(posts: list[RawPost]) -> list[Item]:
    """What the store stage gets of them."""
    refine = refiner().refine
    return [scored(refine(post, ARRIVED)) for post in posts]


def scored(outcome: Item | CleanPost) -> Item:
    """A clean post with the constant score; drops as they are."""
    if isinstance(outcome, CleanPost):
        return ScoredPost(post=outcome, sentiment=ANSWER, scored_at=ARRIVED)
    return outcome
