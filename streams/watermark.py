"""Until when everything that was given to the broker is on disk, whoever gave it.

A wave begins at a moment with the end of the first topic. Once the stage that reads it has
acknowledged all up to there, what it made of that stands before the present end of the next topic,
and so on to the last stage: then all that was given before the wave began is on disk, since a stage
acknowledges only what it has handed on durably. While a stage lags, no wave comes through, and
nobody takes what is missing for silence.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import structlog
from msgspec import Struct

from infra.offsets import GroupOffsets
from infra.settings import Settings
from streams import topics
from streams.on_the_way import group_of

log = structlog.get_logger()
HOPS: Final = (("refine", topics.RAW), ("score", topics.CLEAN), ("store", topics.SCORED))
Offsets = tuple[int, ...]


class Hop(Struct, frozen=True):
    """Of one topic, by partition: what was acknowledged, and later the end."""

    acknowledged: Offsets
    end: Offsets


class Wave(Struct, frozen=True):
    """All that was given before `began`, seen up to `end` of the topic of this hop."""

    began: datetime
    hop: int
    end: Offsets


class Watermark:
    """Follows one wave after the other; `at` is None before the first came through.

    >>> from datetime import UTC, timedelta
    >>> mark, noon = Watermark(), datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> mark.take(noon, [Hop((3,), (5,))])
    >>> mark.take(noon + timedelta(seconds=2), [Hop((5,), (9,))])
    >>> mark.at == noon
    True
    """

    def __init__(self) -> None:
        self.at: datetime | None = None
        self._wave: Wave | None = None

    def take(self, began: datetime, hops: Sequence[Hop]) -> None:
        """Take what was read at or after `began`, each end after all that was acknowledged."""
        wave = self._wave
        if wave is not None and any(
            now < to for now, to in zip(hops[wave.hop].end, wave.end, strict=True)
        ):
            wave = None  # the topic began anew: nobody will ever acknowledge what it had
        if wave is not None:
            hop, end = wave.hop, wave.end
            while all(done >= to for done, to in zip(hops[hop].acknowledged, end, strict=True)):
                hop += 1
                if hop == len(hops):
                    self.at = wave.began
                    wave = None
                    break
                end = hops[hop].end
            else:
                wave = Wave(wave.began, hop, end)
        self._wave = wave or Wave(began, 0, hops[0].end)


class LineMark:
    """The watermark of the line that `settings` describe, read from its broker."""

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self._now = now
        self._mark = Watermark()
        self._readers = [
            GroupOffsets(
                settings.kafka,
                group=group_of(stage, settings),
                topic=topic,
                partitions=settings.partitions,
                embedded=not settings.real_kafka,
                security=settings.kafka_security,
            )
            for stage, topic in HOPS
        ]

    @property
    def at(self) -> datetime | None:
        """All that was given before is on disk; None while that is not known."""
        return self._mark.at

    def look(self) -> None:
        """Read the broker once. Raises KafkaUnavailable."""
        began = self._now()
        acknowledged = [reader.acknowledged() for reader in self._readers]
        ends = [reader.end() for reader in self._readers]
        self._mark.take(began, [*map(Hop, acknowledged, ends)])

    def close(self) -> None:
        """Let go of the broker."""
        for reader in self._readers:
            reader.close()
