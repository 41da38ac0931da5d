"""What a time is about: terms that grew, sources, languages, clusters and authors."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from forecasting.drivers import Background, evidence
from forecasting.evidence import Cluster, Origin, Part, Term, Topic, Voice
from forecasting.growth import Hours
from forecasting.share import estimate_share
from forecasting.views import PostView
from infra.evidence import EVIDENCE_POSTS, earliest_posts, newest_posts
from infra.page.place import Place
from infra.page.shares import Interval, interval
from infra.share import read_share
from infra.share_labels import Span

HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)


class Authors(Struct, frozen=True, kw_only=True):
    """Who says it."""

    distinct: int
    loudest: tuple[Voice, ...]
    origin: Origin | None
    organic_share: float


class Selection(Struct, frozen=True, kw_only=True):
    """Of the posts of a span, against those of as long before. `read`: of so many posts."""

    brand: str
    since: datetime
    until: datetime
    read: int
    is_all: bool  # else the newest ones only
    share: Interval | None
    terms: tuple[Term, ...]
    hashtags: tuple[Term, ...]
    topics: tuple[Topic, ...]
    sources: tuple[Part, ...]
    languages: tuple[Part, ...]
    clusters: tuple[Cluster, ...]
    authors: Authors


def read_selection(
    place: Place, brand: str, *, since: datetime, until: datetime, negative: bool
) -> Selection:
    """Explain a span as an incident is explained. `negative`: its negative posts only.

    Raises StoreError.
    """
    store, length = place.store, until - since
    posts = newest_posts(store, brand, since=since, until=until, of_mood=negative)
    before = newest_posts(store, brand, since=since - length, until=since, of_mood=negative)
    found = evidence(
        posts,
        Background(
            before=before,
            earlier=earliest_posts(store, brand, since=since, until=until, of_mood=negative),
            names=place.words_of(brand),
            hours=Hours(_hours(posts, until, length), _hours(before, since, length)),
        ),
        of_mood=negative,
    )
    return Selection(
        brand=brand,
        since=since,
        until=until,
        read=len(posts),
        is_all=len(posts) < EVIDENCE_POSTS,
        share=_share(place, brand, since=since, until=until),
        terms=found.terms,
        hashtags=found.hashtags,
        topics=found.topics,
        sources=found.sources,
        languages=found.languages,
        clusters=found.clusters,
        authors=Authors(
            distinct=found.authors,
            loudest=found.loudest,
            origin=found.origin,
            organic_share=found.organic_share,
        ),
    )


def _hours(posts: Sequence[PostView], until: datetime, whole: timedelta) -> float:
    """How long the posts that were read took to come: the newest ones of many, or those of a feed
    that has just begun. Of few it says little, so that is an hour at least, if the span has one."""
    length = until - min((post.published_at for post in posts), default=until - whole)
    least = MINUTE if len(posts) >= EVIDENCE_POSTS else min(whole, HOUR)
    return max(length, least) / HOUR


def _share(place: Place, brand: str, *, since: datetime, until: datetime) -> Interval | None:
    read = read_share(place.store, Span(brand=brand, since=since, until=until))
    told = estimate_share(read.window, read.labels)
    return interval(told, read.window) if told else None
