"""Spans of what stages do, for OpenTelemetry where it is wanted; without it nothing is imported."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from pydantic_settings import SettingsError

WANTED = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
SHARE = "OTEL_TRACES_SAMPLER_ARG"
DEFAULT_SHARE = 0.001
"""Of posts that get spans of their own: at thousands a second nobody reads more."""


class Traces(Protocol):
    """Where spans go. No call waits for the network, and none raises."""

    def batch(self, stage: str, post_ids: Iterable[str], began: datetime, ended: datetime) -> None:
        """A stage worked on these posts."""
        ...

    def incident(
        self, incident_id: str, post_ids: Iterable[str], began: datetime, ended: datetime
    ) -> None:
        """A change of an incident was found and written; these posts are its examples."""
        ...

    def close(self) -> None:
        """Send what is left, for two seconds at most. Idempotent."""
        ...


class NoTraces:
    """Nobody wants spans."""

    def batch(self, stage: str, post_ids: Iterable[str], began: datetime, ended: datetime) -> None:
        """As of Traces."""

    def incident(
        self, incident_id: str, post_ids: Iterable[str], began: datetime, ended: datetime
    ) -> None:
        """As of Traces."""

    def close(self) -> None:
        """As of Traces."""


NO_TRACES = NoTraces()


def open_traces(environment: Mapping[str, str]) -> Traces:
    """Spans by OTLP over HTTP if OpenTelemetry's own variables ask for it.

    Raises SettingsError where the extra is missing or the share is none.
    """
    if not any(environment.get(name) for name in WANTED):
        return NO_TRACES
    try:
        share = float(environment.get(SHARE) or DEFAULT_SHARE)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise SettingsError(f"{SHARE}: a share from 0 to 1")
    try:
        from infra.traces_otel import otlp_traces
    except ImportError as error:
        raise SettingsError(
            "tracing is not installed: pip install 'groundswell[tracing]', "
            f"or take {' and '.join(WANTED)} out of the environment"
        ) from error
    return otlp_traces(share)
