"""An Apache Kafka and a ClickHouse server, each with names of this run's own."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from kafka import KafkaAdminClient

from infra.kafka_kinds import SERVER
from infra.store import Store
from infra.store_clickhouse import ClickhouseStore
from streams.topics import ALL


class OwnTopics:
    """The topics of the line, whose names are fixed, on a Kafka that has none of them.

    Raises ValueError for one that has: its posts would be counted here, and these posts there.
    """

    def __init__(self, kafka: str) -> None:
        self._admin = KafkaAdminClient(bootstrap_servers=kafka.split(","))
        there = self._there()
        if there:
            self._admin.close()
            raise ValueError(
                f"{kafka} has {', '.join(there)}: name a Kafka without a line, or remove the "
                "topics that a run of these tests left there when it was killed"
            )

    def close(self) -> None:
        """Remove them."""
        there = self._there()
        if there:
            self._admin.delete_topics(there)
        self._admin.close()

    def _there(self) -> list[str]:
        return sorted(set(ALL) & set(self._admin.list_topics()))


class RealServers:
    """A database and consumer groups that nobody else has, and the topics of the line."""

    embedded = False
    session = SERVER.times.session
    stages: Mapping[str, Sequence[str]] = {
        "store": ("store",),
        "watch": ("watch",),
        "refine": ("refine",),
        "score": ("score",),
    }

    def __init__(self, kafka: str, clickhouse: str) -> None:
        self.kafka = kafka
        self._topics = OwnTopics(kafka)
        name = f"groundswell_test_{uuid4().hex[:8]}"
        self._database = name
        self._everywhere = ClickhouseStore(clickhouse)
        self._everywhere.command(f"CREATE DATABASE {name}")
        self._address = urlunsplit(urlsplit(clickhouse)._replace(path=f"/{name}"))
        self.settings = {
            "GROUNDSWELL_KAFKA": kafka,
            "GROUNDSWELL_CLICKHOUSE": self._address,
            "GROUNDSWELL_GROUP": name,
        }

    def different(self, name: str) -> Mapping[str, str]:
        return {}

    def open(self) -> Store:
        return ClickhouseStore(self._address)

    def close(self) -> None:
        self._everywhere.command(f"DROP DATABASE {self._database}")
        self._everywhere.close()
        self._topics.close()
