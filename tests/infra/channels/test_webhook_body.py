"""The body of a webhook: the public contract."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from forecasting.evidence import Cluster, FeedWord, Link, Part, Stamps, Term, Topic, Voice
from forecasting.records import IncidentEvent
from infra.channels.webhook_body import MAX_BYTES, render
from infra.channels.webhook_schema import PATH, schema
from infra.deliver.records import Letter

CURRENT = jsonschema.Draft202012Validator(json.loads(PATH.read_bytes()))
FIRST = Path(__file__).parent / "schemas" / "incident.v1.first.json"
NOW = datetime(2026, 3, 1, 23, tzinfo=UTC)
MakeEvent = Callable[..., IncidentEvent]
MakeLetter = Callable[..., Letter]


def body_of(letter: Letter, **options: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(render(letter, **options))
    return body


def test_a_body_says_what_happened_in_version_1(
    make_event: MakeEvent, make_letter: MakeLetter
) -> None:
    body = body_of(make_letter(make_event(number=2, change="resolved")))
    assert body["type"] == "incident.resolved"
    assert body["version"] == 1
    assert body["timestamp"] == "2026-03-01T23:05:00Z"
    assert body["data"]["event_id"] == "northwind.1.2"
    assert body["data"]["incident"]["observed"] == 214
    assert body["data"]["evidence"]["examples"][0]["author"] == "kai_r"
    assert body["data"]["headline"].startswith("Northwind")


def test_the_schema_on_disk_is_current() -> None:
    assert PATH.read_bytes() == schema(), "run python -m infra.channels.webhook_schema"


@pytest.mark.parametrize("change", ["opened", "updated", "resolved"])
def test_a_body_fits_the_schema(
    make_event: MakeEvent, make_letter: MakeLetter, change: str
) -> None:
    jsonschema.validate(
        body_of(make_letter(make_event(change=change))), json.loads(PATH.read_bytes())
    )


def test_a_body_without_the_newer_fields_still_fits(
    make_event: MakeEvent, make_letter: MakeLetter
) -> None:
    """Receivers that check against a newer schema get what an earlier program stored."""
    body = body_of(make_letter())
    for name in (
        "posts",
        "hashtags",
        "topics",
        "clusters",
        "cluster_ids",
        "loudest",
        "origin",
        "only_source",
        "only_language",
        "linked",
        "feeds",
        "elsewhere",
    ):
        del body["data"]["evidence"][name]
    newer = "sentence notice status test link latency changed acknowledged_by"
    for name in newer.split():
        del body["data"][name]
    jsonschema.validate(body, json.loads(PATH.read_bytes()))


def test_the_schema_refuses_what_is_no_body(make_event: MakeEvent, make_letter: MakeLetter) -> None:
    body = body_of(make_letter())
    body["data"]["incident"]["severity"] = "high"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(body, json.loads(PATH.read_bytes()))


def test_long_examples_are_shortened_first(make_event: MakeEvent, make_letter: MakeLetter) -> None:
    event = make_event()
    long = replace(event.evidence.examples[0], text="电池起火" * 1000)
    event = replace(event, evidence=replace(event.evidence, examples=(long,) * 20))
    letter = make_letter(event)
    body = body_of(letter)
    assert len(render(letter)) <= MAX_BYTES
    assert len(body["data"]["evidence"]["examples"]) == 20
    assert body["data"]["evidence"]["examples"][0]["text"].endswith("…")
    assert body["data"]["message"] == f"{event.headline}\n{event.message}"
    assert body["data"]["evidence"]["terms"][0]["text"] == "battery fire"


words = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=1000),
    st.sampled_from(["\x01" * 600, "🔥" * 600, "\\" * 600, "火" * 600]),  # long as JSON
)


@settings(max_examples=40, deadline=None)
@given(
    text=words,
    brand=words.map(lambda text: text[:256] or "b"),
    copies=st.integers(0, 40),
    message=words,
)
def test_any_event_fits_and_is_rendered_the_same_each_time(
    make_event: MakeEvent, make_letter: MakeLetter, text: str, brand: str, copies: int, message: str
) -> None:
    event = make_event()
    example = replace(event.evidence.examples[0], text=text, url=text, author=text)
    voice = Voice(post_id=text, author=text, followers=1, url=text, published_at=NOW, posts=copies)
    evidence = replace(
        event.evidence,
        examples=(example,) * copies,
        first=example,
        clusters=(Cluster(cluster_id="7", count=9, authors=9, sources=1, first=example),) * copies,
        loudest=(voice,) * copies,
        hashtags=(Term(text=text, share=0.5, share_before=0.1),) * copies,
        topics=(Topic(terms=(text,) * copies, count=9, share=0.5),) * copies,
        linked=(Link(incident_id="inc_2", brand=text[:256] or "b", by="texts", shared=1),) * copies,
        feeds=(FeedWord(name=text, state=text, clock=NOW),) * copies,
        only_source=text,
        terms=(Term(text=text, share=0.5, share_before=0.1),) * copies,
        sources=(Part(name=text, count=1),) * copies,
    )
    change = replace(event.change, brand=brand, incident_id=f"{brand}.1")
    event = replace(event, change=change, evidence=evidence, message=message * 20, headline=text)
    kind = "escalated" if copies % 2 else "updated"
    letter = make_letter(event, kind=kind, told=change, by=text, link="https://g/" + "i" * copies)
    body = render(letter)
    assert len(body) <= MAX_BYTES
    assert body == render(letter)
    CURRENT.validate(json.loads(body))
    assert json.loads(body)["data"]["incident"]["brand"] == brand


# ---- what delivery adds


@pytest.mark.parametrize(
    ("kind", "type_", "status"),
    [
        ("opened", "incident.opened", "open"),
        ("updated", "incident.updated", "open"),
        ("repeated", "incident.updated", "open"),
        ("escalated", "incident.escalated", "open"),
        ("resolved", "incident.resolved", "resolved"),
        ("test", "incident.opened", "open"),  # and `test` says what it is
    ],
)
def test_the_type_says_what_happened_and_the_notice_why_it_is_told(
    make_letter: MakeLetter, kind: str, type_: str, status: str
) -> None:
    body = body_of(make_letter(kind=kind))
    assert body["type"] == type_
    assert (body["data"]["notice"], body["data"]["status"]) == (kind, status)
    assert body["data"]["test"] == body["data"]["simulated"] == (kind == "test")


def test_the_id_is_that_of_the_header(make_letter: MakeLetter) -> None:
    letter = replace(make_letter(kind="escalated"), notice_id="northwind.1.1.escalated.1")
    assert body_of(letter)["data"]["event_id"] == "northwind.1.1.escalated.1"


def test_the_latency_is_from_publication_to_the_change_against_the_objective(
    make_event: MakeEvent, make_letter: MakeLetter
) -> None:
    event = make_event()
    assert body_of(make_letter(event))["data"]["latency"] is None
    later = [NOW + timedelta(seconds=seconds) for seconds in (0, 1, 2, 3, 45)]
    stamps = Stamps(
        published=later[0], received=later[1], scored=later[2], stored=later[3], fired=later[4]
    )
    letter = make_letter(replace(event, evidence=replace(event.evidence, stamps=stamps)))
    assert body_of(letter, objective_seconds=60)["data"]["latency"] == {
        "seconds": 45.0,
        "objective_seconds": 60.0,
        "met": True,
    }
    assert body_of(letter, objective_seconds=30)["data"]["latency"]["met"] is False


def test_what_changed_is_in_figures_and_in_a_sentence(
    make_event: MakeEvent, make_letter: MakeLetter
) -> None:
    told = make_event().change
    event = make_event(number=2)
    change = replace(event.change, observed=380, share=0.71)
    letter = make_letter(replace(event, change=change), told=told)
    data = body_of(letter)["data"]
    assert data["changed"] == {
        "since": "2026-03-01T23:00:00Z",
        "severity": {"before": 6.0, "now": 7.0},
        "observed": {"before": 214.0, "now": 380.0},
        "share": {"before": 0.64, "now": 0.71},
        "sentence": "Since the last message (23:00): severity from 6 to 7, negative posts in an "
        "hour from 214 to 380, negative share from 64 % to 71 %.",
    }
    assert data["changed"]["sentence"] in data["message"]


# ---- a contract: fields are added and nothing else


@pytest.mark.parametrize("kind", ["opened", "updated", "resolved"])
def test_a_receiver_that_knows_the_first_version_1_reads_today_s(
    make_event: MakeEvent, make_letter: MakeLetter, kind: str
) -> None:
    first = json.loads(FIRST.read_text("utf-8"))
    letter = make_letter(make_event(change=kind), told=make_event().change, link="https://g/i/1")
    jsonschema.validate(body_of(letter), first)


def test_nothing_of_the_first_version_1_is_gone_and_nothing_new_is_required() -> None:
    first, today = json.loads(FIRST.read_text("utf-8")), json.loads(PATH.read_text("utf-8"))
    for name, was in first["$defs"].items():
        now = today["$defs"][name]
        assert was.get("properties", {}).keys() <= now.get("properties", {}).keys(), name
        assert was.get("required") == now.get("required"), name
