"""The doctor as a person meets it: beside a running line, before servers that are away, in docs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from infra.broker import EmbeddedBroker
from infra.doctor import clickhouse, clocks, groups, kafka
from infra.doctor import settings as held
from infra.doctor.finding import Check, Finding
from infra.doctor.run import run_checks
from infra.kafka import make_topics
from infra.kafka_admin_double import DoubleAdmin
from infra.kafka_security import KafkaSecurity
from infra.open_store import socket_told
from infra.settings import FileSettings, Settings, dump
from infra.store import Store, StoreUnavailable
from infra.store_chdb import ChdbStore
from infra.store_socket import serve_store
from streams.cli import app
from streams.doctor import LINE_FILE, Once, Tools, checks_of
from streams.doctor_report import as_json, as_text, well
from streams.on_the_way import READS, group_of
from streams.topic_check import wanted_of
from streams.topics import CLEAN, partition_counts
from tests.infra.doctor.test_database import NOW, Server
from tests.infra.doctor.test_kafka import Behind

DOCS = Path(__file__).parents[2] / "docs"
OF_THE_MACHINE = {"machine", "data", "storage"}
"""Checks of what a test cannot say: how full the disk is, what else runs."""
CONFIG = """
brands: [{name: Acme}]
allow_hosts: [127.0.0.1]
receivers:
  - {name: desk, url: "http://127.0.0.1:9/hook", secret: whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3}
"""
Start = Callable[..., Any]


def looked_at(told: str) -> list[str]:
    """Names of the checks, which all found all well; but for what is the machine's own."""
    found = json.loads(told)["findings"]
    bad = [one for one in found if one["status"] != "ok" and one["check"] not in OF_THE_MACHINE]
    assert bad == []
    lags = {one["figures"]["group"]: one["figures"] for one in found if one["check"] == "groups"}
    assert len(lags) == len(READS)
    (refine,) = (one for name, one in lags.items() if "refine" in name)
    assert refine["lag"] == {"posts.raw": [0]}
    return [one["check"] for one in found]


BESIDE_A_LINE = [
    *("settings", "authors", "page", "machine", "model", "data", "line"),
    *("groups", "groups", "groups", "database", "schema", "storage", "receivers", "deliveries"),
]


