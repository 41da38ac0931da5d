"""What a killed line leaves behind, and who puts it away."""

import tempfile
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.open_store import SOCKET_FILE
from infra.settings import Settings
from streams.session import LITTLE_MB, PREFIX, SOCKET, clear_after_kill, room_line


def told(data: Path, socket: Path) -> None:
    (data / SOCKET_FILE).write_text(str(socket))


def test_the_temporary_folder_of_a_killed_line_goes(tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    (folder / "line.yaml").write_text("receivers: []")
    told(tmp_path, folder / SOCKET)
    clear_after_kill(tmp_path)
    assert not folder.exists()
    clear_after_kill(tmp_path)  # nothing left to do


@pytest.mark.parametrize("name", [f"{PREFIX}data/{SOCKET}", f"{PREFIX}x/other", f"mine/{SOCKET}"])
def test_no_other_folder_goes(name: str, tmp_path: Path) -> None:
    socket = tmp_path / name
    socket.parent.mkdir()
    told(tmp_path, socket)
    clear_after_kill(tmp_path)
    assert socket.parent.is_dir()


def test_a_first_start_has_nothing_to_clear(tmp_path: Path) -> None:
    clear_after_kill(tmp_path)
    (tmp_path / SOCKET_FILE).write_bytes(b"\xff\xfe")
    clear_after_kill(tmp_path)
    assert (tmp_path / SOCKET_FILE).exists()


def test_a_disk_that_is_about_to_be_full_is_told(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert room_line(settings, lambda _: LITTLE_MB) == ""
    assert room_line(settings, lambda _: 3).startswith(f"3 MB free on the disk of {tmp_path}")


def test_a_disk_that_does_not_say_ends_no_line(tmp_path: Path) -> None:
    assert room_line(Settings(data=tmp_path / "missing")) == ""


def test_a_database_on_a_server_has_a_disk_of_its_own(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, clickhouse=SecretStr("clickhouse://a:b@c:9000/d"))
    assert room_line(settings, lambda _: 3) == ""
