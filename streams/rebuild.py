"""A refiner that knows what came before it: who said what first, and which posts were seen."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

from infra.author_key import author_key
from infra.backlog import backlog
from infra.series import KnownPost, recent_posts
from infra.settings import Settings
from processors.duplicates import Cluster, DuplicateClusters
from processors.language import LanguageDetector
from processors.match import BrandMatcher
from processors.records import CleanPost, ScoredPost
from processors.refine import Refiner, Remembered
from streams import topics
from streams.on_the_way import group_of
from streams.stage import Place
from streams.wire import decoder

REMEMBERED = 50_000
"""Posts whose near-duplicates are found; older ones are forgotten."""
AT_ONCE = 1_000
"""Posts taken in at once."""


def rebuilt_refiner(place: Place) -> Refiner:
    """A refiner for the configured brands with the newest posts in its memory.

    Those on their way to the database count too: what another process refined just before it died
    would else be a voice twice. Raises KafkaUnavailable, StoreError.
    """
    refiner = Refiner(
        LanguageDetector(),
        BrandMatcher([brand.watched for brand in place.settings.brands]),
        DuplicateClusters(limit=REMEMBERED),
        limit=REMEMBERED,
        author_key=author_key(place.settings),
    )
    # Posts move from clean to scored to the database: asked in this order, none slips through.
    clean = deque(_refined(place.settings), maxlen=REMEMBERED)
    scored = deque(_scored(place.settings), maxlen=REMEMBERED)
    _remember(refiner, recent_posts(place.store, limit=REMEMBERED))
    _remember(refiner, scored)
    _remember(refiner, clean)
    return refiner


def _remember(refiner: Refiner, posts: Iterable[KnownPost | CleanPost]) -> None:
    waiting = iter(posts)
    while some := list(islice(waiting, AT_ONCE)):
        refiner.remember([_remembered(post) for post in some])


def _remembered(post: KnownPost | CleanPost) -> Remembered:
    is_edit = isinstance(post, CleanPost) and post.edited_at is not None
    return Remembered(
        post_id=post.post_id,
        feed="" if is_edit else post.feed,
        position=post.position,
        key_text=post.key_text,
        cluster=Cluster(post.cluster_id, post.is_duplicate, post.first_said_by),
    )


def _refined(settings: Settings) -> Iterator[CleanPost]:
    decode = decoder(CleanPost).decode
    for value in _waiting(settings, topics.CLEAN, reader="score"):
        yield from decode(value)


def _scored(settings: Settings) -> Iterator[CleanPost]:
    decode = decoder(ScoredPost).decode
    for value in _waiting(settings, topics.SCORED, reader="store"):
        yield from (scored.post for scored in decode(value))


def _waiting(settings: Settings, topic: str, *, reader: str) -> Iterator[bytes]:
    return backlog(
        settings.kafka,
        group=group_of(reader, settings),
        topic=topic,
        partitions=settings.partitions,
        security=settings.kafka_security,
    )
