"""What is left of a told incident when posts in it are erased: the numbers, not the words."""

from collections.abc import Set as AbstractSet
from datetime import UTC, tzinfo

from msgspec.structs import replace

from forecasting.records import Example, IncidentEvent
from forecasting.tell import Language, headline, message


def redacted(
    event: IncidentEvent, erased: AbstractSet[str], *, language: Language, zone: tzinfo = UTC
) -> IncidentEvent:
    """The event without the words, authors and links of the posts with these ids, told anew.

    Every count, the terms (each from several posts) and the times stay. An event that shows none
    of the posts comes back as it is; redacting twice is redacting once.
    """
    was = event.evidence
    shown = [*was.examples, *([was.first] if was.first else [])]
    if not any(_is_among(example, erased) for example in shown):
        return event
    evidence = replace(
        was,
        examples=tuple(_without_words(example, erased) for example in was.examples),
        first=_without_words(was.first, erased) if was.first else None,
    )
    bare = replace(event, evidence=evidence)
    return replace(
        bare, headline=headline(bare, language, zone), message=message(bare, language, zone)
    )


def _is_among(example: Example, erased: AbstractSet[str]) -> bool:
    return not example.is_erased and example.post_id in erased


def _without_words(example: Example, erased: AbstractSet[str]) -> Example:
    if not _is_among(example, erased):
        return example
    # The reach of an author goes as well: with the time, it would tell who it was.
    return replace(example, post_id="", author="", followers=0, url="", text="")
