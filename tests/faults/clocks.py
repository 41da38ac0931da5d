"""Clocks that jump back an hour, one process at a time, in a program that is as it is."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("clock_back.c")


class Clocks:
    """The wall clocks of all processes that were started with `settings`."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if compiler is None:
            pytest.skip("no C compiler: nothing can stand between a process and its clock")
        library = folder / "clock_back.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-o", library, SOURCE], check=True)
        self._folder = folder / "clocks"
        self._folder.mkdir()
        self.settings: Mapping[str, str] = {
            "LD_PRELOAD": str(library),
            "CLOCK_BACK": str(self._folder),
        }

    def turn_back(self, pid: int) -> None:
        """From now on it is an hour earlier in this process."""
        (self._folder / str(pid)).touch()
