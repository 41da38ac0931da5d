"""The body of a webhook, version 1: the public contract, described by schemas/incident.v1.json."""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from forecasting.evidence import Evidence, Example, Part, Term
from forecasting.records import IncidentChange, Moment
from infra.channels import text
from infra.channels.fit import cut
from infra.channels.tone import is_open
from infra.deliver.records import Entry, Kind, Letter

MAX_BYTES = 20_000

OBJECTIVE = 60.0
"""Seconds from a post's publication to the change it causes, that are to be kept."""

BodyType = Literal["incident.opened", "incident.updated", "incident.resolved", "incident.escalated"]
TYPES: dict[Kind, BodyType] = {
    "opened": "incident.opened",
    "updated": "incident.updated",
    "resolved": "incident.resolved",
    "escalated": "incident.escalated",
    "acknowledged": "incident.updated",
    "repeated": "incident.updated",
    "test": "incident.opened",
}


class Latency(Struct, frozen=True, kw_only=True):
    """How soon the change was noticed; data.evidence.stamps has the five times."""

    seconds: Annotated[float, Meta(description="From the newest post's publication to the change.")]
    objective_seconds: Annotated[float, Meta(description="What was wanted.")]
    met: Annotated[bool, Meta(description="Whether it was as soon as that.")]


class Step(Struct, frozen=True, kw_only=True):
    """A figure as it was told last, and as it is now."""

    before: float
    now: float


class Changed(Struct, frozen=True, kw_only=True):
    """What is different from the message before."""

    since: Annotated[Moment, Meta(description="When the change happened that was told last.")]
    severity: Step
    observed: Step
    share: Step
    sentence: Annotated[str, Meta(description="The same in one sentence.")]


class IncidentData(Struct, frozen=True, kw_only=True):
    """A change of an incident: what to tell people, the numbers, and why."""

    event_id: Annotated[
        str, Meta(description="Equal to the header webhook-id. Same id, same event.")
    ]
    headline: Annotated[str, Meta(description="The message in one line.")]
    message: Annotated[str, Meta(description="The whole message for a person.")]
    simulated: Annotated[bool, Meta(description="True if made from simulated posts, or a test.")]
    incident: IncidentChange
    evidence: Evidence
    sentence: Annotated[str, Meta(description="What happened and why, in one sentence.")] = ""
    notice: Annotated[Kind, Meta(description="Why this is sent: the type, more finely.")] = "opened"
    status: Annotated[Literal["open", "resolved"], Meta(description="Whether it goes on.")] = "open"
    test: Annotated[bool, Meta(description="True if nothing happened: a person tries it.")] = False
    link: Annotated[str, Meta(description="The incident's page; empty if there is none.")] = ""
    latency: Annotated[Latency | None, Meta(description="Null where no post is behind it.")] = None
    changed: Annotated[Changed | None, Meta(description="Null in the first message.")] = None
    acknowledged_by: Annotated[str, Meta(description="Who takes care of it; may be empty.")] = ""


class WebhookBody(Struct, frozen=True, kw_only=True):
    """One change of one incident. Those of an incident arrive in order of data.incident.number."""

    type: BodyType
    timestamp: Annotated[Moment, Meta(description="When the change happened, UTC.")]
    version: Annotated[Literal[1], Meta(description="Fields may be added within a version.")]
    data: IncidentData


def render(letter: Letter, *, objective_seconds: float = OBJECTIVE) -> bytes:
    """JSON of at most MAX_BYTES, always the same for the same letter of one incident.

    What is too long is shortened from the least needed on: the text of examples, then how many
    there are, then the other evidence, the message last. Who and how much is never cut.
    """
    (entry,) = letter.entries
    whole = WebhookBody(
        type=TYPES[entry.kind],
        timestamp=entry.event.change.at,
        version=1,
        data=_data(letter, entry, objective_seconds),
    )
    body = b""
    for smaller in _ever_smaller(whole.data):
        body = msgspec.json.encode(replace(whole, data=smaller))
        if len(body) <= MAX_BYTES:
            break
    return body


