"""Clients of Kafka, with kafka-python: what makes topics, what sends, what looks at ends.

In what the embedded broker differs is said in `infra.kafka_kinds`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from kafka.errors import (
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAlreadyExistsError,
)

from infra.kafka_security import OPEN, KafkaSecurity, client_options
from infra.settings import Settings

T = TypeVar("T")
TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


class KafkaUnavailable(Exception):
    """The broker cannot be reached or refuses for now: retry."""


class MessageTooLarge(Exception):
    """The broker will never take some messages, and has all the others."""

    def __init__(self, topic: str, which: Sequence[int]) -> None:
        """`which`: their places among those that were to be sent."""
        some = "1 message is" if len(which) == 1 else f"{len(which):,} messages are"
        super().__init__(f"{topic}: {some} larger than the broker takes")
        self.which = tuple(which)


def make_topics(addresses: str, topics: Mapping[str, int], *, replication: int) -> list[str]:
    """Create the topics (name to partition count) that are missing; returns their names.

    For the embedded broker: what topics of a server are set to, `infra.kafka_topics` says.
    Raises KafkaUnavailable.
    """
    try:
        admin = KafkaAdminClient(**client_options(addresses, OPEN), bootstrap_timeout_ms=10_000)
        try:
            there = set(admin.list_topics())
            missing = [name for name in topics if name not in there]
            wanted = [
                NewTopic(name, num_partitions=topics[name], replication_factor=replication)
                for name in missing
            ]
            if wanted:
                admin.create_topics(wanted)
        finally:
            admin.close()
    except TopicAlreadyExistsError:  # another process was quicker
        return []
    except KafkaError as error:
        raise KafkaUnavailable(f"kafka at {addresses}: {error}") from error
    return missing


class Producer:
    """Sends messages and waits until the broker has them (acks=all)."""

    def __init__(self, addresses: str, *, embedded: bool, security: KafkaSecurity = OPEN) -> None:
        try:
            self._producer = KafkaProducer(
                **client_options(addresses, security),
                acks="all",
                enable_idempotence=not embedded,
                linger_ms=0,
                max_request_size=8 * 1024 * 1024,
                compression_type=None,
                delivery_timeout_ms=10_000,
                request_timeout_ms=5_000,
                max_block_ms=5_000,
                bootstrap_timeout_ms=5_000,
            )
        except KafkaError as error:
            raise KafkaUnavailable(f"kafka at {addresses}: {error}") from error

    def send(self, topic: str, messages: Iterable[tuple[int, bytes]]) -> None:
        """Send (partition, value) pairs and wait for all.

        Raises KafkaUnavailable, and MessageTooLarge when all but those are there.
        """
        try:
            sent = [self._begun(topic, partition, value) for partition, value in messages]
            self._producer.flush(timeout=10)
            too_large = [place for place, future in enumerate(sent) if _is_too_large(future)]
        except KafkaError as error:
            raise KafkaUnavailable(f"{topic}: {error}") from error
        if too_large:
            raise MessageTooLarge(topic, too_large)

    def _begun(self, topic: str, partition: int, value: bytes) -> Any:
        """A future, or None for what is not even sent: it is larger than our own limit."""
        try:
            return self._producer.send(topic, value, partition=partition)
        except TOO_LARGE:
            return None

    def close(self) -> None:
        """Close without waiting for what was never acknowledged."""
        self._producer.close(timeout=1)


def open_producer(settings: Settings) -> Producer:
    """To the broker of the settings. Raises KafkaUnavailable, SettingsError."""
    return Producer(
        settings.kafka, embedded=not settings.real_kafka, security=settings.kafka_security
    )


def _is_too_large(future: Any) -> bool:
    """Whether a message sent will never be taken. Raises KafkaError if it only was not, yet."""
    if future is None:
        return True
    try:
        future.get(timeout=0)
    except TOO_LARGE:
        return True
    return False


def addresses_for_faust(addresses: str) -> Sequence[str]:
    """Broker URLs as Faust wants them."""
    return [f"kafka://{address.strip()}" for address in addresses.split(",")]


class Tail:
    """What waits in topics, asked of the broker without joining a group.

    While the broker is away nothing is known to wait. For one thread. The embedded broker says the
    offset of the first message in the last batch sent, plus one: less than the end, never more.
    """

    def __init__(self, addresses: str, security: KafkaSecurity = OPEN) -> None:
        self._addresses = addresses
        self._security = security
        self._consumer: KafkaConsumer | None = None

    def ends(self, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Of each partition the offset up to which messages were sent."""
        return self._asked(lambda consumer: _ends(consumer, places)) or {}

    def places(self, topics: Sequence[str]) -> list[tuple[str, int]]:
        """Topic and partition of everything in `topics`."""

        def ask(consumer: KafkaConsumer) -> list[tuple[str, int]]:
            return [
                (topic, partition)
                for topic in topics
                for partition in sorted(consumer.partitions_for_topic(topic) or ())
            ]

        return self._asked(ask) or []

    def has_input(self, place: tuple[str, int], position: int) -> bool:
        """Whether a message can be read at `position` or behind it."""

        def ask(consumer: KafkaConsumer) -> bool:
            consumer.assign([TopicPartition(*place)])
            consumer.seek(TopicPartition(*place), position)
            return bool(consumer.poll(timeout_ms=3_000, max_records=1))

        return bool(self._asked(ask))

    def close(self) -> None:
        """Let go of the connection. Idempotent."""
        if self._consumer is not None:
            consumer, self._consumer = self._consumer, None
            consumer.close()

    def _asked(self, ask: Callable[[KafkaConsumer], T]) -> T | None:
        try:
            if self._consumer is None:
                self._consumer = KafkaConsumer(
                    **client_options(self._addresses, self._security),
                    group_id=None,
                    auto_offset_reset="earliest",
                    enable_auto_commit=False,
                    request_timeout_ms=5_000,
                    bootstrap_timeout_ms=5_000,
                )
            return ask(self._consumer)
        except KafkaError:
            self.close()
            return None


def _ends(consumer: KafkaConsumer, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], int]:
    asked = [TopicPartition(topic, partition) for topic, partition in places]
    found = consumer.end_offsets(asked) if asked else {}
    return {(each.topic, each.partition): end for each, end in found.items()}
