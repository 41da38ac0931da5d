"""Child processes that never outlive us."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> "subprocess.Popen[bytes]":
    """Start `command` (absolute path first) with its output appended to the file `log`.

    The child is in a session of its own, so that Ctrl-C reaches only us and we stop it in order;
    it is killed if the calling thread ends without doing so. Call from the main thread.
    """
    lifeline = str(files("infra") / "lifeline.py")
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", lifeline, str(os.getpid()), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            pass_fds=tuple(pass_fds),
            start_new_session=True,
        )


def end(process: "subprocess.Popen[bytes]", *, patience: float) -> int:
    """Ask `process` to stop, kill it after `patience` seconds; returns its exit status."""
    if process.poll() is None:
        process.terminate()
        try:
            return process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()
