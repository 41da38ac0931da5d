"""Whether this process may open a folder as an embedded database."""

import fcntl
import os
import re
from pathlib import Path

from infra.store import FolderInUse, StoreRejected, StoreUnavailable


def refuse_folder(folder: Path) -> None:
    """Raise what keeps the engine from opening the folder, which is made where it is missing.

    FolderInUse names the process that has it; this process may open it again. StoreUnavailable
    and StoreRejected say what is wrong with it. The engine itself would say it on stderr, in C++.
    """
    if "?" in str(folder):
        raise StoreRejected(f"{folder}: the path of a database folder can't hold a question mark")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"{folder} can't be made: {error.strerror}") from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise StoreUnavailable(
            f"{folder} can't be written by this user: change its owner, or set GROUNDSWELL_DATA to "
            "another folder"
        )
    status = folder / "status"  # the engine holds a lock on it for as long as it runs
    if not status.exists():
        return
    with status.open("rb") as file:
        owner = re.search(rb"PID: (\d+)", file.read(1000))
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if owner and int(owner[1]) == os.getpid():
                return
            process = f"process {int(owner[1])}" if owner else "another process"
            raise FolderInUse(
                f"{folder} is in use by {process}: stop it, or set GROUNDSWELL_DATA to another "
                "folder"
            ) from error


def forget_half_made(folder: Path) -> None:
    """Remove what is left of databases that were being made when the disk was full, or at a kill.

    The engine leaves an empty file then, and never opens the folder again. Where there are tables
    nothing is removed.
    """
    for file in folder.glob("metadata/*.sql"):
        if not file.stat().st_size and not any(file.with_suffix("").glob("*.sql")):
            file.unlink()
