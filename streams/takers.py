"""Where pushed lines go: the outbox of a running line, or a Kafka that keeps what it has."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

import msgspec
from msgspec import Struct

from infra.intake import OutboxFull, accept
from infra.kafka import MessageTooLarge, Producer, open_producer
from infra.open_store import open_running
from infra.settings import Settings
from infra.store import Store, StoreUnavailable
from processors.decode import as_one
from processors.records import DeadLetter
from streams import topics
from streams.wire import encode, partition_of


class Line(Struct, frozen=True):
    """A line that is not blank; `position` counts them."""

    position: int
    payload: bytes
    post_id: str  # empty if it can't be read as a post: it becomes a dead letter


class Taker(Protocol):
    """Where lines go."""

    def take(self, lines: Sequence[Line]) -> Sequence[Line]:
        """Returns, when the others are durable, those that it can never take.

        Raises StoreUnavailable or KafkaUnavailable: repeat it.
        """
        ...

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Hand over what could not be read, under its own receipts; durable on return.

        Raises StoreUnavailable or KafkaUnavailable: repeat it.
        """
        ...

    def close(self) -> None:
        """Let go."""
        ...


class ToLine:
    """Into the outbox of the line that runs on the data folder, whenever one does."""

    def __init__(self, settings: Settings, feed: str) -> None:
        self._settings = settings
        self._feed = feed
        self._store: Store | None = None

    def take(self, lines: Sequence[Line]) -> Sequence[Line]:
        """As of Taker."""
        self._accept(self._feed, [line.payload for line in lines], lines[0].position, topics.RAW)
        return ()

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        """As of Taker."""
        for letter in letters:
            items = [msgspec.json.encode(letter)]
            self._accept(letter.feed, items, letter.position, topics.DLQ)

    def _accept(self, feed: str, items: Sequence[bytes], first: int, topic: str) -> None:
        try:
            if self._store is None:
                self._store = open_running(self._settings)
            accept(
                self._store,
                feed=feed,
                items=items,
                now=datetime.now(UTC),
                first_position=first,
                topic=topic,
            )
        except StoreUnavailable as error:
            if not isinstance(error, OutboxFull):
                self.close()  # a line that starts again has another socket
            raise

    def close(self) -> None:
        """As of Taker."""
        if self._store is not None:
            self._store.close()
            self._store = None


class ToKafka:
    """Into posts.raw of a Kafka that keeps what it has acknowledged."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: Producer | None = None

    def take(self, lines: Sequence[Line]) -> Sequence[Line]:
        """As of Taker."""
        partitions = self._settings.partitions
        some = [(partition_of(line.post_id, partitions), as_one(line.payload)) for line in lines]
        try:
            self._to(topics.RAW, some)
        except MessageTooLarge as error:
            return [lines[place] for place in error.which]
        return ()

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        """As of Taker."""
        self._to(topics.DLQ, [(0, value) for value in encode(letters)])

    def _to(self, topic: str, messages: Sequence[tuple[int, bytes]]) -> None:
        if self._producer is None:
            self._producer = open_producer(self._settings)
        self._producer.send(topic, messages)

    def close(self) -> None:
        """As of Taker."""
        if self._producer is not None:
            self._producer.close()
