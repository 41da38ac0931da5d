"""A refiner that knows what is already stored: who said what first, and which posts were seen."""

from infra.author_key import author_key
from infra.series import recent_posts
from processors.duplicates import Cluster, DuplicateClusters
from processors.language import LanguageDetector
from processors.match import BrandMatcher, WatchedBrand
from processors.refine import Refiner
from streams.stage import Place

REMEMBERED = 50_000
"""Posts whose near-duplicates are found; older ones are forgotten."""


def rebuilt_refiner(place: Place) -> Refiner:
    """A refiner for the configured brands, with the newest stored posts in its memory."""
    brands = [
        WatchedBrand(name=brand.name, aliases=(brand.name, *brand.aliases))
        for brand in place.settings.brands
    ]
    refiner = Refiner(
        LanguageDetector(),
        BrandMatcher(brands),
        DuplicateClusters(limit=REMEMBERED),
        limit=REMEMBERED,
        author_key=author_key(place.settings),
    )
    for post in recent_posts(place.store, limit=REMEMBERED):
        refiner.remember(
            post_id=post.post_id,
            feed=post.feed,
            position=post.position,
            key_text=post.key_text,
            cluster=Cluster(post.cluster_id, post.is_duplicate),
        )
    return refiner
