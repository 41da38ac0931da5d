"""What holds of an Admin, whether the cluster is real (the embedded broker) or its double."""

import uuid
from collections.abc import Iterator

import pytest
from kafka.errors import TopicAuthorizationFailedError

from infra.broker import EmbeddedBroker
from infra.kafka import Producer
from infra.kafka_admin import Admin, KafkaAdmin, KafkaRefused
from infra.kafka_admin_double import DoubleAdmin
from infra.kafka_kinds import EMBEDDED
from infra.kafka_topics import Topic

CONFIG = {"retention.ms": "604800000", "compression.type": "gzip"}


@pytest.fixture(params=["double", "embedded broker"])
def admin(request: pytest.FixtureRequest) -> Iterator[Admin]:
    if request.param == "double":
        yield DoubleAdmin(brokers=1, version=(3, 9))
        return
    broker: EmbeddedBroker = request.getfixturevalue("broker")
    real = KafkaAdmin(broker.address, EMBEDDED)
    yield real
    real.close()


def topic(partitions: int = 2, **config: str) -> Topic:
    name = f"t-{uuid.uuid4().hex[:8]}"
    return Topic(name=name, partitions=partitions, replication=1, config={**CONFIG, **config})


def test_the_cluster(admin: Admin) -> None:
    cluster = admin.cluster()
    assert cluster.brokers == 1
    assert cluster.version >= (3, 0)


def test_a_topic_is_as_it_was_made(admin: Admin) -> None:
    wanted = topic()
    assert admin.topics([wanted.name]) == {}
    assert admin.create([wanted]) == [wanted.name]
    found = admin.topics([wanted.name, "t-nobody-made-this"])
    assert list(found) == [wanted.name]
    state = found[wanted.name]
    assert (state.partitions, state.replication) == (2, 1)
    assert {name: state.config.get(name) for name in CONFIG} == CONFIG


def test_what_is_there_stays_as_it_is(admin: Admin) -> None:
    first = topic()
    admin.create([first])
    again = Topic(name=first.name, partitions=5, replication=1)
    other = topic()
    assert admin.create([again, other]) == [other.name]
    assert admin.topics([first.name])[first.name].partitions == 2


def test_who_may_not_create_is_refused_only_what_is_missing(
    admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, other = topic(), topic()
    admin.create([first])
    if isinstance(admin, DoubleAdmin):
        admin.may_create = False
    else:
        monkeypatch.setattr(admin._client, "create_topics", refuse)  # type: ignore[attr-defined]
    assert admin.create([first]) == []
    with pytest.raises(KafkaRefused, match=rf"{other.name}: .*TopicAuthorizationFailed"):
        admin.create([first, other])


def refuse(_: object) -> None:
    """As Apache Kafka does, also for a topic that is there: the embedded broker has no rights."""
    raise TopicAuthorizationFailedError


def test_settings_are_set_one_by_one(admin: Admin) -> None:
    one = topic()
    admin.create([one])
    admin.configure(one.name, {"retention.ms": "1000"})
    state = admin.topics([one.name])[one.name]
    assert {name: state.config.get(name) for name in CONFIG} == {**CONFIG, "retention.ms": "1000"}


def test_what_cannot_be_is_refused(admin: Admin) -> None:
    one = topic(partitions=3)
    admin.create([one])
    with pytest.raises(KafkaRefused):
        admin.add_partitions(one.name, 2)


def test_messages_of_the_future_are_found(admin: Admin) -> None:
    assert admin.ahead(["t-nobody-made-this"], 0) == {}


def test_a_topic_may_get_partitions_where_the_broker_can() -> None:
    admin = DoubleAdmin()
    one = topic()
    admin.create([one])
    admin.add_partitions(one.name, 7)
    assert admin.topics([one.name])[one.name].partitions == 7


def test_the_time_of_what_was_just_sent(broker: EmbeddedBroker) -> None:
    admin = KafkaAdmin(broker.address, EMBEDDED)
    one = topic()
    admin.create([one])
    producer = Producer(broker.address, embedded=True)
    producer.send(one.name, [(1, b"x")])
    producer.close()
    (at,) = admin.ahead([one.name], 1).values()
    assert admin.ahead([one.name], at + 60_000) == {}
    admin.close()
