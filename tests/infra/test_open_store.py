from pathlib import Path

from pydantic import SecretStr

from infra.open_store import open_store
from infra.settings import Settings
from infra.store_clickhouse import ClickhouseStore
from infra.store_socket import SocketStore


def test_a_server_comes_before_a_socket_and_a_socket_before_the_folder(tmp_path: Path) -> None:
    address = SecretStr("clickhouse://db.example/groundswell")
    settings = Settings(data=tmp_path / "data", clickhouse=address, socket=tmp_path / "s")
    assert isinstance(open_store(settings), ClickhouseStore)
    settings = Settings(data=tmp_path / "data", socket=tmp_path / "s")
    assert isinstance(open_store(settings), SocketStore)
    assert not (tmp_path / "data").exists()
