"""Changes of incidents with their evidence and their words."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from forecasting.drivers import Background, evidence
from forecasting.evidence import Evidence, Story
from forecasting.growth import Hours
from forecasting.linked import linked
from forecasting.records import IncidentChange, IncidentEvent
from forecasting.share import estimate_share
from forecasting.share_records import ShareEstimate
from forecasting.tell import told
from forecasting.views import PostView
from infra.brands import Brand
from infra.evidence import (
    EVIDENCE_POSTS,
    earliest_posts,
    feed_words,
    newest_posts,
    newest_stamps,
    other_stories,
)
from infra.series import counts
from infra.share import read_share
from infra.share_labels import Span
from infra.store import Store
from streams.stage import Place

HOUR = timedelta(hours=1)
BASELINE = timedelta(days=1)
LEAD = timedelta(hours=1)
"""How long before a surge is said to have begun its first post is looked for."""
SAME_TIME = timedelta(days=1)
"""How long ago another brand's incident may have last changed to be the same story."""
OF_MOOD: Final = {"negative_surge", "mood_shift"}
"""Kinds of incident that are about negative posts; the others are about all."""


def explain(
    place: Place, changes: Sequence[IncidentChange], fired: datetime
) -> list[IncidentEvent]:
    """Why each happened and who says it, and which of other brands tell the same story.

    What a change is linked to was told at its time or before, in the database or among `changes`:
    a watcher that judges a span again finds the same.
    """
    found = [_evidence(place, change, fired) for change in changes]
    stories = [_story(change, one) for change, one in zip(changes, found, strict=True)]
    events = []
    for change, one in zip(changes, found, strict=True):
        since = change.at - SAME_TIME
        beside = [
            story
            for other, story in zip(changes, stories, strict=True)
            if other.brand != change.brand
            and since <= other.at <= change.at
            and other.change != "resolved"
        ]
        known = other_stories(place.store, change.brand, since=since, until=change.at)
        event = IncidentEvent(
            change=change,
            evidence=replace(one, linked=linked(one, [*known, *beside])),
            simulated=place.settings.simulated,
        )
        brand = _brand(place, change)
        language = brand.language if brand else "en"
        events.append(told(event, language, ZoneInfo(brand.timezone) if brand else UTC))
    return events


def _evidence(place: Place, change: IncidentChange, fired: datetime) -> Evidence:
    """From the posts of the last hour against those of the day before the surge.

    Where a longer window showed it, from the posts of that: in the last hour may be few.
    """
    store, of_mood = place.store, change.kind in OF_MOOD
    if change.kind == "silence":
        return _of_silence(store, change)
    start = change.at - max(HOUR, timedelta(minutes=change.minutes))
    begun = min(change.since, start)

    def read(since: datetime, until: datetime) -> list[PostView]:
        return newest_posts(store, change.brand, since=since, until=until, of_mood=of_mood)

    surge = read(start, change.at)
    before = read(begun - BASELINE, begun)
    brand = _brand(place, change)
    found = evidence(
        surge,
        Background(
            before=before,
            earlier=earliest_posts(
                store, change.brand, since=begun - LEAD, until=change.at, of_mood=of_mood
            ),
            names=(change.brand, *(brand.aliases if brand else ())),
            hours=Hours(_hours(surge, change.at), _hours(before, begun)),
        ),
        of_mood=of_mood,
        stamps=newest_stamps(store, change.brand, until=change.at, fired=fired, of_mood=of_mood),
    )
    return replace(found, share=_share(store, change) if of_mood else None)


def _share(store: Store, change: IncidentChange) -> ShareEstimate | None:
    """How much of what was said in the last hour is negative, with what the model may be off."""
    read = read_share(store, Span(brand=change.brand, since=change.at - HOUR, until=change.at))
    return estimate_share(read.window, read.labels)


def _of_silence(store: Store, change: IncidentChange) -> Evidence:
    """Nobody says anything: what the feeds say of themselves, and others of other brands."""
    window = max(HOUR, timedelta(minutes=change.minutes))
    found = counts(store, since=change.at - window, until=change.at)
    return replace(
        evidence((), Background()),
        feeds=feed_words(store),
        elsewhere=sum(
            bucket.volume
            for brand, buckets in found.items()
            if brand != change.brand
            for bucket in buckets.values()
        ),
    )


def _story(change: IncidentChange, found: Evidence) -> Story:
    return Story(
        incident_id=change.incident_id,
        brand=change.brand,
        cluster_ids=found.cluster_ids,
        terms=tuple(term.text for term in found.terms),
        first=found.first.post_id if found.first else "",
    )


def _hours(posts: Sequence[PostView], until: datetime) -> float:
    """How long a time they are from: the earliest tells, as a feed may have just begun.

    Of few posts it says little, so that is an hour at least, unless there are more than are read.
    """
    length = until - min((post.published_at for post in posts), default=until)
    least = timedelta(minutes=1) if len(posts) >= EVIDENCE_POSTS else HOUR
    return max(length, least) / HOUR


def _brand(place: Place, change: IncidentChange) -> Brand | None:
    return next((b for b in place.settings.brands if b.name == change.brand), None)
