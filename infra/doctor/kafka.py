"""Whether Kafka can be reached, what it is, and whether its topics are as they are to be."""

from collections.abc import Callable, Iterator, Sequence

from infra.doctor.finding import NotLooked, Said, fail, ok, warn
from infra.doctor.reach import why_away
from infra.kafka import KafkaUnavailable
from infra.kafka_admin import Admin, KafkaRefused
from infra.kafka_security import KafkaSecurity
from infra.kafka_topics import Topic, differences

Open = Callable[[], Admin]
OLDEST = (3, 0)
"""Of older ones nothing is known."""
FEW = 24
"""Partitions under which a stage cannot be shared by many processes."""
MAY = "give its user the right to do so, see docs/kafka.md"


def server(
    open_admin: Open, addresses: str, security: KafkaSecurity, *, replication: int
) -> Iterator[Said]:
    """Whether it is there, and which it is."""
    try:
        cluster = open_admin().cluster()
    except KafkaUnavailable:
        yield from why_away(addresses, security)
        return
    version = ".".join(map(str, cluster.version))
    said = f"Kafka at {addresses}, {security.protocol}: {_count(cluster.brokers, 'broker')}, "
    said += f"speaks as version {version}"
    figures = {"brokers": cluster.brokers, "version": version, "protocol": security.protocol}
    if cluster.version < OLDEST:
        yield warn(said, "use Apache Kafka 3.0 or newer: nothing older was thought of", **figures)
    else:
        yield ok(said, **figures)
    if cluster.brokers < replication:
        yield fail(
            f"{replication} copies of each topic do not fit {_count(cluster.brokers, 'broker')}",
            f"set GROUNDSWELL_REPLICATION={cluster.brokers}, or start more brokers",
        )
    if security.user and not security.tls:
        yield warn(
            "its login goes over the network without TLS" + _in_clear(security),
            "set kafka_security.tls and a TLS listener of the broker",
        )
    if security.tls and not security.check_hostname:
        yield warn(
            "names in brokers' certificates are not looked at",
            "give them certificates for their names and drop kafka_security.check_hostname",
        )


def embedded(open_admin: Open) -> Iterator[Said]:
    """The broker of a line that runs."""
    try:
        open_admin().cluster()
    except KafkaUnavailable:
        yield fail(
            "the embedded broker does not answer",
            "wait a few seconds: the line starts it again; else stop and start `groundswell run`",
        )
        return
    yield ok("the embedded broker answers")


def topics(open_admin: Open, wanted: Sequence[Topic], *, of_posts: str) -> Iterator[Said]:
    """Topics beside the table; `of_posts`: the one whose partitions limit the workers."""
    with_admin = reached(open_admin)
    try:
        found = differences(wanted, with_admin.topics([topic.name for topic in wanted]))
    except KafkaRefused as error:
        yield fail(f"they may not be looked at: {error}", MAY)
        return
    for one in found:
        told = f"{one.topic}: {one.setting} is {one.found}, is to be {one.wanted}"
        text = told if one.setting else f"{one.topic} is missing"
        lacks = not one.setting or (one.setting == "partitions" and one.how == "add partitions")
        fix = f"{one.mend} (careful: {one.risk})" if one.risk else one.mend
        yield (fail if lacks else warn)(text, fix, topic=one.topic, setting=one.setting)
    count = next(topic.partitions for topic in wanted if topic.name == of_posts)
    if count < FEW:
        yield warn(
            f"{of_posts} has {_count(count, 'partition')}: no more processes can share a stage",
            f"set GROUNDSWELL_PARTITIONS={FEW} or more before there are posts in it",
        )
    elif not found:
        yield ok(f"{_count(len(wanted), 'topic')} as wanted, {count} partitions for posts")


def reached(open_admin: Open) -> Admin:
    """The cluster, for a check that is not the one that tells why it is away. Raises NotLooked."""
    try:
        return open_admin()
    except KafkaUnavailable as error:
        raise NotLooked("Kafka cannot be reached") from error


def _in_clear(security: KafkaSecurity) -> str:
    return ", its password in clear" if security.mechanism == "PLAIN" else ""


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
