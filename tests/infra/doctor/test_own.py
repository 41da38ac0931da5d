"""What the doctor says of what is ours: settings, keys, folders, the model, receivers."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.deliver.delivery_log import ReceiverState
from infra.doctor import data, model, receivers
from infra.doctor import settings as held
from infra.doctor.finding import NotLooked
from infra.machine import cores, spare_memory_mb
from infra.settings import FileSettings, Settings
from infra.store import StoreUnavailable
from processors.models import ENGLISH
from tests.infra.doctor.said import heard

HASH = "scrypt$x"
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
SERVER = "clickhouse://u:p@h:9000/d"


def settings(**given: Any) -> Settings:
    return FileSettings(**given)


def test_what_is_watched() -> None:
    assert heard(held.file(settings(), "")).fix == "name some in `brands`"
    watched = settings(brands=[{"name": "Acme"}])
    assert heard(held.file(watched, "gs.yaml")).text == "gs.yaml: 1 brand, 0 feeds, 0 receivers"
    on_servers = watched.model_copy(update={"kafka": "kafka:9092"})
    assert "GROUNDSWELL_CLOCK=wall" in heard(held.file(on_servers, "")).fix


def test_a_variable_with_a_setting_misspelt_is_told() -> None:
    [said] = held.variables(["GROUNDSWELL_PARTITONS", "GROUNDSWELL_PARTITIONS", "PARTITONS"])
    assert "GROUNDSWELL_PARTITONS" in said.text
    assert "GROUNDSWELL_PARTITIONS" in said.fix
    mine = ["GROUNDSWELL_CONFIG", "GROUNDSWELL_KAFKA__0", "GROUNDSWELL_GRAFANA_URL", "GROUNDSWELL_"]
    assert not list(held.variables([*mine, "GROUNDSWELL_SLACK_OF_ACME", "GROUNDSWELL_SECRETS"]))


def test_the_key_of_authors(tmp_path: Path) -> None:
    here = settings(data=tmp_path)
    assert heard(held.authors(here)).text == "a key for authors is made at the first start"
    key = tmp_path / "author.key"
    key.write_text("secret")
    key.chmod(0o644)
    assert f"chmod 600 {key}" in heard(held.authors(here)).fix
    key.chmod(0o600)
    assert heard(held.authors(here)).statuses == ["ok"]
    for given, status in (
        ({}, "fail"),
        ({"author_key": "short"}, "warn"),
        ({"author_key": "0123456789abcdef"}, "ok"),
        ({"authors": "plain"}, "ok"),
    ):
        found = heard(held.authors(settings(clickhouse=SERVER, **given)))
        assert found.statuses == [status]
        assert status == "ok" or "openssl rand -hex 32" in found.fix
        assert "short" not in found.text


def test_who_may_look() -> None:
    assert heard(held.page(settings())).statuses == ["ok"]
    assert "docs/page.md" in heard(held.page(settings(clickhouse=SERVER))).fix
    user = {"name": "ann", "password_hash": HASH, "brands": ["Acme"]}
    found = heard(held.page(settings(page={"users": [user]})))
    assert found.statuses == ["ok", "warn", "warn", "warn"]
    assert "page.session_key" in found.fix
    assert "the role admin" in found.fix
    assert "ann may see Acme, which is not watched" in found.text
    good = {"users": [{"name": "ann", "role": "admin"}], "session_key": "x" * 32}
    assert heard(held.page(settings(page=good))).statuses == ["ok"]


def test_the_folder_of_the_line(tmp_path: Path) -> None:
    assert "GB free on its disk" in heard(data.folder(tmp_path)).text
    assert "made at the first start" in heard(data.folder(tmp_path / "a" / "b")).text
    (tmp_path / "file").write_text("")
    in_the_way = heard(data.folder(tmp_path / "file" / "b"))
    assert in_the_way.statuses == ["fail"]
    assert "GROUNDSWELL_DATA" in in_the_way.fix


def test_cores_and_memory(tmp_path: Path) -> None:
    many = heard(model.room(threads=cores() + 1, embedded=False))
    assert f"GROUNDSWELL_SCORE_THREADS={cores()}" in many.fix
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 9 kB\nMemAvailable:    2000000 kB\n")
    assert spare_memory_mb(meminfo, tmp_path) == 2048
    (tmp_path / "memory.max").write_text("900000000\n")
    (tmp_path / "memory.current").write_text("600000000\n")
    assert spare_memory_mb(meminfo, tmp_path) == 300
    (tmp_path / "memory.max").write_text("max\n")
    assert spare_memory_mb(meminfo, tmp_path) == 2048


def test_the_model_is_loaded_and_marked(tmp_path: Path) -> None:
    found = heard(model.model("english", threads=1, data=tmp_path))
    assert found.statuses == ["ok"]
    assert found.text == f"model english answers; english {model.checksum(ENGLISH)}"
    gone = heard(model.model("nobody-has-this", threads=1, data=tmp_path))
    assert gone.statuses == ["fail"]
    assert "groundswell models" in gone.fix
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "active.json").write_text('{"stack": ["v1.c1"]}')
    lost = heard(model.model("english", threads=1, data=tmp_path))
    assert "v1.c1: the live model is not there" in lost.text


def test_a_checksum_sees_every_byte_and_name(tmp_path: Path) -> None:
    one, two = tmp_path / "a", tmp_path / "b"
    one.mkdir()
    two.mkdir()
    (one / "x").write_text("1")
    (two / "x").write_text("1")
    assert model.checksum(one) == model.checksum(two)
    os.rename(two / "x", two / "y")
    assert model.checksum(one) != model.checksum(two)
    (one / "x").write_text("2")
    (two / "y").rename(two / "x")
    assert model.checksum(one) != model.checksum(two)


def named(*given: dict[str, Any]) -> Any:
    return settings(receivers=given).receivers


def test_where_receivers_are() -> None:
    assert "docs/delivery.md" in heard(receivers.addresses((), ())).fix
    some = named(
        {"name": "desk", "url": "http://127.0.0.1:9/h?token=hunter2", "secret": SECRET},
        {"name": "chat", "type": "slack", "url": "https://slack.invalid/T0/hunter2"},
        {"name": "mail", "type": "email", "to": ["a@x.com"], "sender": "b@x.com", "host": "::1"},
        {"name": "phone", "type": "apprise", "url": "tgram://hunter2/chat"},
    )
    found = heard(receivers.addresses(some, ()))
    assert found.statuses == ["fail", "fail", "fail", "ok"]
    assert "add 127.0.0.1 to allow_hosts" in found.fix
    assert "the name slack.invalid is unknown" in found.text
    assert "hunter2" not in found.text + found.fix
    allowed = heard(receivers.addresses(some[:1], ["127.0.0.1"]))
    assert allowed.statuses == ["ok"]


def test_how_deliveries_went() -> None:
    some = named({"name": "desk", "url": "http://127.0.0.1:9/hook", "secret": SECRET})
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def with_state(**fields: Any) -> Any:
        return heard(receivers.record(some, lambda: {"desk": ReceiverState(**fields)}))

    assert with_state().text == "no delivery is failing"
    off = with_state(disabled_since=at, disabled_reason="410")
    assert off.statuses == ["fail"]
    assert "groundswell receivers enable desk" in off.fix
    failing = with_state(failing_since=at, last_failure="503")
    assert failing.text == "desk has taken nothing since 2026-03-01 12:00 UTC: 503"
    assert "groundswell receivers test desk" in failing.fix

    def away() -> Any:
        raise StoreUnavailable("gone")

    with pytest.raises(NotLooked):
        list(receivers.record(some, away))