def test_all_is_well_beside_a_line(
    embedded: ChdbStore, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One in parts: its database behind a socket, its broker, what it keeps for its processes."""
    data = tmp_path / "data"
    (data / "database").mkdir(parents=True)
    (tmp_path / "gs.yaml").write_text(CONFIG)
    monkeypatch.setenv("GROUNDSWELL_CONFIG", str(tmp_path / "gs.yaml"))
    monkeypatch.setenv("GROUNDSWELL_DATA", str(data))
    broker = EmbeddedBroker(log=tmp_path / "broker.log")
    broker.start()
    server = serve_store(embedded, tmp_path / "db.sock")
    try:
        make_topics(broker.address, partition_counts(1), replication=1)
        line = Settings(kafka=broker.address, real_kafka=False, group="1-abc-1")
        (tmp_path / LINE_FILE).write_text(yaml.safe_dump(dump(line)))
        with socket_told(data, tmp_path / "db.sock"):
            told = CliRunner().invoke(app, ["doctor", "--json"])
    finally:
        server.close()
        broker.stop()
    assert looked_at(told.stdout) == BESIDE_A_LINE


@pytest.mark.faults
def test_all_is_well_beside_a_running_line(
    groundswell: Start, tmp_path: Path, eventually: Callable[..., Any]
) -> None:
    config = tmp_path / "gs.yaml"
    config.write_text(CONFIG)
    settings = {"GROUNDSWELL_CONFIG": str(config), "GROUNDSWELL_DATA": str(tmp_path / "data")}
    line = groundswell("run", "--no-page", **settings)
    eventually(lambda: "waiting for posts" in line.out, seconds=120, what="the line is there")
    doctor = groundswell("doctor", "--json", **settings)
    doctor.wait(120)
    assert looked_at(doctor.out) == BESIDE_A_LINE


def test_every_check_is_made_though_all_servers_are_away(groundswell: Start) -> None:
    doctor = groundswell(
        *("doctor", "--json"),
        GROUNDSWELL_KAFKA="127.0.0.1:1",
        GROUNDSWELL_CLICKHOUSE="clickhouse://ann:hunter2@127.0.0.1:1/d",
        GROUNDSWELL_KAFKA_SECURITY__USER="ann",
        GROUNDSWELL_KAFKA_SECURITY__PASSWORD="hunter2",
    )
    assert doctor.wait(120) == 1, doctor.err
    told = json.loads(doctor.out)
    assert told["well"] is False
    found = {one["check"]: one for one in told["findings"]}
    assert {name for name, one in found.items() if one["status"] == "fail"} == {
        *("authors", "kafka", "database"),
    }
    assert "start the broker" in found["kafka"]["fix"]
    for name in ("topics", "groups", "clock of writers", "schema", "storage", "inserts"):
        assert found[name]["text"].startswith("not looked at")
    assert found["model"]["status"] == "ok"
    assert all(one["fix"] for one in told["findings"] if one["status"] != "ok")
    assert "hunter2" not in doctor.out + doctor.err


def test_settings_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "gs.yaml"
    config.write_text("brands:\n  - {name: Acme, colour: red}\n")
    monkeypatch.setenv("GROUNDSWELL_CONFIG", str(config))
    found = CliRunner().invoke(app, ["doctor"])
    assert found.exit_code == 1
    assert f"FAIL  settings  {config}:2" in found.stdout
    assert "colour" in found.stdout
    monkeypatch.setenv("GROUNDSWELL_CONFIG", str(tmp_path / "gone.yaml"))
    gone = CliRunner().invoke(app, ["doctor", "--json"])
    assert "no such file" in json.loads(gone.stdout)["findings"][0]["text"]


def test_nobody_is_told_unless_that_is_asked_for(tmp_path: Path) -> None:
    settings = FileSettings(data=tmp_path)
    for send in (False, True):
        names = [check.name for check in checks_of(settings, Tools(settings), send=send)]
        assert ("test messages" in names) is send


def test_what_is_opened_is_opened_once_and_fails_for_all() -> None:
    opened: list[int] = []
    once = Once(lambda: opened.append(1) or len(opened))
    assert [once(), once()] == [1, 1]

    def away() -> int:
        opened.append(2)
        raise StoreUnavailable("gone")

    never = Once(away)
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            never()
    assert opened == [1, 2]


def sample() -> list[Finding]:
    """Of servers that are not there: a few things are wrong with them."""
    settings = FileSettings(
        kafka="kafka-1:9093,kafka-2:9093",
        clickhouse="clickhouses://groundswell:x@clickhouse:9440/groundswell",
        kafka_security=KafkaSecurity(user="groundswell", password="x", tls=True),
        partitions=24,
        replication=3,
        brands=[{"name": "Northwind"}],
        clock="wall",
    )
    wanted = wanted_of(settings)
    names = {stage: group_of(stage, settings) for stage in READS}
    admin = DoubleAdmin(groups={names["refine"]: 2, names["store"]: 1})
    admin.create(wanted)
    admin.configure(CLEAN, {"min.insync.replicas": "1"})
    theirs = round(NOW.timestamp() * 1000) - 4_200
    server = Server(
        doctor_disks=[("default", 90_000_000_000, 1_000_000_000_000)], doctor_clock=[(theirs,)]
    )
    readers = [Behind("refine", 0, 3), Behind("score", 9_200, 8_700), Behind("store", 0, 0)]
    return run_checks(
        [
            Check(name="settings", look=lambda: held.file(settings, "groundswell.yaml")),
            Check(name="authors", look=lambda: held.authors(settings)),
            Check(
                name="kafka",
                look=lambda: kafka.server(
                    lambda: admin, settings.kafka, settings.kafka_security, replication=3
                ),
            ),
            Check(name="topics", look=lambda: kafka.topics(lambda: admin, wanted, of_posts=CLEAN)),
            Check(name="groups", look=lambda: groups.groups(lambda: admin, readers, names)),
            Check(
                name="clock of writers",
                look=lambda: clocks.of_writers(lambda: admin, [CLEAN], lambda: NOW),
            ),
            Check(name="database", look=lambda: clickhouse.server(lambda: server)),
            Check(name="storage", look=lambda: clickhouse.storage(lambda: server)),
            Check(
                name="clock of the database",
                look=lambda: clocks.of_database(lambda: server, lambda: NOW),
            ),
        ]
    )


def test_the_sample_in_the_docs_is_what_is_said() -> None:
    found = sample()
    block = (DOCS / "doctor.md").read_text().partition("```text\n")[2].partition("```")[0]
    assert block == as_text(found) + "\n"
    assert not well(found)
    assert json.loads(as_json(found))["well"] is False
    assert as_text([Finding(check="a", status="ok", text="good")]) == "ok    a  good\n\nall is well"
