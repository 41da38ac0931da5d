"""Spans with OpenTelemetry's SDK (the extra `tracing`)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from processors.trace_ids import Trace, incident_trace, post_trace

PATIENCE = 2.0
"""Seconds for one request: a collector that is away must not hold up the end of a process."""
MOST_LINKS = 128


def otlp_traces(share: float) -> "OtelTraces":
    """Spans to where OpenTelemetry's variables say."""
    return OtelTraces(BatchSpanProcessor(OTLPSpanExporter(timeout=PATIENCE)), share=share)


class OtelTraces:
    """Spans of batches, with links to the traces of some posts, and in those a span for each."""

    def __init__(self, sink: SpanProcessor, *, share: float) -> None:
        """`share` of posts have spans of their own, the same posts in every stage."""
        self._share = share
        # Which are kept is decided here, by post: not once more by the SDK.
        self._provider = TracerProvider(
            sampler=ALWAYS_ON, resource=Resource.create({"service.name": "groundswell"})
        )
        self._provider.add_span_processor(sink)
        self._tracer = self._provider.get_tracer("groundswell")

    def batch(self, stage: str, post_ids: Iterable[str], began: datetime, ended: datetime) -> None:
        """As of Traces."""
        traces = [post_trace(post_id) for post_id in post_ids]
        followed = [one for one in traces if one.is_among(self._share)]
        self._span(f"{stage} batch", None, followed, (began, ended), posts=len(traces))
        for one in followed:
            self._span(stage, one, (), (began, ended))

    def incident(
        self, incident_id: str, post_ids: Iterable[str], began: datetime, ended: datetime
    ) -> None:
        """As of Traces."""
        posts = [post_trace(post_id) for post_id in post_ids]
        self._span("watch", incident_trace(incident_id), posts, (began, ended))

    def close(self) -> None:
        """As of Traces."""
        self._provider.shutdown()

    def _span(
        self,
        name: str,
        inside: Trace | None,
        linked: Iterable[Trace],
        times: tuple[datetime, datetime],
        **attributes: int,
    ) -> None:
        began, ended = (int(time.timestamp() * 1e9) for time in times)
        span = self._tracer.start_span(
            name,
            context=_context(inside) if inside else None,
            links=[trace.Link(_place(one)) for one in list(linked)[:MOST_LINKS]],
            attributes={f"groundswell.{key}": value for key, value in attributes.items()},
            start_time=began,
        )
        span.end(ended)


def _context(one: Trace) -> Any:
    return trace.set_span_in_context(trace.NonRecordingSpan(_place(one)))


def _place(one: Trace) -> Any:
    flags = trace.TraceFlags(trace.TraceFlags.SAMPLED)
    return trace.SpanContext(one.trace_id, one.root_id, is_remote=True, trace_flags=flags)
