"""What the topics of the line are to be on a server."""

from typing import Final

from infra.kafka_topics import Topic
from streams.topics import ALERTS, CLEAN, DLQ, DROPPED, ERASED, RAW, SCORED, partition_counts

MOVED: Final = (
    "posts are placed by their id and the number of partitions: what is written from then on can "
    "overtake what waits of the same post, as an erasure its post"
)
PLACEMENT: Final = {
    RAW: MOVED,
    CLEAN: MOVED,
    SCORED: MOVED,
    ERASED: MOVED,
    DROPPED: "",  # a row each, in any order
    DLQ: "",
    ALERTS: "changes of an incident are told in the order of one partition",
}
"""What goes wrong where a topic gets more partitions while it is in use; empty: nothing."""

CONFIG: Final = {
    "cleanup.policy": "delete",  # compaction would take away posts that have no key
    "retention.bytes": "-1",  # time alone limits: a burst of posts must not push out unread ones
    # The one that both clients read without another package; arrays of 50 posts and more take a
    # quarter (measured on tweets). The broker does it: stages have better things to do.
    "compression.type": "gzip",
    "max.message.bytes": "8388608",  # the most that stages send: an array of up to 200 posts
    "unclean.leader.election.enable": "false",  # a broker behind the others would lose posts
}
"""Alike for all. What depends on the settings is added by `wanted_topics`."""


def wanted_topics(*, partitions: int, replication: int, retention_hours: int) -> list[Topic]:
    """All of them as they are to be on a server.

    What is acknowledged is on two brokers at least, where there are three copies: one of them may
    be away, and nothing is lost when another goes for good.
    """
    config = {
        **CONFIG,
        "min.insync.replicas": "2" if replication >= 3 else "1",
        "retention.ms": str(retention_hours * 3_600_000),
    }
    return [
        Topic(
            name=name,
            partitions=count,
            replication=replication,
            config=config,
            placement=PLACEMENT[name],
        )
        for name, count in partition_counts(partitions).items()
    ]
