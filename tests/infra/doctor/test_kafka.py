"""What the doctor says of Kafka, its topics, groups and the clocks of those who write."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.broker import free_port
from infra.doctor import clocks, groups, kafka
from infra.kafka import KafkaUnavailable
from infra.kafka_admin import Admin, KafkaRefused
from infra.kafka_admin_double import DoubleAdmin
from infra.kafka_security import OPEN, KafkaSecurity
from infra.kafka_topics import Topic
from infra.lag import Lag, LagReader
from tests.certificates import Authority
from tests.infra.doctor.said import Heard, heard
from tests.kafka_gate import gate

# Both clients forget sockets and transports of handshakes that failed.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LOGIN: dict[str, Any] = {"user": "ann", "password": "pw"}
CLEAN = Topic(name="clean", partitions=24, replication=3, config={"retention.ms": "1000"})


def server(admin: Admin, security: KafkaSecurity = OPEN, replication: int = 3) -> Heard:
    return heard(kafka.server(lambda: admin, "a:1", security, replication=replication))


def away(address: str, security: KafkaSecurity = OPEN) -> Heard:
    def nobody() -> Admin:
        raise KafkaUnavailable("Unable to bootstrap")

    return heard(kafka.server(nobody, address, security, replication=1))


def test_a_cluster_that_is_well() -> None:
    found = server(DoubleAdmin(), KafkaSecurity(**LOGIN, tls=True))
    assert found.statuses == ["ok"]
    assert found.text == "Kafka at a:1, SASL_SSL: 3 brokers, speaks as version 4.1"


@pytest.mark.parametrize(
    ("admin", "security", "statuses", "fix"),
    [
        (DoubleAdmin(version=(2, 8)), OPEN, ["warn"], "3.0 or newer"),
        (DoubleAdmin(brokers=2), OPEN, ["ok", "fail"], "GROUNDSWELL_REPLICATION=2"),
        (DoubleAdmin(), KafkaSecurity(**LOGIN), ["ok", "warn"], "kafka_security.tls"),
        (
            DoubleAdmin(),
            KafkaSecurity(**LOGIN, tls=True, check_hostname=False),
            ["ok", "warn"],
            "drop kafka_security.check_hostname",
        ),
    ],
)
def test_what_to_do_about_a_cluster(
    admin: Admin, security: KafkaSecurity, statuses: list[str], fix: str
) -> None:
    found = server(admin, security)
    assert found.statuses == statuses
    assert fix in found.fix


def test_why_nobody_can_be_reached() -> None:
    closed = away(f"127.0.0.1:{free_port()}, kafka.invalid:9092, a:b")
    assert closed.statuses == ["fail"] * 3
    assert "connection refused" in closed.text
    assert "kafka.invalid:9092: this name is unknown" in closed.text
    assert "start the broker, or correct GROUNDSWELL_KAFKA" in closed.fix
    assert "write host:port" in closed.fix


def test_why_a_certificate_keeps_us_out(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    tls = authority.server("IP:127.0.0.1,DNS:kafka.invalid")
    with gate(tmp_path, tls=tls, users={"ann": "pw"}) as door:
        stranger = away(door.address, KafkaSecurity(tls=True))
        assert "its certificate: unable to get local issuer" in stranger.text
        assert "kafka_security.ca" in stranger.fix
        known = KafkaSecurity(**LOGIN, tls=True, ca=authority.ca)
        other = away(door.address.replace("127.0.0.1", "localhost"), known)
        assert "a name that is in the broker's certificate" in other.fix
        refused = away(door.address, known)  # all is well as far as the login
        assert "user, password and mechanism" in refused.fix
    with gate(tmp_path) as door:
        plain = away(door.address, known)
        assert "TLS" in plain.text
        assert "the port of its TLS listener" in plain.fix
        silent = away(door.address)
        assert "set kafka_security" in silent.fix


def topics(admin: Admin, *wanted: Topic) -> Heard:
    return heard(kafka.topics(lambda: admin, wanted, of_posts="clean"))


def test_topics_beside_the_table() -> None:
    admin = DoubleAdmin()
    missing = topics(admin, CLEAN)
    assert (missing.statuses, missing.text) == (["fail"], "clean is missing")
    assert "groundswell topics" in missing.fix
    admin.create([CLEAN])
    good = topics(admin, CLEAN)
    assert (good.statuses, good.text) == (
        ["ok"],
        "1 topic as wanted, 24 partitions for posts",
    )
    admin.configure("clean", {"retention.ms": "9000"})
    longer = topics(admin, CLEAN)
    assert longer.statuses == ["warn"]
    assert "retention.ms is 9000, is to be 1000" in longer.text
    assert "careful: messages that no stage has read yet" in longer.fix


def test_few_partitions_are_told_before_there_are_posts() -> None:
    admin, few = DoubleAdmin(), Topic(name="clean", partitions=1, replication=1)
    admin.create([few])
    found = topics(admin, few)
    assert found.statuses == ["warn"]
    assert "GROUNDSWELL_PARTITIONS=24" in found.fix
    # And too few of them for where posts are sent is a failure.
    assert topics(admin, CLEAN).statuses[0] == "fail"


class Refusing(DoubleAdmin):
    """A cluster whose user may do nothing."""

    def topics(self, names: Any) -> Any:
        raise KafkaRefused("topics: [Error 29] TopicAuthorizationFailedError")

    def members(self, groups: Any) -> Any:
        raise KafkaRefused("groups: [Error 30] GroupAuthorizationFailedError")

    def ahead(self, topics: Any, now_ms: int) -> Any:
        raise KafkaRefused("offsets: [Error 29] TopicAuthorizationFailedError")


def test_what_may_not_be_looked_at_is_told() -> None:
    found = topics(Refusing(), CLEAN)
    assert found.statuses == ["fail"]
    assert "docs/kafka.md" in found.fix


class Behind(LagReader):
    """A stage that is so many messages behind."""

    def __init__(self, stage: str, *partitions: int) -> None:
        self.stage, self.topic, self._partitions = stage, "t", partitions

    def read(self) -> Lag:
        return Lag(stage=self.stage, topic="t", partitions=self._partitions)

    def close(self) -> None:
        pass


NAMES = {"refine": "gs-refine-1", "score": "gs-score-1"}
READERS = [Behind("refine", 0, 2), Behind("score", 999, 1)]


def test_groups_and_their_lag() -> None:
    admin = DoubleAdmin(groups={"gs-refine-1": 2, "gs-score-1": 1})
    said = list(groups.groups(lambda: admin, READERS, NAMES))
    assert [one.text for one in said] == [
        "refine: 2 messages behind, 2 at work",
        "score: 1,000 messages behind, 1 at work",
    ]
    assert said[0].figures == {"group": "gs-refine-1", "members": 2, "lag": {"t": [0, 2]}}
    assert heard(said).statuses == ["ok", "warn"]
    assert "start more of `groundswell worker score`" in said[1].fix


def test_a_group_that_nobody_reads_as() -> None:
    found = heard(groups.groups(lambda: DoubleAdmin(groups={}), READERS, NAMES))
    assert found.statuses == ["warn", "warn"]
    assert "nobody reads as gs-refine-1; 2 messages behind" in found.text
    assert "start `groundswell worker refine`" in found.fix


@pytest.mark.parametrize("admin", [DoubleAdmin(), Refusing()])
def test_lag_is_told_where_members_are_not(admin: Admin) -> None:
    found = heard(groups.groups(lambda: admin, READERS, NAMES))
    assert found.text.startswith("refine: 2 messages behind; ")


@pytest.mark.parametrize(
    ("seconds", "status"), [(1.0, "ok"), (5.0, "warn"), (45.0, "fail"), (-900.0, "ok")]
)
def test_whoever_writes_from_the_future(seconds: float, status: str) -> None:
    at = NOW + timedelta(seconds=seconds)
    admin = DoubleAdmin(dated={"posts.raw": round(at.timestamp() * 1000)})
    found = heard(clocks.of_writers(lambda: admin, ["posts.raw"], lambda: NOW))
    assert found.statuses == [status]
    if status != "ok":
        assert f"whoever writes to posts.raw is {seconds:.1f} s ahead of ours" in found.text
        assert "NTP" in found.fix
