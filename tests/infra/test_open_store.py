from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.open_store import open_running, open_store, socket_told
from infra.settings import Settings
from infra.store import Store, StoreRejected, StoreUnavailable
from infra.store_clickhouse import ClickhouseStore
from infra.store_socket import SocketStore, serve_store


def test_a_server_comes_before_a_socket_and_a_socket_before_the_folder(tmp_path: Path) -> None:
    address = SecretStr("clickhouse://db.example/groundswell")
    settings = Settings(data=tmp_path / "data", clickhouse=address, socket=tmp_path / "s")
    assert isinstance(open_store(settings), ClickhouseStore)
    settings = Settings(data=tmp_path / "data", socket=tmp_path / "s")
    assert isinstance(open_store(settings), SocketStore)
    assert not (tmp_path / "data").exists()


def test_a_line_is_running_while_its_database_answers(store: Store, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    (tmp_path / "database").mkdir()
    with pytest.raises(StoreUnavailable, match="groundswell run"):
        open_running(settings)
    server = serve_store(store, tmp_path / "db.sock")
    with socket_told(tmp_path, tmp_path / "db.sock"):
        running = open_running(settings)
        assert running.query("SELECT 1") == [(1,)]
        running.close()
        server.close()
        with pytest.raises(StoreUnavailable):  # killed: what it told is still there
            open_running(settings)
    assert list((tmp_path / "database").iterdir()) == []


def test_a_server_is_always_there() -> None:
    settings = Settings(clickhouse=SecretStr("clickhouse://db.example/groundswell"))
    assert isinstance(open_running(settings), ClickhouseStore)


def test_a_folder_that_the_engine_cannot_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreRejected, match=r"Smith & Sons/backups: .* with &$"):
        open_store(Settings(data=tmp_path / "Smith & Sons"))
    assert list(tmp_path.iterdir()) == []
