"""A cluster as an administrator sees it, with kafka-python. Its double: `infra.kafka_admin_double`.

KafkaUnavailable   the cluster is away or busy: again later
KafkaRefused       it will not do that: a person has to change something
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import (
    BrokerResponseError,
    IncompatibleBrokerVersion,
    KafkaError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
    for_code,
)
from msgspec import Struct

from infra.kafka import KafkaUnavailable
from infra.kafka_kinds import BrokerKind
from infra.kafka_security import OPEN, KafkaSecurity, client_options
from infra.kafka_topics import Topic, TopicState

T = TypeVar("T")
TIMEOUT_MS = 10_000


class KafkaRefused(Exception):
    """The cluster will not do it; the message says what, and why."""


class Cluster(Struct, frozen=True, kw_only=True):
    """What a cluster is."""

    brokers: int
    version: tuple[int, ...]  # as its protocol shows: the newest that it can be


class Admin(Protocol):
    """Administration of a cluster. Every call blocks; raises KafkaUnavailable, KafkaRefused."""

    def cluster(self) -> Cluster:
        """What is there."""
        ...

    def topics(self, names: Sequence[str]) -> dict[str, TopicState]:
        """Those of the topics that exist."""
        ...

    def create(self, topics: Sequence[Topic]) -> list[str]:
        """Make topics that are missing; the names of those that nobody else made first.

        Where none is missing, nothing is asked for that needs the right to create.
        """
        ...

    def configure(self, topic: str, config: Mapping[str, str]) -> None:
        """Set these settings of a topic and leave its others."""
        ...

    def add_partitions(self, topic: str, count: int) -> None:
        """Let it have `count` of them."""
        ...

    def members(self, groups: Sequence[str]) -> dict[str, int] | None:
        """Processes in each consumer group; None where the broker cannot tell."""
        ...

    def ahead(self, topics: Sequence[str], now_ms: int) -> dict[str, int]:
        """Of topics with messages that are dated later than `now_ms`, the time of the first."""
        ...

    def close(self) -> None:
        """Let go. Idempotent."""
        ...


class KafkaAdmin:
    """An `Admin` of the cluster at `addresses`. Raises KafkaUnavailable, SettingsError."""

    def __init__(
        self,
        addresses: str,
        kind: BrokerKind,
        security: KafkaSecurity = OPEN,
        *,
        timeout_ms: int = TIMEOUT_MS,
    ) -> None:
        self._addresses = addresses
        self._kind = kind
        try:
            self._client: Any = KafkaAdminClient(
                **client_options(addresses, security),
                bootstrap_timeout_ms=timeout_ms,
                request_timeout_ms=TIMEOUT_MS,
            )
        except KafkaError as error:
            raise KafkaUnavailable(f"kafka at {addresses}: {error}") from error

    def cluster(self) -> Cluster:
        """As of Admin."""
        described = self._asked("cluster", self._client.describe_cluster)
        # kafka-python shows it nowhere else: it is what its version of each request goes by.
        version = tuple(self._client._manager.broker_version)
        return Cluster(brokers=len(described["brokers"]), version=version)

    def topics(self, names: Sequence[str]) -> dict[str, TopicState]:
        """As of Admin."""
        described = self._asked("topics", lambda: self._client.describe_topics(list(names)))
        there = self._asked("topics", lambda: partitions_of(described))
        config = self._config(list(there))
        return {
            name: TopicState(
                partitions=len(parts),
                replication=min((len(part["replica_nodes"]) for part in parts), default=0),
                config=config[name],
            )
            for name, parts in there.items()
        }

    def create(self, topics: Sequence[Topic]) -> list[str]:
        """As of Admin."""
        names = [topic.name for topic in topics]
        described = self._asked("topics", lambda: self._client.describe_topics(names))
        # Who may not create any is refused also for those that are there.
        there = {one["name"] for one in described if one["error_code"] in (0, LEADERLESS)}
        return [one.name for one in topics if one.name not in there and self._created(one)]

    def configure(self, topic: str, config: Mapping[str, str]) -> None:
        """As of Admin."""
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, dict(config))

        def alter() -> dict[str, dict[str, str]]:
            # What it knows is asked of the broker, and the embedded one tells what is set alone.
            found: dict[str, dict[str, str]] = self._client.alter_configs(
                [resource], raise_on_unknown=False
            )
            return found

        said = self._asked(topic, alter)["topic"][topic]
        if said != "OK":
            raise KafkaRefused(f"{topic}: {said}")

    def add_partitions(self, topic: str, count: int) -> None:
        """As of Admin."""
        self._asked(topic, lambda: self._client.create_partitions({topic: count}))

    def members(self, groups: Sequence[str]) -> dict[str, int] | None:
        """As of Admin."""
        if not self._kind.describes_groups:
            return None
        found = self._asked("groups", lambda: self._client.describe_groups(list(groups)))
        return members_of(found)

    def ahead(self, topics: Sequence[str], now_ms: int) -> dict[str, int]:
        """As of Admin."""
        asked = {
            TopicPartition(name, number): now_ms
            for name, state in self.topics(topics).items()
            for number in range(state.partitions)
        }
        if not asked:
            return {}
        found = self._asked("offsets", lambda: self._client.list_partition_offsets(asked))
        times: dict[str, int] = {}
        for part, first in found.items():
            if first.offset >= 0 and first.timestamp >= now_ms:
                times[part.topic] = max(times.get(part.topic, 0), first.timestamp)
        return times

    def close(self) -> None:
        """As of Admin."""
        self._client.close()

    def _created(self, topic: Topic) -> bool:
        options = {
            "num_partitions": topic.partitions,
            "replication_factor": topic.replication,
            "configs": dict(topic.config),
        }
        try:
            self._asked(topic.name, lambda: self._client.create_topics({topic.name: options}))
        except KafkaRefused as error:
            if isinstance(error.__cause__, TopicAlreadyExistsError):
                return False  # another process was quicker
            raise
        return True

    def _config(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        if not names:
            return {}
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        found = self._asked(
            "settings", lambda: self._client.describe_configs(resources, config_filter="all")
        )["topic"]
        for name in names:
            # kafka-python hands on no error of a topic: then there is nothing.
            if self._kind.tells_defaults and not found.get(name):
                raise KafkaRefused(f"{name}: its settings may not be looked at (DescribeConfigs)")
        return {
            name: {key: one["value"] for key, one in found.get(name, {}).items()} for name in names
        }

    def _asked(self, what: str, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except (BrokerResponseError, IncompatibleBrokerVersion) as error:
            if error.retriable:
                raise KafkaUnavailable(f"{what}: {error}") from error
            raise KafkaRefused(f"{what}: {error}") from error
        except KafkaError as error:
            raise KafkaUnavailable(f"kafka at {self._addresses}: {error}") from error


LEADERLESS = 5
"""A topic that is there, with a partition that nobody leads for now."""


def partitions_of(described: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """By name, of the topics that exist. Raises KafkaError for one that may not be looked at."""
    found = {}
    for topic in described:
        code = topic["error_code"]
        if code == UnknownTopicOrPartitionError.errno:
            continue
        if code not in (0, LEADERLESS):
            raise for_code(code)(topic["name"])
        found[topic["name"]] = list(topic["partitions"])
    return found


def members_of(described: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """By group. Raises KafkaRefused for one that may not be looked at; a missing one has none."""
    for name, group in described.items():
        if group["error"] and "GroupIdNotFound" not in group["error"]:
            raise KafkaRefused(f"{name}: {group['error']}")
    return {name: len(group["members"]) for name, group in described.items()}
