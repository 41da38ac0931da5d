"""Topics made, checked and changed, against a cluster that is not there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from infra.broker import EmbeddedBroker
from infra.kafka_admin import KafkaRefused
from infra.kafka_admin_double import DoubleAdmin
from infra.kafka_security import KafkaSecurity
from infra.kafka_topics import Topic
from infra.settings import FileSettings
from streams.cli import app
from streams.failures import UsageError
from streams.topic_check import ALIKE, apply, change_text, check_text, compared, wanted_of
from streams.topic_table import CONFIG
from streams.topics import ALERTS, ALL, CLEAN, DLQ

DOCS = Path(__file__).parents[2] / "docs"


def wanted(**changed: Any) -> list[Topic]:
    given = {"kafka": "kafka:9092", "partitions": 24, "replication": 3, **changed}
    return wanted_of(FileSettings(**given))


def test_the_table() -> None:
    topics = {topic.name: topic for topic in wanted(kafka_retention_hours=24)}
    assert set(topics) == set(ALL)
    assert topics[CLEAN].partitions == 24
    assert topics[ALERTS].partitions == 1
    for topic in topics.values():
        assert topic.replication == 3
        assert topic.config["min.insync.replicas"] == "2"
        assert topic.config["retention.ms"] == "86400000"
        assert topic.config["compression.type"] == "gzip"
    # One copy, or two: with two of them to be in sync one broker away would stop everything.
    for replication in (1, 2):
        assert {one.config["min.insync.replicas"] for one in wanted(replication=replication)} == {
            "1"
        }


def test_the_table_in_the_docs_is_this_one() -> None:
    page = (DOCS / "kafka.md").read_text()
    rows = dict(re.findall(r"^\| `([a-z.]+)` \| ([^|]*?) \|", page, re.MULTILINE))
    config = wanted()[0].config
    assert set(config) <= set(rows)
    for name, value in CONFIG.items():
        assert rows[name] == f"`{value}`"
    for name in KafkaSecurity.model_fields:
        assert f"`{name}`" in page


def test_what_is_made_is_as_it_is_to_be() -> None:
    admin, topics = DoubleAdmin(), wanted()
    assert len(compared(admin, topics)) == len(ALL)
    changes = apply(admin, topics, forced=False)
    assert all(change.done for change in changes)
    assert "created posts.clean" in change_text(changes)
    assert compared(admin, topics) == []
    assert check_text([]) == change_text(apply(admin, topics, forced=False)) == ALIKE


def test_partitions_are_added_where_nothing_is_placed_by_them() -> None:
    admin = DoubleAdmin()
    admin.create(wanted(partitions=6))
    changes = {one.difference.topic: one for one in apply(admin, wanted(), forced=False)}
    assert changes[DLQ].done
    assert not changes[CLEAN].done
    assert "can overtake" in changes[CLEAN].said
    assert "stop the feeds" in changes[CLEAN].said
    assert admin.topics([CLEAN])[CLEAN].partitions == 6
    forced = apply(admin, wanted(), forced=True)
    assert all(change.done for change in forced)
    assert compared(admin, wanted()) == []


def test_a_limit_that_would_delete_is_left_alone_unless_forced() -> None:
    admin = DoubleAdmin()
    admin.create(wanted())
    shorter, longer = wanted(kafka_retention_hours=1), wanted(kafka_retention_hours=1_000)
    changes = apply(admin, shorter, forced=False)
    assert {change.done for change in changes} == {False}
    assert "no stage has read yet" in change_text(changes)
    assert all(change.done for change in apply(admin, longer, forced=False))
    assert all(change.done for change in apply(admin, shorter, forced=True))


def test_settings_of_others_stay() -> None:
    admin = DoubleAdmin(defaults={"segment.ms": "77"})
    admin.create(wanted())
    apply(admin, wanted(kafka_retention_hours=1_000), forced=False)
    assert admin.topics([CLEAN])[CLEAN].config["segment.ms"] == "77"


def test_more_copies_than_brokers_are_refused_by_name() -> None:
    with pytest.raises(KafkaRefused, match="3 copies, 1 broker"):
        apply(DoubleAdmin(brokers=1), wanted(), forced=False)


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """One without topics."""
    running = EmbeddedBroker(log=tmp_path / "broker.log")
    running.start()
    yield running
    running.stop()


def test_the_command(own_broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDSWELL_KAFKA", own_broker.address)
    monkeypatch.setenv("GROUNDSWELL_REAL_KAFKA", "false")
    run = CliRunner().invoke
    apart = run(app, ["topics", "--check", "--json"])
    assert apart.exit_code == 1
    assert {one["topic"] for one in json.loads(apart.stdout)} == set(ALL)
    made = run(app, ["topics"])
    assert (made.exit_code, made.stderr) == (0, "")
    assert made.stdout.splitlines() == [f"created {name}" for name in ALL]
    assert run(app, ["topics"]).stdout == "nothing to do\n"
    again = run(app, ["topics", "--check"])
    assert (again.exit_code, again.stdout) == (0, f"{ALIKE}\n")
    monkeypatch.setenv("GROUNDSWELL_KAFKA_RETENTION_HOURS", "1")
    monkeypatch.setenv("GROUNDSWELL_PARTITIONS", "3")
    differs = run(app, ["topics"])
    assert "groundswell topics --check" in differs.stderr
    shorter = run(app, ["topics", "--check"])
    assert shorter.exit_code == 1
    assert "posts.raw: partitions is 1, is to be 3" in shorter.stdout
    assert "careful: messages that no stage has read" in shorter.stdout
    left = run(app, ["topics", "--apply"])
    assert left.exit_code != 0  # this broker adds no partitions, and says so
    for words in (["--check", "--apply"], ["--force"]):
        assert isinstance(run(app, ["topics", *words]).exception, UsageError)
