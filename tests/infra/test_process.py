"""Children that never outlive us."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.process import end, spawn

Eventually = Callable[..., Any]


def python(body: str) -> list[str]:
    return [sys.executable, "-S", "-c", body]


def test_output_is_appended_to_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for word in ("one", "two"):
        spawn(python(f"import sys; print('{word}'); print('oh', file=sys.stderr)"), log=log).wait()
    assert sorted(log.read_text().split()) == ["oh", "oh", "one", "two"]


def test_the_child_has_the_environment_it_is_given_and_no_input(tmp_path: Path) -> None:
    body = (
        "import os, sys; print(os.environ.get('GIVEN'), os.environ.get('HOME'), sys.stdin.read())"
    )
    log = tmp_path / "log"
    spawn(python(body), log=log, environment={"GIVEN": "yes"}).wait()
    assert log.read_text().split() == ["yes", "None"]


def test_a_descriptor_is_passed_on(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    process = spawn(
        python(f"import os; os.write({theirs}, b'hello')"), log=tmp_path / "log", pass_fds=[theirs]
    )
    os.close(theirs)
    assert process.wait() == 0
    assert os.read(ours, 100) == b"hello"
    os.close(ours)


def test_ctrl_c_on_the_terminal_does_not_reach_it(tmp_path: Path) -> None:
    process = spawn(python("import signal; signal.pause()"), log=tmp_path / "log")
    assert os.getsid(process.pid) == process.pid != os.getsid(0)
    assert end(process, patience=5) == -signal.SIGTERM


def test_end_takes_no_for_an_answer_only_so_long(tmp_path: Path, eventually: Eventually) -> None:
    log = tmp_path / "log"
    body = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\n"
        "while True: signal.pause()"
    )
    process = spawn(python(body), log=log)
    eventually(lambda: log.read_text() == "up\n")
    assert end(process, patience=0.1) == -signal.SIGKILL
    assert end(process, patience=0.1) == -signal.SIGKILL


def test_the_status_of_one_that_ended_is_kept(tmp_path: Path) -> None:
    process = spawn(python("raise SystemExit(7)"), log=tmp_path / "log")
    process.wait()
    assert end(process, patience=0) == 7


def test_a_log_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        spawn(python("pass"), log=tmp_path / "missing" / "log")
