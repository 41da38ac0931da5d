"""What is still in the broker: messages that the stage they are for has not acknowledged."""

from collections.abc import Mapping, Sequence

from infra.backlog import is_behind
from infra.settings import Settings
from streams import topics

READS: Mapping[str, Sequence[str]] = {
    "refine": (topics.RAW,),
    "score": (topics.CLEAN,),
    "store": (topics.SCORED, topics.DROPPED, topics.ERASED, topics.DLQ),
}


def group_of(stage: str, settings: Settings) -> str:
    """Name of the consumer group of a stage."""
    return f"groundswell-{stage}-{settings.group}"


def nothing_on_the_way(settings: Settings) -> bool:
    """Whether every message has been acknowledged by every stage that it goes through.

    Asked in the order in which posts move, so that none slips past. Raises KafkaUnavailable.
    """
    return not any(
        is_behind(
            settings.kafka,
            group=group_of(stage, settings),
            topic=topic,
            partitions=settings.partitions,
            security=settings.kafka_security,
        )
        for stage, read in READS.items()
        for topic in read
    )
