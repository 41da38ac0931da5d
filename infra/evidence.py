"""What evidence is made of, read from ClickHouse. All of it raises StoreError."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from forecasting.evidence import FeedWord, Stamps, Story
from forecasting.views import PostView
from infra.sql import load
from infra.store import Param, Row, Store
from infra.times import to_ms

EVIDENCE_POSTS = 2_000
"""Posts read at once to explain a change; more would not change the shares."""


def newest_posts(
    store: Store, brand: str, *, since: datetime, until: datetime, of_mood: bool
) -> list[PostView]:
    """Posts about `brand` in the span, newest first, at most EVIDENCE_POSTS.

    `of_mood`: negative ones only.
    """
    span = _span(brand, since, until, of_mood)
    return _views(store.query(load("evidence_posts"), {**span, "limit": EVIDENCE_POSTS}))


def earliest_posts(
    store: Store, brand: str, *, since: datetime, until: datetime, of_mood: bool
) -> list[PostView]:
    """The same, oldest first: where a story began."""
    span = _span(brand, since, until, of_mood)
    return _views(store.query(load("earlier_posts"), {**span, "limit": EVIDENCE_POSTS}))


def newest_stamps(
    store: Store, brand: str, *, until: datetime, fired: datetime, of_mood: bool
) -> Stamps | None:
    """The five times of the newest post in the day before `until`, None without one."""
    span = _span(brand, until - timedelta(days=1), until, of_mood)
    rows = store.query(load("newest_stamps"), span)
    if not rows:
        return None
    published, received, scored, stored = rows[0]
    return Stamps(published=published, received=received, scored=scored, stored=stored, fired=fired)


def other_stories(store: Store, brand: str, *, since: datetime, until: datetime) -> list[Story]:
    """The stories of other brands' incidents as they were told in the span, both ends included."""
    span: dict[str, Param] = {"brand": brand, "since": to_ms(since), "until": to_ms(until)}
    return [
        Story(
            incident_id=incident_id,
            brand=of_brand,
            cluster_ids=tuple(cluster_ids),
            terms=tuple(terms),
            first=first,
        )
        for incident_id, of_brand, cluster_ids, terms, first in store.query(
            load("other_stories"), span
        )
    ]


def feed_words(store: Store) -> tuple[FeedWord, ...]:
    """What each feed said last of how far it has come, by name."""
    return tuple(
        FeedWord(name=name, state=state, clock=clock)
        for name, state, clock in store.query(load("feed_words"))
    )


def _span(brand: str, since: datetime, until: datetime, of_mood: bool) -> dict[str, Param]:
    return {
        "brand": brand,
        "since": to_ms(since),
        "until": to_ms(until),
        "all": 0 if of_mood else 1,
    }


def _views(rows: Iterable[Row]) -> list[PostView]:
    return [
        PostView(
            post_id=row[0],
            author=row[1],
            followers=row[2],
            url=row[3],
            text=row[4],
            key_text=row[5],
            source=row[6],
            lang=row[7],
            published_at=row[8],
            p_negative=row[9],
            is_repost=bool(row[10]),
            is_duplicate=bool(row[11]),
            cluster_id=row[12],
            is_spam=bool(row[13]),
        )
        for row in rows
    ]
