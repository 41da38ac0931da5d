"""A small disk that can be filled, and folders that cannot be written to for a while."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.waiting import wait_until

# Root writes wherever it likes; without these two it has to ask the folder as everybody does.
MORTAL = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


class SmallDisk:
    """A disk in memory that only those see who are started `within` it."""

    def __init__(self, mount: Path, megabytes: int) -> None:
        self.mount = mount
        mount.mkdir()
        script = f"mount -t tmpfs -o size={megabytes}m tmpfs {mount} && echo there && exec cat"
        self._holder = subprocess.Popen(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout is not None
        self.works = self._holder.stdout.readline() == b"there\n"

    @property
    def within(self) -> Sequence[str]:
        """Words before a command that is to see the disk."""
        return (
            *("nsenter", "--target", str(self._holder.pid), "--user", "--mount"),
            "--preserve-credentials",
        )

    @property
    def seen_from_here(self) -> Path:
        """Its root for a process that is not within."""
        return Path(f"/proc/{self._holder.pid}/root{self.mount}")

    def fill(self) -> None:
        """Leave no room."""
        with (self.seen_from_here / "balloon").open("ab", buffering=0) as balloon:
            for size in (1 << 20, 1 << 12, 1):
                with suppress(OSError):  # what is asked for
                    while balloon.write(b"x" * size):
                        pass

    def make_room(self) -> None:
        """Undo `fill`."""
        (self.seen_from_here / "balloon").unlink(missing_ok=True)

    def close(self) -> None:
        """Gone, with all that is on it, when nobody is within any more."""
        assert self._holder.stdin is not None
        assert self._holder.stdout is not None
        self._holder.stdin.close()
        self._holder.wait(10)
        self._holder.stdout.close()


@contextmanager
def small_disk(mount: Path, *, megabytes: int) -> Iterator[SmallDisk]:
    """Skips the test where the system lets nobody mount one."""
    if not all(map(shutil.which, ("unshare", "nsenter", "mount"))):
        pytest.skip("no unshare, nsenter and mount: there is no small disk to fill")
    disk = SmallDisk(mount, megabytes)
    try:
        if not disk.works:
            pytest.skip("this user can't mount a small disk, not even in a namespace of its own")
        yield disk
    finally:
        disk.close()


def mortal() -> Sequence[str]:
    """Words before a command that is to obey the permissions of folders."""
    return MORTAL if os.geteuid() == 0 and shutil.which("setpriv") else ()


def protect(folder: Path) -> None:
    """Let nobody make or remove a file below `folder`."""
    _set_rights(folder, 0o555)


def unprotect(folder: Path) -> None:
    """Undo `protect`."""
    _set_rights(folder, 0o755)


def _set_rights(folder: Path, mode: int) -> None:
    found: list[Path] = []
    wait_until(lambda: found.extend(Path(path) for path, _, _ in os.walk(folder)) or found)
    for path in found:
        with suppress(FileNotFoundError):  # the engine removes parts meanwhile
            path.chmod(mode)
