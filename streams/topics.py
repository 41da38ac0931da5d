"""Every topic of the line."""

from typing import Final

RAW: Final = "posts.raw"  # posts as feeds hand them over; anyone may write here
CLEAN: Final = "posts.clean"  # refine -> score
SCORED: Final = "posts.scored"  # score -> store
DROPPED: Final = "posts.dropped"  # refine -> store: left out on purpose, with the reason
ERASED: Final = "posts.erased"  # refine -> store: what must go
DLQ: Final = "posts.dlq"  # feed, refine -> store: unreadable, with the original bytes
ALERTS: Final = "alerts"  # watch -> deliver

ALL: Final = (RAW, CLEAN, SCORED, DROPPED, ERASED, DLQ, ALERTS)


def partition_counts(partitions: int) -> dict[str, int]:
    """Partitions of each topic. Stages keep a post's partition, so the posts' topics are alike."""
    return {topic: 1 if topic == ALERTS else partitions for topic in ALL}
