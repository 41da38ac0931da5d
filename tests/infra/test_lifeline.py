"""A program tied to whoever started it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra import lifeline

Eventually = Callable[..., Any]
LIFELINE = [sys.executable, "-I", "-S", str(Path(lifeline.__file__))]


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def test_it_becomes_the_program_with_its_arguments() -> None:
    command = [*LIFELINE, str(os.getpid()), "/bin/echo", "a b", "--c"]
    assert subprocess.check_output(command) == b"a b --c\n"


def test_it_does_not_begin_when_the_parent_is_already_gone() -> None:
    # The number of a process that is not our parent: as if it had died in between.
    ended = subprocess.run(
        [*LIFELINE, "1", "/bin/echo", "started"], capture_output=True, check=True
    )
    assert ended.stdout == b""


def test_a_chain_dies_from_the_top(tmp_path: Path, eventually: Eventually) -> None:
    # This test kills the parent of a parent: each link takes the next with it.
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from infra.process import spawn\n"
        "names = sys.argv[1:]\n"
        "log = Path(names[0])\n"
        "if len(names) > 1:\n"
        "    child = spawn([sys.executable, '-c', sys.argv[-1], *names[1:]], log=log)\n"
        "    log.with_suffix('.pid').write_text(str(child.pid))\n"
        "time.sleep(1000)\n"
    )
    names = [str(tmp_path / name) for name in ("a", "b")]
    with subprocess.Popen([sys.executable, "-c", script, *names, script]) as top:
        pids = [
            int(eventually(lambda file=file: file.exists() and file.read_text(), what=file.name))
            for file in (tmp_path / "a.pid", tmp_path / "b.pid")
        ]
        assert all(map(is_alive, pids))
        os.kill(top.pid, signal.SIGKILL)
        eventually(lambda: not any(map(is_alive, pids)), what="the end of all")