def _data(letter: Letter, entry: Entry, objective_seconds: float) -> IncidentData:
    event = entry.event
    return IncidentData(
        event_id=letter.notice_id,
        headline=text.title(letter),
        message=text.message(letter),
        simulated=event.simulated or entry.kind == "test",
        incident=event.change,
        evidence=event.evidence,
        sentence=event.sentence,
        notice=entry.kind,
        status="open" if is_open(entry) else "resolved",
        test=entry.kind == "test",
        link=entry.link,
        latency=_latency(event.evidence, objective_seconds),
        changed=_changed(letter, entry),
        acknowledged_by=cut(entry.by, 80),
    )


def _latency(found: Evidence, objective_seconds: float) -> Latency | None:
    if found.stamps is None:
        return None
    seconds = (found.stamps.fired - found.stamps.published).total_seconds()
    return Latency(
        seconds=seconds, objective_seconds=objective_seconds, met=seconds <= objective_seconds
    )


def _changed(letter: Letter, entry: Entry) -> Changed | None:
    told, change = entry.told, entry.event.change
    if told is None:
        return None
    return Changed(
        since=told.at,
        severity=Step(before=told.severity, now=change.severity),
        observed=Step(before=told.observed, now=change.observed),
        share=Step(before=told.share, now=change.share),
        sentence=text.difference(letter),
    )


def _ever_smaller(data: IncidentData) -> Iterator[IncidentData]:
    yield data
    for length in (1000, 500, 280, 140):
        yield _with_examples(data, length=length)
    for count in (10, 5, 3):
        yield _with_examples(data, length=140, count=count)
    few = replace(data.evidence, examples=(), first=None, clusters=(), loudest=())
    data = replace(data, evidence=few)
    yield data
    data = replace(data, evidence=_few_names(data.evidence))
    yield data
    yield replace(
        data,
        headline=cut(data.headline, 200),
        message=cut(data.message, 1000),
        sentence=cut(data.sentence, 300),
    )
    yield replace(
        data,
        headline=cut(data.headline, 200),
        message=cut(data.message, 500),
        sentence="",
        evidence=_numbers(data.evidence),
    )


def _with_examples(data: IncidentData, *, length: int, count: int | None = None) -> IncidentData:
    def shorten(example: Example) -> Example:
        return replace(example, text=cut(example.text, length))

    was = data.evidence
    evidence = replace(
        was,
        examples=tuple(shorten(example) for example in was.examples[:count]),
        first=shorten(was.first) if was.first else None,
        clusters=tuple(replace(one, first=shorten(one.first)) for one in was.clusters[:count]),
        loudest=was.loudest[:count],
    )
    return replace(data, evidence=evidence)


def _numbers(evidence: Evidence) -> Evidence:
    """Without anything that somebody wrote: the last resort against texts of escapes alone."""
    return replace(
        evidence,
        terms=(),
        hashtags=(),
        topics=(),
        linked=(),
        feeds=(),
        sources=(),
        languages=(),
        only_source="",
        only_language="",
    )


def _few_names(evidence: Evidence) -> Evidence:
    def few(parts: tuple[Part, ...]) -> tuple[Part, ...]:
        return tuple(replace(part, name=cut(part.name, 40)) for part in parts[:5])

    def short(terms: tuple[Term, ...]) -> tuple[Term, ...]:
        return tuple(replace(term, text=cut(term.text, 40)) for term in terms[:5])

    return replace(
        evidence,
        terms=short(evidence.terms),
        hashtags=short(evidence.hashtags),
        topics=tuple(
            replace(topic, terms=tuple(cut(term, 40) for term in topic.terms[:4]))
            for topic in evidence.topics[:4]
        ),
        cluster_ids=evidence.cluster_ids[:20],
        sources=few(evidence.sources),
        languages=few(evidence.languages),
        only_source=cut(evidence.only_source, 40),
        only_language=cut(evidence.only_language, 40),
        linked=tuple(replace(link, brand=cut(link.brand, 40)) for link in evidence.linked[:3]),
        feeds=tuple(
            replace(feed, name=cut(feed.name, 40), state=cut(feed.state, 40))
            for feed in evidence.feeds[:5]
        ),
    )
