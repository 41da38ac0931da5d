"""`groundswell topics`: what topics are to be, beside what they are, and the one made the other."""

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from infra.kafka_admin import Admin, KafkaAdmin
from infra.kafka_kinds import kind_of
from infra.kafka_topics import Difference, Topic, differences
from infra.settings import Settings
from streams.failures import UsageError
from streams.topic_table import wanted_topics

ALIKE = "all topics are as they are to be"


class Change(Struct, frozen=True, kw_only=True):
    """What was done about a difference, or why nothing was."""

    difference: Difference
    done: bool
    said: str


def open_admin(settings: Settings) -> Admin:
    """Of the cluster of the settings. Raises UsageError where they name none."""
    if not settings.kafka:
        raise UsageError("name the servers, such as GROUNDSWELL_KAFKA=kafka:9092")
    kind = kind_of(embedded=not settings.real_kafka)
    return KafkaAdmin(settings.kafka, kind, settings.kafka_security)


def wanted_of(settings: Settings) -> list[Topic]:
    """The topics that the settings ask for."""
    return wanted_topics(
        partitions=settings.partitions,
        replication=settings.replication,
        retention_hours=settings.kafka_retention_hours,
    )


def compared(admin: Admin, wanted: Sequence[Topic]) -> list[Difference]:
    """In what the topics of the cluster differ. Raises KafkaUnavailable, KafkaRefused."""
    return differences(wanted, admin.topics([topic.name for topic in wanted]))


def apply(admin: Admin, wanted: Sequence[Topic], *, forced: bool) -> list[Change]:
    """Do what is safe, or all of it if `forced`. Raises KafkaUnavailable, KafkaRefused.

    What was done before it raises stays done; doing it again goes on with the rest.
    """
    topics = {topic.name: topic for topic in wanted}
    return [_one(admin, topics[one.topic], one, forced) for one in compared(admin, wanted)]


def _one(admin: Admin, topic: Topic, one: Difference, forced: bool) -> Change:
    if one.how == "by hand":
        return Change(difference=one, done=False, said=one.mend)
    if one.risk and not forced:
        return Change(difference=one, done=False, said=f"{one.risk}; {one.mend}")
    if one.how == "create":
        admin.create([topic])
        return Change(difference=one, done=True, said=f"created {topic.name}")
    if one.how == "add partitions":
        admin.add_partitions(topic.name, topic.partitions)
    else:
        admin.configure(topic.name, {one.setting: one.wanted})
    said = f"{topic.name}: {one.setting} was {one.found}, is {one.wanted}"
    return Change(difference=one, done=True, said=said)


def check_text(found: Sequence[Difference]) -> str:
    """For people: a difference a line, and what to do under it."""
    return "\n".join(_lines(found)) or ALIKE


def change_text(changes: Sequence[Change]) -> str:
    """For people: what was done, then what was not and why."""
    done = [change.said for change in changes if change.done]
    left = [f"{_told(one.difference)}\n    {one.said}" for one in changes if not one.done]
    return "\n".join([*done, *left]) or ALIKE


def as_json(found: Sequence[Difference] | Sequence[Change]) -> str:
    """For programs."""
    return msgspec.json.encode(found).decode()


def _lines(found: Sequence[Difference]) -> Iterator[str]:
    for one in found:
        yield _told(one)
        if one.risk:
            yield f"    careful: {one.risk}"
        yield f"    {one.mend}"


def _told(one: Difference) -> str:
    if not one.setting:
        return f"{one.topic} is missing"
    return f"{one.topic}: {one.setting} is {one.found}, is to be {one.wanted}"
