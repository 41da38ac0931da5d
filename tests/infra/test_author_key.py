"""The key of pseudonyms: given, made once, or refused."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from pydantic import SecretStr
from pydantic_settings import SettingsError

from infra.author_key import KEY_FILE, author_key, present_key
from infra.settings import Settings, dump

SERVER = SecretStr("clickhouse://u:p@h:9000/d")


def test_a_key_of_the_settings_is_used(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, author_key=SecretStr("mine"), clickhouse=SERVER)
    assert author_key(settings) == b"mine"
    assert list(tmp_path.iterdir()) == []


def test_plain_authors_need_none(tmp_path: Path) -> None:
    assert author_key(Settings(data=tmp_path, authors="plain", clickhouse=SERVER)) == b""
    assert list(tmp_path.iterdir()) == []


def test_the_embedded_line_makes_one_and_keeps_it_to_itself(tmp_path: Path) -> None:
    data = tmp_path / "new"
    key = author_key(Settings(data=data))
    assert len(key) == 64
    assert author_key(Settings(data=data)) == key
    assert [file.name for file in data.iterdir()] == [KEY_FILE]
    assert stat.S_IMODE((data / KEY_FILE).stat().st_mode) == 0o600
    assert author_key(Settings(data=tmp_path)) != key


def test_two_processes_that_race_get_the_same(tmp_path: Path) -> None:
    barrier = Barrier(8)

    def race(_: int) -> bytes:
        barrier.wait()
        return author_key(Settings(data=tmp_path))

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(race, range(8)))) == 1
    assert [file.name for file in tmp_path.iterdir()] == [KEY_FILE]


def test_with_a_server_it_has_to_be_given(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="GROUNDSWELL_AUTHOR_KEY"):
        author_key(Settings(data=tmp_path, clickhouse=SERVER))


def test_the_key_reaches_the_workers_and_no_message(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, author_key=SecretStr("mine"))
    assert dump(settings)["author_key"] == "mine"
    assert "mine" not in repr(settings)


def test_who_only_reads_makes_none(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert present_key(settings) == b""
    assert list(tmp_path.iterdir()) == []
    key = author_key(settings)
    assert present_key(settings) == key
    given = Settings(data=tmp_path, author_key=SecretStr("mine"))
    assert present_key(given) == b"mine"
    assert present_key(Settings(data=tmp_path, clickhouse=SERVER)) == b""
    assert present_key(Settings(data=tmp_path, authors="plain")) == b""
