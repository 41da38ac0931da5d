"""Files with secrets in them."""

import os
import stat
from pathlib import Path

import pytest

from infra.private_file import write_private


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_nobody_else_can_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_private(tmp_path / "line.yaml", "a: 北\n")
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "line.yaml") == 0o600
    assert (tmp_path / "line.yaml").read_text(encoding="utf-8") == "a: 北\n"


def test_one_that_others_could_read_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "line.yaml"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert (mode_of(path), path.read_text()) == (0o600, "new")
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "line.yaml"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_private(path, "\ud800")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "old"
