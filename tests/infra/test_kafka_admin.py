"""What a cluster tells of what may not be looked at, or is not there."""

import pytest
from kafka.errors import GroupAuthorizationFailedError, GroupIdNotFoundError, KafkaError

from infra.kafka import KafkaUnavailable
from infra.kafka_admin import KafkaAdmin, KafkaRefused, members_of, partitions_of
from infra.kafka_kinds import SERVER
from tests.kafka_gate import forget_sockets


def topic(name: str, code: int, partitions: int = 0) -> dict[str, object]:
    return {"name": name, "error_code": code, "partitions": [{}] * partitions}


def test_topics_that_are_there() -> None:
    found = partitions_of([topic("a", 0, 2), topic("b", 3), topic("c", 5, 1)])
    assert {name: len(parts) for name, parts in found.items()} == {"a": 2, "c": 1}


def test_a_topic_that_may_not_be_looked_at_is_not_a_missing_one() -> None:
    with pytest.raises(KafkaError, match="TopicAuthorizationFailed"):
        partitions_of([topic("a", 0, 2), topic("b", 29)])


def test_a_group_that_was_never_there_has_no_members() -> None:
    never = str(GroupIdNotFoundError("Group g not found."))
    found = members_of(
        {"a": {"error": None, "members": [{}, {}]}, "b": {"error": never, "members": []}}
    )
    assert found == {"a": 2, "b": 0}
    refused = str(GroupAuthorizationFailedError())
    with pytest.raises(KafkaRefused, match=r"a: .*GroupAuthorizationFailed"):
        members_of({"a": {"error": refused, "members": []}})


def test_a_cluster_that_is_away_is_named() -> None:
    with pytest.raises(KafkaUnavailable, match=r"kafka at 127.0.0.1:1: "):
        KafkaAdmin("127.0.0.1:1", SERVER, timeout_ms=300)
    forget_sockets()
