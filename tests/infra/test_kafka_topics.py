"""What differs between topics as they are and as they are to be, and what is said of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.kafka_topics import Topic, TopicState, differences

CONFIG = {
    "cleanup.policy": "delete",
    "retention.ms": "1000",
    "retention.bytes": "-1",
    "max.message.bytes": "800",
    "min.insync.replicas": "2",
}
WANTED = Topic(name="t", partitions=4, replication=3, config=CONFIG, placement="posts move")
GOOD = TopicState(partitions=4, replication=3, config={**CONFIG, "segment.ms": "5"})


def found(partitions: int = 4, replication: int = 3, **config: str) -> TopicState:
    named = {name.replace("_", "."): value for name, value in config.items()}
    return TopicState(
        partitions=partitions, replication=replication, config={**GOOD.config, **named}
    )


def test_what_is_as_it_is_to_be_is_not_told() -> None:
    assert differences([WANTED], {"t": GOOD, "other": found(1)}) == []
    assert differences([WANTED], {"t": found(replication=4, max_message_bytes="900")}) == []


def test_a_topic_that_is_missing_can_be_made() -> None:
    (one,) = differences([WANTED], {})
    assert (one.how, one.risk, one.found) == ("create", "", "missing")


@pytest.mark.parametrize(
    ("state", "setting", "how", "careful", "words"),
    [
        (found(2), "partitions", "add partitions", True, "--apply --force"),
        (found(9), "partitions", "by hand", False, "GROUNDSWELL_PARTITIONS=9"),
        (
            found(replication=2, min_insync_replicas="2"),
            "replication",
            "by hand",
            False,
            "reassign",
        ),
        (found(retention_ms="500"), "retention.ms", "configure", False, "--apply`"),
        (found(retention_ms="2000"), "retention.ms", "configure", True, "--apply --force"),
        (found(retention_ms="-1"), "retention.ms", "configure", True, "--apply --force"),
        (found(retention_bytes="1"), "retention.bytes", "configure", False, "--apply`"),
        (found(cleanup_policy="compact"), "cleanup.policy", "configure", False, "--apply`"),
        (found(max_message_bytes="700"), "max.message.bytes", "configure", False, "--apply`"),
        (found(min_insync_replicas="1"), "min.insync.replicas", "configure", False, "--apply`"),
    ],
)
def test_what_is_said_of_a_difference(
    state: TopicState, setting: str, how: str, careful: bool, words: str
) -> None:
    (one,) = differences([WANTED], {"t": state})
    assert (one.setting, one.how, bool(one.risk)) == (setting, how, careful)
    assert words in one.mend


def test_partitions_of_a_topic_without_an_order_are_added() -> None:
    free = Topic(name="t", partitions=4, replication=3)
    (one,) = differences([free], {"t": found(2)})
    assert (one.how, one.risk) == ("add partitions", "")


def test_more_in_sync_copies_than_there_are_would_stop_everything() -> None:
    state = found(replication=1, min_insync_replicas="1")
    copies, in_sync = differences([WANTED], {"t": state})
    assert copies.setting == "replication"
    assert "nothing could be written" in in_sync.risk


@given(
    st.integers(1, 9),
    st.integers(1, 5),
    st.dictionaries(st.sampled_from(sorted(CONFIG)), st.integers(1, 3000).map(str)),
)
def test_every_difference_says_what_to_do(
    partitions: int, replication: int, config: dict[str, str]
) -> None:
    state = TopicState(partitions=partitions, replication=replication, config=config)
    told = differences([WANTED], {"t": state})
    assert all(one.mend and one.wanted != one.found for one in told)
    assert len({one.setting for one in told}) == len(told)
