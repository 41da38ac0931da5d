"""The body of a webhook, version 1: the public contract, described by schemas/incident.v1.json."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from forecasting.evidence import Evidence, Example, Part, Term
from forecasting.records import IncidentChange, IncidentEvent, Moment

MAX_BYTES = 20_000

BodyType = Literal["incident.opened", "incident.updated", "incident.resolved"]


class IncidentData(Struct, frozen=True, kw_only=True):
    """A change of an incident: what to tell people, the numbers, and why."""

    event_id: Annotated[
        str, Meta(description="Equal to the header webhook-id. Same id, same event.")
    ]
    headline: Annotated[str, Meta(description="The message in one line.")]
    message: Annotated[str, Meta(description="The whole message for a person.")]
    simulated: Annotated[bool, Meta(description="True if made from simulated posts.")]
    incident: IncidentChange
    evidence: Evidence
    sentence: Annotated[str, Meta(description="What happened and why, in one sentence.")] = ""


class WebhookBody(Struct, frozen=True, kw_only=True):
    """One change of one incident. Those of an incident arrive in order of data.incident.number."""

    type: BodyType
    timestamp: Annotated[Moment, Meta(description="When the change happened, UTC.")]
    version: Annotated[Literal[1], Meta(description="Fields may be added within a version.")]
    data: IncidentData


def render(event: IncidentEvent) -> bytes:
    """JSON of at most MAX_BYTES, always the same for the same event.

    What is too long is shortened from the least needed on: the text of examples, then how many
    there are, then the other evidence, the message last. Who and how much is never cut.
    """
    body = b""
    for smaller in _ever_smaller(event):
        body = msgspec.json.encode(_body(smaller))
        if len(body) <= MAX_BYTES:
            break
    return body


def _body(event: IncidentEvent) -> WebhookBody:
    types: dict[str, BodyType] = {
        "opened": "incident.opened",
        "updated": "incident.updated",
        "resolved": "incident.resolved",
    }
    timestamp: datetime = event.change.at
    return WebhookBody(
        type=types[event.change.change],
        timestamp=timestamp,
        version=1,
        data=IncidentData(
            event_id=event.change.event_id,
            headline=event.headline,
            message=event.message,
            simulated=event.simulated,
            incident=event.change,
            evidence=event.evidence,
            sentence=event.sentence,
        ),
    )


def _ever_smaller(event: IncidentEvent) -> Iterator[IncidentEvent]:
    yield event
    for length in (1000, 500, 280, 140):
        yield _with_examples(event, length=length)
    for count in (10, 5, 3):
        yield _with_examples(event, length=140, count=count)
    few = replace(event.evidence, examples=(), first=None, clusters=(), loudest=())
    event = replace(event, evidence=few)
    yield event
    event = replace(event, evidence=_few_names(event.evidence))
    yield event
    yield replace(
        event,
        headline=_cut(event.headline, 200),
        message=_cut(event.message, 1000),
        sentence=_cut(event.sentence, 300),
    )


def _with_examples(event: IncidentEvent, *, length: int, count: int | None = None) -> IncidentEvent:
    def shorten(example: Example) -> Example:
        return replace(example, text=_cut(example.text, length))

    was = event.evidence
    evidence = replace(
        was,
        examples=tuple(shorten(example) for example in was.examples[:count]),
        first=shorten(was.first) if was.first else None,
        clusters=tuple(replace(one, first=shorten(one.first)) for one in was.clusters[:count]),
        loudest=was.loudest[:count],
    )
    return replace(event, evidence=evidence)


def _few_names(evidence: Evidence) -> Evidence:
    def few(parts: tuple[Part, ...]) -> tuple[Part, ...]:
        return tuple(replace(part, name=_cut(part.name, 40)) for part in parts[:5])

    def short(terms: tuple[Term, ...]) -> tuple[Term, ...]:
        return tuple(replace(term, text=_cut(term.text, 40)) for term in terms[:5])

    return replace(
        evidence,
        terms=short(evidence.terms),
        hashtags=short(evidence.hashtags),
        topics=tuple(
            replace(topic, terms=tuple(_cut(term, 40) for term in topic.terms[:4]))
            for topic in evidence.topics[:4]
        ),
        cluster_ids=evidence.cluster_ids[:20],
        sources=few(evidence.sources),
        languages=few(evidence.languages),
        only_source=_cut(evidence.only_source, 40),
        only_language=_cut(evidence.only_language, 40),
        linked=tuple(replace(link, brand=_cut(link.brand, 40)) for link in evidence.linked[:3]),
        feeds=tuple(replace(feed, name=_cut(feed.name, 40)) for feed in evidence.feeds[:5]),
    )


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
