"""The lags of the stages that read from Kafka."""

from collections.abc import Iterable, Mapping
from functools import partial

from infra.lag import LagReader
from infra.offsets import GroupOffsets
from infra.settings import Settings
from streams.on_the_way import READS, group_of


def lag_readers(
    settings: Settings, stages: Iterable[str], partitions: Mapping[str, int] | None = None
) -> list[LagReader]:
    """Of those of the stages that read; by default all topics have the partitions of the settings.

    With `partitions`, only topics that are in it.
    """
    read = [(stage, topic) for stage in stages for topic in READS.get(stage, ())]
    if partitions is None:
        partitions = {topic: settings.partitions for _, topic in read}
    offsets = partial(
        GroupOffsets,
        settings.kafka,
        embedded=not settings.real_kafka,
        security=settings.kafka_security,
    )
    return [
        LagReader(
            stage,
            topic,
            offsets(group=group_of(stage, settings), topic=topic, partitions=partitions[topic]),
        )
        for stage, topic in read
        if topic in partitions
    ]
