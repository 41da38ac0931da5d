"""One line per folder: a lock that dies with its holder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.store import FolderInUse, StoreUnavailable


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder, made if missing.

    Raises FolderInUse naming who holds it, StoreUnavailable if it cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        holder = os.open(folder / "groundswell.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreUnavailable(f"cannot write to {folder}: {error.strerror}") from error
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.read(holder, 32).decode(errors="replace").strip() or "unknown"
        os.close(holder)
        raise FolderInUse(
            f"{folder} is in use by another groundswell (process {pid}): "
            "stop it, or choose another folder (--data, or GROUNDSWELL_DATA)"
        ) from None
    try:
        os.ftruncate(holder, 0)
        os.write(holder, str(os.getpid()).encode())
        yield
    finally:
        os.close(holder)
