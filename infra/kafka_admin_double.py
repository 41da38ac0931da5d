"""A cluster that is not there, for whoever looks at one: it passes the contract of an `Admin`."""

from collections.abc import Mapping, Sequence

from infra.kafka import KafkaUnavailable
from infra.kafka_admin import Cluster, KafkaRefused
from infra.kafka_topics import Topic, TopicState


class DoubleAdmin:
    """In memory. What it is told to be is set before it is asked; `away`: nobody answers."""

    def __init__(
        self,
        *,
        brokers: int = 3,
        version: tuple[int, ...] = (4, 1),
        defaults: Mapping[str, str] | None = None,
        groups: Mapping[str, int] | None = None,
        dated: Mapping[str, int] | None = None,
        away: bool = False,
    ) -> None:
        """`defaults`: of every topic; `groups`: their members; `dated`: newest message, in ms.

        `may_create` can be set at any time.
        """
        self.may_create = True
        self._cluster = Cluster(brokers=brokers, version=version)
        self._defaults = dict(defaults or {})
        self._groups = groups
        self._dated = dict(dated or {})
        self._away = away
        self._topics: dict[str, TopicState] = {}

    def cluster(self) -> Cluster:
        """As of Admin."""
        self._reach()
        return self._cluster

    def topics(self, names: Sequence[str]) -> dict[str, TopicState]:
        """As of Admin."""
        self._reach()
        return {name: self._topics[name] for name in names if name in self._topics}

    def create(self, topics: Sequence[Topic]) -> list[str]:
        """As of Admin."""
        self._reach()
        made = []
        for topic in topics:
            if topic.name in self._topics:
                continue
            if not self.may_create:
                raise KafkaRefused(f"{topic.name}: [Error 29] TopicAuthorizationFailedError")
            if topic.replication > self._cluster.brokers:
                raise KafkaRefused(
                    f"{topic.name}: [Error 38] InvalidReplicationFactorError: "
                    f"{topic.replication} copies, {self._cluster.brokers} brokers"
                )
            self._topics[topic.name] = TopicState(
                partitions=topic.partitions,
                replication=topic.replication,
                config={**self._defaults, **topic.config},
            )
            made.append(topic.name)
        return made

    def configure(self, topic: str, config: Mapping[str, str]) -> None:
        """As of Admin."""
        state = self._state(topic)
        self._topics[topic] = TopicState(
            partitions=state.partitions,
            replication=state.replication,
            config={**state.config, **config},
        )

    def add_partitions(self, topic: str, count: int) -> None:
        """As of Admin."""
        state = self._state(topic)
        if count <= state.partitions:
            raise KafkaRefused(
                f"{topic}: [Error 37] InvalidPartitionsError: it has {state.partitions} already"
            )
        self._topics[topic] = TopicState(
            partitions=count, replication=state.replication, config=state.config
        )

    def members(self, groups: Sequence[str]) -> dict[str, int] | None:
        """As of Admin."""
        self._reach()
        if self._groups is None:
            return None
        return {group: self._groups.get(group, 0) for group in groups}

    def ahead(self, topics: Sequence[str], now_ms: int) -> dict[str, int]:
        """As of Admin."""
        self._reach()
        return {name: at for name, at in self._dated.items() if name in topics and at >= now_ms}

    def close(self) -> None:
        """As of Admin."""

    def _state(self, topic: str) -> TopicState:
        self._reach()
        if topic not in self._topics:
            raise KafkaRefused(f"{topic}: [Error 3] UnknownTopicOrPartitionError")
        return self._topics[topic]

    def _reach(self) -> None:
        if self._away:
            raise KafkaUnavailable("kafka at nowhere: Unable to bootstrap")
