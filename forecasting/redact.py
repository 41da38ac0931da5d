"""What is left of a told incident when posts in it are erased: the numbers, not the words."""

from collections.abc import Set as AbstractSet
from datetime import UTC, tzinfo
from typing import TypeVar

from msgspec.structs import replace

from forecasting.evidence import Example, Voice
from forecasting.phrases import Language
from forecasting.records import IncidentEvent
from forecasting.tell import told

Shown = TypeVar("Shown", Example, Voice)


def redacted(
    event: IncidentEvent, erased: AbstractSet[str], *, language: Language, zone: tzinfo = UTC
) -> IncidentEvent:
    """The event without the words, authors and links of the posts with these ids, told anew.

    Every count, the terms and hashtags (each from several authors) and the times stay. An event
    that shows none of the posts comes back as it is; redacting twice is redacting once.
    """
    was = event.evidence
    evidence = replace(
        was,
        examples=tuple(_bare(one, erased) for one in was.examples),
        first=_bare(was.first, erased) if was.first else None,
        clusters=tuple(replace(one, first=_bare(one.first, erased)) for one in was.clusters),
        loudest=tuple(_bare(one, erased) for one in was.loudest),
    )
    if evidence == was:
        return event
    return told(replace(event, evidence=evidence), language, zone)


def _bare(one: Shown, erased: AbstractSet[str]) -> Shown:
    if one.is_erased or one.post_id not in erased:
        return one
    # The reach of an author goes as well: with the time, it would tell who it was.
    bare = replace(one, post_id="", author="", followers=0, url="")
    return replace(bare, text="") if isinstance(bare, Example) else bare
