"""The quick way from watch to deliver."""

from collections.abc import Sequence

import msgspec
import structlog

from forecasting.records import IncidentEvent
from infra.kafka import KafkaUnavailable, Producer, open_producer
from infra.settings import Settings
from streams import topics

log = structlog.get_logger()


class Announcer:
    """Sends changes of incidents to `alerts`.

    A broker that is away costs nothing but time: deliver also looks for what is written and not
    yet sent.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: Producer | None = None

    def __call__(self, events: Sequence[IncidentEvent]) -> None:
        """Send them, or warn that it did not work."""
        try:
            if self._producer is None:
                self._producer = open_producer(self._settings)
            self._producer.send(topics.ALERTS, [(0, msgspec.json.encode(events))])
        except KafkaUnavailable as error:
            log.warning("alert not announced", error=str(error))

    def close(self) -> None:
        """Let go of the broker. Idempotent."""
        if self._producer is not None:
            self._producer.close()
            self._producer = None
