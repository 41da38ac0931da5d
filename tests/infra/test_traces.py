"""Spans: none without being asked for; else those of a post and an incident under ids of theirs."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic_settings import SettingsError
from pytest_httpserver import HTTPServer

from infra.traces import NO_TRACES, open_traces
from infra.traces_otel import OtelTraces
from processors.trace_ids import incident_trace, post_trace

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(seconds=2)
IDS = [f"mastodon:{number}" for number in range(300)]


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


def traces_of(found: Sequence[ReadableSpan], name: str) -> set[int]:
    return {span.context.trace_id for span in found if span.name == name}


@settings(max_examples=30)
@given(st.text(), st.text())
def test_a_trace_is_that_of_its_id_and_no_other(one: str, other: str) -> None:
    assert post_trace(one) == post_trace(one) != incident_trace(one)
    assert (post_trace(one) == post_trace(other)) == (one == other)


def test_a_share_of_posts_is_about_that_share_and_grows_with_it() -> None:
    few, more = ({i for i in IDS if post_trace(i).is_among(share)} for share in (0.1, 0.3))
    assert few < more
    assert 10 < len(few) < 50
    assert {i for i in IDS if post_trace(i).is_among(1.0)} == set(IDS)
    assert not any(post_trace(i).is_among(0.0) for i in IDS)


def test_a_post_is_followed_through_all_stages_or_none(spans: InMemorySpanExporter) -> None:
    stages = ("refine", "score", "store")
    for stage in stages:  # each in a process of its own
        traces = OtelTraces(SimpleSpanProcessor(spans), share=0.1)
        traces.batch(stage, IDS, NOW, LATER)
    found = spans.get_finished_spans()
    followed = {post_trace(i).trace_id for i in IDS if post_trace(i).is_among(0.1)}
    assert followed
    for stage in stages:
        assert traces_of(found, stage) == followed
        (batch,) = [span for span in found if span.name == f"{stage} batch"]
        assert {link.context.trace_id for link in batch.links} == followed
        assert batch.context.trace_id not in followed
        assert dict(batch.attributes or {}) == {"groundswell.posts": 300}
        assert (batch.end_time or 0) - (batch.start_time or 0) == 2_000_000_000


def test_an_incident_links_to_its_examples(spans: InMemorySpanExporter) -> None:
    traces = OtelTraces(SimpleSpanProcessor(spans), share=0.0)
    traces.incident("inc_1", IDS[:3], NOW, LATER)
    (span,) = spans.get_finished_spans()
    told = incident_trace("inc_1")
    assert (span.context.trace_id, span.parent and span.parent.span_id) == (
        told.trace_id,
        told.root_id,
    )
    assert [link.context.trace_id for link in span.links] == [
        post_trace(one).trace_id for one in IDS[:3]
    ]


def test_no_span_says_who_or_what(spans: InMemorySpanExporter) -> None:
    traces = OtelTraces(SimpleSpanProcessor(spans), share=1.0)
    traces.batch("score", ["mastodon:secret-post"], NOW, LATER)
    traces.incident("inc_1", ["mastodon:secret-post"], NOW, LATER)
    assert all("secret-post" not in span.to_json() for span in spans.get_finished_spans())


def test_spans_arrive_over_http(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    httpserver.expect_request("/v1/traces").respond_with_data(b"")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", httpserver.url_for(""))
    traces = open_traces({"OTEL_EXPORTER_OTLP_ENDPOINT": httpserver.url_for("")})
    traces.batch("score", IDS, NOW, LATER)
    traces.close()
    traces.close()
    bodies = [request.get_data() for request, _ in httpserver.log]
    sent = [ExportTraceServiceRequest.FromString(body) for body in bodies]
    names = [
        span.name
        for one in sent
        for resource in one.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert "score batch" in names


def test_nobody_asked() -> None:
    assert open_traces({"OTEL_TRACES_SAMPLER_ARG": "7"}) is NO_TRACES
    NO_TRACES.batch("score", IDS, NOW, LATER)
    NO_TRACES.incident("inc_1", (), NOW, LATER)
    NO_TRACES.close()


@pytest.mark.parametrize("share", ["2", "-0.1", "much", "nan"])
def test_a_share_that_is_none(share: str) -> None:
    with pytest.raises(SettingsError, match="OTEL_TRACES_SAMPLER_ARG"):
        open_traces({"OTEL_EXPORTER_OTLP_ENDPOINT": "x", "OTEL_TRACES_SAMPLER_ARG": share})


def test_without_being_asked_nothing_is_imported() -> None:
    program = (
        "import sys, infra.traces as t; t.open_traces({}); print('opentelemetry' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"
