"""One line per folder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.lock import locked
from infra.store import FolderInUse, StoreUnavailable

HOLD = "import sys\nfrom infra.lock import locked\nfrom pathlib import Path\n" + (
    "with locked(Path(sys.argv[1])):\n    print('mine', flush=True)\n    sys.stdin.read()\n"
)


def test_a_second_one_is_told_who_has_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    with locked(folder), pytest.raises(FolderInUse) as caught, locked(folder):
        pass
    assert str(folder) in str(caught.value)
    assert str(os.getpid()) in str(caught.value)
    assert "\n" not in str(caught.value)
    with locked(folder):  # free again
        pass


def test_the_lock_dies_with_its_holder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "mine\n"
        with pytest.raises(FolderInUse, match=f"process {other.pid}"), locked(tmp_path):
            pass
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        with locked(tmp_path):
            assert (tmp_path / "groundswell.lock").read_text() == str(os.getpid())


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(StoreUnavailable, match=r"cannot write to .*file/data: "),
        locked(tmp_path / "file" / "data"),
    ):
        pass


def test_a_lock_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "groundswell.lock").mkdir()
    with pytest.raises(StoreUnavailable, match="cannot write to"), locked(tmp_path):
        pass
