"""Waiting for something to be so."""

import socket
import time
from collections.abc import Callable
from typing import Any


def wait_until(
    condition: Callable[[], Any], *, seconds: float = 60.0, what: str = "the condition"
) -> Any:
    """The first true answer of `condition`; fails the test if there is none in time."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.02)
    return answer


def listens(port: int) -> bool:
    """Whether somebody does, on this port of the loopback interface."""
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
